/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/datagram.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "transport/transport.h"

enum {
    RECEIVE_BUFFER = 1024 * 1024,
    PORTS_TRIED = 32, /* for two that follow each other */
    VOICE_PRIORITY = 6,
    VOICE_TOS = 46 << 2 /* DSCP EF, expedited forwarding (RFC 3246) */
};

/* Room for what the kernel says, or is told, about one datagram: its interface, when it came. */
union control {
    struct cmsghdr header;
    uint8_t octets[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct timespec)) +
                   CMSG_SPACE(sizeof(uint32_t))];
};

static bool is_ipv4(const struct sockaddr_in6 *address) {
    return IN6_IS_ADDR_V4MAPPED(&address->sin6_addr);
}

static struct in6_addr mapped(struct in_addr address) {
    struct in6_addr result = {.s6_addr = {[10] = 0xff, [11] = 0xff}};
    memcpy(&result.s6_addr[12], &address, sizeof address);
    return result;
}

static struct sockaddr_in unmapped(const struct sockaddr_in6 *address) {
    struct sockaddr_in result = {.sin_family = AF_INET, .sin_port = address->sin6_port};
    memcpy(&result.sin_addr, &address->sin6_addr.s6_addr[12], sizeof result.sin_addr);
    return result;
}

void datagram_text(const struct sockaddr_in6 *address, char out[]) {
    const struct in6_addr *ip = &address->sin6_addr;
    bool is_ipv4 = IN6_IS_ADDR_V4MAPPED(ip);
    enum {
        IPV4_AT = 12
    };
    out[0] = '\0';
    (void)inet_ntop(is_ipv4 ? AF_INET : AF_INET6, is_ipv4 ? &ip->s6_addr[IPV4_AT] : ip->s6_addr,
                    out, TRANSPORT_ADDRESS_SIZE);
}

bool datagram_address(const char *text, uint16_t port, struct sockaddr_in6 *out) {
    *out = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
    struct in_addr ipv4;
    if (inet_pton(AF_INET, text, &ipv4) == 1) {
        out->sin6_addr = mapped(ipv4);
        return true;
    }
    return inet_pton(AF_INET6, text, &out->sin6_addr) == 1;
}

/* A number from 1 to 65535 and nothing else. */
static bool read_port(const char *text, in_port_t *port) {
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    *port = htons((uint16_t)value);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && value >= 1 && value <= 65535;
}

/* Ends the address where its port begins, which is in *port then; false when the brackets are
 * wrong. An IPv6 address without brackets has none. */
static bool split_port(char *text, char **address, char **port) {
    char *colon = strchr(text, ':'), *close = strchr(text, ']');
    *address = text;
    *port = NULL;
    if (text[0] == '[') {
        if (close == NULL || (close[1] != '\0' && close[1] != ':')) {
            return false;
        }
        *address = text + 1;
        *port = close[1] == ':' ? close + 2 : NULL;
        *close = '\0';
    } else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
        *port = colon + 1;
        *colon = '\0';
    }
    return true;
}

bool datagram_peer(const char *text, uint16_t port, struct sockaddr_in6 *out, char interface[]) {
    char copy[INET6_ADDRSTRLEN + IF_NAMESIZE + 16], *address, *port_text;
    interface[0] = '\0';
    if (strlen(text) >= sizeof copy) {
        return false;
    }
    strcpy(copy, text);
    if (!split_port(copy, &address, &port_text)) {
        return false;
    }
    char *zone = strchr(address, '%');
    if (zone != NULL) {
        *zone++ = '\0';
        if (zone[0] == '\0' || strlen(zone) >= IF_NAMESIZE) {
            return false;
        }
        strcpy(interface, zone);
    }
    if (!datagram_address(address, port, out) ||
        (port_text != NULL && !read_port(port_text, &out->sin6_port))) {
        return false;
    }
    bool is_local = IN6_IS_ADDR_LINKLOCAL(&out->sin6_addr);
    bool is_multicast =
        is_ipv4(out) ? out->sin6_addr.s6_addr[12] >= 0xe0 : IN6_IS_ADDR_MULTICAST(&out->sin6_addr);
    return !is_multicast && is_local == (interface[0] != '\0');
}

struct sockaddr_in6 datagram_port_moved(const struct sockaddr_in6 *address, int by) {
    struct sockaddr_in6 moved = *address;
    moved.sin6_port = htons((uint16_t)(ntohs(address->sin6_port) + by));
    return moved;
}

