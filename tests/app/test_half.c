/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Recovery that is split: what the KMS has and what the authority has open a connection together,
 * and neither does alone; and the authority's half notices a log that is not the one it saw.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/d2d/authority.h"
#include "app/handset/d2d/d2d.h"
#include "app/kms/domain.h"
#include "app/kms/recovery.h"
#include "app/kms/statements.h"
#include "crypto/connection_key.h"
#include "issued.h"
#include "scratch.h"

#define PASSPHRASE span_of_text("correct horse")
#define ANOTHER    span_of_text("battery staple")
#define FIRE       "tel:+447700900123"
#define POLICE     "tel:+447700900124"
#define REFERENCE  "court order 17/2026"

static const struct provider *crypto(void) {
    return provider_find("native");
}

static struct moment now(void) {
    return (struct moment){.utc_ms = NOVEMBER_MS + DAY_MS, .boot_ms = 1000};
}

static struct kms *new_domain(void **state, const char *name, bool recovery) {
    struct kms *kms;
    struct error error = {0};
    assert_int_equal(kms_init(scratch_path(state, name), ISSUED_KMS_URI, recovery, PASSPHRASE,
                              STORE_QUICK, crypto(), &entropy_system, &kms, &error),
                     STATUS_OK);
    return kms;
}

static enum status split(void **state, struct kms *kms, const char *name, struct error *error) {
    *error = (struct error){0};
    return half_make(kms, scratch_path(state, name), ANOTHER, STORE_QUICK, now().utc_ms,
                     &entropy_system, error);
}

/* A new domain that is split and has a root, its half in the file "half". */
static struct kms *split_domain(void **state, const char *name, const char *half) {
    struct error error;
    struct kms *kms = new_domain(state, name, true);
    assert_int_equal(split(state, kms, half, &error), STATUS_OK);
    assert_int_equal(kms_certify(kms, NULL, now().utc_ms, &entropy_system, &error), STATUS_OK);
    return kms;
}

static struct half *opened(void **state, const char *name) {
    struct half *half;
    struct error error = {0};
    assert_int_equal(half_open(scratch_path(state, name), ANOTHER, crypto(), &half, &error),
                     STATUS_OK);
    return half;
}

static struct kms *reopened(void **state, const char *name) {
    struct kms *kms;
    struct error error = {0};
    assert_int_equal(kms_open(scratch_path(state, name), PASSPHRASE, crypto(), &kms, &error),
                     STATUS_OK);
    return kms;
}

static void enrol(struct kms *kms, const char *identity, struct keyring *keyring) {
    struct batch *batch = issued_by(kms, identity, NULL, now().utc_ms);
    *keyring = (struct keyring){.provider = crypto()};
    assert_int_equal(issued_load(keyring, batch), STATUS_OK);
    batch_free(batch);
}

/* The I_MESSAGE with which FIRE opens a connection to POLICE, and the two ends. */
struct connection {
    struct keyring fire, police;
    struct d2d *initiator, *responder;
    struct d2d_head open;
    struct i_message message;
};

static void connect_them(struct kms *kms, struct connection *connection) {
    memset(connection, 0, sizeof *connection);
    enrol(kms, FIRE, &connection->fire);
    enrol(kms, POLICE, &connection->police);
    assert_int_equal(d2d_open(&connection->fire, &entropy_system, POLICE, ISSUED_KMS_URI, now(),
                              &connection->initiator),
                     STATUS_OK);
    assert_int_equal(d2d_head_read(d2d_payload(connection->initiator), &connection->open),
                     STATUS_OK);
    assert_int_equal(i_message_parse(connection->open.body, &connection->message), STATUS_OK);
    assert_int_equal(
        d2d_verify(&connection->police, &connection->open, &connection->message, now()), STATUS_OK);
    assert_int_equal(d2d_answer(&connection->police, &entropy_system, &connection->open,
                                &connection->message, now(), &connection->responder),
                     STATUS_OK);
}

