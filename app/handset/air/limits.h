/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What others may make this handset spend (app/README.md section 5, 9): budgets for each kind of
 * message, apart, so that a flood of one kind does not stop the others.
 */
#ifndef MUSTER_APP_HANDSET_AIR_LIMITS_H
#define MUSTER_APP_HANDSET_AIR_LIMITS_H

#include "app/handset/air/limiter.h"
#include "app/handset/air/roster.h"

enum {
    REPETITION_MILLI = 50, /* what opening a session again costs, of a limiter's 1000 */
};

/* Signature checks on messages that name who sent them. Both the address and the name can be
 * forged: what claims to be a neighbour's and comes from its address has a budget of its own
 * besides the address's, so that a flood that forges one of the two does not keep it out. */
struct budget {
    struct limiter by_peer, by_claim;
};

struct limits {
    const struct roster *roster;
    struct budget presence, opening, delivery;
    struct budget announcement;   /* those that were not genuine, under a held key */
    struct limiter talker;        /* by verified identity: those that were; also the own ones */
    struct limiter repetition;    /* by address: those that were genuine before */
    struct limiter overheard;     /* by address: announcements of others' groups, for a relay */
    struct limiter decapsulation; /* by verified identity */
    struct limiter relay;         /* by address: what is passed on */
    struct limiter explanation;   /* by claimed identity */
};

/* Fills all budgets; to be called once. `roster` outlives them. */
void limits_start(struct limits *limits, const struct roster *roster, int64_t boot_ms);

/* May the signature of a message be checked that came from `peer` and claims to be of `identity`?
 * If so it is paid for from `budget`, one of those above. */
bool limits_allow_claim(const struct limits *limits, struct budget *budget, struct moment now,
                        uint64_t peer, const char *identity);

/* May `peer` cause `cost` units of work, by `limiter`? If so they are paid for. */
bool limits_allow_peer(const struct limits *limits, struct limiter *limiter, struct moment now,
                       uint64_t peer, int64_t cost);

/* May the signature of an announcement be checked that came from `peer`, is made with a held key
 * and claims to be of `talker`? Nothing is paid until it is known who pays: limits_checked_talker.
 * A genuine one is paid for by its talker, of whom it is more than anybody presses; a forged one by
 * its address. So no forger takes a word from a talker elsewhere, and no press from another. */
bool limits_may_check_talker(struct limits *limits, struct moment now, uint64_t peer,
                             const char *talker);

/* It was checked. */
void limits_checked_talker(struct limits *limits, struct moment now, uint64_t peer,
                           const char *talker, bool is_genuine);

/* May what such an announcement says be acted on once more, which `peer` sends? Anybody can repeat
 * it, so the address pays and not the talker. `is_checked`: its signature is to be checked again.
 */
bool limits_allow_repetition(struct limits *limits, struct moment now, uint64_t peer,
                             bool is_checked);

/* This handset's own: may it begin to talk? As its listeners see it: `own` is its identity. Each
 * announcement counts, those of renewals too. */
bool limits_may_talk(struct limits *limits, struct moment now, const char *own);
void limits_announced(struct limits *limits, struct moment now, const char *own);

/* What keyring_explain says of a signature that did not verify at `now`. That has a budget of its
 * own: where it is spent, and for every other `status` than STATUS_SIGNATURE_INVALID, `status` it
 * is. */
MUST_CHECK enum status limits_explain(struct limits *limits, enum status status,
                                      const struct keyring *keyring, const char *identity,
                                      struct moment now, struct span message,
                                      const uint8_t signature[ECCSI_SIGNATURE_SIZE]);

#endif
