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

enum {
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
        for (int lane = 0; lane < TRANSPORT_LANES; lane++) {
            const struct datagram_sockets *sockets = &udp->sockets[family][lane];
            is_done = datagram_set_membership(sockets, interface, member) && is_done;
        }
    }
    return is_done;
}

bool udp_has_interface(const struct interfaces *interfaces, unsigned index) {
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
        if (leaves_all || former->has_ended || !udp_has_interface(&fresh, former->index)) {
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
void udp_rejoin(struct udp *udp, int64_t now_ms) {
    if (now_ms < udp->rejoin_at_ms) {
        return;
    }
    udp->rejoin_at_ms = now_ms + udp->rejoin_ms;
    for (size_t i = 0; udp->mode == TRANSPORT_SEEKS && i < udp->interfaces.count; i++) {
        set_membership(udp, udp->interfaces.list[i].index, false);
        udp->is_unjoined[i] = !set_membership(udp, udp->interfaces.list[i].index, true);
    }
}

static size_t add_descriptors(const struct datagram_sockets *sockets, int out[]) {
    const int all[SOCKETS_A_FAMILY] = {sockets->unicast, sockets->group, sockets->door};
    size_t count = 0;
    for (size_t i = 0; i < SOCKETS_A_FAMILY; i++) {
        if (all[i] >= 0) {
            out[count++] = all[i];
        }
    }
    return count;
}

static size_t udp_descriptors(const struct transport *transport, int descriptors[]) {
    const struct udp *udp = (const struct udp *)transport;
    size_t count = 0;
    for (int family = 0; family < FAMILIES; family++) {
        for (int lane = 0; lane < TRANSPORT_LANES; lane++) {
            count += add_descriptors(&udp->sockets[family][lane], descriptors + count);
        }
    }
    if (udp->watch >= 0) {
        descriptors[count++] = udp->watch;
    }
    descriptors[count++] = udp->timer;
    return count;
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

/* --- Opening and closing -----------------------------------------------------------------------
 */

static int64_t udp_age_ms(const struct transport *transport) {
    return ((const struct udp *)transport)->age_ms;
}

static enum transport_lane udp_lane(const struct transport *transport) {
    return ((const struct udp *)transport)->lane;
}

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
        for (int lane = 0; lane < TRANSPORT_LANES; lane++) {
            datagram_close(&udp->sockets[family][lane]);
        }
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
    free(udp->waiting);
    free(udp);
}

static const struct transport_kind udp_kind = {
    .name = "udp",
    .descriptors = udp_descriptors,
    .found = udp_found,
    .receive = udp_receive,
    .send = udp_send,
    .problem = udp_problem,
    .radios = udp_radios,
    .address = udp_address,
    .largest = udp_largest,
    .set_mode = udp_set_mode,
    .age_ms = udp_age_ms,
    .lane = udp_lane,
    .origin = udp_origin,
    .favour = udp_favour,
    .is_favoured = udp_is_favoured,
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
    if (datagram_open(udp->sockets[family], &group)) {
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
    if (udp->sockets[IPV4][LANE_REST].unicast < 0 && udp->sockets[IPV6][LANE_REST].unicast < 0) {
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
        for (int lane = 0; lane < TRANSPORT_LANES; lane++) {
            udp->sockets[family][lane] =
                (struct datagram_sockets){.unicast = -1, .group = -1, .door = -1};
        }
    }
    udp->watch = interfaces_watch();
    udp->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    udp->peers = peers_new();
    udp->reach = reach_new(draw_run());
    udp->waiting = calloc(UDP_WAITING_MAX, sizeof *udp->waiting);
    udp->timer_at_ms = INT64_MAX;
    udp->opened_ms = udp_now_ms();
    udp->doubted_ms = udp->opened_ms - DOUBT_APART_MS;
    if (udp->peers == NULL || udp->reach == NULL || udp->waiting == NULL || udp->timer < 0) {
        udp_close(&udp->transport);
        return NULL;
    }
    return udp;
}

enum transport_result udp_open(const struct udp_options *options, struct transport **out,
                               struct transport_condition *problem) {
    *out = NULL;
    if (options->interface != NULL && interfaces_index(options->interface) == 0) {
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
