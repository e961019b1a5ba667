/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Destroys a store, whether or not it is open and without its passphrase: first what binds it to
 * its machine, if it is bound, and the keys in its key file, without which nothing of its secrets
 * can be read, then all that its files hold, then their names. What fails does not keep the rest
 * from being done.
 *
 * Overwriting reaches what the file system writes in place. On flash, and where each change is
 * written to a new place (btrfs, zfs), the disk may keep what was overwritten until it uses the
 * room again: there the passphrase is what still protects it.
 */
#ifndef MUSTER_APP_STORE_DESTRUCTION_H
#define MUSTER_APP_STORE_DESTRUCTION_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    DESTRUCTION_LEFT_MAX = 12,
    DESTRUCTION_PATH_SIZE = PATH_MAX + 32
};

/* What is left of a file. */
struct destruction_rest {
    char path[DESTRUCTION_PATH_SIZE];
    bool is_emptied; /* its content is overwritten; only its name is there */
    int cause;       /* errno */
};

struct destruction {
    size_t found; /* files that were there */
    size_t left_count;
    struct destruction_rest left[DESTRUCTION_LEFT_MAX];
};

/* The store at `path`: all files that belong to it. Adds to *destruction. */
void destroy_store(const char *path, struct destruction *destruction);

/* Another file, or what a link of that name leads to; what is no plain file is left alone. Adds to
 * *destruction. */
void destroy_file(const char *path, struct destruction *destruction);

/* What is left that may still hold something. */
bool destruction_is_whole(const struct destruction *destruction);

#endif
