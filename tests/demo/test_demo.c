/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/programs/demo.h"
#include "app/sound/wav.h"

enum {
    OUTPUT_MAX = 64 * 1024
};

/* What the program wrote, and how it ended. */
struct outcome {
    int code;
    char out[OUTPUT_MAX], error[OUTPUT_MAX];
};

static void read_back(FILE *file, char text[OUTPUT_MAX]) {
    rewind(file);
    size_t length = fread(text, 1, OUTPUT_MAX - 1, file);
    text[length] = 0;
    fclose(file);
}

/* Runs `muster demo` without a terminal, with up to four arguments. */
static void demo(struct outcome *outcome, const char *const arguments[4]) {
    char copies[5][256] = {"demo"};
    char *argv[6] = {copies[0]};
    int argc = 1;
    for (; argc < 5 && arguments[argc - 1]; argc++) {
        snprintf(copies[argc], sizeof copies[argc], "%s", arguments[argc - 1]);
        argv[argc] = copies[argc];
    }
    FILE *out = tmpfile(), *error = tmpfile();
    assert_true(out && error && freopen("/dev/null", "r", stdin));
    fflush(stdout);
    int stdout_before = dup(STDOUT_FILENO), stderr_before = dup(STDERR_FILENO);
    dup2(fileno(out), STDOUT_FILENO);
    dup2(fileno(error), STDERR_FILENO);
    outcome->code = demo_main(argc, argv);
    fflush(stdout);
    dup2(stdout_before, STDOUT_FILENO);
    dup2(stderr_before, STDERR_FILENO);
    close(stdout_before);
    close(stderr_before);
    read_back(out, outcome->out);
    read_back(error, outcome->error);
}

