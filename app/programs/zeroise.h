/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Zeroising: the store of a handset is destroyed with all that the program knows to belong to it,
 * the keys first (store/destruction.h). No passphrase is needed, and nothing can bring it back.
 */
#ifndef MUSTER_APP_PROGRAMS_ZEROISE_H
#define MUSTER_APP_PROGRAMS_ZEROISE_H

#include <stdio.h>

#include "app/store/destruction.h"

/* Paths outlive it; NULL: there is none. */
struct zeroise {
    const char *store;
    const char *log;       /* of --log */
    const char *recording; /* of --record */
    bool is_done;
    struct destruction destruction;
};

/* Does it; a second time does nothing. */
void zeroise_run(struct zeroise *zeroise);

/* Is nothing left that could still be read? */
bool zeroise_is_whole(const struct zeroise *zeroise);

/* Says in lines for a person what was destroyed, and what could not be. */
void zeroise_print(const struct zeroise *zeroise, FILE *out);

#endif
