/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_echo FAR: how much of what the loudspeaker plays is left in what the microphone
 * gives, by ALSA's usual devices, which tests/bench/echo lets hear each other. The WAV file FAR is
 * played again and again, at first without echo cancellation, then with it; noise suppression is
 * off, which would hide what is left. Prints what is less, in dB, while it learns and at the end.
 */
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/sound/sound.h"
#include "app/sound/wav.h"
#include "tests/bench/figures.h"

enum {
    SETTLES_MS = 2000,
    WITHOUT_MS = 10000,
    LEARNS_MS = 5000,
    WITH_MS = 30000,
    TARGET_DB = 15
};

struct bench {
    struct capture *capture;
    struct playback *playback;
    bool is_heard; /* the microphone is open */
    struct wav far;
    size_t at;
    double energy;
    size_t samples;
};

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void check(enum status status, const struct error *error) {
    if (status != STATUS_OK) {
        fprintf(stderr, "bench_echo: %s\n", error->text);
        exit(1);
    }
}

static void play(struct bench *bench) {
    struct playback_need need;
    struct error error;
    check(bench->playback->kind->ask(bench->playback, now_ms(), &need, &error), &error);
    for (; need.wanted > 0; need.wanted--) {
        struct sound_frame frame = {0};
        for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
            /* Never exact zeros, which are a microphone that is muted. */
            int sample = bench->far.samples[bench->at++ % bench->far.count] / 2 + 1 + rand() % 4;
            frame.samples[i] = (int16_t)sample;
        }
        check(bench->playback->kind->write(bench->playback, &frame, &error), &error);
    }
}

static void hear(struct bench *bench) {
    struct sound_frame frame;
    struct error error;
    for (bool there = true; there;) {
        check(bench->capture->kind->read(bench->capture, now_ms(), &frame, &there, &error), &error);
        for (size_t i = 0; there && i < VOICE_FRAME_SAMPLES; i++) {
            bench->energy += (double)frame.samples[i] * frame.samples[i];
            bench->samples++;
        }
    }
}

/* How loud it was meanwhile, in dB of whatever. */
static double run(struct bench *bench, int64_t ms) {
    bench->energy = 1;
    bench->samples = 1;
    for (int64_t end_ms = now_ms() + ms; now_ms() < end_ms;) {
        struct pollfd wait = {.fd = bench->capture->kind->descriptor(bench->capture),
                              .events = POLLIN};
        int64_t left_ms = bench->playback->kind->deadline(bench->playback) - now_ms();
        (void)poll(&wait, bench->is_heard ? 1 : 0, left_ms > 0 ? (int)left_ms : 0);
        play(bench);
        if (bench->is_heard) {
            hear(bench);
        }
    }
    return 10 * log10(bench->energy / (double)bench->samples);
}

int main(int argc, char *argv[]) {
    struct bench bench = {0};
    struct error error;
    if (argc != 2) {
        fputs("usage: bench_echo FAR\n", stderr);
        return 2;
    }
    check(wav_load(argv[1], &bench.far, &error), &error);
    check(sound_open("alsa", NULL, NULL, &bench.capture, &bench.playback, &error), &error);
    check(sound_join(bench.capture, bench.playback, &error), &error);
    bench.capture->kind->treat(bench.capture, (struct sound_treatment){.suppresses_noise = false});
    check(bench.playback->kind->start(bench.playback, now_ms(), &error), &error);
    (void)run(&bench, SETTLES_MS);
    check(bench.capture->kind->start(bench.capture, now_ms(), &error), &error);
    bench.is_heard = true;
    (void)run(&bench, SETTLES_MS);
    double before_db = run(&bench, WITHOUT_MS);
    bench.capture->kind->face(bench.capture, true);
    double first_db = run(&bench, LEARNS_MS), second_db = run(&bench, LEARNS_MS);
    (void)run(&bench, WITH_MS - 2 * LEARNS_MS - WITHOUT_MS);
    double after_db = run(&bench, WITHOUT_MS);
    printf("echo: %.0f dB less in the first 5 s, %.0f in the next\n", before_db - first_db,
           before_db - second_db);
    bool good = target_print("echo, less after 20 s", before_db - after_db, "dB", TARGET_DB, true);
    bench.capture->kind->close(bench.capture);
    check(bench.playback->kind->close(bench.playback, &error), &error);
    free(bench.far.samples);
    return good ? 0 : 1;
}
