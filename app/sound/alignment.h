/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How many samples lie between what a microphone captures and what a loudspeaker plays at that
 * moment, each counted by its own card. The cards say it, off by several ms and wandering; in truth
 * the number stands still unless a card slips, and moves steadily if their crystals are apart. So
 * it is taken from the cards at first and after a slip alone, and followed by where the echo is
 * otherwise. Pure.
 */
#ifndef MUSTER_APP_SOUND_ALIGNMENT_H
#define MUSTER_APP_SOUND_ALIGNMENT_H

#include <stdbool.h>

#include "app/sound/frame.h"

enum {
    ALIGNMENT_FIRST_MS = 300,  /* of what the cards say is averaged first */
    ALIGNMENT_SLIP_MS = 50,    /* what is off by less is how the cards put it */
    ALIGNMENT_LASTS_MS = 1500, /* what is off by more for so long is a slip */
    ALIGNMENT_PULL_MS = 500,   /* in which the echo is brought back to where it was */
    ALIGNMENT_PPM_MAX = 500    /* two crystals are never further apart */
};

/* All zero: nothing is known. */
struct alignment {
    double offset;    /* samples that the loudspeaker is ahead in its count */
    double ppm;       /* by which it is faster */
    double pull_ppm;  /* and so much more for pull_ms, until the echo is where it was */
    unsigned pull_ms; /* left */
    double said;      /* what is said of the offset, smoothed */
    unsigned said_ms; /* for how long it was noted */
    unsigned off_ms;  /* for how long it has been off */
    bool is_known;
};

/* The cards begin anew: their crystals alone are still known. */
void alignment_restart(struct alignment *alignment);

/* `ms` have passed, and the cards say that the loudspeaker is `offset` samples ahead. Returns
 * whether it has slipped, and the offset is now another. */
bool alignment_note(struct alignment *alignment, double offset, unsigned ms);

/* How many samples of the loudspeaker belong to one of the microphone at present. */
double alignment_speed(const struct alignment *alignment);

/* The echo is found `late` samples later than it should be, half a second of speech after it was
 * looked at before: the crystals are a little different, and it is brought back. */
void alignment_correct(struct alignment *alignment, double late);

/* A card has slipped: the echo is `late` samples later at once, and so is what is read. */
void alignment_jump(struct alignment *alignment, double late);

#endif
