/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of a month among handsets with monthly keys (app/README.md section 3): what still counts,
 * what is refused and how that is named, and what waited meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/air/roster.h"
#include "app/handset/d2d/d2d.h"
#include "app/handset/handset.h"
#include "app/handset/keys/receipt.h"
#include "app/identity/month.h"
#include "app/kms/kms.h"
#include "crypto/announcement.h"
#include "crypto/key_delivery.h"
#include "issued.h"
#include "speaker.h"

#define GROUP      "sip:fire7@county.example"
#define HORIZON_MS (8 * DAY_MS)

enum {
    DELIVERED_ID = 0x01020304,
    NO_MONTH = 0
};

static const uint32_t gmk_id = 0xA0000777;
static const uint8_t gmk[GMK_SIZE] = {9};

static struct kms *kms;

static int setup(void **state) {
    (void)state;
    kms = issued_domain(squad_provider());
    return 0;
}

static int teardown(void **state) {
    (void)state;
    kms_close(kms);
    return 0;
}

/* --- Handsets with monthly keys ------------------------------------------------------------- */

static const char *unit(size_t n) {
    static const char *const units[] = {"tel:+447700900001", "tel:+447700900002",
                                        "tel:+447700900003"};
    return units[n];
}

static struct batch *issued(const char *identity, int64_t utc_ms) {
    return issued_by(kms, identity, strcmp(identity, GROUP) != 0 ? GROUP : NULL, utc_ms);
}

/* The keys of one month, for signing what a test sends. The caller clears it. */
static struct keyring signer(const char *identity, int64_t month_ms) {
    struct keyring keyring = {.provider = squad_provider()};
    struct batch *batch = issued(identity, month_ms);
    assert_int_equal(issued_load(&keyring, batch), STATUS_OK);
    batch_free(batch);
    return keyring;
}

/* Handset n is unit n, with the keys of these months, and is restarted. */
static void enrol(struct squad *squad, size_t n, int64_t first_ms, int64_t second_ms) {
    const int64_t months[] = {first_ms, second_ms};
    squad_put_record(squad, n, RECORD_CREDENTIAL, span_of_text(squad_identity(n)), NULL);
    for (size_t i = 0; i < 2; i++) {
        if (months[i] == NO_MONTH) {
            continue;
        }
        char key[RECORD_KEY_MAX], month[MONTH_TEXT_SIZE];
        struct batch *batch = issued(unit(n), months[i]);
        struct span value = issued_credential(batch);
        month_print(months[i], month);
        snprintf(key, sizeof key, "%s %s", unit(n), month);
        squad_put_record(squad, n, RECORD_CREDENTIAL, span_of_text(key), &value);
        batch_free(batch);
    }
    squad_restart(squad, n, false);
}

/* The wall clock of handset n. */
static void set_clock(struct squad *squad, size_t n, int64_t utc_ms) {
    squad->handsets[n].utc_offset_ms += utc_ms - squad_now(squad, n).utc_ms;
}

static struct squad *squad_at(size_t count, int64_t utc_ms, int64_t first_ms, int64_t second_ms) {
    struct squad *squad = squad_new(count);
    for (size_t n = 0; n < count; n++) {
        set_clock(squad, n, utc_ms);
        enrol(squad, n, first_ms, second_ms);
    }
    return squad;
}

/* Handset n holds an ad-hoc group of the first two units; its time is the handset's. */
static void hold_group(struct squad *squad, size_t n) {
    struct moment now = squad_now(squad, n);
    struct group_parameters parameters = {.name = "Bridge",
                                          .gmk_id = gmk_id,
                                          .created_ms = now.utc_ms,
                                          .period_ms = HOUR_MS,
                                          .member_count = 2};
    snprintf(parameters.creator, sizeof parameters.creator, "%s", unit(0));
    assert_int_equal(group_identity_adhoc(parameters.creator, 1, parameters.identity), STATUS_OK);
    for (size_t i = 0; i < 2; i++) {
        struct group_member *member = &parameters.members[i];
        snprintf(member->identity, sizeof member->identity, "%s", unit(i));
        snprintf(member->kms, sizeof member->kms, ISSUED_KMS_URI);
    }
    struct group *group = group_new(&parameters, group_clock_start(parameters.created_ms, now));
    assert_non_null(group);
    assert_int_equal(group_set_gmk(group, &parameters, gmk, now), STATUS_OK);
    assert_int_equal(groups_add(&squad->handsets[n].engine->groups, group), STATUS_OK);
}

/* --- What is sent --------------------------------------------------------------------------- */

/* Each gives handset 0 a message that unit 1 signs with `keyring`, made by handset 0's clock. */
typedef void send_fn(struct squad *squad, const struct keyring *keyring);

