/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who hears me (app/handset/talk/hearers.h, reporting.h): the talker sees while it talks how many
 * report that they hear it, and within two seconds of the press that nobody does; of the others it
 * is said why. What reports themselves are worth is in test_voice_reports.c.
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

enum {
    GMK = 0x01020304
};

static const struct view_hearing *hearing(struct squad *squad, size_t n) {
    return &squad_view(squad, n)->hearing;
}

static size_t reports_since(const struct squad *squad, size_t first, size_t from) {
    size_t count = 0;
    for (size_t i = first; i < squad->frame_count; i++) {
        count += squad->frames[i].octets[1] == FRAME_VOICE_REPORT &&
                 (from == SQUAD_MAX || squad->frames[i].from == from);
    }
    return count;
}

static unsigned unheard_events(struct squad *squad, size_t n) {
    const struct view *view = squad_view(squad, n);
    unsigned count = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        count += view->log[i].kind == EVENT_OWN_TALK_UNHEARD;
    }
    return count;
}

/* What the talker says of the n-th handset; UNHEARD_REASONS: nothing, for it reports that it hears.
 */
static enum unheard_reason reason_of(struct squad *squad, size_t talker, size_t n) {
    const struct view_hearing *view = hearing(squad, talker);
    for (size_t i = 0; i < view->unheard_count; i++) {
        if (strcmp(view->unheard[i].identity, squad_identity(n)) == 0) {
            return view->unheard[i].reason;
        }
    }
    return UNHEARD_REASONS;
}

/* Everyone in one standard group, whose key they got one by one. */
static void give_standard_group(struct squad *squad) {
    for (size_t n = 0; n < squad->count; n++) {
        const struct delivery delivery = delivery_now(squad, n, GMK);
        assert_int_equal(delivery_give(squad, &delivery), STATUS_OK);
    }
}

/* Handset 0 draws a new key for the `count` handsets after it, whose officers are asked. */
static void rekey(struct squad *squad, size_t count) {
    struct command command = squad_create_command(count, HOUR_MS);
    command.kind = COMMAND_REKEY_GROUP;
    memcpy(command.group, squad_view(squad, 0)->groups[0].identity, sizeof command.group);
    assert_int_equal(squad_command(squad, 0, &command), STATUS_OK);
    squad_run(squad, 1000);
}

/* --- What the talker sees --------------------------------------------------------------------- */

static void the_talker_sees_that_all_hear(void **state) {
    (void)state;
    struct squad *squad = squad_new(6);
    squad_group(squad, HOUR_MS);
    assert_int_equal(hearing(squad, 0)->state, HEARING_NONE);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 20);
    assert_int_equal(hearing(squad, 0)->state, HEARING_AWAITED);
    squad_run(squad, HEARERS_JUDGE_MS - 20);
    assert_int_equal(hearing(squad, 0)->state, HEARING_SOME);
    assert_int_equal(hearing(squad, 0)->hearers, 5);
    assert_int_equal(hearing(squad, 0)->others, 5);
    assert_int_equal(hearing(squad, 0)->unheard_count, 0);
    assert_false(hearing(squad, 0)->is_over);
    for (int seconds = 2; seconds < 45; seconds++) { /* renewals, and report after report */
        squad_run(squad, 1000);
        assert_int_equal(hearing(squad, 0)->hearers, 5);
    }
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 1000);
    assert_true(hearing(squad, 0)->is_over);
    assert_int_equal(hearing(squad, 0)->state, HEARING_SOME);
    assert_int_equal(hearing(squad, 0)->hearers, 5);
    squad_run(squad, HEARERS_SHOWN_MS);
    assert_int_equal(hearing(squad, 0)->state, HEARING_NONE);
    assert_int_equal(unheard_events(squad, 0), 0);
    for (size_t n = 1; n < 6; n++) {
        assert_int_equal(hearing(squad, n)->state, HEARING_NONE); /* who listens is told nothing */
    }
    squad_free(squad);
}

/* The word is over before anybody has reported. */
static void who_heard_a_short_word_is_seen_after_it(void **state) {
    (void)state;
    struct squad *squad = squad_new(4);
    squad_group(squad, HOUR_MS);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 300);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, HEARERS_JUDGE_MS - 300);
    assert_true(hearing(squad, 0)->is_over);
    assert_int_equal(hearing(squad, 0)->hearers, 3);
    assert_int_equal(unheard_events(squad, 0), 0);
    squad_free(squad);
}

