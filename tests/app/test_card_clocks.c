/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sound cards whose crystals are off, held to the boot clock: no real time passes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "app/sound/drift.h"
#include "app/sound/steering.h"

enum {
    PERIOD = VOICE_RATE / 100,
    QUEUE = 720,
    LATE_MS = 8, /* at most, by chance: the thread, the server */
    MINUTES = 10
};

/* A microphone's card: how many samples it has made too many for its time, as steered. */
struct microphone {
    struct drift drift;
    double speed, made, period_ms;
    int ppm;
};

/* A loudspeaker's card and what is queued for it. */
struct loudspeaker {
    struct drift drift;
    double speed, queued, put_ms, period_ms;
    int ppm;
    unsigned dry;
};

static int64_t late(void) {
    return rand() % (LATE_MS + 1);
}

static double lead(struct microphone *microphone, double now_ms) {
    while (microphone->period_ms <= now_ms) {
        double at_ms = microphone->period_ms + (double)late();
        microphone->made += PERIOD / (1 + microphone->ppm / 1e6);
        microphone->ppm =
            drift_note(&microphone->drift, microphone->made - at_ms * 16, (int64_t)at_ms);
        microphone->period_ms += 10 / microphone->speed;
    }
    /* A sample is as old as it is, whether its period is over yet or not. */
    double open_ms = now_ms - (microphone->period_ms - 10 / microphone->speed);
    return microphone->made + (open_ms - now_ms) * 16;
}

/* What is queued, less what is heard of the period that is being played. */
static double ahead(const struct loudspeaker *loudspeaker, double now_ms) {
    double open_ms = now_ms - (loudspeaker->period_ms - 10 / loudspeaker->speed);
    return loudspeaker->queued - open_ms * 16;
}

static void play(struct loudspeaker *loudspeaker, double now_ms) {
    while (loudspeaker->period_ms <= now_ms) {
        loudspeaker->queued -= PERIOD * (1 + loudspeaker->ppm / 1e6);
        loudspeaker->dry += loudspeaker->queued < 0;
        double excess = drift_queue_excess(loudspeaker->queued, QUEUE,
                                           loudspeaker->period_ms - loudspeaker->put_ms);
        loudspeaker->ppm =
            drift_note(&loudspeaker->drift, excess, (int64_t)loudspeaker->period_ms + late());
        loudspeaker->period_ms += 10 / loudspeaker->speed;
    }
}

struct range {
    double least, most;
};

static void widen(struct range *range, double value) {
    range->least = fmin(range->least, value);
    range->most = fmax(range->most, value);
}

/* The delay from one card to the other, from second 5 on, in ms: means of seconds. */
static struct range delay_of(int microphone_ppm, int loudspeaker_ppm, unsigned *dry) {
    struct microphone microphone = {.speed = 1 + microphone_ppm / 1e6, .period_ms = 10};
    struct loudspeaker loudspeaker = {
        .speed = 1 + loudspeaker_ppm / 1e6, .queued = QUEUE, .period_ms = 10};
    struct range range = {INFINITY, -INFINITY};
    drift_begin(&microphone.drift, true);
    drift_begin(&loudspeaker.drift, false);
    double sum = 0;
    for (int frame = 1; frame <= MINUTES * 60 * 50; frame++) {
        double now_ms = frame * VOICE_FRAME_MS;
        play(&loudspeaker, now_ms);
        sum += lead(&microphone, now_ms) + ahead(&loudspeaker, now_ms);
        loudspeaker.queued += VOICE_FRAME_SAMPLES;
        loudspeaker.put_ms = now_ms;
        if (frame % 50 == 0 && frame >= 5 * 50) {
            widen(&range, sum / 50 / 16);
        }
        sum = frame % 50 == 0 ? 0 : sum;
    }
    *dry = loudspeaker.dry;
    return range;
}

static void cards_200_ppm_apart_keep_their_delay_for_ten_minutes(void **state) {
    static const int pairs[][2] = {{200, 0},    {0, 200},    {-200, 0},   {0, -200}, {100, -100},
                                   {-100, 100}, {200, -200}, {-200, 200}, {0, 0}};
    (void)state;
    unsigned seed = (unsigned)time(NULL);
    printf("seed %u\n", seed);
    srand(seed);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        unsigned dry = 0;
        struct range range = delay_of(pairs[i][0], pairs[i][1], &dry);
        assert_true(range.most - range.least <= 20);
        assert_int_equal(dry, 0);
    }
}

