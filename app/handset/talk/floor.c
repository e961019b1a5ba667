/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/floor.h"

#include <stdio.h>
#include <string.h>

struct claim claim_of(const struct announcement_fields *fields) {
    int64_t earliest_ms = fields->utc_ms - TALK_LONGEST_MOST_MS;
    struct claim claim = {.priority = fields->proof.priority, .began_ms = fields->proof.began_ms};
    if (claim.began_ms < earliest_ms) {
        claim.began_ms = earliest_ms;
    }
    snprintf(claim.group, sizeof claim.group, "%s", fields->group);
    snprintf(claim.identity, sizeof claim.identity, "%s", fields->talker);
    memcpy(claim.session, fields->proof.session, sizeof claim.session);
    return claim;
}

bool claim_is_same(const struct claim *one, const struct claim *other) {
    return memcmp(one->session, other->session, sizeof one->session) == 0 &&
           strcmp(one->identity, other->identity) == 0 && strcmp(one->group, other->group) == 0;
}

bool claim_wins(const struct claim *one, const struct claim *other) {
    if (one->priority != other->priority) {
        return one->priority > other->priority;
    }
    if (one->began_ms != other->began_ms) {
        return one->began_ms < other->began_ms;
    }
    int order = strcmp(one->identity, other->identity);
    return order != 0 ? order < 0 : memcmp(one->session, other->session, sizeof one->session) < 0;
}

static bool counts(const struct heard_claim *heard, struct moment now, const char *group) {
    return heard->is_used && now.boot_ms - heard->heard_ms < FLOOR_FREE_MS &&
           now.boot_ms - heard->since_ms < FLOOR_LONGEST_MS &&
           strcmp(heard->claim.group, group) == 0;
}

bool floor_is_talking(const struct floor *floor, struct moment now, const char *group) {
    return floor->has_own && now.boot_ms - floor->own_spoke_ms < FLOOR_FREE_MS &&
           strcmp(floor->own.group, group) == 0;
}

/* How much is known of its packets: who is known less comes after who is known better. */
enum standing {
    IN_DOUBT,
    NOT_MEASURED,
    MEASURED
};

static enum standing standing_of(const struct heard_claim *heard) {
    if (heard->is_measured) {
        return MEASURED;
    }
    return heard->is_in_doubt ? IN_DOUBT : NOT_MEASURED;
}

/* Who has the floor, and by what standing. */
static const struct claim *find_holder(const struct floor *floor, struct moment now,
                                       const char *group, enum standing *standing) {
    const struct claim *holder = floor_is_talking(floor, now, group) ? &floor->own : NULL;
    *standing = holder != NULL ? MEASURED : IN_DOUBT;
    for (size_t i = 0; i < FLOOR_CLAIMS_MAX; i++) {
        const struct heard_claim *heard = &floor->heard[i];
        if (!counts(heard, now, group) || standing_of(heard) < *standing) {
            continue;
        }
        if (holder == NULL || standing_of(heard) > *standing || claim_wins(&heard->claim, holder)) {
            holder = &heard->claim;
            *standing = standing_of(heard);
        }
    }
    return holder;
}

const struct claim *floor_holder(const struct floor *floor, struct moment now, const char *group) {
    enum standing standing;
    return find_holder(floor, now, group, &standing);
}

bool floor_has(const struct floor *floor, struct moment now, const struct claim *claim) {
    const struct claim *holder = floor_holder(floor, now, claim->group);
    return holder != NULL && claim_is_same(holder, claim);
}

const struct claim *floor_check(const struct floor *floor, struct moment now,
                                const struct claim *claim) {
    enum standing standing;
    const struct claim *holder = find_holder(floor, now, claim->group, &standing);
    bool may_begin = holder == NULL || standing == IN_DOUBT || holder->priority < claim->priority;
    return may_begin ? NULL : holder;
}

void floor_take(struct floor *floor, struct moment now, const struct claim *claim) {
    if (!floor->has_own || !claim_is_same(&floor->own, claim)) {
        floor->own_since_ms = now.boot_ms;
    }
    floor->own = *claim;
    floor->own_spoke_ms = now.boot_ms;
    floor->has_own = true;
}

void floor_speak(struct floor *floor, struct moment now) {
    floor->own_spoke_ms = now.boot_ms;
}

void floor_release(struct floor *floor) {
    floor->has_own = false;
}

const struct claim *floor_taken_by(const struct floor *floor, struct moment now) {
    const struct claim *holder = floor->has_own ? floor_holder(floor, now, floor->own.group) : NULL;
    return holder == &floor->own ? NULL : holder;
}

static struct heard_claim *find(struct floor *floor, const struct claim *claim) {
    for (size_t i = 0; i < FLOOR_CLAIMS_MAX; i++) {
        if (floor->heard[i].is_used && claim_is_same(&floor->heard[i].claim, claim)) {
            return &floor->heard[i];
        }
    }
    return NULL;
}

/* A free place, or that of the one that was heard longest ago. */
static struct heard_claim *place(struct floor *floor) {
    struct heard_claim *oldest = &floor->heard[0];
    for (size_t i = 0; i < FLOOR_CLAIMS_MAX; i++) {
        struct heard_claim *heard = &floor->heard[i];
        if (!heard->is_used) {
            return heard;
        }
        if (heard->heard_ms < oldest->heard_ms) {
            oldest = heard;
        }
    }
    return oldest;
}

/* Since when the one with that claim, which counts, is heard. */
static int64_t since(struct floor *floor, const struct claim *claim) {
    const struct heard_claim *heard = find(floor, claim);
    return heard == NULL ? floor->own_since_ms : heard->since_ms;
}

/* Does `claim`, which is new, take the floor from one who has had it for long? */
static bool comes_late(struct floor *floor, struct moment now, const struct claim *claim) {
    const struct claim *holder = floor_holder(floor, now, claim->group);
    return holder != NULL && holder->priority == claim->priority && claim_wins(claim, holder) &&
           now.boot_ms - since(floor, holder) > FLOOR_COLLISION_MS;
}

bool floor_hear(struct floor *floor, struct moment now, const struct claim *claim,
                bool is_measured) {
    struct heard_claim *heard = find(floor, claim);
    bool is_late = heard == NULL && comes_late(floor, now, claim);
    if (heard == NULL) {
        heard = place(floor);
        *heard = (struct heard_claim){.is_used = true, .claim = *claim, .since_ms = now.boot_ms};
    }
    heard->claim.priority = claim->priority;
    heard->is_measured = is_measured;
    heard->heard_ms = now.boot_ms;
    return is_late;
}

void floor_doubt(struct floor *floor, const struct claim *claim, bool is_in_doubt) {
    struct heard_claim *heard = find(floor, claim);
    if (heard != NULL) {
        heard->is_in_doubt = is_in_doubt;
    }
}

void floor_end(struct floor *floor, const struct claim *claim) {
    struct heard_claim *heard = find(floor, claim);
    if (heard != NULL) {
        heard->is_used = false;
    }
}