static void send_presence(struct squad *squad, const struct keyring *keyring) {
    struct presence presence = {.utc_ms = squad_now(squad, 0).utc_ms, .name = "Unit 2"};
    uint8_t octets[PRESENCE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    snprintf(presence.identity, sizeof presence.identity, "%s", unit(1));
    snprintf(presence.kms, sizeof presence.kms, ISSUED_KMS_URI);
    assert_int_equal(presence_write(&w, &presence, keyring, &entropy_system), STATUS_OK);
    squad_inject_payload(squad, 0, SQUAD_STRANGER, FRAME_PRESENCE, writer_span(&w));
}

static void send_i_message(struct squad *squad, const struct keyring *keyring) {
    struct d2d *d2d;
    assert_int_equal(
        d2d_open(keyring, &entropy_system, unit(0), ISSUED_KMS_URI, squad_now(squad, 0), &d2d),
        STATUS_OK);
    squad_inject_payload(squad, 0, SQUAD_STRANGER, FRAME_D2D,
                         (struct span){d2d->payload, d2d->payload_length});
    d2d_free(d2d);
}

static void send_announcement(struct squad *squad, const struct keyring *keyring) {
    static uint32_t ssrc;
    const struct group *group = squad->handsets[0].engine->groups.list[0];
    struct announcement_fields fields = {.csb_id = 5,
                                         .ssrc = ++ssrc,
                                         .gmk_id = gmk_id,
                                         .utc_ms =
                                             group_clock_read(&group->clock, squad_now(squad, 0))};
    snprintf(fields.talker, sizeof fields.talker, "%s", unit(1));
    snprintf(fields.group, sizeof fields.group, "%s", group->parameters.identity);
    struct speaker speaker = speaker_new(fields, gmk, keyring_signing_key(keyring, fields.utc_ms));
    speaker_say(&speaker, squad, 0, SQUAD_STRANGER);
    speaker_clear(&speaker);
}

/* A standard group's key, made at `made_ms` for handset 0's keys of that time. */
static void write_delivery(const struct keyring *manager, int64_t made_ms, struct writer *out) {
    struct key_delivery_fields fields = {.gmk_id = DELIVERED_ID,
                                         .utc_ms = made_ms,
                                         .not_before_ms = made_ms / 1000 * 1000,
                                         .not_after_ms = JANUARY_MS,
                                         .group = GROUP,
                                         .group_kms = ISSUED_KMS_URI};
    struct key_delivery_member member = {.kms = ISSUED_KMS_URI};
    const uint8_t key[SSV_SIZE] = {5};
    snprintf(member.identity, sizeof member.identity, "%s", unit(0));
    assert_int_equal(identifier_of(unit(0), made_ms, &member.identifier), STATUS_OK);
    const struct key_set *keys = &manager->sets[0];
    uint8_t word[EPOCH_WORD_SIZE];
    struct writer w = writer_into(word, sizeof word);
    assert_int_equal(epoch_word_write(&w, &keys->credential->manager, 0,
                                      &(struct exclusion_states){.count = 0}, &fields, key,
                                      squad_provider(), keys->manager_key, &entropy_system),
                     STATUS_OK);
    fields.manager = writer_span(&w);
    assert_int_equal(key_delivery_build_each(squad_provider(), &fields, key, 1, &member,
                                             manager->domain, keyring_signing_key(manager, made_ms),
                                             &entropy_system, out),
                     STATUS_OK);
}

/* Handset 0's word on what was sent: STATUS_OK when it refused nothing. */
static enum status word(struct squad *squad, send_fn *send, const struct keyring *keyring) {
    unsigned refusals = squad->handsets[0].refusals;
    send(squad, keyring);
    return squad->handsets[0].refusals == refusals ? STATUS_OK : squad->handsets[0].last_refusal;
}

/* --- What is live --------------------------------------------------------------------------- */

static void whoever_has_an_ended_months_keys_says_nothing_live_and_is_told_apart(void **state) {
    (void)state;
    static send_fn *const kinds[] = {send_i_message, send_announcement};
    const struct {
        int64_t keys_ms, utc_ms;
        enum status expected;
    } cases[] = {
        {NOVEMBER_MS, DECEMBER_MS - 1, STATUS_OK},
        {NOVEMBER_MS, DECEMBER_MS + DAY_MS - 1, STATUS_OK}, /* the grace that clocks need */
        {NOVEMBER_MS, DECEMBER_MS + DAY_MS, STATUS_MONTH_ENDED},
        {NOVEMBER_MS, DECEMBER_MS + HORIZON_MS, STATUS_MONTH_ENDED},
        {DECEMBER_MS, DECEMBER_MS - DAY_MS, STATUS_OK},
        {DECEMBER_MS, DECEMBER_MS - DAY_MS - 1, STATUS_MONTH_NOT_YET},
        {JANUARY_MS, NOVEMBER_MS + DAY_MS, STATUS_SIGNATURE_INVALID}, /* two months away */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct squad *squad = squad_at(1, cases[i].utc_ms, NOVEMBER_MS, DECEMBER_MS);
        struct keyring keyring = signer(unit(1), cases[i].keys_ms);
        hold_group(squad, 0);
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
            assert_int_equal(word(squad, kinds[k], &keyring), cases[i].expected);
        }
        bool is_taken = cases[i].expected == STATUS_OK;
        assert_int_equal(squad_view(squad, 0)->talker_count, is_taken);
        send_presence(squad, &keyring);
        assert_int_equal(squad_view(squad, 0)->nearby_count, is_taken);
        keyring_clear(&keyring);
        squad_free(squad);
    }
}

