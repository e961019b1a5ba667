/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The officer's own command (app/programs/hook.h), with a real shell. What it says comes through a
 * FIFO, so that nothing is waited for by time. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/programs/hook.h"
#include "tests/app/scratch.h"

enum {
    PATIENCE_MS = 20 * 1000, /* no target: only that a loaded machine fails nothing */
    HANGS_MS = 300,
    LINE_SIZE = 1024,
    MANY = 5000,
};

struct scene {
    int fifo, socket;
    char path[SCRATCH_PATH_SIZE + 16], command[LINE_SIZE];
};

static void open_fifo(struct scene *scene, void **state) {
    snprintf(scene->path, sizeof scene->path, "%s", scratch_path(state, "out"));
    assert_int_equal(mkfifo(scene->path, 0600), 0);
    scene->fifo = open(scene->path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    assert_true(scene->fifo >= 0);
}

/* `command` has its FIFO as $OUT. */
static void start(struct scene *scene, const char *command, int apart_ms, int lasts_ms) {
    struct error error;
    snprintf(scene->command, sizeof scene->command, "OUT='%s'; %s", scene->path, command);
    const struct hook_setup setup = {
        .command = scene->command, .apart_ms = apart_ms, .lasts_ms = lasts_ms};
    assert_int_equal(hook_begin(&setup, &scene->socket, &error), STATUS_OK);
}

static struct scene begin(void **state, const char *command, int apart_ms) {
    struct scene scene;
    open_fifo(&scene, state);
    start(&scene, command, apart_ms, HANGS_MS);
    return scene;
}

/* The process ends by itself when the handset does, and leaves no child. */
static void end(struct scene *scene) {
    int status;
    close(scene->socket);
    assert_true(wait(&status) > 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(wait(&status), -1);
    close(scene->fifo);
    unlink(scene->path);
}

/* The next line that the command wrote. */
static const char *next_line(const struct scene *scene) {
    static char line[LINE_SIZE];
    size_t length = 0;
    for (;;) {
        struct pollfd there = {.fd = scene->fifo, .events = POLLIN};
        if (read(scene->fifo, line + length, 1) == 1) {
            if (line[length] == '\n') {
                line[length] = '\0';
                return line;
            }
            assert_true(++length < sizeof line);
        } else if (poll(&there, 1, PATIENCE_MS) != 1) {
            fail_msg("nothing more came after \"%.*s\"", (int)length, line);
        }
    }
}

static struct event call_from(const char *name) {
    struct event event = event_of_identity(EVENT_INVITED_TO_CALL, "tel:+447700900123", name);
    event.name_kind = NAME_ATTESTED;
    return event;
}

static void what_comes_from_the_air_is_in_the_environment_alone(void **state) {
    setenv("MUSTER_GROUP", "of the shell's own", 1);
    struct scene scene = begin(
        state, "printf '%s|%s|%s\\n' \"$MUSTER_EVENT\" \"$MUSTER_WHO\" \"$MUSTER_GROUP\" >\"$OUT\"",
        0);
    struct event event = call_from("$(reboot);`id`'\"\x1b[2J\n\xc2\x9b"
                                   "A\x7f");
    hook_tell(scene.socket, &event);
    assert_string_equal(next_line(&scene), "invited-to-call|$(reboot);`id`'\"[2JA (00900123)|");
    event = event_of_member(EVENT_EMERGENCY, "tel:+447700900123", "Ben", "g", "Fire 7");
    hook_tell(scene.socket, &event);
    assert_string_equal(next_line(&scene), "emergency|00900123 (says “Ben”)|Fire 7");
    /* What does not call for the officer runs nothing. */
    event = event_of_identity(EVENT_NEARBY, "tel:+447700900123", "Ben");
    hook_tell(scene.socket, &event);
    event = event_of_group(EVENT_STANDARD_KEY_ENDS, "g", "Bridge");
    hook_tell(scene.socket, &event);
    assert_string_equal(next_line(&scene), "standard-key-ends||Bridge");
    unsetenv("MUSTER_GROUP");
    end(&scene);
}

static void a_command_that_hangs_is_killed_and_the_next_one_runs(void **state) {
    struct scene scene =
        begin(state, "sleep 1000 & echo $$ $! >\"$OUT\"; wait; echo late >\"$OUT\"", 0);
    const struct event event = call_from("Ben");
    int shell, child, next;
    hook_tell(scene.socket, &event);
    assert_int_equal(sscanf(next_line(&scene), "%d %d", &shell, &child), 2);
    hook_tell(scene.socket, &event);
    assert_int_equal(sscanf(next_line(&scene), "%d %*d", &next), 1);
    assert_int_not_equal(shell, next);
    assert_int_equal(kill(shell, 0), -1); /* it was reaped as well */
    assert_int_equal(errno, ESRCH);
    end(&scene);
}

static void nothing_is_waited_for_and_an_emergency_comes_first(void **state) {
    struct scene scene = begin(state, "echo \"$MUSTER_EVENT\" >\"$OUT\"; exec sleep 1000", 0);
    const struct event call = call_from("Ben");
    const struct event emergency =
        event_of_member(EVENT_EMERGENCY, "tel:+447700900123", "Ben", "g", "Fire 7");
    hook_tell(scene.socket, &call);
    assert_string_equal(next_line(&scene), "invited-to-call");
    for (int i = 0; i < MANY; i++) {
        hook_tell(scene.socket, &call); /* the first one hangs: none of these is waited for */
    }
    struct pollfd room = {.fd = scene.socket, .events = POLLOUT};
    assert_int_equal(poll(&room, 1, PATIENCE_MS), 1);
    hook_tell(scene.socket, &emergency);
    const char *next = next_line(&scene);
    while (strcmp(next, "emergency") != 0) { /* those of before it was read are few */
        assert_string_equal(next, "invited-to-call");
        next = next_line(&scene);
    }
    end(&scene);
}

/* How often that is in what the process may write to. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* theirs is terabytes */
static size_t count_in_memory(int pid, const char *text) {
    static uint8_t piece[1 << 20];
    char path[64], line[LINE_SIZE];
    size_t count = 0, length = strlen(text);
    snprintf(path, sizeof path, "/proc/%d/maps", pid);
    FILE *maps = fopen(path, "r");
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int memory = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(maps != NULL && memory >= 0);
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long long from, to;
        char rights[5];
        assert_int_equal(sscanf(line, "%llx-%llx %4s", &from, &to, rights), 3);
        for (; rights[1] == 'w' && from < to; from += sizeof piece - LINE_SIZE) {
            size_t wanted = to - from < sizeof piece ? (size_t)(to - from) : sizeof piece;
            ssize_t got = pread(memory, piece, wanted, (off_t)from);
            for (const uint8_t *at = piece; got > 0; count++) {
                at = memmem(at, (size_t)(piece + got - at), text, length);
                if (at++ == NULL) {
                    break;
                }
            }
        }
    }
    close(memory);
    fclose(maps);
    return count;
}
#endif

/* They say what kind of thing it was, and of nobody. What ran before is as it was. */
static void what_waits_forgets_its_values_when_the_handset_locks(void **state) {
    struct scene scene;
    char go[sizeof scene.path + 8], name[20];
    int hook;
    open_fifo(&scene, state);
    snprintf(go, sizeof go, "%s.go", scene.path);
    assert_int_equal(mkfifo(go, 0600), 0);
    int gate = open(go, O_RDWR | O_CLOEXEC);
    start(&scene,
          "echo \"$PPID $MUSTER_EVENT|$MUSTER_WHO|$MUSTER_TEXT|$MUSTER_IDENTITY\" >\"$OUT\"; "
          "read go <\"$OUT.go\"",
          0, PATIENCE_MS);
    for (size_t i = 0; i < sizeof name; i++) { /* after the process began, which has none of it */
        name[i] = (char)('a' + (i * 7 + (size_t)(uintptr_t)state) % 26);
    }
    name[sizeof name - 1] = '\0';
    const struct event call = call_from(name);
    hook_tell(scene.socket, &call);
    const char *line = next_line(&scene);
    assert_int_equal(sscanf(line, "%d invited-to-call|", &hook), 1);
    assert_non_null(strstr(line, name));
    hook_tell(scene.socket, &call);
    hook_tell(scene.socket, &call);
    hook_forget(scene.socket);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(write(gate, "\n", 1), 1);
        line = strchr(next_line(&scene), ' ');
        assert_string_equal(line, " invited-to-call|||");
    }
    /* Nor does it remember what has been. */
    const struct event other = event_of_group(EVENT_STANDARD_KEY_ENDS, "g", "Bridge");
    hook_tell(scene.socket, &call);
    hook_tell(scene.socket, &call);
    for (int i = 0; i < 3; i++) {
        if (i == 2) {
            hook_tell(scene.socket, &other);
        }
        assert_int_equal(write(gate, "\n", 1), 1);
        assert_true((strstr(next_line(&scene), name) != NULL) == (i < 2));
    }
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    assert_int_equal(count_in_memory(hook, name), 0);
    assert_true(count_in_memory(getpid(), name) > 0); /* the search finds it */
#endif
    end(&scene);
    close(gate);
    unlink(go);
}

