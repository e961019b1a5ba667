/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rights are given up for good (app/programs/permission.h), each time in a process of its own. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/programs/permission.h"

enum {
    NOBODY = 65534,
    OTHER = 64001 /* a user, and a group, that nobody has */
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

static bool holds(cap_value_t capability) {
    cap_flag_value_t value = CAP_CLEAR;
    cap_t now = cap_get_proc();
    (void)cap_get_flag(now, capability, CAP_PERMITTED, &value);
    (void)cap_free(now);
    return value == CAP_SET;
}

/* How many but that one, and CAP_IPC_LOCK where memory could not be locked without it. */
static int count_others(cap_value_t allowed) {
    struct rlimit limit;
    bool may_lock = getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
    int count = 0;
    for (cap_value_t each = 0; each < cap_max_bits(); each++) {
        count += holds(each) && each != allowed && !(may_lock && each == CAP_IPC_LOCK);
    }
    return count;
}

static bool root_keeps_files_alone(void) {
    struct error error;
    return permission_give_up(&error) == STATUS_OK && count_others(CAP_DAC_OVERRIDE) == 0 &&
           holds(CAP_DAC_OVERRIDE) && !take_back() && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static char folder[] = "/tmp/muster-permission-XXXXXX";
static const char *const no_devices[] = {NULL};

static bool give_up_for_store(uid_t owner_of_folder, uid_t owner_of_store) {
    char store[sizeof folder + 8];
    struct error error;
    snprintf(store, sizeof store, "%s/store", folder);
    (void)unlink(store);
    int file = owner_of_store == (uid_t)-1 ? -1 : open(store, O_WRONLY | O_CREAT, 0600);
    bool is_made = chown(folder, owner_of_folder, owner_of_folder) == 0 &&
                   (file < 0 || fchown(file, owner_of_store, owner_of_store) == 0);
    return is_made && permission_give_up_for(store, no_devices, &error) == STATUS_OK;
}

static bool nobody_is_root_any_more(void) {
    uid_t real, effective, saved;
    return count_others(CAP_IPC_LOCK) == 0 && getresuid(&real, &effective, &saved) == 0 &&
           real == NOBODY && effective == NOBODY && saved == NOBODY && setuid(0) != 0 &&
           getegid() != 0 && !take_back() && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static bool root_becomes_the_owner_of_the_store(void) {
    return give_up_for_store(0, NOBODY) && nobody_is_root_any_more();
}

static bool root_becomes_the_owner_of_the_folder(void) {
    return give_up_for_store(NOBODY, (uid_t)-1) && nobody_is_root_any_more();
}

static bool root_keeps_nothing_for_its_own_store(void) {
    return give_up_for_store(0, 0) && geteuid() == 0 && count_others(CAP_IPC_LOCK) == 0 &&
           !take_back();
}

static bool root_reaches_its_store_elsewhere(void) {
    char made[sizeof folder + 8];
    snprintf(made, sizeof made, "%s/made", folder);
    return give_up_for_store(NOBODY, 0) && count_others(CAP_DAC_OVERRIDE) == 0 &&
           open(made, O_WRONLY | O_CREAT, 0600) >= 0;
}

/* As /dev/tpmrm0 is in Debian: of a user and a group of its own. */
static bool opens_a_device_for(uid_t owner_of_store) {
    char device[sizeof folder + 8];
    struct error error;
    snprintf(device, sizeof device, "%s/device", folder);
    const char *const devices[] = {"/nowhere/there", device, NULL};
    int file = open(device, O_WRONLY | O_CREAT, 0660);
    return file >= 0 && fchown(file, OTHER, OTHER) == 0 && fchmod(file, 0660) == 0 &&
           chmod(folder, 0755) == 0 && chown(folder, owner_of_store, owner_of_store) == 0 &&
           permission_give_up_for(folder, devices, &error) == STATUS_OK &&
           open(device, O_RDWR) >= 0;
}

static bool root_opens_devices_of_others(void) {
    return opens_a_device_for(0);
}

static bool who_root_becomes_opens_the_devices(void) {
    return opens_a_device_for(NOBODY) && geteuid() == NOBODY;
}

/* Of a container: it goes on without the right to become anybody. */
static bool root_that_may_become_nobody_reaches_the_store(void) {
    static const cap_value_t lost[] = {CAP_SETUID, CAP_SETGID};
    char store[sizeof folder + 8];
    cap_t now = cap_get_proc();
    bool is_lost = cap_set_flag(now, CAP_EFFECTIVE, 2, lost, CAP_CLEAR) == 0 &&
                   cap_set_flag(now, CAP_PERMITTED, 2, lost, CAP_CLEAR) == 0 &&
                   cap_set_proc(now) == 0;
    (void)cap_free(now);
    snprintf(store, sizeof store, "%s/store", folder);
    return is_lost && give_up_for_store(NOBODY, NOBODY) && count_others(CAP_DAC_OVERRIDE) == 0 &&
           open(store, O_RDWR) >= 0;
}

/* All that is locked, and what is to come, as memory_keep_off_disk does it. */
static bool memory_is_had_afterwards(void) {
    enum {
        MORE = 32 << 20
    };
    const struct rlimit bound = {1 << 20, 1 << 20};
    struct error error;
    if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0) {
        return true; /* it cannot be here */
    }
    return setrlimit(RLIMIT_MEMLOCK, &bound) == 0 && chown(folder, NOBODY, NOBODY) == 0 &&
           permission_give_up_for(folder, no_devices, &error) == STATUS_OK &&
           mmap(NULL, MORE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
               MAP_FAILED;
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

static void root_is_root_no_longer(void **state) {
    static bool (*const proofs[])(void) = {root_keeps_files_alone,
                                           root_becomes_the_owner_of_the_store,
                                           root_becomes_the_owner_of_the_folder,
                                           root_keeps_nothing_for_its_own_store,
                                           root_reaches_its_store_elsewhere,
                                           root_opens_devices_of_others,
                                           who_root_becomes_opens_the_devices,
                                           root_that_may_become_nobody_reaches_the_store,
                                           memory_is_had_afterwards};
    char path[sizeof folder + 8];
    (void)state;
    if (geteuid() != 0 || !holds(CAP_SETUID)) {
        skip();
    }
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < sizeof proofs / sizeof proofs[0]; i++) {
        assert_in_a_process(proofs[i]);
    }
    snprintf(path, sizeof path, "%s/store", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/made", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/device", folder);
    unlink(path);
    rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ordinary_user_keeps_no_right_and_gets_none_back),
        cmocka_unit_test(root_is_root_no_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
