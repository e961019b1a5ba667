/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/usefulness.h"

/* When it last echoed this handset; INT64_MIN: it never did. */
static int64_t answered_ms(const struct neighbour *neighbour) {
    int64_t latest_ms = INT64_MIN;
    for (size_t i = 0; i < LIVES_EACH; i++) {
        const struct life *life = &neighbour->lives.list[i];
        if (life->is_known && life->proven_ms > latest_ms) {
            latest_ms = life->proven_ms;
        }
    }
    return latest_ms;
}

static unsigned worth(const struct neighbour *neighbour, struct moment now) {
    unsigned sum = neighbour->is_trusted || neighbour->is_member;
    sum = sum * 2 + neighbour_is_near(neighbour, now);
    return sum * 2 + (answered_ms(neighbour) != INT64_MIN);
}

bool neighbour_is_less_useful(const struct neighbour *a, const struct neighbour *b,
                              struct moment now) {
    unsigned worth_a = worth(a, now), worth_b = worth(b, now);
    return worth_a != worth_b ? worth_a < worth_b : a->heard_ms < b->heard_ms;
}
