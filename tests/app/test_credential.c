/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/identity/credential.h"
#include "crypto/entropy.h"
#include "crypto/secret.h"

#define ME_IDENTITY   "urn:gsma:imei:90420156-025763-0"
#define USER_IDENTITY "tel:+447700900123"
#define MAY_2026_MS   INT64_C(1777593600000)

/* A credential with the right shape; only a provider could tell that its keys are noise. */
static struct credential *example(const char *identity) {
    struct credential *c = credential_new();
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, 1);
    assert_non_null(c);
    snprintf(c->identity, sizeof c->identity, "%s", identity);
    snprintf(c->display_name, sizeof c->display_name, "Fj\xC3\xA6re 7");
    snprintf(c->kms, sizeof c->kms, "sip:kms@county.example");
    c->period_start_ms = identity_is_me(identity) ? 0 : MAY_2026_MS;
    c->max_key_period_ms = 43200000;
    assert_int_equal(identifier_of(identity, c->period_start_ms, &c->identifier), STATUS_OK);
    assert_int_equal(entropy_draw(&entropy, c->z, sizeof c->z), STATUS_OK);
    assert_int_equal(entropy_draw(&entropy, c->kpak, sizeof c->kpak), STATUS_OK);
    assert_int_equal(entropy_draw(&entropy, c->ssk, sizeof c->ssk), STATUS_OK);
    assert_int_equal(entropy_draw(&entropy, c->pvt, sizeof c->pvt), STATUS_OK);
    assert_int_equal(entropy_draw(&entropy, c->rsk, sizeof c->rsk), STATUS_OK);
    return c;
}

static struct span written(const struct credential *credential, uint8_t *octets) {
    struct writer w = writer_into(octets, CREDENTIAL_SIZE_MAX);
    assert_int_equal(credential_write(credential, &w), STATUS_OK);
    return writer_span(&w);
}

static void assert_refused(struct credential *changed, enum status expected) {
    uint8_t octets[CREDENTIAL_SIZE_MAX];
    struct credential *read = credential_new(), *nothing = credential_new();
    assert_int_equal(credential_read(written(changed, octets), read), expected);
    assert_memory_equal(read, nothing, sizeof *nothing);
    credential_free(read);
    credential_free(nothing);
    credential_free(changed);
}

static void a_credential_reads_back_as_written_with_its_identifier(void **state) {
    (void)state;
    const char *identities[] = {ME_IDENTITY, USER_IDENTITY, "sip:fire7@county.example"};
    for (size_t i = 0; i < 3; i++) {
        uint8_t octets[CREDENTIAL_SIZE_MAX];
        struct credential *one = example(identities[i]), *two = credential_new();
        assert_int_equal(credential_read(written(one, octets), two), STATUS_OK);
        assert_string_equal(two->identity, identities[i]);
        assert_string_equal(two->display_name, "Fj\xC3\xA6re 7");
        assert_string_equal(two->kms, "sip:kms@county.example");
        assert_int_equal(two->period_start_ms, one->period_start_ms);
        assert_int_equal(two->max_key_period_ms, 43200000);
        assert_true(
            span_equal(identifier_span(&one->identifier), identifier_span(&two->identifier)));
        assert_memory_equal(one->z, two->z, sizeof one->z);
        assert_memory_equal(one->kpak, two->kpak, sizeof one->kpak);
        assert_memory_equal(one->ssk, two->ssk, sizeof one->ssk);
        assert_memory_equal(one->pvt, two->pvt, sizeof one->pvt);
        assert_memory_equal(one->rsk, two->rsk, sizeof one->rsk);
        credential_free(one);
        credential_free(two);
    }
}

static void every_truncation_and_an_octet_too_many_are_refused(void **state) {
    (void)state;
    uint8_t octets[CREDENTIAL_SIZE_MAX + 1];
    struct credential *one = example(ME_IDENTITY), *two = credential_new();
    struct span whole = written(one, octets);
    for (size_t length = 0; length < whole.length; length++) {
        assert_int_equal(credential_read((struct span){octets, length}, two), STATUS_TRUNCATED);
    }
    struct span longer = {octets, whole.length + 1};
    assert_int_equal(credential_read(longer, two), STATUS_MALFORMED);
    credential_free(one);
    credential_free(two);
}

/* How a credential ends in which nothing is said about the domain. */
enum {
    NO_STATEMENTS = 8 + 1 + 8 + 8 /* a number of the limits, no certificate, a number of the log,
                                   * and no manager's term */
};

