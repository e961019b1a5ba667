/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a program's memory may reach a disk (app/programs/memory.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/programs/memory.h"

/* How much of this process is locked. */
static unsigned long locked_kib(void) {
    char line[256];
    unsigned long kib = 0;
    FILE *status = fopen("/proc/self/status", "r");
    assert_non_null(status);
    while (fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "VmLck:", 6) == 0) {
            kib = strtoul(line + 6, NULL, 10);
        }
    }
    fclose(status);
    return kib;
}

/* Does no limit bind what this process locks? */
static bool may_lock_anything(void) {
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
    size_t more = limit.rlim_cur == RLIM_INFINITY ? 1 << 20 : limit.rlim_cur + (1 << 20);
    void *probe = mmap(NULL, more, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(probe != MAP_FAILED);
    bool may = mlock2(probe, more, MLOCK_ONFAULT) == 0;
    munmap(probe, more);
    return may;
}

static void a_crash_writes_no_core(void **state) {
    (void)state;
    struct rlimit core;
    memory_keep_off_disk();
    assert_int_equal(getrlimit(RLIMIT_CORE, &core), 0);
    assert_int_equal(core.rlim_max, 0);
    assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
}

static void all_memory_is_locked_where_no_limit_binds_it(void **state) {
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip(); /* it locks nothing */
#endif
    if (!may_lock_anything()) {
        skip();
    }
    memory_keep_off_disk();
    unsigned long before = locked_kib();
    assert_true(before > 0);
    uint8_t *later = malloc(4 << 20);
    assert_non_null(later);
    memset(later, 7, 4 << 20);
    assert_true(locked_kib() >= before + 4096);
    free(later);
}

static void a_limit_on_locked_memory_takes_no_memory_away(void **state) {
    (void)state;
    enum {
        LIMIT = 64 << 20,
        PIECE = 32 << 20 /* more at once no program takes (heap.h) */
    };
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        /* A lower limit than this cannot be raised, and does as well. */
        (void)setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){LIMIT, LIMIT});
        bool has_no_rights = getuid() != 0 || setuid(65534) == 0;
        memory_keep_off_disk();
        for (size_t taken = 0; has_no_rights && taken < 2 * LIMIT; taken += PIECE) {
            has_no_rights = malloc(PIECE) != NULL;
        }
        _exit(has_no_rights ? 0 : 1);
    }
    int ended;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_int_equal(ended, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crash_writes_no_core),
        cmocka_unit_test(all_memory_is_locked_where_no_limit_binds_it),
        cmocka_unit_test(a_limit_on_locked_memory_takes_no_memory_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
