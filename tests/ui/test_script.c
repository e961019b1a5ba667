/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ui/script/script.h"
#include "ui/ui.h"

enum {
    HANDSETS = 3
};

/* A stage whose handsets show what was typed on them, and one of which rings at a given time. */
struct rehearsal {
    struct canvas *screens[HANDSETS];
    char typed[HANDSETS][64];
    int presses;
    char said[128];
    struct stage stage;
};

static void on_press(void *context, int handset, uint32_t press) {
    struct rehearsal *rehearsal = context;
    char *typed = rehearsal->typed[handset - 1];
    size_t length = strlen(typed);
    typed[length] = press == PRESS_ENTER         ? '!'
                    : press == PRESS_PASTE_BEGIN ? '['
                    : press == PRESS_PASTE_END   ? ']'
                    : press < 0x80               ? (char)press
                                                 : '+';
    typed[length + 1] = 0;
    rehearsal->presses++;
}

static const struct canvas *on_screen(void *context, int handset) {
    struct rehearsal *rehearsal = context;
    struct canvas *canvas = rehearsal->screens[handset - 1];
    area_print(area_of(canvas), 1, 0, STYLE_PLAIN, "typed: %s", rehearsal->typed[handset - 1]);
    return canvas;
}

static void on_say(void *context, const char *text) {
    struct rehearsal *rehearsal = context;
    snprintf(rehearsal->said, sizeof rehearsal->said, "%s", text);
}

static void show(struct rehearsal *rehearsal, int handset, const char *text) {
    struct area area = area_of(rehearsal->screens[handset - 1]);
    area_fill(area_within(area, 0, 0, 1, area.columns), ' ', STYLE_PLAIN);
    area_text(area, 0, 0, STYLE_PLAIN, text);
}

static int set_up(void **state) {
    struct rehearsal *rehearsal = calloc(1, sizeof *rehearsal);
    for (int i = 0; i < HANDSETS; i++) {
        rehearsal->screens[i] = canvas_new(30, 3);
    }
    rehearsal->stage = (struct stage){
        .context = rehearsal,
        .handsets = HANDSETS,
        .press = on_press,
        .screen = on_screen,
        .say = on_say,
        .golden_directory = "/nonexistent",
    };
    *state = rehearsal;
    return 0;
}

static int tear_down(void **state) {
    struct rehearsal *rehearsal = *state;
    for (int i = 0; i < HANDSETS; i++) {
        canvas_free(rehearsal->screens[i]);
    }
    free(rehearsal);
    return 0;
}

static struct script *parsed(struct rehearsal *rehearsal, const char *text) {
    char problem[SCRIPT_PROBLEM_SIZE] = "";
    struct script *script = script_parse("drill", text, &rehearsal->stage, problem);
    assert_string_equal(problem, "");
    assert_non_null(script);
    return script;
}

static void assert_refused(struct rehearsal *rehearsal, const char *text, const char *expected) {
    char problem[SCRIPT_PROBLEM_SIZE] = "";
    assert_null(script_parse("drill", text, &rehearsal->stage, problem));
    assert_string_equal(problem, expected);
    assert_int_equal(rehearsal->presses, 0);
}

static void a_script_presses_keys_on_the_handset_that_it_names(void **state) {
    struct rehearsal *rehearsal = *state;
    struct script *script = parsed(rehearsal, "# first steps\n"
                                              "key down 2\n"
                                              "\n"
                                              "  handset 3\r\n"
                                              "type \"say \\\"hi\\\" \\\\ #1\"  \n"
                                              "key enter\n"
                                              "handset 2\n"
                                              "paste \"q 1\"\n"
                                              "say \"done\"");
    assert_int_equal(script_step(script, 0), SCRIPT_PASSED);
    assert_string_equal(rehearsal->typed[0], "++");
    assert_string_equal(rehearsal->typed[1], "[q 1]");
    assert_string_equal(rehearsal->typed[2], "say \"hi\" \\ #1!");
    assert_string_equal(rehearsal->said, "done");
    assert_string_equal(script_report(script), "");
    script_free(script);
}

