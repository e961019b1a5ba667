/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The key file of a store, beside it under its name with "-keys": the one place where what was
 * deleted is destroyed. It holds two keys, the present one and the next, each in a block of its own
 * that is overwritten in place.
 *
 * The keys of the records (record_keys.h) are sealed under the present key, together with one that
 * the passphrase opens. A change that deletes or replaces a record seals those that are left under
 * the next key, in the same transaction; then the present key is overwritten with one that is new,
 * and the next is the present one. From then on nothing opens the keys that the record was sealed
 * under, wherever in the store's file, in its log of changes or on its disk they are still written.
 * A power cut leaves both keys, and the sealed keys of either the old state or the new one: what
 * opens them is the present key, and the other is overwritten when the store is opened.
 *
 * By itself the file opens nothing. It may be kept elsewhere, on a stick: then a link of its name
 * leads there.
 */
#ifndef MUSTER_APP_STORE_KEY_FILE_H
#define MUSTER_APP_STORE_KEY_FILE_H

#include <limits.h>

#include "app/error.h"
#include "crypto/seal.h"

enum {
    KEY_FILE_SLOTS = 2,
    KEY_FILE_SLOT_SIZE = 4096, /* a block of its own on most disks */
};

/* Lives in secret memory. All zero: there is no file yet. */
struct key_file {
    bool is_there;
    bool is_spoilt; /* the next key may have sealed something that was given up: it is drawn anew */
    size_t present; /* the slot of the present key; the other one's is the next */
    bool is_whole[KEY_FILE_SLOTS];
    uint8_t keys[KEY_FILE_SLOTS][SEAL_KEY_SIZE];
};

enum {
    KEY_FILE_PATH_SIZE = PATH_MAX + 8
};

/* The path of the key file of the store at `store`. */
void key_file_path(const char *store, char path[KEY_FILE_PATH_SIZE]);

/* Reads both keys of the store at `store`; which is the present one is for the caller to find out
 * (key_file_choose) among those that are whole. STATUS_FILE_GONE when there is no file, with what a
 * person can do; errors of file_read. */
MUST_CHECK enum status key_file_read(const char *store, struct key_file *file, struct error *error);

/* The present key is that in `slot`. */
void key_file_choose(struct key_file *file, size_t slot);

/* Before a change: makes the file with two new keys where there is none, or draws the next key anew
 * where it is spoilt, durably. STATUS_NO_SPACE (but for the first time it needs no space),
 * STATUS_READ_ONLY, STATUS_FILE_GONE, STATUS_IO_FAILED. */
MUST_CHECK enum status key_file_ready(struct key_file *file, const char *store,
                                      struct error *error);

/* After a change under the next key is durable: destroys the present key, durably, and turns to the
 * next. It has turned also when it fails, and the key that was to be destroyed is left: it is
 * spoilt then. Errors of key_file_ready. */
MUST_CHECK enum status key_file_turn(struct key_file *file, const char *store, struct error *error);

const uint8_t *key_file_present(const struct key_file *file);
const uint8_t *key_file_next(const struct key_file *file);

/* Removes the key file of the store at `store`, if it is there, once its keys are overwritten. */
void key_file_discard(const char *store);

#endif
