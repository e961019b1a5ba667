/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The floor request (crypto/floor_request.h): opened by libsodium and OpenSSL from its description,
 * of one size whatever it says, of no use under another key, session or GMK id, and signed by
 * nobody but its identity.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include "crypto/announcement.h"
#include "crypto/floor_request.h"
#include "tests/crypto/parties.h"

enum {
    GMK_ID = 0x21020304,
    LABEL_SIZE = sizeof "Muster floor 1",
    FIELDS_AT = 28,
};

static const uint8_t gsk[SSV_SIZE] = "0123456789abcde";
static const uint8_t other_gsk[SSV_SIZE] = "0123456789abcdf";
static const uint8_t session[SESSION_HASH_SIZE] = "the hash of an announcement....";
static const uint8_t other_session[SESSION_HASH_SIZE] = "the hash of another one........";

struct scene {
    struct parties parties;
    struct floor_key *key;
    struct floor_request said;
    uint8_t payload[FLOOR_REQUEST_SIZE];
};

static void close_request(struct scene *scene) {
    struct writer w = writer_into(scene->payload, sizeof scene->payload);
    assert_int_equal(floor_request_close(scene->key, &scene->said, scene->parties.provider,
                                         scene->parties.bob.signing_key, &scene->parties.entropy,
                                         &w),
                     STATUS_OK);
    assert_int_equal(w.length, FLOOR_REQUEST_SIZE);
}

static void open_scene(struct scene *scene) {
    parties_open(&scene->parties, provider_find(provider_name(0)));
    scene->said = (struct floor_request){
        .wish = FLOOR_WISH_NOTHING, .priority = 1, .number = 0x0102030405060708};
    snprintf(scene->said.identity, sizeof scene->said.identity, "tel:+447700900123");
    assert_int_equal(floor_key_new(GMK_ID, gsk, session, &scene->key), STATUS_OK);
    close_request(scene);
}

static void close_scene(struct scene *scene) {
    floor_key_free(scene->key);
    parties_close(&scene->parties);
}

/* PRF(GSK, label) of RFC 3830 4.1.2 for an output of one block: HMAC(GSK, HMAC(GSK, label) |
 * label). */
static void key_by_hand(uint8_t out[32]) {
    uint8_t text[32 + LABEL_SIZE + SESSION_HASH_SIZE];
    unsigned length = 32;
    memcpy(text + 32, "Muster floor 1", LABEL_SIZE);
    memcpy(text + 32 + LABEL_SIZE, session, SESSION_HASH_SIZE);
    HMAC(EVP_sha256(), gsk, sizeof gsk, text + 32, sizeof text - 32, text, &length);
    HMAC(EVP_sha256(), gsk, sizeof gsk, text, sizeof text, out, &length);
}

static void libsodium_opens_a_request_as_it_is_described(void **state) {
    (void)state;
    struct scene scene;
    uint8_t key[32], plain[FLOOR_REQUEST_SIZE], place[LABEL_SIZE + 4];
    const uint8_t zeros[IDENTITY_MAX] = {0};
    unsigned long long length = 0;
    open_scene(&scene);
    key_by_hand(key);
    assert_memory_equal(scene.payload, "\x21\x02\x03\x04", 4);
    memcpy(place, "Muster floor 1", LABEL_SIZE);
    memcpy(place + LABEL_SIZE, "\x21\x02\x03\x04", 4);
    assert_int_equal(
        crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &length, NULL, scene.payload + FIELDS_AT,
                                                   FLOOR_REQUEST_SIZE - FIELDS_AT, place,
                                                   sizeof place, scene.payload + 4, key),
        0);
    assert_int_equal(length, 1 + 1 + 8 + 1 + IDENTITY_MAX + ECCSI_SIGNATURE_SIZE);
    assert_memory_equal(plain, "\x04\x01\x01\x02\x03\x04\x05\x06\x07\x08\x11tel:+447700900123", 28);
    assert_memory_equal(plain + 28, zeros, IDENTITY_MAX - 17);
    /* What is signed. */
    uint8_t covered[LABEL_SIZE + 4 + SESSION_HASH_SIZE + FLOOR_REQUEST_FIELDS_SIZE];
    memcpy(covered, place, sizeof place);
    memcpy(covered + sizeof place, session, sizeof session);
    memcpy(covered + sizeof place + sizeof session, plain, FLOOR_REQUEST_FIELDS_SIZE);
    const struct identifier *bob = &scene.parties.bob.identifier;
    assert_int_equal(scene.parties.provider->verify(
                         scene.parties.domain, (struct span){bob->octets, bob->length},
                         SPAN_OF(covered), plain + FLOOR_REQUEST_FIELDS_SIZE),
                     STATUS_OK);
    close_scene(&scene);
}

