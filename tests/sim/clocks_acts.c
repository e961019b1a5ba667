/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "app/handset/handset.h"
#include "app/handset/keys/hours.h"
#include "app/handset/talk/listening.h"
#include "tests/sim/clocks.h"

enum {
    SECOND_MS = 1000,
    MINUTE_MS = 60 * SECOND_MS,
    HOUR_MS = 60 * MINUTE_MS,
    TALK_MS = 160,           /* and longer until all have heard it who must, */
    TALK_MAX_MS = 15 * 1000, /* but no longer than this */
    WORDS_MS = 80,
    LAST_WORDS_MS = SESSION_LAST_WORDS_MS + 2000, /* and what the air takes */
    OVER_END_MS = 17 * 1000,                      /* before and after the end of a month */
    HELD_MS = 10 * 1000,           /* a key is used by all who have held it for so long */
    NEAR_END_MS = 40 * 1000,       /* nobody must be heard so shortly before an end */
    LEAD_MS = 23 * 60 * 60 * 1000, /* two group times further apart are not of one group */
};

unsigned clocks_port(const struct world *world, size_t n) {
    return CLOCKS_PORT + (unsigned)(world->clocks->side >> n & 1);
}

void clocks_reach(struct world *world) {
    struct clocks *clocks = world->clocks;
    for (size_t a = 0; a < world->count; a++) {
        for (size_t b = 0; b < world->count; b++) {
            bool reaches = world->units[a].engine != NULL && world->units[b].engine != NULL &&
                           ((clocks->side >> a ^ clocks->side >> b) & 1) == 0 && !clocks->is_harsh;
            bool reached = clocks->reach_ms[a][b] < INT64_MAX && clocks->reach_ms[a][b] > 0;
            if (!reaches) {
                clocks->reach_ms[a][b] = INT64_MAX;
            } else if (!reached) {
                clocks->reach_ms[a][b] = world->now_ms;
            }
        }
    }
}

/* --- Talk --- */

/* The key that handset n uses in that group; or NULL. */
static const struct clocks_key *current_key(const struct world *world, size_t n,
                                            enum clocks_group group) {
    for (size_t i = 0; i < world->clocks->key_count; i++) {
        const struct clocks_key *key = &world->clocks->keys[i];
        if (key->group == group && key->at[n].is_held && key->at[n].is_current) {
            return key;
        }
    }
    return NULL;
}

static bool has_reached(const struct world *world, size_t a, size_t b) {
    int64_t since_ms = world->clocks->reach_ms[a][b];
    return since_ms != INT64_MAX && world->now_ms - since_ms >= CLOCKS_REACH_MS;
}

/* Does handset n listen to that key for long enough still? */
static bool listens_to(const struct world *world, const struct clocks_key *key, size_t n) {
    const struct clocks_held *held = &key->at[n];
    return held->is_held && world->now_ms - held->taken_ms >= HELD_MS &&
           (held->followed_ms == 0 ||
            world->now_ms - held->followed_ms + NEAR_END_MS < ANNOUNCEMENT_TOLERANCE_MS);
}

static bool are_of_one_time(const struct world *world, enum clocks_group group, size_t a,
                            size_t b) {
    const struct clocks_time *x = &world->clocks->units[a].time[group];
    const struct clocks_time *y = &world->clocks->units[b].time[group];
    return x->high_ms - y->low_ms < LEAD_MS && y->high_ms - x->low_ms < LEAD_MS;
}

/* Who is so far behind that its hour is over for others talks under a key that they have destroyed,
 * until it has heard one of them. */
static bool is_of_an_hour_over(const struct world *world, const struct clocks_key *key,
                               size_t talker, size_t n) {
    const struct clocks *clocks = world->clocks;
    int64_t behind_ms =
        clocks->units[n].time[key->group].high_ms - clocks->units[talker].time[key->group].low_ms;
    const struct group *said = groups_find(&world->units[talker].engine->groups, clocks->adhoc);
    const struct group *held = groups_find(&world->units[n].engine->groups, clocks->adhoc);
    return key->group == CLOCKS_ADHOC && said != NULL && held != NULL &&
           behind_ms > HOURS_KEPT_MS - CLOCKS_SLACK_MS &&
           hours_now(said, world_moment(world, talker)) < held->current.hour;
}

/* Must handset n hear who talks under that key? */
static bool must_hear(const struct world *world, const struct clocks_key *key, size_t talker,
                      size_t n) {
    return n != talker && world->units[n].engine != NULL && has_reached(world, talker, n) &&
           listens_to(world, key, n) && clocks_lasts(world, key, n, NEAR_END_MS) &&
           are_of_one_time(world, key->group, talker, n) &&
           !is_of_an_hour_over(world, key, talker, n);
}

