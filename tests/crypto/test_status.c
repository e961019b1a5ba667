/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/status.h"

static void every_status_has_a_phrase_and_a_name_of_its_own(void **state) {
    (void)state;
    for (int a = 0; a < STATUS_COUNT; a++) {
        const char *text = status_text((enum status)a), *name = status_name((enum status)a);
        assert_true(strlen(text) > 0);
        assert_true(name[0] >= 'a' && name[0] <= 'z');
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
        for (int b = 0; b < a; b++) {
            assert_string_not_equal(text, status_text((enum status)b));
            assert_string_not_equal(name, status_name((enum status)b));
        }
    }
    assert_string_equal(status_name(STATUS_OK), "ok");
    assert_string_equal(status_name(STATUS_SIGNATURE_INVALID), "signature-invalid");
    assert_string_equal(status_name(STATUS_WRONG_RECIPIENT), "wrong-recipient");
}

static void a_value_out_of_range_has_a_phrase_and_a_name_as_well(void **state) {
    (void)state;
    static const int values[] = {-1, STATUS_COUNT, 1000};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        assert_non_null(status_text((enum status)values[i]));
        assert_non_null(status_name((enum status)values[i]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_phrase_and_a_name_of_its_own),
        cmocka_unit_test(a_value_out_of_range_has_a_phrase_and_a_name_as_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
