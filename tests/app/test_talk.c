/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Talk sessions (6.X.3.2.3) between whole engines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/air/frame.h"
#include "app/handset/handset.h"
#include "speaker.h"

static void everyone_in_the_group_hears_the_talker_and_nobody_else_does(void **state) {
    (void)state;
    struct squad *squad = squad_new(4);
    squad->handsets[3].deaf = true; /* not asked to join */
    squad_run(squad, 200);
    struct command create = squad_create_command(2, HOUR_MS);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    squad_run(squad, 1000);
    squad->handsets[3].deaf = false;
    assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
    assert_int_equal(squad_answer(squad, 2, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 2000);
    for (size_t talker = 0; talker < 3; talker++) {
        unsigned heard[4];
        for (size_t n = 0; n < 4; n++) {
            heard[n] = squad->handsets[n].voice_frames;
        }
        assert_int_equal(squad_talk(squad, talker), STATUS_OK);
        squad_run(squad, 1000);
        for (size_t n = 0; n < 3; n++) {
            const struct view *view = squad_view(squad, n);
            assert_int_equal(view->talker_count, 1);
            assert_string_equal(view->talkers[0].identity, squad_identity(talker));
            assert_int_equal(view->talkers[0].self, n == talker);
            assert_true(view->talkers[0].level > 50);
            if (n != talker) {
                assert_true(squad->handsets[n].voice_frames > heard[n] + 35);
            }
        }
        assert_int_equal(squad_stop(squad, talker), STATUS_OK);
        squad_run(squad, 200);
        for (size_t n = 0; n < 3; n++) {
            assert_int_equal(squad_view(squad, n)->talker_count, 0);
        }
    }
    assert_int_equal(squad->handsets[3].voice_frames, 0);
    assert_int_equal(squad->handsets[3].talks, 0);
    squad_free(squad);
}

static void announcement_and_first_media_are_one_transmission(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    size_t before = squad->frame_count;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 20);
    size_t first = before;
    while (first < squad->frame_count &&
           (squad->frames[first].from != 0 || squad->frames[first].octets[1] == FRAME_PRESENCE)) {
        first++;
    }
    assert_int_equal(squad->frames[first].octets[1], FRAME_ANNOUNCEMENT_AND_MEDIA);
    squad_run(squad, 100);
    assert_int_equal(squad_view(squad, 1)->talker_count, 1);
    squad_free(squad);
}

static void a_late_joiner_hears_within_a_second_or_so(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    squad->handsets[1].deaf = true;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 5500);
    squad->handsets[1].deaf = false;
    squad_run(squad, 1200);
    assert_int_equal(squad_view(squad, 1)->talker_count, 1);
    assert_true(squad->handsets[1].voice_frames > 0);
    squad_free(squad);
}

static void a_long_session_is_renewed_without_a_gap(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 55000);
    assert_true(squad->handsets[1].voice_frames > 55000 / VOICE_FRAME_MS - 20);
    assert_int_equal(squad->handsets[1].talks, 1);
    assert_true(squad_view(squad, 1)->talkers[0].elapsed_ms > 54000);
    squad_free(squad);
}

static bool drop_voice_of_0(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    (void)receiver;
    return frame->from != 0 || frame->octets[1] == FRAME_PRESENCE;
}

static void a_session_that_falls_silent_ends_by_itself(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 500);
    squad->filter = drop_voice_of_0;
    squad_run(squad, 2200);
    assert_int_equal(squad_view(squad, 1)->talker_count, 0);
    assert_int_equal(squad_view(squad, 1)->session_count, 1);
    squad_free(squad);
}

/* Handset 0 talks for 400 ms, and handset 1 gets all of that at once when it is over. */
static void talk_that_arrives_all_at_once(struct squad *squad) {
    size_t first = squad->frame_count;
    squad->filter = drop_voice_of_0;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 400);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 10);
    squad->filter = NULL;
    for (size_t i = first; i < squad->frame_count; i++) {
        const struct squad_frame *frame = &squad->frames[i];
        if (frame->from == 0 && frame->octets[1] != FRAME_PRESENCE) {
            handset_frame(squad->handsets[1].engine, squad_now(squad, 1), 1,
                          (struct span){frame->octets, frame->length});
        }
    }
}

