/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/app/stoi.h"

#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    RATE_IN = 16000,
    RATE = 10000,
    FRAME = 256,
    HOP = FRAME / 2,
    SPECTRUM = 512,
    BANDS = 15,
    STRETCH = 30,      /* frames */
    RATIO_UP = 8,      /* 16 kHz to 10 kHz: */
    RATIO_DOWN = 5,    /* five samples of each eight */
    FILTER_REACH = 24, /* samples of the lower rate, to either side */
    TAPS = 81,         /* of the higher rate: a little more than reach that far */
    COARSE = 4,
    LANES = 16,
    PIECE = RATE_IN * 2 / 5,
};

static const double pi = 3.14159265358979323846;
static const double lowest_band_hz = 150, silence_db = -40, clip_db = -15;
/* A piece stays at the delay of the one before unless another fits better by so much. */
static const double better_by = 0.05;

struct sound {
    double *samples;
    size_t count;
};

static void *room(size_t count, size_t size) {
    void *memory = calloc(count + 1, size);
    if (memory == NULL) {
        abort();
    }
    return memory;
}

/* --- Alignment -------------------------------------------------------------------------------- */

/* Every fourth sample, of the mean of four. */
static float *coarsen(struct recording recording) {
    float *out = room(recording.count / COARSE, sizeof *out);
    for (size_t i = 0; i < recording.count / COARSE; i++) {
        for (size_t k = 0; k < COARSE; k++) {
            out[i] += recording.samples[i * COARSE + k];
        }
    }
    return out;
}

static float *widen(struct recording recording) {
    float *out = room(recording.count, sizeof *out);
    for (size_t i = 0; i < recording.count; i++) {
        out[i] = recording.samples[i];
    }
    return out;
}

/* In sums side by side, which the processor does at once. */
static float dot(const float *a, const float *b, long length) {
    float sums[LANES] = {0}, sum = 0;
    for (long i = 0; i + LANES <= length; i += LANES) {
        for (long lane = 0; lane < LANES; lane++) {
            sums[lane] += a[i + lane] * b[i + lane];
        }
    }
    for (long lane = 0; lane < LANES; lane++) {
        sum += sums[lane];
    }
    return sum;
}

/* Normalised correlation of `length` samples from `start` with those `delay` later. */
static double match(const float *sent, const float *received, long received_count, long start,
                    long length, long delay) {
    if (start + delay < 0 || start + delay + length > received_count) {
        return -1;
    }
    const float *a = sent + start, *b = received + start + delay;
    float cross = dot(a, b, length), power_a = dot(a, a, length), power_b = dot(b, b, length);
    return power_a > 0 && power_b > 0 ? (double)cross / sqrt((double)power_a * (double)power_b) : 0;
}

struct view_of_both {
    const float *sent, *received;
    long received_count, length;
};

/* The best delay from `first` to `last`, or `former` where none is clearly better. */
static long best_delay(const struct view_of_both *view, long start, long first, long last,
                       long former, double margin) {
    double best =
        match(view->sent, view->received, view->received_count, start, view->length, former) +
        margin;
    long found = former;
    for (long delay = first; delay <= last; delay++) {
        double here =
            match(view->sent, view->received, view->received_count, start, view->length, delay);
        if (here > best) {
            best = here;
            found = delay;
        }
    }
    return found;
}

/* `received` as if each piece had come after the same time as all others. */
static int16_t *align(struct recording sent, struct recording received) {
    int16_t *out = room(sent.count, sizeof *out);
    float *sent_coarse = coarsen(sent), *received_coarse = coarsen(received);
    float *sent_fine = widen(sent), *received_fine = widen(received);
    const struct view_of_both coarse = {sent_coarse, received_coarse,
                                        (long)(received.count / COARSE), PIECE / COARSE};
    const struct view_of_both fine = {sent_fine, received_fine, (long)received.count, PIECE};
    const long latest = (long)STOI_DELAY_MAX_MS * RATE_IN / 1000 / COARSE;
    long delay = 0;
    for (size_t start = 0; start + PIECE <= sent.count; start += PIECE) {
        long former = delay;
        delay = COARSE *
                best_delay(&coarse, (long)start / COARSE, 0, latest, former / COARSE, better_by);
        delay = labs(delay - former) < COARSE ? former : delay;
        delay = best_delay(&fine, (long)start, delay - 2L * COARSE, delay + 2L * COARSE, delay, 0);
        for (long i = (long)start; i < (long)start + PIECE; i++) {
            long at = i + delay;
            out[i] = at >= 0 && at < (long)received.count ? received.samples[at] : (int16_t)0;
        }
    }
    free(sent_coarse);
    free(received_coarse);
    free(sent_fine);
    free(received_fine);
    return out;
}

