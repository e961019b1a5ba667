/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of a script that is wrong: all of it at once, before anything runs. The messages are
 * kept in fixtures/golden/script-errors.txt, for people to look at; MUSTER_GOLDEN=rewrite writes
 * them anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ui/script/script.h"
#include "ui/script/suggestion.h"

static const char golden[] = "fixtures/golden/script-errors.txt";

/* Each is a script of its own. */
static const char *const wrong[] = {
    "expct \"Nearby\"",
    "Expect \"Nearby\"",
    "tpye \"Anna\"",
    "push b",
    "key a\nkey hyper\nkey etner\nkey",
    "key a 0",
    "key a 1001",
    "key a 2 3",
    "handset 4",
    "handset one",
    "handset",
    "type Anna",
    "type \"Anna",
    "type \"\"",
    "type \"a\"b",
    "paste /a/",
    "say",
    "expect",
    "expect /(/",
    "expect /Anna",
    "expect \"Anna\" withn 5s",
    "expect \"Anna\" within",
    "expect \"Anna\" within 5",
    "expect event",
    "expect event group-raedy",
    "expect event no-call",
    "expect event nearby nmae=Anna",
    "expect event nearby name",
    "expect event nearby tag=K7QXT2AB",
    "advance",
    "advance 20sec",
    "advance 9999999s",
    "snapshot ../secret",
    "snapshot",
    "events now",
    "key a\x1b[2J",
    "repeat",
    "repeat 0\nkey a\nend",
    "repeat 2\nkey a",
    "repeat 2\nrepeat 3\nkey a\nend",
    "key a\nend",
    "repeat 2\nkey a\nend 2",
    "repaet 2\nkey a\nend",
    "repeat 2\nrepeat 2\nrepeat 2\nrepeat 2\nrepeat 2\nrepeat 2\nrepeat 2\nrepeat 2\nrepeat 2\n"
    "end\nend\nend\nend\nend\nend\nend\nend\nend",
    "limit",
    "limit 5",
    "limit 5s 6s",
    "limit 5s\nlimit 6s",
    "key a\nlimit 5s",
    "limti 5s",
    "let",
    "let Who \"Ben\"",
    "let who Ben",
    "say \"${who}\"\nlet who \"Ben\"",
    "let who \"Ben\"\nsay \"${woh}\"",
    "let who \"Ben\"\nsay \"${who\"",
    "expect event nearby name=${who}",
    "capture",
    "capture \"key\" as id",
    "capture \"*\" as id",
    "capture \"a*b*c\" as id",
    "capture \"key *\"",
    "capture \"key *\" as ID",
    "capture \"key *\" as id wihtin 5s",
    "captrue \"key *\" as id",
    "part",
    "part \"\"",
    "prat \"Enrol\"",
    "repeat 2\npart \"Enrol\"\nend",
};

static void on_press(void *context, int handset, uint32_t press) {
    (void)handset;
    (void)press;
    *(int *)context += 1;
}

static size_t on_events(void *context, int handset, const struct event **events) {
    (void)context;
    (void)handset;
    *events = NULL;
    return 0;
}

static void refuse(const char *text, char problem[SCRIPT_PROBLEM_SIZE]) {
    int presses = 0;
    const struct stage stage = {
        .context = &presses, .handsets = 3, .press = on_press, .events = on_events};
    assert_null(script_parse("drill", text, &stage, problem));
    assert_int_equal(presses, 0);
}

static char *all_messages(void) {
    char *text = NULL, problem[SCRIPT_PROBLEM_SIZE];
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        refuse(wrong[i], problem);
        for (const char *c = wrong[i]; *c; c++) {
            fputc(*c == 0x1B ? '?' : *c, out);
        }
        fputs("\n  ", out);
        for (const char *c = problem; *c; c++) {
            fputc(*c, out);
            fputs(*c == '\n' ? "  " : "", out);
        }
        fputs("\n\n", out);
    }
    assert_int_equal(fclose(out), 0);
    return text;
}

static void each_message_is_as_it_was_looked_at(void **state) {
    (void)state;
    char *text = all_messages(), *kept = calloc(1, 65536);
    const char *wish = getenv("MUSTER_GOLDEN");
    bool is_rewriting = wish != NULL && strcmp(wish, "rewrite") == 0;
    FILE *file = fopen(golden, is_rewriting ? "w" : "r");
    assert_non_null(kept);
    assert_non_null(file);
    if (is_rewriting) {
        fputs(text, file);
    } else {
        (void)!fread(kept, 1, 65535, file);
        assert_string_equal(text, kept);
    }
    assert_int_equal(fclose(file), 0);
    free(kept);
    free(text);
}

static void all_errors_of_a_file_are_told_at_once(void **state) {
    (void)state;
    char problem[SCRIPT_PROBLEM_SIZE];
    refuse("key a\nexpct \"x\"\n# expct\nhandset 9\nkey enter\nadvance 3\n", problem);
    assert_string_equal(problem,
                        "drill:2: 'expct' is no word of a script; did you mean 'expect'?\n"
                        "drill:4: a handset is a number from 1 to 3, not '9'\n"
                        "drill:6: a duration is a number with ms, s, min, h or d (20s), not '3'");
}

static void of_many_errors_the_first_are_told_and_the_rest_counted(void **state) {
    (void)state;
    char text[2 * 24 + 1] = "", problem[SCRIPT_PROBLEM_SIZE];
    for (int i = 0; i < 24; i++) {
        strcat(text, "?\n");
    }
    refuse(text, problem);
    assert_non_null(strstr(problem, "\ndrill:20: "));
    assert_null(strstr(problem, "\ndrill:21: "));
    const char *last = strrchr(problem, '\n');
    assert_non_null(last);
    assert_string_equal(last, "\nand 4 more");
}

static void the_program_says_its_name_on_each_line_but_the_last(void **state) {
    (void)state;
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    assert_string_equal(script_problems_print("a:1: x\na:2: y\na:3: z", "muster", out), "a:3: z");
    assert_string_equal(script_problems_print("b:1: x", "muster", out), "b:1: x");
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "muster: a:1: x\nmuster: a:2: y\n");
    free(text);
}

static void the_nearest_word_is_suggested_and_a_far_one_is_not(void **state) {
    (void)state;
    static const struct {
        const char *word, *best;
    } cases[] = {
        {"expct", "expect"}, {"EXPECT", "expect"}, {"exepct", "expect"}, {"events", "event"},
        {"ky", "key"},       {"kez", "key"},       {"kzz", NULL},        {"x", NULL},
        {"key", NULL},       {"expense", NULL},    {"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct suggestion suggestion = suggestion_for(cases[i].word);
        suggestion_try(&suggestion, "key");
        suggestion_try(&suggestion, "expect");
        suggestion_try(&suggestion, "event");
        if (cases[i].best == NULL) {
            assert_null(suggestion.best);
        } else {
            assert_non_null(suggestion.best);
            assert_string_equal(suggestion.best, cases[i].best);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_message_is_as_it_was_looked_at),
        cmocka_unit_test(all_errors_of_a_file_are_told_at_once),
        cmocka_unit_test(of_many_errors_the_first_are_told_and_the_rest_counted),
        cmocka_unit_test(the_program_says_its_name_on_each_line_but_the_last),
        cmocka_unit_test(the_nearest_word_is_suggested_and_a_far_one_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
