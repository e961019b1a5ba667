/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "transport/udp_state.h"

/* `receive` takes this many datagrams at most. */
enum {
    RECEIVE_MAX = 48,
    SOCKETS_A_FAMILY = 3,
    LOOPBACK_INDEX = 1,
    UDP_HEADER_SIZE = 8,
    IPV4_HEADER_SIZE = 20,
    IPV6_HEADER_SIZE = 40,
    WORK_APART_MS = 500, /* what is due within that time waits, so that it is one waking */
    DOUBT_APART_MS = 1000
};

int64_t udp_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const char *interface_filter(const struct udp *udp) {
    return udp->interface_name[0] != '\0' ? udp->interface_name : NULL;
}

/* --- Interfaces --------------------------------------------------------------------------------
 */

/* False when the system lets the groups be joined no more. */
static bool set_membership(const struct udp *udp, unsigned interface, bool member) {
    bool is_done = true;
    for (int family = 0; family < FAMILIES; family++) {
        is_done = datagram_set_membership(&udp->sockets[family], interface, member) && is_done;
    }
    return is_done;
}

static bool has_interface(const struct interfaces *interfaces, unsigned index) {
    for (size_t i = 0; i < interfaces->count; i++) {
        if (interfaces->list[i].index == index) {
            return true;
        }
    }
    return false;
}

static void join_all(struct udp *udp) {
    for (size_t i = 0; i < udp->interfaces.count; i++) {
        udp->is_unjoined[i] = !set_membership(udp, udp->interfaces.list[i].index, true);
    }
}

/* The groups are left on interfaces that went: the system allows only so many memberships. A new
 * one may have the number of one that ended, which the system would take for joined. To join anew
 * what may never have ended tells the network that we are here: that waits until radio silence is
 * over.
 */
void udp_refresh(struct udp *udp) {
    struct interfaces fresh;
    if (!interfaces_read(interface_filter(udp), &fresh)) {
        return;
    }
    bool leaves_all = udp->any_may_have_ended && udp->mode == TRANSPORT_SEEKS;
    for (size_t i = 0; i < udp->interfaces.count; i++) {
        const struct interface *former = &udp->interfaces.list[i];
        if (leaves_all || former->has_ended || !has_interface(&fresh, former->index)) {
            set_membership(udp, former->index, false);
        }
    }
    udp->any_may_have_ended = udp->any_may_have_ended && !leaves_all;
    interfaces_note_former(&udp->interfaces, &fresh, &udp->former);
    interfaces_free(&udp->interfaces);
    udp->interfaces = fresh;
    join_all(udp);
}

/* Leaving and joining at once makes the system tell the switches that we are members. */
static void rejoin(struct udp *udp, int64_t now_ms) {
    if (now_ms < udp->rejoin_at_ms) {
        return;
    }
    udp->rejoin_at_ms = now_ms + udp->rejoin_ms;
    for (size_t i = 0; udp->mode == TRANSPORT_SEEKS && i < udp->interfaces.count; i++) {
        set_membership(udp, udp->interfaces.list[i].index, false);
        udp->is_unjoined[i] = !set_membership(udp, udp->interfaces.list[i].index, true);
    }
}

/* --- Receiving ---------------------------------------------------------------------------------
 */

