/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is read from the kernel and from controllers: management.h, hci.h; and what is remembered of
 * those that were found: candidates.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "transport/bluetooth/adapters.h"
#include "transport/bluetooth/candidates.h"
#include "transport/bluetooth/hci.h"
#include "transport/bluetooth/inquiry.h"
#include "transport/bluetooth/mgmt.h"

enum {
    RANDOM_PACKETS = 20000
};

/* --- Management ------------------------------------------------------------------------------ */

static const uint8_t INDEX_LIST[] = {1, 0, 0xff, 0xff, 9, 0, 3, 0, 0, 2, 0, 0, 0, 5, 0};

static void list_of_adapters_is_read(void **state) {
    (void)state;
    struct mgmt_event event;
    uint16_t indexes[4];
    assert_true(mgmt_parse(INDEX_LIST, sizeof INDEX_LIST, &event));
    assert_int_equal(event.code, MANAGEMENT_COMMAND_COMPLETE);
    assert_int_equal(event.opcode, MANAGEMENT_READ_INDEX_LIST);
    assert_int_equal(event.status, MANAGEMENT_SUCCESS);
    assert_int_equal(mgmt_indexes(&event, indexes, 4), 2);
    assert_int_equal(indexes[0], 0);
    assert_int_equal(indexes[1], 5);
    assert_int_equal(mgmt_indexes(&event, indexes, 1), 1);
    event.length--;
    assert_int_equal(mgmt_indexes(&event, indexes, 4), 0);
    event.length = 1;
    assert_int_equal(mgmt_indexes(&event, indexes, 4), 0);
}

static void information_of_an_adapter_is_read(void **state) {
    (void)state;
    uint8_t data[280] = {4, 3, 2, 1, 0xaa, 0, 9, 0, 0, 0xff, 1, 0, 0, 0x81, 0, 0, 0, 4, 2, 1, 'M'};
    struct mgmt_event event = {.data = data, .length = sizeof data};
    struct mgmt_info info;
    assert_true(mgmt_info(&event, &info));
    assert_true(info.address == 0x00aa01020304);
    assert_int_equal(info.supported, 0x1ff);
    assert_int_equal(info.settings, MANAGEMENT_POWERED | MANAGEMENT_BREDR);
    assert_int_equal(info.device_class, 0x010204);
    assert_string_equal(info.name, "M");
    memset(data + 20, 'x', 260); /* a name without an end */
    assert_true(mgmt_info(&event, &info));
    assert_int_equal(strlen(info.name), MANAGEMENT_NAME_SIZE - 1);
    event.length--;
    assert_false(mgmt_info(&event, &info));
}

static void command_is_written_as_the_kernel_reads_it(void **state) {
    (void)state;
    static const uint8_t discoverable[] = {1, 0, 0};
    static const uint8_t expected[] = {6, 0, 2, 0, 3, 0, 1, 0, 0};
    uint8_t packet[MANAGEMENT_PACKET_MAX];
    assert_int_equal(mgmt_command(packet, MANAGEMENT_SET_DISCOVERABLE, 2, discoverable, 3),
                     sizeof expected);
    assert_memory_equal(packet, expected, sizeof expected);
}

/* Each packet in memory of just its size, so that reading past its end is found. */
static uint8_t *exact(const uint8_t *octets, size_t length) {
    uint8_t *copy = malloc(length > 0 ? length : 1);
    assert_non_null(copy);
    memcpy(copy, octets, length);
    return copy;
}

static void broken_management_packets_change_nothing(void **state) {
    (void)state;
    struct mgmt_event event;
    for (size_t length = 0; length < sizeof INDEX_LIST; length++) {
        uint8_t *packet = exact(INDEX_LIST, length);
        assert_false(mgmt_parse(packet, length, &event));
        free(packet);
    }
    static const uint8_t no_status[] = {1, 0, 0, 0, 2, 0, 3, 0};
    assert_false(mgmt_parse(no_status, sizeof no_status, &event));
}

