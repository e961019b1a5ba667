/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/floods.h"

enum {
    SECOND_MS = 1000,
};

static const struct flood_source *largest_of(const struct floods *floods) {
    const struct flood_source *largest = &floods->sources[0];
    for (size_t i = 1; i < FLOOD_SOURCES_MAX; i++) {
        largest = floods->sources[i].heard > largest->heard ? &floods->sources[i] : largest;
    }
    return largest;
}

/* Is it `parts` quarters of a flood, or more? */
static bool is_flood(const struct floods *floods, unsigned quarters) {
    const struct flood_source *largest = largest_of(floods);
    return 4 * largest->refused >= quarters * FLOOD_REFUSED_OF_ONE ||
           4 * largest->heard >= quarters * FLOOD_HEARD_OF_ONE ||
           4 * floods->refused >= quarters * FLOOD_REFUSED_OF_ALL ||
           4 * floods->heard >= quarters * FLOOD_HEARD_OF_ALL;
}

static void tell_begin(struct floods *floods, struct moment now, int64_t counted_for_ms) {
    const struct flood_source *largest = largest_of(floods);
    struct event event = {.kind = EVENT_FLOOD};
    event.condition.number = (unsigned)((int64_t)floods->heard * SECOND_MS / counted_for_ms);
    if (2 * largest->heard >= floods->heard) {
        source_name(&floods->desk->namer, largest->peer, &event);
    } else {
        event.sources = floods->different.count;
    }
    desk_tell(floods->desk, now, &event);
}

static void tell_end(struct floods *floods, struct moment now) {
    const struct event event = {.kind = EVENT_FLOOD_OVER,
                                .duration_ms = floods->latest_ms - floods->began_ms};
    desk_tell(floods->desk, now, &event);
}

/* A second is over. */
static void judge(struct floods *floods, struct moment now, int64_t counted_for_ms) {
    /* Of a second that nothing ended until later, all that there was came in the first one. */
    bool is_over_long_ago = counted_for_ms >= 2 * SECOND_MS;
    if (is_flood(floods, floods->stands ? 2 : 4)) {
        floods->seconds++;
        floods->latest_ms = floods->counted_ms + SECOND_MS;
    } else {
        floods->seconds = 0;
    }
    if (!floods->stands && floods->seconds >= FLOOD_BEGINS_S) {
        floods->stands = true;
        floods->began_ms = floods->latest_ms - FLOOD_BEGINS_S * SECOND_MS;
        tell_begin(floods, now, is_over_long_ago ? SECOND_MS : counted_for_ms);
    } else if (floods->stands && now.boot_ms - floods->latest_ms >= FLOOD_ENDS_MS) {
        floods->stands = false;
        floods->seconds = 0;
        tell_end(floods, now);
    }
    floods->seconds = is_over_long_ago ? 0 : floods->seconds;
}

void floods_tick(struct floods *floods, struct moment now) {
    int64_t counted_for_ms = now.boot_ms - floods->counted_ms;
    if (counted_for_ms < SECOND_MS) {
        return;
    }
    judge(floods, now, counted_for_ms);
    struct desk *desk = floods->desk;
    *floods = (struct floods){.desk = desk,
                              .counted_ms = now.boot_ms,
                              .seconds = floods->seconds,
                              .stands = floods->stands,
                              .began_ms = floods->began_ms,
                              .latest_ms = floods->latest_ms};
}

int64_t floods_deadline(const struct floods *floods) {
    return floods->stands || floods->seconds > 0 ? floods->counted_ms + SECOND_MS : INT64_MAX;
}

static void count(struct floods *floods, uint64_t peer, bool is_refused) {
    struct flood_source *free_one = NULL;
    for (size_t i = 0; i < FLOOD_SOURCES_MAX; i++) {
        struct flood_source *source = &floods->sources[i];
        if (source->heard > 0 && source->peer == peer) {
            source->heard++;
            source->refused += is_refused;
            return;
        }
        free_one = source->heard == 0 ? source : free_one;
    }
    if (free_one != NULL) {
        *free_one = (struct flood_source){.peer = peer, .heard = 1, .refused = is_refused};
        return;
    }
    for (size_t i = 0; i < FLOOD_SOURCES_MAX; i++) {
        struct flood_source *source = &floods->sources[i];
        source->heard--;
        source->refused = source->refused > source->heard ? source->heard : source->refused;
    }
}

void floods_hear(struct floods *floods, struct moment now, uint64_t peer, bool is_refused) {
    floods_tick(floods, now);
    floods->heard++;
    floods->refused += is_refused;
    sources_add(&floods->different, peer);
    count(floods, peer, is_refused);
}
