/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/sound/echo.h"

#include <math.h>
#include <string.h>

#include "crypto/secret.h"

static const double PI = 3.141592653589793;

enum {
    SAMPLES_PER_MS = VOICE_RATE / 1000,
    REACH = 12,    /* samples on each side that are weighed for one in between */
    FAR_LEVEL = 60 /* of 32767, on average: less is nobody's voice */
};

enum status echo_begin(struct echo *echo, struct error *error) {
    int rate = VOICE_RATE;
    echo->filter = speex_echo_state_init(CLEANING_SAMPLES, ECHO_ROOM_MS * SAMPLES_PER_MS);
    if (echo->filter == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    speex_echo_ctl(echo->filter, SPEEX_ECHO_SET_SAMPLING_RATE, &rate);
    return STATUS_OK;
}

void echo_end(struct echo *echo) {
    if (echo->filter != NULL) {
        speex_echo_state_destroy(echo->filter);
        echo->filter = NULL;
    }
}

void echo_restart(struct echo *echo) {
    secret_wipe(echo->history, sizeof echo->history);
    alignment_restart(&echo->alignment);
    moving_echo_restart(&echo->moving);
    echo->has_heard = false;
    echo->far_left = 0;
}

/* --- What is played ------------------------------------------------------------------------- */

static void keep(struct echo *echo, uint64_t position, int16_t sample) {
    echo->history[position % ECHO_HISTORY] = sample;
}

void echo_play(struct echo *echo, const struct echo_played *piece) {
    uint64_t from = piece->position < echo->end ? piece->position : echo->end;
    if (piece->is_restart || from < echo->end) {
        alignment_restart(&echo->alignment);
        moving_echo_restart(&echo->moving);
    }
    /* What was lost on the way counts as silence. */
    from = piece->position - from > ECHO_HISTORY ? piece->position - ECHO_HISTORY : from;
    for (; from < piece->position; from++) {
        keep(echo, from, 0);
    }
    for (size_t i = 0; i < piece->count; i++) {
        keep(echo, piece->position + i, piece->samples[i]);
    }
    echo->end = piece->position + piece->count;
    if (piece->heard_us != 0) {
        echo->has_heard = true;
        echo->heard = piece->position;
        echo->position_us = piece->heard_us;
    }
}

static double played_at(const struct echo *echo, int64_t position) {
    bool is_there = position >= 0 && (uint64_t)position < echo->end &&
                    echo->end - (uint64_t)position <= ECHO_HISTORY;
    return is_there ? echo->history[(uint64_t)position % ECHO_HISTORY] : 0;
}

/* Between two samples: a sinc under a Hann window. */
static double interpolate(const struct echo *echo, double at) {
    int64_t whole = (int64_t)floor(at);
    double part = at - (double)whole, sum = 0, wave = sin(PI * part);
    if (part < 1e-6) {
        return played_at(echo, whole);
    }
    for (int i = 1 - REACH; i <= REACH; i++) {
        double off = part - i; /* sin(pi * off) is the same but for its sign */
        double sinc = (i % 2 == 0 ? wave : -wave) / (PI * off);
        sum += played_at(echo, whole + i) * sinc * (0.5 + 0.5 * cos(PI * off / REACH));
    }
    return sum;
}

/* The period of what was played that belongs to that of the microphone which begins at `position`,
 * read as much faster as the loudspeaker is. */
static void read_far(const struct echo *echo, uint64_t position, int16_t far[CLEANING_SAMPLES]) {
    const struct alignment *alignment = &echo->alignment;
    double at = (double)position + alignment->offset + ECHO_LEAD_MS * SAMPLES_PER_MS;
    for (int i = 0; i < CLEANING_SAMPLES; i++) {
        double sample = interpolate(echo, at + i * alignment_speed(alignment));
        far[i] = (int16_t)lround(fmax(INT16_MIN, fmin(INT16_MAX, sample)));
    }
}

/* --- What is captured ----------------------------------------------------------------------- */

static void listen_to_far_end(struct echo *echo, const int16_t far[CLEANING_SAMPLES]) {
    double sum = 0;
    for (int i = 0; i < CLEANING_SAMPLES; i++) {
        sum += fabs((double)far[i]);
    }
    if (sum > FAR_LEVEL * CLEANING_SAMPLES) {
        echo->far_left = ECHO_FAR_MS * SAMPLES_PER_MS;
    } else if (echo->far_left > 0) {
        echo->far_left -= CLEANING_SAMPLES;
    }
}

/* Crystals apart and cards that slip move the echo away from where the filter expects it. */
static void follow(struct echo *echo, const int16_t heard[CLEANING_SAMPLES],
                   const int16_t left[CLEANING_SAMPLES]) {
    double late;
    switch (moving_echo_hear(&echo->moving, heard, left, echo->far_left > 0, &late)) {
    case MOVING_ECHO_MOVED:
        alignment_correct(&echo->alignment, late);
        break;
    case MOVING_ECHO_JUMPED:
        alignment_jump(&echo->alignment, late);
        break;
    case MOVING_ECHO_NOTHING:
        break;
    }
}

bool echo_cancel(struct echo *echo, int16_t samples[CLEANING_SAMPLES], uint64_t position,
                 int64_t now_us, double captured) {
    int16_t far[CLEANING_SAMPLES], near[CLEANING_SAMPLES];
    if (!echo->has_heard) {
        return false;
    }
    double heard = (double)echo->heard + (double)(now_us - echo->position_us) * VOICE_RATE * 1e-6;
    if (alignment_note(&echo->alignment, heard - captured, CLEANING_SAMPLES / SAMPLES_PER_MS)) {
        moving_echo_restart(&echo->moving);
    }
    if (!echo->alignment.is_known) {
        return false;
    }
    read_far(echo, position, far);
    listen_to_far_end(echo, far);
    speex_echo_cancellation(echo->filter, samples, far, near);
    follow(echo, samples, near);
    memcpy(samples, near, sizeof near);
    secret_wipe(far, sizeof far);
    secret_wipe(near, sizeof near);
    return true;
}

bool echo_hears_far_end(const struct echo *echo) {
    return echo->far_left > 0;
}
