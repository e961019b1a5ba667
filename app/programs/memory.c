/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/memory.h"

#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "crypto/secret.h"

/* Locks all present and future memory. Under a limit, allocations would fail once the limit is
 * reached, so it is done only where no limit applies: with the limit set to 0, the system locks
 * everything only for programs that are exempt from limits. */
static void lock_all(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) {
        return;
    }
    bool is_bound = limit.rlim_max != RLIM_INFINITY;
    struct rlimit asked = {.rlim_cur = is_bound ? 0 : RLIM_INFINITY, .rlim_max = limit.rlim_max};
    if (setrlimit(RLIMIT_MEMLOCK, &asked) == 0) {
        (void)mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
    }
    if (is_bound) {
        (void)setrlimit(RLIMIT_MEMLOCK, &limit); /* for the memory that is locked piece by piece */
    }
}

const char *memory_warning(void) {
    return secret_memory_is_locked() ? NULL
                                     : "memory cannot be locked, so keys may be written to swap; "
                                       "raise the limit on locked "
                                       "memory (ulimit -l, or a service's LimitMEMLOCK)";
}

void memory_keep_off_disk(void) {
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    lock_all();
}
