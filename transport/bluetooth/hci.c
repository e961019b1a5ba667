/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/bluetooth/hci.h"

#include <string.h>

#include "transport/bluetooth/octets.h"

enum {
    COMMAND_PACKET = 0x01,
    EVENT_PACKET = 0x04,
    EVENT_HEADER_SIZE = 3,
    RESULT_SIZE = 14, /* of a plain result, and of one with RSSI */
    EXTENDED_DATA_SIZE = 240,
    CLOCK_OFFSET_VALID = 0x8000,
    NAME_SHORTENED = 0x08, /* data types of an extended result */
    NAME_COMPLETE = 0x09,
};

/* The general inquiry access code, which every discoverable device answers. */
static const uint8_t GENERAL_ACCESS[] = {0x33, 0x8b, 0x9e};

/* --- Commands ------------------------------------------------------------------------------- */

static size_t command(uint8_t out[HCI_COMMAND_SIZE], enum hci_opcode opcode, uint8_t length) {
    memset(out, 0, HCI_COMMAND_SIZE);
    out[0] = COMMAND_PACKET;
    octets_write16(out + 1, (uint16_t)opcode);
    out[3] = length;
    return 4U + length;
}

size_t hci_inquiry(uint8_t out[HCI_COMMAND_SIZE], uint8_t length) {
    size_t size = command(out, HCI_OP_INQUIRY, 5);
    memcpy(out + 4, GENERAL_ACCESS, sizeof GENERAL_ACCESS);
    out[7] = length;
    return size; /* as many answers as there are */
}

size_t hci_inquiry_cancel(uint8_t out[HCI_COMMAND_SIZE]) {
    return command(out, HCI_OP_INQUIRY_CANCEL, 0);
}

size_t hci_remote_name_request(uint8_t out[HCI_COMMAND_SIZE], const struct hci_result *of) {
    size_t size = command(out, HCI_OP_REMOTE_NAME_REQUEST, 10);
    octets_write_address(out + 4, of->address);
    out[10] = of->repetition_mode;
    octets_write16(out + 12, of->clock_offset | CLOCK_OFFSET_VALID);
    return size;
}

size_t hci_remote_name_request_cancel(uint8_t out[HCI_COMMAND_SIZE], uint64_t address) {
    size_t size = command(out, HCI_OP_REMOTE_NAME_REQUEST_CANCEL, 6);
    octets_write_address(out + 4, address);
    return size;
}

size_t hci_read_rssi(uint8_t out[HCI_COMMAND_SIZE], uint16_t handle) {
    size_t size = command(out, HCI_OP_READ_RSSI, 2);
    octets_write16(out + 4, handle);
    return size;
}

/* --- Events --------------------------------------------------------------------------------- */

/* `class_offset` is where the three octets of the class are; the clock offset comes after them, and
 * after that the RSSI, where there is one. */
static struct hci_result result_at(const uint8_t *data, size_t class_offset, bool has_rssi) {
    return (struct hci_result){
        .address = octets_read_address(data),
        .repetition_mode = data[6],
        .device_class = octets_read24(data + class_offset),
        .clock_offset = octets_read16(data + class_offset + 3),
        .rssi = has_rssi ? (int8_t)data[class_offset + 5] : (int8_t)HCI_RSSI_UNKNOWN,
    };
}

static bool parse_results(const uint8_t *data, size_t length, bool has_rssi,
                          struct hci_event *event) {
    if (length < 1) {
        return false;
    }
    size_t count = data[0], size = RESULT_SIZE, class_offset = has_rssi ? 8 : 9;
    /* In results with RSSI some controllers keep an octet that the standard has dropped. */
    if (has_rssi && length - 1 == count * (RESULT_SIZE + 1)) {
        size = RESULT_SIZE + 1;
        class_offset = 9;
    }
    if (length - 1 != count * size || count > HCI_RESULTS_MAX) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        event->results[i] = result_at(data + 1 + i * size, class_offset, has_rssi);
    }
    event->result_count = count;
    return true;
}

static void copy_name(char name[HCI_NAME_LENGTH + 1], const uint8_t *octets, size_t length) {
    memcpy(name, octets, length);
    name[length] = '\0';
}

/* The name among the data of an extended result: fields of a length, a type, and what it says. */
static void find_name(const uint8_t *data, size_t length, struct hci_event *event) {
    for (size_t at = 0; at < length && data[at] != 0;) {
        size_t field = data[at];
        if (field > length - at - 1) {
            return;
        }
        uint8_t type = data[at + 1];
        if (type == NAME_SHORTENED || type == NAME_COMPLETE) {
            copy_name(event->name, data + at + 2, field - 1);
        }
        at += 1 + field;
    }
}

static bool parse_extended_result(const uint8_t *data, size_t length, struct hci_event *event) {
    if (length != 1 + RESULT_SIZE + EXTENDED_DATA_SIZE || data[0] != 1) {
        return false;
    }
    event->results[0] = result_at(data + 1, 8, true);
    event->result_count = 1;
    find_name(data + 1 + RESULT_SIZE, EXTENDED_DATA_SIZE, event);
    return true;
}

static bool parse_name(const uint8_t *data, size_t length, struct hci_event *event) {
    if (length < 7) {
        return false;
    }
    event->status = data[0];
    event->address = octets_read_address(data + 1);
    size_t name = length - 7;
    if (event->status == 0) {
        copy_name(event->name, data + 7, name < HCI_NAME_LENGTH ? name : HCI_NAME_LENGTH);
    }
    return true;
}

static bool parse_connection(const uint8_t *data, size_t length, struct hci_event *event) {
    if (length < 11) {
        return false;
    }
    event->status = data[0];
    event->address = octets_read_address(data + 3);
    return true;
}

static bool parse_complete(const uint8_t *data, size_t length, struct hci_event *event) {
    if (length < 3) {
        return false;
    }
    event->opcode = octets_read16(data + 1);
    event->status = length > 3 ? data[3] : 0;
    if (event->opcode != HCI_OP_READ_RSSI) {
        return true;
    }
    if (length < 7) {
        return false;
    }
    event->handle = octets_read16(data + 4);
    event->rssi = (int8_t)data[6];
    return true;
}

static bool parse_status(const uint8_t *data, size_t length, struct hci_event *event) {
    if (length < 4) {
        return false;
    }
    event->status = data[0];
    event->opcode = octets_read16(data + 2);
    return true;
}

bool hci_parse(const uint8_t *packet, size_t length, struct hci_event *event) {
    if (length < EVENT_HEADER_SIZE || packet[0] != EVENT_PACKET ||
        packet[2] != length - EVENT_HEADER_SIZE) {
        return false;
    }
    const uint8_t *data = packet + EVENT_HEADER_SIZE;
    length -= EVENT_HEADER_SIZE;
    *event = (struct hci_event){.code = packet[1]};
    switch (event->code) {
    case HCI_INQUIRY_COMPLETE:
        return length >= 1;
    case HCI_CONNECTION_COMPLETE:
        return parse_connection(data, length, event);
    case HCI_INQUIRY_RESULT:
        return parse_results(data, length, false, event);
    case HCI_INQUIRY_RESULT_WITH_RSSI:
        return parse_results(data, length, true, event);
    case HCI_EXTENDED_INQUIRY_RESULT:
        return parse_extended_result(data, length, event);
    case HCI_REMOTE_NAME_COMPLETE:
        return parse_name(data, length, event);
    case HCI_COMMAND_COMPLETE:
        return parse_complete(data, length, event);
    case HCI_COMMAND_STATUS:
        return parse_status(data, length, event);
    default:
        return false;
    }
}
