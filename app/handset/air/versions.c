/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/versions.h"

#include <stdio.h>

static bool is_there(const struct other_version *other, struct moment now) {
    return other->version != 0 && now.boot_ms - other->heard_ms < VERSIONS_KEPT_MS;
}

static struct other_version *find(struct versions *versions, uint64_t peer, uint8_t version,
                                  struct moment now) {
    for (size_t i = 0; i < VIEW_VERSIONS_MAX; i++) {
        struct other_version *other = &versions->list[i];
        if (is_there(other, now) && other->peer == peer && other->version == version) {
            return other;
        }
    }
    return NULL;
}

static void tell(struct versions *versions, struct moment now, const struct other_version *other) {
    struct event event = {.kind = EVENT_OTHER_VERSION, .condition.number = other->version};
    snprintf(event.link, sizeof event.link, "%s", link_name(versions->links, other->peer));
    desk_tell(versions->desk, now, &event);
}

void versions_hear(struct versions *versions, struct moment now, uint64_t peer,
                   struct span octets) {
    uint8_t version = frame_other_version(octets);
    if (version == 0) {
        return;
    }
    struct other_version *other = find(versions, peer, version, now);
    for (size_t i = 0; i < VIEW_VERSIONS_MAX && other == NULL; i++) {
        if (!is_there(&versions->list[i], now)) {
            other = &versions->list[i];
            *other = (struct other_version){.version = version, .peer = peer};
            tell(versions, now, other);
        }
    }
    if (other != NULL) {
        other->frames++;
        other->heard_ms = now.boot_ms;
    }
}

void versions_show(const struct versions *versions, struct moment now, struct view *view) {
    view->version_count = 0;
    for (size_t i = 0; i < VIEW_VERSIONS_MAX; i++) {
        const struct other_version *other = &versions->list[i];
        if (is_there(other, now)) {
            struct view_version *row = &view->versions[view->version_count++];
            *row = (struct view_version){.version = other->version, .frames = other->frames};
            snprintf(row->link, sizeof row->link, "%s", link_name(versions->links, other->peer));
        }
    }
}