static void what_is_repeated_runs_so_often_and_repeats_may_stand_in_each_other(void **state) {
    struct rehearsal *rehearsal = *state;
    struct script *script = parsed(rehearsal, "repeat 2\n"
                                              "  key a\n"
                                              "  repeat 3\n"
                                              "    key b\n"
                                              "    advance 1s\n"
                                              "  end\n"
                                              "end\n"
                                              "repeat 2\nend\n"
                                              "key c\n");
    for (int64_t now_ms = 0; now_ms < 6000; now_ms += 1000) {
        assert_int_equal(script_step(script, now_ms), SCRIPT_RUNNING);
        assert_int_equal(script_deadline(script), now_ms + 1000);
    }
    assert_int_equal(script_step(script, 6000), SCRIPT_PASSED);
    assert_string_equal(rehearsal->typed[0], "abbbabbbc");
    script_free(script);
}

/* However long it goes on without waiting, it can be stopped in between. */
static void a_step_of_many_lines_comes_back_in_between(void **state) {
    struct script *script = parsed(*state, "repeat 1000\nrepeat 1000\nend\nend\n");
    assert_int_equal(script_step(script, 7), SCRIPT_RUNNING);
    assert_false(script_is_watching(script));
    assert_int_equal(script_deadline(script), 7);
    int steps = 1;
    while (script_step(script, 7) == SCRIPT_RUNNING) {
        steps++;
    }
    assert_in_range(steps, 50, 500);
    script_free(script);
}

static void a_run_that_takes_longer_than_its_limit_fails_where_it_is(void **state) {
    struct rehearsal *rehearsal = *state;
    struct script *script =
        parsed(rehearsal, "# a drill\nlimit 2s\nadvance 1s\nexpect \"Ben\" within 5s\nkey a\n");
    assert_int_equal(script_step(script, 100), SCRIPT_RUNNING);
    assert_int_equal(script_deadline(script), 1100);
    assert_int_equal(script_step(script, 1100), SCRIPT_RUNNING);
    assert_int_equal(script_deadline(script), 2100);
    assert_int_equal(script_step(script, 2099), SCRIPT_RUNNING);
    assert_int_equal(script_step(script, 2100), SCRIPT_FAILED);
    assert_non_null(
        strstr(script_report(script), "drill:4: the limit of 2s was over here\nThe screen"));
    assert_int_equal(rehearsal->presses, 0);
    script_free(script);
}

static void a_run_may_take_its_limit_and_no_line_begins_after_it(void **state) {
    struct rehearsal *rehearsal = *state;
    static const char text[] = "limit 2s\nadvance 2s\nkey a\n";
    struct script *script = parsed(rehearsal, text);
    assert_int_equal(script_step(script, 0), SCRIPT_RUNNING);
    assert_int_equal(script_step(script, 2000), SCRIPT_PASSED);
    assert_int_equal(rehearsal->presses, 1);
    script_free(script);
    script = parsed(rehearsal, text);
    assert_int_equal(script_step(script, 0), SCRIPT_RUNNING);
    assert_int_equal(script_step(script, 2001), SCRIPT_FAILED);
    assert_int_equal(rehearsal->presses, 1);
    script_free(script);
}

static void who_keeps_going_runs_all_lines_and_fails_in_the_end(void **state) {
    struct rehearsal *rehearsal = *state;
    rehearsal->stage.keeps_going = true;
    show(rehearsal, 1, "Anna");
    struct script *script = parsed(rehearsal, "expect \"Ben\"\nkey a\nexpect \"Cleo\" within 1s\n"
                                              "expect \"Anna\"\nsnapshot none\nkey b\n");
    assert_int_equal(script_step(script, 0), SCRIPT_RUNNING);
    assert_non_null(strstr(script_report(script), "drill:1: expected \"Ben\"\n"));
    assert_int_equal(script_step(script, 1000), SCRIPT_FAILED);
    assert_string_equal(rehearsal->typed[0], "ab");
    const char *report = script_report(script);
    assert_non_null(strstr(report, "drill:1: expected \"Ben\"\nThe screen of handset 1 was:\n"));
    assert_non_null(strstr(report, "\ndrill:3: expected \"Cleo\" within 1s\n"));
    assert_null(strstr(report, "drill:4:"));
    assert_non_null(strstr(report, "\ndrill:5: /nonexistent/none.txt: "));
    script_free(script);
    script = parsed(rehearsal, "expect \"Anna\"\n");
    assert_int_equal(script_step(script, 0), SCRIPT_PASSED);
    script_free(script);
}

