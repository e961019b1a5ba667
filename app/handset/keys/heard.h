/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was played of talkers, so that each packet is played once (app/README.md section 5, 6), also
 * by a handset that was killed at any point, and although nothing of it is made durable before it
 * is heard.
 *
 * In one life: a session's own window tells its packets apart. Of a session that is over, the time
 * up to which its talker was played is kept, by that talker's age (air/life.h), for as long as its
 * packets would be taken again. Bounded: HEARD_TALKERS_MAX lives of talkers in groups. What makes
 * way takes everything older with it, of all who have no place: by this handset's boot clock, or by
 * group time for who was not measured.
 *
 * Across a restart: by group time, which does not run back. Packets of no more than a lead ahead of
 * group time are played, and the lead is durable before; so after a restart nothing is played by
 * its date that was said until the group time of the start, and that lead. A lead up to
 * HEARD_LEAD_MS need not be durable, and a larger one is given up when nobody needs it. Across a
 * reboot with a clock that was set back, group time goes on from the minute's last save: nothing is
 * played that was said up to HEARD_RESERVE_MS after that.
 *
 * While a handset is locked and hears (ear.h), nothing is saved, neither time nor a lead: after a
 * kill then, it is as at the lock (app/README.md, Attempts, locking, zeroising).
 */
#ifndef MUSTER_APP_HANDSET_KEYS_HEARD_H
#define MUSTER_APP_HANDSET_KEYS_HEARD_H

#include "app/handset/keys/clock.h"
#include "crypto/announcement.h"

enum {
    HEARD_TALKERS_MAX = 64,
    HEARD_LIVES_MAX = 4,                                   /* of one talker in one group */
    HEARD_KEPT_MS = ANNOUNCEMENT_TOLERANCE_MS + 60 * 1000, /* group time may be found to lag */
    HEARD_LEAD_MS = 1000,
    HEARD_LEAD_KEPT_MS = 10 * 1000, /* a larger one is learned anew after a restart */
    HEARD_RESERVE_MS = GROUP_SAVE_MS + 15 * 1000,
    HEARD_PATIENCE_MS = 5 * 1000, /* a disk that takes longer makes nobody deaf */
};

/* A talker in a group, and one life of it. */
struct heard_who {
    uint64_t talker, life; /* never 0 */
};

/* Nothing of that life until then is played: by its own age, and by when it was said. */
struct heard_until {
    int64_t age_ms;
    int64_t said_ms;  /* by this handset's boot clock, for who was measured; */
    int64_t dated_ms; /* by when that was by group time, for who was not */
};

struct heard_talker {
    struct heard_who who; /* 0: a free place */
    struct heard_until since, latest;
};

struct heard {
    struct heard_until since; /* for those who have no place */
    struct heard_talker talkers[HEARD_TALKERS_MAX];
};

/* Nothing was played yet. */
void heard_start(struct heard *heard);

/* Who announced itself with `fields`. */
struct heard_who heard_who(const struct announcement_fields *fields);

/* Until when nothing of that life is played. */
struct heard_until heard_until(const struct heard *heard, const struct heard_who *who);

/* It was played up to the age `age_ms`, which was at `dated_ms` by group time (boot clock). */
void heard_add(struct heard *heard, const struct heard_who *who, int64_t age_ms, int64_t dated_ms,
               struct moment now);

/* What one group's time has to do with it. */
struct heard_time {
    int64_t floor_ms;        /* group time; nothing said until then is played by its date */
    int64_t lead_ms;         /* so far ahead of group time it may be said */
    int64_t used_ms;         /* boot clock: when one was last that needed the lead */
    int64_t settled_lead_ms; /* as it is durable, while a larger one is on its way to the disk */
    int64_t ahead_ms;        /* so far group time is ahead of the durable one, */
    uint64_t batch;          /* until this batch is durable, and with it lead_ms */
    int64_t asked_ms;        /* boot clock: when that was queued */
};

/* A group was restored from a record with `clock`, `time->floor_ms` and `time->lead_ms`; batch 1
 * will save its time. */
void heard_time_start(struct heard_time *time, const struct group_clock *clock, struct moment now);

/* Group time was moved forward by `by_ms` in batch number `batch`. `durable` is the number of the
 * newest durable batch, here and below. */
void heard_time_moved(struct heard_time *time, int64_t by_ms, uint64_t batch, uint64_t durable,
                      struct moment now);

/* From batch number `batch` on, what is `lead_ms` ahead is played, and a little more. */
void heard_time_lead_by(struct heard_time *time, int64_t lead_ms, uint64_t batch, uint64_t durable,
                        struct moment now);

/* May what is `lead_ms` ahead of group time (or -lead_ms behind) be played? */
bool heard_time_allows(const struct heard_time *time, int64_t lead_ms, uint64_t durable,
                       struct moment now);

/* Takes the lead of `from` over where it is larger, as if it were durable: what is that far ahead
 * has been played already (ear.h). Returns whether it is, and so is to be made durable. */
bool heard_time_take_lead(struct heard_time *time, const struct heard_time *from);

/* What is `lead_ms` ahead is played. */
void heard_time_use(struct heard_time *time, int64_t lead_ms, struct moment now);

/* Before the group's record is saved: a lead that nobody has needed for ANNOUNCEMENT_TOLERANCE_MS
 * is given up, since group time has passed all that was said with it. */
void heard_time_settle(struct heard_time *time, struct moment now);

#endif
