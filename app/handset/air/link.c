/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/link.h"

#include <stdio.h>
#include <string.h>

unsigned link_number(uint64_t peer) {
    unsigned number = (unsigned)(peer >> LINK_SHIFT);
    return number == 0 ? 1 : number;
}

unsigned link_bit(uint64_t peer) {
    return 1u << (link_number(peer) & 31);
}

unsigned link_bits(const struct handset_links *links) {
    unsigned count = links->count == 0 ? 1 : links->count;
    return ((1u << count) - 1) << 1;
}

bool link_is_star(const struct handset_links *links, uint64_t peer) {
    return (links->stars & link_bit(peer)) != 0;
}

bool link_is_broker(const struct handset_links *links, uint64_t peer) {
    return (links->brokers & link_bit(peer)) != 0;
}

bool link_is_off(const struct handset_links *links, uint64_t peer) {
    return (links->off & link_bit(peer)) != 0;
}

const char *link_name(const struct handset_links *links, uint64_t peer) {
    unsigned number = link_number(peer);
    return number <= HANDSET_LINKS_MAX ? links->names[number] : "";
}

/* --- What is told of them ------------------------------------------------------------------- */

enum status links_set(struct handset_links *links, unsigned count) {
    if (count > HANDSET_LINKS_MAX) {
        return STATUS_TOO_LONG;
    }
    *links = (struct handset_links){.count = count};
    return STATUS_OK;
}

enum status links_describe(struct handset_links *links, unsigned link, const char *name,
                           enum link_form form, size_t largest) {
    if (link < 1 || link > HANDSET_LINKS_MAX) {
        return STATUS_TOO_LONG;
    }
    links->stars = (links->stars & ~(1u << link)) | (form == LINK_STAR ? 1u << link : 0);
    links->brokers = (links->brokers & ~(1u << link)) | (form == LINK_BROKER ? 1u << link : 0);
    links->largest[link] = largest;
    snprintf(links->names[link], sizeof links->names[link], "%s", name);
    return STATUS_OK;
}

size_t links_largest(const struct handset_links *links, unsigned bits) {
    size_t largest = FRAME_MAX;
    for (unsigned number = 1; number <= HANDSET_LINKS_MAX; number++) {
        size_t own = links->largest[number];
        if ((bits & 1u << number) != 0 && own > 0 && own < largest) {
            largest = own;
        }
    }
    return largest < FRAME_LINK_MIN ? FRAME_LINK_MIN : largest;
}

/* A link is off when it shows radios, and none is on or about to be. */
static unsigned links_off(const struct handset_links *links) {
    unsigned shown = 0, on = 0;
    for (size_t i = 0; i < links->radio_count; i++) {
        unsigned number = 1;
        while (number <= HANDSET_LINKS_MAX &&
               strcmp(links->names[number], links->radios[i].link) != 0) {
            number++;
        }
        if (number > HANDSET_LINKS_MAX) {
            continue;
        }
        shown |= 1u << number;
        on |= links->radios[i].state == RADIO_VIEW_ON ? 1u << number : 0;
    }
    return shown & ~on;
}

static unsigned peers_of(const struct handset_links *links) {
    unsigned peers = 0;
    for (size_t i = 0; i < links->radio_count; i++) {
        peers += links->radios[i].peers;
    }
    return peers;
}

bool links_take_radios(struct handset_links *links, const struct view_radio radios[],
                       size_t count) {
    unsigned peers_before = peers_of(links);
    links->radio_count = count < VIEW_RADIOS_MAX ? count : VIEW_RADIOS_MAX;
    if (links->radio_count > 0) {
        memcpy(links->radios, radios, links->radio_count * sizeof radios[0]);
    }
    links->off = links_off(links);
    return peers_of(links) > peers_before;
}

void links_show(const struct handset_links *links, struct view *view) {
    view->radio_count = links->radio_count;
    memcpy(view->radios, links->radios, sizeof view->radios);
}
