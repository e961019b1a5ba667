/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_mouth_to_ear MOUTH EAR CLICKS TARGET: how long it takes from the mouth to the ear. Captures
 * from the two ALSA devices at once, the monitors of a virtual mouth and of a virtual ear
 * (tests/bench/mouth_to_ear), finds where bursts begin in both, and prints the median and the 95th
 * percentile. The age of each sample is what the server says of it, for both in the same way.
 */
#include <alsa/asoundlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/figures.h"

enum {
    RATE = 16000,
    PERIOD = RATE / 100,
    CLICKS_MAX = 1000,
    QUIET_MS = 200,  /* between two bursts */
    LOUD = 1500,     /* the background has less */
    LONGEST_MS = 900 /* what comes later is no answer */
};

struct place {
    const char *name;
    snd_pcm_t *pcm;
    double quiet_since_ms;
    size_t count;
    double onsets_ms[CLICKS_MAX];
};

static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

static void complain(const struct place *place, int failed) {
    fprintf(stderr, "bench_mouth_to_ear: %s: %s\n", place->name, snd_strerror(failed));
    exit(1);
}

static void open_place(struct place *place, const char *name) {
    place->name = name;
    place->quiet_since_ms = now_ms();
    int failed = snd_pcm_open(&place->pcm, name, SND_PCM_STREAM_CAPTURE, SND_PCM_NONBLOCK);
    if (failed >= 0) {
        failed = snd_pcm_set_params(place->pcm, SND_PCM_FORMAT_S16, SND_PCM_ACCESS_RW_INTERLEAVED,
                                    1, RATE, 1, 200000);
    }
    if (failed >= 0) {
        failed = snd_pcm_start(place->pcm);
    }
    if (failed < 0) {
        complain(place, failed);
    }
}

static void hear_sample(struct place *place, double at_ms, int sample) {
    if (sample > -LOUD && sample < LOUD) {
        return;
    }
    if (at_ms - place->quiet_since_ms >= QUIET_MS && place->count < CLICKS_MAX) {
        place->onsets_ms[place->count++] = at_ms;
    }
    place->quiet_since_ms = at_ms;
}

static void hear(struct place *place) {
    int16_t samples[PERIOD];
    snd_pcm_sframes_t there, delay = 0;
    while ((there = snd_pcm_avail_update(place->pcm)) >= PERIOD) {
        double at_ms = now_ms();
        int failed = snd_pcm_delay(place->pcm, &delay);
        snd_pcm_sframes_t count = snd_pcm_readi(place->pcm, samples, PERIOD);
        if (failed < 0 || count < 0) {
            complain(place, failed < 0 ? failed : (int)count);
        }
        for (snd_pcm_sframes_t i = 0; i < count; i++) {
            hear_sample(place, at_ms + (double)(i - delay) * 1000 / RATE, samples[i]);
        }
    }
    if (there < 0 && snd_pcm_recover(place->pcm, (int)there, 1) < 0) {
        complain(place, (int)there);
    }
}

static int compare(const void *a, const void *b) {
    double difference = *(const double *)a - *(const double *)b;
    return (difference > 0) - (difference < 0);
}

/* The target is of the 95th percentile. */
static int report(const struct place *mouth, const struct place *ear, double target_ms) {
    static double took_ms[CLICKS_MAX];
    size_t count = 0, next = 0;
    for (size_t i = 0; i < mouth->count; i++) {
        while (next < ear->count && ear->onsets_ms[next] < mouth->onsets_ms[i]) {
            next++;
        }
        if (next < ear->count && ear->onsets_ms[next] - mouth->onsets_ms[i] < LONGEST_MS &&
            (i + 1 == mouth->count || ear->onsets_ms[next] < mouth->onsets_ms[i + 1])) {
            took_ms[count++] = ear->onsets_ms[next] - mouth->onsets_ms[i];
        }
    }
    if (count == 0) {
        printf("mouth to ear: none of %zu clicks was heard\n", mouth->count);
        return 1;
    }
    qsort(took_ms, count, sizeof took_ms[0], compare);
    double late_ms = took_ms[(count * 95 - 1) / 100];
    printf("mouth to ear: median %.0f ms, max %.0f; %zu of %zu clicks heard\n", took_ms[count / 2],
           took_ms[count - 1], count, mouth->count);
    return target_print("mouth to ear, 95th percentile", late_ms, "ms", target_ms, false) ? 0 : 1;
}

int main(int argc, char *argv[]) {
    static struct place mouth, ear;
    if (argc != 5) {
        fputs("usage: bench_mouth_to_ear MOUTH EAR CLICKS TARGET\n", stderr);
        return 2;
    }
    size_t clicks = strtoul(argv[3], NULL, 10);
    open_place(&mouth, argv[1]);
    open_place(&ear, argv[2]);
    double began_ms = now_ms();
    while (mouth.count < clicks && now_ms() - began_ms < (double)(clicks + 10) * 1000) {
        hear(&mouth);
        hear(&ear);
        usleep(1000);
    }
    for (double end_ms = now_ms() + LONGEST_MS; now_ms() < end_ms;) {
        hear(&mouth);
        hear(&ear);
        usleep(1000);
    }
    return report(&mouth, &ear, strtod(argv[4], NULL));
}
