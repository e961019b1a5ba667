/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lab's virtual Bluetooth controllers, without a kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/lab/hosts.h"

enum {
    SIGNAL_DBM = 0xce, /* -50, as an octet */
};

static int set_up(void **state) {
    struct hosts *hosts = calloc(1, sizeof *hosts);
    assert_non_null(hosts);
    hosts->role = ACCEPTS_AS_PERIPHERAL;
    hosts->air = lab_air_new(7, hosts_hear, hosts);
    assert_non_null(hosts->air);
    for (unsigned i = 0; i < HOSTS_COUNT; i++) {
        lab_air_plug(hosts->air, 0, i, true);
        host_power_on(hosts, i);
    }
    hosts_forget(hosts);
    *state = hosts;
    return 0;
}

static int tear_down(void **state) {
    struct hosts *hosts = *state;
    lab_air_free(hosts->air);
    free(hosts);
    return 0;
}

static void link_up(struct hosts *hosts, unsigned number, unsigned other) {
    host_call(hosts, number, other);
    hosts_pass(hosts, SECOND);
}

/* --- Inquiry and names ---------------------------------------------------------------------------
 */

static void inquiry_finds_who_scans_and_is_in_range(void **state) {
    struct hosts *hosts = *state;
    host_scan(hosts, 1, HCI_PAGE_SCAN);
    lab_air_set_radio(hosts->air, hosts->now_us, 2, false);
    lab_air_set_near(hosts->air, hosts->now_us, 0, 3, false);
    lab_air_unplug(hosts->air, hosts->now_us, 4);
    host_inquire(hosts, 0, 4);
    hosts_pass(hosts, 4 * 1280000 - 1);
    assert_int_equal(host_count(hosts, 0, EVENT_INQUIRY_COMPLETE), 0);
    hosts_pass(hosts, 1);
    assert_int_equal(host_count(hosts, 0, EVENT_INQUIRY_COMPLETE), 1);
    assert_int_equal(host_count(hosts, 0, EVENT_INQUIRY_RESULT), 4);
    for (unsigned i = 0; i < hosts->heard_count; i++) {
        if (hosts->heard[i].octets[1] == EVENT_INQUIRY_RESULT) {
            assert_true(hosts->heard[i].octets[4] >= 5);
        }
    }
}

static void inquiry_tells_signal_and_data_as_the_host_wants(void **state) {
    struct hosts *hosts = *state;
    const uint8_t mode = 2;
    uint8_t eir[1 + HCI_EIR_SIZE] = {0, 2, 0x09, 'M'};
    for (unsigned i = 3; i < HOSTS_COUNT; i++) {
        host_scan(hosts, i, 0);
    }
    lab_air_set_signal(hosts->air, 0, 2, (int8_t)-77);
    host_command(hosts, 0, HCI_WRITE_INQUIRY_MODE, &mode, 1);
    host_command(hosts, 1, HCI_WRITE_EXTENDED_INQUIRY_RESPONSE, eir, sizeof eir);
    host_inquire(hosts, 0, 4);
    hosts_pass(hosts, 6 * SECOND);
    const uint8_t *extended = host_last(hosts, 0, EVENT_EXTENDED_INQUIRY_RESULT);
    assert_non_null(extended);
    assert_int_equal(extended[14], SIGNAL_DBM);
    assert_memory_equal(extended + 15, eir + 1, HCI_EIR_SIZE);
    const uint8_t *with_signal = host_last(hosts, 0, EVENT_INQUIRY_RESULT_RSSI);
    assert_non_null(with_signal);
    assert_int_equal((int8_t)with_signal[14], -77);
}

