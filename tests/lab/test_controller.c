/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lab's virtual Bluetooth controllers, with hosts that answer what they are asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/lab/controller_hci.h"
#include "tests/lab/lab_air.h"

enum {
    HEARD_MAX = 4096,
    SECOND = 1000000,
    ACCEPTS_AS_CENTRAL = 0,
    ACCEPTS_AS_PERIPHERAL = 1,
    CONSENTS = 3, /* no input, no output */
    SIGNAL_DBM = 0xce,
    COUNT = 9,
};

struct heard {
    unsigned number;
    size_t length;
    uint8_t octets[LAB_AIR_PACKET_MAX];
};

struct desk {
    struct lab_air *air;
    int64_t now_us;
    unsigned answered; /* events that the hosts have looked at */
    unsigned heard_count;
    struct heard heard[HEARD_MAX];
    uint8_t role;                     /* with which hosts accept links */
    bool is_mute;                     /* hosts answer nothing */
    uint8_t key[COUNT][HCI_KEY_SIZE]; /* that a host has; 0: it has none */
};

static void hear(void *context, unsigned number, const uint8_t *packet, size_t length) {
    struct desk *desk = context;
    assert_true(length >= 3 && length <= LAB_AIR_PACKET_MAX);
    if (packet[0] == HCI_EVENT)
        assert_int_equal(packet[2], length - 3);
    struct heard *heard = &desk->heard[desk->heard_count++ % HEARD_MAX];
    heard->number = number;
    heard->length = length;
    memcpy(heard->octets, packet, length);
}

static void address_of(unsigned number, uint8_t address[HCI_ADDRESS_SIZE]) {
    memcpy(address, (uint8_t[]){(uint8_t)number, 0, 0, 0x55, 0x4d, 0}, HCI_ADDRESS_SIZE);
}

static void command(struct desk *desk, unsigned number, uint16_t opcode, const void *octets,
                    size_t length) {
    uint8_t packet[4 + 255] = {HCI_COMMAND, (uint8_t)opcode, (uint8_t)(opcode >> 8),
                               (uint8_t)length};
    if (length > 0)
        memcpy(packet + 4, octets, length);
    lab_air_from_host(desk->air, desk->now_us, number, packet, 4 + length);
}

/* A command whose parameters are an address and then `octets`. */
static void command_to(struct desk *desk, unsigned number, uint16_t opcode,
                       const uint8_t address[HCI_ADDRESS_SIZE], const void *octets, size_t length) {
    uint8_t parameters[255];
    memcpy(parameters, address, HCI_ADDRESS_SIZE);
    if (length > 0)
        memcpy(parameters + HCI_ADDRESS_SIZE, octets, length);
    command(desk, number, opcode, parameters, HCI_ADDRESS_SIZE + length);
}

static void answer(struct desk *desk, const struct heard *heard) {
    static const uint8_t IO[] = {CONSENTS, 0, 0}, PIN[17] = {1, '0'};
    const uint8_t *address = heard->octets + 3;
    const uint8_t *key = desk->key[heard->number];
    switch (heard->octets[1]) {
    case EVENT_CONNECTION_REQUEST:
        command_to(desk, heard->number, HCI_ACCEPT_CONNECTION, address, &desk->role, 1);
        return;
    case EVENT_LINK_KEY_REQUEST:
        command_to(desk, heard->number, key[0] != 0 ? HCI_LINK_KEY_REPLY : HCI_LINK_KEY_NEGATIVE,
                   address, key, key[0] != 0 ? HCI_KEY_SIZE : 0);
        return;
    case EVENT_IO_CAPABILITY_REQUEST:
        command_to(desk, heard->number, HCI_IO_CAPABILITY_REPLY, address, IO, sizeof IO);
        return;
    case EVENT_USER_CONFIRMATION_REQUEST:
        command_to(desk, heard->number, HCI_USER_CONFIRMATION_REPLY, address, NULL, 0);
        return;
    case EVENT_PIN_CODE_REQUEST:
        command_to(desk, heard->number, HCI_PIN_CODE_REPLY, address, PIN, sizeof PIN);
        return;
    case EVENT_LINK_KEY_NOTIFICATION:
        memcpy(desk->key[heard->number], heard->octets + 9, HCI_KEY_SIZE);
        desk->key[heard->number][0] |= 1;
        return;
    default:
        return;
    }
}

