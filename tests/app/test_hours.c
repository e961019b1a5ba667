/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hours of an ad-hoc group's GMK (app/handset/keys/hours.h), between whole engines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "app/handset/keys/hours.h"
#include "app/handset/keys/time_proof.h"
#include "crypto/gmk_hour.h"
#include "speaker.h"
#include "squad.h"

enum {
    MINUTE_MS = 60 * 1000,
    MEMBERS = 3,
    IDLE_STEP_MS = 5000, /* in which nobody talks; and for most of it a minute */
    CUTS_MIN = 2
};

/* --- The squad ------------------------------------------------------------------------------ */

static struct group *group_of(const struct squad *squad, size_t n) {
    const struct groups *groups = &squad->handsets[n].engine->groups;
    assert_int_equal(groups->count, 1);
    return groups->list[0];
}

static const uint8_t *key_of(const struct squad *squad, size_t n) {
    assert_non_null(group_of(squad, n)->current.octets);
    return group_of(squad, n)->current.octets->octets;
}

static uint32_t hour_of(const struct squad *squad, size_t n) {
    return group_of(squad, n)->current.hour;
}

static void forget_frames(struct squad *squad) {
    for (size_t i = 0; i < squad->frame_count; i++) {
        free(squad->frames[i].octets);
    }
    squad->frame_count = squad->delivered = 0;
}

/* Time in which nobody talks. */
static void pass(struct squad *squad, int64_t ms) {
    const int64_t step_ms = squad->step_ms;
    squad->is_mute = true;
    for (squad->step_ms = MINUTE_MS; ms > MINUTE_MS; ms -= MINUTE_MS) {
        squad_run(squad, MINUTE_MS);
        forget_frames(squad);
    }
    squad->step_ms = IDLE_STEP_MS;
    squad_run(squad, ms);
    forget_frames(squad);
    squad->is_mute = false;
    squad->step_ms = step_ms;
}

/* Up to so long after the group was made. */
static int64_t began_ms;

static void pass_until(struct squad *squad, int64_t ms) {
    pass(squad, began_ms + ms - squad->boot_ms);
}

static struct squad *new_group(void) {
    struct squad *squad = squad_new(MEMBERS);
    squad->step_ms = VOICE_FRAME_MS;
    began_ms = squad->boot_ms;
    squad_group(squad, 10 * (int64_t)HOUR_MS);
    pass_until(squad, MINUTE_MS);
    return squad;
}

/* The same, and handset 2 was out of reach meanwhile. */
static struct squad *new_group_without_one(void) {
    struct squad *squad = squad_new(MEMBERS);
    squad->step_ms = VOICE_FRAME_MS;
    began_ms = squad->boot_ms;
    squad_run(squad, 500);
    squad->handsets[2].deaf = true;
    struct command create = squad_create_command(MEMBERS - 1, 10 * (int64_t)HOUR_MS);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    pass_until(squad, MINUTE_MS);
    return squad;
}

/* Handset 2 comes within reach, and its officer is asked. */
static void come(struct squad *squad) {
    squad->handsets[2].deaf = false;
    for (int i = 0; i < 100 && squad->handsets[2].engine->groups.count == 0; i++) {
        squad_run(squad, 5000);
        (void)squad_answer(squad, 2, COMMAND_ACCEPT);
    }
    forget_frames(squad);
}

/* Handset n talks, and everybody hears it. */
static void assert_heard(struct squad *squad, size_t n) {
    unsigned before[MEMBERS];
    for (size_t i = 0; i < MEMBERS; i++) {
        before[i] = squad->handsets[i].voice_frames;
    }
    assert_int_equal(squad_talk(squad, n), STATUS_OK);
    squad_run(squad, 1500);
    assert_int_equal(squad_stop(squad, n), STATUS_OK);
    squad_run(squad, 500);
    for (size_t i = 0; i < MEMBERS; i++) {
        if (i != n && squad->handsets[i].voice_frames - before[i] < 20) {
            fail_msg("handset %zu does not hear %zu, %lld s after the group was made", i, n,
                     (long long)(squad->boot_ms - began_ms) / 1000);
        }
    }
}

