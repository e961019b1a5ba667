/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/binding.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/file.h"
#include "app/store/destruction.h"
#include "app/store/trouble.h"

/* What the file holds: its version, the store's id, what the TPM sealed, and a checksum. */
enum {
    FILE_VERSION = 1,
    FILE_LEAST = 1 + STORE_ID_SIZE + SEAL_HASH_SIZE
};

_Static_assert((int)HEAD_BINDING_SIZE == (int)TPM_KEY_SIZE, "it seals what the head takes");

const uint8_t *binding_key(const struct binding *binding) {
    return binding->is_bound ? binding->key : NULL;
}

void binding_path(const char *store, char path[BINDING_PATH_SIZE]) {
    snprintf(path, BINDING_PATH_SIZE, "%s-binding", store);
}

bool binding_exists(const char *store) {
    char path[BINDING_PATH_SIZE];
    binding_path(store, path);
    return access(path, F_OK) == 0;
}

/* The same, with the store's name in front. */
static enum status name_store(const char *store, const struct error *cause, struct error *error) {
    return error_set(error, cause->status, "store %.100s: %.280s", store, cause->text);
}

static enum status draw(const uint8_t id[STORE_ID_SIZE], const struct entropy *entropy,
                        struct binding *binding, struct error *error) {
    struct writer file = writer_into(binding->file, sizeof binding->file);
    uint8_t checksum[SEAL_HASH_SIZE];
    enum status status = entropy_draw(entropy, binding->key, sizeof binding->key);
    if (status != STATUS_OK) {
        return error_set(error, status, "%s", status_text(status));
    }
    write_u8(&file, FILE_VERSION);
    write_span(&file, (struct span){id, STORE_ID_SIZE});
    status = tpm_seal(binding->key, &file, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = seal_checksum(writer_span(&file), checksum);
    write_span(&file, SPAN_OF(checksum));
    binding->length = file.length;
    if (status == STATUS_OK) {
        status = writer_finish(&file);
    }
    return status == STATUS_OK ? STATUS_OK : error_set(error, status, "%s", status_text(status));
}

enum status binding_draw(const char *store, const uint8_t id[STORE_ID_SIZE],
                         enum binding_choice choice, const struct entropy *entropy,
                         struct binding *binding, struct error *error) {
    struct error cause;
    binding->is_bound = false;
    if (choice == BINDING_NONE || (choice == BINDING_WHERE_POSSIBLE && !tpm_is_there())) {
        return STATUS_OK;
    }
    enum status status = draw(id, entropy, binding, &cause);
    binding->is_bound = status == STATUS_OK;
    if (status == STATUS_OK || choice == BINDING_WHERE_POSSIBLE) {
        return STATUS_OK;
    }
    return name_store(store, &cause, error);
}

enum status binding_write(const char *store, const struct binding *binding, struct error *error) {
    char path[BINDING_PATH_SIZE];
    binding_path(store, path);
    return binding->is_bound
               ? file_write(path, (struct span){binding->file, binding->length}, false, error)
               : STATUS_OK;
}

static enum status damaged(const char *store, struct error *error) {
    return error_set(error, STATUS_SEAL_BROKEN,
                     "store %.150s: its binding file (%.150s-binding) is damaged or another "
                     "store's; put the right one back",
                     store, store);
}

/* `id` may be NULL: any store's. */
static enum status open_file(const char *store, struct span file, const uint8_t *id,
                             uint8_t key[HEAD_BINDING_SIZE], struct error *error) {
    struct error cause;
    uint8_t checksum[SEAL_HASH_SIZE];
    if (file.length < FILE_LEAST) {
        return damaged(store, error);
    }
    size_t length = file.length - SEAL_HASH_SIZE;
    enum status status = seal_checksum((struct span){file.octets, length}, checksum);
    if (status != STATUS_OK) {
        return trouble_internal(store, status, error);
    }
    if (memcmp(checksum, file.octets + length, sizeof checksum) != 0 ||
        file.octets[0] != FILE_VERSION ||
        (id != NULL && memcmp(id, file.octets + 1, STORE_ID_SIZE) != 0)) {
        return damaged(store, error);
    }
    const size_t at = 1 + STORE_ID_SIZE;
    status = tpm_open((struct span){file.octets + at, length - at}, key, &cause);
    if (status == STATUS_OK || status == STATUS_BOUND_ELSEWHERE) {
        return status == STATUS_OK ? STATUS_OK : name_store(store, &cause, error);
    }
    return error_set(error, status, "store %.90s: it is bound to its machine's TPM, and %.180s",
                     store, cause.text);
}

static enum status read_file(const char *store, const uint8_t *id, uint8_t key[HEAD_BINDING_SIZE],
                             struct error *error) {
    char path[BINDING_PATH_SIZE];
    struct secret *file;
    binding_path(store, path);
    enum status status = file_read(path, BINDING_FILE_MAX, &file, error);
    if (status == STATUS_NOT_FOUND) {
        return error_set(error, STATUS_FILE_GONE,
                         "store %.150s: it is bound to a machine, and its binding file "
                         "(%.150s-binding) is not beside it; put it back",
                         store, store);
    }
    if (status != STATUS_OK) {
        return status == STATUS_TOO_LONG ? damaged(store, error) : status;
    }
    status = open_file(store, secret_span(file), id, key, error);
    secret_free(file);
    return status;
}

enum status binding_open(const char *store, struct span head, bool *is_bound,
                         uint8_t key[HEAD_BINDING_SIZE], struct error *error) {
    uint8_t id[STORE_ID_SIZE];
    enum status status = head_look(head, is_bound, id);
    if (status != STATUS_OK) {
        return status == STATUS_SEAL_BROKEN ? trouble_broken(store, error)
                                            : trouble_internal(store, status, error);
    }
    return *is_bound ? read_file(store, id, key, error) : STATUS_OK;
}

enum status binding_check(const char *store, struct error *error) {
    if (!binding_exists(store)) {
        return STATUS_OK;
    }
    struct secret *key = secret_new(HEAD_BINDING_SIZE);
    if (key == NULL) {
        return trouble_internal(store, STATUS_NO_MEMORY, error);
    }
    enum status status = read_file(store, NULL, key->octets, error);
    secret_free(key);
    return status;
}

void binding_discard(const char *store) {
    char path[BINDING_PATH_SIZE];
    struct destruction destruction = {0};
    binding_path(store, path);
    destroy_file(path, &destruction);
}
