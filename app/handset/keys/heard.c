/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/heard.h"

#include <sodium.h>
#include <string.h>

static int64_t later_of(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* --- In one life -------------------------------------------------------------------------------
 */

static const struct heard_until nothing = {INT64_MIN, INT64_MIN, INT64_MIN};

void heard_start(struct heard *heard) {
    memset(heard, 0, sizeof *heard);
    heard->since = nothing;
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

struct heard_who heard_who(const struct announcement_fields *fields) {
    return (struct heard_who){.talker = number_of((struct span){NULL, 0}, fields),
                              .life = number_of(SPAN_OF(fields->proof.start), fields)};
}

static const struct heard_talker *find(const struct heard *heard, uint64_t life) {
    for (size_t i = 0; i < HEARD_TALKERS_MAX; i++) {
        if (heard->talkers[i].who.life == life) {
            return &heard->talkers[i];
        }
    }
    return NULL;
}

static struct heard_until later_until(struct heard_until a, struct heard_until b) {
    return (struct heard_until){.age_ms = later_of(a.age_ms, b.age_ms),
                                .said_ms = later_of(a.said_ms, b.said_ms),
                                .dated_ms = later_of(a.dated_ms, b.dated_ms)};
}

/* One life's age says nothing of another's. */
static struct heard_until of_any_life(struct heard_until until) {
    until.age_ms = INT64_MIN;
    return until;
}

/* What made way for a talker that has no place for this life. */
static struct heard_until since_of(const struct heard *heard, uint64_t talker) {
    struct heard_until since = heard->since;
    for (size_t i = 0; i < HEARD_TALKERS_MAX; i++) {
        if (heard->talkers[i].who.life != 0 && heard->talkers[i].who.talker == talker) {
            since = later_until(since, heard->talkers[i].since);
        }
    }
    return since;
}

struct heard_until heard_until(const struct heard *heard, const struct heard_who *who) {
    const struct heard_talker *known = find(heard, who->life);
    if (known == NULL) {
        return since_of(heard, who->talker);
    }
    struct heard_until until = known->since;
    until.age_ms = known->latest.age_ms;
    return until;
}

/* Until when what was played of that life would be taken again. */
static int64_t matters_until(const struct heard_talker *talker) {
    return later_of(talker->latest.said_ms, talker->latest.dated_ms) + HEARD_KEPT_MS;
}

/* Does `other` make way rather than `place`? */
static bool goes_first(const struct heard_talker *other, const struct heard_talker *place) {
    return place->who.life != 0 &&
           (other->who.life == 0 || matters_until(other) < matters_until(place));
}

/* A free place, or that of who was heard longest ago: among this talker's own lives when it has
 * HEARD_LIVES_MAX. */
static struct heard_talker *place_for(struct heard *heard, const struct heard_who *who,
                                      struct moment now) {
    struct heard_talker *place = &heard->talkers[0], *own = NULL;
    size_t lives = 0;
    for (size_t i = 0; i < HEARD_TALKERS_MAX; i++) {
        struct heard_talker *other = &heard->talkers[i];
        if (other->who.life == who->life) {
            return other;
        }
        if (other->who.life != 0 && other->who.talker == who->talker) {
            lives++;
            own = own == NULL || goes_first(other, own) ? other : own;
        }
        place = goes_first(other, place) ? other : place;
    }
    struct heard_until since = since_of(heard, who->talker);
    place = lives >= HEARD_LIVES_MAX ? own : place;
    if (place->who.life != 0 && matters_until(place) > now.boot_ms) {
        if (lives >= HEARD_LIVES_MAX) {
            since = later_until(since, of_any_life(place->latest));
        } else {
            heard->since =
                later_until(heard->since, of_any_life(later_until(place->latest, place->since)));
            since = later_until(since, heard->since);
        }
    }
    *place = (struct heard_talker){.who = *who, .since = since, .latest = nothing};
    return place;
}

void heard_add(struct heard *heard, const struct heard_who *who, int64_t age_ms, int64_t dated_ms,
               struct moment now) {
    struct heard_talker *talker = place_for(heard, who, now);
    const struct heard_until until = {
        .age_ms = age_ms, .said_ms = now.boot_ms, .dated_ms = dated_ms};
    talker->latest = later_until(talker->latest, until);
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

bool heard_time_take_lead(struct heard_time *time, const struct heard_time *from) {
    if (from->lead_ms <= time->lead_ms) {
        return false;
    }
    time->lead_ms = time->settled_lead_ms = from->lead_ms;
    time->used_ms = from->used_ms;
    return true;
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
