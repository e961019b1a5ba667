/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A handset that holds the keys of several months (app/README.md section 3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/engine.h"
#include "app/handset/handset.h"
#include "app/handset/keys/ending.h"
#include "app/identity/keyring.h"
#include "app/identity/month.h"
#include "app/installation.h"
#include "app/kms/kms.h"
#include "app/programs/durable.h"
#include "issued.h"
#include "scratch.h"

#define IDENTITY    "tel:+447700900123"
#define ME_IDENTITY "urn:gsma:imei:90420156-025763-0"
#define PASSPHRASE  span_of_text("correct horse")
#define HORIZON_MS  (8 * DAY_MS)

static struct kms *kms;

static const struct provider *provider(void) {
    return provider_find("native");
}

static int setup(void **state) {
    kms = issued_domain(provider());
    return scratch_setup(state);
}

static int teardown(void **state) {
    kms_close(kms);
    return scratch_teardown(state);
}

static enum status load_month(struct keyring *keyring, int64_t utc_ms) {
    struct batch *batch = issued_by(kms, IDENTITY, NULL, utc_ms);
    enum status status = issued_load(keyring, batch);
    batch_free(batch);
    return status;
}

static struct keyring keyring_of(int64_t first_ms, int64_t second_ms) {
    struct keyring keyring = {.provider = provider()};
    assert_int_equal(load_month(&keyring, first_ms), STATUS_OK);
    assert_int_equal(load_month(&keyring, second_ms), STATUS_OK);
    return keyring;
}

/* The month whose keys sign at `utc_ms`, as a verifier finds it. */
static int64_t signing_month(const struct keyring *keyring, int64_t utc_ms) {
    const struct span message = span_of_text("word");
    const int64_t months[] = {OCTOBER_MS, NOVEMBER_MS, DECEMBER_MS, JANUARY_MS};
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
    assert_int_equal(
        provider()->sign(keyring_signing_key(keyring, utc_ms), message, &entropy_system, signature),
        STATUS_OK);
    for (size_t i = 0; i < 4; i++) {
        struct identifier identifier;
        assert_int_equal(identifier_of(IDENTITY, months[i], &identifier), STATUS_OK);
        if (provider()->verify(keyring->domain, identifier_span(&identifier), message, signature) ==
            STATUS_OK) {
            return months[i];
        }
    }
    return 0;
}

/* The keyring at `now_ms` opens what was encapsulated to the month of `sent_ms`: its word. */
static enum status open_made_for(const struct keyring *keyring, int64_t sent_ms,
                                 int64_t made_for_ms, int64_t now_ms, bool is_live) {
    uint8_t octets[I_MESSAGE_MAX], ssv[SSV_SIZE];
    const uint8_t sent[SSV_SIZE] = {7};
    struct writer w = writer_into(octets, sizeof octets);
    struct i_message_fields fields = {.key_id = 1,
                                      .utc_ms = sent_ms,
                                      .initiator = IDENTITY,
                                      .responder = IDENTITY,
                                      .initiator_kms = ISSUED_KMS_URI,
                                      .responder_kms = ISSUED_KMS_URI};
    const struct moment now = {.utc_ms = now_ms};
    struct identifier identifier;
    struct i_message message;
    assert_int_equal(identifier_of(IDENTITY, made_for_ms, &identifier), STATUS_OK);
    assert_int_equal(i_message_build(provider(), &fields, keyring->domain, &identifier,
                                     keyring_signing_key(keyring, sent_ms), sent, &entropy_system,
                                     &w),
                     STATUS_OK);
    assert_int_equal(i_message_parse(writer_span(&w), &message), STATUS_OK);
    enum status status = is_live ? keyring_open_live(keyring, &message, now, ssv)
                                 : keyring_open(keyring, &message, now, ssv);
    if (status == STATUS_OK) {
        assert_memory_equal(ssv, sent, SSV_SIZE);
    }
    return status;
}

static enum status open_at(const struct keyring *keyring, int64_t sent_ms, int64_t now_ms) {
    return open_made_for(keyring, sent_ms, sent_ms, now_ms, false);
}

static bool opens(const struct keyring *keyring, int64_t sent_ms, int64_t now_ms) {
    enum status status = open_at(keyring, sent_ms, now_ms);
    assert_true(status == STATUS_OK || status == STATUS_ENCAPSULATION_INVALID);
    return status == STATUS_OK;
}

static void a_month_has_one_spelling(void **state) {
    (void)state;
    const char *const refused[] = {"",        "2026",    "2026-13",   "2026-00",
                                   "2026-1",  "26-11",   "2026-11-1", " 2026-11",
                                   "1969-12", "2026/11", "2026-11 ",  "soon"};
    char text[MONTH_TEXT_SIZE];
    int64_t start_ms;
    assert_int_equal(month_parse("2026-11", &start_ms), STATUS_OK);
    assert_int_equal(start_ms, NOVEMBER_MS);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_int_equal(month_parse(refused[i], &start_ms), STATUS_MALFORMED);
    }
    month_print(DECEMBER_MS - 1, text);
    assert_string_equal(text, "2026-11");
    assert_int_equal(month_start(DECEMBER_MS - 1, 0), NOVEMBER_MS);
    assert_int_equal(month_start(DECEMBER_MS, 1), JANUARY_MS);
    month_print(INT64_MAX, text);
    assert_string_equal(text, "");
    assert_int_equal(month_start(-1, 0), 0);
    assert_int_equal(month_start(INT64_MAX, 1), 0);
}

