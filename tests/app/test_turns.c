/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two programs that both work on one domain for a long time (app/kms/turns.h). */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/kms/turns.h"
#include "crypto/entropy.h"
#include "scratch.h"

#define PASSPHRASE "correct horse"

enum {
    STEP_MS = 5,
    WORK_MS = 20 * 1000 /* far longer than a turn takes, and far shorter than the patience */
};

static int64_t steady_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void pause_a_step(void) {
    nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
}

/* Waits for the other's word, or its end. */
static void hear(int other) {
    char word;
    while (read(other, &word, 1) < 0) {
        pause_a_step();
    }
}

/* Waits for the domain and says that it has it, then works on it, giving way between its steps,
 * until the other says that it has had it once more. */
static int work(const char *path, int other) {
    static const volatile sig_atomic_t never;
    struct kms *kms;
    struct error error;
    char word;
    hear(other);
    if (turns_open(path, span_of_text(PASSPHRASE), provider_find("native"), &never, &kms, &error) !=
            STATUS_OK ||
        write(other, "", 1) != 1) {
        return 2;
    }
    int64_t end_ms = steady_ms() + WORK_MS;
    ssize_t heard = -1;
    while (heard != 1 && steady_ms() < end_ms) {
        pause_a_step();
        if (turns_give_way(kms, &error) != STATUS_OK) {
            return 3;
        }
        heard = read(other, &word, 1);
    }
    kms_close(kms);
    return heard == 1 ? 0 : 1;
}

/* Who gave way waits as well, and is given way to. */
static void two_that_take_long_take_turns(void **state) {
    const char *path = scratch_path(state, "domain");
    struct kms *kms;
    struct error error;
    int ends[2], how;
    char word;
    assert_int_equal(kms_init(path, "sip:kms@county.example", false, span_of_text(PASSPHRASE),
                              STORE_QUICK, provider_find("native"), &entropy_system, &kms, &error),
                     STATUS_OK);
    kms_close(kms); /* a fork would share its lock */
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        _exit(work(path, ends[1]));
    }
    assert_true(child > 0);
    assert_int_equal(
        kms_open(path, span_of_text(PASSPHRASE), provider_find("native"), &kms, &error), STATUS_OK);
    assert_int_equal(write(ends[0], "", 1), 1);
    do {
        pause_a_step();
        assert_int_equal(turns_give_way(kms, &error), STATUS_OK);
    } while (read(ends[0], &word, 1) != 1);
    /* The other has had it, and this one has it again. */
    assert_int_equal(write(ends[0], "", 1), 1);
    kms_close(kms);
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), 0);
    close(ends[0]);
    close(ends[1]);
}

/* Looks for as long as the other works whether the domain can be had. */
static int try_to_have(const char *path, int other) {
    struct kms *kms;
    struct error error;
    char word;
    enum status status;
    do {
        pause_a_step();
        status = kms_open(path, span_of_text(PASSPHRASE), provider_find("native"), &kms, &error);
    } while (status == STATUS_BUSY && read(other, &word, 1) < 0);
    return status == STATUS_BUSY ? 0 : 1;
}

/* Anybody on the machine may open the folder and hold a lock on it. */
static void a_lock_on_the_folder_stops_nobody(void **state) {
    const char *path = scratch_path(state, "domain");
    const struct scratch *scratch = *state;
    struct kms *kms;
    struct error error;
    int ends[2], how;
    assert_int_equal(kms_init(path, "sip:kms@county.example", false, span_of_text(PASSPHRASE),
                              STORE_QUICK, provider_find("native"), &entropy_system, &kms, &error),
                     STATUS_OK);
    kms_close(kms);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    int folder = open(scratch->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(flock(folder, LOCK_SH), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        hear(ends[1]);
        _exit(try_to_have(path, ends[1]));
    }
    assert_true(child > 0);
    assert_int_equal(
        kms_open(path, span_of_text(PASSPHRASE), provider_find("native"), &kms, &error), STATUS_OK);
    assert_int_equal(write(ends[0], "", 1), 1);
    for (int n = 0; n < 50; n++) {
        pause_a_step();
        assert_int_equal(turns_give_way(kms, &error), STATUS_OK);
    }
    assert_int_equal(write(ends[0], "", 1), 1);
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_int_equal(WIFEXITED(how) ? WEXITSTATUS(how) : -1, 0);
    kms_close(kms);
    close(folder);
    close(ends[0]);
    close(ends[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_that_take_long_take_turns, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(a_lock_on_the_folder_stops_nobody, scratch_setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