static void assert_all_heard(struct squad *squad) {
    for (size_t n = 0; n < MEMBERS; n++) {
        assert_heard(squad, n);
    }
    forget_frames(squad);
}

/* The announcement that handset n sent last. */
static struct span announced(const struct squad *squad, size_t n, uint8_t room[ANNOUNCEMENT_MAX]) {
    struct reader r =
        reader_of(squad_payload(squad_find_frame(squad, n, FRAME_ANNOUNCEMENT_AND_MEDIA)));
    struct span octets = read_span_u16(&r);
    assert_false(r.failed);
    memcpy(room, octets.octets, octets.length);
    return (struct span){room, octets.length};
}

static enum status open_with(struct span octets, const uint8_t key[GMK_SIZE]) {
    struct announcement announcement;
    uint8_t gsk[GSK_SIZE];
    assert_int_equal(announcement_parse(octets, &announcement), STATUS_OK);
    return announcement_open(&announcement, key, gsk);
}

/* Do the records of handset n hold that key? */
static bool is_on_disk(const struct squad *squad, size_t n, const uint8_t key[GMK_SIZE]) {
    bool found = false;
    for (size_t i = 0; i < squad->handsets[n].record_count; i++) {
        const struct secret *value = squad->handsets[n].records[i].value;
        found = found || memmem(value->octets, value->length, key, GMK_SIZE) != NULL;
    }
    return found;
}

/* Handset n is off for a while, in which its wall clock is moved by `by_ms`. */
static void switch_off(struct squad *squad, size_t n, int64_t off_ms, int64_t by_ms) {
    struct squad_handset *handset = &squad->handsets[n];
    handset->is_asleep = handset->deaf = true;
    pass(squad, off_ms);
    handset->is_asleep = handset->deaf = false;
    handset->utc_offset_ms += by_ms;
    squad_restart(squad, n, true);
}

/* --- Hours ---------------------------------------------------------------------------------- */

static void who_takes_a_handset_opens_nothing_of_an_hour_that_is_over(void **state) {
    (void)state;
    struct squad *squad = new_group();
    uint8_t first[GMK_SIZE], expected[GMK_SIZE];
    uint8_t room[2][ANNOUNCEMENT_MAX];
    memcpy(first, key_of(squad, 0), sizeof first);
    assert_heard(squad, 1);
    struct span early = announced(squad, 1, room[0]);
    pass_until(squad, HOUR_MS + MINUTE_MS);
    assert_heard(squad, 1);
    struct span late = announced(squad, 1, room[1]);
    memcpy(expected, first, sizeof expected);
    gmk_hour_move(expected, group_of(squad, 0)->current.id, 0, 1);
    assert_int_equal(open_with(early, first), STATUS_OK); /* the hour before is there for others */
    assert_int_equal(open_with(late, first), STATUS_MAC_INVALID);
    assert_int_equal(open_with(late, expected), STATUS_OK);

    pass_until(squad, HOUR_MS + HOURS_KEPT_MS + 2 * MINUTE_MS);
    for (size_t n = 0; n < MEMBERS; n++) {
        assert_int_equal(hour_of(squad, n), 1);
        assert_memory_equal(key_of(squad, n), expected, GMK_SIZE);
        assert_int_equal(open_with(early, key_of(squad, n)), STATUS_MAC_INVALID);
        assert_false(is_on_disk(squad, n, first));
        assert_true(is_on_disk(squad, n, expected));
    }
    assert_all_heard(squad);
    squad_free(squad);
}

static void a_talk_goes_on_from_one_hour_to_the_next(void **state) {
    (void)state;
    struct squad *squad = new_group();
    uint8_t room[ANNOUNCEMENT_MAX];
    struct announcement announcement;
    pass_until(squad, HOUR_MS - 20 * 1000);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 1000);
    squad->handsets[1].longest_ms = squad->handsets[2].longest_ms = 0;
    for (uint32_t hour = 0; hour < 2; hour++) {
        assert_int_equal(announcement_parse(announced(squad, 0, room), &announcement), STATUS_OK);
        assert_int_equal(announcement.fields.hour, hour);
        squad_run(squad, 40 * 1000);
    }
    for (size_t n = 1; n < MEMBERS; n++) {
        assert_true(squad->handsets[n].longest_ms <= 60);
    }
    squad_free(squad);
}

