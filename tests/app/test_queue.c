/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The queue for the floor (app/README.md section 5, 13): whole engines that ask, wait and talk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/talk/asking.h"
#include "app/handset/talk/queue.h"
#include "tests/app/talkers.h"

/* Handset n's officer presses, and is told `kind`; EVENT_NONE: the microphone opens. */
static void press(struct squad *squad, size_t n, enum event_kind kind) {
    struct event problem;
    struct command command = {.kind = COMMAND_TALK_BEGIN};
    memcpy(command.group, squad_view(squad, n)->groups[0].identity, sizeof command.group);
    enum status status =
        handset_command(squad->handsets[n].engine, squad_now(squad, n), &command, &problem);
    assert_int_equal(problem.kind, kind);
    assert_int_equal(status, kind == EVENT_NONE ? STATUS_OK : STATUS_BUSY);
    squad_run(squad, 10);
}

static const struct view_floor *floor_at(struct squad *squad, size_t n) {
    return &squad_view(squad, n)->floor;
}

static void expect_asked(struct squad *squad, size_t n, enum asked_state asked, unsigned position) {
    const struct view_floor *floor = floor_at(squad, n);
    assert_int_equal(floor->asked, asked);
    assert_int_equal(floor->position, position);
}

/* At handset n it is the turn of another, who is `whose`; or of nobody: -1. */
static void expect_turn(struct squad *squad, size_t n, int whose) {
    const struct view_floor *floor = floor_at(squad, n);
    assert_int_equal(floor->turn_count, whose >= 0);
    if (whose >= 0) {
        assert_string_equal(floor->turns[0].identity, squad_identity((size_t)whose));
    }
}

/* `count` in a group, of whom the first one talks. */
static struct squad *one_talks(size_t count) {
    struct squad *squad = talkers_new(count);
    press(squad, 0, EVENT_NONE);
    squad_run(squad, 300);
    return squad;
}

static void who_asks_is_queued_and_has_its_turn(void **state) {
    (void)state;
    struct squad *squad = one_talks(4);
    press(squad, 2, EVENT_FLOOR_ASKED);
    expect_asked(squad, 2, ASKED_UNANSWERED, 0);
    squad_run(squad, 100);
    press(squad, 1, EVENT_FLOOR_ASKED);
    squad_run(squad, 300);
    expect_asked(squad, 2, ASKED_QUEUED, 1);
    expect_asked(squad, 1, ASKED_QUEUED, 2);
    expect_asked(squad, 3, ASKED_NOTHING, 0);
    assert_int_equal(floor_at(squad, 0)->waiting, 2);
    talkers_expect(squad, 3, 0);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 50);
    expect_asked(squad, 2, ASKED_YOUR_TURN, 0);
    expect_asked(squad, 1, ASKED_QUEUED, 1);
    assert_int_equal(talkers_events(squad, 2, EVENT_FLOOR_GRANTED, NULL), 1);
    assert_false(squad_view(squad, 2)->talking); /* not without a press */
    for (size_t n = 0; n < 4; n++) {
        expect_turn(squad, n, n == 2 ? -1 : 2);
    }
    press(squad, 3, EVENT_FLOOR_KEPT);
    press(squad, 0, EVENT_FLOOR_KEPT);
    press(squad, 2, EVENT_NONE);
    squad_run(squad, 500);
    for (size_t n = 0; n < 4; n++) {
        talkers_expect(squad, n, 2);
        expect_turn(squad, n, -1);
    }
    expect_asked(squad, 1, ASKED_QUEUED, 1); /* of who talks now */
    assert_int_equal(floor_at(squad, 2)->waiting, 1);
    assert_int_equal(squad_stop(squad, 2), STATUS_OK);
    squad_run(squad, 50);
    expect_asked(squad, 1, ASKED_YOUR_TURN, 0);
    press(squad, 1, EVENT_NONE);
    squad_run(squad, 200);
    talkers_expect(squad, 0, 1);
    assert_int_equal(floor_at(squad, 1)->waiting, 0);
    squad_free(squad);
}

