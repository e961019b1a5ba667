/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ad-hoc keys that get to their members by themselves (app/handset/keys/pursuit.h, decisions.h),
 * between whole engines in virtual time: whichever handset stops, and whenever; who is not asked;
 * who is left out and let in again; and random histories.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "app/handset/keys/pursuit.h"
#include "squad.h"

enum {
    MINUTE_MS = 60 * 1000,
    SQUAD_STEP_MS = 50,
    NEARBY_AGAIN_MS = MINUTE_MS, /* within which who is in reach is heard, and asked */
};

static struct squad *met(size_t count) {
    struct squad *squad = squad_new(count);
    squad->is_mute = true;
    squad_run(squad, 500);
    squad->step_ms = SQUAD_STEP_MS;
    return squad;
}

static const struct view_group *group_of(struct squad *squad, size_t n) {
    return &squad_view(squad, n)->groups[0];
}

/* What handset 0, which made the group, shows of handset n; NULL: not in the list. */
static const struct view_member *row_of(struct squad *squad, size_t n) {
    const struct view_group *group = group_of(squad, 0);
    for (size_t i = 0; i < group->member_count; i++) {
        if (strcmp(group->members[i].identity, squad_identity(n)) == 0) {
            return &group->members[i];
        }
    }
    return NULL;
}

static enum member_state state_of(struct squad *squad, size_t n) {
    const struct view_member *row = row_of(squad, n);
    return row == NULL ? MEMBER_UNKNOWN : row->state;
}

static bool holds(const struct squad *squad, size_t n, uint32_t gmk_id) {
    uint8_t gmk[16];
    return handset_reveal_gmk(squad->handsets[n].engine, gmk_id, gmk);
}

static bool has_key(struct squad *squad, size_t n) {
    return holds(squad, n, group_of(squad, 0)->gmk_id);
}

static bool is_asked(struct squad *squad, size_t n) {
    return squad_view(squad, n)->invitation_count > 0;
}

enum {
    PERIOD_MS = 4 * HOUR_MS
};

static void create(struct squad *squad, size_t members) {
    struct command command = squad_create_command(members, PERIOD_MS);
    assert_int_equal(squad_command(squad, 0, &command), STATUS_OK);
}

static void rekey(struct squad *squad, size_t members, int64_t period_ms) {
    struct command command = squad_create_command(members, period_ms);
    command.kind = COMMAND_REKEY_GROUP;
    memcpy(command.group, group_of(squad, 0)->identity, sizeof command.group);
    assert_int_equal(squad_command(squad, 0, &command), STATUS_OK);
}

/* About member n, or about all of them where that is 0. */
static enum status tell_creator(struct squad *squad, enum command_kind kind, size_t n) {
    struct command command = {.kind = kind};
    memcpy(command.group, group_of(squad, 0)->identity, sizeof command.group);
    if (n > 0) {
        snprintf(command.identity, sizeof command.identity, "%s", squad_identity(n));
    }
    return squad_command(squad, 0, &command);
}

/* Time passes, in which handset n must not ask its officer. */
static void run_unasked(struct squad *squad, size_t n, int64_t ms) {
    for (int64_t until = squad->boot_ms + ms; squad->boot_ms < until;) {
        squad_run(squad, 500);
        assert_false(is_asked(squad, n));
    }
}

/* Time passes until handset n asks its officer. */
static void run_until_asked(struct squad *squad, size_t n, int64_t ms) {
    for (int64_t until = squad->boot_ms + ms; squad->boot_ms < until && !is_asked(squad, n);) {
        squad_run(squad, 500);
    }
    assert_true(is_asked(squad, n));
}

/* --- Whoever stops, and whenever ------------------------------------------------------------ */

enum stop {
    KILLED,
    REBOOTED,
    ASLEEP,
    OUT_OF_REACH,
    STOPS
};

static void stop(struct squad *squad, size_t who, enum stop how) {
    struct squad_handset *handset = &squad->handsets[who];
    handset->is_asleep = how != OUT_OF_REACH;
    handset->deaf = how == OUT_OF_REACH;
    squad_run(squad, how == OUT_OF_REACH ? 10 * MINUTE_MS : how == ASLEEP ? 90 * 1000 : 5000);
    handset->is_asleep = handset->deaf = false;
    if (how == KILLED || how == REBOOTED) {
        squad_restart(squad, who, how == REBOOTED);
    }
}

