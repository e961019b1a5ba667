/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "transport/datagram.h"
#include "transport/interfaces.h"
#include "transport/peers.h"

/* `receive` takes this many datagrams at most. */
enum {
    RECEIVE_MAX = 48,
    LOOPBACK_INDEX = 1
};

enum {
    IPV4,
    IPV6,
    FAMILIES
};

struct udp {
    struct transport transport;       /* first: a struct transport is its beginning */
    char interface_name[IF_NAMESIZE]; /* empty: every one */
    struct datagram_sockets sockets[FAMILIES];
    int watch; /* tells when interfaces change; -1 when the system does not */
    struct interfaces interfaces;
    struct peers *peers;
    struct transport_condition problem;
    int64_t age_ms;                            /* of the frame that is handed over */
    uint8_t datagram[TRANSPORT_FRAME_MAX + 1]; /* one more, to tell what is too long */
};

static int64_t monotonic_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const char *interface_filter(const struct udp *udp) {
    return udp->interface_name[0] != '\0' ? udp->interface_name : NULL;
}

/* --- Interfaces --------------------------------------------------------------------------------
 */

static void set_membership(const struct udp *udp, unsigned interface, bool member) {
    for (int family = 0; family < FAMILIES; family++) {
        datagram_set_membership(&udp->sockets[family], interface, member);
    }
}

static bool has_interface(const struct interfaces *interfaces, unsigned index) {
    for (size_t i = 0; i < interfaces->count; i++) {
        if (interfaces->list[i].index == index) {
            return true;
        }
    }
    return false;
}

/* Reads the interfaces afresh, leaves the groups on those that went (the system allows only so many
 * memberships) and joins them on those that are there. */
static void refresh_interfaces(struct udp *udp) {
    struct interfaces fresh;
    if (!interfaces_read(interface_filter(udp), &fresh)) {
        return;
    }
    for (size_t i = 0; i < udp->interfaces.count; i++) {
        if (!has_interface(&fresh, udp->interfaces.list[i].index)) {
            set_membership(udp, udp->interfaces.list[i].index, false);
        }
    }
    udp->interfaces = fresh;
    for (size_t i = 0; i < fresh.count; i++) {
        set_membership(udp, fresh.list[i].index, true);
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
        }
    }
    if (udp->watch >= 0) {
        descriptors[count++] = udp->watch;
    }
    return count;
}

static bool is_own(const struct udp *udp, const struct datagram_sockets *sockets,
                   const struct sockaddr_in6 *sender) {
    return sender->sin6_port == sockets->own_port &&
           interfaces_own_address(&udp->interfaces, &sender->sin6_addr);
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
    if (length > 0 && length <= TRANSPORT_FRAME_MAX && on_our_links &&
        !is_own(udp, sockets, &sender)) {
        on_frame(context, peers_heard(udp->peers, &sender, monotonic_ms()), udp->datagram,
                 (size_t)length);
    }
    return true;
}

static int64_t udp_age_ms(const struct transport *transport) {
    return ((const struct udp *)transport)->age_ms;
}

static enum transport_result udp_receive(struct transport *transport, transport_frame_fn *on_frame,
                                         void *context) {
    struct udp *udp = (struct udp *)transport;
    if (udp->watch >= 0 && interfaces_changed(udp->watch)) {
        refresh_interfaces(udp);
    }
    /* One datagram of each socket in turn, so that a flood on one does not silence the others. */
    bool any = true;
    for (int taken = 0; any && taken < RECEIVE_MAX;) {
        any = false;
        for (int family = 0; family < FAMILIES; family++) {
            const struct datagram_sockets *sockets = &udp->sockets[family];
            if (sockets->unicast < 0) {
                continue;
            }
            bool unicast = receive_one(udp, sockets, sockets->unicast, on_frame, context);
            bool group = receive_one(udp, sockets, sockets->group, on_frame, context);
            taken += unicast + group;
            any = any || unicast || group;
        }
    }
    return TRANSPORT_OK;
}

/* --- Sending ------------------------------------------------------------------------------- */

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

/* The better of two results of sending one frame two ways: getting through once is enough. */
static enum transport_result better(enum transport_result a, enum transport_result b) {
    static const int rank[] = {[TRANSPORT_OK] = 4,
                               [TRANSPORT_BUSY] = 3,
                               [TRANSPORT_TOO_LONG] = 2,
                               [TRANSPORT_FAILED] = 1,
                               [TRANSPORT_NO_ROUTE] = 0};
    return rank[a] >= rank[b] ? a : b;
}

