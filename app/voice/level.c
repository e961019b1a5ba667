/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "app/voice/voice.h"

unsigned voice_level(const int16_t samples[VOICE_FRAME_SAMPLES]) {
    const double floor_db = -60;
    double power = 0;
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        double sample = (double)samples[i] / 32768;
        power += sample * sample / VOICE_FRAME_SAMPLES;
    }
    if (power <= 0) {
        return 0;
    }
    double db = 10 * log10(power);
    return db <= floor_db ? 0 : (unsigned)lround(100 * (db - floor_db) / -floor_db);
}

void voice_mix(int16_t mix[VOICE_FRAME_SAMPLES], const int16_t samples[VOICE_FRAME_SAMPLES]) {
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        int sum = mix[i] + samples[i];
        mix[i] = (int16_t)(sum > INT16_MAX ? INT16_MAX : sum < INT16_MIN ? INT16_MIN : sum);
    }
}
