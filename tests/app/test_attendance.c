/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words under the group's key, where many handsets are (keys/attendance.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/keys/hours.h"
#include "crowd.h"
#include "crowd_recording.h"

enum {
    CROWD = 64, /* enough for its members to say attendance words */
    PROBE = 3,
};

/* A member comes back after the others have forgotten it: by the words alone. */
static void the_members_know_one_of_them_who_comes(void **state) {
    (void)state;
    struct crowd *crowd = crowd_gather(CROWD);
    char identity[IDENTITY_SIZE];
    int64_t lived_ms;
    crowd_identity(PROBE, identity);
    crowd_off(crowd, PROBE);
    for (size_t n = 0; n < CROWD_GROUP; n++) {
        crowd_forget(crowd, n, identity);
    }
    crowd_on(crowd, PROBE, NULL);
    crowd_run(crowd, 20000);
    for (size_t n = 0; n < CROWD_GROUP; n++) {
        if (n == PROBE) {
            continue;
        }
        const struct attendance *attendance = &crowd->handsets[n].engine->attendance;
        assert_true(attendance_has(attendance, identity, crowd_now(crowd), &lived_ms));
        assert_true(crowd_has(crowd, n, PROBE));
        crowd_identity(n, identity);
        attendance = &crowd->handsets[PROBE].engine->attendance;
        assert_true(attendance_has(attendance, identity, crowd_now(crowd), &lived_ms));
        crowd_identity(PROBE, identity);
    }
    crowd_free(crowd);
}

/* One who came lately has heard few of its group itself, and knows the others by what these told:
 * it tells of all of them to the next one who comes. */
static void what_a_member_was_told_it_passes_on(void **state) {
    (void)state;
    enum {
        FIRST = 1, /* comes while all are there; the others are gone when */
        SECOND     /* comes */
    };
    struct crowd *crowd = crowd_gather(CROWD);
    int64_t lived_ms;
    crowd_off(crowd, FIRST);
    crowd_off(crowd, SECOND);
    crowd_run(crowd, 2000);
    crowd_on(crowd, FIRST, NULL);
    crowd_run(crowd, 5000);
    for (size_t n = 0; n < CROWD_GROUP; n++) {
        if (n != FIRST) {
            crowd_off(crowd, n);
        }
    }
    crowd_on(crowd, SECOND, NULL);
    crowd_run(crowd, 10000);
    const struct attendance *attendance = &crowd->handsets[SECOND].engine->attendance;
    for (size_t n = 0; n < CROWD_GROUP; n++) {
        char identity[IDENTITY_SIZE];
        crowd_identity(n, identity);
        assert_true(n == SECOND ||
                    attendance_has(attendance, identity, crowd_now(crowd), &lived_ms));
    }
    crowd_run(crowd, 120000); /* and that goes on for no longer than it should */
    for (size_t n = 0; n < CROWD_GROUP; n++) {
        char identity[IDENTITY_SIZE];
        crowd_identity(n, identity);
        assert_int_equal(attendance_has(attendance, identity, crowd_now(crowd), &lived_ms),
                         n == FIRST);
    }
    crowd_free(crowd);
}

/* Nothing that is signed arrives of the n-th. */
static void lose_presences(struct crowd *crowd, size_t n) {
    for (size_t i = 0; i < crowd->flight_count; i++) {
        const struct crowd_flight *flight = &crowd->flights[i];
        if (flight->from == n &&
            (flight->octets[1] == FRAME_PRESENCE || flight->octets[1] == FRAME_INQUIRY)) {
            flight->octets[flight->length - 1] ^= 1;
        }
    }
}

/* A member whose presences are all lost: it is heard by its words, and no more is said of it. */
static void a_member_is_known_by_its_words_alone(void **state) {
    (void)state;
    struct crowd *crowd = crowd_gather(CROWD);
    char identity[IDENTITY_SIZE];
    crowd_identity(PROBE, identity);
    crowd_off(crowd, PROBE);
    for (size_t n = 0; n < CROWD; n++) {
        crowd_forget(crowd, n, identity);
    }
    crowd_on(crowd, PROBE, NULL);
    for (size_t i = 0; i < 20000 / CROWD_STEP_MS; i++) {
        crowd_run(crowd, CROWD_STEP_MS);
        lose_presences(crowd, PROBE);
    }
    for (size_t n = 0; n < CROWD; n++) {
        const struct roster *roster = &crowd->handsets[n].engine->roster;
        const struct neighbour *neighbour = roster_find(roster, identity);
        bool is_fellow = n / CROWD_GROUP == PROBE / CROWD_GROUP && n != PROBE;
        assert_int_equal(crowd_has(crowd, n, PROBE), is_fellow);
        if (is_fellow) {
            assert_true(neighbour_is_told(neighbour));
            assert_int_equal(neighbour_state(neighbour, roster, crowd_now(crowd)), NEARBY_HEARD);
        }
    }
    crowd_free(crowd);
}

/* Two who came late, of whom some heard in another order than others: one of them goes, and nobody
 * takes what is said of the other for it. */
