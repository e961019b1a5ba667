/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/sound/reference.h"

#include <sys/mman.h>

#include "crypto/secret.h"

enum status reference_new(struct reference **out, struct error *error) {
    struct reference *reference =
        mmap(NULL, sizeof *reference, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *out = NULL;
    if (reference == MAP_FAILED) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    (void)mlock(reference, sizeof *reference);
    atomic_store(&reference->owners, 2);
    *out = reference;
    return STATUS_OK;
}

void reference_release(struct reference *reference) {
    if (reference != NULL && atomic_fetch_sub(&reference->owners, 1) == 1) {
        secret_wipe(reference, sizeof *reference);
        munmap(reference, sizeof *reference);
    }
}

void reference_want(struct reference *reference, bool is_wanted) {
    atomic_store(&reference->is_wanted, is_wanted);
}

bool reference_is_wanted(const struct reference *reference) {
    return atomic_load(&reference->is_wanted);
}

struct echo_played *reference_next(struct reference *reference) {
    uint32_t put = atomic_load_explicit(&reference->put, memory_order_relaxed);
    /* Acquire: the other thread has wiped the place before this one fills it again. */
    uint32_t taken = atomic_load_explicit(&reference->taken, memory_order_acquire);
    return put - taken == REFERENCE_PIECES ? NULL : &reference->pieces[put % REFERENCE_PIECES];
}

void reference_put(struct reference *reference) {
    atomic_fetch_add_explicit(&reference->put, 1, memory_order_release);
}

void reference_pass(struct reference *reference, struct echo *echo) {
    uint32_t taken = atomic_load_explicit(&reference->taken, memory_order_relaxed);
    uint32_t put = atomic_load_explicit(&reference->put, memory_order_acquire);
    for (; taken != put; taken++) {
        struct echo_played *piece = &reference->pieces[taken % REFERENCE_PIECES];
        if (echo != NULL) {
            echo_play(echo, piece);
        }
        secret_wipe(piece, sizeof *piece);
        atomic_store_explicit(&reference->taken, taken + 1, memory_order_release);
    }
}