static void the_month_tells_which_keys_sign(void **state) {
    (void)state;
    struct keyring keyring = keyring_of(DECEMBER_MS, NOVEMBER_MS);
    assert_int_equal(signing_month(&keyring, NOVEMBER_MS), NOVEMBER_MS);
    assert_int_equal(signing_month(&keyring, DECEMBER_MS - 1), NOVEMBER_MS);
    assert_int_equal(signing_month(&keyring, DECEMBER_MS), DECEMBER_MS);
    keyring_clear(&keyring);
    assert_null(keyring_signing_key(&keyring, DECEMBER_MS));
}

static void a_wrong_clock_signs_with_the_nearest_months_keys(void **state) {
    (void)state;
    struct keyring keyring = keyring_of(NOVEMBER_MS, DECEMBER_MS);
    assert_int_equal(signing_month(&keyring, 0), NOVEMBER_MS);
    assert_int_equal(signing_month(&keyring, JANUARY_MS + 900 * DAY_MS), DECEMBER_MS);
    keyring_clear(&keyring);
}

static void what_comes_around_midnight_is_opened_with_either_months_keys(void **state) {
    (void)state;
    struct keyring keyring = keyring_of(NOVEMBER_MS, DECEMBER_MS);
    assert_true(opens(&keyring, NOVEMBER_MS, NOVEMBER_MS + DAY_MS));
    assert_true(opens(&keyring, DECEMBER_MS, DECEMBER_MS - DAY_MS)); /* ahead of our clock */
    assert_true(opens(&keyring, DECEMBER_MS - 1, DECEMBER_MS + DAY_MS - 1)); /* behind it */
    keyring_clear(&keyring);
}

static void an_ended_months_keys_open_what_waited_for_eight_days_and_nothing_after(void **state) {
    (void)state;
    struct keyring keyring = keyring_of(NOVEMBER_MS, DECEMBER_MS);
    /* A message of a later month tells that the wall clock was set back. */
    assert_true(opens(&keyring, DECEMBER_MS, DECEMBER_MS - DAY_MS - 1));
    assert_true(opens(&keyring, DECEMBER_MS, 0));
    for (int64_t day = 0; day < 8; day++) {
        assert_true(opens(&keyring, DECEMBER_MS - 1, DECEMBER_MS + day * DAY_MS));
    }
    assert_true(opens(&keyring, DECEMBER_MS - 1, DECEMBER_MS + HORIZON_MS - 1));
    assert_false(opens(&keyring, DECEMBER_MS - 1, DECEMBER_MS + HORIZON_MS));
    keyring_clear(&keyring);
}