static void of_many_lines_that_fail_the_first_are_told_and_the_others_counted(void **state) {
    struct rehearsal *rehearsal = *state;
    rehearsal->stage.keeps_going = true;
    struct script *script = parsed(rehearsal, "repeat 25\nexpect \"Ben\"\nend\n");
    assert_int_equal(script_step(script, 0), SCRIPT_FAILED);
    int told = 0;
    for (const char *at = script_report(script); (at = strstr(at, "drill:2: ")) != NULL; at++) {
        told++;
    }
    assert_int_equal(told, SCRIPT_FAILURES_TOLD);
    assert_non_null(strstr(script_report(script), "\n5 more lines did not come true.\n"));
    script_free(script);
}

static void a_text_has_a_name_and_stands_where_the_name_does(void **state) {
    struct rehearsal *rehearsal = *state;
    struct script *script =
        parsed(rehearsal, "let who \"Ben\"\nlet both \"${who} and $1 {x}\"\nsay \"<${both}>\"\n"
                          "type \"${who}${who}\"\nlet who \"Cleo\"\npaste \"${who}\"\n"
                          "expect /^a[${]?/\n");
    show(rehearsal, 1, "a");
    assert_int_equal(script_step(script, 0), SCRIPT_PASSED);
    assert_string_equal(rehearsal->said, "<Ben and $1 {x}>");
    assert_string_equal(rehearsal->typed[0], "BenBen[Cleo]");
    script_free(script);
}

static void what_stands_at_the_star_is_captured_without_its_blanks(void **state) {
    struct rehearsal *rehearsal = *state;
    show(rehearsal, 1, "key  A1B2  of Fire 7");
    struct script *script =
        parsed(rehearsal, "capture \"key*of\" as id\ncapture \"of *\" as group\n"
                          "capture \"* of ${group}\" as all\nsay \"${id}|${group}|${all}\"\n"
                          "expect \"${id}  of ${group}\"\nexpect not \"${id} of\"\n");
    assert_int_equal(script_step(script, 0), SCRIPT_PASSED);
    assert_string_equal(rehearsal->said, "A1B2|Fire 7|key  A1B2");
    script_free(script);
}

static void a_capture_waits_and_fails_as_an_expectation_does(void **state) {
    struct rehearsal *rehearsal = *state;
    static const char text[] =
        "let what \"key\"\ncapture \"${what} *.\" as id within 5s\nsay \"${id}\"\n";
    struct script *script = parsed(rehearsal, text);
    show(rehearsal, 1, "key  .");
    assert_int_equal(script_step(script, 0), SCRIPT_RUNNING);
    assert_true(script_is_watching(script));
    assert_int_equal(script_deadline(script), 5000);
    show(rehearsal, 1, "key B2. x");
    assert_int_equal(script_step(script, 4000), SCRIPT_PASSED);
    assert_string_equal(rehearsal->said, "B2");
    script_free(script);
    show(rehearsal, 1, "key B2");
    script = parsed(rehearsal, text);
    assert_int_equal(script_step(script, 0), SCRIPT_RUNNING);
    assert_int_equal(script_step(script, 5000), SCRIPT_FAILED);
    assert_non_null(strstr(script_report(script),
                           "drill:2: expected something at the star of \"key *.\" within 5s\n"));
    script_free(script);
}

static void a_text_that_grows_over_a_lines_length_fails(void **state) {
    struct rehearsal *rehearsal = *state;
    struct script *script =
        parsed(rehearsal, "let a \"abcdefgh\"\nrepeat 100\nlet a \"${a}${a}\"\nend\n");
    assert_int_equal(script_step(script, 0), SCRIPT_FAILED);
    assert_non_null(
        strstr(script_report(script), "drill:3: with its variables the line is too long\n"));
    script_free(script);
}