/* Everything happens that does within `us`, and the hosts answer at once. */
static void pass(struct desk *desk, int64_t us) {
    const int64_t until_us = desk->now_us + us;
    for (;;) {
        while (desk->answered < desk->heard_count && !desk->is_mute) {
            struct heard heard = desk->heard[desk->answered++ % HEARD_MAX];
            if (heard.octets[0] == HCI_EVENT)
                answer(desk, &heard);
        }
        int64_t next_us = lab_air_next(desk->air);
        if (next_us > until_us)
            break;
        desk->now_us = next_us > desk->now_us ? next_us : desk->now_us;
        lab_air_pass(desk->air, desk->now_us);
    }
    desk->now_us = until_us;
}

/* How often `number` was told of such an event, and the last time it was; NULL: never. */
static unsigned count(const struct desk *desk, unsigned number, uint8_t code) {
    unsigned times = 0;
    for (unsigned i = 0; i < desk->heard_count && i < HEARD_MAX; i++)
        times += desk->heard[i].number == number && desk->heard[i].octets[0] == HCI_EVENT &&
                 desk->heard[i].octets[1] == code;
    return times;
}

static const uint8_t *last(const struct desk *desk, unsigned number, uint8_t code) {
    for (unsigned i = desk->heard_count; i-- > 0;)
        if (desk->heard[i].number == number && desk->heard[i].octets[0] == HCI_EVENT &&
            desk->heard[i].octets[1] == code)
            return desk->heard[i].octets + 3;
    return NULL;
}

static void forget(struct desk *desk) {
    desk->heard_count = desk->answered = 0;
}

/* --- What hosts do -------------------------------------------------------------------------------
 */

static void scan(struct desk *desk, unsigned number, uint8_t scans) {
    command(desk, number, HCI_WRITE_SCAN_ENABLE, &scans, 1);
}

static void power_on(struct desk *desk, unsigned number) {
    static const uint8_t ALL[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f};
    const uint8_t one = 1;
    command(desk, number, HCI_RESET, NULL, 0);
    command(desk, number, HCI_SET_EVENT_MASK, ALL, sizeof ALL);
    command(desk, number, HCI_WRITE_SIMPLE_PAIRING, &one, 1);
    scan(desk, number, HCI_INQUIRY_SCAN | HCI_PAGE_SCAN);
}

static void inquire(struct desk *desk, unsigned number, uint8_t trains) {
    const uint8_t inquiry[] = {0x33, 0x8b, 0x9e, trains, 0};
    command(desk, number, HCI_INQUIRY, inquiry, sizeof inquiry);
}

static void call(struct desk *desk, unsigned number, unsigned other) {
    uint8_t address[HCI_ADDRESS_SIZE];
    const uint8_t rest[] = {0x18, 0xcc, 1, 0, 0, 0, 1};
    address_of(other, address);
    command_to(desk, number, HCI_CREATE_CONNECTION, address, rest, sizeof rest);
}

static uint16_t number_at(const uint8_t *octets) {
    return (uint16_t)(octets[0] | octets[1] << 8);
}

/* The handle of the link that came about last with this controller. */
static uint16_t handle_of(const struct desk *desk, unsigned number) {
    const uint8_t *complete = last(desk, number, EVENT_CONNECTION_COMPLETE);
    assert_non_null(complete);
    assert_int_equal(complete[0], HCI_OK);
    return number_at(complete + 1);
}

static void on_handle(struct desk *desk, unsigned number, uint16_t opcode, uint16_t handle,
                      uint8_t octet) {
    const uint8_t parameters[] = {(uint8_t)handle, (uint8_t)(handle >> 8), octet};
    command(desk, number, opcode, parameters, sizeof parameters);
}

