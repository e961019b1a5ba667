/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two minutes of talk between cards whose crystals are apart: it comes as late as it did at first,
 * and is understood as well as between cards that keep the same time. Ten minutes are make voice's
 * matter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/app/card_pair.h"
#include "tests/app/stoi.h"
#include "tests/app/voice_fixture.h"

enum {
    SECONDS = 120,
    SAMPLES = SECONDS * VOICE_RATE,
    DELAY_RANGE_MS = 20
};

/* Of intelligibility. */
static const double loss_max = 0.005;

static int16_t said_samples[SAMPLES], heard[SAMPLES];
static const struct recording said = {said_samples, SAMPLES};

static int setup(void **state) {
    (void)state;
    struct wav one = voice_fixture("bridge"), two = voice_fixture("medic");
    for (size_t i = 0; i < SAMPLES; i++) {
        size_t at = i % (one.count + two.count);
        said_samples[i] = at < one.count ? one.samples[at] : two.samples[at - one.count];
    }
    free(one.samples);
    free(two.samples);
    unsigned seed = (unsigned)time(NULL);
    printf("seed %u\n", seed);
    srand(seed);
    return 0;
}

static void cards_200_ppm_apart_are_heard_as_late_and_as_clearly(void **state) {
    static const struct card_pair pairs[] = {{200, 0}, {100, -100}};
    (void)state;
    card_pair_run((struct card_pair){0, 0}, said, heard);
    double best = stoi(said, (struct recording){heard, SAMPLES});
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        card_pair_run(pairs[i], said, heard);
        double clear = stoi(said, (struct recording){heard, SAMPLES}),
               range_ms = card_pair_delay_range_ms(said, heard);
        printf("%+d and %+d ppm: delay within %.1f ms, STOI %.4f beside %.4f\n",
               pairs[i].microphone_ppm, pairs[i].loudspeaker_ppm, range_ms, clear, best);
        assert_true(range_ms <= DELAY_RANGE_MS);
        assert_true(clear >= best - loss_max);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(cards_200_ppm_apart_are_heard_as_late_and_as_clearly, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
