/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/interfaces.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool is_ip(const struct ifaddrs *entry) {
    return entry->ifa_addr != NULL &&
           (entry->ifa_addr->sa_family == AF_INET || entry->ifa_addr->sa_family == AF_INET6);
}

static struct in6_addr mapped(struct in_addr address) {
    struct in6_addr result = {.s6_addr = {[10] = 0xff, [11] = 0xff}};
    memcpy(&result.s6_addr[12], &address, sizeof address);
    return result;
}

/* Interfaces as they are found, however many. */
struct candidates {
    size_t count, room;
    struct interface *list;
};

/* --- Which come first -------------------------------------------------------------------------
 */

static const char *const joining[] = {"bridge", "bond", "team", "openvswitch", NULL};

static bool is_one_of(const char *kind, const char *const kinds[]) {
    for (size_t i = 0; kinds[i] != NULL; i++) {
        if (strcmp(kind, kinds[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* A device of its own; what the kernel calls by a kind is made by somebody, with few exceptions. */
static bool is_hardware(const struct link_facts *facts) {
    static const char *const exceptions[] = {"", "dsa", "wwan", "rmnet", "can", NULL};
    return is_one_of(facts->kind, exceptions);
}

static bool joins_hardware(const struct link_facts *facts, const struct link_facts all[],
                           size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (all[i].master == facts->index && is_hardware(&all[i])) {
            return true;
        }
    }
    return false;
}

static bool is_port(const struct link_facts *facts, const struct link_facts all[], size_t count) {
    const struct link_facts *master = link_facts_of(all, count, facts->master);
    return facts->master != 0 && master != NULL && is_one_of(master->kind, joining);
}

static enum interface_rank rank_by_kind(const struct link_facts *facts,
                                        const struct link_facts all[], size_t count) {
    static const char *const parts[] = {"vlan",   "macvlan", "ipvlan", "macvtap",
                                        "ipvtap", "macsec",  "hsr",    NULL};
    static const char *const plain[] = {"veth", "dummy", "virt_wifi", "netdevsim", NULL};
    if (is_hardware(facts)) {
        return RANK_HARDWARE;
    }
    if (is_one_of(facts->kind, joining)) {
        return joins_hardware(facts, all, count) ? RANK_HARDWARE : RANK_BRIDGE;
    }
    if (is_one_of(facts->kind, parts)) {
        return RANK_ON_HARDWARE;
    }
    return is_one_of(facts->kind, plain) ? RANK_VIRTUAL : RANK_TUNNEL;
}

enum interface_rank interfaces_rank(const struct link_facts *facts, bool has_carrier,
                                    const struct link_facts all[], size_t count) {
    if (facts == NULL) {
        return has_carrier ? RANK_VIRTUAL : RANK_NO_CARRIER;
    }
    if (is_port(facts, all, count)) {
        return RANK_PORT;
    }
    enum interface_rank rank = rank_by_kind(facts, all, count);
    if (has_carrier) {
        return rank;
    }
    return rank == RANK_HARDWARE ? RANK_NO_CARRIER_HARDWARE : RANK_NO_CARRIER;
}

static int compare(const void *left, const void *right) {
    const struct interface *a = left, *b = right;
    if (a->rank != b->rank) {
        return a->rank < b->rank ? -1 : 1;
    }
    if (a->has_ipv4 != b->has_ipv4) {
        return a->has_ipv4 ? -1 : 1;
    }
    return (a->index > b->index) - (a->index < b->index);
}

void interfaces_order(struct interface list[], size_t count) {
    qsort(list, count, sizeof *list, compare);
}

/* --- Reading them -----------------------------------------------------------------------------
 */

static struct in6_addr address_of(const struct sockaddr *address) {
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
    if (address->sa_family == AF_INET) {
        memcpy(&ipv4, address, sizeof ipv4);
        return mapped(ipv4.sin_addr);
    }
    memcpy(&ipv6, address, sizeof ipv6);
    return ipv6.sin6_addr;
}

static bool read_addresses(const struct ifaddrs *all, struct interfaces *out) {
    size_t count = 0;
    for (const struct ifaddrs *entry = all; entry != NULL; entry = entry->ifa_next) {
        count += is_ip(entry);
    }
    out->addresses = calloc(count + 1, sizeof *out->addresses);
    if (out->addresses == NULL) {
        return false;
    }
    for (const struct ifaddrs *entry = all; entry != NULL; entry = entry->ifa_next) {
        if (is_ip(entry)) {
            out->addresses[out->address_count++] = address_of(entry->ifa_addr);
        }
    }
    return true;
}

/* A socket to ask the system about interfaces with; negative: there is none. */
static int open_asking(void) {
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return descriptor >= 0 ? descriptor : socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

unsigned interfaces_index(const char *name) {
    struct ifreq request = {.ifr_ifindex = 0};
    int descriptor = strlen(name) < sizeof request.ifr_name ? open_asking() : -1;
    bool is_known = false;
    if (descriptor >= 0) {
        strcpy(request.ifr_name, name);
        is_known = ioctl(descriptor, SIOCGIFINDEX, &request) == 0 && request.ifr_ifindex > 0;
        close(descriptor);
    }
    return is_known ? (unsigned)request.ifr_ifindex : 0;
}

static struct interface *interface_called(struct candidates *out, const char *name) {
    for (size_t i = 0; i < out->count; i++) {
        if (strcmp(out->list[i].name, name) == 0) {
            return &out->list[i];
        }
    }
    unsigned index = interfaces_index(name);
    if (index == 0 || out->count == out->room) {
        return NULL;
    }
    struct interface *interface = &out->list[out->count++];
    *interface = (struct interface){.index = index};
    strncpy(interface->name, name, sizeof interface->name - 1);
    return interface;
}

static void add_interface(struct candidates *out, const struct ifaddrs *entry) {
    struct interface *interface = interface_called(out, entry->ifa_name);
    if (interface == NULL) {
        return;
    }
    interface->has_carrier = (entry->ifa_flags & IFF_RUNNING) != 0;
    if (entry->ifa_addr->sa_family == AF_INET6) {
        interface->has_ipv6 = true;
    } else if (!interface->has_ipv4) {
        struct sockaddr_in address;
        memcpy(&address, entry->ifa_addr, sizeof address);
        interface->has_ipv4 = true;
        interface->ipv4 = address.sin_addr;
    }
}

static void read_mtus(struct interfaces *out) {
    int descriptor = open_asking();
    for (size_t i = 0; descriptor >= 0 && i < out->count; i++) {
        struct ifreq request = {.ifr_ifindex = 0};
        memcpy(request.ifr_name, out->list[i].name, sizeof request.ifr_name);
        if (ioctl(descriptor, SIOCGIFMTU, &request) == 0 && request.ifr_mtu > 0) {
            out->list[i].mtu = (unsigned)request.ifr_mtu;
        }
    }
    if (descriptor >= 0) {
        close(descriptor);
    }
}

/* wpa_supplicant's name for the interface of a Wi-Fi Direct group. */
static bool is_of_p2p_group(const char *name) {
    return strncmp(name, "p2p-", 4) == 0;
}

/* `loopback`: take loopback interfaces, or the others. */
static void add_usable(struct candidates *out, const struct ifaddrs *all, bool loopback) {
    for (const struct ifaddrs *entry = all; entry != NULL; entry = entry->ifa_next) {
        bool is_loopback = (entry->ifa_flags & IFF_LOOPBACK) != 0;
        bool usable = is_loopback || (entry->ifa_flags & IFF_MULTICAST) != 0;
        if (is_ip(entry) && (entry->ifa_flags & IFF_UP) != 0 && usable && is_loopback == loopback &&
            !is_of_p2p_group(entry->ifa_name)) {
            add_interface(out, entry);
        }
    }
}

static void add_named(struct candidates *out, const struct ifaddrs *all, const char *name) {
    for (const struct ifaddrs *entry = all; entry != NULL; entry = entry->ifa_next) {
        if (is_ip(entry) && (entry->ifa_flags & IFF_UP) != 0 &&
            strcmp(entry->ifa_name, name) == 0) {
            add_interface(out, entry);
        }
    }
}

static void set_ranks(struct candidates *candidates) {
    struct link_facts *facts;
    size_t count = link_facts_read(&facts);
    for (size_t i = 0; i < candidates->count; i++) {
        struct interface *interface = &candidates->list[i];
        interface->rank = interfaces_rank(link_facts_of(facts, count, interface->index),
                                          interface->has_carrier, facts, count);
    }
    free(facts);
}

/* The first go into use; the first of those that do not are named. */
static void choose(const struct candidates *candidates, struct interfaces *out) {
    for (size_t i = 0; i < candidates->count; i++) {
        if (out->count < INTERFACES_MAX) {
            out->list[out->count++] = candidates->list[i];
            continue;
        }
        if (out->left_out < INTERFACES_NAMED) {
            memcpy(out->left_out_names[out->left_out], candidates->list[i].name, IF_NAMESIZE);
        }
        out->left_out++;
    }
}

static bool read_interfaces(const char *name, const struct ifaddrs *all, struct interfaces *out) {
    /* There are no more interfaces than addresses. */
    struct candidates candidates = {.room = out->address_count};
    candidates.list = calloc(candidates.room + 1, sizeof *candidates.list);
    if (candidates.list == NULL) {
        return false;
    }
    if (name != NULL) {
        add_named(&candidates, all, name);
    } else {
        add_usable(&candidates, all, false);
        if (candidates.count == 0) {
            add_usable(&candidates, all, true);
        }
    }
    if (candidates.count > 1) {
        set_ranks(&candidates);
        interfaces_order(candidates.list, candidates.count);
    }
    choose(&candidates, out);
    free(candidates.list);
    return true;
}

bool interfaces_read(const char *name, struct interfaces *out) {
    *out = (struct interfaces){0};
    struct ifaddrs *all = NULL;
    if (getifaddrs(&all) != 0) {
        return false;
    }
    bool is_read = read_addresses(all, out) && read_interfaces(name, all, out);
    freeifaddrs(all);
    read_mtus(out);
    if (!is_read) {
        interfaces_free(out);
    }
    return is_read;
}

void interfaces_free(struct interfaces *interfaces) {
    free(interfaces->addresses);
    *interfaces = (struct interfaces){0};
}

bool interfaces_own_address(const struct interfaces *interfaces, const struct in6_addr *address) {
    for (size_t i = 0; i < interfaces->address_count; i++) {
        if (memcmp(&interfaces->addresses[i], address, sizeof *address) == 0) {
            return true;
        }
    }
    return false;
}

bool interfaces_were_own(const struct former_addresses *former, const struct in6_addr *address) {
    for (size_t i = 0; i < FORMER_MAX; i++) {
        if (memcmp(&former->list[i], address, sizeof *address) == 0) {
            return true;
        }
    }
    return false;
}

void interfaces_note_former(const struct interfaces *before, const struct interfaces *after,
                            struct former_addresses *former) {
    for (size_t i = 0; i < before->address_count; i++) {
        const struct in6_addr *address = &before->addresses[i];
        if (!interfaces_own_address(after, address) && !interfaces_were_own(former, address)) {
            former->list[former->next++ % FORMER_MAX] = *address;
        }
    }
}

int interfaces_watch(void) {
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (descriptor < 0) {
        return -1;
    }
    struct sockaddr_nl address = {.nl_family = AF_NETLINK,
                                  .nl_groups =
                                      RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR};
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

/* Marks the interface that one message of the system says has ended. */
static void mark_ended(struct interfaces *in_use, const uint8_t *octets, size_t length) {
    struct {
        struct nlmsghdr header;
        struct ifinfomsg link;
    } message = {0};
    memcpy(&message, octets, length < sizeof message ? length : sizeof message);
    /* A port that leaves a bridge is told of in the same way, by the bridge's own family. */
    if (message.header.nlmsg_type != RTM_DELLINK || message.link.ifi_family != AF_UNSPEC) {
        return;
    }
    for (size_t i = 0; i < in_use->count; i++) {
        if (in_use->list[i].index == (unsigned)message.link.ifi_index) {
            in_use->list[i].has_ended = true;
        }
    }
}

bool interfaces_changed(int descriptor, struct interfaces *in_use, bool *any_may_have_ended) {
    /* What else changed is read afresh with interfaces_read; a queue that overflowed (ENOBUFS) is a
     * change as well, and may be any. */
    enum {
        MESSAGES_MAX = 64
    };
    uint8_t message[4096];
    bool changed = false;
    for (int i = 0; i < MESSAGES_MAX; i++) {
        ssize_t length = recv(descriptor, message, sizeof message, MSG_DONTWAIT);
        if (length < 0 && errno != ENOBUFS) {
            break;
        }
        if (length < 0) {
            *any_may_have_ended = true;
        } else {
            mark_ended(in_use, message, (size_t)length);
        }
        changed = true;
    }
    return changed;
}