static void a_script_has_so_many_names_and_no_more(void **state) {
    char text[65 * 16] = "", problem[SCRIPT_PROBLEM_SIZE];
    struct rehearsal *rehearsal = *state;
    for (int i = 0; i < 65; i++) {
        if (i == 64) {
            script_free(parsed(rehearsal, text));
        }
        sprintf(text + strlen(text), "let n%d \"x\"\n", i);
    }
    assert_null(script_parse("drill", text, &rehearsal->stage, problem));
    assert_string_equal(problem, "drill:65: a script has at most 64 names");
}

static void an_empty_script_passes(void **state) {
    struct script *script = parsed(*state, "");
    assert_int_equal(script_step(script, 5), SCRIPT_PASSED);
    script_free(script);
}

static void what_is_expected_at_once_must_be_there_at_once(void **state) {
    struct rehearsal *rehearsal = *state;
    show(rehearsal, 1, "Groups: 2");
    struct script *script = parsed(rehearsal, "expect \"Groups\"\n"
                                              "expect /^Groups: [0-9]$/\n"
                                              "expect not \"group\"\n"
                                              "expect not /Groups: [3-9]/\n"
                                              "# the typed text is on the second row\n"
                                              "expect /^typed:/\n"
                                              "expect \"Keys\"\n"
                                              "key a\n");
    assert_int_equal(script_step(script, 0), SCRIPT_FAILED);
    assert_string_equal(script_report(script), "drill:7: expected \"Keys\"\n"
                                               "The screen of handset 1 was:\n"
                                               "Groups: 2\n"
                                               "typed:\n"
                                               "\n");
    assert_int_equal(script_step(script, 99), SCRIPT_FAILED);
    assert_int_equal(rehearsal->presses, 0);
    script_free(script);
}

static void within_waits_until_the_screen_shows_it(void **state) {
    struct rehearsal *rehearsal = *state;
    struct script *script = parsed(rehearsal, "handset 2\nexpect \"Fire 7\" within 5s\nkey x\n");
    assert_int_equal(script_step(script, 1000), SCRIPT_RUNNING);
    assert_true(script_is_watching(script));
    assert_int_equal(script_deadline(script), 6000);
    assert_int_equal(script_step(script, 5999), SCRIPT_RUNNING);
    assert_int_equal(rehearsal->presses, 0);
    show(rehearsal, 2, "Fire 7 asks");
    assert_int_equal(script_step(script, 6000), SCRIPT_PASSED);
    assert_string_equal(rehearsal->typed[1], "x");
    script_free(script);
}

static void within_fails_when_its_time_is_over(void **state) {
    struct rehearsal *rehearsal = *state;
    struct script *script = parsed(rehearsal, "expect /Fi+re/ within 90s\n");
    assert_int_equal(script_step(script, 0), SCRIPT_RUNNING);
    assert_int_equal(script_step(script, 89999), SCRIPT_RUNNING);
    assert_int_equal(script_step(script, 90000), SCRIPT_FAILED);
    assert_non_null(strstr(script_report(script), "drill:1: expected /Fi+re/ within 90s\n"));
    script_free(script);
}

static void expect_not_within_waits_until_it_is_gone(void **state) {
    struct rehearsal *rehearsal = *state;
    show(rehearsal, 1, "waiting");
    struct script *script = parsed(rehearsal, "expect not \"waiting\" within 2min\n");
    assert_int_equal(script_step(script, 0), SCRIPT_RUNNING);
    show(rehearsal, 1, "accepted");
    assert_int_equal(script_step(script, 100), SCRIPT_PASSED);
    script_free(script);

    show(rehearsal, 1, "waiting");
    script = parsed(rehearsal, "expect not \"waiting\" within 2min\n");
    assert_int_equal(script_step(script, 0), SCRIPT_RUNNING);
    assert_int_equal(script_step(script, 120000), SCRIPT_FAILED);
    assert_non_null(strstr(script_report(script), "expected not \"waiting\" within 2min\n"));
    script_free(script);
}