static void the_next_one_has_its_turn_where_the_first_does_not_press(void **state) {
    (void)state;
    struct squad *squad = one_talks(4);
    press(squad, 1, EVENT_FLOOR_ASKED);
    press(squad, 2, EVENT_FLOOR_ASKED);
    squad_run(squad, 300);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, TURN_MS - 100);
    expect_asked(squad, 1, ASKED_YOUR_TURN, 0);
    squad_run(squad, 200);
    expect_asked(squad, 1, ASKED_NOTHING, 0);
    assert_int_equal(talkers_events(squad, 1, EVENT_FLOOR_TURN_MISSED, NULL), 1);
    expect_asked(squad, 2, ASKED_QUEUED, 1); /* a press of the first may still be on its way */
    squad_run(squad, TURN_EVERY_MS - TURN_MS);
    expect_asked(squad, 2, ASKED_YOUR_TURN, 0);
    press(squad, 1, EVENT_FLOOR_KEPT);
    squad_run(squad, TURN_EVERY_MS);
    expect_asked(squad, 2, ASKED_NOTHING, 0);
    for (size_t n = 0; n < 4; n++) {
        expect_turn(squad, n, -1);
    }
    press(squad, 3, EVENT_NONE); /* free for all */
    squad_free(squad);
}

static bool drop_requests_of(void *context, struct squad_frame *frame, size_t receiver) {
    (void)receiver;
    return frame->from != *(const size_t *)context || frame->octets[1] != FRAME_FLOOR;
}

/* From now on nothing arrives that `n` asks. */
static void cut_requests_of(struct squad *squad, const size_t *n) {
    squad->filter = drop_requests_of;
    squad->filter_context = (void *)n;
}

/* Who is asked next knows the order, whichever request comes first. */
static void the_order_is_kept_from_one_talker_to_the_next(void **state) {
    (void)state;
    static const size_t second = 2;
    struct squad *squad = one_talks(4);
    for (size_t n = 1; n < 4; n++) {
        press(squad, n, EVENT_FLOOR_ASKED);
        squad_run(squad, 200);
    }
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 50);
    cut_requests_of(squad, &second);
    press(squad, 1, EVENT_NONE);
    squad_run(squad, 400);
    expect_asked(squad, 3, ASKED_QUEUED, 1); /* of those that 1 has heard of */
    squad->filter = NULL;
    squad_run(squad, 1500);
    expect_asked(squad, 2, ASKED_QUEUED, 1);
    expect_asked(squad, 3, ASKED_QUEUED, 2);
    squad_free(squad);
}

static void who_sleeps_through_its_turn_has_missed_it(void **state) {
    (void)state;
    struct squad *squad = one_talks(3);
    press(squad, 1, EVENT_FLOOR_ASKED);
    press(squad, 2, EVENT_FLOOR_ASKED);
    squad_run(squad, 300);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 50);
    expect_asked(squad, 1, ASKED_YOUR_TURN, 0);
    squad->handsets[1].is_asleep = true;
    squad_run(squad, TURN_EVERY_MS);
    squad->handsets[1].is_asleep = false;
    squad_run(squad, 50);
    expect_asked(squad, 2, ASKED_YOUR_TURN, 0);
    expect_asked(squad, 1, ASKED_NOTHING, 0);
    press(squad, 1, EVENT_FLOOR_KEPT);
    squad_free(squad);
}

static void a_second_press_takes_the_request_back(void **state) {
    (void)state;
    struct squad *squad = one_talks(3);
    press(squad, 1, EVENT_FLOOR_ASKED);
    press(squad, 2, EVENT_FLOOR_ASKED);
    squad_run(squad, 300);
    press(squad, 1, EVENT_FLOOR_TAKEN_BACK);
    expect_asked(squad, 1, ASKED_NOTHING, 0);
    squad_run(squad, 300);
    assert_int_equal(floor_at(squad, 0)->waiting, 1);
    expect_asked(squad, 2, ASKED_QUEUED, 1);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 50);
    expect_asked(squad, 1, ASKED_NOTHING, 0);
    expect_asked(squad, 2, ASKED_YOUR_TURN, 0);
    squad_free(squad);
}

