/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * By how much the echo is later than a filter expects it (echo.h): two crystals apart let it move
 * steadily, and a card that slips lets it jump. Found by comparing what the microphone hears with
 * what the filter took out of it, a little earlier and later. Pure.
 */
#ifndef MUSTER_APP_SOUND_MOVING_ECHO_H
#define MUSTER_APP_SOUND_MOVING_ECHO_H

#include "app/sound/cleaning.h"

enum {
    MOVING_ECHO_PERIODS = 50, /* of the far end's voice between two looks: half a second */
    MOVING_ECHO_LAGS = 800,   /* samples earlier and later that are looked at */
    MOVING_ECHO_PAST = 2 * MOVING_ECHO_LAGS
};

enum moving_echo_news {
    MOVING_ECHO_NOTHING,
    MOVING_ECHO_MOVED, /* by a little: of the crystals */
    MOVING_ECHO_JUMPED /* a card slipped */
};

/* All zero: nothing was heard. */
struct moving_echo {
    unsigned periods;
    /* Treble raised, the latest last. */
    float heard[MOVING_ECHO_LAGS + CLEANING_SAMPLES];
    float expected[MOVING_ECHO_PAST + CLEANING_SAMPLES];
    float heard_last, expected_last;
    double likeness[2 * MOVING_ECHO_LAGS + 1], heard_power, expected_power;
};

/* What was heard is forgotten. */
void moving_echo_restart(struct moving_echo *moving);

/* A period: what the microphone heard, and what is left of it; is_voice: the far end speaks. Once
 * it did for long enough this tells what came of the echo, and by how many samples it is *late. */
enum moving_echo_news moving_echo_hear(struct moving_echo *moving,
                                       const int16_t heard[CLEANING_SAMPLES],
                                       const int16_t left[CLEANING_SAMPLES], bool is_voice,
                                       double *late);

#endif
