/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status failure(const char *path, const char *what, struct error *error) {
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return error_set(error, STATUS_NOT_FOUND, "%.200s: there is no such file or folder", path);
    case EFBIG:
        return error_set(error, STATUS_NO_SPACE,
                         "%.200s: no space left below the limit on the size of files (ulimit -f), "
                         "nothing was written; raise it and try again",
                         path);
    case ENOSPC:
    case EDQUOT:
        return error_set(error, STATUS_NO_SPACE,
                         "%.200s: no space left on its disk, nothing was written; make room and "
                         "try again",
                         path);
    default:
        return error_set(error, errno == EROFS ? STATUS_READ_ONLY : STATUS_IO_FAILED,
                         "%.200s: cannot be %s (%s)", path, what, strerror(errno));
    }
}

/* It has its name, but its folder's entry may not be durable. */
static enum status not_durable(const char *path, bool overwrite, struct error *error) {
    int cause = errno;
    if (!overwrite && unlink(path) == 0) {
        errno = cause;
        return failure(path, "written", error);
    }
    enum status status = cause == EROFS    ? STATUS_READ_ONLY
                         : cause == ENOSPC ? STATUS_NO_SPACE
                                           : STATUS_IO_FAILED;
    return error_set(error, status,
                     "%.150s: written, but a power cut may lose it (%s); when its disk is well "
                     "again, use it, or remove it and try again",
                     path, strerror(cause));
}

static enum status exists_already(const char *path, struct error *error) {
    return error_set(error, STATUS_ALREADY_DONE,
                     "%.200s: already exists and was left as it is; choose another name", path);
}

/* Reads on from `length` octets, until the end or until all `room` octets are there. */
static ssize_t read_on(int file, uint8_t *octets, size_t room, size_t length) {
    while (length < room) {
        ssize_t got = read(file, octets + length, room - length);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            break;
        }
        length += (size_t)got;
    }
    return (ssize_t)length;
}

/* How much to make room for: what the file holds and an octet more, by which its end is seen. */
static size_t room_for(int file, size_t limit) {
    struct stat about;
    bool is_short = fstat(file, &about) == 0 && S_ISREG(about.st_mode) &&
                    (uint64_t)about.st_size < (uint64_t)limit;
    return is_short ? (size_t)about.st_size + 1 : limit + 1;
}

/* Reads the file, limit + 1 octets of it at most, into *buffer, which is NULL when out of memory. A
 * file that has more than it said it had, as those of /proc do, gets all the room that it may have:
 * secret memory costs as much as there is of it. */
static ssize_t read_whole(int file, size_t limit, struct secret **buffer) {
    *buffer = secret_new(room_for(file, limit));
    ssize_t length = *buffer != NULL ? read_on(file, (*buffer)->octets, (*buffer)->length, 0) : 0;
    if (length <= (ssize_t)limit && *buffer != NULL && (size_t)length == (*buffer)->length) {
        struct secret *larger = secret_new(limit + 1);
        if (larger != NULL) {
            memcpy(larger->octets, (*buffer)->octets, (size_t)length);
            length = read_on(file, larger->octets, larger->length, (size_t)length);
        }
        secret_free(*buffer);
        *buffer = larger;
    }
    return length;
}

/* `length` is what was read of the file: -1, with an errno, where it could not be. */
static enum status check_length(const char *path, ssize_t length, size_t limit,
                                struct error *error) {
    if (length < 0) {
        return failure(path, "read", error);
    }
    return (size_t)length <= limit
               ? STATUS_OK
               : error_set(error, STATUS_TOO_LONG,
                           "%.200s: larger than the %zu octets that such a file can have", path,
                           limit);
}

