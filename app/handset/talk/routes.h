/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was found of the ways that talkers' voices take, from one talk to the next: the second press
 * on a bad link begins with the delay that the first one showed to be needed.
 */
#ifndef MUSTER_APP_HANDSET_TALK_ROUTES_H
#define MUSTER_APP_HANDSET_TALK_ROUTES_H

#include "app/handset/view.h"
#include "app/moment.h"
#include "app/voice/voice.h"
#include "crypto/identifier.h"

enum {
    ROUTES_MAX = 32,                 /* more talkers than are heard at once */
    ROUTES_KEPT_MS = 10 * 60 * 1000, /* since the last talk began; links change */
};

struct route {
    char talker[IDENTITY_SIZE]; /* empty: free */
    int64_t used_ms;            /* boot clock */
    unsigned receivers;         /* that go by it now: so long it is nobody else's */
    struct voice_route way;
};

struct routes {
    struct route list[ROUTES_MAX];
};

/* A receiver for a talk of `talker`, verified, that goes by what is known and adds to it: by
 * *route, or, where all are gone by, by nothing, and *route is NULL. The caller frees it, then
 * closes *route, and *routes lives longer. The errors of voice_receiver_new; *route is NULL then.
 */
MUST_CHECK enum status routes_open(struct routes *routes, const char *talker, struct moment now,
                                   struct voice_receiver **out, struct route **route);

/* Its receiver is freed. `route` may be NULL. */
void routes_close(struct route *route);

/* What `receiver` found, into the talker's row. */
void routes_show(const struct voice_receiver *receiver, struct view_talker *row);

#endif