static void what_was_made_for_a_month_that_is_not_held_is_refused_as_that(void **state) {
    (void)state;
    struct squad *squad = squad_at(1, JANUARY_MS + HOUR_MS, DECEMBER_MS, NO_MONTH);
    struct keyring keyring = signer(unit(1), JANUARY_MS);
    assert_int_equal(word(squad, send_i_message, &keyring), STATUS_MONTH_NOT_HELD);
    keyring_clear(&keyring);
    squad_free(squad);
}

static unsigned verified;

static enum status count_and_verify(const struct domain_key *domain, struct span identifier,
                                    struct span message,
                                    const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    verified++;
    return squad_provider()->verify(domain, identifier, message, signature);
}

/* What is found out about a signature that does not verify costs little more than before. */
static void a_flood_of_forged_messages_costs_few_signature_checks(void **state) {
    (void)state;
    static send_fn *const kinds[] = {send_presence, send_i_message, send_announcement};
    enum {
        FLOOD = 200,
        EXPLAINED = 8 /* two checks, four times at once */
    };
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        struct squad *squad = squad_at(1, NOVEMBER_MS + 10 * DAY_MS, NOVEMBER_MS, NO_MONTH);
        struct keyring forger = signer(unit(2), NOVEMBER_MS);
        struct provider counting = *squad_provider();
        snprintf(forger.credential->identity, sizeof forger.credential->identity, "%s", unit(1));
        counting.verify = count_and_verify;
        hold_group(squad, 0);
        squad->handsets[0].engine->desk.keyring.provider = &counting;
        verified = 0;
        for (unsigned i = 0; i < FLOOD; i++) {
            kinds[k](squad, &forger);
            squad->handsets[0].utc_offset_ms++; /* each says another time */
        }
        assert_in_range(verified, PURSE_BURST, PURSE_BURST + EXPLAINED);
        squad->handsets[0].engine->desk.keyring.provider = squad_provider();
        keyring_clear(&forger);
        squad_free(squad);
    }
}

/* --- What waited ---------------------------------------------------------------------------- */

static void a_key_that_waited_over_the_turn_of_the_month_opens_for_eight_days(void **state) {
    (void)state;
    const int64_t made[] = {NOVEMBER_MS, DECEMBER_MS - 3 * DAY_MS, DECEMBER_MS - 1};
    const int64_t fetched[] = {DECEMBER_MS,
                               DECEMBER_MS + DAY_MS,
                               DECEMBER_MS + 5 * DAY_MS,
                               DECEMBER_MS + 5 * DAY_MS + 1,
                               DECEMBER_MS + HORIZON_MS - 1,
                               DECEMBER_MS + HORIZON_MS,
                               DECEMBER_MS + 20 * DAY_MS};
    struct keyring manager = signer(GROUP, NOVEMBER_MS);
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
        for (size_t k = 0; k < sizeof fetched / sizeof fetched[0]; k++) {
            struct squad *squad =
                squad_at(1, fetched[k], NOVEMBER_MS, DECEMBER_MS); /* it was off */
            enum status expected = fetched[k] >= DECEMBER_MS + HORIZON_MS ? STATUS_MONTH_ENDED
                                   : fetched[k] - made[i] > HORIZON_MS    ? STATUS_TOO_OLD
                                                                          : STATUS_OK;
            uint8_t octets[KEY_DELIVERY_MAX];
            struct writer w = writer_into(octets, sizeof octets);
            write_delivery(&manager, made[i], &w);
            squad_run(squad, 100); /* what is over is wiped */
            set_clock(squad, 0, fetched[k]);
            squad_inject_payload(squad, 0, SQUAD_STRANGER, FRAME_KEY_DELIVERY, writer_span(&w));
            bool is_held = squad_view(squad, 0)->group_count == 1;
            assert_int_equal(is_held, expected == STATUS_OK);
            assert_int_equal(squad->handsets[0].last_refusal, expected);
            squad_free(squad);
        }
    }
    keyring_clear(&manager);
}