static size_t udp_descriptors(const struct transport *transport, int descriptors[]) {
    const struct udp *udp = (const struct udp *)transport;
    size_t count = 0;
    for (int family = 0; family < FAMILIES; family++) {
        if (udp->sockets[family].unicast >= 0) {
            descriptors[count++] = udp->sockets[family].unicast;
            descriptors[count++] = udp->sockets[family].group;
            descriptors[count++] = udp->sockets[family].door;
        }
    }
    if (udp->watch >= 0) {
        descriptors[count++] = udp->watch;
    }
    descriptors[count++] = udp->timer;
    return count;
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

/* How a datagram came. */
enum way {
    BY_UNICAST,
    BY_GROUP,
    BY_DOOR
};

static enum way way_of(const struct datagram_sockets *sockets, int descriptor) {
    return descriptor == sockets->group  ? BY_GROUP
           : descriptor == sockets->door ? BY_DOOR
                                         : BY_UNICAST;
}

/* A hello is the transport's own; all else is a frame, but none comes to the door. */
static void take(struct udp *udp, const struct sockaddr_in6 *sender, size_t length, enum way way,
                 transport_frame_fn *on_frame, void *context) {
    int64_t now_ms = udp_now_ms();
    struct hello hello;
    if (hello_read(udp->datagram, length, &hello)) {
        reach_hello(udp->reach, sender, &hello, way == BY_GROUP, now_ms);
    } else if (way != BY_DOOR) {
        reach_frame(udp->reach, sender, way == BY_GROUP, now_ms);
        on_frame(context, peers_heard(udp->peers, sender, now_ms), udp->datagram, length);
    }
}

/* Takes one datagram and hands it over if it is a frame for us; false when none was waiting. */
static bool receive_one(struct udp *udp, const struct datagram_sockets *sockets, int descriptor,
                        transport_frame_fn *on_frame, void *context) {
    struct sockaddr_in6 sender;
    ssize_t length =
        datagram_receive(descriptor, udp->datagram, sizeof udp->datagram, &sender, &udp->age_ms);
    if (length < 0) {
        return errno == EINTR;
    }
    /* Frames between handsets on this machine may pass over loopback whatever their addresses; then
     * the routing table knows the way back. */
    bool on_our_links = has_interface(&udp->interfaces, sender.sin6_scope_id);
    if (!on_our_links && sender.sin6_scope_id == LOOPBACK_INDEX) {
        on_our_links = true;
        sender.sin6_scope_id = 0;
    }
    bool is_for_us = length > 0 && length <= TRANSPORT_FRAME_MAX && on_our_links &&
                     !is_own(udp, sockets, &sender);
    if (is_for_us) {
        take(udp, &sender, (size_t)length, way_of(sockets, descriptor), on_frame, context);
    }
    return true;
}

void udp_set_timer(struct udp *udp) {
    int64_t at_ms = udp->mode == TRANSPORT_SEEKS ? reach_deadline(udp->reach) : INT64_MAX;
    at_ms = at_ms > udp->worked_ms + WORK_APART_MS ? at_ms : udp->worked_ms + WORK_APART_MS;
    at_ms = at_ms < udp->rejoin_at_ms ? at_ms : udp->rejoin_at_ms;
    if (at_ms >= udp->timer_at_ms) {
        return; /* when it goes off, it is set anew */
    }
    const struct itimerspec when = {
        .it_value = {.tv_sec = at_ms / 1000, .tv_nsec = at_ms % 1000 * 1000000 + 1}};
    udp->timer_at_ms = at_ms;
    (void)timerfd_settime(udp->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

/* What is due unasked. */
static void work(struct udp *udp) {
    int64_t now_ms = udp_now_ms();
    uint64_t expirations;
    if (read(udp->timer, &expirations, sizeof expirations) > 0 || now_ms >= udp->timer_at_ms) {
        udp->timer_at_ms = INT64_MAX;
        udp->worked_ms = now_ms;
        rejoin(udp, now_ms);
        udp_send_hellos(udp, now_ms);
    }
    udp_set_timer(udp);
}

static int64_t udp_age_ms(const struct transport *transport) {
    return ((const struct udp *)transport)->age_ms;
}

/* A socket that frames come in by. */
struct source {
    const struct datagram_sockets *sockets;
    int descriptor;
};

static size_t list_sources(const struct udp *udp, struct source out[FAMILIES * SOCKETS_A_FAMILY]) {
    size_t count = 0;
    for (int family = 0; family < FAMILIES; family++) {
        const struct datagram_sockets *sockets = &udp->sockets[family];
        if (sockets->unicast >= 0) {
            out[count++] = (struct source){sockets, sockets->unicast};
            out[count++] = (struct source){sockets, sockets->group};
            out[count++] = (struct source){sockets, sockets->door};
        }
    }
    return count;
}

static enum transport_result udp_receive(struct transport *transport, transport_frame_fn *on_frame,
                                         void *context) {
    struct udp *udp = (struct udp *)transport;
    if (udp->watch >= 0 &&
        interfaces_changed(udp->watch, &udp->interfaces, &udp->any_may_have_ended)) {
        udp_refresh(udp);
    }
    /* One datagram of each socket in turn, so that a flood on one does not silence the others; one
     * that is empty has its next turn in the next call. */
    struct source sources[FAMILIES * SOCKETS_A_FAMILY];
    size_t count = list_sources(udp, sources);
    for (size_t taken = 0; count > 0 && taken < RECEIVE_MAX; taken += count) {
        size_t left = 0;
        for (size_t i = 0; i < count; i++) {
            if (receive_one(udp, sources[i].sockets, sources[i].descriptor, on_frame, context)) {
                sources[left++] = sources[i];
            }
        }
        count = left;
    }
    work(udp);
    return TRANSPORT_OK;
}

/* --- Opening and closing -----------------------------------------------------------------------
 */

static void udp_problem(const struct transport *transport, struct transport_condition *out) {
    *out = ((const struct udp *)transport)->problem;
}

struct transport_condition udp_absence(const struct udp *udp) {
    return interface_filter(udp) == NULL
               ? transport_condition_of(CONDITION_NO_NETWORK, NULL)
               : transport_condition_of(CONDITION_INTERFACE_DOWN, udp->interface_name);
}

/* A frame to all goes out on every interface, with the longer header where that has IPv6. */
static void udp_address(const struct transport *transport, uint64_t peer,
                        char out[TRANSPORT_ADDRESS_SIZE]) {
    const struct udp *udp = (const struct udp *)transport;
    struct sockaddr_in6 address;
    out[0] = '\0';
    if (peers_address(udp->peers, peer, &address)) {
        datagram_text(&address, out);
    }
}

static size_t udp_largest(const struct transport *transport) {
    const struct udp *udp = (const struct udp *)transport;
    size_t largest = TRANSPORT_FRAME_MAX;
    for (size_t i = 0; i < udp->interfaces.count; i++) {
        const struct interface *interface = &udp->interfaces.list[i];
        size_t headers =
            UDP_HEADER_SIZE + (interface->has_ipv6 ? IPV6_HEADER_SIZE : IPV4_HEADER_SIZE);
        if (interface->mtu > headers && interface->mtu - headers < largest) {
            largest = interface->mtu - headers;
        }
    }
    return largest;
}

static void udp_set_mode(struct transport *transport, enum transport_mode mode) {
    struct udp *udp = (struct udp *)transport;
    udp->mode = mode;
    udp->opened_ms = udp_now_ms(); /* nobody could be heard before */
    if (udp->any_may_have_ended) {
        udp_refresh(udp);
    }
    udp_set_timer(udp);
}

static void udp_close(struct transport *transport) {
    struct udp *udp = (struct udp *)transport;
    for (int family = 0; family < FAMILIES; family++) {
        datagram_close(&udp->sockets[family]);
    }
    if (udp->watch >= 0) {
        close(udp->watch);
    }
    if (udp->timer >= 0) {
        close(udp->timer);
    }
    interfaces_free(&udp->interfaces);
    reach_free(udp->reach);
    peers_free(udp->peers);
    free(udp);
}

static const struct transport_kind udp_kind = {
    .name = "udp",
    .descriptors = udp_descriptors,
    .receive = udp_receive,
    .send = udp_send,
    .problem = udp_problem,
    .radios = udp_radios,
    .address = udp_address,
    .largest = udp_largest,
    .set_mode = udp_set_mode,
    .age_ms = udp_age_ms,
    .close = udp_close,
};

/* Parses one group's address; it must be a multicast address of this kind of IP. */
static bool parse_group(const char *text, int family, uint16_t port, struct sockaddr_in6 *group,
                        struct transport_condition *problem) {
    if (datagram_address(text, port, group)) {
        const uint8_t *octets = group->sin6_addr.s6_addr;
        bool ipv4 = IN6_IS_ADDR_V4MAPPED(&group->sin6_addr);
        bool usable = ipv4 ? (octets[12] & 0xf0) == 0xe0
                           : IN6_IS_ADDR_MULTICAST(&group->sin6_addr) && (octets[1] & 0x0f) > 2;
        if (usable && ipv4 == (family == IPV4)) {
            return true;
        }
    }
    *problem = family == IPV4
                   ? transport_condition_detail(CONDITION_NOT_IPV4_MULTICAST, text, UDP_GROUP_IPV4)
                   : transport_condition_detail(CONDITION_NOT_IPV6_MULTICAST, text, UDP_GROUP_IPV6);
    return false;
}

static bool open_family(struct udp *udp, const char *group_text, int family, uint16_t port,
                        struct transport_condition *problem) {
    struct sockaddr_in6 group;
    if (!parse_group(group_text, family, port, &group, problem)) {
        return false;
    }
    if (datagram_open(&udp->sockets[family], &group)) {
        return true;
    }
    if (errno == EADDRINUSE) {
        *problem = transport_condition_number(CONDITION_PORT_TAKEN, NULL, port);
    } else {
        *problem = transport_condition_error(CONDITION_SOCKET_FAILED, group_text, errno);
    }
    return false;
}

static bool open_sockets(struct udp *udp, const struct udp_options *options,
                         struct transport_condition *problem) {
    uint16_t port = options->port != 0 ? options->port : (uint16_t)UDP_PORT;
    const char *group_ipv4 = options->group_ipv4 != NULL ? options->group_ipv4 : UDP_GROUP_IPV4;
    const char *group_ipv6 = options->group_ipv6 != NULL ? options->group_ipv6 : UDP_GROUP_IPV6;
    if (!open_family(udp, group_ipv4, IPV4, port, problem) ||
        !open_family(udp, group_ipv6, IPV6, port, problem)) {
        return false;
    }
    if (udp->sockets[IPV4].unicast < 0 && udp->sockets[IPV6].unicast < 0) {
        *problem = transport_condition_of(CONDITION_NO_IP, NULL);
        return false;
    }
    return true;
}

/* Hellos tell runs of the program apart by it; nothing secret hangs on it. */
static uint64_t draw_run(void) {
    uint64_t run = 0;
    if (getrandom(&run, sizeof run, GRND_NONBLOCK) != (ssize_t)sizeof run || run == 0) {
        run = (uint64_t)udp_now_ms() << 22 | (uint64_t)getpid();
    }
    return run;
}

static bool set_peers(struct udp *udp, const struct udp_options *options,
                      struct transport_condition *problem) {
    uint16_t port = options->port != 0 ? options->port : (uint16_t)UDP_PORT;
    for (size_t i = 0; i < options->peer_count && i < UDP_PEERS_MAX; i++) {
        struct udp_peer *peer = &udp->named[udp->named_count++];
        if (!datagram_peer(options->peers[i], port, &peer->address, peer->interface)) {
            *problem = transport_condition_of(CONDITION_NOT_PEER_ADDRESS, options->peers[i]);
            return false;
        }
    }
    return true;
}

static struct udp *udp_new(void) {
    struct udp *udp = calloc(1, sizeof *udp);
    if (udp == NULL) {
        return NULL;
    }
    udp->transport.kind = &udp_kind;
    for (int family = 0; family < FAMILIES; family++) {
        udp->sockets[family] = (struct datagram_sockets){.unicast = -1, .group = -1, .door = -1};
    }
    udp->watch = interfaces_watch();
    udp->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    udp->peers = peers_new();
    udp->reach = reach_new(draw_run());
    udp->timer_at_ms = INT64_MAX;
    udp->opened_ms = udp_now_ms();
    udp->doubted_ms = udp->opened_ms - DOUBT_APART_MS;
    if (udp->peers == NULL || udp->reach == NULL || udp->timer < 0) {
        udp_close(&udp->transport);
        return NULL;
    }
    return udp;
}

enum transport_result udp_open(const struct udp_options *options, struct transport **out,
                               struct transport_condition *problem) {
    *out = NULL;
    if (options->interface != NULL && if_nametoindex(options->interface) == 0) {
        *problem = transport_condition_of(CONDITION_NO_SUCH_INTERFACE, options->interface);
        return TRANSPORT_FAILED;
    }
    struct udp *udp = udp_new();
    if (udp == NULL) {
        *problem = transport_condition_of(CONDITION_NO_RESOURCES, NULL);
        return TRANSPORT_FAILED;
    }
    if (options->interface != NULL) {
        strncpy(udp->interface_name, options->interface, sizeof udp->interface_name - 1);
    }
    udp->rejoin_ms = options->rejoin_ms != 0 ? options->rejoin_ms : UDP_REJOIN_MS;
    udp->rejoin_at_ms = udp->opened_ms + udp->rejoin_ms;
    if (!set_peers(udp, options, problem) || !open_sockets(udp, options, problem)) {
        udp_close(&udp->transport);
        return TRANSPORT_FAILED;
    }
    udp_refresh(udp);
    udp_set_timer(udp);
    *out = &udp->transport;
    return TRANSPORT_OK;
}
