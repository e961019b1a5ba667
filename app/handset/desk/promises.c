/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/desk/promises.h"

#include <string.h>

bool promises_make(struct promises *promises, const struct promise *promise) {
    if (promises->count == PROMISES_MAX) {
        return false;
    }
    promises->list[promises->count++] = *promise;
    return true;
}

static bool is_due(const struct promise *promise, uint64_t durable, bool cannot_save) {
    return promise->after <= durable || (cannot_save && promise->instead != EVENT_NONE);
}

bool promises_are_due(const struct promises *promises, uint64_t durable, bool cannot_save) {
    for (size_t i = 0; i < promises->count; i++) {
        if (is_due(&promises->list[i], durable, cannot_save)) {
            return true;
        }
    }
    return false;
}

bool promises_take(struct promises *promises, uint64_t durable, bool cannot_save,
                   struct event *event) {
    for (size_t i = 0; i < promises->count; i++) {
        struct promise *promise = &promises->list[i];
        if (!is_due(promise, durable, cannot_save)) {
            continue;
        }
        *event = promise->event;
        if (promise->after > durable) {
            event->kind = promise->instead;
            promise->instead = EVENT_NONE;
        } else {
            promises->count--;
            memmove(promise, promise + 1, (promises->count - i) * sizeof *promise);
        }
        return true;
    }
    return false;
}
