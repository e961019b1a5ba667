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
    assert_true(interfaces_read(filter, &found));
    for (size_t i = 0; i < found.count; i++) {
        if (strcmp(found.list[i].name, name) == 0) {
            return true;
        }
    }
    return false;
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wifi_direct_group_is_no_network_like_others)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