static void send_octet(struct desk *desk, unsigned number, uint16_t handle, uint8_t octet) {
    const uint8_t packet[] = {HCI_ACL_DATA, (uint8_t)handle, (uint8_t)(handle >> 8), 1, 0, octet};
    lab_air_from_host(desk->air, desk->now_us, number, packet, sizeof packet);
}

/* The octets that came to `number` on a link, one after the other. */
static unsigned octets_of(const struct desk *desk, unsigned number, uint16_t handle,
                          uint8_t octets[]) {
    unsigned length = 0;
    for (unsigned i = 0; i < desk->heard_count; i++)
        if (desk->heard[i].number == number && desk->heard[i].octets[0] == HCI_ACL_DATA) {
            assert_int_equal(number_at(desk->heard[i].octets + 1), handle | 0x2000);
            octets[length++] = desk->heard[i].octets[5];
        }
    return length;
}

/* --- Fixture -------------------------------------------------------------------------------------
 */

static int set_up(void **state) {
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    desk->role = ACCEPTS_AS_PERIPHERAL;
    desk->air = lab_air_new(7, hear, desk);
    assert_non_null(desk->air);
    for (unsigned i = 0; i < COUNT; i++) {
        lab_air_plug(desk->air, 0, i, true);
        power_on(desk, i);
    }
    forget(desk);
    *state = desk;
    return 0;
}

static int tear_down(void **state) {
    struct desk *desk = *state;
    lab_air_free(desk->air);
    free(desk);
    return 0;
}

static void link_up(struct desk *desk, unsigned number, unsigned other) {
    call(desk, number, other);
    pass(desk, SECOND);
}

/* --- Inquiry and names ---------------------------------------------------------------------------
 */

static void inquiry_finds_who_scans_and_is_in_range(void **state) {
    struct desk *desk = *state;
    scan(desk, 1, HCI_PAGE_SCAN);
    lab_air_set_radio(desk->air, desk->now_us, 2, false);
    lab_air_set_near(desk->air, desk->now_us, 0, 3, false);
    lab_air_unplug(desk->air, desk->now_us, 4);
    inquire(desk, 0, 4);
    pass(desk, 4 * 1280000 - 1);
    assert_int_equal(count(desk, 0, EVENT_INQUIRY_COMPLETE), 0);
    pass(desk, 1);
    assert_int_equal(count(desk, 0, EVENT_INQUIRY_COMPLETE), 1);
    assert_int_equal(count(desk, 0, EVENT_INQUIRY_RESULT), 4);
    for (unsigned i = 0; i < desk->heard_count; i++)
        if (desk->heard[i].octets[1] == EVENT_INQUIRY_RESULT)
            assert_true(desk->heard[i].octets[4] >= 5);
}

static void inquiry_tells_signal_and_data_as_the_host_wants(void **state) {
    struct desk *desk = *state;
    const uint8_t mode = 2;
    uint8_t eir[1 + HCI_EIR_SIZE] = {0, 2, 0x09, 'M'};
    for (unsigned i = 3; i < COUNT; i++)
        scan(desk, i, 0);
    lab_air_set_signal(desk->air, 0, 2, (int8_t)-77);
    command(desk, 0, HCI_WRITE_INQUIRY_MODE, &mode, 1);
    command(desk, 1, HCI_WRITE_EXTENDED_INQUIRY_RESPONSE, eir, sizeof eir);
    inquire(desk, 0, 4);
    pass(desk, 6 * SECOND);
    const uint8_t *extended = last(desk, 0, EVENT_EXTENDED_INQUIRY_RESULT);
    assert_non_null(extended);
    assert_int_equal(extended[14], SIGNAL_DBM);
    assert_memory_equal(extended + 15, eir + 1, HCI_EIR_SIZE);
    const uint8_t *with_signal = last(desk, 0, EVENT_INQUIRY_RESULT_RSSI);
    assert_non_null(with_signal);
    assert_int_equal((int8_t)with_signal[14], -77);
}

