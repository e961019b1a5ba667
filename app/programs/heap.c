/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/heap.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#define HEAP_IS_OURS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HEAP_IS_OURS 0
#endif
#endif
#ifndef HEAP_IS_OURS
#define HEAP_IS_OURS 1
#endif

bool heap_wipes_what_is_freed(void) {
    return HEAP_IS_OURS;
}

#if HEAP_IS_OURS

/* The C library's own, which it offers to whoever takes the place of the others. */
void __libc_free(void *memory);
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);

void *malloc(size_t size) {
    if (size > HEAP_BLOCK_MAX) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    if (size != 0 && count > HEAP_BLOCK_MAX / size) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_calloc(count, size);
}

void free(void *memory) {
    if (memory != NULL) {
        int before = errno;
        explicit_bzero(memory, malloc_usable_size(memory));
        __libc_free(memory);
        errno = before;
    }
}

/* The C library's might move what is there and leave the old behind. */
void *realloc(void *memory, size_t size) {
    size_t held = memory == NULL ? 0 : malloc_usable_size(memory);
    if (memory == NULL) {
        return malloc(size);
    }
    if (size == 0) {
        free(memory);
        return NULL;
    }
    if (size <= held && size >= held / 2) {
        explicit_bzero((char *)memory + size, held - size);
        return memory;
    }
    void *moved = malloc(size);
    if (moved != NULL) {
        memcpy(moved, memory, size < held ? size : held);
        free(memory);
    }
    return moved;
}

#endif