/* --- HCI ------------------------------------------------------------------------------------ */

static const uint8_t PLAIN[] = {4, 2, 15, 1, 4, 3, 2, 1, 0xaa, 0, 1, 0, 0, 4, 2, 1, 0x34, 0x12};
static const uint8_t WITH_RSSI[] = {4, 0x22, 15, 1, 4, 3, 2,    1,    0xaa,
                                    0, 1,    0,  4, 2, 1, 0x34, 0x12, 0xc4};

static void inquiry_results_of_each_kind_are_read(void **state) {
    (void)state;
    struct hci_event event;
    assert_true(hci_parse(PLAIN, sizeof PLAIN, &event));
    assert_int_equal(event.result_count, 1);
    assert_true(event.results[0].address == 0x00aa01020304);
    assert_int_equal(event.results[0].device_class, 0x010204);
    assert_int_equal(event.results[0].clock_offset, 0x1234);
    assert_int_equal(event.results[0].repetition_mode, 1);
    assert_int_equal(event.results[0].rssi, HCI_RSSI_UNKNOWN);
    assert_true(hci_parse(WITH_RSSI, sizeof WITH_RSSI, &event));
    assert_int_equal(event.result_count, 1);
    assert_true(event.results[0].address == 0x00aa01020304);
    assert_int_equal(event.results[0].device_class, 0x010204);
    assert_int_equal(event.results[0].clock_offset, 0x1234);
    assert_int_equal(event.results[0].rssi, -60);
}

static void extended_result_tells_the_name(void **state) {
    (void)state;
    uint8_t packet[258] = {4, 0x2f, 255};
    struct hci_event event;
    memcpy(packet + 3, WITH_RSSI + 3, 15);
    static const uint8_t fields[] = {2,   0x0a, 4,   12,  9,   'M', 'u', 's',
                                     't', 'e',  'r', ' ', '0', '0', '0', '1'};
    memcpy(packet + 18, fields, sizeof fields);
    assert_true(hci_parse(packet, sizeof packet, &event));
    assert_int_equal(event.results[0].rssi, -60);
    assert_string_equal(event.name, "Muster 0001");
    packet[18] = 255; /* a name that is longer than all of it */
    packet[19] = 9;
    assert_true(hci_parse(packet, sizeof packet, &event));
    assert_string_equal(event.name, "");
    packet[3] = 2; /* there is always one */
    assert_false(hci_parse(packet, sizeof packet, &event));
}

static void remote_name_and_signal_are_read(void **state) {
    (void)state;
    uint8_t name[258] = {4, 7, 255, 0, 4, 3, 2, 1, 0xaa, 0, 'M'};
    struct hci_event event;
    assert_true(hci_parse(name, sizeof name, &event));
    assert_true(event.address == 0x00aa01020304);
    assert_string_equal(event.name, "M");
    memset(name + 10, 'x', 248);
    assert_true(hci_parse(name, sizeof name, &event));
    assert_int_equal(strlen(event.name), HCI_NAME_LENGTH);
    name[3] = 4; /* page timeout: what is in the place of the name means nothing */
    assert_true(hci_parse(name, sizeof name, &event));
    assert_string_equal(event.name, "");
    static const uint8_t rssi[] = {4, 0x0e, 7, 1, 0x05, 0x14, 0, 42, 0, 0xf6};
    assert_true(hci_parse(rssi, sizeof rssi, &event));
    assert_int_equal(event.opcode, HCI_OP_READ_RSSI);
    assert_int_equal(event.handle, 42);
    assert_int_equal(event.rssi, -10);
}

static void broken_hci_packets_are_none(void **state) {
    (void)state;
    struct hci_event event;
    for (size_t length = 0; length < sizeof PLAIN; length++) {
        uint8_t *packet = exact(PLAIN, length);
        assert_false(hci_parse(packet, length, &event));
        if (length > 2) {
            packet[2] = (uint8_t)(length - 3);
        }
        assert_false(hci_parse(packet, length, &event));
        free(packet);
    }
    uint8_t many[258] = {4, 2, 255, 255}; /* more results than there are octets for */
    assert_false(hci_parse(many, sizeof many, &event));
}

