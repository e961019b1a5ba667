/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The keys of a D2D connection. The expected octets were computed once with an independent script:
 * X25519 from the text of RFC 7748 5 (and again by Python's cryptography), HKDF from that of RFC
 * 5869, the PRF from that of RFC 3830 4.1.2, over Python's hmac module.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "crypto/connection_key.h"

struct sides {
    uint8_t tgk[SSV_SIZE], transcript[TRANSCRIPT_SIZE];
    uint8_t one[EPHEMERAL_KEY_SIZE], one_share[SHARE_SIZE];
    uint8_t other[EPHEMERAL_KEY_SIZE], other_share[SHARE_SIZE];
};

static void count_from(uint8_t first, uint8_t *out, size_t length) {
    for (size_t i = 0; i < length; i++) {
        out[i] = (uint8_t)(first + i);
    }
}

static void fill(struct sides *sides) {
    count_from(0, sides->tgk, SSV_SIZE);
    count_from(200, sides->transcript, TRANSCRIPT_SIZE);
    count_from(0, sides->one, EPHEMERAL_KEY_SIZE);
    count_from(100, sides->other, EPHEMERAL_KEY_SIZE);
    assert_int_equal(ephemeral_share(sides->one, sides->one_share), STATUS_OK);
    assert_int_equal(ephemeral_share(sides->other, sides->other_share), STATUS_OK);
}

static void assert_hex(const uint8_t *octets, size_t length, const char *expected) {
    char hex[2 * 128 + 1];
    assert_true(length <= 128);
    sodium_bin2hex(hex, sizeof hex, octets, length);
    assert_string_equal(hex, expected);
}

static struct connection_keys keys_of_one(const struct sides *sides) {
    struct connection_keys keys;
    assert_int_equal(
        connection_keys_make(sides->tgk, sides->one, sides->other_share, sides->transcript, &keys),
        STATUS_OK);
    return keys;
}

static void the_keys_are_the_known_ones_on_both_sides(void **state) {
    (void)state;
    struct sides sides;
    struct connection_keys keys;
    fill(&sides);
    assert_hex(sides.one_share, SHARE_SIZE,
               "8f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285f");
    assert_hex(sides.other_share, SHARE_SIZE,
               "7d9c24316539825c1896e57f28197746793ce60cbee3ad47da9d07b85fa55e2a");
    keys = keys_of_one(&sides);
    assert_hex(keys.forward, STREAM_KEY_SIZE,
               "44cede9eba17ee038b6398ec607c9b37e1348d18ec1f5bc2e91bdb312a3e5bee");
    assert_hex(keys.back, STREAM_KEY_SIZE,
               "43aef6b90de25cdc09095b21f1828836fafc14eaa75cc6dfbc226393762a3699");
    assert_hex(keys.call, SSV_SIZE, "338c256526e59acd77134cd43ee7b7a1");
    struct connection_keys others;
    assert_int_equal(
        connection_keys_make(sides.tgk, sides.other, sides.one_share, sides.transcript, &others),
        STATUS_OK);
    assert_memory_equal(&others, &keys, sizeof keys);
}

static void a_seed_makes_the_known_ephemeral_key(void **state) {
    (void)state;
    uint8_t seed[RECOVERY_SEED_SIZE], rand[MIKEY_RAND_SIZE];
    uint8_t key[EPHEMERAL_KEY_SIZE], share[SHARE_SIZE];
    count_from(0, seed, sizeof seed);
    count_from(50, rand, sizeof rand);
    assert_int_equal(ephemeral_of_seed(seed, rand, key), STATUS_OK);
    assert_hex(key, sizeof key, "d27aa356dc53ddbc47c9459b8c7de1f7f7fbc00d943743b34e528ae1185ebdbd");
    assert_int_equal(ephemeral_share(key, share), STATUS_OK);
    assert_hex(share, sizeof share,
               "3f5d852bfbe1ddf4573e795539273bdc2111d523543a5d398272669bb0aba87b");
}

/* Each of the secrets, the exchange and the transcript counts by itself. */
static void another_secret_or_transcript_makes_other_keys(void **state) {
    (void)state;
    struct sides sides;
    fill(&sides);
    struct connection_keys keys = keys_of_one(&sides);
    uint8_t *const changed[] = {sides.tgk, sides.transcript, sides.one + 1, sides.other_share};
    for (size_t i = 0; i < sizeof changed / sizeof changed[0]; i++) {
        changed[i][0] ^= 1;
        struct connection_keys others = keys_of_one(&sides);
        assert_memory_not_equal(others.forward, keys.forward, STREAM_KEY_SIZE);
        assert_memory_not_equal(others.back, keys.back, STREAM_KEY_SIZE);
        assert_memory_not_equal(others.call, keys.call, SSV_SIZE);
        changed[i][0] ^= 1;
    }
}

/* With one of these the exchange gives zeros, whatever the other side's key (RFC 7748 6.1): each
 * value of small order, also unreduced, with and without the bit that is not looked at. */
static void a_share_of_small_order_is_refused_and_leaves_no_keys(void **state) {
    (void)state;
    static const uint8_t order_8[2][SHARE_SIZE] = {
        {0xE0, 0xEB, 0x7A, 0x7C, 0x3B, 0x41, 0xB8, 0xAE, 0x16, 0x56, 0xE3,
         0xFA, 0xF1, 0x9F, 0xC4, 0x6A, 0xDA, 0x09, 0x8D, 0xEB, 0x9C, 0x32,
         0xB1, 0xFD, 0x86, 0x62, 0x05, 0x16, 0x5F, 0x49, 0xB8, 0x00},
        {0x5F, 0x9C, 0x95, 0xBC, 0xA3, 0x50, 0x8C, 0x24, 0xB1, 0xD0, 0xB1,
         0x55, 0x9C, 0x83, 0xEF, 0x5B, 0x04, 0x44, 0x5C, 0xC4, 0x58, 0x1C,
         0x8E, 0x86, 0xD8, 0x22, 0x4E, 0xDD, 0xD0, 0x9F, 0x11, 0x57}};
    const struct connection_keys none = {0};
    struct sides sides;
    fill(&sides);
    for (unsigned n = 0; n < 14; n++) {
        uint8_t share[SHARE_SIZE] = {0};
        unsigned kind = n / 2;
        if (kind < 2) {
            share[0] = (uint8_t)kind; /* 0 and 1 */
        } else if (kind < 4) {
            memcpy(share, order_8[kind - 2], sizeof share);
        } else {
            memset(share, 0xFF, sizeof share); /* p - 1, p, p + 1 */
            share[0] = (uint8_t)(0xEC + kind - 4);
            share[SHARE_SIZE - 1] = 0x7F;
        }
        share[SHARE_SIZE - 1] |= n % 2 == 0 ? 0 : 0x80;
        struct connection_keys keys;
        memset(&keys, 7, sizeof keys);
        assert_int_equal(connection_keys_make(sides.tgk, sides.one, share, sides.transcript, &keys),
                         STATUS_SHARE_INVALID);
        assert_memory_equal(&keys, &none, sizeof keys);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_keys_are_the_known_ones_on_both_sides),
        cmocka_unit_test(a_seed_makes_the_known_ephemeral_key),
        cmocka_unit_test(another_secret_or_transcript_makes_other_keys),
        cmocka_unit_test(a_share_of_small_order_is_refused_and_leaves_no_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
