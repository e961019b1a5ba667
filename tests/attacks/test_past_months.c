/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A manager's keys of a month that is over, or of now, in a thief's hands. For eight days after the
 * month what they sign counts as a delivery that waited; then no more. What they sign is not dated
 * ahead, not long ago, not for another month's keys, and not for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/identity/freshness.h"
#include "app/text/parts.h"
#include "enrolled.h"
#include "tests/app/delivery.h"
#include "tests/app/manager_keys.h"

#define GROUP  "sip:fire7@county.example"
#define KMS    "sip:kms@county.example"
#define MEMBER "tel:+447700900123"
#define DAY_MS (24 * (int64_t)HOUR_MS)

enum {
    GMK_ID = 0x01020304,
    LATER_ID = 0x05060708,
    DAYS_LATER = 100 /* from November to February */
};

/* The end of the year 9999, and 2,900,000 days from here. */
static const int64_t never_ms = INT64_C(253402300799) * 1000;

/* A moment of the squad's month, and when that month ends. */
static const int64_t then_ms = INT64_C(1795000000000), december_ms = INT64_C(1796083200000);

/* The group's key, as the member holds it. */
static void assert_usable(const struct view *view, uint32_t gmk_id) {
    assert_int_equal(view->group_count, 1);
    assert_string_equal(view->groups[0].identity, GROUP);
    assert_int_equal(view->groups[0].gmk_id, gmk_id);
    assert_int_equal(view->groups[0].gmk_state, GMK_USABLE);
    assert_true(view->groups[0].remaining_ms <= LIMITS_LONGEST_PERIOD_MS);
}

static struct delivery delivery_for_ever(const struct squad *squad, uint32_t gmk_id) {
    struct delivery delivery = delivery_now(squad, 0, gmk_id);
    delivery.ends_ms = never_ms;
    return delivery;
}

static void set_clock(struct squad *squad, int64_t utc_ms) {
    squad->handsets[0].utc_offset_ms += utc_ms - squad_now(squad, 0).utc_ms;
}

/* A delivery says when it was made, and a thief says what he likes. But its signature is checked by
 * the keys of that month, and these count for eight days after it. */
static void a_managers_key_of_a_past_month_opens_no_group(void **state) {
    (void)state;
    const int64_t days[] = {8, 9, 30, 60, DAYS_LATER};
    struct squad *squad = squad_new(1);
    struct delivery delivery = delivery_for_ever(squad, GMK_ID);
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        set_clock(squad, december_ms + days[i] * DAY_MS);
        squad_restart(squad, 0, true);
        assert_int_equal(delivery_give(squad, &delivery), STATUS_MONTH_ENDED);
        assert_false(delivery_is_held(squad, 0, GMK_ID));
        assert_int_equal(squad_view(squad, 0)->group_count, 0);
    }
    squad_free(squad);
}

/* Within these eight days he can pass for the manager, whose own deliveries may still be waiting.
 * But no period of use is longer than the domain allows. */
static void a_managers_key_of_last_month_opens_no_group_for_ever(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct delivery genuine = delivery_now(squad, 0, GMK_ID);
    genuine.ends_ms += 20 * DAY_MS;
    assert_int_equal(delivery_give(squad, &genuine), STATUS_OK);
    struct delivery forged = delivery_for_ever(squad, LATER_ID);
    forged.utc_ms = december_ms - 1; /* the latest that November's keys can say */
    set_clock(squad, december_ms + 8 * DAY_MS - 10000);
    squad_restart(squad, 0, true);
    assert_int_equal(delivery_give(squad, &forged), STATUS_PERIOD_TOO_LONG);
    assert_false(delivery_is_held(squad, 0, LATER_ID));
    forged.utc_ms -= DAY_MS; /* by now that is too old as well */
    assert_int_equal(delivery_give(squad, &forged), STATUS_TOO_OLD);
    assert_false(delivery_is_held(squad, 0, LATER_ID));
    squad_free(squad);
}

/* Who manages another group gives its key the id of this group's, heard on the air: before the
 * members get this one, or after. */