static void advance_lets_exactly_that_time_pass(void **state) {
    struct rehearsal *rehearsal = *state;
    struct script *script = parsed(rehearsal, "advance 250ms\nkey a\nadvance 1h\nkey b\n");
    assert_int_equal(script_step(script, 1000), SCRIPT_RUNNING);
    assert_false(script_is_watching(script));
    assert_int_equal(script_deadline(script), 1250);
    assert_int_equal(script_step(script, 1249), SCRIPT_RUNNING);
    assert_string_equal(rehearsal->typed[0], "");
    assert_int_equal(script_step(script, 1250), SCRIPT_RUNNING);
    assert_string_equal(rehearsal->typed[0], "a");
    assert_int_equal(script_deadline(script), 1250 + 3600000);
    assert_int_equal(script_step(script, 1250 + 3600000), SCRIPT_PASSED);
    assert_string_equal(rehearsal->typed[0], "ab");
    script_free(script);
}

static void a_script_whose_handset_ends_has_failed_unless_it_was_done(void **state) {
    struct rehearsal *rehearsal = *state;
    struct script *script = parsed(rehearsal, "key a\nadvance 1s\nsay \"done\"\n");
    assert_int_equal(script_step(script, 0), SCRIPT_RUNNING);
    assert_int_equal(script_end(script), SCRIPT_FAILED);
    assert_non_null(
        strstr(script_report(script), "drill:2: the handset ended before this line was done\n"));
    assert_int_equal(script_step(script, 1000), SCRIPT_FAILED);
    script_free(script);

    script = parsed(rehearsal, "key a\n");
    assert_int_equal(script_step(script, 0), SCRIPT_PASSED);
    assert_int_equal(script_end(script), SCRIPT_PASSED);
    assert_string_equal(script_report(script), "");
    script_free(script);
}

static void a_slash_can_be_escaped_in_a_pattern(void **state) {
    struct rehearsal *rehearsal = *state;
    show(rehearsal, 1, "level 3/10 (.)");
    struct script *script = parsed(rehearsal, "expect /[0-9]\\/10 \\(\\.\\)/\n");
    assert_int_equal(script_step(script, 0), SCRIPT_PASSED);
    script_free(script);
}

static void a_report_writes_what_was_expected_as_the_script_does(void **state) {
    static const char *const lines[] = {"expect /[0-9]\\/10\\.\\\\/",
                                        "expect not \"\\\"hi\\\" \\\\\""};
    struct rehearsal *rehearsal = *state;
    show(rehearsal, 1, "\"hi\" \\");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char expected[128];
        struct script *script = parsed(rehearsal, lines[i]);
        snprintf(expected, sizeof expected, "drill:1: expected%s\n", lines[i] + strlen("expect"));
        assert_int_equal(script_step(script, 0), SCRIPT_FAILED);
        assert_non_null(strstr(script_report(script), expected));
        script_free(script);
    }
}

static void a_pattern_is_of_characters_whatever_the_locale(void **state) {
    struct rehearsal *rehearsal = *state;
    show(rehearsal, 1, "Wärme 火");
    setlocale(LC_ALL, "C");
    struct script *script = parsed(rehearsal, "expect /^W.rme .$/\n"
                                              "expect /W[äö]rme/\n"
                                              "expect not /Wä+rmer/\n"
                                              "expect not /^W..rme/\n");
    assert_int_equal(script_step(script, 0), SCRIPT_PASSED);
    script_free(script);
}

