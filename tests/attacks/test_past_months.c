/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A manager's keys of a month that is over, in a thief's hands. For eight days after the month what
 * they sign counts as a delivery that waited; then no more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "enrolled.h"
#include "tests/app/delivery.h"

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
static void assert_usable_for_ever(const struct view *view, uint32_t gmk_id) {
    assert_int_equal(view->group_count, 1);
    assert_string_equal(view->groups[0].identity, GROUP);
    assert_int_equal(view->groups[0].gmk_id, gmk_id);
    assert_int_equal(view->groups[0].gmk_state, GMK_USABLE);
    assert_true(view->groups[0].remaining_ms > 2900000 * DAY_MS);
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

/* Within these eight days he can pass for the manager, whose own deliveries may still be waiting,
 * and for as long as he likes: a period of use has no limit. Only until the manager hands out a key
 * in the new month: that is later than all that the stolen key can date. Breaks statement 15 of
 * what must always hold, app/README.md. To become: nobody takes such a key. */
static void a_managers_key_of_last_month_can_open_a_group_until_it_is_rekeyed(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct delivery genuine = delivery_now(squad, 0, GMK_ID);
    genuine.ends_ms += 20 * DAY_MS;
    assert_int_equal(delivery_give(squad, &genuine), STATUS_OK);
    struct delivery forged = delivery_for_ever(squad, LATER_ID);
    forged.utc_ms = december_ms - 1; /* the latest that November's keys can say */
    set_clock(squad, december_ms + 8 * DAY_MS - 10000);
    squad_restart(squad, 0, true);
    assert_int_equal(delivery_give(squad, &forged), STATUS_OK);
    assert_usable_for_ever(squad_view(squad, 0), LATER_ID);
    squad_free(squad);
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

/* A delivery that says it was made at `utc_ms`, signed with `manager`'s keys, and encapsulated to
 * the member's identifier at `opened_ms`. */
static void write_delivery(const struct credential *manager, int64_t utc_ms, int64_t opened_ms,
                           uint32_t gmk_id, struct writer *out) {
    const struct provider *provider = squad_provider();
    struct key_delivery_fields fields = {.gmk_id = gmk_id,
                                         .utc_ms = utc_ms,
                                         .not_before_ms = utc_ms / 1000 * 1000,
                                         .not_after_ms = never_ms,
                                         .group = GROUP,
                                         .group_kms = KMS};
    struct key_delivery_member member = {.identity = MEMBER, .kms = KMS};
    const uint8_t gmk[SSV_SIZE] = {5};
    struct domain_key *domain;
    struct signing_key *signing_key;
    assert_int_equal(identifier_of(MEMBER, opened_ms, &member.identifier), STATUS_OK);
    assert_int_equal(provider->domain_load(manager->z, manager->kpak, &domain), STATUS_OK);
    assert_int_equal(provider->signing_key_load(domain, identifier_span(&manager->identifier),
                                                manager->ssk, manager->pvt, &signing_key),
                     STATUS_OK);
    assert_int_equal(key_delivery_build_each(provider, &fields, gmk, 1, &member, domain,
                                             signing_key, &entropy_system, out),
                     STATUS_OK);
    provider->signing_key_free(signing_key);
    provider->domain_free(domain);
}

/* Such a delivery arrives at the member's handset. */
static void give(struct handset *handset, struct moment now, const struct credential *manager,
                 int64_t utc_ms, int64_t opened_ms, uint32_t gmk_id) {
    static uint64_t frame_id;
    uint8_t message[KEY_DELIVERY_MAX], frame[FRAME_MAX];
    struct writer m = writer_into(message, sizeof message), f = writer_into(frame, sizeof frame);
    write_delivery(manager, utc_ms, opened_ms, gmk_id, &m);
    frame_write(&f, &(struct frame){
                        .kind = FRAME_KEY_DELIVERY, .id = ++frame_id, .payload = writer_span(&m)});
    handset_frame(handset, now, 5, writer_span(&f));
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
    assert_usable_for_ever(handset_view(handset, now), GMK_ID);
    const int64_t dates[] = {december_ms - 1, december_ms + 1, december_ms + DAY_MS / 2};
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        give(handset, now, stolen, dates[i], now.utc_ms, LATER_ID);
        assert_usable_for_ever(handset_view(handset, now), GMK_ID);
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
        cmocka_unit_test(a_managers_key_of_last_month_can_open_a_group_until_it_is_rekeyed),
        cmocka_unit_test(a_managers_key_of_last_month_replaces_none_of_this_month),
        cmocka_unit_test(a_managers_key_of_a_past_month_opens_no_group_for_a_member_of_today),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