static void what_signs_and_what_opens_are_of_one_month(void **state) {
    (void)state;
    struct keyring keyring = keyring_of(NOVEMBER_MS, DECEMBER_MS);
    const struct {
        int64_t sent_ms, made_for_ms, now_ms;
        bool is_live;
        enum status expected;
    } cases[] = {
        {DECEMBER_MS - DAY_MS, DECEMBER_MS, DECEMBER_MS + DAY_MS, false, STATUS_OK},
        {DECEMBER_MS - DAY_MS - 1, DECEMBER_MS, DECEMBER_MS + DAY_MS, false, STATUS_MONTHS_DIFFER},
        {DECEMBER_MS + DAY_MS - 1, NOVEMBER_MS, DECEMBER_MS + DAY_MS, false, STATUS_OK},
        {DECEMBER_MS + DAY_MS, NOVEMBER_MS, DECEMBER_MS + DAY_MS, false, STATUS_MONTHS_DIFFER},
        /* Of a connection that opens now the keys of an ended month are over with the tolerance. */
        {DECEMBER_MS, NOVEMBER_MS, DECEMBER_MS + DAY_MS - 1, true, STATUS_OK},
        {DECEMBER_MS, NOVEMBER_MS, DECEMBER_MS + DAY_MS, true, STATUS_MONTHS_DIFFER},
        {NOVEMBER_MS, DECEMBER_MS, DECEMBER_MS + DAY_MS, true, STATUS_OK}, /* its clock is behind */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(open_made_for(&keyring, cases[i].sent_ms, cases[i].made_for_ms,
                                       cases[i].now_ms, cases[i].is_live),
                         cases[i].expected);
    }
    keyring_clear(&keyring);
}

static void what_was_made_for_a_month_that_is_not_held_is_told_from_what_is_forged(void **state) {
    (void)state;
    struct keyring keyring = keyring_of(NOVEMBER_MS, DECEMBER_MS);
    assert_int_equal(open_at(&keyring, JANUARY_MS, DECEMBER_MS), STATUS_MONTH_NOT_HELD);
    assert_int_equal(open_at(&keyring, OCTOBER_MS, NOVEMBER_MS), STATUS_MONTH_NOT_HELD);
    assert_int_equal(open_at(&keyring, JANUARY_MS, JANUARY_MS), STATUS_MONTH_NOT_HELD);
    assert_int_equal(open_at(&keyring, NOVEMBER_MS, DECEMBER_MS + 9 * DAY_MS),
                     STATUS_ENCAPSULATION_INVALID); /* both months are held: it cannot be told */
    keyring_clear(&keyring);
}

static void keys_of_one_month_identity_and_domain_are_held_once(void **state) {
    (void)state;
    struct keyring keyring = keyring_of(NOVEMBER_MS, DECEMBER_MS);
    struct kms *elsewhere = issued_domain(provider());
    struct batch *other = issued_by(kms, "tel:+447700900124", NULL, JANUARY_MS);
    struct batch *foreign = issued_by(elsewhere, IDENTITY, NULL, JANUARY_MS);
    assert_int_equal(load_month(&keyring, NOVEMBER_MS + 5 * DAY_MS), STATUS_ALREADY_DONE);
    assert_int_equal(issued_load(&keyring, other), STATUS_ALREADY_DONE);
    assert_int_equal(issued_load(&keyring, foreign), STATUS_ALREADY_DONE);
    assert_int_equal(load_month(&keyring, JANUARY_MS), STATUS_OK);
    assert_int_equal(load_month(&keyring, OCTOBER_MS), STATUS_TOO_LONG);
    assert_int_equal(keyring.count, 3);
    assert_int_equal(signing_month(&keyring, NOVEMBER_MS), NOVEMBER_MS);
    batch_free(other);
    batch_free(foreign);
    kms_close(elsewhere);
    keyring_clear(&keyring);
}

static void
an_ended_month_signs_for_the_clock_tolerance_and_is_over_after_eight_days(void **state) {
    (void)state;
    struct keyring keyring = keyring_of(NOVEMBER_MS, DECEMBER_MS);
    assert_null(
        keyring_done_signing(&keyring, (struct moment){.utc_ms = DECEMBER_MS + DAY_MS - 1}));
    const struct key_set *ended =
        keyring_done_signing(&keyring, (struct moment){.utc_ms = DECEMBER_MS + DAY_MS});
    assert_non_null(ended);
    assert_string_equal(ended->record_key, IDENTITY " 2026-11");
    keyring_wipe_signing(&keyring, ended);
    assert_null(keyring_done_signing(&keyring, (struct moment){.utc_ms = DECEMBER_MS + DAY_MS}));
    assert_int_equal(signing_month(&keyring, NOVEMBER_MS), DECEMBER_MS);
    assert_true(opens(&keyring, NOVEMBER_MS, DECEMBER_MS + DAY_MS));

    const struct moment late = {.utc_ms = DECEMBER_MS + HORIZON_MS};
    assert_null(keyring_ended(&keyring, (struct moment){.utc_ms = late.utc_ms - 1}, HORIZON_MS));
    ended = keyring_ended(&keyring, late, HORIZON_MS);
    assert_non_null(ended);
    assert_string_equal(ended->record_key, IDENTITY " 2026-11");
    keyring_drop(&keyring, ended);
    keyring_clear(&keyring);
}

