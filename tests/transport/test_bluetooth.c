/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transport/bluetooth/bluetooth.h without a radio. The adapter that is named does not exist, so
 * that those of the machine that runs the test are left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "condition_text.h"
#include "transport/bluetooth/bluetooth.h"

#define NO_ADAPTER "hci64999"

static struct transport *open_on(const char *names) {
    struct transport *transport;
    struct transport_condition problem;
    if (bluetooth_open(names, &transport, &problem) != TRANSPORT_OK) {
        fail_msg("bluetooth_open: %s", condition_text(&problem));
    }
    return transport;
}

static bool has_bluetooth(void) {
    int descriptor = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, 1);
    if (descriptor >= 0) {
        close(descriptor);
    }
    return descriptor >= 0;
}

static void unexpected(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    (void)context, (void)peer, (void)frame, (void)length;
    fail_msg("a frame came from nowhere");
}

/* Receives until the transport knows how its radio stands. */
static struct transport_radio settled_radio(struct transport *transport) {
    struct transport_radio radio;
    struct pollfd wait = {.events = POLLIN};
    assert_int_equal(transport->kind->descriptors(transport, &wait.fd), 1);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(transport->kind->receive(transport, unexpected, NULL), TRANSPORT_OK);
        assert_int_equal(transport->kind->radios(transport, &radio, 1), 1);
        if (radio.state != RADIO_STARTING) {
            break;
        }
        (void)poll(&wait, 1, 100);
    }
    return radio;
}

static void what_is_not_an_adapters_name_is_refused(void **state) {
    (void)state;
    static const char *const names[] = {
        "",          "eth0",      "hci",       "hci-1", "hci01",
        "hci0,",     ",hci0",     "hci0,hci0", "hci0 ", "hci65535",
        "hci0;hci1", "hci123456", "HCI0",      "hci0x", "hci0,hci1,hci2,hci3,hci4",
        "hci+1",     "hci 1",     "hci0,,hci1"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct transport *transport;
        struct transport_condition problem;
        if (bluetooth_open(names[i], &transport, &problem) != TRANSPORT_FAILED) {
            fail_msg("\"%s\" was taken", names[i]);
        }
        assert_null(transport);
        assert_int_equal(problem.kind, CONDITION_NOT_ADAPTERS);
        assert_string_equal(problem.object, names[i]);
    }
}

static void missing_radio_is_not_a_failure_and_reported_once(void **state) {
    (void)state;
    struct transport *transport = open_on(NO_ADAPTER);
    struct transport_radio radio = settled_radio(transport);
    assert_string_equal(radio.name, NO_ADAPTER);
    assert_int_equal(radio.state, RADIO_UNUSABLE);
    assert_int_equal(radio.peers, 0);
    assert_int_equal(radio.quality, TRANSPORT_QUALITY_UNKNOWN);
    assert_int_equal(radio.condition.kind,
                     has_bluetooth() ? CONDITION_ADAPTER_MISSING : CONDITION_NO_BLUETOOTH);
    struct transport_condition news;
    assert_true(transport->kind->news(transport, &news));
    assert_true(transport_condition_equal(&news, &radio.condition));
    assert_true(transport_condition_is_problem(news.kind));
    assert_false(transport->kind->news(transport, &news));
    assert_int_equal(transport->kind->receive(transport, unexpected, NULL), TRANSPORT_OK);
    assert_false(transport->kind->news(transport, &news));
    transport->kind->close(transport);
}

static void every_named_adapter_is_shown_and_no_more_than_there_is_room_for(void **state) {
    (void)state;
    struct transport *transport = open_on("hci64999,hci64998,hci64997");
    struct transport_radio radios[4];
    assert_int_equal(transport->kind->radios(transport, radios, 4), 3);
    assert_string_equal(radios[0].name, "hci64999");
    assert_string_equal(radios[2].name, "hci64997");
    assert_int_equal(transport->kind->radios(transport, radios, 2), 2);
    assert_int_equal(transport->kind->radios(transport, radios, 0), 0);
    transport->kind->close(transport);
}

static void machine_without_bluetooth_says_so_by_itself(void **state) {
    (void)state;
    if (has_bluetooth()) {
        skip();
    }
    struct transport *transport = open_on(NULL);
    struct transport_radio radio = settled_radio(transport);
    assert_string_equal(radio.name, "");
    assert_int_equal(radio.state, RADIO_UNUSABLE);
    assert_int_equal(radio.condition.kind, CONDITION_NO_BLUETOOTH);
    transport->kind->close(transport);
}

