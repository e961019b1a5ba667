/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Echo cancellation between two cards of the test's own, whose crystals are apart and which are
 * wrong about when their samples sound: no real time passes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/sound/echo.h"
#include "tests/app/stoi.h"
#include "tests/app/voice_fixture.h"

enum {
    PERIOD = CLEANING_SAMPLES,
    SECONDS = 40,
    SAMPLES = SECONDS * VOICE_RATE,
    SPARE = 2 * VOICE_RATE,
    LEARNED_S = 20,     /* then the filter knows the room and the crystals */
    REFLECTIONS = 40,   /* over 100 ms, behind 60 ms of air and driver */
    ROOM_FIRST = 960,   /* samples */
    ROOM_LENGTH = 1600, /* samples */
    AHEAD = 1000,       /* samples that the loudspeaker's card holds */
    PIECE = 320,
    TOLD_MS = 4,
    SLIP = 640, /* samples that a loudspeaker's server leaves out */
    REACH = 8,
    ROOM_SEED = 1, /* of its reflections */
    LOSS_DB = 20,  /* at least, once it has learned */
    SLIPPED_DB = 15
};

static const double PI = 3.141592653589793;

/* All samples are of the loudspeaker's count, except what is captured. */
struct room {
    double speaker_ppm, microphone_ppm; /* of the crystals, beside the boot clock */
    double told_ms;                     /* by which the cards are wrong, at most */
    double slips_at_s;                  /* 0: never */
    double near_gain;                   /* of the near end's voice, from LEARNED_S on */
    int16_t played[SAMPLES + SPARE];
    double echo[SAMPLES + SPARE]; /* of what is played */
    int16_t near[SAMPLES];        /* what the microphone's owner says, as captured */
    int16_t captured[SAMPLES], cleaned[SAMPLES];
};

static struct room *room;

static void repeat(const char *name, const char *other, int16_t out[], size_t count) {
    struct wav one = voice_fixture(name), two = voice_fixture(other);
    for (size_t i = 0; i < count; i++) {
        size_t at = i % (one.count + two.count);
        out[i] = at < one.count ? one.samples[at] : two.samples[at - one.count];
    }
    free(one.samples);
    free(two.samples);
}

/* Reflections at random that fade away; the strongest, the direct way, is first. */
static void reverberate(void) {
    memset(room->echo, 0, sizeof room->echo);
    for (int n = 0; n < REFLECTIONS; n++) {
        size_t late = n == 0 ? 0 : (size_t)(rand() % ROOM_LENGTH);
        double tap = n == 0 ? 0.4 : 0.25 * exp(-4.0 * (double)late / ROOM_LENGTH);
        tap *= rand() % 2 == 0 ? 1 : -1;
        for (size_t i = ROOM_FIRST + late; i < SAMPLES + SPARE; i++) {
            room->echo[i] += tap * room->played[i - ROOM_FIRST - late];
        }
    }
}

static double air_at(double at) {
    int64_t whole = (int64_t)floor(at);
    double part = at - (double)whole, sum = 0;
    for (int i = 1 - REACH; i <= REACH && whole >= REACH && whole < SAMPLES + SPARE - REACH; i++) {
        double off = part - i, sinc = fabs(off) < 1e-9 ? 1 : sin(PI * off) / (PI * off);
        sum += room->echo[whole + i] * sinc * (0.5 + 0.5 * cos(PI * off / REACH));
    }
    return sum;
}

/* The loudspeaker's sample that sounds at `s`, and how many samples the microphone has then. */
static double sounds_at(double s) {
    double slipped = room->slips_at_s > 0 && s >= room->slips_at_s ? SLIP : 0;
    return s * VOICE_RATE * (1 + room->speaker_ppm * 1e-6) + slipped;
}

static double captured_at(double s) {
    return s * VOICE_RATE * (1 + room->microphone_ppm * 1e-6);
}

static double wrong_samples(double s) {
    double slow = sin(s * 2 * PI / 7) / 2, quick = (rand() % 2001 - 1000) / 2000.0;
    return room->told_ms * (slow + quick) * VOICE_RATE / 1000;
}

static void play_until(struct echo *echo, uint64_t *next, double now_s) {
    while ((double)*next < sounds_at(now_s) + AHEAD) {
        struct echo_played piece = {.position = *next, .count = PIECE, .is_restart = *next == 0};
        double left = (double)*next - sounds_at(now_s) + wrong_samples(now_s);
        piece.heard_us = llround(now_s * 1e6 + left * 1e6 / VOICE_RATE) + 1000000;
        memcpy(piece.samples, room->played + *next, sizeof room->played[0] * PIECE);
        echo_play(echo, &piece);
        *next += PIECE;
    }
}

