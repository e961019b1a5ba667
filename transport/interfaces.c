/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/interfaces.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
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

static void add_address(struct interfaces *out, const struct sockaddr *address) {
    if (out->address_count == OWN_ADDRESSES_MAX) {
        return;
    }
    struct sockaddr_storage copy = {0};
    if (address->sa_family == AF_INET) {
        memcpy(&copy, address, sizeof(struct sockaddr_in));
        out->addresses[out->address_count++] = mapped(((struct sockaddr_in *)&copy)->sin_addr);
    } else {
        memcpy(&copy, address, sizeof(struct sockaddr_in6));
        out->addresses[out->address_count++] = ((struct sockaddr_in6 *)&copy)->sin6_addr;
    }
}

static struct interface *interface_called(struct interfaces *out, const char *name) {
    for (size_t i = 0; i < out->count; i++) {
        if (strcmp(out->list[i].name, name) == 0) {
            return &out->list[i];
        }
    }
    unsigned index = if_nametoindex(name);
    if (index == 0 || out->count == INTERFACES_MAX) {
        return NULL;
    }
    struct interface *interface = &out->list[out->count++];
    *interface = (struct interface){.index = index};
    strncpy(interface->name, name, sizeof interface->name - 1);
    return interface;
}

static void add_interface(struct interfaces *out, const struct ifaddrs *entry) {
    struct interface *interface = interface_called(out, entry->ifa_name);
    if (interface == NULL) {
        return;
    }
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
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        descriptor = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    }
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
static void add_usable(struct interfaces *out, const struct ifaddrs *all, bool loopback) {
    for (const struct ifaddrs *entry = all; entry != NULL; entry = entry->ifa_next) {
        bool is_loopback = (entry->ifa_flags & IFF_LOOPBACK) != 0;
        bool usable = is_loopback || (entry->ifa_flags & IFF_MULTICAST) != 0;
        if (is_ip(entry) && (entry->ifa_flags & IFF_UP) != 0 && usable && is_loopback == loopback &&
            !is_of_p2p_group(entry->ifa_name)) {
            add_interface(out, entry);
        }
    }
}

static void add_named(struct interfaces *out, const struct ifaddrs *all, const char *name) {
    for (const struct ifaddrs *entry = all; entry != NULL; entry = entry->ifa_next) {
        if (is_ip(entry) && (entry->ifa_flags & IFF_UP) != 0 &&
            strcmp(entry->ifa_name, name) == 0) {
            add_interface(out, entry);
        }
    }
}

bool interfaces_read(const char *name, struct interfaces *out) {
    *out = (struct interfaces){0};
    struct ifaddrs *all = NULL;
    if (getifaddrs(&all) != 0) {
        return false;
    }
    for (const struct ifaddrs *entry = all; entry != NULL; entry = entry->ifa_next) {
        if (is_ip(entry)) {
            add_address(out, entry->ifa_addr);
        }
    }
    if (name != NULL) {
        add_named(out, all, name);
    } else {
        add_usable(out, all, false);
        if (out->count == 0) {
            add_usable(out, all, true);
        }
    }
    freeifaddrs(all);
    read_mtus(out);
    return true;
}

bool interfaces_own_address(const struct interfaces *interfaces, const struct in6_addr *address) {
    for (size_t i = 0; i < interfaces->address_count; i++) {
        if (memcmp(&interfaces->addresses[i], address, sizeof *address) == 0) {
            return true;
        }
    }
    return false;
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

bool interfaces_changed(int descriptor) {
    /* What changed is read afresh with interfaces_read, so the messages themselves are dropped; a
     * queue that overflowed (ENOBUFS) is a change as well. */
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
        changed = true;
    }
    return changed;
}
