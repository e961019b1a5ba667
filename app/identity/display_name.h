/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The name that an officer sees beside an identity, or of a group. It comes from outside and goes
 * to a screen.
 *
 * A name is at most DISPLAY_NAME_LETTERS letters, as a person counts them, in any script, and is
 * kept in its composed form (NFC): typed in another way it is the same name. Ten octets a letter
 * are room for every script's usual letters with their marks. What would leave no trace on a screen
 * makes no other name: variation selectors and joiners without effect are left out; the joiners
 * that Persian, Indic scripts and emoji need stay.
 */
#ifndef MUSTER_APP_IDENTITY_DISPLAY_NAME_H
#define MUSTER_APP_IDENTITY_DISPLAY_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/status.h"

enum {
    DISPLAY_NAME_LETTERS = 24,
    DISPLAY_NAME_MAX = 10 * DISPLAY_NAME_LETTERS, /* octets */
    DISPLAY_NAME_SIZE = DISPLAY_NAME_MAX + 1,
    DISPLAY_NAME_MARKS_MAX = 4 /* over one character: what a terminal's cell holds */
};

/* What to tell whoever gave a name that display_name_make does not take. */
#define DISPLAY_NAME_RULE                                                                          \
    "a name has at most 24 letters, in any script, and nothing that cannot be seen"

/* The name that somebody typed or wrote in a list, into `name`; an empty one is allowed.
 * STATUS_TOO_LONG over DISPLAY_NAME_LETTERS or DISPLAY_NAME_MAX. STATUS_MALFORMED when it is not
 * well-formed UTF-8, begins with a mark, piles more than DISPLAY_NAME_MARKS_MAX marks on one
 * character, or holds what cannot be seen: control characters (C0, DEL, C1), what changes the
 * writing direction, other format characters, private or unassigned characters, fillers. On failure
 * `name` is empty. */
MUST_CHECK enum status display_name_make(const char *text, char name[DISPLAY_NAME_SIZE]);

/* Is `name` one that display_name_make takes? */
bool display_name_is_valid(const char *name);

/* A name as it stands in a message or a record: puts it in the same form, in place. What cannot be
 * seen shows as U+FFFD: it was allowed once, and must not make a store unreadable, nor one name
 * look like another. False when it is not well-formed UTF-8, too long, or holds control characters
 * or what changes the writing direction. */
bool display_name_take(char name[DISPLAY_NAME_SIZE]);

/* Any text that goes to a screen or a log: is it well-formed UTF-8 of at most `octets_max` octets,
 * without control characters and what changes the writing direction? */
bool display_text_is_valid(const char *text, size_t octets_max);

/* How many letters it has, as a person counts them. */
size_t display_text_letters(const char *text);

#endif
