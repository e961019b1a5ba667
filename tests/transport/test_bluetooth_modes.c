/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What adapters are told in each mode, and at the end (transport/bluetooth/adapters.h). The test
 * plays the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport/bluetooth/adapters.h"

enum {
    HIDDEN = MANAGEMENT_POWERED | MANAGEMENT_SSP | MANAGEMENT_BREDR,
    ALL = HIDDEN | MANAGEMENT_CONNECTABLE | MANAGEMENT_DISCOVERABLE,
    SUPPORTED = ALL | MANAGEMENT_BONDABLE,
};

static struct adapters adapters;
static int kernel;

static int begin(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
    kernel = ends[1];
    assert_true(adapters_name(&adapters, "hci0"));
    adapters.descriptor = ends[0];
    adapters.is_trusted = adapters.is_listed = true;
    struct adapter *adapter = &adapters.list[0];
    adapter->is_there = adapter->is_read = adapter->has_io_capability = true;
    adapter->info = (struct mgmt_info){.address = 0x00aa01020304,
                                       .supported = SUPPORTED,
                                       .settings = ALL,
                                       .device_class = HANDSET_CLASS};
    adapter_local_name(adapter, adapter->info.name);
    return 0;
}

static int end(void **state) {
    (void)state;
    close(adapters.descriptor);
    close(kernel);
    return 0;
}

/* The kernel is asked for this and nothing else; it does it, and says how the adapter stands. */
static void expect_command(enum mgmt_opcode opcode, uint8_t value, uint32_t settings) {
    uint8_t command[MANAGEMENT_PACKET_MAX];
    ssize_t length = recv(kernel, command, sizeof command, 0);
    assert_true(length >= 7);
    assert_int_equal(command[0] | command[1] << 8, opcode);
    assert_int_equal(command[6], value);
    const uint8_t answer[] = {MANAGEMENT_COMMAND_COMPLETE,
                              0,
                              0,
                              0,
                              7,
                              0,
                              command[0],
                              command[1],
                              MANAGEMENT_SUCCESS,
                              (uint8_t)settings,
                              (uint8_t)(settings >> 8),
                              0,
                              0};
    adapters_take(&adapters, 0, answer, sizeof answer);
}

static void expect_nothing(void) {
    uint8_t command[MANAGEMENT_PACKET_MAX];
    assert_true(recv(kernel, command, sizeof command, MSG_DONTWAIT) <= 0);
}

static void in_airplane_mode_an_adapter_answers_nobody(void **state) {
    (void)state;
    adapters_set_mode(&adapters, TRANSPORT_OFF, 0);
    expect_command(MANAGEMENT_SET_CONNECTABLE, 0, HIDDEN);
    expect_nothing();
    adapters_set_mode(&adapters, TRANSPORT_SEEKS, 0);
    expect_command(MANAGEMENT_SET_CONNECTABLE, 1, HIDDEN | MANAGEMENT_CONNECTABLE);
    expect_command(MANAGEMENT_SET_DISCOVERABLE, 1, ALL);
    expect_nothing();
}

static void under_radio_silence_an_adapter_is_not_found_and_keeps_its_links(void **state) {
    (void)state;
    adapters_set_mode(&adapters, TRANSPORT_SILENT, 0);
    expect_command(MANAGEMENT_SET_DISCOVERABLE, 0, HIDDEN | MANAGEMENT_CONNECTABLE);
    expect_nothing();
    assert_true(adapter_is_usable(&adapters.list[0]));
}

static void say_settings(uint32_t settings) {
    const uint8_t event[] = {MANAGEMENT_NEW_SETTINGS, 0, 0, 0, 4, 0, (uint8_t)settings, 0, 0, 0};
    adapters_take(&adapters, 0, event, sizeof event);
}

