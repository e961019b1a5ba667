/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What strangers can take up of an adapter (transport/bluetooth/bluetooth_state.h): its places, its
 * time, its turns. Socket pairs stand where the kernel's sockets would be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport/bluetooth/bluetooth_state.h"

enum {
    OWN = 0x50,
    STRANGER = 0x70,
    HANDSET = 0x80,
};

static struct bluetooth *bluetooth;
static int radio; /* the other end of the adapter's HCI socket */

static int socket_pair(int *other) {
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
    *other = ends[1];
    return ends[0];
}

/* One adapter in use. */
static int begin(void **state) {
    (void)state;
    bluetooth = calloc(1, sizeof *bluetooth);
    assert_non_null(bluetooth);
    bluetooth->piconet = piconet_new(1);
    bluetooth->epoll = epoll_create1(EPOLL_CLOEXEC);
    bluetooth->adapters.descriptor = -1;
    for (unsigned i = 0; i < BLUETOOTH_CHANNELS; i++) {
        bluetooth->channels[i].descriptor = -1;
    }
    struct station *station = &bluetooth->stations[0];
    *station = (struct station){.is_on = true, .address = OWN, .listening = -1};
    station->ask.descriptor = -1;
    station->inquiry.descriptor = socket_pair(&radio);
    piconet_adapter_on(bluetooth->piconet, 0, 0, OWN);
    return 0;
}

static int end(void **state) {
    (void)state;
    station_off(bluetooth, 0, 0);
    close(radio);
    close(bluetooth->epoll);
    piconet_free(bluetooth->piconet);
    free(bluetooth);
    return 0;
}

/* The HCI command that the radio was given; 0 for none. */
static unsigned command_given(void) {
    uint8_t packet[HCI_COMMAND_SIZE] = {0};
    ssize_t length = recv(radio, packet, sizeof packet, MSG_DONTWAIT);
    return length < 4 ? 0 : packet[1] | (unsigned)packet[2] << 8;
}

/* --- Places ----------------------------------------------------------------------------------- */

static unsigned links_taken_by(uint64_t address, unsigned tries) {
    unsigned taken = 0;
    for (unsigned i = 0; i < tries; i++) {
        int other, descriptor = socket_pair(&other);
        taken += channels_add(bluetooth, 0, 0, descriptor, address, false);
        close(other);
    }
    return taken;
}

static void one_address_takes_no_more_than_two_places(void **state) {
    (void)state;
    /* Two, since both may have asked at once. */
    assert_int_equal(links_taken_by(STRANGER, 3 * PICONET_LINKS_MAX), 2);
    for (uint64_t i = 0; i < PICONET_LINKS_MAX - 2; i++) {
        assert_int_equal(links_taken_by(HANDSET + i, 1), 1);
    }
    assert_int_equal(links_taken_by(HANDSET, 1), 1);
}

static void place_is_free_again_when_a_link_has_ended(void **state) {
    (void)state;
    assert_int_equal(links_taken_by(STRANGER, 3), 2);
    channels_drop(bluetooth, 0, 0);
    assert_int_equal(links_taken_by(STRANGER, 3), 1);
}

/* --- Pairings --------------------------------------------------------------------------------- */

/* What the kernel was told when a link that had said `packet` ended by itself, or was ended: how
 * many commands. */
static unsigned commands_when_it_ends(uint64_t address, const uint8_t *packet, size_t length,
                                      bool by_itself) {
    int other, kernel;
    uint8_t command[MANAGEMENT_PACKET_MAX];
    unsigned count = 0;
    bluetooth->adapters.descriptor = socket_pair(&kernel);
    bluetooth->adapters.is_trusted = bluetooth->adapters.list[0].is_there = true;
    assert_true(channels_add(bluetooth, 0, 0, socket_pair(&other), address, false));
    assert_int_equal(send(other, packet, length, 0), (ssize_t)length);
    channels_receive(bluetooth, 0, 0, NULL, NULL);
    close(other);
    if (by_itself) {
        channels_receive(bluetooth, 0, 0, NULL, NULL);
    } else {
        channels_drop(bluetooth, 0, 0);
    }
    assert_true(bluetooth->channels[0].descriptor < 0);
    while (recv(kernel, command, sizeof command, MSG_DONTWAIT) > 0) {
        count++;
    }
    close(kernel);
    close(bluetooth->adapters.descriptor);
    bluetooth->adapters.descriptor = -1;
    return count;
}

