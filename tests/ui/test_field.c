/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is typed is edited by letters (ui/screens/field.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ui/character.h"
#include "ui/screens/field.h"
#include "ui/ui.h"

static void type_name(struct field *field, const char *text) {
    while (*text != '\0') {
        assert_true(field_key_name(field, character_next(&text)));
    }
}

/* Each is one letter. */
static const char *const letters[] = {
    "a",
    "e\u0301",
    "\u0E17\u0E35\u0E48",         /* Thai: vowel and tone */
    "\u0928\u093F",               /* Devanagari: a vowel sign beside its letter */
    "\u05E9\u05B8\u05BC\u05C1",   /* Hebrew points */
    "\u1112\u1161\u11AB",         /* Hangul letters */
    "\U0001F468\u200D\U0001F469", /* joined pictures */
    "\U0001F1E9\U0001F1EA",       /* a flag */
};
enum {
    LETTERS = sizeof letters / sizeof letters[0]
};

static void backspace_takes_one_letter_with_its_marks(void **state) {
    (void)state;
    struct field field = {0};
    for (size_t i = 0; i < LETTERS; i++) {
        type_name(&field, letters[i]);
        assert_int_equal(field_letters(&field), i + 1);
    }
    for (size_t i = LETTERS; i > 0; i--) {
        size_t left = field.length - strlen(letters[i - 1]);
        assert_true(field_key_name(&field, PRESS_BACKSPACE));
        assert_int_equal(field.length, left);
        assert_int_equal(strlen(field.text), left);
    }
    assert_true(field_key_name(&field, PRESS_BACKSPACE));
    assert_int_equal(field.length, 0);
    static const struct field empty;
    assert_memory_equal(field.text, empty.text, sizeof empty.text);
}

static void a_name_ends_after_24_letters_in_every_script(void **state) {
    (void)state;
    for (size_t i = 0; i < LETTERS; i++) {
        struct field field = {0};
        if (OFFICER_NAME_LETTERS * strlen(letters[i]) >= OFFICER_NAME_SIZE) {
            continue; /* of joined pictures there is room for fewer */
        }
        for (int count = 0; count < OFFICER_NAME_LETTERS + 6; count++) {
            size_t before = field.length;
            type_name(&field, letters[i]);
            if (count >= OFFICER_NAME_LETTERS) {
                assert_int_equal(field.length, before);
            }
        }
        type_name(&field, "\u0301"); /* of a letter that had no room */
        assert_int_equal(field.length, OFFICER_NAME_LETTERS * strlen(letters[i]));
        assert_int_equal(field_letters(&field), OFFICER_NAME_LETTERS);
        assert_true(field_key_name(&field, PRESS_BACKSPACE));
        type_name(&field, "x\u0301");
        assert_int_equal(field_letters(&field), OFFICER_NAME_LETTERS);
        assert_int_equal(field.text[field.length - 3], 'x');
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(backspace_takes_one_letter_with_its_marks),
        cmocka_unit_test(a_name_ends_after_24_letters_in_every_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
