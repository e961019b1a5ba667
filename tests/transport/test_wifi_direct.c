/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transport/wifi_direct against a control socket of the test's own (control.h), with the loopback
 * interface as the group's. Waiting is by poll, with a bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "condition_text.h"
#include "control.h"
#include "transport/udp.h"
#include "transport/wifi_direct/situation.h"
#include "transport/wifi_direct/wifi_direct.h"

enum {
    TURN_MS = 20,
    TURNS_MAX = 750
};

static struct control control;
static struct transport *wifi;
static char all_news[4096];
static unsigned problems; /* among them */
static size_t frames;
static uint64_t last_peer;

static uint16_t test_port(void) {
    return (uint16_t)(10000 + 2 * (getpid() % 10000));
}

static void open_wifi(const char *interface, const char *folder) {
    struct transport_condition problem;
    struct wifi_direct_options options = {
        .interface = interface, .folder = folder, .port = test_port()};
    all_news[0] = '\0';
    problems = 0;
    frames = 0;
    if (wifi_direct_open(&options, &wifi, &problem) != TRANSPORT_OK) {
        fail_msg("wifi_direct_open: %s", condition_text(&problem));
    }
}

static void close_wifi(void) {
    wifi->kind->close(wifi);
}

static void remember(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    (void)context, (void)frame, (void)length;
    frames++;
    last_peer = peer;
}

static void take_news(void) {
    struct transport_condition news;
    while (wifi->kind->news(wifi, &news)) {
        problems += transport_condition_is_problem(news.kind);
        strncat(all_news, condition_text(&news), sizeof all_news - strlen(all_news) - 2);
        strcat(all_news, "\n");
    }
}

/* Serves and receives once, after at most TURN_MS. */
static void turn(void) {
    struct pollfd wait[2] = {{.fd = control.descriptor, .events = POLLIN}, {.events = POLLIN}};
    assert_int_equal(wifi->kind->descriptors(wifi, &wait[1].fd), 1);
    poll(wait, 2, TURN_MS);
    control_serve(&control);
    assert_int_equal(wifi->kind->receive(wifi, remember, NULL), TRANSPORT_OK);
    take_news();
}

static struct transport_radio radio(void) {
    struct transport_radio radios[2];
    assert_int_equal(wifi->kind->radios(wifi, radios, 2), 1);
    return radios[0];
}

static void until_state(enum radio_state state) {
    for (int i = 0; i < TURNS_MAX && radio().state != state; i++) {
        turn();
    }
    assert_int_equal(radio().state, state);
}

/* What the radio reports (condition_text.h). */
static const char *reported(void) {
    struct transport_radio now = radio();
    return condition_text(&now.condition);
}

static void until_reported(const char *expected) {
    for (int i = 0; i < TURNS_MAX && strcmp(reported(), expected) != 0; i++) {
        turn();
    }
    assert_string_equal(reported(), expected);
}

static void until_heard(const char *command) {
    for (int i = 0; i < TURNS_MAX && !control_heard(&control, command); i++) {
        turn();
    }
    if (!control_heard(&control, command)) {
        fail_msg("\"%s\" was not heard", command);
    }
}

static void until_news(const char *part) {
    for (int i = 0; i < TURNS_MAX && strstr(all_news, part) == NULL; i++) {
        turn();
    }
    if (strstr(all_news, part) == NULL) {
        fail_msg("no news of \"%s\"", part);
    }
}

static enum transport_result send_to(uint64_t peer) {
    return wifi->kind->send(wifi, peer, LANE_REST, (const uint8_t *)"x", 1);
}

static void open_both(void) {
    control_open(&control, "p2p-dev-wlan9");
    open_wifi(NULL, control.folder);
    until_state(RADIO_ON);
    until_heard("P2P_FIND");
}

static void close_both(void) {
    close_wifi();
    control_close(&control);
}

/* --- What is missing ------------------------------------------------------------------------ */

static void missing(const char *interface, const char *folder, enum transport_condition_kind kind) {
    open_wifi(interface, folder);
    take_news();
    assert_int_equal(radio().state, RADIO_UNUSABLE);
    assert_int_equal(radio().condition.kind, kind);
    assert_int_equal(problems, 1);
    assert_non_null(strstr(all_news, transport_condition_name(kind)));
    assert_int_equal(send_to(PEER_ALL), TRANSPORT_NO_ROUTE);
    struct transport_condition problem;
    wifi->kind->problem(wifi, &problem);
    assert_int_equal(problem.kind, kind);
    assert_string_equal(problem.object, interface == NULL ? problem.object : interface);
    close_wifi();
}