/* An error anywhere is found before the first line runs, and names its line. */
static void a_script_error_names_its_line_before_anything_runs(void **state) {
    assert_refused(
        *state, "key a\n\npush b\n",
        "drill:3: 'push' is no word of a script (handset, key, type, paste, expect, advance, "
        "snapshot, say, events, repeat, end, limit, part, let, capture)");
    assert_refused(*state, "key a\nkey hyper\n", "drill:2: there is no key 'hyper'");
    assert_refused(*state, "key", "drill:1: there is no key ''");
    assert_refused(*state, "key a 0", "drill:1: how often is a number from 1 to 1000, not '0'");
    assert_refused(*state, "key a 2 3", "drill:1: what is '3' at the end?");
    assert_refused(*state, "handset 4", "drill:1: a handset is a number from 1 to 3, not '4'");
    assert_refused(*state, "handset one", "drill:1: a handset is a number from 1 to 3, not 'one'");
    assert_refused(*state, "type hello", "drill:1: \"...\" is missing here: 'hello'");
    assert_refused(*state, "type \"hello", "drill:1: no closing \"");
    assert_refused(*state, "type \"\"", "drill:1: nothing between the quotes");
    assert_refused(*state, "type \"a\"b", "drill:1: no blank after the closing \"");
    assert_refused(*state, "type \"a\\", "drill:1: no closing \"");
    assert_refused(*state, "expect", "drill:1: \"...\" is missing here: ''");
    assert_refused(*state, "expect /x", "drill:1: no closing /");
    assert_refused(*state, "expect \"x\" with 3s", "drill:1: what is 'with 3s' at the end?");
    assert_refused(*state, "snapshot ../secret",
                   "drill:1: a snapshot's name is of a-z, 0-9, - and _, not '../secret'");
    assert_refused(*state, "say", "drill:1: \"...\" is missing here: ''");
}

static void a_duration_has_a_unit(void **state) {
    static const char *const wrong[] = {"3",    "s",  "3 s",      "-3s", "3.5s",
                                        "3sec", "0s", "9999999s", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char line[64], problem[SCRIPT_PROBLEM_SIZE];
        struct rehearsal *rehearsal = *state;
        snprintf(line, sizeof line, "advance %s", wrong[i]);
        assert_null(script_parse("drill", line, &rehearsal->stage, problem));
        assert_non_null(strstr(problem, "drill:1: a duration is a number with ms, s, min, h or d"));
    }
}

static void a_bad_pattern_is_a_script_error(void **state) {
    struct rehearsal *rehearsal = *state;
    char problem[SCRIPT_PROBLEM_SIZE];
    assert_null(script_parse("drill", "key a\nexpect /(/\n", &rehearsal->stage, problem));
    assert_non_null(strstr(problem, "drill:2: /(/ is no regular expression: "));
}

static void a_line_too_long_is_a_script_error(void **state) {
    struct rehearsal *rehearsal = *state;
    char text[SCRIPT_LINE_MAX + 16], problem[SCRIPT_PROBLEM_SIZE];
    memset(text, '#', sizeof text);
    text[sizeof text - 1] = 0;
    assert_null(script_parse("drill", text, &rehearsal->stage, problem));
    assert_string_equal(problem, "drill:1: the line is over 2000 octets");
}

static void a_script_that_cannot_be_read_is_named(void **state) {
    struct rehearsal *rehearsal = *state;
    char problem[SCRIPT_PROBLEM_SIZE];
    assert_null(script_load("/nonexistent/a.script", &rehearsal->stage, problem));
    assert_string_equal(problem, "/nonexistent/a.script: No such file or directory");
    assert_null(script_load("/", &rehearsal->stage, problem));
    assert_string_equal(problem, "/: Is a directory");
}

static enum script_state snapshot(struct rehearsal *rehearsal, char report[512]) {
    struct script *script = parsed(rehearsal, "snapshot first\n");
    enum script_state state = script_step(script, 0);
    snprintf(report, 512, "%s", script_report(script));
    script_free(script);
    return state;
}