/* Those of `waited` who have not heard the talker yet, of what it has said since. */
static uint32_t not_heard(const struct world *world, uint32_t waited, size_t talker,
                          int64_t since_ms) {
    for (size_t n = 0; n < world->count; n++) {
        if (world->clocks->said.shows[n][talker] && world->clocks->units[n].voice_ms > since_ms) {
            waited &= ~(UINT32_C(1) << n);
        }
    }
    return waited;
}

static void explain(struct world *world, enum clocks_group group) {
    for (size_t n = 0; n < world->count; n++) {
        const struct clocks_time *time = &world->clocks->units[n].time[group];
        const struct clocks_key *key = current_key(world, n, group);
        world_note(world, "  %zu: clock %+lld s, group time %+lld to %+lld s, GMK %08X", n,
                   (long long)world->units[n].utc_offset_ms / SECOND_MS,
                   (long long)time->low_ms / SECOND_MS, (long long)time->high_ms / SECOND_MS,
                   key == NULL ? 0 : key->id);
    }
}

/* Those of `hearers` who must hear it still, and do not. */
static void check_hearers(struct world *world, size_t n, uint32_t hearers) {
    const struct clocks_key *key = clocks_key_find(world, world->clocks->announced[n]);
    for (size_t other = 0; other < world->count && key != NULL; other++) {
        if ((hearers >> other & 1) != 0 && must_hear(world, key, n, other) &&
            !world->clocks->said.shows[other][n]) {
            explain(world, key->group);
            world_fail(world, "3: handset %zu hears %zu no more in the middle of a talk", other, n);
        }
    }
}

/* Handset n talks for `ms`, and until all have heard it who must. Until `last_words_ms` what it
 * said before may still be played. */
static void talk_on(struct world *world, size_t n, enum clocks_group group, int64_t ms,
                    int64_t last_words_ms) {
    int64_t began_ms = world->now_ms;
    int64_t since_ms = began_ms > last_words_ms ? began_ms : last_words_ms;
    const struct clocks_key *key = clocks_key_find(world, world->clocks->announced[n]);
    uint32_t waited = 0;
    for (size_t other = 0; other < world->count && key != NULL; other++) {
        waited |= (uint32_t)must_hear(world, key, n, other) << other;
    }
    const uint32_t hearers = waited;
    world->clocks->count.talks++;
    world->clocks->count.deadlines += (unsigned)__builtin_popcount(waited);
    bool is_short = false;
    while (world_is_well(world) && world->units[n].engine != NULL &&
           handset_is_talking(world->units[n].engine) && !is_short) {
        world_run(world, WORDS_MS);
        waited = not_heard(world, waited, n, since_ms);
        is_short = waited == 0 && world->now_ms - began_ms >= ms;
        if (waited != 0 && world->now_ms - began_ms > TALK_MAX_MS) {
            explain(world, group);
            world_fail(world, "3: handset %d does not hear %zu, who talks under GMK %08X",
                       __builtin_ctz(waited), n, key->id);
        }
    }
    if (world_is_well(world) && waited != 0) {
        world_fail(world, "3: handset %zu cannot talk on", n);
    }
    if (world_is_well(world)) {
        check_hearers(world, n, hearers);
    }
    world->units[n].stops_talking_ms = world->clocks->units[n].talked_ms = world->now_ms;
    world_run(world, WORDS_MS);
}

static void talk(struct world *world, size_t n, enum clocks_group group, int64_t ms) {
    struct clocks *clocks = world->clocks;
    struct command command = {.kind = COMMAND_TALK_BEGIN};
    const struct clocks_key *key = current_key(world, n, group);
    memcpy(command.group, clocks->adhoc, sizeof command.group);
    if (group == CLOCKS_STANDARD) {
        strcpy(command.group, clocks_group_identity);
    }
    if (key == NULL || world->units[n].engine == NULL ||
        handset_is_talking(world->units[n].engine)) {
        return;
    }
    bool must_talk = clocks_lasts(world, key, n, NEAR_END_MS) && clocks_has_begun(world, key, n);
    world_note(world, "handset %zu talks in %s", n, command.group);
    int64_t last_words_ms = clocks->units[n].talked_ms + LAST_WORDS_MS;
    world->units[n].stops_talking_ms = INT64_MAX;
    clocks->announced[n] = 0;
    enum status status = world_command(world, n, &command);
    if (status == STATUS_BUSY) {
        /* Another has just ended, and that was lost; the air may still say its last words again, as
         * long as they count as live. */
        world_run(world, LIVE_MS + (int64_t)2 * FLOOR_FREE_MS);
        status = world_command(world, n, &command);
    }
    if (status != STATUS_OK && must_talk) {
        world_fail(world, "3: handset %zu cannot talk under GMK %08X: %s", n, key->id,
                   status_name(status));
    }
    if (status == STATUS_OK) {
        world_run(world, WORLD_STEP_MS * 4);
        talk_on(world, n, group, ms, last_words_ms);
    }
}

