/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/destruction.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/file.h"

enum {
    CHUNK_SIZE = 64 * 1024,
    /* More of a file is not overwritten but only given back: it is sealed under keys that are gone,
     * or is a recording, and what is urgent may not wait for it. */
    OVERWRITTEN_MOST = 32 * 1024 * 1024
};

/* What the machine's TPM sealed, and the key file, are first: without either nothing opens. */
static const char *const names[] = {"-binding", "-keys",       "",          "-wal",    "-shm",
                                    "-journal", "-keys.draft", "-attempts", "-request"};

/* Zeros over all of it, durably. Returns 0 or an errno. */
static int overwrite(int file, off_t size) {
    static const uint8_t zeros[CHUNK_SIZE];
    off_t most = size < OVERWRITTEN_MOST ? size : OVERWRITTEN_MOST;
    for (off_t at = 0; at < most;) {
        size_t wanted = most - at < CHUNK_SIZE ? (size_t)(most - at) : CHUNK_SIZE;
        ssize_t written = pwrite(file, zeros, wanted, at);
        if (written <= 0) {
            return written < 0 ? errno : EIO;
        }
        at += written;
    }
    return fdatasync(file) == 0 ? 0 : errno;
}

static int empty(const char *path, off_t size) {
    int file = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
    if (file < 0) {
        return errno;
    }
    int cause = overwrite(file, size);
    /* A file system that writes elsewhere may be full: what was there is given back at least. */
    if (cause != 0 && ftruncate(file, 0) == 0 && cause == ENOSPC) {
        cause = 0;
    }
    close(file);
    return cause;
}

static void leave(struct destruction *destruction, const char *path, bool is_emptied, int cause) {
    if (destruction->left_count == DESTRUCTION_LEFT_MAX) {
        return;
    }
    struct destruction_rest *rest = &destruction->left[destruction->left_count++];
    snprintf(rest->path, sizeof rest->path, "%s", path);
    rest->is_emptied = is_emptied;
    rest->cause = cause;
}

static void destroy_plain(const char *path, off_t size, struct destruction *destruction) {
    destruction->found++;
    int cause = empty(path, size);
    if (unlink(path) == 0) {
        return; /* what could not be overwritten is given back, and sealed under a key that is gone
                 */
    }
    leave(destruction, path, cause == 0, cause == 0 ? errno : cause);
}

void destroy_file(const char *path, struct destruction *destruction) {
    char target[PATH_MAX];
    struct stat what;
    if (lstat(path, &what) != 0) {
        if (errno != ENOENT && errno != ENOTDIR) {
            leave(destruction, path, false, errno);
        }
        return;
    }
    if (S_ISREG(what.st_mode)) {
        destroy_plain(path, what.st_size, destruction);
    } else if (S_ISLNK(what.st_mode) && realpath(path, target) != NULL &&
               stat(target, &what) == 0 && S_ISREG(what.st_mode)) {
        destroy_plain(target, what.st_size, destruction);
        (void)unlink(path);
    }
}

static void destroy_at(const char *path, struct destruction *destruction) {
    char name[DESTRUCTION_PATH_SIZE];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(name, sizeof name, "%s%s", path, names[i]);
        destroy_file(name, destruction);
    }
    (void)file_sync_folder(path);
}

/* Where the path is a link, the log of changes is beside what it leads to. */
void destroy_store(const char *path, struct destruction *destruction) {
    char target[PATH_MAX];
    bool is_elsewhere = realpath(path, target) != NULL && strcmp(path, target) != 0;
    destroy_at(path, destruction);
    if (is_elsewhere) {
        destroy_at(target, destruction);
    }
}

bool destruction_is_whole(const struct destruction *destruction) {
    for (size_t i = 0; i < destruction->left_count; i++) {
        if (!destruction->left[i].is_emptied) {
            return false;
        }
    }
    return true;
}
