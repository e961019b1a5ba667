/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A real handset with an intruder in it (tests/confined/probe.c): in the process that holds the
 * keys, what is not its business fails, and what it needs goes on working. The same intruder in a
 * handset with --no-confinement shows that the attempts are real ones.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/programs/confinement.h"
#include "app/programs/control.h"
#include "app/store/store.h"
#include "tests/app/scratch.h"

enum {
    PATIENCE_MS = 60 * 1000, /* no target: only that a loaded machine fails nothing */
    REPORT_MAX = 4096
};

#ifdef __SANITIZE_ADDRESS__
enum {
    IS_SANITIZED = 1
};
#else
enum {
    IS_SANITIZED = 0
};
#endif

static const char passphrase[] = "wandering copper lantern";

struct life {
    void **state;
    pid_t pid;
    int report;
    char store[SCRATCH_PATH_SIZE], other[64];
};

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const char *built(const char *name) {
    static char path[512];
    const char *build = getenv("MUSTER_BUILD");
    snprintf(path, sizeof path, "%.400s/%s", build != NULL ? build : "build/release", name);
    return path;
}

static void make_other(struct life *life) {
    int file = open(life->other, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(file >= 0 && write(file, "keep", 4) == 4);
    close(file);
}

static void make_store(struct life *life) {
    struct store *store;
    struct error error;
    snprintf(life->store, sizeof life->store, "%s", scratch_path(life->state, "store"));
    assert_int_equal(store_create(life->store, span_of_text(passphrase), STORE_QUICK,
                                  &entropy_system, &store, &error),
                     STATUS_OK);
    store_close(store);
    scratch_write(scratch_path(life->state, "passphrase"), span_of_text(passphrase));
    scratch_write(scratch_path(life->state, "script"), span_of_text("advance 600s\n"));
}

enum way {
    USUAL,
    UNCONFINED, /* --no-confinement */
    OLD_KERNEL  /* that knows neither Landlock nor seccomp */
};

static void be_on_an_old_kernel(void) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    const struct scmp_arg_cmp filtering = SCMP_A0_64(SCMP_CMP_EQ, PR_SET_SECCOMP);
    if (filter == NULL ||
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SYS_landlock_create_ruleset, 0) != 0 ||
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SYS_seccomp, 0) != 0 ||
        seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EINVAL), SYS_prctl, 1, &filtering) != 0 ||
        seccomp_load(filter) != 0) {
        _exit(126);
    }
}

static void run_program(const struct life *life, int report, const char *deadly, enum way way) {
    char text[16], port[8], preload[600];
    char *const words[] = {"muster",
                           "--store",
                           (char *)life->store,
                           "--passphrase-file",
                           (char *)scratch_path(life->state, "passphrase"),
                           "--interface",
                           "lo",
                           "--port",
                           port,
                           "--script",
                           (char *)scratch_path(life->state, "script"),
                           "--log",
                           (char *)scratch_path(life->state, "log"),
                           way == UNCONFINED ? "--no-confinement" : NULL,
                           NULL};
    snprintf(port, sizeof port, "%u", 20000 + (unsigned)getpid() % 12000);
    snprintf(text, sizeof text, "%d", report);
    snprintf(preload, sizeof preload, "%s", built("tests/confined/probe.so"));
    if (way != OLD_KERNEL) { /* the sanitized program, too, runs on one */
        setenv("LD_PRELOAD", preload, 1);
    }
    setenv("PROBE_REPORT", text, 1);
    setenv("PROBE_OTHER", life->other, 1);
    setenv("PROBE_STORE", life->store, 1);
    setenv("PROBE_DEADLY", deadly, 1);
    int nothing = open("/dev/null", O_RDWR);
    if (way == OLD_KERNEL) {
        be_on_an_old_kernel();
    }
    if (nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0) {
        execv(built("muster"), words);
    }
    _exit(127);
}

static json_t *ask_status(const struct life *life) {
    char path[CONTROL_PATH_SIZE];
    json_t *answer = NULL;
    struct error error;
    control_path(life->store, path);
    return control_ask(path, "status", &answer, &error) == STATUS_OK ? answer : NULL;
}

/* Its store is open: all walls have been closed before. */
static void wait_until_open(const struct life *life) {
    bool is_open = false;
    for (int64_t until = now_ms() + PATIENCE_MS; !is_open;) {
        json_t *answer = ask_status(life);
        const char *state = json_string_value(json_object_get(answer, "state"));
        is_open = state != NULL && strcmp(state, "opening") != 0 && strcmp(state, "locked") != 0;
        json_decref(answer);
        assert_true(now_ms() < until && waitpid(life->pid, NULL, WNOHANG) == 0);
        if (!is_open) {
            poll(NULL, 0, 10);
        }
    }
}

