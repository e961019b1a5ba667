/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who may raise an emergency (app/handset/talk/raising.h): the creator's list says it, and not who
 * talks. Whole engines; one of them is a client that its holder has changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "tests/app/talkers.h"

enum {
    CREATOR = 0,
    MEMBER = 1,  /* like any other */
    WITHOUT = 2, /* a right to an emergency */
    LATE = 3,
    COUNT = 4,
    MET_MS = 5000
};

static struct group *group_of(const struct squad *squad, size_t n) {
    struct groups *groups = &squad->handsets[n].engine->groups;
    return groups->count == 0 ? NULL : groups->list[0];
}

static bool may_raise(const struct squad *squad, size_t n, size_t member) {
    const struct group_parameters *parameters = &group_of(squad, n)->parameters;
    assert_non_null(group_listed(parameters, squad_identity(member)));
    return group_may_raise(parameters, squad_identity(member));
}

static void take_right(struct command *command, size_t n) {
    snprintf(command->no_emergency[command->no_emergency_count++], sizeof command->no_emergency[0],
             "%s", squad_identity(n));
}

/* The creator makes a group with the next `members`, of whom WITHOUT has no right. */
static struct squad *new_group(size_t members) {
    struct squad *squad = squad_new(COUNT);
    squad_run(squad, 200);
    struct command create = squad_create_command(members, HOUR_MS);
    take_right(&create, WITHOUT);
    assert_int_equal(squad_command(squad, CREATOR, &create), STATUS_OK);
    squad_run(squad, 1000);
    for (size_t n = 1; n <= members; n++) {
        assert_int_equal(squad_answer(squad, n, COMMAND_ACCEPT), STATUS_OK);
    }
    squad_run(squad, MET_MS);
    return squad;
}

static enum status raise(struct squad *squad, size_t n, enum event_kind told) {
    struct event problem;
    struct command command = {.kind = COMMAND_EMERGENCY, .on = 1};
    snprintf(command.group, sizeof command.group, "%s", group_of(squad, n)->parameters.identity);
    enum status status =
        handset_command(squad->handsets[n].engine, squad_now(squad, n), &command, &problem);
    assert_int_equal(problem.kind, told);
    squad_run(squad, 500);
    return status;
}

/* The client of handset n is changed: it claims what the list does not give. */
static void change_client(struct squad *squad, size_t n) {
    group_member(&group_of(squad, n)->parameters, squad_identity(n))->no_emergency = false;
}

static void assert_talks(struct squad *squad, size_t n, size_t talker) {
    talkers_expect(squad, n, talker);
    assert_false(squad_view(squad, n)->talkers[0].is_emergency);
    assert_int_equal(squad_view(squad, n)->emergency_count, 0);
}

static void every_handset_has_the_list_and_its_own_officer_is_told(void **state) {
    (void)state;
    struct squad *squad = new_group(3);
    for (size_t n = 0; n < COUNT; n++) {
        for (size_t member = 0; member < COUNT; member++) {
            assert_int_equal(may_raise(squad, n, member), member != WITHOUT);
        }
    }
    assert_int_equal(raise(squad, WITHOUT, EVENT_NO_EMERGENCY_RIGHT), STATUS_NOT_ALLOWED);
    for (size_t n = 0; n < COUNT; n++) {
        assert_int_equal(squad_view(squad, n)->emergency_count, 0);
        assert_int_equal(squad_view(squad, n)->talker_count, 0);
    }
    squad_free(squad);
}

static void who_has_the_right_takes_the_floor_from_who_has_not(void **state) {
    (void)state;
    struct squad *squad = new_group(3);
    assert_int_equal(squad_talk(squad, WITHOUT), STATUS_OK);
    squad_run(squad, 500);
    assert_int_equal(raise(squad, MEMBER, EVENT_NONE), STATUS_OK);
    for (size_t n = 0; n < COUNT; n++) {
        talkers_expect(squad, n, MEMBER);
        assert_int_equal(squad_view(squad, n)->emergency_count, 1);
        assert_int_equal(talkers_events(squad, n, EVENT_EMERGENCY_UNFOUNDED, NULL), 0);
    }
    squad_free(squad);
}

/* It does not take the floor, and is heard like any other once that is free: nobody is muted. */
static void a_claim_beyond_the_list_is_normal_at_every_handset(void **state) {
    (void)state;
    struct squad *squad = new_group(3);
    change_client(squad, WITHOUT);
    squad_restart(squad, LATE, false); /* the list outlives that */
    squad_run(squad, MET_MS);
    assert_int_equal(squad_talk(squad, CREATOR), STATUS_OK);
    squad_run(squad, 500);
    assert_int_equal(raise(squad, WITHOUT, EVENT_NONE), STATUS_OK);
    for (size_t n = 0; n < COUNT; n++) {
        if (n != WITHOUT) {
            assert_talks(squad, n, CREATOR);
            assert_int_equal(talkers_events(squad, n, EVENT_EMERGENCY, NULL), 0);
            assert_true(
                talkers_events(squad, n, EVENT_EMERGENCY_UNFOUNDED, squad_identity(WITHOUT)) > 0);
            assert_int_equal(talkers_events(squad, n, EVENT_FLOOR_LOST, NULL), 0);
        }
    }
    assert_int_equal(squad_stop(squad, CREATOR), STATUS_OK);
    squad_run(squad, 500);
    unsigned heard = squad->handsets[MEMBER].voice_frames;
    squad_run(squad, 1000);
    for (size_t n = 0; n < COUNT; n++) {
        if (n != WITHOUT) {
            assert_talks(squad, n, WITHOUT);
        }
    }
    assert_in_range(squad->handsets[MEMBER].voice_frames - heard, 40, 60);
    squad_free(squad);
}