static void members_hear_each_other_across_hours_with_clocks_five_minutes_off(void **state) {
    (void)state;
    struct squad *squad = new_group();
    switch_off(squad, 1, 10 * MINUTE_MS, -CLOCK_TOLERANCE_MS);
    switch_off(squad, 2, 10 * MINUTE_MS, CLOCK_TOLERANCE_MS);
    struct moment now[MEMBERS];
    for (size_t n = 0; n < MEMBERS; n++) {
        now[n] = squad_now(squad, n);
    }
    assert_true(group_clock_read(&group_of(squad, 2)->clock, now[2]) -
                    group_clock_read(&group_of(squad, 1)->clock, now[1]) >
                2 * CLOCK_TOLERANCE_MS - 2 * MINUTE_MS);
    for (int64_t minute = 50; minute < 75; minute += 2) {
        pass_until(squad, minute * MINUTE_MS);
        assert_all_heard(squad);
    }
    pass_until(squad, 90 * MINUTE_MS);
    for (size_t n = 0; n < MEMBERS; n++) {
        assert_int_equal(hour_of(squad, n), 1);
    }
    squad_free(squad);
}

static void members_hear_each_other_whenever_they_start_again(void **state) {
    (void)state;
    static const int64_t at_ms[] = {HOUR_MS - 1000,          HOUR_MS,
                                    HOUR_MS + 1000,          HOUR_MS + HOURS_KEPT_MS - 1000,
                                    HOUR_MS + HOURS_KEPT_MS, HOUR_MS + HOURS_KEPT_MS + 1000};
    for (size_t i = 0; i < sizeof at_ms / sizeof at_ms[0]; i++) {
        struct squad *squad = new_group();
        size_t n = i % MEMBERS;
        pass_until(squad, at_ms[i]);
        squad_restart(squad, n, i < MEMBERS);
        squad_run(squad, 6000);
        assert_all_heard(squad);
        pass_until(squad, HOUR_MS + HOURS_KEPT_MS + 3 * MINUTE_MS);
        assert_int_equal(hour_of(squad, n), 1);
        assert_all_heard(squad);
        squad_free(squad);
    }
}

/* --- Clocks --------------------------------------------------------------------------------- */

static void a_clock_that_is_set_ahead_erases_no_hour_that_others_use(void **state) {
    (void)state;
    struct squad *squad = new_group();
    switch_off(squad, 2, MINUTE_MS, 3 * HOUR_MS);
    squad->handsets[2].deaf = true; /* it meets nobody for long */
    pass_until(squad, HOUR_MS + 30 * MINUTE_MS);
    assert_int_equal(hour_of(squad, 0), 1);
    assert_int_equal(hour_of(squad, 2), 0);
    squad->handsets[2].deaf = false;
    pass_until(squad, HOUR_MS + 35 * MINUTE_MS);
    assert_all_heard(squad);
    for (unsigned i = 2; i < 6; i++) { /* and once it has heard the others it goes on with them */
        pass_until(squad, i * HOUR_MS + MINUTE_MS);
        assert_all_heard(squad);
        pass_until(squad, i * HOUR_MS + 30 * MINUTE_MS);
        assert_int_equal(hour_of(squad, 0), i);
        assert_in_range(hour_of(squad, 2), i - 1, i);
        assert_all_heard(squad);
    }
    squad_free(squad);
}

