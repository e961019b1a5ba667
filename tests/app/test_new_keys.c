/* SPDX-License-Identifier: GPL-3.0-or-later */
/* New keys for a handset that runs (app/handset/keys/renewal.h): all of them, in one batch, or
 * nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/engine.h"
#include "app/handset/handset.h"
#include "app/handset/keys/renewal.h"
#include "app/kms/kms.h"
#include "issued.h"

#define IDENTITY    "tel:+447700900123"
#define ME_IDENTITY "urn:gsma:imei:90420156-025763-0"

static struct kms *kms;

static const struct provider *provider(void) {
    return provider_find("native");
}

static int setup(void **state) {
    (void)state;
    kms = issued_domain(provider());
    return 0;
}

static int teardown(void **state) {
    (void)state;
    kms_close(kms);
    return 0;
}

static struct handset *handset_of(const char *identity, int64_t month_ms, struct moment now) {
    const struct handset_setup how = {.provider = provider(), .entropy = entropy_system};
    struct batch *batch = issued_by(kms, identity, NULL, month_ms);
    struct handset *handset;
    assert_int_equal(handset_new(&how, now, &handset), STATUS_OK);
    assert_int_equal(issued_load(&handset->desk.keyring, batch), STATUS_OK);
    assert_int_equal(handset_start(handset, now), STATUS_OK);
    batch_free(batch);
    return handset;
}

/* What the handset put out since: batches, and the last of the events of renewal. */
struct outcome {
    size_t batches, records[RECORD_EXCLUSIONS + 1], deletions;
    uint64_t number; /* of the last batch */
    enum event_kind told;
    uint64_t told_after;
    char month[EVENT_DAY_SIZE], day[EVENT_DAY_SIZE];
};

static struct outcome outcome_of(struct handset *handset) {
    struct outcome outcome = {.told = EVENT_NONE};
    struct output output;
    while (handset_take_output(handset, &output)) {
        if (output.kind == OUTPUT_STORE) {
            struct batch *batch = handset_release_batch(handset);
            outcome.batches++;
            outcome.number = output.number;
            for (size_t i = 0; i < batch->count; i++) {
                outcome.records[batch->changes[i].kind]++;
                outcome.deletions += batch->changes[i].is_delete;
            }
            batch_free(batch);
        } else if (output.kind == OUTPUT_TELL && (output.event.kind == EVENT_KEYS_RENEWED ||
                                                  output.event.kind == EVENT_ACCESS_RENEWED)) {
            outcome.told = output.event.kind;
            outcome.told_after = output.after;
            strcpy(outcome.month, output.event.month);
            strcpy(outcome.day, output.event.day);
        }
    }
    return outcome;
}

/* What installation_put makes of such a bundle, in which the month under `gone` goes. */
static struct batch *records_of(const char *identity, int64_t month_ms, const struct span *gone) {
    struct batch *issued = issued_by(kms, identity, NULL, month_ms), *records = batch_new();
    if (gone != NULL) {
        assert_int_equal(batch_delete(records, RECORD_CREDENTIAL, *gone), STATUS_OK);
    }
    assert_int_equal(
        batch_put(records, RECORD_CREDENTIAL, issued_key(issued), issued_credential(issued)),
        STATUS_OK);
    const struct span any = span_of_text("octets");
    assert_int_equal(batch_put(records, RECORD_REQUEST, span_of_text(identity), any), STATUS_OK);
    assert_int_equal(batch_put(records, RECORD_ACCESS, span_of_text("broker"), any), STATUS_OK);
    batch_free(issued);
    return records;
}

/* Gives it to the handset; `status` is what comes of it, and `problem` why. */
static void renew(struct handset *handset, struct moment now, const char *identity,
                  int64_t month_ms, const struct span *gone, enum status status,
                  enum event_kind problem) {
    struct credential *credential = credential_new();
    struct batch *records = records_of(identity, month_ms, gone);
    struct renewal renewal = {.records = records, .credential = credential};
    struct command command = {.kind = COMMAND_RENEW, .renewal = &renewal};
    struct event why;
    for (size_t i = 0; i < records->count; i++) {
        if (records->changes[i].kind == RECORD_CREDENTIAL && !records->changes[i].is_delete) {
            assert_int_equal(credential_read(secret_span(records->changes[i].value), credential),
                             STATUS_OK);
        }
    }
    renewal.access_until_ms = JANUARY_MS + 2 * DAY_MS;
    assert_int_equal(handset_command(handset, now, &command, &why), status);
    assert_string_equal(event_name(why.kind), event_name(problem));
    assert_true((renewal.records == NULL) == (status == STATUS_OK));
    batch_free(renewal.records);
    credential_free(credential);
}

