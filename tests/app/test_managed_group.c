/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/identity/freshness.h"
#include "managed.h"

enum {
    HOUR_MS = 3600 * 1000
};

static struct managed_group *group;

static int setup(void **state) {
    (void)state;
    managed_domain_setup();
    group = managed_group_fixture();
    managed_enlist(group, 3);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    managed_group_free(group);
    managed_domain_free();
    return 0;
}

/* --- Changes, and the group that comes of their records ------------------------------------- */

static struct batch *batch;

static enum status begin_at(int64_t now_ms, int64_t begins_ms, int64_t period_ms) {
    batch_free(batch);
    batch = batch_new();
    assert_non_null(batch);
    return managed_group_begin(group, now_ms, begins_ms, period_ms, &entropy_system, batch);
}

static void begin(void) {
    assert_int_equal(begin_at(managed_now_ms, managed_now_ms, HOUR_MS), STATUS_OK);
}

static struct roll_member *member(size_t n) {
    struct roll_member *found = roll_find(&group->roll, managed_member(n));
    assert_non_null(found);
    return found;
}

static void sent(size_t n) {
    assert_int_equal(managed_group_sent(group, member(n), group->rekey.gmk_id, batch), STATUS_OK);
}

static enum status received(size_t n, uint32_t gmk_id) {
    return managed_group_received(group, member(n), gmk_id, batch);
}

static void exclude(size_t n, bool is_excluded) {
    assert_int_equal(managed_group_exclude(group, member(n), is_excluded, batch), STATUS_OK);
}

static size_t pending(const struct roll_member *members[]) {
    size_t at = 0;
    return managed_group_pending(group, &at, MANAGED_MEMBERS_MAX, members);
}

static size_t lacking(void) {
    const struct roll_member *members[MANAGED_MEMBERS_MAX];
    return pending(members);
}

static enum status check(void) {
    return managed_group_check(group, managed_now_ms);
}

/* The batch leads a new group to the same state, as after a restart. */
static void check_records(void) {
    struct managed_group *other = managed_group_fixture();
    for (size_t i = 0; i < batch->count; i++) {
        const struct batch_change *change = &batch->changes[i];
        bool is_last = true;
        for (size_t k = i + 1; k < batch->count; k++) {
            is_last = is_last && (batch->changes[k].kind != change->kind ||
                                  batch->changes[k].key_length != change->key_length ||
                                  memcmp(batch->changes[k].key, change->key, change->key_length));
        }
        struct span key = {change->key, change->key_length};
        char identity[IDENTITY_SIZE];
        assert_int_equal(managed_group_of_record(change->kind, key, identity), STATUS_OK);
        assert_string_equal(identity, MANAGED_GROUP);
        if (is_last && !change->is_delete) {
            assert_int_equal(
                managed_group_restore(other, change->kind, key, secret_span(change->value)),
                STATUS_OK);
        }
    }
    assert_int_equal(other->rekey.gmk_id, group->rekey.gmk_id);
    assert_int_equal(other->rekey.utc_ms, group->rekey.utc_ms);
    assert_int_equal(other->rekey.not_before_ms, group->rekey.not_before_ms);
    assert_int_equal(other->rekey.not_after_ms, group->rekey.not_after_ms);
    assert_int_equal(other->rekey.is_spoiled, group->rekey.is_spoiled);
    assert_int_equal(other->rekey.gmk == NULL, group->rekey.gmk == NULL);
    if (group->rekey.gmk != NULL) {
        assert_memory_equal(other->rekey.gmk->octets, group->rekey.gmk->octets, SSV_SIZE);
    }
    assert_memory_equal(&other->exclusions, &group->exclusions, sizeof group->exclusions);
    for (size_t i = 0; i < other->roll.count; i++) {
        const struct roll_member *theirs = &other->roll.members[i];
        assert_memory_equal(theirs, roll_find(&group->roll, theirs->identity), sizeof *theirs);
    }
    managed_group_free(other);
}

/* --- Keys ----------------------------------------------------------------------------------- */

