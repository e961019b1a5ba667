/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/link_facts.h"

#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    ANSWER_SIZE = 32768, /* the kernel's own limit for one part of a list */
    ANSWER_MS = 500      /* it answers at once; this ends the wait should it not */
};

struct facts_list {
    size_t count, room;
    struct link_facts *list;
};

/* Attributes one after the other: takes the next; false at the end. */
struct attributes {
    const uint8_t *octets;
    size_t length;
};

static bool next_attribute(struct attributes *rest, unsigned *type, struct attributes *value) {
    struct nlattr header;
    if (rest->length < sizeof header) {
        return false;
    }
    memcpy(&header, rest->octets, sizeof header);
    if (header.nla_len < sizeof header || header.nla_len > rest->length) {
        return false;
    }
    size_t step = ((size_t)header.nla_len + NLA_ALIGNTO - 1) / NLA_ALIGNTO * NLA_ALIGNTO;
    *type = header.nla_type & (unsigned)NLA_TYPE_MASK;
    *value = (struct attributes){rest->octets + sizeof header, header.nla_len - sizeof header};
    step = step < rest->length ? step : rest->length;
    *rest = (struct attributes){rest->octets + step, rest->length - step};
    return true;
}

static void read_kind(struct attributes info, char kind[LINK_KIND_SIZE]) {
    struct attributes value;
    for (unsigned type; next_attribute(&info, &type, &value);) {
        if (type == IFLA_INFO_KIND) {
            size_t length = value.length < LINK_KIND_SIZE ? value.length : LINK_KIND_SIZE - 1;
            memcpy(kind, value.octets, length);
        }
    }
}

static struct link_facts facts_from(const struct ifinfomsg *info, struct attributes attributes) {
    struct link_facts facts = {.index = (unsigned)info->ifi_index};
    struct attributes value;
    for (unsigned type; next_attribute(&attributes, &type, &value);) {
        if (type == IFLA_MASTER && value.length == sizeof facts.master) {
            memcpy(&facts.master, value.octets, sizeof facts.master);
        } else if (type == IFLA_LINKINFO) {
            read_kind(value, facts.kind);
        }
    }
    return facts;
}

static bool add(struct facts_list *facts, struct link_facts one) {
    if (facts->count == facts->room) {
        size_t room = facts->room == 0 ? 32 : 2 * facts->room;
        struct link_facts *list = realloc(facts->list, room * sizeof *list);
        if (list == NULL) {
            return false;
        }
        facts->list = list;
        facts->room = room;
    }
    facts->list[facts->count++] = one;
    return true;
}

/* One part of the list; false when it was the last, or makes no sense. */
static bool take_part(struct facts_list *facts, const uint8_t *octets, size_t length) {
    while (length >= sizeof(struct nlmsghdr)) {
        struct nlmsghdr header;
        struct ifinfomsg info;
        memcpy(&header, octets, sizeof header);
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > length ||
            header.nlmsg_type != RTM_NEWLINK || header.nlmsg_len < NLMSG_LENGTH(sizeof info)) {
            return false;
        }
        memcpy(&info, octets + NLMSG_HDRLEN, sizeof info);
        const struct attributes attributes = {octets + NLMSG_SPACE(sizeof info),
                                              header.nlmsg_len - NLMSG_SPACE(sizeof info)};
        if (!add(facts, facts_from(&info, attributes))) {
            return false;
        }
        size_t step = NLMSG_ALIGN((size_t)header.nlmsg_len);
        step = step < length ? step : length;
        octets += step;
        length -= step;
    }
    return true;
}

static bool ask(int descriptor) {
    struct {
        struct nlmsghdr header;
        struct ifinfomsg info;
    } question = {.header = {.nlmsg_len = sizeof question,
                             .nlmsg_type = RTM_GETLINK,
                             .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP}};
    const struct timeval patience = {.tv_usec = ANSWER_MS * 1000};
    return setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
           send(descriptor, &question, sizeof question, 0) == (ssize_t)sizeof question;
}

size_t link_facts_read(struct link_facts **out) {
    struct facts_list facts = {0};
    uint8_t *answer = malloc(ANSWER_SIZE);
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (answer != NULL && descriptor >= 0 && ask(descriptor)) {
        ssize_t length;
        do {
            length = recv(descriptor, answer, ANSWER_SIZE, 0);
        } while (length > 0 && take_part(&facts, answer, (size_t)length));
    }
    if (descriptor >= 0) {
        close(descriptor);
    }
    free(answer);
    *out = facts.list;
    return facts.count;
}

const struct link_facts *link_facts_of(const struct link_facts list[], size_t count,
                                       unsigned index) {
    for (size_t i = 0; i < count; i++) {
        if (list[i].index == index) {
            return &list[i];
        }
    }
    return NULL;
}
