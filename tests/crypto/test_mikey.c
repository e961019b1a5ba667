/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/entropy.h"
#include "crypto/mikey.h"

static uint8_t room[512];

static struct writer fresh_writer(void) {
    memset(room, 0, sizeof room);
    return writer_into(room, sizeof room);
}

static void assert_written(const struct writer *w, const uint8_t *expected, size_t length) {
    assert_int_equal(writer_finish(w), STATUS_OK);
    assert_int_equal(w->length, length);
    assert_memory_equal(w->octets, expected, length);
}

static void times_have_the_ntp_seconds_and_fraction_of_rfc_5905(void **state) {
    (void)state;
    assert_true(mikey_ntp_of(0) == UINT64_C(2208988800) << 32);
    assert_true(mikey_ntp_of(500) == (UINT64_C(2208988800) << 32 | UINT32_C(0x80000000)));
    assert_true(mikey_ntp_of(1) == (UINT64_C(2208988800) << 32 | UINT32_C(4294968)));
    /* The first second of era 1: 7 February 2036, 06:28:16. */
    assert_true(mikey_ntp_of(INT64_C(2085978496000)) == 0);
}

static enum status read_time(uint64_t ntp, int64_t *utc_ms) {
    uint8_t octets[10];
    struct writer w = writer_into(octets, sizeof octets);
    write_u8(&w, MIKEY_RAND);
    write_u8(&w, 0);
    write_u64(&w, ntp);
    struct mikey_reader m = mikey_reader_of(SPAN_OF(octets));
    mikey_read_timestamp(&m, MIKEY_RAND, utc_ms);
    return mikey_finish(&m);
}

static void assert_time_round_trips(int64_t utc_ms) {
    int64_t again = -1;
    assert_true(mikey_time_fits(utc_ms));
    assert_int_equal(read_time(mikey_ntp_of(utc_ms), &again), STATUS_OK);
    assert_true(again == utc_ms);
}

static void every_millisecond_of_a_second_round_trips(void **state) {
    (void)state;
    for (int64_t ms = 0; ms < 1000; ms++) {
        assert_time_round_trips(ms);
        assert_time_round_trips(INT64_C(1793880000000) + ms);
        assert_time_round_trips(INT64_C(2085978495000) + ms);
        assert_time_round_trips(INT64_C(2085978496000) + ms);
        assert_time_round_trips(INT64_C(4233462143000) + ms);
    }
}

static void times_outside_1970_to_2104_do_not_fit(void **state) {
    (void)state;
    assert_false(mikey_time_fits(-1));
    assert_false(mikey_time_fits(INT64_MIN));
    assert_false(mikey_time_fits(INT64_C(4233462144000)));
    assert_false(mikey_time_fits(INT64_MAX));
    int64_t utc_ms = 0;
    assert_int_equal(read_time((UINT64_C(2208988800) << 32) - 1, &utc_ms), STATUS_MALFORMED);
    assert_int_equal(read_time(UINT64_C(1) << 63, &utc_ms), STATUS_MALFORMED);
}

static void a_fraction_between_two_milliseconds_is_refused(void **state) {
    (void)state;
    int64_t utc_ms = 0;
    for (int64_t ms = 0; ms < 1000; ms++) {
        uint64_t ntp = mikey_ntp_of(INT64_C(1793880000000) + ms);
        assert_int_equal(read_time(ntp + 1, &utc_ms), STATUS_MALFORMED);
        assert_int_equal(read_time(ntp - 1, &utc_ms), STATUS_MALFORMED);
    }
}

static void the_header_has_the_figure_of_rfc_3830_6_1(void **state) {
    (void)state;
    static const uint8_t sakke[] = {1, 26, 5, 1, 0xA1, 2, 3, 4, 0, 0};
    static const uint8_t psk[] = {1, 0, 5, 1, 0xA1, 2, 3, 4, 1, 0, 0, 9, 8, 7, 6, 0, 0, 0, 0};
    const uint32_t ssrc = 0x09080706;
    struct writer w = fresh_writer();
    mikey_write_header(&w, MIKEY_SAKKE_I_MESSAGE, MIKEY_T, 0xA1020304, NULL);
    assert_written(&w, sakke, sizeof sakke);
    w = fresh_writer();
    mikey_write_header(&w, MIKEY_PRE_SHARED, MIKEY_T, 0xA1020304, &ssrc);
    assert_written(&w, psk, sizeof psk);

    uint32_t csb_id = 0;
    uint32_t ssrc_read = 0;
    struct mikey_reader m = mikey_reader_of(SPAN_OF(psk));
    mikey_read_header(&m, MIKEY_PRE_SHARED, MIKEY_T, &csb_id, &ssrc_read);
    assert_int_equal(mikey_finish(&m), STATUS_OK);
    assert_int_equal(csb_id, 0xA1020304);
    assert_int_equal(ssrc_read, ssrc);
}

