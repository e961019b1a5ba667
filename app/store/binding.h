/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A store that is bound to its machine: besides the passphrase it needs a random binding key, which
 * only the machine's TPM gives out (app/tpm/tpm.h). The TPM seals it once, when the store is made,
 * into a small file beside it under its name with "-binding"; it is read once at each opening.
 * Whoever copies all files of a bound store, and knows its passphrase, opens it nowhere else.
 *
 * The file is there before the store is, and is worth nothing without it. The store's head says
 * that it is bound, so that taking the file away changes nothing but that the store does not open.
 */
#ifndef MUSTER_APP_STORE_BINDING_H
#define MUSTER_APP_STORE_BINDING_H

#include <limits.h>
#include <stdbool.h>

#include "app/error.h"
#include "app/store/head.h"
#include "app/tpm/tpm.h"

enum {
    BINDING_PATH_SIZE = PATH_MAX + 12,
    BINDING_FILE_MAX = 1 + STORE_ID_SIZE + TPM_SEALED_MAX + SEAL_HASH_SIZE
};

/* What a new store is bound to. */
enum binding_choice {
    BINDING_NONE, /* its files and its passphrase open it, wherever they are */
    BINDING_TPM,
    BINDING_WHERE_POSSIBLE, /* to the TPM if there is one that does it */
};

/* A binding that is drawn, before its store is there. */
struct binding {
    bool is_bound;
    uint8_t key[HEAD_BINDING_SIZE]; /* secret */
    size_t length;
    uint8_t file[BINDING_FILE_MAX];
};

/* The binding's key, or NULL: the store is bound to no machine. */
const uint8_t *binding_key(const struct binding *binding);

/* The path of the binding file of the store at `store`. */
void binding_path(const char *store, char path[BINDING_PATH_SIZE]);

/* Draws the binding of the new store `id` at `store`. Where it is bound only if possible, and
 * cannot be, it is not. *binding lives in secret memory. Errors of tpm_seal and of `entropy`. */
MUST_CHECK enum status binding_draw(const char *store, const uint8_t id[STORE_ID_SIZE],
                                    enum binding_choice choice, const struct entropy *entropy,
                                    struct binding *binding, struct error *error);

/* Writes its file, durably, if it is bound; one that was left without a store has to be removed
 * before. Errors of file_write. */
MUST_CHECK enum status binding_write(const char *store, const struct binding *binding,
                                     struct error *error);

/* The binding's key of the store at `store` with that head, if it is bound: *is_bound.
 * STATUS_SEAL_BROKEN for a head, or a file, that is damaged or another store's, STATUS_FILE_GONE
 * when there is no binding file, errors of tpm_open. */
MUST_CHECK enum status binding_open(const char *store, struct span head, bool *is_bound,
                                    uint8_t key[HEAD_BINDING_SIZE], struct error *error);

/* Is there a binding file beside the store at `store`? */
bool binding_exists(const char *store);

/* Before a passphrase is asked for: would this machine's TPM open the binding of the store at
 * `store`, if there is one? Errors of binding_open. */
MUST_CHECK enum status binding_check(const char *store, struct error *error);

/* Removes the binding file of the store at `store`, if it is there, once it is overwritten. */
void binding_discard(const char *store);

#endif
