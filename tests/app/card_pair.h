/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Speech from a microphone's card to a loudspeaker's, whose crystals are off, as the two sides of a
 * sound card hold them to the boot clock (drift.h, steering.h): no real time passes. What is
 * between the cards keeps to the boot clock and takes no time.
 */
#ifndef MUSTER_TESTS_APP_CARD_PAIR_H
#define MUSTER_TESTS_APP_CARD_PAIR_H

#include "app/voice/likeness.h"

struct card_pair {
    int microphone_ppm, loudspeaker_ppm; /* faster than they should be */
};

/* What is heard while `said` is said, by the boot clock, into `heard`, which has room for as many
 * samples. */
void card_pair_run(struct card_pair pair, struct recording said, int16_t heard[]);

/* How much the delay of `heard` behind `said` changes, in ms, once the crystals have been met for
 * some seconds. */
double card_pair_delay_range_ms(struct recording said, const int16_t heard[]);

#endif
