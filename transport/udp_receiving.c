/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What comes in by udp. Voice is read first and whole, and looked for again between the frames of
 * all else, which has a slice of time in a call. What there is no time for waits in its own
 * sockets, and is lost there once these are full.
 *
 * Of voice, what comes from where proven voice came from lately is handed over as it is read. All
 * else waits until the sockets are empty: whoever floods them costs a talk nothing but the reading.
 * Where more of that comes at a time than may wait, the rest is lost, and counted.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "transport/udp_state.h"

enum {
    VOICE_MAX = 512,      /* datagrams of voice in one look, which takes no longer than a slice */
    REST_MAX = 48,        /* of all else in one call */
    FAVOURED_MS = 3000,   /* since its voice was proven last */
    LOOK_APART_US = 1000, /* so often it is looked for voice while the rest is handed over */
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

enum {
    SOURCES_MAX = FAMILIES * SOCKETS_A_FAMILY /* of one lane */
};

/* What has something to read. */
struct readable {
    bool watch, timer;
    size_t voice_count, rest_count;
    struct source voice[SOURCES_MAX], rest[SOURCES_MAX];
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
                 const uint8_t *octets, size_t length, const struct reception *reception) {
    int64_t now_ms = udp_now_ms();
    struct hello hello;
    if (hello_read(octets, length, &hello)) {
        if (source->lane == LANE_REST) {
            reach_hello(udp->reach, from, &hello, source->place == BY_GROUP, now_ms);
        }
    } else if (source->place != BY_DOOR) {
        const struct sockaddr_in6 sender =
            datagram_port_moved(from, source->lane == LANE_VOICE ? -1 : 0);
        udp->lane = source->lane;
        if (source->lane == LANE_VOICE) {
            udp->origins[udp->origin_count++ % UDP_ORIGINS_MAX] = *from;
        }
        reach_frame(udp->reach, &sender, source->place == BY_GROUP, now_ms);
        reception->on_frame(reception->context, peers_heard(udp->peers, &sender, now_ms), octets,
                            length);
    }
}

static void add_losses(struct udp *udp, enum transport_lane lane, uint32_t count) {
    struct udp_losses *losses = &udp->losses[lane];
    int64_t now_ms = udp_now_ms();
    if (now_ms - losses->lost_ms >= LOSSES_APART_MS) {
        losses->lately = 0;
    }
    losses->lately += count;
    losses->lost_ms = now_ms;
}

static void note_losses(struct udp *udp, const struct source *source, uint32_t lost) {
    struct udp_losses *losses = &udp->losses[source->lane];
    uint32_t *known = &losses->counts[source->family][source->place];
    uint32_t others = lost - (source->place == BY_GROUP ? losses->echoes[source->family] : 0);
    if (lost != 0 && (int32_t)(others - *known) > 0) {
        add_losses(udp, source->lane, others - *known);
        *known = others;
    }
}

/* --- Talkers ---------------------------------------------------------------------------------- */

static bool is_same(const struct sockaddr_in6 *a, const struct sockaddr_in6 *b) {
    return a->sin6_port == b->sin6_port && a->sin6_scope_id == b->sin6_scope_id &&
           memcmp(&a->sin6_addr, &b->sin6_addr, sizeof a->sin6_addr) == 0;
}

static bool is_talker(const struct udp *udp, const struct sockaddr_in6 *address, int64_t now_ms) {
    for (size_t i = 0; i < UDP_TALKERS_MAX; i++) {
        if (udp->talkers[i].until_ms > now_ms && is_same(&udp->talkers[i].address, address)) {
            return true;
        }
    }
    return false;
}

uint64_t udp_origin(const struct transport *transport) {
    const struct udp *udp = (const struct udp *)transport;
    return udp->lane == LANE_VOICE ? udp->origin_count : 0;
}

bool udp_is_favoured(const struct transport *transport) {
    return ((const struct udp *)transport)->is_favoured;
}

/* In its own place, or that of whoever was proven longest ago. */
void udp_favour(struct transport *transport, uint64_t origin) {
    struct udp *udp = (struct udp *)transport;
    struct udp_talker *place = &udp->talkers[0];
    if (origin == 0 || origin > udp->origin_count ||
        udp->origin_count - origin >= UDP_ORIGINS_MAX) {
        return;
    }
    const struct sockaddr_in6 from = udp->origins[(origin - 1) % UDP_ORIGINS_MAX];
    for (size_t i = 0; i < UDP_TALKERS_MAX; i++) {
        if (is_same(&udp->talkers[i].address, &from)) {
            place = &udp->talkers[i];
            break;
        }
        if (udp->talkers[i].until_ms < place->until_ms) {
            place = &udp->talkers[i];
        }
    }
    *place = (struct udp_talker){from, udp_now_ms() + FAVOURED_MS};
}

/* Voice of somebody who may be anybody. */
static void let_wait(struct udp *udp, const struct source *source, const struct sockaddr_in6 *from,
                     size_t length) {
    if (udp->waiting_count == UDP_WAITING_MAX) {
        add_losses(udp, LANE_VOICE, 1);
        return;
    }
    struct udp_waiting *waiting = &udp->waiting[udp->waiting_count++];
    waiting->from = *from;
    waiting->age_ms = udp->age_ms;
    waiting->family = source->family;
    waiting->place = source->place;
    waiting->length = length;
    memcpy(waiting->octets, udp->datagram, length);
}

static void take_waiting(struct udp *udp, const struct reception *reception) {
    for (size_t i = 0; i < udp->waiting_count; i++) {
        const struct udp_waiting *waiting = &udp->waiting[i];
        const struct source source = {waiting->family, LANE_VOICE, waiting->place, -1};
        udp->age_ms = waiting->age_ms;
        udp->is_favoured = false;
        take(udp, &source, &waiting->from, waiting->octets, waiting->length, reception);
    }
    udp->waiting_count = 0;
}

/* --- Reading ---------------------------------------------------------------------------------- */

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
    if (is_for_us && source->lane == LANE_VOICE && !is_talker(udp, &arrival.from, udp_now_ms())) {
        let_wait(udp, source, &arrival.from, (size_t)length);
    } else if (is_for_us) {
        udp->is_favoured = source->lane == LANE_VOICE;
        take(udp, source, &arrival.from, udp->datagram, (size_t)length, reception);
    }
    return true;
}

