/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Handsets of another version: their frames are not understood, and neither side hears the other.
 * They are counted, and the officer is told once of each source; anybody can make such frames, so
 * that only so many sources are told of.
 */
#ifndef MUSTER_APP_HANDSET_AIR_VERSIONS_H
#define MUSTER_APP_HANDSET_AIR_VERSIONS_H

#include "app/handset/air/link.h"
#include "app/handset/desk/desk.h"

enum {
    VERSIONS_KEPT_MS = 10 * 60 * 1000, /* a source is told of again when it was gone for so long */
};

struct other_version {
    uint8_t version; /* 0: a free place */
    uint64_t peer;
    uint64_t frames;
    int64_t heard_ms; /* boot clock */
};

struct versions {
    struct desk *desk;
    const struct handset_links *links;
    struct other_version list[VIEW_VERSIONS_MAX];
};

/* `octets`, which frame_read refused, came from `peer`: a frame of another version, perhaps. */
void versions_hear(struct versions *versions, struct moment now, uint64_t peer, struct span octets);

/* Which were heard in the last VERSIONS_KEPT_MS, into the view. */
void versions_show(const struct versions *versions, struct moment now, struct view *view);

#endif
