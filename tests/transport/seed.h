/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The seed of a random test program. */
#ifndef MUSTER_TESTS_TRANSPORT_SEED_H
#define MUSTER_TESTS_TRANSPORT_SEED_H

#include <stdint.h>

/* That of the command line, so that a run can be repeated, or a fresh one; prints it. Ends the
 * program when the system has no randomness. */
uint64_t seed_of_run(int argc, char **argv);

#endif