/* The sockets of one lane. */
static size_t list_sources(const struct udp *udp, enum transport_lane lane,
                           struct source out[SOURCES_MAX]) {
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

static size_t ask_for(const struct source sources[], size_t count, struct pollfd asked[]) {
    for (size_t i = 0; i < count; i++) {
        asked[i] = (struct pollfd){.fd = sources[i].descriptor, .events = POLLIN};
    }
    return count;
}

static size_t keep_readable(struct source sources[], size_t count, const struct pollfd answers[]) {
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if (answers[i].revents != 0) {
            sources[left++] = sources[i];
        }
    }
    return left;
}

void udp_found(struct transport *transport, const int readable[], size_t count) {
    struct udp *udp = (struct udp *)transport;
    udp->found_count = count <= UDP_DESCRIPTORS_MAX ? count : 0;
    memcpy(udp->found, readable, udp->found_count * sizeof udp->found[0]);
}

/* Whoever waited for them knows the answers already; but once. False: nobody can tell. */
static bool ask(struct udp *udp, struct pollfd asked[], size_t count) {
    if (udp->found_count == 0) {
        return poll(asked, (nfds_t)count, 0) >= 0;
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < udp->found_count; k++) {
            asked[i].revents |= udp->found[k] == asked[i].fd ? POLLIN : 0;
        }
    }
    udp->found_count = 0;
    return true;
}

/* What has something to read, all asked at once: that costs less than to find each one empty, and
 * most times there is one frame. */
static void look(struct udp *udp, struct readable *out) {
    struct pollfd asked[2 + TRANSPORT_LANES * SOURCES_MAX] = {
        {.fd = udp->watch, .events = POLLIN}, /* -1 is passed over */
        {.fd = udp->timer, .events = POLLIN},
    };
    struct pollfd *voice = asked + 2;
    out->voice_count = list_sources(udp, LANE_VOICE, out->voice);
    struct pollfd *rest = voice + ask_for(out->voice, out->voice_count, voice);
    out->rest_count = list_sources(udp, LANE_REST, out->rest);
    size_t count = 2 + out->voice_count + ask_for(out->rest, out->rest_count, rest);
    /* Interrupted: whoever reads sees for himself. */
    bool is_asked = ask(udp, asked, count);
    out->watch = udp->watch >= 0 && (!is_asked || asked[0].revents != 0);
    out->timer = !is_asked || asked[1].revents != 0;
    if (is_asked) {
        out->voice_count = keep_readable(out->voice, out->voice_count, voice);
        out->rest_count = keep_readable(out->rest, out->rest_count, rest);
    }
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

static void receive_voice(struct udp *udp, struct source sources[], size_t count,
                          const struct reception *reception) {
    int64_t until_us = now_us() + TRANSPORT_SLICE_MS * 1000;
    for (size_t taken = 0; count > 0 && taken < VOICE_MAX && now_us() < until_us; taken += count) {
        count = take_turn(udp, sources, count, reception);
    }
    take_waiting(udp, reception);
}

static void receive_rest(struct udp *udp, struct source sources[], size_t count,
                         const struct reception *reception) {
    int64_t now = now_us(), until_us = now + TRANSPORT_SLICE_MS * 1000, looked_us = now;
    for (size_t taken = 0; count > 0 && taken < REST_MAX && now < until_us; taken += count) {
        count = take_turn(udp, sources, count, reception);
        now = now_us();
        if (now - looked_us >= LOOK_APART_US) {
            struct readable now_readable;
            look(udp, &now_readable);
            receive_voice(udp, now_readable.voice, now_readable.voice_count, reception);
            looked_us = now_us();
        }
    }
}

/* What is due unasked. */
static void work(struct udp *udp, bool has_expired) {
    int64_t now_ms = udp_now_ms();
    uint64_t expirations;
    bool is_due = has_expired && read(udp->timer, &expirations, sizeof expirations) > 0;
    if (is_due || now_ms >= udp->timer_at_ms) {
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
    struct readable readable;
    look(udp, &readable);
    if (readable.watch &&
        interfaces_changed(udp->watch, &udp->interfaces, &udp->any_may_have_ended)) {
        udp_refresh(udp);
    }
    receive_voice(udp, readable.voice, readable.voice_count, &reception);
    receive_rest(udp, readable.rest, readable.rest_count, &reception);
    work(udp, readable.timer);
    return TRANSPORT_OK;
}
