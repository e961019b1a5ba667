/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the officer is told once it is durable, and not before: until then a restart undoes it.
 */
#ifndef MUSTER_APP_HANDSET_DESK_PROMISES_H
#define MUSTER_APP_HANDSET_DESK_PROMISES_H

#include "app/handset/view.h"

enum {
    PROMISES_MAX = 8
};

struct promise {
    uint64_t after; /* the batch that makes it true */
    enum event_kind
        instead; /* what is told meanwhile, if saving fails; EVENT_NONE: nothing any more */
    struct event event;
};

struct promises {
    size_t count;
    struct promise list[PROMISES_MAX]; /* the oldest first */
};

/* Takes a promise, if there is room for it. */
bool promises_make(struct promises *promises, const struct promise *promise);

/* Takes out what is to be told now, where the batches up to `durable` are: a promise that has come
 * true, or, once for each, what is told while saving fails. False when there is nothing. */
bool promises_take(struct promises *promises, uint64_t durable, bool cannot_save,
                   struct event *event);

/* Has promises_take something to tell? */
bool promises_are_due(const struct promises *promises, uint64_t durable, bool cannot_save);

#endif
