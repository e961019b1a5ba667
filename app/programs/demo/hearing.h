/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hearing: what was said into each handset against what came out of the others. Tape runs from the
 * first word of a talk until all is quiet again; then each listener's tape is compared with what
 * the talker said, by the likeness of app/voice/likeness.h.
 */
#ifndef MUSTER_APP_PROGRAMS_DEMO_HEARING_H
#define MUSTER_APP_PROGRAMS_DEMO_HEARING_H

#include "app/voice/likeness.h"
#include "app/voice/voice.h"

struct hearing;

/* Tapes for `stations` stations, numbered from 0; NULL when out of memory. */
struct hearing *hearing_new(size_t stations);
void hearing_free(struct hearing *hearing);

/* 20 ms at one station: what was said into it (NULL when its officer does not talk), and what came
 * out of it. `is_voice`: was anything to be heard? Call it for every station, then
 * hearing_is_over. Over LIKENESS_SAMPLES_MAX the tape stands still. */
void hearing_beat(struct hearing *hearing, size_t station, const int16_t *said,
                  const int16_t heard[VOICE_FRAME_SAMPLES], bool is_voice);

/* Ends the 20 ms. True once after each talk, when all has been quiet for a moment: the tapes can be
 * compared until the next hearing_beat, which begins new ones. */
bool hearing_is_over(struct hearing *hearing);

/* Does the tape run? */
bool hearing_is_running(const struct hearing *hearing);

/* How long `station` talked, in ms of tape; 0 when it did not. */
int64_t hearing_said_ms(const struct hearing *hearing, size_t station);

/* How long there was voice to be heard at `station`. */
int64_t hearing_heard_ms(const struct hearing *hearing, size_t station);

/* The likeness of what `listener` heard to what `talker` said. Errors as likeness(). */
MUST_CHECK enum status hearing_likeness(const struct hearing *hearing, size_t talker,
                                        size_t listener, double *score);

#endif
