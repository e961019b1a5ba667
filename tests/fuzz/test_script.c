/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any text as a script: it is a script, or all that is wrong with it is said in lines that a
 * terminal can show. Nothing of it runs. */
#include <string.h>

#include "tests/fuzz/target.h"
#include "ui/script/script.h"

static size_t no_events(void *context, int handset, const struct event **events) {
    (void)context;
    (void)handset;
    *events = NULL;
    return 0;
}

static void look_at(const char *problem) {
    int lines = 1;
    must(problem[0] != 0 && strlen(problem) < SCRIPT_PROBLEM_SIZE);
    for (const char *c = problem; *c != 0; c++) {
        must(*c == '\n' || ((unsigned char)*c >= ' ' && *c != 0x7F));
        lines += *c == '\n';
    }
    must(lines <= SCRIPT_PROBLEMS_MAX + 1 && problem[strlen(problem) - 1] != '\n');
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    static char problem[SCRIPT_PROBLEM_SIZE];
    char *text = malloc(length + 1);
    must(text != NULL);
    memcpy(text, octets, length);
    text[length] = 0;
    const struct stage stage = {.handsets = 4, .events = length % 2 == 0 ? no_events : NULL};
    struct script *script = script_parse("drill", text, &stage, problem);
    if (script == NULL) {
        look_at(problem);
    } else {
        must(problem[0] == 0);
        script_free(script);
    }
    free(text);
    return 0;
}
