/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What exercise.c (making and ending one) and exercise_run.c (its clock) share.
 */
#ifndef MUSTER_APP_PROGRAMS_DEMO_EXERCISE_STATE_H
#define MUSTER_APP_PROGRAMS_DEMO_EXERCISE_STATE_H

#include "app/kms/kms.h"
#include "app/programs/demo/exercise.h"
#include "app/programs/pcap.h"

/* A frame for one handset alone, as the strangers heard it. */
struct overheard {
    unsigned from;
    size_t length;
    uint8_t *octets;
};

struct exercise {
    struct exercise_setup setup;
    char folder[256];
    struct entropy_seeded randomness; /* of the KMS */
    struct entropy entropy;
    struct kms *kms;
    struct air *air;
    struct air_log log;
    struct pcap *pcap;   /* of MIKEY messages; may be NULL */
    struct pcap *frames; /* of all frames; may be NULL */
    struct hearing *hearing;
    size_t count;
    struct station stations[EXERCISE_STATIONS_MAX];
    bool in_group[EXERCISE_STATIONS_MAX][EXERCISE_STATIONS_MAX]; /* [talker][listener] of a talk */
    struct overheard *overheard; /* not handed to the strangers yet */
    size_t overheard_count;
    char said[LESSON_TEXT_SIZE];
    int64_t now_ms;
    struct exercise_tally tally;
};

/* Now, by the clocks of the handsets: all of them are right. */
struct moment exercise_moment(const struct exercise *exercise);

/* A line for the transcript, with the time of day before it. */
void exercise_line(const struct exercise *exercise, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
