/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/rhythm.h"

struct rhythm rhythm_of(size_t nearby) {
    unsigned signed_each = nearby <= RHYTHM_FEW ? 1 : nearby <= RHYTHM_MANY ? 2 : 4;
    return (struct rhythm){.interval_ms = PRESENCE_INTERVAL_MS, .signed_each = signed_each};
}
