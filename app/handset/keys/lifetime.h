/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long keys live: GMKs go when their period of use is over, and an identity's keys when their
 * month is, of which the officer hears in time; each group's latest time is made durable now and
 * then, so that it never runs backwards.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_LIFETIME_H
#define MUSTER_APP_HANDSET_KEYS_LIFETIME_H

#include "app/handset/keys/ending.h"
#include "app/handset/keys/groups.h"

enum {
    LIFETIME_SOON_MS = 7 * 24 * 60 * 60 * 1000, /* so long before the keys end the officer hears */
    LIFETIME_ENDS_MS = 10 * 60 * 1000,          /* and so long before a group's key ends, */
    LIFETIME_LAST_MS = 60 * 1000, /* and once more; of none that is not twice as long */
    LIFETIME_AGAIN_MS = 5 * 1000  /* what could not be saved is tried again after so long */
};

struct lifetime {
    struct desk *desk;
    struct groups *groups;
    int64_t save_due_ms;      /* boot clock */
    struct ending ending;     /* of months of the own keys */
    enum event_kind told;     /* of the months of the own keys; EVENT_NONE: nothing yet */
    int64_t told_of_ms;       /* the end that it was told of */
    int64_t told_in_month_ms; /* the month in which it was told */
};

/* The handset starts, perhaps after a restart: each group's time goes on from now. */
void lifetime_start(struct lifetime *lifetime, struct moment now);

/* Drops what is over, takes up GMKs whose time has come, and makes durable what changed. */
void lifetime_tick(struct lifetime *lifetime, struct moment now);

/* The boot_ms at which lifetime_tick has something to do. */
int64_t lifetime_deadline(const struct lifetime *lifetime);

#endif
