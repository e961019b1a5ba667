/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_drift: ten minutes of speech between sound cards whose crystals are 200 ppm apart, in
 * virtual time (tests/app/card_pair.h): how much the delay changes meanwhile, and how well the
 * speech is understood (STOI) beside what two cards make of it that keep the same time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/sound/wav.h"
#include "app/voice/voice.h"
#include "tests/app/card_pair.h"
#include "tests/app/stoi.h"
#include "tests/bench/figures.h"

enum {
    MINUTES = 10,
    SAMPLES = MINUTES * 60 * VOICE_RATE,
    DELAY_RANGE_MS = 20
};

static const double loss_max = 0.005;

static int16_t said_samples[SAMPLES], heard[SAMPLES];
static const struct recording said = {said_samples, SAMPLES};

static bool fill(void) {
    static const char *const paths[] = {"fixtures/voice/bridge.wav", "fixtures/voice/medic.wav",
                                        "fixtures/voice/ladder.wav"};
    struct error error;
    for (size_t next = 0, count = 0; count < SAMPLES; next++) {
        struct wav wav;
        if (wav_load(paths[next % 3], &wav, &error) != STATUS_OK) {
            fprintf(stderr, "bench_drift: %s\n", error.text);
            return false;
        }
        size_t taken = wav.count < SAMPLES - count ? wav.count : SAMPLES - count;
        memcpy(said_samples + count, wav.samples, taken * sizeof wav.samples[0]);
        count += taken;
        free(wav.samples);
    }
    return true;
}

static double understood(struct card_pair pair) {
    card_pair_run(pair, said, heard);
    return stoi(said, (struct recording){heard, SAMPLES});
}

int main(void) {
    static const struct card_pair pairs[] = {{200, 0}, {0, 200}, {100, -100}, {-100, 100}};
    unsigned seed = (unsigned)time(NULL);
    if (!fill()) {
        return EXIT_FAILURE;
    }
    printf("%d minutes of speech between sound cards, seed %u\n", MINUTES, seed);
    srand(seed);
    double best = understood((struct card_pair){0, 0});
    printf("  the same time: STOI %.4f\n", best);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        double clear = understood(pairs[i]);
        printf("  microphone %+d ppm, loudspeaker %+d ppm\n", pairs[i].microphone_ppm,
               pairs[i].loudspeaker_ppm);
        target_print("delay changes by", card_pair_delay_range_ms(said, heard), "ms",
                     DELAY_RANGE_MS, false);
        target_print("STOI lost to the drift", 1000 * (best - clear), "/1000", 1000 * loss_max,
                     false);
    }
    return EXIT_SUCCESS;
}
