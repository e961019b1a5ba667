/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files that people hand to Muster and get from it: read whole, written whole or not at all. Never
 * used by the handset engine, which does no I/O. Every failure is one line for a person.
 */
#ifndef MUSTER_APP_FILE_H
#define MUSTER_APP_FILE_H

#include <limits.h>

#include "app/error.h"
#include "crypto/secret.h"

/* The folder that `path` is in, as text: "." where it names none. */
void file_folder(const char *path, char folder[PATH_MAX]);

/* Makes durable which files are in that folder; false with an errno. */
bool file_sync_folder(const char *path);

/* Reads the file at `path`, of at most `limit` octets, into secret memory, which the caller frees.
 * STATUS_NOT_FOUND, STATUS_TOO_LONG, STATUS_IO_FAILED, STATUS_NO_MEMORY. */
MUST_CHECK enum status file_read(const char *path, size_t limit, struct secret **content,
                                 struct error *error);

/* The same into `room`, which has `limit` octets and one more, by which the end is seen; for what
 * is no secret. */
MUST_CHECK enum status file_read_into(const char *path, uint8_t *room, size_t limit, size_t *length,
                                      struct error *error);

/* May a file be written at `path`: is there nothing yet, or may it be overwritten? For programs
 * that want to know before they begin. STATUS_ALREADY_DONE, as file_write. */
MUST_CHECK enum status file_check_free(const char *path, bool overwrite, struct error *error);

/* Writes `content` to `path` (mode 0600) durably. It appears whole or not at all: a failure leaves
 * what was there. STATUS_ALREADY_DONE when there is a file and `overwrite` is not set,
 * STATUS_NO_SPACE, STATUS_READ_ONLY, STATUS_IO_FAILED. If what fails is only to make its name
 * durable, it is there all the same where it cannot be removed or has replaced another: *error says
 * so. What is no plain file (/dev/stdout, a pipe) is written to, not replaced. */
MUST_CHECK enum status file_write(const char *path, struct span content, bool overwrite,
                                  struct error *error);

/* Writes `content` to `path` (mode 0600) durably by way of `draft`, a name in the same folder that
 * is the caller's alone, and puts it in the place of what was there. It appears whole or not at
 * all; a program that is killed leaves at most the draft, which the next call with it removes.
 * Errors of file_write. */
MUST_CHECK enum status file_replace(const char *draft, const char *path, struct span content,
                                    struct error *error);

/* One of several files that are written together. */
struct file_piece {
    const char *path;
    struct span content;
};

enum {
    FILE_PIECES_MAX = 128
};

/* The same for `count` files of one folder (FILE_PIECES_MAX at most), which are made durable
 * together: far faster than one by one. The drafts are `draft` with .0, .1 and so on. Those before
 * the first that fails are there and durable, and *done says how many they are. */
MUST_CHECK enum status file_replace_each(const char *draft, const struct file_piece pieces[],
                                         size_t count, size_t *done, struct error *error);

/* Removes the drafts that a killed program left behind of file_replace and file_replace_each. */
void file_remove_drafts(const char *draft);

/* Gives the finished file `draft` the name `path` in the same folder, durably; errors as
 * file_write. On failure `draft` is still there, but for the one that file_write names. */
MUST_CHECK enum status file_publish(const char *draft, const char *path, bool overwrite,
                                    struct error *error);

#endif