static void cancelled_inquiry_is_silent_and_the_next_one_whole(void **state) {
    struct desk *desk = *state;
    inquire(desk, 0, 4);
    pass(desk, SECOND / 10);
    command(desk, 0, HCI_INQUIRY_CANCEL, NULL, 0);
    forget(desk);
    pass(desk, 10 * SECOND);
    assert_int_equal(desk->heard_count, 0);
    inquire(desk, 0, 1);
    pass(desk, 10 * SECOND);
    assert_int_equal(count(desk, 0, EVENT_INQUIRY_COMPLETE), 1);
    assert_true(count(desk, 0, EVENT_INQUIRY_RESULT) > 0);
}

static void name_is_told_and_a_page_that_nobody_hears_times_out(void **state) {
    struct desk *desk = *state;
    uint8_t address[HCI_ADDRESS_SIZE], name[HCI_NAME_SIZE] = "Muster 1", rest[4] = {0};
    command(desk, 1, HCI_WRITE_LOCAL_NAME, name, sizeof name);
    address_of(1, address);
    command_to(desk, 0, HCI_REMOTE_NAME, address, rest, sizeof rest);
    pass(desk, SECOND);
    const uint8_t *complete = last(desk, 0, EVENT_REMOTE_NAME_COMPLETE);
    assert_non_null(complete);
    assert_int_equal(complete[0], HCI_OK);
    assert_memory_equal(complete + 7, name, sizeof name);

    scan(desk, 1, HCI_INQUIRY_SCAN);
    forget(desk);
    command_to(desk, 0, HCI_REMOTE_NAME, address, rest, sizeof rest);
    pass(desk, 5 * SECOND);
    assert_int_equal(count(desk, 0, EVENT_REMOTE_NAME_COMPLETE), 0);
    pass(desk, SECOND / 5);
    assert_int_equal(last(desk, 0, EVENT_REMOTE_NAME_COMPLETE)[0], ERROR_PAGE_TIMEOUT);
}

/* --- Links ---------------------------------------------------------------------------------------
 */

static void data_crosses_both_ways_in_order(void **state) {
    struct desk *desk = *state;
    uint8_t octets[HEARD_MAX];
    link_up(desk, 0, 1);
    const uint16_t here = handle_of(desk, 0), there = handle_of(desk, 1);
    assert_int_not_equal(here, there);
    for (uint8_t i = 0; i < 5; i++) {
        send_octet(desk, 0, here, i);
        send_octet(desk, 1, there, (uint8_t)(100 + i));
    }
    pass(desk, SECOND);
    assert_int_equal(octets_of(desk, 1, there, octets), 5);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(octets[i], i);
    assert_int_equal(octets_of(desk, 0, here, octets), 5);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(octets[i], 100 + i);
    assert_int_equal(count(desk, 0, EVENT_COMPLETED_PACKETS), 5);
    on_handle(desk, 0, HCI_DISCONNECT, here, ERROR_REMOTE_USER_ENDED);
    pass(desk, SECOND);
    assert_int_equal(last(desk, 0, EVENT_DISCONNECTION_COMPLETE)[3], ERROR_LOCAL_HOST_ENDED);
    assert_int_equal(last(desk, 1, EVENT_DISCONNECTION_COMPLETE)[3], ERROR_REMOTE_USER_ENDED);
}

static void hub_has_seven_links_and_refuses_the_eighth(void **state) {
    struct desk *desk = *state;
    desk->role = ACCEPTS_AS_CENTRAL;
    for (unsigned i = 1; i < COUNT; i++)
        call(desk, i, 0);
    pass(desk, 2 * SECOND);
    unsigned linked = 0, refused = 0;
    for (unsigned i = 1; i < COUNT; i++) {
        const uint8_t *complete = last(desk, i, EVENT_CONNECTION_COMPLETE);
        assert_non_null(complete);
        linked += complete[0] == HCI_OK;
        refused += complete[0] == ERROR_LIMITED_RESOURCES;
    }
    assert_int_equal(linked, 7);
    assert_int_equal(refused, 1);
    assert_int_equal(count(desk, 0, EVENT_CONNECTION_COMPLETE), 8);
    assert_int_equal(count(desk, 0, EVENT_ROLE_CHANGE), 7);
}

