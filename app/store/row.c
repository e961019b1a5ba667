/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/row.h"

#include <string.h>

struct span row_place(const struct store_keys *keys, const uint8_t name[DATABASE_NAME_SIZE],
                      uint8_t octets[ROW_PLACE_SIZE]) {
    memcpy(octets, keys->id, STORE_ID_SIZE);
    memcpy(octets + STORE_ID_SIZE, name, DATABASE_NAME_SIZE);
    return (struct span){octets, ROW_PLACE_SIZE};
}

enum status row_name(const struct store_keys *keys, enum record_kind kind, struct span key,
                     uint8_t name[DATABASE_NAME_SIZE]) {
    uint8_t octets[2 + RECORD_KEY_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    write_u16(&w, (uint16_t)kind);
    write_span(&w, key);
    enum status status = writer_finish(&w);
    return status == STATUS_OK ? seal_hash(keys->name, writer_span(&w), name) : status;
}

enum status row_seal(const struct store_keys *keys, const uint8_t name[DATABASE_NAME_SIZE],
                     const uint8_t sealing_key[SEAL_KEY_SIZE], const struct batch_change *change,
                     uint8_t plain[ROW_PLAIN_MAX], struct writer *sealed) {
    uint8_t place[ROW_PLACE_SIZE];
    struct writer w = writer_into(plain, ROW_PLAIN_MAX);
    write_u16(&w, (uint16_t)change->kind);
    write_span_u8(&w, (struct span){change->key, change->key_length});
    write_span(&w, secret_span(change->value));
    enum status status = writer_finish(&w);
    return status == STATUS_OK ? seal_close(sealing_key, row_place(keys, name, place),
                                            writer_span(&w), &entropy_system, sealed)
                               : status;
}

enum status row_open(const struct store_keys *keys, const uint8_t name[DATABASE_NAME_SIZE],
                     const uint8_t sealing_key[SEAL_KEY_SIZE], struct span record, uint8_t *plain,
                     size_t room, enum record_kind *kind, struct span *key, struct span *value) {
    uint8_t place[ROW_PLACE_SIZE];
    struct writer w = writer_into(plain, room);
    enum status status = seal_open(sealing_key, row_place(keys, name, place), record, &w);
    if (status != STATUS_OK) {
        return status == STATUS_TOO_LONG ? STATUS_SEAL_BROKEN : status;
    }
    struct reader r = reader_of(writer_span(&w));
    *kind = (enum record_kind)read_u16(&r);
    *key = read_span_u8(&r);
    *value = read_span(&r, reader_left(&r));
    bool whole = reader_finish(&r) == STATUS_OK && key->length <= RECORD_KEY_MAX;
    return whole ? STATUS_OK : STATUS_SEAL_BROKEN;
}
