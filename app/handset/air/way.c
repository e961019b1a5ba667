/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/way.h"

#include <stddef.h>

enum {
    LINK_NUMBER_MAX = 255,
    QUALITY_MAX = 100
};

bool way_is_fresh(const struct ways *ways, const struct way *way) {
    int64_t fresh_ms = ways->rests_ms > WAY_FRESH_MS ? ways->rests_ms : WAY_FRESH_MS;
    return ways->newest_ms - way->heard_ms <= fresh_ms;
}

/* What makes a way better than another, the weightiest first. */
static int64_t weight(const struct ways *ways, const struct handset_links *links, struct moment now,
                      const struct way *way) {
    bool was_best = way->peer == ways->best;
    bool is_failed = way->failed_ms != 0 && now.boot_ms - way->failed_ms < WAY_FAILED_MS;
    bool is_weak = way->quality != VIEW_QUALITY_UNKNOWN &&
                   way->quality < (was_best ? WAY_SIGNAL_LOST : WAY_SIGNAL_WEAK);
    int64_t sum = way_is_fresh(ways, way) && !link_is_off(links, way->peer);
    sum = sum * 2 + !is_failed;
    sum = sum * 2 + !way->is_relayed;
    sum = sum * 2 + !is_weak;
    sum = sum * (LINK_NUMBER_MAX + 1) + LINK_NUMBER_MAX - link_number(way->peer);
    /* Those that are alike stay in the order in which they were heard first. */
    return sum * (2 * QUALITY_MAX) + way->quality + 1 + (was_best ? WAY_SIGNAL_STEP : 0);
}

static struct way *find(struct ways *ways, uint64_t peer) {
    for (size_t i = 0; i < ways->count; i++) {
        if (ways->list[i].peer == peer) {
            return &ways->list[i];
        }
    }
    return NULL;
}

static bool is_in(const uint64_t peers[], size_t count, uint64_t peer) {
    for (size_t i = 0; i < count; i++) {
        if (peers[i] == peer) {
            return true;
        }
    }
    return false;
}

const struct way *ways_other(const struct ways *ways, const struct handset_links *links,
                             struct moment now, const uint64_t tried[], size_t count) {
    const struct way *best = NULL;
    for (size_t i = 0; i < ways->count; i++) {
        const struct way *way = &ways->list[i];
        if (!is_in(tried, count, way->peer) &&
            (best == NULL || weight(ways, links, now, way) > weight(ways, links, now, best))) {
            best = way;
        }
    }
    return best;
}

const struct way *ways_best(struct ways *ways, const struct handset_links *links,
                            struct moment now) {
    const struct way *best = ways_other(ways, links, now, NULL, 0);
    if (best != NULL) {
        ways->best = best->peer;
    }
    return best;
}

/* --- Hearing -------------------------------------------------------------------------------- */

static unsigned worth(bool is_relayed, bool is_proven) {
    return 1u + (is_relayed ? 0 : 1) + (is_proven ? 2 : 0);
}

/* How well a way holds its place: one that brought a presence or answers, lately, the best. */
static unsigned hold(const struct ways *ways, const struct way *way) {
    if (!way_is_fresh(ways, way)) {
        return 0;
    }
    return worth(way->is_relayed, way->is_proven) + (way->peer == ways->best ? 4 : 0);
}

/* The place of the way that holds it least, on the link of `peer` alone or on all. */
static struct way *least(struct ways *ways, bool on_link, uint64_t peer, size_t *count) {
    struct way *found = NULL;
    *count = 0;
    for (size_t i = 0; i < ways->count; i++) {
        struct way *way = &ways->list[i];
        if (on_link && link_number(way->peer) != link_number(peer)) {
            continue;
        }
        ++*count;
        if (found == NULL || hold(ways, way) < hold(ways, found)) {
            found = way;
        }
    }
    return found;
}

/* The second place of a link that has two: on a link that has none yet, somebody is worth it. */
static struct way *second(struct ways *ways) {
    size_t count;
    for (size_t i = 0; i < ways->count; i++) {
        struct way *found = least(ways, true, ways->list[i].peer, &count);
        if (count > 1) {
            return found;
        }
    }
    return NULL;
}

/* A place for a new way that would hold it as `held`; NULL when nobody makes way. */
static struct way *place(struct ways *ways, uint64_t peer, unsigned held) {
    size_t on_link, count;
    struct way *least_on_link = least(ways, true, peer, &on_link);
    if (on_link < WAYS_EACH_LINK_MAX && ways->count < WAYS_MAX) {
        return &ways->list[ways->count++];
    }
    if (on_link >= WAYS_EACH_LINK_MAX) {
        return hold(ways, least_on_link) < held ? least_on_link : NULL;
    }
    struct way *second_of_link = on_link == 0 ? second(ways) : NULL;
    if (second_of_link != NULL) {
        return second_of_link;
    }
    struct way *least_of_all = least(ways, false, peer, &count);
    return hold(ways, least_of_all) < held ? least_of_all : NULL;
}

void ways_hear(struct ways *ways, uint64_t peer, struct moment now, bool is_relayed, bool is_copy) {
    struct way *way = find(ways, peer);
    ways->newest_ms = now.boot_ms;
    if (way == NULL) {
        way = place(ways, peer, worth(is_relayed, !is_copy));
        if (way == NULL) {
            return;
        }
        *way =
            (struct way){.peer = peer, .is_relayed = is_relayed, .quality = VIEW_QUALITY_UNKNOWN};
    }
    way->heard_ms = now.boot_ms;
    way->is_relayed = is_relayed && (way->is_relayed || !is_copy);
    way->is_proven = way->is_proven || !is_copy;
}

void ways_answer(struct ways *ways, uint64_t peer, struct moment now) {
    struct way *way = find(ways, peer);
    if (way == NULL) {
        return;
    }
    way->failed_ms = 0;
    way->heard_ms = now.boot_ms;
    way->is_proven = true;
    if (now.boot_ms > ways->newest_ms) {
        ways->newest_ms = now.boot_ms;
    }
}

void ways_fail(struct ways *ways, uint64_t peer, struct moment now) {
    struct way *way = find(ways, peer);
    if (way != NULL) {
        way->failed_ms = now.boot_ms;
    }
}

void ways_signal(struct ways *ways, uint64_t peer, int quality) {
    struct way *way = find(ways, peer);
    if (way != NULL && quality <= QUALITY_MAX) {
        way->quality = quality < 0 ? VIEW_QUALITY_UNKNOWN : quality;
    }
}

bool ways_prove(const struct ways *ways, uint64_t peer) {
    for (size_t i = 0; i < ways->count; i++) {
        if (ways->list[i].peer == peer) {
            return ways->list[i].is_proven && way_is_fresh(ways, &ways->list[i]);
        }
    }
    return false;
}

unsigned ways_links(const struct ways *ways) {
    unsigned bits = 0, count = 0;
    for (size_t i = 0; i < ways->count; i++) {
        if (way_is_fresh(ways, &ways->list[i])) {
            bits |= link_bit(ways->list[i].peer);
        }
    }
    for (; bits != 0; bits &= bits - 1) {
        count++;
    }
    return count;
}
