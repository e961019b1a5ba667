/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The signature in every packet (crypto/talker_key.h), checked by OpenSSL's Ed25519 over octets
 * that are written down once more here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "crypto/gsc.h"
#include "crypto/talker_key.h"

enum {
    SIGNED_SIZE = 15 + 32 + 2
};

static const uint8_t srtp[] = "\x80\x60\x12\x34 an SRTP packet as it is sent, tag, link and all";
static const char announced[] = "what the announcement's signature covers";

struct scene {
    struct entropy_seeded seeded;
    struct entropy entropy;
    struct talker_key *key;
    uint8_t session[SESSION_HASH_SIZE];
    uint8_t signature[VOICE_SIGNATURE_SIZE];
};

static void open_scene(struct scene *scene) {
    scene->entropy = entropy_from_seed(&scene->seeded, 8032);
    assert_int_equal(talker_key_new(&scene->entropy, &scene->key), STATUS_OK);
    assert_int_equal(session_hash(SPAN_OF(announced), scene->session), STATUS_OK);
    assert_int_equal(voice_sign(scene->key, scene->session, SPAN_OF(srtp), scene->signature),
                     STATUS_OK);
}

static enum status verify(const struct scene *scene, struct span packet) {
    return voice_verify(talker_key_public(scene->key), scene->session, packet, scene->signature);
}

static void openssl_verifies_what_is_signed(void **state) {
    (void)state;
    struct scene scene;
    uint8_t octets[SIGNED_SIZE + sizeof srtp];
    size_t length = 0;
    open_scene(&scene);
    memcpy(octets, "Muster voice 1", 15);
    assert_int_equal(
        EVP_Q_digest(NULL, "SHA256", NULL, announced, sizeof announced, octets + 15, &length), 1);
    memcpy(octets + 47, "\x12\x34", 2);
    memcpy(octets + 49, srtp, sizeof srtp);
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
                                                talker_key_public(scene.key), TALKER_KEY_SIZE);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestVerifyInit(context, NULL, NULL, NULL, key), 1);
    assert_int_equal(
        EVP_DigestVerify(context, scene.signature, sizeof scene.signature, octets, sizeof octets),
        1);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    assert_int_equal(verify(&scene, SPAN_OF(srtp)), STATUS_OK);
    talker_key_free(scene.key);
}

static void no_octet_can_be_changed(void **state) {
    (void)state;
    struct scene scene;
    open_scene(&scene);
    for (size_t i = 0; i < sizeof srtp; i++) {
        uint8_t changed[sizeof srtp];
        memcpy(changed, srtp, sizeof srtp);
        changed[i] ^= 1;
        assert_int_equal(verify(&scene, SPAN_OF(changed)), STATUS_SIGNATURE_INVALID);
    }
    for (size_t i = 0; i < VOICE_SIGNATURE_SIZE; i++) {
        scene.signature[i] ^= 1;
        assert_int_equal(verify(&scene, SPAN_OF(srtp)), STATUS_SIGNATURE_INVALID);
        scene.signature[i] ^= 1;
    }
    for (size_t i = 0; i < SESSION_HASH_SIZE; i++) {
        scene.session[i] ^= 1; /* of another announcement */
        assert_int_equal(verify(&scene, SPAN_OF(srtp)), STATUS_SIGNATURE_INVALID);
        scene.session[i] ^= 1;
    }
    struct talker_key *other;
    assert_int_equal(talker_key_new(&scene.entropy, &other), STATUS_OK);
    assert_int_equal(
        voice_verify(talker_key_public(other), scene.session, SPAN_OF(srtp), scene.signature),
        STATUS_SIGNATURE_INVALID);
    talker_key_free(other);
    talker_key_free(scene.key);
}

static void what_is_no_packet_is_not_signed(void **state) {
    (void)state;
    struct scene scene;
    uint8_t largest[RTP_PACKET_MAX + GSC_OVERHEAD + VOICE_LINK_SIZE + 1] = {0};
    open_scene(&scene);
    const struct span wrong[] = {{srtp, 0}, {srtp, 3}, SPAN_OF(largest)};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(voice_sign(scene.key, scene.session, wrong[i], scene.signature),
                         STATUS_MALFORMED);
        assert_int_equal(verify(&scene, wrong[i]), STATUS_MALFORMED);
    }
    assert_int_equal(voice_sign(scene.key, scene.session,
                                (struct span){largest, sizeof largest - 1}, scene.signature),
                     STATUS_OK);
    talker_key_free(scene.key);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_verifies_what_is_signed),
        cmocka_unit_test(no_octet_can_be_changed),
        cmocka_unit_test(what_is_no_packet_is_not_signed),
    };
    return cmocka_run_group_tests_name("crypto/talker_key", tests, NULL, NULL);
}