static void one_of_two_latecomers_goes_and_the_other_stays(void **state) {
    (void)state;
    struct crowd *crowd = crowd_gather(CROWD);
    char goes[IDENTITY_SIZE], stays[IDENTITY_SIZE];
    int64_t lived_ms;
    crowd_identity(CROWD_GROUP - 2, stays);
    crowd_identity(CROWD_GROUP - 1, goes);
    crowd_run(crowd, 30000);
    for (size_t n = 0; n < CROWD_GROUP - 2; n++) {
        const struct attendance *attendance = &crowd->handsets[n].engine->attendance;
        assert_true(attendance_has(attendance, stays, crowd_now(crowd), &lived_ms));
        assert_true(attendance_has(attendance, goes, crowd_now(crowd), &lived_ms));
    }
    crowd_off(crowd, CROWD_GROUP - 1);
    crowd_run(crowd, 120000);
    for (size_t n = 0; n < CROWD_GROUP - 2; n++) {
        const struct attendance *attendance = &crowd->handsets[n].engine->attendance;
        assert_true(attendance_has(attendance, stays, crowd_now(crowd), &lived_ms));
        assert_false(attendance_has(attendance, goes, crowd_now(crowd), &lived_ms));
    }
    crowd_free(crowd);
}

/* A stranger has recorded a member's words; the member goes, and a listener that has never heard
 * them starts: played to it, in any order and as other frames, they bring the member to nobody. */
static void a_recording_of_words_makes_nobody_reachable(void **state) {
    (void)state;
    static struct crowd_recording recording;
    struct crowd *crowd = crowd_new(CROWD, 11);
    char identity[IDENTITY_SIZE];
    int64_t lived_ms;
    recording.count = 0;
    for (size_t n = 0; n < CROWD; n++) {
        crowd_on(crowd, n, NULL);
        crowd_run(crowd, 200);
    }
    for (size_t i = 0; i < 3000; i++) {
        crowd_run(crowd, CROWD_STEP_MS);
        crowd_record(crowd, PROBE, FRAME_ATTENDANCE, &recording);
    }
    assert_true(recording.count >= 2);
    crowd_identity(PROBE, identity);
    crowd_off(crowd, PROBE);
    crowd_off(crowd, PROBE + 1);
    crowd_run(crowd, 2000);
    crowd_on(crowd, PROBE + 1, NULL);
    crowd_run(crowd, 10000);
    const struct handset *engine = crowd->handsets[PROBE + 1].engine;
    crowd_forget(crowd, PROBE + 1, identity); /* what others told of it */
    for (size_t n = 0; n < CROWD_GROUP; n++) {
        crowd_forget(crowd, n, identity);
    }
    for (size_t round = 0; round < 4; round++) {
        for (size_t i = 0; i < recording.count; i++) {
            size_t at = round % 2 == 0 ? i : recording.count - 1 - i;
            uint8_t *octets = recording.frames[at].octets;
            octets[4] = (uint8_t)(octets[4] + 1); /* another frame */
            const struct span frame = {octets, recording.frames[at].length};
            crowd_inject(crowd, PROBE + 1, 5000, frame);
            crowd_inject(crowd, 0, 5000, frame);
            crowd_run(crowd, 200);
            assert_false(
                attendance_has(&engine->attendance, identity, crowd_now(crowd), &lived_ms));
            assert_false(attendance_has(&crowd->handsets[0].engine->attendance, identity,
                                        crowd_now(crowd), &lived_ms));
        }
    }
    crowd_free(crowd);
}

/* The next word of `from` reaches nobody but the recording, and it was the last. */
static void withhold_last_word(struct crowd *crowd, size_t from,
                               struct crowd_recording *recording) {
    for (recording->count = 0; recording->count == 0;) {
        crowd_run(crowd, CROWD_STEP_MS);
        crowd_record(crowd, from, FRAME_ATTENDANCE, recording);
    }
    for (size_t i = 0; i < crowd->flight_count; i++) {
        struct crowd_flight *flight = &crowd->flights[i];
        flight->octets[flight->length - 1] ^= flight->from == from;
    }
    crowd_off(crowd, from);
}

/* A member's last word comes `withheld_ms` late: does it tell anything of it? */
static bool tells_after(int64_t withheld_ms) {
    static struct crowd_recording recording;
    struct crowd *crowd = crowd_gather(CROWD);
    char identity[IDENTITY_SIZE];
    int64_t before_ms = INT64_MIN, after_ms = INT64_MIN;
    const struct attendance *attendance = &crowd->handsets[PROBE + 1].engine->attendance;
    crowd_identity(PROBE, identity);
    withhold_last_word(crowd, PROBE, &recording);
    crowd_run(crowd, withheld_ms);
    (void)attendance_has(attendance, identity, crowd_now(crowd), &before_ms);
    crowd_inject(crowd, PROBE + 1, PROBE,
                 (struct span){recording.frames[0].octets, recording.frames[0].length});
    (void)attendance_has(attendance, identity, crowd_now(crowd), &after_ms);
    crowd_free(crowd);
    return after_ms != before_ms;
}

