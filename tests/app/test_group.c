/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups as data, and group time (app/handset/keys/group.h, clock.h; app/README.md section 3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/keys/group.h"
#include "app/handset/keys/groups.h"
#include "squad.h"

static struct moment at(int64_t utc_ms, int64_t boot_ms, uint64_t boot_id) {
    return (struct moment){utc_ms, boot_ms, boot_id};
}

static struct group *example(void) {
    struct group_parameters parameters = {
        .gmk_id = 0xA1B2C3D4, .created_ms = 1000000, .period_ms = HOUR_MS, .member_count = 2};
    snprintf(parameters.creator, IDENTITY_SIZE, "%s", squad_identity(0));
    snprintf(parameters.name, DISPLAY_NAME_SIZE, "Bridge");
    assert_int_equal(group_identity_adhoc(squad_identity(0), 7, parameters.identity), STATUS_OK);
    for (size_t i = 0; i < 2; i++) {
        snprintf(parameters.members[i].identity, IDENTITY_SIZE, "%s", squad_identity(i));
        snprintf(parameters.members[i].kms, IDENTITY_SIZE, "sip:kms@county.example");
    }
    parameters.members[1].state = MEMBER_ACCEPTED;
    struct group *group = group_new(&parameters, group_clock_start(1000000, at(5, 5, 1)));
    uint8_t gmk[GMK_SIZE] = {1, 2, 3};
    assert_non_null(group);
    assert_int_equal(group_set_gmk(group, &parameters, gmk, at(5, 5, 1)), STATUS_OK);
    return group;
}

static void group_time_follows_the_boot_clock_and_not_the_wall_clock(void **state) {
    (void)state;
    struct group_clock clock = group_clock_start(1000, at(50, 10, 1));
    assert_int_equal(group_clock_read(&clock, at(-1000000, 30, 1)), 1020);
    assert_int_equal(group_clock_read(&clock, at(9000000, 30, 1)), 1020);
}

static void after_a_reboot_group_time_goes_on_from_the_wall_clock_and_never_back(void **state) {
    (void)state;
    struct group_clock clock = group_clock_start(1000, at(50, 10, 1));
    assert_int_equal(group_clock_read(&clock, at(80, 0, 2)), 1030);
    assert_int_equal(group_clock_read(&clock, at(20, 0, 2)), 1000);
    group_clock_move(&clock, at(20, 0, 2));
    assert_int_equal(group_clock_read(&clock, at(20, 7, 2)), 1007);
}

/* One that began in 1970 stands in the record; since then somebody has set it. */
static void a_wall_clock_that_lost_the_time_and_was_set_takes_no_years_from_a_key(void **state) {
    (void)state;
    const int64_t right_ms = INT64_C(1795000000000), later_ms = right_ms + HOUR_MS;
    struct group_clock clock = group_clock_start(right_ms, at(5000, 10, 1));
    assert_int_equal(group_clock_read(&clock, at(later_ms, 0, 2)), later_ms);
    assert_int_equal(group_clock_read(&clock, at(right_ms - HOUR_MS, 0, 2)), right_ms);
    /* While it is still wrong, it tells how long the handset was off. */
    assert_int_equal(group_clock_read(&clock, at(5000 + HOUR_MS, 0, 2)), later_ms);
}

/* A creator's clock may be ahead by days; the member's own, which is right, tells the time off. */
static void time_off_counts_however_far_group_time_is_ahead_of_a_wall_clock(void **state) {
    (void)state;
    const int64_t right_ms = INT64_C(1795000000000), day_ms = 24 * (int64_t)HOUR_MS;
    const int64_t ahead_days[] = {0, 1, 2, 3, 30, 179};
    for (size_t i = 0; i < sizeof ahead_days / sizeof ahead_days[0]; i++) {
        const int64_t group_ms = right_ms + ahead_days[i] * day_ms;
        struct group_clock clock = group_clock_start(group_ms, at(right_ms, 10, 1));
        for (int64_t off_ms = 0; off_ms < 200 * day_ms; off_ms += 10 * (int64_t)HOUR_MS) {
            assert_int_equal(group_clock_read(&clock, at(right_ms + off_ms, 0, 2)),
                             group_ms + off_ms);
        }
    }
}

static void a_gmk_is_usable_in_its_period_and_at_no_other_time(void **state) {
    (void)state;
    struct group *group = example();
    assert_int_equal(gmk_is_usable(&group->current, group, at(5, 5, 1)), STATUS_OK);
    assert_int_equal(gmk_is_usable(&group->current, group, at(5, 5 + HOUR_MS - 1, 1)), STATUS_OK);
    assert_int_equal(gmk_is_usable(&group->current, group, at(5, 5 + HOUR_MS, 1)),
                     STATUS_GMK_EXPIRED);
    group->current.not_before_ms += 1000;
    assert_int_equal(gmk_is_usable(&group->current, group, at(5, 5, 1)), STATUS_GMK_NOT_YET);
    assert_true(group_drop_expired(group, at(5, 5 + 2 * HOUR_MS, 1)));
    assert_null(group->current.octets);
    assert_int_equal(gmk_is_usable(&group->current, group, at(5, 5, 1)), STATUS_GMK_EXPIRED);
    group_free(group);
}

static void a_groups_record_is_read_back_as_it_was_written(void **state) {
    (void)state;
    struct group *group = example(), *again;
    uint8_t octets[GROUP_RECORD_MAX], second[GROUP_RECORD_MAX];
    struct writer w = writer_into(octets, sizeof octets), v = writer_into(second, sizeof second);
    group_write(&w, group);
    assert_int_equal(group_read(writer_span(&w), &again), STATUS_OK);
    assert_int_equal(again->parameters.members[1].state, MEMBER_ACCEPTED);
    assert_memory_equal(again->current.octets->octets, group->current.octets->octets, GMK_SIZE);
    group_write(&v, again);
    assert_true(span_equal(writer_span(&w), writer_span(&v)));
    group_free(again);
    for (size_t length = 0; length < w.length; length++) {
        assert_int_not_equal(group_read((struct span){octets, length}, &again), STATUS_OK);
    }
    octets[0]++;
    assert_int_equal(group_read(writer_span(&w), &again), STATUS_NEWER_VERSION);
    group_free(group);
}

/* A record as an earlier version had it: up to version 7 nobody comes late, up to 6 a key has no
 * hours, up to 5 nobody has moved its time or shifted a key, up to 4 nobody is counted who did not
 * answer and nobody who was left out is remembered, and up to 3 an English sentence stands in the
 * place of each reason, of which all members in the record have the same: its name, no limit, no
 * check. */
static size_t as_before(uint8_t version, struct span record, enum event_reason reason,
                        const char *sentence, uint8_t out[GROUP_RECORD_MAX]) {
    enum {
        UNANSWERED_SIZE = 1,          /* after each reason */
        FORMER_SIZE = 1,              /* at the end: none, */
        MOVED_SIZE = 8 * 3,           /* and after it, */
        HOURS_SIZE = 2 * (8 + 4) + 1, /* and then, */
        LIST_SIZE = 1 + 2 + 2 + 2,    /* and then, */
        EPOCH_SIZE = 8 + 8,           /* and then, */
        TOLD_SIZE = 2                 /* and then */
    };
    uint8_t octets[64];
    struct writer today = writer_into(octets, sizeof octets);
    write_text_u8(&today, event_reason_name(reason));
    write_u64(&today, 0);
    write_text_u8(&today, "");
    struct writer w = writer_into(out, GROUP_RECORD_MAX);
    size_t at = 0, found = 0, end = record.length - TOLD_SIZE;
    end -= (size_t)(version > 8 ? 0 : EPOCH_SIZE);
    end -= (size_t)(version > 7 ? 0 : LIST_SIZE);
    end -= (size_t)(version > 6 ? 0 : HOURS_SIZE);
    end -= (size_t)(version > 5 ? 0 : MOVED_SIZE) + (size_t)(version > 4 ? 0 : FORMER_SIZE);
    while (at < end) {
        if (record.length - at >= today.length &&
            memcmp(record.octets + at, octets, today.length) == 0) {
            if (version > 3) {
                write_span(&w, writer_span(&today));
            } else {
                write_text_u8(&w, sentence);
            }
            at += today.length + (version > 4 ? 0 : UNANSWERED_SIZE);
            found++;
        } else {
            write_u8(&w, record.octets[at++]);
        }
    }
    assert_int_equal(writer_finish(&w), STATUS_OK);
    assert_int_equal(found, 2);
    out[0] = version;
    return w.length;
}

static void records_of_every_earlier_version_are_still_read(void **state) {
    (void)state;
    struct group *group = example(), *again;
    uint8_t octets[GROUP_RECORD_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    group_write(&w, group);
    enum {
        STANDARD_SIZE = 4 + 8 + 8 + 1 + 8 + 8 + 1, /* no waiting GMK, no delivery, no talkers */
        HEARD_SIZE = 8 + 8,
    };
    for (uint8_t version = 1; version < octets[0]; version++) {
        uint8_t copy[GROUP_RECORD_MAX];
        size_t length = as_before(version, writer_span(&w), REASON_NONE, "", copy);
        length -= (size_t)(version < 3 ? HEARD_SIZE : 0);
        length -= (size_t)(version == 1 ? STANDARD_SIZE : 0);
        assert_int_equal(group_read((struct span){copy, length}, &again), STATUS_OK);
        assert_memory_equal(again->current.octets->octets, group->current.octets->octets, GMK_SIZE);
        assert_int_equal(again->waiting.id, 0);
        assert_int_equal(again->heard.lead_ms, 0);
        assert_int_equal(again->parameters.members[1].state, MEMBER_ACCEPTED);
        assert_int_equal(again->parameters.members[1].unanswered, 0);
        assert_int_equal(again->former_count, 0);
        assert_int_equal(again->moved_ms, 0);
        assert_int_equal(again->current.hour, 0);
        assert_int_equal(again->current.created_ms, group->current.not_before_ms);
        assert_false(group_is_standard(again));
        group_free(again);
    }
    group_free(group);
}

static void why_a_member_lacks_the_key_outlives_a_restart(void **state) {
    (void)state;
    for (int reason = 0; reason < REASON_COUNT; reason++) {
        struct group *group = example(), *again;
        struct group_member *member = &group->parameters.members[1];
        member->reason = (enum event_reason)reason;
        member->reason_limit_ms = reason == REASON_PERIOD_TOO_LONG ? 8 * (int64_t)HOUR_MS : 0;
        member->reason_check =
            reason == REASON_CHECK_FAILED ? status_name(STATUS_DOMAIN_UNKNOWN) : NULL;
        uint8_t octets[GROUP_RECORD_MAX];
        struct writer w = writer_into(octets, sizeof octets);
        group_write(&w, group);
        assert_int_equal(group_read(writer_span(&w), &again), STATUS_OK);
        const struct group_member *read = &again->parameters.members[1];
        assert_int_equal(read->reason, reason);
        assert_int_equal(read->reason_limit_ms, member->reason_limit_ms);
        assert_ptr_equal(read->reason_check, member->reason_check);
        group_free(group);
        group_free(again);
    }
}

/* A rekey and a cancelled one work on a copy: what no record has must not be lost with it. */
static void a_copy_of_a_group_keeps_what_no_record_has(void **state) {
    (void)state;
    struct group *group = example(), *copy;
    group->is_unproven = true;
    group->is_unsaved = true;
    group->reserved.batch = 7;
    group->reserved.asked_ms = 8;
    assert_int_equal(group_copy(group, &copy), STATUS_OK);
    assert_true(copy->is_unproven);
    assert_true(copy->is_unsaved);
    assert_int_equal(copy->reserved.batch, 7);
    assert_int_equal(copy->reserved.asked_ms, 8);
    group_free(group);
    group_free(copy);
}

static void a_record_with_sentences_is_read_without_reasons(void **state) {
    (void)state;
    static const char *const sentences[] = {"its officer said no", "no-answer",
                                            "no receipt: it may or may not hold the key"};
    struct group *group = example(), *again;
    struct group_member *members = group->parameters.members;
    members[0].reason = members[1].reason = REASON_NO_ANSWER;
    members[1].state = MEMBER_UNREACHABLE;
    uint8_t octets[GROUP_RECORD_MAX], old[GROUP_RECORD_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    group_write(&w, group);
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
        size_t length = as_before(3, writer_span(&w), REASON_NO_ANSWER, sentences[i], old);
        assert_int_equal(group_read((struct span){old, length}, &again), STATUS_OK);
        const struct group_member *member = &again->parameters.members[1];
        assert_int_equal(member->state, MEMBER_UNREACHABLE);
        assert_int_equal(member->reason, REASON_NONE);
        assert_null(member->reason_check);
        assert_int_equal(again->current.id, group->current.id);
        group_free(again);
    }
    group_free(group);
}

static void a_standard_groups_record_keeps_what_waits_and_who_talked(void **state) {
    (void)state;
    struct group *group = example(), *again;
    uint8_t octets[GROUP_RECORD_MAX], second[GROUP_RECORD_MAX];
    const struct gmk waiting = {
        .id = 7, .not_before_ms = 1000000 + HOUR_MS, .not_after_ms = 1000000 + 2 * HOUR_MS};
    const uint8_t gmk[GMK_SIZE] = {9};
    snprintf(group->parameters.identity, GROUP_IDENTITY_SIZE, "sip:fire7@county.example");
    group->parameters.member_count = 0;
    group->delivered_ms = 77;
    assert_int_equal(group_set_delivered(group, &waiting, gmk, at(5, 5, 1)), STATUS_OK);
    group->talkers = (struct talkers){.count = 1, .list[0].talked_ms = 99};
    snprintf(group->talkers.list[0].identity, IDENTITY_SIZE, "%s", squad_identity(1));
    group->heard.lead_ms = 88;
    group->moved_ms = 66;
    group->current.shifted_ms = 55;
    group->waiting.shifted_ms = 44;
    struct writer w = writer_into(octets, sizeof octets), v = writer_into(second, sizeof second);
    group_write(&w, group);
    assert_int_equal(group_read(writer_span(&w), &again), STATUS_OK);
    assert_true(group_is_standard(again));
    assert_int_equal(again->delivered_ms, 77);
    assert_int_equal(again->waiting.id, 7);
    assert_memory_equal(again->waiting.octets->octets, gmk, GMK_SIZE);
    assert_int_equal(group_talked_ms(again, squad_identity(1)), 99);
    assert_int_equal(group_talked_ms(again, squad_identity(2)), 0);
    assert_int_equal(again->heard.lead_ms, 88);
    assert_int_equal(again->moved_ms, 66);
    assert_int_equal(again->current.shifted_ms, 55);
    assert_int_equal(again->waiting.shifted_ms, 44);
    group_write(&v, again);
    assert_true(span_equal(writer_span(&w), writer_span(&v)));
    group_free(again);
    for (size_t length = 0; length < w.length; length++) {
        assert_int_not_equal(group_read((struct span){octets, length}, &again), STATUS_OK);
    }
    group_free(group);
}

/* Whatever it saved, a handset starts with it. */
static void a_record_with_times_out_of_bounds_is_read_with_bounded_ones(void **state) {
    (void)state;
    const int64_t max_ms = INT64_MAX / 4, times_ms[] = {max_ms, max_ms + 1, INT64_MAX, -1};
    for (size_t i = 0; i < sizeof times_ms / sizeof times_ms[0]; i++) {
        struct group *group = example(), *again;
        uint8_t octets[GROUP_RECORD_MAX];
        struct writer w = writer_into(octets, sizeof octets);
        group->heard.floor_ms = group->heard.lead_ms = times_ms[i];
        group_write(&w, group);
        assert_int_equal(group_read(writer_span(&w), &again), STATUS_OK);
        assert_int_equal(again->heard.floor_ms, max_ms);
        assert_int_equal(again->heard.lead_ms, max_ms);
        group_free(again);
        group_free(group);
    }
}

static void a_member_listed_twice_or_too_many_members_are_refused(void **state) {
    (void)state;
    struct group *group = example();
    struct group_parameters parameters = group->parameters, read;
    uint8_t octets[GROUP_RECORD_MAX];
    parameters.members[1] = parameters.members[0];
    struct writer w = writer_into(octets, sizeof octets);
    group_parameters_write(&w, &parameters);
    struct reader r = reader_of(writer_span(&w));
    assert_int_equal(group_parameters_read(&r, &read), STATUS_MALFORMED);
    w = writer_into(octets, sizeof octets);
    group_parameters_write(&w, &group->parameters);
    size_t count_at = 3 + strlen(parameters.identity) + strlen(parameters.name) +
                      strlen(parameters.creator) + 4 + 8 + 8;
    assert_int_equal(octets[count_at], 2);
    octets[count_at] = ADHOC_MEMBERS_MAX + 1;
    r = reader_of(writer_span(&w));
    assert_int_equal(group_parameters_read(&r, &read), STATUS_TOO_LONG);
    group_free(group);
}

/* The KMS of a member need be no identity, and nothing but a URI. */
static void the_kms_of_a_member_is_a_kms_uri(void **state) {
    (void)state;
    static const struct {
        const char *kms;
        enum status expected;
    } cases[] = {
        {"sip:kms@county.example", STATUS_OK},   {"https://kms.county.example/", STATUS_OK},
        {"", STATUS_IDENTITY_INVALID},           {"county", STATUS_IDENTITY_INVALID},
        {"kms:", STATUS_IDENTITY_INVALID},       {"kms:a b", STATUS_IDENTITY_INVALID},
        {"kms:\x1b[2J", STATUS_IDENTITY_INVALID}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct group *group = example();
        struct group_parameters read;
        uint8_t octets[GROUP_RECORD_MAX];
        snprintf(group->parameters.members[1].kms, sizeof group->parameters.members[1].kms, "%s",
                 cases[i].kms);
        struct writer w = writer_into(octets, sizeof octets);
        group_parameters_write(&w, &group->parameters);
        struct reader r = reader_of(writer_span(&w));
        assert_int_equal(group_parameters_read(&r, &read), cases[i].expected);
        group_free(group);
    }
}

static void a_rekey_keeps_the_earlier_gmk_for_listening_and_not_for_long(void **state) {
    (void)state;
    struct group *group = example();
    struct group_parameters parameters = group->parameters;
    uint8_t gmk[GMK_SIZE] = {9};
    parameters.gmk_id = 0xA0000001;
    group->parameters.members[1].talked_ms = 77;
    assert_int_equal(group_set_gmk(group, &parameters, gmk, at(5, 1005, 1)), STATUS_OK);
    assert_int_equal(group->previous.id, 0xA1B2C3D4);
    assert_int_equal(group->parameters.members[1].talked_ms, 77);
    assert_int_equal(gmk_is_usable(&group->previous, group, at(5, 1005, 1)), STATUS_OK);
    assert_int_equal(
        gmk_is_usable(&group->previous, group, at(5, 1005 + PREVIOUS_GMK_LISTEN_MS, 1)),
        STATUS_GMK_EXPIRED);
    group_free(group);
}

static void a_rekey_that_leaves_a_member_out_wipes_every_earlier_gmk(void **state) {
    (void)state;
    struct group *group = example();
    struct group_parameters parameters = group->parameters;
    uint8_t gmk[GMK_SIZE] = {9};
    parameters.gmk_id = 0xA0000001;
    assert_int_equal(group_set_gmk(group, &parameters, gmk, at(5, 1005, 1)), STATUS_OK);
    assert_non_null(group->previous.octets);
    parameters.gmk_id = 0xA0000002;
    parameters.member_count--;
    assert_int_equal(group_set_gmk(group, &parameters, gmk, at(6, 1006, 1)), STATUS_OK);
    assert_int_equal(group->current.id, 0xA0000002);
    assert_null(group->previous.octets);
    group_free(group);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(group_time_follows_the_boot_clock_and_not_the_wall_clock),
        cmocka_unit_test(after_a_reboot_group_time_goes_on_from_the_wall_clock_and_never_back),
        cmocka_unit_test(a_wall_clock_that_lost_the_time_and_was_set_takes_no_years_from_a_key),
        cmocka_unit_test(time_off_counts_however_far_group_time_is_ahead_of_a_wall_clock),
        cmocka_unit_test(a_gmk_is_usable_in_its_period_and_at_no_other_time),
        cmocka_unit_test(a_groups_record_is_read_back_as_it_was_written),
        cmocka_unit_test(records_of_every_earlier_version_are_still_read),
        cmocka_unit_test(a_standard_groups_record_keeps_what_waits_and_who_talked),
        cmocka_unit_test(why_a_member_lacks_the_key_outlives_a_restart),
        cmocka_unit_test(a_copy_of_a_group_keeps_what_no_record_has),
        cmocka_unit_test(a_record_with_sentences_is_read_without_reasons),
        cmocka_unit_test(a_record_with_times_out_of_bounds_is_read_with_bounded_ones),
        cmocka_unit_test(a_member_listed_twice_or_too_many_members_are_refused),
        cmocka_unit_test(the_kms_of_a_member_is_a_kms_uri),
        cmocka_unit_test(a_rekey_keeps_the_earlier_gmk_for_listening_and_not_for_long),
        cmocka_unit_test(a_rekey_that_leaves_a_member_out_wipes_every_earlier_gmk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
