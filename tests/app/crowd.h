/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A crowd: up to thousands of handset engines that all hear each other, in virtual time, with the
 * model of a crypto module (tests/sim/provider_model.h). Identities form ad-hoc groups of
 * CROWD_GROUP, one after the other, whose keys they hold from the beginning; the last two of each
 * are latecomers, of whom not all heard in the same order. A seed makes a crowd that replays
 * exactly. Everything said on the air is counted, by kind, and so are the signatures
 * that each engine checks and the time that it takes.
 *
 * Of thousands only the first CROWD_EARS hear all. The others, which nobody looks at, hear what
 * decides how often they speak themselves: all that is said in their own group, and by whom they
 * trust, questions by name, how many handsets there are, and one presence in CROWD_HEARD_EACH.
 */
#ifndef MUSTER_TESTS_APP_CROWD_H
#define MUSTER_TESTS_APP_CROWD_H

#include "app/handset/handset.h"

enum {
    CROWD_GROUP = 8,
    CROWD_KINDS = 16,
    CROWD_STEP_MS = 20,
    CROWD_HEARD_EACH = 20,
    CROWD_ALL_EARS = 240, /* as many all hear all; of more only */
    CROWD_EARS = 64,
};

struct crowd_flight {
    int64_t arrives_ms;
    size_t from, length;
    uint8_t *octets;
};

struct crowd_handset {
    struct crowd *crowd;
    struct handset *engine; /* NULL: it is off */
    int64_t deadline_ms;
    uint64_t verified; /* signatures checked */
    int64_t spent_ns;
    size_t trusted; /* whom its officer trusts; its own number: nobody */
    bool *heard;    /* of each other, where it does not hear all; and how many */
    size_t near;
};

struct crowd {
    int64_t boot_ms;
    uint64_t random;
    unsigned loss_percent;
    const uint8_t *near_of; /* the presence that is being heard, and what it says */
    size_t near;
    char said_by[IDENTITY_SIZE];
    bool is_timed; /* the time that engines take is measured */
    size_t count, ears, flight_count, flight_room;
    struct crowd_handset *handsets;
    struct crowd_flight *flights;
    uint64_t frames[CROWD_KINDS], octets[CROWD_KINDS]; /* said, by kind */
};

/* `count` handsets that are off. */
struct crowd *crowd_new(size_t count, uint64_t seed);
void crowd_free(struct crowd *crowd);

/* The identity of the n-th, which is a member of group n / CROWD_GROUP. */
void crowd_identity(size_t n, char identity[IDENTITY_SIZE]);

struct moment crowd_now(const struct crowd *crowd);
unsigned crowd_draw(struct crowd *crowd, unsigned below);

/* Switches the n-th on, with the group's key and, if it is one, a mark on identity `trusted`; or
 * off. */
void crowd_on(struct crowd *crowd, size_t n, const size_t *trusted);
void crowd_off(struct crowd *crowd, size_t n);

/* Lets time pass. */
void crowd_run(struct crowd *crowd, int64_t ms);

/* A crowd of `count` that came one after the other, and had half a minute since. */
struct crowd *crowd_gather(size_t count);

/* The officer of the n-th looks `other` up. */
void crowd_look_up(struct crowd *crowd, size_t n, size_t other);

/* Does the n-th have `other` as one in reach? */
bool crowd_has(const struct crowd *crowd, size_t n, size_t other);

/* The n-th has never heard of `identity`. */
void crowd_forget(struct crowd *crowd, size_t n, const char *identity);

/* `octets` arrive at the n-th as if said by `from`. */
void crowd_inject(struct crowd *crowd, size_t n, size_t from, struct span octets);

/* All that was said so far, in octets. */
uint64_t crowd_said(const struct crowd *crowd);

#endif
