/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/rhythm.h"

static unsigned signed_each_of(size_t nearby) {
    return nearby <= RHYTHM_FEW     ? 1
           : nearby <= RHYTHM_MANY  ? 2
           : nearby <= RHYTHM_CROWD ? 4
                                    : RHYTHM_SIGNED_EACH_MAX;
}

struct rhythm rhythm_of(size_t nearby) {
    unsigned signed_each = signed_each_of(nearby);
    int64_t octets = RHYTHM_SIGNED_OCTETS + (signed_each - 1) * (int64_t)RHYTHM_LINK_OCTETS;
    int64_t share_ms =
        (int64_t)(nearby + 1) * octets * 1000 / ((int64_t)RHYTHM_OCTETS * signed_each);
    int64_t most_ms = share_ms < RHYTHM_INTERVAL_MAX_MS ? share_ms : RHYTHM_INTERVAL_MAX_MS;
    return (struct rhythm){
        .interval_ms = most_ms > PRESENCE_INTERVAL_MS ? most_ms : PRESENCE_INTERVAL_MS,
        .signed_each = signed_each,
    };
}
