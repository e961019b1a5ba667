/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/programs/new_passphrase.h"
#include "app/programs/passphrase.h"

static const char *file_with(struct span content) {
    static char path[] = "/tmp/muster-test.XXXXXX";
    snprintf(path, sizeof path, "/tmp/muster-test.XXXXXX");
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, content.octets, content.length), (ssize_t)content.length);
    close(file);
    return path;
}

static enum status from_file(struct span content, const char *expected) {
    struct secret *passphrase;
    struct error error;
    const char *path = file_with(content);
    enum status status = passphrase_from_file(path, &passphrase, &error);
    if (status == STATUS_OK) {
        assert_true(span_equal(secret_span(passphrase), span_of_text(expected)));
    } else {
        assert_null(passphrase);
    }
    secret_free(passphrase);
    unlink(path);
    return status;
}

static void the_first_line_of_a_file_is_the_passphrase(void **state) {
    (void)state;
    assert_int_equal(from_file(span_of_text("correct horse"), "correct horse"), STATUS_OK);
    assert_int_equal(from_file(span_of_text("correct horse\n"), "correct horse"), STATUS_OK);
    assert_int_equal(from_file(span_of_text("correct horse\r\n"), "correct horse"), STATUS_OK);
    assert_int_equal(from_file(span_of_text(" a \nb"), " a "), STATUS_OK);
}

static void a_file_without_a_passphrase_is_refused(void **state) {
    (void)state;
    uint8_t zeros[PASSPHRASE_MAX + 1] = {'a', 0, 'b'};
    struct secret *passphrase;
    struct error error;
    assert_int_equal(from_file(span_of_text(""), NULL), STATUS_MALFORMED);
    assert_int_equal(from_file(span_of_text("\nsecond"), NULL), STATUS_MALFORMED);
    assert_int_equal(from_file(span_of_text("\r\n"), NULL), STATUS_MALFORMED);
    assert_int_equal(from_file((struct span){zeros, 3}, NULL), STATUS_MALFORMED);
    memset(zeros, 'a', sizeof zeros);
    assert_int_equal(from_file(SPAN_OF(zeros), NULL), STATUS_TOO_LONG);
    assert_int_equal(passphrase_from_file("/nowhere", &passphrase, &error), STATUS_NOT_FOUND);
}

/* A child whose terminal is the other end of `master`: 0 when it got `expected`. */
static int answer_of_child(const char *typed, bool twice, const char *expected, char *shown,
                           size_t room) {
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(master >= 0);
    assert_int_equal(grantpt(master), 0);
    assert_int_equal(unlockpt(master), 0);
    pid_t child = fork();
    if (child == 0) {
        struct secret *passphrase;
        struct error error;
        setsid();
        int terminal = open(ptsname(master), O_RDWR); /* becomes the controlling terminal */
        close(master);
        enum status status = passphrase_from_terminal("Passphrase: ", twice, &passphrase, &error);
        bool same =
            status == STATUS_OK && span_equal(secret_span(passphrase), span_of_text(expected));
        struct termios settings;
        bool echo = tcgetattr(terminal, &settings) == 0 && (settings.c_lflag & ECHO) != 0;
        _exit(!echo ? 90 : status != STATUS_OK ? (int)status : same ? 0 : 91);
    }
    /* Nobody types faster than the echo goes off after the prompt, but this test would. */
    struct termios settings = {0};
    size_t length = 0;
    ssize_t got;
    while (length + 1 < room && (got = read(master, shown + length, room - 1 - length)) > 0) {
        length += (size_t)got;
        shown[length] = '\0';
        const char *prompt = strrchr(shown, ':');
        if (prompt == NULL || *typed == '\0') {
            continue;
        }
        size_t line = strcspn(typed, "\n") + 1;
        if (prompt[1] == ' ' && prompt[2] == '\0') {
            while (tcgetattr(master, &settings) == 0 && (settings.c_lflag & ECHO) != 0) {
                sched_yield();
            }
            assert_int_equal(write(master, typed, line), (ssize_t)line);
            typed += line;
        }
    }
    int result;
    assert_int_equal(waitpid(child, &result, 0), child);
    close(master);
    assert_true(WIFEXITED(result));
    return WEXITSTATUS(result);
}

static void a_typed_passphrase_is_not_shown_and_the_echo_comes_back(void **state) {
    (void)state;
    char shown[500] = "";
    assert_int_equal(
        answer_of_child("correct horse\n", false, "correct horse", shown, sizeof shown), 0);
    assert_non_null(strstr(shown, "Passphrase: "));
    assert_null(strstr(shown, "horse"));
}

static void a_new_passphrase_must_be_typed_twice_the_same(void **state) {
    (void)state;
    char shown[500] = "";
    assert_int_equal(answer_of_child("one\none\n", true, "one", shown, sizeof shown), 0);
    shown[0] = '\0';
    assert_int_equal(answer_of_child("one\ntwo\n", true, "one", shown, sizeof shown),
                     STATUS_MALFORMED);
    shown[0] = '\0';
    assert_int_equal(answer_of_child("\n", false, "", shown, sizeof shown), STATUS_MALFORMED);
}

static void without_a_terminal_the_file_is_asked_for(void **state) {
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct secret *passphrase;
        struct error error;
        setsid(); /* away from any terminal */
        enum status status = passphrase_from_terminal("Passphrase: ", false, &passphrase, &error);
        _exit(status == STATUS_NOT_FOUND && strstr(error.text, "--passphrase-file") != NULL ? 0
                                                                                            : 1);
    }
    int result;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
}

static void a_new_passphrase_is_counted_in_letters_as_a_person_counts(void **state) {
    (void)state;
    struct error error;
    static const char *const short_ones[] = {"", "a", "1234567",
                                             "e\xCC\x81"
                                             "123456",
                                             "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"};
    for (size_t i = 0; i < sizeof short_ones / sizeof short_ones[0]; i++) {
        assert_int_equal(new_passphrase_check(span_of_text(short_ones[i]), &error),
                         STATUS_MALFORMED);
        assert_non_null(strstr(error.text, "four or five unrelated words"));
    }
    assert_int_equal(new_passphrase_check(span_of_text("12345678"), &error), STATUS_OK);
    assert_int_equal(new_passphrase_check(span_of_text("e\xCC\x81"
                                                       "1234567"),
                                          &error),
                     STATUS_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_line_of_a_file_is_the_passphrase),
        cmocka_unit_test(a_file_without_a_passphrase_is_refused),
        cmocka_unit_test(a_typed_passphrase_is_not_shown_and_the_echo_comes_back),
        cmocka_unit_test(a_new_passphrase_must_be_typed_twice_the_same),
        cmocka_unit_test(without_a_terminal_the_file_is_asked_for),
        cmocka_unit_test(a_new_passphrase_is_counted_in_letters_as_a_person_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
