/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The language of the screen, on a machine that has no locale but C and C.UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/ui/officer.h"
#include "ui/words/words.h"

static void set_environment(const char *all, const char *messages, const char *lang,
                            const char *list) {
    const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"};
    const char *const values[] = {all, messages, lang, list};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(values[i] != NULL ? setenv(names[i], values[i], 1) : unsetenv(names[i]),
                         0);
    }
}

static void expect(bool is_chosen, const char *quit) {
    assert_true(is_chosen);
    assert_string_equal(words("quit"), quit);
}

static void text_is_english_until_a_language_is_chosen(void **state) {
    (void)state;
    assert_string_equal(words("quit"), "quit");
}

static void language_is_the_one_asked_for(void **state) {
    (void)state;
    set_environment(NULL, NULL, NULL, NULL);
    expect(words_choose_in("de", officer_locale()), "beenden");
    expect(words_choose_in("en", officer_locale()), "quit");
    expect(words_choose_in("de", officer_locale()), "beenden");
    set_environment(NULL, NULL, "de_DE.UTF-8", NULL);
    expect(words_choose_in("en", officer_locale()), "quit");
}

static void language_is_the_environment_s_without_one(void **state) {
    static const struct {
        const char *all, *messages, *lang, *list, *quit;
    } cases[] = {
        {NULL, NULL, NULL, NULL, "quit"},
        {NULL, NULL, "C.UTF-8", NULL, "quit"},
        {NULL, NULL, "de_DE.UTF-8", NULL, "beenden"},
        {NULL, NULL, "de_AT@euro", NULL, "beenden"},
        {NULL, NULL, "de", NULL, "beenden"},
        {NULL, NULL, "den_CA", NULL, "quit"},
        {NULL, "de_DE.UTF-8", "en_GB.UTF-8", NULL, "beenden"},
        {"en_GB.UTF-8", "de_DE.UTF-8", "de_DE.UTF-8", NULL, "quit"},
        {NULL, NULL, "fr_FR.UTF-8", NULL, "quit"},
        {NULL, NULL, "fr_FR.UTF-8", "fr:de:en", "beenden"},
        {NULL, NULL, "de_DE.UTF-8", "en", "quit"},
        {NULL, NULL, "de_DE.UTF-8", "fr", "beenden"},
        {NULL, NULL, "C", "de", "quit"},
        {NULL, NULL, NULL, "de", "quit"},
        {"", "", "de_DE.UTF-8", "", "beenden"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set_environment(cases[i].all, cases[i].messages, cases[i].lang, cases[i].list);
        expect(words_choose_in(NULL, officer_locale()), cases[i].quit);
    }
    set_environment(NULL, NULL, NULL, NULL);
}

static void unknown_language_and_missing_catalogue_are_told_and_leave_english(void **state) {
    (void)state;
    expect(words_choose_in("de", officer_locale()), "beenden");
    assert_false(words_choose_in("fr", officer_locale()));
    assert_string_equal(words("quit"), "quit");
    expect(words_choose_in("de", officer_locale()), "beenden");
    assert_false(words_choose_in("de", "fixtures"));
    assert_string_equal(words("quit"), "quit");
}

static void what_no_catalogue_has_stays_english(void **state) {
    (void)state;
    assert_true(words_choose_in("de", officer_locale()));
    assert_string_equal(words("no such text"), "no such text");
    assert_string_equal(words(""), "");
    assert_string_equal(words_many("no such text", "no such texts", 1), "no such text");
    assert_string_equal(words_many("no such text", "no such texts", 0), "no such texts");
    assert_true(words_choose_in("en", officer_locale()));
    assert_string_equal(words_many("no such text", "no such texts", 1), "no such text");
    assert_string_equal(words_many("no such text", "no such texts", 2), "no such texts");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_english_until_a_language_is_chosen),
        cmocka_unit_test(language_is_the_one_asked_for),
        cmocka_unit_test(language_is_the_environment_s_without_one),
        cmocka_unit_test(unknown_language_and_missing_catalogue_are_told_and_leave_english),
        cmocka_unit_test(what_no_catalogue_has_stays_english),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
