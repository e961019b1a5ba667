/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages as the officers of a squad write and see them, in the first group of each handset.
 */
#ifndef MUSTER_TESTS_APP_TEXTS_H
#define MUSTER_TESTS_APP_TEXTS_H

#include "squad.h"

/* The identity of that group. */
const char *texts_group(struct squad *squad, size_t n);

/* Handset n's officer writes that text; status word `word` (0: none). */
enum status texts_write_word(struct squad *squad, size_t n, const char *text, int word);
enum status texts_write(struct squad *squad, size_t n, const char *text);

/* The officer has seen the first `count` that are shown; all of them. */
void texts_read_first(struct squad *squad, size_t n, size_t count);
void texts_read(struct squad *squad, size_t n);

/* How often handset n shows that text. */
unsigned texts_shown(struct squad *squad, size_t n, const char *text);

#endif
