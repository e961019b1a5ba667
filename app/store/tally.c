/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/tally.h"

#include <string.h>

#include "app/store/trouble.h"

/* No record's name: names are keyed hashes. */
static const uint8_t tally_name[DATABASE_NAME_SIZE] = "tally";

enum status tally_row(const struct store_keys *keys, struct span name, struct span record,
                      uint8_t tally[TALLY_SIZE]) {
    uint8_t both[DATABASE_NAME_SIZE + SEAL_HASH_SIZE] = {0}, row[SEAL_HASH_SIZE];
    if (name.length != DATABASE_NAME_SIZE) {
        return STATUS_SEAL_BROKEN;
    }
    memcpy(both, name.octets, DATABASE_NAME_SIZE);
    enum status status = seal_hash(keys->tally, record, both + DATABASE_NAME_SIZE);
    if (status == STATUS_OK) {
        status = seal_hash(keys->tally, SPAN_OF(both), row);
    }
    for (size_t i = 0; status == STATUS_OK && i < TALLY_SIZE; i++) {
        tally[i] ^= row[i];
    }
    return status;
}

enum status tally_close(const struct store_keys *keys, const uint8_t tally[TALLY_SIZE],
                        const struct entropy *entropy, struct writer *out) {
    uint8_t place[ROW_PLACE_SIZE];
    return seal_close(keys->record, row_place(keys, tally_name, place),
                      (struct span){tally, TALLY_SIZE}, entropy, out);
}

enum status tally_open(const struct store_keys *keys, struct span sealed,
                       uint8_t tally[TALLY_SIZE]) {
    uint8_t place[ROW_PLACE_SIZE];
    struct writer w = writer_into(tally, TALLY_SIZE);
    enum status status = seal_open(keys->record, row_place(keys, tally_name, place), sealed, &w);
    return status == STATUS_OK && w.length != TALLY_SIZE ? STATUS_SEAL_BROKEN : status;
}

struct count {
    const struct store_keys *keys;
    const char *path;
    uint8_t tally[TALLY_SIZE];
    uint8_t last[DATABASE_NAME_SIZE];
    bool any;
};

/* Rows come in the order of their names. A row out of order is there twice, and would cancel itself
 * out of the tally, or is where a search by name finds another. */
static bool is_next_row(struct count *count, struct span name) {
    if (name.length != DATABASE_NAME_SIZE ||
        (count->any && memcmp(count->last, name.octets, DATABASE_NAME_SIZE) >= 0)) {
        return false;
    }
    memcpy(count->last, name.octets, DATABASE_NAME_SIZE);
    count->any = true;
    return true;
}

static enum status count_row(void *context, struct span name, struct span record,
                             struct error *error) {
    struct count *count = context;
    if (!is_next_row(count, name)) {
        return trouble_broken(count->path, error);
    }
    enum status status = tally_row(count->keys, name, record, count->tally);
    return status == STATUS_OK ? STATUS_OK : trouble_internal(count->path, status, error);
}

enum status tally_check(const struct store_keys *keys, const uint8_t tally[TALLY_SIZE],
                        struct database *database, struct error *error) {
    struct count count = {.keys = keys, .path = database_path(database)};
    enum status status = database_each(database, count_row, &count, error);
    if (status == STATUS_OK && !secret_equal(count.tally, tally, TALLY_SIZE)) {
        status = trouble_broken(count.path, error);
    }
    return status;
}