static void central_of_seven_calls_nobody_else(void **state) {
    struct desk *desk = *state;
    for (unsigned i = 1; i < COUNT; i++)
        link_up(desk, 0, i);
    assert_int_equal(count(desk, 0, EVENT_CONNECTION_COMPLETE), 7);
    assert_int_equal(last(desk, 0, EVENT_COMMAND_STATUS)[0], ERROR_CONNECTION_LIMIT);
}

static void two_that_call_each_other_get_one_link(void **state) {
    struct desk *desk = *state;
    call(desk, 0, 1);
    call(desk, 1, 0);
    pass(desk, 10 * SECOND);
    assert_int_equal(count(desk, 0, EVENT_CONNECTION_COMPLETE), 1);
    assert_int_equal(count(desk, 1, EVENT_CONNECTION_COMPLETE), 1);
    send_octet(desk, 0, handle_of(desk, 0), 1);
    pass(desk, SECOND);
    uint8_t octets[HEARD_MAX];
    assert_int_equal(octets_of(desk, 1, handle_of(desk, 1), octets), 1);
}

static void silent_radio_ends_the_link_after_the_supervision_timeout(void **state) {
    struct desk *desk = *state;
    link_up(desk, 0, 1);
    lab_air_set_radio(desk->air, desk->now_us, 1, false);
    pass(desk, 20 * SECOND - 1);
    assert_int_equal(count(desk, 0, EVENT_DISCONNECTION_COMPLETE), 0);
    pass(desk, 1);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(last(desk, i, EVENT_DISCONNECTION_COMPLETE)[3], ERROR_CONNECTION_TIMEOUT);
    assert_true(lab_air_next(desk->air) == INT64_MAX);
}

static void link_survives_a_short_time_out_of_range(void **state) {
    struct desk *desk = *state;
    uint8_t octets[HEARD_MAX];
    link_up(desk, 0, 1);
    lab_air_set_near(desk->air, desk->now_us, 0, 1, false);
    for (uint8_t i = 0; i < 3; i++)
        send_octet(desk, 0, handle_of(desk, 0), i);
    pass(desk, 15 * SECOND);
    assert_int_equal(octets_of(desk, 1, handle_of(desk, 1), octets), 0);
    lab_air_set_near(desk->air, desk->now_us, 0, 1, true);
    send_octet(desk, 0, handle_of(desk, 0), 3);
    pass(desk, 15 * SECOND);
    assert_int_equal(octets_of(desk, 1, handle_of(desk, 1), octets), 4);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(octets[i], i);
    assert_int_equal(count(desk, 0, EVENT_DISCONNECTION_COMPLETE), 0);
}

static void host_that_sends_more_than_fits_loses_it(void **state) {
    struct desk *desk = *state;
    link_up(desk, 0, 1);
    for (unsigned i = 0; i < 100; i++)
        send_octet(desk, 0, handle_of(desk, 0), 0);
    pass(desk, SECOND);
    assert_int_equal(count(desk, 0, EVENT_COMPLETED_PACKETS), 10);
}

static void roles_are_switched_later_as_well(void **state) {
    struct desk *desk = *state;
    uint8_t address[HCI_ADDRESS_SIZE];
    const uint8_t role = 0;
    link_up(desk, 0, 1);
    address_of(0, address);
    command_to(desk, 1, HCI_SWITCH_ROLE, address, &role, 1);
    pass(desk, SECOND);
    assert_int_equal(last(desk, 0, EVENT_ROLE_CHANGE)[7], 1);
    assert_int_equal(last(desk, 1, EVENT_ROLE_CHANGE)[7], 0);
    on_handle(desk, 1, HCI_ROLE_DISCOVERY, handle_of(desk, 1), 0);
    assert_int_equal(last(desk, 1, EVENT_COMMAND_COMPLETE)[6], 0);
}

