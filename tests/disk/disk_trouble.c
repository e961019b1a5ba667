/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Preloaded (LD_PRELOAD) into a real program, it makes the disk under one folder fail as a kernel
 * would have it fail: what changes files returns an error, what reads them goes on.
 *
 *     DISK_TROUBLE_FOLDER   the folder, an absolute path without links
 *     DISK_TROUBLE_FILE     while this file exists, all changes fail with the error that it names
 *     DISK_TROUBLE_AT       N: from the N-th change on they fail, with DISK_TROUBLE_ERROR; N-N:
 * only that one does DISK_TROUBLE_COUNT    at its end the program writes into this file how many
 * changes it tried
 *
 * The errors: ENOSPC (a full disk: what is there can still be opened, cut and removed), EROFS (it
 * became read-only under open files, as file systems do after an error), EIO; KILL: the program is
 * killed right before that change.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Each function here has the name of the libc's that it stands before. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

static atomic_long changes;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int error_named(const char *name) {
    return strncmp(name, "ENOSPC", 6) == 0 ? ENOSPC : strncmp(name, "EROFS", 5) == 0 ? EROFS : EIO;
}

/* The error that the control file names, or 0. */
static int standing_error(void) {
    char name[8] = "";
    const char *path = getenv("DISK_TROUBLE_FILE");
    int file = path == NULL ? -1 : REAL(open)(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return 0;
    }
    ssize_t length = read(file, name, sizeof name - 1);
    close(file);
    return length > 0 ? error_named(name) : 0;
}

static int counted_error(long number) {
    const char *at = getenv("DISK_TROUBLE_AT"), *error = getenv("DISK_TROUBLE_ERROR");
    char *end;
    if (at == NULL) {
        return 0;
    }
    long first = strtol(at, &end, 10);
    bool is_due = *end == '-' ? number == first : number >= first;
    if (is_due && first > 0 && error != NULL && strcmp(error, "KILL") == 0) {
        raise(SIGKILL);
    }
    return is_due && first > 0 ? error_named(error == NULL ? "EIO" : error) : 0;
}

static bool is_under(const char *path) {
    const char *folder = getenv("DISK_TROUBLE_FOLDER");
    size_t length = folder == NULL ? 0 : strlen(folder);
    return length > 0 && strncmp(path, folder, length) == 0 &&
           (path[length] == '/' || path[length] == '\0');
}

/* Is `path`, which need not exist, on the disk? */
static bool is_there(const char *path) {
    char folder[PATH_MAX], real[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash == NULL) {
        snprintf(folder, sizeof folder, ".");
    } else {
        slash[slash == folder ? 1 : 0] = '\0';
    }
    return (realpath(path, real) != NULL || realpath(folder, real) != NULL) && is_under(real);
}

static bool is_file_there(int file) {
    char name[64], path[PATH_MAX];
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    ssize_t length = readlink(name, path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    return is_under(path);
}

/* A change is tried: sets errno when it must fail. */
static bool fails(bool takes_space) {
    long number = ++changes;
    int error = standing_error();
    if (error == 0) {
        error = counted_error(number);
    }
    if (error == 0 || (error == ENOSPC && !takes_space)) {
        return false;
    }
    errno = error;
    return true;
}

static bool open_fails(const char *path, int flags) {
    bool changes_it = (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT) != 0;
    return changes_it && is_there(path) && fails(access(path, F_OK) != 0);
}

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...) {                                                   \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        mode_t mode = va_arg(rest, mode_t);                                                        \
        va_end(rest);                                                                              \
        return open_fails(path, flags) ? -1 : REAL(open)(path, flags, mode);                       \
    }
OPEN(open)
OPEN(open64)

int __open_2(const char *path, int flags) {
    return open(path, flags);
}

int __open64_2(const char *path, int flags) {
    return open(path, flags);
}

int mkostemp(char *path, int flags) {
    return is_there(path) && fails(true) ? -1 : REAL(mkostemp)(path, flags);
}

int mkostemp64(char *path, int flags) {
    return mkostemp(path, flags);
}

ssize_t write(int file, const void *octets, size_t length) {
    return is_file_there(file) && fails(true) ? -1 : REAL(write)(file, octets, length);
}

ssize_t pwrite(int file, const void *octets, size_t length, off_t at) {
    return is_file_there(file) && fails(true) ? -1 : REAL(pwrite)(file, octets, length, at);
}

ssize_t pwrite64(int file, const void *octets, size_t length, off_t at) {
    return pwrite(file, octets, length, at);
}

int fsync(int file) {
    return is_file_there(file) && fails(true) ? -1 : REAL(fsync)(file);
}

int fdatasync(int file) {
    return is_file_there(file) && fails(true) ? -1 : REAL(fdatasync)(file);
}

int ftruncate(int file, off_t length) {
    return is_file_there(file) && fails(false) ? -1 : REAL(ftruncate)(file, length);
}

int ftruncate64(int file, off_t length) {
    return ftruncate(file, length);
}

int posix_fallocate(int file, off_t at, off_t length) {
    return is_file_there(file) && fails(true) ? errno : REAL(posix_fallocate)(file, at, length);
}

int posix_fallocate64(int file, off_t at, off_t length) {
    return posix_fallocate(file, at, length);
}

int rename(const char *from, const char *to) {
    return is_there(to) && fails(true) ? -1 : REAL(rename)(from, to);
}

int link(const char *from, const char *to) {
    return is_there(to) && fails(true) ? -1 : REAL(link)(from, to);
}

int unlink(const char *path) {
    return is_there(path) && access(path, F_OK) == 0 && fails(false) ? -1 : REAL(unlink)(path);
}

int mkdir(const char *path, mode_t mode) {
    return is_there(path) && fails(true) ? -1 : REAL(mkdir)(path, mode);
}

int statvfs(const char *path, struct statvfs *about) {
    int result = REAL(statvfs)(path, about);
    bool is_read_only = standing_error() == EROFS || counted_error(changes + 1) == EROFS;
    if (result == 0 && is_there(path) && is_read_only) {
        about->f_flag |= ST_RDONLY;
    }
    return result;
}

int statvfs64(const char *path, struct statvfs64 *about) {
    return statvfs(path, (struct statvfs *)about);
}

__attribute__((destructor)) static void report(void) {
    const char *path = getenv("DISK_TROUBLE_COUNT");
    FILE *file = path == NULL ? NULL : fopen(path, "w");
    if (file != NULL) {
        fprintf(file, "%ld\n", (long)changes);
        fclose(file);
    }
}
