/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a KMS signs is its own, of one domain, and about one identity (crypto/statement.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/statement.h"

static const char kms[] = "sip:kms@county.example";

struct domain {
    const struct provider *provider;
    struct master_key *master;
    struct domain_key *key;
    struct signing_key *statements, *member;
};

static struct signing_key *issue(const struct domain *domain, const struct identifier *identifier) {
    uint8_t ssk[ECCSI_SCALAR_SIZE], pvt[ECCSI_POINT_SIZE];
    struct span name = identifier_span(identifier);
    struct signing_key *key;
    assert_int_equal(
        domain->provider->issue_signing_key(domain->master, name, &entropy_system, ssk, pvt),
        STATUS_OK);
    assert_int_equal(domain->provider->signing_key_load(domain->key, name, ssk, pvt, &key),
                     STATUS_OK);
    return key;
}

static void open_domain(struct domain *domain, const struct provider *provider) {
    uint8_t z_secret[SAKKE_FIELD_SIZE], ksak[ECCSI_SCALAR_SIZE];
    uint8_t z[SAKKE_POINT_SIZE], kpak[ECCSI_POINT_SIZE];
    struct identifier identifier;
    domain->provider = provider;
    assert_int_equal(provider->master_generate(&entropy_system, z_secret, ksak), STATUS_OK);
    assert_int_equal(provider->master_load(z_secret, ksak, &domain->master), STATUS_OK);
    assert_int_equal(provider->public_keys(domain->master, z, kpak), STATUS_OK);
    assert_int_equal(provider->domain_load(z, kpak, &domain->key), STATUS_OK);
    assert_int_equal(identifier_of_statements(kms, &identifier), STATUS_OK);
    domain->statements = issue(domain, &identifier);
    assert_int_equal(identifier_of("urn:gsma:imei:90420156-025763-0", 0, &identifier), STATUS_OK);
    domain->member = issue(domain, &identifier);
}

static void close_domain(struct domain *domain) {
    domain->provider->signing_key_free(domain->statements);
    domain->provider->signing_key_free(domain->member);
    domain->provider->domain_free(domain->key);
    domain->provider->master_free(domain->master);
}

static struct statement usual(void) {
    return (struct statement){.kind = STATEMENT_NAME,
                              .kms = kms,
                              .identity = "urn:gsma:imei:90420156-025763-0",
                              .number = 0x0102030405060708,
                              .said = span_of_text("Ada")};
}

static void a_statement_verifies_as_it_was_made_and_not_otherwise(void **state) {
    (void)state;
    struct domain domain, other;
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
    const struct statement said = usual();
    open_domain(&domain, provider_find("native"));
    open_domain(&other, provider_find("native"));
    assert_int_equal(
        statement_sign(&said, domain.provider, domain.statements, &entropy_system, signature),
        STATUS_OK);
    assert_int_equal(statement_verify(&said, domain.provider, domain.key, signature), STATUS_OK);
    assert_int_equal(statement_verify(&said, other.provider, other.key, signature),
                     STATUS_SIGNATURE_INVALID);
    struct statement altered[6];
    for (size_t i = 0; i < 6; i++) {
        altered[i] = usual();
    }
    altered[0].kind = (enum statement_kind)2;
    altered[1].kms = "sip:kms@county.exampld";
    altered[2].identity = "urn:gsma:imei:90420156-025764-0";
    altered[3].number--;
    altered[4].said = span_of_text("Adb");
    altered[5].said = span_of_text("");
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(statement_verify(&altered[i], domain.provider, domain.key, signature),
                         STATUS_SIGNATURE_INVALID);
    }
    for (size_t i = 0; i < sizeof signature; i += 8) {
        signature[i] ^= 1;
        assert_int_equal(statement_verify(&said, domain.provider, domain.key, signature),
                         STATUS_SIGNATURE_INVALID);
        signature[i] ^= 1;
    }
    close_domain(&domain);
    close_domain(&other);
}

static void nobody_but_the_kms_can_make_a_statement(void **state) {
    (void)state;
    struct domain domain;
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
    const struct statement said = usual();
    open_domain(&domain, provider_find("native"));
    assert_int_equal(
        statement_sign(&said, domain.provider, domain.member, &entropy_system, signature),
        STATUS_OK);
    assert_int_equal(statement_verify(&said, domain.provider, domain.key, signature),
                     STATUS_SIGNATURE_INVALID);
    close_domain(&domain);
}

/* The identifier is spelled as the header says, and is that of no identity. */
static void the_identifier_for_statements_is_no_identitys(void **state) {
    (void)state;
    static const char expected[] = "fixed\0statements:sip:kms@county.example";
    struct identifier identifier;
    assert_int_equal(identifier_of_statements(kms, &identifier), STATUS_OK);
    assert_int_equal(identifier.length, sizeof expected);
    assert_memory_equal(identifier.octets, expected, sizeof expected);
    assert_int_not_equal(identity_check("statements:sip:kms@county.example"), STATUS_OK);
    assert_int_not_equal(identifier_of_statements("no colon", &identifier), STATUS_OK);
    char longest[IDENTITY_SIZE];
    memset(longest, 'x', IDENTITY_MAX);
    longest[IDENTITY_MAX] = '\0';
    memcpy(longest, "sip:", 4);
    assert_int_equal(identifier_of_statements(longest, &identifier), STATUS_OK);
}

static void too_much_is_not_said(void **state) {
    (void)state;
    static uint8_t much[STATEMENT_SAID_MAX + 1];
    struct domain domain;
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
    struct statement said = usual();
    open_domain(&domain, provider_find("native"));
    said.said = SPAN_OF(much);
    assert_int_equal(
        statement_sign(&said, domain.provider, domain.statements, &entropy_system, signature),
        STATUS_TOO_LONG);
    said.said.length--;
    assert_int_equal(
        statement_sign(&said, domain.provider, domain.statements, &entropy_system, signature),
        STATUS_OK);
    assert_int_equal(statement_verify(&said, domain.provider, domain.key, signature), STATUS_OK);
    close_domain(&domain);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_statement_verifies_as_it_was_made_and_not_otherwise),
        cmocka_unit_test(nobody_but_the_kms_can_make_a_statement),
        cmocka_unit_test(the_identifier_for_statements_is_no_identitys),
        cmocka_unit_test(too_much_is_not_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
