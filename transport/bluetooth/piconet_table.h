/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Control packets of piconet.h as octets.
 *
 *   TABLE  0, 1, number of handsets, then each handset: distance from the sender (in links), number
 *          of its adapters, their addresses (6 octets each, the node address first). The sender is
 *          the first handset, with distance 0; the others follow, nearer than PICONET_DISTANCE_MAX.
 *
 *   FULL   0, 2
 */
#ifndef MUSTER_TRANSPORT_BLUETOOTH_PICONET_TABLE_H
#define MUSTER_TRANSPORT_BLUETOOTH_PICONET_TABLE_H

#include "transport/bluetooth/piconet.h"

struct piconet_handset {
    uint64_t addresses[PICONET_ADAPTERS_MAX]; /* the first is the node address */
    unsigned count;                           /* of addresses, from 1 up */
    unsigned distance;
};

struct piconet_table {
    size_t count; /* 0: nothing was said yet */
    struct piconet_handset handsets[1 + PICONET_TABLE_MAX];
};

enum piconet_packet {
    PICONET_BROKEN,
    PICONET_TABLE,
    PICONET_FULL,
};

/* What `packet` is. `table` is filled in only when it is a well-formed table. */
enum piconet_packet piconet_read(const uint8_t *packet, size_t length, struct piconet_table *table);

/* Writes a table of at least one handset, and returns its length. Where the packet cannot hold all
 * addresses, the node addresses go before those of further adapters. */
size_t piconet_write_table(const struct piconet_table *table, uint8_t packet[PICONET_CONTROL_MAX]);

/* Writes "this adapter has no place left", and returns its length. */
size_t piconet_write_full(uint8_t packet[PICONET_CONTROL_MAX]);

/* Whether one of the handset's adapters has this address. */
bool piconet_handset_has(const struct piconet_handset *handset, uint64_t address);

/* The handset of the table with this address; NULL when it has none. */
const struct piconet_handset *piconet_table_find(const struct piconet_table *table,
                                                 uint64_t address);

/* Whether both tables tell the same in the same order. */
bool piconet_table_equal(const struct piconet_table *a, const struct piconet_table *b);

#endif
