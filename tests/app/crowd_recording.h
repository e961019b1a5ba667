/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames of a crowd (crowd.h) that were said, to be played again. */
#ifndef MUSTER_TESTS_APP_CROWD_RECORDING_H
#define MUSTER_TESTS_APP_CROWD_RECORDING_H

#include "crowd.h"

enum {
    CROWD_RECORDING_MAX = 64,
};

struct crowd_recording {
    size_t count;
    struct {
        size_t length;
        uint8_t octets[FRAME_MAX];
    } frames[CROWD_RECORDING_MAX];
};

/* Adds what `from` has just said of that kind, as far as there is room. */
void crowd_record(const struct crowd *crowd, size_t from, enum frame_kind kind,
                  struct crowd_recording *recording);

/* It arrives at the n-th, as other frames than those that were recorded. */
void crowd_play(struct crowd *crowd, size_t n, struct crowd_recording *recording);

#endif
