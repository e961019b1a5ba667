/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Airplane mode: nothing goes out, nothing comes in (app/handset/command.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "town.h"

enum {
    STREET = 1,
    TUNNEL = 2,
    STREET_MEDIUM = 0
};

static const size_t anna = 0, ben = 1, carl = 2;

static struct town *three(void) {
    struct town *town = town_new(1);
    town_star(town, STREET_MEDIUM, anna); /* so that she would have much to pass on */
    town_add(town, STREET | TUNNEL);
    town_add(town, STREET);
    town_add(town, STREET);
    town_run(town, 6000);
    return town;
}

static void airplane(struct town *town, size_t n, int on) {
    struct command command = {.kind = COMMAND_AIRPLANE, .on = on};
    assert_int_equal(town_command(town, n, &command), STATUS_OK);
    assert_int_equal(town_view(town, n)->airplane, on != 0);
    assert_int_equal(handset_is_off_air(town->handsets[n].engine), on != 0);
    assert_int_equal(handset_is_silent(town->handsets[n].engine), on != 0);
}

static size_t said_by(const struct town *town, size_t n, size_t since) {
    size_t said = 0;
    for (size_t i = since; i < town->said_count; i++) {
        said += town->said[i].from == n;
    }
    return said;
}

static void call(struct town *town, size_t from, size_t to) {
    struct command command = {.kind = COMMAND_CALL};
    snprintf(command.identity, sizeof command.identity, "%s", squad_identity(to));
    assert_int_equal(town_command(town, from, &command), STATUS_OK);
    town_run(town, 1000);
    struct command accept = {.kind = COMMAND_ACCEPT,
                             .invitation = town_view(town, to)->invitations[0].id};
    assert_int_equal(town_command(town, to, &accept), STATUS_OK);
    town_run(town, 1000);
    assert_int_equal(town_view(town, from)->call_state, CALL_ACTIVE);
}

static void nothing_goes_out_from_the_command_on(void **state) {
    (void)state;
    for (int calls = 0; calls < 2; calls++) {
        struct town *town = three();
        town_group(town, anna, ben);
        if (calls != 0) {
            call(town, anna, ben);
        } else {
            assert_int_equal(town_talk(town, anna), STATUS_OK);
        }
        town_run(town, 500);
        size_t since = town->said_count;
        airplane(town, anna, 1);
        assert_int_equal(town_view(town, anna)->call_state, CALL_NONE);
        assert_int_equal(town_view(town, anna)->session_count > 0, 1);
        assert_false(handset_is_talking(town->handsets[anna].engine));
        town_run(town, 30000);
        assert_int_equal(said_by(town, anna, since), 0);
        assert_int_equal(town_view(town, ben)->call_state, CALL_NONE);
        town_free(town);
    }
}

static void nothing_comes_in_and_whoever_is_nearby_is_not_seen_any_more(void **state) {
    (void)state;
    struct town *town = three();
    town_group(town, ben, anna);
    airplane(town, anna, 1);
    uint64_t heard = town_view(town, anna)->frames_heard;
    unsigned talks = town->handsets[anna].talks;
    assert_int_equal(town_talk(town, ben), STATUS_OK);
    town_run(town, 1000);
    assert_int_equal(town->handsets[anna].talks, talks);
    assert_int_equal(town->handsets[anna].voice_frames, 0);
    town_run(town, 25000);
    assert_int_equal(town_view(town, anna)->frames_heard, heard);
    assert_int_equal(town_view(town, anna)->nearby_count, 0);
    town_free(town);
}

/* Does a presence that came from `from` wait to be heard? */
static bool is_waiting(const struct admission *admission, size_t from) {
    bool is = false;
    for (size_t i = 0; i < SHOWN_COUNT; i++) {
        const struct waiting_room *room = &admission->shares[i].rooms[FRAME_PRESENCE];
        for (size_t k = 0; k < room->count; k++) {
            is = is || (uint8_t)room->list[k]->knock.arrival.peer == from + 1;
        }
    }
    return is;
}

/* Until what `from` says to anna waits: she has nothing to pay for checking its signature. */
static void run_until_it_waits(struct town *town, size_t from) {
    struct admission *admission = &town->handsets[anna].engine->admission;
    while (!is_waiting(admission, from)) {
        for (size_t i = 0; i < SHOWN_COUNT; i++) {
            admission->shares[i].signatures = (struct purse){.filled_ms = town->boot_ms};
        }
        town_run(town, 1);
    }
}

/* Does anna see who comes, says one presence, which waits to be heard, and is gone? */
static bool sees_who_waited(bool is_in_airplane_mode) {
    struct town *town = three();
    size_t dora = town_add(town, STREET);
    run_until_it_waits(town, dora);
    town->handsets[dora].is_gone = true;
    if (is_in_airplane_mode) {
        airplane(town, anna, 1);
    }
    town_run(town, 2000);
    const struct view *view = town_view(town, anna);
    bool sees = false;
    for (size_t i = 0; i < view->nearby_count; i++) {
        sees = sees || strcmp(view->nearby[i].identity, squad_identity(dora)) == 0;
    }
    town_free(town);
    return sees;
}

static void what_still_waited_to_be_heard_is_not_heard_any_more(void **state) {
    (void)state;
    assert_true(sees_who_waited(false));
    assert_false(sees_who_waited(true));
}

static void members_who_are_being_asked_are_asked_no_more(void **state) {
    (void)state;
    struct town *town = three();
    struct command create = squad_create_command(1, HOUR_MS);
    snprintf(create.members[0], sizeof create.members[0], "%s", squad_identity(ben));
    assert_int_equal(town_command(town, anna, &create), STATUS_OK);
    town_run(town, 1000);
    assert_int_equal(town_view(town, ben)->invitation_count, 1);
    airplane(town, anna, 1);
    const struct view_member *member = &town_view(town, anna)->groups[0].members[1];
    assert_int_equal(member->state, MEMBER_UNREACHABLE);
    assert_int_equal(member->reason, REASON_AIRPLANE);
    town_run(town, 16000);
    assert_int_equal(town_view(town, ben)->invitation_count, 0);
    town_free(town);
}

static void what_needs_the_air_is_refused_with_the_reason(void **state) {
    (void)state;
    struct town *town = three();
    town_group(town, anna, ben);
    airplane(town, anna, 1);
    struct command commands[] = {{.kind = COMMAND_TALK_BEGIN},
                                 {.kind = COMMAND_CALL},
                                 squad_create_command(1, HOUR_MS),
                                 {.kind = COMMAND_REKEY_GROUP}};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        struct event problem;
        assert_int_equal(
            handset_command(town->handsets[anna].engine, town_now(town), &commands[i], &problem),
            STATUS_NOT_ALLOWED);
        assert_int_equal(problem.kind, EVENT_AIRPLANE_IS_ON);
    }
    town_free(town);
}