static void cancelled_inquiry_is_silent_and_the_next_one_whole(void **state) {
    struct hosts *hosts = *state;
    host_inquire(hosts, 0, 4);
    hosts_pass(hosts, SECOND / 10);
    host_command(hosts, 0, HCI_INQUIRY_CANCEL, NULL, 0);
    hosts_forget(hosts);
    hosts_pass(hosts, 10 * SECOND);
    assert_int_equal(hosts->heard_count, 0);
    host_inquire(hosts, 0, 1);
    hosts_pass(hosts, 10 * SECOND);
    assert_int_equal(host_count(hosts, 0, EVENT_INQUIRY_COMPLETE), 1);
    assert_true(host_count(hosts, 0, EVENT_INQUIRY_RESULT) > 0);
}

static void name_is_told_and_a_page_that_nobody_hears_times_out(void **state) {
    struct hosts *hosts = *state;
    uint8_t address[HCI_ADDRESS_SIZE], name[HCI_NAME_SIZE] = "Muster 1", rest[4] = {0};
    host_command(hosts, 1, HCI_WRITE_LOCAL_NAME, name, sizeof name);
    host_address(1, address);
    host_command_to(hosts, 0, HCI_REMOTE_NAME, address, rest, sizeof rest);
    hosts_pass(hosts, SECOND);
    const uint8_t *complete = host_last(hosts, 0, EVENT_REMOTE_NAME_COMPLETE);
    assert_non_null(complete);
    assert_int_equal(complete[0], HCI_OK);
    assert_memory_equal(complete + 7, name, sizeof name);

    host_scan(hosts, 1, HCI_INQUIRY_SCAN);
    hosts_forget(hosts);
    host_command_to(hosts, 0, HCI_REMOTE_NAME, address, rest, sizeof rest);
    hosts_pass(hosts, 5 * SECOND);
    assert_int_equal(host_count(hosts, 0, EVENT_REMOTE_NAME_COMPLETE), 0);
    hosts_pass(hosts, SECOND / 5);
    assert_int_equal(host_last(hosts, 0, EVENT_REMOTE_NAME_COMPLETE)[0], ERROR_PAGE_TIMEOUT);
}

/* --- Links ---------------------------------------------------------------------------------------
 */

static void data_crosses_both_ways_in_order(void **state) {
    struct hosts *hosts = *state;
    uint8_t octets[HEARD_MAX];
    link_up(hosts, 0, 1);
    const uint16_t here = host_handle_of(hosts, 0), there = host_handle_of(hosts, 1);
    assert_int_not_equal(here, there);
    for (uint8_t i = 0; i < 5; i++) {
        host_send_octet(hosts, 0, here, i);
        host_send_octet(hosts, 1, there, (uint8_t)(100 + i));
    }
    hosts_pass(hosts, SECOND);
    assert_int_equal(host_octets_of(hosts, 1, there, octets), 5);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(octets[i], i);
    }
    assert_int_equal(host_octets_of(hosts, 0, here, octets), 5);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(octets[i], 100 + i);
    }
    assert_int_equal(host_count(hosts, 0, EVENT_COMPLETED_PACKETS), 5);
    host_on_handle(hosts, 0, HCI_DISCONNECT, here, ERROR_REMOTE_USER_ENDED);
    hosts_pass(hosts, SECOND);
    assert_int_equal(host_last(hosts, 0, EVENT_DISCONNECTION_COMPLETE)[3], ERROR_LOCAL_HOST_ENDED);
    assert_int_equal(host_last(hosts, 1, EVENT_DISCONNECTION_COMPLETE)[3], ERROR_REMOTE_USER_ENDED);
}

static void hub_has_seven_links_and_refuses_the_eighth(void **state) {
    struct hosts *hosts = *state;
    hosts->role = ACCEPTS_AS_CENTRAL;
    for (unsigned i = 1; i < HOSTS_COUNT; i++) {
        host_call(hosts, i, 0);
    }
    hosts_pass(hosts, 2 * SECOND);
    unsigned linked = 0, refused = 0;
    for (unsigned i = 1; i < HOSTS_COUNT; i++) {
        const uint8_t *complete = host_last(hosts, i, EVENT_CONNECTION_COMPLETE);
        assert_non_null(complete);
        linked += complete[0] == HCI_OK;
        refused += complete[0] == ERROR_LIMITED_RESOURCES;
    }
    assert_int_equal(linked, 7);
    assert_int_equal(refused, 1);
    assert_int_equal(host_count(hosts, 0, EVENT_CONNECTION_COMPLETE), 8);
    assert_int_equal(host_count(hosts, 0, EVENT_ROLE_CHANGE), 7);
}

