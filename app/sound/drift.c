/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/sound/drift.h"

#include <math.h>

/* Queues grow and shrink by whole periods: the level is what remains of that in a second and a
 * half. An excess of 10 ms is answered with 500 ppm, so that it is gone in some 20 s; a crystal
 * that is off by 200 ppm costs 4 ms until the integral has found it. */
static const double SMOOTHING_MS = 1500, PPM_FOR_MS = 50, INTEGRAL_PPM_FOR_MS_S = 0.6;

void drift_begin(struct drift *drift, bool finds_its_level) {
    *drift = (struct drift){.finds_its_level = finds_its_level, .since_ms = INT64_MIN};
}

void drift_restart(struct drift *drift) {
    double integral = drift->integral;
    drift_begin(drift, drift->finds_its_level);
    drift->integral = integral;
    drift->ppm = (int)lround(integral);
}

static double clamp(double ppm) {
    return fmax(-DRIFT_PPM_MAX, fmin(DRIFT_PPM_MAX, ppm));
}

static void step(struct drift *drift, double mean, double elapsed_ms) {
    if (!drift->has_level) {
        drift->origin = drift->finds_its_level ? mean : 0;
    }
    double ms = (mean - drift->origin) * 1000 / VOICE_RATE;
    double share = drift->has_level ? fmin(1, elapsed_ms / SMOOTHING_MS) : 1;
    drift->has_level = true;
    drift->level_ms += (ms - drift->level_ms) * share;
    double wanted = drift->level_ms * PPM_FOR_MS + drift->integral;
    /* At its limit it learns nothing of the crystal: a queue that was filled at once is no drift.
     */
    if (fabs(wanted) < DRIFT_PPM_MAX) {
        drift->integral =
            clamp(drift->integral + drift->level_ms * INTEGRAL_PPM_FOR_MS_S * elapsed_ms / 1000);
    }
    drift->ppm = (int)lround(clamp(wanted));
}

int drift_note(struct drift *drift, double excess, int64_t now_ms) {
    if (drift->since_ms == INT64_MIN) {
        drift->since_ms = now_ms;
    }
    drift->sum += excess;
    drift->count++;
    if (now_ms - drift->since_ms >= DRIFT_STEP_MS) {
        step(drift, drift->sum / drift->count, (double)(now_ms - drift->since_ms));
        drift->since_ms = now_ms;
        drift->sum = 0;
        drift->count = 0;
    }
    return drift->ppm;
}

double drift_queue_excess(double queued, double target, double since_ms) {
    double passed_ms = fmax(0, fmin(VOICE_FRAME_MS, since_ms));
    return queued + (passed_ms - VOICE_FRAME_MS / 2.0) * VOICE_RATE / 1000 - target;
}
