/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Wall clocks of neighbours, as they were measured two-way (app/handset/air/wall_clocks.h): a
 * manager is asked before it draws a key while its clock differs from those nearby.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "squad.h"

enum {
    MANAGER = 0,
    SECOND_MS = 1000,
    MINUTE_MS = 60 * SECOND_MS
};

/* Handset 0 manages SQUAD_FIRE; the wall clocks are off by so much. */
static struct squad *managed(const int64_t offsets_ms[], size_t count) {
    struct squad *squad = squad_new(count);
    squad_manage(squad, MANAGER, count);
    for (size_t n = 0; n < count; n++) {
        squad->handsets[n].utc_offset_ms = offsets_ms[n];
    }
    return squad;
}

static struct command order(enum command_kind kind, int on) {
    struct command command = {.kind = kind, .period_ms = 24 * (int64_t)HOUR_MS, .on = on};
    snprintf(command.group, sizeof command.group, "%s", squad_identity(SQUAD_FIRE));
    snprintf(command.identity, sizeof command.identity, "%s", squad_identity(1));
    return command;
}

static enum status draw(struct squad *squad, enum command_kind kind, int on) {
    const struct command command = order(kind, on);
    return squad_command(squad, MANAGER, &command);
}

static void a_manager_whose_clock_differs_is_asked_first(void **state) {
    (void)state;
    static const struct {
        int64_t offsets_ms[3];
        int64_t ahead_ms;
    } cases[] = {{{6 * MINUTE_MS, 0, 0}, -6 * MINUTE_MS},
                 {{-6 * MINUTE_MS, 0, 0}, 6 * MINUTE_MS},
                 {{20 * (int64_t)HOUR_MS, 0, 1000}, -20 * (int64_t)HOUR_MS}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct squad *squad = managed(cases[i].offsets_ms, 3);
        squad_run(squad, 12 * SECOND_MS);
        const struct view *view = squad_view(squad, MANAGER);
        assert_true(view->clocks_differ);
        assert_in_range(view->clocks_ahead_ms - cases[i].ahead_ms + SECOND_MS, 0, 2 * SECOND_MS);
        const struct command command = order(COMMAND_MANAGE_REKEY, 0);
        struct event problem;
        assert_int_equal(handset_command(squad->handsets[MANAGER].engine, squad_now(squad, MANAGER),
                                         &command, &problem),
                         STATUS_NOT_ALLOWED);
        assert_int_equal(problem.kind, EVENT_MANAGER_CLOCK_DIFFERS);
        assert_int_equal(problem.duration_ms, squad_view(squad, MANAGER)->clocks_ahead_ms);
        assert_int_equal(draw(squad, COMMAND_MANAGE_EXCLUDE, 0), STATUS_NOT_ALLOWED);
        assert_int_equal(squad_view(squad, MANAGER)->managed[0].gmk_id, 0);
        assert_int_equal(squad_view(squad, MANAGER)->managed[0].excluded, 0);
        assert_int_equal(draw(squad, COMMAND_MANAGE_EXCLUDE, 1), STATUS_OK);
        squad_run(squad, SECOND_MS);
        assert_int_equal(squad_view(squad, MANAGER)->managed[0].excluded, 1);
        squad_free(squad);
    }
}

static void what_most_nearby_say_counts(void **state) {
    (void)state;
    static const int64_t most_ms[] = {0, 6 * MINUTE_MS, 0, 7 * MINUTE_MS};
    static const int64_t offsets_ms[] = {0, -6 * MINUTE_MS, 0, 1000};
    struct squad *squad = managed(offsets_ms, 4);
    squad_run(squad, 12 * SECOND_MS);
    assert_false(squad_view(squad, MANAGER)->clocks_differ);
    assert_int_equal(draw(squad, COMMAND_MANAGE_REKEY, 0), STATUS_OK);
    squad_free(squad);
    squad = managed(most_ms, 4);
    squad_run(squad, 12 * SECOND_MS);
    assert_true(squad_view(squad, MANAGER)->clocks_differ);
    squad_free(squad);
}

static bool manager_is_not_heard(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    (void)receiver;
    return frame->from != MANAGER;
}

/* Whoever does not hear this handset may be a recording, and is not nearby if its clock differs. */
static void who_was_not_measured_two_way_counts_for_nothing(void **state) {
    (void)state;
    static const int64_t offsets_ms[] = {6 * MINUTE_MS, 0, 0};
    struct squad *squad = managed(offsets_ms, 3);
    squad->filter = manager_is_not_heard;
    squad_run(squad, 12 * SECOND_MS);
    assert_int_equal(squad_view(squad, MANAGER)->nearby_count, 0);
    assert_false(squad_view(squad, MANAGER)->clocks_differ);
    assert_int_equal(draw(squad, COMMAND_MANAGE_REKEY, 0), STATUS_OK);
    squad_free(squad);
}

static void who_has_gone_counts_for_nothing(void **state) {
    (void)state;
    static const int64_t offsets_ms[] = {6 * MINUTE_MS, 0, 0};
    struct squad *squad = managed(offsets_ms, 3);
    squad_run(squad, 12 * SECOND_MS);
    assert_true(squad_view(squad, MANAGER)->clocks_differ);
    squad->handsets[1].deaf = squad->handsets[2].deaf = true;
    squad_run(squad, 30 * SECOND_MS);
    assert_false(squad_view(squad, MANAGER)->clocks_differ);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_manager_whose_clock_differs_is_asked_first),
        cmocka_unit_test(what_most_nearby_say_counts),
        cmocka_unit_test(who_was_not_measured_two_way_counts_for_nothing),
        cmocka_unit_test(who_has_gone_counts_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
