/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which interfaces are taken, in a network of the test's own. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "transport/interfaces.h"

static bool has(const char *filter, const char *name) {
    struct interfaces found;
    bool has_it = false;
    assert_true(interfaces_read(filter, &found));
    for (size_t i = 0; i < found.count; i++) {
        has_it = has_it || strcmp(found.list[i].name, name) == 0;
    }
    interfaces_free(&found);
    return has_it;
}

static void wait_for(const char *filter, const char *name) {
    for (int i = 0; i < 500 && !has(filter, name); i++) {
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    assert_true(has(filter, name));
}

static void a_wifi_direct_group_is_no_network_like_others(void **state) {
    (void)state;
    if (unshare(CLONE_NEWNET) != 0 ||
        system("ip link add eth7 type veth peer name p2p-wlan7-0 2>/dev/null") != 0) {
        skip();
    }
    assert_int_equal(system("ip link set eth7 up && ip link set p2p-wlan7-0 up && "
                            "ip address add 10.7.0.1/24 dev eth7 && "
                            "ip address add 10.7.0.2/24 dev p2p-wlan7-0"),
                     0);
    wait_for(NULL, "eth7");
    wait_for("p2p-wlan7-0", "p2p-wlan7-0");
    assert_false(has(NULL, "p2p-wlan7-0"));
}

static void hardware_with_carrier_comes_first_and_bridges_last(void **state) {
    (void)state;
    const struct link_facts all[] = {
        {1, 0, ""},       {2, 0, "vlan"}, {3, 0, "veth"},   {4, 0, "tun"},
        {5, 0, "bridge"}, {6, 5, "veth"}, {7, 0, "bridge"}, {8, 7, ""},
    };
    enum {
        COUNT = sizeof all / sizeof all[0]
    };
    static const enum interface_rank with_carrier[] = {
        RANK_HARDWARE, RANK_ON_HARDWARE, RANK_VIRTUAL,  RANK_TUNNEL,
        RANK_BRIDGE,   RANK_PORT,        RANK_HARDWARE, RANK_PORT,
    };
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(interfaces_rank(&all[i], true, all, COUNT), with_carrier[i]);
        assert_true(interfaces_rank(&all[i], false, all, COUNT) > RANK_BRIDGE);
    }
    struct interface list[] = {
        {.index = 4, .rank = RANK_BRIDGE, .has_ipv4 = true},
        {.index = 3, .rank = RANK_VIRTUAL},
        {.index = 9, .rank = RANK_VIRTUAL, .has_ipv4 = true},
        {.index = 7, .rank = RANK_VIRTUAL, .has_ipv4 = true},
        {.index = 8, .rank = RANK_HARDWARE},
    };
    static const unsigned order[] = {8, 7, 9, 3, 4};
    interfaces_order(list, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(list[i].index, order[i]);
    }
}

/* Bridges that nothing is attached to came before the network that the others are on. */
static void what_there_is_no_room_for_is_the_least_likely_and_named(void **state) {
    (void)state;
    if (unshare(CLONE_NEWNET) != 0 ||
        system("ip link add eth8 type veth peer name eth9 2>/dev/null && "
               "ip link add br-0 type bridge 2>/dev/null") != 0) {
        skip();
    }
    assert_int_equal(system("ip link del eth8; for i in $(seq 0 24); do "
                            "[ $i = 0 ] || ip link add br-$i type bridge; ip link set br-$i up; "
                            "ip address add 172.16.$i.1/24 dev br-$i; done; "
                            "ip link add eth8 type veth peer name eth9; ip link set eth8 up; "
                            "ip link set eth9 up; ip address add 10.7.0.1/24 dev eth9"),
                     0);
    wait_for(NULL, "eth9");
    struct interfaces found;
    assert_true(interfaces_read(NULL, &found));
    assert_int_equal(found.count, INTERFACES_MAX);
    assert_true(found.left_out >= 25 + 1 - INTERFACES_MAX);
    assert_memory_equal(found.left_out_names[0], "br-", 3);
    assert_string_equal(found.list[0].name, "eth9");
    interfaces_free(&found);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wifi_direct_group_is_no_network_like_others),
        cmocka_unit_test(hardware_with_carrier_comes_first_and_bridges_last),
        cmocka_unit_test(what_there_is_no_room_for_is_the_least_likely_and_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
