/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a program's memory may reach a disk (app/programs/memory.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "app/programs/memory.h"

static void a_crash_writes_no_core(void **state) {
    (void)state;
    struct rlimit core;
    memory_keep_off_disk();
    assert_int_equal(getrlimit(RLIMIT_CORE, &core), 0);
    assert_int_equal(core.rlim_max, 0);
    assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crash_writes_no_core),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
