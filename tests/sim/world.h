/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A world of handset engines on one piece of air and a virtual clock, with everything that can go
 * wrong in it. What happens is a function of the seed alone. Who watches from outside the engines
 * and says what must not be depends on the kind of world (histories.h, clocks.h).
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

/* What makes a kind of worlds: who lives in it, and who watches from outside. */
struct world_kind {
    bool asks_always; /* no officer has keys taken unasked: each key held was confirmed */
    const struct provider *(*provider)(void);
    void (*begin)(struct world *world);               /* sets how many handsets there are */
    void (*settle)(struct world *world, size_t n);    /* clocks and records of handset n at first */
    void (*end)(struct world *world);                 /* frees what `begin` made */
    void (*go_on)(struct world *world);               /* each step, before the handsets' own */
    void (*come_back)(struct world *world, size_t n); /* its time has come: world_revive */

    /* Handset n carried out its officer's command; made records durable; put a frame on the air;
     * told its officer; played voice. */
    void (*commanded)(struct world *world, size_t n, const struct command *command);
    void (*stored)(struct world *world, size_t n);
    void (*sent)(struct world *world, size_t n, struct span frame);
    void (*told)(struct world *world, size_t n, const struct output *output);
    void (*heard)(struct world *world, size_t n);

    /* `frame` is handed over to handset n; it lives until the second call, after it was handled. */
    void (*arrives)(struct world *world, size_t n, struct span frame);
    void (*arrived)(struct world *world, size_t n);

    /* Handset n started again from its records, newly booted or not. */
    void (*revived)(struct world *world, size_t n, bool boots, bool was_set_back);

    /* A step is over; `at_all`: it is time to look at all handsets. */
    void (*look)(struct world *world, bool at_all);
    bool (*hears_voice)(const struct world *world); /* is voice on the air just now? */
};

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
    int64_t drift_ppm;      /* how much faster its clocks go */
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
struct clocks;

struct world {
    const struct world_kind *kind;
    uint64_t seed;
    uint64_t chance;      /* state of world_chance */
    int64_t begin_utc_ms; /* the right time, since 1970, when now_ms was 0 */
    int64_t now_ms;
    size_t count;
    struct unit units[DOMAIN_HANDSETS];
    struct air *air;
    struct shadow *shadow;            /* of histories.h, */
    struct stranger *stranger;        /* the same */
    struct clocks *clocks;            /* of clocks.h */
    FILE *history;                    /* what happened, line by line */
    char problem[WORLD_PROBLEM_SIZE]; /* what must not be; empty while all is well */
    int64_t looked_ms;                /* when the shadow last looked at every view */
};

/* A world of that kind, all handsets running; writes its history to `history`. Aborts when out of
 * memory. */
struct world *world_new(const struct world_kind *kind, uint64_t seed, FILE *history);
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

/* A record that handset n has before it starts for the first time. */
void world_give_record(struct world *world, size_t n, enum record_kind kind, struct span key,
                       struct span value);

/* A dead handset starts from its durable records; `boots` gives it a new boot, `clock_ms` moves its
 * wall clock. */
void world_revive(struct world *world, size_t n, bool boots, int64_t clock_ms);

/* Moves the wall clock of handset n, which may be up or down. */
void world_set_clock(struct world *world, size_t n, int64_t by_ms);

/* Lets time pass, handling frames and deadlines, and has the watcher look after each step. */
void world_run(struct world *world, int64_t ms);

/* The view of handset n, which is up. */
const struct view *world_view(struct world *world, size_t n);

#endif
