/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/script/problems.h"

#include <string.h>

struct script_problems script_problems_begin(char text[SCRIPT_PROBLEM_SIZE]) {
    text[0] = 0;
    return (struct script_problems){.text = text};
}

static void add_line(struct script_problems *problems, const char *line) {
    size_t length = strlen(problems->text);
    snprintf(problems->text + length, SCRIPT_PROBLEM_SIZE - length, "%s%s", length > 0 ? "\n" : "",
             line);
}

void script_problems_add(struct script_problems *problems, const char *name, int line_number,
                         const char *reason) {
    char line[SCRIPT_PROBLEM_LINE], at[16] = "";
    if (line_number > 0) {
        snprintf(at, sizeof at, ":%d", line_number);
    }
    snprintf(line, sizeof line - 1, "%.100s%s: %s", name, at, reason);
    /* A script's own octets are in it. */
    for (char *c = line; *c; c++) {
        *c = (unsigned char)*c < ' ' || *c == 0x7F ? '?' : *c;
    }
    if (problems->count++ < SCRIPT_PROBLEMS_MAX) {
        add_line(problems, line);
    }
}

void script_problems_end(struct script_problems *problems) {
    char line[64];
    if (problems->count > SCRIPT_PROBLEMS_MAX) {
        snprintf(line, sizeof line, "and %d more", problems->count - SCRIPT_PROBLEMS_MAX);
        add_line(problems, line);
    }
}

const char *script_problems_print(const char *text, const char *program, FILE *out) {
    const char *end;
    while ((end = strchr(text, '\n')) != NULL) {
        fprintf(out, "%s: %.*s\n", program, (int)(end - text), text);
        text = end + 1;
    }
    return text;
}