static void supervision_timeout_is_what_the_host_wrote(void **state) {
    struct desk *desk = *state;
    link_up(desk, 0, 1);
    const uint16_t handle = handle_of(desk, 0);
    const uint8_t write[] = {(uint8_t)handle, (uint8_t)(handle >> 8), 0x40, 0x06}; /* 1 s */
    command(desk, 0, HCI_WRITE_SUPERVISION_TIMEOUT, write, sizeof write);
    lab_air_set_near(desk->air, desk->now_us, 0, 1, false);
    pass(desk, SECOND - 1);
    assert_int_equal(count(desk, 1, EVENT_DISCONNECTION_COMPLETE), 0);
    pass(desk, 1);
    assert_int_equal(count(desk, 1, EVENT_DISCONNECTION_COMPLETE), 1);
}

static void what_is_lost_is_not_heard_but_counted_as_sent(void **state) {
    struct desk *desk = *state;
    uint8_t octets[HEARD_MAX];
    link_up(desk, 0, 1);
    lab_air_set_loss(desk->air, 0, 50);
    for (unsigned i = 0; i < 100; i++) {
        send_octet(desk, 0, handle_of(desk, 0), 1);
        pass(desk, SECOND / 10);
    }
    const unsigned came = octets_of(desk, 1, handle_of(desk, 1), octets);
    assert_true(came > 20 && came < 80);
    assert_int_equal(count(desk, 0, EVENT_COMPLETED_PACKETS), 100);
}

static void disconnecting_out_of_range_does_not_wait(void **state) {
    struct desk *desk = *state;
    link_up(desk, 0, 1);
    lab_air_set_radio(desk->air, desk->now_us, 1, false);
    on_handle(desk, 0, HCI_DISCONNECT, handle_of(desk, 0), ERROR_REMOTE_USER_ENDED);
    pass(desk, SECOND);
    assert_int_equal(last(desk, 0, EVENT_DISCONNECTION_COMPLETE)[3], ERROR_LOCAL_HOST_ENDED);
    assert_int_equal(count(desk, 1, EVENT_DISCONNECTION_COMPLETE), 0);
    pass(desk, 20 * SECOND);
    assert_int_equal(last(desk, 1, EVENT_DISCONNECTION_COMPLETE)[3], ERROR_CONNECTION_TIMEOUT);
}

static void controller_that_was_pulled_out_links_anew(void **state) {
    struct desk *desk = *state;
    link_up(desk, 0, 1);
    lab_air_unplug(desk->air, desk->now_us, 1);
    pass(desk, SECOND);
    assert_int_equal(count(desk, 0, EVENT_DISCONNECTION_COMPLETE), 0);
    lab_air_plug(desk->air, desk->now_us, 1, true);
    power_on(desk, 1);
    forget(desk);
    link_up(desk, 1, 0);
    assert_int_equal(last(desk, 0, EVENT_DISCONNECTION_COMPLETE)[3], ERROR_CONNECTION_TIMEOUT);
    assert_int_equal(last(desk, 0, EVENT_CONNECTION_COMPLETE)[0], HCI_OK);
    assert_int_equal(last(desk, 1, EVENT_CONNECTION_COMPLETE)[0], HCI_OK);
    pass(desk, 60 * SECOND);
    assert_int_equal(count(desk, 0, EVENT_DISCONNECTION_COMPLETE), 1);
}

/* --- Security ------------------------------------------------------------------------------------
 */

static uint8_t authenticate(struct desk *desk, unsigned number) {
    forget(desk);
    on_handle(desk, number, HCI_AUTHENTICATION_REQUESTED, 1, 0);
    pass(desk, SECOND);
    const uint8_t *complete = last(desk, number, EVENT_AUTHENTICATION_COMPLETE);
    assert_non_null(complete);
    return complete[0];
}