static void a_member_that_was_not_asked_yet_is_asked_whoever_stops(void **state) {
    (void)state;
    for (size_t who = 0; who < 2; who++) {
        for (int how = 0; how < STOPS; how++) {
            for (int64_t after_ms = 0; after_ms <= 1000; after_ms += 500) {
                struct squad *squad = met(2);
                create(squad, 1);
                squad_run(squad, after_ms);
                stop(squad, who, (enum stop)how);
                squad_run(squad, NEARBY_AGAIN_MS);
                assert_int_equal(squad_view(squad, 1)->invitation_count, 1);
                assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
                squad_run(squad, 2000);
                assert_true(has_key(squad, 1));
                assert_int_equal(state_of(squad, 1), MEMBER_ACCEPTED);
                squad_free(squad);
            }
        }
    }
}

static void a_member_that_accepted_gets_the_key_and_is_not_asked_again_whoever_stops(void **state) {
    (void)state;
    for (size_t who = 0; who < 2; who++) {
        for (int how = 0; how < STOPS; how++) {
            for (int64_t after_ms = 0; after_ms <= 600; after_ms += 300) {
                struct squad *squad = met(2);
                create(squad, 1);
                squad_run(squad, 1000);
                assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
                squad_run(squad, after_ms);
                stop(squad, who, (enum stop)how);
                run_unasked(squad, 1, NEARBY_AGAIN_MS);
                assert_true(has_key(squad, 1));
                assert_int_equal(state_of(squad, 1), MEMBER_ACCEPTED);
                squad_free(squad);
            }
        }
    }
}

/* The creator sleeps first, and the officer decides meanwhile. */
static void what_the_officer_says_while_the_creator_sleeps_stands(void **state) {
    (void)state;
    static const enum command_kind answers[] = {COMMAND_ACCEPT, COMMAND_DECLINE};
    for (size_t i = 0; i < 2; i++) {
        struct squad *squad = met(2);
        create(squad, 1);
        squad_run(squad, 1000);
        squad->handsets[0].is_asleep = true;
        squad_run(squad, 3000);
        assert_int_equal(squad_answer(squad, 1, answers[i]), STATUS_OK);
        run_unasked(squad, 1, 2 * MINUTE_MS);
        squad_restart(squad, 1, true);
        squad->handsets[0].is_asleep = false;
        run_unasked(squad, 1, 10 * MINUTE_MS);
        assert_int_equal(has_key(squad, 1), answers[i] == COMMAND_ACCEPT);
        assert_int_equal(state_of(squad, 1),
                         answers[i] == COMMAND_ACCEPT ? MEMBER_ACCEPTED : MEMBER_DECLINED);
        squad_free(squad);
    }
}

/* --- Who is not asked ----------------------------------------------------------------------- */

static void who_said_no_is_asked_again_only_when_the_creators_officer_says_so(void **state) {
    (void)state;
    struct squad *squad = met(2);
    create(squad, 1);
    squad_run(squad, 1000);
    assert_int_equal(squad_answer(squad, 1, COMMAND_DECLINE), STATUS_OK);
    squad_run(squad, 2000);
    for (size_t who = 0; who < 2; who++) {
        for (int how = 0; how < STOPS; how++) {
            stop(squad, who, (enum stop)how);
            run_unasked(squad, 1, 3 * MINUTE_MS);
            assert_int_equal(state_of(squad, 1), MEMBER_DECLINED);
        }
    }
    assert_int_equal(tell_creator(squad, COMMAND_RETRY_MEMBER, 1), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2000);
    assert_true(has_key(squad, 1));
    squad_free(squad);
}

