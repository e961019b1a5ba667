/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often others may ask for the officer's attention, by a call, an invitation, an emergency:
 * whoever did a few times and was not answered is quieted for a while, and the officer told so once
 * (app/README.md section 5, 9: the officer's attention is worth more than a signature check). Who
 * goes on after that is quieted for longer. All whom the officer does not know share so many, since
 * somebody may have many identities.
 */
#ifndef MUSTER_APP_HANDSET_D2D_RINGS_H
#define MUSTER_APP_HANDSET_D2D_RINGS_H

#include "app/handset/desk/desk.h"
#include "crypto/identifier.h"

enum {
    RINGS_MAX = 3,                    /* so often somebody may ring unanswered, */
    RINGS_PAUSE_MS = 60 * 1000,       /* and then again when so much time has passed */
    RINGS_DOUBLINGS_MAX = 3,          /* of that pause, for calls and invitations */
    RINGS_FORGET_MS = 60 * 60 * 1000, /* who was quiet for so long begins anew */
    RINGS_STRANGERS_MAX = 12,         /* so often in a RINGS_PAUSE_MS all may who are not known */
    RINGS_CALLERS_MAX = 64,
};

struct rings_caller {
    char identity[IDENTITY_SIZE]; /* empty: a free place */
    unsigned count;               /* unanswered, */
    int64_t latest_ms;            /* and by the boot clock the latest of them */
    unsigned pauses;              /* how often it was quieted */
    bool is_quieted;              /* now, and the officer was told */
};

struct rings {
    unsigned each_max;      /* 0: RINGS_MAX */
    unsigned doublings_max; /* of the pause, for who is quieted again and again */
    struct rings_caller callers[RINGS_CALLERS_MAX];
    unsigned strangers; /* since strangers_ms, boot clock */
    int64_t strangers_ms;
    bool are_strangers_quieted; /* and the officer was told */
};

/* May quieted->identity, which has proven to be that, ring now? If so that is counted. Otherwise
 * the officer is told *quieted, or EVENT_STRANGERS_QUIETED, if it was not before. `is_known`: the
 * officer trusts it, or is in a group with it. */
bool rings_allow(struct rings *rings, struct desk *desk, struct moment now,
                 const struct event *quieted, bool is_known);

/* Its ringing was answered. */
void rings_answered(struct rings *rings, const char *identity);

#endif