static void a_new_key_is_for_all_and_in_the_standard_space(void **state) {
    (void)state;
    assert_int_equal(check(), STATUS_NOT_FOUND);
    begin();
    assert_int_equal(check(), STATUS_OK);
    assert_int_equal(key_id_space(group->rekey.gmk_id), KEY_ID_SPACE_STANDARD);
    assert_true(group->rekey.gmk_id != 0);
    assert_int_equal(lacking(), 3);
    check_records();
}

static void members_open_what_is_built_for_them_and_nothing_else(void **state) {
    (void)state;
    const struct roll_member *members[MANAGED_MEMBERS_MAX];
    uint8_t octets[3][KEY_DELIVERY_MAX], gmk[SSV_SIZE];
    struct writer outs[3];
    struct key_delivery_fields fields;
    begin();
    assert_int_equal(pending(members), 3);
    for (size_t i = 0; i < 3; i++) {
        outs[i] = writer_into(octets[i], sizeof octets[i]);
    }
    assert_int_equal(managed_group_build(group, managed_now_ms, 3, members, &entropy_system, outs),
                     STATUS_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(managed_open(i, writer_span(&outs[i]), &fields, gmk), STATUS_OK);
        assert_memory_equal(gmk, group->rekey.gmk->octets, SSV_SIZE);
        assert_int_equal(fields.gmk_id, group->rekey.gmk_id);
        assert_int_equal(fields.utc_ms, group->rekey.utc_ms);
        assert_int_equal(fields.not_before_ms, group->rekey.not_before_ms);
        assert_int_equal(fields.not_after_ms - fields.not_before_ms, HOUR_MS);
        assert_int_equal(managed_open((i + 1) % 3, writer_span(&outs[i]), &fields, gmk),
                         STATUS_NOT_ADDRESSED_TO_US);
    }
}

static void who_was_served_is_not_served_again(void **state) {
    (void)state;
    begin();
    sent(1);
    assert_int_equal(lacking(), 2);
    sent(0);
    sent(2);
    assert_int_equal(lacking(), 0);
    assert_int_equal(managed_group_again(group, member(1), batch), STATUS_OK);
    assert_int_equal(lacking(), 1);
    check_records();
    sent(1);
    assert_int_equal(lacking(), 0);
    check_records();
    begin();
    assert_int_equal(lacking(), 3);
}

static void a_receipt_counts_for_the_key_that_it_names(void **state) {
    (void)state;
    begin();
    uint32_t old = group->rekey.gmk_id;
    sent(0);
    assert_int_equal(received(0, old), STATUS_OK);
    assert_int_equal(received(0, old), STATUS_ALREADY_DONE);
    assert_int_equal(received(1, old), STATUS_OK); /* some path brought it, unnoticed */
    assert_int_equal(lacking(), 1);
    assert_int_equal(managed_group_tally(group).received, 2);
    check_records();
    begin();
    assert_int_equal(received(2, old), STATUS_NOT_FOUND);
    assert_int_equal(received(2, 0), STATUS_NOT_FOUND);
    assert_int_equal(managed_group_tally(group).received, 0);
}

static void timestamps_grow_whatever_the_clock_does(void **state) {
    (void)state;
    begin();
    int64_t first = group->rekey.utc_ms;
    begin();
    assert_true(group->rekey.utc_ms > first);
    int64_t second = group->rekey.utc_ms;
    assert_int_equal(begin_at(managed_now_ms - HOUR_MS, managed_now_ms, HOUR_MS), STATUS_OK);
    assert_true(group->rekey.utc_ms > second);
}

