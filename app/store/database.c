/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/file.h"
#include "app/store/key_file.h"
#include "app/store/log.h"
#include "app/store/trouble.h"

/* What stands in the file's header, so that `file` and we know it. */
enum {
    APPLICATION_ID = 0x4D555354
};

enum {
    PAGE_SIZE = 4096
};

/* The two tables, as they stand in the file. */
#define STORE_TABLE "CREATE TABLE store (head BLOB NOT NULL, tally BLOB NOT NULL)"
#define RECORD_TABLE                                                                               \
    "CREATE TABLE record (name BLOB PRIMARY KEY NOT NULL, record BLOB NOT NULL) WITHOUT ROWID"

struct database {
    sqlite3 *connection;
    bool is_uncertain; /* a commit failed when all was written but not yet durable */
    char path[PATH_MAX];
};

static enum status failure(sqlite3 *connection, const char *path, struct error *error) {
    int code = sqlite3_extended_errcode(connection);
    /* SQLite forgets the system's reason when it rolls back before it returns; errno, set to 0
     * before each call, still has it. */
    int system_error = sqlite3_system_errno(connection);
    if (system_error == 0) {
        system_error = errno;
    }
    return trouble_of_sqlite(code, system_error, path, error);
}

static enum status database_failure(struct database *database, struct error *error) {
    return failure(database->connection, database->path, error);
}

static enum status run(struct database *database, const char *sql, struct error *error) {
    errno = 0;
    if (sqlite3_exec(database->connection, sql, NULL, NULL, NULL) != SQLITE_OK) {
        return database_failure(database, error);
    }
    return STATUS_OK;
}

static enum status prepare(struct database *database, const char *sql, sqlite3_stmt **statement,
                           struct error *error) {
    errno = 0;
    if (sqlite3_prepare_v2(database->connection, sql, -1, statement, NULL) != SQLITE_OK) {
        return database_failure(database, error);
    }
    return STATUS_OK;
}

static bool bind(sqlite3_stmt *statement, int place, struct span value) {
    return sqlite3_bind_blob64(statement, place, value.octets, value.length, SQLITE_STATIC) ==
           SQLITE_OK;
}

static struct span column(sqlite3_stmt *statement, int place) {
    const void *octets = sqlite3_column_blob(statement, place);
    return (struct span){octets, (size_t)sqlite3_column_bytes(statement, place)};
}

/* Carries out a statement that gives no rows. A second value whose length is 0 is not bound. */
static enum status carry_out(struct database *database, const char *sql, struct span first,
                             struct span second, struct error *error) {
    sqlite3_stmt *statement;
    enum status status = prepare(database, sql, &statement, error);
    if (status != STATUS_OK) {
        return status;
    }
    if (!bind(statement, 1, first) || (second.length > 0 && !bind(statement, 2, second)) ||
        sqlite3_step(statement) != SQLITE_DONE) {
        status = database_failure(database, error);
    }
    sqlite3_finalize(statement);
    return status;
}

static enum status read_number(struct database *database, const char *sql, int64_t *number,
                               struct error *error) {
    sqlite3_stmt *statement;
    enum status status = prepare(database, sql, &statement, error);
    if (status != STATUS_OK) {
        return status;
    }
    if (sqlite3_step(statement) == SQLITE_ROW) {
        *number = sqlite3_column_int64(statement, 0);
    } else {
        status = database_failure(database, error);
    }
    sqlite3_finalize(statement);
    return status;
}

/* Opens a connection to `file`, called `path` in messages, that trusts nothing in the file, locks
 * it on first use for as long as it is open, and does not tidy up the log of changes when it
 * closes. */
