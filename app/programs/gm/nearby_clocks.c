/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/gm/nearby_clocks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/air/frame.h"

static void note(struct nearby_clocks *clocks, const char *identity, int64_t ahead_ms) {
    size_t at = 0;
    while (at < clocks->count && strcmp(clocks->list[at].identity, identity) != 0) {
        at++;
    }
    if (at == NEARBY_CLOCKS_MAX) {
        return;
    }
    clocks->count += at == clocks->count;
    snprintf(clocks->list[at].identity, sizeof clocks->list[at].identity, "%s", identity);
    clocks->list[at].ahead_ms = ahead_ms;
}

void nearby_clocks_hear(struct nearby_clocks *clocks, const struct keyring *keyring,
                        struct span octets, struct moment now) {
    struct frame frame;
    struct presence presence;
    struct span covered, signature;
    if (frame_read(octets, &frame) == STATUS_OK && frame.kind == FRAME_PRESENCE &&
        presence_read(frame.payload, &presence, &covered, &signature) == STATUS_OK &&
        presence_verify(&presence, covered, signature, keyring, now) == STATUS_OK) {
        note(clocks, presence.identity, presence.utc_ms - now.utc_ms);
    }
}

int64_t nearby_clocks_ahead(const struct nearby_clocks *clocks) {
    int64_t least_ms = 0;
    for (size_t i = 0; i < clocks->count; i++) {
        int64_t ahead_ms = clocks->list[i].ahead_ms;
        least_ms = i == 0 || llabs(ahead_ms) < llabs(least_ms) ? ahead_ms : least_ms;
    }
    return least_ms;
}

bool nearby_clocks_agree(const struct nearby_clocks *clocks) {
    return clocks->count > 0 && !clock_differs(nearby_clocks_ahead(clocks));
}
