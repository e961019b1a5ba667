/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What adapters are told in each mode (transport/bluetooth/adapters.h). The test plays the kernel.
 */
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
    ALL = MANAGEMENT_POWERED | MANAGEMENT_CONNECTABLE | MANAGEMENT_DISCOVERABLE |
          MANAGEMENT_BONDABLE | MANAGEMENT_SSP | MANAGEMENT_BREDR,
    HIDDEN = MANAGEMENT_POWERED | MANAGEMENT_BONDABLE | MANAGEMENT_SSP | MANAGEMENT_BREDR,
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
                                       .supported = ALL,
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
    assert_int_equal(recv(kernel, command, sizeof command, MSG_DONTWAIT), -1);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(in_airplane_mode_an_adapter_answers_nobody, begin, end),
        cmocka_unit_test_setup_teardown(
            under_radio_silence_an_adapter_is_not_found_and_keeps_its_links, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