static void an_id_of_another_groups_key_keeps_no_key_out(void **state) {
    (void)state;
    const size_t orders[][2] = {{SQUAD_FIRE, SQUAD_RESCUE}, {SQUAD_RESCUE, SQUAD_FIRE}};
    for (size_t i = 0; i < 2; i++) {
        struct squad *squad = squad_new(1);
        for (size_t k = 0; k < 2; k++) {
            struct delivery delivery = delivery_now(squad, 0, GMK_ID);
            delivery.group = delivery.signer = orders[i][k];
            assert_int_equal(delivery_give(squad, &delivery), STATUS_OK);
            assert_int_equal(delivery_give(squad, &delivery), STATUS_REPLAYED);
        }
        squad_restart(squad, 0, true);
        const struct view *view = squad_view(squad, 0);
        assert_int_equal(view->group_count, 2);
        for (size_t k = 0; k < 2; k++) {
            assert_int_equal(view->groups[k].gmk_id, GMK_ID);
            assert_int_equal(view->groups[k].gmk_state, GMK_USABLE);
        }
        squad_free(squad);
    }
}

/* --- Where the member's keys are monthly as well -------------------------------------------- */

/* The group identity's keys of the month of `utc_ms`, as its manager had them. */
static struct credential *managers_keys(struct kms *kms, int64_t utc_ms) {
    static uint8_t text[ENROLMENT_TEXT_MAX];
    struct enrolment_request request = {.identity = GROUP};
    const struct kms_terms terms = {.now_ms = utc_ms, .max_key_period_ms = DAY_MS};
    struct writer bundle = writer_into(text, sizeof text);
    struct device_key *key;
    struct credential *credential;
    struct error error;
    assert_int_equal(device_key_new(&entropy_system, &key), STATUS_OK);
    memcpy(request.device_key, key->public_key, sizeof request.device_key);
    assert_int_equal(kms_enroll(kms, &request, &terms, &entropy_system, &bundle, &error),
                     STATUS_OK);
    assert_int_equal(enrolment_bundle_open("bundle", writer_span(&bundle), key, squad_provider(),
                                           &credential, &error),
                     STATUS_OK);
    device_key_free(key);
    return credential;
}

/* What a delivery says: when it was made, to the member's keys of which month, and from when to
 * when its key may be used. */
struct said {
    int64_t utc_ms, opened_ms, begins_ms, ends_ms;
};

static void write_delivery(const struct credential *manager, struct said said, uint32_t gmk_id,
                           struct writer *out) {
    const struct provider *provider = squad_provider();
    struct key_delivery_fields fields = {.gmk_id = gmk_id,
                                         .utc_ms = said.utc_ms,
                                         .not_before_ms = said.begins_ms / 1000 * 1000,
                                         .not_after_ms = said.ends_ms / 1000 * 1000,
                                         .group = GROUP,
                                         .group_kms = KMS};
    struct key_delivery_member member = {.identity = MEMBER, .kms = KMS};
    const uint8_t gmk[SSV_SIZE] = {5};
    struct domain_key *domain;
    struct signing_key *signing_key;
    assert_int_equal(identifier_of(MEMBER, said.opened_ms, &member.identifier), STATUS_OK);
    assert_int_equal(provider->domain_load(manager->z, manager->kpak, &domain), STATUS_OK);
    assert_int_equal(provider->signing_key_load(domain, identifier_span(&manager->identifier),
                                                manager->ssk, manager->pvt, &signing_key),
                     STATUS_OK);
    uint8_t word[EPOCH_WORD_SIZE];
    struct writer w = writer_into(word, sizeof word);
    manager_keys_word(manager, 0, &(struct exclusion_states){.count = 0}, &fields, gmk, provider,
                      domain, &w);
    fields.manager = writer_span(&w);
    assert_int_equal(key_delivery_build_each(provider, &fields, gmk, 1, &member, domain,
                                             signing_key, &entropy_system, out),
                     STATUS_OK);
    provider->signing_key_free(signing_key);
    provider->domain_free(domain);
}

/* Such a delivery arrives at the member's handset; or its officer brings it as text. */
static void give_said(struct handset *handset, struct moment now, const struct credential *manager,
                      struct said said, uint32_t gmk_id, bool as_text) {
    static uint64_t frame_id;
    static uint8_t message[KEY_DELIVERY_MAX], frame[FRAME_MAX], text[PARTS_TEXT_MAX];
    struct writer m = writer_into(message, sizeof message), f = writer_into(frame, sizeof frame),
                  t = writer_into(text, sizeof text);
    write_delivery(manager, said, gmk_id, &m);
    if (as_text) {
        struct event problem;
        assert_int_equal(parts_write(writer_span(&m), "For you", &t), STATUS_OK);
        struct command command = {
            .kind = COMMAND_IMPORT, .text = (const char *)text, .text_length = t.length};
        enum status status = handset_command(handset, now, &command, &problem);
        (void)status;
        return;
    }
    frame_write(&f, &(struct frame){
                        .kind = FRAME_KEY_DELIVERY, .id = ++frame_id, .payload = writer_span(&m)});
    handset_frame(handset, now, 5, writer_span(&f));
}