static struct life begin(void **state, const char *deadly, enum way way) {
    struct life life = {.state = state};
    int ends[2];
    snprintf(life.other, sizeof life.other, "/tmp/muster-elsewhere-%d", (int)getpid());
    make_store(&life);
    make_other(&life);
    assert_int_equal(pipe(ends), 0);
    life.pid = fork();
    if (life.pid == 0) {
        run_program(&life, ends[1], deadly, way);
    }
    assert_true(life.pid > 0);
    close(ends[1]);
    life.report = ends[0];
    wait_until_open(&life);
    return life;
}

static void end(struct life *life) {
    char made[80];
    kill(life->pid, SIGKILL);
    (void)waitpid(life->pid, NULL, 0);
    close(life->report);
    unlink(life->other);
    snprintf(made, sizeof made, "%s-made", life->other);
    unlink(made);
}

/* What the intruder was told, up to its last line. */
static void read_report(const struct life *life, char report[REPORT_MAX]) {
    size_t length = 0;
    struct pollfd pipe = {.fd = life->report, .events = POLLIN};
    report[0] = '\0';
    while (strstr(report, "\nend 0\n") == NULL) {
        assert_true(poll(&pipe, 1, PATIENCE_MS) > 0 && length < REPORT_MAX - 1);
        ssize_t got = read(life->report, report + length, REPORT_MAX - 1 - length);
        assert_true(got > 0);
        length += (size_t)got;
        report[length] = '\0';
    }
}

/* The errno of that attempt; 0: it succeeded. */
static int outcome(const char *report, const char *what) {
    char key[64];
    snprintf(key, sizeof key, "%s ", what);
    for (const char *at = report; (at = strstr(at, key)) != NULL; at++) {
        if (at == report || at[-1] == '\n') {
            return atoi(at + strlen(key));
        }
    }
    fail_msg("%s was not tried", what);
    return -1;
}

static void assert_failed(const char *report, const char *const *attempts, int cause) {
    for (; *attempts != NULL; attempts++) {
        if (outcome(report, *attempts) != cause) {
            fail_msg("%s: %s", *attempts, strerror(outcome(report, *attempts)));
        }
    }
}

static const char *const of_files[] = {"read-elsewhere",
                                       "write-elsewhere",
                                       "truncate-elsewhere",
                                       "change-mode-elsewhere",
                                       "change-mode-elsewhere-2",
                                       "make-elsewhere",
                                       "link-elsewhere",
                                       "read-folder-elsewhere",
                                       "write-system",
                                       "write-proc",
                                       "read-other-process",
                                       "remove-elsewhere",
                                       NULL};
static const char *const of_sockets[] = {
    "packet-socket", "audit-socket",     "event-socket", "virtual-machine-socket",
    "crypto-socket", "bluetooth-socket", "raw-socket",   NULL};
/* Which the radio's own process has instead. */
static const char *const of_radios[] = {"network-socket", "routes-socket", NULL};
static const char *const of_system[] = {"fork",
                                        "unshare",
                                        "mount",
                                        "set-uid",
                                        "kill-parent",
                                        "type-into-terminal",
                                        "type-with-high-bits",
                                        "kernel-program",
                                        "keyring",
                                        "ring-of-calls",
                                        "handle",
                                        "descriptor-of-other",
                                        NULL};
static const char *const needed[] = {"open-store", NULL};

/* symlink is among no calls at all, and so fails otherwise than what the other wall refuses. */
static void assert_files_failed(const char *report) {
    for (const char *const *each = of_files; *each != NULL; each++) {
        int cause = outcome(report, *each);
        if (cause != EACCES && cause != EPERM) {
            fail_msg("%s: %s", *each, strerror(cause));
        }
    }
}

static bool status_says(const struct life *life, const char *wall, const char *word) {
    json_t *answer = ask_status(life);
    const char *says = json_string_value(json_object_get(answer, wall));
    bool same = says != NULL && strcmp(says, word) == 0;
    json_decref(answer);
    return same;
}

static bool log_has(const struct life *life, const char *text) {
    char content[REPORT_MAX] = "";
    FILE *log = fopen(scratch_path(life->state, "log"), "r");
    assert_non_null(log);
    (void)!fread(content, 1, sizeof content - 1, log);
    fclose(log);
    return strstr(content, text) != NULL;
}

