/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names in every script (app/identity/display_name.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/identity/display_name.h"
#include "app/text/unicode.h"

/* `count` times the letter. */
static const char *times(const char *letter, size_t count) {
    static char rooms[2][1024];
    static unsigned used;
    char *text = rooms[used++ % 2];
    text[0] = '\0';
    while (count-- > 0) {
        strcat(text, letter);
    }
    return text;
}

static void assert_made(const char *typed, const char *expected) {
    char name[DISPLAY_NAME_SIZE], again[DISPLAY_NAME_SIZE];
    enum status status = display_name_make(typed, name);
    if (status != STATUS_OK || strcmp(name, expected) != 0) {
        fail_msg("%s: %s, '%s'", typed, status_name(status), name);
    }
    strcpy(again, name);
    assert_true(display_name_take(again)); /* as others read it */
    assert_string_equal(again, name);
}

static void assert_refused(const char *typed, enum status expected) {
    char name[DISPLAY_NAME_SIZE];
    enum status status = display_name_make(typed, name);
    if (status != expected || name[0] != '\0') {
        fail_msg("%s: %s, '%s'", typed, status_name(status), name);
    }
}

static void a_name_has_24_letters_in_every_script(void **state) {
    (void)state;
    static const char *const letters[] = {
        "a",
        "\u00E9",
        "\u0E17\u0E35\u0E48",       /* Thai: vowel and tone */
        "\u0E14\u0E33",             /* Thai: sara am */
        "\u0915\u094D",             /* Devanagari: half a conjunct */
        "\u0928\u093F",             /* a vowel sign beside its letter */
        "\u10EE",                   /* Georgian */
        "\u1EC7",                   /* Vietnamese */
        "\u05E9\u05B8\u05BC\u05C1", /* Hebrew: qamats, dagesh, shin dot */
        "\u0628\u064E\u0651",       /* Arabic: fatha and shadda */
        "\uD55C",                   /* Hangul */
        "\u6D88",                   /* Han */
        "\u304C",                   /* kana */
        "\U0001F692",               /* a fire engine */
        "\U0001F1E9\U0001F1EA",     /* a flag */
        "\u0F40\u0FB1\u0F74",       /* Tibetan: a stack */
        "\u1000\u103C\u102D",       /* Burmese */
    };
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        const char *name = times(letters[i], DISPLAY_NAME_LETTERS);
        assert_made(name, name);
        assert_refused(times(letters[i], DISPLAY_NAME_LETTERS + 1), STATUS_TOO_LONG);
    }
    assert_refused(times("x", 1000), STATUS_TOO_LONG);
}

static void typed_in_another_way_it_is_the_same_name(void **state) {
    (void)state;
    static const struct {
        const char *typed, *name;
    } cases[] = {
        {"Zoe\u0308", "Zo\u00EB"},
        {"e\u0302\u0323", "\u1EC7"}, /* marks in another order */
        {"\u1112\u1161\u11AB", "\uD55C"},
        {"\u212Bsa", "\u00C5sa"},
        {"\u05E9\u05C1\u05B8\u05BC", "\u05E9\u05B8\u05BC\u05C1"},
        {"A\uFE0F", "A"}, /* what leaves no trace */
        {"\u2764\uFE0F", "\u2764"},
        {"An\u034Fna", "Anna"},
        {"\u845B\U000E0100", "\u845B"},
        {"\u0645\u06CC\u200C ", "\u0645\u06CC "}, /* a non-joiner with nothing to part */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_made(cases[i].typed, cases[i].name);
    }
    /* 24 letters, although they were 48 characters as they came. */
    assert_made(times("e\u0301", 24), times("\u00E9", 24));
}

static void joiners_stay_where_a_script_needs_them(void **state) {
    (void)state;
    static const char *const names[] = {
        "\u0645\u06CC\u200C\u0631\u0648\u0645",       /* Persian, zero width non-joiner */
        "\u0628\u0686\u0651\u200C\u0647\u0627",       /* behind a mark */
        "\u0915\u094D\u200D\u0937",                   /* Devanagari: a half form */
        "\u0915\u094D\u200C\u0937",                   /* and the virama shown */
        "\u09B0\u200D\u09CD\u09AF\u09BE\u09AC",       /* Bengali: joiner before the virama */
        "\u0D2E\u0D28\u0D4D\u200D",                   /* Malayalam: at the end */
        "\u0DC1\u0DCA\u200D\u0DBB\u0DD3",             /* Sinhala */
        "\U0001F468\u200D\U0001F469\u200D\U0001F467", /* a family */
        "\U0001F469\U0001F3FD\u200D\U0001F692",       /* with a skin colour */
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_made(names[i], names[i]);
    }
}

