/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The audit log of a domain: what is in it, and that nobody changes it unseen. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>
#include <sodium.h>

#include "app/kms/audit.h"
#include "app/kms/register.h"
#include "scratch.h"

#define PASSPHRASE span_of_text("correct horse")
#define IDENTITY   "tel:+447700900123"
#define MAY_MS     INT64_C(1777593600000)

enum {
    RECORDS = 5
};

static const struct kms_terms terms = {.now_ms = MAY_MS, .max_key_period_ms = 43200000};

static struct kms *reopen(void **state) {
    struct kms *kms;
    struct error error = {0};
    assert_int_equal(
        kms_open(scratch_path(state, "domain"), PASSPHRASE, provider_find("native"), &kms, &error),
        STATUS_OK);
    return kms;
}

static struct enrolment_request request_of(unsigned n) {
    struct enrolment_request request = {.display_name = "Fire"};
    struct device_key *key;
    assert_int_equal(device_key_new(&entropy_system, &key), STATUS_OK);
    snprintf(request.identity, sizeof request.identity, "tel:+44770090012%u", n);
    memcpy(request.device_key, key->public_key, DEVICE_KEY_SIZE);
    device_key_free(key);
    return request;
}

static enum status enroll(struct kms *kms, unsigned n, struct error *error) {
    uint8_t text[ENROLMENT_TEXT_MAX];
    struct writer bundle = writer_into(text, sizeof text);
    struct enrolment_request request = request_of(n);
    return kms_enroll(kms, &request, &terms, &entropy_system, &bundle, error);
}

/* A domain that enrolled 0 to 3 and revoked 3: five records. */
static void make_domain(void **state) {
    struct kms *kms;
    struct error error = {0};
    assert_int_equal(kms_init(scratch_path(state, "domain"), "sip:kms@county.example", false,
                              PASSPHRASE, STORE_QUICK, provider_find("native"), &entropy_system,
                              &kms, &error),
                     STATUS_OK);
    for (unsigned n = 0; n < RECORDS - 1; n++) {
        assert_int_equal(enroll(kms, n, &error), STATUS_OK);
    }
    assert_int_equal(register_revoke(kms, IDENTITY, "stolen", MAY_MS + 60000, &error), STATUS_OK);
    kms_close(kms);
}

struct log {
    size_t count;
    struct audit_record last;
};

static void take(void *context, const struct audit_record *record) {
    struct log *log = context;
    assert_int_equal(record->number, ++log->count);
    log->last = *record;
}

static enum status check(void **state, struct log *log, struct error *error) {
    struct kms *kms = reopen(state);
    *log = (struct log){0};
    enum status status = audit_check(kms, take, log, error);
    kms_close(kms);
    return status;
}

/* The break is at `number`, what stands before it is listed, and one line says so. */
static void assert_broken_at(void **state, size_t number) {
    struct log log;
    struct error error = {0};
    char expected[32];
    assert_int_equal(check(state, &log, &error), STATUS_SEAL_BROKEN);
    snprintf(expected, sizeof expected, "at record %zu:", number);
    assert_non_null(strstr(error.text, expected));
    assert_null(strchr(error.text, '\n'));
    assert_int_equal(log.count, number - 1);
}

/* --- Somebody who has the file and its passphrase ------------------------------------------- */

struct stolen {
    struct secret *values[RECORDS + 1];
    struct secret *end;
};

static enum status steal(void *context, enum record_kind kind, struct span key, struct span value) {
    struct stolen *stolen = context;
    if (kind == RECORD_KMS_AUDIT) {
        stolen->values[key.octets[7]] = secret_copy(value);
    }
    if (kind == RECORD_KMS_AUDIT_END) {
        stolen->end = secret_copy(value);
    }
    return STATUS_OK;
}

static struct stolen read_log(void **state) {
    struct stolen stolen = {0};
    struct store *store;
    struct error error;
    assert_int_equal(store_open(scratch_path(state, "domain"), PASSPHRASE, &store, &error),
                     STATUS_OK);
    assert_int_equal(store_load(store, steal, &stolen, &error), STATUS_OK);
    store_close(store);
    return stolen;
}

static void forget(struct stolen *stolen) {
    for (size_t i = 0; i <= RECORDS; i++) {
        secret_free(stolen->values[i]);
    }
    secret_free(stolen->end);
}

/* Puts `value` in the place of record `number`, or takes it out when it is NULL. */
static void put(void **state, uint8_t number, const struct secret *value) {
    const uint8_t key[8] = {0, 0, 0, 0, 0, 0, 0, number};
    struct batch *batch = batch_new();
    struct store *store;
    struct error error;
    assert_int_equal(value == NULL
                         ? batch_delete(batch, RECORD_KMS_AUDIT, SPAN_OF(key))
                         : batch_put(batch, RECORD_KMS_AUDIT, SPAN_OF(key), secret_span(value)),
                     STATUS_OK);
    assert_int_equal(store_open(scratch_path(state, "domain"), PASSPHRASE, &store, &error),
                     STATUS_OK);
    assert_int_equal(store_apply(store, batch, &error), STATUS_OK);
    store_close(store);
    batch_free(batch);
}

/* --- The tests ------------------------------------------------------------------------------ */

