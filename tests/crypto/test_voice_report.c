/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The voice report (crypto/voice_report.h): opened by libsodium and OpenSSL from its description,
 * of one size whatever it says, and of no use under another key, session or GMK id.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include "crypto/voice_report.h"

enum {
    GMK_ID = 0x21020304,
    LABEL_SIZE = sizeof "Muster voice report 1",
};

static const uint8_t gsk[SSV_SIZE] = "0123456789abcde";
static const uint8_t other_gsk[SSV_SIZE] = "0123456789abcdf";
static const uint8_t session[SESSION_HASH_SIZE] = "the hash of an announcement....";
static const uint8_t other_session[SESSION_HASH_SIZE] = "the hash of another one........";

static const struct voice_report said = {
    .who = "12345678", .rtp_time = 0xFFFFFFF0, .loss = 7, .plays = true};

struct scene {
    struct entropy_seeded seeded;
    struct entropy entropy;
    struct voice_report_key *key;
    uint8_t payload[VOICE_REPORT_SIZE];
};

static void close_report(struct scene *scene, const struct voice_report *report) {
    struct writer w = writer_into(scene->payload, sizeof scene->payload);
    assert_int_equal(voice_report_close(scene->key, GMK_ID, report, &scene->entropy, &w),
                     STATUS_OK);
    assert_int_equal(w.length, VOICE_REPORT_SIZE);
}

static void open_scene(struct scene *scene) {
    scene->entropy = entropy_from_seed(&scene->seeded, 22179);
    assert_int_equal(voice_report_key_new(gsk, session, &scene->key), STATUS_OK);
    close_report(scene, &said);
}

/* PRF(GSK, label) of RFC 3830 4.1.2 for an output of one block: HMAC(GSK, HMAC(GSK, label) |
 * label). */
static void key_by_hand(uint8_t out[32]) {
    uint8_t text[32 + LABEL_SIZE + SESSION_HASH_SIZE];
    unsigned length = 32;
    memcpy(text + 32, "Muster voice report 1", LABEL_SIZE);
    memcpy(text + 32 + LABEL_SIZE, session, SESSION_HASH_SIZE);
    HMAC(EVP_sha256(), gsk, sizeof gsk, text + 32, sizeof text - 32, text, &length);
    HMAC(EVP_sha256(), gsk, sizeof gsk, text, sizeof text, out, &length);
}

static void libsodium_opens_a_report_as_it_is_described(void **state) {
    (void)state;
    struct scene scene;
    uint8_t key[32], plain[14], place[LABEL_SIZE + 4];
    unsigned long long length = 0;
    open_scene(&scene);
    key_by_hand(key);
    assert_memory_equal(scene.payload, "\x21\x02\x03\x04", 4);
    memcpy(place, "Muster voice report 1", LABEL_SIZE);
    memcpy(place + LABEL_SIZE, "\x21\x02\x03\x04", 4);
    assert_int_equal(crypto_aead_xchacha20poly1305_ietf_decrypt(
                         plain, &length, NULL, scene.payload + 28, VOICE_REPORT_SIZE - 28, place,
                         sizeof place, scene.payload + 4, key),
                     0);
    assert_int_equal(length, sizeof plain);
    assert_memory_equal(plain, "12345678\xFF\xFF\xFF\xF0\x07\x01", sizeof plain);
    voice_report_key_free(scene.key);
}

static void what_is_said_arrives(void **state) {
    (void)state;
    struct scene scene;
    open_scene(&scene);
    for (unsigned loss = 0; loss <= 255; loss++) {
        struct voice_report report = said, heard;
        report.loss = (uint8_t)loss;
        report.plays = loss % 2 == 0;
        close_report(&scene, &report);
        bool is_possible = loss <= 100 || loss == VOICE_REPORT_LOSS_UNKNOWN;
        assert_int_equal(voice_report_open(scene.key, SPAN_OF(scene.payload), &heard),
                         is_possible ? STATUS_OK : STATUS_MALFORMED);
        if (is_possible) {
            assert_memory_equal(heard.who, report.who, sizeof heard.who);
            assert_int_equal(heard.rtp_time, report.rtp_time);
            assert_int_equal(heard.loss, loss);
            assert_int_equal(heard.plays, report.plays);
        }
    }
    voice_report_key_free(scene.key);
}

static void no_octet_can_be_changed_and_none_left_out(void **state) {
    (void)state;
    struct scene scene;
    struct voice_report heard;
    open_scene(&scene);
    for (size_t i = 0; i < VOICE_REPORT_SIZE; i++) {
        scene.payload[i] ^= 1;
        assert_int_equal(voice_report_open(scene.key, SPAN_OF(scene.payload), &heard),
                         STATUS_SEAL_BROKEN);
        scene.payload[i] ^= 1;
        const struct span cut = {scene.payload, i};
        assert_int_equal(voice_report_open(scene.key, cut, &heard), STATUS_TRUNCATED);
    }
    uint8_t longer[VOICE_REPORT_SIZE + 1] = {0};
    memcpy(longer, scene.payload, VOICE_REPORT_SIZE);
    assert_int_equal(voice_report_open(scene.key, SPAN_OF(longer), &heard), STATUS_MALFORMED);
    voice_report_key_free(scene.key);
}

static void another_session_or_key_opens_nothing(void **state) {
    (void)state;
    struct scene scene;
    struct voice_report heard;
    open_scene(&scene);
    const struct {
        const uint8_t *gsk, *session;
    } others[] = {{gsk, other_session}, {other_gsk, session}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct voice_report_key *key;
        assert_int_equal(voice_report_key_new(others[i].gsk, others[i].session, &key), STATUS_OK);
        assert_int_equal(voice_report_open(key, SPAN_OF(scene.payload), &heard),
                         STATUS_SEAL_BROKEN);
        voice_report_key_free(key);
    }
    voice_report_key_free(scene.key);
}

static void each_identity_has_a_mark_of_its_own(void **state) {
    (void)state;
    uint8_t anna[VOICE_REPORT_WHO_SIZE], again[VOICE_REPORT_WHO_SIZE], ben[VOICE_REPORT_WHO_SIZE];
    assert_int_equal(voice_report_who("tel:+447700900123", anna), STATUS_OK);
    assert_int_equal(voice_report_who("tel:+447700900123", again), STATUS_OK);
    assert_int_equal(voice_report_who("tel:+447700900124", ben), STATUS_OK);
    assert_memory_equal(anna, again, sizeof anna);
    assert_memory_not_equal(anna, ben, sizeof anna);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libsodium_opens_a_report_as_it_is_described),
        cmocka_unit_test(what_is_said_arrives),
        cmocka_unit_test(no_octet_can_be_changed_and_none_left_out),
        cmocka_unit_test(another_session_or_key_opens_nothing),
        cmocka_unit_test(each_identity_has_a_mark_of_its_own),
    };
    return cmocka_run_group_tests_name("crypto/voice_report", tests, NULL, NULL);
}
