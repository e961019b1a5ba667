/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Talking in standard groups: who is shown as talker where there is no member list, and talk that
 * goes on while keys change (app/README.md section 5, 5 and 6; app/handset/keys/standard.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "delivery.h"
#include "speaker.h"

enum {
    FIRST = 0x01020304,
    SECOND = 0x05060708
};

static void give(struct squad *squad, size_t n, uint32_t gmk_id, int64_t begins_in_ms) {
    struct delivery delivery = delivery_now(squad, n, gmk_id);
    delivery.begins_ms += begins_in_ms;
    delivery.ends_ms += begins_in_ms;
    assert_int_equal(delivery_give(squad, &delivery), STATUS_OK);
}

/* Handset n hears 20 ms of voice at least 45 times in each of `seconds`, from one talker all the
 * time, in one session. */
static void assert_hears_without_a_gap(struct squad *squad, size_t n, int seconds) {
    for (int i = 0; i < seconds; i++) {
        unsigned before = squad->handsets[n].voice_frames;
        squad_run(squad, 1000);
        assert_in_range(squad->handsets[n].voice_frames - before, 45, 51);
        assert_int_equal(squad_view(squad, n)->talker_count, 1);
        assert_int_equal(squad_view(squad, n)->session_count, 0);
    }
    assert_int_equal(squad->handsets[n].talks, 1);
}

static void who_holds_the_key_is_heard_by_all_who_hold_it_and_by_nobody_else(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    give(squad, 0, FIRST, 0);
    give(squad, 1, FIRST, 0);
    squad_run(squad, 200);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 500);
    assert_hears_without_a_gap(squad, 1, 2);
    const struct view_talker *talker = &squad_view(squad, 1)->talkers[0];
    assert_string_equal(talker->identity, squad_identity(0));
    assert_string_equal(talker->group, squad_identity(SQUAD_FIRE));
    assert_string_equal(talker->name, "fire1"); /* its own word, from its presence */
    assert_int_equal(squad_view(squad, 2)->talker_count, 0);
    assert_int_equal(squad->handsets[2].voice_frames, 0);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 100);
    assert_int_equal(squad_view(squad, 1)->talker_count, 0);
    assert_string_equal(squad_view(squad, 1)->sessions[0].group_name, "fire7");
    squad_free(squad);
}

/* `talker` announces itself in SQUAD_FIRE to handset 0 and speaks, signed by `signer` under the GMK
 * of `mac_key`. */
static enum status announce(struct squad *squad, size_t talker, size_t signer, uint32_t mac_key) {
    uint8_t gmk[GMK_SIZE];
    struct announcement_fields fields = {
        .csb_id = 5, .ssrc = 77, .gmk_id = FIRST, .utc_ms = squad_now(squad, 0).utc_ms};
    snprintf(fields.talker, sizeof fields.talker, "%s", squad_identity(talker));
    snprintf(fields.group, sizeof fields.group, "%s", squad_identity(SQUAD_FIRE));
    delivery_gmk(mac_key, gmk);
    struct speaker speaker = speaker_new(fields, gmk, squad_signing_key(signer));
    unsigned refusals = squad->handsets[0].refusals;
    speaker_say(&speaker, squad, 0, 1);
    speaker_clear(&speaker);
    return squad->handsets[0].refusals == refusals ? STATUS_OK : squad->handsets[0].last_refusal;
}

static void a_talker_needs_the_key_and_the_signature_of_its_identity(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    give(squad, 0, FIRST, 0);
    assert_int_equal(announce(squad, 1, 1, SECOND), STATUS_MAC_INVALID);      /* not the key */
    assert_int_equal(announce(squad, 1, 2, FIRST), STATUS_SIGNATURE_INVALID); /* as another */
    assert_int_equal(announce(squad, 0, 1, FIRST), STATUS_NOT_A_MEMBER);      /* as oneself */
    assert_int_equal(squad_view(squad, 0)->talker_count, 0);
    squad_run(squad, 1000);
    assert_int_equal(announce(squad, SQUAD_MONTHLY, SQUAD_MONTHLY, FIRST), STATUS_OK);
    assert_int_equal(squad_view(squad, 0)->talker_count, 1);
    assert_string_equal(squad_view(squad, 0)->talkers[0].identity, squad_identity(SQUAD_MONTHLY));
    squad_free(squad);
}