/* Its time stands still then, at what it was by the wrong clock. */
static void a_clock_that_is_put_right_again_while_off_erases_none_either(void **state) {
    (void)state;
    for (int hears = 0; hears < 2; hears++) {
        struct squad *squad = new_group();
        switch_off(squad, 2, MINUTE_MS, 3 * HOUR_MS);
        pass(squad, 3 * MINUTE_MS);
        if (hears) {
            assert_all_heard(squad);
        }
        switch_off(squad, 2, MINUTE_MS, -3 * HOUR_MS);
        pass(squad, 30 * MINUTE_MS);
        assert_int_equal(hour_of(squad, 2), 0);
        assert_all_heard(squad);
        pass_until(squad, HOUR_MS + 30 * MINUTE_MS);
        assert_in_range(hour_of(squad, 2), 0, 1);
        assert_all_heard(squad);
        squad_free(squad);
    }
}

static void a_clock_that_is_set_ahead_at_a_creator_spoils_no_key_that_it_gives(void **state) {
    (void)state;
    struct squad *squad = new_group_without_one();
    switch_off(squad, 0, MINUTE_MS, 3 * HOUR_MS);
    come(squad);
    pass(squad, 5 * MINUTE_MS);
    assert_int_equal(hour_of(squad, 2), 0);
    assert_all_heard(squad);
    pass_until(squad, HOUR_MS + 40 * MINUTE_MS);
    assert_all_heard(squad);
    squad_free(squad);
}

static void who_slept_for_hours_hears_at_once(void **state) {
    (void)state;
    struct squad *squad = new_group();
    struct squad_handset *handset = &squad->handsets[1];
    int64_t fell_asleep_ms = squad->boot_ms;
    handset->is_asleep = handset->deaf = true;
    pass_until(squad, 3 * HOUR_MS + 30 * MINUTE_MS);
    handset->is_asleep = handset->deaf = false;
    assert_int_equal(hour_of(squad, 0), 3);
    assert_int_equal(hour_of(squad, 1), 0);
    handset_slept(handset->engine, squad_now(squad, 1), squad->boot_ms - fell_asleep_ms);
    assert_all_heard(squad);
    pass(squad, MINUTE_MS);
    assert_int_equal(hour_of(squad, 1), 3);
    squad_free(squad);
}

/* --- The disk ------------------------------------------------------------------------------- */

static void with_a_disk_that_fails_a_handset_goes_on_and_loses_no_group(void **state) {
    (void)state;
    for (int restarts = 0; restarts < 2; restarts++) {
        struct squad *squad = new_group();
        uint8_t first[GMK_SIZE];
        memcpy(first, key_of(squad, 1), sizeof first);
        pass_until(squad, HOUR_MS);
        squad->handsets[1].disk_failure = STATUS_IO_FAILED;
        pass_until(squad, HOUR_MS + 20 * MINUTE_MS);
        assert_int_equal(hour_of(squad, 0), 1);
        assert_int_equal(hour_of(squad, 1), 0); /* what is on the disk is not destroyed */
        assert_true(is_on_disk(squad, 1, first));
        assert_all_heard(squad);
        pass_until(squad, 2 * HOUR_MS + 20 * MINUTE_MS);
        assert_all_heard(squad);
        if (restarts) {
            squad_restart(squad, 1, true);
            squad_run(squad, 6000);
            assert_all_heard(squad);
        }
        squad->handsets[1].disk_failure = STATUS_OK;
        pass(squad, 3 * MINUTE_MS);
        assert_int_equal(hour_of(squad, 1), 2);
        assert_false(is_on_disk(squad, 1, first));
        assert_all_heard(squad);
        squad_free(squad);
    }
}

/* The power of handset 1 is cut at its cut_at-th output from the step on; false when it came to no
 * such. Its disk takes `disk_ms`. */
