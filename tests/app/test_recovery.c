/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message opened under lawful authority: from the domain's secrets alone, and never unseen. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "app/kms/recovery.h"
#include "app/text/armour.h"
#include "app/text/parts.h"
#include "scratch.h"

#define PASSPHRASE  span_of_text("correct horse")
#define KMS_URI     "sip:kms@county.example"
#define OTHER_URI   "sip:kms@elsewhere.example"
#define FIRE        "tel:+447700900123"
#define POLICE      "tel:+447700900124"
#define ME_IDENTITY "urn:gsma:imei:90420156-025763-0"
#define AUTHORITY   "court order 17/2026"
#define NOVEMBER_MS INT64_C(1793491200000)
#define SENT_MS     (NOVEMBER_MS + 86400000)
#define NOW_MS      INT64_C(1801440000000) /* three months later */

static const uint8_t ssv[SSV_SIZE] = "sixteen octets.";

static const struct provider *crypto(void) {
    return provider_find("native");
}

static struct kms *new_domain(void **state, const char *name, const char *uri) {
    struct kms *kms;
    struct error error = {0};
    assert_int_equal(kms_init(scratch_path(state, name), uri, false, PASSPHRASE, STORE_QUICK,
                              crypto(), &entropy_system, &kms, &error),
                     STATUS_OK);
    return kms;
}

/* The credential that `kms` issues, in memory: nothing of it is in the domain's file. */
static struct credential *issue(struct kms *kms, const char *identity) {
    uint8_t text[ENROLMENT_TEXT_MAX];
    struct writer bundle = writer_into(text, sizeof text);
    struct enrolment_request request = {.display_name = ""};
    struct credential *credential;
    struct device_key *key;
    struct error error = {0};
    const struct kms_terms terms = {
        .now_ms = SENT_MS, .max_key_period_ms = 43200000, .replace = true};
    assert_int_equal(device_key_new(&entropy_system, &key), STATUS_OK);
    snprintf(request.identity, sizeof request.identity, "%s", identity);
    memcpy(request.device_key, key->public_key, DEVICE_KEY_SIZE);
    assert_int_equal(kms_enroll(kms, &request, &terms, &entropy_system, &bundle, &error),
                     STATUS_OK);
    assert_int_equal(
        enrolment_bundle_open("bundle", writer_span(&bundle), key, crypto(), &credential, &error),
        STATUS_OK);
    device_key_free(key);
    return credential;
}

