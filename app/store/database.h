/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The SQLite file under a store: how it is made, opened, locked and read, and its errors in words
 * for a person. Knows no keys: what it keeps is sealed before it comes here (store.c).
 */
#ifndef MUSTER_APP_STORE_DATABASE_H
#define MUSTER_APP_STORE_DATABASE_H

#include "app/error.h"
#include "crypto/bytes.h"

struct database;

/* A record's hidden name, and the limit for what one row may hold. */
enum {
    DATABASE_NAME_SIZE = 32,
    DATABASE_ROW_MAX = 1 << 20
};

/* The version counts up with every change that an older program would misread. In 2, records have
 * keys of their own; 3 is the same, once swept (database_sweep) of what was written without them,
 * or under a passphrase that has been changed. */
enum {
    DATABASE_FIRST_VERSION = 1,
    DATABASE_UNSWEPT = 2,
    DATABASE_VERSION = 3
};

/* So many octets are kept ready in the file, and as many in its log of changes. */
enum {
    DATABASE_RESERVE = 96 * 4096
};

/* Makes a file at `path` (mode 0600) with `head` and `tally` and no records. It appears whole or
 * not at all. STATUS_ALREADY_DONE when something exists at `path`, STATUS_NO_SPACE,
 * STATUS_IO_FAILED. */
MUST_CHECK enum status database_create(const char *path, struct span head, struct span tally,
                                       struct error *error);

/* Removes the file at `path`, its log of changes and its key file, if they are there. */
void database_discard(const char *path);

/* Opens and locks the file at `path`. STATUS_NOT_FOUND, STATUS_BUSY (another program has it open),
 * STATUS_NEWER_VERSION, STATUS_SEAL_BROKEN (damaged, or not a store), STATUS_READ_ONLY,
 * STATUS_IO_FAILED. Until database_trust it changes no octet of the file. */
MUST_CHECK enum status database_open(const char *path, struct database **out, struct error *error);

/* The same of a copy of it at `file`, which goes by the name of `path` in messages. */
MUST_CHECK enum status database_open_copy(const char *file, const char *path, struct database **out,
                                          struct error *error);

/* The file turned out to be ours: from now on it may be written to. */
MUST_CHECK enum status database_trust(struct database *database, struct error *error);

/* Closes and unlocks; NULL is allowed. */
void database_close(struct database *database);

/* The path, for messages. */
const char *database_path(const struct database *database);

/* Reads head and tally: each is appended to its writer, whose status says whether it fitted. */
MUST_CHECK enum status database_read_head(struct database *database, struct writer *head,
                                          struct writer *tally, struct error *error);

/* The version that the file says it is of; and says it, in the transaction that is open, if any. */
MUST_CHECK enum status database_version(struct database *database, int64_t *version,
                                        struct error *error);
MUST_CHECK enum status database_set_version(struct database *database, int version,
                                            struct error *error);

/* All that is changed between begin and commit becomes durable together, or nothing does. After any
 * failure in between, call database_rollback. */
MUST_CHECK enum status database_begin(struct database *database, struct error *error);
MUST_CHECK enum status database_commit(struct database *database, struct error *error);
void database_rollback(struct database *database);

/* Has a commit failed in such a way that what it was to change may be there when the file is opened
 * again, and none succeeded since? */
bool database_is_uncertain(const struct database *database);

/* Is the file that was opened still the one at its path, with its log of changes? What was written
 * to another would be lost with it. STATUS_IO_FAILED: it is not. */
MUST_CHECK enum status database_check_place(struct database *database, struct error *error);

/* Provides the reserve, from which changes of what is there can be saved on a disk that is full.
 * STATUS_NO_SPACE, STATUS_IO_FAILED: there is as much of it as before. */
MUST_CHECK enum status database_reserve(struct database *database, struct error *error);

/* What was changed goes into the file, as far as the disk takes it, so that its log of changes is
 * written from the start again and needs no more room. */
void database_reuse_log(struct database *database);

/* Builds the file anew without what was deleted or replaced, and overwrites the log of changes, as
 * far as the disk overwrites anything in place. STATUS_NO_SPACE, STATUS_IO_FAILED: the file and its
 * log are as they were, or swept in part. */
MUST_CHECK enum status database_sweep(struct database *database, struct error *error);

/* Has the disk less space left than the reserve, by its own account? */
bool database_is_tight(const struct database *database);

/* Would the disk take twice the reserve now? */
bool database_has_room(const struct database *database);

MUST_CHECK enum status database_put(struct database *database,
                                    const uint8_t name[DATABASE_NAME_SIZE], struct span record,
                                    struct error *error);
MUST_CHECK enum status database_delete(struct database *database,
                                       const uint8_t name[DATABASE_NAME_SIZE], struct error *error);
MUST_CHECK enum status database_put_head(struct database *database, struct span head,
                                         struct error *error);
MUST_CHECK enum status database_put_tally(struct database *database, struct span tally,
                                          struct error *error);

/* Called for a row; the spans live until it returns. */
typedef enum status database_row_fn(void *context, struct span name, struct span record,
                                    struct error *error);

/* Calls `on_row` for the row of that name, if there is one, and says in *found whether there was.
 */
MUST_CHECK enum status database_get(struct database *database,
                                    const uint8_t name[DATABASE_NAME_SIZE], database_row_fn *on_row,
                                    void *context, bool *found, struct error *error);

/* Calls `on_row` for every row, in the order of their names, until it returns another status than
 * STATUS_OK. */
MUST_CHECK enum status database_each(struct database *database, database_row_fn *on_row,
                                     void *context, struct error *error);

#endif