static void central_of_seven_calls_nobody_else(void **state) {
    struct hosts *hosts = *state;
    for (unsigned i = 1; i < HOSTS_COUNT; i++) {
        link_up(hosts, 0, i);
    }
    assert_int_equal(host_count(hosts, 0, EVENT_CONNECTION_COMPLETE), 7);
    assert_int_equal(host_last(hosts, 0, EVENT_COMMAND_STATUS)[0], ERROR_CONNECTION_LIMIT);
}

static void two_that_call_each_other_get_one_link(void **state) {
    struct hosts *hosts = *state;
    host_call(hosts, 0, 1);
    host_call(hosts, 1, 0);
    hosts_pass(hosts, 10 * SECOND);
    assert_int_equal(host_count(hosts, 0, EVENT_CONNECTION_COMPLETE), 1);
    assert_int_equal(host_count(hosts, 1, EVENT_CONNECTION_COMPLETE), 1);
    host_send_octet(hosts, 0, host_handle_of(hosts, 0), 1);
    hosts_pass(hosts, SECOND);
    uint8_t octets[HEARD_MAX];
    assert_int_equal(host_octets_of(hosts, 1, host_handle_of(hosts, 1), octets), 1);
}

static void silent_radio_ends_the_link_after_the_supervision_timeout(void **state) {
    struct hosts *hosts = *state;
    link_up(hosts, 0, 1);
    lab_air_set_radio(hosts->air, hosts->now_us, 1, false);
    hosts_pass(hosts, 20 * SECOND - 1);
    assert_int_equal(host_count(hosts, 0, EVENT_DISCONNECTION_COMPLETE), 0);
    hosts_pass(hosts, 1);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(host_last(hosts, i, EVENT_DISCONNECTION_COMPLETE)[3],
                         ERROR_CONNECTION_TIMEOUT);
    }
    assert_true(lab_air_next(hosts->air) == INT64_MAX);
}

static void link_survives_a_short_time_out_of_range(void **state) {
    struct hosts *hosts = *state;
    uint8_t octets[HEARD_MAX];
    link_up(hosts, 0, 1);
    lab_air_set_near(hosts->air, hosts->now_us, 0, 1, false);
    for (uint8_t i = 0; i < 3; i++) {
        host_send_octet(hosts, 0, host_handle_of(hosts, 0), i);
    }
    hosts_pass(hosts, 15 * SECOND);
    assert_int_equal(host_octets_of(hosts, 1, host_handle_of(hosts, 1), octets), 0);
    lab_air_set_near(hosts->air, hosts->now_us, 0, 1, true);
    host_send_octet(hosts, 0, host_handle_of(hosts, 0), 3);
    hosts_pass(hosts, 15 * SECOND);
    assert_int_equal(host_octets_of(hosts, 1, host_handle_of(hosts, 1), octets), 4);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(octets[i], i);
    }
    assert_int_equal(host_count(hosts, 0, EVENT_DISCONNECTION_COMPLETE), 0);
}

static void host_that_sends_more_than_fits_loses_it(void **state) {
    struct hosts *hosts = *state;
    link_up(hosts, 0, 1);
    for (unsigned i = 0; i < 100; i++) {
        host_send_octet(hosts, 0, host_handle_of(hosts, 0), 0);
    }
    hosts_pass(hosts, SECOND);
    assert_int_equal(host_count(hosts, 0, EVENT_COMPLETED_PACKETS), 10);
}

