/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/manager/member_list.h"

#define ANNA "tel:+447700900001"
#define BEN  "tel:+447700900002"

static struct roll roll;
static struct error error;

static enum status read_list(const char *text) {
    roll_clear(&roll);
    return member_list_read("list.csv", span_of_text(text), &roll, &error);
}

static void lists_as_people_write_them_are_read(void **state) {
    (void)state;
    static const char *const lists[] = {
        "identity,name\n" ANNA ",Anna\n" BEN ",Ben\n",
        "identity,unit,name\r\n" BEN ",7,Ben\r\n" ANNA ",8,Anna\r\n",
        ANNA ",Anna\n" BEN ",Ben",
        "\xEF\xBB\xBFidentity,name\n\n\"" ANNA "\",\"Anna\"\n  " BEN "  , Ben \n",
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        assert_int_equal(read_list(lists[i]), STATUS_OK);
        assert_int_equal(roll.count, 2);
        assert_string_equal(roll.members[0].identity, ANNA);
        assert_string_equal(roll.members[0].name, "Anna");
        assert_string_equal(roll.members[1].identity, BEN);
        assert_string_equal(roll.members[1].name, "Ben");
    }
    assert_int_equal(read_list("identity\n" ANNA "\n"), STATUS_OK);
    assert_string_equal(roll.members[0].name, "");
    assert_int_equal(read_list("identity,unit\n" ANNA ",7\n"), STATUS_OK);
    assert_string_equal(roll.members[0].name, "");
}

static void what_is_wrong_is_named_with_its_row(void **state) {
    (void)state;
    static const struct {
        const char *list;
        enum status status;
        const char *says;
    } cases[] = {
        {"", STATUS_NOT_FOUND, "list.csv: this list names nobody"},
        {"identity,name\n", STATUS_NOT_FOUND, "nobody"},
        {"identity\n" ANNA "\nAnna\n", STATUS_IDENTITY_INVALID, "row 3: not an identity"},
        {"identity\nTEL:+447700900001\n", STATUS_IDENTITY_INVALID, "row 2"},
        {ANNA ",Anna\n,Ben\n", STATUS_IDENTITY_INVALID, "row 2"},
        {ANNA ",A name that is far too long for a screen\n", STATUS_MALFORMED, "row 1: a name"},
        {ANNA ",An\x1b[2J\n", STATUS_MALFORMED, "row 1: a name"},
        {ANNA "\n" BEN "\n" ANNA "\n", STATUS_ALREADY_DONE, ANNA " is listed twice"},
        {ANNA ",\"Anna\n", STATUS_MALFORMED, "quotation mark"},
        {ANNA ",An\"na\n", STATUS_MALFORMED, "quotation mark"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(read_list(cases[i].list), cases[i].status);
        if (strstr(error.text, cases[i].says) == NULL) {
            fail_msg("case %zu says: %s", i, error.text);
        }
        assert_null(strchr(error.text, '\x1b'));
    }
}

static void a_list_of_thousands_in_any_order_is_read(void **state) {
    (void)state;
    enum {
        COUNT = 10000
    };
    static char text[COUNT * 24];
    size_t length = 0;
    for (unsigned i = 0; i < COUNT; i++) {
        length += (size_t)snprintf(text + length, sizeof text - length, "tel:+4477%08u\n",
                                   i * 7919 % COUNT);
    }
    assert_int_equal(read_list(text), STATUS_OK);
    assert_int_equal(roll.count, COUNT);
    for (size_t i = 1; i < COUNT; i++) {
        assert_true(strcmp(roll.members[i - 1].identity, roll.members[i].identity) < 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_as_people_write_them_are_read),
        cmocka_unit_test(what_is_wrong_is_named_with_its_row),
        cmocka_unit_test(a_list_of_thousands_in_any_order_is_read),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    roll_clear(&roll);
    return failed;
}
