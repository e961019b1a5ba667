/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Members that fell silent: of a group whose key is held here, in reach until now, and not heard
 * any more. The officer is told of each once, and not again for ABSENCES_AGAIN_MS, so that nobody
 * at the edge of reach fills the log. Nothing is told of who was never in reach, or is in no group
 * any more; nor when this handset itself says and hears nothing.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_ABSENCES_H
#define MUSTER_APP_HANDSET_KEYS_ABSENCES_H

#include "app/handset/keys/groups.h"

enum {
    ABSENCES_MAX = 64,           /* members that are watched */
    ABSENCES_LOOK_MS = 5 * 1000, /* so often */
    ABSENCES_AT_ONCE = 4,        /* in one look; more are told in the next one */
    ABSENCES_AGAIN_MS = 10 * 60 * 1000,
};

/* A member that is in reach, or was. */
struct absence {
    char identity[IDENTITY_SIZE]; /* empty: a free place */
    char group[GROUP_IDENTITY_SIZE];
    bool is_here;
    bool is_listed; /* as of this look */
    bool was_told;
    int64_t told_ms; /* boot clock: when, if it was */
};

struct absences {
    struct desk *desk;
    const struct groups *groups;
    const struct roster *roster;
    int64_t due_ms; /* boot clock: of the next look */
    struct absence list[ABSENCES_MAX];
};

/* Looks, when it is time, who is in reach and who no longer is. */
void absences_tick(struct absences *absences, struct moment now);

/* The handset slept, or comes back from airplane mode: who is in reach now is all that counts. */
void absences_forget(struct absences *absences);

/* The boot_ms at which absences_tick has something to do. */
int64_t absences_deadline(const struct absences *absences);

#endif