static void roles_are_switched_later_as_well(void **state) {
    struct hosts *hosts = *state;
    uint8_t address[HCI_ADDRESS_SIZE];
    const uint8_t role = 0;
    link_up(hosts, 0, 1);
    host_address(0, address);
    host_command_to(hosts, 1, HCI_SWITCH_ROLE, address, &role, 1);
    hosts_pass(hosts, SECOND);
    assert_int_equal(host_last(hosts, 0, EVENT_ROLE_CHANGE)[7], 1);
    assert_int_equal(host_last(hosts, 1, EVENT_ROLE_CHANGE)[7], 0);
    host_on_handle(hosts, 1, HCI_ROLE_DISCOVERY, host_handle_of(hosts, 1), 0);
    assert_int_equal(host_last(hosts, 1, EVENT_COMMAND_COMPLETE)[6], 0);
}

static void supervision_timeout_is_what_the_host_wrote(void **state) {
    struct hosts *hosts = *state;
    link_up(hosts, 0, 1);
    const uint16_t handle = host_handle_of(hosts, 0);
    const uint8_t write[] = {(uint8_t)handle, (uint8_t)(handle >> 8), 0x40, 0x06}; /* 1 s */
    host_command(hosts, 0, HCI_WRITE_SUPERVISION_TIMEOUT, write, sizeof write);
    lab_air_set_near(hosts->air, hosts->now_us, 0, 1, false);
    hosts_pass(hosts, SECOND - 1);
    assert_int_equal(host_count(hosts, 1, EVENT_DISCONNECTION_COMPLETE), 0);
    hosts_pass(hosts, 1);
    assert_int_equal(host_count(hosts, 1, EVENT_DISCONNECTION_COMPLETE), 1);
}

static void what_is_lost_is_not_heard_but_counted_as_sent(void **state) {
    struct hosts *hosts = *state;
    uint8_t octets[HEARD_MAX];
    link_up(hosts, 0, 1);
    lab_air_set_loss(hosts->air, 0, 50);
    for (unsigned i = 0; i < 100; i++) {
        host_send_octet(hosts, 0, host_handle_of(hosts, 0), 1);
        hosts_pass(hosts, SECOND / 10);
    }
    const unsigned came = host_octets_of(hosts, 1, host_handle_of(hosts, 1), octets);
    assert_true(came > 20 && came < 80);
    assert_int_equal(host_count(hosts, 0, EVENT_COMPLETED_PACKETS), 100);
}

static void disconnecting_out_of_range_does_not_wait(void **state) {
    struct hosts *hosts = *state;
    link_up(hosts, 0, 1);
    lab_air_set_radio(hosts->air, hosts->now_us, 1, false);
    host_on_handle(hosts, 0, HCI_DISCONNECT, host_handle_of(hosts, 0), ERROR_REMOTE_USER_ENDED);
    hosts_pass(hosts, SECOND);
    assert_int_equal(host_last(hosts, 0, EVENT_DISCONNECTION_COMPLETE)[3], ERROR_LOCAL_HOST_ENDED);
    assert_int_equal(host_count(hosts, 1, EVENT_DISCONNECTION_COMPLETE), 0);
    hosts_pass(hosts, 20 * SECOND);
    assert_int_equal(host_last(hosts, 1, EVENT_DISCONNECTION_COMPLETE)[3],
                     ERROR_CONNECTION_TIMEOUT);
}

