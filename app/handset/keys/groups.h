/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The groups that this handset holds, each with its GMKs (group.h), and their records in the store.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_GROUPS_H
#define MUSTER_APP_HANDSET_KEYS_GROUPS_H

#include "app/handset/air/roster.h"
#include "app/handset/desk/desk.h"
#include "app/handset/keys/group.h"

struct groups {
    struct desk *desk;
    const struct roster *roster;
    size_t count;
    struct group *list[GROUPS_MAX];
    uint64_t version; /* another one whenever a group came, went or got another GMK or members: so
                       * others can tell that what they knew of groups may not hold any more */
};

/* Wipes and frees all groups. */
void groups_clear(struct groups *groups);

/* A RECORD_GROUP of the store, before the start. The errors of group_read and groups_add. */
MUST_CHECK enum status groups_restore(struct groups *groups, struct span value);

/* The group with that identity, or NULL. */
struct group *groups_find(const struct groups *groups, const char *identity);

/* The group with that identity, if it has a GMK (current, previous or waiting) with that id, and
 * the GMK; NULL when it has not. Group and id together name a key: anybody may give the id of one
 * group's key to another group's. */
struct group *groups_gmk(const struct groups *groups, const char *identity, uint32_t gmk_id,
                         const struct gmk **gmk);

/* The first group that has a GMK with that id, and the GMK; NULL when none has. It says no more
 * than that a message without a group identity may be under a key that is held. */
struct group *groups_any_gmk(const struct groups *groups, uint32_t gmk_id, const struct gmk **gmk);

/* Adds `group`, which is owned from now on. STATUS_TOO_LONG when there are GROUPS_MAX. */
MUST_CHECK enum status groups_add(struct groups *groups, struct group *group);

/* A copy of `group` with its secrets. The caller frees it. STATUS_NO_MEMORY. */
MUST_CHECK enum status group_copy(const struct group *group, struct group **copy);

/* Queues the record of `group` to be made durable. On failure the caller must undo its change.
 * STATUS_NO_MEMORY. */
MUST_CHECK enum status groups_save(struct groups *groups, const struct group *group);

/* Puts `replacement` in the place of `group`, which is freed. */
void groups_replace(struct groups *groups, struct group *group, struct group *replacement);

/* A group with a key that came from another handset: queues its record to be made durable, and then
 * takes it in place of `held`, or adds it where that is NULL. On success it is owned; on failure
 * nothing has changed and the caller frees it. */
MUST_CHECK enum status groups_keep(struct groups *groups, struct group *held, struct group *group);

/* `member`, who came late, belongs to `group` from now on. Its record is queued to become durable,
 * or where that fails goes with the minute's: a word does not wait for it. STATUS_TOO_LONG when the
 * group has no room: nothing changed. */
MUST_CHECK enum status groups_admit(struct groups *groups, struct group *group,
                                    const struct group_member *member);

/* Takes `group` out and frees it. */
void groups_remove(struct groups *groups, struct group *group);

/* Is `identity` on the list of an ad-hoc group that is held? */
bool groups_share(const struct groups *groups, const char *identity);

/* The name known for an identity (desk/names.h), or else the one under which this handset made a
 * group with it. What other creators call it in their lists counts in their groups alone. */
struct name groups_name_of(const struct groups *groups, const char *identity);

/* The name of a member of that group: what this officer or the KMS calls it, or else the one in the
 * group's list, which this officer accepted; or what it calls itself. */
struct name groups_name_in(const struct groups *groups, const char *identity, const char *group);

/* The same into a row of the view. An empty `group` is none. */
void groups_show_name(const struct groups *groups, const char *identity, const char *group,
                      char out[OFFICER_NAME_SIZE], enum name_kind *kind);

/* An event about somebody in that group, which may be none or gone, under that name. */
struct event groups_event(const struct groups *groups, enum event_kind kind, const char *identity,
                          const char *group);

#endif
