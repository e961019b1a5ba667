/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/file.h"
#include "app/store/head.h"
#include "app/store/spelling.h"
#include "app/store/trouble.h"
#include "app/store/unlocking.h"
#include "crypto/secret.h"

#define TITLE   "MUSTER BACKUP "
#define VERSION "1\n"

enum {
    TITLE_SIZE = sizeof TITLE - 1,
    FIRST_LINE_SIZE = sizeof TITLE VERSION - 1,
    RECORD_HEAD_SIZE = 2 + 2 + 4,
    RECORD_SIZE_MAX = RECORD_HEAD_SIZE + RECORD_KEY_MAX + RECORD_VALUE_MAX,
    PIECE_SIZE = 2 * RECORD_SIZE_MAX,
    LENGTH_SIZE = 4,
    PLACE_SIZE = FIRST_LINE_SIZE + 1 + 8
};

/* An archive that is being written or read. Lives in secret memory. */
struct archive {
    int file;
    const char *path;
    const struct entropy *entropy;
    struct store_keys keys;
    uint64_t pieces; /* so far */
    size_t length;   /* of what is in `plain` */
    int cause;       /* the errno that a write failed with */
    uint8_t plain[PIECE_SIZE];
    uint8_t sealed[LENGTH_SIZE + PIECE_SIZE + SEAL_OVERHEAD];
};

static void free_archive(struct archive *archive) {
    if (archive != NULL && archive->file >= 0) {
        close(archive->file);
    }
    secret_object_free(archive);
}

/* What a piece is sealed for. */
static struct span place_of(const struct archive *archive, bool is_last, uint8_t room[PLACE_SIZE]) {
    struct writer w = writer_into(room, PLACE_SIZE);
    write_span(&w, span_of_text(TITLE VERSION));
    write_u8(&w, is_last);
    write_u64(&w, archive->pieces);
    return writer_span(&w);
}

/* --- Writing -------------------------------------------------------------------------------- */

static enum status put(struct archive *archive, struct span octets) {
    for (size_t at = 0; at < octets.length;) {
        ssize_t written = write(archive->file, octets.octets + at, octets.length - at);
        if (written < 0 && errno != EINTR) {
            archive->cause = errno;
            return STATUS_IO_FAILED;
        }
        at += written < 0 ? 0 : (size_t)written;
    }
    return STATUS_OK;
}

static enum status put_piece(struct archive *archive, bool is_last) {
    uint8_t room[PLACE_SIZE];
    struct writer w = writer_into(archive->sealed, sizeof archive->sealed);
    write_u32(&w, (uint32_t)(archive->length + SEAL_OVERHEAD));
    enum status status =
        seal_close(archive->keys.record, place_of(archive, is_last, room),
                   (struct span){archive->plain, archive->length}, archive->entropy, &w);
    archive->pieces++;
    archive->length = 0;
    return status == STATUS_OK ? put(archive, writer_span(&w)) : status;
}

static enum status put_record(void *context, enum record_kind kind, struct span key,
                              struct span value) {
    struct archive *archive = context;
    size_t size = RECORD_HEAD_SIZE + key.length + value.length;
    enum status status =
        archive->length + size > PIECE_SIZE ? put_piece(archive, false) : STATUS_OK;
    struct writer w =
        writer_into(archive->plain + archive->length, sizeof archive->plain - archive->length);
    write_u16(&w, (uint16_t)kind);
    write_u16(&w, (uint16_t)key.length);
    write_u32(&w, (uint32_t)value.length);
    write_span(&w, key);
    write_span(&w, value);
    archive->length += size;
    return status == STATUS_OK ? writer_finish(&w) : status;
}

/* The line and the head, whose keys are drawn. */
static enum status begin(struct archive *archive, struct span passphrase,
                         enum store_strength strength, struct error *error) {
    uint8_t octets[FIRST_LINE_SIZE + HEAD_SIZE], head_octets[HEAD_SIZE];
    struct writer w = writer_into(octets, sizeof octets);
    struct writer head = writer_into(head_octets, sizeof head_octets);
    struct binding *none = secret_object_new(sizeof *none);
    enum status status = none == NULL
                             ? trouble_internal(archive->path, STATUS_NO_MEMORY, error)
                             : unlocking_make(archive->path, passphrase, strength, BINDING_NONE,
                                              archive->entropy, &archive->keys, none, &head, error);
    secret_object_free(none);
    if (status != STATUS_OK) {
        return status;
    }
    write_span(&w, span_of_text(TITLE VERSION));
    write_span(&w, writer_span(&head));
    return put(archive, writer_span(&w)) == STATUS_OK
               ? STATUS_OK
               : trouble_of_making(archive->cause, archive->path, error);
}