/* A message from FIRE, enrolled at `from`, to `responder` of `to`. */
static struct secret *message_between(struct kms *from, struct kms *to, const char *responder) {
    uint8_t octets[I_MESSAGE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    struct credential *sender = issue(from, FIRE), *receiver = issue(to, responder);
    struct domain_key *ours, *theirs;
    struct signing_key *signing;
    struct identifier identifier;
    struct i_message_fields fields = {.key_id = 0x20000777, .utc_ms = SENT_MS, .initiator = FIRE};
    snprintf(fields.responder, IDENTITY_SIZE, "%s", responder);
    snprintf(fields.initiator_kms, IDENTITY_SIZE, "%s", kms_uri(from));
    snprintf(fields.responder_kms, IDENTITY_SIZE, "%s", kms_uri(to));
    assert_int_equal(crypto()->domain_load(sender->z, sender->kpak, &ours), STATUS_OK);
    assert_int_equal(crypto()->domain_load(receiver->z, receiver->kpak, &theirs), STATUS_OK);
    assert_int_equal(crypto()->signing_key_load(ours, identifier_span(&sender->identifier),
                                                sender->ssk, sender->pvt, &signing),
                     STATUS_OK);
    assert_int_equal(identifier_of(responder, SENT_MS, &identifier), STATUS_OK);
    assert_int_equal(
        i_message_build(crypto(), &fields, theirs, &identifier, signing, ssv, &entropy_system, &w),
        STATUS_OK);
    crypto()->signing_key_free(signing);
    crypto()->domain_free(ours);
    crypto()->domain_free(theirs);
    credential_free(sender);
    credential_free(receiver);
    return secret_copy(writer_span(&w));
}

static void count_recovery(void *context, const struct audit_record *record) {
    *(size_t *)context += record->action == AUDIT_RECOVER;
}

static size_t recoveries_on_record(struct kms *kms) {
    size_t count = 0;
    struct error error = {0};
    assert_int_equal(audit_check(kms, count_recovery, &count, &error), STATUS_OK);
    return count;
}

static bool holds_no_ssv(const struct recovery *recovery) {
    const uint8_t none[SSV_SIZE] = {0};
    return memcmp(recovery->ssv, none, SSV_SIZE) == 0;
}

/* It is refused with one line that says `text`; there are `records` of it then. */
static void assert_refused(struct kms *kms, struct span content, const char *authority,
                           enum status expected, const char *text, size_t records) {
    struct recovery *recovery = recovery_new();
    struct error error = {0};
    size_t before = recoveries_on_record(kms);
    assert_int_equal(recovery_run(kms,
                                  &(struct recovery_order){.name = "message",
                                                           .content = content,
                                                           .authority = authority,
                                                           .now_ms = NOW_MS},
                                  recovery, &error),
                     expected);
    assert_non_null(strstr(error.text, text));
    assert_null(strchr(error.text, '\n'));
    assert_true(holds_no_ssv(recovery));
    assert_int_equal(recoveries_on_record(kms), before + records);
    recovery_free(recovery);
}

static void assert_recovered(struct kms *kms, struct span content, const char *responder,
                             enum recovery_signature signature) {
    struct recovery *recovery = recovery_new();
    struct error error = {0};
    assert_int_equal(recovery_run(kms,
                                  &(struct recovery_order){.name = "message",
                                                           .content = content,
                                                           .authority = AUTHORITY,
                                                           .now_ms = NOW_MS},
                                  recovery, &error),
                     STATUS_OK);
    assert_memory_equal(recovery->ssv, ssv, SSV_SIZE);
    assert_string_equal(recovery->fields.initiator, FIRE);
    assert_string_equal(recovery->fields.responder, responder);
    assert_int_equal(recovery->fields.utc_ms, SENT_MS);
    assert_int_equal(recovery->fields.key_id, 0x20000777);
    assert_int_equal(recovery->signature, signature);
    assert_int_equal(recovery->record.action, AUDIT_RECOVER);
    assert_int_equal(recovery->record.utc_ms, NOW_MS);
    assert_string_equal(recovery->record.identity, responder);
    assert_non_null(strstr(recovery->record.detail, "by " AUTHORITY ": message "));
    recovery_free(recovery);
}

/* Months later, and after the domain was opened anew: its master secrets are all that is used. */
static void a_message_is_opened_from_the_domains_secrets_alone(void **state) {
    struct kms *kms = new_domain(state, "domain", KMS_URI);
    struct error error = {0};
    struct secret *monthly = message_between(kms, kms, POLICE);
    struct secret *fixed = message_between(kms, kms, ME_IDENTITY);
    kms_close(kms);
    assert_int_equal(kms_open(scratch_path(state, "domain"), PASSPHRASE, crypto(), &kms, &error),
                     STATUS_OK);
    assert_recovered(kms, secret_span(monthly), POLICE, RECOVERY_SIGNED);
    assert_recovered(kms, secret_span(fixed), ME_IDENTITY, RECOVERY_SIGNED);
    assert_int_equal(recoveries_on_record(kms), 2);
    secret_free(monthly);
    secret_free(fixed);
    kms_close(kms);
}

static void an_armoured_message_is_opened_as_well_and_its_damage_is_named(void **state) {
    struct kms *kms = new_domain(state, "domain", KMS_URI);
    struct secret *message = message_between(kms, kms, POLICE);
    uint8_t text[ARMOUR_TEXT_MAX];
    struct writer w = writer_into(text, sizeof text);
    assert_int_equal(armour_write(RECOVERY_LABEL, secret_span(message), &w), STATUS_OK);
    assert_recovered(kms, writer_span(&w), POLICE, RECOVERY_SIGNED);
    struct span half = {text, w.length / 2};
    assert_refused(kms, half, AUTHORITY, STATUS_TRUNCATED, "ends early", 0);
    w = writer_into(text, sizeof text);
    assert_int_equal(armour_write("MUSTER BUNDLE", secret_span(message), &w), STATUS_OK);
    assert_refused(kms, writer_span(&w), AUTHORITY, STATUS_MALFORMED, RECOVERY_LABEL, 0);
    secret_free(message);
    kms_close(kms);
}

/* As a manager sends it by text message, in a file that somebody kept. */
static void a_message_in_parts_is_opened_as_well_and_what_is_missing_is_named(void **state) {
    struct kms *kms = new_domain(state, "domain", KMS_URI);
    struct secret *message = message_between(kms, kms, POLICE);
    struct secret *other = message_between(kms, kms, POLICE);
    uint8_t text[2 * PARTS_TEXT_MAX];
    struct writer w = writer_into(text, sizeof text);
    assert_int_equal(parts_write(secret_span(message), "for " POLICE, &w), STATUS_OK);
    assert_recovered(kms, writer_span(&w), POLICE, RECOVERY_SIGNED);
    uint8_t *third = memmem(text, w.length, "MUSTER KEY 3/", 13);
    assert_non_null(third);
    third[60] = third[60] == 'A' ? 'B' : 'A';
    assert_refused(kms, writer_span(&w), AUTHORITY, STATUS_TRUNCATED, "missing or damaged: 3", 0);
    assert_int_equal(parts_write(secret_span(other), "for " POLICE, &w), STATUS_OK);
    assert_refused(kms, writer_span(&w), AUTHORITY, STATUS_MALFORMED, "more than one message", 0);
    secret_free(message);
    secret_free(other);
    kms_close(kms);
}

static void without_the_authoritys_reference_nothing_is_opened(void **state) {
    struct kms *kms = new_domain(state, "domain", KMS_URI);
    struct secret *message = message_between(kms, kms, POLICE);
    char long_one[RECOVERY_AUTHORITY_MAX + 2];
    memset(long_one, 'x', sizeof long_one - 1);
    long_one[sizeof long_one - 1] = '\0';
    const char *const none[] = {"", "   ", "line\nbreak", "\xff", long_one};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_refused(kms, secret_span(message), none[i], STATUS_NOT_ALLOWED,
                       "the authority's reference", 0);
    }
    secret_free(message);
    kms_close(kms);
}

