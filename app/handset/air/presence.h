/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Presence: saying now and then that this handset is here, and hearing who else is (app/README.md
 * section 4, kind 1; roster.h has the message and who is known).
 */
#ifndef MUSTER_APP_HANDSET_AIR_PRESENCE_H
#define MUSTER_APP_HANDSET_AIR_PRESENCE_H

#include "app/handset/air/air.h"
#include "app/handset/air/limits.h"

struct presences {
    struct air *air;
    struct roster *roster;
    struct limits *limits;
    struct seen acted_on;    /* without their signatures: those have two forms */
    struct seen told_ended;  /* identities whose keys are those of an ended month, and which */
    int64_t due_ms, said_ms; /* boot clock */
    bool has_other;          /* the officer was told that another handset has the own identity */
};

/* The payload of a FRAME_PRESENCE arrived. */
void presence_hear(struct presences *presences, struct moment now,
                   const struct presence_arrival *arrival, struct span payload);

/* Says the own presence at the next tick; or soon after the last one, since somebody new is in
 * reach. */
void presence_hurry(struct presences *presences, struct moment now);
void presence_say_soon(struct presences *presences);

/* Says it when it is due; not under radio silence. */
void presence_tick(struct presences *presences, struct moment now);

/* The boot_ms at which presence_tick has something to do. */
int64_t presence_deadline(const struct presences *presences);

#endif
