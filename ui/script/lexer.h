/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a line of a script is made of: words, numbers, durations, and texts between quotes. The
 * grammar (ui/README.md) has them in capitals.
 */
#ifndef MUSTER_UI_SCRIPT_LEXER_H
#define MUSTER_UI_SCRIPT_LEXER_H

#include <stdbool.h>
#include <stdint.h>

enum {
    LEXER_WORD_SIZE = 64,    /* octets of a word, terminated */
    LEXER_PROBLEM_SIZE = 200 /* cut off there */
};

/* What is left of a line, terminated, and the first thing that is wrong with it. */
struct lexer {
    const char *at;
    bool has_failed;
    char problem[LEXER_PROBLEM_SIZE];
};

/* Notes what is wrong, unless something was already. Returns false. */
bool lexer_complain(struct lexer *lexer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Takes blanks. Is nothing left? */
bool lexer_at_end(struct lexer *lexer);

/* WORD: what stands up to the next blank; empty at the end of the line. */
bool lexer_word(struct lexer *lexer, char word[LEXER_WORD_SIZE]);

/* Takes the next word if it is this one; nothing is wrong if it is another. */
bool lexer_this_word(struct lexer *lexer, const char *expected);

/* NUMBER, from 1 to `most`; `what` it counts, for messages. */
bool lexer_number(struct lexer *lexer, const char *what, int most, int *out);

/* DURATION, as milliseconds. */
bool lexer_duration(struct lexer *lexer, int64_t *out);

/* TEXT, or REGEX: what stands between two `quote`s, which the caller frees. */
bool lexer_quoted(struct lexer *lexer, char quote, char **out);

#endif
