/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A real `muster` on a terminal of its own, with a store whose secrets the test knows, which made
 * it: what is in its memory and its files when it is taken from its officer.
 */
#ifndef MUSTER_TESTS_PROGRAMS_HANDHELD_H
#define MUSTER_TESTS_PROGRAMS_HANDHELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "tests/app/chip.h"
#include "tests/app/scratch.h"

enum {
    HANDHELD_PATIENCE_MS = 60 * 1000, /* no target: only that a loaded machine fails nothing */
    NEEDLE_MAX = 64,
    NEEDLES_MAX = 12
};

extern const char handheld_passphrase[];

struct needle {
    const char *what;
    size_t length;
    uint8_t octets[NEEDLE_MAX];
    bool is_at_rest; /* looked for in files, not in memory */
};

struct handheld {
    void **state;
    pid_t pid;
    int terminal;
    struct chip *chip; /* that the store is bound to; NULL: to none */
    bool is_strict;    /* it locks by itself soon, and erases itself */
    bool hears;        /* also while it is locked */
    bool has_other;    /* there is another member's store */
    size_t count;
    struct needle needles[NEEDLES_MAX];
};

int64_t handheld_now_ms(clockid_t clock);

/* Octets to search for: NEEDLE_MAX of them at most. */
void handheld_add(struct handheld *life, const char *what, const void *octets, size_t length);

/* Where its store is, in the folder of the scratch setup. */
const char *handheld_store(struct handheld *life);

/* Makes the stores, with a group that was made lately, and looks for what is secret of them. */
void handheld_make_store(struct handheld *life);

/* Starts the program; the port that it and another one use. */
void handheld_start(struct handheld *life);
const char *handheld_port(void);

/* Makes the store, starts the program and opens it; with the usual settings, or those of `life`. */
struct handheld handheld_begin(void **state);
void handheld_begin_as(struct handheld *life);

/* Kills what is still running. */
void handheld_end(struct handheld *life);

/* Reads what it draws for 20 ms at most, so that it goes on drawing. */
void handheld_watch(struct handheld *life);

/* Types, and watches for 100 ms. */
void handheld_press(struct handheld *life, const char *keys);

/* Types the passphrase on the lock screen, and goes to the group with its members. */
void handheld_unlock(struct handheld *life);

bool handheld_is_running(struct handheld *life);

/* What its control socket says of its state: "locked", "ready" or "not-enrolled". */
bool handheld_state_is(struct handheld *life, const char *wanted);
void handheld_wait_for(struct handheld *life, const char *state);
void handheld_wait_for_end(struct handheld *life);

/* Runs the program with these arguments, the last of which is NULL; it must succeed. */
void handheld_run(struct handheld *life, const char *const arguments[]);

/* So many files are in its folder. */
size_t handheld_files_left(const struct handheld *life);

/* Another member's store (has_other). */
const char *handheld_other_store(struct handheld *life);

#endif