/* Binds to an address of either kind; a port of 0 is the system's choice. */
static bool bind_to(int descriptor, const struct sockaddr_in6 *address) {
    struct sockaddr_in ipv4 = unmapped(address);
    if (is_ipv4(address)) {
        return bind(descriptor, (const struct sockaddr *)&ipv4, sizeof ipv4) == 0;
    }
    return bind(descriptor, (const struct sockaddr *)address, sizeof *address) == 0;
}

static bool set_option(int descriptor, int level, int name, int value) {
    return setsockopt(descriptor, level, name, &value, sizeof value) == 0;
}

/* Each socket tells the interface of each datagram; TTL and hop limit 1 keep frames on the link;
 * multicast comes back to this machine for the other handsets on it. */
static bool prepare_ipv4(int descriptor) {
    return set_option(descriptor, IPPROTO_IP, IP_PKTINFO, 1) &&
           set_option(descriptor, IPPROTO_IP, IP_TTL, 1) &&
           set_option(descriptor, IPPROTO_IP, IP_MULTICAST_TTL, 1) &&
           set_option(descriptor, IPPROTO_IP, IP_MULTICAST_LOOP, 1) &&
           set_option(descriptor, IPPROTO_IP, IP_MULTICAST_ALL, 0) &&
           set_option(descriptor, SOL_SOCKET, SO_BROADCAST, 1);
}

