/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rhythm of the usual presences: how often one is said, and how many of them are signed. A
 * signed one costs each listener a signature and the air some 400 octets; between two of them go
 * links (presence_chain.h) of 38 octets, the more of them the more are nearby. Who is new is heard
 * by a signature all the same, as it is answered at once (meeting.h).
 */
#ifndef MUSTER_APP_HANDSET_AIR_RHYTHM_H
#define MUSTER_APP_HANDSET_AIR_RHYTHM_H

#include <stddef.h>
#include <stdint.h>

enum {
    PRESENCE_INTERVAL_MS = 5000,
    RHYTHM_INTERVAL_MAX_MS = 60 * 1000, /* that others are believed */
    RHYTHM_FEW = 16,                    /* with so many nearby each presence is signed, */
    RHYTHM_MANY = 64,                   /* with so many each second one, with more each fourth */
    RHYTHM_SIGNED_EACH_MAX = 16,
};

struct rhythm {
    int64_t interval_ms;  /* from one usual presence to the next */
    unsigned signed_each; /* of so many one is signed */
};

/* That of a handset with so many nearby. */
struct rhythm rhythm_of(size_t nearby);

#endif