static void controller_that_was_pulled_out_links_anew(void **state) {
    struct hosts *hosts = *state;
    link_up(hosts, 0, 1);
    lab_air_unplug(hosts->air, hosts->now_us, 1);
    hosts_pass(hosts, SECOND);
    assert_int_equal(host_count(hosts, 0, EVENT_DISCONNECTION_COMPLETE), 0);
    lab_air_plug(hosts->air, hosts->now_us, 1, true);
    host_power_on(hosts, 1);
    hosts_forget(hosts);
    link_up(hosts, 1, 0);
    assert_int_equal(host_last(hosts, 0, EVENT_DISCONNECTION_COMPLETE)[3],
                     ERROR_CONNECTION_TIMEOUT);
    assert_int_equal(host_last(hosts, 0, EVENT_CONNECTION_COMPLETE)[0], HCI_OK);
    assert_int_equal(host_last(hosts, 1, EVENT_CONNECTION_COMPLETE)[0], HCI_OK);
    hosts_pass(hosts, 60 * SECOND);
    assert_int_equal(host_count(hosts, 0, EVENT_DISCONNECTION_COMPLETE), 1);
}

/* --- Security ------------------------------------------------------------------------------------
 */

static uint8_t authenticate(struct hosts *hosts, unsigned number) {
    hosts_forget(hosts);
    host_on_handle(hosts, number, HCI_AUTHENTICATION_REQUESTED, 1, 0);
    hosts_pass(hosts, SECOND);
    const uint8_t *complete = host_last(hosts, number, EVENT_AUTHENTICATION_COMPLETE);
    assert_non_null(complete);
    return complete[0];
}

static void pairing_by_consent_gives_both_one_key_and_encryption(void **state) {
    struct hosts *hosts = *state;
    link_up(hosts, 0, 1);
    assert_int_equal(host_handle_of(hosts, 0), 1);
    host_on_handle(hosts, 0, HCI_SET_ENCRYPTION, 1, 1);
    hosts_pass(hosts, SECOND);
    assert_int_equal(host_last(hosts, 0, EVENT_ENCRYPTION_CHANGE)[0], ERROR_KEY_MISSING);
    assert_int_equal(authenticate(hosts, 0), HCI_OK);
    assert_int_equal(host_last(hosts, 0, EVENT_SIMPLE_PAIRING_COMPLETE)[0], HCI_OK);
    assert_int_equal(host_last(hosts, 1, EVENT_SIMPLE_PAIRING_COMPLETE)[0], HCI_OK);
    assert_memory_equal(hosts->key[0], hosts->key[1], HCI_KEY_SIZE);
    host_on_handle(hosts, 0, HCI_SET_ENCRYPTION, 1, 1);
    hosts_pass(hosts, SECOND);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(host_last(hosts, i, EVENT_ENCRYPTION_CHANGE)[0], HCI_OK);
        assert_int_equal(host_last(hosts, i, EVENT_ENCRYPTION_CHANGE)[3], 1);
    }
}

static void known_key_is_checked(void **state) {
    struct hosts *hosts = *state;
    link_up(hosts, 0, 1);
    assert_int_equal(authenticate(hosts, 0), HCI_OK);
    assert_int_equal(authenticate(hosts, 0), HCI_OK);
    assert_int_equal(host_count(hosts, 0, EVENT_SIMPLE_PAIRING_COMPLETE), 0);
    hosts->key[1][1] ^= 1;
    assert_int_equal(authenticate(hosts, 0), ERROR_AUTHENTICATION_FAILURE);
    memset(hosts->key[1], 0, HCI_KEY_SIZE);
    assert_int_equal(authenticate(hosts, 0), ERROR_KEY_MISSING);
}

static void controller_without_simple_pairing_asks_for_a_pin(void **state) {
    struct hosts *hosts = *state;
    lab_air_plug(hosts->air, hosts->now_us, 1, false);
    host_power_on(hosts, 1);
    assert_int_equal(host_last(hosts, 1, EVENT_COMMAND_STATUS)[0], ERROR_UNKNOWN_COMMAND);
    link_up(hosts, 0, 1);
    assert_int_equal(authenticate(hosts, 0), HCI_OK);
    assert_int_equal(host_count(hosts, 0, EVENT_PIN_CODE_REQUEST), 1);
    assert_int_equal(host_count(hosts, 1, EVENT_PIN_CODE_REQUEST), 1);
    assert_memory_equal(hosts->key[0], hosts->key[1], HCI_KEY_SIZE);
}