static bool prepare_ipv6(int descriptor) {
    return set_option(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
           set_option(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) &&
           set_option(descriptor, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 1) &&
           set_option(descriptor, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 1) &&
           set_option(descriptor, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1) &&
           set_option(descriptor, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
}

/* Room for what comes while the program has no time, voice in a flood of junk above all. The system
 * gives as much of it as it allows, and that need not be all. */
static void ask_for_room(int descriptor) {
    if (!set_option(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)) {
        (void)set_option(descriptor, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
    }
}

unsigned datagram_room(int descriptor) {
    int room = 0;
    socklen_t length = sizeof room;
    return getsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, &length) == 0 && room > 0
               ? (unsigned)room
               : 0;
}

/* Ahead of all else, in this machine's queues and on networks that look at it. */
static void put_first(int descriptor, bool ipv4) {
    (void)(ipv4 ? set_option(descriptor, IPPROTO_IP, IP_TOS, VOICE_TOS)
                : set_option(descriptor, IPPROTO_IPV6, IPV6_TCLASS, VOICE_TOS));
    (void)set_option(descriptor, SOL_SOCKET, SO_PRIORITY, VOICE_PRIORITY);
}

static bool open_bound(const struct sockaddr_in6 *address, bool shared, int *descriptor) {
    bool ipv4 = is_ipv4(address);
    *descriptor = socket(ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*descriptor < 0) {
        return false;
    }
    ask_for_room(*descriptor);
    /* SO_REUSEADDR alone: unlike SO_REUSEPORT it shares a multicast port between users, too. */
    return (!shared || set_option(*descriptor, SOL_SOCKET, SO_REUSEADDR, 1)) &&
           set_option(*descriptor, SOL_SOCKET, SO_TIMESTAMPNS, 1) &&
           set_option(*descriptor, SOL_SOCKET, SO_RXQ_OVFL, 1) &&
           (ipv4 ? prepare_ipv4(*descriptor) : prepare_ipv6(*descriptor)) &&
           bind_to(*descriptor, address);
}

static bool read_own_port(struct datagram_sockets *sockets) {
    struct sockaddr_storage own;
    socklen_t length = sizeof own;
    if (getsockname(sockets->unicast, (struct sockaddr *)&own, &length) != 0) {
        return false;
    }
    sockets->own_port = own.ss_family == AF_INET ? ((struct sockaddr_in *)&own)->sin_port
                                                 : ((struct sockaddr_in6 *)&own)->sin6_port;
    return true;
}

static bool kind_of_ip_is_missing(void) {
    return errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL || errno == ENOPROTOOPT;
}

static void close_descriptor(int *descriptor) {
    if (*descriptor >= 0) {
        close(*descriptor);
    }
    *descriptor = -1;
}

void datagram_close(struct datagram_sockets *sockets) {
    close_descriptor(&sockets->unicast);
    close_descriptor(&sockets->group);
    close_descriptor(&sockets->door);
}

static struct sockaddr_in6 anywhere(const struct sockaddr_in6 *group, in_port_t port) {
    struct sockaddr_in6 address = {
        .sin6_family = AF_INET6, .sin6_addr = in6addr_any, .sin6_port = port};
    if (is_ipv4(group)) {
        address.sin6_addr = mapped((struct in_addr){htonl(INADDR_ANY)});
    }
    return address;
}

/* One lane's socket of our own, at `port`; 0: the system's choice. */
static bool open_own(struct datagram_sockets *sockets, const struct sockaddr_in6 *group,
                     in_port_t port) {
    const struct sockaddr_in6 own = anywhere(group, port);
    *sockets =
        (struct datagram_sockets){.unicast = -1, .group = -1, .door = -1, .group_address = *group};
    return open_bound(&own, false, &sockets->unicast) && read_own_port(sockets);
}

/* Both lanes' own sockets, at two ports that follow each other. */
static bool open_pair(struct datagram_sockets lanes[TRANSPORT_LANES],
                      const struct sockaddr_in6 *group) {
    const struct sockaddr_in6 voice_group = datagram_port_moved(group, 1);
    for (int i = 0; i < PORTS_TRIED; i++) {
        if (!open_own(&lanes[LANE_REST], group, 0)) {
            return false;
        }
        unsigned next = ntohs(lanes[LANE_REST].own_port) + 1u;
        if (next <= UINT16_MAX &&
            open_own(&lanes[LANE_VOICE], &voice_group, htons((uint16_t)next))) {
            return true;
        }
        if (next <= UINT16_MAX && errno != EADDRINUSE) {
            return false;
        }
        datagram_close(&lanes[LANE_REST]);
        datagram_close(&lanes[LANE_VOICE]);
    }
    return false;
}

/* What the kernel hands back of multicast from our own port is our own; what others on this machine
 * say comes from other ports. */
static bool drop_echoes(const struct datagram_sockets *sockets) {
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_LOOPBACK, 0, 3),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), /* UDP's source port */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ntohs(sockets->own_port), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    };
    const struct sock_fprog program = {sizeof steps / sizeof steps[0], steps};
    return setsockopt(sockets->group, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

bool datagram_open(struct datagram_sockets lanes[TRANSPORT_LANES],
                   const struct sockaddr_in6 *group) {
    const struct sockaddr_in6 door = anywhere(group, group->sin6_port);
    struct datagram_sockets *rest = &lanes[LANE_REST], *voice = &lanes[LANE_VOICE];
    if (open_pair(lanes, group) && open_bound(group, true, &rest->group) &&
        open_bound(&voice->group_address, true, &voice->group) &&
        open_bound(&door, true, &rest->door)) {
        put_first(voice->unicast, is_ipv4(group));
        voice->drops_echoes = drop_echoes(voice);
        return true;
    }
    int error = errno;
    datagram_close(rest);
    datagram_close(voice);
    errno = error;
    return kind_of_ip_is_missing();
}

static bool set_ipv4_membership(const struct datagram_sockets *sockets, unsigned interface,
                                bool member) {
    struct ip_mreqn group = {.imr_multiaddr = unmapped(&sockets->group_address).sin_addr,
                             .imr_ifindex = (int)interface};
    return setsockopt(sockets->group, IPPROTO_IP, member ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP,
                      &group, sizeof group) == 0;
}

static bool set_ipv6_membership(int descriptor, const struct in6_addr *address, unsigned interface,
                                bool member) {
    struct ipv6_mreq group = {.ipv6mr_multiaddr = *address, .ipv6mr_interface = interface};
    return setsockopt(descriptor, IPPROTO_IPV6, member ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &group,
                      sizeof group) == 0;
}

bool datagram_set_membership(const struct datagram_sockets *sockets, unsigned interface,
                             bool member) {
    if (sockets->unicast < 0) {
        return true;
    }
    bool is_done;
    if (is_ipv4(&sockets->group_address)) {
        is_done = set_ipv4_membership(sockets, interface, member);
    } else {
        const struct sockaddr_in6 everyone = datagram_everyone(sockets, interface);
        if (sockets->door >= 0) {
            (void)set_ipv6_membership(sockets->door, &everyone.sin6_addr, interface, member);
        }
        is_done = set_ipv6_membership(sockets->group, &sockets->group_address.sin6_addr, interface,
                                      member);
    }
    return is_done || (errno != ENOBUFS && errno != ENOMEM);
}

struct sockaddr_in6 datagram_everyone(const struct datagram_sockets *sockets, unsigned interface) {
    struct sockaddr_in6 everyone = sockets->group_address;
    everyone.sin6_scope_id = interface;
    if (is_ipv4(&everyone)) {
        everyone.sin6_addr = mapped((struct in_addr){htonl(INADDR_BROADCAST)});
    } else {
        everyone.sin6_addr = (struct in6_addr){.s6_addr = {0xff, 0x02, [15] = 1}};
    }
    return everyone;
}

/* Out of the interface that the address names: a link may have no route of its own. */
static int send_ipv4(int descriptor, const struct sockaddr_in6 *address, struct in_addr source,
                     const uint8_t *octets, size_t length) {
    struct sockaddr_in to = unmapped(address);
    struct in_pktinfo info = {.ipi_ifindex = (int)address->sin6_scope_id, .ipi_spec_dst = source};
    union control control = {0};
    control.header.cmsg_len = CMSG_LEN(sizeof info);
    control.header.cmsg_level = IPPROTO_IP;
    control.header.cmsg_type = IP_PKTINFO;
    memcpy(CMSG_DATA(&control.header), &info, sizeof info);
    struct iovec part = {(void *)octets, length};
    struct msghdr message = {.msg_name = &to,
                             .msg_namelen = sizeof to,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.octets,
                             .msg_controllen = CMSG_SPACE(sizeof info)};
    return sendmsg(descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? errno : 0;
}

static int send_ipv6(int descriptor, const struct sockaddr_in6 *address, const uint8_t *octets,
                     size_t length) {
    struct sockaddr_in6 to = *address;
    int interface = (int)address->sin6_scope_id;
    if (IN6_IS_ADDR_MULTICAST(&to.sin6_addr) &&
        !set_option(descriptor, IPPROTO_IPV6, IPV6_MULTICAST_IF, interface)) {
        return errno;
    }
    if (!IN6_IS_ADDR_LINKLOCAL(&to.sin6_addr)) {
        to.sin6_scope_id = 0;
    }
    ssize_t sent = sendto(descriptor, octets, length, MSG_DONTWAIT | MSG_NOSIGNAL,
                          (struct sockaddr *)&to, sizeof to);
    return sent < 0 ? errno : 0;
}

int datagram_send(const struct datagram_sockets *sockets, const struct sockaddr_in6 *to,
                  struct in_addr source, const uint8_t *octets, size_t length) {
    if (sockets->unicast < 0) {
        return EAFNOSUPPORT;
    }
    return is_ipv4(to) ? send_ipv4(sockets->unicast, to, source, octets, length)
                       : send_ipv6(sockets->unicast, to, octets, length);
}

static unsigned arrival_interface(struct msghdr *message) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            return (unsigned)info.ipi_ifindex;
        }
        if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            return info.ipi6_ifindex;
        }
    }
    return 0;
}

