/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A copy of a store's files elsewhere: SQLite cannot read a file with a log of changes where it may
 * not write. What is copied stays sealed.
 */
#ifndef MUSTER_APP_STORE_COPY_H
#define MUSTER_APP_STORE_COPY_H

#include <limits.h>

#include "app/error.h"

struct copy {
    char folder[64], file[80]; /* a folder of its own, and the copy in it */
};

/* Copies the store at `path` with its log of changes, in memory where the machine has a folder for
 * that. The caller removes the copy, which lives on as long as it is open. STATUS_NO_SPACE,
 * STATUS_IO_FAILED: there is none. */
MUST_CHECK enum status copy_make(const char *path, struct copy *copy, struct error *error);

void copy_remove(const struct copy *copy);

#endif
