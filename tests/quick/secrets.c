/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Secrets without libsodium's locked pages (--wrap), which cost a dozen calls of the system for
 * each one. They come from malloc: under a sanitizer that is its own, which sees each octet before
 * and after them and each use after they are freed. It does not see into libsodium's pages. The
 * tests of that memory have it (Makefile), and all others in the optimised build but those that
 * live through thousands of hours.
 *
 * What is held at the end of a test is freed then, so that leaks are told as with libsodium's
 * pages: not of a secret, but of what it alone pointed to.
 */
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED
#endif
#endif

#ifdef IS_SANITIZED
#include <sanitizer/asan_interface.h>
#endif

enum {
    LINE = 64, /* of the cache: crypto/secret.c asks for whole ones */
    HELD_MAX = 1 << 18
};

/* Stands in the line before a secret, which is as forbidden as what is behind it. */
struct label {
    size_t size, at;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct label *held[HELD_MAX];
static size_t held_count;

void *__wrap_sodium_malloc(size_t size);
void __wrap_sodium_free(void *secret);
int __wrap_sodium_mlock(void *secret, size_t size);

#define SEES_LABELS __attribute__((no_sanitize("address", "undefined")))

SEES_LABELS void *__wrap_sodium_malloc(size_t size) {
    struct label *label = aligned_alloc(LINE, LINE + (size + LINE - 1) / LINE * LINE);
    pthread_mutex_lock(&lock);
    if (label != NULL && held_count == HELD_MAX) {
        abort();
    }
    if (label != NULL) {
        *label = (struct label){size, held_count};
        held[held_count++] = label;
    }
    pthread_mutex_unlock(&lock);
#ifdef IS_SANITIZED
    if (label != NULL) {
        ASAN_POISON_MEMORY_REGION(label, LINE);
    }
#endif
    return label == NULL ? NULL : (char *)label + LINE;
}

SEES_LABELS void __wrap_sodium_free(void *secret) {
    if (secret == NULL) {
        return;
    }
    struct label *label = (struct label *)(void *)((char *)secret - LINE);
    sodium_memzero(secret, label->size);
    pthread_mutex_lock(&lock);
    struct label *last = held[--held_count];
    held[label->at] = last;
    last->at = label->at;
    pthread_mutex_unlock(&lock);
#ifdef IS_SANITIZED
    ASAN_UNPOISON_MEMORY_REGION(label, LINE);
#endif
    free(label);
}

/* Nothing of a test is worth keeping out of swap. */
int __wrap_sodium_mlock(void *secret, size_t size) {
    (void)secret;
    (void)size;
    return 0;
}

static __attribute__((destructor)) void free_rest(void) {
    while (held_count > 0) {
        __wrap_sodium_free((char *)held[held_count - 1] + LINE);
    }
}