static void another_version_is_refused(void **state) {
    (void)state;
    uint8_t octets[CREDENTIAL_SIZE_MAX];
    struct credential *one = example(ME_IDENTITY), *two = credential_new();
    struct span whole = written(one, octets);
    octets[0] = 8;
    assert_int_equal(credential_read(whole, two), STATUS_NEWER_VERSION);
    octets[0] = 0;
    assert_int_equal(credential_read(whole, two), STATUS_MALFORMED);
    credential_free(one);
    credential_free(two);
}

static void a_credential_lists_the_groups_that_its_holder_belongs_to(void **state) {
    (void)state;
    uint8_t octets[CREDENTIAL_SIZE_MAX];
    struct credential *one = example(ME_IDENTITY), *two = credential_new();
    for (unsigned i = 0; i < GROUP_LIST_MAX; i++) {
        char group[IDENTITY_SIZE];
        int length = snprintf(group, sizeof group, "sip:fire%02u@", i);
        memset(group + length, 'a', (size_t)(IDENTITY_MAX - length));
        group[IDENTITY_MAX] = '\0';
        assert_int_equal(group_list_add(&one->groups, group), STATUS_OK);
    }
    assert_int_equal(credential_read(written(one, octets), two), STATUS_OK);
    assert_memory_equal(&two->groups, &one->groups, sizeof one->groups);
    assert_true(group_list_has(&two->groups, one->groups.groups[15]));
    assert_false(group_list_has(&two->groups, "sip:fire16@county.example"));
    credential_free(one);
    credential_free(two);
}

static void a_credential_from_before_there_were_groups_belongs_to_none(void **state) {
    (void)state;
    uint8_t octets[CREDENTIAL_SIZE_MAX];
    struct credential *one = example(ME_IDENTITY), *two = credential_new();
    struct span whole = written(one, octets);
    octets[0] = 1;
    assert_int_equal(credential_read(whole, two), STATUS_MALFORMED);
    whole.length -=
        4 + NO_STATEMENTS; /* without the count of groups and what came later, as version 1 was */
    assert_int_equal(credential_read(whole, two), STATUS_OK);
    assert_string_equal(two->identity, ME_IDENTITY);
    assert_int_equal(two->groups.count, 0);
    credential_free(one);
    credential_free(two);
}

/* Those of earlier versions go on opening; what their KMS never said is not there. */
static void a_credential_from_before_there_were_limits_has_none_and_no_root(void **state) {
    (void)state;
    uint8_t octets[CREDENTIAL_SIZE_MAX];
    struct credential *one = example(ME_IDENTITY), *two = credential_new();
    one->limits = limits_usual();
    one->limits.number = 7;
    one->certificate.number = 8;
    one->certificate.until_ms = 1;
    struct span whole = written(one, octets);
    assert_int_equal(credential_read(whole, two), STATUS_OK);
    assert_memory_equal(&two->limits, &one->limits, sizeof one->limits);
    assert_memory_equal(&two->certificate, &one->certificate, sizeof one->certificate);
    one->limits.number = one->certificate.number = 0;
    whole = written(one, octets);
    octets[0] = 4;
    assert_int_equal(credential_read(whole, two), STATUS_MALFORMED);
    whole.length -= NO_STATEMENTS;
    assert_int_equal(credential_read(whole, two), STATUS_OK);
    assert_int_equal(two->limits.number, 0);
    assert_int_equal(two->certificate.number, 0);
    credential_free(one);
    credential_free(two);
}

/* Officers compare the root where there is one: it stays when the KMS's keys are replaced. */
static void the_fingerprint_is_the_roots(void **state) {
    (void)state;
    char none[FINGERPRINT_SIZE], one_root[FINGERPRINT_SIZE], other[FINGERPRINT_SIZE];
    struct credential *one = example(ME_IDENTITY);
    credential_fingerprint(one, none);
    one->certificate.number = 1;
    credential_fingerprint(one, one_root);
    assert_string_not_equal(none, one_root);
    one->kpak[40] ^= 1;
    one->z[40] ^= 1;
    credential_fingerprint(one, other);
    assert_string_equal(one_root, other);
    one->certificate.root[31] ^= 1;
    credential_fingerprint(one, other);
    assert_string_not_equal(one_root, other);
    credential_free(one);
}

