/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "transport/udp_state.h"

/* --- Datagrams -------------------------------------------------------------------------------- */

/* What a failed send means; the problem is set where there is one to report. */
static enum transport_result send_failed(struct udp *udp, int error, const char *where) {
    switch (error) {
    case EAGAIN:
    case ENOBUFS:
    case ENOMEM:
    case EINTR:
        return TRANSPORT_BUSY;
    case EMSGSIZE:
        return TRANSPORT_TOO_LONG;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case ENODEV:
    case ENXIO:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case EINVAL: /* the interface that the peer was heard on is gone */
        udp->problem = transport_condition_error(CONDITION_UNREACHABLE, where, error);
        return TRANSPORT_NO_ROUTE;
    case EPERM:
        udp->problem = transport_condition_of(CONDITION_FIREWALLED, where);
        return TRANSPORT_NO_ROUTE;
    default:
        udp->problem = transport_condition_error(CONDITION_SENDING_FAILED, where, error);
        return TRANSPORT_FAILED;
    }
}

/* Once more where the queue had no room at that moment: it is emptied while others are sent to. */
static int send_datagram(const struct udp *udp, const struct sockaddr_in6 *to,
                         enum transport_lane lane, struct in_addr source, const uint8_t *octets,
                         size_t length) {
    const struct datagram_sockets *sockets =
        &udp->sockets[IN6_IS_ADDR_V4MAPPED(&to->sin6_addr) ? IPV4 : IPV6][lane];
    int error = datagram_send(sockets, to, source, octets, length);
    bool is_full = error == EAGAIN || error == ENOBUFS || error == ENOMEM || error == EINTR;
    return is_full ? datagram_send(sockets, to, source, octets, length) : error;
}

/* To a handset, whose voice goes to the port after its own. */
static enum transport_result send_unicast(struct udp *udp, const struct sockaddr_in6 *to,
                                          enum transport_lane lane, const uint8_t *octets,
                                          size_t length) {
    const struct sockaddr_in6 there = datagram_port_moved(to, lane == LANE_VOICE);
    int error = send_datagram(udp, &there, lane, (struct in_addr){INADDR_ANY}, octets, length);
    if (error == 0) {
        return TRANSPORT_OK;
    }
    char where[INET6_ADDRSTRLEN];
    inet_ntop(AF_INET6, &to->sin6_addr, where, sizeof where);
    return send_failed(udp, error, where);
}

static enum transport_result send_by_family(struct udp *udp, int family,
                                            const struct interface *interface,
                                            enum transport_lane lane, const uint8_t *frame,
                                            size_t length) {
    const struct datagram_sockets *sockets = &udp->sockets[family][lane];
    struct sockaddr_in6 to = sockets->group_address;
    to.sin6_scope_id = interface->index;
    /* The source is named because the system takes none of loopback's addresses by itself. */
    int error = send_datagram(udp, &to, lane, interface->ipv4, frame, length);
    /* By loopback it comes as from others. */
    bool is_echoed = sockets->drops_echoes && interface->index != LOOPBACK_INDEX &&
                     !udp->is_unjoined[interface - udp->interfaces.list];
    udp->losses[lane].echoes[family] += error == 0 && is_echoed;
    return error == 0 ? TRANSPORT_OK : send_failed(udp, error, interface->name);
}

static enum transport_result send_by_families(struct udp *udp, unsigned families,
                                              const struct interface *interface,
                                              enum transport_lane lane, const uint8_t *frame,
                                              size_t length) {
    enum transport_result result = TRANSPORT_NO_ROUTE;
    for (int family = 0; family < FAMILIES; family++) {
        if ((families & (family == IPV4 ? REACH_IPV4 : REACH_IPV6)) != 0 &&
            (family == IPV4 ? interface->has_ipv4 : interface->has_ipv6)) {
            result = transport_better(result,
                                      send_by_family(udp, family, interface, lane, frame, length));
        }
    }
    return result;
}

/* By one kind of IP where all are known to hear it, and by the other where that fails. */
static enum transport_result send_on_interface(struct udp *udp, const struct interface *interface,
                                               enum transport_lane lane, const uint8_t *frame,
                                               size_t length) {
    unsigned families = reach_families(udp->reach, interface->index, udp_now_ms());
    enum transport_result result = send_by_families(udp, families, interface, lane, frame, length);
    return result == TRANSPORT_OK
               ? result
               : transport_better(result,
                                  send_by_families(udp, ~families, interface, lane, frame, length));
}

static enum transport_result send_to_group(struct udp *udp, enum transport_lane lane,
                                           const uint8_t *frame, size_t length) {
    enum transport_result result = TRANSPORT_NO_ROUTE;
    udp->problem = udp_absence(udp);
    for (size_t i = 0; i < udp->interfaces.count; i++) {
        result = transport_better(
            result, send_on_interface(udp, &udp->interfaces.list[i], lane, frame, length));
    }
    return result;
}

