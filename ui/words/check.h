/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which check failed, in the screen's language.
 */
#ifndef MUSTER_UI_WORDS_CHECK_H
#define MUSTER_UI_WORDS_CHECK_H

#include <stdbool.h>

/* The words for a check by its name for machines (event.h: `check`), as a phrase that ends a
 * sentence: "invalid signature". The name itself where it is none that there is, and a phrase for
 * NULL. Never NULL; lives as long as the program, or as `check`. */
const char *check_words(const char *check);

/* Is that the check that what was looked for is there? NULL is none. */
bool check_is_absence(const char *check);

#endif
