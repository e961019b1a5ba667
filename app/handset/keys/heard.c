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
    heard->since_ms = INT64_MIN;
}

struct heard_announcement heard_announcement_of(const char *group, const char *talker,
                                                struct span covered, int64_t age_ms,
                                                struct moment now) {
    struct heard_announcement announcement = {.made_ms = now.boot_ms - age_ms};
    crypto_generichash_state state;
    uint8_t who[crypto_generichash_BYTES];
    /* These fail only for sizes out of range. */
    (void)crypto_generichash_init(&state, NULL, 0, sizeof who);
    (void)crypto_generichash_update(&state, (const uint8_t *)group, strlen(group) + 1);
    (void)crypto_generichash_update(&state, (const uint8_t *)talker, strlen(talker));
    (void)crypto_generichash_final(&state, who, sizeof who);
    (void)crypto_generichash(announcement.hash, sizeof announcement.hash, covered.octets,
                             covered.length, NULL, 0);
    memcpy(&announcement.talker, who, sizeof announcement.talker);
    announcement.talker |= 1; /* 0 is a free place */
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

bool heard_has(const struct heard *heard, const struct heard_announcement *announcement) {
    const struct heard_talker *talker = find(heard, announcement->talker);
    if (announcement->made_ms <= (talker == NULL ? heard->since_ms : talker->since_ms)) {
        return true;
    }
    for (size_t i = 0; talker != NULL && i < talker->count; i++) {
        if (memcmp(talker->list[i].hash, announcement->hash, HEARD_HASH_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

static int64_t latest(const struct heard_talker *talker) {
    int64_t made_ms = INT64_MIN;
    for (size_t i = 0; i < talker->count; i++) {
        made_ms = later_of(made_ms, talker->list[i].made_ms);
    }
    return made_ms;
}

/* A free place, or that of who announced longest ago. */
static struct heard_talker *place_for(struct heard *heard, uint64_t talker, struct moment now) {
    struct heard_talker *place = &heard->talkers[0];
    for (size_t i = 0; i < HEARD_TALKERS_MAX; i++) {
        struct heard_talker *other = &heard->talkers[i];
        if (other->talker == talker) {
            return other;
        }
        if (place->talker != 0 && (other->talker == 0 || latest(other) < latest(place))) {
            place = other;
        }
    }
    if (place->talker != 0 && latest(place) + HEARD_KEPT_MS > now.boot_ms) {
        heard->since_ms = later_of(heard->since_ms, latest(place));
    }
    *place = (struct heard_talker){.talker = talker, .since_ms = heard->since_ms};
    return place;
}

void heard_add(struct heard *heard, const struct heard_announcement *announcement,
               struct moment now) {
    struct heard_talker *talker = place_for(heard, announcement->talker, now);
    size_t at = talker->count;
    if (talker->count == HEARD_EACH_MAX) {
        at = 0;
        for (size_t i = 1; i < talker->count; i++) {
            at = talker->list[i].made_ms < talker->list[at].made_ms ? i : at;
        }
        talker->since_ms = later_of(talker->since_ms, talker->list[at].made_ms);
    } else {
        talker->count++;
    }
    memcpy(talker->list[at].hash, announcement->hash, HEARD_HASH_SIZE);
    talker->list[at].made_ms = announcement->made_ms;
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
