/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Questions to whoever sits at the terminal.
 */
#ifndef MUSTER_APP_PROGRAMS_QUESTION_H
#define MUSTER_APP_PROGRAMS_QUESTION_H

#include <stdbool.h>
#include <stddef.h>

/* Is there somebody to ask? */
bool question_is_possible(void);

/* Prints `question` and reads a line from standard input into answer[0..size), without its end; an
 * empty one where nothing was typed. */
void question_ask(const char *question, char *answer, size_t size);

/* Prints "QUESTION [y/N] " and says whether the answer is y or yes. */
bool question_says_yes(const char *question);

#endif
