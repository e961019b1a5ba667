/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rule of transport/wifi_direct/p2p.h at one handset, where others do not do what is expected
 * of them, and where something comes in between a command and its reply. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "transport/wifi_direct/p2p_state.h"

#define OWN    "42:00:00:00:05:00"
#define FIRST  "42:00:00:00:01:00"
#define SECOND "42:00:00:00:02:00"
#define THIRD  "42:00:00:00:03:00"

enum {
    SAID_SIZE = 65536,
};

/* A handset, and the commands that it has given, a line each. */
static struct {
    struct p2p *p2p;
    int64_t now_ms;
    const char *peer_reply; /* to P2P_PEER */
    char said[SAID_SIZE];
} me;

static unsigned said(const char *begin) {
    unsigned count = 0;
    for (const char *at = me.said; (at = strstr(at, begin)) != NULL; at++) {
        count += at == me.said || at[-1] == '\n';
    }
    return count;
}

static void note(const char *line) {
    size_t length = strlen(me.said);
    assert_true(length + strlen(line) + 2 <= sizeof me.said);
    snprintf(me.said + length, sizeof me.said - length, "%s\n", line);
}

static const char *reply_to(const char *command) {
    if (strcmp(command, "STATUS") == 0) {
        return "wpa_state=DISCONNECTED\np2p_device_address=" OWN "\n";
    }
    return strncmp(command, "P2P_PEER", 8) == 0 ? me.peer_reply : "OK\n";
}

/* Takes commands and replies to them, up to one that begins with `unanswered` (NULL: all). */
static void take_up_to(const char *unanswered) {
    struct p2p_action action;
    while (p2p_take(me.p2p, me.now_ms, &action)) {
        if (action.deed == P2P_GROUP_UP || action.deed == P2P_GROUP_DOWN) {
            continue;
        }
        note(action.line);
        if (unanswered != NULL && strncmp(action.line, unanswered, strlen(unanswered)) == 0) {
            return;
        }
        p2p_reply(me.p2p, me.now_ms, reply_to(action.line));
        p2p_group_reply(me.p2p, me.now_ms, "OK\n");
    }
}

static void go_on(int64_t for_ms) {
    for (int64_t end_ms = me.now_ms + for_ms; me.now_ms < end_ms; me.now_ms += 100) {
        take_up_to(NULL);
    }
}

static void hear(const char *line) {
    p2p_event(me.p2p, me.now_ms, line);
}

static struct p2p_status look(void) {
    struct p2p_status status;
    p2p_look(me.p2p, me.now_ms, &status);
    return status;
}

static int begin(void **state) {
    (void)state;
    memset(&me, 0, sizeof me);
    me.p2p = p2p_new(1);
    me.peer_reply = "FAIL\n";
    assert_non_null(me.p2p);
    p2p_up(me.p2p, 0);
    take_up_to(NULL);
    me.said[0] = '\0';
    return 0;
}

static int end(void **state) {
    (void)state;
    p2p_free(me.p2p);
    return 0;
}

static void own_a_group(void) {
    hear("P2P-GROUP-STARTED p2p-wlan0-0 GO ssid=\"DIRECT-xy\" go_dev_addr=" OWN);
    take_up_to(NULL);
    me.said[0] = '\0';
}

/* --- An owner and those that join ------------------------------------------------------------- */

static void owner_lets_in_one_at_a_time(void **state) {
    (void)state;
    own_a_group();
    hear("P2P-PROV-DISC-PBC-REQ " FIRST " p2p_dev_addr=" FIRST " name='Muster 0100'");
    hear("P2P-PROV-DISC-PBC-REQ " SECOND " p2p_dev_addr=" SECOND " name='Muster 0200'");
    hear("P2P-PROV-DISC-PBC-REQ " THIRD " p2p_dev_addr=" THIRD " name='Muster 0300'");
    go_on(P2P_LET_IN_MS / 2);
    assert_int_equal(said("WPS_PBC"), 1);
    assert_int_equal(said("WPS_PBC p2p_dev_addr=" FIRST), 1);
    hear("AP-STA-CONNECTED " FIRST " p2p_dev_addr=" FIRST);
    take_up_to(NULL);
    assert_int_equal(said("WPS_PBC p2p_dev_addr=" SECOND), 1);
    go_on(P2P_LET_IN_MS);
    assert_int_equal(said("WPS_PBC"), 2);
    go_on(P2P_LET_IN_MS / 2); /* the second does not come */
    assert_int_equal(said("WPS_PBC"), 3);
    assert_int_equal(said("WPS_PBC p2p_dev_addr=" THIRD), 1);
}

