/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The store: a handset's durable state in one SQLite file (WAL, full sync). Each record's value is
 * sealed with libsodium under a key that only the passphrase opens (Argon2id) and bound to its kind
 * and key, so that records cannot be changed, swapped, moved, left out or put back to an older
 * value unseen. Record keys are hidden as well: the file shows how many records there are and how
 * long they are, not whose. Only putting back all files in an older state goes unnoticed.
 *
 * Erased means erased: a record that holds a secret (record_keys.h says which do not) is sealed
 * under a key of its own, which is destroyed before its deletion, or its replacement by another
 * value, is reported durable (key_file.h). Then nothing in the store's files, its log of changes or
 * its free pages can be opened of it, also with the passphrase. The keys are in a small file beside
 * the store, PATH-keys, without which the store cannot be read.
 *
 * A store may be bound to its machine's TPM (binding.h): then no other machine opens it, not even
 * with all its files and the passphrase.
 *
 * The same letters are the same passphrase, whatever octets a keyboard makes of them: a store is
 * made under their composed form (NFC), and opens with each spelling (spelling.h).
 *
 * One program at a time: an open store is locked. Wrong passphrases are counted, and whoever
 * guesses waits (attempts.h).
 */
#ifndef MUSTER_APP_STORE_STORE_H
#define MUSTER_APP_STORE_STORE_H

#include "app/error.h"
#include "app/store/batch.h"
#include "app/store/binding.h"
#include "crypto/entropy.h"

struct store;

/* How hard the passphrase is to guess. STORE_HARD is for people; STORE_QUICK only for tests and
 * demonstrations with throw-away stores. Kept in the store, so opening needs no choice. */
enum store_strength {
    STORE_HARD,
    STORE_QUICK
};

/* Makes a new store at `path`, mode 0600 (STATUS_ALREADY_DONE when there is a file already,
 * STATUS_NO_SPACE, STATUS_IO_FAILED). It appears whole or not at all. The caller closes it. */
MUST_CHECK enum status store_create(const char *path, struct span passphrase,
                                    enum store_strength strength, const struct entropy *entropy,
                                    struct store **store, struct error *error);

/* The same of a store that is bound to this machine, as it is chosen. Errors of tpm_seal too. */
MUST_CHECK enum status store_create_bound(const char *path, struct span passphrase,
                                          enum store_strength strength, enum binding_choice choice,
                                          const struct entropy *entropy, struct store **store,
                                          struct error *error);

/* Is it bound to this machine? */
bool store_is_bound(const struct store *store);

/* Opens the store at `path`. STATUS_NOT_FOUND, STATUS_WRONG_PASSPHRASE (after so many as were
 * set the store is then destroyed), STATUS_RATE_LIMITED (wrong ones were given: it is to be tried
 * later, and *error says when), STATUS_NEWER_VERSION, STATUS_BUSY (another process has it open),
 * STATUS_SEAL_BROKEN (changed, damaged, or not a store at all), STATUS_FILE_GONE (its key file is
 * not beside it, or its binding file), the errors of tpm_open if it is bound, STATUS_READ_ONLY,
 * STATUS_IO_FAILED. A failed open changes nothing. A store of an earlier version is brought up to
 * this one, as soon as its disk has room. */
MUST_CHECK enum status store_open(const char *path, struct span passphrase, struct store **store,
                                  struct error *error);

/* The same to read alone, which works on a read-only disk as well: what is there is then read from
 * a copy in memory (or in a temporary file, as sealed as the store is). Its other functions must
 * not be called but those that load, find and close. STATUS_READ_ONLY when no copy can be made. */
MUST_CHECK enum status store_open_to_read(const char *path, struct span passphrase,
                                          struct store **store, struct error *error);

/* Was it read from a copy, because its disk is read-only? */
bool store_is_copy(const struct store *store);

void store_close(struct store *store);

/* Lets other programs have the store for a while, without its keys being made again: nothing else
 * is to be called of it until store_resume but store_close. */
void store_release(struct store *store);

/* Opens it again, with what other programs have made of it since. STATUS_BUSY (one of them has it
 * open), STATUS_WRONG_PASSPHRASE (one has changed its passphrase), errors of store_open; it stays
 * released then. */
MUST_CHECK enum status store_resume(struct store *store, struct error *error);

/* The path that it was opened at, as long as it is open or released. */
const char *store_path(const struct store *store);

/* Seals the store under another passphrase, durably: a power cut leaves the old one or the new one.
 * When it returns STATUS_OK nothing in the store's files is left that the old one opens.
 * STATUS_WRONG_PASSPHRASE: `passphrase` is not the present one; errors of store_apply, which say it
 * when the passphrase is changed all the same. */
MUST_CHECK enum status store_change_passphrase(struct store *store, struct span passphrase,
                                               struct span new_passphrase,
                                               const struct entropy *entropy, struct error *error);

/* Binds the store to this machine, or to none any more, durably: a power cut leaves it as it was or
 * as it is to be, and once it has returned STATUS_OK nothing in its files opens it as before.
 * STATUS_WRONG_PASSPHRASE, STATUS_ALREADY_DONE, errors of tpm_seal and tpm_open, and of
 * store_change_passphrase. */
MUST_CHECK enum status store_bind(struct store *store, struct span passphrase,
                                  const struct entropy *entropy, struct error *error);
MUST_CHECK enum status store_unbind(struct store *store, struct span passphrase,
                                    const struct entropy *entropy, struct error *error);

/* Removes the closed store at `path`, with all that it holds. */
void store_discard(const char *path);

/* Is there a store at `path`? */
bool store_exists(const char *path);

/* Carries out all of `batch` or nothing, durably: when it returns STATUS_OK the records survive a
 * power cut, and what was deleted or replaced is erased. STATUS_NO_SPACE; STATUS_IO_FAILED, after
 * which the next call opens the file again; STATUS_SEAL_BROKEN: what is in its place is not this
 * store as it was left, and was not touched.
 */
MUST_CHECK enum status store_apply(struct store *store, const struct batch *batch,
                                   struct error *error);

/* The same for several batches, the later ones over the earlier: all of them or nothing. */
MUST_CHECK enum status store_apply_all(struct store *store, const struct batch *const batches[],
                                       size_t count, struct error *error);

/* Keeps space ready (DATABASE_RESERVE) from which changes of small records that are there can be
 * saved on a full disk, for as long as it is full. Call it after opening, and again while
 * store_is_short. */
void store_reserve(struct store *store);

/* Is the disk full, so that the store lives on its reserve, or has none? Only store_reserve finds
 * that this is over. */
bool store_is_short(const struct store *store);

/* Called for each record by store_load; key and value live until it returns. */
typedef enum status store_record_fn(void *context, enum record_kind kind, struct span key,
                                    struct span value);

/* Reads all records, in the order of kind and key. Stops at the first status that is not
 * STATUS_OK, from `on_record` or for a record whose seal is broken, and returns it. */
MUST_CHECK enum status store_load(struct store *store, store_record_fn *on_record, void *context,
                                  struct error *error);

/* Calls `on_record` for the record of that kind and key, if there is one, and says in *found
 * whether there was. Errors as store_load. */
MUST_CHECK enum status store_find(struct store *store, enum record_kind kind, struct span key,
                                  store_record_fn *on_record, void *context, bool *found,
                                  struct error *error);

#endif
