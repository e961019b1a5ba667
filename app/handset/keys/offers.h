/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The creator's side of ad-hoc GMK distribution over the air (6.X.3.3.3.3 steps 5 and 6): one D2D
 * connection for each member who waits, the GMK for those whose officers accept, the account of
 * each member, and trying again by itself (pursuit.h). Who the members are is distribution.h's
 * affair.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_OFFERS_H
#define MUSTER_APP_HANDSET_KEYS_OFFERS_H

#include "app/handset/d2d/connection.h"
#include "app/handset/keys/groups.h"

enum {
    OFFERS_SPACING_MS = 20
}; /* between two openings: each costs several milliseconds */

struct offers {
    struct desk *desk;
    const struct roster *roster;
    struct connections *connections;
    struct groups *groups;
    struct connection_use use;
    int64_t opening_due_ms; /* boot clock, as the other */
    int64_t look_due_ms;
};

/* Its connections are served from now on. */
void offers_serve(struct offers *offers);

/* Stops asking for `group`, all of its members or only `member` where that is not NULL: closes the
 * connections. Nobody is marked. */
void offers_stop(struct offers *offers, struct moment now, const char *group, const char *member);

/* After a restart: members who were being asked then are asked again once they are in reach. */
void offers_resume(struct offers *offers);

/* Radio silence or airplane mode begins: nobody is asked until it ends, and the members concerned
 * are UNREACHABLE. */
void offers_silence(struct offers *offers, struct moment now);

/* Members who are revoked, or lost, are asked no more: they are CANCELLED. */
void offers_withhold(struct offers *offers, struct moment now);

/* Opens a connection to `member` of `group`, to hand it the current GMK. STATUS_NO_MEMORY, and the
 * errors of connection_open. */
MUST_CHECK enum status offers_open(struct offers *offers, struct moment now,
                                   const struct group *group, const struct group_member *member);

/* Opens the next connection, if a member waits for one; looks who is to be asked again. */
void offers_tick(struct offers *offers, struct moment now);
int64_t offers_deadline(const struct offers *offers);

#endif