static bool does_not_settle(void *context) {
    (void)context;
    return false;
}

static void what_cannot_settle_is_told_at_once(void **state) {
    (void)state;
    const struct hook_setup setup = {.command = "true", .settle = does_not_settle};
    struct error error;
    int socket, status;
    assert_int_equal(hook_begin(&setup, &socket, &error), STATUS_LIBRARY_FAILED);
    assert_int_equal(socket, HOOK_NONE);
    assert_int_equal(wait(&status), -1);
}

/* A handset of its own: it is killed while a command runs that has a child, and the process, which
 * stands still just then, comes to know it late. */
static void the_command_and_its_children_end_with_a_handset_that_is_killed(void **state) {
    int status, child, hook;
    struct scene scene = {.socket = HOOK_NONE};
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
    open_fifo(&scene, state);
    pid_t handset = fork();
    if (handset == 0) {
        const struct event event = call_from("Ben");
        start(&scene, "sleep 1000 & echo $! $PPID >\"$OUT\"; wait", 0, PATIENCE_MS);
        hook_tell(scene.socket, &event);
        for (;;) {
            pause();
        }
    }
    assert_int_equal(sscanf(next_line(&scene), "%d %d", &child, &hook), 2);
    struct pollfd its_end = {.fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN};
    assert_true(its_end.fd >= 0);
    assert_int_equal(kill(hook, SIGSTOP), 0);
    assert_int_equal(kill(handset, SIGKILL), 0);
    assert_int_equal(waitpid(handset, &status, 0), handset);
    (void)kill(hook, SIGCONT);
    int ended = poll(&its_end, 1, PATIENCE_MS);
    (void)kill(child, SIGKILL);
    close(its_end.fd);
    while (wait(&status) > 0) {
    }
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0), 0);
    close(scene.fifo);
    unlink(scene.path);
    assert_int_equal(ended, 1);
}

static void without_a_command_nothing_is_told(void **state) {
    (void)state;
    const struct event call = call_from("Ben");
    hook_tell(HOOK_NONE, &call);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_comes_from_the_air_is_in_the_environment_alone,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_command_that_hangs_is_killed_and_the_next_one_runs,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(nothing_is_waited_for_and_an_emergency_comes_first,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(what_waits_forgets_its_values_when_the_handset_locks,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test(what_cannot_settle_is_told_at_once),
        cmocka_unit_test_setup_teardown(
            the_command_and_its_children_end_with_a_handset_that_is_killed, scratch_setup,
            scratch_teardown),
        cmocka_unit_test(without_a_command_nothing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