static void who_presses_again_and_again_keeps_its_hearers_and_gets_few_reports(void **state) {
    (void)state;
    struct squad *squad = squad_new(4);
    squad_group(squad, HOUR_MS);
    size_t before = squad->frame_count;
    for (int press = 0; press < 40; press++) { /* 20 s */
        assert_int_equal(squad_talk(squad, 0), STATUS_OK);
        squad_run(squad, 300);
        assert_int_equal(squad_stop(squad, 0), STATUS_OK);
        squad_run(squad, 200);
        assert_int_not_equal(hearing(squad, 0)->state, HEARING_NOBODY);
        if (press >= 4) {
            assert_int_equal(hearing(squad, 0)->hearers + hearing(squad, 0)->earlier, 3);
        }
    }
    for (size_t n = 1; n < 4; n++) {
        assert_in_range(reports_since(squad, before, n), 8, 20 * 1000 / REPORT_SPREAD_MS + 1);
    }
    squad_run(squad, REPORT_SPREAD_MS); /* and of the last press it is known who heard it */
    assert_int_equal(hearing(squad, 0)->hearers, 3);
    assert_int_equal(unheard_events(squad, 0), 0);
    squad_free(squad);
}

/* Long before a listener's next report is due. */
static void each_of_several_presses_is_answered(void **state) {
    (void)state;
    struct squad *squad = squad_new(4);
    squad_group(squad, HOUR_MS);
    size_t before = squad->frame_count;
    for (int press = 0; press < 6; press++) {
        assert_int_equal(squad_talk(squad, 0), STATUS_OK);
        squad_run(squad, 10);
        assert_int_equal(hearing(squad, 0)->state, HEARING_AWAITED);
        assert_int_equal(hearing(squad, 0)->hearers, 0);
        assert_int_equal(hearing(squad, 0)->earlier, press == 0 ? 0 : 3);
        squad_run(squad, REPORT_SPREAD_MS + 90);
        assert_int_equal(hearing(squad, 0)->hearers, 3);
        assert_int_equal(hearing(squad, 0)->earlier, 0);
        assert_int_equal(hearing(squad, 0)->unheard_count, 0);
        assert_int_equal(squad_stop(squad, 0), STATUS_OK);
        squad_run(squad, 200);
    }
    for (size_t n = 1; n < 4; n++) {
        assert_int_equal(reports_since(squad, before, n), 6);
    }
    squad_free(squad);
}

/* Everybody heard a talk, and is out of reach for the next. */
static void who_heard_the_talk_before_did_not_hear_this_one(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 2500);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 500);
    assert_int_equal(hearing(squad, 0)->hearers, 2);
    squad->handsets[1].deaf = squad->handsets[2].deaf = true;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, HEARERS_JUDGE_MS - 100);
    assert_int_equal(hearing(squad, 0)->state, HEARING_AWAITED);
    assert_int_equal(hearing(squad, 0)->earlier, 2);
    squad_run(squad, 200);
    assert_int_equal(hearing(squad, 0)->state, HEARING_NOBODY);
    assert_int_equal(hearing(squad, 0)->hearers, 0);
    assert_int_equal(hearing(squad, 0)->unheard_count, 2);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 10);
    assert_int_equal(hearing(squad, 0)->state, HEARING_NOBODY);
    assert_false(hearing(squad, 0)->was_heard);
    assert_int_equal(unheard_events(squad, 0), 1);
    squad_free(squad);
}

/* And presses again and again, each time for a moment only. */
static void who_presses_for_moments_learns_that_it_is_heard_no_more(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    for (int press = 0; press < 20; press++) {
        squad->handsets[1].deaf = squad->handsets[2].deaf = press >= 8;
        assert_int_equal(squad_talk(squad, 0), STATUS_OK);
        squad_run(squad, 300);
        assert_int_equal(squad_stop(squad, 0), STATUS_OK);
        squad_run(squad, 200);
        assert_true(press >= 8 || hearing(squad, 0)->state != HEARING_NOBODY);
    }
    assert_int_equal(hearing(squad, 0)->state, HEARING_NOBODY);
    squad_run(squad, HEARERS_JUDGE_MS);
    assert_int_equal(unheard_events(squad, 0), 1);
    squad_free(squad);
}