static void after_a_key_from_a_clock_far_ahead_the_next_one_may_be_for_any_time(void **state) {
    (void)state;
    const int64_t ahead[] = {6 * 60 * 1000, 20 * HOUR_MS}, periods[] = {60 * 1000, 12 * HOUR_MS};
    for (size_t i = 0; i < 2; i++) {
        int64_t ahead_ms = managed_now_ms + ahead[i];
        assert_int_equal(begin_at(ahead_ms, ahead_ms, 24 * HOUR_MS), STATUS_OK);
        uint32_t before = group->rekey.gmk_id;
        int64_t dated_ms = group->rekey.utc_ms;
        assert_int_equal(begin_at(managed_now_ms, managed_now_ms, periods[i]), STATUS_OK);
        assert_int_not_equal(group->rekey.gmk_id, before);
        assert_true(group->rekey.utc_ms > dated_ms);
        assert_int_equal(group->rekey.not_before_ms, managed_now_ms / 1000 * 1000);
        assert_int_equal(group->rekey.not_after_ms - group->rekey.not_before_ms, periods[i]);
        assert_int_equal(check(), STATUS_OK);
        check_records();
    }
}

static void a_period_of_use_that_is_none_changes_nothing(void **state) {
    (void)state;
    begin();
    uint32_t gmk_id = group->rekey.gmk_id;
    assert_int_equal(begin_at(managed_now_ms, managed_now_ms, 999), STATUS_TIME_OUT_OF_RANGE);
    assert_int_equal(begin_at(managed_now_ms, managed_now_ms, INT64_MAX), STATUS_TIME_OUT_OF_RANGE);
    assert_int_equal(begin_at(managed_now_ms, managed_now_ms - 2 * HOUR_MS, HOUR_MS),
                     STATUS_TIME_OUT_OF_RANGE);
    assert_int_equal(begin_at(managed_now_ms, -HOUR_MS, HOUR_MS), STATUS_TIME_OUT_OF_RANGE);
    assert_int_equal(group->rekey.gmk_id, gmk_id);
    assert_int_equal(batch->count, 0);
}

static void what_handsets_would_refuse_is_not_made(void **state) {
    (void)state;
    const int64_t day_ms = 24 * (int64_t)HOUR_MS, most_ms = LIMITS_LONGEST_PERIOD_MS;
    const struct roll_member *const members[] = {&group->roll.members[0]};
    uint8_t octets[KEY_DELIVERY_MAX];
    assert_int_equal(begin_at(managed_now_ms, managed_now_ms, most_ms + 1000),
                     STATUS_PERIOD_TOO_LONG);
    assert_int_equal(begin_at(managed_now_ms, managed_now_ms + most_ms + 1000, HOUR_MS),
                     STATUS_DATED_AHEAD);
    assert_int_equal(group->rekey.gmk_id, 0);
    assert_int_equal(begin_at(managed_now_ms, managed_now_ms, most_ms), STATUS_OK);
    const struct {
        int64_t dated_ms;
        enum status expected;
    } cases[] = {
        {managed_now_ms, STATUS_OK},
        {managed_now_ms + day_ms, STATUS_OK},
        {managed_now_ms + day_ms + 1, STATUS_DATED_AHEAD},
        {managed_now_ms - 8 * day_ms, STATUS_OK},
        {managed_now_ms - 8 * day_ms - 1, STATUS_TOO_OLD},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct writer out = writer_into(octets, sizeof octets);
        group->rekey.utc_ms = cases[i].dated_ms;
        assert_int_equal(managed_group_check_dates(group, managed_now_ms), cases[i].expected);
        assert_int_equal(
            managed_group_build(group, managed_now_ms, 1, members, &entropy_system, &out),
            cases[i].expected);
    }
    /* Dated in November, made when December has begun. */
    const int64_t december_ms = INT64_C(1796083200000);
    group->rekey.utc_ms = december_ms - day_ms;
    assert_int_equal(managed_group_check_dates(group, december_ms + 2 * day_ms), STATUS_OK);
    group->rekey.utc_ms--;
    assert_int_equal(managed_group_check_dates(group, december_ms + 2 * day_ms),
                     STATUS_MONTHS_DIFFER);
}

static void without_keys_of_the_month_nothing_is_drawn(void **state) {
    (void)state;
    int64_t january_ms = managed_now_ms + INT64_C(50) * 24 * HOUR_MS;
    assert_int_equal(begin_at(january_ms, january_ms, HOUR_MS), STATUS_NOT_FOUND);
    assert_int_equal(check(), STATUS_NOT_FOUND);
}