static int open_to_read(const char *path) {
    return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

enum status file_read_into(const char *path, uint8_t *room, size_t limit, size_t *length,
                           struct error *error) {
    int file = open_to_read(path);
    if (file < 0) {
        return failure(path, "read", error);
    }
    ssize_t got = read_on(file, room, limit + 1, 0);
    enum status status = check_length(path, got, limit, error);
    close(file);
    *length = status == STATUS_OK ? (size_t)got : 0;
    return status;
}

enum status file_read(const char *path, size_t limit, struct secret **content,
                      struct error *error) {
    *content = NULL;
    int file = open_to_read(path);
    if (file < 0) {
        return failure(path, "read", error);
    }
    struct secret *buffer;
    ssize_t length = read_whole(file, limit, &buffer);
    enum status status = STATUS_OK;
    if (buffer == NULL) {
        status = error_set(error, STATUS_NO_MEMORY, "%.200s: out of memory", path);
    } else {
        status = check_length(path, length, limit, error);
    }
    close(file);
    if (status == STATUS_OK) {
        *content = secret_copy((struct span){buffer->octets, (size_t)length});
        if (*content == NULL) {
            status = error_set(error, STATUS_NO_MEMORY, "%.200s: out of memory", path);
        }
    }
    secret_free(buffer);
    return status;
}

static bool write_whole(int file, struct span content) {
    for (size_t at = 0; at < content.length;) {
        ssize_t put = write(file, content.octets + at, content.length - at);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return false;
        }
        at += (size_t)put;
    }
    return true;
}

/* Is there something at `path` that is no plain file and no folder? */
static bool is_device(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode);
}

enum status file_check_free(const char *path, bool overwrite, struct error *error) {
    struct stat about;
    if (overwrite || lstat(path, &about) != 0 || is_device(path)) {
        return STATUS_OK;
    }
    return exists_already(path, error);
}

static enum status write_to_device(const char *path, struct span content, struct error *error) {
    int file = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0) {
        return failure(path, "written", error);
    }
    bool written = write_whole(file, content);
    enum status status = written ? STATUS_OK : failure(path, "written", error);
    if (close(file) != 0 && status == STATUS_OK) {
        status = failure(path, "written", error);
    }
    return status;
}

void file_folder(const char *path, char folder[PATH_MAX]) {
    snprintf(folder, PATH_MAX, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash == NULL) {
        snprintf(folder, PATH_MAX, ".");
    } else {
        slash[slash == folder ? 1 : 0] = '\0';
    }
}

