/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands until it is over (app/handset/desk/alarms.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "app/handset/desk/alarms.h"

static void hear(struct alarms *alarms, enum event_kind kind, const char *check) {
    struct event event = {.kind = kind, .check = check};
    alarms_hear(alarms, &event);
}

/* The kinds that stand, in the order shown. */
static void expect_standing(const struct alarms *alarms, size_t count,
                            const enum event_kind kinds[]) {
    struct view *view = calloc(1, sizeof *view);
    assert_non_null(view);
    alarms_show(alarms, view);
    assert_int_equal(view->alarm_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(view->alarms[i].kind, kinds[i]);
    }
    free(view);
}

static void what_stands_is_shown_until_it_is_over(void **state) {
    (void)state;
    struct alarms alarms = {0};
    hear(&alarms, EVENT_NEARBY, NULL);
    expect_standing(&alarms, 0, NULL);
    hear(&alarms, EVENT_MEMORY_NOT_LOCKED, NULL);
    hear(&alarms, EVENT_SAVING_FAILED, "no-space");
    expect_standing(&alarms, 2, (enum event_kind[]){EVENT_SAVING_FAILED, EVENT_MEMORY_NOT_LOCKED});
    hear(&alarms, EVENT_MICROPHONE_BACK, NULL);
    hear(&alarms, EVENT_NEARBY, NULL);
    expect_standing(&alarms, 2, (enum event_kind[]){EVENT_SAVING_FAILED, EVENT_MEMORY_NOT_LOCKED});
    hear(&alarms, EVENT_SAVING_BACK, NULL);
    expect_standing(&alarms, 1, (enum event_kind[]){EVENT_MEMORY_NOT_LOCKED});
}

static void of_each_kind_the_latest_stands(void **state) {
    (void)state;
    struct alarms alarms = {0};
    hear(&alarms, EVENT_SAVING_FAILED, "no-space");
    hear(&alarms, EVENT_MICROPHONE_FAILED, "io-failed");
    hear(&alarms, EVENT_SAVING_FAILED, "io-failed");
    expect_standing(&alarms, 2, (enum event_kind[]){EVENT_SAVING_FAILED, EVENT_MICROPHONE_FAILED});
    assert_string_equal(alarms.list[1].check, "io-failed");
    /* What has failed for good is no longer tried again. */
    hear(&alarms, EVENT_SAVING_ENDED, "io-failed");
    expect_standing(&alarms, 2, (enum event_kind[]){EVENT_SAVING_ENDED, EVENT_MICROPHONE_FAILED});
}

/* One line of a small screen shows the first of them. */
static void the_heaviest_comes_first_and_of_those_as_heavy_the_latest(void **state) {
    (void)state;
    struct alarms alarms = {0};
    hear(&alarms, EVENT_SAVING_FAILED, "no-space");
    hear(&alarms, EVENT_MICROPHONE_FAILED, "io-failed");
    hear(&alarms, EVENT_KEYS_END_SOON, NULL); /* which has seven days */
    expect_standing(
        &alarms, 3,
        (enum event_kind[]){EVENT_MICROPHONE_FAILED, EVENT_SAVING_FAILED, EVENT_KEYS_END_SOON});
    hear(&alarms, EVENT_KEYS_END_TODAY, NULL);
    expect_standing(
        &alarms, 3,
        (enum event_kind[]){EVENT_KEYS_END_TODAY, EVENT_MICROPHONE_FAILED, EVENT_SAVING_FAILED});
}

/* As many kinds as stand, and each ends or stays: there is room for all. */
static void there_is_room_for_every_kind(void **state) {
    (void)state;
    struct alarms alarms = {0};
    size_t standing = 0;
    for (int kind = 0; kind < EVENT_COUNT; kind++) {
        bool makes_way = kind == EVENT_SAVING_FAILED || kind == EVENT_MICROPHONE_FAILED ||
                         kind == EVENT_KEYS_END_SOON || kind == EVENT_KEYS_END_TODAY ||
                         kind == EVENT_KEYS_ENDING;
        if (event_stands((enum event_kind)kind) && !makes_way) {
            hear(&alarms, (enum event_kind)kind, NULL);
            standing++;
        }
    }
    assert_true(standing > 0);
    assert_int_equal(alarms.count, standing);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_is_shown_until_it_is_over),
        cmocka_unit_test(of_each_kind_the_latest_stands),
        cmocka_unit_test(the_heaviest_comes_first_and_of_those_as_heavy_the_latest),
        cmocka_unit_test(there_is_room_for_every_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
