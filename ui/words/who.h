/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who somebody is, in words: by the name that counts, or else by the end of the identity and what
 * it says of itself. A claimed name never stands alone.
 */
#ifndef MUSTER_UI_WORDS_WHO_H
#define MUSTER_UI_WORDS_WHO_H

#include "app/handset/event.h"

enum {
    WHO_SIZE = OFFICER_NAME_SIZE + 64 /* in every language, terminated */
};

/* In a sentence beside which the identity stands: "Ben", "025703-0 (says “Ben”)" of a claimed name,
 * the identity where no name is known. Returns `room`. */
const char *who_words(char room[WHO_SIZE], const char *name, enum name_kind kind,
                      const char *identity);

/* In a sentence that stands alone: "Ben (025703-0)", and the others as above. */
const char *who_told(char room[WHO_SIZE], const char *name, enum name_kind kind,
                     const char *identity);

/* A name in a column of its own beside the identity: a claimed one in quotes. */
const char *who_name(char room[WHO_SIZE], const char *name, enum name_kind kind);

#endif
