/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/gathering.h"

#include <stdlib.h>

#include "app/store/record_keys.h"

static enum status add_batch(struct gathering *all) {
    struct batch **list = realloc(all->list, (all->count + 1) * sizeof(struct batch *));
    if (list == NULL) {
        return STATUS_NO_MEMORY;
    }
    all->list = list;
    list[all->count] = batch_new();
    if (list[all->count] == NULL) {
        return STATUS_NO_MEMORY;
    }
    all->count++;
    return STATUS_OK;
}

enum status gathering_take(void *context, enum record_kind kind, struct span key,
                           struct span value) {
    struct gathering *all = context;
    if (!record_has_own_key(kind)) {
        return STATUS_OK;
    }
    if (all->count == 0 || all->list[all->count - 1]->count == BATCH_CHANGES_MAX) {
        enum status status = add_batch(all);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return batch_put(all->list[all->count - 1], kind, key, value);
}

void gathering_free(struct gathering *all) {
    for (size_t i = 0; i < all->count; i++) {
        batch_free(all->list[i]);
    }
    free(all->list);
    *all = (struct gathering){NULL, 0};
}
