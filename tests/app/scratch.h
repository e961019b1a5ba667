/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A scratch folder for one test, and files in it.
 */
#ifndef MUSTER_TESTS_APP_SCRATCH_H
#define MUSTER_TESTS_APP_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/bytes.h"

enum {
    SCRATCH_PATH_SIZE = 128
};

struct scratch {
    char folder[SCRATCH_PATH_SIZE];
};

/* cmocka's setup and teardown: a new folder, and away with it and all that is in it. */
int scratch_setup(void **state);
int scratch_teardown(void **state);

/* The path of `name` in the folder; valid until the eighth next call. */
const char *scratch_path(void **state, const char *name);

/* Writes a file, copies one (a missing one leaves the copy missing), tells its size or -1. */
void scratch_write(const char *path, struct span content);
void scratch_copy(const char *from, const char *to);
long scratch_size(const char *path);

/* Turns over the bits of `mask` in the octet at `offset`. */
void scratch_flip(const char *path, long offset, unsigned mask);

#endif
