/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/script/suggestion.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
    LETTERS_MAX = 40
};

struct suggestion suggestion_for(const char *word) {
    return (struct suggestion){.word = word};
}

static int lower(char c) {
    return tolower((unsigned char)c);
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* The edits from one word to the other (optimal string alignment). Both have at most LETTERS_MAX
 * letters. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length) {
    size_t edits[LETTERS_MAX + 1][LETTERS_MAX + 1];
    for (size_t i = 0; i <= a_length; i++) {
        for (size_t j = 0; j <= b_length; j++) {
            if (i == 0 || j == 0) {
                edits[i][j] = i + j;
                continue;
            }
            bool is_same = lower(a[i - 1]) == lower(b[j - 1]);
            edits[i][j] = least(least(edits[i - 1][j], edits[i][j - 1]) + 1,
                                edits[i - 1][j - 1] + (is_same ? 0 : 1));
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1])) {
                edits[i][j] = least(edits[i][j], edits[i - 2][j - 2] + 1);
            }
        }
    }
    return edits[a_length][b_length];
}

void suggestion_try(struct suggestion *suggestion, const char *candidate) {
    size_t length = strlen(suggestion->word), candidate_length = strlen(candidate);
    if (length < 2 || length > LETTERS_MAX || candidate_length > LETTERS_MAX ||
        strcmp(suggestion->word, candidate) == 0) {
        return;
    }
    size_t edits = distance(suggestion->word, length, candidate, candidate_length);
    if (edits <= (length < 5 ? 1u : 2u) && (!suggestion->best || edits < suggestion->distance)) {
        suggestion->best = candidate;
        suggestion->distance = edits;
    }
}

void suggestion_write(const struct suggestion *suggestion, char out[SUGGESTION_SIZE]) {
    out[0] = 0;
    if (suggestion->best) {
        snprintf(out, SUGGESTION_SIZE, "; did you mean '%s'?", suggestion->best);
    }
}
