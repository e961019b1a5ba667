/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the managers of a group share: the epoch of its last key, who is excluded, and which lists
 * of exclusions members were told of. It goes from one to the other in a file, and stands at the
 * broker, where it is replaced by compare and set, so that of two managers who draw a key at once
 * one is first, and a store that was restored from a backup, or copied, learns that it is behind
 * before it draws a key for somebody whom another one has excluded.
 *
 * It is signed by the manager that wrote it, with its own keys and its certificate
 * (identity/epoch.h). Not in it: the GMK, and names (exclusions.h).
 *
 * Where the KMS's log ended stands in it as well, by the latest bundle that any of the managers has
 * (identity/log_head.h): a witness that neither the KMS nor one handset alone keeps.
 *
 * On the wire: version (1), the manager's certificate, then the moment of writing (8), the key's
 * counter (8), GMK id (4), date (8), begin and end of its use (8 each), the exclusions, the states
 * of the lists that members were told of and the end of the KMS's log (not in version 1), and the
 * signature (129), which is over "Muster group state" 00, the KMS's URI and the group identity,
 * each with its length before it in one octet, and all that stands before it.
 */
#ifndef MUSTER_APP_MANAGER_GROUP_STATE_H
#define MUSTER_APP_MANAGER_GROUP_STATE_H

#include "app/manager/managed_group.h"

enum {
    GROUP_STATE_MAX = 1 + MANAGER_CERTIFICATE_SIZE + 8 + 8 + 4 + 3 * 8 + EXCLUSIONS_SIZE_MAX +
                      EXCLUSION_STATES_SIZE_MAX + LOG_HEAD_SIZE_MAX + ECCSI_SIGNATURE_SIZE
};

struct group_state {
    uint64_t term;      /* of the manager that wrote it */
    struct rekey rekey; /* the last key; without the GMK */
    struct exclusions exclusions;
    struct exclusion_states known;
    struct log_head log; /* of the KMS; number 0: nothing is said of it */
};

/* Appends the group's state, at most GROUP_STATE_MAX octets, signed at `now_ms`. STATUS_NOT_FOUND
 * without keys of the group identity for this month, STATUS_KEY_INVALID without the manager's own;
 * the provider's errors. */
MUST_CHECK enum status group_state_write(const struct managed_group *group, int64_t now_ms,
                                         const struct entropy *entropy, struct writer *out);

/* Reads a state of the group and verifies it. STATUS_TRUNCATED, STATUS_MALFORMED,
 * STATUS_NEWER_VERSION, STATUS_MANAGER_UNCERTIFIED when no manager of the group says so; errors of
 * manager_certificate_verify. */
MUST_CHECK enum status group_state_read(const struct managed_group *group, struct span octets,
                                        struct group_state *state);

/* The end of the KMS's log as far as it is known here: by this group's bundles, or by the states of
 * others that were looked at. */
struct log_head group_state_log(const struct managed_group *group);

/* Notes what `state` says of that log; false when it says that it is another log than this group's
 * bundles do. */
MUST_CHECK bool group_state_note_log(struct managed_group *group, const struct group_state *state);

/* How a group stands to its state at the broker. */
enum group_standing {
    GROUP_AGREES,   /* they say the same */
    GROUP_IS_AHEAD, /* the group has what is to be written there */
    GROUP_IS_BEHIND,
    GROUP_IS_REPLACED /* a manager of a later term has written it */
};

/* `state` is NULL where there is none. Wants keys of the group identity for this month: without
 * them any state is one of a later term. What a manager of an earlier term writes once one of this
 * term has written counts no more. */
enum group_standing group_state_compare(const struct managed_group *group, int64_t now_ms,
                                        const struct group_state *state);

/* The group and its state agree from now on. Errors of batch_put. */
MUST_CHECK enum status group_state_agreed(struct managed_group *group, int64_t now_ms,
                                          struct batch *batch);

/* The group takes over what it did not know of its state at the broker: exclusions are joined, and
 * its last key is the state's, whose GMK nobody here has, so that a new one is to be drawn. Members
 * are marked by managed_group_mark, which the caller calls for each. STATUS_TOO_LONG; errors of
 * batch_put. */
MUST_CHECK enum status group_state_join(struct managed_group *group, int64_t now_ms,
                                        const struct group_state *state, struct batch *batch);

/* The same of a state that came another way, from a manager of this term or an earlier one;
 * *is_news tells whether it had anything that was not known. Where neither list includes the other,
 * the exclusions of this group get numbers above theirs.
 * Once a key of this group's own term was drawn, one of an earlier term lets nobody in: who is
 * excluded stays so, and those whom it excludes are as well. STATUS_NO_MEMORY;
 * STATUS_TERM_OVER, and nothing has changed, when one of a later term was taken before. */
MUST_CHECK enum status group_state_take(struct managed_group *group, int64_t now_ms,
                                        const struct group_state *state, struct batch *batch,
                                        bool *is_news);

#endif