static void an_officer_who_never_decides_is_asked_a_few_times_and_no_more(void **state) {
    (void)state;
    struct squad *squad = met(2);
    create(squad, 1);
    unsigned asked = 0;
    bool was_asked = false;
    for (int second = 0; second < 60 * 60; second++) {
        squad_run(squad, 1000);
        asked += is_asked(squad, 1) && !was_asked;
        was_asked = is_asked(squad, 1);
    }
    assert_int_equal(asked, PURSUIT_UNANSWERED_MAX);
    assert_int_equal(state_of(squad, 1), MEMBER_UNANSWERED);
    assert_false(group_of(squad, 0)->distributing);
    assert_int_equal(tell_creator(squad, COMMAND_RETRY_MEMBER, 1), STATUS_OK);
    squad_run(squad, 1000);
    assert_true(is_asked(squad, 1));
    squad_free(squad);
}

/* `only`: one of the two is stopped, and otherwise both. */
static void an_officer_is_asked_seldom_however_often_contact_comes_and_goes(void **state) {
    (void)state;
    struct squad *squad = met(2);
    create(squad, 1);
    for (int i = 0; i < 60; i++) {
        squad_run(squad, 15 * 1000);
        squad->handsets[1].deaf = true;
        squad_run(squad, 30 * 1000);
        squad->handsets[1].deaf = false;
    }
    assert_in_range(squad->handsets[1].invitations, PURSUIT_LOST_MAX, 4 * PURSUIT_LOST_MAX);
    run_until_asked(squad, 1, PURSUIT_DECISION_MAX_MS + NEARBY_AGAIN_MS);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2000);
    assert_true(has_key(squad, 1));
    squad_free(squad);
}

static void who_was_stopped_is_not_asked_and_who_was_not_is(void **state) {
    (void)state;
    for (int only = 0; only < 2; only++) {
        struct squad *squad = met(3);
        squad->handsets[1].deaf = squad->handsets[2].deaf = true;
        create(squad, 2);
        squad_run(squad, 30 * 1000);
        assert_int_equal(tell_creator(squad, COMMAND_CANCEL_DISTRIBUTION, only ? 1 : 0), STATUS_OK);
        assert_int_equal(group_of(squad, 0)->distributing, only);
        squad->handsets[1].deaf = squad->handsets[2].deaf = false;
        for (int how = 0; how < STOPS; how++) {
            run_unasked(squad, 1, 2 * MINUTE_MS);
            assert_int_equal(state_of(squad, 1), MEMBER_CANCELLED);
            stop(squad, 0, (enum stop)how);
        }
        squad_run(squad, NEARBY_AGAIN_MS);
        assert_int_equal(is_asked(squad, 2), only);
        assert_int_equal(state_of(squad, 2), only ? MEMBER_ASKED : MEMBER_CANCELLED);
        assert_int_equal(tell_creator(squad, COMMAND_RETRY_MEMBER, 1), STATUS_OK);
        squad_run(squad, 2000);
        assert_true(is_asked(squad, 1)); /* the officer's last word counts */
        squad_free(squad);
    }
}

static void nobody_is_asked_in_radio_silence_and_everybody_after_it(void **state) {
    (void)state;
    static const enum command_kind kinds[] = {COMMAND_RADIO_SILENCE, COMMAND_AIRPLANE};
    static const enum event_reason reasons[] = {REASON_SILENCE, REASON_AIRPLANE};
    for (size_t i = 0; i < 2; i++) {
        struct squad *squad = met(2);
        squad->handsets[1].deaf = true;
        create(squad, 1);
        struct command command = {.kind = kinds[i], .on = true};
        assert_int_equal(squad_command(squad, 0, &command), STATUS_OK);
        squad->handsets[1].deaf = false;
        for (int second = 0; second < 10 * 60; second++) {
            squad_run(squad, 1000);
            assert_false(is_asked(squad, 1));
            /* Nor does it try, only to tell of a member who does not answer. */
            assert_int_equal(state_of(squad, 1), MEMBER_UNREACHABLE);
            assert_int_equal(row_of(squad, 1)->reason, reasons[i]);
        }
        command.on = false;
        assert_int_equal(squad_command(squad, 0, &command), STATUS_OK);
        squad_run(squad, NEARBY_AGAIN_MS);
        assert_true(is_asked(squad, 1));
        squad_free(squad);
    }
}

/* --- How much air it costs ------------------------------------------------------------------ */