static void sending_without_a_radio_says_what_is_missing(void **state) {
    (void)state;
    struct transport *transport = open_on(NO_ADAPTER);
    struct transport_radio radio = settled_radio(transport);
    const uint8_t frame[] = {1, 2, 3};
    assert_int_equal(transport->kind->send(transport, PEER_ALL, LANE_REST, frame, sizeof frame),
                     TRANSPORT_NO_ROUTE);
    struct transport_condition problem;
    transport->kind->problem(transport, &problem);
    assert_true(transport_condition_equal(&problem, &radio.condition));
    assert_int_equal(
        transport->kind->send(transport, 0x00aa01020304, LANE_REST, frame, sizeof frame),
        TRANSPORT_NO_ROUTE);
    transport->kind->problem(transport, &problem);
    assert_int_equal(problem.kind, CONDITION_NO_PEER_LINK);
    assert_int_equal(
        transport->kind->relay(transport, 0x00aa01020304, LANE_REST, frame, sizeof frame),
        TRANSPORT_OK); /* nobody else is there to hear it */
    assert_int_equal(transport->kind->quality(transport, 0x00aa01020304),
                     TRANSPORT_QUALITY_UNKNOWN);
    assert_int_equal(transport->kind->quality(transport, 0), TRANSPORT_QUALITY_UNKNOWN);
    transport->kind->close(transport);
}

static void what_is_no_frame_is_not_sent(void **state) {
    (void)state;
    struct transport *transport = open_on(NO_ADAPTER);
    static const uint8_t frame[TRANSPORT_FRAME_MAX + 1] = {1};
    static const uint8_t control[] = {0, 1};
    assert_int_equal(transport->kind->send(transport, PEER_ALL, LANE_REST, frame, sizeof frame),
                     TRANSPORT_TOO_LONG);
    assert_int_equal(transport->kind->send(transport, PEER_ALL, LANE_REST, control, sizeof control),
                     TRANSPORT_FAILED);
    assert_int_equal(transport->kind->relay(transport, 1, LANE_REST, control, sizeof control),
                     TRANSPORT_FAILED);
    assert_int_equal(transport->kind->send(transport, PEER_ALL, LANE_REST, frame, 0),
                     TRANSPORT_FAILED);
    transport->kind->close(transport);
}

static void every_mode_can_follow_every_other(void **state) {
    (void)state;
    static const enum transport_mode modes[] = {TRANSPORT_OFF,  TRANSPORT_SEEKS,  TRANSPORT_SILENT,
                                                TRANSPORT_OFF,  TRANSPORT_SILENT, TRANSPORT_SEEKS,
                                                TRANSPORT_SEEKS};
    const uint8_t frame[] = {1};
    struct transport *transport = open_on(NO_ADAPTER);
    (void)settled_radio(transport);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        transport->kind->set_mode(transport, modes[i]);
        /* In airplane mode it is meant that nobody hears it. */
        assert_int_equal(transport->kind->send(transport, PEER_ALL, LANE_REST, frame, sizeof frame),
                         modes[i] == TRANSPORT_OFF ? TRANSPORT_OK : TRANSPORT_NO_ROUTE);
        assert_int_equal(settled_radio(transport).state, RADIO_UNUSABLE);
    }
    transport->kind->close(transport);
}

static size_t open_descriptors(void) {
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    size_t count = 0;
    while (readdir(folder) != NULL) {
        count++;
    }
    closedir(folder);
    return count;
}

static void closing_leaves_no_descriptor_behind(void **state) {
    (void)state;
    size_t before = open_descriptors();
    for (int i = 0; i < 10; i++) {
        struct transport *transport = open_on(NO_ADAPTER);
        assert_true(open_descriptors() > before);
        (void)settled_radio(transport);
        transport->kind->close(transport);
    }
    assert_int_equal(open_descriptors(), before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_an_adapters_name_is_refused),
        cmocka_unit_test(missing_radio_is_not_a_failure_and_reported_once),
        cmocka_unit_test(every_named_adapter_is_shown_and_no_more_than_there_is_room_for),
        cmocka_unit_test(machine_without_bluetooth_says_so_by_itself),
        cmocka_unit_test(sending_without_a_radio_says_what_is_missing),
        cmocka_unit_test(what_is_no_frame_is_not_sent),
        cmocka_unit_test(every_mode_can_follow_every_other),
        cmocka_unit_test(closing_leaves_no_descriptor_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