/* bluetoothd does so when it starts. */
static void who_makes_an_adapter_take_no_links_ends_none(void **state) {
    (void)state;
    unsigned turn = adapters.list[0].turn;
    say_settings(HIDDEN);
    assert_true(adapter_is_usable(&adapters.list[0]));
    assert_int_equal(adapters.list[0].turn, turn);
    expect_command(MANAGEMENT_SET_CONNECTABLE, 1, HIDDEN | MANAGEMENT_CONNECTABLE);
    expect_command(MANAGEMENT_SET_DISCOVERABLE, 1, ALL);
    expect_nothing();
}

/* The kernel says how the adapter stands. */
static void say_info(uint32_t settings, uint32_t device_class, const char *name) {
    enum {
        HEADER = 9,
        SIZE = 20 + MANAGEMENT_NAME_SIZE + MANAGEMENT_SHORT_NAME_SIZE
    };
    uint8_t packet[HEADER + SIZE] = {
        MANAGEMENT_COMMAND_COMPLETE, 0, 0, 0, (3 + SIZE) & 0xff, (3 + SIZE) >> 8,
        MANAGEMENT_READ_INFO};
    uint8_t *info = packet + HEADER;
    info[0] = 4; /* the address */
    for (int i = 0; i < 4; i++) {
        info[9 + i] = (uint8_t)(SUPPORTED >> 8 * i);
        info[13 + i] = (uint8_t)(settings >> 8 * i);
    }
    for (int i = 0; i < 3; i++) {
        info[17 + i] = (uint8_t)(device_class >> 8 * i);
    }
    memcpy(info + 20, name, strlen(name));
    adapters_take(&adapters, 0, packet, sizeof packet);
}

/* The kernel is asked to name the adapter, or to classify it. */
static void expect_parameters(enum mgmt_opcode opcode, const char *parameters, size_t length) {
    uint8_t command[MANAGEMENT_PACKET_MAX];
    assert_true(recv(kernel, command, sizeof command, 0) >= (ssize_t)(6 + length));
    assert_int_equal(command[0] | command[1] << 8, opcode);
    assert_memory_equal(command + 6, parameters, length);
}

enum {
    DESKTOP = 0x0c0104, /* a computer, with services */
};

static void at_the_end_an_adapter_is_as_it_was_found(void **state) {
    (void)state;
    adapters.list[0].info = (struct mgmt_info){0};
    say_info(HIDDEN, DESKTOP, "desk");
    expect_command(MANAGEMENT_SET_CONNECTABLE, 1, HIDDEN | MANAGEMENT_CONNECTABLE);
    expect_command(MANAGEMENT_SET_LOCAL_NAME, 'M', 0);
    expect_command(MANAGEMENT_SET_DEVICE_CLASS, HANDSET_CLASS >> 8, 0);
    expect_command(MANAGEMENT_SET_DISCOVERABLE, 1, ALL);
    expect_nothing();
    adapters_close(&adapters);
    expect_parameters(MANAGEMENT_SET_CONNECTABLE, "\0", 1);
    expect_parameters(MANAGEMENT_SET_LOCAL_NAME, "desk", 5);
    expect_parameters(MANAGEMENT_SET_DEVICE_CLASS, "\1\4", 2);
    expect_nothing();
}

static void at_the_end_an_adapter_has_the_name_that_another_gave_it_meanwhile(void **state) {
    (void)state;
    adapters.list[0].info = (struct mgmt_info){0};
    say_info(ALL, HANDSET_CLASS, "");
    expect_command(MANAGEMENT_SET_LOCAL_NAME, 'M', 0);
    adapters_tick(&adapters, ADAPTERS_RETRY_MS);
    say_info(ALL, HANDSET_CLASS, "desk 2");
    adapters_close(&adapters);
    expect_parameters(MANAGEMENT_READ_INDEX_LIST, "", 0);
    expect_parameters(MANAGEMENT_READ_INFO, "", 0);
    expect_parameters(MANAGEMENT_SET_LOCAL_NAME, "Muster 0004", 12);
    expect_parameters(MANAGEMENT_SET_LOCAL_NAME, "desk 2", 7);
    expect_nothing();
}

