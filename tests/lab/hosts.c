/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lab/hosts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    CONSENTS = 3, /* no input, no output */
};

void hosts_hear(void *context, unsigned number, const uint8_t *packet, size_t length) {
    struct hosts *hosts = context;
    assert_true(length >= 3 && length <= LAB_AIR_PACKET_MAX);
    if (packet[0] == HCI_EVENT) {
        assert_int_equal(packet[2], length - 3);
    }
    struct heard *heard = &hosts->heard[hosts->heard_count++ % HEARD_MAX];
    heard->number = number;
    heard->length = length;
    memcpy(heard->octets, packet, length);
}

void host_address(unsigned number, uint8_t address[HCI_ADDRESS_SIZE]) {
    memcpy(address, (uint8_t[]){(uint8_t)number, 0, 0, 0x55, 0x4d, 0}, HCI_ADDRESS_SIZE);
}

void host_command(struct hosts *hosts, unsigned number, uint16_t opcode, const void *octets,
                  size_t length) {
    uint8_t packet[4 + 255] = {HCI_COMMAND, (uint8_t)opcode, (uint8_t)(opcode >> 8),
                               (uint8_t)length};
    if (length > 0) {
        memcpy(packet + 4, octets, length);
    }
    lab_air_from_host(hosts->air, hosts->now_us, number, packet, 4 + length);
}

void host_command_to(struct hosts *hosts, unsigned number, uint16_t opcode,
                     const uint8_t address[HCI_ADDRESS_SIZE], const void *octets, size_t length) {
    uint8_t parameters[255];
    memcpy(parameters, address, HCI_ADDRESS_SIZE);
    if (length > 0) {
        memcpy(parameters + HCI_ADDRESS_SIZE, octets, length);
    }
    host_command(hosts, number, opcode, parameters, HCI_ADDRESS_SIZE + length);
}

static void answer(struct hosts *hosts, const struct heard *heard) {
    static const uint8_t IO[] = {CONSENTS, 0, 0}, PIN[17] = {1, '0'};
    const uint8_t *address = heard->octets + 3;
    const uint8_t *key = hosts->key[heard->number];
    switch (heard->octets[1]) {
    case EVENT_CONNECTION_REQUEST:
        host_command_to(hosts, heard->number, HCI_ACCEPT_CONNECTION, address, &hosts->role, 1);
        return;
    case EVENT_LINK_KEY_REQUEST:
        host_command_to(hosts, heard->number,
                        key[0] != 0 ? HCI_LINK_KEY_REPLY : HCI_LINK_KEY_NEGATIVE, address, key,
                        key[0] != 0 ? HCI_KEY_SIZE : 0);
        return;
    case EVENT_IO_CAPABILITY_REQUEST:
        host_command_to(hosts, heard->number, HCI_IO_CAPABILITY_REPLY, address, IO, sizeof IO);
        return;
    case EVENT_USER_CONFIRMATION_REQUEST:
        host_command_to(hosts, heard->number, HCI_USER_CONFIRMATION_REPLY, address, NULL, 0);
        return;
    case EVENT_PIN_CODE_REQUEST:
        host_command_to(hosts, heard->number, HCI_PIN_CODE_REPLY, address, PIN, sizeof PIN);
        return;
    case EVENT_LINK_KEY_NOTIFICATION:
        memcpy(hosts->key[heard->number], heard->octets + 9, HCI_KEY_SIZE);
        hosts->key[heard->number][0] |= 1;
        return;
    default:
        return;
    }
}

void hosts_pass(struct hosts *hosts, int64_t us) {
    const int64_t until_us = hosts->now_us + us;
    for (;;) {
        while (hosts->answered < hosts->heard_count && !hosts->is_mute) {
            struct heard heard = hosts->heard[hosts->answered++ % HEARD_MAX];
            if (heard.octets[0] == HCI_EVENT) {
                answer(hosts, &heard);
            }
        }
        int64_t next_us = lab_air_next(hosts->air);
        if (next_us > until_us) {
            break;
        }
        hosts->now_us = next_us > hosts->now_us ? next_us : hosts->now_us;
        lab_air_pass(hosts->air, hosts->now_us);
    }
    hosts->now_us = until_us;
}

