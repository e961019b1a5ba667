/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The source of a flood is told to the officer once, and that it is over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/air/floods.h"
#include "squad.h"

enum {
    STEP_MS = 10,
};

struct told {
    unsigned begun, over;
    struct event begin, end;
};

static void note(void *context, size_t n, const struct event *event) {
    struct told *told = context;
    if (n != 0) {
        return;
    }
    if (event->kind == EVENT_FLOOD) {
        told->begun++;
        told->begin = *event;
    } else if (event->kind == EVENT_FLOOD_OVER) {
        told->over++;
        told->end = *event;
    }
}

static struct squad *squad_told_to(struct told *told) {
    struct squad *squad = squad_new(1);
    *told = (struct told){0};
    squad->told = note;
    squad->told_context = told;
    squad_run(squad, 1000);
    return squad;
}

/* `a_step` frames in each 10 ms, for `ms`, from `sources` addresses in turn. */
static void flood(struct squad *squad, unsigned a_step, unsigned sources, int64_t ms) {
    static unsigned turn;
    for (int64_t at = 0; at < ms; at += STEP_MS) {
        for (unsigned i = 0; i < a_step; i++, turn++) {
            const uint8_t junk[40] = {(uint8_t)turn, (uint8_t)(turn >> 8), (uint8_t)(turn >> 16)};
            squad_inject_payload(squad, 0, SQUAD_STRANGER + turn % sources, FRAME_PRESENCE,
                                 SPAN_OF(junk));
        }
        squad_run(squad, STEP_MS);
    }
}

static bool stands(struct squad *squad) {
    const struct view *view = squad_view(squad, 0);
    bool does = false;
    for (size_t i = 0; i < view->alarm_count; i++) {
        does |= view->alarms[i].kind == EVENT_FLOOD;
    }
    return does;
}

static void a_flood_from_one_address_is_told_once_with_that_and_its_end_once(void **state) {
    (void)state;
    struct told told;
    struct squad *squad = squad_told_to(&told);
    flood(squad, 20, 1, 10000);
    assert_int_equal(told.begun, 1);
    assert_int_equal(told.over, 0);
    assert_string_equal(told.begin.source, "10.0.0.22"); /* as the squad names that place */
    assert_string_equal(told.begin.link, "udp");
    assert_int_equal(told.begin.sources, 0);
    assert_in_range(told.begin.condition.number, 1900, 2100);
    assert_true(stands(squad));
    squad_run(squad, FLOOD_ENDS_MS + 2000);
    assert_int_equal(told.begun, 1);
    assert_int_equal(told.over, 1);
    assert_in_range(told.end.duration_ms, 9000, 11000);
    assert_false(stands(squad));
    squad_free(squad);
}

static void one_from_many_addresses_is_told_as_that(void **state) {
    (void)state;
    struct told told;
    struct squad *squad = squad_told_to(&told);
    flood(squad, 20, 200, 4000);
    assert_int_equal(told.begun, 1);
    assert_string_equal(told.begin.source, "");
    assert_in_range(told.begin.sources, 150, 200);
    squad_free(squad);
}

/* Whoever hides among others and is most of it is named. */
static void the_one_behind_most_of_it_is_named(void **state) {
    (void)state;
    struct told told;
    struct squad *squad = squad_told_to(&told);
    for (int i = 0; i < 40; i++) {
        flood(squad, 12, 1, 100);
        flood(squad, 1, 50, 10);
    }
    assert_int_equal(told.begun, 1);
    assert_string_equal(told.begin.source, "10.0.0.22");
    squad_free(squad);
}

/* On for a while, off for a while, again and again: the pauses are too short to be an end. */
static void one_that_pauses_is_one(void **state) {
    (void)state;
    struct told told;
    struct squad *squad = squad_told_to(&told);
    for (int i = 0; i < 6; i++) {
        flood(squad, 20, 1, 3000);
        squad_run(squad, FLOOD_ENDS_MS / 2);
    }
    assert_int_equal(told.begun, 1);
    assert_int_equal(told.over, 0);
    squad_free(squad);
}

/* A burst is none, nor is what a few who talk, and whose words are refused, send. */
static void what_handsets_send_is_none(void **state) {
    (void)state;
    struct told told;
    struct squad *squad = squad_told_to(&told);
    flood(squad, 100, 1, 300);
    squad_run(squad, 5000);
    flood(squad, 1, 1, 10000);
    assert_int_equal(told.begun, 0);
    assert_int_equal(squad_view(squad, 0)->alarm_count, 0);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flood_from_one_address_is_told_once_with_that_and_its_end_once),
        cmocka_unit_test(one_from_many_addresses_is_told_as_that),
        cmocka_unit_test(the_one_behind_most_of_it_is_named),
        cmocka_unit_test(one_that_pauses_is_one),
        cmocka_unit_test(what_handsets_send_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