/* Connections that handset 0 opened, and octets that it said over them. */
struct cost {
    uint64_t last_id;
    unsigned openings;
    size_t octets;
    bool is_unanswered; /* what it says does not get there */
};

static bool count_cost(void *context, struct squad_frame *frame, size_t receiver) {
    struct cost *cost = context;
    struct frame parsed;
    struct d2d_head head;
    assert_int_equal(frame_read((struct span){frame->octets, frame->length}, &parsed), STATUS_OK);
    if (frame->from != 0 || receiver != 1 || parsed.kind != FRAME_D2D) {
        return true;
    }
    cost->octets += frame->length;
    assert_int_equal(d2d_head_read(parsed.payload, &head), STATUS_OK);
    if (head.step == D2D_OPEN && head.id != cost->last_id) {
        cost->last_id = head.id;
        cost->openings++;
    }
    return !cost->is_unanswered;
}

/* In the second half of an hour, when it has found out that asking is of no use. */
static void a_member_in_reach_that_never_answers_costs_little_air(void **state) {
    (void)state;
    struct squad *squad = met(2);
    struct cost cost = {.is_unanswered = true};
    squad->filter = count_cost;
    squad->filter_context = &cost;
    create(squad, 1);
    squad_run(squad, 30 * MINUTE_MS);
    assert_int_equal(state_of(squad, 1), MEMBER_UNREACHABLE);
    assert_true(cost.openings > 5);
    cost.openings = 0;
    cost.octets = 0;
    squad_run(squad, 30 * MINUTE_MS);
    assert_in_range(cost.openings, 5, 30 * MINUTE_MS / PURSUIT_WAIT_MAX_MS);
    assert_true(cost.octets < 30 * 60 * (size_t)100); /* less than its own presence */
    cost.is_unanswered = false;
    run_until_asked(squad, 1, PURSUIT_WAIT_MAX_MS + MINUTE_MS);
    squad_free(squad);
}

/* A handset with as many groups as it can hold, of which one is deleted after an hour. */
static void a_member_that_has_no_room_is_asked_seldom_and_joins_when_it_has(void **state) {
    (void)state;
    struct squad *squad = met(2);
    struct cost cost = {0};
    for (size_t i = 0; i < VIEW_GROUPS_MAX; i++) {
        struct command command = {.kind = COMMAND_CREATE_GROUP,
                                  .period_ms = PERIOD_MS,
                                  .member_count = 1,
                                  .name = "Its own"};
        snprintf(command.members[0], sizeof command.members[0], "%s", squad_identity(0));
        assert_int_equal(squad_command(squad, 1, &command), STATUS_OK);
        command = (struct command){.kind = COMMAND_CANCEL_DISTRIBUTION};
        memcpy(command.group, squad_view(squad, 1)->groups[i].identity, sizeof command.group);
        assert_int_equal(squad_command(squad, 1, &command), STATUS_OK);
    }
    squad_run(squad, 1000);
    squad->filter = count_cost;
    squad->filter_context = &cost;
    create(squad, 1);
    run_unasked(squad, 1, HOUR_MS);
    assert_int_equal(state_of(squad, 1), MEMBER_UNANSWERED);
    assert_int_equal(row_of(squad, 1)->reason, REASON_BUSY);
    assert_in_range(cost.openings, 4, 2 + HOUR_MS / PURSUIT_DECISION_MAX_MS + 2);
    struct command command = {.kind = COMMAND_DELETE_GROUP};
    memcpy(command.group, squad_view(squad, 1)->groups[0].identity, sizeof command.group);
    assert_int_equal(squad_command(squad, 1, &command), STATUS_OK);
    run_until_asked(squad, 1, PURSUIT_DECISION_MAX_MS + MINUTE_MS);
    squad_free(squad);
}