/* Nothing is opened to an authority that nobody decided to let in. */
static void a_credential_from_before_there_was_recovery_has_it_off(void **state) {
    (void)state;
    uint8_t octets[CREDENTIAL_SIZE_MAX];
    struct credential *one = example(ME_IDENTITY), *two = credential_new();
    for (unsigned on = 0; on < 2; on++) {
        one->recovery = on == 1;
        struct span whole = written(one, octets);
        assert_int_equal(credential_read(whole, two), STATUS_OK);
        assert_int_equal(two->recovery, on);
        octets[whole.length - 3 - NO_STATEMENTS] =
            3; /* before the length of the attestation, which is none */
        assert_int_equal(credential_read(whole, two), STATUS_MALFORMED);
        octets[0] = 2;
        whole.length -= 3 + NO_STATEMENTS; /* as version 2 was */
        assert_int_equal(credential_read(whole, two), STATUS_OK);
        assert_string_equal(two->identity, ME_IDENTITY);
        assert_false(two->recovery);
    }
    credential_free(one);
    credential_free(two);
}

/* Who compares fingerprints compares the setting; without recovery they are as they always were. */
static void the_fingerprint_tells_domains_with_recovery_from_those_without(void **state) {
    (void)state;
    char off[FINGERPRINT_SIZE], on[FINGERPRINT_SIZE];
    struct credential *credential = example(ME_IDENTITY);
    credential_fingerprint(credential, off);
    credential->recovery = true;
    credential_fingerprint(credential, on);
    assert_string_not_equal(off, on);
    credential_free(credential);
}

/* Nor is one authority taken for another. */
static void an_authoritys_own_key_is_kept_and_part_of_the_fingerprint(void **state) {
    (void)state;
    uint8_t octets[CREDENTIAL_SIZE_MAX];
    char plain[FINGERPRINT_SIZE], one_key[FINGERPRINT_SIZE], other_key[FINGERPRINT_SIZE];
    struct credential *one = example(ME_IDENTITY), *two = credential_new();
    one->recovery = true;
    credential_fingerprint(one, plain);
    memset(one->authority, 4, sizeof one->authority);
    credential_fingerprint(one, one_key);
    struct span whole = written(one, octets);
    for (size_t length = 0; length < whole.length; length++) {
        assert_int_equal(credential_read((struct span){octets, length}, two), STATUS_TRUNCATED);
    }
    assert_int_equal(credential_read(whole, two), STATUS_OK);
    assert_true(two->recovery && credential_has_authority(two));
    assert_memory_equal(one->authority, two->authority, sizeof one->authority);
    two->authority[100] ^= 1;
    credential_fingerprint(two, other_key);
    assert_string_not_equal(plain, one_key);
    assert_string_not_equal(one_key, other_key);
    credential_free(one);
    credential_free(two);
}

static void groups_are_sip_identities_each_once_and_not_too_many(void **state) {
    (void)state;
    struct group_list list = {0};
    const char *bad[] = {"",
                         "fire7",
                         "tel:+447700900123",
                         ME_IDENTITY,
                         "SIP:fire7@county.example",
                         "adhoc:" ME_IDENTITY ";0123456789abcdef",
                         "sip:fire 7@county.example"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(group_list_add(&list, bad[i]), STATUS_IDENTITY_INVALID);
    }
    assert_int_equal(group_list_add(&list, "sip:fire7@county.example"), STATUS_OK);
    assert_int_equal(group_list_add(&list, "sip:fire7@county.example"), STATUS_ALREADY_DONE);
    for (unsigned i = 1; i <= GROUP_LIST_MAX; i++) {
        char group[IDENTITY_SIZE];
        snprintf(group, sizeof group, "sip:rescue%u@county.example", i);
        assert_int_equal(group_list_add(&list, group),
                         i < GROUP_LIST_MAX ? STATUS_OK : STATUS_TOO_LONG);
    }
    struct credential *c = example(ME_IDENTITY);
    c->groups.count = 2;
    strcpy(c->groups.groups[0], "sip:fire7@county.example");
    strcpy(c->groups.groups[1], "sip:fire7@county.example");
    assert_refused(c, STATUS_MALFORMED);
    c = example(ME_IDENTITY);
    c->groups.count = 1;
    strcpy(c->groups.groups[0], ME_IDENTITY);
    assert_refused(c, STATUS_IDENTITY_INVALID);
}

