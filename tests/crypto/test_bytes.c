/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/bytes.h"
#include "crypto/entropy.h"
#include "crypto/secret.h"

static void what_is_written_is_read_back(void **state) {
    (void)state;
    uint8_t octets[64];
    struct writer w = writer_into(octets, sizeof octets);
    write_u8(&w, 0xA1);
    write_u16(&w, 0xB2C3);
    write_u32(&w, 0xD4E5F607);
    write_u64(&w, 0x0123456789ABCDEF);
    write_text_u8(&w, "fire7");
    write_span_u16(&w, span_of_text("ab"));
    assert_int_equal(writer_finish(&w), STATUS_OK);

    struct reader r = reader_of(writer_span(&w));
    char text[6];
    assert_int_equal(read_u8(&r), 0xA1);
    assert_int_equal(read_u16(&r), 0xB2C3);
    assert_int_equal(read_u32(&r), 0xD4E5F607);
    assert_int_equal(read_u64(&r), 0x0123456789ABCDEF);
    read_text_u8(&r, text, sizeof text);
    assert_string_equal(text, "fire7");
    assert_true(span_equal(read_span_u16(&r), span_of_text("ab")));
    assert_int_equal(reader_finish(&r), STATUS_OK);
}

static void every_truncation_fails_and_nothing_is_read_past_the_end(void **state) {
    (void)state;
    uint8_t octets[] = {1, 0, 3, 'a', 'b', 'c'};
    for (size_t length = 0; length < sizeof octets; length++) {
        struct reader r = reader_of((struct span){octets, length});
        read_u8(&r);
        read_span_u16(&r);
        assert_int_equal(reader_finish(&r), STATUS_TRUNCATED);
        assert_int_equal(reader_left(&r), 0);
    }
    struct reader r = reader_of(SPAN_OF(octets));
    read_u8(&r);
    assert_int_equal(reader_finish(&r), STATUS_MALFORMED);
}

static void a_text_with_a_nul_or_too_long_is_refused(void **state) {
    (void)state;
    uint8_t with_nul[] = {3, 'a', 0, 'c'};
    char out[4];
    struct reader r = reader_of(SPAN_OF(with_nul));
    read_text_u8(&r, out, sizeof out);
    assert_true(r.failed);
    assert_string_equal(out, "");
    uint8_t long_text[] = {4, 'a', 'b', 'c', 'd'};
    r = reader_of(SPAN_OF(long_text));
    read_text_u8(&r, out, sizeof out);
    assert_true(r.failed);
}

static void a_writer_that_is_full_stays_failed_and_yields_nothing(void **state) {
    (void)state;
    uint8_t octets[3];
    struct writer w = writer_into(octets, sizeof octets);
    write_u32(&w, 1);
    write_u8(&w, 1);
    assert_int_equal(writer_finish(&w), STATUS_TOO_LONG);
    assert_int_equal(writer_span(&w).length, 0);
}

static void a_seed_gives_the_same_octets_each_time_and_other_seeds_others(void **state) {
    (void)state;
    struct entropy_seeded one, two, three;
    struct entropy a = entropy_from_seed(&one, 7), b = entropy_from_seed(&two, 7),
                   c = entropy_from_seed(&three, 8);
    uint8_t x[40], y[40], z[40];
    assert_int_equal(entropy_draw(&a, x, sizeof x), STATUS_OK);
    assert_int_equal(entropy_draw(&b, y, sizeof y), STATUS_OK);
    assert_int_equal(entropy_draw(&c, z, sizeof z), STATUS_OK);
    assert_memory_equal(x, y, sizeof x);
    assert_memory_not_equal(x, z, sizeof x);
    assert_int_equal(entropy_draw(&a, y, sizeof y), STATUS_OK);
    assert_memory_not_equal(x, y, sizeof x);
}

static void a_secret_holds_a_copy_and_compares(void **state) {
    (void)state;
    struct secret *secret = secret_copy(span_of_text("key"));
    assert_non_null(secret);
    assert_true(span_equal(secret_span(secret), span_of_text("key")));
    assert_true(secret_equal(secret->octets, "key", 3));
    assert_false(secret_equal(secret->octets, "kex", 3));
    secret_free(secret);
    secret_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(every_truncation_fails_and_nothing_is_read_past_the_end),
        cmocka_unit_test(a_text_with_a_nul_or_too_long_is_refused),
        cmocka_unit_test(a_writer_that_is_full_stays_failed_and_yields_nothing),
        cmocka_unit_test(a_seed_gives_the_same_octets_each_time_and_other_seeds_others),
        cmocka_unit_test(a_secret_holds_a_copy_and_compares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
