/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rights are given up for good (app/programs/permission.h), each time in a process of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/programs/permission.h"

enum {
    NOBODY = 65534
};

static bool holds_net_admin(cap_flag_t flag) {
    cap_flag_value_t value = CAP_CLEAR;
    cap_t now = cap_get_proc();
    if (now != NULL) {
        (void)cap_get_flag(now, CAP_NET_ADMIN, flag, &value);
    }
    (void)cap_free(now);
    return value == CAP_SET;
}

/* An ordinary user whose program's file gave it the right. */
static bool become_ordinary_with_the_right(void) {
    cap_t right = cap_from_text("cap_net_admin=ep");
    bool done = prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 && setgid(NOBODY) == 0 &&
                setuid(NOBODY) == 0 && right != NULL && cap_set_proc(right) == 0;
    (void)cap_free(right);
    return done && holds_net_admin(CAP_PERMITTED) && holds_net_admin(CAP_EFFECTIVE);
}

static bool take_back(void) {
    cap_t right = cap_from_text("cap_net_admin=ep");
    bool done = right != NULL && cap_set_proc(right) == 0;
    (void)cap_free(right);
    return done;
}

static bool ordinary_keeps_nothing(void) {
    struct error error;
    return become_ordinary_with_the_right() && permission_give_up(&error) == STATUS_OK &&
           !holds_net_admin(CAP_PERMITTED) && !holds_net_admin(CAP_EFFECTIVE) && !take_back() &&
           prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static bool root_keeps_its_rights(void) {
    struct error error;
    bool before = holds_net_admin(CAP_PERMITTED);
    return permission_give_up(&error) == STATUS_OK && holds_net_admin(CAP_PERMITTED) == before &&
           prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0;
}

static void assert_in_a_process(bool (*proof)(void)) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        _exit(proof() ? 0 : 1);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void an_ordinary_user_keeps_no_right_and_gets_none_back(void **state) {
    (void)state;
    if (geteuid() != 0 || !holds_net_admin(CAP_PERMITTED)) {
        skip(); /* nobody here can give it */
    }
    assert_in_a_process(ordinary_keeps_nothing);
}

static void root_keeps_what_it_has(void **state) {
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    assert_in_a_process(root_keeps_its_rights);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ordinary_user_keeps_no_right_and_gets_none_back),
        cmocka_unit_test(root_keeps_what_it_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
