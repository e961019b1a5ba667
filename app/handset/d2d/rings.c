/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/d2d/rings.h"

#include <stdio.h>
#include <string.h>

static struct rings_caller *find(struct rings *rings, const char *identity) {
    for (size_t i = 0; i < RINGS_CALLERS_MAX; i++) {
        if (strcmp(rings->callers[i].identity, identity) == 0) {
            return &rings->callers[i];
        }
    }
    return NULL;
}

/* Its place, a free one, or that of whoever has not rung for longest. */
static struct rings_caller *place(struct rings *rings, const char *identity, struct moment now) {
    struct rings_caller *known = find(rings, identity);
    struct rings_caller *oldest = known != NULL ? known : &rings->callers[0];
    bool is_found = known != NULL;
    if (is_found && now.boot_ms - known->latest_ms < RINGS_FORGET_MS) {
        return known;
    }
    for (size_t i = 0; i < RINGS_CALLERS_MAX && !is_found; i++) {
        struct rings_caller *caller = &rings->callers[i];
        is_found = caller->identity[0] == '\0';
        if (is_found || caller->latest_ms < oldest->latest_ms) {
            oldest = caller;
        }
    }
    *oldest = (struct rings_caller){.latest_ms = now.boot_ms};
    snprintf(oldest->identity, sizeof oldest->identity, "%s", identity);
    return oldest;
}

/* How long it is quieted, or would be now. */
static int64_t pause_of(const struct rings *rings, const struct rings_caller *caller) {
    unsigned again = caller->pauses > 0 ? caller->pauses - 1 : 0;
    unsigned doublings = again < rings->doublings_max ? again : rings->doublings_max;
    return (int64_t)RINGS_PAUSE_MS << doublings;
}

static bool is_one_too_many(struct rings *rings, struct rings_caller *caller, struct desk *desk,
                            struct moment now, const struct event *quieted) {
    if (now.boot_ms - caller->latest_ms >= pause_of(rings, caller)) {
        caller->count = 0;
        caller->is_quieted = false;
    }
    if (caller->count < (rings->each_max > 0 ? rings->each_max : RINGS_MAX)) {
        return false;
    }
    if (!caller->is_quieted) {
        caller->is_quieted = true;
        caller->pauses++;
        desk_tell(desk, now, quieted);
    }
    return true;
}

static bool are_strangers_too_many(struct rings *rings, struct desk *desk, struct moment now) {
    if (now.boot_ms - rings->strangers_ms >= RINGS_PAUSE_MS) {
        /* The word is for the first minute of several. */
        rings->are_strangers_quieted =
            rings->are_strangers_quieted && rings->strangers >= RINGS_STRANGERS_MAX;
        rings->strangers_ms = now.boot_ms;
        rings->strangers = 0;
    }
    if (rings->strangers < RINGS_STRANGERS_MAX) {
        rings->strangers++;
        return false;
    }
    if (!rings->are_strangers_quieted) {
        const struct event event = {.kind = EVENT_STRANGERS_QUIETED};
        rings->are_strangers_quieted = true;
        desk_tell(desk, now, &event);
    }
    return true;
}

bool rings_allow(struct rings *rings, struct desk *desk, struct moment now,
                 const struct event *quieted, bool is_known) {
    struct rings_caller *caller = find(rings, quieted->identity);
    if (caller != NULL && is_one_too_many(rings, caller, desk, now, quieted)) {
        return false;
    }
    if (!is_known && are_strangers_too_many(rings, desk, now)) {
        return false;
    }
    caller = place(rings, quieted->identity, now);
    caller->count++;
    caller->latest_ms = now.boot_ms;
    return true;
}

void rings_answered(struct rings *rings, const char *identity) {
    struct rings_caller *caller = find(rings, identity);
    if (caller != NULL) {
        *caller = (struct rings_caller){.count = 0};
    }
}
