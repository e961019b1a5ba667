/* SPDX-License-Identifier: GPL-3.0-or-later */
/* More talkers than a handset has places for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/app/squad.h"

enum {
    LISTENER = 0,
    LATE = 4, /* the one who presses last */
    MEMBERS = 6
};

/* Statement 13 of what must always hold, app/README.md: one floor. Four press within the same 20
 * ms, and handsets have places for three: one of the four is heard at every handset, and the other
 * three know that they are not. */
static void of_four_who_press_at_once_one_is_heard_everywhere_and_three_know_it(void **state) {
    (void)state;
    struct squad *squad = squad_new(MEMBERS);
    squad_group(squad, HOUR_MS);
    squad_run(squad, 6000);
    for (size_t n = LATE; n > LISTENER; n--) {
        assert_int_equal(squad_talk(squad, n), STATUS_OK);
    }
    squad_run(squad, 1500);
    unsigned heard = squad->handsets[LISTENER].voice_frames;
    squad_run(squad, 1000);
    assert_in_range(squad->handsets[LISTENER].voice_frames - heard, 45, 51);
    for (size_t n = 0; n < MEMBERS; n++) {
        const struct view *view = squad_view(squad, n);
        assert_int_equal(view->talker_count, 1);
        assert_string_equal(view->talkers[0].identity, squad_identity(1));
        assert_int_equal(view->talking, n == 1);
    }
    squad_free(squad);
}

/* One after the other they are told that another talks. */
static void who_presses_later_keeps_nobody_unheard(void **state) {
    (void)state;
    struct squad *squad = squad_new(MEMBERS);
    squad_group(squad, HOUR_MS);
    squad_run(squad, 6000);
    assert_int_equal(squad_talk(squad, LATE), STATUS_OK);
    squad_run(squad, 200);
    for (size_t n = 1; n < LATE; n++) {
        assert_int_equal(squad_talk(squad, n), STATUS_BUSY);
        squad_run(squad, 200);
    }
    for (size_t n = 0; n < MEMBERS; n++) {
        assert_string_equal(squad_view(squad, n)->talkers[0].identity, squad_identity(LATE));
    }
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_four_who_press_at_once_one_is_heard_everywhere_and_three_know_it),
        cmocka_unit_test(who_presses_later_keeps_nobody_unheard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
