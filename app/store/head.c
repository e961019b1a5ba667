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
    return status;
}

enum status head_make(struct span passphrase, struct seal_work work, const struct entropy *entropy,
                      struct store_keys *keys, struct writer *out) {
    uint8_t salt[SEAL_SALT_SIZE], checksum[SEAL_HASH_SIZE];
    uint8_t data_key[SEAL_KEY_SIZE], passphrase_key[SEAL_KEY_SIZE];
    enum status status = entropy_draw(entropy, keys->id, sizeof keys->id);
    if (status == STATUS_OK) {
        status = entropy_draw(entropy, salt, sizeof salt);
    }
    if (status == STATUS_OK) {
        status = entropy_draw(entropy, data_key, sizeof data_key);
    }
    if (status == STATUS_OK) {
        status = derive_keys(keys, data_key);
    }
    if (status == STATUS_OK) {
        status = seal_key_of_passphrase(passphrase, salt, work, passphrase_key);
    }
    if (status == STATUS_OK) {
        write_u8(out, HEAD_VERSION);
        write_span(out, SPAN_OF(keys->id));
        write_span(out, SPAN_OF(salt));
        write_u32(out, work.passes);
        write_u32(out, work.memory_kib);
        status = seal_close(passphrase_key, writer_span(out), SPAN_OF(data_key), entropy, out);
    }
    if (status == STATUS_OK) {
        status = seal_checksum(writer_span(out), checksum);
    }
    secret_wipe(data_key, sizeof data_key);
    secret_wipe(passphrase_key, sizeof passphrase_key);
    if (status != STATUS_OK) {
        return status;
    }
    write_span(out, SPAN_OF(checksum));
    return writer_finish(out);
}

enum status head_open(struct span head, struct span passphrase, struct store_keys *keys) {
    uint8_t salt[SEAL_SALT_SIZE], checksum[SEAL_HASH_SIZE], expected[SEAL_HASH_SIZE];
    uint8_t data_key[SEAL_KEY_SIZE], passphrase_key[SEAL_KEY_SIZE];
    struct reader r = reader_of(head);
    uint8_t version = read_u8(&r);
    read_octets(&r, keys->id, sizeof keys->id);
    read_octets(&r, salt, sizeof salt);
    struct seal_work work;
    work.passes = read_u32(&r);
    work.memory_kib = read_u32(&r);
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
        status = seal_key_of_passphrase(passphrase, salt, work, passphrase_key);
    }
    if (status != STATUS_OK) {
        return status == STATUS_UNSUPPORTED ? STATUS_SEAL_BROKEN : status;
    }
    struct writer w = writer_into(data_key, sizeof data_key);
    status = seal_open(passphrase_key, (struct span){head.octets, HEAD_OPEN_SIZE}, sealed, &w);
    if (status == STATUS_SEAL_BROKEN) {
        status = STATUS_WRONG_PASSPHRASE;
    }
    if (status == STATUS_OK) {
        status = derive_keys(keys, data_key);
    }
    secret_wipe(data_key, sizeof data_key);
    secret_wipe(passphrase_key, sizeof passphrase_key);
    return status;
}
