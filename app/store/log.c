/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/store/key_file.h"
#include "app/store/trouble.h"

void log_path(const char *store, char path[LOG_PATH_SIZE]) {
    snprintf(path, LOG_PATH_SIZE, "%s-wal", store);
}

bool log_exists(const char *store) {
    char path[LOG_PATH_SIZE];
    log_path(store, path);
    return access(path, F_OK) == 0;
}

enum status log_check_none(const char *store, struct error *error) {
    char path[LOG_PATH_SIZE], keys[KEY_FILE_PATH_SIZE];
    log_path(store, path);
    key_file_path(store, keys);
    bool is_log = access(path, F_OK) == 0;
    if (!is_log && access(keys, F_OK) != 0) {
        return STATUS_OK;
    }
    return error_set(error, STATUS_ALREADY_DONE,
                     "store %.100s: %.100s is there and belongs to a store that is gone; put that "
                     "store back, or move this file away",
                     store, is_log ? path : keys);
}

/* Zeros from `at` up to `end`, durably. */
static bool write_zeros(int file, off_t at, off_t end) {
    static const uint8_t zeros[4096];
    while (at < end) {
        size_t length = (size_t)(end - at) < sizeof zeros ? (size_t)(end - at) : sizeof zeros;
        ssize_t written = pwrite(file, zeros, length, at);
        if (written <= 0) {
            return false;
        }
        at += written;
    }
    return fdatasync(file) == 0;
}

static int open_log(const char *store, int flags) {
    char path[LOG_PATH_SIZE];
    log_path(store, path);
    return open(path, flags | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
}

static enum status cannot_open(const char *store, struct error *error) {
    return errno == ENOENT ? STATUS_OK : trouble_of_file(errno, store, error);
}

enum status log_sync(const char *store, struct error *error) {
    int file = open_log(store, O_RDONLY);
    if (file < 0) {
        return cannot_open(store, error);
    }
    int cause = fdatasync(file) == 0 ? 0 : errno;
    close(file);
    return cause == 0 ? STATUS_OK : trouble_of_file(cause, store, error);
}

enum status log_overwrite(const char *store, struct error *error) {
    enum {
        HEAD_SIZE_OF_LOG = 32
    };
    struct stat about;
    int file = open_log(store, O_WRONLY);
    if (file < 0) {
        return cannot_open(store, error);
    }
    bool is_done = fstat(file, &about) == 0 &&
                   (about.st_size < HEAD_SIZE_OF_LOG || write_zeros(file, 0, HEAD_SIZE_OF_LOG)) &&
                   write_zeros(file, 0, about.st_size);
    int cause = errno;
    close(file);
    return is_done ? STATUS_OK : trouble_of_file(cause, store, error);
}
