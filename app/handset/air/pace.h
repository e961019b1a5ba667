/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pace: how many handsets are in one place, and so how often this one says that it is here
 * (rhythm.h).
 *
 * How many there are the presences tell themselves: each signed one says the time that it stands
 * for, which is that up to its handset's next signed one, as far as none before stands for it. Who
 * says one in ten minutes stands for all the others that say none meanwhile. The sum of these
 * times, of the presences of PACE_WINDOW_MS, over that window is the number of handsets; it is
 * known within ten seconds of coming into a crowd, long before all have been heard. Only presences
 * that verified count, and each at most PACE_STANDS_MAX_MS.
 */
#ifndef MUSTER_APP_HANDSET_AIR_PACE_H
#define MUSTER_APP_HANDSET_AIR_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/handset/air/rhythm.h"
#include "app/moment.h"

enum {
    PACE_ATTENDANCE_OCTETS = 800, /* a second, of all handsets: attendance words (keys/attendance.h), */
    PACE_EXTRA_OCTETS = 450,      /* and for newcomers, questions and answers */
    PACE_STANDS_MAX_MS = 60 * 60 * 1000,
    PACE_CROWD = 40, /* with more members say attendance words, and nobody is sought */
    PACE_ATTENDANCE_LEAST_MS = 10 * 1000,
    PACE_ATTENDANCE_MOST_MS = 240 * 1000,
    PACE_WINDOW_MS = 30 * 1000,
    PACE_WINDOW_LEAST_MS = 10 * 1000, /* after a start nothing shorter is judged by */
    PACE_SAMPLES_MAX = 256,
};

/* A presence that was heard. */
struct pace_sample {
    int64_t heard_ms; /* boot clock */
    int64_t stands_ms;
    size_t octets;
};

struct pace {
    int64_t began_ms;
    size_t first, count; /* of the ring */
    struct pace_sample samples[PACE_SAMPLES_MAX];
};

/* The handset starts, or is on the air again. */
void pace_begin(struct pace *pace, struct moment now);

/* A signed presence of `octets` was verified, which stands for so long. */
void pace_hear(struct pace *pace, struct moment now, int64_t stands_ms, size_t octets);

/* Was nobody heard for a while? */
bool pace_is_alone(const struct pace *pace, struct moment now);

/* How many other handsets are in reach, about. */
unsigned pace_count(const struct pace *pace, struct moment now);

/* The usual presences of this handset; and the time between two attendance words of `octets`. */
struct rhythm pace_rhythm(const struct pace *pace, struct moment now);
int64_t pace_attendance_ms(const struct pace *pace, struct moment now, size_t octets);

/* Are there more than PACE_CROWD? */
bool pace_is_crowd(const struct pace *pace, struct moment now);

/* Is there room on the air for a presence that nobody waits for, beside the usual ones? */
bool pace_has_room(const struct pace *pace, struct moment now);

/* `ms`, which many wait for, a quarter more or less at random. */
int64_t pace_spread(int64_t ms, uint32_t random);

#endif
