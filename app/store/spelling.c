/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/spelling.h"

#include "app/text/unicode.h"

static bool has(const struct spellings *spellings, struct span passphrase) {
    for (size_t i = 0; i < spellings->count; i++) {
        struct span each = secret_span(spellings->each[i]);
        if (each.length == passphrase.length &&
            secret_equal(each.octets, passphrase.octets, each.length)) {
            return true;
        }
    }
    return false;
}

static enum status add(struct spellings *spellings, struct span passphrase) {
    if (has(spellings, passphrase)) {
        return STATUS_OK;
    }
    struct secret *copy = secret_copy(passphrase);
    if (copy == NULL) {
        return STATUS_NO_MEMORY;
    }
    spellings->each[spellings->count++] = copy;
    return STATUS_OK;
}

static enum status add_form(struct spellings *spellings, struct span passphrase,
                            enum unicode_form form) {
    struct secret *room = secret_new(UNICODE_ROOM(passphrase.length) * sizeof(int32_t));
    if (room == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct span normal;
    enum status status =
        unicode_normalise(passphrase, form, (int32_t *)(void *)room->octets, &normal);
    status = status == STATUS_OK ? add(spellings, normal) : STATUS_OK;
    secret_free(room);
    return status;
}

enum status spellings_of(struct span passphrase, struct spellings *spellings) {
    *spellings = (struct spellings){0};
    enum status status = add_form(spellings, passphrase, UNICODE_COMPOSED);
    if (status == STATUS_OK) {
        status = add(spellings, passphrase);
    }
    if (status == STATUS_OK) {
        status = add_form(spellings, passphrase, UNICODE_DECOMPOSED);
    }
    if (status != STATUS_OK) {
        spellings_wipe(spellings);
    }
    return status;
}

void spellings_wipe(struct spellings *spellings) {
    for (size_t i = 0; i < spellings->count; i++) {
        secret_free(spellings->each[i]);
    }
    *spellings = (struct spellings){0};
}
