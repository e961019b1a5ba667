/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which members without the key a group's creator goes on asking by itself, and when: who was not
 * reached, or with whom contact was lost, as soon as they are in reach; who is busy or cannot save
 * the key, and whose officer did not decide, some minutes later or when they come back. Ever less
 * often while that fails, and an officer only a few times. Who declined is not asked again, and
 * nobody whom the creator's officer stopped.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_PURSUIT_H
#define MUSTER_APP_HANDSET_KEYS_PURSUIT_H

#include "app/handset/d2d/parameters.h"
#include "app/moment.h"

enum {
    PURSUIT_LOOK_MS = 1000,       /* how often it is looked who is in reach */
    PURSUIT_WAIT_MS = 5000,       /* after the first failure; doubles up to the next */
    PURSUIT_WAIT_MAX_MS = 120000, /* while a member is in reach */
    PURSUIT_DECISION_MS = 180000, /* the same after it answered that it cannot take the key now */
    PURSUIT_DECISION_MAX_MS = 720000,
    PURSUIT_UNANSWERED_MAX = 3, /* how often an officer may leave the question open */
    PURSUIT_LOST_MAX = 3, /* so often contact may be lost while an officer is being asked; then that
                             is waited for as after a question left open, however it flaps */
};

/* Does the creator go on until this member has the key? */
bool pursuit_goes_on(const struct group_member *member);

/* Is the member to be asked again, once the time has come? It is not being asked now. */
bool pursuit_rests(const struct group_member *member);

/* The creator's officer wants the member asked: at once, and as often as if it were the first time.
 */
void pursuit_begin(struct group_member *member);

/* It has the key. */
void pursuit_end(struct group_member *member);

/* Asking failed just now, or was answered without a decision: the member's state says which. */
void pursuit_fail(struct group_member *member, struct moment now);

/* Looks whether a member that rests is to be asked again now; then it is WAITING. `is_near`: it is
 * in reach. Returns whether it is. */
bool pursuit_look(struct group_member *member, bool is_near, struct moment now);

#endif