static enum status connect(const char *file, const char *path, struct database **out,
                           struct error *error) {
    *out = NULL;
    struct database *database = calloc(1, sizeof *database);
    if (database == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "store %.150s: out of memory", path);
    }
    /* A relative path is led by ./ so that no name has a meaning of its own to SQLite. */
    char name[PATH_MAX];
    int length =
        snprintf(name, sizeof name, "%s%s", file[0] == '/' || file[0] == '.' ? "" : "./", file);
    if (length < 0 || (size_t)length >= sizeof name) {
        free(database);
        return error_set(error, STATUS_IO_FAILED, "store %.150s...: the path is too long", path);
    }
    snprintf(database->path, sizeof database->path, "%s", path);
    enum status status = STATUS_OK;
    errno = 0;
    if (sqlite3_open_v2(name, &database->connection, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK) {
        status = failure(database->connection, path, error);
    } else {
        sqlite3 *connection = database->connection;
        sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
        sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
        sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, DATABASE_ROW_MAX);
        int chunk = PAGE_SIZE;
        sqlite3_file_control(connection, "main", SQLITE_FCNTL_CHUNK_SIZE, &chunk);
        status = run(database,
                     "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL;"
                     "PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON;"
                     "PRAGMA temp_store = MEMORY;",
                     error);
    }
    if (status != STATUS_OK) {
        database_close(database);
        return status;
    }
    *out = database;
    return STATUS_OK;
}