static void another_header_names_what_is_wrong_with_it(void **state) {
    (void)state;
    static const struct {
        size_t at;
        uint8_t value;
        enum status status;
    } wrong[] = {
        {0, 2, STATUS_UNSUPPORTED},    /* version */
        {1, 0, STATUS_UNSUPPORTED},    /* data type */
        {2, 11, STATUS_MALFORMED},     /* next payload */
        {3, 0, STATUS_UNSUPPORTED},    /* MIKEY-1, the PRF with SHA-1 */
        {3, 0x81, STATUS_UNSUPPORTED}, /* V: wants a verification message */
        {8, 1, STATUS_MALFORMED},      /* a crypto session */
        {9, 1, STATUS_UNSUPPORTED},    /* CS ID map type */
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint8_t header[] = {1, 26, 5, 1, 0xA1, 2, 3, 4, 0, 0};
        uint32_t csb_id = 0;
        header[wrong[i].at] = wrong[i].value;
        struct mikey_reader m = mikey_reader_of(SPAN_OF(header));
        mikey_read_header(&m, MIKEY_SAKKE_I_MESSAGE, MIKEY_T, &csb_id, NULL);
        assert_int_equal(mikey_finish(&m), wrong[i].status);
    }
}

static void the_timestamp_and_rand_have_the_figures_of_rfc_3830_6(void **state) {
    (void)state;
    static const uint8_t timestamp[] = {11, 0, 0x83, 0xAA, 0x7E, 0x80, 0x80, 0, 0, 0};
    static const uint8_t rand[] = {14, 16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    struct writer w = fresh_writer();
    mikey_write_timestamp(&w, MIKEY_RAND, 500);
    assert_written(&w, timestamp, sizeof timestamp);
    w = fresh_writer();
    mikey_write_rand(&w, MIKEY_IDR, rand + 2);
    assert_written(&w, rand, sizeof rand);

    uint8_t read[MIKEY_RAND_SIZE];
    struct mikey_reader m = mikey_reader_of(SPAN_OF(rand));
    mikey_read_rand(&m, MIKEY_IDR, read);
    assert_int_equal(mikey_finish(&m), STATUS_OK);
    assert_memory_equal(read, rand + 2, sizeof read);
}

static void an_identity_has_the_figure_of_rfc_6043_6_6(void **state) {
    (void)state;
    static const uint8_t uri[] = {14, 1, 1, 0, 6, 't', 'e', 'l', ':', '+', '1'};
    static const uint8_t key_id[] = {14, 4, 2, 0, 8, 0xA1, 2, 3, 4, 0, 0, 1, 5};
    char identity[IDENTITY_SIZE];
    uint32_t id = 0, hour = 0;
    struct writer w = fresh_writer();
    mikey_write_uri(&w, MIKEY_IDR, MIKEY_INITIATOR, "tel:+1");
    assert_written(&w, uri, sizeof uri);
    struct mikey_reader m = mikey_reader_of(SPAN_OF(uri));
    mikey_read_uri(&m, MIKEY_IDR, MIKEY_INITIATOR, identity_check, identity, sizeof identity);
    assert_int_equal(mikey_finish(&m), STATUS_OK);
    assert_string_equal(identity, "tel:+1");

    w = fresh_writer();
    mikey_write_key_id(&w, MIKEY_IDR, MIKEY_PSK, 0xA1020304, 261);
    assert_written(&w, key_id, sizeof key_id);
    m = mikey_reader_of(SPAN_OF(key_id));
    mikey_read_key_id(&m, MIKEY_IDR, MIKEY_PSK, &id, &hour);
    assert_int_equal(mikey_finish(&m), STATUS_OK);
    assert_int_equal(id, 0xA1020304);
    assert_int_equal(hour, 261);
}

static enum status read_identity(const uint8_t *uri, size_t length, char out[IDENTITY_SIZE]) {
    struct writer w = fresh_writer();
    write_u8(&w, MIKEY_IDR);
    write_u8(&w, MIKEY_INITIATOR);
    write_u8(&w, 1);
    write_span_u16(&w, (struct span){uri, length});
    struct mikey_reader m = mikey_reader_of(writer_span(&w));
    mikey_read_uri(&m, MIKEY_IDR, MIKEY_INITIATOR, identity_check, out, IDENTITY_SIZE);
    return mikey_finish(&m);
}

static void an_identity_with_a_nul_too_long_or_not_canonical_is_refused(void **state) {
    (void)state;
    static const uint8_t with_nul[] = "tel:+1\0+2";
    uint8_t longest[IDENTITY_SIZE];
    char out[IDENTITY_SIZE];
    memset(longest, 'a', sizeof longest);
    memcpy(longest, "sip:u@", 6);
    assert_int_equal(read_identity(longest, IDENTITY_MAX, out), STATUS_OK);
    assert_int_equal(read_identity(longest, IDENTITY_MAX + 1, out), STATUS_TOO_LONG);
    assert_int_equal(read_identity(with_nul, sizeof with_nul - 1, out), STATUS_IDENTITY_INVALID);
    assert_int_equal(read_identity(with_nul, 7, out), STATUS_IDENTITY_INVALID);
    assert_int_equal(read_identity(with_nul, 0, out), STATUS_IDENTITY_INVALID);
    assert_int_equal(read_identity((const uint8_t *)"TEL:+1", 6, out), STATUS_IDENTITY_INVALID);
}

static void the_policy_has_the_figure_of_rfc_3830_6_10(void **state) {
    (void)state;
    static const uint8_t policy[] = {1,  0, 0, 0, 15, 0, 1,  6,  1, 1,
                                     16, 2, 1, 0, 4,  1, 12, 20, 1, 16};
    struct writer w = fresh_writer();
    mikey_write_policy(&w, MIKEY_KEMAC);
    assert_written(&w, policy, sizeof policy);
    struct mikey_reader m = mikey_reader_of(SPAN_OF(policy));
    mikey_read_policy(&m, MIKEY_KEMAC);
    assert_int_equal(mikey_finish(&m), STATUS_OK);
    for (size_t at = 0; at < sizeof policy; at++) {
        for (unsigned value = 0; value < 256; value++) {
            uint8_t other[sizeof policy];
            memcpy(other, policy, sizeof policy);
            other[at] = (uint8_t)value;
            m = mikey_reader_of(SPAN_OF(other));
            mikey_read_policy(&m, MIKEY_KEMAC);
            assert_true((mikey_finish(&m) == STATUS_OK) == (value == policy[at]));
        }
    }
}

static void sakke_data_has_the_figure_of_rfc_6509_4(void **state) {
    (void)state;
    uint8_t data[SAKKE_DATA_SIZE];
    uint8_t expected[5 + SAKKE_DATA_SIZE] = {4, 1, 240, 273 >> 8, 273 & 0xFF};
    memset(data, 0x77, sizeof data);
    memset(expected + 5, 0x77, sizeof data);
    struct writer w = fresh_writer();
    mikey_write_sakke(&w, MIKEY_SIGN, ID_SCHEME_FIXED, data);
    assert_written(&w, expected, sizeof expected);

    enum id_scheme scheme = ID_SCHEME_MONTHLY_TEL;
    struct span read;
    struct mikey_reader m = mikey_reader_of(SPAN_OF(expected));
    mikey_read_sakke(&m, MIKEY_SIGN, &scheme, &read);
    assert_int_equal(mikey_finish(&m), STATUS_OK);
    assert_int_equal(scheme, ID_SCHEME_FIXED);
    assert_true(span_equal(read, SPAN_OF(data)));

    expected[2] = 2;
    m = mikey_reader_of(SPAN_OF(expected));
    mikey_read_sakke(&m, MIKEY_SIGN, &scheme, &read);
    assert_int_equal(mikey_finish(&m), STATUS_UNSUPPORTED);
}

static void the_kemac_and_key_data_have_the_figures_of_rfc_3830_6(void **state) {
    (void)state;
    static const uint8_t tgk[] = {0, 0, 0, 16, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9};
    uint8_t kemac[4 + sizeof tgk + 1] = {4, 1, 0, 20};
    memcpy(kemac + 4, tgk, sizeof tgk);
    kemac[4 + sizeof tgk] = 2;
    struct writer w = fresh_writer();
    mikey_write_tgk(&w, tgk + 4);
    assert_written(&w, tgk, sizeof tgk);
    w = fresh_writer();
    mikey_write_kemac(&w, MIKEY_SIGN, tgk);
    assert_written(&w, kemac, sizeof kemac);

    struct span encrypted;
    struct mikey_reader m = mikey_reader_of(SPAN_OF(kemac));
    mikey_read_kemac(&m, MIKEY_SIGN, &encrypted);
    assert_int_equal(mikey_finish(&m), STATUS_OK);
    assert_true(span_equal(encrypted, SPAN_OF(tgk)));
    uint8_t key[SSV_SIZE];
    m = mikey_reader_of(encrypted);
    mikey_read_tgk(&m, key);
    assert_int_equal(mikey_finish(&m), STATUS_OK);
    assert_memory_equal(key, tgk + 4, sizeof key);
}

static void the_sign_payload_is_eccsi_with_129_octets(void **state) {
    (void)state;
    static const uint8_t expected[] = {0x20, 0x81};
    struct writer w = fresh_writer();
    mikey_write_sign(&w);
    assert_written(&w, expected, sizeof expected);
    for (unsigned value = 0; value < 65536; value++) {
        const uint8_t octets[] = {(uint8_t)(value >> 8), (uint8_t)value};
        struct mikey_reader m = mikey_reader_of(SPAN_OF(octets));
        mikey_read_sign(&m);
        assert_int_equal(mikey_finish(&m), value == 0x2081    ? STATUS_OK
                                           : value >> 12 == 2 ? STATUS_MALFORMED
                                                              : STATUS_UNSUPPORTED);
    }
}

static void the_first_failure_is_the_one_reported(void **state) {
    (void)state;
    static const uint8_t octets[] = {1, 0, 0, 0};
    struct mikey_reader m = mikey_reader_of(SPAN_OF(octets));
    uint32_t csb_id = 0;
    mikey_read_header(&m, MIKEY_SAKKE_I_MESSAGE, MIKEY_T, &csb_id, NULL);
    mikey_read_policy(&m, MIKEY_KEMAC);
    assert_int_equal(mikey_finish(&m), STATUS_UNSUPPORTED);
    assert_int_equal(mikey_read_so_far(&m).length, 0);
    m = mikey_reader_of((struct span){octets, 1});
    mikey_read_header(&m, MIKEY_PRE_SHARED, MIKEY_T, &csb_id, NULL);
    mikey_read_policy(&m, MIKEY_KEMAC);
    assert_int_equal(mikey_finish(&m), STATUS_TRUNCATED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_have_the_ntp_seconds_and_fraction_of_rfc_5905),
        cmocka_unit_test(every_millisecond_of_a_second_round_trips),
        cmocka_unit_test(times_outside_1970_to_2104_do_not_fit),
        cmocka_unit_test(a_fraction_between_two_milliseconds_is_refused),
        cmocka_unit_test(the_header_has_the_figure_of_rfc_3830_6_1),
        cmocka_unit_test(another_header_names_what_is_wrong_with_it),
        cmocka_unit_test(the_timestamp_and_rand_have_the_figures_of_rfc_3830_6),
        cmocka_unit_test(an_identity_has_the_figure_of_rfc_6043_6_6),
        cmocka_unit_test(an_identity_with_a_nul_too_long_or_not_canonical_is_refused),
        cmocka_unit_test(the_policy_has_the_figure_of_rfc_3830_6_10),
        cmocka_unit_test(sakke_data_has_the_figure_of_rfc_6509_4),
        cmocka_unit_test(the_kemac_and_key_data_have_the_figures_of_rfc_3830_6),
        cmocka_unit_test(the_sign_payload_is_eccsi_with_129_octets),
        cmocka_unit_test(the_first_failure_is_the_one_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