/* One for thirty days from its date. */
static void give(struct handset *handset, struct moment now, const struct credential *manager,
                 int64_t utc_ms, int64_t opened_ms, uint32_t gmk_id) {
    const struct said said = {utc_ms, opened_ms, utc_ms, utc_ms + 30 * DAY_MS};
    give_said(handset, now, manager, said, gmk_id, false);
}

/* --- What the dates may be ------------------------------------------------------------------ */

/* All at `now_ms`, for a member that has the keys of that month. */
struct dated {
    int64_t now_ms, signed_ms;
    struct said said;
    enum status expected;
};

static void assert_dated(const struct dated *dated, bool as_text) {
    struct kms *kms = enrolled_domain();
    struct group_list groups = {0};
    const struct moment now = {.utc_ms = dated->now_ms, .boot_ms = 1000, .boot_id = 1};
    assert_int_equal(group_list_add(&groups, GROUP), STATUS_OK);
    struct handset *handset = enrolled_handset(kms, MEMBER, &groups, now);
    struct credential *manager = managers_keys(kms, dated->signed_ms);
    give_said(handset, now, manager, dated->said, GMK_ID, as_text);
    const struct view *view = handset_view(handset, now);
    assert_int_equal(view->group_count, dated->expected == STATUS_OK);
    if (dated->expected != STATUS_OK) {
        assert_string_equal(view->log[0].check, status_name(dated->expected));
    }
    credential_free(manager);
    handset_free(handset);
    kms_close(kms);
}

static void a_key_counts_near_its_date_alone_and_for_as_long_as_a_domain_allows(void **state) {
    (void)state;
    const int64_t mid_ms = december_ms + 19 * DAY_MS, early_ms = december_ms + 3 * DAY_MS,
                  month_ms = 30 * DAY_MS, year_9000_ms = INT64_C(221845392000000),
                  longest_ms = LIMITS_LONGEST_PERIOD_MS, next_ms = mid_ms + 20 * DAY_MS;
#define SAID(utc, opened)                                                                          \
    { (utc), (opened), (utc), (utc) + month_ms }
#define LASTS(begins, ms)                                                                          \
    { mid_ms, mid_ms, (begins), (begins) + (ms) }
    const struct dated cases[] = {
        {mid_ms, mid_ms, SAID(mid_ms, mid_ms), STATUS_OK},
        {mid_ms, mid_ms, SAID(mid_ms + DAY_MS, mid_ms), STATUS_OK},
        {mid_ms, mid_ms, SAID(mid_ms + DAY_MS + 1, mid_ms), STATUS_DATED_AHEAD},
        {mid_ms, mid_ms, SAID(mid_ms + 10 * DAY_MS, mid_ms), STATUS_DATED_AHEAD},
        {mid_ms, next_ms, SAID(next_ms, mid_ms), STATUS_DATED_AHEAD},
        {mid_ms, mid_ms, SAID(mid_ms - 8 * DAY_MS, mid_ms), STATUS_OK},
        {mid_ms, mid_ms, SAID(mid_ms - 8 * DAY_MS - 1, mid_ms), STATUS_TOO_OLD},
        {mid_ms, mid_ms, LASTS(mid_ms, longest_ms), STATUS_OK},
        {mid_ms, mid_ms, LASTS(mid_ms, longest_ms + 1000), STATUS_PERIOD_TOO_LONG},
        {mid_ms, mid_ms, LASTS(mid_ms, never_ms - mid_ms), STATUS_PERIOD_TOO_LONG},
        {mid_ms, mid_ms, LASTS(0, never_ms), STATUS_PERIOD_TOO_LONG},
        {mid_ms, mid_ms, LASTS(year_9000_ms, DAY_MS), STATUS_DATED_AHEAD},
        /* Signed with the keys of another month than that of its date. */
        {mid_ms, next_ms, SAID(mid_ms, mid_ms), STATUS_SIGNATURE_INVALID},
        {early_ms, december_ms - 1, SAID(early_ms, early_ms), STATUS_SIGNATURE_INVALID},
        /* Signed with November's keys, for December's. */
        {early_ms, december_ms - 1, SAID(december_ms - 1, early_ms), STATUS_OK},
        {early_ms, december_ms - 1, SAID(december_ms - DAY_MS, early_ms), STATUS_OK},
        {early_ms, december_ms - 1, SAID(december_ms - DAY_MS - 1, early_ms), STATUS_MONTHS_DIFFER},
    };
#undef SAID
#undef LASTS
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_dated(&cases[i], false);
        assert_dated(&cases[i], true);
    }
}

