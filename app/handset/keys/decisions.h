/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What this handset's officer said to those who asked to join an ad-hoc group, until the key has
 * come. Asking again must not need the officer again: contact may be lost, and either handset may
 * restart, between the decision and the key. A decision stands for one proposal, octet by octet:
 * group identity, name, creator, GMK id, period of use, and everybody in the member list, but for
 * who came late after this handset: members are not asked whether somebody else may come. It lasts
 * as long as the key proposed would, and DECISION_LASTS_MS at most.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_DECISIONS_H
#define MUSTER_APP_HANDSET_KEYS_DECISIONS_H

#include "app/handset/d2d/parameters.h"
#include "app/handset/desk/desk.h"
#include "app/handset/keys/clock.h"

enum {
    DECISIONS_MAX = 16, /* the one that is over next is forgotten for one more */
    DECISION_LASTS_MS = 24 * 60 * 60 * 1000,
    DECISION_PROPOSAL_SIZE = 32, /* octets of what stands for a proposal */
};

enum decision_answer {
    DECISION_NONE = 0,
    DECISION_YES = 1,
    DECISION_NO = 2
};

struct decision {
    char group[GROUP_IDENTITY_SIZE];
    uint8_t proposal[DECISION_PROPOSAL_SIZE]; /* SHA-256 of the parameters as they are written */
    enum decision_answer answer;
    struct group_clock clock; /* the group's, as its creator said */
    int64_t until_ms;         /* by it */
};

struct decisions {
    struct desk *desk;
    size_t count;
    struct decision list[DECISIONS_MAX]; /* one for each group */
};

/* A RECORD_DECISION of the store, before the start. STATUS_TRUNCATED, STATUS_MALFORMED,
 * STATUS_NEWER_VERSION. */
MUST_CHECK enum status decisions_restore(struct decisions *decisions, struct span key,
                                         struct span value);

/* The officer decided about these parameters at `group_ms` in group time. It is queued to become
 * durable; what cannot be saved is remembered until a restart. */
void decisions_make(struct decisions *decisions, struct moment now,
                    const struct group_parameters *parameters, int64_t group_ms,
                    enum decision_answer answer);

/* What the officer said to these very parameters, if that still stands. `group_ms`: group time as
 * who proposes them now says; this handset's own idea of it may lag after a reboot. */
enum decision_answer decisions_find(const struct decisions *decisions, struct moment now,
                                    const struct group_parameters *parameters, int64_t group_ms);

/* Nothing was said about `group`. */
void decisions_forget(struct decisions *decisions, const char *group);

/* Do these two propose the very same to this handset? */
bool decisions_is_same(const struct decisions *decisions, const struct group_parameters *a,
                       const struct group_parameters *b);

#endif
