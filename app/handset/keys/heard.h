/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which announcements were acted on, so that each is acted on once (app/README.md section 5, 6),
 * also by a handset that was killed at any point, and although nothing of it is made durable before
 * it is heard.
 *
 * In one life: by the hash of what the signature covers, for as long as its time would be accepted.
 * Bounded: of one life of a talker (air/life.h) in one group the HEARD_EACH_MAX latest, of
 * HEARD_TALKERS_MAX of these. What makes way takes everything older with it: of that life by its
 * own clock; of all who have no place by this handset's, or by group time for who was not measured.
 *
 * Across a restart: by group time, which does not run back. Announcements of no more than a lead
 * ahead of group time are acted on, and the lead is durable before; so after a restart nothing
 * announced until the group time of the start, and that lead, is acted on. A lead up to
 * HEARD_LEAD_MS need not be durable, and a larger one is given up when nobody needs it. Across a
 * reboot with a clock that was set back, group time goes on from the minute's last save: nothing is
 * acted on that was announced up to HEARD_RESERVE_MS after that.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_HEARD_H
#define MUSTER_APP_HANDSET_KEYS_HEARD_H

#include "app/handset/keys/clock.h"
#include "crypto/announcement.h"

enum {
    HEARD_TALKERS_MAX = 64,
    HEARD_EACH_MAX = 16,
    HEARD_LIVES_MAX = 4, /* of one talker in one group */
    HEARD_HASH_SIZE = 16,
    HEARD_KEPT_MS = ANNOUNCEMENT_TOLERANCE_MS + 60 * 1000, /* group time may be found to lag */
    HEARD_LEAD_MS = 1000,
    HEARD_LEAD_KEPT_MS = 10 * 1000, /* a larger one is learned anew after a restart */
    HEARD_RESERVE_MS = GROUP_SAVE_MS + 15 * 1000,
    HEARD_PATIENCE_MS = 5 * 1000, /* a disk that takes longer makes nobody deaf */
};

/* One announcement that proved to be genuine. */
struct heard_announcement {
    uint64_t who;    /* stands for talker and group, */
    uint64_t talker; /* and with its life */
    uint8_t hash[HEARD_HASH_SIZE];
    int64_t age_ms; /* of that life */
    bool is_measured;
    int64_t made_ms;  /* by this handset's boot clock: not before, as measured; */
    int64_t dated_ms; /* when by its group time */
};

/* What made way: nothing made until then is acted on, by boot clock. */
struct heard_since {
    int64_t made_ms;  /* of who was measured */
    int64_t dated_ms; /* of who was not */
};

struct heard_talker {
    uint64_t who, talker; /* 0: a free place */
    struct heard_since since, latest;
    int64_t since_age_ms; /* nothing of its life until that age is acted on */
    size_t count;
    struct {
        uint8_t hash[HEARD_HASH_SIZE];
        int64_t age_ms;
    } list[HEARD_EACH_MAX];
};

struct heard {
    struct heard_since since; /* for those who have no place */
    struct heard_talker talkers[HEARD_TALKERS_MAX];
};

/* Nothing was acted on yet. */
void heard_start(struct heard *heard);

/* An announcement with `fields`, of which the signature covers `covered`. `ago_max_ms` is how long
 * ago it was made at most where that was measured, else NULL; `lead_ms` how far it is ahead of
 * group time. */
struct heard_announcement heard_announcement_of(const struct announcement_fields *fields,
                                                struct span covered, const int64_t *ago_max_ms,
                                                int64_t lead_ms, struct moment now);

/* Was it acted on, or may it have been? */
bool heard_has(const struct heard *heard, const struct heard_announcement *announcement);

/* It is acted on now. */
void heard_add(struct heard *heard, const struct heard_announcement *announcement,
               struct moment now);

/* What one group's time has to do with it. */
struct heard_time {
    int64_t floor_ms;        /* group time; nothing announced until then is acted on */
    int64_t lead_ms;         /* so far ahead of group time announcements are acted on */
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

/* From batch number `batch` on, announcements are acted on that are `lead_ms` ahead, and a little
 * more. */
void heard_time_lead_by(struct heard_time *time, int64_t lead_ms, uint64_t batch, uint64_t durable,
                        struct moment now);

/* May an announcement be acted on that is `lead_ms` ahead of group time (or -lead_ms behind)? */
bool heard_time_allows(const struct heard_time *time, int64_t lead_ms, uint64_t durable,
                       struct moment now);

/* An announcement that is `lead_ms` ahead is acted on. */
void heard_time_use(struct heard_time *time, int64_t lead_ms, struct moment now);

/* Before the group's record is saved: a lead that nobody has needed for ANNOUNCEMENT_TOLERANCE_MS
 * is given up, since group time has passed all that was announced with it. */
void heard_time_settle(struct heard_time *time, struct moment now);

#endif