static enum status fill(struct archive *archive, struct store *store, struct span passphrase,
                        enum store_strength strength, struct error *error) {
    enum status status = begin(archive, passphrase, strength, error);
    if (status == STATUS_OK) {
        status = store_load(store, put_record, archive, error);
    }
    if (status == STATUS_OK && put_piece(archive, true) != STATUS_OK) {
        status = trouble_internal(archive->path, STATUS_LIBRARY_FAILED, error);
    }
    if (status == STATUS_OK && fsync(archive->file) != 0) {
        archive->cause = errno;
    }
    return archive->cause == 0 ? status : trouble_of_making(archive->cause, archive->path, error);
}

enum status archive_write(struct store *store, const char *path, struct span passphrase,
                          enum store_strength strength, const struct entropy *entropy,
                          struct error *error) {
    char draft[PATH_MAX + sizeof ".draft"];
    enum status status = file_check_free(path, false, error);
    if (status != STATUS_OK) {
        return status;
    }
    struct archive *archive = secret_object_new(sizeof *archive);
    if (archive == NULL) {
        return trouble_internal(path, STATUS_NO_MEMORY, error);
    }
    snprintf(draft, sizeof draft, "%.*s.draft", PATH_MAX - 1, path);
    unlink(draft);
    archive->path = path;
    archive->entropy = entropy;
    archive->file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    status = archive->file < 0 ? trouble_of_making(errno, path, error)
                               : fill(archive, store, passphrase, strength, error);
    if (status == STATUS_OK) {
        status = file_publish(draft, path, false, error);
    }
    if (status != STATUS_OK && archive->file >= 0) {
        unlink(draft);
    }
    free_archive(archive);
    return status;
}

/* --- Reading -------------------------------------------------------------------------------- */

static enum status broken(const struct archive *archive, struct error *error) {
    return error_set(error, STATUS_SEAL_BROKEN,
                     "%.150s: it is damaged, or not all of it is there; take another copy of this "
                     "backup, or the one before it",
                     archive->path);
}

/* Fills `room`, as far as there is as much left: *length. */
static enum status take(struct archive *archive, uint8_t *room, size_t wanted, size_t *length,
                        struct error *error) {
    for (*length = 0; *length < wanted;) {
        ssize_t got = read(archive->file, room + *length, wanted - *length);
        if (got < 0 && errno != EINTR) {
            return error_set(error, STATUS_IO_FAILED, "%.150s: cannot be read (%s)", archive->path,
                             strerror(errno));
        }
        if (got == 0) {
            break;
        }
        *length += got < 0 ? 0 : (size_t)got;
    }
    return STATUS_OK;
}

static enum status open_head(struct archive *archive, struct span head, struct span passphrase) {
    struct spellings spellings;
    enum status status = spellings_of(passphrase, &spellings);
    for (size_t i = 0; i < spellings.count; i++) {
        status = head_open(head, secret_span(spellings.each[i]), NULL, &archive->keys);
        if (status != STATUS_WRONG_PASSPHRASE) {
            break;
        }
    }
    spellings_wipe(&spellings);
    return status;
}

