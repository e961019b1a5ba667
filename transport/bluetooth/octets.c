/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/bluetooth/octets.h"

uint16_t octets_read16(const uint8_t octets[2]) {
    return (uint16_t)(octets[0] | octets[1] << 8);
}

uint32_t octets_read24(const uint8_t octets[3]) {
    return (uint32_t)octets[0] | (uint32_t)octets[1] << 8 | (uint32_t)octets[2] << 16;
}

uint32_t octets_read32(const uint8_t octets[4]) {
    return octets_read24(octets) | (uint32_t)octets[3] << 24;
}

void octets_write16(uint8_t octets[2], uint16_t value) {
    octets[0] = (uint8_t)(value & 0xff);
    octets[1] = (uint8_t)(value >> 8);
}

uint64_t octets_read_address(const uint8_t octets[6]) {
    uint64_t address = 0;
    for (int i = 5; i >= 0; i--) {
        address = address << 8 | octets[i];
    }
    return address;
}

void octets_write_address(uint8_t octets[6], uint64_t address) {
    for (int i = 0; i < 6; i++, address >>= 8) {
        octets[i] = (uint8_t)(address & 0xff);
    }
}
