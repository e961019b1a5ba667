/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The asked side of ad-hoc GMK distribution (6.X.3.3.3.3 step 5): a group was proposed by a
 * verified identity; its parameters are checked, the officer decides, and the GMK is stored before
 * the receipt is given. A proposal never touches a group that is not the proposer's own ad-hoc
 * group.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_INVITATION_H
#define MUSTER_APP_HANDSET_KEYS_INVITATION_H

#include "app/handset/d2d/proposal.h"
#include "app/handset/d2d/rings.h"
#include "app/handset/desk/settings.h"
#include "app/handset/keys/decisions.h"
#include "app/handset/keys/groups.h"

enum {
    INVITATIONS_EACH_MAX = 6,   /* so often somebody may invite unanswered (rings.h) */
    JOINING_TOLERANCE_MS = 3000 /* who joins hears what was announced so long before, not older */
};

struct invitation {
    struct desk *desk;
    struct connections *connections;
    struct groups *groups;
    const struct settings *settings;
    /* Is there anything in the group of that list because of which its officer is asked: an
     * emergency, messages that nobody has read, which go with their key, or a report that
     * another on the list is lost? */
    bool (*is_for_officer)(const void *owner, const struct group_parameters *proposed);
    const void *owner;
    struct decisions decisions;
    struct rings rings;
    struct connection_use use;
};

/* Its connections are served from now on. */
void invitation_serve(struct invitation *invitation);

/* May `proposer`, of the domain `proposer_kms`, propose these parameters to this handset?
 * `group_now_ms` is the group's time as the proposer says. STATUS_KEY_ID_WRONG_SPACE,
 * STATUS_GROUP_IDENTITY_WRONG, STATUS_NOT_A_MEMBER, STATUS_PERIOD_TOO_LONG, STATUS_GMK_EXPIRED,
 * STATUS_GMK_NOT_YET, STATUS_REPLAYED (older than the GMK held), STATUS_MALFORMED (a GMK id that
 * stands for something else here). */
MUST_CHECK enum status invitation_check(const struct invitation *invitation, const char *proposer,
                                        const char *proposer_kms,
                                        const struct group_parameters *parameters,
                                        int64_t group_now_ms);

/* The officer accepted the group that `connection` proposes: the answer is given to the next poll.
 * It stands for whatever connection the same is proposed over, until the key has come
 * (decisions.h). False when it proposes something else. */
bool invitation_accept(struct invitation *invitation, struct moment now,
                       struct connection *connection);

/* The officer declined what `connection` proposes, if that is a group. The same is declined without
 * asking when the creator's handset proposes it again by itself. */
void invitation_decline(struct invitation *invitation, struct moment now,
                        struct connection *connection);

/* The officer deleted `group`: a key for it that was accepted and is still to come is declined. */
void invitation_renounce(struct invitation *invitation, const char *group);

/* Fills in what the view shows of the group that `connection` proposes, if it proposes one. */
void invitation_show(const struct invitation *invitation, struct moment now,
                     const struct connection *connection, struct view_invitation *row);

#endif
