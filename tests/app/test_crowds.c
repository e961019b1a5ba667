/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where many handsets are: the pace, questions by name, and words under the group's key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/keys/hours.h"
#include "crowd.h"

enum {
    MANY = 200,
    CROWD = 64, /* enough for its members to say attendance words */
    PROBE = 3,
    HOUR = 60 * 60 * 1000,
};

static struct crowd *crowd_of(size_t count) {
    struct crowd *crowd = crowd_new(count, 7);
    for (size_t n = 0; n < count; n++) {
        crowd_on(crowd, n, NULL);
        crowd_run(crowd, 200);
    }
    crowd_run(crowd, 30000);
    return crowd;
}

static void the_rhythm_keeps_to_its_part_of_the_air(void **state) {
    (void)state;
    static const size_t sizes[] = {2, 15, 40, 200, 500, 2000, 2600};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const struct rhythm rhythm = rhythm_of(sizes[i]);
        double octets = RHYTHM_SIGNED_OCTETS + (rhythm.signed_each - 1.0) * RHYTHM_LINK_OCTETS;
        double cycle_s = (double)rhythm.interval_ms * rhythm.signed_each / 1000;
        assert_true((double)(sizes[i] + 1) * octets / cycle_s <= RHYTHM_OCTETS * 1.01);
        assert_true(rhythm.interval_ms >= PRESENCE_INTERVAL_MS);
    }
    assert_int_equal(rhythm_of(3).interval_ms, PRESENCE_INTERVAL_MS);
}

static void two_who_lie_slow_nobody_down(void **state) {
    (void)state;
    struct pace pace;
    struct moment now = {.boot_ms = 1000};
    pace_begin(&pace, now);
    for (uint8_t who = 0; who < 20; who++) {
        pace_hear(&pace, now, 100U + who, 10, 9, 300);
        pace_hear(&pace, now, 200U + who % 2, 60000, 9, 300);
    }
    assert_int_equal(pace_count(&pace, now), 10);
    now.boot_ms += PACE_SAID_MS + 1;
    assert_int_equal(pace_count(&pace, now), 9);
}

static void what_was_said_long_ago_counts_no_more(void **state) {
    (void)state;
    struct pace pace;
    struct moment now = {.boot_ms = 1000};
    pace_begin(&pace, now);
    for (uint8_t who = 0; who < 5; who++) {
        pace_hear(&pace, now, 100U + who, 2000, 9, 300);
    }
    assert_int_equal(pace_count(&pace, now), 2000);
    now.boot_ms += PACE_SAID_MS + 1;
    pace_hear(&pace, now, 200, 10, 9, 300);
    assert_int_equal(pace_count(&pace, now), 10);
}

/* Among two thousand, of what is signed in a second the usual presences are some 430 octets. */
static void what_nobody_waits_for_takes_its_part_of_the_air_alone(void **state) {
    (void)state;
    struct pace pace;
    struct moment now = {.boot_ms = 1000};
    pace_begin(&pace, now);
    assert_true(pace_has_room(&pace, now, PACE_IDLE_OCTETS)); /* nobody is there */
    for (uint8_t i = 0; i < 60; i++) {
        now.boot_ms += 200;
        pace_hear(&pace, now, 100U + i, 2000, 2000, 300);
    }
    assert_false(pace_has_room(&pace, now, PACE_EXTRA_OCTETS)); /* 1,500 */
    for (uint8_t i = 0; i < 24; i++) {
        now.boot_ms += 500;
        pace_hear(&pace, now, 200U + i, 2000, 2000, 300);
    }
    assert_true(pace_has_room(&pace, now, PACE_EXTRA_OCTETS)); /* 600 */
    assert_false(pace_has_room(&pace, now, PACE_IDLE_OCTETS));
}

