/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/head.h"

#include <string.h>

#include "crypto/secret.h"

enum {
    HEAD_UNBOUND = 1,
    HEAD_BOUND = 2
};

/* What opens a head. */
struct unlocking {
    struct span passphrase;
    const uint8_t *binding; /* HEAD_BINDING_SIZE, or NULL */
    struct seal_work work;
};

static enum status derive_keys(struct store_keys *keys, const uint8_t data_key[SEAL_KEY_SIZE]) {
    enum status status = seal_hash(data_key, span_of_text("record"), keys->record);
    if (status == STATUS_OK) {
        status = seal_hash(data_key, span_of_text("name"), keys->name);
    }
    if (status == STATUS_OK) {
        status = seal_hash(data_key, span_of_text("tally"), keys->tally);
    }
    if (status == STATUS_OK) {
        status = seal_hash(data_key, span_of_text("keys"), keys->keys);
    }
    return status;
}

/* What a passphrase is worth: its key, and with a binding one that takes both. */
static enum status key_of(const struct unlocking *with, const uint8_t salt[SEAL_SALT_SIZE],
                          uint8_t key[SEAL_KEY_SIZE]) {
    static const char label[] = "binding";
    uint8_t text[sizeof label + HEAD_BINDING_SIZE], passphrase_key[SEAL_KEY_SIZE];
    if (with->binding == NULL) {
        return seal_key_of_passphrase(with->passphrase, salt, with->work, key);
    }
    memcpy(text, label, sizeof label);
    memcpy(text + sizeof label, with->binding, HEAD_BINDING_SIZE);
    enum status status = seal_key_of_passphrase(with->passphrase, salt, with->work, passphrase_key);
    if (status == STATUS_OK) {
        status = seal_hash(passphrase_key, SPAN_OF(text), key);
    }
    secret_wipe(passphrase_key, sizeof passphrase_key);
    secret_wipe(text, sizeof text);
    return status;
}

/* Appends the head of the store `id`, with a salt that is drawn. */
static enum status write_head(const uint8_t id[STORE_ID_SIZE],
                              const uint8_t data_key[SEAL_KEY_SIZE], const struct unlocking *with,
                              const struct entropy *entropy, struct writer *out) {
    uint8_t salt[SEAL_SALT_SIZE], checksum[SEAL_HASH_SIZE], passphrase_key[SEAL_KEY_SIZE];
    struct seal_work work = with->work;
    enum status status = entropy_draw(entropy, salt, sizeof salt);
    if (status == STATUS_OK) {
        status = key_of(with, salt, passphrase_key);
    }
    if (status == STATUS_OK) {
        write_u8(out, with->binding == NULL ? HEAD_UNBOUND : HEAD_BOUND);
        write_span(out, (struct span){id, STORE_ID_SIZE});
        write_span(out, SPAN_OF(salt));
        write_u32(out, work.passes);
        write_u32(out, work.memory_kib);
        status = seal_close(passphrase_key, writer_span(out),
                            (struct span){data_key, SEAL_KEY_SIZE}, entropy, out);
    }
    if (status == STATUS_OK) {
        status = seal_checksum(writer_span(out), checksum);
    }
    secret_wipe(passphrase_key, sizeof passphrase_key);
    if (status != STATUS_OK) {
        return status;
    }
    write_span(out, SPAN_OF(checksum));
    return writer_finish(out);
}

enum status head_make(struct span passphrase, const uint8_t *binding, struct seal_work work,
                      const struct entropy *entropy, struct store_keys *keys, struct writer *out) {
    const struct unlocking with = {passphrase, binding, work};
    uint8_t data_key[SEAL_KEY_SIZE];
    enum status status = entropy_draw(entropy, data_key, sizeof data_key);
    if (status == STATUS_OK) {
        status = derive_keys(keys, data_key);
    }
    if (status == STATUS_OK) {
        status = write_head(keys->id, data_key, &with, entropy, out);
    }
    secret_wipe(data_key, sizeof data_key);
    return status;
}

enum status head_look(struct span head, bool *is_bound, uint8_t id[STORE_ID_SIZE]) {
    uint8_t checksum[SEAL_HASH_SIZE];
    struct reader r = reader_of(head);
    uint8_t version = read_u8(&r);
    read_octets(&r, id, STORE_ID_SIZE);
    *is_bound = version == HEAD_BOUND;
    if (head.length != HEAD_SIZE || (version != HEAD_UNBOUND && version != HEAD_BOUND)) {
        return STATUS_SEAL_BROKEN;
    }
    size_t length = HEAD_SIZE - SEAL_HASH_SIZE;
    enum status status = seal_checksum((struct span){head.octets, length}, checksum);
    if (status != STATUS_OK) {
        return status;
    }
    return memcmp(checksum, head.octets + length, sizeof checksum) == 0 ? STATUS_OK
                                                                        : STATUS_SEAL_BROKEN;
}

static enum status open_data_key(struct span head, struct unlocking *with,
                                 uint8_t id[STORE_ID_SIZE], uint8_t data_key[SEAL_KEY_SIZE]) {
    uint8_t salt[SEAL_SALT_SIZE], passphrase_key[SEAL_KEY_SIZE];
    bool is_bound;
    enum status status = head_look(head, &is_bound, id);
    if (status != STATUS_OK) {
        return status;
    }
    if (is_bound != (with->binding != NULL)) {
        return STATUS_SEAL_BROKEN;
    }
    struct reader r = reader_of(head);
    (void)read_span(&r, 1 + STORE_ID_SIZE);
    read_octets(&r, salt, sizeof salt);
    with->work.passes = read_u32(&r);
    with->work.memory_kib = read_u32(&r);
    struct span sealed = read_span(&r, HEAD_SEALED_SIZE);
    status = key_of(with, salt, passphrase_key);
    if (status != STATUS_OK) {
        return status == STATUS_UNSUPPORTED ? STATUS_SEAL_BROKEN : status;
    }
    struct writer w = writer_into(data_key, SEAL_KEY_SIZE);
    status = seal_open(passphrase_key, (struct span){head.octets, HEAD_OPEN_SIZE}, sealed, &w);
    secret_wipe(passphrase_key, sizeof passphrase_key);
    return status == STATUS_SEAL_BROKEN ? STATUS_WRONG_PASSPHRASE : status;
}

enum status head_open(struct span head, struct span passphrase, const uint8_t *binding,
                      struct store_keys *keys) {
    struct unlocking with = {.passphrase = passphrase, .binding = binding};
    uint8_t data_key[SEAL_KEY_SIZE];
    enum status status = open_data_key(head, &with, keys->id, data_key);
    if (status == STATUS_OK) {
        status = derive_keys(keys, data_key);
    }
    secret_wipe(data_key, sizeof data_key);
    return status;
}

enum status head_change(struct span head, struct span passphrase, const uint8_t *binding,
                        struct span new_passphrase, const uint8_t *new_binding,
                        const struct entropy *entropy, struct writer *out) {
    struct unlocking with = {.passphrase = passphrase, .binding = binding};
    uint8_t id[STORE_ID_SIZE], data_key[SEAL_KEY_SIZE];
    enum status status = open_data_key(head, &with, id, data_key);
    if (status == STATUS_OK) {
        with.passphrase = new_passphrase;
        with.binding = new_binding;
        status = write_head(id, data_key, &with, entropy, out);
    }
    secret_wipe(data_key, sizeof data_key);
    return status;
}