static void disconnect(struct connection *connection) {
    d2d_free(connection->initiator);
    d2d_free(connection->responder);
    keyring_clear(&connection->fire);
    keyring_clear(&connection->police);
}

/* What `kms` opens of it with `half`. */
static enum status recover(struct kms *kms, struct half *half, const struct connection *connection,
                           bool other_log, struct recovery *recovery, struct error *error) {
    const struct recovery_order order = {.name = "message",
                                         .content = connection->open.body,
                                         .authority = REFERENCE,
                                         .now_ms = now().utc_ms + DAY_MS,
                                         .half = half,
                                         .other_log = other_log};
    *error = (struct error){0};
    return recovery_run(kms, &order, recovery, error);
}

static void count_one(void *context, const struct audit_record *record) {
    *(size_t *)context += record->action == AUDIT_RECOVER;
}

static size_t count_recoveries(struct kms *kms) {
    size_t count = 0;
    struct error error = {0};
    assert_int_equal(audit_check(kms, count_one, &count, &error), STATUS_OK);
    return count;
}

/* Of the SSV and the ephemeral key, and of what went over the air. */
static void assert_makes_the_keys(const struct recovery *recovery,
                                  const struct connection *connection) {
    struct d2d_head answer;
    struct connection_keys keys;
    uint8_t hash[crypto_hash_sha256_BYTES], transcript[TRANSCRIPT_SIZE];
    crypto_hash_sha256_state state;
    assert_int_equal(d2d_head_read(d2d_payload(connection->responder), &answer), STATUS_OK);
    crypto_hash_sha256(hash, connection->open.body.octets, connection->open.body.length);
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, hash, sizeof hash);
    crypto_hash_sha256_update(&state, answer.body.octets, D2D_NONCE_SIZE + SHARE_SIZE);
    crypto_hash_sha256_final(&state, transcript);
    assert_int_equal(connection_keys_make(recovery->ssv, recovery->ephemeral,
                                          answer.body.octets + D2D_NONCE_SIZE, transcript, &keys),
                     STATUS_OK);
    assert_memory_equal(keys.call, connection->responder->call_key, SSV_SIZE);
}

static void a_connection_opens_with_both_and_leaves_a_record(void **state) {
    struct kms *kms = split_domain(state, "domain", "half");
    struct connection connection;
    struct error error;
    kms_close(kms);
    kms = reopened(state, "domain");
    assert_true(kms_is_split(kms) && kms_has_recovery(kms));
    connect_them(kms, &connection);
    struct half *half = opened(state, "half");
    struct recovery *recovery = recovery_new();
    assert_int_equal(recover(kms, half, &connection, false, recovery, &error), STATUS_OK);
    assert_makes_the_keys(recovery, &connection);
    assert_int_equal(count_recoveries(kms), 1);
    recovery_free(recovery);
    half_close(half);
    disconnect(&connection);
    kms_close(kms);
}

/* The program refuses, and so do the keys: whoever has the domain's file and passphrase and writes
 * a program of his own makes of its secrets what he can. */
static void the_kms_alone_opens_no_connection(void **state) {
    struct kms *kms = split_domain(state, "domain", "half");
    struct connection connection;
    struct error error;
    struct identifier identifier;
    struct receiver_key *key;
    uint8_t rsk[SAKKE_POINT_SIZE], seed[RECOVERY_SEED_SIZE];
    struct recovery *recovery = recovery_new();
    connect_them(kms, &connection);
    assert_int_equal(recover(kms, NULL, &connection, false, recovery, &error), STATUS_NOT_ALLOWED);
    assert_non_null(strstr(error.text, "--half"));
    assert_int_equal(count_recoveries(kms), 0);

    const struct i_message_fields *fields = &connection.message.fields;
    assert_int_equal(identifier_of_recovery(ISSUED_KMS_URI, fields->utc_ms, &identifier),
                     STATUS_OK);
    assert_int_equal(crypto()->issue_receiver_key(kms->master, identifier_span(&identifier), rsk),
                     STATUS_OK);
    assert_int_equal(
        crypto()->receiver_key_load(kms->domain, identifier_span(&identifier), rsk, &key),
        STATUS_OK);
    assert_int_equal(crypto()->decapsulate(key, fields->recovery.octets, seed),
                     STATUS_ENCAPSULATION_INVALID);
    crypto()->receiver_key_free(key);
    recovery_free(recovery);
    disconnect(&connection);
    kms_close(kms);
}

