/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pace: how often this handset says that it is here. All handsets in one place share the air,
 * and each takes the same part of PACE_PRESENCE_OCTETS a second for its presences, and of
 * PACE_ATTENDANCE_OCTETS for its attendance words (keys/attendance.h), however many they are. So
 * two thousand take 20 kbit/s in all, with what is left for newcomers, questions and answers.
 *
 * How many there are tells what each presence says: after how long its handset's next one comes.
 * Who says one in eight minutes stands for all the others that say none meanwhile. The sum of these
 * times, of the presences of PACE_WINDOW_MS, over that window is the number of handsets, and known
 * soon: within ten seconds of coming into a crowd whose interval is ten minutes. Only presences
 * that verified count, and each at most PACE_LONGEST_MS.
 *
 * Up to some fifteen handsets nothing changes: each says one every PACE_LEAST_MS.
 */
#ifndef MUSTER_APP_HANDSET_AIR_PACE_H
#define MUSTER_APP_HANDSET_AIR_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/moment.h"

enum {
    PACE_PRESENCE_OCTETS = 1150,  /* a second, of all handsets in one place together: frames with */
    PACE_ATTENDANCE_OCTETS = 850, /* their heads, without what a link adds */
    PACE_EXTRA_OCTETS = 500,      /* newcomers, questions, answers */
    PACE_LEAST_MS = 5000,
    PACE_LONGEST_MS = 20 * 60 * 1000,
    PACE_CROWD_MS = 10 * 1000, /* with a longer interval members say attendance words */
    PACE_ATTENDANCE_LEAST_MS = 10 * 1000,
    PACE_WINDOW_MS = 30 * 1000,
    PACE_WINDOW_LEAST_MS = 10 * 1000, /* after a start nothing shorter is judged by */
    PACE_SAMPLES_MAX = 256,
    PACE_LASTS = 4,                /* who said nothing for so many of its intervals, */
    PACE_LASTS_LEAST_MS = 20 * 1000, /* and so long, has fallen silent */
    PACE_EXTRA_BURST = 4,
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

/* A presence of `octets` was verified whose handset says the next one within `next_ms`; 0: it is
 * one said besides, and stands for nothing. */
void pace_hear(struct pace *pace, struct moment now, int64_t next_ms, size_t octets);

/* Was nobody heard for a while? */
bool pace_is_alone(const struct pace *pace, struct moment now);

/* How many other handsets are in reach, about. */
unsigned pace_count(const struct pace *pace, struct moment now);

/* The time between two usual presences of `octets` each; between two attendance words. */
int64_t pace_presence_ms(const struct pace *pace, struct moment now, size_t octets);
int64_t pace_attendance_ms(const struct pace *pace, struct moment now, size_t octets);

/* Are there so many that members say attendance words? */
bool pace_is_crowd(const struct pace *pace, struct moment now);

/* Is there room on the air for a presence that nobody waits for, beside the usual ones? */
bool pace_has_room(const struct pace *pace, struct moment now);

/* `ms`, which many wait for, a quarter more or less at random. */
int64_t pace_spread(int64_t ms, uint32_t random);

/* For how long is somebody in reach who says its next word within `next_ms`? */
int64_t pace_lasts_ms(int64_t next_ms);

#endif
