/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the engine's rooms share: one handset's whole state. Internal to app/handset.
 */
#ifndef MUSTER_APP_HANDSET_HANDSET_H
#define MUSTER_APP_HANDSET_HANDSET_H

#include "app/handset/call.h"
#include "app/handset/connection.h"
#include "app/handset/engine.h"
#include "app/handset/frame.h"
#include "app/handset/group.h"
#include "app/handset/import.h"
#include "app/handset/journal.h"
#include "app/handset/keyring.h"
#include "app/handset/limiter.h"
#include "app/handset/link.h"
#include "app/handset/listening.h"
#include "app/handset/management.h"
#include "app/handset/outbox.h"
#include "app/handset/receipt.h"
#include "app/handset/relay.h"
#include "app/handset/roster.h"
#include "app/handset/seen.h"
#include "app/handset/talk.h"

/* The record of a setting that holds the officer's own display name. */
#define SETTING_NAME "name"

struct handset {
    struct entropy entropy;
    struct keyring keyring;
    struct outbox outbox;
    struct journal journal;
    struct roster roster;
    /* By address, and apart, so that a flood of one kind does not stop the others. */
    struct limiter presence_limiter, opening_limiter, announcement_limiter, delivery_limiter;
    /* By the neighbour that a message from a neighbour's address claims to be of. */
    struct limiter presence_claim_limiter, opening_claim_limiter, delivery_claim_limiter;
    struct limiter decapsulation_limiter, talk_limiter; /* by verified identity */
    struct limiter relay_limiter;                       /* by address: what is passed on */
    struct seen presences; /* presences acted on, without their signatures: those have two forms */
    struct seen frames;    /* frames handled, by their identities (frame.h) */
    struct seen invitations; /* I_MESSAGEs whose connection was established, by its id */
    struct group *groups[GROUPS_MAX];
    size_t group_count;
    struct connection *connections[CONNECTIONS_MAX];
    struct secret *record_room; /* where one record is opened at a time: locking memory for each
                                 * frame would let forged ones cost much */
    struct talk talk;
    struct listening listening;
    struct call call;
    struct receipts receipts;
    struct management management;
    struct handset_links links;
    struct relay *relay; /* NULL: with one link on which all hear all, nothing is passed on */
    struct import import;
    char name[DISPLAY_NAME_SIZE];
    bool radio_silence;
    bool airplane;
    bool started;
    int64_t presence_due_ms; /* boot clock */
    int64_t presence_said_ms;
    int64_t opening_due_ms;
    int64_t clock_save_due_ms;
    uint64_t last_invitation;   /* number of the latest one */
    struct topic_key topic_key; /* of the credential's domain, from the start on */
    uint64_t topics_version;
    uint64_t version; /* of what the view shows, but for the journal's */
    struct view *view;
};

/* The handset's own identity and KMS URI. */
const char *own_identity(const struct handset *handset);
const char *own_kms(const struct handset *handset);

/* May the signature of a message be checked that came from `peer` and claims to be of `identity`?
 * Both can be forged. What claims to be a neighbour's and comes from its address has a budget of
 * its own besides the address's, so that a flood that forges one of the two does not keep it out.
 */
bool handset_may_verify(const struct handset *handset, struct moment now, struct limiter *by_peer,
                        struct limiter *by_claim, uint64_t peer, const char *identity);

/* Queues a frame of `kind` with `payload` for `peer`. */
void handset_send(struct handset *handset, uint64_t peer, enum frame_kind kind,
                  struct span payload);

/* The same under `topic` as well, for those who hear that over a broker; where `is_kept`, the
 * newest frame waits there for who is not there now. NULL: for those nearby alone. */
void handset_send_under(struct handset *handset, uint64_t peer, enum frame_kind kind,
                        struct span payload, const char *topic, bool is_kept);

/* To everyone in a group, nearby and under the group's topic. */
void handset_send_to_group(struct handset *handset, const char *group, enum frame_kind kind,
                           struct span payload);

/* Queues one record to be made durable: `value` under `key`, or nothing any more when it is NULL.
 */
MUST_CHECK enum status handset_save_record(struct handset *handset, enum record_kind kind,
                                           const char *key, const struct span *value);

/* Queues the record of `group` to be made durable. On failure the caller must undo its change. */
MUST_CHECK enum status handset_save_group(struct handset *handset, const struct group *group);

/* The group with that identity, or NULL. */
struct group *handset_group(const struct handset *handset, const char *identity);

/* The group that has a GMK (current, previous or waiting) with that id, and the GMK; NULL when none
 * has. */
struct group *handset_gmk(const struct handset *handset, uint32_t gmk_id, const struct gmk **gmk);

/* Adds `group`, which the handset owns from now on. STATUS_TOO_LONG when there are GROUPS_MAX. */
MUST_CHECK enum status handset_add_group(struct handset *handset, struct group *group);

/* A copy of `group` with its secrets. The caller frees it. */
MUST_CHECK enum status handset_copy_group(const struct group *group, struct group **copy);

/* Puts `replacement` in the place of `group`, which is freed. */
void handset_replace_group(struct handset *handset, struct group *group, struct group *replacement);

/* A group with a key that came from another handset: queues its record to be made durable, and then
 * takes it in place of `held`, or adds it where that is NULL. On success the handset owns `group`;
 * on failure nothing has changed and the caller frees it. */
MUST_CHECK enum status handset_keep_group(struct handset *handset, struct group *held,
                                          struct group *group);

/* Takes `group` out and frees it. */
void handset_remove_group(struct handset *handset, struct group *group);

/* A line for the officer: into the log, and out as an OUTPUT_TELL. */
void handset_tell(struct handset *handset, struct moment now, enum tell_kind kind,
                  enum log_weight weight, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* A message was refused: counts, logs which check failed, and tells. `what` names the message. */
void handset_refuse(struct handset *handset, struct moment now, const char *what,
                    enum status status);

/* A random 32-bit number that is not 0. STATUS_LIBRARY_FAILED without randomness. */
MUST_CHECK enum status handset_draw_u32(const struct handset *handset, uint32_t *number);

/* A member as the view shows it. */
void handset_show_member(const struct handset *handset, const struct group_member *member,
                         struct view_member *row);

/* The display name known for an identity: its own word (own, nearby, or when this handset made a
 * group with it), or "". What other creators call it in their lists is no proof of a name. */
const char *handset_name_of(const struct handset *handset, const char *identity);

#endif