/* Also where another's answer comes meanwhile, in which it is still queued. */
static void a_taking_back_that_is_lost_is_said_again(void **state) {
    (void)state;
    static const size_t taker = 1;
    struct squad *squad = one_talks(3);
    press(squad, 1, EVENT_FLOOR_ASKED);
    squad_run(squad, 300);
    cut_requests_of(squad, &taker);
    press(squad, 1, EVENT_FLOOR_TAKEN_BACK);
    press(squad, 2, EVENT_FLOOR_ASKED);
    squad_run(squad, 200);
    expect_asked(squad, 2, ASKED_QUEUED, 2);
    squad->filter = NULL;
    squad_run(squad, ASKING_ANSWER_MS);
    expect_asked(squad, 2, ASKED_QUEUED, 1);
    assert_int_equal(floor_at(squad, 0)->waiting, 1);
    assert_int_equal(talkers_events(squad, 1, EVENT_FLOOR_NOT_ANSWERED, NULL), 0);
    squad_free(squad);
}

static bool drop_requests(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context, (void)receiver;
    return frame->octets[1] != FRAME_FLOOR;
}

static void without_an_answer_the_officer_is_told_and_nothing_is_stuck(void **state) {
    (void)state;
    struct squad *squad = one_talks(3);
    squad->filter = drop_requests;
    press(squad, 1, EVENT_FLOOR_ASKED);
    squad_run(squad, ASKING_ANSWER_MS - 100);
    expect_asked(squad, 1, ASKED_UNANSWERED, 0);
    squad_run(squad, 200);
    expect_asked(squad, 1, ASKED_NOTHING, 0);
    assert_int_equal(talkers_events(squad, 1, EVENT_FLOOR_NOT_ANSWERED, squad_identity(0)), 1);
    squad->filter = NULL;
    press(squad, 1, EVENT_FLOOR_ASKED);
    squad_run(squad, 300);
    expect_asked(squad, 1, ASKED_QUEUED, 1);
    squad_free(squad);
}

static bool drop_0_at_1(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    return frame->from != 0 || receiver != 1;
}

static void an_answer_that_is_lost_is_said_again(void **state) {
    (void)state;
    struct squad *squad = one_talks(3);
    squad->filter = drop_0_at_1;
    press(squad, 1, EVENT_FLOOR_ASKED);
    squad_run(squad, (QUEUE_SAYS + 1) * QUEUE_SAYS_EVERY_MS);
    assert_int_equal(floor_at(squad, 0)->waiting, 1);
    expect_asked(squad, 1, ASKED_UNANSWERED, 0);
    squad->filter = NULL;
    squad_run(squad, ASKING_ANSWER_MS - (QUEUE_SAYS + 1) * QUEUE_SAYS_EVERY_MS - 100);
    expect_asked(squad, 1, ASKED_QUEUED, 1);
    squad_free(squad);
}

static void call_emergency(struct squad *squad, size_t n) {
    struct command command = {.kind = COMMAND_EMERGENCY, .on = 1};
    memcpy(command.group, squad_view(squad, n)->groups[0].identity, sizeof command.group);
    assert_int_equal(squad_command(squad, n, &command), STATUS_OK);
    squad_run(squad, 200);
}

/* 1 is queued at 0. */
static struct squad *squad_with_one_queued(size_t count) {
    struct squad *squad = one_talks(count);
    press(squad, 1, EVENT_FLOOR_ASKED);
    squad_run(squad, 300);
    expect_asked(squad, 1, ASKED_QUEUED, 1);
    return squad;
}

static void an_emergency_ends_the_queue(void **state) {
    (void)state;
    struct squad *squad = squad_with_one_queued(4);
    call_emergency(squad, 2);
    talkers_expect(squad, 3, 2);
    expect_asked(squad, 1, ASKED_NOTHING, 0);
    assert_int_equal(talkers_events(squad, 1, EVENT_FLOOR_REQUEST_OVER, NULL), 1);
    assert_int_equal(floor_at(squad, 0)->waiting, 0);
    assert_int_equal(squad_stop(squad, 2), STATUS_OK);
    squad_run(squad, 50);
    for (size_t n = 0; n < 4; n++) {
        expect_turn(squad, n, -1);
    }
    squad_free(squad);
}