/* Each one by itself: those whom multicast does not reach. */
static enum transport_result send_copies(struct udp *udp, enum transport_lane lane,
                                         const uint8_t *frame, size_t length) {
    struct sockaddr_in6 to[REACH_COPIES_MAX];
    enum transport_result result = TRANSPORT_NO_ROUTE;
    size_t count = reach_copies(udp->reach, udp_now_ms(), to);
    for (size_t i = 0; i < count; i++) {
        result = transport_better(result, send_unicast(udp, &to[i], lane, frame, length));
    }
    return result;
}

/* --- Hellos ----------------------------------------------------------------------------------- */

/* A hello that does not get out is lost, like one on the air: what it is about stays as it was. */
static void send_hello(const struct udp *udp, const struct sockaddr_in6 *to, struct in_addr source,
                       const struct hello *hello) {
    uint8_t octets[HELLO_SIZE];
    hello_write(hello, octets);
    (void)send_datagram(udp, to, LANE_REST, source, octets, sizeof octets);
}

static void greet_on_interface(const struct udp *udp, const struct interface *interface,
                               const struct hello *hello, bool by_broadcast) {
    for (int family = 0; family < FAMILIES; family++) {
        if (!(family == IPV4 ? interface->has_ipv4 : interface->has_ipv6)) {
            continue;
        }
        struct sockaddr_in6 to = udp->sockets[family][LANE_REST].group_address;
        to.sin6_scope_id = interface->index;
        send_hello(udp, &to, interface->ipv4, hello);
        if (by_broadcast) {
            to = datagram_everyone(&udp->sockets[family][LANE_REST], interface->index);
            send_hello(udp, &to, interface->ipv4, hello);
        }
    }
}

static void greet_named(const struct udp *udp, const struct hello *hello, int64_t now_ms) {
    for (size_t i = 0; i < udp->named_count; i++) {
        struct sockaddr_in6 to = udp->named[i].address;
        if (udp->named[i].interface[0] != '\0') {
            to.sin6_scope_id = interfaces_index(udp->named[i].interface);
        }
        if (!reach_hears_host(udp->reach, &to, now_ms)) {
            send_hello(udp, &to, (struct in_addr){INADDR_ANY}, hello);
        }
    }
}

/* With what goes to all, now and then: under radio silence nothing goes out unasked. */
static void greet(struct udp *udp, int64_t now_ms) {
    struct hello hello;
    bool by_broadcast;
    if (!reach_said(udp->reach, now_ms, &hello, &by_broadcast) || udp->mode != TRANSPORT_SEEKS) {
        return;
    }
    for (size_t i = 0; i < udp->interfaces.count; i++) {
        greet_on_interface(udp, &udp->interfaces.list[i], &hello, by_broadcast);
    }
    greet_named(udp, &hello, now_ms);
}

void udp_send_hellos(struct udp *udp, int64_t now_ms) {
    struct sockaddr_in6 to;
    struct hello hello;
    while (udp->mode == TRANSPORT_SEEKS && reach_next(udp->reach, now_ms, &to, &hello)) {
        send_hello(udp, &to, (struct in_addr){INADDR_ANY}, &hello);
    }
}

/* --- Frames ----------------------------------------------------------------------------------- */

static enum transport_result send_to_all(struct udp *udp, enum transport_lane lane,
                                         const uint8_t *frame, size_t length) {
    greet(udp, udp_now_ms());
    enum transport_result result = send_to_group(udp, lane, frame, length);
    if (result == TRANSPORT_NO_ROUTE) {
        /* An interface may have come since they were read last. */
        udp_refresh(udp);
        result = send_to_group(udp, lane, frame, length);
    }
    return transport_better(result, send_copies(udp, lane, frame, length));
}

static enum transport_result send_to_peer(struct udp *udp, uint64_t peer, enum transport_lane lane,
                                          const uint8_t *frame, size_t length) {
    struct sockaddr_in6 to;
    if (!peers_answer(udp->peers, peer, udp_now_ms(), &to)) {
        udp->problem = transport_condition_of(CONDITION_PEER_NOT_HEARD, NULL);
        return TRANSPORT_NO_ROUTE;
    }
    return send_unicast(udp, &to, lane, frame, length);
}

enum transport_result udp_send(struct transport *transport, uint64_t peer, enum transport_lane lane,
                               const uint8_t *frame, size_t length) {
    struct udp *udp = (struct udp *)transport;
    struct hello hello;
    if (length > TRANSPORT_FRAME_MAX) {
        return TRANSPORT_TOO_LONG;
    }
    if (hello_read(frame, length, &hello)) {
        udp->problem = transport_condition_of(CONDITION_FRAME_NOT_CARRIED, NULL);
        return TRANSPORT_FAILED;
    }
    if (peer != PEER_ALL) {
        return send_to_peer(udp, peer, lane, frame, length);
    }
    return send_to_all(udp, lane, frame, length);
}