static void host_that_does_not_answer_ends_the_link(void **state) {
    struct hosts *hosts = *state;
    link_up(hosts, 0, 1);
    hosts->is_mute = true;
    host_on_handle(hosts, 0, HCI_AUTHENTICATION_REQUESTED, 1, 0);
    hosts_pass(hosts, 30 * SECOND - 1);
    assert_int_equal(host_count(hosts, 0, EVENT_AUTHENTICATION_COMPLETE), 0);
    hosts_pass(hosts, 1);
    assert_int_equal(host_last(hosts, 0, EVENT_AUTHENTICATION_COMPLETE)[0], ERROR_RESPONSE_TIMEOUT);
    assert_int_equal(host_last(hosts, 1, EVENT_DISCONNECTION_COMPLETE)[3], ERROR_RESPONSE_TIMEOUT);
}

/* --- Anything ------------------------------------------------------------------------------------
 */

/* A command that there is, with parameters that often mean something: addresses and handles. */
static size_t random_packet(uint8_t packet[LAB_AIR_PACKET_MAX]) {
    static const uint16_t BASES[] = {0x0401, 0x0801, 0x0c01, 0x1001, 0x1401};
    size_t length = (size_t)rand() % 64;
    for (size_t i = 0; i < length; i++) {
        packet[i] = (uint8_t)rand();
    }
    if (length < 5 || rand() % 8 == 0) {
        return length;
    }
    unsigned opcode = BASES[rand() % 5] + (unsigned)rand() % 0x60;
    packet[0] = rand() % 4 == 0 ? HCI_ACL_DATA : HCI_COMMAND;
    if (packet[0] == HCI_COMMAND) {
        packet[1] = (uint8_t)opcode;
        packet[2] = (uint8_t)(opcode >> 8);
        packet[3] = (uint8_t)(length - 4 + (rand() % 16 == 0));
    }
    uint8_t *handle = packet + (packet[0] == HCI_COMMAND ? 4 : 1);
    if (length >= 4 + HCI_ADDRESS_SIZE && packet[0] == HCI_COMMAND && rand() % 2 == 0) {
        host_address((unsigned)rand() % HOSTS_COUNT, packet + 4);
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
    struct hosts *hosts = *state;
    const unsigned seed = (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srand(seed);
    uint8_t packet[LAB_AIR_PACKET_MAX];
    for (unsigned i = 0; i < 200000; i++) {
        const unsigned one = (unsigned)rand() % HOSTS_COUNT, other = (unsigned)rand() % HOSTS_COUNT;
        if (hosts->heard_count > HEARD_MAX / 2) {
            hosts_forget(hosts);
        }
        if (rand() % 16 == 0 && one != other) {
            host_call(hosts, one, other);
        }
        uint8_t *exact = NULL;
        size_t length = random_packet(packet);
        if (length > 0) {
            exact = malloc(length); /* so that a sanitizer sees what is read beyond it */
            assert_non_null(exact);
            memcpy(exact, packet, length);
        }
        lab_air_from_host(hosts->air, hosts->now_us, one, exact, length);
        free(exact);
        if (rand() % 64 == 0) {
            lab_air_set_radio(hosts->air, hosts->now_us, one, rand() % 4 != 0);
        }
        if (rand() % 64 == 0 && one != other) {
            lab_air_set_near(hosts->air, hosts->now_us, one, other, rand() % 4 != 0);
        }
        if (rand() % 256 == 0) {
            lab_air_unplug(hosts->air, hosts->now_us, one);
        }
        if (rand() % 64 == 0) {
            lab_air_plug(hosts->air, hosts->now_us, one, rand() % 2 == 0);
            host_power_on(hosts, one);
        }
        hosts_pass(hosts, rand() % 100000);
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
