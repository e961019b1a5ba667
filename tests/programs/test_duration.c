/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/text/duration.h"

static void durations_read_and_print_in_their_largest_unit(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t milliseconds;
        const char *printed;
    } cases[] = {
        {"90s", 90000, "90s"},    {"1s", 1000, "1s"},
        {"60s", 60000, "1m"},     {"45m", 2700000, "45m"},
        {"12h", 43200000, "12h"}, {"24h", 86400000, "1d"},
        {"7d", 604800000, "7d"},  {"007d", 604800000, "7d"},
        {"90m", 5400000, "90m"},  {"36500d", INT64_C(3153600000000), "36500d"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t milliseconds;
        char text[DURATION_TEXT_SIZE];
        assert_int_equal(duration_parse(cases[i].text, &milliseconds), STATUS_OK);
        assert_int_equal(milliseconds, cases[i].milliseconds);
        duration_print(milliseconds, text);
        assert_string_equal(text, cases[i].printed);
    }
    char text[DURATION_TEXT_SIZE];
    duration_print(0, text);
    assert_string_equal(text, "0s");
}

static void what_is_no_duration_is_refused(void **state) {
    (void)state;
    const char *bad[] = {"",    "12",  "h",  "0h",   "-1h", "+1h", " 1h",
                         "1 h", "1hh", "1w", "1.5h", "1H",  "0x1h"};
    const char *large[] = {"36501d", "99999999999999999999s", "3153600001s", "876001h"};
    int64_t milliseconds;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(duration_parse(bad[i], &milliseconds), STATUS_MALFORMED);
    }
    for (size_t i = 0; i < sizeof large / sizeof large[0]; i++) {
        assert_int_equal(duration_parse(large[i], &milliseconds), STATUS_TOO_LONG);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_read_and_print_in_their_largest_unit),
        cmocka_unit_test(what_is_no_duration_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
