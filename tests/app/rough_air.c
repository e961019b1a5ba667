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
};

unsigned rough_draw(struct rough_air *air, unsigned below) {
    air->random = air->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(air->random >> 33) % below;
}

/* --- The air -------------------------------------------------------------------------------- */

/* Nothing arrives at once: what is not lost is put on its way. */
static bool take_off(void *context, struct squad_frame *frame, size_t receiver) {
    struct rough_air *air = context;
    if (air->is_apart[frame->from][receiver] || rough_draw(air, 100) < air->loss_percent) {
        return false;
    }
    assert_true(air->flight_count < ROUGH_FLIGHTS_MAX);
    struct flight *flight = &air->flights[air->flight_count++];
    *flight = (struct flight){
        .arrives_ms = air->squad->boot_ms + air->delay_ms[frame->from][receiver] +
                      (air->jitter_ms > 0 ? rough_draw(air, (unsigned)air->jitter_ms) : 0),
        .from = frame->from,
        .to = receiver,
        .length = frame->length};
    memcpy(flight->octets, frame->octets, frame->length);
    return false;
}

static void land(struct rough_air *air) {
    for (size_t i = 0; i < air->flight_count;) {
        struct flight flight = air->flights[i];
        if (flight.arrives_ms > air->squad->boot_ms) {
            i++;
            continue;
        }
        air->flights[i] = air->flights[--air->flight_count];
        squad_inject(air->squad, flight.to, flight.from,
                     (struct span){flight.octets, flight.length});
    }
}

void rough_air_forget_frames(struct rough_air *air) {
    struct squad *squad = air->squad;
    assert_int_equal(squad->delivered, squad->frame_count);
    for (size_t i = 0; i < squad->frame_count; i++) {
        free(squad->frames[i].octets);
    }
    squad->frame_count = squad->delivered = 0;
}

void rough_air_draw(struct rough_air *air, unsigned loss_max, unsigned apart_in) {
    bool has_ranges = apart_in > 0 && rough_draw(air, apart_in) == 0;
    air->loss_percent = rough_draw(air, loss_max + 1);
    air->jitter_ms = rough_draw(air, 60);
    for (size_t a = 0; a < ROUGH_HANDSETS; a++) {
        for (size_t b = 0; b < a; b++) {
            air->is_apart[a][b] = air->is_apart[b][a] = has_ranges && rough_draw(air, 3) == 0;
            air->delay_ms[a][b] = rough_draw(air, 100);
            air->delay_ms[b][a] = rough_draw(air, 100);
        }
    }
    memset(air->heard, 0, sizeof air->heard);
}

struct rough_air *rough_air_new(uint64_t seed, size_t count, unsigned clocks_differ_ms) {
    struct rough_air *air = calloc(1, sizeof *air);
    assert_non_null(air);
    air->random = seed;
    air->squad = squad_new(count);
    squad_group(air->squad, 4 * HOUR_MS);
    squad_run(air->squad, 10000);
    air->squad->is_mute = true;
    air->squad->filter = take_off;
    air->squad->filter_context = air;
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

static void speak(struct rough_air *air, size_t n) {
    int16_t samples[VOICE_FRAME_SAMPLES];
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        samples[i] = (int16_t)(8000 * sin((double)i * turn(n)));
    }
    handset_speak(air->squad->handsets[n].engine, squad_now(air->squad, n), samples);
}

/* How strong that talker's tone is in 20 ms. */
static double amplitude(const int16_t samples[VOICE_FRAME_SAMPLES], size_t talker) {
    double in_phase = 0, across = 0;
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        in_phase += samples[i] * cos((double)i * turn(talker));
        across += samples[i] * sin((double)i * turn(talker));
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
        land(air);
    }
}

bool rough_is_talking(const struct rough_air *air, size_t n) {
    return air->squad->handsets[n].engine->talk.active;
}
