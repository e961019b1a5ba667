/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The air in plain words: what each frame is, and what protects it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/officer.h"
#include "ui/words/frame.h"
#include "ui/words/words.h"

static const struct view_frame usual = {.key_id = 0xA1B2C3D4,
                                        .connection = 0x1234,
                                        .from = "tel:+447700900123",
                                        .to = "tel:+447700900456",
                                        .group = "sip:fire7@county.example"};

static void assert_words(const struct view_frame *frame, const char *what, const char *protection) {
    char text[FRAME_WORDS_SIZE];
    frame_words(frame, text, sizeof text);
    assert_string_equal(text, what);
    frame_protection_words(frame, text, sizeof text);
    assert_string_equal(text, protection);
}

static void choose(const char *language) {
    assert_true(words_choose_in(language, officer_locale()));
}

static void a_frame_tells_what_it_is_and_what_protects_it(void **state) {
    static const struct {
        enum frame_sight sight;
        const char *what, *protection;
    } frames[] = {
        {SIGHT_PRESENCE, "presence of tel:+447700900123", "signed (ECCSI)"},
        {SIGHT_PRESENCE_LINK, "presence link", "link of a one-way chain (SHA-256)"},
        {SIGHT_I_MESSAGE, "I_MESSAGE tel:+447700900123 -> tel:+447700900456",
         "key encapsulated to the receiver (SAKKE), signed (ECCSI)"},
        {SIGHT_D2D_RESPONSE, "D2D response on connection 0000000000001234",
         "sealed (XChaCha20-Poly1305)"},
        {SIGHT_ANNOUNCEMENT_AND_VOICE,
         "announcement by tel:+447700900123 for group sip:fire7@county.example, with voice",
         "GSK under GMK A1B2C3D4, signed (ECCSI); voice: SRTP AES-GCM"},
        {SIGHT_GROUP_VOICE, "voice", "SRTP AES-GCM under a key from GMK A1B2C3D4"},
        {SIGHT_CALL_VOICE, "voice", "SRTP AES-GCM under a key from the TGK A1B2C3D4"},
        {SIGHT_RECEIPT,
         "receipt of tel:+447700900123 for GMK A1B2C3D4 of group "
         "sip:fire7@county.example",
         "signed (ECCSI)"},
        {SIGHT_FRAGMENT, "part of a longer frame", "as the whole is"},
        {SIGHT_RELAY_CONTROL, "relay control", "carries no key"},
    };
    (void)state;
    choose("en");
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        struct view_frame frame = usual;
        frame.sight = frames[i].sight;
        assert_words(&frame, frames[i].what, frames[i].protection);
    }
}

static void a_garbled_frame_tells_why_and_claims_nothing(void **state) {
    struct view_frame frame = usual;
    (void)state;
    choose("en");
    frame.check = "truncated";
    frame.sight = SIGHT_PRESENCE;
    assert_words(&frame, "presence", "garbled (ends too early)");
    frame.sight = SIGHT_D2D_RECORD;
    assert_words(&frame, "D2D record", "garbled (ends too early)");
    frame.sight = SIGHT_UNKNOWN;
    frame.check = "unsupported";
    assert_words(&frame, "unknown frame", "garbled (not supported by this version)");
    choose("de");
    assert_words(&frame, "unbekannter Rahmen",
                 "verstümmelt (von dieser Version nicht unterstützt)");
}

static void no_frame_is_cut_off_in_any_language(void **state) {
    static const char *const languages[] = {"en", "de"}, *const checks[] = {NULL, "seal-broken"};
    struct view_frame frame = {.key_id = UINT32_MAX, .connection = UINT64_MAX};
    (void)state;
    memset(frame.from, 'f', sizeof frame.from - 1);
    memset(frame.to, 't', sizeof frame.to - 1);
    memset(frame.group, 'g', sizeof frame.group - 1);
    for (int at = 0; at < 4 * SIGHT_COUNT; at++) {
        char text[FRAME_WORDS_SIZE], whole[2000];
        choose(languages[at % 2]);
        frame.check = checks[at / 2 % 2];
        frame.sight = (enum frame_sight)(at / 4);
        frame_words(&frame, text, sizeof text);
        frame_words(&frame, whole, sizeof whole);
        assert_string_equal(text, whole);
        assert_true(strlen(whole) > 0);
        frame_protection_words(&frame, text, sizeof text);
        frame_protection_words(&frame, whole, sizeof whole);
        assert_string_equal(text, whole);
        /* What is unknown is always garbled. */
        assert_true(strlen(whole) > 0 || frame.sight == SIGHT_UNKNOWN);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_tells_what_it_is_and_what_protects_it),
        cmocka_unit_test(a_garbled_frame_tells_why_and_claims_nothing),
        cmocka_unit_test(no_frame_is_cut_off_in_any_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