static void nobody_who_is_alone_in_the_group_hears(void **state) {
    (void)state;
    struct squad *squad = squad_new(1);
    const struct delivery delivery = delivery_now(squad, 0, GMK);
    assert_int_equal(delivery_give(squad, &delivery), STATUS_OK);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, HEARERS_JUDGE_MS);
    assert_int_equal(hearing(squad, 0)->state, HEARING_NOBODY);
    assert_int_equal(unheard_events(squad, 0), 0); /* until the talk is over */
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 10);
    assert_true(hearing(squad, 0)->is_over);
    assert_int_equal(hearing(squad, 0)->state, HEARING_NOBODY);
    assert_int_equal(unheard_events(squad, 0), 1);
    squad_run(squad, HEARERS_SHOWN_MS);
    assert_int_equal(hearing(squad, 0)->state, HEARING_NONE);
    assert_int_equal(unheard_events(squad, 0), 1);
    squad_free(squad);
}

static void nobody_hears_a_word_that_is_over_before_the_judgement(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    squad->handsets[1].deaf = true;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 300);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 10);
    assert_int_equal(hearing(squad, 0)->state, HEARING_AWAITED);
    assert_int_equal(unheard_events(squad, 0), 0);
    squad_run(squad, HEARERS_JUDGE_MS - 290);
    assert_int_equal(hearing(squad, 0)->state, HEARING_NOBODY);
    assert_int_equal(unheard_events(squad, 0), 1);
    squad_free(squad);
}

/* Handset 2 was left out of a rekey and does not know it: it talks under the key before. */
static void who_was_left_out_of_a_rekey_learns_that_nobody_hears(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_ask_always(squad);
    squad_group(squad, HOUR_MS);
    rekey(squad, 1);
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2000);
    assert_int_equal(squad_talk(squad, 2), STATUS_OK);
    squad_run(squad, HEARERS_JUDGE_MS);
    assert_int_equal(hearing(squad, 2)->state, HEARING_NOBODY);
    assert_int_equal(reason_of(squad, 2, 1), UNHEARD_UNKNOWN);
    assert_int_equal(squad_stop(squad, 2), STATUS_OK);
    squad_run(squad, 3000);
    assert_int_equal(unheard_events(squad, 2), 1);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK); /* who stayed are heard */
    squad_run(squad, HEARERS_JUDGE_MS);
    assert_int_equal(hearing(squad, 0)->hearers, 1);
    assert_int_equal(hearing(squad, 0)->others, 1);
    squad_free(squad);
}

/* A new key was drawn that nobody has taken yet: the others hold the one before. */
static void who_holds_another_key_is_named_at_once(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    rekey(squad, 2);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 20);
    assert_int_equal(hearing(squad, 0)->state, HEARING_NOBODY); /* nobody could report */
    for (size_t n = 1; n < 3; n++) {
        assert_int_equal(reason_of(squad, 0, n), UNHEARD_LACKS_KEY);
    }
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 5000);
    assert_int_equal(hearing(squad, 0)->state, HEARING_SOME);
    assert_int_equal(hearing(squad, 0)->hearers, 1);
    assert_int_equal(reason_of(squad, 0, 1), UNHEARD_REASONS);
    assert_int_equal(reason_of(squad, 0, 2), UNHEARD_LACKS_KEY);
    squad_free(squad);
}

static void who_is_out_of_range_is_not_nearby(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    squad->handsets[1].deaf = squad->handsets[2].deaf = true;
    squad_run(squad, PRESENCE_LASTS_MS + 1000);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, HEARERS_JUDGE_MS);
    assert_int_equal(hearing(squad, 0)->state, HEARING_NOBODY);
    assert_int_equal(reason_of(squad, 0, 1), UNHEARD_NOT_NEARBY);
    squad->handsets[1].deaf = false; /* one comes back while the talk goes on */
    squad_run(squad, 8000);
    assert_int_equal(hearing(squad, 0)->state, HEARING_SOME);
    assert_int_equal(hearing(squad, 0)->hearers, 1);
    assert_int_equal(reason_of(squad, 0, 2), UNHEARD_NOT_NEARBY);
    squad->handsets[1].deaf = true; /* and is gone again */
    squad_run(squad, HEARERS_COUNT_MS);
    assert_int_equal(hearing(squad, 0)->state, HEARING_NOBODY);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 100);
    assert_int_equal(hearing(squad, 0)->state, HEARING_NOBODY);
    assert_true(hearing(squad, 0)->was_heard); /* the beginning, at least */
    assert_int_equal(unheard_events(squad, 0), 0);
    squad_free(squad);
}

static void set_silence(struct squad *squad, size_t n, bool on) {
    const struct command command = {.kind = COMMAND_RADIO_SILENCE, .on = on};
    assert_int_equal(squad_command(squad, n, &command), STATUS_OK);
}