static void the_half_alone_has_no_receiver_key_of_a_handset(void **state) {
    struct kms *kms = split_domain(state, "domain", "half");
    struct half *half = opened(state, "half");
    struct connection connection;
    struct identifier identifier;
    struct receiver_key *key;
    uint8_t rsk[SAKKE_POINT_SIZE], ssv[SSV_SIZE];
    connect_them(kms, &connection);
    assert_int_equal(identifier_of(POLICE, connection.message.fields.utc_ms, &identifier),
                     STATUS_OK);
    assert_int_equal(
        crypto()->issue_receiver_key(half_master(half), identifier_span(&identifier), rsk),
        STATUS_OK);
    assert_int_equal(
        crypto()->receiver_key_load(half_domain(half), identifier_span(&identifier), rsk, &key),
        STATUS_OK);
    assert_int_equal(crypto()->decapsulate(key, connection.message.sakke.octets, ssv),
                     STATUS_ENCAPSULATION_INVALID);
    crypto()->receiver_key_free(key);
    half_close(half);
    disconnect(&connection);
    kms_close(kms);
}

static void another_domains_half_is_refused_and_a_half_where_there_is_none(void **state) {
    struct kms *kms = split_domain(state, "domain", "half");
    struct kms *namesake = split_domain(state, "namesake", "other");
    struct kms *whole = new_domain(state, "whole", true);
    struct half *half = opened(state, "other");
    struct connection connection;
    struct error error;
    struct recovery *recovery = recovery_new();
    connect_them(kms, &connection);
    assert_int_equal(recover(kms, half, &connection, false, recovery, &error), STATUS_KEY_INVALID);
    assert_int_equal(count_recoveries(kms), 0);
    assert_int_equal(recover(whole, half, &connection, false, recovery, &error),
                     STATUS_NOT_ALLOWED);
    recovery_free(recovery);
    half_close(half);
    disconnect(&connection);
    kms_close(whole);
    kms_close(namesake);
    kms_close(kms);
}

/* The copy's own log is whole; only who saw both can tell. */
static void recovering_on_a_copy_is_noticed_at_the_next_recovery(void **state) {
    struct kms *kms = split_domain(state, "domain", "half");
    struct connection connection;
    struct error error;
    struct recovery *recovery = recovery_new();
    connect_them(kms, &connection);
    kms_close(kms);
    scratch_copy(scratch_path(state, "domain"), scratch_path(state, "copy"));
    scratch_copy(scratch_path(state, "domain-keys"), scratch_path(state, "copy-keys"));
    struct half *half = opened(state, "half");
    struct kms *copy = reopened(state, "copy");
    assert_int_equal(recover(copy, half, &connection, false, recovery, &error), STATUS_OK);
    kms_close(copy);
    half_close(half);

    half = opened(state, "half");
    kms = reopened(state, "domain");
    assert_int_equal(recover(kms, half, &connection, false, recovery, &error), STATUS_SEAL_BROKEN);
    assert_non_null(strstr(error.text, "--other-log"));
    assert_int_equal(count_recoveries(kms), 0);
    assert_int_equal(recover(kms, half, &connection, true, recovery, &error), STATUS_OK);
    assert_non_null(strstr(recovery->record.detail, "saw another log"));
    assert_int_equal(recover(kms, half, &connection, false, recovery, &error), STATUS_OK);
    assert_int_equal(count_recoveries(kms), 2);
    recovery_free(recovery);
    half_close(half);
    disconnect(&connection);
    kms_close(kms);
}

