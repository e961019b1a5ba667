/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stranger repeats announcements that others made a moment ago, in turn, more of them than a
 * handset has places for: each that had to make way would be new again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "tests/app/squad.h"

enum {
    LISTENER = 0,
    AWAY = 1, /* talks on, out of reach of everybody */
    FIRST = 2,
    RECORDED = SESSIONS_MAX + 4,
    END = FIRST + RECORDED,
    NEWCOMER = END,
    MEMBERS,
    STEP_MS = 10,
    A_STEP = 6 /* so many in that time */
};

struct recording {
    struct squad *squad;
    size_t from; /* the address that they seem to come from */
    size_t next;
    size_t lengths[RECORDED];
    uint8_t octets[RECORDED][ANNOUNCEMENT_MAX];
};

static void record(struct recording *recording, size_t n, size_t talker) {
    struct reader r = reader_of(
        squad_payload(squad_find_frame(recording->squad, talker, FRAME_ANNOUNCEMENT_AND_MEDIA)));
    struct span announcement = read_span_u16(&r);
    memcpy(recording->octets[n], announcement.octets, announcement.length);
    recording->lengths[n] = announcement.length;
}

/* Each of the RECORDED says a word, with its announcement on the record. */
static void all_talk(struct recording *recording) {
    for (size_t n = 0; n < RECORDED; n++) {
        assert_int_equal(squad_talk(recording->squad, FIRST + n), STATUS_OK);
        squad_run(recording->squad, 100);
        assert_int_equal(squad_stop(recording->squad, FIRST + n), STATUS_OK);
        squad_run(recording->squad, 600);
        record(recording, n, FIRST + n);
    }
}

/* Another signature, which is nobody's, under what was said in the n-th. */
static void alter(struct recording *recording, size_t n) {
    recording->octets[n][recording->lengths[n] - 1 - recording->next % 16] ^= 1;
}

/* They are repeated while time passes. */
static void repeat(struct recording *recording, int64_t duration_ms, bool are_altered) {
    for (int64_t ms = 0; ms < duration_ms; ms += STEP_MS) {
        for (unsigned k = 0; k < A_STEP; k++) {
            size_t n = recording->next++ % RECORDED;
            if (are_altered) {
                alter(recording, n);
            }
            squad_inject_payload(recording->squad, LISTENER, recording->from, FRAME_ANNOUNCEMENT,
                                 (struct span){recording->octets[n], recording->lengths[n]});
        }
        squad_run(recording->squad, STEP_MS);
    }
}

static struct recording record_all(struct squad *squad) {
    struct recording recording = {.squad = squad, .from = SQUAD_STRANGER};
    squad_group(squad, HOUR_MS);
    squad_run(squad, 6000);
    all_talk(&recording);
    return recording;
}

static void assert_others_are_heard(struct recording *recording, bool are_altered) {
    struct squad *squad = recording->squad;
    repeat(recording, 4000, are_altered);
    const size_t talkers[] = {NEWCOMER, FIRST};
    for (size_t i = 0; i < 2; i++) {
        unsigned heard = squad->handsets[LISTENER].voice_frames;
        assert_int_equal(squad_talk(squad, talkers[i]), STATUS_OK);
        repeat(recording, 2000, are_altered);
        assert_in_range(squad->handsets[LISTENER].voice_frames - heard, 95, 101);
        assert_int_equal(squad_stop(squad, talkers[i]), STATUS_OK);
        repeat(recording, 1500, are_altered);
    }
    assert_int_equal(squad_talk(squad, LISTENER), STATUS_OK);
}

/* Neither of somebody who was recorded nor of somebody who was not, and no press either. */
static void repetitions_take_no_word_from_anybody(void **state) {
    (void)state;
    struct squad *squad = squad_new(MEMBERS);
    struct recording recording = record_all(squad);
    assert_others_are_heard(&recording, false);
    squad_free(squad);
}

/* As if from a talker's own address. */
static void repetitions_from_a_talkers_address_take_no_word_from_it(void **state) {
    (void)state;
    struct squad *squad = squad_new(MEMBERS);
    struct recording recording = record_all(squad);
    recording.from = FIRST;
    assert_others_are_heard(&recording, false);
    squad_free(squad);
}

static void repetitions_under_other_signatures_take_no_word_from_anybody(void **state) {
    (void)state;
    struct squad *squad = squad_new(MEMBERS);
    struct recording recording = record_all(squad);
    assert_others_are_heard(&recording, true);
    squad_free(squad);
}

static bool drop_what_away_says(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    (void)receiver;
    return frame->from != AWAY;
}

/* And the listener does not hear that the others have ended. */
static bool drop_what_away_says_and_ends(void *context, struct squad_frame *frame,
                                         size_t receiver) {
    return drop_what_away_says(context, frame, receiver) &&
           (receiver != LISTENER || frame->octets[1] != FRAME_MEDIA);
}

static const struct session *session_of(struct squad *squad, size_t talker) {
    return seats_find(squad->handsets[LISTENER].engine->listening.sessions, squad_identity(talker),
                      squad_view(squad, LISTENER)->groups[0].identity);
}

/* How many sessions are kept of which a packet has proven to be the talker's. */
static size_t proven(const struct squad *squad) {
    const struct session *sessions = squad->handsets[LISTENER].engine->listening.sessions;
    size_t count = 0;
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        count += sessions[i].active && sessions[i].current.proven_ms >= 0;
    }
    return count;
}

/* Its session had to make way for those of others, and those are repeated, which takes one place
 * from them all: it is heard within a moment of coming back, long before it draws its next key. */
static void who_comes_back_into_reach_is_heard_though_others_are_repeated(void **state) {
    (void)state;
    struct squad *squad = squad_new(MEMBERS);
    struct recording recording = {.squad = squad, .from = SQUAD_STRANGER};
    squad_group(squad, HOUR_MS);
    squad_run(squad, 6000);
    assert_int_equal(squad_talk(squad, AWAY), STATUS_OK);
    squad_run(squad, 1000);
    squad->filter = drop_what_away_says_and_ends;
    squad_run(squad, 2500);
    all_talk(&recording);
    assert_null(session_of(squad, AWAY));
    repeat(&recording, 2000, false);
    assert_in_range(proven(squad), SESSIONS_MAX - 1, SESSIONS_MAX);
    squad->filter = NULL;
    unsigned heard = squad->handsets[LISTENER].voice_frames;
    repeat(&recording, 2000, false);
    assert_in_range(squad->handsets[LISTENER].voice_frames - heard, 50, 101);
    squad_free(squad);
}

/* Who is out of reach for a moment keeps its place. */
static void repetitions_take_no_place_from_who_may_come_back(void **state) {
    (void)state;
    struct squad *squad = squad_new(MEMBERS);
    struct recording recording = record_all(squad);
    assert_int_equal(squad_talk(squad, AWAY), STATUS_OK);
    repeat(&recording, 1000, false);
    squad->filter = drop_what_away_says;
    repeat(&recording, 5000, false);
    assert_non_null(session_of(squad, AWAY));
    assert_true(session_of(squad, AWAY)->silent);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repetitions_take_no_word_from_anybody),
        cmocka_unit_test(repetitions_from_a_talkers_address_take_no_word_from_it),
        cmocka_unit_test(repetitions_under_other_signatures_take_no_word_from_anybody),
        cmocka_unit_test(who_comes_back_into_reach_is_heard_though_others_are_repeated),
        cmocka_unit_test(repetitions_take_no_place_from_who_may_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