static enum transport_result send_on_interface(struct udp *udp, const struct interface *interface,
                                               const uint8_t *frame, size_t length) {
    enum transport_result result = TRANSPORT_NO_ROUTE;
    for (int family = 0; family < FAMILIES; family++) {
        if (!(family == IPV4 ? interface->has_ipv4 : interface->has_ipv6)) {
            continue;
        }
        struct sockaddr_in6 to = udp->sockets[family].group_address;
        to.sin6_scope_id = interface->index;
        /* The source is named because the system takes none of loopback's addresses by itself. */
        int error = datagram_send(&udp->sockets[family], &to, interface->ipv4, frame, length);
        result =
            better(result, error == 0 ? TRANSPORT_OK : send_failed(udp, error, interface->name));
    }
    return result;
}

/* Why there is no interface to send on. */
static struct transport_condition absence(const struct udp *udp) {
    return interface_filter(udp) == NULL
               ? transport_condition_of(CONDITION_NO_NETWORK, NULL)
               : transport_condition_of(CONDITION_INTERFACE_DOWN, udp->interface_name);
}

static enum transport_result send_to_all(struct udp *udp, const uint8_t *frame, size_t length) {
    enum transport_result result = TRANSPORT_NO_ROUTE;
    udp->problem = absence(udp);
    for (size_t i = 0; i < udp->interfaces.count; i++) {
        result = better(result, send_on_interface(udp, &udp->interfaces.list[i], frame, length));
    }
    return result;
}

static enum transport_result send_to_peer(struct udp *udp, uint64_t peer, const uint8_t *frame,
                                          size_t length) {
    struct sockaddr_in6 to;
    if (!peers_answer(udp->peers, peer, monotonic_ms(), &to)) {
        udp->problem = transport_condition_of(CONDITION_PEER_NOT_HEARD, NULL);
        return TRANSPORT_NO_ROUTE;
    }
    int family = IN6_IS_ADDR_V4MAPPED(&to.sin6_addr) ? IPV4 : IPV6;
    int error =
        datagram_send(&udp->sockets[family], &to, (struct in_addr){INADDR_ANY}, frame, length);
    if (error == 0) {
        return TRANSPORT_OK;
    }
    char where[INET6_ADDRSTRLEN];
    inet_ntop(AF_INET6, &to.sin6_addr, where, sizeof where);
    return send_failed(udp, error, where);
}

static enum transport_result udp_send(struct transport *transport, uint64_t peer,
                                      const uint8_t *frame, size_t length) {
    struct udp *udp = (struct udp *)transport;
    if (length > TRANSPORT_FRAME_MAX) {
        return TRANSPORT_TOO_LONG;
    }
    if (peer != PEER_ALL) {
        return send_to_peer(udp, peer, frame, length);
    }
    enum transport_result result = send_to_all(udp, frame, length);
    if (result == TRANSPORT_NO_ROUTE) {
        /* An interface may have come since they were read last. */
        refresh_interfaces(udp);
        result = send_to_all(udp, frame, length);
    }
    return result;
}

/* --- Opening and closing -----------------------------------------------------------------------
 */

static void udp_problem(const struct transport *transport, struct transport_condition *out) {
    *out = ((const struct udp *)transport)->problem;
}

/* One for all interfaces: a handset that is heard on two of them counts once. */
static size_t udp_radios(const struct transport *transport, struct transport_radio out[],
                         size_t room) {
    const struct udp *udp = (const struct udp *)transport;
    if (room == 0) {
        return 0;
    }
    *out = (struct transport_radio){.link = 1,
                                    .state = RADIO_ON,
                                    .peers = peers_lately(udp->peers, monotonic_ms()),
                                    .quality = TRANSPORT_QUALITY_UNKNOWN};
    for (size_t i = 0, length = 0; i < udp->interfaces.count && length < sizeof out->name; i++) {
        length += (size_t)snprintf(out->name + length, sizeof out->name - length, "%s%s",
                                   i > 0 ? "," : "", udp->interfaces.list[i].name);
    }
    if (udp->interfaces.count > 0) {
        return 1;
    }
    out->state = RADIO_UNUSABLE;
    out->condition = absence(udp);
    return 1;
}

static void udp_close(struct transport *transport) {
    struct udp *udp = (struct udp *)transport;
    for (int family = 0; family < FAMILIES; family++) {
        datagram_close(&udp->sockets[family]);
    }
    if (udp->watch >= 0) {
        close(udp->watch);
    }
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

static struct udp *udp_new(void) {
    struct udp *udp = calloc(1, sizeof *udp);
    if (udp == NULL) {
        return NULL;
    }
    udp->transport.kind = &udp_kind;
    for (int family = 0; family < FAMILIES; family++) {
        udp->sockets[family] = (struct datagram_sockets){.unicast = -1, .group = -1};
    }
    udp->watch = interfaces_watch();
    udp->peers = peers_new();
    if (udp->peers == NULL) {
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
    if (!open_sockets(udp, options, problem)) {
        udp_close(&udp->transport);
        return TRANSPORT_FAILED;
    }
    refresh_interfaces(udp);
    *out = &udp->transport;
    return TRANSPORT_OK;
}
