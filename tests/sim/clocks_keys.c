/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is documented of group time and of the ends of keys, as bounds beside the engines. */
#include <stdlib.h>
#include <string.h>

#include "app/handset/air/roster.h"
#include "app/handset/keys/group.h"
#include "tests/sim/clocks.h"

enum {
    RECENT_MS = GROUP_SAVE_MS + 10 * 1000, /* group time is made durable once a minute */
    START_MS = 1000,                       /* what is over by then goes with the first tick */
    HEARD_MS = PRESENCE_LASTS_MS + 10 * 1000,
    D2D_MS = 15000, /* a key's way from the creator of an ad-hoc group, with its time */
};

int64_t clocks_utc(const struct world *world) {
    return world->begin_utc_ms + world->now_ms;
}

static int64_t earlier_of(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t later_of(int64_t a, int64_t b) {
    return a > b ? a : b;
}

struct clocks_key *clocks_key_find(struct world *world, uint32_t id) {
    for (size_t i = 0; i < world->clocks->key_count; i++) {
        if (world->clocks->keys[i].id == id) {
            return &world->clocks->keys[i];
        }
    }
    return NULL;
}

struct clocks_key *clocks_key_add(struct world *world, enum clocks_group group, uint32_t id) {
    struct clocks *clocks = world->clocks;
    if (clocks->key_count == CLOCKS_KEYS_MAX) {
        return NULL;
    }
    struct clocks_key *key = &clocks->keys[clocks->key_count++];
    *key = (struct clocks_key){.id = id, .group = group, .made_ms = world->now_ms};
    for (size_t n = 0; n < CLOCKS_HANDSETS_MAX; n++) {
        key->due_ms[n] = INT64_MAX;
    }
    clocks->count.keys++;
    return key;
}

/* --- Group time --- */

static bool holds_any(const struct world *world, size_t n, int group) {
    for (size_t i = 0; i < world->clocks->key_count; i++) {
        const struct clocks_key *key = &world->clocks->keys[i];
        if ((int)key->group == group && key->at[n].is_held) {
            return true;
        }
    }
    return false;
}

/* While it holds a key, its record is not older than a minute. */
static void forget_old_steps(struct world *world, size_t n) {
    struct clocks_unit *unit = &world->clocks->units[n];
    for (int group = 0; group < CLOCKS_GROUPS; group++) {
        struct clocks_time *time = &unit->time[group];
        bool is_saved = !time->is_known || group == CLOCKS_STANDARD || holds_any(world, n, group);
        if (is_saved && world->now_ms - unit->stepped_ms > RECENT_MS) {
            time->wall_min_ms = time->wall_max_ms = world->units[n].utc_offset_ms;
        }
    }
}

void clocks_step(struct world *world, size_t n, int64_t by_ms) {
    struct clocks_unit *unit = &world->clocks->units[n];
    forget_old_steps(world, n);
    world_set_clock(world, n, by_ms);
    unit->stepped_ms = world->now_ms;
    for (int group = 0; group < CLOCKS_GROUPS; group++) {
        struct clocks_time *time = &unit->time[group];
        time->wall_min_ms = earlier_of(time->wall_min_ms, world->units[n].utc_offset_ms);
        time->wall_max_ms = later_of(time->wall_max_ms, world->units[n].utc_offset_ms);
    }
    world->clocks->count.steps++;
}

void clocks_stops(struct world *world, size_t n) {
    forget_old_steps(world, n);
}

/* Across a boot, group time goes on by what the wall clock says has passed, if that is forward, and
 * from what was made durable last. One that had lost the time is believed once it is set. */
static void boot(struct world *world, size_t n, struct clocks_time *time) {
    int64_t away_ms = world->now_ms - world->units[n].died_ms;
    int64_t unsaved_ms = RECENT_MS + world->units[n].died_ms - time->saved_ms;
    int64_t wall_ms = world->units[n].utc_offset_ms;
    int64_t low_ms = time->low_ms + wall_ms - time->wall_max_ms;
    int64_t high_ms = time->high_ms + wall_ms - time->wall_min_ms;
    if (time->wall_min_ms - time->high_ms < -GROUP_CLOCK_LOST_MS + RECENT_MS) {
        low_ms = earlier_of(low_ms, wall_ms);
    }
    if (time->wall_max_ms - time->low_ms < -GROUP_CLOCK_LOST_MS - RECENT_MS &&
        wall_ms - time->low_ms > -GROUP_CLOCK_SET_MS + RECENT_MS) {
        high_ms = earlier_of(high_ms, wall_ms);
    }
    time->low_ms = later_of(time->low_ms - away_ms - unsaved_ms, low_ms);
    time->high_ms = later_of(time->high_ms - away_ms, high_ms);
}

/* The first key of a standard group starts its time by the wall clock; an ad-hoc group has its
 * creator's time. */
static void learn_time(struct world *world, const struct clocks_key *key, size_t n) {
    struct clocks_time *time = &world->clocks->units[n].time[key->group];
    const struct clocks_time *makers = &world->clocks->units[key->maker].time[key->group];
    int64_t offset_ms = world_moment(world, n).utc_ms - clocks_utc(world);
    if (key->group == CLOCKS_ADHOC && key->maker != n) {
        time->low_ms = later_of(time->is_known ? time->low_ms : INT64_MIN, makers->low_ms - D2D_MS);
        time->high_ms = later_of(time->is_known ? time->high_ms : INT64_MIN, makers->high_ms);
    } else if (!time->is_known) {
        time->low_ms = time->high_ms = offset_ms;
    }
    time->is_known = true;
}

/* Was its presence heard lately, perhaps? */
static bool may_be_heard(const struct world *world, size_t n) {
    return world->units[n].engine != NULL || world->now_ms - world->units[n].died_ms <= HEARD_MS;
}

/* Neighbours whose wall clocks agree may have moved the time of its standard group forward. */
static void heal(struct world *world, size_t n) {
    struct clocks_time *time = &world->clocks->units[n].time[CLOCKS_STANDARD];
    for (size_t a = 0; a < world->count; a++) {
        for (size_t b = 0; b < world->count; b++) {
            int64_t offset_ms = world->units[a].utc_offset_ms;
            bool agree = llabs(offset_ms - world->units[b].utc_offset_ms) <=
                         CLOCK_TOLERANCE_MS + 2 * CLOCKS_SLACK_MS;
            if (a != n && b != n && a != b && agree && may_be_heard(world, a) &&
                may_be_heard(world, b) && offset_ms - time->low_ms > CLOCK_TOLERANCE_MS) {
                time->high_ms = later_of(time->high_ms, offset_ms + CLOCKS_SLACK_MS);
            }
        }
    }
}

void clocks_hears_member(struct world *world, size_t n, size_t talker) {
    struct clocks_time *time = &world->clocks->units[n].time[CLOCKS_ADHOC];
    time->high_ms =
        later_of(time->high_ms, world->clocks->units[talker].time[CLOCKS_ADHOC].high_ms);
}

/* --- Keys --- */

static void take(struct world *world, struct clocks_key *key, size_t n) {
    struct clocks_held *held = &key->at[n];
    learn_time(world, key, n);
    const struct clocks_time *time = &world->clocks->units[n].time[key->group];
    int64_t utc_ms = clocks_utc(world), period_ms = key->ends_ms - key->begins_ms;
    *held = (struct clocks_held){.is_held = true,
                                 .taken_ms = world->now_ms,
                                 .begins_ms = key->begins_ms,
                                 .ends_low_ms = key->ends_ms,
                                 .ends_high_ms = key->ends_ms};
    if (key->group == CLOCKS_ADHOC && key->maker != n) {
        /* It ends when it does at its creator, whose group time may be behind. */
        const struct clocks_time *makers = &world->clocks->units[key->maker].time[key->group];
        held->ends_low_ms += later_of(0, time->low_ms - makers->high_ms);
        held->ends_high_ms += later_of(0, time->high_ms - makers->low_ms + D2D_MS);
    } else if (key->begins_ms <= key->dated_ms) {
        /* It has begun by its manager's clock, and lasts its period from now on at most. */
        held->begins_ms = earlier_of(key->begins_ms, utc_ms + time->low_ms);
        held->ends_low_ms = earlier_of(key->ends_ms, utc_ms + time->low_ms + period_ms);
        held->ends_high_ms = earlier_of(key->ends_ms, utc_ms + time->high_ms + period_ms);
    }
    world->clocks->count.taken++;
    world_note(world, "handset %zu has GMK %08X; its group time is %+lld s off", n, key->id,
               (long long)time->high_ms / 1000);
}

bool clocks_may_use(const struct world *world, const struct clocks_key *key, size_t n) {
    const struct clocks_time *time = &world->clocks->units[n].time[key->group];
    const struct clocks_held *held = &key->at[n];
    int64_t until_ms = held->followed_ms == 0
                           ? held->ends_high_ms
                           : earlier_of(held->ends_high_ms, held->heard_until_ms);
    return held->taken_ms != 0 && clocks_utc(world) + time->low_ms <= until_ms + CLOCKS_SLACK_MS;
}

/* The most that the group time of any handset is ahead: who hears another may go by that one's. */
static int64_t most_ahead(const struct world *world, enum clocks_group group) {
    int64_t most_ms = INT64_MIN;
    for (size_t n = 0; n < world->count; n++) {
        const struct clocks_time *time = &world->clocks->units[n].time[group];
        most_ms = time->is_known ? later_of(most_ms, time->high_ms) : most_ms;
    }
    return most_ms;
}

bool clocks_must_hold(const struct world *world, const struct clocks_key *key, size_t n) {
    const struct clocks_held *held = &key->at[n];
    return held->taken_ms != 0 && held->followed_ms == 0 &&
           clocks_utc(world) + most_ahead(world, key->group) + CLOCKS_SLACK_MS <= held->ends_low_ms;
}

bool clocks_lasts(const struct world *world, const struct clocks_key *key, size_t n, int64_t ms) {
    return key->at[n].is_held &&
           clocks_utc(world) + most_ahead(world, key->group) + ms + CLOCKS_SLACK_MS <=
               key->at[n].ends_low_ms;
}

bool clocks_has_begun(const struct world *world, const struct clocks_key *key, size_t n) {
    const struct clocks_time *time = &world->clocks->units[n].time[key->group];
    return clocks_utc(world) + time->low_ms >= key->at[n].begins_ms + CLOCKS_SLACK_MS;
}

static void check_held(struct world *world, struct clocks_key *key, size_t n, bool holds) {
    struct clocks_held *held = &key->at[n];
    bool has_ticked = world->now_ms - world->clocks->units[n].up_ms > START_MS;
    if (holds && has_ticked && !clocks_may_use(world, key, n)) {
        world_fail(world, "1: handset %zu holds GMK %08X after its end", n, key->id);
    } else if (holds && held->is_gone) {
        world_fail(world, "1: handset %zu holds GMK %08X again, which was gone", n, key->id);
    } else if (!holds && held->is_held && clocks_must_hold(world, key, n)) {
        world_fail(world, "2: handset %zu lost GMK %08X before its end", n, key->id);
    }
    if (!holds && held->is_held) {
        held->is_gone = true;
        held->gone_ms = world->now_ms;
    }
    held->is_held = holds;
}

/* A key that waits begins with whoever is heard to use it: it lasts its period from then on at
 * most. */
static void begin(const struct world *world, struct clocks_key *key, size_t n) {
    const struct clocks_time *time = &world->clocks->units[n].time[key->group];
    struct clocks_held *held = &key->at[n];
    int64_t utc_ms = clocks_utc(world), period_ms = key->ends_ms - key->begins_ms;
    if (key->group == CLOCKS_STANDARD && utc_ms + time->low_ms < held->begins_ms) {
        held->ends_low_ms = earlier_of(held->ends_low_ms, utc_ms + time->low_ms + period_ms);
        held->begins_ms = utc_ms + time->low_ms;
    }
}

/* The key that the group uses at handset n. A later one takes its place, and it is listened to for
 * a while. */
static void find_current(struct world *world, size_t n) {
    const struct view *view = world_view(world, n);
    for (size_t i = 0; i < view->group_count; i++) {
        struct clocks_key *current = clocks_key_find(world, view->groups[i].gmk_id);
        if (current == NULL || view->groups[i].gmk_state != GMK_USABLE ||
            current->at[n].is_current) {
            continue;
        }
        for (size_t k = 0; k < world->clocks->key_count; k++) {
            struct clocks_key *other = &world->clocks->keys[k];
            struct clocks_held *held = &other->at[n];
            if (other->group == current->group && held->is_current) {
                int64_t overlap_ms =
                    other->group == CLOCKS_STANDARD ? STANDARD_OVERLAP_MS : PREVIOUS_GMK_LISTEN_MS;
                held->is_current = false;
                held->followed_ms = world->now_ms;
                held->heard_until_ms = clocks_utc(world) +
                                       world->clocks->units[n].time[other->group].high_ms +
                                       overlap_ms;
            }
        }
        current->at[n].is_current = true;
        begin(world, current, n);
        world_note(world, "handset %zu uses GMK %08X", n, current->id);
    }
}

/* A key that waits gives way to one that is delivered later. */
static void follow_waiting(struct world *world, const struct clocks_key *taken, size_t n) {
    for (size_t k = 0; k < world->clocks->key_count; k++) {
        struct clocks_key *other = &world->clocks->keys[k];
        if (other != taken && other->group == taken->group && other->at[n].taken_ms != 0 &&
            !other->at[n].is_current && other->at[n].followed_ms == 0) {
            other->at[n].followed_ms = world->now_ms;
            other->at[n].heard_until_ms = INT64_MAX - CLOCKS_SLACK_MS;
        }
    }
}

void clocks_look_at_keys(struct world *world, size_t n) {
    struct clocks *clocks = world->clocks;
    bool holds[CLOCKS_KEYS_MAX];
    heal(world, n);
    for (size_t i = 0; i < clocks->key_count; i++) {
        uint8_t octets[GMK_SIZE];
        holds[i] = handset_reveal_gmk(world->units[n].engine, clocks->keys[i].id, octets);
        if (holds[i] && clocks->keys[i].at[n].taken_ms == 0) {
            take(world, &clocks->keys[i], n);
            follow_waiting(world, &clocks->keys[i], n);
        }
    }
    find_current(world, n);
    for (int group = 0; group < CLOCKS_GROUPS; group++) {
        struct clocks_time *time = &clocks->units[n].time[group];
        bool is_kept = group == CLOCKS_STANDARD || holds_any(world, n, group);
        time->saved_ms = is_kept ? world->now_ms : time->saved_ms;
    }
    for (size_t i = 0; i < clocks->key_count; i++) {
        if (clocks->keys[i].at[n].taken_ms != 0) {
            check_held(world, &clocks->keys[i], n, holds[i]);
        }
    }
}

/* What was not durable when it died was not taken. */
static void forget_what_was_not_durable(struct world *world, struct clocks_key *key, size_t n) {
    uint8_t octets[GMK_SIZE];
    bool holds = handset_reveal_gmk(world->units[n].engine, key->id, octets);
    if (holds && world->units[n].died_ms - key->at[n].gone_ms < CLOCKS_SLACK_MS) {
        key->at[n].is_gone = false; /* that it gave way was not durable either */
    }
    if (!holds && key->at[n].is_held &&
        world->units[n].died_ms - key->at[n].taken_ms < CLOCKS_SLACK_MS) {
        for (size_t i = 0; i < world->clocks->key_count; i++) {
            struct clocks_key *other = &world->clocks->keys[i];
            if (other->group == key->group && other->at[n].followed_ms >= key->at[n].taken_ms) {
                other->at[n].followed_ms = 0;
            }
        }
        key->at[n] = (struct clocks_held){.is_held = false};
        key->due_ms[n] = key->group == CLOCKS_STANDARD ? world->now_ms : INT64_MAX;
    }
}

void clocks_came_back(struct world *world, size_t n, bool boots) {
    struct clocks_unit *unit = &world->clocks->units[n];
    for (int group = 0; group < CLOCKS_GROUPS; group++) {
        struct clocks_time *time = &unit->time[group];
        if (boots && time->is_known) {
            boot(world, n, time);
        }
        if (boots) {
            time->wall_min_ms = time->wall_max_ms = world->units[n].utc_offset_ms;
        }
    }
    for (size_t i = 0; i < world->clocks->key_count; i++) {
        forget_what_was_not_durable(world, &world->clocks->keys[i], n);
    }
    clocks_look_at_keys(world, n);
}