static void the_last_words_are_heard_although_the_end_has_come(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    talk_that_arrives_all_at_once(squad);
    assert_int_equal(squad_view(squad, 1)->talker_count, 1);
    squad_run(squad, 600);
    assert_in_range(squad->handsets[1].voice_frames, 16, 25); /* a fifth faster */
    assert_int_equal(squad_view(squad, 1)->talker_count, 0);
    assert_int_equal(squad_view(squad, 1)->session_count, 1);
    squad_free(squad);
}

static void who_presses_again_is_heard_in_a_session_of_its_own(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    talk_that_arrives_all_at_once(squad);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 200);
    assert_int_equal(squad_view(squad, 1)->talker_count, 1);
    assert_int_equal(squad_view(squad, 1)->session_count, 1);
    assert_int_equal(squad->handsets[1].talks, 2);
    squad_free(squad);
}

/* The renewal of a talk is overtaken by its end. */
static void a_late_renewal_cuts_no_last_words(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    squad->filter = drop_voice_of_0;
    size_t first = squad->frame_count;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 200);
    squad->handsets[0].engine->talk.refresh_due_ms = squad->boot_ms + TALK_AHEAD_MS;
    squad_run(squad, 200);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 10);
    squad->filter = NULL;
    const struct squad_frame *renewal = squad_find_frame(squad, 0, FRAME_ANNOUNCEMENT);
    assert_non_null(renewal);
    for (size_t i = first; i < squad->frame_count; i++) {
        const struct squad_frame *frame = &squad->frames[i];
        if (frame->from == 0 &&
            (frame->octets[1] == FRAME_ANNOUNCEMENT_AND_MEDIA || frame->octets[1] == FRAME_MEDIA)) {
            squad_inject(squad, 1, 0, (struct span){frame->octets, frame->length});
        }
    }
    assert_int_equal(squad_view(squad, 1)->talker_count, 1);
    squad_inject(squad, 1, 0, (struct span){renewal->octets, renewal->length});
    squad_run(squad, 600);
    assert_in_range(squad->handsets[1].voice_frames, 16, 25);
    assert_int_equal(squad->handsets[1].talks, 1);
    assert_int_equal(squad_view(squad, 1)->talker_count, 0);
    squad_free(squad);
}

static bool lose_ends(void *context, struct squad_frame *frame, size_t receiver) {
    struct media media;
    (void)context, (void)receiver;
    return frame->octets[1] != FRAME_MEDIA ||
           media_read(squad_payload(frame), &media) != STATUS_OK || !media_is_end(&media);
}

/* Nobody hears that the one before has ended: it is over all the same. */
static void each_press_is_a_talk_of_its_own_although_the_ends_are_lost(void **state) {
    (void)state;
    enum {
        PRESSES = 6,
        PRESS_MS = 1000,
        PAUSE_MS = 600
    };
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    squad->filter = lose_ends;
    for (unsigned i = 1; i <= PRESSES; i++) {
        assert_int_equal(squad_talk(squad, 0), STATUS_OK);
        squad_run(squad, PRESS_MS);
        const struct view *view = squad_view(squad, 1);
        assert_int_equal(view->talker_count, 1);
        assert_in_range(view->talkers[0].elapsed_ms, PRESS_MS / 2, PRESS_MS);
        assert_in_range(view->talkers[0].missed_ms, 0, VOICE_FRAME_MS);
        assert_int_equal(squad->handsets[1].talks, i);
        assert_int_equal(view->session_count, i - 1);
        assert_int_equal(squad_stop(squad, 0), STATUS_OK);
        squad_run(squad, PAUSE_MS);
    }
    squad_free(squad);
}

static void last_words_that_nobody_plays_keep_no_session(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    talk_that_arrives_all_at_once(squad);
    squad->boot_ms += VOICE_HELD_MAX_MS;
    handset_tick(squad->handsets[1].engine, squad_now(squad, 1));
    assert_int_equal(squad_view(squad, 1)->talker_count, 0);
    assert_int_equal(squad_view(squad, 1)->session_count, 1);
    squad_free(squad);
}