static void a_message_to_another_domain_is_refused_and_one_from_there_is_opened(void **state) {
    struct kms *kms = new_domain(state, "domain", KMS_URI);
    struct kms *elsewhere = new_domain(state, "elsewhere", OTHER_URI);
    struct secret *out = message_between(kms, elsewhere, POLICE);
    struct secret *in = message_between(elsewhere, kms, POLICE);
    assert_refused(kms, secret_span(out), AUTHORITY, STATUS_DOMAIN_UNKNOWN, OTHER_URI, 0);
    assert_recovered(kms, secret_span(in), POLICE, RECOVERY_OTHER_DOMAIN);
    secret_free(out);
    secret_free(in);
    kms_close(elsewhere);
    kms_close(kms);
}

/* A domain of the same name that is not the same. */
static void
a_message_of_a_namesake_domain_does_not_open_and_that_it_was_tried_is_kept(void **state) {
    struct kms *kms = new_domain(state, "domain", KMS_URI);
    struct kms *namesake = new_domain(state, "namesake", KMS_URI);
    struct secret *message = message_between(namesake, namesake, POLICE);
    assert_refused(kms, secret_span(message), AUTHORITY, STATUS_ENCAPSULATION_INVALID,
                   "does not open", 1);
    secret_free(message);
    kms_close(namesake);
    kms_close(kms);
}

static void a_truncated_message_is_refused_at_every_length(void **state) {
    struct kms *kms = new_domain(state, "domain", KMS_URI);
    struct secret *message = message_between(kms, kms, POLICE);
    for (size_t length = 0; length < message->length; length += 1 + length / 9) {
        struct recovery *recovery = recovery_new();
        struct error error = {0};
        assert_int_not_equal(
            recovery_run(kms,
                         &(struct recovery_order){.name = "message",
                                                  .content = {message->octets, length},
                                                  .authority = AUTHORITY,
                                                  .now_ms = NOW_MS},
                         recovery, &error),
            STATUS_OK);
        assert_true(holds_no_ssv(recovery));
        recovery_free(recovery);
    }
    assert_int_equal(recoveries_on_record(kms), 0);
    assert_refused(kms, (struct span){message->octets, message->length - 1}, AUTHORITY,
                   STATUS_TRUNCATED, "ends early", 0);
    secret_free(message);
    kms_close(kms);
}

static void a_message_whose_signature_is_not_right_is_opened_and_called_so(void **state) {
    struct kms *kms = new_domain(state, "domain", KMS_URI);
    struct secret *message = message_between(kms, kms, POLICE);
    message->octets[message->length - 70] ^= 1;
    assert_recovered(kms, secret_span(message), POLICE, RECOVERY_NOT_SIGNED);
    secret_free(message);
    kms_close(kms);
}

static void what_cannot_be_put_on_record_is_not_opened(void **state) {
    struct kms *kms = new_domain(state, "domain", KMS_URI);
    struct secret *message = message_between(kms, kms, POLICE);
    struct recovery *recovery = recovery_new();
    struct error error = {0};
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    struct rlimit small = {100, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum status status = recovery_run(kms,
                                      &(struct recovery_order){.name = "message",
                                                               .content = secret_span(message),
                                                               .authority = AUTHORITY,
                                                               .now_ms = NOW_MS},
                                      recovery, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(status, STATUS_NO_SPACE);
    assert_true(holds_no_ssv(recovery));
    assert_int_equal(recoveries_on_record(kms), 0);
    recovery_free(recovery);
    secret_free(message);
    kms_close(kms);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_message_is_opened_from_the_domains_secrets_alone),
        TEST(an_armoured_message_is_opened_as_well_and_its_damage_is_named),
        TEST(a_message_in_parts_is_opened_as_well_and_what_is_missing_is_named),
        TEST(without_the_authoritys_reference_nothing_is_opened),
        TEST(a_message_to_another_domain_is_refused_and_one_from_there_is_opened),
        TEST(a_message_of_a_namesake_domain_does_not_open_and_that_it_was_tried_is_kept),
        TEST(a_truncated_message_is_refused_at_every_length),
        TEST(a_message_whose_signature_is_not_right_is_opened_and_called_so),
        TEST(what_cannot_be_put_on_record_is_not_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