static void who_keeps_radio_silence_hears_and_says_nothing(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    set_silence(squad, 1, true);
    size_t before = squad->frame_count;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, HEARERS_JUDGE_MS);
    assert_true(squad->handsets[1].voice_frames > 50);
    assert_int_equal(reports_since(squad, before, 1), 0);
    assert_int_equal(hearing(squad, 0)->hearers, 1);
    assert_int_equal(reason_of(squad, 0, 1), UNHEARD_UNKNOWN);
    squad_run(squad, 12 * 1000);
    assert_int_equal(reports_since(squad, before, 1), 0);
    set_silence(squad, 1, false);
    squad_run(squad, REPORT_EVERY_MS + REPORT_SPREAD_MS);
    assert_int_equal(hearing(squad, 0)->hearers, 2);
    squad_free(squad);
}

static bool drop_what_1_says(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    (void)receiver;
    return frame->from != 1;
}

/* Handset 1 hears handset 0, which does not hear it. */
static void who_is_heard_over_a_one_way_link_does_not_know(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    squad->filter = drop_what_1_says;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, HEARERS_JUDGE_MS);
    assert_true(squad->handsets[1].voice_frames > 50);
    assert_int_equal(hearing(squad, 0)->hearers, 1);
    assert_int_equal(reason_of(squad, 0, 1), UNHEARD_UNKNOWN);
    squad_run(squad, PRESENCE_LASTS_MS);
    assert_int_equal(reason_of(squad, 0, 1), UNHEARD_NOT_NEARBY);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 10 * 1000);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK); /* and the other way, nothing arrives */
    squad_run(squad, HEARERS_JUDGE_MS);
    assert_int_equal(squad_view(squad, 0)->talker_count, 0);
    assert_int_equal(hearing(squad, 1)->state, HEARING_NOBODY);
    squad_free(squad);
}

static bool drop_presences_of_0_and_reports(void *context, struct squad_frame *frame,
                                            size_t receiver) {
    (void)context;
    (void)receiver;
    return frame->octets[1] != FRAME_VOICE_REPORT &&
           (frame->from != 0 || frame->octets[1] != FRAME_PRESENCE);
}

/* Two members have not reported; of one the clock is ten minutes off, and was never measured, as it
 * does not hear this handset's presence. */
static void whose_clock_differs_unmeasured_is_named(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad->filter = drop_presences_of_0_and_reports;
    squad->handsets[1].utc_offset_ms = 10 * 60 * 1000;
    squad_group(squad, HOUR_MS);
    squad_run(squad, 6000);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, HEARERS_JUDGE_MS);
    assert_int_equal(hearing(squad, 0)->state, HEARING_NOBODY);
    assert_int_equal(reason_of(squad, 0, 1), UNHEARD_CLOCK_DIFFERS);
    assert_int_equal(reason_of(squad, 0, 2), UNHEARD_UNKNOWN);
    squad_free(squad);
}

static void whose_loudspeaker_failed_does_not_hear(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    struct event event = {.kind = EVENT_LOUDSPEAKER_FAILED, .check = "io-failed"};
    handset_note(squad->handsets[1].engine, squad_now(squad, 1), &event);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, HEARERS_JUDGE_MS);
    assert_int_equal(hearing(squad, 0)->hearers, 1);
    assert_int_equal(reason_of(squad, 0, 1), UNHEARD_NOT_PLAYED);
    event.kind = EVENT_LOUDSPEAKER_BACK;
    handset_note(squad->handsets[1].engine, squad_now(squad, 1), &event);
    squad_run(squad, REPORT_EVERY_MS + REPORT_SPREAD_MS);
    assert_int_equal(hearing(squad, 0)->hearers, 2);
    squad_free(squad);
}

static void a_standard_group_has_hearers_and_no_list(void **state) {
    (void)state;
    struct squad *squad = squad_new(4);
    give_standard_group(squad);
    squad_run(squad, 1000);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, HEARERS_JUDGE_MS);
    assert_false(hearing(squad, 0)->has_list);
    assert_int_equal(hearing(squad, 0)->hearers, 3);
    assert_int_equal(hearing(squad, 0)->unheard_count, 0);
    squad_free(squad);
}

/* --- Loss ------------------------------------------------------------------------------------- */

/* Every tenth voice frame of handset 0 is lost on its way to handset 1, and every second one on its
 * way to handset 2. */
struct losses {
    unsigned frames[3];
};

