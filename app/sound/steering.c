/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/sound/steering.h"

enum {
    /* Steps of 20 ppm. With finer ones the resampler's own place between two samples, a fraction of
     * this denominator, overflows 32 bits when the speed changes, and it is left in pieces. */
    STEPS = 50000,
    STEP_PPM = 1000000 / STEPS,
    QUALITY = 5 /* of 10: flat to 7 kHz, 2.5 ms of delay */
};

enum status steering_begin(struct steering *steering, struct error *error) {
    int failed = 0;
    steering->steps = 0;
    steering->resampler = speex_resampler_init(1, VOICE_RATE, VOICE_RATE, QUALITY, &failed);
    if (steering->resampler == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    speex_resampler_skip_zeros(steering->resampler);
    return STATUS_OK;
}

void steering_end(struct steering *steering) {
    if (steering->resampler != NULL) {
        speex_resampler_destroy(steering->resampler);
        steering->resampler = NULL;
    }
}

void steering_restart(struct steering *steering) {
    speex_resampler_reset_mem(steering->resampler);
    speex_resampler_skip_zeros(steering->resampler);
}

void steering_set(struct steering *steering, int ppm) {
    int steps = ppm / STEP_PPM;
    if (steps != steering->steps &&
        speex_resampler_set_rate_frac(steering->resampler, (spx_uint32_t)(STEPS + steps), STEPS,
                                      VOICE_RATE, VOICE_RATE) == RESAMPLER_ERR_SUCCESS) {
        steering->steps = steps;
    }
}

size_t steering_run(struct steering *steering, const int16_t in[], size_t count, int16_t out[],
                    size_t room) {
    spx_uint32_t used = (spx_uint32_t)count, made = (spx_uint32_t)room;
    speex_resampler_process_int(steering->resampler, 0, in, &used, out, &made);
    return made;
}