/* A date is any number: also one that is further off than a number can say. Whose wall clock is
 * known to be behind takes what is dated ahead of it. */
static void a_date_is_judged_however_far_off_it_is(void **state) {
    (void)state;
    const struct limits limits = limits_usual();
    const int64_t tolerance_ms = limits.tolerance_ms, longest_ms = limits.longest_period_ms;
    const struct freshness_time behind = {then_ms, then_ms + 10 * DAY_MS};
    assert_int_equal(freshness_check(&limits, INT64_MAX, -1), STATUS_DATED_AHEAD);
    assert_int_equal(freshness_check(&limits, INT64_MIN, then_ms), STATUS_TOO_OLD);
    assert_int_equal(freshness_check_period(&limits, then_ms, INT64_MIN, INT64_MAX),
                     STATUS_PERIOD_TOO_LONG);
    assert_int_equal(freshness_check_period(&limits, -1, INT64_MAX, INT64_MAX), STATUS_DATED_AHEAD);
    assert_int_equal(freshness_check_period(&limits, then_ms, INT64_MAX, INT64_MIN),
                     STATUS_DATED_AHEAD);
    assert_int_equal(freshness_check_period(&limits, then_ms, then_ms + longest_ms, then_ms),
                     STATUS_OK);
    assert_int_equal(freshness_check_date(&limits, behind.latest_ms + tolerance_ms, behind),
                     STATUS_OK);
    assert_int_equal(freshness_check_date(&limits, behind.latest_ms + tolerance_ms + 1, behind),
                     STATUS_DATED_AHEAD);
}

/* What the manager hands out in the new month is later than all that the stolen key can say. */
static void a_managers_key_of_last_month_replaces_none_of_this_month(void **state) {
    (void)state;
    struct kms *kms = enrolled_domain();
    struct group_list groups = {0};
    struct moment now = {.utc_ms = december_ms, .boot_ms = 1000, .boot_id = 1};
    assert_int_equal(group_list_add(&groups, GROUP), STATUS_OK);
    struct handset *handset = enrolled_handset(kms, MEMBER, &groups, now);
    struct credential *stolen = managers_keys(kms, december_ms - 1);
    struct credential *manager = managers_keys(kms, december_ms);
    give(handset, now, manager, december_ms, now.utc_ms, GMK_ID);
    assert_usable(handset_view(handset, now), GMK_ID);
    const int64_t dates[] = {december_ms - 1, december_ms + 1, december_ms + DAY_MS / 2};
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        give(handset, now, stolen, dates[i], now.utc_ms, LATER_ID);
        assert_usable(handset_view(handset, now), GMK_ID);
    }
    credential_free(manager);
    credential_free(stolen);
    handset_free(handset);
    kms_close(kms);
}

/* The thief encapsulates to the member's identifier of today and signs with a key long past, both
 * in one message. */
static void a_managers_key_of_a_past_month_opens_no_group_for_a_member_of_today(void **state) {
    (void)state;
    const struct moment now = {
        .utc_ms = then_ms + DAYS_LATER * DAY_MS, .boot_ms = 1000, .boot_id = 1};
    struct kms *kms = enrolled_domain();
    struct group_list groups = {0};
    assert_int_equal(group_list_add(&groups, GROUP), STATUS_OK);
    struct handset *handset = enrolled_handset(kms, MEMBER, &groups, now);
    struct credential *manager = managers_keys(kms, then_ms);
    give(handset, now, manager, then_ms, now.utc_ms, GMK_ID);
    const struct view *view = handset_view(handset, now);
    assert_int_equal(view->group_count, 0);
    assert_int_equal(view->frames_refused, 1);
    assert_string_equal(view->log[0].check, status_name(STATUS_MONTH_ENDED));
    credential_free(manager);
    handset_free(handset);
    kms_close(kms);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_managers_key_of_a_past_month_opens_no_group),
        cmocka_unit_test(a_managers_key_of_last_month_opens_no_group_for_ever),
        cmocka_unit_test(an_id_of_another_groups_key_keeps_no_key_out),
        cmocka_unit_test(a_key_counts_near_its_date_alone_and_for_as_long_as_a_domain_allows),
        cmocka_unit_test(a_date_is_judged_however_far_off_it_is),
        cmocka_unit_test(a_managers_key_of_last_month_replaces_none_of_this_month),
        cmocka_unit_test(a_managers_key_of_a_past_month_opens_no_group_for_a_member_of_today),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
