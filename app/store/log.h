/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log of changes beside a store (SQLite's write-ahead log), as a file.
 */
#ifndef MUSTER_APP_STORE_LOG_H
#define MUSTER_APP_STORE_LOG_H

#include <limits.h>
#include <stdbool.h>

#include "app/error.h"

enum {
    LOG_PATH_SIZE = PATH_MAX + 8
};

/* The path of the log of the store at `store`. */
void log_path(const char *store, char path[LOG_PATH_SIZE]);

/* Is it there? */
bool log_exists(const char *store);

/* A log, or a key file, without its store must not become that of another one.
 * STATUS_ALREADY_DONE: there is one. */
MUST_CHECK enum status log_check_none(const char *store, struct error *error);

/* Makes durable what stands in the log, which a program that was killed may have written a moment
 * ago. Errors of trouble_of_file; a log that is not there is none. */
MUST_CHECK enum status log_sync(const char *store, struct error *error);

/* Overwrites a log that is wholly in the store's file: first its head, so that a power cut leaves
 * no half of it that counts. It keeps its length. Errors of trouble_of_file. */
MUST_CHECK enum status log_overwrite(const char *store, struct error *error);

#endif
