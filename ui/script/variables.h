/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The texts that a script has given names: ${NAME} within a text stands for one.
 */
#ifndef MUSTER_UI_SCRIPT_VARIABLES_H
#define MUSTER_UI_SCRIPT_VARIABLES_H

#include <stdbool.h>
#include <stddef.h>

enum {
    VARIABLES_MAX = 64 /* of a script */
};

/* None at first, all zero; to be cleared. */
struct variables {
    size_t count;
    struct {
        const char *name; /* belongs to the program */
        char *value;
    } of[VARIABLES_MAX];
};

/* The next ${NAME} at or after `text`: where its $ is, and its name and how long that is. NULL when
 * there is none. A name that no } closes reaches to the end of the text: *is_closed says so. */
const char *variable_in(const char *text, const char **name, size_t *length, bool *is_closed);

/* Gives `name`, which outlives them, a copy of that text. False when out of memory, or of names. */
bool variables_set(struct variables *variables, const char *name, const char *value);

/* Writes the first `length` octets of `text` with the values in place of the names into out[size],
 * terminated; a name without a value is empty. False when it is too long. */
bool variables_expand(const struct variables *variables, const char *text, size_t length, char *out,
                      size_t size);

/* Frees what they hold. */
void variables_clear(struct variables *variables);

#endif
