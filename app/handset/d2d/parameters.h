/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parameters of an ad-hoc group, as its creator proposes them over a D2D connection and its
 * members hold them (6.X.3.3.3.3 step 5): identity, name, GMK id, period of use, member list.
 */
#ifndef MUSTER_APP_HANDSET_D2D_PARAMETERS_H
#define MUSTER_APP_HANDSET_D2D_PARAMETERS_H

#include "app/handset/view.h"
#include "app/identity/display_name.h"
#include "crypto/identifier.h"

struct group_member {
    char identity[IDENTITY_SIZE];
    char kms[IDENTITY_SIZE]; /* the domain that the identity belongs to */
    char name[DISPLAY_NAME_SIZE];
    bool no_emergency;        /* the creator's word: it may raise none in this group */
    unsigned listed_in;       /* number of the list that it came with; 0: it was in the first one */
    enum member_state state;  /* as the creator knows it; MEMBER_UNKNOWN elsewhere */
    enum event_reason reason; /* and why it is so; the other two as in struct view_member */
    int64_t reason_limit_ms;
    const char *reason_check;
    unsigned unanswered; /* how often its officer was asked for this key and did not decide */
    /* The creator's alone, and forgotten by a restart (keys/pursuit.h). Boot clock. */
    bool is_asked_again;   /* by this handset, and not because its officer says so */
    bool is_away;          /* not in reach when looked for last */
    unsigned lost_asked;   /* how often contact was lost while its officer was being asked */
    int64_t again_ms;      /* not asked again before */
    int64_t again_wait_ms; /* how long after the last time that is */
    bool may_be_two;       /* two devices may answer to it: the creator's officer said so */
    unsigned told;         /* the creator's: number of the latest list that the member surely has */
    int64_t talked_ms;     /* group time up to which no announcement of this talker is acted on
                            * (invitation.h); in records from before heard.h, of the last that was */
};

/* The parameters that make a GMK's group: what the creator proposes and the officer accepts. */
struct group_parameters {
    char identity[GROUP_IDENTITY_SIZE];
    char name[DISPLAY_NAME_SIZE];
    char creator[IDENTITY_SIZE];
    uint32_t gmk_id;
    int64_t created_ms;   /* group time: the period of use begins */
    int64_t period_ms;    /* and how long it lasts */
    unsigned list_number; /* how many came late to this GMK: each makes a list of the next number */
    size_t member_count;
    struct group_member members[ADHOC_MEMBERS_MAX]; /* the creator among them */
};

/* The member with that identity, or NULL; to read, or to change. */
const struct group_member *group_listed(const struct group_parameters *parameters,
                                        const char *identity);
struct group_member *group_member(struct group_parameters *parameters, const char *identity);

/* The member whose identity is `identity` came late: after which list? 0: it is none of those. */
unsigned group_listed_in(const struct group_parameters *parameters, const char *identity);

/* Is there a member with that identity and domain? */
bool group_lists(const struct group_parameters *parameters, const char *identity, const char *kms);

/* Why the member does not have the key, or REASON_NONE; without a limit and a check. */
void group_member_excuse(struct group_member *member, enum event_reason reason);

/* A member as the view shows it to the one whose identity is `self`. */
void group_member_show(const struct group_member *member, const char *self,
                       struct view_member *row);

/* Codec of the parameters, as they stand in records and in a D2D proposal. Reading checks every
 * identity, the count, and that nobody is listed twice; it leaves state, reason and talked_ms at
 * zero. */
void group_parameters_write(struct writer *out, const struct group_parameters *parameters);
MUST_CHECK enum status group_parameters_read(struct reader *in,
                                             struct group_parameters *parameters);

/* May that identity raise an emergency, or have a priority over others? Every member may unless the
 * creator's list says that it may not. */
bool group_may_raise(const struct group_parameters *parameters, const char *identity);

/* Does the list say that of anybody? */
bool group_takes_rights(const struct group_parameters *parameters);

/* With which list a member came, and its right, in one octet. */
uint8_t group_listing(const struct group_member *member);
void group_take_listing(struct group_member *member, uint8_t listing);

/* Codec of the list's number, who came with which, and who may raise no emergency, which follow the
 * parameters. Where they are left out all are of the first list and all may. Reading fails where
 * they cannot be. */
void group_latecomers_write(struct writer *out, const struct group_parameters *parameters);
MUST_CHECK enum status group_latecomers_read(struct reader *in,
                                             struct group_parameters *parameters);

#endif