static void missing_supplicant_is_not_a_failure_but_reported(void **state) {
    (void)state;
    missing(NULL, "/tmp/no-such-folder", CONDITION_NO_SUPPLICANT);
    missing("lo", "/tmp/no-such-folder", CONDITION_NO_SUPPLICANT);
}

static void missing_interface_is_reported(void **state) {
    (void)state;
    missing("nosuch0", "/tmp/no-such-folder", CONDITION_NO_SUCH_RADIO);
}

static void interface_that_is_not_served_is_reported(void **state) {
    (void)state;
    control_open(&control, "wlan9");
    missing("lo", control.folder, CONDITION_RADIO_NOT_SERVED);
    control_close(&control);
}

static void socket_that_is_left_over_is_no_supplicant(void **state) {
    (void)state;
    control_open(&control, "wlan9");
    close(control.descriptor);
    missing(NULL, control.folder, CONDITION_NO_SUPPLICANT);
    control_appear((unlink(control.path), &control));
    control_close(&control);
}

static void missing_permission_is_reported(void **state) {
    (void)state;
    control_open(&control, "wlan9");
    assert_int_equal(chmod(control.folder, 0700), 0);
    bool is_root = geteuid() == 0;
    if (is_root) {
        assert_int_equal(seteuid(65534), 0);
    } else {
        assert_int_equal(chmod(control.folder, 0), 0);
    }
    missing(NULL, control.folder, CONDITION_SUPPLICANT_FORBIDDEN);
    if (is_root) {
        assert_int_equal(seteuid(0), 0);
    }
    assert_int_equal(chmod(control.folder, 0755), 0);
    if (is_root) {
        assert_int_equal(chmod(control.path, 0700), 0);
        assert_int_equal(seteuid(65534), 0);
        missing(NULL, control.folder, CONDITION_SUPPLICANT_FORBIDDEN);
        assert_int_equal(seteuid(0), 0);
    }
    control_close(&control);
}

static void radio_without_p2p_device_is_reported(void **state) {
    (void)state;
    control_open(&control, "wlan9");
    control.has_no_device = true;
    open_wifi(NULL, control.folder);
    until_reported("no-p2p-device");
    control.has_no_device = false; /* another driver, say */
    until_state(RADIO_ON);
    until_news("radio-back wlan9");
    close_both();
}

static void radio_that_refuses_is_reported(void **state) {
    (void)state;
    control_open(&control, "wlan9");
    control.refuses = true;
    open_wifi(NULL, control.folder);
    until_state(RADIO_UNUSABLE);
    assert_int_equal(radio().condition.kind, CONDITION_RADIO_NOT_SEEKING);
    close_both();
}

static void supplicant_that_does_not_answer_is_reported_and_left(void **state) {
    (void)state;
    control_open(&control, "wlan9");
    control.is_mute = true;
    open_wifi(NULL, control.folder);
    assert_int_equal(radio().state, RADIO_STARTING);
    until_reported("supplicant-mute");
    control.is_mute = false;
    until_state(RADIO_ON);
    close_both();
}

