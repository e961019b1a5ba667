/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory for secrets: locked as far as the system's limit on locked memory goes, guarded, wiped
 * when freed (libsodium). Everything that holds a key longer than one function call lives in such
 * memory; keys on the stack are wiped with secret_wipe before the function returns.
 */
#ifndef MUSTER_CRYPTO_SECRET_H
#define MUSTER_CRYPTO_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"

enum {
    SECRET_STACK_SIZE = 64 * 1024 /* encapsulating eight at a time takes 42 KiB of stack */
};

/* Secret octets of a fixed length. */
struct secret {
    size_t length;
    uint8_t *octets;
};

/* `length` zero octets of secret memory, or NULL when there is none. The caller frees it. */
struct secret *secret_new(size_t length);

/* A secret that holds a copy of `octets`, or NULL when out of memory. */
struct secret *secret_copy(struct span octets);

/* Wipes and frees; NULL is allowed. */
void secret_free(struct secret *secret);

/* The octets of a secret, as long as it lives. */
struct span secret_span(const struct secret *secret);

/* Zeroed secret memory for an object of `size` octets that holds keys, or NULL. */
void *secret_object_new(size_t size);

/* Wipes and frees an object from secret_object_new; NULL is allowed. */
void secret_object_free(void *object);

/* Could all secret memory that was handed out in this process be locked? Otherwise what it holds
 * may be written to swap. */
bool secret_memory_is_locked(void);

/* Wipes `length` octets so that no compiler leaves it out. */
void secret_wipe(void *octets, size_t length);

/* Wipes what functions that have returned may have left on the stack, SECRET_STACK_SIZE octets
 * deep. Arithmetic keeps its intermediate values there, and wiping each at once would slow it down:
 * the function that is called from outside does it once, at the end. */
void secret_wipe_stack(void);

/* The same, `depth` octets deep, for what is not arithmetic and went deeper. */
void secret_wipe_deep_stack(size_t depth);

/* Are `length` octets equal? Time depends on `length` alone. */
bool secret_equal(const void *a, const void *b, size_t length);

#endif
