/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The name that an officer sees beside an identity. It comes from outside and goes to a screen.
 */
#ifndef MUSTER_APP_IDENTITY_DISPLAY_NAME_H
#define MUSTER_APP_IDENTITY_DISPLAY_NAME_H

#include <stdbool.h>
#include <stddef.h>

enum {
    DISPLAY_NAME_MAX = 24,
    DISPLAY_NAME_SIZE = DISPLAY_NAME_MAX + 1
};

/* Is `name` well-formed UTF-8 of at most DISPLAY_NAME_MAX octets without control characters (C0,
 * DEL, C1) and without marks that change the writing direction, which could make one name look like
 * another? An empty name is valid. */
bool display_name_is_valid(const char *name);

/* The same for any text that goes to a screen or a log, of at most `octets_max` octets. */
bool display_text_is_valid(const char *text, size_t octets_max);

#endif
