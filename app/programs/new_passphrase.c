/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/new_passphrase.h"

#include "app/programs/passphrase.h"
#include "app/store/store.h"
#include "app/text/unicode.h"

enum status new_passphrase_check(struct span passphrase, struct error *error) {
    if (unicode_letters(passphrase) >= OFFICER_PASSPHRASE_MIN) {
        return STATUS_OK;
    }
    return error_set(error, STATUS_MALFORMED,
                     "passphrase: too short: at least %d characters; four or five unrelated words "
                     "make a good one, and nobody can recover it for you",
                     OFFICER_PASSPHRASE_MIN);
}

enum status new_passphrase_get(const char *file, const char *prompt, struct secret **passphrase,
                               struct error *error) {
    enum status status = file != NULL ? passphrase_from_file(file, passphrase, error)
                                      : passphrase_from_terminal(prompt, true, passphrase, error);
    if (status == STATUS_OK) {
        status = new_passphrase_check(secret_span(*passphrase), error);
    }
    if (status != STATUS_OK) {
        secret_free(*passphrase);
        *passphrase = NULL;
    }
    return status;
}

static enum status change(const char *path, struct span passphrase, const char *new_file,
                          struct error *error) {
    struct store *store;
    struct secret *chosen = NULL;
    enum status status = store_open(path, passphrase, &store, error);
    if (status != STATUS_OK) {
        return status;
    }
    status =
        new_passphrase_get(new_file, "New passphrase (at least 8 characters): ", &chosen, error);
    if (status == STATUS_OK) {
        status =
            store_change_passphrase(store, passphrase, secret_span(chosen), &entropy_system, error);
    }
    secret_free(chosen);
    store_close(store);
    return status;
}

enum status new_passphrase_change(const char *path, const char *file, const char *new_file,
                                  FILE *out, struct error *error) {
    struct secret *passphrase = NULL;
    if (!store_exists(path)) {
        return error_set(error, STATUS_NOT_FOUND, "%.150s: there is no such store", path);
    }
    enum status status = binding_check(path, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = file != NULL
                 ? passphrase_from_file(file, &passphrase, error)
                 : passphrase_from_terminal("Current passphrase: ", false, &passphrase, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = change(path, secret_span(passphrase), new_file, error);
    secret_free(passphrase);
    if (status == STATUS_OK) {
        fprintf(out,
                "%s: sealed under the new passphrase. Copies that were made before still open with "
                "the old one.\n",
                path);
    }
    return status;
}