/* A delay of the air, and somebody who withholds it. */
static void a_word_that_is_no_longer_fresh_counts_for_nothing(void **state) {
    (void)state;
    assert_true(tells_after(ATTENDANCE_FRESH_MS / 2));
    assert_false(tells_after(ATTENDANCE_FRESH_MS + 500));
}

/* The last word of a member, who says in it that the next one comes in a quarter of an hour. */
static void long_word(struct crowd *crowd, struct crowd_recording *recording) {
    const struct attendance *attendance = &crowd->handsets[PROBE + 1].engine->attendance;
    const struct group *group = groups_find(attendance->groups, attendance->list[0]->identity);
    uint8_t key[GMK_SIZE], payload[ATTENDANCE_WORD_MAX];
    struct attendance_word word;
    withhold_last_word(crowd, PROBE, recording);
    uint8_t *octets = recording->frames[0].octets;
    const struct span heard = {octets + FRAME_HEADER_SIZE,
                               recording->frames[0].length - FRAME_HEADER_SIZE};
    assert_int_equal(attendance_head(heard, &word), STATUS_OK);
    hours_key(group, word.hour, key);
    assert_int_equal(attendance_open(key, heard, &word), STATUS_OK);
    word.next = ATTENDANCE_UNPROVEN - 1;
    struct writer w = writer_into(payload, sizeof payload);
    assert_int_equal(attendance_close(key, &word, &w), STATUS_OK);
    assert_int_equal(w.length, heard.length);
    memcpy(octets + FRAME_HEADER_SIZE, payload, w.length);
}

/* And what others have heard of it does not keep it there either. */
static void who_says_that_it_stays_long_is_gone_like_all(void **state) {
    (void)state;
    static struct crowd_recording recording;
    struct crowd *crowd = crowd_gather(CROWD);
    char identity[IDENTITY_SIZE];
    int64_t lived_ms;
    crowd_identity(PROBE, identity);
    long_word(crowd, &recording);
    for (size_t n = 0; n < CROWD_GROUP; n++) {
        if (n != PROBE) {
            crowd_inject(crowd, n, PROBE,
                         (struct span){recording.frames[0].octets, recording.frames[0].length});
        }
    }
    crowd_run(crowd, ATTENDANCE_LONGEST_MS + 60 * 1000);
    for (size_t n = 0; n < CROWD_GROUP; n++) {
        assert_false(n != PROBE && attendance_has(&crowd->handsets[n].engine->attendance, identity,
                                                  crowd_now(crowd), &lived_ms));
    }
    crowd_free(crowd);
}

/* An octet changed anywhere: it opens for nobody, and costs a handset that answers nothing. */
static void a_changed_word_tells_nothing(void **state) {
    (void)state;
    const uint8_t key[GMK_SIZE] = {1};
    struct attendance_word word = {.gmk_id = 0xA0000001, .hour = 2, .member = 3, .age_ms = 77777};
    word.latest_member = ATTENDANCE_NOBODY;
    word.heard[4] = (struct attendance_heard){true, 9, 0};
    word.heard[6] = (struct attendance_heard){true, ATTENDANCE_UNPROVEN, 0x12345678};
    uint8_t payload[ATTENDANCE_WORD_MAX];
    struct writer w = writer_into(payload, sizeof payload);
    struct attendance_word read;
    assert_int_equal(attendance_close(key, &word, &w), STATUS_OK);
    assert_int_equal(attendance_open(key, writer_span(&w), &read), STATUS_OK);
    assert_memory_equal(&read, &word, sizeof word);
    for (size_t i = 0; i < w.length; i++) {
        payload[i] ^= 1;
        assert_int_not_equal(attendance_open(key, writer_span(&w), &read), STATUS_OK);
        payload[i] ^= 1;
    }
    const uint8_t other[GMK_SIZE] = {2};
    assert_int_equal(attendance_open(other, writer_span(&w), &read), STATUS_SEAL_BROKEN);
}

static void lengths_of_time_are_rounded_down(void **state) {
    (void)state;
    for (int64_t ms = 0; ms < ATTENDANCE_LONGEST_MS; ms += 37) {
        int64_t told_ms = attendance_length_ms(attendance_code(ms));
        assert_true(told_ms <= ms && ms - told_ms <= 4000);
    }
    assert_true(attendance_code(INT64_MAX) < ATTENDANCE_UNPROVEN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_members_know_one_of_them_who_comes),
        cmocka_unit_test(what_a_member_was_told_it_passes_on),
        cmocka_unit_test(a_member_is_known_by_its_words_alone),
        cmocka_unit_test(one_of_two_latecomers_goes_and_the_other_stays),
        cmocka_unit_test(a_recording_of_words_makes_nobody_reachable),
        cmocka_unit_test(a_word_that_is_no_longer_fresh_counts_for_nothing),
        cmocka_unit_test(who_says_that_it_stays_long_is_gone_like_all),
        cmocka_unit_test(a_changed_word_tells_nothing),
        cmocka_unit_test(lengths_of_time_are_rounded_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