static bool step_with_cut(unsigned cut_at, int64_t disk_ms) {
    struct squad *squad = new_group();
    uint8_t first[GMK_SIZE], next[GMK_SIZE];
    memcpy(first, key_of(squad, 1), sizeof first);
    memcpy(next, first, sizeof next);
    gmk_hour_move(next, group_of(squad, 1)->current.id, 0, 1);
    pass_until(squad, HOUR_MS + HOURS_KEPT_MS - 5000);
    squad->handsets[1].disk_ms = disk_ms;
    squad->handsets[1].cut_at = cut_at;
    squad_run(squad, 65 * 1000);
    bool was_cut = squad->handsets[1].is_cut;
    assert_true(is_on_disk(squad, 1, first) != is_on_disk(squad, 1, next));
    squad->handsets[1].cut_at = 0;
    squad_restart(squad, 1, true);
    assert_memory_equal(key_of(squad, 1), hour_of(squad, 1) == 0 ? first : next, GMK_SIZE);
    squad_run(squad, 6000);
    assert_all_heard(squad);
    squad_free(squad);
    return was_cut;
}

static void a_power_cut_leaves_the_one_hour_or_the_other(void **state) {
    (void)state;
    for (int64_t disk_ms = 0; disk_ms <= 400; disk_ms += 400) {
        unsigned cut_at = 1;
        while (step_with_cut(cut_at, disk_ms)) {
            cut_at++;
        }
        assert_true(cut_at > CUTS_MIN);
    }
}

/* --- Others' words -------------------------------------------------------------------------- */

/* A member says at handset 0 that it is that hour; returns whether it was heard. */
static bool say_hour(struct squad *squad, uint32_t hour, const uint8_t first[GMK_SIZE]) {
    static uint32_t ssrc = 1000;
    const struct group *group = group_of(squad, 2);
    uint8_t key[GMK_SIZE];
    struct announcement_fields fields = {.csb_id = ssrc,
                                         .ssrc = ssrc++,
                                         .gmk_id = group->current.id,
                                         .hour = hour,
                                         .utc_ms =
                                             group_clock_read(&group->clock, squad_now(squad, 2)),
                                         .proof.age_ms = squad->boot_ms};
    snprintf(fields.talker, IDENTITY_SIZE, "%s", squad_identity(2));
    snprintf(fields.group, GROUP_IDENTITY_SIZE, "%s", group->parameters.identity);
    memcpy(key, first, sizeof key);
    gmk_hour_move(key, group->current.id, 0, hour);
    struct speaker speaker = speaker_new(fields, key, squad_signing_key(2));
    unsigned refusals = squad->handsets[0].refusals;
    squad_inject_payload(squad, 0, 2, FRAME_ANNOUNCEMENT, speaker_announcement(&speaker));
    squad_run(squad, 200);
    speaker_clear(&speaker);
    return squad->handsets[0].refusals == refusals;
}

static void nobodys_word_moves_a_key(void **state) {
    (void)state;
    struct squad *squad = new_group();
    uint8_t first[GMK_SIZE];
    memcpy(first, key_of(squad, 0), sizeof first);
    assert_true(say_hour(squad, 1, first)); /* its clock may be ahead */
    pass(squad, 5 * MINUTE_MS);
    assert_int_equal(hour_of(squad, 0), 0);
    assert_false(say_hour(squad, 2, first)); /* that far it is not */
    assert_int_equal(squad->handsets[0].last_refusal, STATUS_MALFORMED);
    pass_until(squad, HOUR_MS + 30 * MINUTE_MS);
    assert_int_equal(hour_of(squad, 0), 1);
    assert_false(say_hour(squad, 0, first));
    assert_int_equal(squad->handsets[0].last_refusal, STATUS_GMK_HOUR_OVER);
    assert_all_heard(squad);
    squad_free(squad);
}

static void who_gets_the_key_later_gets_the_hour_that_it_is(void **state) {
    (void)state;
    struct squad *squad = new_group_without_one();
    uint8_t room[ANNOUNCEMENT_MAX];
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    struct span early = announced(squad, 0, room);
    pass_until(squad, HOUR_MS + 2 * MINUTE_MS); /* the others hold the hour before still */
    assert_int_equal(hour_of(squad, 0), 0);
    come(squad);
    assert_int_equal(hour_of(squad, 2), 1);
    assert_int_equal(open_with(early, key_of(squad, 2)), STATUS_MAC_INVALID);
    assert_all_heard(squad);
    squad_free(squad);
}

