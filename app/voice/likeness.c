/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/voice/likeness.h"

#include <math.h>
#include <stdlib.h>

#include "app/voice/voice.h"

enum {
    HALF_RATE = VOICE_RATE / 2,
    STEP = HALF_RATE / 100,  /* 10 ms */
    SEGMENT = HALF_RATE / 5, /* 200 ms */
    SEARCH = HALF_RATE / 20, /* 50 ms */
    CANDIDATES = 3,
};

static const double PAUSE_RATIO = 1e-4; /* -40 dB in power */

/* A recording at half its rate, and its loudness in steps. */
struct signal {
    float *samples;
    long count;
    float *loudness;
    long steps;
};

static enum status signal_of(struct recording recording, struct signal *signal) {
    signal->count = (long)(recording.count / 2);
    signal->steps = signal->count / STEP;
    signal->samples = calloc((size_t)signal->count + 1, sizeof(float));
    signal->loudness = calloc((size_t)signal->steps + 1, sizeof(float));
    if (signal->samples == NULL || signal->loudness == NULL) {
        return STATUS_NO_MEMORY;
    }
    for (long i = 0; i < signal->count; i++) {
        signal->samples[i] =
            ((float)recording.samples[2 * i] + (float)recording.samples[2 * i + 1]) / 65536;
    }
    for (long step = 0; step < signal->steps; step++) {
        float power = 0;
        for (long i = step * STEP; i < (step + 1) * STEP; i++) {
            power += signal->samples[i] * signal->samples[i];
        }
        signal->loudness[step] = sqrtf(power);
    }
    return STATUS_OK;
}

static void signal_clear(struct signal *signal) {
    free(signal->samples);
    free(signal->loudness);
}

/* Correlation of the loudness curves around their means, the sent one delayed by `delay` steps. */
static double loudness_match(const struct signal *sent, const struct signal *received, long delay) {
    double mean_sent = 0;
    double mean_received = 0;
    for (long i = 0; i < sent->steps; i++) {
        long at = i + delay;
        mean_sent += sent->loudness[i];
        mean_received += at >= 0 && at < received->steps ? received->loudness[at] : 0;
    }
    mean_sent /= (double)sent->steps;
    mean_received /= (double)sent->steps;
    double cross = 0;
    double power_sent = 0;
    double power_received = 0;
    for (long i = 0; i < sent->steps; i++) {
        long at = i + delay;
        double a = sent->loudness[i] - mean_sent;
        double b = (at >= 0 && at < received->steps ? received->loudness[at] : 0) - mean_received;
        cross += a * b;
        power_sent += a * a;
        power_received += b * b;
    }
    return power_sent > 0 && power_received > 0 ? cross / sqrt(power_sent * power_received) : 0;
}

struct candidate {
    double match;
    long delay; /* in steps */
};

/* The most likely delays, each the best of its neighbourhood, best first. */
static void find_delays(const struct signal *sent, const struct signal *received,
                        struct candidate best[CANDIDATES]) {
    const long neighbourhood = SEARCH / STEP;
    for (size_t i = 0; i < CANDIDATES; i++) {
        best[i] = (struct candidate){-1, 0};
    }
    for (long delay = -sent->steps; delay < received->steps; delay++) {
        struct candidate candidate = {loudness_match(sent, received, delay), delay};
        for (size_t i = 0; i < CANDIDATES; i++) {
            bool near =
                labs(best[i].delay - candidate.delay) <= neighbourhood && best[i].match > -1;
            if (candidate.match > best[i].match) {
                struct candidate pushed = best[i];
                best[i] = candidate;
                candidate = pushed;
            }
            if (near) {
                break;
            }
        }
    }
}

static double power_at(const struct signal *signal, long start) {
    double power = 0;
    for (long i = start; i < start + SEGMENT; i++) {
        power += (double)signal->samples[i] * signal->samples[i];
    }
    return power;
}

/* The largest normalised correlation of the segment at `start` with the received speech around
 * `delay` samples later. */
static double segment_match(const struct signal *sent, long start, const struct signal *received,
                            long delay) {
    double power_sent = power_at(sent, start);
    double best = 0;
    for (long shift = -SEARCH; shift <= SEARCH; shift++) {
        long there = start + delay + shift;
        if (there < 0 || there + SEGMENT > received->count) {
            continue;
        }
        float cross = 0;
        float power = 0;
        for (long i = 0; i < SEGMENT; i++) {
            float heard = received->samples[there + i];
            cross += sent->samples[start + i] * heard;
            power += heard * heard;
        }
        double match = power > 0 ? cross / sqrt(power_sent * (double)power) : 0;
        best = match > best ? match : best;
    }
    return best;
}

static double loudest(const struct signal *sent) {
    double power = 0;
    for (long start = 0; start + SEGMENT <= sent->count; start += SEGMENT) {
        double here = power_at(sent, start);
        power = here > power ? here : power;
    }
    return power;
}

static double mean_match(const struct signal *sent, const struct signal *received, long delay) {
    double limit = loudest(sent) * PAUSE_RATIO;
    double sum = 0;
    unsigned segments = 0;
    for (long start = 0; start + SEGMENT <= sent->count; start += SEGMENT) {
        if (power_at(sent, start) > limit) {
            sum += segment_match(sent, start, received, delay);
            segments++;
        }
    }
    return segments > 0 ? sum / segments : 0;
}

enum status likeness(struct recording sent, struct recording received, double *score,
                     int *delay_ms) {
    *score = 0;
    if (sent.count > LIKENESS_SAMPLES_MAX || received.count > LIKENESS_SAMPLES_MAX) {
        return STATUS_TOO_LONG;
    }
    struct signal a = {0};
    struct signal b = {0};
    enum status status = signal_of(sent, &a);
    if (status == STATUS_OK) {
        status = signal_of(received, &b);
    }
    long delay = 0;
    if (status == STATUS_OK && a.steps > 0) {
        struct candidate delays[CANDIDATES];
        find_delays(&a, &b, delays);
        for (size_t i = 0; i < CANDIDATES && delays[i].match > 0; i++) {
            double match = mean_match(&a, &b, delays[i].delay * STEP);
            if (match > *score) {
                *score = match;
                delay = delays[i].delay;
            }
        }
    }
    if (delay_ms != NULL) {
        *delay_ms = (int)(delay * 1000 * STEP / HALF_RATE);
    }
    signal_clear(&a);
    signal_clear(&b);
    return status;
}