static void capture(uint64_t position) {
    for (uint64_t m = position; m < position + PERIOD; m++) {
        double at_s = (double)m / captured_at(1);
        double sample = at_s < LEARNED_S ? 0 : room->near_gain * room->near[m];
        sample += air_at(sounds_at(at_s));
        room->captured[m] = (int16_t)lround(fmax(INT16_MIN, fmin(INT16_MAX, sample)));
    }
}

static void run(void) {
    static struct echo echo;
    struct error error;
    uint64_t next = 0;
    memset(&echo, 0, sizeof echo);
    assert_int_equal(echo_begin(&echo, &error), STATUS_OK);
    for (uint64_t position = 0; position + PERIOD <= SAMPLES; position += PERIOD) {
        double now_s = (double)(position + PERIOD) / captured_at(1) + rand() % 4 * 1e-3;
        play_until(&echo, &next, now_s);
        capture(position);
        memcpy(room->cleaned + position, room->captured + position, PERIOD * sizeof(int16_t));
        (void)echo_cancel(&echo, room->cleaned + position, position, llround(now_s * 1e6) + 1000000,
                          captured_at(now_s) + wrong_samples(now_s));
    }
    echo_end(&echo);
}

static double power(const int16_t samples[], size_t from_s, size_t to_s) {
    double sum = 0;
    for (size_t i = from_s * VOICE_RATE; i < to_s * VOICE_RATE; i++) {
        sum += (double)samples[i] * samples[i];
    }
    return sum / (double)((to_s - from_s) * VOICE_RATE) + 1e-9;
}

/* How much less of the echo is left, in dB. */
static double loss_db(size_t from_s, size_t to_s) {
    return 10 * log10(power(room->captured, from_s, to_s) / power(room->cleaned, from_s, to_s));
}

static int setup(void **state) {
    (void)state;
    srand(ROOM_SEED);
    room = calloc(1, sizeof *room);
    assert_non_null(room);
    repeat("bridge", "medic", room->played, SAMPLES + SPARE);
    repeat("ladder", "bridge", room->near, SAMPLES);
    reverberate();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    free(room);
    return 0;
}

static void the_echo_is_taken_out_whatever_the_crystals(void **state) {
    static const double pairs[][2] = {{0, 0}, {200, 0}, {0, 200}, {-100, 100}};
    (void)state;
    room->told_ms = TOLD_MS;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        room->speaker_ppm = pairs[i][0];
        room->microphone_ppm = pairs[i][1];
        run();
        printf("%+.0f and %+.0f ppm: %.0f dB less, %.0f at first\n", pairs[i][0], pairs[i][1],
               loss_db(LEARNED_S, SECONDS), loss_db(5, 10));
        assert_true(loss_db(LEARNED_S, SECONDS) >= LOSS_DB);
    }
}

/* The room is as it was learned, and what is said in it stays as loud and as clear. */
static void who_speaks_at_the_same_time_is_heard(void **state) {
    const size_t from = LEARNED_S * VOICE_RATE, count = (SECONDS - LEARNED_S) * VOICE_RATE;
    const struct recording said = {room->near + from, count};
    (void)state;
    room->speaker_ppm = 200;
    room->told_ms = TOLD_MS;
    room->near_gain = 1;
    run();
    double with = stoi(said, (struct recording){room->captured + from, count});
    double without = stoi(said, (struct recording){room->cleaned + from, count});
    double louder_db = 10 * log10(power(room->cleaned, LEARNED_S, SECONDS) /
                                  power(room->near, LEARNED_S, SECONDS));
    printf("STOI %.3f with the echo, %.3f without; level %+.1f dB\n", with, without, louder_db);
    assert_true(without >= with + 0.04);
    assert_true(without >= 0.92);
    assert_true(fabs(louder_db) <= 1);
}

/* By 40 ms, as a server's buffer does that ran dry: the echo is not learned anew but found. */
static void a_card_that_slips_is_found_again(void **state) {
    (void)state;
    room->told_ms = TOLD_MS;
    room->slips_at_s = LEARNED_S;
    run();
    printf("%.0f dB less from 2 to 5 s after a slip\n", loss_db(LEARNED_S + 2, LEARNED_S + 5));
    assert_true(loss_db(LEARNED_S + 2, LEARNED_S + 5) >= SLIPPED_DB);
}

/* And before the cards have said when they sound, there is nothing to compare with. */
static void without_a_far_end_the_microphone_is_left_alone(void **state) {
    (void)state;
    memset(room->played, 0, sizeof room->played);
    reverberate();
    room->near_gain = 1;
    run();
    assert_memory_equal(room->cleaned, room->captured, VOICE_RATE / 10 * sizeof(int16_t));
    assert_true(fabs(loss_db(LEARNED_S, SECONDS)) < 0.5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_echo_is_taken_out_whatever_the_crystals, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(who_speaks_at_the_same_time_is_heard, setup, teardown),
        cmocka_unit_test_setup_teardown(a_card_that_slips_is_found_again, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_far_end_the_microphone_is_left_alone, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
