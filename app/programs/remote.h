/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `muster lock`, `muster zeroise`, `muster status` and what else a shell asks of a running handset,
 * over its control socket (control.h). Zeroising needs no running handset.
 */
#ifndef MUSTER_APP_PROGRAMS_REMOTE_H
#define MUSTER_APP_PROGRAMS_REMOTE_H

#include "app/programs/control.h"
#include "app/programs/options.h"

/* The socket of the options' store, or the one that they name. */
void remote_socket(const struct options *options, char path[CONTROL_PATH_SIZE]);

/* Locks the running handset, and returns once it is locked. Errors of control_ask. */
MUST_CHECK enum status remote_lock(const struct options *options, FILE *out, struct error *error);

/* Destroys the store, then has the handset that runs with it, if there is one, wipe its memory and
 * end. Asks first, unless the options say yes. STATUS_NOT_ALLOWED: nobody said so;
 * STATUS_NOT_FOUND: there is nothing; STATUS_IO_FAILED: something is left, and `out` says what. */
MUST_CHECK enum status remote_zeroise(const struct options *options, FILE *out,
                                      struct error *error);

/* Prints how the running handset stands. STATUS_NOT_FOUND: none is running; with JSON that is an
 * answer as well, and STATUS_OK. Errors of control_ask. */
MUST_CHECK enum status remote_status(const struct options *options, FILE *out, struct error *error);

/* What else is asked of a running handset that is open (ERRAND_GROUPS to ERRAND_QUIT). *is_late:
 * what is waited for did not come in time, which is STATUS_OK. Errors of control_ask. */
MUST_CHECK enum status remote_run(const struct options *options, FILE *out, bool *is_late,
                                  struct error *error);

#endif
