/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Moments, and a group's time (DESIGN.md section 3): its creator's clock, kept by each member. It
 * follows the boot clock, so that setting the wall clock changes nothing; across a reboot it goes
 * on from the wall clock, but never from before the latest time it has seen.
 */
#ifndef MUSTER_APP_HANDSET_CLOCK_H
#define MUSTER_APP_HANDSET_CLOCK_H

#include "crypto/bytes.h"

enum {
    CLOCK_TOLERANCE_MS = 5 * 60 * 1000,        /* a clock that differs by more is shown */
    ANNOUNCEMENT_TOLERANCE_MS = 2 * 60 * 1000, /* an announcement's age or lead in group time */
    CLOCK_SAVE_MS = 60 * 1000,                 /* how often the latest group time is made durable */
};

/* A moment by three clocks. */
struct moment {
    int64_t utc_ms;   /* the wall clock: may be wrong, may be set back */
    int64_t boot_ms;  /* since boot, suspend included: never goes back within one boot */
    uint64_t boot_id; /* which boot: boot_ms of different boots do not compare */
};

/* One group's time, anchored at the latest moment it was looked at. */
struct group_clock {
    int64_t group_ms; /* group time at the anchor, milliseconds since 1970 */
    struct moment at; /* this handset's clocks at the anchor */
};

/* A clock that shows `group_ms` now. */
struct group_clock group_clock_start(int64_t group_ms, struct moment now);

/* Group time now. Within one boot it advances with the boot clock alone; after a reboot by the
 * wall clock's difference, if that is forward. Never earlier than the anchor. */
int64_t group_clock_read(const struct group_clock *clock, struct moment now);

/* Moves the anchor to now. What is saved after this never runs back behind it. */
void group_clock_move(struct group_clock *clock, struct moment now);

/* Codec of a clock in a record. */
void group_clock_write(struct writer *out, const struct group_clock *clock);
void group_clock_restore(struct reader *in, struct group_clock *clock);

#endif
