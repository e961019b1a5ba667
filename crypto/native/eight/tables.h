/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tables for arithmetic eight at a time, as memory: what combs and pairing tables keep in place of
 * their own. The last index is the lane.
 */
#ifndef MUSTER_CRYPTO_NATIVE_EIGHT_TABLES_H
#define MUSTER_CRYPTO_NATIVE_EIGHT_TABLES_H

#include <stdalign.h>
#include <stdint.h>

enum {
    EIGHT = 8,
    EIGHT_LIMBS = 20,
    EIGHT_LIMB_BITS = 52
};

struct eight_element {
    alignas(64) uint64_t limbs[EIGHT_LIMBS][EIGHT];
};

#endif
