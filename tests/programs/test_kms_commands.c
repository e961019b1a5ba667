/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What muster-kms prints of a message opened under lawful authority, of its audit log, and of a
 * revocation that no list can name. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/kms/domain.h"
#include "app/kms/half.h"
#include "app/kms/register.h"
#include "app/kms/revoked_list.h"
#include "app/programs/kms/commands.h"
#include "crypto/i_message.h"
#include "tests/app/scratch.h"

#define PASSPHRASE "correct horse"
#define KMS_URI    "sip:kms@county.example"
#define IDENTITY   "urn:gsma:imei:90420156-025763-0"
#define SSV_HEX    "9f8e7d6c5b4a39281706f5e4d3c2b1a0"
#define SENT_MS    INT64_C(1793577600000) /* 2026-11-02 */

static const uint8_t ssv[SSV_SIZE] = {0x9f, 0x8e, 0x7d, 0x6c, 0x5b, 0x4a, 0x39, 0x28,
                                      0x17, 0x06, 0xf5, 0xe4, 0xd3, 0xc2, 0xb1, 0xa0};

static struct order order;
static char domain_path[256], message_path[256], passphrase_path[256], out_path[256];

static void name_files(void **state) {
    snprintf(domain_path, sizeof domain_path, "%s", scratch_path(state, "domain"));
    snprintf(message_path, sizeof message_path, "%s", scratch_path(state, "message"));
    snprintf(passphrase_path, sizeof passphrase_path, "%s", scratch_path(state, "passphrase"));
    snprintf(out_path, sizeof out_path, "%s", scratch_path(state, "out"));
    order = (struct order){.passphrase_file = passphrase_path,
                           .domain = domain_path,
                           .argument = message_path,
                           .authority = "court order 17/2026",
                           .provider = provider_find("native")};
}

/* A message of the domain's ME to itself. */
static void write_message(const struct kms *kms) {
    uint8_t octets[I_MESSAGE_MAX], ssk[ECCSI_SCALAR_SIZE], pvt[ECCSI_POINT_SIZE];
    struct writer w = writer_into(octets, sizeof octets);
    const struct provider *provider = kms->provider;
    struct signing_key *signing;
    struct identifier identifier;
    const struct i_message_fields fields = {.key_id = 0x20000777,
                                            .utc_ms = SENT_MS,
                                            .initiator = IDENTITY,
                                            .responder = IDENTITY,
                                            .initiator_kms = KMS_URI,
                                            .responder_kms = KMS_URI};
    assert_int_equal(identifier_of(IDENTITY, SENT_MS, &identifier), STATUS_OK);
    assert_int_equal(provider->issue_signing_key(kms->master, identifier_span(&identifier),
                                                 &entropy_system, ssk, pvt),
                     STATUS_OK);
    assert_int_equal(
        provider->signing_key_load(kms->domain, identifier_span(&identifier), ssk, pvt, &signing),
        STATUS_OK);
    assert_int_equal(i_message_build(provider, &fields, kms->domain, &identifier, signing, ssv,
                                     &entropy_system, &w),
                     STATUS_OK);
    provider->signing_key_free(signing);
    scratch_write(message_path, writer_span(&w));
}

static int setup(void **state) {
    struct kms *kms;
    struct error error = {0};
    assert_int_equal(scratch_setup(state), 0);
    name_files(state);
    scratch_write(passphrase_path, span_of_text(PASSPHRASE "\n"));
    assert_int_equal(kms_init(domain_path, KMS_URI, false, span_of_text(PASSPHRASE), STORE_QUICK,
                              order.provider, &entropy_system, &kms, &error),
                     STATUS_OK);
    write_message(kms);
    kms_close(kms);
    return 0;
}