unsigned host_count(const struct hosts *hosts, unsigned number, uint8_t code) {
    unsigned times = 0;
    for (unsigned i = 0; i < hosts->heard_count && i < HEARD_MAX; i++) {
        times += hosts->heard[i].number == number && hosts->heard[i].octets[0] == HCI_EVENT &&
                 hosts->heard[i].octets[1] == code;
    }
    return times;
}

const uint8_t *host_last(const struct hosts *hosts, unsigned number, uint8_t code) {
    for (unsigned i = hosts->heard_count; i-- > 0;) {
        if (hosts->heard[i].number == number && hosts->heard[i].octets[0] == HCI_EVENT &&
            hosts->heard[i].octets[1] == code) {
            return hosts->heard[i].octets + 3;
        }
    }
    return NULL;
}

void hosts_forget(struct hosts *hosts) {
    hosts->heard_count = hosts->answered = 0;
}

/* --- What hosts do -------------------------------------------------------------------------------
 */

void host_scan(struct hosts *hosts, unsigned number, uint8_t scans) {
    host_command(hosts, number, HCI_WRITE_SCAN_ENABLE, &scans, 1);
}

void host_power_on(struct hosts *hosts, unsigned number) {
    static const uint8_t ALL[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f};
    const uint8_t one = 1;
    host_command(hosts, number, HCI_RESET, NULL, 0);
    host_command(hosts, number, HCI_SET_EVENT_MASK, ALL, sizeof ALL);
    host_command(hosts, number, HCI_WRITE_SIMPLE_PAIRING, &one, 1);
    host_scan(hosts, number, HCI_INQUIRY_SCAN | HCI_PAGE_SCAN);
}

void host_inquire(struct hosts *hosts, unsigned number, uint8_t trains) {
    const uint8_t inquiry[] = {0x33, 0x8b, 0x9e, trains, 0};
    host_command(hosts, number, HCI_INQUIRY, inquiry, sizeof inquiry);
}

void host_call(struct hosts *hosts, unsigned number, unsigned other) {
    uint8_t address[HCI_ADDRESS_SIZE];
    const uint8_t rest[] = {0x18, 0xcc, 1, 0, 0, 0, 1};
    host_address(other, address);
    host_command_to(hosts, number, HCI_CREATE_CONNECTION, address, rest, sizeof rest);
}

static uint16_t number_at(const uint8_t *octets) {
    return (uint16_t)(octets[0] | octets[1] << 8);
}

uint16_t host_handle_of(const struct hosts *hosts, unsigned number) {
    const uint8_t *complete = host_last(hosts, number, EVENT_CONNECTION_COMPLETE);
    assert_non_null(complete);
    assert_int_equal(complete[0], HCI_OK);
    return number_at(complete + 1);
}

void host_on_handle(struct hosts *hosts, unsigned number, uint16_t opcode, uint16_t handle,
                    uint8_t octet) {
    const uint8_t parameters[] = {(uint8_t)handle, (uint8_t)(handle >> 8), octet};
    host_command(hosts, number, opcode, parameters, sizeof parameters);
}

void host_send_octet(struct hosts *hosts, unsigned number, uint16_t handle, uint8_t octet) {
    const uint8_t packet[] = {HCI_ACL_DATA, (uint8_t)handle, (uint8_t)(handle >> 8), 1, 0, octet};
    lab_air_from_host(hosts->air, hosts->now_us, number, packet, sizeof packet);
}

unsigned host_octets_of(const struct hosts *hosts, unsigned number, uint16_t handle,
                        uint8_t octets[]) {
    unsigned length = 0;
    for (unsigned i = 0; i < hosts->heard_count; i++) {
        if (hosts->heard[i].number == number && hosts->heard[i].octets[0] == HCI_ACL_DATA) {
            assert_int_equal(number_at(hosts->heard[i].octets + 1), handle | 0x2000);
            octets[length++] = hosts->heard[i].octets[5];
        }
    }
    return length;
}