static void a_restart_in_the_middle_of_a_session_hears_its_renewal(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 1000);
    squad_restart(squad, 1, false);
    squad_run(squad, 31000);
    assert_int_equal(squad_view(squad, 1)->talker_count, 1);
    squad_free(squad);
}

static void what_is_said_after_a_restart_is_heard_at_once(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    squad_restart(squad, 1, false);
    squad_run(squad, HEARD_LEAD_MS + 10);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 100);
    assert_int_equal(squad_view(squad, 1)->talker_count, 1);
    squad_free(squad);
}

/* The first announcement in what handset 0 sent from that frame on; a copy, in `room`. */
static struct span announcement_after(const struct squad *squad, size_t at,
                                      uint8_t room[ANNOUNCEMENT_MAX]) {
    while (squad->frames[at].from != 0 ||
           squad->frames[at].octets[1] != FRAME_ANNOUNCEMENT_AND_MEDIA) {
        at++;
        assert_true(at < squad->frame_count);
    }
    struct reader r = reader_of(squad_payload(&squad->frames[at]));
    struct span announcement = read_span_u16(&r);
    memcpy(room, announcement.octets, announcement.length);
    return (struct span){room, announcement.length};
}

/* Somebody jams a talk and keeps its announcement for the next. */
static void an_announcement_held_back_takes_no_later_sessions_place(void **state) {
    (void)state;
    uint8_t room[ANNOUNCEMENT_MAX];
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    size_t before = squad->frame_count;
    squad->handsets[1].deaf = true;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 300);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 300);
    struct span held_back = announcement_after(squad, before, room);
    squad->handsets[1].deaf = false;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 300);
    assert_int_equal(squad_view(squad, 1)->talker_count, 1);
    squad_inject_payload(squad, 1, SQUAD_STRANGER, FRAME_ANNOUNCEMENT, held_back);
    assert_int_equal(squad->handsets[1].last_refusal, STATUS_REPLAYED);
    squad->handsets[1].longest_ms = 0;
    squad_run(squad, 2000);
    assert_int_equal(squad->handsets[1].longest_ms, VOICE_FRAME_MS);
    squad_free(squad);
}

/* Its clock is ahead of the listener's: that is made durable once, and then heard at once. */
static void a_talker_whose_clock_is_ahead_is_heard_and_no_restart_hears_it_again(void **state) {
    (void)state;
    enum {
        AHEAD_MS = 4000
    };
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    squad->handsets[0].engine->groups.list[0]->clock.group_ms += AHEAD_MS;
    squad->handsets[1].disk_ms = 100;
    unsigned stores = squad->handsets[1].stores;
    size_t before = squad->frame_count;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 500);
    assert_int_equal(squad->handsets[1].last_refusal, STATUS_TIME_OUT_OF_RANGE);
    squad_run(squad, 700); /* the next repetition */
    assert_int_equal(squad_view(squad, 1)->talker_count, 1);
    assert_int_equal(squad->handsets[1].stores - stores, 1);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 200);
    size_t end = squad->frame_count;
    unsigned talks = squad->handsets[1].talks;
    for (int restarts = 0; restarts < 3; restarts++) {
        squad_restart(squad, 1, false);
        recording_play(squad, 1, 0, before, end);
        squad_run(squad, 500);
        assert_int_equal(squad->handsets[1].talks, talks);
    }
    squad_run(squad, AHEAD_MS + HEARD_LEAD_MS);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 100);
    assert_int_equal(squad_view(squad, 1)->talker_count, 1);
    squad_free(squad);
}

/* No frames came from its microphone for a while: RTP's clock has stood still meanwhile. */
static void a_talker_whose_sound_stood_still_is_heard_on_at_once(void **state) {
    (void)state;
    static const int64_t pauses_ms[] = {600, 1500, 5000};
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    squad_run(squad, 3000);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    for (size_t i = 0; i < sizeof pauses_ms / sizeof pauses_ms[0]; i++) {
        squad_run(squad, 1000);
        squad->is_mute = true;
        squad_run(squad, pauses_ms[i]);
        squad->is_mute = false;
        unsigned heard = squad->handsets[1].voice_frames;
        squad_run(squad, 1000);
        assert_true(squad->handsets[1].voice_frames - heard > 40);
    }
    squad_free(squad);
}

