/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/memory.h"

#include <sys/prctl.h>
#include <sys/resource.h>

void memory_keep_off_disk(void) {
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
