/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/identifier.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;

static void phone_numbers_mes_and_addresses_are_identities(void **state) {
    (void)state;
    static const char *const valid[] = {
        "tel:+447700900123",
        "tel:+1",
        "tel:+123456789012345",
        "urn:gsma:imei:90420156-025763-0",
        "sip:fire7@county.example",
        "sip:Fire.7_a~b@x",
        "sip:a@1.2.3.4",
        "sip:a@x-y.example",
    };
    for (size_t i = 0; i < COUNT(valid); i++) {
        assert_int_equal(identity_check(valid[i]), STATUS_OK);
    }
}

static void what_has_a_second_spelling_or_another_form_is_not_an_identity(void **state) {
    (void)state;
    static const char *const invalid[] = {
        "",
        "tel:",
        "tel:+",
        "tel:447700900123",
        "tel:+44-7700",
        "tel:+44 7700",
        "tel:+447700900123;ext=1",
        "tel:+1234567890123456",
        "TEL:+447700900123",
        "urn:gsma:imei:90420156-025763",
        "urn:gsma:imei:90420156-025763-",
        "urn:gsma:imei:90420156-025763-00",
        "urn:gsma:imei:9042015-025763-0",
        "urn:gsma:imei:90420156025763-0",
        "urn:gsma:imei:90420156-025763-0;svn=1",
        "urn:gsma:imei:9042015a-025763-0",
        "urn:gsma:imei:",
        "sip:",
        "sip:@x",
        "sip:fire7",
        "sip:fire7@",
        "sip:fire7@County.example",
        "sip:fire7@county..example",
        "sip:fire7@.example",
        "sip:fire7@example.",
        "sip:fire7@-x.example",
        "sip:fire7@x-.example",
        "sip:fire7@x-",
        "sip:fire7@x:5060",
        "sip:fire7@x;a=b",
        "sip:fire7@a@b",
        "sip:fire%37@x",
        "sip:fi re7@x",
        "sip:fire7:secret@x",
        "sip:fire7\n@x",
        "sip:fire7@x\x80",
        "sips:fire7@x",
        "adhoc:tel:+447700900123;0123456789abcdef",
        "http://x",
    };
    for (size_t i = 0; i < COUNT(invalid); i++) {
        if (identity_check(invalid[i]) != STATUS_IDENTITY_INVALID) {
            fail_msg("taken for an identity: \"%s\"", invalid[i]);
        }
    }
}

static void an_identity_of_95_characters_is_taken_and_of_96_is_not(void **state) {
    (void)state;
    char uri[IDENTITY_SIZE + 1];
    memset(uri, 'a', sizeof uri);
    memcpy(uri, "sip:u@", 6);
    uri[IDENTITY_MAX] = '\0';
    assert_int_equal(identity_check(uri), STATUS_OK);
    struct identifier identifier;
    assert_int_equal(identifier_of(uri, 0, &identifier), STATUS_OK);
    assert_int_equal(identifier.length, 7 + 1 + IDENTITY_MAX + 1);
    uri[IDENTITY_MAX] = 'a';
    uri[IDENTITY_MAX + 1] = '\0';
    assert_int_equal(identity_check(uri), STATUS_TOO_LONG);
    assert_int_equal(identifier_of(uri, 0, &identifier), STATUS_TOO_LONG);
}

/* It is bound to month and domain, and no identity that is enrolled can be it. */
static void the_recovery_identity_is_monthly_and_no_identity(void **state) {
    (void)state;
    static const char expected[] = "2026-11\0recovery:sip:kms@county.example";
    static const char identity[] = "recovery:sip:kms@county.example";
    const int64_t november_ms = INT64_C(1793491200000);
    struct identifier identifier, next;
    assert_int_equal(identifier_of_recovery("sip:kms@county.example", november_ms, &identifier),
                     STATUS_OK);
    assert_true(span_equal(identifier_span(&identifier), SPAN_OF(expected)));
    assert_int_equal(identity_check(identity), STATUS_IDENTITY_INVALID);
    assert_int_equal(identifier_of(identity, november_ms, &next), STATUS_IDENTITY_INVALID);
    assert_int_equal(
        identifier_of_recovery("sip:kms@county.example", INT64_C(1796083200000), &next), STATUS_OK);
    assert_false(span_equal(identifier_span(&identifier), identifier_span(&next)));

    char longest[IDENTITY_SIZE];
    memset(longest, 'k', sizeof longest);
    memcpy(longest, "sip:k@", 6);
    longest[IDENTITY_MAX] = '\0';
    assert_int_equal(identifier_of_recovery(longest, november_ms, &identifier), STATUS_OK);
    assert_int_equal(identifier.length, IDENTIFIER_MAX);
    assert_int_equal(identifier_of_recovery("county", november_ms, &identifier),
                     STATUS_IDENTITY_INVALID);
}

