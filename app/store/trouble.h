/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why a store cannot be opened, read or written, in words for a person: the disk is full or
 * read-only, the file or its folder belongs to somebody else, the file system has no locks. SQLite
 * often tells only that something failed; what it was is looked up where the store lies.
 */
#ifndef MUSTER_APP_STORE_TROUBLE_H
#define MUSTER_APP_STORE_TROUBLE_H

#include <stdbool.h>

#include "app/error.h"

/* Is that errno the one of a disk, a quota or a file that is full? */
bool trouble_is_full(int system_error);

/* What a call of SQLite's that failed for the store at `path` was up against: `code` is its
 * extended result, `system_error` the errno, or 0. STATUS_NO_SPACE, STATUS_BUSY (another program
 * has it open), STATUS_NO_MEMORY, STATUS_READ_ONLY, STATUS_IO_FAILED, STATUS_SEAL_BROKEN (damaged,
 * or not a store).
 */
enum status trouble_of_sqlite(int code, int system_error, const char *path, struct error *error);

/* The same of making a new store at `path`, which failed with `system_error`. */
enum status trouble_of_making(int system_error, const char *path, struct error *error);

/* The same of a file beside the store at `path`, with the errno that its call failed with. */
enum status trouble_of_file(int system_error, const char *path, struct error *error);

/* What failed inside the program, `status`, for want of memory above all. Returns `status`. */
enum status trouble_internal(const char *path, enum status status, struct error *error);

/* The key file of the store at `path` is not beside it. STATUS_FILE_GONE. */
enum status trouble_no_keys(const char *path, struct error *error);

/* The file under an open store is not the one that was opened any more. STATUS_FILE_GONE. */
enum status trouble_gone(const char *path, struct error *error);

/* Sets *error to STATUS_SEAL_BROKEN for the store at `path`, with what a person can do. */
enum status trouble_broken(const char *path, struct error *error);

#endif