static void take_keys_of(int64_t utc_ms) {
    uint8_t k[RECORD_KEY_MAX], v[CREDENTIAL_SIZE_MAX];
    struct writer key = writer_into(k, sizeof k), value = writer_into(v, sizeof v);
    managed_keys_record(MANAGED_GROUP, utc_ms, &key, &value);
    assert_int_equal(
        managed_group_restore(group, RECORD_MANAGER_KEYS, writer_span(&key), writer_span(&value)),
        STATUS_OK);
}

/* Whoever comes later gets the key of last month under this month's keys, and the next rekey is
 * later still. */
static void a_key_drawn_last_month_is_dated_anew_before_it_goes_to_more_members(void **state) {
    (void)state;
    const int64_t december_ms = INT64_C(1796083200000), later_ms = december_ms + 5 * 24 * HOUR_MS;
    assert_int_equal(begin_at(managed_now_ms, managed_now_ms, 20 * 24 * HOUR_MS), STATUS_OK);
    assert_int_equal(managed_group_redate(group, december_ms - 1, batch), STATUS_OK);
    assert_int_equal(group->rekey.utc_ms, december_ms - 1);
    const struct rekey before = group->rekey;
    assert_int_equal(managed_group_redate(group, later_ms, batch), STATUS_OK);
    assert_int_equal(group->rekey.utc_ms,
                     before.utc_ms); /* without keys of December nothing helps */
    take_keys_of(december_ms);
    assert_int_equal(managed_group_redate(group, december_ms - 1, batch), STATUS_OK);
    assert_int_equal(group->rekey.utc_ms, before.utc_ms);
    assert_int_equal(managed_group_redate(group, later_ms, batch), STATUS_OK);
    assert_int_equal(group->rekey.utc_ms, later_ms);
    assert_int_equal(group->rekey.gmk_id, before.gmk_id);
    assert_int_equal(group->rekey.not_before_ms, before.not_before_ms);
    assert_int_equal(group->rekey.not_after_ms, before.not_after_ms);
    assert_ptr_equal(group->rekey.gmk, before.gmk);
    check_records();
    assert_int_equal(begin_at(december_ms, december_ms, HOUR_MS), STATUS_OK); /* a clock set back */
    assert_int_equal(group->rekey.utc_ms, later_ms + 1);
}

static void a_key_that_is_over_is_wiped_and_goes_to_nobody(void **state) {
    (void)state;
    bool dropped;
    begin();
    int64_t end_ms = group->rekey.not_after_ms;
    assert_int_equal(managed_group_check(group, end_ms - 1), STATUS_OK);
    assert_int_equal(managed_group_check(group, end_ms), STATUS_GMK_EXPIRED);
    assert_int_equal(managed_group_drop_expired(group, end_ms - 1, batch, &dropped), STATUS_OK);
    assert_false(dropped);
    assert_int_equal(managed_group_drop_expired(group, end_ms, batch, &dropped), STATUS_OK);
    assert_true(dropped);
    assert_null(group->rekey.gmk);
    assert_int_equal(check(), STATUS_GMK_EXPIRED);
    check_records();
}

/* --- The roll ------------------------------------------------------------------------------- */

static void who_is_excluded_gets_nothing(void **state) {
    (void)state;
    begin();
    exclude(1, true);
    assert_int_equal(lacking(), 2);
    assert_int_equal(check(), STATUS_OK); /* they never had it */
    struct managed_tally tally = managed_group_tally(group);
    assert_int_equal(tally.members, 2);
    assert_int_equal(tally.excluded, 1);
    exclude(1, false);
    assert_int_equal(lacking(), 3);
}