static void a_key_that_is_over_is_pursued_no_more(void **state) {
    (void)state;
    for (int how = 0; how < STOPS; how++) {
        struct squad *squad = met(2);
        struct cost cost = {0};
        squad->handsets[1].deaf = true;
        create(squad, 1);
        assert_true(group_of(squad, 0)->distributing || is_asked(squad, 1));
        squad->step_ms = 500;
        squad_run(squad, PERIOD_MS - 5 * MINUTE_MS);
        assert_true(group_of(squad, 0)->distributing);
        squad_run(squad, 6 * MINUTE_MS);
        assert_false(group_of(squad, 0)->distributing);
        squad->filter = count_cost;
        squad->filter_context = &cost;
        squad->handsets[1].deaf = false;
        stop(squad, 0, (enum stop)how);
        run_unasked(squad, 1, 10 * MINUTE_MS);
        assert_int_equal(cost.openings, 0);
        assert_false(group_of(squad, 0)->distributing);
        assert_int_equal(state_of(squad, 1), MEMBER_UNREACHABLE);
        assert_int_not_equal(row_of(squad, 1)->reason, REASON_CHECK_FAILED); /* nor is it tried */
        squad_free(squad);
    }
}

/* --- What a yes is for ---------------------------------------------------------------------- */

/* One thing that the officer saw, or that the key hangs on, is another one now. */
static void change(struct group *group, int what) {
    struct group_parameters *parameters = &group->parameters;
    switch (what) {
    case 0:
        parameters->name[0]++;
        break;
    case 1:
        parameters->period_ms += HOUR_MS;
        break;
    case 2:
        parameters->created_ms--;
        break;
    case 3:
        group->current.id = ++parameters->gmk_id;
        parameters->members[1].state = MEMBER_WAITING; /* nobody is asked about this key yet */
        break;
    case 4: /* one more member */
        parameters->members[parameters->member_count] = parameters->members[1];
        snprintf(parameters->members[parameters->member_count].identity, IDENTITY_SIZE, "%s",
                 squad_identity(5));
        parameters->members[parameters->member_count++].state = MEMBER_CANCELLED;
        break;
    case 5: /* one less */
        parameters->member_count--;
        break;
    case 6: /* another one */
        snprintf(parameters->members[2].identity, IDENTITY_SIZE, "%s", squad_identity(5));
        break;
    default:
        snprintf(parameters->members[2].name, DISPLAY_NAME_SIZE, "Somebody else");
    }
}

enum {
    CHANGES = 8
};

/* A creator who is one of us and lets its handset propose something else under the same group. */
static void a_yes_is_for_what_the_officer_saw_and_for_nothing_else(void **state) {
    (void)state;
    for (int what = -1; what < CHANGES; what++) {
        for (int restarted = 0; restarted < 2; restarted++) {
            struct squad *squad = met(3);
            create(squad, 2);
            squad_run(squad, 1000);
            squad->handsets[0].is_asleep = true;
            assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
            squad_run(squad, 2 * MINUTE_MS);
            if (restarted) {
                squad_restart(squad, 1, true);
            }
            if (what >= 0) {
                change(squad->handsets[0].engine->groups.list[0], what);
            }
            squad->handsets[0].is_asleep = false;
            squad_run(squad, NEARBY_AGAIN_MS);
            assert_int_equal(is_asked(squad, 1), what >= 0);
            assert_int_equal(squad_view(squad, 1)->group_count, what < 0);
            squad_free(squad);
        }
    }
}

/* The yes is spent with the key that it brought. */
static void who_deleted_the_group_is_asked_before_it_is_in_it_again(void **state) {
    (void)state;
    for (int restarted = 0; restarted < 2; restarted++) {
        struct squad *squad = met(2);
        create(squad, 1);
        squad_run(squad, 1000);
        assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
        squad_run(squad, 1000);
        assert_true(has_key(squad, 1));
        struct command command = {.kind = COMMAND_DELETE_GROUP};
        memcpy(command.group, group_of(squad, 1)->identity, sizeof command.group);
        assert_int_equal(squad_command(squad, 1, &command), STATUS_OK);
        if (restarted) {
            squad_restart(squad, 1, false);
        }
        squad->handsets[0].engine->groups.list[0]->parameters.members[1].state = MEMBER_UNREACHABLE;
        squad_run(squad, NEARBY_AGAIN_MS);
        assert_true(is_asked(squad, 1));
        assert_int_equal(squad_view(squad, 1)->group_count, 0);
        squad_free(squad);
    }
}

/* --- Left out, and let in again ------------------------------------------------------------- */

