/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tables of bench_voice: each runs handsets of its own and prints its rows.
 */
#ifndef MUSTER_TESTS_BENCH_VOICE_TABLES_H
#define MUSTER_TESTS_BENCH_VOICE_TABLES_H

#include "app/voice/voice.h"
#include "tests/bench/crew.h"
#include "tests/bench/figures.h"

enum {
    TALKER = 1, /* the group's creator, who rekeys it, listens */
    LISTENER = 0,
};

struct voice_bench {
    struct crew *crew;
    uint64_t seed;
    unsigned targets, met;
    char problem[160];
};

typedef bool voice_table(struct voice_bench *bench);

/* False when a table could not be measured; `problem` says why. */
voice_table access_table, late_table, lost_table, words_table, bad_table, cost_table,
    intervals_table, flood_table;

/* A table's air: handsets run on it until bench_close. */
struct impaired_air *bench_open(struct voice_bench *bench, size_t handsets, size_t ports,
                                enum air_family family);
void bench_close(struct voice_bench *bench, struct impaired_air *air);

/* As target_print, and counts. */
void bench_target(struct voice_bench *bench, const char *what, double measured, const char *unit,
                  double target, bool target_is_least);

#endif