/* MEMBER has no list with LATE in it when that talks. */
static void who_came_late_has_it_in_its_ticket(void **state) {
    (void)state;
    struct squad *squad = new_group(2);
    struct command command = {.kind = COMMAND_ADD_MEMBERS, .member_count = 1};
    memcpy(command.group, group_of(squad, CREATOR)->parameters.identity, sizeof command.group);
    snprintf(command.members[0], sizeof command.members[0], "%s", squad_identity(LATE));
    take_right(&command, LATE);
    squad->handsets[MEMBER].deaf = true;
    assert_int_equal(squad_command(squad, CREATOR, &command), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_answer(squad, LATE, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, MET_MS);
    for (size_t n = 0; n < COUNT; n++) {
        if (n != MEMBER) {
            assert_false(may_raise(squad, n, LATE));
            assert_false(may_raise(squad, n, WITHOUT));
        }
    }
    assert_int_equal(raise(squad, LATE, EVENT_NO_EMERGENCY_RIGHT), STATUS_NOT_ALLOWED);
    assert_null(group_listed(&group_of(squad, MEMBER)->parameters, squad_identity(LATE)));
    change_client(squad, LATE);
    squad->handsets[CREATOR].deaf = true;
    squad->handsets[MEMBER].deaf = false;
    assert_int_equal(raise(squad, LATE, EVENT_NONE), STATUS_OK);
    squad_run(squad, MET_MS);
    assert_false(may_raise(squad, MEMBER, LATE));
    assert_talks(squad, MEMBER, LATE);
    assert_true(talkers_events(squad, MEMBER, EVENT_EMERGENCY_UNFOUNDED, squad_identity(LATE)) > 0);
    squad_free(squad);
}

/* In the middle of its talk, with the next key. */
static void a_new_key_takes_the_right_and_gives_it_back(void **state) {
    (void)state;
    struct squad *squad = new_group(3);
    for (int takes = 0; takes < 2; takes++) {
        struct command command = squad_create_command(3, HOUR_MS);
        command.kind = COMMAND_REKEY_GROUP;
        memcpy(command.group, group_of(squad, CREATOR)->parameters.identity, sizeof command.group);
        if (takes) {
            take_right(&command, MEMBER);
            assert_int_equal(raise(squad, MEMBER, EVENT_NONE), STATUS_OK);
        }
        assert_int_equal(squad_command(squad, CREATOR, &command), STATUS_OK);
        squad_run(squad, 1000);
        for (size_t n = 1; n < COUNT; n++) {
            assert_int_equal(squad_answer(squad, n, COMMAND_ACCEPT), STATUS_OK);
        }
        squad_run(squad, 40 * 1000);
        for (size_t n = 0; n < COUNT; n++) {
            assert_true(may_raise(squad, n, WITHOUT));
            assert_int_equal(may_raise(squad, n, MEMBER), !takes);
        }
    }
    for (size_t n = 0; n < COUNT; n++) {
        talkers_expect(squad, n, MEMBER);
    }
    const struct claim *own = &squad->handsets[MEMBER].engine->talk.claim;
    assert_int_equal(own->priority, TALK_NORMAL);
    assert_int_equal(raise(squad, WITHOUT, EVENT_NONE), STATUS_OK);
    for (size_t n = 0; n < COUNT; n++) {
        talkers_expect(squad, n, WITHOUT);
    }
    squad_free(squad);
}

/* Nor does it come first in the queue. */
static void a_request_beyond_the_list_waits_like_any_other(void **state) {
    (void)state;
    struct squad *squad = new_group(3);
    assert_int_equal(raise(squad, CREATOR, EVENT_NONE), STATUS_OK);
    assert_int_equal(squad_talk(squad, MEMBER), STATUS_BUSY);
    squad_run(squad, 500);
    change_client(squad, WITHOUT);
    assert_int_equal(raise(squad, WITHOUT, EVENT_NONE), STATUS_OK);
    assert_int_equal(squad_talk(squad, WITHOUT), STATUS_BUSY);
    squad_run(squad, 500);
    const struct queue *queue = &squad->handsets[CREATOR].engine->queue;
    assert_int_equal(queue->count, 2);
    assert_string_equal(queue->places[0].identity, squad_identity(MEMBER));
    assert_int_equal(queue->places[1].priority, TALK_NORMAL);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_handset_has_the_list_and_its_own_officer_is_told),
        cmocka_unit_test(who_has_the_right_takes_the_floor_from_who_has_not),
        cmocka_unit_test(a_claim_beyond_the_list_is_normal_at_every_handset),
        cmocka_unit_test(who_came_late_has_it_in_its_ticket),
        cmocka_unit_test(a_new_key_takes_the_right_and_gives_it_back),
        cmocka_unit_test(a_request_beyond_the_list_waits_like_any_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