/* --- Clocks --- */

static int64_t minutes_off(struct world *world) {
    return ((int64_t)world_chance(world, 20 * 60 + 1) - 10 * 60) * SECOND_MS;
}

/* Where its wall clock is after somebody or something set it. */
static int64_t new_offset(struct world *world) {
    switch (world_chance(world, 10)) {
    case 0:
        return ((int64_t)world_chance(world, 48) - 24) * HOUR_MS;
    case 1:
        return -(int64_t)30 * 24 * HOUR_MS;
    default:
        return minutes_off(world);
    }
}

static void step_clock(struct world *world, size_t n) {
    int64_t by_ms = new_offset(world) - world->units[n].utc_offset_ms;
    world_note(world, "the clock of handset %zu is set by %+lld s", n,
               (long long)by_ms / SECOND_MS);
    clocks_step(world, n, by_ms);
}

/* By how much the wall clock of handset n is moved while it is off: it goes on, stands still, or
 * begins somewhere else; never before 1970. */
static int64_t clock_while_off(struct world *world, size_t n, int64_t away_ms) {
    int64_t offset_ms = world->units[n].utc_offset_ms;
    int64_t to_1970_ms = HOUR_MS - clocks_utc(world) - offset_ms - away_ms;
    int64_t by_ms = 0;
    switch (world_chance(world, 6)) {
    case 0:
    case 1:
        by_ms = -away_ms;
        break;
    case 2:
        by_ms = to_1970_ms;
        break;
    case 3:
        by_ms = new_offset(world) - offset_ms;
        break;
    default:
        break;
    }
    return by_ms > to_1970_ms ? by_ms : to_1970_ms;
}

/* Handset n stops, and starts again after `away_ms`: the program alone, or it boots. */
static void stop(struct world *world, size_t n, int64_t away_ms) {
    struct clocks_unit *unit = &world->clocks->units[n];
    unit->boots = world_chance(world, 3) != 0;
    unit->clock_ms = unit->boots ? clock_while_off(world, n, away_ms) : 0;
    world_note(world, "handset %zu stops%s", n, unit->boots ? " and boots" : "");
    world->clocks->count.deaths++;
    clocks_stops(world, n);
    world_kill(world, n, away_ms);
    clocks_reach(world);
}

/* Who sees that its clock is wrong by days sets it. */
static void set_right(struct world *world) {
    for (size_t n = 0; n < world->count; n++) {
        int64_t offset_ms = world->units[n].utc_offset_ms;
        bool is_far = offset_ms > HOUR_MS || offset_ms < -HOUR_MS;
        if (is_far && world->units[n].engine != NULL && world_chance(world, 3) == 0) {
            world_note(world, "the clock of handset %zu is set right", n);
            clocks_step(world, n, minutes_off(world) - offset_ms);
        }
    }
}

/* --- The air --- */

static void part(struct world *world, uint64_t side) {
    world->clocks->side = side;
    air_part(world->air, side == 0 ? 0 : side | UINT64_C(1) << CLOCKS_PORT);
    clocks_reach(world);
}

static void change_air(struct world *world) {
    bool is_harsh = world_chance(world, 5) == 0;
    struct air_conditions conditions = {
        .lost = is_harsh ? 600 : world_chance(world, 200),
        .doubled = world_chance(world, 300),
        .delay_min_ms = world_chance(world, is_harsh ? 5000 : 100),
    };
    conditions.delay_max_ms = conditions.delay_min_ms + world_chance(world, 400);
    uint64_t side = world_chance(world, 2) == 0 ? world_chance(world, 1U << world->count) : 0;
    world_note(world, "the air loses %u, doubles %u, takes %u to %u ms, parts by %llX",
               conditions.lost, conditions.doubled, conditions.delay_min_ms,
               conditions.delay_max_ms, (unsigned long long)side);
    air_set_conditions(world->air, conditions);
    world->clocks->is_harsh = is_harsh;
    part(world, side);
}

/* --- The ad-hoc group --- */