static void off_again_it_shows_itself_at_once_and_works(void **state) {
    (void)state;
    struct town *town = three();
    airplane(town, anna, 1);
    airplane(town, anna, 1); /* again changes nothing */
    town_run(town, 25000);
    assert_int_equal(town_view(town, ben)->nearby_count, 0); /* she was the hub */
    airplane(town, anna, 0);
    town_run(town, 20);
    assert_in_range(town_view(town, ben)->nearby_count, 1, 2);
    town_run(town, 5000);
    assert_int_equal(town_view(town, ben)->nearby_count, 2);
    town_group(town, carl, anna);
    assert_int_equal(town_talk(town, anna), STATUS_OK);
    town_free(town);
}

static void radio_silence_outlasts_it(void **state) {
    (void)state;
    struct town *town = three();
    struct command silence = {.kind = COMMAND_RADIO_SILENCE, .on = 1};
    assert_int_equal(town_command(town, anna, &silence), STATUS_OK);
    airplane(town, anna, 1);
    struct command off = {.kind = COMMAND_AIRPLANE};
    assert_int_equal(town_command(town, anna, &off), STATUS_OK);
    assert_true(handset_is_silent(town->handsets[anna].engine));
    assert_false(handset_is_off_air(town->handsets[anna].engine));
    assert_true(town_view(town, anna)->radio_silence);
    town_free(town);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_goes_out_from_the_command_on),
        cmocka_unit_test(nothing_comes_in_and_whoever_is_nearby_is_not_seen_any_more),
        cmocka_unit_test(what_still_waited_to_be_heard_is_not_heard_any_more),
        cmocka_unit_test(members_who_are_being_asked_are_asked_no_more),
        cmocka_unit_test(what_needs_the_air_is_refused_with_the_reason),
        cmocka_unit_test(off_again_it_shows_itself_at_once_and_works),
        cmocka_unit_test(radio_silence_outlasts_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