/* A clock that is wrong must not cost a handset its last keys. */
static void the_latest_months_keys_stay_until_there_are_later_ones(void **state) {
    (void)state;
    struct keyring keyring = {.provider = provider()};
    const struct moment far = {.utc_ms = JANUARY_MS + 90 * DAY_MS};
    assert_int_equal(load_month(&keyring, NOVEMBER_MS), STATUS_OK);
    assert_null(keyring_done_signing(&keyring, far));
    assert_null(keyring_ended(&keyring, far, HORIZON_MS));
    assert_int_equal(load_month(&keyring, DECEMBER_MS), STATUS_OK);
    assert_string_equal(keyring_done_signing(&keyring, far)->record_key, IDENTITY " 2026-11");
    keyring_clear(&keyring);
}

static void
what_waited_verifies_by_the_keys_of_its_own_month_for_eight_days_after_it(void **state) {
    (void)state;
    struct keyring keyring = keyring_of(NOVEMBER_MS, DECEMBER_MS);
    const struct span message = span_of_text("word");
    const struct {
        int64_t signed_ms;
        struct message_date date;
        int64_t now_ms;
        enum status expected;
    } cases[] = {
        {NOVEMBER_MS, {NOVEMBER_MS, 0}, NOVEMBER_MS, STATUS_OK},
        {NOVEMBER_MS, {NOVEMBER_MS, 0}, DECEMBER_MS + HORIZON_MS - 1, STATUS_OK},
        {NOVEMBER_MS, {DECEMBER_MS - 1, 0}, DECEMBER_MS + HORIZON_MS - 1, STATUS_OK},
        {NOVEMBER_MS, {DECEMBER_MS - 1, 0}, DECEMBER_MS + HORIZON_MS, STATUS_MONTH_ENDED},
        {NOVEMBER_MS, {NOVEMBER_MS, 0}, JANUARY_MS + 60 * DAY_MS, STATUS_MONTH_ENDED},
        {NOVEMBER_MS, {DECEMBER_MS, 0}, DECEMBER_MS, STATUS_SIGNATURE_INVALID},
        /* Dated after its month's end, as far as clocks may differ: it counts for no longer. */
        {NOVEMBER_MS, {DECEMBER_MS + DAY_MS - 1, DAY_MS}, DECEMBER_MS + HORIZON_MS - 1, STATUS_OK},
        {NOVEMBER_MS,
         {DECEMBER_MS + DAY_MS - 1, DAY_MS},
         DECEMBER_MS + HORIZON_MS,
         STATUS_MONTH_ENDED},
        {NOVEMBER_MS, {DECEMBER_MS + DAY_MS, DAY_MS}, DECEMBER_MS, STATUS_SIGNATURE_INVALID},
        {DECEMBER_MS, {NOVEMBER_MS, DAY_MS}, DECEMBER_MS, STATUS_SIGNATURE_INVALID},
        {DECEMBER_MS, {DECEMBER_MS, 0}, 0, STATUS_OK}, /* this clock is behind */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t signature[ECCSI_SIGNATURE_SIZE];
        assert_int_equal(provider()->sign(keyring_signing_key(&keyring, cases[i].signed_ms),
                                          message, &entropy_system, signature),
                         STATUS_OK);
        assert_int_equal(keyring_verify_dated(&keyring, IDENTITY, ISSUED_KMS_URI, cases[i].date,
                                              (struct moment){.utc_ms = cases[i].now_ms}, message,
                                              signature),
                         cases[i].expected);
    }
    keyring_clear(&keyring);
}

static int64_t ends(const struct keyring *keyring, int64_t now_ms) {
    return keyring_ends_ms(keyring, (struct moment){.utc_ms = now_ms});
}

