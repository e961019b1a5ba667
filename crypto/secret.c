/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/secret.h"

#include <sodium.h>
#include <stdatomic.h>
#include <string.h>

/* What the system refused to lock stays known: nobody else can tell it from what is locked. */
static atomic_bool some_is_unlocked;

bool secret_memory_is_locked(void) {
    return !atomic_load(&some_is_unlocked);
}

void *secret_object_new(size_t size) {
    if (sodium_init() < 0) {
        return NULL;
    }
    /* sodium_malloc puts the end of the object, not its start, at a page's boundary: whole cache
     * lines keep the start aligned for any type. */
    size_t whole_lines = (size + 63) / 64 * 64;
    void *object = sodium_malloc(whole_lines);
    if (object != NULL) {
        /* sodium_malloc locks it and does not say whether it could; once more changes nothing. */
        if (sodium_mlock(object, whole_lines) != 0) {
            atomic_store(&some_is_unlocked, true);
        }
        memset(object, 0, whole_lines);
    }
    return object;
}

void secret_object_free(void *object) {
    sodium_free(object);
}

struct secret *secret_new(size_t length) {
    struct secret *secret = secret_object_new(sizeof *secret + length);
    if (secret == NULL) {
        return NULL;
    }
    secret->length = length;
    secret->octets = (uint8_t *)(secret + 1);
    return secret;
}

struct secret *secret_copy(struct span octets) {
    struct secret *secret = secret_new(octets.length);
    if (secret != NULL && octets.length > 0) {
        memcpy(secret->octets, octets.octets, octets.length);
    }
    return secret;
}

void secret_free(struct secret *secret) {
    secret_object_free(secret);
}

struct span secret_span(const struct secret *secret) {
    return (struct span){secret->octets, secret->length};
}

void secret_wipe(void *octets, size_t length) {
    sodium_memzero(octets, length);
}

void secret_wipe_stack(void) {
    sodium_stackzero(SECRET_STACK_SIZE);
}

void secret_wipe_deep_stack(size_t depth) {
    sodium_stackzero(depth);
}

bool secret_equal(const void *a, const void *b, size_t length) {
    return sodium_memcmp(a, b, length) == 0;
}