static void fields_out_of_range_are_refused_and_nothing_is_kept(void **state) {
    (void)state;
    struct credential *c = example(ME_IDENTITY);
    snprintf(c->identity, sizeof c->identity, "urn:gsma:imei:x");
    assert_refused(c, STATUS_IDENTITY_INVALID);
    c = example(ME_IDENTITY);
    snprintf(c->kms, sizeof c->kms, "kms");
    assert_refused(c, STATUS_IDENTITY_INVALID);
    c = example(ME_IDENTITY);
    c->period_start_ms = MAY_2026_MS; /* keys of an ME have no month (6.X.3.3.3.4) */
    assert_refused(c, STATUS_MALFORMED);
    c = example(USER_IDENTITY);
    c->period_start_ms = -1;
    assert_refused(c, STATUS_MALFORMED);
    c = example(USER_IDENTITY);
    c->period_start_ms = INT64_MAX;
    assert_refused(c, STATUS_TIME_OUT_OF_RANGE);
    c = example(ME_IDENTITY);
    c->max_key_period_ms = -1;
    assert_refused(c, STATUS_MALFORMED);
}

static void a_display_name_that_could_mislead_a_screen_is_refused(void **state) {
    (void)state;
    const char *bad[] = {
        "\x1B[2J",
        "a\nb",
        "\x7F",
        "\xC2\x9B",
        "\xE2\x80\xAE"
        "7erif",
        "\xE2\x81\xA6",
        "\xC0\xAF",
        "\xED\xA0\x80",
        "\xF5\x80\x80\x80",
        "\xE2\x82",
        "\xF4\x90\x80\x80",
        "\xE0\x9F\xBF",
        "\x80",
        "\xF0\x8F\xBF\xBF",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(display_name_is_valid(bad[i]));
        struct credential *c = example(ME_IDENTITY);
        snprintf(c->display_name, sizeof c->display_name, "%s", bad[i]);
        assert_refused(c, STATUS_MALFORMED);
    }
    assert_true(display_name_is_valid(""));
    assert_true(display_name_is_valid("Fj\xC3\xA6re \xE2\x82\xAC \xF0\x9F\x9A\x92"));
    assert_true(display_name_is_valid("123456789012345678901234"));
    assert_false(display_name_is_valid("1234567890123456789012345"));
}

static void the_fingerprint_depends_on_kms_uri_z_and_kpak_alone(void **state) {
    (void)state;
    char one[FINGERPRINT_SIZE], two[FINGERPRINT_SIZE];
    struct credential *c = example(ME_IDENTITY), *d = example(USER_IDENTITY);
    memset(d->ssk, 0, sizeof d->ssk);
    credential_fingerprint(c, one);
    credential_fingerprint(d, two);
    assert_string_equal(one, two);
    assert_int_equal(strlen(one), FINGERPRINT_SIZE - 1);
    for (size_t i = 4; i < FINGERPRINT_SIZE - 1; i += 5) {
        assert_int_equal(one[i], ' ');
    }
    d->z[200] ^= 1;
    credential_fingerprint(d, two);
    assert_string_not_equal(one, two);
    d->z[200] ^= 1;
    d->kpak[1] ^= 1;
    credential_fingerprint(d, two);
    assert_string_not_equal(one, two);
    d->kpak[1] ^= 1;
    d->kms[4] = 'l';
    credential_fingerprint(d, two);
    assert_string_not_equal(one, two);
    credential_free(c);
    credential_free(d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_credential_reads_back_as_written_with_its_identifier),
        cmocka_unit_test(every_truncation_and_an_octet_too_many_are_refused),
        cmocka_unit_test(another_version_is_refused),
        cmocka_unit_test(a_credential_lists_the_groups_that_its_holder_belongs_to),
        cmocka_unit_test(a_credential_from_before_there_were_groups_belongs_to_none),
        cmocka_unit_test(a_credential_from_before_there_was_recovery_has_it_off),
        cmocka_unit_test(a_credential_from_before_there_were_limits_has_none_and_no_root),
        cmocka_unit_test(the_fingerprint_is_the_roots),
        cmocka_unit_test(the_fingerprint_tells_domains_with_recovery_from_those_without),
        cmocka_unit_test(an_authoritys_own_key_is_kept_and_part_of_the_fingerprint),
        cmocka_unit_test(groups_are_sip_identities_each_once_and_not_too_many),
        cmocka_unit_test(fields_out_of_range_are_refused_and_nothing_is_kept),
        cmocka_unit_test(a_display_name_that_could_mislead_a_screen_is_refused),
        cmocka_unit_test(the_fingerprint_depends_on_kms_uri_z_and_kpak_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
