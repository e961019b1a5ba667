/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What comes in by udp. Voice is read first and whole, and looked for again between the frames of
 * all else, which has a slice of time in a call. What there is no time for waits in its own
 * sockets, and is lost there once these are full.
 */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "transport/udp_state.h"

enum {
    VOICE_MAX = 512,      /* datagrams of voice in one look, which takes no longer than a slice */
    REST_MAX = 48,        /* of all else in one call */
    LOOK_APART_US = 1000, /* so often it is looked for voice while the rest is handed over */
    LOOPBACK_INDEX = 1,
    DOUBT_APART_MS = 1000,
    LOSSES_APART_MS = 10 * 1000 /* after so long without one, losses are counted anew */
};

/* A socket that frames come in by. */
struct source {
    int family;
    enum transport_lane lane;
    size_t place; /* in the order of struct datagram_sockets */
    int descriptor;
};

/* Whom what is read is for. */
struct reception {
    transport_frame_fn *on_frame;
    void *context;
};

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* What came back from an address that went in the meantime is ours, too; and the system may tell of
 * a new one only after it was used. */
static bool is_own(struct udp *udp, const struct datagram_sockets *sockets,
                   const struct sockaddr_in6 *sender) {
    int64_t now_ms = udp_now_ms();
    if (sender->sin6_port != sockets->own_port) {
        return false;
    }
    if (!interfaces_own_address(&udp->interfaces, &sender->sin6_addr) &&
        now_ms - udp->doubted_ms >= DOUBT_APART_MS) {
        udp->doubted_ms = now_ms;
        udp_refresh(udp);
    }
    return interfaces_own_address(&udp->interfaces, &sender->sin6_addr) ||
           interfaces_were_own(&udp->former, &sender->sin6_addr);
}

/* How a datagram came: the places of struct datagram_sockets. */
enum way {
    BY_UNICAST,
    BY_GROUP,
    BY_DOOR
};

/* A hello is the transport's own, and comes where voice does not; all else is a frame, but none
 * comes to the door. A handset has one address, that of its port for what is not voice. */
static void take(struct udp *udp, const struct source *source, const struct sockaddr_in6 *from,
                 size_t length, const struct reception *reception) {
    int64_t now_ms = udp_now_ms();
    struct hello hello;
    if (hello_read(udp->datagram, length, &hello)) {
        if (source->lane == LANE_REST) {
            reach_hello(udp->reach, from, &hello, source->place == BY_GROUP, now_ms);
        }
    } else if (source->place != BY_DOOR) {
        const struct sockaddr_in6 sender =
            datagram_port_moved(from, source->lane == LANE_VOICE ? -1 : 0);
        udp->lane = source->lane;
        reach_frame(udp->reach, &sender, source->place == BY_GROUP, now_ms);
        reception->on_frame(reception->context, peers_heard(udp->peers, &sender, now_ms),
                            udp->datagram, length);
    }
}

static void note_losses(struct udp *udp, const struct source *source, uint32_t lost) {
    struct udp_losses *losses = &udp->losses[source->lane];
    uint32_t *known = &losses->counts[source->family][source->place];
    if (lost == 0 || lost == *known) {
        return;
    }
    int64_t now_ms = udp_now_ms();
    if (now_ms - losses->lost_ms >= LOSSES_APART_MS) {
        losses->lately = 0;
    }
    losses->lately += (uint32_t)(lost - *known);
    losses->lost_ms = now_ms;
    *known = lost;
}

int64_t udp_lost_lately(const struct udp *udp, enum transport_lane lane, int64_t now_ms) {
    const struct udp_losses *losses = &udp->losses[lane];
    return now_ms - losses->lost_ms < LOSSES_APART_MS ? losses->lately : 0;
}

