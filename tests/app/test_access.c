/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Access to a broker: keys as NATS writes them, tokens that verify, and a sealed access that only
 * its own device and identity take.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <openssl/pem.h>
#include <sodium.h>

#include "app/broker/broker.h"

#define ANNA "tel:+447700900001"
#define FIRE "sip:fire7@county.example"

static const int64_t now_ms = INT64_C(1795572000000); /* 2026-11-25 */
static const int64_t until_ms = INT64_C(1795658400000);

/* The user key pair that NATS's own documentation shows. */
static const char known_seed[] = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
static const char known_public[] = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";
static const char known_octets[] =
    "29497ba00f41dd45936b4cc4bda1decb67c128e69fb3d490ee820daf7c318c0a";

static struct broker *broker;
static struct credential *credential;
static struct topic_key topics;
static struct device_key *device, *other_device;

static int setup(void **state) {
    (void)state;
    broker = broker_new();
    credential = credential_new();
    assert_non_null(broker);
    assert_non_null(credential);
    memset(broker->secret, 7, sizeof broker->secret);
    strcpy(broker->servers, "tls://broker.county.example:4222");
    strcpy(broker->ca, "-----BEGIN CERTIFICATE-----\n");
    strcpy(credential->kms, "sip:kms@county.example");
    strcpy(credential->identity, ANNA);
    topic_key_of(credential, &topics);
    assert_int_equal(device_key_new(&entropy_system, &device), STATUS_OK);
    assert_int_equal(device_key_new(&entropy_system, &other_device), STATUS_OK);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    broker_free(broker);
    credential_free(credential);
    device_key_free(device);
    device_key_free(other_device);
    return 0;
}

static struct access *issue(const char *identity) {
    struct access *access = access_new();
    const struct broker_terms terms = {.now_ms = now_ms, .until_ms = until_ms};
    assert_non_null(access);
    assert_int_equal(broker_issue(broker, &topics, identity, &terms, access), STATUS_OK);
    return access;
}

static void keys_are_written_as_nats_writes_them(void **state) {
    (void)state;
    uint8_t seed[NKEY_SEED_SIZE];
    char text[NKEY_SEED_TEXT_SIZE], name[NKEY_PUBLIC_TEXT_SIZE];
    size_t length;
    assert_int_equal(
        sodium_hex2bin(seed, sizeof seed, known_octets, strlen(known_octets), NULL, &length, NULL),
        0);
    nkey_seed_text(NKEY_USER, seed, text);
    assert_string_equal(text, known_seed);
    assert_int_equal(nkey_public_text(NKEY_USER, seed, name), STATUS_OK);
    assert_string_equal(name, known_public);
    assert_int_equal(nkey_public_text(NKEY_OPERATOR, seed, name), STATUS_OK);
    assert_int_equal(name[0], 'O');
    assert_int_equal(nkey_public_text(NKEY_ACCOUNT, seed, name), STATUS_OK);
    assert_int_equal(name[0], 'A');
}