/* An announcement that handset 1 makes with all that it has, dated as it likes. */
static void announce_dated(struct squad *squad, uint32_t gmk_id, int64_t utc_ms) {
    const uint8_t gsk[GSK_SIZE] = {7};
    uint8_t octets[ANNOUNCEMENT_MAX], gmk[GMK_SIZE];
    const struct own_life *own = &squad->handsets[1].engine->roster.own;
    struct announcement_fields fields = {.csb_id = 6,
                                         .ssrc = 78,
                                         .gmk_id = gmk_id,
                                         .utc_ms = utc_ms,
                                         .proof.age_ms = own_age(own, squad_now(squad, 1))};
    memcpy(fields.proof.start, own->start, sizeof fields.proof.start);
    snprintf(fields.talker, sizeof fields.talker, "%s", squad_identity(1));
    snprintf(fields.group, sizeof fields.group, "%s", squad_identity(SQUAD_FIRE));
    delivery_gmk(gmk_id, gmk);
    struct writer w = writer_into(octets, sizeof octets);
    assert_int_equal(announcement_build(squad_provider(), &fields, gmk, gsk, squad_signing_key(1),
                                        &entropy_system, &w),
                     STATUS_OK);
    squad_inject_payload(squad, 0, 1, FRAME_ANNOUNCEMENT, writer_span(&w));
}

/* Whoever holds the next key cannot begin it for others by announcing under it today. */
static void a_key_that_waits_begins_no_earlier_than_its_talker_says(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    give(squad, 0, FIRST, 0);
    squad_run(squad, 1000);
    give(squad, 0, SECOND, 10 * 60 * 1000);
    squad_run(squad, 12 * 1000); /* the talker's clock is measured */
    int64_t now_ms = squad_now(squad, 0).utc_ms;
    announce_dated(squad, SECOND, now_ms);
    squad_run(squad, 500);
    assert_int_equal(squad_view(squad, 0)->groups[0].gmk_id, FIRST);
    announce_dated(squad, SECOND, now_ms + 11 * 60 * 1000);
    squad_run(squad, 1500);
    announce_dated(squad, SECOND, now_ms + 11 * 60 * 1000); /* the lead is durable now */
    squad_run(squad, 500);
    assert_int_equal(squad_view(squad, 0)->groups[0].gmk_id, SECOND);
    squad_free(squad);
}

/* Nor by a date of the past, which who is behind has: not one that begins in more than a day. */
static void a_key_of_next_week_begins_by_no_date_of_the_past(void **state) {
    (void)state;
    const int64_t days_ms = INT64_C(3) * 24 * 60 * 60 * 1000;
    struct squad *squad = squad_new(2);
    give(squad, 0, FIRST, 0);
    squad_run(squad, 1000);
    give(squad, 0, SECOND, days_ms);
    squad_run(squad, 12 * 1000); /* the talker's clock is measured */
    announce_dated(squad, SECOND, squad_now(squad, 0).utc_ms - 20 * 60 * 1000);
    squad_run(squad, 1500);
    assert_int_equal(squad_view(squad, 0)->groups[0].gmk_id, FIRST);
    squad_free(squad);
}

static void what_was_said_is_heard_once_also_after_a_restart(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    give(squad, 0, FIRST, 0);
    give(squad, 1, FIRST, 0);
    size_t first = squad->frame_count;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 200);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 1000);
    size_t end = squad->frame_count;
    unsigned heard = squad->handsets[1].voice_frames;
    assert_true(heard > 0);
    for (int restarted = 0; restarted < 2; restarted++) {
        recording_play(squad, 1, 0, first, end);
        squad_run(squad, 500);
        assert_int_equal(squad_view(squad, 1)->talker_count, 0);
        assert_int_equal(squad->handsets[1].voice_frames, heard);
        squad_restart(squad, 1, true);
    }
    squad_free(squad);
}