static const char *const hidden[] = {
    "An\u200Bna",                                              /* zero width space */
    "An\u200Dna",                                              /* joiners between Latin letters */
    "An\u200Cna",     "\u200DAnna",     "\u0645 \u200C\u0645", /* after a blank */
    "An\u00ADna",                                              /* soft hyphen */
    "An\u2060na",     "\uFEFFAnna",     "An\u3164na",          /* fillers */
    "An\uFFA0na",     "\u115F\u1160",   "An\uE000na",          /* private use */
    "An\U000F0000na", "An\U000E0041na",                        /* tags */
    "An\uFFFEna",                                              /* no character */
    "An\u0378na",                                              /* not assigned */
    "An\u180Ena",     "An\uFFF9na",
};

static void what_cannot_be_seen_makes_no_name(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
        assert_refused(hidden[i], STATUS_MALFORMED);
    }
    static const char *const bad[] = {
        "a\nb",         "\x7F",
        "\xC2\x9B",     "\u202E7erif",
        "\u2066",       "\u061C",
        "\u2028",       "\xC0\xAF",
        "\xED\xA0\x80", "\xE2\x82",
        "\u0301a", /* a mark that would stand on what is before the name */
        "\u093Ea",      "x\u0301\u0302\u0303\u0304\u0305", /* more than a cell can show */
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_refused(bad[i], STATUS_MALFORMED);
    }
    assert_made("a\u0305\u0332\u0333\u033F", "a\u0332\u0333\u0305\u033F");
    assert_made("", "");
}

/* They were allowed once: a store holds them, a handset of old says them. */
static void a_hidden_character_in_a_record_is_seen_and_disturbs_nothing(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
        char name[DISPLAY_NAME_SIZE];
        strcpy(name, hidden[i]);
        assert_true(display_name_take(name));
        assert_non_null(strstr(name, "\uFFFD"));
        char again[DISPLAY_NAME_SIZE];
        strcpy(again, name);
        assert_true(display_name_take(again));
        assert_string_equal(again, name);
    }
    char decomposed[DISPLAY_NAME_SIZE] = "Zoe\u0308";
    assert_true(display_name_take(decomposed));
    assert_string_equal(decomposed, "Zo\u00EB");
}

/* Whatever comes from the air: no crash, no name over its limits, and the same form twice. */
static void random_octets_make_a_name_in_its_form_or_none(void **state) {
    (void)state;
    unsigned seed = 20260214;
    print_message("seed %u\n", seed);
    srandom(seed);
    static const char *const pieces[] = {"a",      "\u0301", "\u200D",     "\u200C", "\u094D",
                                         "\u0915", "\u0645", "\U0001F468", "\u1112", "\u1161",
                                         "\uFE0F", "\u0958", "\xE2",       " "};
    unsigned taken = 0;
    for (int round = 0; round < 20000; round++) {
        char text[4 * DISPLAY_NAME_SIZE] = "", name[DISPLAY_NAME_SIZE], held[DISPLAY_NAME_SIZE];
        for (long i = random() % 30; i > 0; i--) {
            strcat(text, pieces[(size_t)random() % (round % 4 == 0 ? 14 : 12)]);
        }
        if (display_name_make(text, name) == STATUS_OK) {
            taken++;
            strcpy(held, name);
            assert_true(display_name_take(held));
            assert_string_equal(held, name);
            assert_true(display_name_is_valid(name));
        }
        bool is_short = strlen(text) < sizeof held;
        memcpy(held, text, is_short ? strlen(text) + 1 : 1);
        if (is_short && display_name_take(held)) {
            assert_true(unicode_letters(span_of_text(held)) <= DISPLAY_NAME_LETTERS);
        }
    }
    assert_true(taken > 500);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_has_24_letters_in_every_script),
        cmocka_unit_test(typed_in_another_way_it_is_the_same_name),
        cmocka_unit_test(joiners_stay_where_a_script_needs_them),
        cmocka_unit_test(what_cannot_be_seen_makes_no_name),
        cmocka_unit_test(a_hidden_character_in_a_record_is_seen_and_disturbs_nothing),
        cmocka_unit_test(random_octets_make_a_name_in_its_form_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