static void write_script(char path[64], const char *text) {
    strcpy(path, "/tmp/muster-script-XXXXXX");
    FILE *file = fdopen(mkstemp(path), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void assert_has(const char *text, const char *part) {
    if (!strstr(text, part)) {
        fail_msg("no '%s' in:\n%s", part, text);
    }
}

static int set_up(void **state) {
    *state = malloc(sizeof(struct outcome));
    return *state ? 0 : 1;
}

static int tear_down(void **state) {
    free(*state);
    return 0;
}

static void three_enrol_form_a_group_and_talk_and_a_stranger_hears_nothing(void **state) {
    struct outcome *outcome = *state;
    demo(outcome, (const char *const[4]){0});
    assert_string_equal(outcome->error, "");
    assert_int_equal(outcome->code, 0);
    for (int i = 1; i <= 3; i++) {
        char line[80];
        snprintf(line, sizeof line,
                 "handset %d enrols in sip:kms@county.example as urn:gsma:imei:", i);
        assert_has(outcome->out, line);
    }
    assert_has(outcome->out, "Ada       Ben (025702-0) is nearby");
    assert_has(outcome->out, "I_MESSAGE Ada -> Ben (key encapsulated to the receiver (SAKKE), "
                             "signed (ECCSI))");
    unsigned heard = 0, sent = 1;
    const char *stranger = strstr(outcome->out, "handset 4, in no group, ");
    assert_non_null(stranger);
    assert_int_equal(sscanf(stranger, "handset 4, in no group, heard %u of %u", &heard, &sent), 2);
    assert_int_equal(heard, sent);
    assert_true(sent > 300);
    assert_has(stranger, "holds 0 group keys and decrypted 0 ms of voice");
    assert_has(outcome->out, "talks: 3; heard by those they were meant for: 6 of 6, likeness 0.");
    assert_has(outcome->out, "leaks: 0\n");
    assert_has(outcome->out,
               "\nlikeness: mean correlation of the waveforms, in segments of 200 ms");
}

static void who_declines_holds_no_key_and_the_others_talk(void **state) {
    struct outcome *outcome = *state;
    demo(outcome, (const char *const[4]){"--script", "fixtures/scenarios/decline.script"});
    assert_string_equal(outcome->error, "");
    assert_int_equal(outcome->code, 0);
    assert_has(outcome->out, "Ben       heard nothing of it: 0 ms of voice");
    assert_has(outcome->out, "heard by those they were meant for: 1 of 1");
}

static void an_expired_key_is_of_no_use_until_a_new_one_is_given(void **state) {
    struct outcome *outcome = *state;
    demo(outcome,
         (const char *const[4]){"--handsets", "2", "--script", "fixtures/scenarios/expiry.script"});
    assert_string_equal(outcome->error, "");
    assert_int_equal(outcome->code, 0);
    assert_has(outcome->out, "The key of Fire 7 has expired");
    assert_has(outcome->out, "heard by those they were meant for: 1 of 1");
}

static void an_emergency_goes_before_who_talks_and_stands_until_it_is_seen(void **state) {
    struct outcome *outcome = *state;
    demo(outcome, (const char *const[4]){"--script", "fixtures/scenarios/emergency.script"});
    assert_string_equal(outcome->error, "");
    assert_int_equal(outcome->code, 0);
    assert_has(outcome->out, "Ben       You called an EMERGENCY in Fire 7");
    assert_has(outcome->out, "leaks: 0");
}

static void who_comes_late_is_heard_and_nobody_else_is_asked(void **state) {
    struct outcome *outcome = *state;
    demo(outcome, (const char *const[4]){"--script", "fixtures/scenarios/latecomer.script"});
    assert_string_equal(outcome->error, "");
    assert_int_equal(outcome->code, 0);
    assert_has(outcome->out, " was let into Fire 7 by its creator");
    assert_has(outcome->out, "heard by those they were meant for: 2 of 2");
    assert_has(outcome->out, "leaks: 0");
}

static void a_crew_of_twenty_is_asked_after_seven_keys(void **state) {
    struct outcome *outcome = *state;
    demo(outcome,
         (const char *const[4]){"--handsets", "21", "--script", "fixtures/scenarios/crew.script"});
    assert_string_equal(outcome->error, "");
    assert_int_equal(outcome->code, 0);
    assert_has(outcome->out, "Asking 20 handsets to join Engine 7");
    assert_has(outcome->out, "leaks: 0");
}

static void texts_and_status_words_reach_all_and_say_who_has_them(void **state) {
    struct outcome *outcome = *state;
    demo(outcome, (const char *const[4]){"--script", "fixtures/scenarios/messages.script"});
    assert_string_equal(outcome->error, "");
    assert_int_equal(outcome->code, 0);
    assert_has(outcome->out, "Message from Ben (025702-0) in Fire 7");
    assert_has(outcome->out, "decrypted 0 ms of voice");
    assert_null(strstr(outcome->out, "east gate")); /* no text is in what is logged */
}

static void who_is_queued_has_its_turn_and_talks_at_a_press(void **state) {
    struct outcome *outcome = *state;
    demo(outcome, (const char *const[4]){"--script", "fixtures/scenarios/queue.script"});
    assert_string_equal(outcome->error, "");
    assert_int_equal(outcome->code, 0);
    assert_has(outcome->out, "Ben       Your turn in Fire 7: press to talk");
    assert_has(outcome->out, "leaks: 0");
}

static void the_same_seed_gives_the_same_transcript(void **state) {
    struct outcome *outcome = *state, *again = malloc(sizeof *again);
    assert_non_null(again);
    char path[64];
    write_script(path, "expect \"Ben\" within 20s\nkey n\nkey space\nkey enter\ntype \"Fire 7\"\n"
                       "key enter 2\nkey y\nhandset 2\nexpect /Fire 7/ within 5s\n");
    const char *const arguments[4] = {"--seed", "7", "--script", path};
    demo(outcome, arguments);
    demo(again, arguments);
    unlink(path);
    assert_int_equal(outcome->code, 0);
    assert_has(outcome->out, "asks you to join Fire 7");
    assert_string_equal(outcome->out, again->out);
    free(again);
}

/* The comparison of received with sent speech can fail: nobody can hear a microphone that is off.
 */
static void speech_that_does_not_arrive_fails_the_demonstration(void **state) {
    struct outcome *outcome = *state;
    char folder[] = "/tmp/muster-test-XXXXXX", path[96];
    uint8_t header[WAV_HEADER_SIZE];
    const int16_t silence[VOICE_RATE] = {0};
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/off.wav", folder);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    wav_header(VOICE_RATE, header);
    fwrite(header, 1, sizeof header, file);
    fwrite(silence, 1, sizeof silence, file);
    fclose(file);
    demo(outcome, (const char *const[4]){"--voice", folder});
    unlink(path);
    rmdir(folder);
    assert_int_equal(outcome->code, 1);
    assert_has(outcome->out, "heard by those they were meant for: 0 of 6");
    assert_string_equal(outcome->error,
                        "muster demo: somebody did not hear what was meant for them\n");
}

/* And so can the count of what a stranger holds: here it is let in. */
static void a_stranger_that_holds_a_key_fails_the_demonstration(void **state) {
    struct outcome *outcome = *state;
    char path[64];
    write_script(
        path, "handset 4\nkey 1\nkey 9\nkey y\nhandset 1\nexpect \"Stranger\" within 20s\nkey n\n"
              "key space\nkey down\nkey space\nkey down\nkey space\nkey enter\n"
              "type \"Fire 7\"\nkey enter 2\nkey y\n"
              "handset 4\nexpect \"asks you\" within 20s\nkey a\n"
              "expect /Fire 7.*7 h/ within 20s\n");
    demo(outcome, (const char *const[4]){"--script", path});
    unlink(path);
    assert_has(outcome->out, "holds 1 group keys");
    assert_string_equal(outcome->error,
                        "muster demo: a stranger heard what was not meant for it\n");
    assert_int_equal(outcome->code, 1);
}

static void a_failed_line_shows_the_screen_and_exits_1(void **state) {
    struct outcome *outcome = *state;
    char path[64], expected[128];
    write_script(path, "handset 2\nexpect \"Zoe\" within 2s\n");
    demo(outcome, (const char *const[4]){"--script", path});
    unlink(path);
    snprintf(expected, sizeof expected,
             "%s:2: expected \"Zoe\" within 2s\nThe screen of handset 2 was:\n", path);
    assert_int_equal(outcome->code, 1);
    assert_has(outcome->error, expected);
    assert_has(outcome->error, "Nearby");
}

static void a_script_error_names_its_line_and_exits_2(void **state) {
    struct outcome *outcome = *state;
    char path[64], expected[128];
    write_script(path, "key n\nhandset 9\n");
    demo(outcome, (const char *const[4]){"--script", path});
    unlink(path);
    snprintf(expected, sizeof expected,
             "muster demo: %s:2: a handset is a number from 1 to 4, not '9'\n", path);
    assert_int_equal(outcome->code, 2);
    assert_string_equal(outcome->out, "");
    assert_string_equal(outcome->error, expected);
}

static void all_errors_of_a_script_are_told_a_line_each(void **state) {
    struct outcome *outcome = *state;
    char path[64], expected[320];
    write_script(path, "handset 9\nkey n\nexpct \"Anna\"\n");
    demo(outcome, (const char *const[4]){"--script", path});
    unlink(path);
    snprintf(expected, sizeof expected,
             "muster demo: %s:1: a handset is a number from 1 to 4, not '9'\n"
             "muster demo: %s:3: 'expct' is no word of a script; did you mean 'expect'?\n",
             path, path);
    assert_int_equal(outcome->code, 2);
    assert_string_equal(outcome->out, "");
    assert_string_equal(outcome->error, expected);
}

static void bad_options_are_refused_in_one_line(void **state) {
    struct outcome *outcome = *state;
    static const struct {
        const char *arguments[4], *error;
        int code;
    } cases[] = {
        {{"--handsets", "0"}, "muster demo: --handsets takes a number from 1 to 24, not '0'\n", 2},
        {{"--louder"},
         "muster demo: '--louder' is not an option, or lacks its value; see muster demo "
         "--help\n",
         2},
        {{"now"}, "muster demo: unexpected argument 'now'; see muster demo --help\n", 2},
        {{"--crypto", "none"},
         "muster demo: there is no crypto module 'none' on this machine\n",
         2},
        {{"--voice", "/nonexistent"}, "muster demo: /nonexistent: No such file or directory\n", 1},
        {{"--capture", "/nonexistent/a"},
         "muster demo: /nonexistent/a: No such file or directory\n",
         1},
        {{"--capture-frames", "/nonexistent/a"},
         "muster demo: /nonexistent/a: No such file or directory\n",
         1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        demo(outcome, cases[i].arguments);
        assert_string_equal(outcome->error, cases[i].error);
        assert_int_equal(outcome->code, cases[i].code);
    }
}

static void nothing_is_left_behind_but_the_recordings_asked_for(void **state) {
    struct outcome *outcome = *state;
    char folder[] = "/tmp/muster-test-XXXXXX", path[96];
    assert_non_null(mkdtemp(folder));
    setenv("TMPDIR", folder, 1);
    demo(outcome, (const char *const[4]){"--record", folder});
    unsetenv("TMPDIR");
    assert_int_equal(outcome->code, 0);
    struct stat ada, stranger;
    snprintf(path, sizeof path, "%s/heard-by-1.wav", folder);
    assert_int_equal(stat(path, &ada), 0);
    unlink(path);
    snprintf(path, sizeof path, "%s/heard-by-4.wav", folder);
    assert_int_equal(stat(path, &stranger), 0);
    unlink(path);
    /* Nine seconds were said: as many are on tape, at 16000 samples of two octets. */
    assert_true(ada.st_size > 9 * 32000 && stranger.st_size > 9 * 32000);
    for (int i = 2; i <= 3; i++) {
        snprintf(path, sizeof path, "%s/heard-by-%d.wav", folder, i);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(folder), 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(three_enrol_form_a_group_and_talk_and_a_stranger_hears_nothing),
        TEST(who_declines_holds_no_key_and_the_others_talk),
        TEST(an_expired_key_is_of_no_use_until_a_new_one_is_given),
        TEST(an_emergency_goes_before_who_talks_and_stands_until_it_is_seen),
        TEST(who_comes_late_is_heard_and_nobody_else_is_asked),
        TEST(a_crew_of_twenty_is_asked_after_seven_keys),
        TEST(texts_and_status_words_reach_all_and_say_who_has_them),
        TEST(who_is_queued_has_its_turn_and_talks_at_a_press),
        TEST(the_same_seed_gives_the_same_transcript),
        TEST(speech_that_does_not_arrive_fails_the_demonstration),
        TEST(a_stranger_that_holds_a_key_fails_the_demonstration),
        TEST(a_failed_line_shows_the_screen_and_exits_1),
        TEST(a_script_error_names_its_line_and_exits_2),
        TEST(all_errors_of_a_script_are_told_a_line_each),
        TEST(bad_options_are_refused_in_one_line),
        TEST(nothing_is_left_behind_but_the_recordings_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
