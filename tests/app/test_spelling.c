/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A passphrase is letters, not octets (app/store/spelling.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/store/spelling.h"
#include "app/store/store.h"
#include "scratch.h"

/* The same letters: composed, as keyboards mix them, decomposed. */
static const struct {
    const char *composed, *mixed, *decomposed;
} same[] = {
    {"Gr\u00FC\u00DFe \u00E9t\u00E9", "Gr\u00FC\u00DFe e\u0301t\u00E9",
     "Gru\u0308\u00DFe e\u0301te\u0301"},
    /* Vietnamese: two marks on a letter, in an order that does not matter */
    {"\u1EC7\u1EA1\u1EBF", "\u1EB9\u0302a\u0323\u00EA\u0301", "e\u0323\u0302a\u0323e\u0302\u0301"},
    /* Hangul: syllables, or their letters */
    {"\uD55C\uAE00", "\uD55C\u1100\u1173\u11AF", "\u1112\u1161\u11AB\u1100\u1173\u11AF"},
    /* a sign that is another letter */
    {"\u00C5ngstr\u00F6m", "\u212Bngstr\u00F6m", "A\u030Angstro\u0308m"},
    /* Japanese: a kana with its voicing mark */
    {"\u304C\u30D1", "\u304B\u3099\u30D1", "\u304B\u3099\u30CF\u309A"},
};
enum {
    SAME = sizeof same / sizeof same[0]
};

/* Stores of old were made under the passphrase as it was typed. */
static bool is_old;
enum status __real_spellings_of(struct span passphrase, struct spellings *spellings);
enum status __wrap_spellings_of(struct span passphrase, struct spellings *spellings);
enum status __wrap_spellings_of(struct span passphrase, struct spellings *spellings) {
    if (!is_old) {
        return __real_spellings_of(passphrase, spellings);
    }
    *spellings = (struct spellings){.count = 1, .each = {secret_copy(passphrase)}};
    return STATUS_OK;
}

static void make(const char *path, const char *passphrase, bool as_of_old) {
    struct store *store;
    struct error error;
    is_old = as_of_old;
    assert_int_equal(
        store_create(path, span_of_text(passphrase), STORE_QUICK, &entropy_system, &store, &error),
        STATUS_OK);
    is_old = false;
    store_close(store);
}

static enum status try_open(const char *path, const char *passphrase) {
    struct store *store;
    struct error error;
    enum status status = store_open(path, span_of_text(passphrase), &store, &error);
    if (status == STATUS_OK) {
        store_close(store);
    }
    return status;
}

static void however_the_letters_are_typed_the_store_opens(void **state) {
    for (size_t i = 0; i < SAME; i++) {
        const char *forms[] = {same[i].composed, same[i].mixed, same[i].decomposed};
        for (size_t made = 0; made < 3; made++) {
            const char *path = scratch_path(state, "store");
            make(path, forms[made], false);
            for (size_t typed = 0; typed < 3; typed++) {
                assert_int_equal(try_open(path, forms[typed]), STATUS_OK);
            }
            assert_int_equal(try_open(path, "Grusse ete"), STATUS_WRONG_PASSPHRASE);
            store_discard(path);
        }
    }
}

static void a_store_of_old_opens_as_it_did_and_from_other_keyboards(void **state) {
    for (size_t i = 0; i < SAME; i++) {
        const char *path = scratch_path(state, "store");
        make(path, same[i].decomposed, true);
        assert_int_equal(try_open(path, same[i].decomposed), STATUS_OK);
        assert_int_equal(try_open(path, same[i].composed), STATUS_OK);
        assert_int_equal(try_open(path, same[i].mixed), STATUS_OK);
        store_discard(path);
        make(path, same[i].mixed, true);
        assert_int_equal(try_open(path, same[i].mixed), STATUS_OK);
        store_discard(path);
    }
}

static void what_is_not_utf8_opens_as_it_is_and_is_tried_once(void **state) {
    static const char latin1[] = "Gr\xFC\xDF"
                                 "e 2026";
    const char *path = scratch_path(state, "store");
    struct spellings spellings;
    make(path, latin1, false);
    assert_int_equal(try_open(path, latin1), STATUS_OK);
    assert_int_equal(try_open(path, "Gr\u00FC\u00DFe 2026"), STATUS_WRONG_PASSPHRASE);
    assert_int_equal(spellings_of(span_of_text(latin1), &spellings), STATUS_OK);
    assert_int_equal(spellings.count, 1);
    spellings_wipe(&spellings);
}

/* Each try costs a second or so. */
static void only_spellings_that_differ_are_tried(void **state) {
    (void)state;
    static const struct {
        const char *typed;
        size_t count;
    } cases[] = {{"correct horse", 1}, {"", 1},
                 {"\u00E9", 2},        {"e\u0301", 2},
                 {"\u00E9e\u0301", 3}, {"\U0001F692 \u0E01\u0E33", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct spellings spellings;
        assert_int_equal(spellings_of(span_of_text(cases[i].typed), &spellings), STATUS_OK);
        assert_int_equal(spellings.count, cases[i].count);
        spellings_wipe(&spellings);
        assert_int_equal(spellings.count, 0);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(however_the_letters_are_typed_the_store_opens),
        TEST(a_store_of_old_opens_as_it_did_and_from_other_keyboards),
        TEST(what_is_not_utf8_opens_as_it_is_and_is_tried_once),
        cmocka_unit_test(only_spellings_that_differ_are_tried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
