/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the machine does not give: threads, descriptors, memory. The limit that was met is named, so
 * that whoever set it can raise it; no library is left to find out by aborting.
 */
#ifndef MUSTER_APP_PROGRAMS_MACHINE_H
#define MUSTER_APP_PROGRAMS_MACHINE_H

#include "app/error.h"

/* What each program does first. A broken pipe and a limit on the size of files are noticed where
 * writing fails, and end nothing. Whoever started the program without a standard input or output
 * gets errors there, and not, under their numbers, the files that the program opens. */
void machine_prepare(void);

/* Sets *error to one line about `what` ("the event loop cannot start"), the system's reason for
 * `number` (an errno) and, where a limit of the machine is behind it, which. STATUS_NO_MEMORY or
 * STATUS_LIBRARY_FAILED. */
enum status machine_refused(struct error *error, const char *what, int number);

/* Can as many files be open at once, beside those that are, as a program opens in passing?
 * Otherwise the errors of machine_refused about `what`. Asked before libraries need theirs: libuv
 * aborts the program, others say no more than that they failed. */
MUST_CHECK enum status machine_has_descriptors(const char *what, struct error *error);

#endif