enum {
    MEET_MS = 12 * 1000, /* enough for clocks to be measured */
    STALL_LEAST_MS = 200,
    STALL_STEP_MS = 200,
    STALL_MOST_MS = 1000 /* sound waits no longer (CAPTURE_HELD_MS) */
};

/* Handset 0 has no time for so long while its microphone goes on, and then says what has waited. */
static void stall(struct squad *squad, int64_t stall_ms, bool raises) {
    struct command emergency = {.kind = COMMAND_EMERGENCY, .on = 1};
    int16_t samples[VOICE_FRAME_SAMPLES] = {20000, -20000};
    struct handset *talker = squad->handsets[0].engine;
    int64_t began_ms = squad->boot_ms;
    squad->is_mute = true;
    squad_run(squad, stall_ms);
    if (raises) {
        memcpy(emergency.group, squad_view(squad, 0)->groups[0].identity, sizeof emergency.group);
        assert_int_equal(squad_command(squad, 0, &emergency), STATUS_OK);
    }
    for (int64_t at_ms = began_ms; at_ms + VOICE_FRAME_MS <= squad->boot_ms;
         at_ms += VOICE_FRAME_MS) {
        handset_speak(talker, squad_now(squad, 0), squad->boot_ms - at_ms - VOICE_FRAME_MS,
                      samples);
    }
    squad->is_mute = false;
}

/* RTP's clock lagged behind when the talker came to itself, and then caught up: an announcement
 * that was made in between was dated too late for all that was said after it, and listeners that
 * had measured the talker's clock refused the rest of the talk as still to be said. */
static void a_talker_that_stood_still_says_what_waited_and_is_heard_on(void **state) {
    (void)state;
    for (int64_t stall_ms = STALL_LEAST_MS; stall_ms <= STALL_MOST_MS; stall_ms += STALL_STEP_MS) {
        struct squad *squad = squad_new(2);
        squad_group(squad, HOUR_MS);
        squad_run(squad, MEET_MS);
        assert_int_equal(squad_talk(squad, 0), STATUS_OK);
        squad_run(squad, 1000);
        assert_false(squad_view(squad, 1)->talkers[0].time_unproven);
        unsigned refusals = squad->handsets[1].refusals;
        printf("a stall of %d ms\n", (int)stall_ms);
        stall(squad, stall_ms, stall_ms % (2 * STALL_STEP_MS) == 0);
        squad_run(squad, 1500);
        unsigned heard = squad->handsets[1].voice_frames;
        squad_run(squad, 1000);
        assert_int_equal(squad->handsets[1].refusals, refusals);
        assert_in_range(squad->handsets[1].voice_frames - heard, 45, 110);
        squad_free(squad);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_talker_that_stood_still_says_what_waited_and_is_heard_on),
        cmocka_unit_test(a_talker_whose_sound_stood_still_is_heard_on_at_once),
        cmocka_unit_test(what_is_said_after_a_restart_is_heard_at_once),
        cmocka_unit_test(an_announcement_held_back_takes_no_later_sessions_place),
        cmocka_unit_test(a_talker_whose_clock_is_ahead_is_heard_and_no_restart_hears_it_again),
        cmocka_unit_test(everyone_in_the_group_hears_the_talker_and_nobody_else_does),
        cmocka_unit_test(announcement_and_first_media_are_one_transmission),
        cmocka_unit_test(a_late_joiner_hears_within_a_second_or_so),
        cmocka_unit_test(a_long_session_is_renewed_without_a_gap),
        cmocka_unit_test(a_session_that_falls_silent_ends_by_itself),
        cmocka_unit_test(the_last_words_are_heard_although_the_end_has_come),
        cmocka_unit_test(a_late_renewal_cuts_no_last_words),
        cmocka_unit_test(who_presses_again_is_heard_in_a_session_of_its_own),
        cmocka_unit_test(each_press_is_a_talk_of_its_own_although_the_ends_are_lost),
        cmocka_unit_test(last_words_that_nobody_plays_keep_no_session),
        cmocka_unit_test(a_restart_in_the_middle_of_a_session_hears_its_renewal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
