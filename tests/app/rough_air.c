/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/app/rough_air.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"

enum {
    TONE_FIRST_HZ = 400,
    TONE_STEP_HZ = 250,
    TONE_HEARD = 1500, /* amplitude, of 8000 */
    DELAY_MAX_MS = 100,
};

/* --- The air -------------------------------------------------------------------------------- */

unsigned rough_draw(struct rough_air *air, unsigned below) {
    return slow_air_draw(&air->slow, below);
}

void rough_air_draw(struct rough_air *air, unsigned loss_max, unsigned apart_in) {
    bool has_ranges = apart_in > 0 && rough_draw(air, apart_in) == 0;
    slow_air_draw_all(&air->slow, loss_max, DELAY_MAX_MS);
    for (size_t a = 0; has_ranges && a < SLOW_AIR_MAX; a++) {
        for (size_t b = 0; b < a; b++) {
            air->slow.is_apart[a][b] = air->slow.is_apart[b][a] = rough_draw(air, 3) == 0;
        }
    }
    memset(air->heard, 0, sizeof air->heard);
}

struct rough_air *rough_air_new(uint64_t seed, size_t count, unsigned clocks_differ_ms) {
    struct rough_air *air = calloc(1, sizeof *air);
    assert_non_null(air);
    air->slow.random = seed;
    squad_seed(seed);
    air->squad = squad_new(count);
    squad_group(air->squad, 4 * HOUR_MS);
    squad_run(air->squad, 10000);
    air->squad->is_mute = true;
    slow_air_begin(&air->slow, air->squad);
    for (size_t n = 0; n < count; n++) {
        air->squad->handsets[n].engine->groups.list[0]->clock.group_ms +=
            rough_draw(air, clocks_differ_ms);
    }
    return air;
}

void rough_air_free(struct rough_air *air) {
    squad_free(air->squad);
    free(air);
}

/* --- Voice ---------------------------------------------------------------------------------- */

static double turn(size_t talker) {
    return 2 * 3.14159265358979 * (double)(TONE_FIRST_HZ + TONE_STEP_HZ * talker) / VOICE_RATE;
}

/* A talker's tone in 20 ms, and a quarter of a turn ahead of it. It is asked for with each frame of
 * each talker at each listener. */
struct tone {
    double sine[VOICE_FRAME_SAMPLES], cosine[VOICE_FRAME_SAMPLES];
};

static const struct tone *tone_of(size_t talker) {
    static struct tone tones[SLOW_AIR_MAX];
    struct tone *tone = &tones[talker];
    if (tone->cosine[0] != 0) {
        return tone;
    }
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        tone->sine[i] = sin((double)i * turn(talker));
        tone->cosine[i] = cos((double)i * turn(talker));
    }
    return tone;
}

static void speak(struct rough_air *air, size_t n) {
    int16_t samples[VOICE_FRAME_SAMPLES];
    const struct tone *tone = tone_of(n);
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        samples[i] = (int16_t)(8000 * tone->sine[i]);
    }
    handset_speak(air->squad->handsets[n].engine, squad_now(air->squad, n), 0, samples);
}

/* How strong that talker's tone is in 20 ms. */
static double amplitude(const int16_t samples[VOICE_FRAME_SAMPLES], size_t talker) {
    const struct tone *tone = tone_of(talker);
    double in_phase = 0, across = 0;
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        in_phase += samples[i] * tone->cosine[i];
        across += samples[i] * tone->sine[i];
    }
    return 2 * sqrt(in_phase * in_phase + across * across) / VOICE_FRAME_SAMPLES;
}

static void listen(struct rough_air *air, size_t n) {
    int16_t samples[VOICE_FRAME_SAMPLES];
    int64_t now_ms = air->squad->boot_ms;
    unsigned heard = 0;
    if (handset_listen(air->squad->handsets[n].engine, squad_now(air->squad, n), samples)) {
        for (size_t talker = 0; talker < air->squad->count; talker++) {
            struct heard_tone *tone = &air->heard[n][talker];
            if (amplitude(samples, talker) > TONE_HEARD) {
                tone->first_ms = tone->is_heard ? tone->first_ms : now_ms;
                tone->last_ms = now_ms + VOICE_FRAME_MS;
                tone->is_heard = true;
                heard++;
            }
        }
    }
    air->both_ms[n] = heard > 1 ? air->both_ms[n] + VOICE_FRAME_MS : 0;
    if (air->both_ms[n] > air->longest_both_ms) {
        air->longest_both_ms = air->both_ms[n];
    }
}

void rough_air_run(struct rough_air *air, int64_t ms) {
    for (int64_t until = air->squad->boot_ms + ms; air->squad->boot_ms < until;) {
        bool is_frame = air->squad->boot_ms % VOICE_FRAME_MS == 0;
        for (size_t n = 0; is_frame && n < air->squad->count; n++) {
            if (handset_is_talking(air->squad->handsets[n].engine)) {
                speak(air, n);
            }
            listen(air, n);
        }
        squad_run(air->squad, ROUGH_STEP_MS);
        slow_air_land(&air->slow);
    }
}

bool rough_is_talking(const struct rough_air *air, size_t n) {
    return air->squad->handsets[n].engine->talk.active;
}