/* --- To 10 kHz -------------------------------------------------------------------------------- */

static double sinc(double x) {
    return fabs(x) < 1e-9 ? 1 : sin(pi * x) / (pi * x);
}

static double hann(double at, double reach) {
    return fabs(at) >= reach ? 0 : 0.5 + 0.5 * cos(pi * at / reach);
}

/* The filter's taps for samples that lie `phase` fifths of a sample of the higher rate after one.
 */
static void taps_of(unsigned phase, double taps[TAPS]) {
    for (int k = 0; k < TAPS; k++) {
        double away = ((double)(k - TAPS / 2) - (double)phase / RATIO_DOWN) * RATE / RATE_IN;
        taps[k] = sinc(away) * hann(away, FILTER_REACH) * RATE / RATE_IN;
    }
}

/* Band-limited interpolation: each sample of the lower rate is a windowed sinc over the others. */
static struct sound resample(const int16_t *samples, size_t count) {
    struct sound out = {.count = count * RATIO_DOWN / RATIO_UP};
    double taps[RATIO_DOWN][TAPS];
    for (unsigned phase = 0; phase < RATIO_DOWN; phase++) {
        taps_of(phase, taps[phase]);
    }
    out.samples = room(out.count, sizeof *out.samples);
    for (size_t i = 0; i < out.count; i++) {
        long first = (long)(i * RATIO_UP / RATIO_DOWN) - TAPS / 2;
        const double *filter = taps[i * RATIO_UP % RATIO_DOWN];
        for (long k = 0; k < TAPS; k++) {
            if (first + k >= 0 && first + k < (long)count) {
                out.samples[i] += samples[first + k] / 32768.0 * filter[k];
            }
        }
    }
    return out;
}

/* --- The measure ------------------------------------------------------------------------------ */

static void window_of(double window[FRAME]) {
    for (size_t i = 0; i < FRAME; i++) {
        window[i] = 0.5 - 0.5 * cos(2 * pi * (double)(i + 1) / (FRAME + 1));
    }
}

static double energy_db(const double *samples, const double window[FRAME]) {
    double power = 0;
    for (size_t i = 0; i < FRAME; i++) {
        power += samples[i] * window[i] * samples[i] * window[i];
    }
    return 10 * log10(power + 1e-20);
}

/* Leaves the frames out of both in which the sent speech is silent. */
static void leave_out_silence(struct sound *sent, struct sound *received) {
    double window[FRAME], loudest = -1000;
    window_of(window);
    size_t count = sent->count < FRAME ? 0 : (sent->count - FRAME) / HOP + 1, kept = 0;
    struct sound out[2];
    for (size_t i = 0; i < 2; i++) {
        out[i] = (struct sound){room(sent->count, sizeof(double)), 0};
    }
    for (size_t f = 0; f < count; f++) {
        double db = energy_db(sent->samples + f * HOP, window);
        loudest = db > loudest ? db : loudest;
    }
    for (size_t f = 0; f < count; f++) {
        if (energy_db(sent->samples + f * HOP, window) <= loudest + silence_db) {
            continue;
        }
        for (size_t i = 0; i < FRAME; i++) {
            out[0].samples[kept * HOP + i] += sent->samples[f * HOP + i] * window[i];
            out[1].samples[kept * HOP + i] += received->samples[f * HOP + i] * window[i];
        }
        kept++;
    }
    out[0].count = out[1].count = kept > 0 ? (kept - 1) * HOP + FRAME : 0;
    free(sent->samples);
    free(received->samples);
    *sent = out[0];
    *received = out[1];
}

/* The operator also looks for what is not a number, which takes most of the time. */
static double complex times(double complex a, double complex b) {
    return CMPLX(creal(a) * creal(b) - cimag(a) * cimag(b),
                 creal(a) * cimag(b) + cimag(a) * creal(b));
}

/* A discrete Fourier transform in place, with the turns of half a circle. */
static void transform(double complex values[SPECTRUM], const double complex turns[SPECTRUM / 2]) {
    const size_t count = SPECTRUM;
    for (size_t i = 1, j = 0; i < count; i++) {
        size_t bit = count >> 1;
        for (; (j & bit) != 0; bit >>= 1) {
            j ^= bit;
        }
        j |= bit;
        if (i < j) {
            double complex held = values[i];
            values[i] = values[j];
            values[j] = held;
        }
    }
    for (size_t half = 1; half < count; half *= 2) {
        for (size_t k = 0; k < half; k++) {
            double complex turn = turns[k * (SPECTRUM / 2 / half)];
            for (size_t i = k; i < count; i += 2 * half) {
                double complex odd = times(values[i + half], turn);
                values[i + half] = values[i] - odd;
                values[i] += odd;
            }
        }
    }
}