static void an_emergency_waits_for_nobodys_turn(void **state) {
    (void)state;
    struct squad *squad = squad_with_one_queued(4);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 50);
    expect_asked(squad, 1, ASKED_YOUR_TURN, 0);
    call_emergency(squad, 2);
    for (size_t n = 0; n < 4; n++) {
        talkers_expect(squad, n, 2);
        expect_turn(squad, n, -1);
        expect_asked(squad, n, ASKED_NOTHING, 0);
    }
    squad_free(squad);
}

static bool drop_all_of_0(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context, (void)receiver;
    return frame->from != 0;
}

static void a_talker_who_falls_silent_loses_its_queue(void **state) {
    (void)state;
    struct squad *squad = squad_with_one_queued(3);
    squad->filter = drop_all_of_0;
    squad_run(squad, FLOOR_FREE_MS + ASKING_LOOK_MS);
    expect_asked(squad, 1, ASKED_NOTHING, 0);
    assert_int_equal(talkers_events(squad, 1, EVENT_FLOOR_REQUEST_OVER, NULL), 1);
    expect_turn(squad, 2, -1);
    press(squad, 2, EVENT_NONE);
    squad_free(squad);
}

/* The end by force names who is next as any other end does. */
static void the_longest_talk_ends_for_who_is_queued(void **state) {
    (void)state;
    struct squad *squad = squad_with_one_queued(3);
    squad_run(squad, TALK_LONGEST_MS);
    assert_false(squad_view(squad, 0)->talking);
    assert_int_equal(talkers_events(squad, 1, EVENT_FLOOR_GRANTED, NULL), 1);
    squad_free(squad);
}

static unsigned requests_of(const struct squad *squad, size_t n) {
    unsigned count = 0;
    for (size_t i = 0; i < squad->frame_count; i++) {
        count += squad->frames[i].from == n && squad->frames[i].octets[1] == FRAME_FLOOR;
    }
    return count;
}

static void under_radio_silence_nobody_asks(void **state) {
    (void)state;
    struct squad *squad = talkers_new(3);
    struct command silence = {.kind = COMMAND_RADIO_SILENCE, .on = 1};
    press(squad, 0, EVENT_NONE);
    squad_run(squad, 300);
    assert_int_equal(squad_command(squad, 1, &silence), STATUS_OK);
    press(squad, 1, EVENT_FLOOR_TAKEN);
    squad_run(squad, 2000);
    assert_int_equal(requests_of(squad, 1), 0);
    expect_asked(squad, 1, ASKED_NOTHING, 0);
    press(squad, 2, EVENT_FLOOR_ASKED);
    squad_run(squad, 300);
    const unsigned said = requests_of(squad, 2);
    assert_true(said > 0);
    assert_int_equal(squad_command(squad, 2, &silence), STATUS_OK);
    squad_run(squad, 15 * 1000);
    expect_asked(squad, 2, ASKED_NOTHING, 0);
    assert_int_equal(requests_of(squad, 2), said);
    squad_free(squad);
}

static void a_request_stands_for_as_long_as_it_is_renewed(void **state) {
    (void)state;
    struct squad *squad = squad_with_one_queued(3);
    squad_run(squad, QUEUE_LASTS_MS + 5000);
    expect_asked(squad, 1, ASKED_QUEUED, 1);
    squad->handsets[1].deaf = true;
    squad_run(squad, QUEUE_LASTS_MS - ASKING_RENEW_MS - 10000);
    assert_int_equal(floor_at(squad, 0)->waiting, 1);
    squad_run(squad, ASKING_RENEW_MS + 5000);
    assert_int_equal(floor_at(squad, 0)->waiting, 0);
    squad_free(squad);
}

static void who_renews_a_request_keeps_its_place(void **state) {
    (void)state;
    struct squad *squad = squad_with_one_queued(3);
    squad_run(squad, ASKING_RENEW_MS / 2);
    press(squad, 2, EVENT_FLOOR_ASKED);
    for (int64_t ms = 0; ms < 2 * ASKING_RENEW_MS; ms += 500) {
        squad_run(squad, 500);
        expect_asked(squad, 1, ASKED_QUEUED, 1);
        expect_asked(squad, 2, ASKED_QUEUED, 2);
    }
    squad_free(squad);
}

