/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/head.h"

#include <string.h>

#include "crypto/secret.h"

enum {
    HEAD_VERSION = 1
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

/* Appends the head of the store `id`, with a salt that is drawn. */
static enum status write_head(const uint8_t id[STORE_ID_SIZE],
                              const uint8_t data_key[SEAL_KEY_SIZE], struct span passphrase,
                              struct seal_work work, const struct entropy *entropy,
                              struct writer *out) {
    uint8_t salt[SEAL_SALT_SIZE], checksum[SEAL_HASH_SIZE], passphrase_key[SEAL_KEY_SIZE];
    enum status status = entropy_draw(entropy, salt, sizeof salt);
    if (status == STATUS_OK) {
        status = seal_key_of_passphrase(passphrase, salt, work, passphrase_key);
    }
    if (status == STATUS_OK) {
        write_u8(out, HEAD_VERSION);
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

enum status head_make(struct span passphrase, struct seal_work work, const struct entropy *entropy,
                      struct store_keys *keys, struct writer *out) {
    uint8_t data_key[SEAL_KEY_SIZE];
    enum status status = entropy_draw(entropy, keys->id, sizeof keys->id);
    if (status == STATUS_OK) {
        status = entropy_draw(entropy, data_key, sizeof data_key);
    }
    if (status == STATUS_OK) {
        status = derive_keys(keys, data_key);
    }
    if (status == STATUS_OK) {
        status = write_head(keys->id, data_key, passphrase, work, entropy, out);
    }
    secret_wipe(data_key, sizeof data_key);
    return status;
}

static enum status open_data_key(struct span head, struct span passphrase,
                                 uint8_t id[STORE_ID_SIZE], struct seal_work *work,
                                 uint8_t data_key[SEAL_KEY_SIZE]) {
    uint8_t salt[SEAL_SALT_SIZE], checksum[SEAL_HASH_SIZE], expected[SEAL_HASH_SIZE];
    uint8_t passphrase_key[SEAL_KEY_SIZE];
    struct reader r = reader_of(head);
    uint8_t version = read_u8(&r);
    read_octets(&r, id, STORE_ID_SIZE);
    read_octets(&r, salt, sizeof salt);
    work->passes = read_u32(&r);
    work->memory_kib = read_u32(&r);
    struct span sealed = read_span(&r, HEAD_SEALED_SIZE);
    read_octets(&r, checksum, sizeof checksum);
    if (reader_finish(&r) != STATUS_OK || version != HEAD_VERSION) {
        return STATUS_SEAL_BROKEN;
    }
    enum status status =
        seal_checksum((struct span){head.octets, HEAD_SIZE - SEAL_HASH_SIZE}, expected);
    if (status == STATUS_OK && memcmp(checksum, expected, sizeof checksum) != 0) {
        status = STATUS_SEAL_BROKEN;
    }
    if (status == STATUS_OK) {
        status = seal_key_of_passphrase(passphrase, salt, *work, passphrase_key);
    }
    if (status != STATUS_OK) {
        return status == STATUS_UNSUPPORTED ? STATUS_SEAL_BROKEN : status;
    }
    struct writer w = writer_into(data_key, SEAL_KEY_SIZE);
    status = seal_open(passphrase_key, (struct span){head.octets, HEAD_OPEN_SIZE}, sealed, &w);
    secret_wipe(passphrase_key, sizeof passphrase_key);
    return status == STATUS_SEAL_BROKEN ? STATUS_WRONG_PASSPHRASE : status;
}

enum status head_open(struct span head, struct span passphrase, struct store_keys *keys) {
    uint8_t data_key[SEAL_KEY_SIZE];
    struct seal_work work;
    enum status status = open_data_key(head, passphrase, keys->id, &work, data_key);
    if (status == STATUS_OK) {
        status = derive_keys(keys, data_key);
    }
    secret_wipe(data_key, sizeof data_key);
    return status;
}

enum status head_change(struct span head, struct span passphrase, struct span new_passphrase,
                        const struct entropy *entropy, struct writer *out) {
    uint8_t id[STORE_ID_SIZE], data_key[SEAL_KEY_SIZE];
    struct seal_work work;
    enum status status = open_data_key(head, passphrase, id, &work, data_key);
    if (status == STATUS_OK) {
        status = write_head(id, data_key, new_passphrase, work, entropy, out);
    }
    secret_wipe(data_key, sizeof data_key);
    return status;
}