/* The clock that the stamps are by is asked of the kernel itself: what the program is told that the
 * time is (by a library between, as in tests) is another. */
static int64_t age_of(struct msghdr *message) {
    struct timespec stamp, now;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS ||
            syscall(SYS_clock_gettime, CLOCK_REALTIME, &now) != 0) {
            continue;
        }
        memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
        int64_t age_ms =
            (int64_t)(now.tv_sec - stamp.tv_sec) * 1000 + (now.tv_nsec - stamp.tv_nsec) / 1000000;
        return age_ms >= 0 ? age_ms : -1;
    }
    return -1;
}

static uint32_t lost_before(struct msghdr *message) {
    uint32_t lost = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
            memcpy(&lost, CMSG_DATA(c), sizeof lost);
        }
    }
    return lost;
}

ssize_t datagram_receive(int descriptor, uint8_t *octets, size_t capacity,
                         struct datagram_arrival *arrival) {
    struct sockaddr_in6 *from = &arrival->from;
    union {
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
    } sender = {0};
    union control control;
    struct iovec part = {octets, capacity};
    struct msghdr message = {.msg_name = &sender,
                             .msg_namelen = sizeof sender,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t length = recvmsg(descriptor, &message, MSG_DONTWAIT);
    if (length < 0) {
        return -1;
    }
    *from = (struct sockaddr_in6){.sin6_family = AF_INET6};
    if (sender.ipv4.sin_family == AF_INET) {
        from->sin6_port = sender.ipv4.sin_port;
        from->sin6_addr = mapped(sender.ipv4.sin_addr);
    } else {
        from->sin6_port = sender.ipv6.sin6_port;
        from->sin6_addr = sender.ipv6.sin6_addr;
    }
    from->sin6_scope_id = arrival_interface(&message);
    arrival->age_ms = age_of(&message);
    arrival->lost = lost_before(&message);
    return length;
}
