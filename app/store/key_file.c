/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/file.h"
#include "app/store/trouble.h"

/* In each slot: the key, its checksum, which tells a key from a block that a power cut left half
 * written, and zeros. */
enum {
    SLOT_USED = SEAL_KEY_SIZE + SEAL_HASH_SIZE,
    FILE_SIZE = KEY_FILE_SLOTS * KEY_FILE_SLOT_SIZE
};

void key_file_path(const char *store, char path[KEY_FILE_PATH_SIZE]) {
    snprintf(path, KEY_FILE_PATH_SIZE, "%s-keys", store);
}

void key_file_choose(struct key_file *file, size_t slot) {
    file->present = slot;
    file->is_spoilt = true;
}

const uint8_t *key_file_present(const struct key_file *file) {
    return file->keys[file->present];
}

static size_t next_slot(const struct key_file *file) {
    return (file->present + 1) % KEY_FILE_SLOTS;
}

const uint8_t *key_file_next(const struct key_file *file) {
    return file->keys[next_slot(file)];
}

static enum status write_slot(const uint8_t key[SEAL_KEY_SIZE], uint8_t slot[KEY_FILE_SLOT_SIZE]) {
    memset(slot, 0, KEY_FILE_SLOT_SIZE);
    memcpy(slot, key, SEAL_KEY_SIZE);
    return seal_checksum((struct span){key, SEAL_KEY_SIZE}, slot + SEAL_KEY_SIZE);
}

static void read_slot(struct span content, size_t slot, struct key_file *file) {
    uint8_t checksum[SEAL_HASH_SIZE];
    size_t at = slot * KEY_FILE_SLOT_SIZE;
    file->is_whole[slot] = false;
    if (content.length < at + SLOT_USED) {
        return;
    }
    memcpy(file->keys[slot], content.octets + at, SEAL_KEY_SIZE);
    file->is_whole[slot] =
        seal_checksum(SPAN_OF(file->keys[slot]), checksum) == STATUS_OK &&
        memcmp(checksum, content.octets + at + SEAL_KEY_SIZE, sizeof checksum) == 0;
}

enum status key_file_read(const char *store, struct key_file *file, struct error *error) {
    char path[KEY_FILE_PATH_SIZE];
    struct secret *content;
    key_file_path(store, path);
    enum status status = file_read(path, FILE_SIZE, &content, error);
    if (status == STATUS_NOT_FOUND) {
        return trouble_no_keys(store, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    for (size_t slot = 0; slot < KEY_FILE_SLOTS; slot++) {
        read_slot(secret_span(content), slot, file);
    }
    file->is_there = true;
    secret_free(content);
    return STATUS_OK;
}

static enum status make(struct key_file *file, const char *store, struct error *error) {
    char path[KEY_FILE_PATH_SIZE], draft[KEY_FILE_PATH_SIZE + 8];
    struct secret *content = secret_new(FILE_SIZE);
    enum status status = content == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    for (size_t slot = 0; status == STATUS_OK && slot < KEY_FILE_SLOTS; slot++) {
        status = entropy_draw(&entropy_system, file->keys[slot], SEAL_KEY_SIZE);
        if (status == STATUS_OK) {
            status = write_slot(file->keys[slot], content->octets + slot * KEY_FILE_SLOT_SIZE);
        }
    }
    if (status != STATUS_OK) {
        secret_free(content);
        return trouble_internal(store, status, error);
    }
    key_file_path(store, path);
    snprintf(draft, sizeof draft, "%s.draft", path);
    status = file_replace(draft, path, secret_span(content), error);
    secret_free(content);
    file->present = 0;
    file->is_there = status == STATUS_OK;
    file->is_spoilt = false;
    return status;
}

static int open_file(const char *store) {
    char path[KEY_FILE_PATH_SIZE];
    key_file_path(store, path);
    return open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
}

/* Overwrites octets that are there, so that it takes no space, and no other block where the file
 * system does not choose one itself. Returns 0 or an errno. */
static int overwrite(int file, size_t slot, const uint8_t octets[KEY_FILE_SLOT_SIZE]) {
    ssize_t written = pwrite(file, octets, KEY_FILE_SLOT_SIZE, (off_t)(slot * KEY_FILE_SLOT_SIZE));
    if (written != KEY_FILE_SLOT_SIZE) {
        return written < 0 ? errno : ENOSPC;
    }
    return fdatasync(file) == 0 ? 0 : errno;
}

/* Is the present key where it belongs? Otherwise the file is another store's. */
static bool is_ours(int file, const struct key_file *keys) {
    uint8_t key[SEAL_KEY_SIZE];
    bool is_same = pread(file, key, sizeof key, (off_t)(keys->present * KEY_FILE_SLOT_SIZE)) ==
                       (ssize_t)sizeof key &&
                   secret_equal(key, key_file_present(keys), sizeof key);
    secret_wipe(key, sizeof key);
    return is_same;
}

static enum status write_next(const struct key_file *keys, const char *store,
                              const uint8_t octets[KEY_FILE_SLOT_SIZE], struct error *error) {
    int file = open_file(store);
    if (file < 0) {
        return errno == ENOENT ? trouble_no_keys(store, error)
                               : trouble_of_file(errno, store, error);
    }
    bool is_right = is_ours(file, keys);
    int cause = is_right ? overwrite(file, next_slot(keys), octets) : 0;
    close(file);
    if (!is_right) {
        return trouble_no_keys(store, error);
    }
    return cause == 0 ? STATUS_OK : trouble_of_file(cause, store, error);
}

/* Draws the next key anew, over what is in its slot. */
static enum status draw_next(struct key_file *file, const char *store, struct error *error) {
    size_t slot = next_slot(file);
    struct secret *octets = secret_new(KEY_FILE_SLOT_SIZE);
    file->is_spoilt = true;
    enum status status = octets == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    if (status == STATUS_OK) {
        status = entropy_draw(&entropy_system, file->keys[slot], SEAL_KEY_SIZE);
    }
    if (status == STATUS_OK) {
        status = write_slot(file->keys[slot], octets->octets);
    }
    status = status == STATUS_OK ? write_next(file, store, octets->octets, error)
                                 : trouble_internal(store, status, error);
    secret_free(octets);
    file->is_spoilt = status != STATUS_OK;
    return status;
}

enum status key_file_ready(struct key_file *file, const char *store, struct error *error) {
    char path[KEY_FILE_PATH_SIZE];
    if (!file->is_there) {
        return make(file, store, error);
    }
    if (file->is_spoilt) {
        return draw_next(file, store, error);
    }
    key_file_path(store, path);
    return access(path, F_OK) == 0 ? STATUS_OK : trouble_no_keys(store, error);
}

enum status key_file_turn(struct key_file *file, const char *store, struct error *error) {
    file->present = next_slot(file);
    return draw_next(file, store, error);
}

void key_file_discard(const char *store) {
    static const uint8_t zeros[KEY_FILE_SLOT_SIZE];
    char path[KEY_FILE_PATH_SIZE], target[PATH_MAX];
    int file = open_file(store);
    if (file < 0) {
        return;
    }
    for (size_t slot = 0; slot < KEY_FILE_SLOTS; slot++) {
        (void)overwrite(file, slot, zeros);
    }
    close(file);
    key_file_path(store, path);
    if (realpath(path, target) != NULL) {
        unlink(target);
    }
    unlink(path);
}
