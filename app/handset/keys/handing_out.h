/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Handing out a managed group's GMK: to all who lack it, then again and again to those who gave no
 * receipt (management.h).
 */
#ifndef MUSTER_APP_HANDSET_KEYS_HANDING_OUT_H
#define MUSTER_APP_HANDSET_KEYS_HANDING_OUT_H

#include "app/handset/keys/managed.h"

enum {
    MANAGEMENT_AT_ONCE = 8,  /* deliveries built in one tick: a few milliseconds, */
    MANAGEMENT_PACE_MS = 10, /* and from one such tick to the next: what links and voice bear */
    MANAGEMENT_NEARBY_MS = 60 * 1000, /* between two deliveries to one member who is nearby */
    MANAGEMENT_LOOK_MS = 5 * 1000,    /* how often it is looked for such members */
    MANAGEMENT_ROUND_AT_ONCE = 4,     /* deliveries of a round in one go, */
    MANAGEMENT_ROUND_STEP_MS = 1000,  /* and from one to the next */
};

/* Hands out what is due. Nothing is due under radio silence, and nothing of a broken group. */
void handing_out_tick(struct management *management, struct moment now, struct managed *managed);

/* Is the list of the revoked that this handset holds to be put into the group's own mailbox, for
 * those whom a broker alone joins? handing_out_tick does. */
bool handing_out_has_list(const struct management *management, const struct managed *managed);

/* The broker is there again, perhaps without what it kept: whoever gave no receipt gets the key at
 * once, and the list is put again. */
void handing_out_again(struct managed *managed, struct moment now);

/* The boot_ms at which handing_out_tick has something to do besides. */
int64_t handing_out_deadline(const struct managed *managed);

#endif