static bool lose_some(void *context, struct squad_frame *frame, size_t receiver) {
    static const unsigned every[] = {0, 10, 2};
    struct losses *losses = context;
    if (frame->from != 0 || frame->octets[1] != FRAME_MEDIA || receiver > 2) {
        return true;
    }
    return ++losses->frames[receiver] % every[receiver] != 0;
}

static void listeners_report_what_they_lose(void **state) {
    (void)state;
    struct losses losses = {{0}};
    struct squad *squad = squad_new(5);
    squad_group(squad, HOUR_MS);
    squad->filter = lose_some;
    squad->filter_context = &losses;
    const struct hearers *hearers = &squad->handsets[0].engine->hearers;
    unsigned percent;
    assert_false(hearers_loss(hearers, squad_now(squad, 0), &percent));
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 15 * 1000);
    unsigned clear = 0, tenth = 0, half = 0;
    assert_int_equal(hearers->count, 4);
    for (size_t i = 0; i < hearers->count; i++) {
        clear += hearers->list[i].loss == 0;
        tenth += hearers->list[i].loss >= 8 && hearers->list[i].loss <= 11;
        half += hearers->list[i].loss >= 45 && hearers->list[i].loss <= 52;
    }
    assert_int_equal(clear, 2);
    assert_int_equal(tenth, 1);
    assert_int_equal(half, 1);
    /* Three of four are served; one at the edge of reach does not decide for all. */
    assert_true(hearers_loss(hearers, squad_now(squad, 0), &percent));
    assert_in_range(percent, 8, 11);
    squad_free(squad);
}

/* Handset 2 hears handsets 0 and 1, which do not hear each other; handset 0 from `from_ms` on. */
struct late_comer {
    const struct squad *squad;
    int64_t from_ms;
};

static bool keep_0_and_1_apart(void *context, struct squad_frame *frame, size_t receiver) {
    const struct late_comer *late = context;
    return frame->from == 2 ||
           (receiver == 2 && (frame->from == 1 || late->squad->boot_ms >= late->from_ms));
}

/* Handset 0, which pressed first, takes the floor from handset 1 at their listener for a while. */
static void what_is_not_played_for_want_of_the_floor_is_not_lost(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    struct late_comer late = {.squad = squad, .from_ms = squad->boot_ms + 3000};
    squad->filter = keep_0_and_1_apart;
    squad->filter_context = &late;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 500);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK);
    squad_run(squad, 3500);
    assert_string_equal(squad_view(squad, 2)->talkers[0].identity, squad_identity(0));
    const struct hearers *hearers = &squad->handsets[1].engine->hearers;
    assert_int_equal(hearers->count, 1);
    int64_t came_ms = hearers->list[0].came_ms;
    squad_run(squad, 4000);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 1000);
    assert_string_equal(squad_view(squad, 2)->talkers[0].identity, squad_identity(1));
    squad_run(squad, 6000);
    assert_true(hearers->list[0].came_ms > came_ms);
    assert_int_equal(hearers->list[0].loss, 0);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_talker_sees_that_all_hear),
        cmocka_unit_test(who_heard_a_short_word_is_seen_after_it),
        cmocka_unit_test(who_presses_again_and_again_keeps_its_hearers_and_gets_few_reports),
        cmocka_unit_test(each_of_several_presses_is_answered),
        cmocka_unit_test(who_heard_the_talk_before_did_not_hear_this_one),
        cmocka_unit_test(who_presses_for_moments_learns_that_it_is_heard_no_more),
        cmocka_unit_test(nobody_who_is_alone_in_the_group_hears),
        cmocka_unit_test(nobody_hears_a_word_that_is_over_before_the_judgement),
        cmocka_unit_test(who_was_left_out_of_a_rekey_learns_that_nobody_hears),
        cmocka_unit_test(who_holds_another_key_is_named_at_once),
        cmocka_unit_test(who_is_out_of_range_is_not_nearby),
        cmocka_unit_test(who_keeps_radio_silence_hears_and_says_nothing),
        cmocka_unit_test(who_is_heard_over_a_one_way_link_does_not_know),
        cmocka_unit_test(whose_clock_differs_unmeasured_is_named),
        cmocka_unit_test(whose_loudspeaker_failed_does_not_hear),
        cmocka_unit_test(a_standard_group_has_hearers_and_no_list),
        cmocka_unit_test(listeners_report_what_they_lose),
        cmocka_unit_test(what_is_not_played_for_want_of_the_floor_is_not_lost),
    };
    return cmocka_run_group_tests_name("app/hearers", tests, NULL, NULL);
}