/* Who said a presence every 5 s, before many came, is silent for longer since. */
static void who_speaks_as_seldom_as_all_do_is_not_taken_for_gone(void **state) {
    (void)state;
    struct roster *roster = calloc(1, sizeof *roster);
    assert_non_null(roster);
    const struct neighbour neighbour = {.presence.rhythm.interval_ms = PRESENCE_INTERVAL_MS};
    const struct moment now = {.boot_ms = 60 * 1000};
    roster_crowd(roster, false, PRESENCE_INTERVAL_MS);
    assert_false(neighbour_is_near(&neighbour, roster, now));
    roster_crowd(roster, true, 90 * 1000);
    assert_true(neighbour_is_near(&neighbour, roster, now));
    free(roster);
}

/* 95 % of what two hundred say at rest. */
static void two_hundred_keep_to_their_part_of_the_air(void **state) {
    (void)state;
    struct crowd *crowd = crowd_of(200);
    uint64_t before = crowd_said(crowd);
    crowd_run(crowd, 20000);
    assert_true((double)(crowd_said(crowd) - before) * 8 / 20 <= 20000);
    for (size_t n = 0; n < 200; n += 17) {
        unsigned counted = pace_count(&crowd->handsets[n].engine->pace, crowd_now(crowd));
        assert_true(counted >= 150 && counted <= 210);
    }
    crowd_free(crowd);
}

/* Frames that were said, to be played again. */
struct recording {
    size_t count;
    struct {
        size_t length;
        uint8_t octets[FRAME_MAX];
    } frames[64];
};

/* What `from` has just said of that kind. */
static void record(struct crowd *crowd, size_t from, enum frame_kind kind,
                   struct recording *recording) {
    for (size_t i = 0; i < crowd->flight_count; i++) {
        const struct crowd_flight *flight = &crowd->flights[i];
        if (flight->from == from && flight->octets[1] == kind && recording->count < 64) {
            recording->frames[recording->count].length = flight->length;
            memcpy(recording->frames[recording->count++].octets, flight->octets, flight->length);
        }
    }
}

/* It arrives at the n-th, as other frames than those that were recorded. */
static void play(struct crowd *crowd, size_t n, struct recording *recording) {
    for (size_t i = 0; i < recording->count; i++) {
        recording->frames[i].octets[4]++;
        crowd_inject(crowd, n, 5000,
                     (struct span){recording->frames[i].octets, recording->frames[i].length});
    }
}

/* The n-th comes, and says that it has two thousand nearby. */
static void come_from_crowd(struct crowd *crowd, size_t n) {
    crowd_on(crowd, n, NULL);
    crowd->handsets[n].engine->roster.counted = 2000;
    crowd->handsets[n].engine->roster.counted_ms = INT64_MAX / 2;
}

static unsigned count_at(const struct crowd *crowd, size_t n) {
    return pace_count(&crowd->handsets[n].engine->pace, crowd_now(crowd));
}

/* A stranger has recorded three presences in a crowd, and plays them an hour later, where nobody
 * is. */
static void a_recording_of_a_crowd_slows_nobody_down(void **state) {
    (void)state;
    static struct recording recording;
    struct crowd *crowd = crowd_new(8, 7);
    char identity[IDENTITY_SIZE];
    recording.count = 0;
    crowd_on(crowd, PROBE + 1, NULL);
    for (size_t n = 0; n < PROBE; n++) {
        come_from_crowd(crowd, n);
        crowd_run(crowd, CROWD_STEP_MS);
        record(crowd, n, FRAME_PRESENCE, &recording);
    }
    crowd_run(crowd, 200);
    assert_int_equal(recording.count, PROBE);
    assert_int_equal(count_at(crowd, PROBE + 1), 2000); /* then it was true */
    for (size_t n = 0; n <= PROBE + 1; n++) {
        crowd_off(crowd, n);
    }
    crowd->boot_ms += HOUR;
    crowd_on(crowd, PROBE, NULL);
    crowd_run(crowd, 1000);
    play(crowd, PROBE, &recording);
    crowd_identity(0, identity);
    assert_non_null(roster_find(&crowd->handsets[PROBE].engine->roster, identity)); /* verified */
    assert_int_equal(count_at(crowd, PROBE), 0);
    crowd_free(crowd);
}

