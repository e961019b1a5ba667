/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "junk.h"

uint64_t junk_number(uint64_t *random) {
    *random += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t number = *random;
    number = (number ^ number >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    number = (number ^ number >> 27) * UINT64_C(0x94D049BB133111EB);
    return number ^ number >> 31;
}

void junk_fill(uint64_t *random, uint8_t *octets, size_t size) {
    for (size_t i = 0; i < size; i++) {
        octets[i] = (uint8_t)junk_number(random);
    }
}
