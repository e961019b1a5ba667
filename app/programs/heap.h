/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The programs' ordinary memory (malloc) is wiped when it is freed, whoever frees it, the libraries
 * included: names, lists, texts and pictures, which are no keys and so are not in secret memory
 * (crypto/secret.h), are gone with the room that held them. A locked handset depends on it.
 *
 * No piece of it is longer than HEAP_BLOCK_MAX: libraries make room for what others say that they
 * send, as the one for NATS does for a broker that claims a message of gigabytes. They are told
 * that there is no memory.
 *
 * It takes the place of the C library's malloc, calloc, realloc and free for the whole program.
 * Under a sanitizer, which has a heap of its own, it does not.
 */
#ifndef MUSTER_APP_PROGRAMS_HEAP_H
#define MUSTER_APP_PROGRAMS_HEAP_H

#include <stdbool.h>

enum {
    HEAP_BLOCK_MAX = 64 * 1024 * 1024 /* octets; nothing of our own comes near it */
};

/* Is it so in this program? Whoever depends on it asks, which links it in. */
bool heap_wipes_what_is_freed(void);

#endif