/* Handset 2 said yes to the first key and was out of reach before it came. */
static void who_is_taken_out_meanwhile_gets_no_key_and_is_let_in_with_the_next(void **state) {
    (void)state;
    for (int said_yes = 0; said_yes < 2; said_yes++) {
        struct squad *squad = met(3);
        create(squad, 2);
        squad_run(squad, 1000);
        uint32_t first = group_of(squad, 0)->gmk_id;
        squad->handsets[0].is_asleep = true;
        if (said_yes) {
            assert_int_equal(squad_answer(squad, 2, COMMAND_ACCEPT), STATUS_OK);
        }
        squad->handsets[2].deaf = true;
        squad->handsets[0].is_asleep = false;
        squad_run(squad, MINUTE_MS);
        rekey(squad, 1, PERIOD_MS);
        uint32_t second = group_of(squad, 0)->gmk_id;
        squad->handsets[2].deaf = false;
        run_unasked(squad, 2, 5 * MINUTE_MS);
        squad_restart(squad, 0, false);
        run_unasked(squad, 2, 5 * MINUTE_MS);

        squad->handsets[2].deaf = true; /* long out of sight, and still known */
        squad_run(squad, 5 * MINUTE_MS);
        assert_int_equal(group_of(squad, 0)->former_count, 1);
        assert_string_equal(group_of(squad, 0)->former[0].identity, squad_identity(2));
        rekey(squad, 2, PERIOD_MS);
        assert_int_equal(group_of(squad, 0)->former_count, 0);
        squad->handsets[2].deaf = false;
        squad_run(squad, NEARBY_AGAIN_MS);
        assert_int_equal(squad_view(squad, 2)->invitation_count, 1); /* a yes is for one key */
        assert_int_equal(squad_answer(squad, 2, COMMAND_ACCEPT), STATUS_OK);
        squad_run(squad, 2000);
        assert_true(has_key(squad, 2));
        assert_false(holds(squad, 2, first));
        assert_false(holds(squad, 2, second));
        squad_free(squad);
    }
}

/* --- Random histories ----------------------------------------------------------------------- */

enum {
    HISTORIES = 12,
    HISTORY_SIZE = 4, /* handsets */
    HISTORY_EVENTS = 25,
};

/* MUSTER_SEED plays one again; otherwise each run has its own. */
static uint64_t first_seed(void) {
    const char *only = getenv("MUSTER_SEED");
    uint64_t seed =
        only != NULL ? strtoull(only, NULL, 10) : (uint64_t)time(NULL) * UINT64_C(1000003);
    print_message("seed %llu\n", (unsigned long long)seed);
    return seed;
}

static unsigned below(uint64_t *seed, unsigned bound) {
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((*seed >> 33) % bound);
}

struct history {
    uint64_t seed;
    struct squad *squad;
    unsigned keys;                  /* each is told from the others by its period of use */
    int64_t answered[HISTORY_SIZE]; /* the period of the one about which the officer decided last */
    bool said_yes[HISTORY_SIZE];
    bool parted[HISTORY_SIZE][HISTORY_SIZE];
};

static bool is_not_parted(void *context, struct squad_frame *frame, size_t receiver) {
    const struct history *history = context;
    return !history->parted[frame->from][receiver];
}

/* Time passes; officers who are asked decide now and then, and never twice about one key. */
static void live(struct history *history, int64_t ms, bool at_once) {
    struct squad *squad = history->squad;
    for (int64_t until = squad->boot_ms + ms; squad->boot_ms < until;) {
        squad_run(squad, 500);
        for (size_t n = 1; n < HISTORY_SIZE; n++) {
            if (squad->handsets[n].is_asleep || !is_asked(squad, n)) {
                continue;
            }
            int64_t key = squad_view(squad, n)->invitations[0].period_ms;
            assert_int_not_equal(key, history->answered[n]);
            if (at_once || below(&history->seed, 8) == 0) {
                history->answered[n] = key;
                history->said_yes[n] = below(&history->seed, 4) > 0;
                assert_int_equal(
                    squad_answer(squad, n, history->said_yes[n] ? COMMAND_ACCEPT : COMMAND_DECLINE),
                    STATUS_OK);
            }
        }
    }
}

