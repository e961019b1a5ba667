/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/trouble.h"
#include "app/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/file.h"
#include "app/store/key_file.h"

bool trouble_is_full(int system_error) {
    return system_error == ENOSPC || system_error == EFBIG || system_error == EDQUOT;
}

enum status trouble_broken(const char *path, struct error *error) {
    return error_set(error, STATUS_SEAL_BROKEN,
                     "store %.150s: damaged, changed by somebody else, or not a Muster store; "
                     "restore a copy of it, or enrol again",
                     path);
}

enum status trouble_internal(const char *path, enum status status, struct error *error) {
    return error_set(error, status,
                     "store %.150s: %s; close other programs, or raise the limit on memory "
                     "(ulimit -v, ulimit -d)",
                     path, status_text(status));
}

enum status trouble_gone(const char *path, struct error *error) {
    return error_set(error, STATUS_FILE_GONE,
                     "store %.150s: the file is gone from its folder; mount its disk again, or put "
                     "the file back",
                     path);
}

/* SQLite takes a file that may not grow for a disk that is full. */
static enum status no_space(const char *path, struct error *error) {
    struct rlimit limit;
    bool is_limited = getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    return error_set(
        error, STATUS_NO_SPACE,
        "store %.150s: no space left on its disk%s, nothing was changed; make room and "
        "try again",
        path, is_limited ? ", or the limit on the size of files is reached (ulimit -f)" : "");
}

static enum status read_only(const char *path, struct error *error) {
    return error_set(error, STATUS_READ_ONLY,
                     "store %.150s: its disk is read-only; check the disk and its write "
                     "protection, or copy the store to another disk",
                     path);
}

static enum status no_locks(const char *path, struct error *error) {
    return error_set(error, STATUS_IO_FAILED,
                     "store %.150s: the file system that it is on cannot lock files; keep the "
                     "store on a disk of this machine",
                     path);
}

static bool is_denied(const char *path, int mode) {
    return faccessat(AT_FDCWD, path, mode, AT_EACCESS) != 0 && (errno == EACCES || errno == EPERM);
}

static bool lies_on_read_only_disk(const char *folder) {
    struct statvfs about;
    return statvfs(folder, &about) == 0 && (about.f_flag & ST_RDONLY) != 0;
}

static enum status denied_folder(const char *path, const char *folder, struct error *error) {
    return error_set(
        error, STATUS_IO_FAILED,
        "store %.100s: no permission to write in its folder, %.80s, which Muster must; "
        "run Muster as the folder's owner, or move the store to a folder of your own",
        path, folder);
}

/* May the file, if it is there, be read and written? */
static enum status check_file(const char *file, struct error *error) {
    struct stat about;
    if (!is_denied(file, R_OK | W_OK)) {
        return STATUS_OK;
    }
    bool is_own = stat(file, &about) == 0 && (geteuid() == 0 || geteuid() == about.st_uid);
    if (is_own && !is_denied(file, R_OK)) {
        return error_set(error, STATUS_READ_ONLY,
                         "store %.100s: this file is read-only, which Muster must write; make it "
                         "writable: chmod u+w %.100s (chattr -i, where it is immutable)",
                         file, file);
    }
    return error_set(error, STATUS_IO_FAILED,
                     "store %.150s: no permission to read and write this file; run Muster as its "
                     "owner",
                     file);
}

