/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What calls for the officer before it is too late: a key that ends soon (keys/lifetime.h) and a
 * member that fell silent (keys/absences.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/keys/absences.h"
#include "squad.h"

enum {
    MINUTE_MS = 60 * 1000,
    TOLD_MAX = 32,
};

/* What handset 0 was told, of these kinds. */
struct told {
    const struct squad *squad;
    size_t count;
    struct {
        struct event event;
        int64_t boot_ms;
    } list[TOLD_MAX];
};

static void note(void *context, size_t n, const struct event *event) {
    struct told *told = context;
    bool counts = event->kind == EVENT_KEY_ENDS || event->kind == EVENT_STANDARD_KEY_ENDS ||
                  event->kind == EVENT_KEY_EXPIRED || event->kind == EVENT_FELL_SILENT;
    if (n == 0 && counts && told->count < TOLD_MAX) {
        assert_true(event_alerts(event->kind));
        assert_true(event_is_for_every_screen(event->kind)); /* which say why it rang */
        told->list[told->count].event = *event;
        told->list[told->count++].boot_ms = told->squad->boot_ms;
    }
}

static struct squad *listening_squad(size_t count, int64_t period_ms, struct told *told) {
    struct squad *squad = squad_new(count);
    squad_group(squad, period_ms);
    *told = (struct told){.squad = squad};
    squad->told = note;
    squad->told_context = told;
    squad->step_ms = 100;
    return squad;
}

static void a_key_is_told_of_ten_minutes_before_its_end_and_one(void **state) {
    (void)state;
    struct told told;
    struct squad *squad = listening_squad(2, 30 * MINUTE_MS, &told);
    int64_t ends_ms = squad->boot_ms + squad_view(squad, 0)->groups[0].remaining_ms;
    squad_run(squad, 19 * MINUTE_MS);
    assert_int_equal(told.count, 0);
    squad_run(squad, 12 * MINUTE_MS);
    assert_int_equal(told.count, 3);
    assert_int_equal(told.list[0].event.kind, EVENT_KEY_ENDS);
    assert_int_equal(told.list[0].event.duration_ms, 10 * MINUTE_MS);
    assert_string_equal(told.list[0].event.identity, ""); /* its own officer can give a new one */
    assert_in_range(ends_ms - told.list[0].boot_ms, 9 * MINUTE_MS, 10 * MINUTE_MS + 500);
    assert_int_equal(told.list[1].event.kind, EVENT_KEY_ENDS);
    assert_int_equal(told.list[1].event.duration_ms, MINUTE_MS);
    assert_in_range(ends_ms - told.list[1].boot_ms, MINUTE_MS / 2, MINUTE_MS + 500);
    assert_int_equal(told.list[2].event.kind, EVENT_KEY_EXPIRED);
    squad_free(squad);
}

/* A key of five minutes does not end soon from its beginning on. */
static void a_short_key_is_told_of_once(void **state) {
    (void)state;
    struct told told;
    struct squad *squad = listening_squad(2, 5 * MINUTE_MS, &told);
    squad_run(squad, 6 * MINUTE_MS);
    assert_int_equal(told.count, 2);
    assert_int_equal(told.list[0].event.kind, EVENT_KEY_ENDS);
    assert_int_equal(told.list[0].event.duration_ms, MINUTE_MS);
    assert_int_equal(told.list[1].event.kind, EVENT_KEY_EXPIRED);
    const struct view *view = squad_view(squad, 0);
    unsigned warnings = 0; /* also before it was told of */
    for (size_t i = 0; i < view->log_count; i++) {
        warnings += view->log[i].kind == EVENT_KEY_ENDS;
    }
    assert_int_equal(warnings, 1);
    squad_free(squad);
}

static void a_new_key_ends_the_warnings_of_the_old_one(void **state) {
    (void)state;
    struct told told;
    struct squad *squad = listening_squad(2, 30 * MINUTE_MS, &told);
    squad_run(squad, 22 * MINUTE_MS);
    assert_int_equal(told.count, 1);
    struct command command = squad_create_command(1, 2 * (int64_t)30 * MINUTE_MS);
    command.kind = COMMAND_REKEY_GROUP;
    memcpy(command.group, squad_view(squad, 0)->groups[0].identity, sizeof command.group);
    assert_int_equal(squad_command(squad, 0, &command), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 40 * MINUTE_MS);
    assert_int_equal(told.count, 1);
    squad_run(squad, 15 * MINUTE_MS);
    assert_int_equal(told.count, 2);
    assert_int_equal(told.list[1].event.duration_ms, 10 * MINUTE_MS);
    squad_free(squad);
}

static void a_member_that_falls_silent_is_told_of_once(void **state) {
    (void)state;
    struct told told;
    struct squad *squad = listening_squad(3, 4 * 60 * (int64_t)MINUTE_MS, &told);
    squad_run(squad, MINUTE_MS);
    assert_int_equal(told.count, 0);
    squad->handsets[1].deaf = true;
    squad_run(squad, 2 * MINUTE_MS);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.list[0].event.kind, EVENT_FELL_SILENT);
    assert_string_equal(told.list[0].event.identity, squad_identity(1));
    assert_string_equal(told.list[0].event.group_name, "Bridge");
    /* At the edge of reach it comes and goes. */
    for (int i = 0; i < 2; i++) {
        squad->handsets[1].deaf = false;
        squad_run(squad, MINUTE_MS);
        squad->handsets[1].deaf = true;
        squad_run(squad, MINUTE_MS);
    }
    assert_int_equal(told.count, 1);
    squad->handsets[1].deaf = false;
    squad_run(squad, ABSENCES_AGAIN_MS);
    squad->handsets[1].deaf = true;
    squad_run(squad, 2 * MINUTE_MS);
    assert_int_equal(told.count, 2);
    squad_free(squad);
}

static void who_hears_nothing_itself_tells_of_nobody(void **state) {
    (void)state;
    struct told told;
    struct squad *squad = listening_squad(3, 4 * 60 * (int64_t)MINUTE_MS, &told);
    squad_run(squad, MINUTE_MS);
    struct command airplane = {.kind = COMMAND_AIRPLANE, .on = true};
    assert_int_equal(squad_command(squad, 0, &airplane), STATUS_OK);
    squad_run(squad, 2 * MINUTE_MS);
    airplane.on = false;
    assert_int_equal(squad_command(squad, 0, &airplane), STATUS_OK);
    squad_run(squad, MINUTE_MS);
    assert_int_equal(told.count, 0);
    handset_slept(squad->handsets[0].engine, squad_now(squad, 0), 5 * MINUTE_MS);
    squad_run(squad, MINUTE_MS);
    assert_int_equal(told.count, 0);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_told_of_ten_minutes_before_its_end_and_one),
        cmocka_unit_test(a_short_key_is_told_of_once),
        cmocka_unit_test(a_new_key_ends_the_warnings_of_the_old_one),
        cmocka_unit_test(a_member_that_falls_silent_is_told_of_once),
        cmocka_unit_test(who_hears_nothing_itself_tells_of_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