static void a_key_that_the_excluded_have_goes_to_nobody_any_more(void **state) {
    (void)state;
    for (int way = 0; way < 4; way++) {
        begin();
        if (way < 2) {
            sent(0);
        } else {
            assert_int_equal(received(0, group->rekey.gmk_id), STATUS_OK);
        }
        /* Being due again does not mean that they have it no more. */
        if (way == 1) {
            assert_int_equal(managed_group_again(group, member(0), batch), STATUS_OK);
        }
        exclude(0, true);
        assert_int_equal(check(), STATUS_NOT_ALLOWED);
        check_records();
        exclude(0, false);
        assert_int_equal(check(), STATUS_NOT_ALLOWED);
    }
    begin();
    assert_int_equal(check(), STATUS_OK);
}

static void taking_a_member_off_the_roll_spoils_their_key_as_well(void **state) {
    (void)state;
    begin();
    assert_int_equal(managed_group_strike(group, member(2), batch), STATUS_OK);
    assert_int_equal(check(), STATUS_OK);
    sent(1);
    assert_int_equal(managed_group_strike(group, member(1), batch), STATUS_OK);
    assert_int_equal(check(), STATUS_NOT_ALLOWED);
    assert_int_equal(group->roll.count, 1);
    assert_null(roll_find(&group->roll, managed_member(1)));
}

static void a_list_read_again_changes_names_and_nothing_else(void **state) {
    (void)state;
    begin();
    sent(0);
    exclude(1, true);
    for (size_t n = 0; n < 2; n++) {
        struct roll_member listed = {.name = "Anna"};
        strcpy(listed.identity, managed_member(n));
        assert_int_equal(managed_group_enlist(group, &listed, batch), STATUS_OK);
    }
    assert_string_equal(member(0)->name, "Anna");
    assert_int_equal(member(0)->sent_id, group->rekey.gmk_id);
    assert_true(member(1)->is_excluded);
    assert_int_equal(lacking(), 1);
    check_records();
}

static void records_that_are_none_are_refused(void **state) {
    (void)state;
    char identity[IDENTITY_SIZE];
    const struct span none = {NULL, 0}, zero = {(const uint8_t *)"\0", 1};
    uint8_t octets[ROLL_MEMBER_OCTETS_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    const struct roll_member anna = {.name = "Anna"};
    struct roll_member read;
    assert_int_equal(managed_group_of_record(RECORD_MEMBER, none, identity), STATUS_MALFORMED);
    assert_int_equal(managed_group_of_record(RECORD_MEMBER, zero, identity), STATUS_MALFORMED);
    assert_int_equal(managed_group_restore(group, RECORD_MEMBER, span_of_text(MANAGED_GROUP), zero),
                     STATUS_MALFORMED);
    assert_int_equal(managed_group_restore(group, RECORD_GROUP, none, none), STATUS_MALFORMED);
    roll_member_write(&anna, &w);
    for (size_t length = 0; length < w.length; length++) {
        assert_int_not_equal(roll_member_read((struct span){octets, length}, &read), STATUS_OK);
    }
    octets[0] = 2;
    assert_int_equal(roll_member_read(writer_span(&w), &read), STATUS_NEWER_VERSION);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_new_key_is_for_all_and_in_the_standard_space),
        CASE(members_open_what_is_built_for_them_and_nothing_else),
        CASE(who_was_served_is_not_served_again),
        CASE(a_receipt_counts_for_the_key_that_it_names),
        CASE(timestamps_grow_whatever_the_clock_does),
        CASE(after_a_key_from_a_clock_far_ahead_the_next_one_may_be_for_any_time),
        CASE(a_period_of_use_that_is_none_changes_nothing),
        CASE(what_handsets_would_refuse_is_not_made),
        CASE(without_keys_of_the_month_nothing_is_drawn),
        CASE(a_key_drawn_last_month_is_dated_anew_before_it_goes_to_more_members),
        CASE(a_key_that_is_over_is_wiped_and_goes_to_nobody),
        CASE(who_is_excluded_gets_nothing),
        CASE(a_key_that_the_excluded_have_goes_to_nobody_any_more),
        CASE(taking_a_member_off_the_roll_spoils_their_key_as_well),
        CASE(a_list_read_again_changes_names_and_nothing_else),
        CASE(records_that_are_none_are_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    batch_free(batch);
    return failed;
}