static void member_that_goes_takes_no_other_with_it(void **state) {
    (void)state;
    own_a_group();
    hear("AP-STA-CONNECTED " FIRST " p2p_dev_addr=" FIRST);
    hear("AP-STA-CONNECTED " SECOND " p2p_dev_addr=" SECOND);
    for (int i = 0; i < 3 && said("STA " FIRST) == 0; i++) {
        take_up_to("STA " FIRST);
        if (said("STA " FIRST) == 0) {
            me.now_ms += P2P_SIGNAL_MS;
        }
    }
    assert_int_equal(said("STA " FIRST), 1);
    hear("AP-STA-DISCONNECTED " FIRST);
    p2p_group_reply(me.p2p, me.now_ms, "FAIL\n");
    assert_int_equal(look().peers, 1);
}

/* --- Others that are gone, or lie ------------------------------------------------------------- */

static void lost_owner_does_not_count_until_it_is_seen_again(void **state) {
    (void)state;
    for (int is_told = 0; is_told < 2; is_told++) {
        hear("P2P-DEVICE-FOUND " FIRST " p2p_dev_addr=" FIRST
             " name='Muster 0100' group_capab=0x1");
        hear("P2P-DEVICE-FOUND " THIRD " p2p_dev_addr=" THIRD
             " name='Muster 0300' group_capab=0x0");
        assert_int_equal(look().in_sight, 2);
        hear("P2P-GROUP-STARTED p2p-wlan0-0 client ssid=\"DIRECT-xy\" go_dev_addr=" FIRST);
        take_up_to(NULL);
        assert_int_equal(look().role, P2P_CLIENT);
        if (is_told) {
            hear("P2P-GROUP-REMOVED p2p-wlan0-0 client reason=GO_ENDING_SESSION");
        } else {
            p2p_group_event(me.p2p, me.now_ms, "CTRL-EVENT-DISCONNECTED bssid=" FIRST " reason=3");
        }
        me.now_ms += P2P_LOST_MS;
        take_up_to(NULL);
        assert_int_equal(look().role, P2P_ALONE);
        assert_int_equal(look().in_sight, 1);
        me.said[0] = '\0';
        go_on(P2P_SEEN_MS / 2);
        assert_int_equal(said("P2P_CONNECT " FIRST), 0);
    }
}

static void name_of_a_peer_is_no_field_of_the_reply(void **state) {
    (void)state;
    me.peer_reply = FIRST "\npri_dev_type=10-0050F204-5\ndevice_name=Muster persistent=7\n"
                          "manufacturer=a persistent=8\ngroup_capab=0x0\n";
    hear("P2P-DEVICE-FOUND " FIRST " p2p_dev_addr=" FIRST " name='Muster persistent=7'");
    go_on(2 * P2P_GRACE_MS);
    assert_true(said("P2P_PEER " FIRST) > 0);
    assert_int_equal(said("P2P_INVITE"), 0);
    assert_true(said("P2P_CONNECT " FIRST) > 0);
}

static void name_of_a_group_is_no_field_of_an_event(void **state) {
    (void)state;
    hear("P2P-GROUP-STARTED p2p-wlan0-0 client ssid=\"\\\" go_dev_addr=" SECOND
         "\" freq=2412 passphrase=\"a b\" go_dev_addr=" FIRST " [PERSISTENT]");
    assert_int_equal(look().role, P2P_CLIENT);
    assert_string_equal(look().name, "Muster 0100");
}

/* It asks for a group again and again, and never comes. */
static void who_asks_and_never_comes_leaves_time_for_others(void **state) {
    (void)state;
    unsigned free_seconds = 0;
    me.peer_reply = FIRST "\ndevice_name=Muster 0100\n";
    for (int i = 0; i < 10 * 60; i++) {
        hear("P2P-GO-NEG-REQUEST " FIRST " dev_passwd_id=4 go_intent=15");
        go_on(1000);
        free_seconds += me.p2p->attempt == TRIES_NOTHING;
    }
    assert_true(said("P2P_CONNECT " FIRST) > 1);
    print_message("nothing was tried with it in %u of 600 s\n", free_seconds);
    assert_true(free_seconds > 300);
}