static void an_intruder_in_a_handset_reaches_nothing_else(void **state) {
    char report[REPORT_MAX];
    if (IS_SANITIZED) {
        skip(); /* nothing can be preloaded before its own checks */
    }
    struct life life = begin(state, "", USUAL);
    kill(life.pid, SIGUSR2);
    read_report(&life, report);
    if (!status_says(&life, "files", "missing")) {
        assert_true(status_says(&life, "files", "closed"));
        assert_files_failed(report);
    }
    assert_true(status_says(&life, "calls", "closed"));
    assert_failed(report, of_sockets, EPERM);
    assert_failed(report, of_radios, EPERM);
    assert_failed(report, of_system, EPERM);
    assert_failed(report, needed, 0);
    assert_int_equal(access(life.other, F_OK), 0);
    assert_false(log_has(&life, "not-confined"));
    end(&life);
}

static void the_same_intruder_succeeds_without_confinement_and_the_officer_is_told(void **state) {
    static const char *const done[] = {"read-elsewhere",
                                       "write-elsewhere",
                                       "truncate-elsewhere",
                                       "change-mode-elsewhere",
                                       "change-mode-elsewhere-2",
                                       "make-elsewhere",
                                       "fork",
                                       "kill-parent",
                                       "event-socket",
                                       "remove-elsewhere",
                                       NULL};
    char report[REPORT_MAX];
    if (IS_SANITIZED) {
        skip();
    }
    struct life life = begin(state, "", UNCONFINED);
    kill(life.pid, SIGUSR2);
    read_report(&life, report);
    assert_failed(report, done, 0);
    assert_failed(report, needed, 0);
    assert_failed(report, of_radios, 0);
    assert_true(status_says(&life, "files", "off") && status_says(&life, "calls", "off"));
    assert_true(
        log_has(&life, "\"event\":\"not-confined\",\"weight\":\"warning\",\"check\":\"off\""));
    end(&life);
}

static void who_starts_a_program_or_looks_into_another_ends_the_handset(void **state) {
    static const char *const deadly[] = {"execve", "ptrace", "read-memory"};
    if (IS_SANITIZED) {
        skip();
    }
    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++) {
        int status = 0;
        struct life life = begin(state, deadly[i], USUAL);
        kill(life.pid, SIGUSR1);
        assert_int_equal(waitpid(life.pid, &status, 0), life.pid);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
        life.pid = fork(); /* for the end to have somebody */
        if (life.pid == 0) {
            _exit(0);
        }
        end(&life);
        scratch_teardown(state);
        scratch_setup(state);
    }
}

static void on_a_kernel_that_cannot_confine_it_the_handset_runs_and_says_so(void **state) {
    struct life life = begin(state, "", OLD_KERNEL);
    assert_true(status_says(&life, "state", "not-enrolled"));
    assert_true(status_says(&life, "files", "missing"));
    if (!IS_SANITIZED) {
        assert_true(status_says(&life, "calls", "missing"));
        assert_true(log_has(&life, "\"event\":\"not-confined\",\"weight\":\"warning\","
                                   "\"check\":\"files-and-calls-open\""));
    }
    end(&life);
}

static void what_is_open_and_should_not_be_has_a_name(void **state) {
    (void)state;
    struct confinement confinement = {WALL_CLOSED, WALL_CLOSED};
    assert_null(confinement_gap(&confinement));
    confinement.calls = WALL_SANITIZED;
    assert_null(confinement_gap(&confinement));
    confinement.calls = WALL_MISSING;
    assert_string_equal(confinement_gap(&confinement), "calls-open");
    confinement.files = WALL_MISSING;
    assert_string_equal(confinement_gap(&confinement), "files-and-calls-open");
    confinement.calls = WALL_CLOSED;
    assert_string_equal(confinement_gap(&confinement), "files-open");
    confinement = (struct confinement){WALL_UNWANTED, WALL_UNWANTED};
    assert_string_equal(confinement_gap(&confinement), "off");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_intruder_in_a_handset_reaches_nothing_else,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(
            the_same_intruder_succeeds_without_confinement_and_the_officer_is_told, scratch_setup,
            scratch_teardown),
        cmocka_unit_test_setup_teardown(who_starts_a_program_or_looks_into_another_ends_the_handset,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(
            on_a_kernel_that_cannot_confine_it_the_handset_runs_and_says_so, scratch_setup,
            scratch_teardown),
        cmocka_unit_test(what_is_open_and_should_not_be_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
