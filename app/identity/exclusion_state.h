/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the members of a standard group are told of its exclusions: not whom, but which list of them
 * a key was drawn with. A member keeps the one of its last key, and refuses a key whose manager
 * does not know that list: a store that was restored or copied would let in again whom another one
 * has excluded.
 *
 *   1. A state stands for a list (manager/exclusions.h): the number of its last exclusion, and four
 *      octets of its hash. Two stores that have the same list give the same state.
 *   2. Each delivery names the states that its manager knows: that of its own list, those from
 *      before it, and those of other managers' lists that were joined into it.
 *   3. A member's state is known when it is among them, or when older ones were left out and its
 *      number is below all that were named: who has missed many keys is not locked out. All of one
 *      number are left out together, except where none would be left: then it is said that others
 *      of that number were left out, and they are taken for known. Where it is not said, another
 *      manager's list of the least number named is not.
 *
 * The hash tells lists of managers apart that mean well: what is told is signed by the manager
 * (epoch.h). On the wire: how many states (1; with 128 added when older ones were left out, and 64
 * when others of the least number were as well), then of each number (4) and hash (4). Builds from
 * before there were 64 read none with it, and take every list of the number for known where all
 * that are named are of one.
 */
#ifndef MUSTER_APP_IDENTITY_EXCLUSION_STATE_H
#define MUSTER_APP_IDENTITY_EXCLUSION_STATE_H

#include "crypto/bytes.h"

enum {
    EXCLUSION_NUMBER_MAX = 1 << 30, /* greater ones are read from nobody */
    EXCLUSION_TAG_SIZE = 4,
    EXCLUSION_STATE_SIZE = 4 + EXCLUSION_TAG_SIZE,
    EXCLUSION_STATES_MAX = 8,
    EXCLUSION_STATES_SIZE_LEAST = 1 + EXCLUSION_STATE_SIZE, /* of one */
    EXCLUSION_STATES_SIZE_MAX = 1 + EXCLUSION_STATES_MAX * EXCLUSION_STATE_SIZE
};

struct exclusion_state {
    uint32_t number; /* of the last exclusion; 0: nobody was ever excluded */
    uint8_t tag[EXCLUSION_TAG_SIZE];
};

struct exclusion_states {
    size_t count;
    bool is_cut;                                       /* older ones were left out */
    bool least_is_cut;                                 /* and others of the least number */
    struct exclusion_state list[EXCLUSION_STATES_MAX]; /* the highest number first; of those with
                                                        * the same one the latest */
};

/* Are they the same? Is `state` among `states`? */
bool exclusion_state_is(const struct exclusion_state *one, const struct exclusion_state *other);
bool exclusion_states_have(const struct exclusion_states *states,
                           const struct exclusion_state *state);

/* Does who names `states` know the list of `state`? */
bool exclusion_states_know(const struct exclusion_states *states,
                           const struct exclusion_state *state);

/* Adds a state that is not among them; those of the least number go when there are too many. */
void exclusion_states_add(struct exclusion_states *states, const struct exclusion_state *state);

/* Adds what others know, and that they left some out. */
void exclusion_states_join(struct exclusion_states *states, const struct exclusion_states *others);

/* Leaves out those up to `number`: every list of such a number is known from now on, as long as
 * there is a state of a greater one. */
void exclusion_states_leave_older(struct exclusion_states *states, uint32_t number);

/* As many of them as fit into `room` octets, those of the highest numbers. */
struct exclusion_states exclusion_states_cut(const struct exclusion_states *states, size_t room);

/* Codec. Reading fails as all reading does; STATUS_MALFORMED for what is out of order, too many, of
 * number 0, above EXCLUSION_NUMBER_MAX, or cut in a way that makes no sense. */
void exclusion_state_write(struct writer *out, const struct exclusion_state *state);
void exclusion_state_read(struct reader *in, struct exclusion_state *state);
void exclusion_states_write(struct writer *out, const struct exclusion_states *states);
MUST_CHECK enum status exclusion_states_read(struct reader *in, struct exclusion_states *states);

#endif