/* --- Groups as data ------------------------------------------------------------------------- */

static struct group *made_group(const char *identity, uint32_t gmk_id, struct moment now) {
    static const uint8_t gmk[GMK_SIZE] = {1, 2, 3};
    struct group_parameters parameters = {
        .gmk_id = gmk_id, .created_ms = now.utc_ms, .period_ms = 10 * (int64_t)HOUR_MS};
    snprintf(parameters.identity, sizeof parameters.identity, "%s", identity);
    snprintf(parameters.creator, sizeof parameters.creator, "tel:+1");
    struct group *group = group_new(&parameters, group_clock_start(now.utc_ms, now));
    assert_non_null(group);
    assert_int_equal(group_set_gmk(group, &parameters, gmk, now), STATUS_OK);
    return group;
}

static void a_standard_groups_key_does_not_move(void **state) {
    (void)state;
    const struct moment begin = {.utc_ms = 1000000, .boot_ms = 0};
    const struct moment later = {.utc_ms = 1000000 + 5 * HOUR_MS, .boot_ms = 5 * HOUR_MS};
    struct group *group = made_group("sip:fire7@county.example", 5, begin);
    struct announcement announcement = {.fields = {.hour = 1, .utc_ms = later.utc_ms}};
    uint8_t gsk[GSK_SIZE];
    assert_int_equal(hours_now(group, later), 0);
    assert_false(hours_step(group, 0, later));
    assert_int_equal(hours_deadline(group), INT64_MAX);
    assert_int_equal(hours_open(group, &group->current, &announcement, later, gsk),
                     STATUS_MALFORMED);
    group_free(group);
}

/* The record has the next hour's key first; memory has it once that is durable. */
static void a_key_is_destroyed_once_the_next_one_is_durable(void **state) {
    (void)state;
    const struct moment now = {.utc_ms = 1000000, .boot_ms = 7};
    const struct moment later = {.utc_ms = 1000000 + 5 * HOUR_MS, .boot_ms = 7 + 5 * HOUR_MS};
    struct group *group = made_group("adhoc:tel:+1;0123456789abcdef", 0xA0000001, now), *again;
    static uint8_t octets[GROUP_RECORD_MAX];
    uint8_t first[GMK_SIZE], fourth[GMK_SIZE];
    memcpy(first, group->current.octets->octets, sizeof first);
    memcpy(fourth, first, sizeof fourth);
    gmk_hour_move(fourth, group->current.id, 0, 4);
    assert_int_equal(hours_now(group, later), 5);
    assert_true(hours_step(group, 6, later)); /* the fifth may not be over at others */
    hours_saved(group, 7);
    assert_false(hours_step(group, 6, later));
    assert_memory_equal(group->current.octets->octets, first, GMK_SIZE);
    struct writer w = writer_into(octets, sizeof octets);
    group_write(&w, group);
    assert_int_equal(group_read(writer_span(&w), &again), STATUS_OK);
    assert_int_equal(again->current.hour, 4);
    assert_memory_equal(again->current.octets->octets, fourth, GMK_SIZE);
    assert_false(hours_step(group, 7, later));
    assert_int_equal(group->current.hour, 4);
    assert_memory_equal(group->current.octets->octets, fourth, GMK_SIZE);
    group_free(again);
    group_free(group);
}

/* Anybody can write an announcement of any time and hour: what no hour of the key can be is refused
 * before any key is made for it. */
static void an_hour_that_the_key_does_not_have_costs_nothing(void **state) {
    (void)state;
    struct squad *squad = new_group();
    uint8_t room[ANNOUNCEMENT_MAX], gsk[GSK_SIZE];
    struct announcement announcement;
    assert_heard(squad, 1);
    assert_int_equal(announcement_parse(announced(squad, 1, room), &announcement), STATUS_OK);
    struct group *group = group_of(squad, 0);
    for (int is_doubted = 0; is_doubted <= 1; is_doubted++) {
        group->hours.is_doubted = is_doubted != 0;
        announcement.fields.utc_ms += 20 * 365 * 24 * (int64_t)HOUR_MS;
        announcement.fields.hour = 9; /* the last one */
        assert_int_equal(
            hours_open(group, &group->current, &announcement, squad_now(squad, 0), gsk),
            STATUS_MAC_INVALID);
        const uint32_t never[] = {11, 20 * 365 * 24, UINT32_MAX >> 1};
        for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
            announcement.fields.hour = never[i];
            assert_int_equal(
                hours_open(group, &group->current, &announcement, squad_now(squad, 0), gsk),
                STATUS_MALFORMED);
        }
    }
    squad_free(squad);
}

