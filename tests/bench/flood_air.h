/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What bench_floods takes from its handsets and their air: frames for tests/attacks/flood to vary,
 * and figures of a process.
 */
#ifndef MUSTER_TESTS_BENCH_FLOOD_AIR_H
#define MUSTER_TESTS_BENCH_FLOOD_AIR_H

#include "tests/bench/crew.h"

/* Files with one frame each. */
struct flood_air {
    char folder[32];
    char i_message[64], announcement[64];
};

/* Makes a folder with the OPEN of a connection between two handsets of the crew's domain. False,
 * and `problem` says why. */
bool flood_air_open(struct flood_air *files, char problem[160]);
void flood_air_close(const struct flood_air *files);

/* Listens at that port of the air until an announcement comes, for some seconds at most, and keeps
 * it. */
bool flood_air_hear(const struct flood_air *files, const struct impaired_air *air, size_t port);

/* The port that a handset speaks from, and the memory that is its own alone. 0: not known. */
unsigned flood_air_port_of(pid_t process);
long flood_air_memory_kb(pid_t process);

#endif
