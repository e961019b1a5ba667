/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/hedge.h"
#include "tests/crypto/modules.h"

enum {
    SIGNATURES = 6
};

/* A generator that is stuck, as that of a machine without any randomness. */
static enum status draw_zeros(void *context, uint8_t *out, size_t length) {
    (void)context;
    memset(out, 0, length);
    return STATUS_OK;
}

static enum status draw_nothing(void *context, uint8_t *out, size_t length) {
    (void)context;
    (void)out;
    (void)length;
    return STATUS_LIBRARY_FAILED;
}

/* Signs `message` with a generator in the state that `seed` gives, or one that is stuck at 0. */
static void sign_as_cloned(const struct holder *holder, uint64_t seed, const char *message,
                           uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    struct entropy_seeded seeded;
    const struct entropy stuck = {draw_zeros, NULL};
    const struct entropy cloned = entropy_from_seed(&seeded, seed);
    assert_int_equal(holder->module->sign(holder->signing_key, span_of_text(message),
                                          seed == 0 ? &stuck : &cloned, signature),
                     STATUS_OK);
}

/* Two signatures of one key with one j give the key away: they have the same r. */
static void a_generator_that_repeats_itself_repeats_no_ephemeral(void **state) {
    static const char *const messages[SIGNATURES] = {"",      "a", "b", "aa", "to all: report",
                                                     "to all"};
    const struct modules *modules = *state;
    for (unsigned n = 0; n < modules->count; n++) {
        const struct holder *holder = &modules->holders[n];
        for (uint64_t seed = 0; seed < 3; seed++) {
            uint8_t signatures[SIGNATURES][ECCSI_SIGNATURE_SIZE];
            for (size_t i = 0; i < SIGNATURES; i++) {
                sign_as_cloned(holder, seed, messages[i], signatures[i]);
                assert_int_equal(holder->module->verify(holder->domain,
                                                        keys_identifier(&modules->rfc),
                                                        span_of_text(messages[i]), signatures[i]),
                                 STATUS_OK);
                for (size_t k = 0; k < i; k++) {
                    assert_memory_not_equal(signatures[i], signatures[k], ECCSI_SCALAR_SIZE);
                }
            }
        }
    }
}

static void draw_hedged(const struct entropy *entropy, uint8_t key_octet, const char *message,
                        uint8_t out[2][ECCSI_SCALAR_SIZE]) {
    uint8_t key[HEDGE_KEY_SIZE] = {key_octet};
    struct hedge hedge;
    const struct entropy hedged = hedge_over(&hedge, entropy, key, span_of_text(message));
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(entropy_draw(&hedged, out[i], ECCSI_SCALAR_SIZE), STATUS_OK);
    }
}

/* Neither another key nor another message nor a second draw is as the first. */
static void what_is_drawn_depends_on_randomness_key_message_and_draw(void **state) {
    struct entropy_seeded seeded;
    const struct entropy stuck = {draw_zeros, NULL}, fresh = entropy_from_seed(&seeded, 1);
    uint8_t drawn[4][2][ECCSI_SCALAR_SIZE], again[2][ECCSI_SCALAR_SIZE];
    (void)state;
    draw_hedged(&stuck, 1, "message", drawn[0]);
    draw_hedged(&stuck, 2, "message", drawn[1]);
    draw_hedged(&stuck, 1, "messages", drawn[2]);
    draw_hedged(&fresh, 1, "message", drawn[3]);
    for (size_t i = 0; i < 8; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_memory_not_equal(drawn[i / 2][i % 2], drawn[k / 2][k % 2], ECCSI_SCALAR_SIZE);
        }
    }
    draw_hedged(&stuck, 1, "message", again);
    assert_memory_equal(again, drawn[0], sizeof again);
}

/* Some libraries draw a few octets at a time. */
static void any_length_can_be_drawn(void **state) {
    static const uint8_t nothing[200];
    const uint8_t key[HEDGE_KEY_SIZE] = {1};
    (void)state;
    for (size_t length = 0; length <= sizeof nothing; length += 13) {
        uint8_t out[sizeof nothing] = {0};
        struct hedge hedge;
        const struct entropy hedged =
            hedge_over(&hedge, &entropy_system, key, (struct span){NULL, 0});
        assert_int_equal(entropy_draw(&hedged, out, length), STATUS_OK);
        assert_memory_equal(out + length, nothing, sizeof out - length);
        if (length > 26) {
            assert_memory_not_equal(out + length - 13, nothing, 13);
        }
    }
}

static void without_randomness_nothing_is_drawn(void **state) {
    static const uint8_t nothing[ECCSI_SCALAR_SIZE];
    const struct entropy broken = {draw_nothing, NULL};
    const uint8_t key[HEDGE_KEY_SIZE] = {1};
    uint8_t out[ECCSI_SCALAR_SIZE];
    struct hedge hedge;
    (void)state;
    const struct entropy hedged = hedge_over(&hedge, &broken, key, span_of_text("message"));
    memset(out, 1, sizeof out);
    assert_int_equal(entropy_draw(&hedged, out, sizeof out), STATUS_LIBRARY_FAILED);
    assert_memory_equal(out, nothing, sizeof out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_generator_that_repeats_itself_repeats_no_ephemeral),
        cmocka_unit_test(what_is_drawn_depends_on_randomness_key_message_and_draw),
        cmocka_unit_test(any_length_can_be_drawn),
        cmocka_unit_test(without_randomness_nothing_is_drawn),
    };
    return cmocka_run_group_tests(tests, modules_setup, modules_teardown);
}
