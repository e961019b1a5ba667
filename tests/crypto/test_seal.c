/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/seal.h"

static const uint8_t key[SEAL_KEY_SIZE] = {1, 2, 3};
static const struct seal_work quick = {1, 8};

static void what_is_sealed_opens_only_with_its_key_and_at_its_place(void **state) {
    (void)state;
    uint8_t sealed[64], open[64], other[SEAL_KEY_SIZE] = {9};
    struct span plain = span_of_text("GMK"), place = span_of_text("here");
    struct writer w = writer_into(sealed, sizeof sealed), o = writer_into(open, sizeof open);
    assert_int_equal(seal_close(key, place, plain, &entropy_system, &w), STATUS_OK);
    assert_int_equal(w.length, plain.length + SEAL_OVERHEAD);
    assert_int_equal(seal_open(key, place, writer_span(&w), &o), STATUS_OK);
    assert_true(span_equal(writer_span(&o), plain));

    assert_int_equal(seal_open(key, span_of_text("there"), writer_span(&w), &o),
                     STATUS_SEAL_BROKEN);
    assert_int_equal(seal_open(other, place, writer_span(&w), &o), STATUS_SEAL_BROKEN);
    assert_int_equal(o.length, plain.length);
}

static void every_changed_octet_and_every_truncation_breaks_the_seal(void **state) {
    (void)state;
    uint8_t sealed[64], open[64];
    struct span place = span_of_text("here");
    struct writer w = writer_into(sealed, sizeof sealed);
    assert_int_equal(seal_close(key, place, span_of_text("GMK"), &entropy_system, &w), STATUS_OK);
    for (size_t i = 0; i < w.length; i++) {
        struct writer o = writer_into(open, sizeof open);
        sealed[i] ^= 0x40;
        assert_int_equal(seal_open(key, place, writer_span(&w), &o), STATUS_SEAL_BROKEN);
        sealed[i] ^= 0x40;
        assert_int_equal(seal_open(key, place, (struct span){sealed, i}, &o), STATUS_SEAL_BROKEN);
        assert_int_equal(o.length, 0);
    }
}

static void what_does_not_fit_is_not_begun(void **state) {
    (void)state;
    uint8_t sealed[SEAL_OVERHEAD + 3], open[2], box[SEAL_BOX_OVERHEAD];
    uint8_t public_key[SEAL_BOX_KEY_SIZE], private_key[SEAL_BOX_KEY_SIZE];
    struct span place = {NULL, 0};
    struct writer w = writer_into(sealed, sizeof sealed), o = writer_into(open, sizeof open),
                  b = writer_into(box, sizeof box);
    assert_int_equal(seal_close(key, place, span_of_text("four"), &entropy_system, &w),
                     STATUS_TOO_LONG);
    assert_int_equal(seal_close(key, place, span_of_text("GMK"), &entropy_system, &w), STATUS_OK);
    assert_int_equal(seal_open(key, place, writer_span(&w), &o), STATUS_TOO_LONG);
    assert_int_equal(seal_box_keys(&entropy_system, public_key, private_key), STATUS_OK);
    assert_int_equal(seal_box_close(public_key, span_of_text("x"), &b), STATUS_TOO_LONG);
    assert_int_equal(o.length + b.length, 0);
}

static void two_seals_of_one_value_share_nothing(void **state) {
    (void)state;
    uint8_t one[64], two[64];
    struct span place = {NULL, 0};
    struct writer a = writer_into(one, sizeof one), b = writer_into(two, sizeof two);
    assert_int_equal(seal_close(key, place, span_of_text("GMK"), &entropy_system, &a), STATUS_OK);
    assert_int_equal(seal_close(key, place, span_of_text("GMK"), &entropy_system, &b), STATUS_OK);
    assert_memory_not_equal(one, two, 24);
    assert_memory_not_equal(one + 24, two + 24, 3);
}

static void a_passphrase_key_depends_on_passphrase_salt_and_work(void **state) {
    (void)state;
    uint8_t salt[SEAL_SALT_SIZE] = {1}, salt2[SEAL_SALT_SIZE] = {2};
    uint8_t a[SEAL_KEY_SIZE], b[SEAL_KEY_SIZE];
    struct span one = span_of_text("one"), two = span_of_text("two");
    assert_int_equal(seal_key_of_passphrase(one, salt, quick, a), STATUS_OK);
    assert_int_equal(seal_key_of_passphrase(one, salt, quick, b), STATUS_OK);
    assert_memory_equal(a, b, sizeof a);
    assert_int_equal(seal_key_of_passphrase(two, salt, quick, b), STATUS_OK);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(seal_key_of_passphrase(one, salt2, quick, b), STATUS_OK);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(seal_key_of_passphrase(one, salt, (struct seal_work){2, 8}, b), STATUS_OK);
    assert_memory_not_equal(a, b, sizeof a);
}

