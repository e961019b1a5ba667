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

static void press(struct field *field, uint32_t key) {
    assert_true(field_key_name(field, key));
}

static void expect(const struct field *field, const char *text, size_t after) {
    assert_string_equal(field->text, text);
    assert_int_equal(field->length, strlen(text));
    assert_int_equal(field->after, after);
}

enum {
    CTRL_A = 'A' & 0x1F,
    CTRL_E = 'E' & 0x1F,
    CTRL_U = 'U' & 0x1F,
    CTRL_W = 'W' & 0x1F,
};

static void the_cursor_goes_by_letters_in_every_script(void **state) {
    (void)state;
    struct field field = {0};
    size_t octets = 0;
    for (size_t i = 0; i < LETTERS; i++) {
        type_name(&field, letters[i]);
        octets += strlen(letters[i]);
    }
    press(&field, PRESS_RIGHT); /* there is nothing more */
    assert_int_equal(field.after, 0);
    size_t after = 0;
    for (size_t i = LETTERS; i > 0; i--) {
        press(&field, PRESS_LEFT);
        after += strlen(letters[i - 1]);
        assert_int_equal(field.after, after);
    }
    press(&field, PRESS_LEFT);
    assert_int_equal(field.after, octets);
    for (size_t i = 0; i < LETTERS; i++) {
        press(&field, PRESS_RIGHT);
        after -= strlen(letters[i]);
        assert_int_equal(field.after, after);
    }
    press(&field, PRESS_HOME);
    assert_int_equal(field.after, octets);
    press(&field, PRESS_END);
    assert_int_equal(field.after, 0);
    press(&field, CTRL_A);
    assert_int_equal(field.after, octets);
    press(&field, CTRL_E);
    assert_int_equal(field.after, 0);
}

static void letters_go_in_and_come_out_at_the_cursor(void **state) {
    (void)state;
    struct field field = {0};
    type_name(&field, "Enine 7");
    for (int i = 0; i < 5; i++) {
        press(&field, PRESS_LEFT);
    }
    type_name(&field, "g");
    press(&field, PRESS_RIGHT);
    expect(&field, "Engine 7", 4);
    press(&field, PRESS_HOME);
    press(&field, PRESS_BACKSPACE); /* nothing is before it */
    expect(&field, "Engine 7", 8);
    type_name(&field, "e\u0301");
    press(&field, PRESS_BACKSPACE);
    expect(&field, "Engine 7", 8);
    press(&field, PRESS_END);
    press(&field, PRESS_LEFT);
    press(&field, PRESS_BACKSPACE);
    expect(&field, "Engine7", 1);
}

static void a_word_or_all_before_the_cursor_is_taken_back(void **state) {
    (void)state;
    struct field field = {0};
    type_name(&field, "Fire and rescue  ");
    press(&field, CTRL_W);
    expect(&field, "Fire and ", 0);
    press(&field, PRESS_LEFT);
    press(&field, PRESS_LEFT);
    press(&field, CTRL_W);
    expect(&field, "Fire d ", 2);
    press(&field, CTRL_U);
    expect(&field, "d ", 2);
    press(&field, CTRL_U);
    press(&field, CTRL_W);
    expect(&field, "d ", 2);
    press(&field, PRESS_END);
    press(&field, CTRL_W);
    expect(&field, "", 0);
}

/* What was full takes letters again, also in the middle; and none is cut in two. */
static void a_full_name_takes_nothing_anywhere_and_then_again(void **state) {
    (void)state;
    struct field field = {0};
    for (int i = 0; i < OFFICER_NAME_LETTERS; i++) {
        type_name(&field, "\u0E17\u0E35");
    }
    size_t length = field.length;
    press(&field, PRESS_HOME);
    type_name(&field, "x\u0301");
    assert_int_equal(field.length, length);
    press(&field, PRESS_RIGHT);
    press(&field, PRESS_BACKSPACE);
    type_name(&field, "x\u0301");
    assert_int_equal(field_letters(&field), OFFICER_NAME_LETTERS);
    assert_int_equal(field.text[0], 'x');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(backspace_takes_one_letter_with_its_marks),
        cmocka_unit_test(a_name_ends_after_24_letters_in_every_script),
        cmocka_unit_test(the_cursor_goes_by_letters_in_every_script),
        cmocka_unit_test(letters_go_in_and_come_out_at_the_cursor),
        cmocka_unit_test(a_word_or_all_before_the_cursor_is_taken_back),
        cmocka_unit_test(a_full_name_takes_nothing_anywhere_and_then_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
