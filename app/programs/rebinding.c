/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/rebinding.h"

#include "app/programs/passphrase.h"
#include "app/store/store.h"
#include "app/tpm/tpm.h"

void rebinding_print(const char *path, bool is_bound, FILE *out) {
    if (is_bound) {
        fputs("store: bound to this machine's TPM: a copy of it opens nowhere else\n", out);
        return;
    }
    fprintf(out,
            "store: bound to no machine: who copies %s and %s-keys, and knows the passphrase, "
            "opens it elsewhere\n",
            path, path);
    if (tpm_is_there()) {
        fputs("store: this machine has a TPM: muster bind binds it, or says why not\n", out);
    }
}

static enum status rebind(const char *path, bool binds, struct span passphrase,
                          struct error *error) {
    struct store *store;
    enum status status = store_open(path, passphrase, &store, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = binds ? store_bind(store, passphrase, &entropy_system, error)
                   : store_unbind(store, passphrase, &entropy_system, error);
    store_close(store);
    return status;
}

enum status rebinding_run(const char *path, bool binds, const char *file, FILE *out,
                          struct error *error) {
    struct secret *passphrase = NULL;
    if (!store_exists(path)) {
        return error_set(error, STATUS_NOT_FOUND, "%.150s: there is no such store", path);
    }
    enum status status = binding_check(path, error);
    if (status == STATUS_OK) {
        status = file != NULL ? passphrase_from_file(file, &passphrase, error)
                              : passphrase_from_terminal("Passphrase: ", false, &passphrase, error);
    }
    if (status == STATUS_OK) {
        status = rebind(path, binds, secret_span(passphrase), error);
    }
    secret_free(passphrase);
    if (status == STATUS_OK) {
        rebinding_print(path, binds, out);
        if (binds) {
            fputs("Copies that were made before still open with the passphrase alone.\n", out);
        }
    }
    return status;
}