static void keys_end_with_the_last_month_held_without_a_gap(void **state) {
    (void)state;
    struct keyring keyring = {.provider = provider()};
    assert_true(ends(&keyring, NOVEMBER_MS) == INT64_MAX);
    keyring = keyring_of(NOVEMBER_MS, OCTOBER_MS);
    assert_int_equal(ends(&keyring, 0), DECEMBER_MS);
    assert_int_equal(ends(&keyring, OCTOBER_MS), DECEMBER_MS);
    assert_int_equal(ends(&keyring, JANUARY_MS + DAY_MS), DECEMBER_MS);
    assert_int_equal(load_month(&keyring, DECEMBER_MS), STATUS_OK);
    assert_int_equal(ends(&keyring, OCTOBER_MS), JANUARY_MS);
    keyring_clear(&keyring);

    keyring = keyring_of(OCTOBER_MS, DECEMBER_MS);
    assert_int_equal(ends(&keyring, NOVEMBER_MS - 1), NOVEMBER_MS);
    assert_int_equal(ends(&keyring, DECEMBER_MS - 1), NOVEMBER_MS);
    assert_int_equal(ends(&keyring, DECEMBER_MS), JANUARY_MS);
    keyring_clear(&keyring);

    struct batch *fixed = issued_by(kms, ME_IDENTITY, NULL, NOVEMBER_MS);
    assert_int_equal(issued_load(&keyring, fixed), STATUS_OK);
    assert_true(ends(&keyring, JANUARY_MS) == INT64_MAX);
    batch_free(fixed);
    keyring_clear(&keyring);
}

/* --- In the store --------------------------------------------------------------------------- */

/* A bundle that was issued at `issued_ms` is installed at `now_ms`. */
static void install_later(struct store *store, struct kms *domain, const char *identity,
                          int64_t month_ms, int64_t issued_ms, int64_t now_ms) {
    struct installation held;
    struct requests requests = {0};
    struct error error = {0};
    struct batch *batch = issued_by(domain, identity, NULL, month_ms);
    strcpy(requests.identity, identity);
    struct credential *credential = credential_new();
    assert_int_equal(credential_read(secret_span(batch->changes[1].value), credential), STATUS_OK);
    credential->issue.number = (uint64_t)issued_ms / 1000;
    assert_int_equal(installation_read(store, NULL, &held, &error), STATUS_OK);
    assert_int_equal(
        installation_add(&held, store, credential, NULL, NULL, &requests, now_ms, &error),
        STATUS_OK);
    installation_clear(&held);
    credential_free(credential);
    batch_free(batch);
}

/* The same at once. */
static void install(struct store *store, struct kms *domain, const char *identity, int64_t month_ms,
                    int64_t now_ms) {
    install_later(store, domain, identity, month_ms, now_ms, now_ms);
}

static enum status add_key(void *context, enum record_kind kind, struct span key,
                           struct span value) {
    char *list = context;
    size_t length = strlen(list);
    (void)value;
    if (kind == RECORD_CREDENTIAL) {
        snprintf(list + length, 256 - length, "%.*s;", (int)key.length, (const char *)key.octets);
    }
    return STATUS_OK;
}

static void assert_held(struct store *store, const char *expected) {
    char list[256] = "";
    struct error error;
    assert_int_equal(store_load(store, add_key, list, &error), STATUS_OK);
    assert_string_equal(list, expected);
}

static struct store *new_store(void **state) {
    struct store *store;
    struct error error;
    assert_int_equal(store_create(scratch_path(state, "store"), PASSPHRASE, STORE_QUICK,
                                  &entropy_system, &store, &error),
                     STATUS_OK);
    return store;
}

static void a_bundle_for_the_next_month_is_put_beside_the_keys_held(void **state) {
    struct store *store = new_store(state);
    install(store, kms, IDENTITY, NOVEMBER_MS, NOVEMBER_MS);
    install(store, kms, IDENTITY, DECEMBER_MS, NOVEMBER_MS);
    assert_held(store, IDENTITY " 2026-11;" IDENTITY " 2026-12;");
    install(store, kms, IDENTITY, NOVEMBER_MS, NOVEMBER_MS); /* the same month again */
    assert_held(store, IDENTITY " 2026-11;" IDENTITY " 2026-12;");
    store_close(store);
}

