/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/batch.h"

#include <string.h>

enum {
    BLOCK_SIZE = 4000, /* with what guards it, a page */
    ALIGNMENT = sizeof(struct secret)
};

struct batch_block {
    struct batch_block *next;
    size_t used, size;
    _Alignas(struct secret) uint8_t octets[];
};

struct batch *batch_new(void) {
    return secret_object_new(sizeof(struct batch));
}

void batch_free(struct batch *batch) {
    if (batch == NULL) {
        return;
    }
    while (batch->blocks != NULL) {
        struct batch_block *next = batch->blocks->next;
        secret_object_free(batch->blocks);
        batch->blocks = next;
    }
    secret_object_free(batch);
}

/* Room for `size` octets in the batch's latest block, or in a new one; NULL when out of memory. */
static void *room_for(struct batch *batch, size_t size) {
    struct batch_block *block = batch->blocks;
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (block == NULL || block->size - block->used < size) {
        size_t least = BLOCK_SIZE - sizeof *block, room = size > least ? size : least;
        block = secret_object_new(sizeof *block + room);
        if (block == NULL) {
            return NULL;
        }
        *block = (struct batch_block){.next = batch->blocks, .size = room};
        batch->blocks = block;
    }
    block->used += size;
    return block->octets + block->used - size;
}

static struct secret *copy_into(struct batch *batch, struct span value) {
    struct secret *copy = room_for(batch, sizeof *copy + value.length);
    if (copy != NULL) {
        *copy = (struct secret){value.length, (uint8_t *)(copy + 1)};
        if (value.length > 0) {
            memcpy(copy->octets, value.octets, value.length);
        }
    }
    return copy;
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
    change->value = copy_into(batch, value);
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
    struct batch_block **last = &batch->blocks;
    while (*last != NULL) {
        last = &(*last)->next;
    }
    *last = later->blocks;
    later->blocks = NULL;
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
        struct secret *value = batch->changes[i].value;
        if (!changes_again(later, &batch->changes[i])) {
            batch->changes[kept++] = batch->changes[i];
        } else if (value != NULL) {
            secret_wipe(value->octets, value->length);
        }
    }
    batch->count = kept;
}