/* What can be seen where the store lies; STATUS_OK when nothing can. */
static enum status look_around(const char *path, struct error *error) {
    struct stat about;
    char folder[PATH_MAX];
    enum status status;
    file_folder(path, folder);
    if (is_denied(folder, X_OK)) {
        return error_set(error, STATUS_IO_FAILED,
                         "store %.100s: no permission to enter its folder, %.80s; run Muster as "
                         "the folder's owner",
                         path, folder);
    }
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode)) {
        return error_set(error, STATUS_IO_FAILED,
                         "store %.150s: that is a folder; name a file in it", path);
    }
    if (lies_on_read_only_disk(folder)) {
        return read_only(path, error);
    }
    char keys[KEY_FILE_PATH_SIZE];
    key_file_path(path, keys);
    status = check_file(path, error);
    if (status == STATUS_OK) {
        status = check_file(keys, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    return is_denied(folder, W_OK) ? denied_folder(path, folder, error) : STATUS_OK;
}

/* Who puts it back is told as well what is in the way of that. */
enum status trouble_no_keys(const char *path, struct error *error) {
    struct error around;
    enum status status = look_around(path, &around);
    error_set(error, STATUS_FILE_GONE,
              "store %.100s: its key file, %.100s-keys, is not beside it, and the store cannot be "
              "read without it; put it back: whoever moves or copies a store takes both files",
              path, path);
    if (status != STATUS_OK) {
        error_add(error, "; %s", around.text);
    }
    return STATUS_FILE_GONE;
}

/* To SQLite a file system without locks looks like a file that is locked. Looking gives up the
 * locks of this process on the file: only for a store that it could not open. */
static bool lacks_locks(const char *path) {
    const struct flock lock = {
        .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 0x50000000, .l_len = 1};
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        return false;
    }
    bool lacks = fcntl(file, F_SETLK, &lock) != 0 && errno != EACCES && errno != EAGAIN;
    close(file);
    return lacks;
}

static bool is_about_locks(int code) {
    return code == SQLITE_IOERR_LOCK || code == SQLITE_IOERR_UNLOCK ||
           code == SQLITE_IOERR_RDLOCK || code == SQLITE_IOERR_CHECKRESERVEDLOCK;
}

/* Why no file can be made beside the store, by the system's own word; 0 when one can. */
static int ask_disk(const char *path) {
    char draft[PATH_MAX];
    int length = snprintf(draft, sizeof draft, "%s.XXXXXX", path);
    int file = length < 0 || (size_t)length >= sizeof draft ? -1 : mkostemp(draft, O_CLOEXEC);
    if (file < 0) {
        return errno;
    }
    close(file);
    unlink(draft);
    return 0;
}

static enum status cannot_use(int code, int system_error, const char *path, struct error *error) {
    enum status status = look_around(path, error);
    if (status != STATUS_OK) {
        return status;
    }
    /* SQLite tries again, to read at least, and keeps the reason of that alone. */
    if (system_error == ENOENT || system_error == EBADF) {
        system_error = ask_disk(path);
    }
    if (trouble_is_full(system_error)) {
        return no_space(path, error);
    }
    if (system_error == EROFS) {
        return read_only(path, error);
    }
    if (is_about_locks(code)) {
        return no_locks(path, error);
    }
    if (system_error == EMFILE || system_error == ENFILE) {
        return error_set(error, STATUS_IO_FAILED,
                         "store %.150s: too many files are open (ulimit -n); close other programs",
                         path);
    }
    return error_set(error, STATUS_IO_FAILED,
                     "store %.150s: cannot be read or written (%s); check its disk", path,
                     system_error != 0 ? strerror(system_error) : sqlite3_errstr(code));
}

enum status trouble_of_file(int system_error, const char *path, struct error *error) {
    return trouble_is_full(system_error) ? no_space(path, error)
                                         : cannot_use(SQLITE_IOERR, system_error, path, error);
}

enum status trouble_of_sqlite(int code, int system_error, const char *path, struct error *error) {
    int kind = code & 0xFF;
    if (kind == SQLITE_FULL || (kind == SQLITE_IOERR && trouble_is_full(system_error))) {
        return no_space(path, error);
    }
    switch (kind) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return lacks_locks(path)
                   ? no_locks(path, error)
                   : error_set(error, STATUS_BUSY,
                               "store %.150s: another program has it open; close that one first",
                               path);
    case SQLITE_NOMEM:
        return error_set(error, STATUS_NO_MEMORY,
                         "store %.150s: out of memory; close other programs", path);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return cannot_use(code, system_error, path, error);
    default:
        return trouble_broken(path, error);
    }
}

enum status trouble_of_making(int system_error, const char *path, struct error *error) {
    char folder[PATH_MAX];
    file_folder(path, folder);
    if (trouble_is_full(system_error)) {
        return no_space(path, error);
    }
    if (system_error == EROFS) {
        return read_only(path, error);
    }
    if (system_error == EACCES || system_error == EPERM) {
        return denied_folder(path, folder, error);
    }
    return error_set(error, STATUS_IO_FAILED,
                     "store %.150s: cannot be made (%s); check that its folder exists and can be "
                     "written",
                     path, strerror(system_error));
}
