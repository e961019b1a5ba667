/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All records of a store in one file that can be kept elsewhere. It is sealed under the store's
 * passphrase, with a key and a salt of its own, and needs nothing else to be read: no key file, and
 * no TPM. So what is deleted from the store later can still be read in it.
 *
 * In it: a line that tells what it is, a head (head.h), and pieces of several records each. A piece
 * is its length in four octets and the records, sealed for its place: whether it is the last one,
 * and how many are before it. So none can be changed, moved, left out or cut off unnoticed.
 */
#ifndef MUSTER_APP_STORE_ARCHIVE_H
#define MUSTER_APP_STORE_ARCHIVE_H

#include "app/store/store.h"

/* Writes all records of `store` into a new file at `path` (mode 0600), durably. It appears whole or
 * not at all; what a killed program leaves is `path` with ".draft", which the next call removes.
 * STATUS_ALREADY_DONE when there is a file, STATUS_NO_SPACE, STATUS_READ_ONLY, STATUS_IO_FAILED,
 * STATUS_NO_MEMORY; errors of store_load and of `entropy`. */
MUST_CHECK enum status archive_write(struct store *store, const char *path, struct span passphrase,
                                     enum store_strength strength, const struct entropy *entropy,
                                     struct error *error);

/* Calls `on_record` for each record in the file at `path`, in the order of kind and key. What was
 * handed over is not to be used unless this returns STATUS_OK. STATUS_NOT_FOUND, STATUS_MALFORMED
 * (no such file as archive_write makes), STATUS_NEWER_VERSION, STATUS_WRONG_PASSPHRASE,
 * STATUS_SEAL_BROKEN (changed, damaged, or cut off), STATUS_IO_FAILED, STATUS_NO_MEMORY, and the
 * first status of `on_record` that is not STATUS_OK. */
MUST_CHECK enum status archive_read(const char *path, struct span passphrase,
                                    store_record_fn *on_record, void *context, struct error *error);

#endif
