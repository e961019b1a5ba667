/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/sound/cleaning.h"

#include <math.h>

enum {
    SUPPRESSION_DB = -24, /* more would make speech in wind warble */
    AUTOMATIC_GAIN_DB = 12,
    GAIN_RISES_DB = 12 /* a second: libspeexdsp's own */
};

enum status cleaning_begin(struct cleaning *cleaning, struct error *error) {
    cleaning->preprocess = speex_preprocess_state_init(CLEANING_SAMPLES, VOICE_RATE);
    if (cleaning->preprocess == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    int on = 1, suppression = SUPPRESSION_DB, gain = AUTOMATIC_GAIN_DB;
    speex_preprocess_ctl(cleaning->preprocess, SPEEX_PREPROCESS_SET_DENOISE, &on);
    speex_preprocess_ctl(cleaning->preprocess, SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, &suppression);
    speex_preprocess_ctl(cleaning->preprocess, SPEEX_PREPROCESS_SET_AGC, &on);
    speex_preprocess_ctl(cleaning->preprocess, SPEEX_PREPROCESS_SET_AGC_MAX_GAIN, &gain);
    return STATUS_OK;
}

void cleaning_end(struct cleaning *cleaning) {
    if (cleaning->preprocess != NULL) {
        speex_preprocess_state_destroy(cleaning->preprocess);
        cleaning->preprocess = NULL;
    }
}

void cleaning_face(struct cleaning *cleaning, SpeexEchoState *filter, bool others_speak) {
    if (filter != cleaning->filter) {
        cleaning->filter = filter;
        speex_preprocess_ctl(cleaning->preprocess, SPEEX_PREPROCESS_SET_ECHO_STATE, filter);
    }
    if (others_speak != cleaning->gain_rests) {
        int rises_db = others_speak ? 0 : GAIN_RISES_DB;
        cleaning->gain_rests = others_speak;
        speex_preprocess_ctl(cleaning->preprocess, SPEEX_PREPROCESS_SET_AGC_INCREMENT, &rises_db);
    }
}

void cleaning_run(struct cleaning *cleaning, int16_t samples[CLEANING_SAMPLES], int gain_db,
                  bool suppresses) {
    double factor = pow(10, gain_db / 20.0);
    for (size_t i = 0; gain_db != 0 && i < CLEANING_SAMPLES; i++) {
        double sample = samples[i] * factor;
        samples[i] = (int16_t)lround(fmax(INT16_MIN, fmin(INT16_MAX, sample)));
    }
    if (suppresses) {
        speex_preprocess_run(cleaning->preprocess, samples);
    }
}
