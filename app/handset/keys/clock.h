/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A group's time (app/README.md section 3): its creator's clock, kept by each member. It
 * follows the boot clock, so that setting the wall clock changes nothing; across a reboot it goes
 * on from the wall clock, but never from before the latest time it has seen. Where the wall clock
 * stood still meanwhile, neighbours move it forward (time_proof.h).
 */
#ifndef MUSTER_APP_HANDSET_KEYS_CLOCK_H
#define MUSTER_APP_HANDSET_KEYS_CLOCK_H

#include "app/moment.h"
#include "crypto/bytes.h"

enum {
    ANNOUNCEMENT_TOLERANCE_MS = 2 * 60 * 1000, /* an announcement's age or lead in group time */
    GROUP_SAVE_MS = 60 * 1000,                 /* how often the latest group time is made durable */
};

/* A wall clock that is further behind group time has lost the time, and one that is not half as far
 * has been set. No less: a creator's clock may be days ahead, and the right ones of the members
 * tell how long they were off. */
#define GROUP_CLOCK_LOST_MS (INT64_C(180) * 24 * 60 * 60 * 1000)
#define GROUP_CLOCK_SET_MS  (GROUP_CLOCK_LOST_MS / 2)

/* One group's time, anchored at the latest moment it was looked at. */
struct group_clock {
    int64_t group_ms; /* group time at the anchor, milliseconds since 1970 */
    struct moment at; /* this handset's clocks at the anchor */
};

/* A clock that shows `group_ms` now. */
struct group_clock group_clock_start(int64_t group_ms, struct moment now);

/* Group time now. Within one boot it advances with the boot clock alone; after a reboot by the
 * wall clock's difference, if that is forward. Never earlier than the anchor. A wall clock that had
 * lost the time (GROUP_CLOCK_LOST_MS behind, as one that began in 1970) and has been set since
 * does not make group time jump by as much: it goes to what the wall clock says. */
int64_t group_clock_read(const struct group_clock *clock, struct moment now);

/* Moves the anchor to now. What is saved after this never runs back behind it. */
void group_clock_move(struct group_clock *clock, struct moment now);

/* Codec of a clock in a record. */
void group_clock_write(struct writer *out, const struct group_clock *clock);
void group_clock_restore(struct reader *in, struct group_clock *clock);

#endif
