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
 *      number are left out together, except where none would be left: then what is named is of one
 *      number, and others of that number are taken for known.
 *
 * The hash tells lists of managers apart that mean well: what is told is signed by the manager
 * (epoch.h). On the wire: how many states (1; with 128 added when older ones were left out), then
 * of each number (4) and hash (4).
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

/* As many of them as fit into `room` octets, those of the highest numbers. */
struct exclusion_states exclusion_states_cut(const struct exclusion_states *states, size_t room);

/* Codec. Reading fails as all reading does; STATUS_MALFORMED for what is out of order, too many, of
 * number 0, or above EXCLUSION_NUMBER_MAX. */
void exclusion_state_write(struct writer *out, const struct exclusion_state *state);
void exclusion_state_read(struct reader *in, struct exclusion_state *state);
void exclusion_states_write(struct writer *out, const struct exclusion_states *states);
MUST_CHECK enum status exclusion_states_read(struct reader *in, struct exclusion_states *states);

#endif