static void key_adhoc(struct world *world, size_t n) {
    struct command command = {.kind = COMMAND_CREATE_GROUP, .name = "Bridge"};
    const struct view *view = world_view(world, n);
    bool is_made = world->clocks->adhoc[0] != '\0', is_own = false;
    for (size_t i = 0; i < view->group_count; i++) {
        is_own = is_own || (view->groups[i].created_here &&
                            strcmp(view->groups[i].identity, world->clocks->adhoc) == 0);
    }
    if (is_made && !is_own) {
        return;
    }
    if (is_own) {
        command.kind = COMMAND_REKEY_GROUP;
        memcpy(command.group, world->clocks->adhoc, sizeof command.group);
    }
    command.period_ms = (int64_t)(30 + world_chance(world, 600)) * MINUTE_MS;
    for (size_t other = 0; other < world->count; other++) {
        if (other != n) {
            strcpy(command.members[command.member_count++], clocks_identity(world, other));
        }
    }
    world_note(world, "handset %zu makes an ad-hoc key for %lld min", n,
               (long long)command.period_ms / MINUTE_MS);
    (void)world_command(world, n, &command);
}

/* --- All of it --- */

static void do_anything(struct world *world) {
    size_t n = world_chance(world, (unsigned)world->count);
    unsigned what = world_chance(world, 20);
    if (what == 0) {
        clocks_manager_rekeys(world);
    } else if (what == 1) {
        change_air(world);
    } else if (what < 5) {
        clocks_replayer_act(world);
    } else if (world->units[n].engine == NULL) {
        return;
    } else if (what < 7) {
        step_clock(world, n);
    } else if (what < 9) {
        stop(world, n, (int64_t)(2 + world_chance(world, 120)) * SECOND_MS);
    } else if (what == 9) {
        key_adhoc(world, n);
    } else {
        talk(world, n, what < 16 ? CLOCKS_STANDARD : CLOCKS_ADHOC, TALK_MS);
    }
}

/* All are switched off, and on again some hours later, one after the other. */
static void sleep_over(struct world *world) {
    int64_t night_ms = (int64_t)(20 + world_chance(world, 300)) * MINUTE_MS;
    world_note(world, "a night of %lld min", (long long)night_ms / MINUTE_MS);
    for (size_t n = 0; n < world->count; n++) {
        if (world->units[n].engine != NULL) {
            stop(world, n, night_ms + (int64_t)world_chance(world, 300) * SECOND_MS);
        }
    }
    world_run(world, night_ms);
}

/* Time passes. At the end of a month somebody is talking, for so long that the announcement is
 * renewed. */
static void pass(struct world *world, int64_t ms) {
    int64_t left_ms = world->clocks->month_ends_ms - clocks_utc(world);
    if (!world->clocks->is_monthly || left_ms <= OVER_END_MS || left_ms > ms + OVER_END_MS) {
        world_run(world, ms);
        return;
    }
    world_run(world, left_ms - OVER_END_MS);
    size_t n = world_chance(world, (unsigned)world->count);
    world_note(world, "the month is about to end");
    if (world->units[n].engine != NULL) {
        talk(world, n, CLOCKS_STANDARD, 2 * OVER_END_MS);
    }
    world->clocks->count.months += clocks_utc(world) >= world->clocks->month_ends_ms;
}

void clocks_act(struct world *world) {
    if (world->clocks->key_count == 0) {
        part(world, world_chance(world, 3) == 0 ? world_chance(world, 1U << world->count) : 0);
        clocks_manager_rekeys(world);
        world_run(world, 10 * SECOND_MS);
    }
    do_anything(world);
    set_right(world);
    unsigned wait = world_chance(world, 40);
    if (wait == 0) {
        sleep_over(world);
    } else if (wait < 10) {
        pass(world, (int64_t)world_chance(world, 240) * SECOND_MS);
    } else {
        pass(world, (int64_t)world_chance(world, 20) * SECOND_MS);
    }
}

void clocks_agree(struct world *world) {
    world_note(world, "the air clears");
    air_set_conditions(world->air, (struct air_conditions){.lost = 50, .delay_max_ms = 50});
    world->clocks->is_harsh = false;
    part(world, 0);
    world_run(world, 150 * SECOND_MS);
    clocks_manager_rekeys(world);
    world_run(world, CLOCKS_REACH_MS + 10 * SECOND_MS);
    for (size_t n = 0; n < world->count && world_is_well(world); n++) {
        for (int group = 0; group < CLOCKS_GROUPS && world_is_well(world); group++) {
            talk(world, n, (enum clocks_group)group, TALK_MS);
            world_run(world, 3 * SECOND_MS);
        }
    }
}
