/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/question.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

bool question_is_possible(void) {
    return isatty(STDIN_FILENO) == 1;
}

void question_ask(const char *question, char *answer, size_t size) {
    answer[0] = '\0';
    fputs(question, stdout);
    fflush(stdout);
    if (fgets(answer, (int)size, stdin) != NULL) {
        answer[strcspn(answer, "\r\n")] = '\0';
    }
}

bool question_says_yes(const char *question) {
    char text[160], answer[16];
    snprintf(text, sizeof text, "%s [y/N] ", question);
    question_ask(text, answer, sizeof answer);
    return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}
