/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/sound/steering.h"

enum {
    MILLION = 1000000,
    QUALITY = 5 /* of 10: flat to 7 kHz, 2.5 ms of delay */
};

enum status steering_begin(struct steering *steering, struct error *error) {
    int failed = 0;
    steering->ppm = 0;
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
    if (ppm != steering->ppm) {
        steering->ppm = ppm;
        speex_resampler_set_rate_frac(steering->resampler, (spx_uint32_t)(MILLION + ppm), MILLION,
                                      VOICE_RATE, VOICE_RATE);
    }
}

size_t steering_run(struct steering *steering, const int16_t in[], size_t count, int16_t out[],
                    size_t room) {
    spx_uint32_t used = (spx_uint32_t)count, made = (spx_uint32_t)room;
    speex_resampler_process_int(steering->resampler, 0, in, &used, out, &made);
    return made;
}
