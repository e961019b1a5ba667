/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Talkers with monthly keys: which months' signatures a listener takes (app/README.md section 3).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/air/frame.h"
#include "app/handset/air/presence_message.h"
#include "app/handset/handset.h"
#include "speaker.h"

#define DAY_MS (24 * (int64_t)HOUR_MS)

static const uint8_t gmk[GMK_SIZE] = {9};

static void add_member(struct group_parameters *parameters, size_t n) {
    struct group_member *member = &parameters->members[parameters->member_count++];
    snprintf(member->identity, sizeof member->identity, "%s", squad_identity(n));
    snprintf(member->kms, sizeof member->kms, "sip:kms@county.example");
}

/* A squad of one handset that holds a group with SQUAD_MONTHLY. The group's time is `ahead_ms`
 * ahead of the month of the monthly keys, the handset's wall clock not at all. */
static struct squad *listener(int64_t ahead_ms) {
    struct squad *squad = squad_new(1);
    struct moment now = squad_now(squad, 0);
    struct group_parameters parameters = {.name = "Bridge",
                                          .gmk_id = 0xA0000777,
                                          .created_ms = now.utc_ms + ahead_ms,
                                          .period_ms = HOUR_MS};
    snprintf(parameters.creator, sizeof parameters.creator, "%s", squad_identity(0));
    assert_int_equal(group_identity_adhoc(parameters.creator, 1, parameters.identity), STATUS_OK);
    add_member(&parameters, 0);
    add_member(&parameters, SQUAD_MONTHLY);
    struct group *group = group_new(&parameters, group_clock_start(parameters.created_ms, now));
    assert_non_null(group);
    assert_int_equal(group_set_gmk(group, &parameters, gmk, now), STATUS_OK);
    assert_int_equal(groups_add(&squad->handsets[0].engine->groups, group), STATUS_OK);
    return squad;
}

/* SQUAD_MONTHLY announces itself by the group's time, and speaks; is it shown as a talker? */
static bool is_taken(struct squad *squad) {
    const struct group *group = squad->handsets[0].engine->groups.list[0];
    struct announcement_fields fields = {.csb_id = 5,
                                         .ssrc = 77,
                                         .gmk_id = group->current.id,
                                         .utc_ms =
                                             group_clock_read(&group->clock, squad_now(squad, 0))};
    snprintf(fields.talker, sizeof fields.talker, "%s", squad_identity(SQUAD_MONTHLY));
    snprintf(fields.group, sizeof fields.group, "%s", group->parameters.identity);
    struct speaker speaker = speaker_new(fields, gmk, squad_signing_key(SQUAD_MONTHLY));
    speaker_say(&speaker, squad, 0, 1);
    speaker_clear(&speaker);
    return squad_view(squad, 0)->talker_count == 1;
}

static void a_talker_is_heard_whatever_the_listeners_wall_clock_says(void **state) {
    (void)state;
    const int64_t wrong_by_ms[] = {0, -31 * DAY_MS, 31 * DAY_MS, -56 * 365 * DAY_MS};
    for (size_t i = 0; i < sizeof wrong_by_ms / sizeof wrong_by_ms[0]; i++) {
        struct squad *squad = listener(0);
        squad->handsets[0].utc_offset_ms = wrong_by_ms[i];
        assert_true(is_taken(squad));
        squad_free(squad);
    }
}

static void a_talker_whose_keys_were_not_renewed_is_refused_under_a_clock_set_back(void **state) {
    (void)state;
    struct squad *squad = listener(40 * DAY_MS);
    assert_false(is_taken(squad));
    assert_int_equal(squad->handsets[0].last_refusal, STATUS_MONTH_ENDED);
    squad_free(squad);
}

static void keys_of_next_month_are_taken_a_day_before_it(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    const struct keyring *keyring = &squad->handsets[0].engine->desk.keyring;
    const struct span message = span_of_text("word");
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
    assert_int_equal(squad_provider()->sign(squad_signing_key(SQUAD_MONTHLY), message,
                                            &entropy_system, signature),
                     STATUS_OK);
    /* The keys' month is November 2026. A moment in no year from 1970 to 9999 has no keys. */
    const int64_t begins_ms = INT64_C(1793491200000), ends_ms = begins_ms + 30 * DAY_MS;
    const struct {
        int64_t utc_ms;
        enum status expected;
    } cases[] = {
        {begins_ms - DAY_MS, STATUS_OK},
        {begins_ms - DAY_MS - 1, STATUS_MONTH_NOT_YET},
        {begins_ms - 20 * DAY_MS, STATUS_MONTH_NOT_YET},
        {begins_ms - 40 * DAY_MS, STATUS_SIGNATURE_INVALID},
        {ends_ms + DAY_MS - 1, STATUS_OK},
        {ends_ms + DAY_MS, STATUS_MONTH_ENDED},
        {ends_ms + 20 * DAY_MS, STATUS_MONTH_ENDED},
        {ends_ms + 40 * DAY_MS, STATUS_SIGNATURE_INVALID},
        {0, STATUS_SIGNATURE_INVALID},
        {-2 * DAY_MS, STATUS_SIGNATURE_INVALID},
        {INT64_MAX / 4, STATUS_SIGNATURE_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct moment now = {.utc_ms = cases[i].utc_ms};
        const char *identity = squad_identity(SQUAD_MONTHLY);
        assert_int_equal(
            keyring_verify(keyring, identity, "sip:kms@county.example", now, message, signature),
            cases[i].expected == STATUS_OK ? STATUS_OK : STATUS_SIGNATURE_INVALID);
        if (cases[i].expected != STATUS_OK) {
            assert_int_equal(keyring_explain(keyring, identity, now, message, signature),
                             cases[i].expected);
        }
    }
    squad_free(squad);
}

/* Whose clock began in 1970 has to hear presences to learn how others' clocks go. */
static void a_presence_is_verified_whatever_the_wall_clock_here_was_set_back_to(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    const struct keyring *own = &squad->handsets[0].engine->desk.keyring;
    const int64_t right_ms = squad_now(squad, 0).utc_ms;
    struct presence presence = {.utc_ms = right_ms}, read;
    struct keyring keyring = {.provider = squad_provider(), .count = 1};
    struct span covered, signature;
    uint8_t octets[PRESENCE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    keyring.sets[0].signing_key = squad_signing_key(SQUAD_MONTHLY);
    snprintf(presence.identity, sizeof presence.identity, "%s", squad_identity(SQUAD_MONTHLY));
    snprintf(presence.kms, sizeof presence.kms, "sip:kms@county.example");
    assert_int_equal(presence_write(&w, &presence, &keyring, &entropy_system), STATUS_OK);
    assert_int_equal(presence_read(writer_span(&w), &read, &covered, &signature), STATUS_OK);
    const struct {
        int64_t utc_ms;
        enum status expected;
    } cases[] = {
        {right_ms, STATUS_OK},
        {0, STATUS_OK},
        {right_ms - 31 * DAY_MS, STATUS_OK},
        /* Here those keys are over, whatever their holder says. */
        {right_ms + 60 * DAY_MS, STATUS_SIGNATURE_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(presence_verify(&read, covered, signature, own,
                                         (struct moment){.utc_ms = cases[i].utc_ms}),
                         cases[i].expected);
    }
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_talker_is_heard_whatever_the_listeners_wall_clock_says),
        cmocka_unit_test(a_talker_whose_keys_were_not_renewed_is_refused_under_a_clock_set_back),
        cmocka_unit_test(keys_of_next_month_are_taken_a_day_before_it),
        cmocka_unit_test(a_presence_is_verified_whatever_the_wall_clock_here_was_set_back_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
