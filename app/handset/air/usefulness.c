/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/usefulness.h"

static unsigned worth(const struct neighbour *neighbour, const struct roster *roster,
                      struct moment now) {
    enum nearby_state state = neighbour_state(neighbour, roster, now);
    unsigned sum = neighbour->is_trusted || neighbour->is_member;
    sum = sum * 2 + neighbour_is_near(neighbour, roster, now);
    return sum * 3 + (state == NEARBY_REACHABLE ? 2 : state == NEARBY_HEARD ? 1 : 0);
}

bool neighbour_is_less_useful(const struct neighbour *a, const struct neighbour *b,
                              const struct roster *roster, struct moment now) {
    unsigned worth_a = worth(a, roster, now), worth_b = worth(b, roster, now);
    return worth_a != worth_b ? worth_a < worth_b : a->heard_ms < b->heard_ms;
}
