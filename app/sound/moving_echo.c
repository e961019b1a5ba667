/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/sound/moving_echo.h"

#include <math.h>
#include <string.h>

#include "crypto/secret.h"

enum {
    MOVES = 12 /* samples between two looks, at most: what crystals do, and a look errs by */
};

/* What is less alike is no echo, and a jump has to be twice as likely as none. Treble tells moments
 * apart. */
static const double ALIKE = 0.2, ALIKE_JUMPED = 0.4, JUMPS = 2;
static const float TREBLE = 0.9F;

static void forget_look(struct moving_echo *moving) {
    moving->periods = 0;
    moving->heard_power = moving->expected_power = 0;
    memset(moving->likeness, 0, sizeof moving->likeness);
}

void moving_echo_restart(struct moving_echo *moving) {
    forget_look(moving);
    secret_wipe(moving->heard, sizeof moving->heard);
    secret_wipe(moving->expected, sizeof moving->expected);
}

static void raise_treble(float sample, float *last, float *out) {
    *out = sample - TREBLE * *last;
    *last = sample;
}

static void take(struct moving_echo *moving, const int16_t heard[CLEANING_SAMPLES],
                 const int16_t left[CLEANING_SAMPLES]) {
    memmove(moving->heard, moving->heard + CLEANING_SAMPLES,
            MOVING_ECHO_LAGS * sizeof moving->heard[0]);
    memmove(moving->expected, moving->expected + CLEANING_SAMPLES,
            MOVING_ECHO_PAST * sizeof moving->expected[0]);
    for (int i = 0; i < CLEANING_SAMPLES; i++) {
        raise_treble(heard[i], &moving->heard_last, &moving->heard[MOVING_ECHO_LAGS + i]);
        raise_treble((float)(heard[i] - left[i]), &moving->expected_last,
                     &moving->expected[MOVING_ECHO_PAST + i]);
    }
}

/* In four sums, which a CPU adds up at once. */
static double product(const float one[CLEANING_SAMPLES], const float other[CLEANING_SAMPLES]) {
    float sums[4] = {0};
    for (int i = 0; i < CLEANING_SAMPLES; i += 4) {
        for (int k = 0; k < 4; k++) {
            sums[k] += one[i + k] * other[i + k];
        }
    }
    return sums[0] + sums[1] + sums[2] + sums[3];
}

/* What was heard a while ago, beside what was expected before and after that. */
static void compare(struct moving_echo *moving) {
    const float *expected = moving->expected + MOVING_ECHO_LAGS;
    moving->heard_power += product(moving->heard, moving->heard);
    moving->expected_power += product(expected, expected);
    for (int lag = -MOVING_ECHO_LAGS; lag <= MOVING_ECHO_LAGS; lag++) {
        moving->likeness[MOVING_ECHO_LAGS + lag] += product(moving->heard, expected - lag);
    }
}

static int likeliest(const struct moving_echo *moving, int reach) {
    int at = MOVING_ECHO_LAGS - reach;
    for (int i = at; i <= MOVING_ECHO_LAGS + reach; i++) {
        at = moving->likeness[i] > moving->likeness[at] ? i : at;
    }
    return at;
}

/* Between two samples. */
static double summit(const double likeness[], int at) {
    double left = likeness[at - 1], right = likeness[at + 1];
    double bend = left - 2 * likeness[at] + right;
    return at + (bend < 0 ? (left - right) / (2 * bend) : 0);
}

static enum moving_echo_news judge(const struct moving_echo *moving, double *late) {
    double power = sqrt(moving->heard_power * moving->expected_power);
    int here = likeliest(moving, MOVES), anywhere = likeliest(moving, MOVING_ECHO_LAGS - 1);
    bool jumps = moving->likeness[anywhere] > JUMPS * moving->likeness[here];
    int at = jumps ? anywhere : here;
    *late = summit(moving->likeness, at) - MOVING_ECHO_LAGS;
    if (moving->likeness[at] < (jumps ? ALIKE_JUMPED : ALIKE) * power + 1) {
        return MOVING_ECHO_NOTHING;
    }
    return jumps ? MOVING_ECHO_JUMPED : MOVING_ECHO_MOVED;
}

enum moving_echo_news moving_echo_hear(struct moving_echo *moving,
                                       const int16_t heard[CLEANING_SAMPLES],
                                       const int16_t left[CLEANING_SAMPLES], bool is_voice,
                                       double *late) {
    take(moving, heard, left);
    if (is_voice) {
        compare(moving);
        moving->periods++;
    }
    if (moving->periods < MOVING_ECHO_PERIODS) {
        return MOVING_ECHO_NOTHING;
    }
    enum moving_echo_news news = judge(moving, late);
    forget_look(moving);
    return news;
}