/* Takes one datagram and hands it over if it is a frame for us; false when none was waiting. */
static bool receive_one(struct udp *udp, const struct source *source,
                        const struct reception *reception) {
    const struct datagram_sockets *sockets = &udp->sockets[source->family][source->lane];
    struct datagram_arrival arrival;
    ssize_t length =
        datagram_receive(source->descriptor, udp->datagram, sizeof udp->datagram, &arrival);
    if (length < 0) {
        return errno == EINTR;
    }
    note_losses(udp, source, arrival.lost);
    udp->age_ms = arrival.age_ms;
    /* Frames between handsets on this machine may pass over loopback whatever their addresses; then
     * the routing table knows the way back. */
    bool on_our_links = udp_has_interface(&udp->interfaces, arrival.from.sin6_scope_id);
    if (!on_our_links && arrival.from.sin6_scope_id == LOOPBACK_INDEX) {
        on_our_links = true;
        arrival.from.sin6_scope_id = 0;
    }
    bool is_for_us = length > 0 && length <= TRANSPORT_FRAME_MAX && on_our_links &&
                     !is_own(udp, sockets, &arrival.from);
    if (is_for_us) {
        take(udp, source, &arrival.from, (size_t)length, reception);
    }
    return true;
}

/* The sockets of one lane. */
static size_t list_sources(const struct udp *udp, enum transport_lane lane,
                           struct source out[FAMILIES * SOCKETS_A_FAMILY]) {
    size_t count = 0;
    for (int family = 0; family < FAMILIES; family++) {
        const struct datagram_sockets *sockets = &udp->sockets[family][lane];
        const int all[SOCKETS_A_FAMILY] = {sockets->unicast, sockets->group, sockets->door};
        for (size_t i = 0; i < SOCKETS_A_FAMILY; i++) {
            if (all[i] >= 0) {
                out[count++] = (struct source){family, lane, i, all[i]};
            }
        }
    }
    return count;
}

/* One datagram of each in turn, so that a flood on one socket does not silence the others; one that
 * is empty is left out from then on. Returns how many are left. */
static size_t take_turn(struct udp *udp, struct source sources[], size_t count,
                        const struct reception *reception) {
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if (receive_one(udp, &sources[i], reception)) {
            sources[left++] = sources[i];
        }
    }
    return left;
}

static void receive_voice(struct udp *udp, const struct reception *reception) {
    struct source sources[FAMILIES * SOCKETS_A_FAMILY];
    size_t count = list_sources(udp, LANE_VOICE, sources);
    int64_t until_us = now_us() + TRANSPORT_SLICE_MS * 1000;
    for (size_t taken = 0; count > 0 && taken < VOICE_MAX && now_us() < until_us; taken += count) {
        count = take_turn(udp, sources, count, reception);
    }
}

static void receive_rest(struct udp *udp, const struct reception *reception) {
    struct source sources[FAMILIES * SOCKETS_A_FAMILY];
    size_t count = list_sources(udp, LANE_REST, sources);
    int64_t now = now_us(), until_us = now + TRANSPORT_SLICE_MS * 1000, looked_us = now;
    for (size_t taken = 0; count > 0 && taken < REST_MAX && now < until_us; taken += count) {
        count = take_turn(udp, sources, count, reception);
        now = now_us();
        if (now - looked_us >= LOOK_APART_US) {
            receive_voice(udp, reception);
            looked_us = now_us();
        }
    }
}

/* What is due unasked. */
static void work(struct udp *udp) {
    int64_t now_ms = udp_now_ms();
    uint64_t expirations;
    if (read(udp->timer, &expirations, sizeof expirations) > 0 || now_ms >= udp->timer_at_ms) {
        udp->timer_at_ms = INT64_MAX;
        udp->worked_ms = now_ms;
        udp_rejoin(udp, now_ms);
        udp_send_hellos(udp, now_ms);
    }
    udp_set_timer(udp);
}

enum transport_result udp_receive(struct transport *transport, transport_frame_fn *on_frame,
                                  void *context) {
    struct udp *udp = (struct udp *)transport;
    const struct reception reception = {on_frame, context};
    if (udp->watch >= 0 &&
        interfaces_changed(udp->watch, &udp->interfaces, &udp->any_may_have_ended)) {
        udp_refresh(udp);
    }
    receive_voice(udp, &reception);
    receive_rest(udp, &reception);
    work(udp);
    return TRANSPORT_OK;
}