static void a_snapshot_is_the_whole_screen_and_rewritten_only_when_asked(void **state) {
    struct rehearsal *rehearsal = *state;
    char directory[] = "/tmp/muster-golden-XXXXXX", path[64], report[512];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/first.txt", directory);
    rehearsal->stage.golden_directory = directory;
    show(rehearsal, 1, "Keys");

    assert_int_equal(snapshot(rehearsal, report), SCRIPT_FAILED);
    assert_non_null(strstr(report, "first.txt: No such file or directory\n"));
    assert_int_equal(access(path, F_OK), -1);

    rehearsal->stage.rewrite_golden = true;
    assert_int_equal(snapshot(rehearsal, report), SCRIPT_PASSED);
    rehearsal->stage.rewrite_golden = false;
    assert_int_equal(snapshot(rehearsal, report), SCRIPT_PASSED);

    show(rehearsal, 1, "Keys 2");
    assert_int_equal(snapshot(rehearsal, report), SCRIPT_FAILED);
    assert_non_null(strstr(report, "drill:1: expected the screen in "));
    assert_non_null(strstr(report, "first.txt, whose row 1 is:\nKeys\nThe screen of handset 1"));
    assert_non_null(strstr(report, "\nKeys 2\ntyped:\n\n"));

    /* A golden file with a row more is another screen. */
    show(rehearsal, 1, "Keys");
    FILE *golden = fopen(path, "a");
    fputs("more\n", golden);
    fclose(golden);
    assert_int_equal(snapshot(rehearsal, report), SCRIPT_FAILED);
    assert_non_null(strstr(report, "first.txt, whose row 4 is:\nmore\n"));

    /* And so is one with a row less. */
    assert_int_equal(truncate(path, strlen("Keys\ntyped:\n")), 0);
    assert_int_equal(snapshot(rehearsal, report), SCRIPT_FAILED);
    assert_non_null(strstr(report, "first.txt, which has no row 3\n"));
    unlink(path);
    rmdir(directory);
}

static void random_text_never_crashes_the_parser(void **state) {
    struct rehearsal *rehearsal = *state;
    unsigned seed = 20260102;
    print_message("seed %u\n", seed);
    srandom(seed);
    static const char *const pieces[] = {
        "key ", "expect ",  "not ",  "event ", "nearby ", "name=", "\"",
        "/",    "within ",  "type ", "a",      "3s",      "\n",    "\\",
        "(",    "handset ", "2",     " ",      "[",       "say ",  "\xFF"};
    int good = 0;
    for (int round = 0; round < 20000; round++) {
        char text[128] = "", problem[SCRIPT_PROBLEM_SIZE];
        for (long i = random() % 10; i > 0; i--) {
            strcat(text, pieces[random() % 18]);
        }
        struct script *script = script_parse("drill", text, &rehearsal->stage, problem);
        good += script != NULL;
        script_free(script);
    }
    assert_true(good > 100 && good < 20000);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_script_presses_keys_on_the_handset_that_it_names),
        TEST(what_is_repeated_runs_so_often_and_repeats_may_stand_in_each_other),
        TEST(a_step_of_many_lines_comes_back_in_between),
        TEST(a_run_that_takes_longer_than_its_limit_fails_where_it_is),
        TEST(a_run_may_take_its_limit_and_no_line_begins_after_it),
        TEST(who_keeps_going_runs_all_lines_and_fails_in_the_end),
        TEST(of_many_lines_that_fail_the_first_are_told_and_the_others_counted),
        TEST(a_text_has_a_name_and_stands_where_the_name_does),
        TEST(what_stands_at_the_star_is_captured_without_its_blanks),
        TEST(a_capture_waits_and_fails_as_an_expectation_does),
        TEST(a_text_that_grows_over_a_lines_length_fails),
        TEST(a_script_has_so_many_names_and_no_more),
        TEST(an_empty_script_passes),
        TEST(what_is_expected_at_once_must_be_there_at_once),
        TEST(within_waits_until_the_screen_shows_it),
        TEST(within_fails_when_its_time_is_over),
        TEST(expect_not_within_waits_until_it_is_gone),
        TEST(advance_lets_exactly_that_time_pass),
        TEST(a_script_whose_handset_ends_has_failed_unless_it_was_done),
        TEST(a_slash_can_be_escaped_in_a_pattern),
        TEST(a_report_writes_what_was_expected_as_the_script_does),
        TEST(a_pattern_is_of_characters_whatever_the_locale),
        TEST(a_script_error_names_its_line_before_anything_runs),
        TEST(a_duration_has_a_unit),
        TEST(a_bad_pattern_is_a_script_error),
        TEST(a_line_too_long_is_a_script_error),
        TEST(a_script_that_cannot_be_read_is_named),
        TEST(a_snapshot_is_the_whole_screen_and_rewritten_only_when_asked),
        TEST(random_text_never_crashes_the_parser),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