/* The folder that `path` is in; -1 with an errno. */
static int open_folder_of(const char *path) {
    char folder[PATH_MAX];
    file_folder(path, folder);
    return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* The folder's entry must be durable too, or a power cut could lose a file that was announced. */
static bool sync_folder(int folder) {
    return fsync(folder) == 0 || errno == EINVAL;
}

bool file_sync_folder(const char *path) {
    int file = open_folder_of(path);
    bool synced = file >= 0 && sync_folder(file);
    int cause = errno;
    if (file >= 0) {
        close(file);
    }
    errno = cause;
    return synced;
}

enum status file_publish(const char *draft, const char *path, bool overwrite, struct error *error) {
    if (overwrite) {
        if (rename(draft, path) != 0) {
            return failure(path, "written", error);
        }
    } else {
        /* Unlike rename, link never replaces what somebody else put there meanwhile. */
        if (link(draft, path) != 0) {
            return errno == EEXIST ? exists_already(path, error) : failure(path, "written", error);
        }
        unlink(draft);
    }
    return file_sync_folder(path) ? STATUS_OK : not_durable(path, overwrite, error);
}

/* Fills the new file `draft` and gives it its name; closes it. */
static enum status fill_and_publish(int file, const char *draft, const char *path,
                                    struct span content, bool overwrite, struct error *error) {
    bool written = write_whole(file, content) && fsync(file) == 0;
    enum status status = written ? STATUS_OK : failure(path, "written", error);
    close(file);
    if (status == STATUS_OK) {
        status = file_publish(draft, path, overwrite, error);
    }
    if (status != STATUS_OK) {
        unlink(draft);
    }
    return status;
}

enum status file_replace(const char *draft, const char *path, struct span content,
                         struct error *error) {
    unlink(draft);
    int file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return file < 0 ? failure(path, "written", error)
                    : fill_and_publish(file, draft, path, content, true, error);
}

/* --- Several together ----------------------------------------------------------------------- */

enum {
    DRAFT_SIZE = PATH_MAX + 24
};

static void name_draft(const char *draft, size_t n, char name[DRAFT_SIZE]) {
    snprintf(name, DRAFT_SIZE, "%.*s.%u", PATH_MAX - 1, draft, (unsigned)n);
}

void file_remove_drafts(const char *draft) {
    char name[DRAFT_SIZE];
    unlink(draft);
    for (size_t n = 0; n < FILE_PIECES_MAX; n++) {
        name_draft(draft, n, name);
        unlink(name);
    }
}

static enum status fill_draft(const char *draft, size_t n, const struct file_piece *piece,
                              struct error *error) {
    char name[DRAFT_SIZE];
    name_draft(draft, n, name);
    unlink(name);
    int file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool written = file >= 0 && write_whole(file, piece->content);
    enum status status = written ? STATUS_OK : failure(piece->path, "written", error);
    if (file >= 0 && close(file) != 0 && written) {
        status = failure(piece->path, "written", error);
    }
    return status;
}

/* Gives the finished drafts their names, up to the first that fails. */
static enum status name_pieces(const char *draft, const struct file_piece pieces[], size_t count,
                               size_t *done, struct error *error) {
    char name[DRAFT_SIZE];
    for (*done = 0; *done < count; ++*done) {
        name_draft(draft, *done, name);
        if (rename(name, pieces[*done].path) != 0) {
            return failure(pieces[*done].path, "written", error);
        }
    }
    return STATUS_OK;
}

/* A file's way to the disk takes as long as that of all that its file system has to write, so all
 * of them go it together. */
static enum status replace_in(int folder, const char *draft, const struct file_piece pieces[],
                              size_t count, size_t *done, struct error *error) {
    size_t filled = 0;
    enum status status = STATUS_OK;
    while (filled < count) {
        status = fill_draft(draft, filled, &pieces[filled], error);
        if (status != STATUS_OK) {
            break;
        }
        filled++;
    }
    if (syncfs(folder) != 0) {
        return failure(pieces[0].path, "written", error);
    }
    struct error second;
    enum status named = name_pieces(draft, pieces, filled, done, &second);
    if (*done > 0 && !sync_folder(folder)) {
        *done = 0;
        return not_durable(pieces[0].path, true, error);
    }
    if (named != STATUS_OK) {
        *error = second;
    }
    return named != STATUS_OK ? named : status;
}

enum status file_replace_each(const char *draft, const struct file_piece pieces[], size_t count,
                              size_t *done, struct error *error) {
    int folder = open_folder_of(draft);
    *done = 0;
    if (folder < 0) {
        return failure(draft, "written", error);
    }
    enum status status = replace_in(folder, draft, pieces, count, done, error);
    close(folder);
    if (status != STATUS_OK) {
        file_remove_drafts(draft);
    }
    return status;
}

enum status file_write(const char *path, struct span content, bool overwrite, struct error *error) {
    if (is_device(path)) {
        return write_to_device(path, content, error);
    }
    enum status status = file_check_free(path, overwrite, error);
    if (status != STATUS_OK) {
        return status;
    }
    char draft[PATH_MAX];
    int length = snprintf(draft, sizeof draft, "%s.XXXXXX", path);
    if (length < 0 || (size_t)length >= sizeof draft) {
        return error_set(error, STATUS_IO_FAILED, "%.200s...: the path is too long", path);
    }
    int file = mkostemp(draft, O_CLOEXEC); /* mode 0600 */
    return file < 0 ? failure(path, "written", error)
                    : fill_and_publish(file, draft, path, content, overwrite, error);
}
