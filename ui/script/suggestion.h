/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which of the known words was meant by one that is none of them.
 */
#ifndef MUSTER_UI_SCRIPT_SUGGESTION_H
#define MUSTER_UI_SCRIPT_SUGGESTION_H

#include <stdbool.h>
#include <stddef.h>

struct suggestion {
    const char *word;
    const char *best; /* NULL while none is near */
    size_t distance;  /* of the best */
};

enum {
    SUGGESTION_SIZE = 96
};

/* Nothing suggested yet for that word, which has to outlive it, as each candidate has. */
struct suggestion suggestion_for(const char *word);

/* A word that may have been meant: it was, if it is the nearest, by letters that were left out, put
 * in, changed, or swapped with the next: one of them, or two in a word of five or more. Capitals
 * count as small letters, and the word itself is no suggestion. */
void suggestion_try(struct suggestion *suggestion, const char *candidate);

/* "; did you mean 'expect'?", or empty. */
void suggestion_write(const struct suggestion *suggestion, char out[SUGGESTION_SIZE]);

#endif