static void a_waiting_key_takes_over_at_its_time_while_a_talk_goes_on(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    for (size_t n = 0; n < 2; n++) {
        give(squad, n, FIRST, 0);
        squad->boot_ms += 10;
        give(squad, n, SECOND, 5000);
    }
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 500);
    assert_hears_without_a_gap(squad, 1, 2);
    assert_int_equal(squad_view(squad, 1)->groups[0].gmk_id, FIRST);
    assert_hears_without_a_gap(squad, 1, 6);
    for (size_t n = 0; n < 2; n++) {
        assert_int_equal(squad_view(squad, n)->groups[0].gmk_id, SECOND);
    }
    /* What is on the air is under the new key. */
    struct span media = squad_payload(squad_find_frame(squad, 0, FRAME_MEDIA));
    struct reader r = reader_of(media);
    assert_int_equal(read_u32(&r), SECOND);
    squad_free(squad);
}

static void a_talk_goes_on_whoever_gets_the_new_key_first(void **state) {
    (void)state;
    for (size_t first = 0; first < 2; first++) {
        struct squad *squad = squad_new(2);
        give(squad, 0, FIRST, 0);
        give(squad, 1, FIRST, 0);
        assert_int_equal(squad_talk(squad, 0), STATUS_OK);
        squad_run(squad, 500);
        assert_hears_without_a_gap(squad, 1, 1);
        if (first == 1) { /* the listener, long before the talker */
            give(squad, 1, SECOND, 0);
            assert_hears_without_a_gap(squad, 1, 50);
            give(squad, 0, SECOND, 0);
        } else { /* the talker; the listener at the next repetition of the announcement */
            give(squad, 0, SECOND, 0);
            give(squad, 1, SECOND, 0);
        }
        assert_hears_without_a_gap(squad, 1, 3);
        squad_free(squad);
    }
}

static void an_earlier_key_is_heard_for_the_overlap_and_no_longer(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    give(squad, 0, FIRST, 0);
    give(squad, 1, FIRST, 0);
    squad_run(squad, 10);
    give(squad, 1, SECOND, 0);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_view(squad, 1)->talker_count, 1);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, STANDARD_OVERLAP_MS - 5000);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 3000);
    assert_int_equal(squad_view(squad, 1)->talker_count, 1);
    squad_run(squad, 2000);
    assert_int_equal(squad_view(squad, 1)->talker_count, 0);
    assert_true(squad_view(squad, 0)->talking);
    squad_free(squad);
}

/* --- The memory of talkers ------------------------------------------------------------------ */

static void numbered(char identity[IDENTITY_SIZE], int number) {
    snprintf(identity, IDENTITY_SIZE, "tel:+44770090%04d", number);
}

static void the_memory_of_talkers_is_read_back_as_it_was_written(void **state) {
    (void)state;
    struct talkers talkers = {.earlier_ms = 5}, again;
    uint8_t octets[TALKERS_MAX * (IDENTITY_SIZE + 8) + 9];
    for (int i = 0; i < 3; i++) {
        numbered(talkers.list[talkers.count].identity, i);
        talkers.list[talkers.count++].talked_ms = 100 + i;
    }
    struct writer w = writer_into(octets, sizeof octets);
    talkers_write(&w, &talkers);
    struct reader r = reader_of(writer_span(&w));
    assert_int_equal(talkers_read(&r, &again), STATUS_OK);
    assert_memory_equal(&again, &talkers, sizeof talkers);
    for (size_t length = 0; length < w.length; length++) {
        r = reader_of((struct span){octets, length});
        assert_int_equal(talkers_read(&r, &again), STATUS_TRUNCATED);
    }
    octets[8] = TALKERS_MAX + 1;
    r = reader_of(writer_span(&w));
    assert_int_equal(talkers_read(&r, &again), STATUS_TOO_LONG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_holds_the_key_is_heard_by_all_who_hold_it_and_by_nobody_else),
        cmocka_unit_test(a_talker_needs_the_key_and_the_signature_of_its_identity),
        cmocka_unit_test(a_key_that_waits_begins_no_earlier_than_its_talker_says),
        cmocka_unit_test(a_key_of_next_week_begins_by_no_date_of_the_past),
        cmocka_unit_test(what_was_said_is_heard_once_also_after_a_restart),
        cmocka_unit_test(a_waiting_key_takes_over_at_its_time_while_a_talk_goes_on),
        cmocka_unit_test(a_talk_goes_on_whoever_gets_the_new_key_first),
        cmocka_unit_test(an_earlier_key_is_heard_for_the_overlap_and_no_longer),
        cmocka_unit_test(the_memory_of_talkers_is_read_back_as_it_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
