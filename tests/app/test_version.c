/* SPDX-License-Identifier: GPL-3.0-or-later */
/* handset_version and handset_is_listening: when a picture is worth drawing, and sound worth asking
 * for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/app/squad.h"

static uint64_t version(const struct squad *squad, size_t n) {
    return handset_version(squad->handsets[n].engine, NULL);
}

static bool is_listening(const struct squad *squad, size_t n) {
    return handset_is_listening(squad->handsets[n].engine);
}

/* Handset 1's latest presence, which handset 0 has not heard. */
static struct squad_frame unheard_presence(struct squad *squad) {
    squad->handsets[0].deaf = true;
    squad_run(squad, 6000);
    squad->handsets[0].deaf = false;
    const struct squad_frame *frame = squad_find_frame(squad, 1, FRAME_PRESENCE);
    assert_non_null(frame);
    return *frame;
}

static void only_a_neighbour_that_is_new_is_a_change(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, 1000);
    struct squad_frame presence = unheard_presence(squad);
    struct span octets = {presence.octets, presence.length};
    assert_int_equal(squad_view(squad, 0)->nearby_count, 1);
    assert_true(squad_view(squad, 0)->nearby[0].heard_ago_ms > 1000);
    uint64_t before = version(squad, 0);
    squad_inject(squad, 0, 1, octets);
    assert_int_equal(squad_view(squad, 0)->nearby[0].heard_ago_ms, 0);
    assert_int_equal(version(squad, 0), before);

    squad_restart(squad, 0, false);
    before = version(squad, 0);
    squad_inject(squad, 0, 1, octets);
    assert_int_equal(squad_view(squad, 0)->nearby_count, 1);
    assert_int_not_equal(version(squad, 0), before);
    before = version(squad, 0);
    squad_inject(squad, 0, 1, octets);
    assert_int_equal(version(squad, 0), before);
    squad_free(squad);
}

static void what_an_officer_does_and_what_is_noted_are_changes(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    const struct command silence = {.kind = COMMAND_RADIO_SILENCE, .on = 1};
    uint64_t before = version(squad, 0);
    assert_int_equal(squad_command(squad, 0, &silence), STATUS_OK);
    assert_int_not_equal(version(squad, 0), before);
    before = version(squad, 0);
    const struct event news = {.kind = EVENT_LINK_PROBLEM};
    handset_note(squad->handsets[0].engine, squad_now(squad, 0), &news);
    assert_int_not_equal(version(squad, 0), before);
    squad_free(squad);
}

/* In how many of the next `steps` steps of 20 ms the picture changed. */
static unsigned changes(struct squad *squad, size_t n, unsigned steps) {
    unsigned count = 0;
    for (unsigned i = 0; i < steps; i++) {
        uint64_t before = version(squad, n);
        squad_run(squad, 20);
        count += version(squad, n) != before;
    }
    return count;
}

static void levels_move_while_somebody_talks_and_rest_afterwards(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    assert_false(is_listening(squad, 1));
    assert_in_range(changes(squad, 1, 50), 0, 5);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 500);
    assert_true(is_listening(squad, 1));
    assert_false(is_listening(squad, 0));
    assert_in_range(changes(squad, 0, 50), 45, 50);
    assert_in_range(changes(squad, 1, 50), 45, 50);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 1000);
    assert_false(is_listening(squad, 1));
    assert_int_equal(squad_view(squad, 1)->talker_count, 0);
    assert_in_range(changes(squad, 0, 50), 0, 5);
    assert_in_range(changes(squad, 1, 50), 0, 5);
    squad_free(squad);
}

/* The level that is shown last is that of silence. */
static void a_voice_that_stops_changes_the_picture_once_more(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 500);
    squad->handsets[1].deaf = true;
    uint64_t before = 0;
    for (unsigned i = 0; i < 100 && squad_view(squad, 1)->talkers[0].level > 0; i++) {
        before = version(squad, 1);
        squad_run(squad, 20);
    }
    assert_true(is_listening(squad, 1));
    assert_int_equal(squad_view(squad, 1)->talker_count, 1);
    assert_int_equal(squad_view(squad, 1)->talkers[0].level, 0);
    assert_int_not_equal(version(squad, 1), before);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_neighbour_that_is_new_is_a_change),
        cmocka_unit_test(what_an_officer_does_and_what_is_noted_are_changes),
        cmocka_unit_test(levels_move_while_somebody_talks_and_rest_afterwards),
        cmocka_unit_test(a_voice_that_stops_changes_the_picture_once_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