static void every_enrolment_and_revocation_is_on_record(void **state) {
    struct log log;
    struct error error = {0};
    make_domain(state);
    assert_int_equal(check(state, &log, &error), STATUS_OK);
    assert_int_equal(log.count, RECORDS);
    assert_int_equal(log.last.action, AUDIT_REVOKE);
    assert_int_equal(log.last.utc_ms, MAY_MS + 60000);
    assert_string_equal(log.last.identity, IDENTITY);
    assert_string_equal(log.last.detail, "stolen");
}

/* A group's identity comes with the term in which its device manages it; nobody else's does. */
static void the_term_of_a_groups_manager_is_on_record(void **state) {
    struct log log;
    struct error error = {0};
    char expected[64];
    make_domain(state);
    struct kms *kms = reopen(state);
    assert_int_equal(enroll(kms, RECORDS, &error), STATUS_OK);
    kms_close(kms);
    assert_int_equal(check(state, &log, &error), STATUS_OK);
    assert_null(strstr(log.last.detail, "term"));

    struct batch *batch = batch_new();
    kms = reopen(state);
    assert_int_equal(kms_enroll_in_memory(kms, "sip:fire7@county.example", "", &terms,
                                          &entropy_system, batch, &error),
                     STATUS_OK);
    batch_free(batch);
    kms_close(kms);
    assert_int_equal(check(state, &log, &error), STATUS_OK);
    snprintf(expected, sizeof expected, ", for a group in term %lld",
             (long long)(terms.now_ms / 1000));
    assert_non_null(strstr(log.last.detail, expected));
}

static void an_octet_changed_in_a_record_breaks_the_chain_there(void **state) {
    make_domain(state);
    struct stolen stolen = read_log(state);
    for (uint8_t number = 1; number <= RECORDS; number++) {
        struct secret *value = stolen.values[number];
        for (size_t at = 0; at < value->length; at += 1 + value->length / 17) {
            if (at == 0) {
                continue; /* the version */
            }
            value->octets[at] ^= 1;
            put(state, number, value);
            assert_broken_at(state, number);
            value->octets[at] ^= 1;
        }
        put(state, number, value);
    }
    struct log log;
    struct error error;
    assert_int_equal(check(state, &log, &error), STATUS_OK);
    forget(&stolen);
}

static void a_record_left_out_doubled_or_moved_breaks_the_chain(void **state) {
    make_domain(state);
    struct stolen stolen = read_log(state);
    for (uint8_t number = 1; number <= RECORDS; number++) {
        put(state, number, NULL);
        assert_broken_at(state, number);
        put(state, number, stolen.values[number % RECORDS + 1]);
        assert_broken_at(state, number);
        put(state, number, stolen.values[number]);
    }
    put(state, RECORDS + 1, stolen.values[RECORDS]);
    assert_broken_at(state, RECORDS + 1);
    forget(&stolen);
}

/* Whoever changes a record and gives it a hash that fits breaks the chain at the next. */
static void a_record_with_a_new_hash_of_its_own_breaks_the_chain_after_it(void **state) {
    make_domain(state);
    struct stolen stolen = read_log(state);
    for (uint8_t number = 1; number <= RECORDS; number++) {
        uint8_t covered[512] = {0};
        struct secret *value = secret_copy(secret_span(stolen.values[number]));
        size_t length = value->length - AUDIT_HASH_SIZE;
        if (number > 1) {
            const struct secret *before = stolen.values[number - 1];
            memcpy(covered, before->octets + before->length - AUDIT_HASH_SIZE, AUDIT_HASH_SIZE);
        }
        value->octets[length - 1] ^= 1;
        memcpy(covered + AUDIT_HASH_SIZE, value->octets, length);
        crypto_hash_sha256(value->octets + length, covered, AUDIT_HASH_SIZE + length);
        put(state, number, value);
        assert_broken_at(state, number + 1U);
        put(state, number, stolen.values[number]);
        secret_free(value);
    }
    forget(&stolen);
}

static void what_cannot_be_put_on_record_is_not_done(void **state) {
    struct error error = {0};
    struct log log;
    struct rlimit limit;
    struct register_entry entry;
    make_domain(state);
    struct kms *kms = reopen(state);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    struct rlimit small = {100, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum status status =
        register_revoke(kms, "tel:+447700900121", "stolen", MAY_MS + 60000, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(status, STATUS_NO_SPACE);
    assert_int_equal(register_find(kms, "tel:+447700900121", &entry, &error), STATUS_OK);
    assert_int_equal(entry.revoked_ms, 0);
    kms_close(kms);
    assert_int_equal(check(state, &log, &error), STATUS_OK);
    assert_int_equal(log.count, RECORDS);
}

static void a_refused_enrolment_leaves_no_record(void **state) {
    struct error error = {0};
    struct log log;
    make_domain(state);
    struct kms *kms = reopen(state);
    assert_int_equal(enroll(kms, 3, &error), STATUS_NOT_ALLOWED);  /* revoked */
    assert_int_equal(enroll(kms, 1, &error), STATUS_ALREADY_DONE); /* another device */
    kms_close(kms);
    assert_int_equal(check(state, &log, &error), STATUS_OK);
    assert_int_equal(log.count, RECORDS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_enrolment_and_revocation_is_on_record),
        TEST(the_term_of_a_groups_manager_is_on_record),
        TEST(an_octet_changed_in_a_record_breaks_the_chain_there),
        TEST(a_record_left_out_doubled_or_moved_breaks_the_chain),
        TEST(a_record_with_a_new_hash_of_its_own_breaks_the_chain_after_it),
        TEST(what_cannot_be_put_on_record_is_not_done),
        TEST(a_refused_enrolment_leaves_no_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
