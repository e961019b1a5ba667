/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Voice that a shell gives in place of the microphone's (`muster talk GROUP --from FILE`): samples
 * come over the control socket as fast as there is room for them, and go out by the clock. A
 * confined handset opens no file; whoever asks has read it.
 */
#ifndef MUSTER_APP_PROGRAMS_GIVEN_VOICE_H
#define MUSTER_APP_PROGRAMS_GIVEN_VOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/sound/metronome.h"

enum {
    GIVEN_VOICE_SAMPLE = sizeof(int16_t),
    GIVEN_VOICE_MAX = 2 * VOICE_RATE * GIVEN_VOICE_SAMPLE, /* octets held: two seconds, of */
    GIVEN_VOICE_LONGEST_S = 5 * 60                         /* so much at most */
};

/* Zeros are one that is over. */
struct given_voice {
    bool is_on;         /* the microphone rests */
    uint64_t left;      /* octets that are still to come */
    size_t first, held; /* octets in `octets`, a ring */
    struct metronome clock;
    uint8_t octets[GIVEN_VOICE_MAX];
};

/* How many octets are so much voice: GIVEN_VOICE_SAMPLE a sample, of VOICE_RATE, mono, as the
 * machine writes numbers. 0: `octets` is no such number, or more than GIVEN_VOICE_LONGEST_S. */
uint64_t given_voice_length(int64_t octets);

/* From now on `octets` of them are said; none of them is here yet. */
void given_voice_begin(struct given_voice *voice, uint64_t octets, int64_t now_ms);

/* Wipes what was not said. */
void given_voice_end(struct given_voice *voice);

/* How many octets are taken now; and takes them. */
size_t given_voice_room(const struct given_voice *voice);
void given_voice_take(struct given_voice *voice, const uint8_t *octets, size_t length);

/* The next 20 ms, silence where they have not come; the caller wipes it. False: they are not due.
 */
bool given_voice_next(struct given_voice *voice, int64_t now_ms, struct sound_frame *frame);

/* When they are; INT64_MAX: nothing is given. */
int64_t given_voice_deadline(const struct given_voice *voice);

/* Was all of it said? */
bool given_voice_is_over(const struct given_voice *voice);

#endif