/* Runs a command with its standard output in a file, whose text goes to out[]. */
static enum status run(enum status (*command)(const struct order *, struct error *),
                       struct error *error, char out[2048]) {
    fflush(stdout);
    int screen = dup(STDOUT_FILENO), file = open(out_path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(screen >= 0 && file >= 0 && dup2(file, STDOUT_FILENO) == STDOUT_FILENO);
    *error = (struct error){0};
    enum status status = command(&order, error);
    fflush(stdout);
    assert_true(dup2(screen, STDOUT_FILENO) == STDOUT_FILENO);
    ssize_t length = pread(file, out, 2047, 0);
    assert_true(length >= 0);
    out[length] = '\0';
    close(screen);
    close(file);
    return status;
}

static void recover_prints_identities_time_key_id_and_ssv(void **state) {
    (void)state;
    char out[2048];
    struct error error;
    assert_int_equal(run(command_recover, &error, out), STATUS_OK);
    assert_non_null(strstr(out, "initiator    " IDENTITY " (" KMS_URI ")\n"));
    assert_non_null(strstr(out, "responder    " IDENTITY " (" KMS_URI ")\n"));
    assert_non_null(strstr(out, "time         2026-11-02 00:00:00 UTC\n"));
    assert_non_null(strstr(out, "signature    verified\n"));
    assert_non_null(strstr(out, "key id       20000777\n"));
    assert_non_null(strstr(out, "SSV          " SSV_HEX "\n"));
    assert_non_null(strstr(out, "audit        record 1, "));
}

/* The hash that the authority was given stands in the log, and the SSV does not. */
static void the_audit_log_has_the_authority_and_the_hash_that_it_was_given(void **state) {
    (void)state;
    char out[2048], hash[65] = "";
    struct error error;
    assert_int_equal(run(command_recover, &error, out), STATUS_OK);
    const char *given = strstr(out, "record 1, ");
    assert_non_null(given);
    memcpy(hash, given + strlen("record 1, "), 64);
    assert_int_equal(run(command_audit, &error, out), STATUS_OK);
    assert_non_null(strstr(out, "recover  " IDENTITY "  by court order 17/2026: message "));
    assert_non_null(strstr(out, hash));
    assert_null(strstr(out, SSV_HEX));
}

static void nothing_is_printed_when_the_record_cannot_be_kept(void **state) {
    (void)state;
    char out[2048];
    struct error error;
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    struct rlimit small = {2048, limit.rlim_max}; /* room for what would be printed */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum status status = run(command_recover, &error, out);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(status, STATUS_NO_SPACE);
    assert_string_equal(out, "");
}

static void nothing_is_printed_for_a_message_that_does_not_open(void **state) {
    (void)state;
    char out[2048];
    struct error error;
    scratch_flip(message_path, scratch_size(message_path) - 200, 1); /* within SAKKE */
    assert_int_not_equal(run(command_recover, &error, out), STATUS_OK);
    assert_string_equal(out, "");
    assert_non_null(strstr(error.text, "the attempt is in audit record 1"));
    assert_null(strstr(error.text, SSV_HEX));
}

/* By this program's rule, which is the log's as well. */
static void a_split_domain_opens_a_groups_key_with_the_half_alone(void **state) {
    char out[2048];
    struct error error;
    struct kms *kms;
    order.domain = scratch_path(state, "split");
    assert_int_equal(kms_init(order.domain, KMS_URI, true, span_of_text(PASSPHRASE), STORE_QUICK,
                              order.provider, &entropy_system, &kms, &error),
                     STATUS_OK);
    assert_int_equal(half_make(kms, scratch_path(state, "half"), span_of_text(PASSPHRASE),
                               STORE_QUICK, SENT_MS, &entropy_system, &error),
                     STATUS_OK);
    write_message(kms);
    kms_close(kms);
    assert_int_equal(run(command_recover, &error, out), STATUS_NOT_ALLOWED);
    assert_non_null(strstr(error.text, "--half"));
    assert_string_equal(out, "");
    order.half = scratch_path(state, "half");
    order.half_passphrase_file = passphrase_path;
    assert_int_equal(run(command_recover, &error, out), STATUS_OK);
    assert_non_null(strstr(out, "SSV          " SSV_HEX "\n"));
    assert_non_null(strstr(out, "audit        record 2, "));
}

static void a_broken_audit_log_is_one_line_and_a_failure(void **state) {
    (void)state;
    const uint8_t first[8] = {0, 0, 0, 0, 0, 0, 0, 1};
    char out[2048];
    struct error error;
    struct store *store;
    struct batch *batch = batch_new();
    assert_int_equal(run(command_recover, &error, out), STATUS_OK);
    assert_int_equal(store_open(domain_path, span_of_text(PASSPHRASE), &store, &error), STATUS_OK);
    assert_int_equal(batch_delete(batch, RECORD_KMS_AUDIT, SPAN_OF(first)), STATUS_OK);
    assert_int_equal(store_apply(store, batch, &error), STATUS_OK);
    store_close(store);
    batch_free(batch);
    assert_int_equal(run(command_audit, &error, out), STATUS_SEAL_BROKEN);
    assert_non_null(strstr(error.text, "broken at record 1:"));
    assert_null(strchr(error.text, '\n'));
    assert_string_equal(out, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scratch_teardown)

/* As many as a list can name are revoked, whose keys are not over, and one more has keys. */
static void fill_register(const char *last) {
    struct kms *kms;
    struct error error = {0};
    int64_t now_ms = order_now();
    assert_int_equal(kms_open(domain_path, span_of_text(PASSPHRASE), order.provider, &kms, &error),
                     STATUS_OK);
    struct batch *batch = batch_new();
    for (unsigned n = 0; n <= REVOCATION_NAMES_MAX; n++) {
        struct register_entry entry = {.enrolled_ms = now_ms,
                                       .until_ms = now_ms + INT64_C(86400000),
                                       .max_key_period_ms = 3600000};
        snprintf(entry.identity, sizeof entry.identity, "sip:u%u@county.example", n);
        if (n == REVOCATION_NAMES_MAX) {
            snprintf(entry.identity, sizeof entry.identity, "%s", last);
        } else {
            entry.revoked_ms = now_ms;
        }
        assert_int_equal(register_put(&entry, batch), STATUS_OK);
        if (batch->count == BATCH_CHANGES_MAX || n == REVOCATION_NAMES_MAX) {
            assert_int_equal(store_apply(kms->store, batch, &error), STATUS_OK);
            batch_free(batch);
            batch = batch_new();
        }
    }
    batch_free(batch);
    kms_close(kms);
}

static void
whom_a_full_list_cannot_name_is_revoked_and_handsets_are_not_said_to_learn_of_it(void **state) {
    static const char last[] = "tel:+447700900001";
    char out[2048];
    struct error error;
    (void)state;
    fill_register(last);
    order.argument = last;
    order.reason = "";
    assert_int_equal(run(command_revoke, &error, out), STATUS_OK);
    assert_non_null(strstr(out, "tel:+447700900001 is revoked: it gets no new keys"));
    assert_non_null(strstr(out, "181 revoked identities still hold keys, more than 180"));
    assert_non_null(strstr(out, "There is room from "));
    assert_null(strstr(out, "Handsets refuse it once"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(recover_prints_identities_time_key_id_and_ssv),
        TEST(the_audit_log_has_the_authority_and_the_hash_that_it_was_given),
        TEST(nothing_is_printed_when_the_record_cannot_be_kept),
        TEST(nothing_is_printed_for_a_message_that_does_not_open),
        TEST(a_split_domain_opens_a_groups_key_with_the_half_alone),
        TEST(a_broken_audit_log_is_one_line_and_a_failure),
        TEST(whom_a_full_list_cannot_name_is_revoked_and_handsets_are_not_said_to_learn_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
