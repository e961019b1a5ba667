/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions by name, where many handsets are (air/inquiry.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crowd.h"
#include "crowd_recording.h"

enum {
    MANY = 200,
    CROWD = 64,
    PROBE = 3,
    HOUR = 60 * 60 * 1000,
};

static void one_that_was_not_heard_is_known_soon_once_it_is_looked_up(void **state) {
    (void)state;
    struct crowd *crowd = crowd_gather(CROWD);
    char identity[IDENTITY_SIZE];
    crowd_identity(60, identity);
    crowd_forget(crowd, PROBE, identity);
    assert_false(crowd_has(crowd, PROBE, 60));
    uint64_t questions = crowd->frames[FRAME_INQUIRY];
    crowd_look_up(crowd, PROBE, 60);
    crowd_run(crowd, 2000);
    assert_true(crowd_has(crowd, PROBE, 60));
    assert_int_equal(crowd->frames[FRAME_INQUIRY], questions + 1);
    crowd_free(crowd);
}

static void who_is_not_there_is_asked_for_a_few_times(void **state) {
    (void)state;
    struct crowd *crowd = crowd_gather(CROWD);
    crowd_look_up(crowd, PROBE, 5000);
    uint64_t questions = crowd->frames[FRAME_INQUIRY];
    assert_true(inquiry_goes_on(&crowd->handsets[PROBE].engine->inquiry));
    crowd_run(crowd, 20000);
    assert_true(crowd->frames[FRAME_INQUIRY] - questions <= INQUIRY_TRIES);
    assert_false(inquiry_goes_on(&crowd->handsets[PROBE].engine->inquiry)); /* and it is said */
    crowd_free(crowd);
}

/* Two hundred come within six seconds, each of whom trusts one of the others. */
static void whom_they_trust_is_known_soon_after_many_have_come_at_once(void **state) {
    (void)state;
    struct crowd *crowd = crowd_new(MANY, 5);
    size_t missed = 0;
    crowd->loss_percent = 10;
    for (size_t n = 0; n < MANY; n++) {
        size_t trusted = (n + MANY / 2) % MANY;
        crowd_on(crowd, n, &trusted);
        crowd_run(crowd, n % 2 * 60);
    }
    crowd_run(crowd, 20000);
    for (size_t n = 0; n < MANY; n++) {
        missed += !crowd_has(crowd, n, (n + MANY / 2) % MANY);
    }
    print_message("%zu of %d trusted ones are not known\n", missed, MANY);
    assert_in_range(missed, 0, MANY / 100);
    crowd_free(crowd);
}

/* Two want the same one, and one of them asks first: both hear the answer. */
static void what_another_has_asked_is_not_asked_again(void **state) {
    (void)state;
    struct crowd *crowd = crowd_gather(CROWD);
    static const size_t askers[] = {PROBE, PROBE + 20};
    char identity[IDENTITY_SIZE];
    crowd_identity(60, identity);
    crowd_run(crowd, 30000); /* the air is quiet again */
    uint64_t questions = crowd->frames[FRAME_INQUIRY];
    for (size_t i = 0; i < 2; i++) {
        struct handset *engine = crowd->handsets[askers[i]].engine;
        crowd_forget(crowd, askers[i], identity);
        engine->inquiry.count = 0;
        inquiry_want(&engine->inquiry, crowd_now(crowd), identity, INQUIRY_SOON);
        engine->inquiry.wanted[0].due_ms +=
            2 * CROWD_STEP_MS * (int64_t)i; /* as the question comes */
        crowd->handsets[askers[i]].deadline_ms = crowd->boot_ms;
    }
    crowd_run(crowd, 1000);
    assert_true(crowd_has(crowd, askers[0], 60) && crowd_has(crowd, askers[1], 60));
    assert_int_equal(crowd->frames[FRAME_INQUIRY], questions + 1);
    crowd_free(crowd);
}

static struct inquiry *inquiry_at(const struct crowd *crowd, size_t n) {
    return &crowd->handsets[n].engine->inquiry;
}

/* Handset 0 asks for one who is not there, and is recorded. */
static void record_question(struct crowd *crowd, const char *identity,
                            struct crowd_recording *recording) {
    recording->count = 0;
    inquiry_want(inquiry_at(crowd, 0), crowd_now(crowd), identity, INQUIRY_SOON);
    crowd->handsets[0].deadline_ms = crowd->boot_ms;
    crowd_run(crowd, CROWD_STEP_MS);
    crowd_record(crowd, 0, FRAME_INQUIRY, recording);
    assert_int_equal(recording->count, 1);
}

/* The n-th wants it as well, in a second: is that put off by what is played to it? */
static bool puts_off(struct crowd *crowd, size_t n, const char *identity,
                     struct crowd_recording *recording) {
    struct inquiry *inquiry = inquiry_at(crowd, n);
    int64_t due_ms = crowd->boot_ms + 1000;
    inquiry->count = 0;
    inquiry_want(inquiry, crowd_now(crowd), identity, INQUIRY_SOON);
    assert_int_equal(inquiry->count, 1);
    inquiry->wanted[0].due_ms = due_ms;
    crowd_play(crowd, n, recording);
    assert_true(inquiry->wanted[0].due_ms >= due_ms);
    return inquiry->wanted[0].due_ms > due_ms;
}

static struct crowd *few(void) {
    struct crowd *crowd = crowd_new(8, 7);
    for (size_t n = 0; n < 4; n++) {
        crowd_on(crowd, n, NULL);
    }
    crowd_run(crowd, 10000);
    return crowd;
}

static void only_a_question_that_is_genuine_and_of_now_counts_as_ones_own(void **state) {
    (void)state;
    static struct crowd_recording recording;
    static struct revocation list;
    struct crowd *crowd = few();
    char identity[IDENTITY_SIZE], asker[IDENTITY_SIZE];
    crowd_identity(5000, identity);
    crowd_identity(0, asker);
    record_question(crowd, identity, &recording);
    uint8_t *last = &recording.frames[0].octets[recording.frames[0].length - 1];
    *last ^= 1;
    assert_false(puts_off(crowd, 1, identity, &recording)); /* the signature is forged */
    *last ^= 1;
    assert_true(puts_off(crowd, 1, identity, &recording));
    assert_false(puts_off(crowd, 1, identity, &recording)); /* played again */
    struct keyring *keyring = &crowd->handsets[2].engine->desk.keyring;
    assert_int_equal(revocation_begin(&list, keyring->credential->kms, 1, crowd_now(crowd).utc_ms,
                                      &entropy_system),
                     STATUS_OK);
    assert_int_equal(revocation_add(&list, asker), STATUS_OK);
    keyring_heed(keyring, &list);
    assert_false(puts_off(crowd, 2, identity, &recording)); /* who asks is revoked */
    crowd_off(crowd, 0);
    crowd_off(crowd, PROBE);
    crowd->boot_ms += HOUR;
    crowd_on(crowd, PROBE, NULL);
    crowd_run(crowd, 1000);
    assert_false(puts_off(crowd, PROBE, identity, &recording)); /* it is of another hour */
    crowd_free(crowd);
}

/* Many say presences, 12,000 octets of them a second: does the n-th, which has just come, ask for
 * whom it trusts? */
static bool asks_among_many(struct crowd *crowd, size_t n, bool is_again) {
    struct inquiry *inquiry = inquiry_at(crowd, n);
    uint64_t questions = crowd->frames[FRAME_INQUIRY];
    char identity[IDENTITY_SIZE];
    crowd_identity(5000, identity);
    for (uint32_t i = 0; i < 10 * 40; i++) {
        struct moment then = crowd_now(crowd);
        then.boot_ms -= PACE_WINDOW_MS - i * 25;
        pace_hear(&crowd->handsets[n].engine->pace, then, i, 2000, 2000, 300);
    }
    inquiry->count = 0;
    inquiry_want(inquiry, crowd_now(crowd), identity, INQUIRY_SOON);
    inquiry->wanted[0].tries = is_again;
    crowd->handsets[n].deadline_ms = crowd->boot_ms;
    crowd_run(crowd, CROWD_STEP_MS);
    return crowd->frames[FRAME_INQUIRY] > questions;
}

/* A network bears 60,000 octets a second besides for who has just come, and a star 8,000. */
static void who_comes_asks_while_the_link_bears_it(void **state) {
    (void)state;
    struct crowd *crowd = few();
    struct handset *engine = crowd->handsets[1].engine;
    assert_int_equal(handset_describe_link(engine, 1, "bluetooth", LINK_STAR, 0), STATUS_OK);
    assert_true(asks_among_many(crowd, 2, false));
    assert_false(asks_among_many(crowd, 2, true)); /* 10,000 for what is asked again */
    assert_false(asks_among_many(crowd, 1, false));
    assert_int_equal(handset_describe_link(engine, 1, "network", LINK_PLAIN, 0), STATUS_OK);
    assert_true(asks_among_many(crowd, 1, false));
    crowd_free(crowd);
}

static void want(struct crowd *crowd, size_t other, enum inquiry_need need) {
    char identity[IDENTITY_SIZE];
    crowd_identity(other, identity);
    inquiry_want(inquiry_at(crowd, 0), crowd_now(crowd), identity, need);
}

/* One of them is due: how many are asked for in the next question? */
static size_t asked_with(struct crowd *crowd, size_t due) {
    struct inquiry *inquiry = inquiry_at(crowd, 0);
    uint64_t questions = crowd->frames[FRAME_INQUIRY];
    size_t asked = 0;
    for (size_t i = 0; i < inquiry->count; i++) {
        inquiry->wanted[i].tries = 0;
        inquiry->wanted[i].due_ms = crowd->boot_ms + (i == due ? 0 : INQUIRY_LATER_MS);
    }
    crowd->handsets[0].deadline_ms = crowd->boot_ms;
    crowd_run(crowd, CROWD_STEP_MS);
    assert_int_equal(crowd->frames[FRAME_INQUIRY], questions + 1);
    for (size_t i = 0; i < inquiry->count; i++) {
        asked += inquiry->wanted[i].tries;
    }
    return asked;
}

/* Each question is as long as a presence, and a name is little beside that. */
static void who_can_wait_is_asked_for_with_the_others_that_can(void **state) {
    (void)state;
    struct crowd *crowd = few();
    for (size_t i = 0; i < 5; i++) {
        want(crowd, 1000 + i, i == 4 ? INQUIRY_SOON : INQUIRY_LATER);
    }
    assert_int_equal(asked_with(crowd, 2), 4);
    assert_int_equal(asked_with(crowd, 4), 1);
    assert_int_equal(asked_with(crowd, 0), 4);
    inquiry_at(crowd, 0)->wanted[1].due_ms = crowd->boot_ms; /* the others were just asked for */
    crowd->handsets[0].deadline_ms = crowd->boot_ms;
    crowd_run(crowd, CROWD_STEP_MS);
    assert_int_equal(inquiry_at(crowd, 0)->wanted[1].tries, 2);
    assert_int_equal(inquiry_at(crowd, 0)->wanted[2].tries, 1);
    crowd_free(crowd);
}

/* There is more room for him than for the others: their answers would take it. */
static void whom_the_officer_trusts_is_asked_for_alone_though_he_has_waited(void **state) {
    (void)state;
    struct crowd *crowd = few();
    for (size_t i = 0; i < 5; i++) {
        want(crowd, 1000 + i, i == 4 ? INQUIRY_SOON : INQUIRY_LATER);
    }
    inquiry_at(crowd, 0)->wanted[4].since_ms -= INQUIRY_FRESH_MS + 1;
    assert_int_equal(asked_with(crowd, 4), 1);
    assert_int_equal(asked_with(crowd, 2), 5); /* in their room he is asked for as well */
    crowd_free(crowd);
}

/* Among two thousand, of whom somebody says a presence of 300 octets each `each_ms`: in how many of
 * a thousand looks does handset 0 ask for one that has waited? */
static size_t asks_for_who_has_waited(struct crowd *crowd, enum inquiry_need need,
                                      int64_t each_ms) {
    struct inquiry *inquiry = inquiry_at(crowd, 0);
    struct pace *pace = &crowd->handsets[0].engine->pace;
    struct moment now = crowd_now(crowd), then = now;
    size_t asks = 0;
    then.boot_ms -= 2 * PACE_WINDOW_MS;
    pace_begin(pace, then);
    for (uint32_t who = 0; then.boot_ms <= now.boot_ms; then.boot_ms += each_ms) {
        pace_hear(pace, then, who++, 2000, 2000, 300);
    }
    for (size_t look = 0; look < 1000; look++) {
        inquiry_start(inquiry, now);
        want(crowd, 5000, need);
        inquiry->wanted[0].since_ms -= INQUIRY_FRESH_MS + 1;
        inquiry->wanted[0].due_ms = now.boot_ms;
        inquiry_tick(inquiry, now);
        asks += inquiry->wanted[0].tries;
    }
    print_message("%zu of 1,000 looks\n", asks);
    return asks;
}

/* The usual presences that are signed are some 430 octets a second. Besides, up to 350 may be said
 * for those who are trusted, and 50 for the others; and so few ask at a time that they hear it when
 * there are as many. */
static void who_has_waited_is_asked_for_by_few_and_on_an_idle_air(void **state) {
    (void)state;
    struct crowd *crowd = few();
    assert_in_range(asks_for_who_has_waited(crowd, INQUIRY_LATER, 750), 3, 60);
    assert_int_equal(asks_for_who_has_waited(crowd, INQUIRY_LATER, 600), 0);
    assert_in_range(asks_for_who_has_waited(crowd, INQUIRY_SOON, 430), 100, 300);
    assert_int_equal(asks_for_who_has_waited(crowd, INQUIRY_SOON, 350), 0);
    crowd_free(crowd);
}

/* Somebody among two thousand says a presence of 300 octets each `each_ms`, for `ms`. Nobody
 * answers what handset 0 asks meanwhile. Returns how often it has asked for the first that it
 * wants. */
static unsigned hear_presences(struct crowd *crowd, struct moment *now, int64_t each_ms,
                               int64_t ms) {
    struct inquiry *inquiry = inquiry_at(crowd, 0);
    int64_t until_ms = now->boot_ms + ms;
    for (uint32_t who = 0; now->boot_ms < until_ms; now->boot_ms += each_ms) {
        pace_hear(&crowd->handsets[0].engine->pace, *now, who++, 2000, 2000, 300);
        inquiry_tick(inquiry, *now);
    }
    return inquiry->wanted[0].tries;
}

/* Many come, 12,000 octets a second, and handset 0 has asked for one in vain. */
static struct inquiry *want_in_rush(struct crowd *crowd, struct moment *now) {
    struct inquiry *inquiry = inquiry_at(crowd, 0);
    char identity[IDENTITY_SIZE];
    crowd_identity(5000, identity);
    inquiry_start(inquiry, *now);
    hear_presences(crowd, now, 25, PACE_WINDOW_MS);
    inquiry_want(inquiry, *now, identity, INQUIRY_SOON);
    inquiry->wanted[0].tries = INQUIRY_TRIES - 2;
    return inquiry;
}

static void whom_a_rush_kept_from_being_asked_for_again_is_asked_for_after_it(void **state) {
    (void)state;
    struct crowd *crowd = few();
    struct moment now = crowd_now(crowd);
    want_in_rush(crowd, &now);
    assert_int_equal(hear_presences(crowd, &now, 25, 60 * 1000), INQUIRY_TRIES - 2);
    assert_int_equal(hear_presences(crowd, &now, 500, 13 * 1000), INQUIRY_TRIES);
    crowd_free(crowd);
}

/* Who keeps the air full lets nobody be new for ever. */
static void who_is_kept_from_being_asked_for_is_as_new_after_it_for_once(void **state) {
    (void)state;
    struct crowd *crowd = few();
    struct moment now = crowd_now(crowd);
    struct inquiry_wanted *wanted = want_in_rush(crowd, &now)->wanted;
    hear_presences(crowd, &now, 25, 40 * 1000);
    assert_true(wanted->is_held);
    while (hear_presences(crowd, &now, 500, 500) == INQUIRY_TRIES - 2) {
    }
    assert_false(wanted->is_held);
    wanted->due_ms = INT64_MAX;
    hear_presences(crowd, &now, 25, PACE_WINDOW_MS);
    wanted->due_ms = now.boot_ms;
    assert_int_equal(hear_presences(crowd, &now, 25, 5000), INQUIRY_TRIES - 1);
    assert_false(wanted->is_held);
    crowd_free(crowd);
}

static size_t wanted_with(const struct crowd *crowd, enum inquiry_need need) {
    const struct inquiry *inquiry = inquiry_at(crowd, 0);
    size_t count = 0;
    for (size_t i = 0; i < inquiry->count; i++) {
        count += inquiry->wanted[i].need == need;
    }
    return count;
}

static void whom_the_officer_waits_for_is_asked_for_however_many_are_wanted(void **state) {
    (void)state;
    struct crowd *crowd = few();
    char identity[IDENTITY_SIZE];
    for (size_t i = 0; i < INQUIRY_WANTED_MAX; i++) {
        want(crowd, 1000 + i, i == 5 ? INQUIRY_LATER : INQUIRY_SOON);
    }
    want(crowd, 2000, INQUIRY_LATER); /* no room */
    want(crowd, 1, INQUIRY_NOW);      /* was just heard: nobody makes way */
    assert_int_equal(wanted_with(crowd, INQUIRY_LATER), 1);
    want(crowd, 3000, INQUIRY_NOW);
    assert_int_equal(wanted_with(crowd, INQUIRY_LATER), 0); /* first who can wait for longest */
    want(crowd, 3001, INQUIRY_NOW);
    assert_int_equal(wanted_with(crowd, INQUIRY_SOON), INQUIRY_WANTED_MAX - 2);
    assert_int_equal(wanted_with(crowd, INQUIRY_NOW), 2);
    for (size_t i = 2; i <= INQUIRY_WANTED_MAX; i++) {
        want(crowd, 3000 + i, INQUIRY_NOW);
    }
    want(crowd, 2000, INQUIRY_SOON);
    assert_int_equal(wanted_with(crowd, INQUIRY_NOW), INQUIRY_WANTED_MAX);
    crowd_identity(3000, identity);
    assert_true(inquiry_is_asking(inquiry_at(crowd, 0), identity));
    crowd_free(crowd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_that_was_not_heard_is_known_soon_once_it_is_looked_up),
        cmocka_unit_test(who_is_not_there_is_asked_for_a_few_times),
        cmocka_unit_test(whom_they_trust_is_known_soon_after_many_have_come_at_once),
        cmocka_unit_test(what_another_has_asked_is_not_asked_again),
        cmocka_unit_test(only_a_question_that_is_genuine_and_of_now_counts_as_ones_own),
        cmocka_unit_test(who_comes_asks_while_the_link_bears_it),
        cmocka_unit_test(who_can_wait_is_asked_for_with_the_others_that_can),
        cmocka_unit_test(whom_the_officer_trusts_is_asked_for_alone_though_he_has_waited),
        cmocka_unit_test(who_has_waited_is_asked_for_by_few_and_on_an_idle_air),
        cmocka_unit_test(whom_a_rush_kept_from_being_asked_for_again_is_asked_for_after_it),
        cmocka_unit_test(who_is_kept_from_being_asked_for_is_as_new_after_it_for_once),
        cmocka_unit_test(whom_the_officer_waits_for_is_asked_for_however_many_are_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
