/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pace: how many handsets are in one place, and so how often this one says that it is here
 * (rhythm.h).
 *
 * Each signed presence says how many its handset has nearby, as it has heard them itself. Of what
 * the last PACE_SAID_MAX presences said in the last PACE_SAID_MS the third highest number counts,
 * of different identities, or what this handset has heard itself where that is more: so who comes
 * into a crowd keeps to its pace after the first few presences, long before it has heard all,
 * though others have just come as well; and one or two liars among others slow nobody down, in
 * however many lives. A presence that may be a recording counts for nothing, nor does one of a
 * revoked identity. Nobody passes on what others said, so that what is believed falls again with
 * the number of those who are there.
 */
#ifndef MUSTER_APP_HANDSET_AIR_PACE_H
#define MUSTER_APP_HANDSET_AIR_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/handset/air/rhythm.h"
#include "app/moment.h"

enum {
    PACE_ATTENDANCE_OCTETS =
        800,                 /* a second, of all handsets: attendance words (keys/attendance.h), */
    PACE_EXTRA_OCTETS = 450, /* and for newcomers, questions and answers; */
    PACE_COMING_OCTETS = 60000, /* for seconds, for the first question of who has just come, */
    PACE_FRESH_OCTETS = 10000,  /* so many for the others; */
    PACE_STAR_OCTETS = 8000,    /* of either no more where it goes out on a star; */
    PACE_LATE_OCTETS = 350,     /* so many for what has waited, */
    PACE_IDLE_OCTETS = 50,      /* and so many for what can wait for minutes */
    PACE_SAID_MAX = 64,
    PACE_SAID_RANK = 3,
    PACE_SAID_MS = 60 * 1000, /* what was said longer ago does not count */
    PACE_CROWD = 40,          /* with more members say attendance words, and nobody is sought */
    PACE_ATTENDANCE_LEAST_MS = 10 * 1000,
    PACE_ATTENDANCE_MOST_MS = 240 * 1000,
    PACE_WINDOW_MS = 10 * 1000,  /* in which octets are counted, */
    PACE_WINDOW_LEAST_MS = 1000, /* after a start nothing shorter is judged by */
    PACE_ALONE_MS = 30 * 1000,
    PACE_SAMPLES_MAX = 256,
};

/* A presence that was heard. */
struct pace_sample {
    int64_t heard_ms; /* boot clock */
    uint32_t who;     /* said it: a hash of the identity */
    uint16_t near;    /* that it said */
    uint16_t octets;
    bool is_old; /* the same one has said another since */
};

struct pace {
    int64_t began_ms;
    unsigned near;       /* heard by this handset itself */
    unsigned others;     /* what others said */
    size_t first, count; /* of the ring */
    struct pace_sample samples[PACE_SAMPLES_MAX];
};

/* The handset starts, or is on the air again. */
void pace_begin(struct pace *pace, struct moment now);

/* A signed presence of `octets` was verified, said now, of the identity with the hash `who`, whose
 * handset has `said` nearby; this one has `near` then. */
void pace_hear(struct pace *pace, struct moment now, uint32_t who, size_t said, size_t near,
               size_t octets);

/* Was nobody heard for a while? */
bool pace_is_alone(const struct pace *pace, struct moment now);

/* How many other handsets are in reach, about. */
unsigned pace_count(const struct pace *pace, struct moment now);

/* The usual presences of this handset; and the time between two attendance words of `octets`. */
struct rhythm pace_rhythm(const struct pace *pace, struct moment now);
int64_t pace_attendance_ms(const struct pace *pace, struct moment now, size_t octets);

/* Are there more than PACE_CROWD? */
bool pace_is_crowd(const struct pace *pace, struct moment now);

/* Is there room on the air for a presence that nobody waits for: is less than `extra_octets` said
 * in a second, beside the usual presences? */
bool pace_has_room(const struct pace *pace, struct moment now, int64_t extra_octets);

/* Of `octets` a second, which a network bears for seconds, what all links bear that it goes out on.
 * On a star the hub hears a frame once and says it to each of up to seven: PACE_STAR_OCTETS are
 * 64,000 octets in all, a quarter of what Bluetooth's enhanced rate carries, and room is left for a
 * talk. */
int64_t pace_borne(int64_t octets, bool is_on_star);

/* `ms`, which many wait for, a quarter more or less at random. */
int64_t pace_spread(int64_t ms, uint32_t random);

#endif