/* The identifier of RFC 6507 appendix A and RFC 6508 appendix A. */
static void the_identifier_of_the_rfc_vectors_comes_out(void **state) {
    (void)state;
    static const uint8_t expected[] = "2011-02\0tel:+447700900123";
    struct identifier identifier;
    const int64_t february_2011 = INT64_C(1298000000000);
    assert_int_equal(identifier_of("tel:+447700900123", february_2011, &identifier), STATUS_OK);
    assert_true(span_equal(identifier_span(&identifier), SPAN_OF(expected)));
}

static void the_identifier_of_an_me_is_fixed_at_any_time(void **state) {
    (void)state;
    static const uint8_t expected[] = "fixed\0urn:gsma:imei:90420156-025763-0";
    static const int64_t times[] = {0, INT64_C(1800000000000), -1, INT64_MAX};
    struct identifier identifier;
    for (size_t i = 0; i < COUNT(times); i++) {
        assert_int_equal(identifier_of("urn:gsma:imei:90420156-025763-0", times[i], &identifier),
                         STATUS_OK);
        assert_true(span_equal(identifier_span(&identifier), SPAN_OF(expected)));
    }
}

static void assert_month(int64_t utc_ms, const char *month) {
    struct identifier identifier;
    assert_int_equal(identifier_of("tel:+1", utc_ms, &identifier), STATUS_OK);
    assert_memory_equal(identifier.octets, month, 8);
}

static void the_month_changes_at_midnight_utc(void **state) {
    (void)state;
    const int64_t march_2024 = INT64_C(1709251200000); /* after a 29 February */
    assert_month(0, "1970-01");
    assert_month(march_2024 - 1, "2024-02");
    assert_month(march_2024 - day_ms, "2024-02");
    assert_month(march_2024, "2024-03");
    assert_month(INT64_C(1798761599999), "2026-12");
    assert_month(INT64_C(1798761600000), "2027-01");
    assert_month(INT64_C(253402300799999), "9999-12");
    struct identifier identifier;
    assert_int_equal(identifier_of("tel:+1", -1, &identifier), STATUS_TIME_OUT_OF_RANGE);
    assert_int_equal(identifier.length, 0);
    assert_int_equal(identifier_of("tel:+1", INT64_C(253402300800000), &identifier),
                     STATUS_TIME_OUT_OF_RANGE);
    assert_int_equal(identifier_of("tel:+1", INT64_MAX, &identifier), STATUS_TIME_OUT_OF_RANGE);
}

static void the_id_scheme_tells_fixed_from_monthly_keys(void **state) {
    (void)state;
    assert_int_equal(identity_scheme("tel:+447700900123"), 1);
    assert_int_equal(identity_scheme("urn:gsma:imei:90420156-025763-0"), 240);
    assert_int_equal(identity_scheme("sip:fire7@county.example"), 241);
    assert_true(identity_is_me("urn:gsma:imei:90420156-025763-0"));
    assert_false(identity_is_me("tel:+447700900123"));
}

static void an_adhoc_group_identity_names_its_creator(void **state) {
    (void)state;
    char group[GROUP_IDENTITY_SIZE];
    assert_int_equal(group_identity_adhoc("tel:+447700900123", 0xF, group), STATUS_OK);
    assert_string_equal(group, "adhoc:tel:+447700900123;000000000000000f");
    assert_true(group_identity_is_adhoc(group, "tel:+447700900123"));
    assert_true(group_identity_is_adhoc(group, NULL));
    assert_false(group_identity_is_adhoc(group, "tel:+447700900124"));
    assert_false(group_identity_is_adhoc(group, "tel:+44770090012"));
    assert_int_equal(group_identity_adhoc("fire7", 0xF, group), STATUS_IDENTITY_INVALID);
    assert_string_equal(group, "");
}

static void the_longest_creator_fits_into_an_adhoc_group_identity(void **state) {
    (void)state;
    char creator[IDENTITY_SIZE];
    char group[GROUP_IDENTITY_SIZE];
    memset(creator, 'a', sizeof creator);
    memcpy(creator, "sip:u@", 6);
    creator[IDENTITY_MAX] = '\0';
    assert_int_equal(group_identity_adhoc(creator, UINT64_MAX, group), STATUS_OK);
    assert_true(group_identity_is_adhoc(group, creator));
    assert_int_equal(group_identity_check(group), STATUS_OK);
}