static void pairing_by_consent_gives_both_one_key_and_encryption(void **state) {
    struct desk *desk = *state;
    link_up(desk, 0, 1);
    assert_int_equal(handle_of(desk, 0), 1);
    on_handle(desk, 0, HCI_SET_ENCRYPTION, 1, 1);
    pass(desk, SECOND);
    assert_int_equal(last(desk, 0, EVENT_ENCRYPTION_CHANGE)[0], ERROR_KEY_MISSING);
    assert_int_equal(authenticate(desk, 0), HCI_OK);
    assert_int_equal(last(desk, 0, EVENT_SIMPLE_PAIRING_COMPLETE)[0], HCI_OK);
    assert_int_equal(last(desk, 1, EVENT_SIMPLE_PAIRING_COMPLETE)[0], HCI_OK);
    assert_memory_equal(desk->key[0], desk->key[1], HCI_KEY_SIZE);
    on_handle(desk, 0, HCI_SET_ENCRYPTION, 1, 1);
    pass(desk, SECOND);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(last(desk, i, EVENT_ENCRYPTION_CHANGE)[0], HCI_OK);
        assert_int_equal(last(desk, i, EVENT_ENCRYPTION_CHANGE)[3], 1);
    }
}

static void known_key_is_checked(void **state) {
    struct desk *desk = *state;
    link_up(desk, 0, 1);
    assert_int_equal(authenticate(desk, 0), HCI_OK);
    assert_int_equal(authenticate(desk, 0), HCI_OK);
    assert_int_equal(count(desk, 0, EVENT_SIMPLE_PAIRING_COMPLETE), 0);
    desk->key[1][1] ^= 1;
    assert_int_equal(authenticate(desk, 0), ERROR_AUTHENTICATION_FAILURE);
    memset(desk->key[1], 0, HCI_KEY_SIZE);
    assert_int_equal(authenticate(desk, 0), ERROR_KEY_MISSING);
}

static void controller_without_simple_pairing_asks_for_a_pin(void **state) {
    struct desk *desk = *state;
    lab_air_plug(desk->air, desk->now_us, 1, false);
    power_on(desk, 1);
    assert_int_equal(last(desk, 1, EVENT_COMMAND_STATUS)[0], ERROR_UNKNOWN_COMMAND);
    link_up(desk, 0, 1);
    assert_int_equal(authenticate(desk, 0), HCI_OK);
    assert_int_equal(count(desk, 0, EVENT_PIN_CODE_REQUEST), 1);
    assert_int_equal(count(desk, 1, EVENT_PIN_CODE_REQUEST), 1);
    assert_memory_equal(desk->key[0], desk->key[1], HCI_KEY_SIZE);
}

static void host_that_does_not_answer_ends_the_link(void **state) {
    struct desk *desk = *state;
    link_up(desk, 0, 1);
    desk->is_mute = true;
    on_handle(desk, 0, HCI_AUTHENTICATION_REQUESTED, 1, 0);
    pass(desk, 30 * SECOND - 1);
    assert_int_equal(count(desk, 0, EVENT_AUTHENTICATION_COMPLETE), 0);
    pass(desk, 1);
    assert_int_equal(last(desk, 0, EVENT_AUTHENTICATION_COMPLETE)[0], ERROR_RESPONSE_TIMEOUT);
    assert_int_equal(last(desk, 1, EVENT_DISCONNECTION_COMPLETE)[3], ERROR_RESPONSE_TIMEOUT);
}

/* --- Anything ------------------------------------------------------------------------------------
 */