/* Nobody hears a change of half a percent; more is never made, whatever the queue. */
static void speed_is_changed_by_half_a_percent_at_most(void **state) {
    struct drift drift;
    (void)state;
    for (double excess = -1e6; excess <= 1e6; excess += 2e6) {
        drift_begin(&drift, false);
        for (int64_t now_ms = 0; now_ms < 60000; now_ms += 10) {
            assert_in_range(drift_note(&drift, excess, now_ms) + DRIFT_PPM_MAX, 0,
                            2 * DRIFT_PPM_MAX);
        }
        /* And what was no drift was not learned as one. */
        drift_restart(&drift);
        assert_int_equal(drift_note(&drift, 0, 60000), 0);
    }
}

/* The next talk begins with what was learned of the crystal in the one before. */
static void what_was_learned_of_a_crystal_outlives_a_talk(void **state) {
    struct drift drift;
    (void)state;
    drift_begin(&drift, false);
    double queued = QUEUE;
    int ppm = 0;
    for (int64_t now_ms = 0; now_ms < 300000; now_ms += 10) {
        queued += PERIOD - PERIOD * (1 + ppm / 1e6) * (1 - 150e-6);
        ppm = drift_note(&drift, queued - QUEUE, now_ms);
    }
    assert_in_range(ppm, 140, 160);
    drift_restart(&drift);
    assert_in_range(drift_note(&drift, 0, 400000), 140, 160);
}

/* A tone of 1 kHz in, steered by `ppm`: returns the part of what comes out that is no tone of the
 * frequency that it should be, in dB below it. */
static double distortion_db(int ppm, size_t *made) {
    enum {
        FRAMES = 200
    };
    static int16_t out[FRAMES * (VOICE_FRAME_SAMPLES + 16)];
    const double turn = 6.283185307179586, hz = 1000 * (1 + ppm / 1e6);
    struct steering steering;
    struct error error;
    assert_int_equal(steering_begin(&steering, &error), STATUS_OK);
    *made = 0;
    for (int frame = 0; frame < FRAMES; frame++) {
        int16_t in[VOICE_FRAME_SAMPLES];
        for (int i = 0; i < VOICE_FRAME_SAMPLES; i++) {
            in[i] = (int16_t)lround(
                12000 * sin(turn * 1000 * (frame * VOICE_FRAME_SAMPLES + i) / VOICE_RATE));
        }
        steering_set(&steering, frame < 20 ? 0 : ppm);
        *made +=
            steering_run(&steering, in, VOICE_FRAME_SAMPLES, out + *made, VOICE_FRAME_SAMPLES + 16);
    }
    steering_end(&steering);
    double a = 0, b = 0, all = 0;
    size_t from = 30 * VOICE_FRAME_SAMPLES, count = *made - from;
    for (size_t i = from; i < *made; i++) {
        a += out[i] * cos(turn * hz * (double)i / VOICE_RATE);
        b += out[i] * sin(turn * hz * (double)i / VOICE_RATE);
        all += (double)out[i] * out[i];
    }
    double tone = 2 * (a * a + b * b) / (double)count;
    return 10 * log10(tone / fmax(all - tone, 1));
}

static void steering_loses_no_sample_and_does_not_distort(void **state) {
    static const int steps[] = {0, 200, -200, 5000, -5000};
    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        size_t made = 0;
        double clean_db = distortion_db(steps[i], &made);
        long expected = lround(20 * 320 + 180 * 320 / (1 + steps[i] / 1e6));
        assert_in_range((long)made - expected + 100, 40, 160);
        assert_true(clean_db > 40);
    }
}

/* As it is steered in a talk: a little faster, a little slower, whenever it likes. */
static void steering_bears_every_change_of_speed(void **state) {
    static const int16_t in[PERIOD];
    int16_t out[PERIOD + PERIOD / 100 + STEERING_SPARE];
    struct steering steering;
    struct error error;
    double expected = 0;
    size_t made = 0;
    (void)state;
    unsigned seed = (unsigned)time(NULL);
    printf("seed %u\n", seed);
    srand(seed);
    assert_int_equal(steering_begin(&steering, &error), STATUS_OK);
    for (int n = 0; n < 20000; n++) {
        int ppm = rand() % (2 * DRIFT_PPM_MAX + 1) - DRIFT_PPM_MAX;
        steering_set(&steering, ppm);
        size_t count = steering_run(&steering, in, PERIOD, out, sizeof out / sizeof out[0]);
        assert_true(count < sizeof out / sizeof out[0]);
        made += count;
        expected += PERIOD / (1 + ppm / 1e6);
    }
    steering_end(&steering);
    assert_true(fabs((double)made - expected) < 50);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cards_200_ppm_apart_keep_their_delay_for_ten_minutes),
        cmocka_unit_test(speed_is_changed_by_half_a_percent_at_most),
        cmocka_unit_test(what_was_learned_of_a_crystal_outlives_a_talk),
        cmocka_unit_test(steering_loses_no_sample_and_does_not_distort),
        cmocka_unit_test(steering_bears_every_change_of_speed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