static void work_that_no_handset_could_do_is_refused(void **state) {
    (void)state;
    uint8_t salt[SEAL_SALT_SIZE] = {1}, out[SEAL_KEY_SIZE];
    const struct seal_work bad[] = {{0, 8}, {17, 8}, {1, 7}, {1, (1 << 20) + 1}, {1, UINT32_MAX}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(seal_key_of_passphrase(span_of_text("x"), salt, bad[i], out),
                         STATUS_UNSUPPORTED);
    }
}

static void a_keyed_hash_depends_on_key_and_text(void **state) {
    (void)state;
    uint8_t other[SEAL_KEY_SIZE] = {9}, a[SEAL_HASH_SIZE], b[SEAL_HASH_SIZE];
    assert_int_equal(seal_hash(key, span_of_text("a"), a), STATUS_OK);
    assert_int_equal(seal_hash(key, span_of_text("a"), b), STATUS_OK);
    assert_memory_equal(a, b, sizeof a);
    assert_int_equal(seal_hash(key, span_of_text("b"), b), STATUS_OK);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(seal_hash(other, span_of_text("a"), b), STATUS_OK);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(seal_checksum(span_of_text("a"), b), STATUS_OK);
    assert_memory_not_equal(a, b, sizeof a);
}

static void a_box_opens_only_on_its_device_and_unchanged(void **state) {
    (void)state;
    uint8_t public_key[SEAL_BOX_KEY_SIZE], private_key[SEAL_BOX_KEY_SIZE];
    uint8_t other_public[SEAL_BOX_KEY_SIZE], other_private[SEAL_BOX_KEY_SIZE];
    uint8_t box[64], open[64];
    assert_int_equal(seal_box_keys(&entropy_system, public_key, private_key), STATUS_OK);
    assert_int_equal(seal_box_keys(&entropy_system, other_public, other_private), STATUS_OK);
    assert_memory_not_equal(public_key, other_public, sizeof public_key);
    struct writer w = writer_into(box, sizeof box), o = writer_into(open, sizeof open);
    assert_int_equal(seal_box_close(public_key, span_of_text("RSK"), &w), STATUS_OK);
    struct span sealed = writer_span(&w);
    assert_int_equal(seal_box_open(public_key, private_key, sealed, &o), STATUS_OK);
    assert_true(span_equal(writer_span(&o), span_of_text("RSK")));

    assert_int_equal(seal_box_open(other_public, other_private, sealed, &o), STATUS_SEAL_BROKEN);
    for (size_t i = 0; i < sealed.length; i++) {
        box[i] ^= 1;
        assert_int_equal(seal_box_open(public_key, private_key, sealed, &o), STATUS_SEAL_BROKEN);
        box[i] ^= 1;
        assert_int_equal(seal_box_open(public_key, private_key, (struct span){box, i}, &o),
                         STATUS_SEAL_BROKEN);
    }
    assert_int_equal(o.length, 3);
}

static void a_box_for_a_point_of_small_order_is_refused(void **state) {
    (void)state;
    uint8_t zero[SEAL_BOX_KEY_SIZE] = {0}, box[64];
    struct writer w = writer_into(box, sizeof box);
    assert_int_equal(seal_box_close(zero, span_of_text("RSK"), &w), STATUS_KEY_INVALID);
    assert_int_equal(w.length, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sealed_opens_only_with_its_key_and_at_its_place),
        cmocka_unit_test(every_changed_octet_and_every_truncation_breaks_the_seal),
        cmocka_unit_test(what_does_not_fit_is_not_begun),
        cmocka_unit_test(two_seals_of_one_value_share_nothing),
        cmocka_unit_test(a_passphrase_key_depends_on_passphrase_salt_and_work),
        cmocka_unit_test(work_that_no_handset_could_do_is_refused),
        cmocka_unit_test(a_keyed_hash_depends_on_key_and_text),
        cmocka_unit_test(a_box_opens_only_on_its_device_and_unchanged),
        cmocka_unit_test(a_box_for_a_point_of_small_order_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
