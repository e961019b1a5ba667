/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/heard.h"

#include <sodium.h>
#include <string.h>

static int64_t later_of(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* --- In one life -------------------------------------------------------------------------------
 */

void heard_start(struct heard *heard) {
    memset(heard, 0, sizeof *heard);
    heard->since = (struct heard_since){INT64_MIN, INT64_MIN};
}

/* What is further ahead than the tolerance, group_reserve_talk keeps from being acted on by its
 * date. */
static int64_t dated_ahead(int64_t lead_ms) {
    return lead_ms <= ANNOUNCEMENT_TOLERANCE_MS ? lead_ms : 0;
}

/* Stands for a talker in a group, or for one life of it; never 0, which is a free place. */
static uint64_t number_of(struct span start, const struct announcement_fields *fields) {
    crypto_generichash_state state;
    uint8_t hash[crypto_generichash_BYTES];
    uint64_t number;
    /* These fail only for sizes out of range. */
    (void)crypto_generichash_init(&state, NULL, 0, sizeof hash);
    (void)crypto_generichash_update(&state, start.octets, start.length);
    (void)crypto_generichash_update(&state, (const uint8_t *)fields->group,
                                    strlen(fields->group) + 1);
    (void)crypto_generichash_update(&state, (const uint8_t *)fields->talker,
                                    strlen(fields->talker));
    (void)crypto_generichash_final(&state, hash, sizeof hash);
    memcpy(&number, hash, sizeof number);
    return number | 1;
}

struct heard_announcement heard_announcement_of(const struct announcement_fields *fields,
                                                struct span covered, const int64_t *ago_max_ms,
                                                int64_t lead_ms, struct moment now) {
    struct heard_announcement announcement = {.age_ms = fields->proof.age_ms,
                                              .is_measured = ago_max_ms != NULL,
                                              .dated_ms = now.boot_ms + dated_ahead(lead_ms)};
    announcement.made_ms = ago_max_ms != NULL ? now.boot_ms - *ago_max_ms : announcement.dated_ms;
    announcement.who = number_of((struct span){NULL, 0}, fields);
    announcement.talker = number_of(SPAN_OF(fields->proof.start), fields);
    (void)crypto_generichash(announcement.hash, sizeof announcement.hash, covered.octets,
                             covered.length, NULL, 0);
    return announcement;
}

static const struct heard_talker *find(const struct heard *heard, uint64_t talker) {
    for (size_t i = 0; i < HEARD_TALKERS_MAX; i++) {
        if (heard->talkers[i].talker == talker) {
            return &heard->talkers[i];
        }
    }
    return NULL;
}

static struct heard_since later_since(struct heard_since a, struct heard_since b) {
    return (struct heard_since){later_of(a.made_ms, b.made_ms), later_of(a.dated_ms, b.dated_ms)};
}

/* What made way for a talker that has no place for this life. */
static struct heard_since since_of(const struct heard *heard, uint64_t who) {
    struct heard_since since = heard->since;
    for (size_t i = 0; i < HEARD_TALKERS_MAX; i++) {
        if (heard->talkers[i].talker != 0 && heard->talkers[i].who == who) {
            since = later_since(since, heard->talkers[i].since);
        }
    }
    return since;
}

bool heard_has(const struct heard *heard, const struct heard_announcement *announcement) {
    const struct heard_talker *talker = find(heard, announcement->talker);
    const struct heard_since since =
        talker == NULL ? since_of(heard, announcement->who) : talker->since;
    if (announcement->is_measured ? announcement->made_ms <= since.made_ms
                                  : announcement->dated_ms <= since.dated_ms) {
        return true;
    }
    if (talker != NULL && announcement->age_ms <= talker->since_age_ms) {
        return true;
    }
    for (size_t i = 0; talker != NULL && i < talker->count; i++) {
        if (memcmp(talker->list[i].hash, announcement->hash, HEARD_HASH_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

/* Until when what was acted on of that talker would be accepted again. */
static int64_t matters_until(const struct heard_talker *talker) {
    return later_of(talker->latest.made_ms, talker->latest.dated_ms) + HEARD_KEPT_MS;
}

/* Does `other` make way rather than `place`? */
static bool goes_first(const struct heard_talker *other, const struct heard_talker *place) {
    return place->talker != 0 &&
           (other->talker == 0 || matters_until(other) < matters_until(place));
}

/* A free place, or that of who announced longest ago: among this talker's own lives when it has
 * HEARD_LIVES_MAX. */
static struct heard_talker *
place_for(struct heard *heard, const struct heard_announcement *announcement, struct moment now) {
    struct heard_talker *place = &heard->talkers[0], *own = NULL;
    size_t lives = 0;
    for (size_t i = 0; i < HEARD_TALKERS_MAX; i++) {
        struct heard_talker *other = &heard->talkers[i];
        if (other->talker == announcement->talker) {
            return other;
        }
        if (other->talker != 0 && other->who == announcement->who) {
            lives++;
            own = own == NULL || goes_first(other, own) ? other : own;
        }
        place = goes_first(other, place) ? other : place;
    }
    struct heard_since since = since_of(heard, announcement->who);
    place = lives >= HEARD_LIVES_MAX ? own : place;
    if (place->talker != 0 && matters_until(place) > now.boot_ms) {
        if (lives >= HEARD_LIVES_MAX) {
            since = later_since(since, place->latest);
        } else {
            heard->since = later_since(heard->since, later_since(place->latest, place->since));
            since = later_since(since, heard->since);
        }
    }
    *place = (struct heard_talker){.who = announcement->who,
                                   .talker = announcement->talker,
                                   .since = since,
                                   .latest = {INT64_MIN, INT64_MIN},
                                   .since_age_ms = -1};
    return place;
}

void heard_add(struct heard *heard, const struct heard_announcement *announcement,
               struct moment now) {
    struct heard_talker *talker = place_for(heard, announcement, now);
    size_t at = talker->count;
    if (talker->count == HEARD_EACH_MAX) {
        at = 0;
        for (size_t i = 1; i < talker->count; i++) {
            at = talker->list[i].age_ms < talker->list[at].age_ms ? i : at;
        }
        talker->since_age_ms = later_of(talker->since_age_ms, talker->list[at].age_ms);
    } else {
        talker->count++;
    }
    memcpy(talker->list[at].hash, announcement->hash, HEARD_HASH_SIZE);
    talker->list[at].age_ms = announcement->age_ms;
    talker->latest = later_since(
        talker->latest,
        (struct heard_since){later_of(now.boot_ms, announcement->made_ms), announcement->dated_ms});
}

/* --- Across a restart --------------------------------------------------------------------------
 */

void heard_time_start(struct heard_time *time, const struct group_clock *clock, struct moment now) {
    int64_t group_ms = group_clock_read(clock, now), until_ms = group_ms;
    bool has_booted = clock->at.boot_id != now.boot_id;
    int64_t lead_ms = time->lead_ms;
    if (has_booted) {
        until_ms = later_of(until_ms, clock->group_ms + HEARD_RESERVE_MS);
    }
    int64_t kept_ms = lead_ms <= HEARD_LEAD_KEPT_MS ? lead_ms : 0;
    until_ms += later_of(lead_ms, HEARD_LEAD_MS);
    *time = (struct heard_time){.floor_ms = later_of(time->floor_ms, until_ms),
                                .lead_ms = kept_ms,
                                .used_ms = now.boot_ms,
                                .settled_lead_ms = kept_ms,
                                .ahead_ms = has_booted ? group_ms - clock->group_ms : 0,
                                .batch = has_booted,
                                .asked_ms = now.boot_ms};
}

void heard_time_moved(struct heard_time *time, int64_t by_ms, uint64_t batch, uint64_t durable,
                      struct moment now) {
    time->ahead_ms = by_ms + (durable >= time->batch ? 0 : time->ahead_ms);
    time->batch = batch;
    time->asked_ms = now.boot_ms;
}

void heard_time_lead_by(struct heard_time *time, int64_t lead_ms, uint64_t batch, uint64_t durable,
                        struct moment now) {
    time->settled_lead_ms = durable >= time->batch ? time->lead_ms : time->settled_lead_ms;
    time->lead_ms = lead_ms + HEARD_LEAD_MS;
    time->used_ms = now.boot_ms;
    heard_time_moved(time, 0, batch, durable, now);
}

bool heard_time_allows(const struct heard_time *time, int64_t lead_ms, uint64_t durable,
                       struct moment now) {
    bool is_settled = durable >= time->batch || now.boot_ms - time->asked_ms >= HEARD_PATIENCE_MS;
    return is_settled ? lead_ms <= later_of(time->lead_ms, HEARD_LEAD_MS)
                      : lead_ms + time->ahead_ms <= later_of(time->settled_lead_ms, HEARD_LEAD_MS);
}

void heard_time_use(struct heard_time *time, int64_t lead_ms, struct moment now) {
    if (lead_ms > HEARD_LEAD_MS) {
        time->used_ms = now.boot_ms;
    }
}

void heard_time_settle(struct heard_time *time, struct moment now) {
    if (now.boot_ms - time->used_ms > ANNOUNCEMENT_TOLERANCE_MS) {
        time->lead_ms = time->settled_lead_ms = 0;
    }
}
