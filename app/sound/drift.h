/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The clock of a sound card beside the computer's. Each side of a card is held to the boot clock:
 * what it captures or plays is resampled a little, so that nothing piles up and nothing runs out,
 * however long a talk lasts. How much is found by a slow controller (proportional and integral)
 * from how far a queue is from where it should be; what it learned of the card's crystal outlives
 * the talk. Pure: no clock, no card.
 */
#ifndef MUSTER_APP_SOUND_DRIFT_H
#define MUSTER_APP_SOUND_DRIFT_H

#include "app/sound/frame.h"

enum {
    DRIFT_PPM_MAX = 5000, /* the most that it changes the speed by: nobody hears it */
    DRIFT_STEP_MS = 500   /* it is changed no more often */
};

struct drift {
    bool finds_its_level; /* what the queue holds first is what it should hold */
    int64_t since_ms;     /* of the step that runs; INT64_MIN: none does yet */
    double sum;           /* of the excesses noted in it, in samples */
    unsigned count;
    bool has_level;
    double origin;   /* in samples: no excess */
    double level_ms; /* the excess, smoothed */
    double integral; /* what the card's clock is off by, as found so far, in ppm */
    int ppm;
};

/* Nothing is known of the card. With `finds_its_level` the queue is to stay as it is in its first
 * DRIFT_STEP_MS, otherwise its excess is to become 0. */
void drift_begin(struct drift *drift, bool finds_its_level);

/* The card is started anew: its queue is where it should be, its crystal what it was. */
void drift_restart(struct drift *drift);

/* `excess` samples are in the queue over what should be there (negative: too few) at `now_ms`.
 * Returns by how many ppm more of the queue is to be used up than is given out, within
 * +-DRIFT_PPM_MAX. To be called with each period of the card. */
int drift_note(struct drift *drift, double excess, int64_t now_ms);

/* How many samples too many a queue holds that is filled by frames of 20 ms and is to hold `target`
 * on average, `since_ms` after the latest frame: as if the frames came drop by drop, so that it
 * does not matter where between two of them the card's periods fall. */
double drift_queue_excess(double queued, double target, double since_ms);

#endif