static void random_packets_are_read_within_their_bounds(void **state) {
    (void)state;
    static const uint8_t codes[] = {1, 2, 7, 0x0e, 0x0f, 0x22, 0x2f};
    unsigned seed = (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srand(seed);
    struct adapters adapters;
    assert_true(adapters_name(&adapters, NULL));
    for (int i = 0; i < RANDOM_PACKETS; i++) {
        uint8_t octets[300];
        size_t length = (size_t)rand() % sizeof octets;
        for (size_t k = 0; k < sizeof octets; k++) {
            octets[k] = (uint8_t)(rand() % (rand() % 2 == 0 ? 4 : 256));
        }
        bool is_management = rand() % 2 == 0 && length >= 6;
        if (is_management) {
            octets[4] = (uint8_t)((length - 6) & 0xff);
            octets[5] = (uint8_t)((length - 6) >> 8);
            octets[1] = octets[3] = 0;
        } else if (length >= 3 && length < 259) {
            octets[0] = 4;
            octets[1] = codes[(size_t)rand() % sizeof codes];
            octets[2] = (uint8_t)(length - 3);
        }
        uint8_t *packet = exact(octets, length);
        struct hci_event event;
        if (hci_parse(packet, length, &event)) {
            assert_true(event.result_count <= HCI_RESULTS_MAX);
            assert_true(strlen(event.name) <= HCI_NAME_LENGTH);
        }
        adapters_take(&adapters, i, packet, length);
        free(packet);
    }
}

/* --- Errands -------------------------------------------------------------------------------- */

static void errand_ends_with_its_own_answer_alone(void **state) {
    (void)state;
    struct inquiry inquiry = {.descriptor = -1, .errand = INQUIRY_NAMING, .address = 5};
    struct hci_event other = {.code = HCI_REMOTE_NAME_COMPLETE, .address = 6};
    struct hci_event begun = {.code = HCI_COMMAND_STATUS, .opcode = HCI_OP_REMOTE_NAME_REQUEST};
    struct hci_event found = {.code = HCI_INQUIRY_RESULT, .result_count = 1};
    struct hci_event own = {.code = HCI_REMOTE_NAME_COMPLETE, .address = 5};
    assert_int_equal(inquiry_take(&inquiry, &other), INQUIRY_OTHER);
    assert_int_equal(inquiry_take(&inquiry, &begun), INQUIRY_OTHER);
    assert_int_equal(inquiry_take(&inquiry, &found), INQUIRY_FOUND);
    assert_int_equal(inquiry.errand, INQUIRY_NAMING);
    assert_int_equal(inquiry_take(&inquiry, &own), INQUIRY_ENDED);
    assert_int_equal(inquiry_take(&inquiry, &own), INQUIRY_OTHER);
}

static void refused_errand_ends(void **state) {
    (void)state;
    struct inquiry inquiry = {.descriptor = -1, .errand = INQUIRY_SEEKING};
    struct hci_event refused = {
        .code = HCI_COMMAND_STATUS, .opcode = HCI_OP_INQUIRY, .status = 0x0c};
    assert_int_equal(inquiry_take(&inquiry, &refused), INQUIRY_ENDED);
    assert_int_equal(inquiry.errand, INQUIRY_IDLE);
}

/* --- Candidates ----------------------------------------------------------------------------- */

static struct hci_result handset_at(uint64_t address) {
    return (struct hci_result){.address = address, .device_class = 0x5a0204, .rssi = -60};
}

static void handset_is_known_by_class_and_name(void **state) {
    (void)state;
    struct candidates candidates = {0};
    struct hci_result one = handset_at(1), headset = handset_at(2), phone = handset_at(3);
    headset.device_class = 0x240404;
    assert_int_equal(candidates_found(&candidates, 0, 0, &headset, "Muster 0002"), CANDIDATE_OTHER);
    assert_int_equal(candidates_found(&candidates, 0, 0, &one, ""), CANDIDATE_UNNAMED);
    assert_int_equal(candidates_found(&candidates, 0, 0, &phone, "Anna's phone"), CANDIDATE_OTHER);
    assert_null(candidates_unnamed(&candidates, 1));
    const struct candidate *unnamed = candidates_unnamed(&candidates, 0);
    assert_non_null(unnamed);
    assert_true(unnamed->result.address == 1);
    assert_non_null(candidates_named(&candidates, 0, 1, "Muster 0001"));
    assert_null(candidates_unnamed(&candidates, 0));
    assert_int_equal(candidates_found(&candidates, 1, 0, &one, ""), CANDIDATE_HANDSET);
    assert_int_equal(candidates_rssi(&candidates, 1), -60);
    assert_int_equal(candidates_rssi(&candidates, 9), HCI_RSSI_UNKNOWN);
    assert_null(candidates_named(&candidates, 0, 9, "Muster 0009"));
    assert_null(candidates_named(&candidates, 0, 0, "Muster 0000"));
}

static void nobody_is_asked_for_a_name_again_and_again(void **state) {
    (void)state;
    struct candidates candidates = {0};
    struct hci_result one = handset_at(1), two = handset_at(2);
    (void)candidates_found(&candidates, 0, 0, &one, "");
    (void)candidates_found(&candidates, 0, 0, &two, "");
    assert_null(candidates_named(&candidates, 0, 1, "Anna's phone"));
    assert_null(candidates_named(&candidates, 0, 2, NULL));
    assert_int_equal(candidates_found(&candidates, CANDIDATE_OTHER_MS - 1, 0, &one, ""),
                     CANDIDATE_OTHER);
    assert_int_equal(candidates_found(&candidates, CANDIDATE_OTHER_MS, 0, &one, ""),
                     CANDIDATE_UNNAMED);
    assert_int_equal(candidates_found(&candidates, CANDIDATE_SILENT_MS - 1, 0, &two, ""),
                     CANDIDATE_OTHER);
    assert_int_equal(candidates_found(&candidates, CANDIDATE_SILENT_MS, 0, &two, ""),
                     CANDIDATE_UNNAMED);
}

static void flood_of_strangers_does_not_push_out_who_is_heard(void **state) {
    (void)state;
    struct candidates candidates = {0};
    struct hci_result own = handset_at(1);
    for (int64_t i = 0; i < 10 * CANDIDATES_MAX; i++) {
        struct hci_result stranger = handset_at((uint64_t)i + 100);
        if (i % 10 == 0) {
            (void)candidates_found(&candidates, i, 0, &own, "Muster 0001");
        }
        (void)candidates_found(&candidates, i, 0, &stranger, "Anna's phone");
    }
    assert_int_equal(candidates_rssi(&candidates, 1), -60);
    assert_int_equal(candidates_rssi(&candidates, 100), HCI_RSSI_UNKNOWN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_of_adapters_is_read),
        cmocka_unit_test(information_of_an_adapter_is_read),
        cmocka_unit_test(command_is_written_as_the_kernel_reads_it),
        cmocka_unit_test(broken_management_packets_change_nothing),
        cmocka_unit_test(inquiry_results_of_each_kind_are_read),
        cmocka_unit_test(extended_result_tells_the_name),
        cmocka_unit_test(remote_name_and_signal_are_read),
        cmocka_unit_test(broken_hci_packets_are_none),
        cmocka_unit_test(random_packets_are_read_within_their_bounds),
        cmocka_unit_test(errand_ends_with_its_own_answer_alone),
        cmocka_unit_test(refused_errand_ends),
        cmocka_unit_test(handset_is_known_by_class_and_name),
        cmocka_unit_test(nobody_is_asked_for_a_name_again_and_again),
        cmocka_unit_test(flood_of_strangers_does_not_push_out_who_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
