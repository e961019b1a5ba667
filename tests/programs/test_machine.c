/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A machine that gives no more: threads, descriptors, locked memory (machine.h, worker.h). */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/programs/machine.h"
#include "app/programs/memory.h"
#include "app/programs/worker.h"
#include "crypto/secret.h"

static void every_limit_is_named(void **state) {
    (void)state;
    struct error error;
    assert_int_equal(machine_refused(&error, "it cannot start", EMFILE), STATUS_LIBRARY_FAILED);
    assert_non_null(strstr(error.text, "it cannot start: "));
    assert_non_null(strstr(error.text, "ulimit -n"));
    assert_int_equal(machine_refused(&error, "it", EAGAIN), STATUS_LIBRARY_FAILED);
    assert_non_null(strstr(error.text, "ulimit -u"));
    assert_int_equal(machine_refused(&error, "it", ENOMEM), STATUS_NO_MEMORY);
    assert_non_null(strstr(error.text, "ulimit -v"));
}

/* Does `what` hold in a process of its own, whose limits are its own? */
static bool holds_apart(bool (*what)(void)) {
    pid_t child = fork();
    if (child == 0) {
        _exit(what() ? 0 : 1);
    }
    int ended;
    assert_int_equal(waitpid(child, &ended, 0), child);
    return WIFEXITED(ended) && WEXITSTATUS(ended) == 0;
}

static bool keeps_standard_numbers_free_of_files(void) {
    for (int standard = 0; standard <= 2; standard++) {
        close(standard);
    }
    machine_prepare();
    int opened = open("/dev/null", O_RDWR);
    char octet = 0;
    bool is_kept = opened > 2;
    for (int standard = 0; standard <= 2; standard++) {
        is_kept = is_kept && write(standard, &octet, 1) < 0 && read(standard, &octet, 1) < 0;
    }
    return is_kept;
}

static void who_starts_without_standard_files_gets_errors_there_and_no_others(void **state) {
    (void)state;
    assert_true(holds_apart(keeps_standard_numbers_free_of_files));
}

static bool survives_full_files_and_broken_pipes(void) {
    int ends[2];
    machine_prepare();
    (void)setrlimit(RLIMIT_FSIZE, &(struct rlimit){0, 0});
    FILE *file = tmpfile();
    bool is_told = file != NULL && write(fileno(file), "x", 1) < 0 && errno == EFBIG;
    return is_told && pipe(ends) == 0 && close(ends[0]) == 0 && write(ends[1], "x", 1) < 0 &&
           errno == EPIPE;
}

static void a_file_that_may_not_grow_and_a_broken_pipe_are_errors_and_no_ends(void **state) {
    (void)state;
    assert_true(holds_apart(survives_full_files_and_broken_pipes));
}

static bool misses_descriptors(void) {
    struct error error;
    bool had = machine_has_descriptors("x", &error) == STATUS_OK;
    (void)setrlimit(RLIMIT_NOFILE, &(struct rlimit){6, 6});
    return had && machine_has_descriptors("x", &error) == STATUS_LIBRARY_FAILED &&
           strstr(error.text, "ulimit -n") != NULL;
}

static void too_few_descriptors_are_found_out_first(void **state) {
    (void)state;
    assert_true(holds_apart(misses_descriptors));
}

static bool tells_of_unlocked_memory(void) {
    struct secret *before = secret_new(100);
    bool was_locked = secret_memory_is_locked() && memory_warning() == NULL;
    /* Rights exempt from the limit; without them it holds. */
    if (setgid(65534) != 0 || setuid(65534) != 0) {
        return true;
    }
    (void)setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){0, 0});
    struct secret *after = secret_new(100);
    bool is_told = !secret_memory_is_locked() && strstr(memory_warning(), "ulimit -l") != NULL;
    secret_free(before);
    secret_free(after);
    return was_locked && is_told;
}

static void memory_that_cannot_be_locked_is_told(void **state) {
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip(); /* it locks nothing */
#endif
    if (geteuid() != 0) {
        skip();
    }
    assert_true(holds_apart(tells_of_unlocked_memory));
}

static bool misses_a_thread(void) {
    uv_loop_t loop;
    struct worker worker = {0};
    if (setgid(65534) != 0 || setuid(65534) != 0 || uv_loop_init(&loop) != 0) {
        return false;
    }
    (void)setrlimit(RLIMIT_NPROC, &(struct rlimit){0, 0});
    int failed = worker_start(&worker, &loop);
    worker_close(&worker);
    uv_run(&loop, UV_RUN_DEFAULT);
    worker_join(&worker);
    return failed == UV_EAGAIN && uv_loop_close(&loop) == 0;
}

static void without_a_thread_the_worker_says_so(void **state) {
    (void)state;
    if (geteuid() != 0) {
        skip(); /* another user's processes count, too */
    }
    assert_true(holds_apart(misses_a_thread));
}

struct count {
    struct worker *worker;
    unsigned worked, done, wanted;
};

static void work(void *context) {
    struct count *count = context;
    count->worked++;
}

static void done(void *context) {
    struct count *count = context;
    count->done++;
    if (count->done < count->wanted) {
        worker_do(count->worker, (struct worker_job){.work = work, .done = done, .context = count});
    }
}

/* What is half done when the loop ends is finished, and what follows from that. */
static void the_loop_ends_when_the_worker_has_done_all(void **state) {
    (void)state;
    for (unsigned wanted = 0; wanted <= 50; wanted += 10) {
        uv_loop_t loop;
        struct worker worker = {0};
        struct count count = {.worker = &worker, .wanted = wanted};
        assert_int_equal(uv_loop_init(&loop), 0);
        assert_int_equal(worker_start(&worker, &loop), 0);
        if (wanted > 0) {
            worker_do(&worker, (struct worker_job){.work = work, .done = done, .context = &count});
        }
        worker_close(&worker);
        uv_run(&loop, UV_RUN_DEFAULT);
        worker_join(&worker);
        assert_int_equal(uv_loop_close(&loop), 0);
        assert_int_equal(count.worked, wanted);
        assert_int_equal(count.done, wanted);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_limit_is_named),
        cmocka_unit_test(who_starts_without_standard_files_gets_errors_there_and_no_others),
        cmocka_unit_test(a_file_that_may_not_grow_and_a_broken_pipe_are_errors_and_no_ends),
        cmocka_unit_test(too_few_descriptors_are_found_out_first),
        cmocka_unit_test(memory_that_cannot_be_locked_is_told),
        cmocka_unit_test(without_a_thread_the_worker_says_so),
        cmocka_unit_test(the_loop_ends_when_the_worker_has_done_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