/* A member says a later hour than it is to one who has just started and doubts the time: that one
 * would talk under it and be heard by nobody. Two neighbours whose clocks agree outvote it. */
static void one_members_later_hour_makes_nobody_unheard(void **state) {
    (void)state;
    struct squad *squad = new_group();
    squad_restart(squad, 2, true);
    struct group *group = group_of(squad, 2);
    const struct announcement_fields lie = {.gmk_id = group->current.id, .hour = 7};
    assert_true(group->hours.is_doubted);
    hours_hear(group, &lie, squad_now(squad, 2));
    assert_int_equal(hours_now(group, squad_now(squad, 2)), 7);
    pass(squad, 5 * MINUTE_MS);
    assert_int_equal(hours_now(group, squad_now(squad, 2)), 0);
    assert_heard(squad, 2);
    assert_all_heard(squad);
    squad_free(squad);
}

/* A member whose clock is far ahead moves the time of one that has just started, and names the hour
 * that fits: that is believed, and destroys no key that the others use. */
static void one_members_later_time_destroys_no_key(void **state) {
    (void)state;
    struct squad *squad = new_group();
    squad_restart(squad, 2, true);
    struct group *group = group_of(squad, 2);
    struct moment now = squad_now(squad, 2);
    const struct announcement_fields lie = {.gmk_id = group->current.id, .hour = 5};
    time_proof_hear_member(&squad->handsets[2].engine->groups, group, 5 * (int64_t)HOUR_MS, now);
    hours_hear(group, &lie, now);
    assert_int_equal(hours_now(group, now), 5);
    pass(squad, 5 * MINUTE_MS);
    assert_int_equal(hour_of(squad, 2), 0);
    assert_heard(squad, 0);
    pass_until(squad, HOUR_MS + HOURS_KEPT_MS + 2 * MINUTE_MS); /* by its own clock it goes */
    assert_int_equal(hour_of(squad, 2), 1);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_members_later_time_destroys_no_key),
        cmocka_unit_test(who_takes_a_handset_opens_nothing_of_an_hour_that_is_over),
        cmocka_unit_test(a_talk_goes_on_from_one_hour_to_the_next),
        cmocka_unit_test(members_hear_each_other_across_hours_with_clocks_five_minutes_off),
        cmocka_unit_test(members_hear_each_other_whenever_they_start_again),
        cmocka_unit_test(a_clock_that_is_set_ahead_erases_no_hour_that_others_use),
        cmocka_unit_test(a_clock_that_is_put_right_again_while_off_erases_none_either),
        cmocka_unit_test(a_clock_that_is_set_ahead_at_a_creator_spoils_no_key_that_it_gives),
        cmocka_unit_test(who_slept_for_hours_hears_at_once),
        cmocka_unit_test(with_a_disk_that_fails_a_handset_goes_on_and_loses_no_group),
        cmocka_unit_test(a_power_cut_leaves_the_one_hour_or_the_other),
        cmocka_unit_test(nobodys_word_moves_a_key),
        cmocka_unit_test(who_gets_the_key_later_gets_the_hour_that_it_is),
        cmocka_unit_test(an_hour_that_the_key_does_not_have_costs_nothing),
        cmocka_unit_test(one_members_later_hour_makes_nobody_unheard),
        cmocka_unit_test(a_standard_groups_key_does_not_move),
        cmocka_unit_test(a_key_is_destroyed_once_the_next_one_is_durable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