/* How long it is not asked at most, of ten failures in a row, in milliseconds. */
static int64_t longest_wait(void) {
    int64_t longest = 0, since_ms = me.now_ms;
    for (unsigned failures = 0; failures < 10 && me.now_ms - since_ms < 600 * 1000;) {
        hear("P2P-DEVICE-FOUND " FIRST " p2p_dev_addr=" FIRST
             " name='Muster 0100' group_capab=0x1");
        go_on(1000);
        if (said("P2P_CONNECT " FIRST " pbc persistent join") == 0) {
            continue;
        }
        longest = me.now_ms - since_ms > longest ? me.now_ms - since_ms : longest;
        since_ms = me.now_ms;
        failures++;
        hear("P2P-GROUP-FORMATION-FAILURE");
        me.said[0] = '\0';
    }
    return longest;
}

/* A group that ended early counts as a failure, and so does each attempt that follows while the air
 * is bad: a talk waits for this handset all the same. */
static void who_was_in_the_same_group_is_asked_again_soon(void **state) {
    (void)state;
    int64_t stranger_ms = longest_wait();
    p2p_down(me.p2p, me.now_ms);
    p2p_up(me.p2p, me.now_ms);
    take_up_to(NULL);
    hear("P2P-DEVICE-FOUND " FIRST " p2p_dev_addr=" FIRST " name='Muster 0100' group_capab=0x1");
    go_on(2000);
    hear("P2P-GROUP-STARTED p2p-wlan0-0 client ssid=\"DIRECT-xy\" go_dev_addr=" FIRST);
    take_up_to(NULL);
    assert_int_equal(look().role, P2P_CLIENT);
    hear("P2P-GROUP-REMOVED p2p-wlan0-0 client reason=GO_ENDING_SESSION");
    me.said[0] = '\0';
    int64_t known_ms = longest_wait();
    print_message("at most %.1f s for one it knows, %.1f s for a stranger\n",
                  (double)known_ms / 1e3, (double)stranger_ms / 1e3);
    assert_true(known_ms <= 2 * P2P_BACKOFF_KNOWN_MAX_MS + 3000);
    assert_true(stranger_ms > P2P_BACKOFF_MAX_MS);
}

/* It has agreed on a group, and of that no event came. */
static void a_group_that_it_was_not_told_of_is_left(void **state) {
    (void)state;
    hear("P2P-DEVICE-FOUND " FIRST " p2p_dev_addr=" FIRST " name='Muster 0100' group_capab=0x1");
    go_on(20 * 1000);
    assert_true(said("P2P_CONNECT " FIRST) > 0);
    hear("P2P-GROUP-FORMATION-FAILURE");
    me.said[0] = '\0';
    go_on(20 * 1000);
    assert_true(said("P2P_GROUP_REMOVE *") > 0);
    own_a_group();
    go_on(60 * 1000);
    assert_int_equal(said("P2P_GROUP_REMOVE"), 0); /* of one that it knows nothing is left */
}

/* --- Modes ------------------------------------------------------------------------------------ */

static void group_that_is_about_to_be_left_is_left_in_every_mode(void **state) {
    (void)state;
    static const enum transport_mode modes[] = {TRANSPORT_SILENT, TRANSPORT_OFF};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        own_a_group();
        hear("P2P-GROUP-STARTED p2p-wlan0-1 client ssid=\"DIRECT-ab\" go_dev_addr=" FIRST);
        p2p_set_mode(me.p2p, me.now_ms, modes[i]);
        take_up_to(NULL);
        assert_int_equal(said("P2P_GROUP_REMOVE p2p-wlan0-1"), 1);
        p2p_set_mode(me.p2p, me.now_ms, TRANSPORT_SEEKS);
        hear("P2P-GROUP-REMOVED p2p-wlan0-0 GO reason=REQUESTED");
        me.said[0] = '\0';
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(owner_lets_in_one_at_a_time, begin, end),
        cmocka_unit_test_setup_teardown(member_that_goes_takes_no_other_with_it, begin, end),
        cmocka_unit_test_setup_teardown(lost_owner_does_not_count_until_it_is_seen_again, begin,
                                        end),
        cmocka_unit_test_setup_teardown(name_of_a_peer_is_no_field_of_the_reply, begin, end),
        cmocka_unit_test_setup_teardown(name_of_a_group_is_no_field_of_an_event, begin, end),
        cmocka_unit_test_setup_teardown(a_group_that_it_was_not_told_of_is_left, begin, end),
        cmocka_unit_test_setup_teardown(who_was_in_the_same_group_is_asked_again_soon, begin, end),
        cmocka_unit_test_setup_teardown(who_asks_and_never_comes_leaves_time_for_others, begin,
                                        end),
        cmocka_unit_test_setup_teardown(group_that_is_about_to_be_left_is_left_in_every_mode, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