static void trouble(struct history *history) {
    struct squad *squad = history->squad;
    size_t n = below(&history->seed, HISTORY_SIZE), other = below(&history->seed, HISTORY_SIZE);
    struct squad_handset *handset = &squad->handsets[n];
    switch (below(&history->seed, 6)) {
    case 0:
        squad_restart(squad, n, below(&history->seed, 2) == 0);
        handset->is_asleep = false;
        break;
    case 1:
        handset->is_asleep = !handset->is_asleep;
        break;
    case 2:
        handset->deaf = !handset->deaf;
        break;
    case 3:
    case 4:
        history->parted[n][other] = !history->parted[n][other];
        break;
    default:
        if (!squad->handsets[0].is_asleep && below(&history->seed, 2) == 0) {
            rekey(squad, 1 + below(&history->seed, HISTORY_SIZE - 1), PERIOD_MS + ++history->keys);
        }
    }
}

static void check_end(struct history *history) {
    struct squad *squad = history->squad;
    int64_t key = group_of(squad, 0)->period_ms;
    for (size_t n = 1; n < HISTORY_SIZE; n++) {
        enum member_state state = state_of(squad, n);
        bool is_listed = state != MEMBER_UNKNOWN;
        bool has_accepted = is_listed && history->answered[n] == key && history->said_yes[n];
        assert_int_equal(has_key(squad, n), has_accepted);
        assert_true(!is_listed || history->answered[n] == key);
        assert_true(!is_listed || state == (has_accepted ? MEMBER_ACCEPTED : MEMBER_DECLINED));
    }
}

static void in_random_histories_every_officer_decides_once_and_has_what_it_said(void **state) {
    (void)state;
    uint64_t seed = first_seed();
    int histories = getenv("MUSTER_SEED") != NULL ? 1 : HISTORIES;
    for (int i = 0; i < histories; i++) {
        struct history history = {.seed = seed + (uint64_t)i, .squad = met(HISTORY_SIZE)};
        print_message("history %llu\n", (unsigned long long)history.seed);
        history.squad->filter = is_not_parted;
        history.squad->filter_context = &history;
        create(history.squad, HISTORY_SIZE - 1);
        for (int event = 0; event < HISTORY_EVENTS; event++) {
            live(&history, 250 << below(&history.seed, 9), false);
            trouble(&history);
        }
        memset(history.parted, 0, sizeof history.parted);
        for (size_t n = 0; n < HISTORY_SIZE; n++) {
            history.squad->handsets[n].is_asleep = history.squad->handsets[n].deaf = false;
        }
        live(&history, 5 * MINUTE_MS, true);
        check_end(&history);
        squad_free(history.squad);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_that_was_not_asked_yet_is_asked_whoever_stops),
        cmocka_unit_test(a_member_that_accepted_gets_the_key_and_is_not_asked_again_whoever_stops),
        cmocka_unit_test(what_the_officer_says_while_the_creator_sleeps_stands),
        cmocka_unit_test(who_said_no_is_asked_again_only_when_the_creators_officer_says_so),
        cmocka_unit_test(an_officer_who_never_decides_is_asked_a_few_times_and_no_more),
        cmocka_unit_test(an_officer_is_asked_seldom_however_often_contact_comes_and_goes),
        cmocka_unit_test(who_was_stopped_is_not_asked_and_who_was_not_is),
        cmocka_unit_test(nobody_is_asked_in_radio_silence_and_everybody_after_it),
        cmocka_unit_test(a_member_in_reach_that_never_answers_costs_little_air),
        cmocka_unit_test(a_member_that_has_no_room_is_asked_seldom_and_joins_when_it_has),
        cmocka_unit_test(a_key_that_is_over_is_pursued_no_more),
        cmocka_unit_test(a_yes_is_for_what_the_officer_saw_and_for_nothing_else),
        cmocka_unit_test(who_deleted_the_group_is_asked_before_it_is_in_it_again),
        cmocka_unit_test(who_is_taken_out_meanwhile_gets_no_key_and_is_let_in_with_the_next),
        cmocka_unit_test(in_random_histories_every_officer_decides_once_and_has_what_it_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
