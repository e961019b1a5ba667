/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The officer's log under junk. The test expects that the attack succeeds, as it does today;
 * whoever closes it turns the test round. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "junk.h"
#include "tests/app/squad.h"

/* When the oldest line that the log still has was written. */
static int64_t oldest_line_ms(struct squad *squad) {
    const struct view *view = squad_view(squad, 1);
    assert_true(view->log_count > 0);
    return view->log[view->log_count - 1].utc_ms;
}

/* Each frame refused is a line, and the log holds 200. Breaks statement 9 of what must always hold,
 * app/README.md: hostile input costs little. To become: how the group came about is still there. */
static void
a_stranger_with_a_frame_of_junk_a_second_can_empty_the_log_of_what_mattered(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    uint64_t random = 1;
    squad_group(squad, HOUR_MS);
    squad_run(squad, 3000);
    int64_t began_ms = squad_now(squad, 1).utc_ms;
    assert_true(oldest_line_ms(squad) < began_ms); /* who asked, and the group's key */
    for (unsigned second = 0; second < VIEW_LOG_MAX; second++) {
        uint8_t junk[90];
        junk_fill(&random, junk, sizeof junk);
        squad_inject_payload(squad, 1, SQUAD_STRANGER,
                             second % 2 == 0 ? FRAME_ANNOUNCEMENT : FRAME_PRESENCE, SPAN_OF(junk));
        squad_run(squad, 1000);
    }
    assert_true(oldest_line_ms(squad) >= began_ms);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_stranger_with_a_frame_of_junk_a_second_can_empty_the_log_of_what_mattered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