static void wrong_names_are_refused(void **state) {
    (void)state;
    static const struct wifi_direct_options wrong[] = {
        {.interface = ""},
        {.interface = "a/b"},
        {.interface = "longer-than-names-are"},
        {.folder = ""},
        {.folder = "/a/folder/whose/name/is/so/long/that/no/control/socket/in/it/could/be/opened/"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct transport_condition problem;
        assert_int_equal(wifi_direct_open(&wrong[i], &wifi, &problem), TRANSPORT_FAILED);
        assert_null(wifi);
        assert_int_equal(problem.kind, wrong[i].interface != NULL
                                           ? CONDITION_NOT_INTERFACE_NAME
                                           : CONDITION_NOT_SUPPLICANT_FOLDER);
    }
}

static void blocked_radio_is_recognised_by_its_switch(void **state) {
    (void)state;
    char folder[] = "/tmp/muster-rfkill-XXXXXX", path[80];
    assert_non_null(mkdtemp(folder));
    assert_int_equal(situation_of_switches(folder, SITUATION_REFUSED), SITUATION_REFUSED);
    static const char *const files[][2] = {{"type", "wlan\n"}, {"soft", "1\n"}, {"hard", "0\n"}};
    snprintf(path, sizeof path, "%s/rfkill0", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/rfkill0/%s", folder, files[i][0]);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(files[i][1], file);
        fclose(file);
    }
    assert_int_equal(situation_of_switches(folder, SITUATION_REFUSED), SITUATION_BLOCKED);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("1\n", file);
    fclose(file);
    assert_int_equal(situation_of_switches(folder, SITUATION_REFUSED), SITUATION_SWITCHED_OFF);
    const struct transport_condition blocked = situation_condition(SITUATION_BLOCKED, "wlan0");
    assert_string_equal(condition_text(&blocked), "radio-blocked wlan0");
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/rfkill0/%s", folder, files[i][0]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/rfkill0", folder);
    rmdir(path);
    rmdir(folder);
}

/* --- With a supplicant ---------------------------------------------------------------------- */

static void being_alone_is_not_a_fault(void **state) {
    (void)state;
    open_both();
    assert_true(control_heard(&control, "SET device_name Muster 0100"));
    assert_string_equal(radio().name, "wlan9");
    assert_string_equal(reported(), "seeking");
    assert_int_equal(radio().peers, 0);
    assert_int_equal(send_to(PEER_ALL), TRANSPORT_OK);
    assert_int_equal(send_to(7), TRANSPORT_NO_ROUTE);
    assert_string_equal(all_news, "");
    close_both();
}

static void frames_pass_over_the_group_and_peers_of_the_last_one_are_not_mistaken(void **state) {
    (void)state;
    open_both();
    struct transport_condition problem;
    struct transport *other;
    struct udp_options options = {.interface = "lo", .port = test_port()};
    assert_int_equal(udp_open(&options, &other, &problem), TRANSPORT_OK);
    control_say(&control, "<3>P2P-GROUP-STARTED lo GO ssid=\"DIRECT-xy\" [PERSISTENT]");
    until_news("group-owner");
    assert_int_equal(send_to(PEER_ALL), TRANSPORT_OK);
    for (int i = 0; i < TURNS_MAX && frames == 0; i++) {
        other->kind->send(other, PEER_ALL, LANE_REST, (const uint8_t *)"y", 1);
        turn();
    }
    assert_int_not_equal(frames, 0);
    uint64_t first = last_peer;
    assert_true(first >> 56 == 0);
    assert_int_equal(send_to(first), TRANSPORT_OK);
    control_say(&control, "<3>AP-STA-CONNECTED 46:00:00:00:02:00 p2p_dev_addr=42:00:00:00:02:00");
    until_reported("group-owner 1");
    assert_int_equal(radio().peers, 1);

    control_say(&control, "<3>P2P-GROUP-REMOVED lo GO reason=REQUESTED");
    until_news("group-ended");
    assert_int_equal(send_to(first), TRANSPORT_NO_ROUTE);
    control_say(&control, "<3>P2P-GROUP-STARTED lo GO ssid=\"DIRECT-xy\" [PERSISTENT]");
    until_reported("group-owner");
    assert_int_equal(send_to(first), TRANSPORT_NO_ROUTE);
    frames = 0;
    for (int i = 0; i < TURNS_MAX && frames == 0; i++) {
        other->kind->send(other, PEER_ALL, LANE_REST, (const uint8_t *)"y", 1);
        turn();
    }
    assert_true(last_peer != first && last_peer >> 56 == 0);
    assert_int_equal(send_to(last_peer), TRANSPORT_OK);
    assert_int_equal(send_to(first), TRANSPORT_NO_ROUTE);
    other->kind->close(other);
    close_both();
}