static enum status lay_out(const char *draft, const char *path, struct span head, struct span tally,
                           struct error *error) {
    struct database *database;
    enum status status = connect(draft, path, &database, error);
    if (status != STATUS_OK) {
        return status;
    }
    char sql[512];
    snprintf(sql, sizeof sql,
             "PRAGMA page_size = %d; PRAGMA application_id = %d; PRAGMA user_version = %d; PRAGMA "
             "journal_mode = WAL;"
             "BEGIN; " STORE_TABLE "; " RECORD_TABLE ";",
             PAGE_SIZE, APPLICATION_ID, DATABASE_VERSION);
    status = run(database, sql, error);
    if (status == STATUS_OK) {
        status = carry_out(database, "INSERT INTO store (head, tally) VALUES (?, ?)", head, tally,
                           error);
    }
    if (status == STATUS_OK) {
        status = run(database, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE);", error);
    }
    if (status == STATUS_OK) {
        sqlite3_db_config(database->connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    }
    database_close(database);
    return status;
}

void database_discard(const char *path) {
    char log[LOG_PATH_SIZE];
    log_path(path, log);
    key_file_discard(path);
    unlink(path);
    unlink(log);
}

enum status database_create(const char *path, struct span head, struct span tally,
                            struct error *error) {
    char draft[PATH_MAX];
    int length = snprintf(draft, sizeof draft, "%s.XXXXXX", path);
    if (length < 0 || (size_t)length >= sizeof draft) {
        return error_set(error, STATUS_IO_FAILED, "store %.150s...: the path is too long", path);
    }
    enum status status = log_check_none(path, error);
    if (status != STATUS_OK) {
        return status;
    }
    int file = mkostemp(draft, O_CLOEXEC); /* mode 0600 */
    if (file < 0) {
        return trouble_of_making(errno, path, error);
    }
    close(file);
    status = lay_out(draft, path, head, tally, error);
    if (status == STATUS_OK) {
        status = file_publish(draft, path, false, error);
    }
    database_discard(draft);
    return status;
}

enum status database_version(struct database *database, int64_t *version, struct error *error) {
    return read_number(database, "PRAGMA user_version", version, error);
}

enum status database_set_version(struct database *database, int version, struct error *error) {
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d", version);
    return run(database, sql, error);
}

static enum status check_version(struct database *database, struct error *error) {
    int64_t application = 0, version = 0;
    enum status status = read_number(database, "PRAGMA application_id", &application, error);
    if (status == STATUS_OK) {
        status = database_version(database, &version, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (application != APPLICATION_ID || version < DATABASE_FIRST_VERSION) {
        return trouble_broken(database->path, error);
    }
    if (version > DATABASE_VERSION) {
        return error_set(error, STATUS_NEWER_VERSION,
                         "store %.150s: written by a later version of Muster (format %lld, this "
                         "one reads %d); use that version",
                         database->path, (long long)version, DATABASE_VERSION);
    }
    return STATUS_OK;
}

/* Nothing but the two tables: another table could hold a name twice, and an index could show one
 * statement other rows than the next. */
static enum status check_layout(struct database *database, struct error *error) {
    int64_t is_ours = 0;
    enum status status = read_number(database,
                                     "SELECT count(*) = 2 AND sum(sql IN ('" STORE_TABLE
                                     "', '" RECORD_TABLE "')) = 2"
                                     " FROM sqlite_schema",
                                     &is_ours, error);
    return status == STATUS_OK && !is_ours ? trouble_broken(database->path, error) : status;
}

enum status database_open_copy(const char *file, const char *path, struct database **out,
                               struct error *error) {
    *out = NULL;
    if (access(file, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
        return error_set(error, STATUS_NOT_FOUND, "store %.150s: there is no such file", path);
    }
    struct database *database;
    enum status status = connect(file, path, &database, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = check_version(database, error);
    if (status == STATUS_OK) {
        status = check_layout(database, error);
    }
    if (status != STATUS_OK) {
        database_close(database);
        return status;
    }
    *out = database;
    return STATUS_OK;
}

enum status database_open(const char *path, struct database **out, struct error *error) {
    return database_open_copy(path, path, out, error);
}

enum status database_trust(struct database *database, struct error *error) {
    sqlite3_db_config(database->connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    return run(database, "PRAGMA journal_mode = WAL", error);
}

void database_close(struct database *database) {
    if (database == NULL) {
        return;
    }
    sqlite3_close(database->connection);
    free(database);
}

const char *database_path(const struct database *database) {
    return database->path;
}

enum status database_read_head(struct database *database, struct writer *head, struct writer *tally,
                               struct error *error) {
    sqlite3_stmt *statement;
    enum status status =
        prepare(database, "SELECT head, tally FROM store LIMIT 1", &statement, error);
    if (status != STATUS_OK) {
        return status;
    }
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW) {
        write_span(head, column(statement, 0));
        write_span(tally, column(statement, 1));
    } else {
        status = step == SQLITE_DONE ? trouble_broken(database->path, error)
                                     : database_failure(database, error);
    }
    sqlite3_finalize(statement);
    return status;
}

enum status database_begin(struct database *database, struct error *error) {
    return run(database, "BEGIN IMMEDIATE", error);
}

/* What the file grows by is on the disk before the commit, so that what is committed can always go
 * from the log of changes into the file. */
static enum status grow_file(struct database *database, struct error *error) {
    int64_t pages = 0;
    enum status status = read_number(database, "PRAGMA page_count", &pages, error);
    if (status != STATUS_OK) {
        return status;
    }
    sqlite3_int64 size = pages * PAGE_SIZE;
    errno = 0;
    int code = sqlite3_file_control(database->connection, "main", SQLITE_FCNTL_SIZE_HINT, &size);
    return code == SQLITE_OK ? STATUS_OK : trouble_of_sqlite(code, errno, database->path, error);
}

enum status database_commit(struct database *database, struct error *error) {
    enum status status = grow_file(database, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = run(database, "COMMIT", error);
    if (status == STATUS_OK) {
        database->is_uncertain = false;
    } else if (sqlite3_extended_errcode(database->connection) == SQLITE_IOERR_FSYNC) {
        database->is_uncertain = true;
    }
    return status;
}

bool database_is_uncertain(const struct database *database) {
    return database->is_uncertain;
}

void database_reuse_log(struct database *database) {
    (void)sqlite3_wal_checkpoint_v2(database->connection, "main", SQLITE_CHECKPOINT_RESTART, NULL,
                                    NULL);
}

enum status database_sweep(struct database *database, struct error *error) {
    enum status status = run(database, "VACUUM", error);
    if (status != STATUS_OK) {
        return status;
    }
    errno = 0;
    if (sqlite3_wal_checkpoint_v2(database->connection, "main", SQLITE_CHECKPOINT_RESTART, NULL,
                                  NULL) != SQLITE_OK) {
        return database_failure(database, error);
    }
    return log_overwrite(database->path, error);
}

/* A row as large as the reserve comes and goes in one transaction: it leaves free pages in the file
 * and as much room in the log of changes, which both keep. */
static enum status pad(struct database *database, struct error *error) {
    char sql[128];
    snprintf(sql, sizeof sql, "INSERT INTO record (name, record) VALUES (x'00', zeroblob(%d))",
             DATABASE_RESERVE);
    enum status status = database_begin(database, error);
    if (status == STATUS_OK) {
        status = run(database, sql, error);
    }
    if (status == STATUS_OK) {
        status = run(database, "DELETE FROM record WHERE name = x'00'", error);
    }
    return status == STATUS_OK ? database_commit(database, error) : status;
}

enum status database_reserve(struct database *database, struct error *error) {
    enum status status = pad(database, error);
    if (status == STATUS_OK) {
        database_reuse_log(database);
    } else {
        database_rollback(database);
    }
    return status;
}

bool database_is_tight(const struct database *database) {
    struct statvfs about;
    return statvfs(database->path, &about) == 0 &&
           (uint64_t)about.f_bavail * about.f_frsize < DATABASE_RESERVE;
}

bool database_has_room(const struct database *database) {
    char draft[PATH_MAX];
    int length = snprintf(draft, sizeof draft, "%s.XXXXXX", database->path);
    int file = length < 0 || (size_t)length >= sizeof draft ? -1 : mkostemp(draft, O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    unlink(draft);
    bool has_room = posix_fallocate(file, 0, 2 * DATABASE_RESERVE) == 0;
    close(file);
    return has_room;
}

enum status database_check_place(struct database *database, struct error *error) {
    int has_moved = 0;
    (void)sqlite3_file_control(database->connection, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
    bool is_there = !has_moved && log_exists(database->path);
    return is_there ? STATUS_OK : trouble_gone(database->path, error);
}

void database_rollback(struct database *database) {
    if (!sqlite3_get_autocommit(database->connection)) {
        sqlite3_exec(database->connection, "ROLLBACK", NULL, NULL, NULL);
    }
}

enum status database_put(struct database *database, const uint8_t name[DATABASE_NAME_SIZE],
                         struct span record, struct error *error) {
    return carry_out(database, "INSERT OR REPLACE INTO record (name, record) VALUES (?, ?)",
                     (struct span){name, DATABASE_NAME_SIZE}, record, error);
}

enum status database_delete(struct database *database, const uint8_t name[DATABASE_NAME_SIZE],
                            struct error *error) {
    return carry_out(database, "DELETE FROM record WHERE name = ?",
                     (struct span){name, DATABASE_NAME_SIZE}, (struct span){NULL, 0}, error);
}

enum status database_put_head(struct database *database, struct span head, struct error *error) {
    return carry_out(database, "UPDATE store SET head = ?", head, (struct span){NULL, 0}, error);
}

enum status database_put_tally(struct database *database, struct span tally, struct error *error) {
    return carry_out(database, "UPDATE store SET tally = ?", tally, (struct span){NULL, 0}, error);
}

static enum status walk(struct database *database, sqlite3_stmt *statement, database_row_fn *on_row,
                        void *context, size_t *rows, struct error *error) {
    int step;
    for (*rows = 0; (step = sqlite3_step(statement)) == SQLITE_ROW; ++*rows) {
        enum status status = on_row(context, column(statement, 0), column(statement, 1), error);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return step == SQLITE_DONE ? STATUS_OK : database_failure(database, error);
}

enum status database_get(struct database *database, const uint8_t name[DATABASE_NAME_SIZE],
                         database_row_fn *on_row, void *context, bool *found, struct error *error) {
    sqlite3_stmt *statement;
    *found = false;
    enum status status =
        prepare(database, "SELECT name, record FROM record WHERE name = ?", &statement, error);
    if (status != STATUS_OK) {
        return status;
    }
    size_t rows = 0;
    if (!bind(statement, 1, (struct span){name, DATABASE_NAME_SIZE})) {
        status = database_failure(database, error);
    } else {
        status = walk(database, statement, on_row, context, &rows, error);
    }
    sqlite3_finalize(statement);
    *found = rows > 0;
    return status;
}

enum status database_each(struct database *database, database_row_fn *on_row, void *context,
                          struct error *error) {
    sqlite3_stmt *statement;
    enum status status =
        prepare(database, "SELECT name, record FROM record ORDER BY name", &statement, error);
    if (status != STATUS_OK) {
        return status;
    }
    size_t rows;
    status = walk(database, statement, on_row, context, &rows, error);
    sqlite3_finalize(statement);
    return status;
}
