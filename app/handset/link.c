/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/link.h"

#include <stdio.h>
#include <string.h>

#include "app/handset/handset.h"

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

bool link_is_off(const struct handset_links *links, uint64_t peer) {
    return (links->off & link_bit(peer)) != 0;
}

const char *link_name(const struct handset_links *links, uint64_t peer) {
    unsigned number = link_number(peer);
    return number <= HANDSET_LINKS_MAX ? links->names[number] : "";
}

/* --- What the engine is told ---------------------------------------------------------------- */

enum status handset_set_links(struct handset *handset, unsigned count) {
    if (count > HANDSET_LINKS_MAX) {
        return STATUS_TOO_LONG;
    }
    struct handset_links links = {.count = count};
    enum status status = relay_provide(handset, &links);
    if (status == STATUS_OK) {
        handset->links = links;
    }
    return status;
}

enum status handset_describe_link(struct handset *handset, unsigned link, const char *name,
                                  bool is_star) {
    struct handset_links links = handset->links;
    if (link < 1 || link > HANDSET_LINKS_MAX) {
        return STATUS_TOO_LONG;
    }
    links.stars = (links.stars & ~(1u << link)) | (is_star ? 1u << link : 0);
    snprintf(links.names[link], sizeof links.names[link], "%s", name);
    enum status status = relay_provide(handset, &links);
    if (status == STATUS_OK) {
        handset->links = links;
    }
    return status;
}

/* A link is off when it shows radios, and none is on or about to be. */
static unsigned links_off(const struct handset_links *links, const struct view_radio radios[],
                          size_t count) {
    unsigned shown = 0, on = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned number = 1;
        while (number <= HANDSET_LINKS_MAX && strcmp(links->names[number], radios[i].link) != 0) {
            number++;
        }
        if (number > HANDSET_LINKS_MAX) {
            continue;
        }
        shown |= 1u << number;
        on |= radios[i].state == RADIO_VIEW_ON ? 1u << number : 0;
    }
    return shown & ~on;
}

static unsigned peers_of(const struct view *view) {
    unsigned peers = 0;
    for (size_t i = 0; i < view->radio_count; i++) {
        peers += view->radios[i].peers;
    }
    return peers;
}

void handset_show_radios(struct handset *handset, const struct view_radio radios[], size_t count) {
    struct view *view = handset->view;
    unsigned peers_before = peers_of(view);
    view->radio_count = count < VIEW_RADIOS_MAX ? count : VIEW_RADIOS_MAX;
    if (view->radio_count > 0) {
        memcpy(view->radios, radios, view->radio_count * sizeof radios[0]);
    }
    handset->links.off = links_off(&handset->links, view->radios, view->radio_count);
    int64_t soon_ms = handset->presence_said_ms + PRESENCE_SOON_MS;
    if (peers_of(view) > peers_before && soon_ms < handset->presence_due_ms) {
        handset->presence_due_ms = soon_ms;
    }
}