/* A certificate that signs itself, and its key. */
static void write_authority(BIO *out, bool with_key) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    assert_non_null(key);
    assert_non_null(certificate);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    if (with_key) {
        assert_int_equal(PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
    }
    assert_int_equal(PEM_write_bio_X509(out, certificate), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void handsets_get_certificates_and_no_key_that_stands_beside_them(void **state) {
    (void)state;
    BIO *file = BIO_new(BIO_s_mem());
    char *text;
    write_authority(file, true);
    write_authority(file, true);
    size_t length = (size_t)BIO_get_mem_data(file, &text);
    assert_non_null(memmem(text, length, "PRIVATE KEY", 11));
    assert_int_equal(broker_set_ca(broker, (struct span){(const uint8_t *)text, length}),
                     STATUS_OK);
    assert_null(strstr(broker->ca, "PRIVATE KEY"));
    const char *first = strstr(broker->ca, "BEGIN CERTIFICATE");
    assert_non_null(first);
    assert_non_null(strstr(first + 1, "BEGIN CERTIFICATE"));
    for (int i = 0; i < 8; i++) {
        write_authority(file, false);
    }
    length = (size_t)BIO_get_mem_data(file, &text);
    assert_int_equal(broker_set_ca(broker, (struct span){(const uint8_t *)text, length}),
                     STATUS_TOO_LONG);
    assert_int_equal(broker_set_ca(broker, span_of_text("no certificate")), STATUS_MALFORMED);
    assert_int_equal(broker_set_ca(broker, (struct span){NULL, 0}), STATUS_MALFORMED);
    BIO_free(file);
}

/* The claims of a token, whose three parts are base64url. */
static json_t *claims_of(const char *token) {
    uint8_t octets[ACCESS_JWT_MAX];
    size_t length;
    const char *begin = strchr(token, '.') + 1, *end = strchr(begin, '.');
    assert_int_equal(sodium_base642bin(octets, sizeof octets, begin, (size_t)(end - begin), NULL,
                                       &length, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                     0);
    json_t *claims = json_loadb((const char *)octets, length, 0, NULL);
    assert_non_null(claims);
    return claims;
}

static const char *text_of(const json_t *claims, const char *name) {
    return json_string_value(json_object_get(claims, name));
}

static void a_token_names_its_user_and_ends(void **state) {
    (void)state;
    struct access *anna = issue(ANNA), *again = issue(ANNA), *fire = issue(FIRE);
    char name[TOPIC_NAME_SIZE];
    json_t *claims = claims_of(anna->jwt), *others = claims_of(fire->jwt);
    topic_name(&topics, ANNA, name);
    assert_string_equal(text_of(claims, "name"), name);
    assert_int_equal(json_integer_value(json_object_get(claims, "exp")), until_ms / 1000);
    assert_int_equal(json_integer_value(json_object_get(claims, "iat")), now_ms / 1000);
    /* The same user each time; another role's tokens come from another key. */
    assert_string_equal(anna->seed, again->seed);
    assert_string_not_equal(anna->seed, fire->seed);
    assert_string_not_equal(text_of(claims, "iss"), text_of(others, "iss"));
    assert_string_not_equal(text_of(claims, "sub"), text_of(others, "sub"));
    json_decref(claims);
    json_decref(others);
    access_free(anna);
    access_free(again);
    access_free(fire);
}

static void only_its_device_and_identity_take_an_access(void **state) {
    (void)state;
    uint8_t text[ARMOUR_TEXT_MAX];
    struct writer w = writer_into(text, sizeof text);
    struct access *anna = issue(ANNA), *opened;
    assert_int_equal(access_seal(anna, device->public_key, &w), STATUS_OK);
    assert_null(memmem(text, w.length, anna->seed, strlen(anna->seed)));
    assert_int_equal(access_hash(anna, credential->issue.access), STATUS_OK);
    assert_int_equal(access_open(writer_span(&w), device, credential, &opened), STATUS_OK);
    assert_memory_equal(opened, anna, sizeof *anna);
    access_free(opened);
    assert_int_equal(access_open(writer_span(&w), other_device, credential, &opened),
                     STATUS_SEAL_BROKEN);
    assert_null(opened);
    strcpy(credential->identity, "tel:+447700900002");
    assert_int_equal(access_open(writer_span(&w), device, credential, &opened), STATUS_KEY_INVALID);
    strcpy(credential->identity, ANNA);
    strcpy(credential->kms, "sip:kms@city.example");
    assert_int_equal(access_open(writer_span(&w), device, credential, &opened), STATUS_KEY_INVALID);
    access_free(anna);
}

/* The account's revocations go by the user, so that both end at once. */
static void a_second_token_is_the_same_users_and_fetches_for_longer(void **state) {
    (void)state;
    const struct broker_terms terms = {
        .now_ms = now_ms, .until_ms = until_ms, .fetch_until_ms = until_ms + 1000};
    struct access *anna = access_new(), *fire = access_new(), *once = issue(ANNA);
    assert_int_equal(broker_issue(broker, &topics, ANNA, &terms, anna), STATUS_OK);
    assert_int_equal(broker_issue(broker, &topics, FIRE, &terms, fire), STATUS_OK);
    json_t *talks = claims_of(anna->jwt), *fetches = claims_of(anna->fetch_jwt);
    assert_string_equal(text_of(talks, "sub"), text_of(fetches, "sub"));
    assert_string_equal(text_of(talks, "name"), text_of(fetches, "name"));
    assert_string_not_equal(text_of(talks, "iss"), text_of(fetches, "iss"));
    assert_int_equal(json_integer_value(json_object_get(talks, "exp")), until_ms / 1000);
    assert_int_equal(json_integer_value(json_object_get(fetches, "exp")), until_ms / 1000 + 1);
    /* A manager renews first, and who is given none has none. */
    assert_string_equal(fire->fetch_jwt, "");
    assert_string_equal(once->fetch_jwt, "");
    assert_int_equal(once->fetch_until_ms, 0);
    json_decref(talks);
    json_decref(fetches);
    access_free(anna);
    access_free(fire);
    access_free(once);
}

static void an_access_from_before_there_were_two_tokens_is_read(void **state) {
    (void)state;
    uint8_t octets[ACCESS_OCTETS_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    struct access *anna = issue(ANNA), *read = access_new();
    assert_int_equal(access_write(anna, &w), STATUS_OK);
    octets[0] = 1;
    strcpy(read->fetch_jwt, "of another");
    /* Its end and its length, of none, were not there. */
    assert_int_equal(access_read((struct span){octets, w.length - 10}, read), STATUS_OK);
    assert_memory_equal(read, anna, sizeof *anna);
    assert_int_not_equal(access_read(writer_span(&w), read), STATUS_OK);
    access_free(anna);
    access_free(read);
}

static void a_bundle_says_which_mailbox_is_its_owners(void **state) {
    (void)state;
    uint8_t text[80];
    struct writer w = writer_into(text, sizeof text);
    struct access *anna = issue(ANNA);
    char name[TOPIC_NAME_SIZE], topic[TOPIC_SIZE], expected[TOPIC_SIZE];
    access_write_mailbox(anna, &w);
    assert_true(access_read_mailbox(writer_span(&w), name));
    assert_string_equal(name, anna->name);
    topic_renewal(name, topic);
    snprintf(expected, sizeof expected, "muster.mail.%s.kms", anna->name);
    assert_string_equal(topic, expected);
    for (size_t length = 0; length + 1 < w.length; length++) {
        assert_false(access_read_mailbox((struct span){text, length}, name));
    }
    text[w.length - 2] = '*'; /* no name that would be more than one */
    assert_false(access_read_mailbox(writer_span(&w), name));
    access_free(anna);
}

/* What the KMS signed says which access a bundle has, or that it has none. */
static void an_access_that_the_kms_did_not_sign_is_refused(void **state) {
    (void)state;
    uint8_t text[ARMOUR_TEXT_MAX];
    struct writer w = writer_into(text, sizeof text);
    struct access *anna = issue(ANNA), *opened;
    strcpy(credential->kms, "sip:kms@county.example");
    assert_int_equal(access_seal(anna, device->public_key, &w), STATUS_OK);
    assert_int_equal(access_hash(anna, credential->issue.access), STATUS_OK);
    assert_int_equal(access_open(span_of_text("no access"), device, credential, &opened),
                     STATUS_TRUNCATED);
    assert_null(opened);
    credential->issue.access[31] ^= 1;
    assert_int_equal(access_open(writer_span(&w), device, credential, &opened),
                     STATUS_SIGNATURE_INVALID);
    memset(credential->issue.access, 0, sizeof credential->issue.access);
    assert_int_equal(access_open(writer_span(&w), device, credential, &opened),
                     STATUS_SIGNATURE_INVALID);
    assert_int_equal(access_open(span_of_text("no access"), device, credential, &opened),
                     STATUS_NOT_FOUND);
    access_free(anna);
}

static void octets_that_are_no_access_are_refused(void **state) {
    (void)state;
    uint8_t octets[ACCESS_OCTETS_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    struct access *anna = issue(ANNA), *read = access_new();
    assert_int_equal(access_write(anna, &w), STATUS_OK);
    assert_int_equal(access_read(writer_span(&w), read), STATUS_OK);
    for (size_t length = 0; length < w.length; length++) {
        assert_int_not_equal(access_read((struct span){octets, length}, read), STATUS_OK);
    }
    octets[0] = 3;
    assert_int_equal(access_read(writer_span(&w), read), STATUS_NEWER_VERSION);
    octets[0] = 0;
    assert_int_equal(access_read(writer_span(&w), read), STATUS_MALFORMED);
    access_free(anna);
    access_free(read);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keys_are_written_as_nats_writes_them, setup, teardown),
        cmocka_unit_test_setup_teardown(
            handsets_get_certificates_and_no_key_that_stands_beside_them, setup, teardown),
        cmocka_unit_test_setup_teardown(a_token_names_its_user_and_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(a_second_token_is_the_same_users_and_fetches_for_longer,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(an_access_from_before_there_were_two_tokens_is_read, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_bundle_says_which_mailbox_is_its_owners, setup, teardown),
        cmocka_unit_test_setup_teardown(only_its_device_and_identity_take_an_access, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_access_that_the_kms_did_not_sign_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(octets_that_are_no_access_are_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
