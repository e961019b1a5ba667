/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often others may ring: whoever rang a few times and was not answered rings no more for a
 * while (app/README.md section 5, 9: the officer's attention is worth more than a signature check).
 */
#ifndef MUSTER_APP_HANDSET_TALK_RINGS_H
#define MUSTER_APP_HANDSET_TALK_RINGS_H

#include "app/moment.h"
#include "crypto/identifier.h"

enum {
    RINGS_MAX = 3,              /* so often somebody may ring unanswered, */
    RINGS_PAUSE_MS = 60 * 1000, /* and then again when so much time has passed */
    RINGS_CALLERS_MAX = 64,
};

struct rings_caller {
    char identity[IDENTITY_SIZE]; /* empty: a free place */
    unsigned count;               /* unanswered, */
    int64_t latest_ms;            /* and by the boot clock the latest of them */
};

struct rings {
    struct rings_caller callers[RINGS_CALLERS_MAX];
};

/* May `identity`, which has proven to be that, ring now? If so that is counted. */
bool rings_allow(struct rings *rings, const char *identity, struct moment now);

/* Its ringing was answered. */
void rings_answered(struct rings *rings, const char *identity);

#endif
