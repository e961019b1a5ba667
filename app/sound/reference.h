/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a loudspeaker's card was given, for the thread of a microphone that hears it (echo.h): one
 * thread puts and one takes, without locks. Two own it, and the one that lets go last frees it.
 */
#ifndef MUSTER_APP_SOUND_REFERENCE_H
#define MUSTER_APP_SOUND_REFERENCE_H

#include <stdatomic.h>

#include "app/sound/echo.h"

enum {
    REFERENCE_PIECES = 64 /* over a second */
};

struct reference {
    _Atomic unsigned owners;
    _Atomic bool is_wanted;
    _Atomic uint32_t put, taken;
    struct echo_played pieces[REFERENCE_PIECES];
};

/* For two owners; in locked memory where that is allowed. STATUS_NO_MEMORY. */
MUST_CHECK enum status reference_new(struct reference **out, struct error *error);

/* One of them needs it no more; NULL is nothing. */
void reference_release(struct reference *reference);

/* From now on something is to be put, or no longer; is it? For any thread. */
void reference_want(struct reference *reference, bool is_wanted);
bool reference_is_wanted(const struct reference *reference);

/* The place of the next piece, which reference_put puts there; NULL while all places are full: it
 * is lost. */
struct echo_played *reference_next(struct reference *reference);
void reference_put(struct reference *reference);

/* Gives `echo` all that is there, and wipes it; NULL: it is for nobody. For the thread that takes.
 */
void reference_pass(struct reference *reference, struct echo *echo);

#endif