/* As stores hold it that were made before there were several months. */
static void a_month_on_record_under_its_identity_alone_is_not_held_twice(void **state) {
    struct store *store = new_store(state);
    struct batch *before = issued_by(kms, IDENTITY, NULL, NOVEMBER_MS), *batch = batch_new();
    struct error error;
    assert_int_equal(batch_put(batch, RECORD_CREDENTIAL, span_of_text(IDENTITY),
                               secret_span(before->changes[1].value)),
                     STATUS_OK);
    assert_int_equal(store_apply(store, batch, &error), STATUS_OK);
    install(store, kms, IDENTITY, DECEMBER_MS, NOVEMBER_MS);
    assert_held(store, IDENTITY ";" IDENTITY " 2026-12;");
    install(store, kms, IDENTITY, NOVEMBER_MS, NOVEMBER_MS);
    assert_held(store, IDENTITY " 2026-11;" IDENTITY " 2026-12;");
    batch_free(before);
    batch_free(batch);
    store_close(store);
}

static void installing_takes_ended_months_away_once_nothing_can_wait_for_them(void **state) {
    struct store *store = new_store(state);
    install(store, kms, IDENTITY, NOVEMBER_MS, NOVEMBER_MS);
    install(store, kms, IDENTITY, DECEMBER_MS, DECEMBER_MS + HORIZON_MS - 1);
    assert_held(store, IDENTITY " 2026-11;" IDENTITY " 2026-12;");
    install(store, kms, IDENTITY, DECEMBER_MS, DECEMBER_MS + HORIZON_MS);
    assert_held(store, IDENTITY " 2026-12;");
    store_close(store);
}

/* Its officer, or whoever had it in hand, set it years ahead. */
static void a_clock_that_is_ahead_takes_no_keys_away(void **state) {
    struct store *store = new_store(state);
    const int64_t years_ms = 1500 * DAY_MS;
    install(store, kms, IDENTITY, NOVEMBER_MS, NOVEMBER_MS);
    install_later(store, kms, IDENTITY, DECEMBER_MS, NOVEMBER_MS, DECEMBER_MS + HORIZON_MS);
    install_later(store, kms, IDENTITY, DECEMBER_MS, NOVEMBER_MS, NOVEMBER_MS + years_ms);
    install_later(store, kms, IDENTITY, DECEMBER_MS, DECEMBER_MS + HORIZON_MS - 1000, INT64_MAX);
    assert_held(store, IDENTITY " 2026-11;" IDENTITY " 2026-12;");
    /* Nor does a KMS whose clock is ahead, or which counts on from what it issued then. */
    install_later(store, kms, IDENTITY, DECEMBER_MS, NOVEMBER_MS + years_ms, NOVEMBER_MS);
    install_later(store, kms, IDENTITY, DECEMBER_MS, INT64_MAX, NOVEMBER_MS);
    assert_held(store, IDENTITY " 2026-11;" IDENTITY " 2026-12;");
    store_close(store);
}

static void a_clock_that_stands_still_does_not_fill_the_store_with_months(void **state) {
    struct store *store = new_store(state);
    const int64_t months[] = {OCTOBER_MS, NOVEMBER_MS, DECEMBER_MS, JANUARY_MS};
    for (size_t i = 0; i < 4; i++) {
        install(store, kms, IDENTITY, months[i], 0);
    }
    assert_held(store, IDENTITY " 2026-11;" IDENTITY " 2026-12;" IDENTITY " 2027-01;");
    store_close(store);
}

static void another_domains_keys_replace_all_months(void **state) {
    struct store *store = new_store(state);
    struct kms *elsewhere = issued_domain(provider());
    install(store, kms, IDENTITY, NOVEMBER_MS, NOVEMBER_MS);
    install(store, kms, IDENTITY, DECEMBER_MS, NOVEMBER_MS);
    install(store, elsewhere, IDENTITY, DECEMBER_MS, NOVEMBER_MS);
    assert_held(store, IDENTITY " 2026-12;");
    kms_close(elsewhere);
    store_close(store);
}

static void an_mes_fixed_keys_have_one_record_without_a_month(void **state) {
    struct store *store = new_store(state);
    install(store, kms, ME_IDENTITY, NOVEMBER_MS, NOVEMBER_MS);
    install(store, kms, ME_IDENTITY, JANUARY_MS, JANUARY_MS);
    assert_held(store, ME_IDENTITY ";");
    store_close(store);
}

static enum status restore(void *context, enum record_kind kind, struct span key,
                           struct span value) {
    return handset_restore(context, kind, key, value);
}

/* A store that the executor's batches go to at once. */
struct saving {
    struct store *store;
    struct durable *durable;
};

static void pass_over(void *context, const struct output *output) {
    (void)context;
    (void)output;
}