static void
next_months_keys_are_in_use_and_durable_together_with_all_that_came_with_them(void **state) {
    (void)state;
    struct moment now = {.utc_ms = DECEMBER_MS - DAY_MS, .boot_ms = 1000};
    struct handset *handset = handset_of(IDENTITY, NOVEMBER_MS, now);
    handset_tick(handset, now);
    assert_int_equal(handset_view(handset, now)->alarm_count, 1); /* keys end today */
    (void)outcome_of(handset);
    uint64_t topics = handset_topics_version(handset);
    renew(handset, now, IDENTITY, DECEMBER_MS, NULL, STATUS_OK, EVENT_NONE);
    struct outcome outcome = outcome_of(handset);
    assert_int_equal(outcome.batches, 1);
    assert_int_equal(outcome.records[RECORD_CREDENTIAL], 1);
    assert_int_equal(outcome.records[RECORD_REQUEST], 1);
    assert_int_equal(outcome.records[RECORD_ACCESS], 1);
    assert_string_equal(event_name(outcome.told), "keys-renewed");
    assert_int_equal(outcome.told_after, outcome.number); /* not before it is durable */
    assert_string_equal(outcome.month, "2026-12");
    assert_int_not_equal(handset_topics_version(handset), topics);
    handset_tick(handset, now);
    assert_int_equal(handset_view(handset, now)->alarm_count, 0);
    assert_int_equal(handset_view(handset, now)->credential.ends_utc_ms, JANUARY_MS);
    handset_free(handset);
}

static void keys_of_the_same_month_take_the_place_of_those_held(void **state) {
    (void)state;
    struct moment now = {.utc_ms = NOVEMBER_MS + DAY_MS, .boot_ms = 1000};
    struct handset *handset = handset_of(IDENTITY, NOVEMBER_MS, now);
    renew(handset, now, IDENTITY, NOVEMBER_MS, NULL, STATUS_OK, EVENT_NONE);
    assert_int_equal(handset->desk.keyring.count, 1);
    struct batch *old = issued_by(kms, IDENTITY, NULL, NOVEMBER_MS);
    const struct span gone = issued_key(old);
    renew(handset, now, IDENTITY, DECEMBER_MS, &gone, STATUS_OK, EVENT_NONE);
    assert_int_equal(handset->desk.keyring.count, 1); /* the month that goes from the store */
    assert_int_equal(handset_view(handset, now)->credential.ends_utc_ms, JANUARY_MS);
    assert_non_null(keyring_signing_key(&handset->desk.keyring, now.utc_ms));
    batch_free(old);
    handset_free(handset);
}

static void an_mes_renewal_is_told_as_that_of_its_access(void **state) {
    (void)state;
    struct moment now = {.utc_ms = NOVEMBER_MS + DAY_MS, .boot_ms = 1000};
    struct handset *handset = handset_of(ME_IDENTITY, NOVEMBER_MS, now);
    (void)outcome_of(handset);
    renew(handset, now, ME_IDENTITY, NOVEMBER_MS, NULL, STATUS_OK, EVENT_NONE);
    struct outcome outcome = outcome_of(handset);
    assert_string_equal(event_name(outcome.told), "access-renewed");
    assert_string_equal(outcome.day, "2027-01-02");
    assert_int_equal(handset->desk.keyring.count, 1);
    handset_free(handset);
}

static void what_is_not_taken_changes_nothing(void **state) {
    (void)state;
    struct moment now = {.utc_ms = NOVEMBER_MS + DAY_MS, .boot_ms = 1000};
    struct handset *handset = handset_of(IDENTITY, NOVEMBER_MS, now);
    handset_tick(handset, now);
    (void)outcome_of(handset);
    renew(handset, now, "tel:+447700900002", DECEMBER_MS, NULL, STATUS_ALREADY_DONE,
          EVENT_COMMAND_FAILED);
    handset_saving(handset, false);
    renew(handset, now, IDENTITY, DECEMBER_MS, NULL, STATUS_NOT_ALLOWED, EVENT_CANNOT_SAVE);
    struct command nothing = {.kind = COMMAND_RENEW};
    struct event problem;
    handset_saving(handset, true);
    assert_int_equal(handset_command(handset, now, &nothing, &problem), STATUS_MALFORMED);
    struct outcome outcome = outcome_of(handset);
    assert_int_equal(outcome.batches, 0);
    assert_int_equal(outcome.told, EVENT_NONE);
    assert_int_equal(handset->desk.keyring.count, 1);
    assert_int_equal(handset_view(handset, now)->credential.ends_utc_ms, DECEMBER_MS);
    handset_free(handset);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(next_months_keys_are_in_use_and_durable_together_with_all_that_came_with_them),
        TEST(keys_of_the_same_month_take_the_place_of_those_held),
        TEST(an_mes_renewal_is_told_as_that_of_its_access),
        TEST(what_is_not_taken_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
