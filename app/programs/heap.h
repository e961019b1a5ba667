/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The programs' ordinary memory (malloc) is wiped when it is freed, whoever frees it, the libraries
 * included: names, lists, texts and pictures, which are no keys and so are not in secret memory
 * (crypto/secret.h), are gone with the room that held them. A locked handset depends on it.
 *
 * It takes the place of the C library's free and realloc for the whole program. Under a sanitizer,
 * which has a heap of its own, it does not.
 */
#ifndef MUSTER_APP_PROGRAMS_HEAP_H
#define MUSTER_APP_PROGRAMS_HEAP_H

#include <stdbool.h>

/* Is it so in this program? Whoever depends on it asks, which links it in. */
bool heap_wipes_what_is_freed(void);

#endif
