/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is wrong with a script: one line for each error, "demo.script:12: ...", in the order in
 * which they were found.
 */
#ifndef MUSTER_UI_SCRIPT_PROBLEMS_H
#define MUSTER_UI_SCRIPT_PROBLEMS_H

#include <stdio.h>

enum {
    SCRIPT_PROBLEM_LINE = 320, /* octets of one error, terminated */
    SCRIPT_PROBLEMS_MAX = 20,  /* that are told; the rest are counted */
    SCRIPT_PROBLEM_SIZE = (SCRIPT_PROBLEMS_MAX + 1) * SCRIPT_PROBLEM_LINE,
};

struct script_problems {
    char *text; /* of SCRIPT_PROBLEM_SIZE octets; lines with a newline between them */
    int count;  /* also of those that are not in text[] */
};

/* None yet: text[], which has to outlive them, is empty. */
struct script_problems script_problems_begin(char text[SCRIPT_PROBLEM_SIZE]);

/* Adds one: `line_number` of the file `name`, from 1, or 0 where it is of the file as a whole. */
void script_problems_add(struct script_problems *problems, const char *name, int line_number,
                         const char *reason);

/* All were found: where some are not in text[], its last line says how many. */
void script_problems_end(struct script_problems *problems);

/* Writes all lines of `text` but the last to `out`, each as "PROGRAM: LINE", and returns the last
 * one, for the program to say in the way in which it says an error. */
const char *script_problems_print(const char *text, const char *program, FILE *out);

#endif
