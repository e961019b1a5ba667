/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers as Bluetooth packets carry them: the lowest octet first. The caller has checked that the
 * octets are there.
 */
#ifndef MUSTER_TRANSPORT_BLUETOOTH_OCTETS_H
#define MUSTER_TRANSPORT_BLUETOOTH_OCTETS_H

#include <stdint.h>

uint16_t octets_read16(const uint8_t octets[2]);
uint32_t octets_read24(const uint8_t octets[3]);
uint32_t octets_read32(const uint8_t octets[4]);
void octets_write16(uint8_t octets[2], uint16_t value);

/* A device address, as a number that is read as it is printed (piconet.h). */
uint64_t octets_read_address(const uint8_t octets[6]);
void octets_write_address(uint8_t octets[6], uint64_t address);

#endif
