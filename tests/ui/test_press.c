/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/ui.h"

static void keys_have_the_names_that_people_use(void **state) {
    (void)state;
    assert_int_equal(press_from_name("enter"), PRESS_ENTER);
    assert_int_equal(press_from_name("escape"), PRESS_ESCAPE);
    assert_int_equal(press_from_name("pagedown"), PRESS_PAGE_DOWN);
    assert_int_equal(press_from_name("space"), ' ');
    assert_int_equal(press_from_name("f1"), PRESS_FUNCTION + 1);
    assert_int_equal(press_from_name("f12"), PRESS_LAST);
}

static void a_character_is_its_own_name(void **state) {
    (void)state;
    assert_int_equal(press_from_name("a"), 'a');
    assert_int_equal(press_from_name("f"), 'f');
    assert_int_equal(press_from_name("?"), '?');
    assert_int_equal(press_from_name("ö"), 0xF6);
}

static void what_names_no_key_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"",    "Enter", "ab",   "f0",    "f13",
                                        "f1x", "\x1b",  "\xFF", "enter "};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(press_from_name(wrong[i]), PRESS_NONE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_have_the_names_that_people_use),
        cmocka_unit_test(a_character_is_its_own_name),
        cmocka_unit_test(what_names_no_key_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
