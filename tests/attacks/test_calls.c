/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One-to-one talk in the hands of a nuisance, and of two who mean well. Each test expects today's
 * outcome; whoever mends it turns the test round. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/app/squad.h"

/* Both do nothing where the handset is in the wrong state for it. */
static enum status call(struct squad *squad, size_t caller, size_t called) {
    struct command command = {.kind = COMMAND_CALL};
    snprintf(command.identity, sizeof command.identity, "%s", squad_identity(called));
    return squad_command(squad, caller, &command);
}

static enum status hang_up(struct squad *squad, size_t n) {
    struct command command = {.kind = COMMAND_HANG_UP};
    return squad_command(squad, n, &command);
}

/* A caller may ring, withdraw and ring again as fast as its checks are paid for. Breaks statement 9
 * of what must always hold, app/README.md: hostile input costs little, the officer's attention
 * included. To become: whoever has rung a few times in a minute unanswered rings no more for a
 * while. */
static void a_neighbour_can_ring_a_handset_without_end(void **state) {
    (void)state;
    enum {
        MINUTE_MS = 60 * 1000,
        RINGS_MS = 350,
        PAUSE_MS = 150,
        NUISANCE = 1
    };
    struct squad *squad = squad_new(2);
    squad_run(squad, 6000);
    unsigned before = squad->handsets[0].invitations;
    for (int64_t ms = 0; ms < MINUTE_MS; ms += RINGS_MS + PAUSE_MS) {
        (void)call(squad, NUISANCE, 0);
        squad_run(squad, RINGS_MS);
        (void)hang_up(squad, NUISANCE);
        squad_run(squad, PAUSE_MS);
    }
    assert_true(squad->handsets[0].invitations - before >= 50);
    squad_free(squad);
}

/* Each is in a call of its own when the other's comes, so both are told that the other is busy.
 * Breaks statement 14 of what must always hold, app/README.md: what the screen claims is so. To
 * become: the two calls are one, and both handsets are in it. */
static void two_who_call_each_other_at_once_are_both_busy(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, 6000);
    assert_int_equal(call(squad, 0, 1), STATUS_OK);
    assert_int_equal(call(squad, 1, 0), STATUS_OK);
    squad_run(squad, 4000);
    for (size_t n = 0; n < 2; n++) {
        const struct view *view = squad_view(squad, n);
        assert_int_equal(view->call_state, CALL_NONE);
        assert_int_equal(view->invitation_count, 0);
    }
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_neighbour_can_ring_a_handset_without_end),
        cmocka_unit_test(two_who_call_each_other_at_once_are_both_busy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