/* The first and the last point of the spectrum in each band. */
static void edges_of(size_t first[BANDS], size_t last[BANDS]) {
    const double point_hz = (double)RATE / SPECTRUM;
    for (int band = 0; band < BANDS; band++) {
        double low = lowest_band_hz * pow(2, (2.0 * band - 1) / 6);
        double high = lowest_band_hz * pow(2, (2.0 * band + 1) / 6);
        first[band] = (size_t)lround(low / point_hz);
        last[band] = (size_t)lround(high / point_hz) - 1;
    }
}

/* Magnitudes, BANDS to a frame; returns the number of frames. */
static size_t bands_of(const struct sound *sound, double **out) {
    double window[FRAME];
    size_t first[BANDS], last[BANDS];
    size_t count = sound->count < FRAME ? 0 : (sound->count - FRAME) / HOP + 1;
    double complex turns[SPECTRUM / 2];
    for (size_t k = 0; k < SPECTRUM / 2; k++) {
        turns[k] = cexp(-2 * I * pi * (double)k / SPECTRUM);
    }
    window_of(window);
    edges_of(first, last);
    *out = room(count * BANDS, sizeof **out);
    for (size_t f = 0; f < count; f++) {
        double complex values[SPECTRUM] = {0};
        for (size_t i = 0; i < FRAME; i++) {
            values[i] = sound->samples[f * HOP + i] * window[i];
        }
        transform(values, turns);
        for (size_t band = 0; band < BANDS; band++) {
            double power = 0;
            for (size_t k = first[band]; k <= last[band]; k++) {
                power += creal(values[k]) * creal(values[k]) + cimag(values[k]) * cimag(values[k]);
            }
            (*out)[f * BANDS + band] = sqrt(power);
        }
    }
    return count;
}

static double correlation(const double *a, const double *b) {
    double mean_a = 0, mean_b = 0, cross = 0, power_a = 0, power_b = 0;
    for (size_t i = 0; i < STRETCH; i++) {
        mean_a += a[i] / STRETCH;
        mean_b += b[i] / STRETCH;
    }
    for (size_t i = 0; i < STRETCH; i++) {
        cross += (a[i] - mean_a) * (b[i] - mean_b);
        power_a += (a[i] - mean_a) * (a[i] - mean_a);
        power_b += (b[i] - mean_b) * (b[i] - mean_b);
    }
    return power_a > 0 && power_b > 0 ? cross / sqrt(power_a * power_b) : 0;
}

/* One band of one stretch, from `sent` and `received` on. */
static double stretch_score(const double *sent, const double *received) {
    const double limit = 1 + pow(10, -clip_db / 20);
    double a[STRETCH], b[STRETCH], power_a = 0, power_b = 0;
    for (size_t i = 0; i < STRETCH; i++) {
        a[i] = sent[i * BANDS];
        b[i] = received[i * BANDS];
        power_a += a[i] * a[i];
        power_b += b[i] * b[i];
    }
    double scale = sqrt(power_a / (power_b + 1e-20));
    for (size_t i = 0; i < STRETCH; i++) {
        b[i] = b[i] * scale < a[i] * limit ? b[i] * scale : a[i] * limit;
    }
    return correlation(a, b);
}

double stoi(struct recording sent, struct recording received) {
    int16_t *aligned = align(sent, received);
    struct sound a = resample(sent.samples, sent.count), b = resample(aligned, sent.count);
    double *bands_a = NULL, *bands_b = NULL, sum = 0;
    leave_out_silence(&a, &b);
    size_t frames = bands_of(&a, &bands_a), stretches = 0;
    (void)bands_of(&b, &bands_b);
    for (size_t f = 0; f + STRETCH <= frames; f++, stretches++) {
        for (size_t band = 0; band < BANDS; band++) {
            sum += stretch_score(bands_a + f * BANDS + band, bands_b + f * BANDS + band) / BANDS;
        }
    }
    free(bands_a);
    free(bands_b);
    free(a.samples);
    free(b.samples);
    free(aligned);
    return stretches > 0 ? sum / (double)stretches : 0;
}
