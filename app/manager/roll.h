/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The roll: who belongs to a standard group, as its manager keeps it (6.X.3.3.2.2), and which GMK
 * each member has. Thousands of members, in the order of their identities.
 */
#ifndef MUSTER_APP_MANAGER_ROLL_H
#define MUSTER_APP_MANAGER_ROLL_H

#include "app/identity/display_name.h"
#include "crypto/identifier.h"

enum {
    ROLL_MEMBERS_MAX = 100000,
    ROLL_MEMBER_OCTETS_MAX = 4 + DISPLAY_NAME_MAX + 4 + 4 /* of a member's record */
};

struct roll_member {
    char identity[IDENTITY_SIZE];
    char name[DISPLAY_NAME_SIZE]; /* as the member list has it; may be empty */
    bool is_excluded;             /* gets no keys until it is let in again */
    uint32_t sent_id;             /* GMK id of the last delivery that a path took; 0: none */
    uint32_t received_id;         /* GMK id of the member's last receipt; 0: none */
    bool is_due_again;            /* should get the GMK although it was sent already */
};

struct roll {
    struct roll_member *members;
    size_t count, room;
};

/* Frees what it holds; it is empty then. */
void roll_clear(struct roll *roll);

/* The member with that identity, or NULL. Valid until the roll changes. */
struct roll_member *roll_find(const struct roll *roll, const char *identity);

/* Adds a member. STATUS_ALREADY_DONE when its identity is in the roll, STATUS_TOO_LONG beyond
 * ROLL_MEMBERS_MAX, STATUS_NO_MEMORY. */
MUST_CHECK enum status roll_add(struct roll *roll, const struct roll_member *member);

/* The same for many, in any order: append them without regard to the rest of the roll, then put the
 * roll in order. Until then nothing can be found. roll_settle: STATUS_ALREADY_DONE when an identity
 * is there twice; *twice is that member. */
MUST_CHECK enum status roll_append(struct roll *roll, const struct roll_member *member);
MUST_CHECK enum status roll_settle(struct roll *roll, const struct roll_member **twice);

/* Removes the member, which is one of the roll's. */
void roll_remove(struct roll *roll, struct roll_member *member);

/* Codec of a member's record, whose key has the identity. Reading: STATUS_TRUNCATED,
 * STATUS_MALFORMED (also for a name that cannot be shown), STATUS_NEWER_VERSION; *member is then
 * zeroed; otherwise it is filled in but for its identity. */
void roll_member_write(const struct roll_member *member, struct writer *out);
MUST_CHECK enum status roll_member_read(struct span octets, struct roll_member *member);

#endif