static void one_who_lies_in_many_lives_slows_nobody_down(void **state) {
    (void)state;
    struct crowd *crowd = crowd_new(8, 7);
    for (size_t n = 1; n < 8; n++) {
        crowd_on(crowd, n, NULL);
    }
    crowd_run(crowd, 10000);
    for (size_t lives = 0; lives < 5; lives++) {
        crowd_off(crowd, 0);
        come_from_crowd(crowd, 0);
        crowd_run(crowd, 1000);
    }
    assert_true(crowd_has(crowd, PROBE, 0));
    assert_int_equal(count_at(crowd, PROBE), 7);
    crowd_free(crowd);
}

static void the_revoked_slow_nobody_down(void **state) {
    (void)state;
    static struct revocation list;
    struct crowd *crowd = crowd_new(8, 7);
    char identity[IDENTITY_SIZE];
    crowd_on(crowd, PROBE, NULL);
    crowd_on(crowd, PROBE + 1, NULL);
    struct keyring *keyring = &crowd->handsets[PROBE].engine->desk.keyring;
    assert_int_equal(revocation_begin(&list, keyring->credential->kms, 1, crowd_now(crowd).utc_ms,
                                      &entropy_system),
                     STATUS_OK);
    for (size_t n = 0; n < PROBE; n++) {
        crowd_identity(n, identity);
        assert_int_equal(revocation_add(&list, identity), STATUS_OK);
        come_from_crowd(crowd, n);
    }
    keyring_heed(keyring, &list);
    crowd_run(crowd, 1000);
    assert_true(pace_is_crowd(&crowd->handsets[PROBE + 1].engine->pace, crowd_now(crowd)));
    assert_false(pace_is_crowd(&crowd->handsets[PROBE].engine->pace, crowd_now(crowd)));
    crowd_free(crowd);
}

static void one_that_was_not_heard_is_known_soon_once_it_is_looked_up(void **state) {
    (void)state;
    struct crowd *crowd = crowd_of(CROWD);
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
    struct crowd *crowd = crowd_of(CROWD);
    crowd_look_up(crowd, PROBE, 5000);
    uint64_t questions = crowd->frames[FRAME_INQUIRY];
    assert_true(inquiry_goes_on(&crowd->handsets[PROBE].engine->inquiry));
    crowd_run(crowd, 20000);
    assert_true(crowd->frames[FRAME_INQUIRY] - questions <= INQUIRY_TRIES);
    assert_false(inquiry_goes_on(&crowd->handsets[PROBE].engine->inquiry)); /* and it is said */
    crowd_free(crowd);
}

/* A member comes back after the others have forgotten it: by the words alone. */
static void the_members_know_one_of_them_who_comes(void **state) {
    (void)state;
    struct crowd *crowd = crowd_of(CROWD);
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
    struct crowd *crowd = crowd_of(CROWD);
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
    struct crowd *crowd = crowd_of(CROWD);
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
    struct crowd *crowd = crowd_of(CROWD);
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
                            struct recording *recording) {
    recording->count = 0;
    inquiry_want(inquiry_at(crowd, 0), crowd_now(crowd), identity, INQUIRY_SOON);
    crowd->handsets[0].deadline_ms = crowd->boot_ms;
    crowd_run(crowd, CROWD_STEP_MS);
    record(crowd, 0, FRAME_INQUIRY, recording);
    assert_int_equal(recording->count, 1);
}

