/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Binding a store to this machine afterwards, or to none any more (app/store/binding.h), and what
 * is said of it.
 */
#ifndef MUSTER_APP_PROGRAMS_REBINDING_H
#define MUSTER_APP_PROGRAMS_REBINDING_H

#include <stdbool.h>
#include <stdio.h>

#include "app/error.h"

/* A line on `out`: who can open the store at `path`. */
void rebinding_print(const char *path, bool is_bound, FILE *out);

/* Binds the store at `path`, or unbinds it, and says so on `out`. `file` holds its passphrase;
 * NULL: it is typed. STATUS_NOT_FOUND when there is no store; errors of passphrase_from_file,
 * passphrase_from_terminal, store_open, store_bind and store_unbind. */
MUST_CHECK enum status rebinding_run(const char *path, bool binds, const char *file, FILE *out,
                                     struct error *error);

#endif
