/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "app/store/key_file.h"
#include "app/store/log.h"
#include "app/store/trouble.h"

/* Copies one file, if it is there; errno says why not. */
static bool copy_file(const char *from, const char *to) {
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0) {
        return errno == ENOENT;
    }
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ssize_t sent = out < 0 ? -1 : 1;
    while (sent > 0) {
        sent = sendfile(out, in, NULL, 1 << 20);
    }
    int cause = errno;
    close(in);
    if (out >= 0) {
        close(out);
    }
    errno = cause;
    return sent == 0;
}

static bool make_folder(struct copy *copy) {
    static const char *const places[] = {"/dev/shm", "/tmp"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        snprintf(copy->folder, sizeof copy->folder, "%s/muster.XXXXXX", places[i]);
        if (mkdtemp(copy->folder) != NULL) { /* mode 0700 */
            snprintf(copy->file, sizeof copy->file, "%s/store", copy->folder);
            return true;
        }
    }
    return false;
}

enum status copy_make(const char *path, struct copy *copy, struct error *error) {
    char log[LOG_PATH_SIZE], log_copy[LOG_PATH_SIZE];
    char keys[KEY_FILE_PATH_SIZE], keys_copy[KEY_FILE_PATH_SIZE];
    if (!make_folder(copy)) {
        return trouble_of_making(errno, path, error);
    }
    log_path(path, log);
    log_path(copy->file, log_copy);
    key_file_path(path, keys);
    key_file_path(copy->file, keys_copy);
    if (copy_file(path, copy->file) && copy_file(log, log_copy) && copy_file(keys, keys_copy)) {
        return STATUS_OK;
    }
    int cause = errno;
    copy_remove(copy);
    return trouble_of_making(cause, path, error);
}

void copy_remove(const struct copy *copy) {
    char log[LOG_PATH_SIZE];
    log_path(copy->file, log);
    key_file_discard(copy->file);
    unlink(copy->file);
    unlink(log);
    rmdir(copy->folder);
}
