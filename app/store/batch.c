/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/batch.h"

#include <string.h>

struct batch *batch_new(void) {
    return secret_object_new(sizeof(struct batch));
}

void batch_free(struct batch *batch) {
    if (batch == NULL) {
        return;
    }
    for (size_t i = 0; i < batch->count; i++) {
        secret_free(batch->changes[i].value);
    }
    secret_object_free(batch);
}

/* The next change of a batch that has room for it; it counts only once the caller adds it. */
static enum status change_begin(struct batch *batch, enum record_kind kind, struct span key,
                                struct batch_change **change) {
    if (batch->count == BATCH_CHANGES_MAX || key.length > RECORD_KEY_MAX) {
        return STATUS_TOO_LONG;
    }
    *change = &batch->changes[batch->count];
    memset(*change, 0, sizeof **change);
    (*change)->kind = kind;
    (*change)->key_length = key.length;
    if (key.length > 0) {
        memcpy((*change)->key, key.octets, key.length);
    }
    return STATUS_OK;
}

enum status batch_put(struct batch *batch, enum record_kind kind, struct span key,
                      struct span value) {
    struct batch_change *change;
    if (value.length > RECORD_VALUE_MAX) {
        return STATUS_TOO_LONG;
    }
    enum status status = change_begin(batch, kind, key, &change);
    if (status != STATUS_OK) {
        return status;
    }
    change->value = secret_copy(value);
    if (change->value == NULL) {
        return STATUS_NO_MEMORY;
    }
    batch->count++;
    return STATUS_OK;
}

enum status batch_delete(struct batch *batch, enum record_kind kind, struct span key) {
    struct batch_change *change;
    enum status status = change_begin(batch, kind, key, &change);
    if (status != STATUS_OK) {
        return status;
    }
    change->is_delete = true;
    batch->count++;
    return STATUS_OK;
}

bool batch_join(struct batch *batch, struct batch *later) {
    if (batch->count + later->count > BATCH_CHANGES_MAX) {
        return false;
    }
    memcpy(&batch->changes[batch->count], later->changes, later->count * sizeof later->changes[0]);
    batch->count += later->count;
    later->count = 0;
    batch_free(later);
    return true;
}

static bool changes_again(const struct batch *later, const struct batch_change *change) {
    for (size_t i = 0; i < later->count; i++) {
        const struct batch_change *other = &later->changes[i];
        if (other->kind == change->kind && other->key_length == change->key_length &&
            memcmp(other->key, change->key, change->key_length) == 0) {
            return true;
        }
    }
    return false;
}

void batch_supersede(struct batch *batch, const struct batch *later) {
    size_t kept = 0;
    for (size_t i = 0; i < batch->count; i++) {
        if (changes_again(later, &batch->changes[i])) {
            secret_free(batch->changes[i].value);
        } else {
            batch->changes[kept++] = batch->changes[i];
        }
    }
    batch->count = kept;
}
