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
    for (unsigned i = 0; i < BLUETOOTH_LINKS; i++)
        bluetooth->links[i].descriptor = -1;
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

/* --- Places ----------------------------------------------------------------------------------- */

static unsigned links_taken_by(uint64_t address, unsigned tries) {
    unsigned taken = 0;
    for (unsigned i = 0; i < tries; i++) {
        int other, descriptor = socket_pair(&other);
        taken += links_add(bluetooth, 0, 0, descriptor, address, false);
        close(other);
    }
    return taken;
}

static void one_address_takes_no_more_than_two_places(void **state) {
    (void)state;
    /* Two, since both may have asked at once. */
    assert_int_equal(links_taken_by(STRANGER, 3 * PICONET_LINKS_MAX), 2);
    for (uint64_t i = 0; i < PICONET_LINKS_MAX - 2; i++)
        assert_int_equal(links_taken_by(HANDSET + i, 1), 1);
    assert_int_equal(links_taken_by(HANDSET, 1), 1);
}

static void place_is_free_again_when_a_link_has_ended(void **state) {
    (void)state;
    assert_int_equal(links_taken_by(STRANGER, 3), 2);
    links_drop(bluetooth, 0, 0);
    assert_int_equal(links_taken_by(STRANGER, 3), 1);
}

/* --- Turns ------------------------------------------------------------------------------------ */

static void links_that_flood_leave_the_others_their_turn(void **state) {
    (void)state;
    int others[3];
    uint8_t frame[100] = {1};
    unsigned heard[3] = {0};
    for (unsigned i = 0; i < 3; i++)
        assert_true(links_add(bluetooth, 0, 0, socket_pair(&others[i]), HANDSET + i, false));
    for (unsigned i = 0; i < 3; i++)
        for (unsigned k = 0; k < (i == 1 ? 3 : 40); k++)
            (void)send(others[i], frame, sizeof frame, MSG_DONTWAIT | MSG_NOSIGNAL);
    struct epoll_event event;
    for (unsigned i = 0; i < 12 && epoll_wait(bluetooth->epoll, &event, 1, 0) == 1; i++) {
        unsigned number = (unsigned)(event.data.u64 & UINT32_MAX);
        heard[number]++;
        links_receive(bluetooth, 0, number, NULL, NULL);
    }
    assert_int_equal(heard[1], 3);
    for (unsigned i = 0; i < 3; i++)
        close(others[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_address_takes_no_more_than_two_places, begin, end),
        cmocka_unit_test_setup_teardown(place_is_free_again_when_a_link_has_ended, begin, end),
        cmocka_unit_test_setup_teardown(links_that_flood_leave_the_others_their_turn, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
