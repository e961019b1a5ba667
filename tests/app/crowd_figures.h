/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is measured of a crowd (crowd.h), for the test and for the table. */
#ifndef MUSTER_TESTS_APP_CROWD_FIGURES_H
#define MUSTER_TESTS_APP_CROWD_FIGURES_H

#include "crowd.h"

enum {
    CROWD_PROBES = 12,
    CROWD_NEVER_MS = 1000000,
};

struct crowd_figures {
    size_t size;
    double count;         /* of others, as the handsets believe in the middle */
    double bits_a_second; /* all handsets in one place together, at rest */
    double by_kind[CROWD_KINDS];
    double most_bits_a_second;   /* while they came together, */
    double second_bits_a_second; /* and in the second minute after that */
    double trusted_missed_soon;  /* those with the officer's mark who were not known 20 s after
                                  * the last had come, of all */
    double checks_a_second;      /* of signatures, by one handset, at rest */
    double own_ns_a_second;      /* that its engine takes besides */
    int64_t member_known_ms;     /* a member came: the last of its group knew of it, at worst */
    int64_t member_knows_ms;     /* and it of them */
    int64_t trusted_ms;          /* somebody came who trusts one: knew of that one */
    int64_t picked_ms;           /* one that was looked up was known */
    int64_t newcomer_ms;         /* 95 % of those that were there knew of a newcomer, at worst */
    int64_t silent_member_ms;    /* a member went: the last one of its group said so */
    double false_silence;        /* of pairs of members, that were in reach and not told so */
    double trusted_missed;       /* the same of those with the officer's mark, then */
};

/* Brings `size` handsets together within a minute, lets them rest, and probes. */
struct crowd_figures crowd_measure(size_t size, uint64_t seed);

void crowd_figures_heading(void);
void crowd_figures_print(const struct crowd_figures *figures, int64_t check_ns);

/* How long the native module takes to check a signature, and find it good. */
int64_t crowd_check_ns(void);

#endif