static void alarm(void *context, const struct event *event) {
    (void)context;
    fail_msg("%s", event_name(event->kind));
}

static void save(void *context, const struct batch *const batches[], size_t count) {
    const struct saving *saving = context;
    struct error error;
    enum status status = store_apply_all(saving->store, batches, count, &error);
    durable_written(saving->durable, 0, status, &error);
}

static void begin_saving(struct saving *saving, struct handset *handset) {
    const struct durable_hands hands = {
        .send = pass_over, .relay = pass_over, .tell = pass_over, .alarm = alarm};
    const struct durable_worker worker = {.context = saving, .write = save};
    saving->durable = durable_new(handset, &hands, &worker);
    assert_non_null(saving->durable);
}

/* Which months' records have a signing key. */
static enum status add_signing(void *context, enum record_kind kind, struct span key,
                               struct span value) {
    char *list = context;
    size_t length = strlen(list);
    struct credential *credential = credential_new();
    assert_non_null(credential);
    if (kind == RECORD_CREDENTIAL) {
        assert_int_equal(credential_read(value, credential), STATUS_OK);
        if (credential_signs(credential)) {
            snprintf(list + length, 256 - length, "%.*s;", (int)key.length,
                     (const char *)key.octets);
        }
    }
    credential_free(credential);
    return STATUS_OK;
}

static void assert_signing(struct store *store, const char *expected) {
    char list[256] = "";
    struct error error;
    assert_int_equal(store_load(store, add_signing, list, &error), STATUS_OK);
    assert_string_equal(list, expected);
}

static struct handset *handset_from(struct store *store, struct moment now) {
    const struct handset_setup how = {.provider = provider(), .entropy = entropy_system};
    struct handset *handset;
    struct error error;
    assert_int_equal(handset_new(&how, now, &handset), STATUS_OK);
    assert_int_equal(store_load(store, restore, handset, &error), STATUS_OK);
    assert_int_equal(handset_start(handset, now), STATUS_OK);
    return handset;
}

/* Time passes, the wall clock standing still beside it: it says the same all the while. */
static void pass_time(struct handset *handset, struct moment *now, int64_t ms) {
    for (int64_t until_ms = now->boot_ms + ms; now->boot_ms < until_ms;) {
        now->boot_ms += 60 * 1000;
        handset_tick(handset, *now);
    }
}

static void a_running_handset_wipes_an_ended_months_keys_from_its_store(void **state) {
    const char *const both = IDENTITY " 2026-11;" IDENTITY " 2026-12;";
    const char *const later = IDENTITY " 2026-12;";
    const struct {
        int64_t utc_ms;
        const char *held, *signing, *months;
    } steps[] = {
        {DECEMBER_MS + DAY_MS - 1, both, both, "2026-11, 2026-12"},
        {DECEMBER_MS + DAY_MS, both, later, "2026-11, 2026-12"},
        {DECEMBER_MS + HORIZON_MS - 1, both, later, "2026-11, 2026-12"},
        {DECEMBER_MS + HORIZON_MS, later, later, "2026-12"},
    };
    struct store *store = new_store(state);
    struct moment now = {.utc_ms = DECEMBER_MS, .boot_ms = 1000};
    install(store, kms, IDENTITY, NOVEMBER_MS, NOVEMBER_MS);
    install(store, kms, IDENTITY, DECEMBER_MS, NOVEMBER_MS);
    struct handset *handset = handset_from(store, now);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct saving saving = {.store = store};
        now.boot_ms += steps[i].utc_ms - now.utc_ms;
        now.utc_ms = steps[i].utc_ms;
        begin_saving(&saving, handset);
        handset_tick(handset, now);
        pass_time(handset, &now, ENDING_SURE_MS);
        durable_settle(saving.durable, now.boot_ms);
        assert_string_equal(handset_view(handset, now)->credential.months, steps[i].months);
        assert_held(store, steps[i].held);
        assert_signing(store, steps[i].signing);
        durable_free(saving.durable);
        handset_free(handset); /* a restart: the store has what it needs to go on */
        handset = handset_from(store, now);
        assert_string_equal(handset_view(handset, now)->credential.months, steps[i].months);
    }
    handset_free(handset);
    store_close(store);
}

