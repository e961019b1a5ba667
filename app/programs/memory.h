/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keeps a program's memory off the disk, except for what the program writes there.
 */
#ifndef MUSTER_APP_PROGRAMS_MEMORY_H
#define MUSTER_APP_PROGRAMS_MEMORY_H

/* Forbids core dumps, and locks all memory where the system allows it without a limit (root, or
 * RLIMIT_MEMLOCK unlimited). Elsewhere keys that libraries copy into memory of their own, such as
 * libsrtp's session keys, can be swapped out; secrets in secret memory (crypto/secret.h) only
 * when they are more than that limit.
 * To be called before anything secret is in memory. */
void memory_keep_off_disk(void);

/* One line for people when secrets could not be locked, with what to do; NULL when all are. */
const char *memory_warning(void);

#endif
