/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HCI packets (Bluetooth Core, volume 4, part E, section 7) by which an adapter looks for others,
 * asks them for their names and measures its links. No I/O.
 */
#ifndef MUSTER_TRANSPORT_BLUETOOTH_HCI_H
#define MUSTER_TRANSPORT_BLUETOOTH_HCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HCI_COMMAND_SIZE = 16,
    HCI_PACKET_SIZE = 260,
    HCI_RESULTS_MAX = 18, /* that fit one event */
    HCI_NAME_LENGTH = 248,
    HCI_RSSI_UNKNOWN = 127,
};

enum hci_opcode {
    HCI_OP_INQUIRY = 0x0401,
    HCI_OP_INQUIRY_CANCEL = 0x0402,
    HCI_OP_REMOTE_NAME_REQUEST = 0x0419,
    HCI_OP_REMOTE_NAME_REQUEST_CANCEL = 0x041a,
    HCI_OP_READ_RSSI = 0x1405,
};

enum hci_event_code {
    HCI_INQUIRY_COMPLETE = 0x01,
    HCI_INQUIRY_RESULT = 0x02,
    HCI_CONNECTION_COMPLETE = 0x03,
    HCI_REMOTE_NAME_COMPLETE = 0x07,
    HCI_COMMAND_COMPLETE = 0x0e,
    HCI_COMMAND_STATUS = 0x0f,
    HCI_INQUIRY_RESULT_WITH_RSSI = 0x22,
    HCI_EXTENDED_INQUIRY_RESULT = 0x2f,
};

/* One that answered an inquiry, and what is needed to page it. */
struct hci_result {
    uint64_t address;
    uint32_t device_class;
    uint16_t clock_offset;
    uint8_t repetition_mode;
    int8_t rssi; /* dBm, or HCI_RSSI_UNKNOWN */
};

struct hci_event {
    uint8_t code; /* enum hci_event_code */
    uint8_t status;
    uint16_t opcode;  /* that HCI_COMMAND_* answers */
    uint16_t handle;  /* of an answer to HCI_OP_READ_RSSI ... */
    int8_t rssi;      /* ... and decibels off the golden range */
    uint64_t address; /* of HCI_CONNECTION_COMPLETE and HCI_REMOTE_NAME_COMPLETE */
    /* Of HCI_REMOTE_NAME_COMPLETE, and of an extended result that has it, whole or shortened;
     * otherwise empty. */
    char name[HCI_NAME_LENGTH + 1];
    size_t result_count;
    struct hci_result results[HCI_RESULTS_MAX];
};

/* Write a command packet; they return its length. An inquiry takes `length` * 1.28 s. */
size_t hci_inquiry(uint8_t out[HCI_COMMAND_SIZE], uint8_t length);
size_t hci_remote_name_request(uint8_t out[HCI_COMMAND_SIZE], const struct hci_result *of);
size_t hci_remote_name_request_cancel(uint8_t out[HCI_COMMAND_SIZE], uint64_t address);
size_t hci_inquiry_cancel(uint8_t out[HCI_COMMAND_SIZE]);
size_t hci_read_rssi(uint8_t out[HCI_COMMAND_SIZE], uint16_t handle);

/* Reads an event packet; false for other events, and for malformed ones. */
bool hci_parse(const uint8_t *packet, size_t length, struct hci_event *event);

#endif