static void a_full_queue_denies_the_floor(void **state) {
    (void)state;
    struct squad *squad = talkers_new(QUEUE_MAX + 3);
    press(squad, 0, EVENT_NONE);
    squad_run(squad, 300);
    for (size_t n = 1; n <= QUEUE_MAX; n++) {
        press(squad, n, EVENT_FLOOR_ASKED);
        squad_run(squad, 200);
    }
    press(squad, QUEUE_MAX + 1, EVENT_FLOOR_ASKED);
    squad_run(squad, 500);
    assert_int_equal(talkers_events(squad, QUEUE_MAX + 1, EVENT_FLOOR_DENIED, squad_identity(0)),
                     1);
    for (size_t n = 1; n <= QUEUE_MAX; n++) {
        expect_asked(squad, n, ASKED_QUEUED, (unsigned)n);
    }
    press(squad, 3, EVENT_FLOOR_TAKEN_BACK);
    squad_run(squad, 300);
    press(squad, QUEUE_MAX + 1, EVENT_FLOOR_ASKED);
    squad_run(squad, 500);
    expect_asked(squad, QUEUE_MAX + 1, ASKED_QUEUED, QUEUE_MAX);
    squad_free(squad);
}

static void who_asks_in_an_emergency_comes_first(void **state) {
    (void)state;
    struct squad *squad = talkers_new(5);
    call_emergency(squad, 0);
    press(squad, 1, EVENT_FLOOR_ASKED);
    squad_run(squad, 300);
    call_emergency(squad, 2); /* which is told; 0 has the floor */
    press(squad, 2, EVENT_FLOOR_ASKED);
    squad_run(squad, 300);
    expect_asked(squad, 2, ASKED_QUEUED, 1);
    expect_asked(squad, 1, ASKED_QUEUED, 2);
    squad_free(squad);
}

static void in_an_emergency_the_last_of_a_full_queue_makes_way(void **state) {
    (void)state;
    const size_t last = QUEUE_MAX, hurt = QUEUE_MAX + 1;
    struct squad *squad = talkers_new(QUEUE_MAX + 2);
    call_emergency(squad, 0);
    for (size_t n = 1; n <= last; n++) {
        press(squad, n, EVENT_FLOOR_ASKED);
        squad_run(squad, 200);
    }
    call_emergency(squad, hurt);
    press(squad, hurt, EVENT_FLOOR_ASKED);
    squad_run(squad, 500);
    expect_asked(squad, hurt, ASKED_QUEUED, 1);
    expect_asked(squad, last - 1, ASKED_QUEUED, QUEUE_MAX);
    expect_asked(squad, last, ASKED_NOTHING, 0);
    assert_int_equal(talkers_events(squad, last, EVENT_FLOOR_REQUEST_OVER, NULL), 1);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_asks_is_queued_and_has_its_turn),
        cmocka_unit_test(the_next_one_has_its_turn_where_the_first_does_not_press),
        cmocka_unit_test(the_order_is_kept_from_one_talker_to_the_next),
        cmocka_unit_test(who_sleeps_through_its_turn_has_missed_it),
        cmocka_unit_test(a_second_press_takes_the_request_back),
        cmocka_unit_test(a_taking_back_that_is_lost_is_said_again),
        cmocka_unit_test(without_an_answer_the_officer_is_told_and_nothing_is_stuck),
        cmocka_unit_test(an_answer_that_is_lost_is_said_again),
        cmocka_unit_test(an_emergency_ends_the_queue),
        cmocka_unit_test(an_emergency_waits_for_nobodys_turn),
        cmocka_unit_test(a_talker_who_falls_silent_loses_its_queue),
        cmocka_unit_test(the_longest_talk_ends_for_who_is_queued),
        cmocka_unit_test(under_radio_silence_nobody_asks),
        cmocka_unit_test(a_request_stands_for_as_long_as_it_is_renewed),
        cmocka_unit_test(who_renews_a_request_keeps_its_place),
        cmocka_unit_test(a_full_queue_denies_the_floor),
        cmocka_unit_test(who_asks_in_an_emergency_comes_first),
        cmocka_unit_test(in_an_emergency_the_last_of_a_full_queue_makes_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
