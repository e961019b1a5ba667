/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Officers with handsets: members of one group, each the program itself (tests/traced/muster) on a
 * terminal, in a network namespace of an impaired air. The bench presses their keys and reads off
 * their traces what they did.
 */
#ifndef MUSTER_TESTS_BENCH_CREW_H
#define MUSTER_TESTS_BENCH_CREW_H

#include <sys/types.h>

#include "tests/bench/impaired_air.h"
#include "tests/traced/trace.h"

enum {
    CREW_MAX = 16
};

/* A stretch of time, CLOCK_MONOTONIC's. */
struct stretch {
    int64_t from_us, to_us;
};

struct crew;

/* Makes the stores of `count` handsets, who share one group, made by the first of them, and the
 * speech that they say. NULL, and `problem` says why. */
struct crew *crew_new(size_t count, char problem[160]);
void crew_free(struct crew *crew); /* whoever runs is ended */

/* Runs the first `count` of them, on the air's ports of the same numbers, until they had time to
 * meet and show their Talk screens. */
bool crew_start(struct crew *crew, size_t count, struct impaired_air *air, char problem[160]);
void crew_stop(struct crew *crew);

/* Runs handset n alone, beside those who run. False: it cannot. */
bool crew_join(struct crew *crew, size_t n, struct impaired_air *air);

/* When handset n, as far as it says, heard handset `other` last, on crew_now_us's clock; 0: that is
 * not on its list of who is nearby. */
int64_t crew_heard_us(const struct crew *crew, size_t n, size_t other);

/* Time passes, and terminals are drawn. False when a handset has ended. */
bool crew_wait(struct crew *crew, int64_t ms);

/* Handset n's officer presses a key, now; presses the key to talk, and releases it. Returns when.
 * The terminals tell of releases (the keyboard protocol of kitty) if the program asks them for
 * that; otherwise the key is pressed again. */
int64_t crew_key(struct crew *crew, size_t n, char key);
int64_t crew_press(struct crew *crew, size_t n);
int64_t crew_release(struct crew *crew, size_t n);

/* The group's creator, the first of them, begins to give it a new key. False when a handset has
 * ended. */
bool crew_rekey(struct crew *crew);

/* Its terminal gets another size. */
void crew_resize(struct crew *crew, size_t n, unsigned short columns, unsigned short rows);

/* From now on each sync of its disk takes so much longer. */
void crew_slow_disk(struct crew *crew, size_t n, int ms);

/* The first record of `kind` in the stretch, or NULL; how many there are; the longest time between
 * two of them that follow each other. */
const struct trace_record *crew_first(const struct crew *crew, size_t n, enum trace_kind kind,
                                      struct stretch stretch);
unsigned crew_count(const struct crew *crew, size_t n, enum trace_kind kind,
                    struct stretch stretch);
int64_t crew_longest_us(const struct crew *crew, size_t n, enum trace_kind kind,
                        struct stretch stretch);

/* Its process. */
pid_t crew_process(const struct crew *crew, size_t n);

int64_t crew_now_us(void);

#endif
