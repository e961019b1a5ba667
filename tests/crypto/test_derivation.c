/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The expected octets were computed once with an independent script over Python's hmac module, from
 * the text of RFC 3830 4.1.2 to 4.1.4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "crypto/derivation.h"
#include "crypto/entropy.h"

static const uint8_t counting[40] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13,
                                     14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
                                     28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39};

static void assert_octets(const uint8_t *octets, size_t length, const char *hex) {
    static const char digits[] = "0123456789abcdef";
    char text[257];
    assert_true(2 * length < sizeof text);
    for (size_t i = 0; i < length; i++) {
        text[2 * i] = digits[octets[i] >> 4];
        text[2 * i + 1] = digits[octets[i] & 0xF];
    }
    text[2 * length] = '\0';
    assert_string_equal(text, hex);
}

static void the_prf_gives_the_known_answers(void **state) {
    (void)state;
    uint8_t out[100];
    assert_int_equal(mikey_prf((struct span){counting, 16}, span_of_text("label"), out, 20),
                     STATUS_OK);
    assert_octets(out, 20, "1e8ec32afec33dab915c97750d01d9605f6dd7cd");
    /* Two blocks of key, four of output. */
    assert_int_equal(mikey_prf((struct span){counting, 40}, span_of_text("label"), out, 100),
                     STATUS_OK);
    assert_octets(out, 100,
                  "0b95259e668ddaf19ce9ebbd7f81f9d8cab3694bafb7321a5ac247e78747b13af387495e6dbc2a25"
                  "117c254a1d0e6df68f4d88578279da5eac1b2fb201b526ba9d6e462b61e25d0b37dbc7a7de11a520"
                  "391f72724540016f82d0cf314ae3089757f0c09a");
}

static void each_kind_of_key_has_the_known_answer(void **state) {
    (void)state;
    static const struct {
        enum derived_key kind;
        uint8_t cs_id;
        size_t length;
        const char *hex;
    } known[] = {
        {DERIVED_TEK, 1, 16, "5c5ec2a2f20c3ad745b293d2578f4fdd"},
        {DERIVED_SALT, 1, 12, "84ef16b0821a8951b6cde521"},
        {DERIVED_PSK_ENCR, 0xFF, 16, "7bfc96b355cb9cebd0575ad626430b4a"},
        {DERIVED_PSK_AUTH, 0xFF, 32,
         "6e880be8f91aad6d0dff207d5d2d50e6166776b59e25ab7550dc0d3bc0a4a915"},
        {DERIVED_PSK_SALT, 0xFF, 14, "c3bf7d1b3e06f44933fdf57168b6"},
    };
    uint8_t rand[MIKEY_RAND_SIZE];
    for (size_t i = 0; i < sizeof rand; i++) {
        rand[i] = (uint8_t)(0x40 + i);
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        uint8_t out[32];
        assert_int_equal(mikey_derive(known[i].kind, (struct span){counting, 16}, known[i].cs_id,
                                      0xA1B2C3D4, rand, out, known[i].length),
                         STATUS_OK);
        assert_octets(out, known[i].length, known[i].hex);
    }
}

/* RFC 3830 4.1.2 written down once more, with one-shot HMACs and for one block of key. */
static void prf_of_one_block(struct span key, struct span label, uint8_t *out, size_t length) {
    uint8_t message[32 + 64];
    uint8_t a[32];
    size_t size = 0;
    assert_true(label.length <= 64);
    assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key.octets, key.length,
                              label.octets, label.length, a, sizeof a, &size));
    for (size_t at = 0; at < length; at += 32) {
        uint8_t block[32];
        memcpy(message, a, 32);
        memcpy(message + 32, label.octets, label.length);
        assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key.octets, key.length,
                                  message, 32 + label.length, block, sizeof block, &size));
        memcpy(out + at, block, length - at < 32 ? length - at : 32);
        assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key.octets, key.length,
                                  message, 32, a, sizeof a, &size));
    }
}