static void nobody_can_pair_while_it_runs_and_afterwards_as_before(void **state) {
    (void)state;
    adapters.list[0].info = (struct mgmt_info){0};
    say_info(ALL | MANAGEMENT_BONDABLE, HANDSET_CLASS, "Muster 0004");
    expect_command(MANAGEMENT_SET_BONDABLE, 0, ALL);
    expect_nothing();
    adapters_set_mode(&adapters, TRANSPORT_SILENT, 0);
    expect_command(MANAGEMENT_SET_DISCOVERABLE, 0, HIDDEN | MANAGEMENT_CONNECTABLE);
    expect_nothing();
    adapters_close(&adapters);
    expect_parameters(MANAGEMENT_SET_BONDABLE, "\1", 1);
    expect_nothing();
}

static void an_adapter_that_was_off_cannot_be_paired_with_from_its_first_moment(void **state) {
    (void)state;
    adapters.list[0].info = (struct mgmt_info){0};
    say_info((ALL | MANAGEMENT_BONDABLE) & ~MANAGEMENT_POWERED, HANDSET_CLASS, "Muster 0004");
    expect_command(MANAGEMENT_SET_BONDABLE, 0, ALL & ~MANAGEMENT_POWERED);
    expect_command(MANAGEMENT_SET_POWERED, 1, ALL);
    expect_nothing();
}

/* As a handset leaves it that was killed, or somebody who wants no pairing. */
static void an_adapter_that_could_not_be_paired_with_is_left_so(void **state) {
    (void)state;
    adapters.list[0].info = (struct mgmt_info){0};
    say_info(ALL, HANDSET_CLASS, "Muster 0004");
    adapters_close(&adapters);
    expect_nothing();
}

/* bluetoothd does so when it starts. It is taken back, at the latest when the next look at the
 * adapters is due, and holds again at the end. */
static void who_lets_others_pair_meanwhile_has_it_at_the_end(void **state) {
    (void)state;
    adapters.list[0].info = (struct mgmt_info){0};
    say_info(ALL, HANDSET_CLASS, "Muster 0004");
    for (int64_t now_ms = 0; now_ms <= ADAPTERS_RETRY_MS; now_ms += ADAPTERS_RETRY_MS) {
        say_settings(ALL | MANAGEMENT_BONDABLE);
        if (now_ms > 0) {
            expect_nothing(); /* it was tried just now */
            adapters_tick(&adapters, now_ms);
            expect_parameters(MANAGEMENT_READ_INDEX_LIST, "", 0);
            expect_parameters(MANAGEMENT_READ_INFO, "", 0);
            say_info(ALL | MANAGEMENT_BONDABLE, HANDSET_CLASS, "Muster 0004");
        }
        expect_command(MANAGEMENT_SET_BONDABLE, 0, ALL);
        expect_nothing();
    }
    adapters_close(&adapters);
    expect_parameters(MANAGEMENT_SET_BONDABLE, "\1", 1);
    expect_nothing();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(in_airplane_mode_an_adapter_answers_nobody, begin, end),
        cmocka_unit_test_setup_teardown(
            under_radio_silence_an_adapter_is_not_found_and_keeps_its_links, begin, end),
        cmocka_unit_test_setup_teardown(who_makes_an_adapter_take_no_links_ends_none, begin, end),
        cmocka_unit_test_setup_teardown(at_the_end_an_adapter_is_as_it_was_found, begin, end),
        cmocka_unit_test_setup_teardown(
            at_the_end_an_adapter_has_the_name_that_another_gave_it_meanwhile, begin, end),
        cmocka_unit_test_setup_teardown(nobody_can_pair_while_it_runs_and_afterwards_as_before,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            an_adapter_that_was_off_cannot_be_paired_with_from_its_first_moment, begin, end),
        cmocka_unit_test_setup_teardown(an_adapter_that_could_not_be_paired_with_is_left_so, begin,
                                        end),
        cmocka_unit_test_setup_teardown(who_lets_others_pair_meanwhile_has_it_at_the_end, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