static void a_receipt_that_waited_counts_for_eight_days_after_its_month(void **state) {
    (void)state;
    struct keyring keyring = signer(unit(1), NOVEMBER_MS);
    struct receipt receipt = {
        .utc_ms = DECEMBER_MS - 1, .gmk_id = DELIVERED_ID, .group = GROUP, .kms = ISSUED_KMS_URI};
    uint8_t octets[RECEIPT_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    struct span covered, signature;
    snprintf(receipt.member, sizeof receipt.member, "%s", unit(1));
    assert_int_equal(receipt_write(&w, &receipt, &keyring, &entropy_system), STATUS_OK);
    assert_int_equal(receipt_read(writer_span(&w), &receipt, &covered, &signature), STATUS_OK);
    assert_int_equal(receipt_verify(&receipt, covered, signature, &keyring,
                                    (struct moment){.utc_ms = DECEMBER_MS + HORIZON_MS - 1}),
                     STATUS_OK);
    assert_int_equal(receipt_verify(&receipt, covered, signature, &keyring,
                                    (struct moment){.utc_ms = DECEMBER_MS + HORIZON_MS}),
                     STATUS_MONTH_ENDED);
    keyring_clear(&keyring);
}

/* --- Talk ----------------------------------------------------------------------------------- */

/* The units know each other, and unit 0 makes a group of all. */
static void form_group(struct squad *squad) {
    squad_run(squad, 6000);
    struct command create = {.kind = COMMAND_CREATE_GROUP,
                             .period_ms = HOUR_MS,
                             .member_count = squad->count - 1,
                             .name = "Bridge"};
    for (size_t n = 1; n < squad->count; n++) {
        snprintf(create.members[n - 1], sizeof create.members[n - 1], "%s", unit(n));
    }
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    squad_run(squad, 1000);
    for (size_t n = 1; n < squad->count; n++) {
        assert_int_equal(squad_answer(squad, n, COMMAND_ACCEPT), STATUS_OK);
    }
    squad_run(squad, 2000);
}

/* Who talks when the month ends talks on, and all hear every word: whether they have the next
 * month's keys or not yet, and when their clocks differ as well. */
static void a_talk_goes_on_over_the_end_of_the_month_and_is_heard(void **state) {
    (void)state;
    enum {
        UNITS = 3,
        BEFORE_MS = 15 * 1000,
        AFTER_MS = 40 * 1000 /* the talk's key is renewed in it */
    };
    const int64_t off_by_ms[UNITS] = {0, 10 * 1000, -10 * 1000};
    for (size_t talker = 0; talker < UNITS; talker += 2) {
        struct squad *squad =
            squad_at(UNITS, DECEMBER_MS - BEFORE_MS - 9000, NOVEMBER_MS, NO_MONTH);
        enrol(squad, 0, NOVEMBER_MS, DECEMBER_MS);
        enrol(squad, 1, NOVEMBER_MS, DECEMBER_MS); /* and unit 2 has November's alone */
        for (size_t n = 0; n < UNITS; n++) {
            squad->handsets[n].utc_offset_ms += off_by_ms[n];
        }
        form_group(squad);
        assert_true(squad_now(squad, 0).utc_ms < DECEMBER_MS);
        assert_int_equal(squad_talk(squad, talker), STATUS_OK);
        squad_run(squad, 1000);
        for (size_t n = 0; n < UNITS; n++) {
            squad->handsets[n].longest_ms = 0;
            squad->handsets[n].voice_frames = 0;
        }
        unsigned begun = squad->handsets[(talker + 1) % UNITS].talks;
        squad_run(squad, BEFORE_MS + AFTER_MS);
        assert_true(squad_now(squad, 2).utc_ms > DECEMBER_MS); /* by every clock */
        assert_true(handset_is_talking(squad->handsets[talker].engine));
        for (size_t n = 0; n < UNITS; n++) {
            const struct squad_handset *handset = &squad->handsets[n];
            if (n != talker) {
                assert_in_range(handset->longest_ms, VOICE_FRAME_MS, 2 * VOICE_FRAME_MS);
                assert_true(handset->voice_frames >=
                            (BEFORE_MS + AFTER_MS) / VOICE_FRAME_MS * 99 / 100);
            }
        }
        assert_int_equal(squad->handsets[(talker + 1) % UNITS].talks, begun); /* one talk */
        squad_free(squad);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(whoever_has_an_ended_months_keys_says_nothing_live_and_is_told_apart),
        TEST(what_was_made_for_a_month_that_is_not_held_is_refused_as_that),
        TEST(a_flood_of_forged_messages_costs_few_signature_checks),
        TEST(a_key_that_waited_over_the_turn_of_the_month_opens_for_eight_days),
        TEST(a_receipt_that_waited_counts_for_eight_days_after_its_month),
        TEST(a_talk_goes_on_over_the_end_of_the_month_and_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