static void no_other_spelling_passes_for_an_adhoc_group(void **state) {
    (void)state;
    static const char *const invalid[] = {
        "",
        "adhoc:",
        "adhoc:;0123456789abcdef",
        "adhoc:tel:+447700900123",
        "adhoc:tel:+447700900123;",
        "adhoc:tel:+447700900123;0123456789abcde",
        "adhoc:tel:+447700900123;0123456789abcdef0",
        "adhoc:tel:+447700900123;0123456789ABCDEF",
        "adhoc:tel:+447700900123;0123456789abcdeg",
        "adhoc:tel:+447700900123;0123456789abcdefg",
        "adhoc:tel:447700900123;0123456789abcdef",
        "adhoc:adhoc:tel:+1;0123456789abcdef;0123456789abcdef",
        "Adhoc:tel:+447700900123;0123456789abcdef",
        "sip:fire7@county.example",
        "tel:+447700900123;0123456789abcdef",
    };
    for (size_t i = 0; i < COUNT(invalid); i++) {
        assert_false(group_identity_is_adhoc(invalid[i], NULL));
    }
}

static void a_group_identity_is_an_adhoc_one_or_an_address(void **state) {
    (void)state;
    assert_int_equal(group_identity_check("sip:fire7@county.example"), STATUS_OK);
    assert_int_equal(group_identity_check("adhoc:tel:+447700900123;0123456789abcdef"), STATUS_OK);
    assert_int_equal(group_identity_check("tel:+447700900123"), STATUS_IDENTITY_INVALID);
    assert_int_equal(group_identity_check("urn:gsma:imei:90420156-025763-0"),
                     STATUS_IDENTITY_INVALID);
    assert_int_equal(group_identity_check(""), STATUS_IDENTITY_INVALID);
    char group[GROUP_IDENTITY_SIZE + 1];
    memset(group, 'a', sizeof group);
    group[GROUP_IDENTITY_SIZE] = '\0';
    assert_int_equal(group_identity_check(group), STATUS_TOO_LONG);
}

static void a_kms_is_named_by_a_uri(void **state) {
    (void)state;
    char uri[IDENTITY_SIZE + 1];
    assert_int_equal(kms_uri_check("sip:kms@county.example"), STATUS_OK);
    assert_int_equal(kms_uri_check("https://kms.county.example/"), STATUS_OK);
    assert_int_equal(kms_uri_check("kms:county"), STATUS_OK);
    assert_int_equal(kms_uri_check(""), STATUS_IDENTITY_INVALID);
    assert_int_equal(kms_uri_check("county"), STATUS_IDENTITY_INVALID);
    assert_int_equal(kms_uri_check("kms:"), STATUS_IDENTITY_INVALID);
    assert_int_equal(kms_uri_check("KMS:county"), STATUS_IDENTITY_INVALID);
    assert_int_equal(kms_uri_check("kms:a b"), STATUS_IDENTITY_INVALID);
    assert_int_equal(kms_uri_check("kms:a\x7f"), STATUS_IDENTITY_INVALID);
    assert_int_equal(kms_uri_check("kms:\xc3\xa9"), STATUS_IDENTITY_INVALID);
    memset(uri, 'a', sizeof uri);
    memcpy(uri, "kms:", 4);
    uri[IDENTITY_MAX] = '\0';
    assert_int_equal(kms_uri_check(uri), STATUS_OK);
    uri[IDENTITY_MAX] = 'a';
    uri[IDENTITY_MAX + 1] = '\0';
    assert_int_equal(kms_uri_check(uri), STATUS_TOO_LONG);
}

static void key_ids_tell_their_space_by_the_top_nibble(void **state) {
    (void)state;
    assert_int_equal(key_id_in_space(KEY_ID_SPACE_ADHOC, 0xFFFFFFFF), 0xAFFFFFFF);
    assert_int_equal(key_id_in_space(KEY_ID_SPACE_STANDARD, 0xF1234567), 0x01234567);
    assert_int_equal(key_id_space(0xA0000000), KEY_ID_SPACE_ADHOC);
    assert_int_equal(key_id_space(0x0FFFFFFF), KEY_ID_SPACE_STANDARD);
    assert_int_equal(key_id_space(0xB0000000), 0xB);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phone_numbers_mes_and_addresses_are_identities),
        cmocka_unit_test(what_has_a_second_spelling_or_another_form_is_not_an_identity),
        cmocka_unit_test(an_identity_of_95_characters_is_taken_and_of_96_is_not),
        cmocka_unit_test(the_recovery_identity_is_monthly_and_no_identity),
        cmocka_unit_test(the_identifier_of_the_rfc_vectors_comes_out),
        cmocka_unit_test(the_identifier_of_an_me_is_fixed_at_any_time),
        cmocka_unit_test(the_month_changes_at_midnight_utc),
        cmocka_unit_test(the_id_scheme_tells_fixed_from_monthly_keys),
        cmocka_unit_test(an_adhoc_group_identity_names_its_creator),
        cmocka_unit_test(the_longest_creator_fits_into_an_adhoc_group_identity),
        cmocka_unit_test(no_other_spelling_passes_for_an_adhoc_group),
        cmocka_unit_test(a_group_identity_is_an_adhoc_one_or_an_address),
        cmocka_unit_test(a_kms_is_named_by_a_uri),
        cmocka_unit_test(key_ids_tell_their_space_by_the_top_nibble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
