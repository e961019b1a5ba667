/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A world of handset engines on one piece of air and a virtual clock, with everything that can go
 * wrong in it. What happens is a function of the seed alone. The shadow (shadow.h) watches from
 * outside the engines and says what must not be.
 */
#ifndef MUSTER_TESTS_SIM_WORLD_H
#define MUSTER_TESTS_SIM_WORLD_H

#include <stdio.h>

#include "app/programs/durable.h"
#include "tests/sim/domain.h"
#include "transport/loopback.h"

enum {
    WORLD_RECORDS_MAX = 64,
    WORLD_PROBLEM_SIZE = 400,
    WORLD_STEP_MS = 10,
    NOT_KILLED = -1,
};

/* A record that survives the handset's death. */
struct durable_record {
    enum record_kind kind;
    size_t key_length;
    uint8_t key[RECORD_KEY_MAX];
    size_t length;
    uint8_t *value;
};

/* Where a handset that is to die at its disk dies. */
enum death {
    DIES_NOT,
    DIES_QUEUED,  /* as the batches are given to the worker */
    DIES_WRITING, /* while it writes them: nothing of them is durable */
    DIES_WRITTEN, /* when they are durable, and the worker has not reported it */
};

struct world;

struct unit {
    struct world *world;
    struct handset *engine; /* NULL while it is down */
    struct durable *durable;
    const struct batch *const *writing; /* what the worker has; or NULL */
    size_t writing_count;
    int64_t written_ms; /* the world's time when it is done, */
    int64_t disk_ms;    /* which takes so long at most */
    struct transport *port;
    struct entropy_seeded seeded;
    struct entropy source;  /* draws from seeded */
    struct entropy entropy; /* what the engine draws from */
    size_t last_draw;       /* how many octets its engine drew last */
    int64_t utc_offset_ms;  /* how far its wall clock is off */
    bool was_set_back;      /* its wall clock, since it was switched on */
    int64_t boot_began_ms;  /* the world's time when it was switched on */
    uint64_t boot_id;
    int64_t kill_after; /* outputs until it dies, or NOT_KILLED */
    enum death dies_at_disk;
    int64_t died_ms;
    int64_t back_ms; /* when it starts again */
    int64_t stops_talking_ms;
    bool restless; /* something happened since the shadow last looked at its view */
    size_t record_count;
    struct durable_record records[WORLD_RECORDS_MAX];
};

struct shadow;
struct stranger;

struct world {
    uint64_t seed;
    uint64_t chance; /* state of world_chance */
    int64_t now_ms;
    size_t count;
    struct unit units[DOMAIN_HANDSETS];
    struct air *air;
    struct shadow *shadow;
    struct stranger *stranger;
    FILE *history;                    /* what happened, line by line */
    char problem[WORLD_PROBLEM_SIZE]; /* what must not be; empty while all is well */
    int64_t looked_ms;                /* when the shadow last looked at every view */
};

/* A world with 3 to DOMAIN_HANDSETS handsets, all running; writes its history to `history`. Aborts
 * when out of memory. */
struct world *world_new(uint64_t seed, FILE *history);
void world_free(struct world *world);

/* A number below `limit`, from the seed. */
unsigned world_chance(struct world *world, unsigned limit);

/* A line of history, with the world's time before it. */
void world_note(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Something is as it must not be. The first counts. */
void world_fail(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool world_is_well(const struct world *world);

/* The three clocks of handset n. */
struct moment world_moment(const struct world *world, size_t n);

/* Gives a command to handset n, which is up, and carries out what it puts out. */
enum status world_command(struct world *world, size_t n, const struct command *command);

/* Handset n dies at once, to come back after `away_ms`. */
void world_kill(struct world *world, size_t n, int64_t away_ms);

/* A dead handset starts from its durable records; `boots` gives it a new boot, `clock_ms` moves its
 * wall clock. */
void world_revive(struct world *world, size_t n, bool boots, int64_t clock_ms);

/* Moves the wall clock of handset n, which may be up or down. */
void world_set_clock(struct world *world, size_t n, int64_t by_ms);

/* Lets time pass, handling frames and deadlines, and has the shadow look after each step. */
void world_run(struct world *world, int64_t ms);

/* The view of handset n, which is up. */
const struct view *world_view(struct world *world, size_t n);

#endif
