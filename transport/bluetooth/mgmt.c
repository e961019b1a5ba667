/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/bluetooth/mgmt.h"

#include <string.h>

#include "transport/bluetooth/octets.h"

enum {
    HEADER_SIZE = 6,
    STATUS_SIZE = 3,
    INFO_NAME_OFFSET = 20,
    INFO_SIZE = INFO_NAME_OFFSET + MANAGEMENT_NAME_SIZE + MANAGEMENT_SHORT_NAME_SIZE,
};

size_t mgmt_command(uint8_t out[MANAGEMENT_PACKET_MAX], enum mgmt_opcode opcode, uint16_t index,
                    const uint8_t *parameters, size_t length) {
    octets_write16(out, (uint16_t)opcode);
    octets_write16(out + 2, index);
    octets_write16(out + 4, (uint16_t)length);
    if (length > 0) {
        memcpy(out + HEADER_SIZE, parameters, length);
    }
    return HEADER_SIZE + length;
}

bool mgmt_parse(const uint8_t *packet, size_t length, struct mgmt_event *event) {
    if (length < HEADER_SIZE || octets_read16(packet + 4) != length - HEADER_SIZE) {
        return false;
    }
    *event = (struct mgmt_event){.code = octets_read16(packet),
                                 .index = octets_read16(packet + 2),
                                 .data = packet + HEADER_SIZE,
                                 .length = length - HEADER_SIZE};
    if (event->code != MANAGEMENT_COMMAND_COMPLETE && event->code != MANAGEMENT_COMMAND_STATUS) {
        return true;
    }
    if (event->length < STATUS_SIZE) {
        return false;
    }
    event->opcode = octets_read16(event->data);
    event->status = event->data[2];
    event->data += STATUS_SIZE;
    event->length -= STATUS_SIZE;
    return true;
}

size_t mgmt_indexes(const struct mgmt_event *event, uint16_t out[], size_t room) {
    if (event->length < 2) {
        return 0;
    }
    size_t count = octets_read16(event->data);
    if (event->length != 2 + 2 * count) {
        return 0;
    }
    if (count > room) {
        count = room;
    }
    for (size_t i = 0; i < count; i++) {
        out[i] = octets_read16(event->data + 2 + 2 * i);
    }
    return count;
}

bool mgmt_info(const struct mgmt_event *event, struct mgmt_info *info) {
    if (event->length < INFO_SIZE) {
        return false;
    }
    const uint8_t *data = event->data;
    *info = (struct mgmt_info){.address = octets_read_address(data),
                               .supported = octets_read32(data + 9),
                               .settings = octets_read32(data + 13),
                               .device_class = octets_read24(data + 17)};
    memcpy(info->name, data + INFO_NAME_OFFSET, sizeof info->name - 1);
    return true;
}

bool mgmt_settings(const struct mgmt_event *event, uint32_t *settings) {
    if (event->length < 4) {
        return false;
    }
    *settings = octets_read32(event->data);
    return true;
}