/* One look, or many within less than an hour, and a restart between them. */
static void a_wall_clock_that_is_ahead_for_less_than_an_hour_costs_no_keys(void **state) {
    const char *const both = IDENTITY " 2026-11;" IDENTITY " 2026-12;";
    struct store *store = new_store(state);
    struct saving saving = {.store = store};
    const int64_t right_ms = DECEMBER_MS - 2 * DAY_MS, ahead_ms = DECEMBER_MS + 10 * DAY_MS;
    struct moment now = {.utc_ms = right_ms, .boot_ms = 1000};
    install(store, kms, IDENTITY, NOVEMBER_MS, NOVEMBER_MS);
    install(store, kms, IDENTITY, DECEMBER_MS, NOVEMBER_MS);
    struct handset *handset = handset_from(store, now);
    begin_saving(&saving, handset);
    for (int i = 0; i < 6; i++) {
        now.utc_ms = ahead_ms;
        pass_time(handset, &now, ENDING_SURE_MS - 120 * 1000);
        if (i % 2 == 0) {
            now.utc_ms = right_ms;
            pass_time(handset, &now, 60 * 1000);
        } else {
            durable_settle(saving.durable, now.boot_ms);
            durable_free(saving.durable);
            handset_free(handset);
            handset = handset_from(store, now);
            begin_saving(&saving, handset);
        }
        durable_settle(saving.durable, now.boot_ms);
        assert_held(store, both);
        assert_signing(store, both);
    }
    durable_free(saving.durable);
    handset_free(handset);
    store_close(store);
}

static void an_ending_that_the_neighbours_contradict_is_not_sure(void **state) {
    (void)state;
    static struct desk desk; /* large */
    struct keyring keyring = keyring_of(NOVEMBER_MS, DECEMBER_MS);
    const struct key_set *ended = &keyring.sets[0];
    const struct event differs = {.kind = EVENT_CLOCK_DIFFERS},
                       agrees = {.kind = EVENT_CLOCK_AGREES};
    struct ending ending = {0};
    struct moment now = {.boot_ms = 1000};
    alarms_hear(&desk.alarms, &differs);
    for (int i = 0; i < 3; i++, now.boot_ms += ENDING_SURE_MS) {
        assert_false(ending_is_sure(&ending, &desk, now, ended));
    }
    alarms_hear(&desk.alarms, &agrees);
    assert_false(ending_is_sure(&ending, &desk, now, ended));
    now.boot_ms += ENDING_SURE_MS - 1;
    assert_false(ending_is_sure(&ending, &desk, now, ended));
    now.boot_ms++;
    assert_true(ending_is_sure(&ending, &desk, now, ended));
    assert_false(ending_is_sure(&ending, &desk, now, ended)); /* the next wait as long */
    keyring_clear(&keyring);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_month_has_one_spelling),
        TEST(the_month_tells_which_keys_sign),
        TEST(a_wrong_clock_signs_with_the_nearest_months_keys),
        TEST(what_comes_around_midnight_is_opened_with_either_months_keys),
        TEST(an_ended_months_keys_open_what_waited_for_eight_days_and_nothing_after),
        TEST(what_signs_and_what_opens_are_of_one_month),
        TEST(what_was_made_for_a_month_that_is_not_held_is_told_from_what_is_forged),
        TEST(keys_of_one_month_identity_and_domain_are_held_once),
        TEST(an_ended_month_signs_for_the_clock_tolerance_and_is_over_after_eight_days),
        TEST(the_latest_months_keys_stay_until_there_are_later_ones),
        TEST(what_waited_verifies_by_the_keys_of_its_own_month_for_eight_days_after_it),
        TEST(keys_end_with_the_last_month_held_without_a_gap),
        TEST(a_bundle_for_the_next_month_is_put_beside_the_keys_held),
        TEST(a_month_on_record_under_its_identity_alone_is_not_held_twice),
        TEST(a_clock_that_is_ahead_takes_no_keys_away),
        TEST(installing_takes_ended_months_away_once_nothing_can_wait_for_them),
        TEST(a_clock_that_stands_still_does_not_fill_the_store_with_months),
        TEST(another_domains_keys_replace_all_months),
        TEST(an_mes_fixed_keys_have_one_record_without_a_month),
        TEST(a_running_handset_wipes_an_ended_months_keys_from_its_store),
        TEST(an_ending_that_the_neighbours_contradict_is_not_sure),
        TEST(a_wall_clock_that_is_ahead_for_less_than_an_hour_costs_no_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