static void what_is_said_arrives_with_what_is_signed(void **state) {
    (void)state;
    struct scene scene;
    struct floor_request_opened heard;
    open_scene(&scene);
    for (unsigned length = 8; length <= IDENTITY_MAX; length += 29) {
        memset(scene.said.identity, '1', length);
        memcpy(scene.said.identity, "tel:+4477", 9);
        scene.said.identity[length] = '\0';
        bool is_valid = identity_check(scene.said.identity) == STATUS_OK;
        close_request(&scene);
        assert_int_equal(floor_request_open(scene.key, SPAN_OF(scene.payload), &heard),
                         is_valid ? STATUS_OK : STATUS_IDENTITY_INVALID);
        assert_string_equal(heard.request.identity, scene.said.identity);
        assert_int_equal(heard.request.wish, scene.said.wish);
        assert_int_equal(heard.request.priority, scene.said.priority);
        assert_int_equal(heard.request.number, scene.said.number);
        const struct identifier *bob = &scene.parties.bob.identifier;
        const struct span covered = {heard.signed_octets, heard.signed_length};
        assert_int_equal(scene.parties.provider->verify(scene.parties.domain,
                                                        (struct span){bob->octets, bob->length},
                                                        covered, heard.signature),
                         STATUS_OK);
    }
    close_scene(&scene);
}

static void no_octet_can_be_changed_and_none_left_out(void **state) {
    (void)state;
    struct scene scene;
    struct floor_request_opened heard;
    open_scene(&scene);
    for (size_t i = 0; i < FLOOR_REQUEST_SIZE; i++) {
        scene.payload[i] ^= 1;
        assert_int_equal(floor_request_open(scene.key, SPAN_OF(scene.payload), &heard),
                         STATUS_SEAL_BROKEN);
        scene.payload[i] ^= 1;
        const struct span cut = {scene.payload, i};
        assert_int_equal(floor_request_open(scene.key, cut, &heard), STATUS_TRUNCATED);
    }
    uint8_t longer[FLOOR_REQUEST_SIZE + 1] = {0};
    memcpy(longer, scene.payload, FLOOR_REQUEST_SIZE);
    assert_int_equal(floor_request_open(scene.key, SPAN_OF(longer), &heard), STATUS_MALFORMED);
    close_scene(&scene);
}

static void it_is_of_no_use_under_another_key_session_or_gmk(void **state) {
    (void)state;
    struct scene scene;
    open_scene(&scene);
    const struct {
        uint32_t gmk_id;
        const uint8_t *gsk, *session;
    } others[] = {
        {GMK_ID + 1, gsk, session}, {GMK_ID, other_gsk, session}, {GMK_ID, gsk, other_session}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct floor_request_opened heard;
        struct floor_key *key;
        assert_int_equal(floor_key_new(others[i].gmk_id, others[i].gsk, others[i].session, &key),
                         STATUS_OK);
        assert_int_equal(floor_request_open(key, SPAN_OF(scene.payload), &heard),
                         STATUS_SEAL_BROKEN);
        floor_key_free(key);
    }
    close_scene(&scene);
}

/* A member makes it, who has the key. */
static void what_no_request_says_is_malformed(void **state) {
    (void)state;
    struct scene scene;
    struct floor_request_opened heard;
    open_scene(&scene);
    scene.said.wish = (enum floor_wish)1;
    close_request(&scene);
    assert_int_equal(floor_request_open(scene.key, SPAN_OF(scene.payload), &heard),
                     STATUS_MALFORMED);
    scene.said.wish = FLOOR_WISH_TALK;
    scene.said.number = -1;
    close_request(&scene);
    assert_int_equal(floor_request_open(scene.key, SPAN_OF(scene.payload), &heard),
                     STATUS_MALFORMED);
    scene.said.number = 1;
    scene.said.priority = TALK_EMERGENCY + 1; /* nobody comes before an emergency */
    close_request(&scene);
    assert_int_equal(floor_request_open(scene.key, SPAN_OF(scene.payload), &heard),
                     STATUS_MALFORMED);
    scene.said.priority = TALK_EMERGENCY;
    scene.said.identity[0] = '\0';
    close_request(&scene);
    assert_int_equal(floor_request_open(scene.key, SPAN_OF(scene.payload), &heard),
                     STATUS_IDENTITY_INVALID);
    close_scene(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libsodium_opens_a_request_as_it_is_described),
        cmocka_unit_test(what_is_said_arrives_with_what_is_signed),
        cmocka_unit_test(no_octet_can_be_changed_and_none_left_out),
        cmocka_unit_test(it_is_of_no_use_under_another_key_session_or_gmk),
        cmocka_unit_test(what_no_request_says_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