/* A command that there is, with parameters that often mean something: addresses and handles. */
static size_t random_packet(uint8_t packet[LAB_AIR_PACKET_MAX]) {
    static const uint16_t BASES[] = {0x0401, 0x0801, 0x0c01, 0x1001, 0x1401};
    size_t length = (size_t)rand() % 64;
    for (size_t i = 0; i < length; i++)
        packet[i] = (uint8_t)rand();
    if (length < 5 || rand() % 8 == 0)
        return length;
    unsigned opcode = BASES[rand() % 5] + (unsigned)rand() % 0x60;
    packet[0] = rand() % 4 == 0 ? HCI_ACL_DATA : HCI_COMMAND;
    if (packet[0] == HCI_COMMAND) {
        packet[1] = (uint8_t)opcode;
        packet[2] = (uint8_t)(opcode >> 8);
        packet[3] = (uint8_t)(length - 4 + (rand() % 16 == 0));
    }
    uint8_t *handle = packet + (packet[0] == HCI_COMMAND ? 4 : 1);
    if (length >= 4 + HCI_ADDRESS_SIZE && packet[0] == HCI_COMMAND && rand() % 2 == 0) {
        address_of((unsigned)rand() % COUNT, packet + 4);
    } else if (length >= 6) {
        handle[0] = (uint8_t)(rand() % 16);
        handle[1] = (uint8_t)(packet[0] == HCI_COMMAND ? 0 : rand() % 4 << 4);
    }
    if (packet[0] == HCI_ACL_DATA && length >= 5) {
        packet[3] = (uint8_t)(length - 5 + (rand() % 16 == 0));
        packet[4] = 0;
    }
    return length;
}

static void whatever_hosts_send_and_radios_do_nothing_breaks(void **state) {
    struct desk *desk = *state;
    const unsigned seed = (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srand(seed);
    uint8_t packet[LAB_AIR_PACKET_MAX];
    for (unsigned i = 0; i < 200000; i++) {
        const unsigned one = (unsigned)rand() % COUNT, other = (unsigned)rand() % COUNT;
        if (desk->heard_count > HEARD_MAX / 2)
            forget(desk);
        if (rand() % 16 == 0 && one != other)
            call(desk, one, other);
        uint8_t *exact = NULL;
        size_t length = random_packet(packet);
        if (length > 0) {
            exact = malloc(length); /* so that a sanitizer sees what is read beyond it */
            assert_non_null(exact);
            memcpy(exact, packet, length);
        }
        lab_air_from_host(desk->air, desk->now_us, one, exact, length);
        free(exact);
        if (rand() % 64 == 0)
            lab_air_set_radio(desk->air, desk->now_us, one, rand() % 4 != 0);
        if (rand() % 64 == 0 && one != other)
            lab_air_set_near(desk->air, desk->now_us, one, other, rand() % 4 != 0);
        if (rand() % 256 == 0)
            lab_air_unplug(desk->air, desk->now_us, one);
        if (rand() % 64 == 0) {
            lab_air_plug(desk->air, desk->now_us, one, rand() % 2 == 0);
            power_on(desk, one);
        }
        pass(desk, rand() % 100000);
    }
}

int main(void) {
    static const struct CMUnitTest TESTS[] = {
#define LAB_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        LAB_TEST(inquiry_finds_who_scans_and_is_in_range),
        LAB_TEST(inquiry_tells_signal_and_data_as_the_host_wants),
        LAB_TEST(cancelled_inquiry_is_silent_and_the_next_one_whole),
        LAB_TEST(name_is_told_and_a_page_that_nobody_hears_times_out),
        LAB_TEST(data_crosses_both_ways_in_order),
        LAB_TEST(hub_has_seven_links_and_refuses_the_eighth),
        LAB_TEST(central_of_seven_calls_nobody_else),
        LAB_TEST(two_that_call_each_other_get_one_link),
        LAB_TEST(silent_radio_ends_the_link_after_the_supervision_timeout),
        LAB_TEST(link_survives_a_short_time_out_of_range),
        LAB_TEST(host_that_sends_more_than_fits_loses_it),
        LAB_TEST(roles_are_switched_later_as_well),
        LAB_TEST(supervision_timeout_is_what_the_host_wrote),
        LAB_TEST(what_is_lost_is_not_heard_but_counted_as_sent),
        LAB_TEST(disconnecting_out_of_range_does_not_wait),
        LAB_TEST(controller_that_was_pulled_out_links_anew),
        LAB_TEST(pairing_by_consent_gives_both_one_key_and_encryption),
        LAB_TEST(known_key_is_checked),
        LAB_TEST(controller_without_simple_pairing_asks_for_a_pin),
        LAB_TEST(host_that_does_not_answer_ends_the_link),
        LAB_TEST(whatever_hosts_send_and_radios_do_nothing_breaks),
    };
    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
