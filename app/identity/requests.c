/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/requests.h"

#include <string.h>

enum {
    FORMAT_VERSION = 1
};

bool requests_have(const struct requests *requests, const uint8_t hash[SEAL_HASH_SIZE]) {
    for (size_t i = 0; i < requests->count; i++) {
        if (memcmp(requests->hashes[i], hash, SEAL_HASH_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

void requests_add(struct requests *requests, const uint8_t hash[SEAL_HASH_SIZE]) {
    if (requests->count == REQUESTS_MAX) {
        memmove(requests->hashes[0], requests->hashes[1], (REQUESTS_MAX - 1) * SEAL_HASH_SIZE);
        requests->count--;
    }
    memcpy(requests->hashes[requests->count++], hash, SEAL_HASH_SIZE);
}

enum status requests_read(struct span value, struct requests *requests) {
    struct reader r = reader_of(value);
    uint8_t version = read_u8(&r);
    if (version > FORMAT_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    requests->number = read_u64(&r);
    requests->count = read_u8(&r);
    if (version != FORMAT_VERSION || requests->count > REQUESTS_MAX) {
        requests->count = 0;
        return STATUS_MALFORMED;
    }
    for (size_t i = 0; i < requests->count; i++) {
        read_octets(&r, requests->hashes[i], SEAL_HASH_SIZE);
    }
    return reader_finish(&r);
}

enum status requests_put(const struct requests *requests, struct batch *batch) {
    uint8_t octets[1 + 8 + 1 + REQUESTS_MAX * SEAL_HASH_SIZE];
    struct writer w = writer_into(octets, sizeof octets);
    write_u8(&w, FORMAT_VERSION);
    write_u64(&w, requests->number);
    write_u8(&w, (uint8_t)requests->count);
    write_span(&w, (struct span){requests->hashes[0], requests->count * SEAL_HASH_SIZE});
    return batch_put(batch, RECORD_REQUEST, span_of_text(requests->identity), writer_span(&w));
}
