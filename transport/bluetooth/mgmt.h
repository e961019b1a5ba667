/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Packets of the kernel's Bluetooth management interface (doc/mgmt-api.txt of BlueZ), which
 * libbluetooth has no header for: the few that a handset needs. No I/O.
 */
#ifndef MUSTER_TRANSPORT_BLUETOOTH_MGMT_H
#define MUSTER_TRANSPORT_BLUETOOTH_MGMT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MANAGEMENT_PACKET_MAX = 600,
    MANAGEMENT_NAME_SIZE = 249, /* its terminating 0 included */
    MANAGEMENT_SHORT_NAME_SIZE = 11,
    MANAGEMENT_NO_INDEX = 0xffff, /* of a command to no adapter */
};

enum mgmt_opcode {
    MANAGEMENT_READ_INDEX_LIST = 0x0003,
    MANAGEMENT_READ_INFO = 0x0004,
    MANAGEMENT_SET_POWERED = 0x0005,
    MANAGEMENT_SET_DISCOVERABLE = 0x0006,
    MANAGEMENT_SET_CONNECTABLE = 0x0007,
    MANAGEMENT_SET_BONDABLE = 0x0009,
    MANAGEMENT_SET_SSP = 0x000b,
    MANAGEMENT_SET_DEVICE_CLASS = 0x000e,
    MANAGEMENT_SET_LOCAL_NAME = 0x000f,
    MANAGEMENT_DISCONNECT = 0x0014,
    MANAGEMENT_SET_IO_CAPABILITY = 0x0018,
    MANAGEMENT_UNPAIR_DEVICE = 0x001b,
};

enum mgmt_event_code {
    MANAGEMENT_COMMAND_COMPLETE = 0x0001,
    MANAGEMENT_COMMAND_STATUS = 0x0002,
    MANAGEMENT_INDEX_ADDED = 0x0004,
    MANAGEMENT_INDEX_REMOVED = 0x0005,
    MANAGEMENT_NEW_SETTINGS = 0x0006,
};

enum mgmt_status {
    MANAGEMENT_SUCCESS = 0x00,
    MANAGEMENT_INVALID_INDEX = 0x11, /* the adapter does not exist, or is gone */
    MANAGEMENT_RFKILLED = 0x12,
    MANAGEMENT_PERMISSION_DENIED = 0x14,
};

/* Bits of an adapter's settings. */
enum mgmt_setting {
    MANAGEMENT_POWERED = 1 << 0,
    MANAGEMENT_CONNECTABLE = 1 << 1,
    MANAGEMENT_DISCOVERABLE = 1 << 3,
    MANAGEMENT_BONDABLE = 1 << 4,
    MANAGEMENT_SSP = 1 << 6,
    MANAGEMENT_BREDR = 1 << 7,
};

/* What the kernel says. */
struct mgmt_event {
    uint16_t code;   /* enum mgmt_event_code, or another one */
    uint16_t index;  /* of the adapter */
    uint16_t opcode; /* that is answered, with MANAGEMENT_COMMAND_*; otherwise 0 */
    uint8_t status;
    const uint8_t *data; /* what comes after these, in the packet */
    size_t length;
};

/* An adapter as MANAGEMENT_READ_INFO describes it. */
struct mgmt_info {
    uint64_t address;   /* 0: it has none yet */
    uint32_t supported; /* settings */
    uint32_t settings;
    uint32_t device_class;
    char name[MANAGEMENT_NAME_SIZE];
};

/* Writes a command with its parameters, at most MANAGEMENT_PACKET_MAX - 6 octets; returns its
 * length. */
size_t mgmt_command(uint8_t out[MANAGEMENT_PACKET_MAX], enum mgmt_opcode opcode, uint16_t index,
                    const uint8_t *parameters, size_t length);

/* Reads a packet; false when it is malformed. */
bool mgmt_parse(const uint8_t *packet, size_t length, struct mgmt_event *event);

/* Read the answer to MANAGEMENT_READ_INDEX_LIST (at most `room` indexes; how many), the answer to
 * MANAGEMENT_READ_INFO, and the settings that answers to MANAGEMENT_SET_* and
 * MANAGEMENT_NEW_SETTINGS carry. False, or 0, when they are malformed. */
size_t mgmt_indexes(const struct mgmt_event *event, uint16_t out[], size_t room);
bool mgmt_info(const struct mgmt_event *event, struct mgmt_info *info);
bool mgmt_settings(const struct mgmt_event *event, uint32_t *settings);

#endif