static void modes_are_carried_out(void **state) {
    (void)state;
    open_both();
    control_say(&control, "<3>P2P-GROUP-STARTED lo GO ssid=\"DIRECT-xy\"");
    until_reported("group-owner");
    wifi->kind->set_mode(wifi, TRANSPORT_SILENT);
    until_heard("P2P_STOP_FIND");
    assert_false(control_heard(&control, "P2P_GROUP_REMOVE lo"));
    assert_int_equal(radio().state, RADIO_ON);
    wifi->kind->set_mode(wifi, TRANSPORT_OFF);
    until_heard("P2P_GROUP_REMOVE lo");
    assert_int_equal(radio().state, RADIO_OFF);
    assert_int_equal(send_to(PEER_ALL), TRANSPORT_NO_ROUTE);
    struct transport_condition problem;
    wifi->kind->problem(wifi, &problem);
    assert_int_equal(problem.kind, CONDITION_AIRPLANE_MODE);
    control.used = 0;
    memset(control.heard, 0, sizeof control.heard);
    wifi->kind->set_mode(wifi, TRANSPORT_SEEKS);
    until_heard("P2P_FIND");
    assert_int_equal(radio().state, RADIO_ON);
    close_both();
}

static void closing_leaves_the_group_without_waiting(void **state) {
    (void)state;
    open_both();
    control_say(&control, "<3>P2P-GROUP-STARTED lo GO ssid=\"DIRECT-xy\"");
    until_reported("group-owner");
    control.is_mute = true; /* nor will anybody answer */
    close_wifi();
    for (int i = 0; i < 20; i++) {
        control_serve(&control);
    }
    assert_true(control_heard(&control, "P2P_GROUP_REMOVE lo"));
    assert_true(control_heard(&control, "P2P_STOP_FIND"));
    control_close(&control);
}

static void supplicant_that_goes_comes_back(void **state) {
    (void)state;
    open_both();
    control_say(&control, "<3>P2P-GROUP-STARTED lo GO ssid=\"DIRECT-xy\"");
    until_reported("group-owner");
    control_say(&control, "<3>CTRL-EVENT-TERMINATING ");
    control_vanish(&control);
    control.descriptor = -1;
    until_state(RADIO_UNUSABLE);
    assert_non_null(strstr(all_news, "group-ended"));
    assert_non_null(strstr(all_news, "no-supplicant"));
    control_appear(&control);
    until_state(RADIO_ON);
    assert_non_null(strstr(all_news, "radio-back"));
    control_vanish(&control); /* this time without a word */
    control.descriptor = -1;
    until_state(RADIO_UNUSABLE);
    control_appear(&control);
    until_state(RADIO_ON);
    close_both();
}

static void garbage_does_no_harm(void **state) {
    (void)state;
    unsigned seed = (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srand(seed);
    open_both();
    static const char *const beginnings[] = {
        "", "<", "<3>", "<3>P2P-GROUP-STARTED ", "<3>P2P-DEVICE-FOUND ", "OK", "\n", "<3>AP-STA-"};
    for (int i = 0; i < 1000; i++) {
        char line[6000] = "";
        strcpy(line, beginnings[rand() % 8]);
        size_t length = (size_t)rand() % (rand() % 10 == 0 ? 5000 : 60);
        for (size_t k = strlen(line); k < length; k++) {
            line[k] = (char)(rand() % 255 + 1);
        }
        control_say(&control, line);
        control.answers_garbage = rand() % 3 == 0;
        turn();
    }
    control.answers_garbage = false;
    until_state(RADIO_ON);
    close_both();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_supplicant_is_not_a_failure_but_reported),
        cmocka_unit_test(missing_interface_is_reported),
        cmocka_unit_test(interface_that_is_not_served_is_reported),
        cmocka_unit_test(socket_that_is_left_over_is_no_supplicant),
        cmocka_unit_test(missing_permission_is_reported),
        cmocka_unit_test(radio_without_p2p_device_is_reported),
        cmocka_unit_test(radio_that_refuses_is_reported),
        cmocka_unit_test(supplicant_that_does_not_answer_is_reported_and_left),
        cmocka_unit_test(wrong_names_are_refused),
        cmocka_unit_test(blocked_radio_is_recognised_by_its_switch),
        cmocka_unit_test(being_alone_is_not_a_fault),
        cmocka_unit_test(frames_pass_over_the_group_and_peers_of_the_last_one_are_not_mistaken),
        cmocka_unit_test(modes_are_carried_out),
        cmocka_unit_test(closing_leaves_the_group_without_waiting),
        cmocka_unit_test(supplicant_that_goes_comes_back),
        cmocka_unit_test(garbage_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
