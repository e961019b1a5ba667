/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crowd_recording.h"

#include <string.h>

void crowd_record(const struct crowd *crowd, size_t from, enum frame_kind kind,
                  struct crowd_recording *recording) {
    for (size_t i = 0; i < crowd->flight_count; i++) {
        const struct crowd_flight *flight = &crowd->flights[i];
        if (flight->from == from && flight->octets[1] == kind &&
            recording->count < CROWD_RECORDING_MAX) {
            recording->frames[recording->count].length = flight->length;
            memcpy(recording->frames[recording->count++].octets, flight->octets, flight->length);
        }
    }
}

void crowd_play(struct crowd *crowd, size_t n, struct crowd_recording *recording) {
    for (size_t i = 0; i < recording->count; i++) {
        recording->frames[i].octets[4]++;
        crowd_inject(crowd, n, 5000,
                     (struct span){recording->frames[i].octets, recording->frames[i].length});
    }
}
