/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which names a person may take for one another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/identity/alike.h"
#include "app/text/digits.h"

static bool is_alike(const char *one, const char *other) {
    struct alike *alike;
    assert_int_equal(alike_new(&alike), STATUS_OK);
    bool same = looks_alike(alike_look(alike, one), alike_look(alike, other));
    assert_int_equal(looks_alike(alike_look(alike, other), alike_look(alike, one)), same);
    alike_free(alike);
    return same;
}

static void names_that_look_the_same_are_alike(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"Ben", "Ben"},
        {"Ben", "BEN"},
        {"Ben", "bEn"},
        {"Alpha", "Alph\xd0\xb0"},                       /* Cyrillic a */
        {"Ben", "\xce\x92\x65n"},                        /* Greek capital beta */
        {"Ben", "\xef\xbc\xa2\xef\xbd\x85\xef\xbd\x8e"}, /* full-width */
        {"Ben", "B\xe2\x80\x8b\x65n"},                   /* zero-width space */
        {"Ben", "Be\xcd\x8fn"},                          /* combining grapheme joiner */
        {"Ben", "\xe2\x80\xae\x42\x65n"},                /* right to left from here */
        {"Ben", "Be\xcc\xa3n"},                          /* a dot below */
        {"Ben", "B\xc3\xa9n"},
        {"Unit 0", "Unit O"},
        {"Unit 1", "Unit l"},
        {"Unit 1", "Unit I"},
        {"Unit 1", "Unit1"},
        {"Unit 1", "Unit\xc2\xa0\x31"}, /* a blank that does not break */
        {"Warner", "Wamer"},            /* rn and m */
        {"Moorn", "moom"},
        {"Fire 3", "FIRE 3"},
        {"FIRE 3", "f\xd1\x96re 3"}, /* Cyrillic i */
        {"Fire 3", "FlRE 3"},        /* a small l among capitals */
        {"BILL", "bi1l"},
        {"\xd0\x90\xd0\x9d\xd0\x9d\xd0\x90", "\xd0\xb0\xd0\xbd\xd0\xbd\xd0\xb0"}, /* Anna */
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (!is_alike(pairs[i][0], pairs[i][1])) {
            fail_msg("%s and %s are not alike", pairs[i][0], pairs[i][1]);
        }
    }
}

static void names_that_differ_are_not_alike(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"Ada", "Ben"},
        {"Unit 1", "Unit 2"},
        {"Unit 1", "Unit 11"},
        {"Alpha", "Alphas"},
        {"", ""},
        {"Fire 7", "Fire 1"},
        {"Ben", "Bea"},
        {"Anna", "Hanna"},
        {"\xe6\xb0\xb4", "\xe7\x81\xab"}, /* water and fire */
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (is_alike(pairs[i][0], pairs[i][1])) {
            fail_msg("%s and %s are alike", pairs[i][0], pairs[i][1]);
        }
    }
}

static void a_name_that_says_anothers_number_is_found(void **state) {
    (void)state;
    static const char identity[] = "urn:gsma:imei:90420156-025702-0";
    assert_true(alike_name_says("025702-0", identity));
    assert_true(alike_name_says("Ben 025702-0", identity));
    assert_true(alike_name_says("0257020", identity));
    assert_true(alike_name_says("02 57 02 (0)", identity));
    assert_true(alike_name_says("urn:gsma:imei:90420156-025702-0", identity));
    assert_true(alike_name_says("\xef\xbc\x90\x32\x35\x37\x30\x32-0", identity)); /* full-width 0 */
    assert_false(alike_name_says("025703-0", identity));
    assert_false(alike_name_says("Unit 20", identity));
    assert_false(alike_name_says("", identity));
    assert_true(alike_has_number("025702"));
    assert_false(alike_has_number("Unit 17"));
}

static void the_end_of_an_identity_tells_it_from_others(void **state) {
    (void)state;
    static const char *const ends[][2] = {
        {"urn:gsma:imei:90420156-025702-0", "025702-0"},
        {"tel:+447700900123", "00900123"},
        {"tel:+112", "+112"},
        {"sip:fire7@county.example", "fire7"},
        {"sip:watch.commander9@county.example", "mmander9"},
    };
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        char digits[IDENTITY_DIGITS_SIZE];
        identity_digits(ends[i][0], digits);
        assert_string_equal(digits, ends[i][1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_look_the_same_are_alike),
        cmocka_unit_test(names_that_differ_are_not_alike),
        cmocka_unit_test(a_name_that_says_anothers_number_is_found),
        cmocka_unit_test(the_end_of_an_identity_tells_it_from_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
