/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/bluetooth/piconet_table.h"

enum {
    ADDRESS_SIZE = 6,
    HEAD_SIZE = 2,    /* the 0 and the kind */
    HANDSET_SIZE = 2, /* distance and number of adapters */
    KIND_TABLE = 1,
    KIND_FULL = 2,
};

struct reader {
    const uint8_t *octets;
    size_t left;
    bool is_short; /* something was read that was not there */
};

static unsigned read_octet(struct reader *reader) {
    if (reader->left == 0) {
        reader->is_short = true;
        return 0;
    }
    reader->left--;
    return *reader->octets++;
}

static uint64_t read_address(struct reader *reader) {
    uint64_t address = 0;
    for (int i = 0; i < ADDRESS_SIZE; i++) {
        address = address << 8 | read_octet(reader);
    }
    return address;
}

static bool read_handset(struct reader *reader, struct piconet_handset *handset) {
    *handset = (struct piconet_handset){.distance = read_octet(reader)};
    handset->count = read_octet(reader);
    if (handset->count == 0 || handset->count > PICONET_ADAPTERS_MAX) {
        return false;
    }
    for (unsigned i = 0; i < handset->count; i++) {
        handset->addresses[i] = read_address(reader);
        if (handset->addresses[i] == 0) {
            return false;
        }
    }
    return !reader->is_short;
}

static bool read_table(struct reader *reader, struct piconet_table *table) {
    table->count = read_octet(reader);
    if (table->count == 0 || table->count > 1 + PICONET_TABLE_MAX) {
        return false;
    }
    for (size_t i = 0; i < table->count; i++) {
        struct piconet_handset *handset = &table->handsets[i];
        if (!read_handset(reader, handset)) {
            return false;
        }
        if ((handset->distance == 0) != (i == 0) || handset->distance >= PICONET_DISTANCE_MAX) {
            return false;
        }
    }
    return reader->left == 0;
}

enum piconet_packet piconet_read(const uint8_t *packet, size_t length,
                                 struct piconet_table *table) {
    struct reader reader = {.octets = packet, .left = length};
    if (length < HEAD_SIZE || length > PICONET_CONTROL_MAX || read_octet(&reader) != 0) {
        return PICONET_BROKEN;
    }
    unsigned kind = read_octet(&reader);
    if (kind == KIND_FULL && reader.left == 0) {
        return PICONET_FULL;
    }
    struct piconet_table read;
    if (kind != KIND_TABLE || !read_table(&reader, &read)) {
        return PICONET_BROKEN;
    }
    *table = read;
    return PICONET_TABLE;
}

static uint8_t *write_address(uint8_t *at, uint64_t address) {
    for (int i = 0; i < ADDRESS_SIZE; i++) {
        at[i] = (uint8_t)(address >> (8 * (ADDRESS_SIZE - 1 - i)));
    }
    return at + ADDRESS_SIZE;
}

size_t piconet_write_table(const struct piconet_table *table, uint8_t packet[PICONET_CONTROL_MAX]) {
    uint8_t *at = packet;
    *at++ = 0;
    *at++ = KIND_TABLE;
    *at++ = (uint8_t)table->count;
    for (size_t i = 0; i < table->count; i++) {
        const struct piconet_handset *handset = &table->handsets[i];
        size_t for_others = (table->count - 1 - i) * (HANDSET_SIZE + ADDRESS_SIZE);
        size_t room = PICONET_CONTROL_MAX - (size_t)(at - packet) - for_others - HANDSET_SIZE;
        unsigned count = handset->count;
        while (count > 1 && count * ADDRESS_SIZE > room) {
            count--;
        }
        *at++ = (uint8_t)handset->distance;
        *at++ = (uint8_t)count;
        for (unsigned j = 0; j < count; j++) {
            at = write_address(at, handset->addresses[j]);
        }
    }
    return (size_t)(at - packet);
}

size_t piconet_write_full(uint8_t packet[PICONET_CONTROL_MAX]) {
    packet[0] = 0;
    packet[1] = KIND_FULL;
    return HEAD_SIZE;
}

bool piconet_handset_has(const struct piconet_handset *handset, uint64_t address) {
    for (unsigned i = 0; i < handset->count; i++) {
        if (handset->addresses[i] == address) {
            return true;
        }
    }
    return false;
}

const struct piconet_handset *piconet_table_find(const struct piconet_table *table,
                                                 uint64_t address) {
    for (size_t i = 0; i < table->count; i++) {
        if (piconet_handset_has(&table->handsets[i], address)) {
            return &table->handsets[i];
        }
    }
    return NULL;
}

static bool equal_handsets(const struct piconet_handset *a, const struct piconet_handset *b) {
    if (a->count != b->count || a->distance != b->distance) {
        return false;
    }
    for (unsigned i = 0; i < a->count; i++) {
        if (a->addresses[i] != b->addresses[i]) {
            return false;
        }
    }
    return true;
}

bool piconet_table_equal(const struct piconet_table *a, const struct piconet_table *b) {
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!equal_handsets(&a->handsets[i], &b->handsets[i])) {
            return false;
        }
    }
    return true;
}
