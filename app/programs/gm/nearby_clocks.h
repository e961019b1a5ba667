/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The clocks of handsets that muster-gm hears: their presences say their wall clocks. It hears one
 * way alone, so a recording may make a clock seem to be behind; whoever agrees is none.
 */
#ifndef MUSTER_APP_PROGRAMS_GM_NEARBY_CLOCKS_H
#define MUSTER_APP_PROGRAMS_GM_NEARBY_CLOCKS_H

#include "app/handset/air/presence_message.h"
#include "app/identity/keyring.h"

enum {
    NEARBY_CLOCKS_MAX = 16
};

struct nearby_clocks {
    size_t count;
    struct {
        char identity[IDENTITY_SIZE];
        int64_t ahead_ms; /* of the machine's clock; the latest presence's */
    } list[NEARBY_CLOCKS_MAX];
};

/* Takes `octets` where they are a frame with a presence that verifies; the rest is passed over, and
 * so is who comes after NEARBY_CLOCKS_MAX others. */
void nearby_clocks_hear(struct nearby_clocks *clocks, const struct keyring *keyring,
                        struct span octets, struct moment now);

/* Does one agree, within the tolerance? */
bool nearby_clocks_agree(const struct nearby_clocks *clocks);

/* How far they are ahead, or behind where that is negative: the one that differs least. 0 where
 * there is none. */
int64_t nearby_clocks_ahead(const struct nearby_clocks *clocks);

#endif