static void only_a_new_domain_with_recovery_on_is_split(void **state) {
    struct error error;
    struct half *half;
    struct batch *batch;
    struct kms *off = new_domain(state, "off", false), *used = new_domain(state, "used", true);
    struct kms *twice = split_domain(state, "twice", "half");
    assert_int_equal(split(state, off, "off-half", &error), STATUS_NOT_ALLOWED);
    batch = issued_by(used, FIRE, NULL, now().utc_ms);
    batch_free(batch);
    assert_int_equal(split(state, used, "used-half", &error), STATUS_NOT_ALLOWED);
    assert_int_equal(split(state, twice, "second-half", &error), STATUS_NOT_ALLOWED);
    assert_false(store_exists(scratch_path(state, "off-half")) ||
                 store_exists(scratch_path(state, "used-half")) ||
                 store_exists(scratch_path(state, "second-half")));
    assert_false(kms_is_split(off) || kms_is_split(used));
    assert_int_equal(half_open(scratch_path(state, "half"), PASSPHRASE, crypto(), &half, &error),
                     STATUS_WRONG_PASSPHRASE);
    kms_close(off);
    assert_int_equal(half_open(scratch_path(state, "off"), PASSPHRASE, crypto(), &half, &error),
                     STATUS_NOT_FOUND);
    kms_close(used);
    kms_close(twice);
}

/* The root certifies the authority's key with the domain's. */
static void no_other_authority_can_be_put_into_a_bundle(void **state) {
    struct kms *kms = split_domain(state, "domain", "half");
    struct kms *namesake = split_domain(state, "namesake", "other");
    struct domain_keys keys = {.kms = ISSUED_KMS_URI,
                               .z = kms->z,
                               .kpak = kms->kpak,
                               .recovery = true,
                               .authority = kms->authority};
    assert_int_equal(certificate_verify(kms_certificate(kms), &keys), STATUS_OK);
    keys.authority = namesake->authority;
    assert_int_equal(certificate_verify(kms_certificate(kms), &keys), STATUS_SIGNATURE_INVALID);
    keys.authority = NULL;
    assert_int_equal(certificate_verify(kms_certificate(kms), &keys), STATUS_SIGNATURE_INVALID);
    kms_close(namesake);
    kms_close(kms);
}

/* A handset takes no connection that is open to the KMS alone. */
static void what_is_encapsulated_to_the_kms_keeps_the_authority_out(void **state) {
    struct kms *kms = split_domain(state, "domain", "half");
    struct keyring fire;
    uint8_t share[SHARE_SIZE], seed[RECOVERY_SEED_SIZE] = "sixteen octets.";
    uint8_t rand[MIKEY_RAND_SIZE] = {1}, key[EPHEMERAL_KEY_SIZE], data[SAKKE_DATA_SIZE];
    uint8_t hash[AUTHORITY_HASH_SIZE];
    enrol(kms, FIRE, &fire);
    assert_int_equal(ephemeral_of_seed(seed, rand, key), STATUS_OK);
    assert_int_equal(ephemeral_share(key, share), STATUS_OK);
    for (unsigned to_kms = 0; to_kms < 2; to_kms++) {
        struct keyring encapsulating = fire;
        encapsulating.authority = to_kms == 1 ? NULL : fire.authority;
        assert_int_equal(authority_admit(&encapsulating, now().utc_ms, seed, data), STATUS_OK);
        authority_hash(share, data, hash);
        assert_int_equal(authority_check(&fire, now().utc_ms, rand, seed, hash),
                         to_kms == 1 ? STATUS_RECOVERY_MISSING : STATUS_OK);
    }
    keyring_clear(&fire);
    kms_close(kms);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_connection_opens_with_both_and_leaves_a_record),
        TEST(the_kms_alone_opens_no_connection),
        TEST(the_half_alone_has_no_receiver_key_of_a_handset),
        TEST(another_domains_half_is_refused_and_a_half_where_there_is_none),
        TEST(recovering_on_a_copy_is_noticed_at_the_next_recovery),
        TEST(only_a_new_domain_with_recovery_on_is_split),
        TEST(no_other_authority_can_be_put_into_a_bundle),
        TEST(what_is_encapsulated_to_the_kms_keeps_the_authority_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
