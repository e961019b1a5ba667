/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lives: a handset's life goes from one start of it to the next. Its clock is its age, the time
 * since that start by the boot clock, which nobody sets. How a neighbour's age goes with our own
 * boot clock is measured two-way, by presences that go to and fro anyway (roster.h):
 *
 *   - whoever says its age is at least so old when that is heard;
 *   - whoever echoes an age that we said, and how long ago it was heard there, was younger when we
 *     said it than it is now, by at least that time.
 *
 * The range between the two is as wide as both ways took together. It is narrowed by what is
 * measured later, and widens by what two clocks drift apart. Wall clocks have no part in it, so
 * nobody has to have the right time to be heard.
 *
 * An echo names a life by its identity and start together: else whoever says another's start as its
 * own, with ages that are still to come, could have these echoed elsewhere, and play the echoes as
 * answers when their time has come.
 */
#ifndef MUSTER_APP_HANDSET_AIR_LIFE_H
#define MUSTER_APP_HANDSET_AIR_LIFE_H

#include <stdbool.h>
#include <stdint.h>

#include "app/handset/air/presence_message.h"

enum {
    LIVES_EACH = 4, /* of one identity: some handsets that answer to it, and one that came since,
                     * perhaps after a restart */
    LIFE_ECHOED_MS = 20 * 1000,    /* a life is echoed for so long after it was heard */
    LIFE_DRIFT_PPM = 200,          /* 100 of each of two clocks */
    LIFE_UNSURE_MAX_MS = 10 * 1000 /* a wider range is none */
};

/* This handset's own life. Its start is drawn anew when another handset has taken it (presence.h),
 * and so its name is another one; the age goes on. */
struct own_life {
    char identity[IDENTITY_SIZE];
    uint8_t start[START_SIZE];
    uint8_t name[LIFE_NAME_SIZE];
    int64_t began_ms; /* boot clock */
};

/* By what an echo names the life that began with `start`: the first octets of BLAKE2b of "Muster
 * life" 00, start and identity. */
void life_name(const char *identity, const uint8_t start[START_SIZE], uint8_t name[LIFE_NAME_SIZE]);

/* That of a neighbour, as far as its presences tell. */
struct life {
    bool is_known;
    uint8_t start[START_SIZE];
    uint8_t name[LIFE_NAME_SIZE];
    int64_t age_ms;                     /* that its latest presence said */
    int64_t heard_ms;                   /* boot clock: when that was heard, */
    int64_t first_ms;                   /* and the first one */
    int64_t echoed_ms;                  /* when it was last echoed; INT64_MIN: never */
    int64_t proven_ms;                  /* the latest moment that it echoed; INT64_MIN: none */
    int64_t ahead_min_ms, ahead_max_ms; /* its age minus our boot clock */
    int64_t min_at_ms, max_at_ms;       /* boot clock: when that was so */
    bool has_max;                       /* measured two-way */
    bool knows_us; /* it has echoed a presence that echoed it: it has measured this handset */
};

/* A presence of that identity's life of `start` is heard for the first time. */
struct life life_begin(const char *identity, const uint8_t start[START_SIZE], int64_t age_ms,
                       int64_t boot_ms);

/* Another one: it was as old as `age_ms` at some time until now. */
void life_hear(struct life *life, int64_t age_ms, int64_t boot_ms);

/* At the age `age_ms` it echoed what this handset said at `said_ms` by the boot clock, and had
 * heard `held_ms` before. An echo of what cannot have been, or that does not fit to what was
 * measured before, begins the measuring anew. */
void life_echo(struct life *life, int64_t age_ms, int64_t said_ms, int64_t held_ms,
               int64_t boot_ms);

/* How long ago, at least and at most, it was `age_ms` old; false when that was not measured. A
 * negative time is still to come. */
struct ago {
    int64_t min_ms, max_ms;
};
bool life_ago(const struct life *life, int64_t age_ms, int64_t boot_ms, struct ago *ago);

/* Is its age measured two-way? */
bool life_is_measured(const struct life *life, int64_t boot_ms);

/* The latest moment, by our boot clock, at which it surely lived; INT64_MIN when none is known. A
 * recording, however long it was withheld, tells of no later one than that at which it was made. */
int64_t life_lived_ms(const struct life *life, int64_t boot_ms);

/* This handset's age now. */
int64_t own_age(const struct own_life *own, struct moment now);

/* --- The lives of one identity --- */

struct lives {
    struct life list[LIVES_EACH];
};

/* The life with that start, or NULL. */
const struct life *lives_find(const struct lives *lives, const uint8_t start[START_SIZE]);

/* Was a presence of that life and age, or of a greater one, heard before? */
bool lives_have_heard(const struct lives *lives, const struct presence *presence);

/* Does `presence` echo something that this handset said since its own start? Then it is no
 * recording from before that, whatever its clock says. */
bool presence_is_answer(const struct presence *presence, const struct own_life *own,
                        struct moment now);

/* The same, and was it said in the last `lately_ms`, as told by what it echoes and by how long it
 * says to have known that? */
bool presence_is_recent_answer(const struct presence *presence, const struct own_life *own,
                               int64_t lately_ms, struct moment now);

/* The latest moment, by our boot clock, of which any of them echoed something that was said then;
 * INT64_MIN: none has. */
int64_t lives_answered_ms(const struct lives *lives);

/* A presence of that identity was verified and is no repetition: its life is measured. A new life
 * takes the place of one that was not measured, or else was not heard for LIFE_ECHOED_MS, or else
 * of the one that came last: so two that live stay known, however many come. */
void lives_hear(struct lives *lives, const struct presence *presence, const struct own_life *own,
                struct moment now);

/* The latest moment, by our boot clock, up to which two of them surely lived; INT64_MIN when none
 * are known to have lived at once. Each of the two has echoed something that was said after the
 * other was first heard. The one life of a handset that restarted cannot, nor can a recording of
 * it, withheld or not. */
int64_t lives_were_two_ms(const struct lives *lives, int64_t boot_ms);

#endif
