/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/wall_clocks.h"

#include <stdlib.h>

static bool ahead_by(const struct neighbour *neighbour, struct moment now, int64_t *ahead_ms) {
    const struct presence *presence = &neighbour->presence;
    const struct life *life = lives_find(&neighbour->lives, presence->start);
    struct ago ago;
    if (life == NULL || !life_ago(life, presence->age_ms, now.boot_ms, &ago)) {
        return false;
    }
    *ahead_ms = presence->utc_ms + ago.min_ms / 2 + ago.max_ms / 2 - now.utc_ms;
    return true;
}

static int by_size(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

struct wall_clocks wall_clocks_of(const struct roster *roster, struct moment now,
                                  int64_t lately_ms) {
    struct wall_clocks clocks = {.count = 0};
    for (size_t i = 0; i < roster->neighbours.count && clocks.count < WALL_CLOCKS_MAX; i++) {
        const struct neighbour *neighbour = roster->neighbours.list[i];
        if (!neighbour->is_revoked && now.boot_ms - neighbour->signed_ms <= lately_ms &&
            ahead_by(neighbour, now, &clocks.ahead_ms[clocks.count])) {
            clocks.count++;
        }
    }
    qsort(clocks.ahead_ms, clocks.count, sizeof clocks.ahead_ms[0], by_size);
    return clocks;
}

int64_t wall_clocks_median(const struct wall_clocks *clocks) {
    if (clocks->count == 0) {
        return 0;
    }
    int64_t lower_ms = clocks->ahead_ms[(clocks->count - 1) / 2];
    int64_t upper_ms = clocks->ahead_ms[clocks->count / 2];
    return llabs(lower_ms) < llabs(upper_ms) ? lower_ms : upper_ms;
}
