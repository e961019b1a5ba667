/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/rings.h"

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

/* A free place, or that of whoever has not rung for longest. */
static struct rings_caller *place(struct rings *rings) {
    struct rings_caller *oldest = &rings->callers[0];
    for (size_t i = 0; i < RINGS_CALLERS_MAX; i++) {
        struct rings_caller *caller = &rings->callers[i];
        if (caller->identity[0] == '\0') {
            return caller;
        }
        if (caller->latest_ms < oldest->latest_ms) {
            oldest = caller;
        }
    }
    return oldest;
}

bool rings_allow(struct rings *rings, const char *identity, struct moment now) {
    struct rings_caller *caller = find(rings, identity);
    if (caller == NULL) {
        caller = place(rings);
        *caller = (struct rings_caller){.count = 0};
        snprintf(caller->identity, sizeof caller->identity, "%s", identity);
    } else if (now.boot_ms - caller->latest_ms >= RINGS_PAUSE_MS) {
        caller->count = 0;
    }
    if (caller->count >= RINGS_MAX) {
        return false;
    }
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