/* The n-th wants it as well, in a second: is that put off by what is played to it? */
static bool puts_off(struct crowd *crowd, size_t n, const char *identity,
                     struct recording *recording) {
    struct inquiry *inquiry = inquiry_at(crowd, n);
    int64_t due_ms = crowd->boot_ms + 1000;
    inquiry->count = 0;
    inquiry_want(inquiry, crowd_now(crowd), identity, INQUIRY_SOON);
    assert_int_equal(inquiry->count, 1);
    inquiry->wanted[0].due_ms = due_ms;
    play(crowd, n, recording);
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
    static struct recording recording;
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

static void want(struct crowd *crowd, size_t other, enum inquiry_need need) {
    char identity[IDENTITY_SIZE];
    crowd_identity(other, identity);
    inquiry_want(inquiry_at(crowd, 0), crowd_now(crowd), identity, need);
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

/* Two who came late, of whom some heard in another order than others: one of them goes, and nobody
 * takes what is said of the other for it. */
static void one_of_two_latecomers_goes_and_the_other_stays(void **state) {
    (void)state;
    struct crowd *crowd = crowd_of(CROWD);
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
    static struct recording recording;
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
        record(crowd, PROBE, FRAME_ATTENDANCE, &recording);
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
static void withhold_last_word(struct crowd *crowd, size_t from, struct recording *recording) {
    for (recording->count = 0; recording->count == 0;) {
        crowd_run(crowd, CROWD_STEP_MS);
        record(crowd, from, FRAME_ATTENDANCE, recording);
    }
    for (size_t i = 0; i < crowd->flight_count; i++) {
        struct crowd_flight *flight = &crowd->flights[i];
        flight->octets[flight->length - 1] ^= flight->from == from;
    }
    crowd_off(crowd, from);
}

/* A member's last word comes `withheld_ms` late: does it tell anything of it? */
static bool tells_after(int64_t withheld_ms) {
    static struct recording recording;
    struct crowd *crowd = crowd_of(CROWD);
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
static void long_word(struct crowd *crowd, struct recording *recording) {
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
    static struct recording recording;
    struct crowd *crowd = crowd_of(CROWD);
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
        cmocka_unit_test(the_rhythm_keeps_to_its_part_of_the_air),
        cmocka_unit_test(two_who_lie_slow_nobody_down),
        cmocka_unit_test(what_was_said_long_ago_counts_no_more),
        cmocka_unit_test(a_recording_of_a_crowd_slows_nobody_down),
        cmocka_unit_test(one_who_lies_in_many_lives_slows_nobody_down),
        cmocka_unit_test(the_revoked_slow_nobody_down),
        cmocka_unit_test(what_nobody_waits_for_takes_its_part_of_the_air_alone),
        cmocka_unit_test(who_speaks_as_seldom_as_all_do_is_not_taken_for_gone),
        cmocka_unit_test(two_hundred_keep_to_their_part_of_the_air),
        cmocka_unit_test(one_that_was_not_heard_is_known_soon_once_it_is_looked_up),
        cmocka_unit_test(who_is_not_there_is_asked_for_a_few_times),
        cmocka_unit_test(the_members_know_one_of_them_who_comes),
        cmocka_unit_test(what_a_member_was_told_it_passes_on),
        cmocka_unit_test(a_member_is_known_by_its_words_alone),
        cmocka_unit_test(whom_they_trust_is_known_soon_after_many_have_come_at_once),
        cmocka_unit_test(what_another_has_asked_is_not_asked_again),
        cmocka_unit_test(only_a_question_that_is_genuine_and_of_now_counts_as_ones_own),
        cmocka_unit_test(whom_the_officer_waits_for_is_asked_for_however_many_are_wanted),
        cmocka_unit_test(one_of_two_latecomers_goes_and_the_other_stays),
        cmocka_unit_test(a_recording_of_words_makes_nobody_reachable),
        cmocka_unit_test(a_word_that_is_no_longer_fresh_counts_for_nothing),
        cmocka_unit_test(who_says_that_it_stays_long_is_gone_like_all),
        cmocka_unit_test(a_changed_word_tells_nothing),
        cmocka_unit_test(lengths_of_time_are_rounded_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
