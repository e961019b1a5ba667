/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a new list of the revoked (desk/revoked.h) ends at once in all rooms, and an officer's word
 * that somebody is lost (identity/lost.h) in the same way. The keyring takes no
 * signature of theirs from then on; what was taken before goes here: talks that are heard, calls,
 * connections with all that was proposed or is being handed out over them. Their members in groups
 * are told of, since only a new key keeps them out.
 */
#ifndef MUSTER_APP_HANDSET_REVOKING_H
#define MUSTER_APP_HANDSET_REVOKING_H

#include "app/handset/air/revocations.h"
#include "app/handset/keys/distribution.h"
#include "app/handset/keys/import.h"
#include "app/handset/keys/management.h"
#include "app/handset/keys/offers.h"
#include "app/handset/talk/call.h"
#include "app/handset/talk/listening.h"
#include "app/handset/talk/messages.h"

struct revoking {
    struct desk *desk;
    struct revocations *revocations;
    struct roster *roster;
    struct connections *connections;
    struct groups *groups;
    struct management *management;
    struct offers *offers;
    struct listening *listening;
    struct call *call;
    struct distribution *distribution;
    struct messages *messages;
    uint64_t version, lost_version; /* of the lists that were acted on */
    bool is_told;                   /* the officer knows that this handset is revoked */
    bool leave_out_is_owed;  /* a group made here has a lost member, or it was not looked yet; */
    bool leave_out_is_again; /* that failed, and the officer was told; */
    int64_t leave_out_ms;    /* boot clock: when it is tried next (losing.h) */
    char one_more[IDENTITY_SIZE]; /* who is lost by the store, and had no room; or "" */
};

/* A record RECORD_LOST of the store, before the start. One more than LOST_MAX has room, as the own
 * identity may be among them until the start; further ones are left out, and the store opens all
 * the same. identity_check's errors. */
MUST_CHECK enum status revoking_restore_lost(struct revoking *revoking, const char *identity);

/* The handset starts: its officer is told where the list that it holds names it. That it was lost
 * itself, as another's handset, before it was enrolled with that identity, is forgotten. */
void revoking_start(struct revoking *revoking, struct moment now);

/* Acts on the list, or on whom the officer reported, if that is new. `is_import`: the list did not
 * come over the air. */
void revoking_look(struct revoking *revoking, struct moment now, bool is_import);

/* Does the command name somebody who is revoked or lost, to be given a key, to be called or to be
 * trusted? STATUS_REVOKED or STATUS_LOST, with EVENT_IS_REVOKED or EVENT_IS_LOST as the problem. */
MUST_CHECK enum status revoking_check(const struct revoking *revoking,
                                      const struct command *command, struct event *problem);

#endif