static void only_a_handset_loses_its_pairing_with_its_last_link(void **state) {
    (void)state;
    const uint8_t garbage[] = {0, 9, 9}, table[] = {0, 1, 1, 0, 1, 0, 0, 0, 0, 0, HANDSET};
    assert_int_equal(commands_when_it_ends(STRANGER, garbage, sizeof garbage, false), 0);
    assert_int_equal(commands_when_it_ends(STRANGER, garbage, sizeof garbage, true), 0);
    assert_int_equal(commands_when_it_ends(HANDSET, table, sizeof table, false), 2);
    /* Its new call must not be ended with the old one. */
    assert_int_equal(commands_when_it_ends(HANDSET, table, sizeof table, true), 1);
}

/* --- Time ------------------------------------------------------------------------------------- */

/* An inquiry, after which names are asked for, and nobody answers; returns how many. */
static unsigned names_asked_for(int64_t *now_ms, uint64_t asked[], size_t room) {
    unsigned count = 0;
    struct station *station = &bluetooth->stations[0];
    station->wants_seek = true;
    stations_work(bluetooth, *now_ms);
    assert_int_equal(command_given(), HCI_OP_INQUIRY);
    station->inquiry.errand = INQUIRY_IDLE;
    stations_work(bluetooth, *now_ms);
    while (station->is_seeking && count < room) {
        assert_int_equal(command_given(), HCI_OP_REMOTE_NAME_REQUEST);
        asked[count++] = station->inquiry.address;
        *now_ms = station->inquiry.deadline_ms;
        stations_work(bluetooth, *now_ms);
        assert_int_equal(command_given(), HCI_OP_REMOTE_NAME_REQUEST_CANCEL);
    }
    return count;
}

static void find_phones(int64_t now_ms, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        const struct hci_result result = {
            .address = 1 + i, .device_class = HANDSET_CLASS, .rssi = -60};
        (void)candidates_found(&bluetooth->candidates, now_ms, 0, &result, "");
    }
}

static void crowd_of_nameless_phones_does_not_keep_an_adapter_from_links(void **state) {
    (void)state;
    int64_t now_ms = 1000;
    uint64_t asked[CANDIDATES_MAX];
    find_phones(now_ms, CANDIDATES_MAX);
    assert_in_range(names_asked_for(&now_ms, asked, CANDIDATES_MAX), 1, 4);
    assert_true(now_ms <= 40 * 1000);
}

static void each_of_a_crowd_is_asked_for_its_name_in_turn(void **state) {
    (void)state;
    enum {
        CROWD = 12
    };
    int64_t now_ms = 1000;
    bool was_asked[CROWD + 1] = {false};
    for (unsigned seek = 0; seek < CROWD; seek++) {
        uint64_t asked[CANDIDATES_MAX];
        find_phones(now_ms, CROWD);
        unsigned count = names_asked_for(&now_ms, asked, CANDIDATES_MAX);
        for (unsigned i = 0; i < count; i++) {
            was_asked[asked[i]] = true;
        }
        now_ms += 20 * 1000;
    }
    for (unsigned i = 1; i <= CROWD; i++) {
        assert_true(was_asked[i]);
    }
}

/* --- Turns ------------------------------------------------------------------------------------ */

static void links_that_flood_leave_the_others_their_turn(void **state) {
    (void)state;
    int others[3];
    uint8_t frame[100] = {1};
    unsigned heard[3] = {0};
    for (unsigned i = 0; i < 3; i++) {
        assert_true(channels_add(bluetooth, 0, 0, socket_pair(&others[i]), HANDSET + i, false));
    }
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned k = 0; k < (i == 1 ? 3 : 40); k++) {
            (void)send(others[i], frame, sizeof frame, MSG_DONTWAIT | MSG_NOSIGNAL);
        }
    }
    struct epoll_event event;
    for (unsigned i = 0; i < 12 && epoll_wait(bluetooth->epoll, &event, 1, 0) == 1; i++) {
        unsigned number = (unsigned)(event.data.u64 & UINT32_MAX);
        heard[number]++;
        channels_receive(bluetooth, 0, number, NULL, NULL);
    }
    assert_int_equal(heard[1], 3);
    for (unsigned i = 0; i < 3; i++) {
        close(others[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_address_takes_no_more_than_two_places, begin, end),
        cmocka_unit_test_setup_teardown(place_is_free_again_when_a_link_has_ended, begin, end),
        cmocka_unit_test_setup_teardown(only_a_handset_loses_its_pairing_with_its_last_link, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            crowd_of_nameless_phones_does_not_keep_an_adapter_from_links, begin, end),
        cmocka_unit_test_setup_teardown(each_of_a_crowd_is_asked_for_its_name_in_turn, begin, end),
        cmocka_unit_test_setup_teardown(links_that_flood_leave_the_others_their_turn, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