static void random_inputs_agree_with_a_second_computation(void **state) {
    (void)state;
    const uint64_t seed = 3830;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed);
    for (int round = 0; round < 200; round++) {
        uint8_t inputs[1 + 1 + 1 + 64 + 64];
        uint8_t out[200];
        uint8_t first[200];
        uint8_t second[200];
        assert_int_equal(entropy_draw(&entropy, inputs, sizeof inputs), STATUS_OK);
        struct span key = {inputs + 3, 1 + (size_t)inputs[0] % 64};
        struct span label = {inputs + 3 + 64, (size_t)inputs[1] % 65};
        size_t length = (size_t)inputs[2] % 201;
        assert_int_equal(mikey_prf(key, label, out, length), STATUS_OK);
        prf_of_one_block((struct span){key.octets, key.length < 32 ? key.length : 32}, label, first,
                         length);
        if (key.length > 32) {
            prf_of_one_block((struct span){key.octets + 32, key.length - 32}, label, second,
                             length);
            for (size_t i = 0; i < length; i++) {
                first[i] ^= second[i];
            }
        }
        assert_memory_equal(out, first, length);
    }
}

static void a_shorter_output_is_the_start_of_a_longer_one(void **state) {
    (void)state;
    uint8_t longest[8192];
    uint8_t shorter[100];
    struct span key = {counting, 16};
    assert_int_equal(mikey_prf(key, span_of_text("label"), longest, sizeof longest), STATUS_OK);
    for (size_t length = 0; length <= sizeof shorter; length++) {
        assert_int_equal(mikey_prf(key, span_of_text("label"), shorter, length), STATUS_OK);
        assert_memory_equal(shorter, longest, length);
    }
}

static void every_input_counts(void **state) {
    (void)state;
    uint8_t rand[MIKEY_RAND_SIZE] = {0};
    uint8_t outputs[6][16];
    struct span key = {counting, 16};
    assert_int_equal(mikey_derive(DERIVED_TEK, key, 1, 1, rand, outputs[0], 16), STATUS_OK);
    assert_int_equal(mikey_derive(DERIVED_SALT, key, 1, 1, rand, outputs[1], 16), STATUS_OK);
    assert_int_equal(mikey_derive(DERIVED_TEK, key, 2, 1, rand, outputs[2], 16), STATUS_OK);
    assert_int_equal(mikey_derive(DERIVED_TEK, key, 1, 2, rand, outputs[3], 16), STATUS_OK);
    rand[15] = 1;
    assert_int_equal(mikey_derive(DERIVED_TEK, key, 1, 1, rand, outputs[4], 16), STATUS_OK);
    rand[15] = 0;
    key.octets++;
    assert_int_equal(mikey_derive(DERIVED_TEK, key, 1, 1, rand, outputs[5], 16), STATUS_OK);
    for (size_t i = 0; i < 6; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(outputs[i], outputs[j], 16);
        }
    }
}

static void an_empty_key_and_too_much_output_are_refused(void **state) {
    (void)state;
    uint8_t out[16];
    assert_int_equal(mikey_prf((struct span){counting, 0}, span_of_text("label"), out, 16),
                     STATUS_KEY_INVALID);
    assert_int_equal(mikey_prf((struct span){NULL, 0}, span_of_text("label"), out, 16),
                     STATUS_KEY_INVALID);
    assert_int_equal(mikey_prf((struct span){counting, 16}, span_of_text("label"), NULL, 8193),
                     STATUS_TOO_LONG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_prf_gives_the_known_answers),
        cmocka_unit_test(each_kind_of_key_has_the_known_answer),
        cmocka_unit_test(random_inputs_agree_with_a_second_computation),
        cmocka_unit_test(a_shorter_output_is_the_start_of_a_longer_one),
        cmocka_unit_test(every_input_counts),
        cmocka_unit_test(an_empty_key_and_too_much_output_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
