/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The handset's links, as far as the engine knows them: how many there are, what the officer calls
 * them, which are stars, and which have no radio that is on. A link is told by the upper 8 bits of
 * its peers' numbers; the peers of the only one have none there.
 */
#ifndef MUSTER_APP_HANDSET_AIR_LINK_H
#define MUSTER_APP_HANDSET_AIR_LINK_H

#include "app/handset/air/frame.h"
#include "app/handset/output.h"

enum {
    LINK_SHIFT = 56
};

struct handset_links {
    unsigned count;                        /* 0 counts as 1 */
    unsigned stars;                        /* a bit for each link: link_bit */
    unsigned brokers;                      /* those on which all goes by topics */
    unsigned off;                          /* those that have radios, none of which is on */
    size_t largest[HANDSET_LINKS_MAX + 1]; /* frame that a link takes, by number; 0: FRAME_MAX */
    size_t radio_count;
    struct view_radio radios[VIEW_RADIOS_MAX];         /* as they were shown last */
    char names[HANDSET_LINKS_MAX + 1][VIEW_LINK_SIZE]; /* by number, from 1 up */
};

/* The handset has `count` links from now on; what was said of them before counts no more.
 * STATUS_TOO_LONG: nothing changed. */
MUST_CHECK enum status links_set(struct handset_links *links, unsigned count);

/* Link number `link` (from 1 up) is called `name`, is of that form, and takes frames of up to
 * `largest` octets. STATUS_TOO_LONG: nothing changed. */
MUST_CHECK enum status links_describe(struct handset_links *links, unsigned link, const char *name,
                                      enum link_form form, size_t largest);

/* The longest frame that all links take whose bits are set in `bits`, from FRAME_LINK_MIN to
 * FRAME_MAX octets. */
size_t links_largest(const struct handset_links *links, unsigned bits);

/* How the radios stand. A link that has radios, none of which is on, is off. Returns whether they
 * reach more peers than before. */
bool links_take_radios(struct handset_links *links, const struct view_radio radios[], size_t count);

/* Into the view. */
void links_show(const struct handset_links *links, struct view *view);

/* The number of the link that `peer` is on, from 1 up. */
unsigned link_number(uint64_t peer);

/* The bit of the link that `peer` is on, and those of all links. */
unsigned link_bit(uint64_t peer);
unsigned link_bits(const struct handset_links *links);

/* Do not all on the link that `peer` is on hear each other? */
bool link_is_star(const struct handset_links *links, uint64_t peer);

/* Does all go by topics on the link that `peer` is on? */
bool link_is_broker(const struct handset_links *links, uint64_t peer);

/* Can nothing go out on the link that `peer` is on? */
bool link_is_off(const struct handset_links *links, uint64_t peer);

/* What the officer calls the link that `peer` is on; may be empty. */
const char *link_name(const struct handset_links *links, uint64_t peer);

#endif
