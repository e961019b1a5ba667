/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A manager's keys of a month that is over, in a thief's hands. Each test expects that the attack
 * succeeds, as it does today; whoever closes it turns the test round. */
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
    DAYS_LATER = 100 /* from November to February */
};

/* The end of the year 9999, and 2,900,000 days from here. */
static const int64_t never_ms = INT64_C(253402300799) * 1000;

/* The group's key, as the member holds it. */
static void assert_usable_for_ever(const struct view *view) {
    assert_int_equal(view->group_count, 1);
    assert_string_equal(view->groups[0].identity, GROUP);
    assert_int_equal(view->groups[0].gmk_id, GMK_ID);
    assert_int_equal(view->groups[0].gmk_state, GMK_USABLE);
    assert_true(view->groups[0].remaining_ms > 2900000 * DAY_MS);
}

/* A delivery says when it was made, and its signature is checked by the keys of that month,
 * whenever that was; its period of use may be as long as it likes. Breaks statement 15 of what must
 * always hold, app/README.md: a key that has ended signs nothing that counts. To become: the
 * delivery is refused. */
static void a_managers_key_of_a_past_month_can_open_a_group_for_ever(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    struct delivery delivery = delivery_now(squad, 0, GMK_ID);
    delivery.ends_ms = never_ms;
    squad->handsets[0].utc_offset_ms = DAYS_LATER * DAY_MS;
    squad_restart(squad, 0, true);
    assert_int_equal(delivery_give(squad, &delivery), STATUS_OK);
    assert_true(delivery_is_held(squad, 0, GMK_ID));
    assert_usable_for_ever(squad_view(squad, 0));
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
                           struct writer *out) {
    const struct provider *provider = squad_provider();
    struct key_delivery_fields fields = {.gmk_id = GMK_ID,
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

/* The thief encapsulates to the member's identifier of today and signs with a key long past, both
 * in one message; nothing compares the two. Breaks statement 15 of what must always hold,
 * app/README.md. To become: the delivery is refused. */
static void a_managers_key_of_a_past_month_can_open_a_group_for_a_member_of_today(void **state) {
    (void)state;
    const int64_t then_ms = INT64_C(1795000000000);
    const struct moment now = {
        .utc_ms = then_ms + DAYS_LATER * DAY_MS, .boot_ms = 1000, .boot_id = 1};
    struct kms *kms = enrolled_domain();
    struct group_list groups = {0};
    assert_int_equal(group_list_add(&groups, GROUP), STATUS_OK);
    struct handset *handset = enrolled_handset(kms, MEMBER, &groups, now);
    struct credential *manager = managers_keys(kms, then_ms);
    uint8_t message[KEY_DELIVERY_MAX], frame[FRAME_MAX];
    struct writer m = writer_into(message, sizeof message), f = writer_into(frame, sizeof frame);
    write_delivery(manager, then_ms, now.utc_ms, &m);
    frame_write(&f,
                &(struct frame){.kind = FRAME_KEY_DELIVERY, .id = 77, .payload = writer_span(&m)});
    handset_frame(handset, now, 5, writer_span(&f));
    assert_usable_for_ever(handset_view(handset, now));
    credential_free(manager);
    handset_free(handset);
    kms_close(kms);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_managers_key_of_a_past_month_can_open_a_group_for_ever),
        cmocka_unit_test(a_managers_key_of_a_past_month_can_open_a_group_for_a_member_of_today),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