static enum status take_head(struct archive *archive, struct span passphrase, struct error *error) {
    uint8_t octets[FIRST_LINE_SIZE + HEAD_SIZE];
    size_t length;
    enum status status = take(archive, octets, sizeof octets, &length, error);
    if (status != STATUS_OK) {
        return status;
    }
    if (length < FIRST_LINE_SIZE || memcmp(octets, TITLE, TITLE_SIZE) != 0) {
        return error_set(error, STATUS_MALFORMED,
                         "%.150s: this is no backup; give the file that muster-kms backup made",
                         archive->path);
    }
    if (memcmp(octets + TITLE_SIZE, VERSION, sizeof VERSION - 1) != 0) {
        return error_set(error, STATUS_NEWER_VERSION,
                         "%.150s: written by a later version of Muster; use that version",
                         archive->path);
    }
    status =
        length < sizeof octets
            ? STATUS_SEAL_BROKEN
            : open_head(archive, (struct span){octets + FIRST_LINE_SIZE, HEAD_SIZE}, passphrase);
    if (status == STATUS_WRONG_PASSPHRASE) {
        return error_set(error, status,
                         "%.150s: wrong passphrase; a backup has the one that its domain had when "
                         "it was made",
                         archive->path);
    }
    return status == STATUS_SEAL_BROKEN ? broken(archive, error)
           : status == STATUS_OK        ? STATUS_OK
                                        : trouble_internal(archive->path, status, error);
}

/* The sealed octets of the next piece. */
static enum status take_piece(struct archive *archive, struct span *piece, struct error *error) {
    size_t length, size = 0;
    enum status status = take(archive, archive->sealed, LENGTH_SIZE, &length, error);
    if (status == STATUS_OK && length == LENGTH_SIZE) {
        struct reader r = reader_of((struct span){archive->sealed, LENGTH_SIZE});
        size = read_u32(&r);
    }
    if (status != STATUS_OK || size < SEAL_OVERHEAD || size > PIECE_SIZE + SEAL_OVERHEAD) {
        return status != STATUS_OK ? status : broken(archive, error);
    }
    status = take(archive, archive->sealed, size, &length, error);
    *piece = (struct span){archive->sealed, size};
    return status == STATUS_OK && length < size ? broken(archive, error) : status;
}

/* Opens it into `plain`, as the last one or as one before it. */
static enum status open_piece(struct archive *archive, struct span piece, bool *is_last) {
    uint8_t room[PLACE_SIZE];
    enum status status = STATUS_SEAL_BROKEN;
    for (int last = 0; last < 2 && status == STATUS_SEAL_BROKEN; last++) {
        struct writer w = writer_into(archive->plain, sizeof archive->plain);
        *is_last = last == 1;
        status = seal_open(archive->keys.record, place_of(archive, *is_last, room), piece, &w);
        archive->length = w.length;
    }
    archive->pieces++;
    return status;
}

static enum status hand_over(struct archive *archive, store_record_fn *on_record, void *context,
                             struct error *error) {
    struct reader r = reader_of((struct span){archive->plain, archive->length});
    while (reader_left(&r) > 0) {
        enum record_kind kind = (enum record_kind)read_u16(&r);
        size_t key_length = read_u16(&r), value_length = read_u32(&r);
        struct span key = read_span(&r, key_length), value = read_span(&r, value_length);
        if (r.failed) {
            return broken(archive, error);
        }
        enum status status = on_record(context, kind, key, value);
        if (status != STATUS_OK) {
            return error_set(error, status, "%.150s: a record cannot be used: %s", archive->path,
                             status_text(status));
        }
    }
    return STATUS_OK;
}

static enum status take_records(struct archive *archive, store_record_fn *on_record, void *context,
                                struct error *error) {
    bool is_last = false;
    while (!is_last) {
        struct span piece;
        enum status status = take_piece(archive, &piece, error);
        if (status == STATUS_OK) {
            status = open_piece(archive, piece, &is_last);
            if (status != STATUS_OK) {
                return status == STATUS_SEAL_BROKEN
                           ? broken(archive, error)
                           : trouble_internal(archive->path, status, error);
            }
            status = hand_over(archive, on_record, context, error);
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

enum status archive_read(const char *path, struct span passphrase, store_record_fn *on_record,
                         void *context, struct error *error) {
    struct archive *archive = secret_object_new(sizeof *archive);
    if (archive == NULL) {
        return trouble_internal(path, STATUS_NO_MEMORY, error);
    }
    archive->path = path;
    archive->file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    enum status status =
        archive->file >= 0 ? take_head(archive, passphrase, error)
        : errno == ENOENT
            ? error_set(error, STATUS_NOT_FOUND, "%.150s: there is no such file", path)
            : error_set(error, STATUS_IO_FAILED, "%.150s: cannot be read (%s)", path,
                        strerror(errno));
    if (status == STATUS_OK) {
        status = take_records(archive, on_record, context, error);
    }
    free_archive(archive);
    return status;
}
