/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A broker whose disk is full, or has become read-only under it, and one that takes another
 * certificate while it runs: real nats-servers on small disks of their own. It takes root to mount
 * those; elsewhere these tests are skipped.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "broker_user.h"

enum {
    SKIPPED = 77,
    SOON_MS = 10 * 1000, /* "within seconds", on a busy machine */
    COMMAND_SIZE = 400
};

static struct broker broker;
static struct user anna, ben;
static bool is_mounted;

__attribute__((format(printf, 1, 2))) static bool works(const char *format, ...) {
    char command[COMMAND_SIZE];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(command, sizeof command, format, values);
    va_end(values);
    assert_true(length > 0 && (size_t)length < sizeof command);
    return system(command) == 0; /* NOLINT: a test's own words */
}

static int begin(void **state) {
    (void)state;
    broker_begin(&broker, 1, CERTIFICATE_NONE);
    return 0;
}

static int begin_with_tls(void **state) {
    (void)state;
    broker_begin(&broker, 1, CERTIFICATE_GOOD);
    return 0;
}

static int end(void **state) {
    (void)state;
    close_user(&anna);
    close_user(&ben);
    broker_kill(&broker, 0);
    if (is_mounted && !works("umount %s/0", broker.folder)) {
        return -1;
    }
    is_mounted = false;
    broker_end(&broker);
    return 0;
}

/* On a disk of 8 MB, with a stream in which a key waits. */
static void start_on_disk(void) {
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    prepare(&anna, 1);
    assert_true(keep_one(&anna, "muster.mail.anna.fire", "a key"));
}

/* More than has room behind what is there. */
static void say_much(void) {
    static char octets[3000];
    memset(octets, 'x', sizeof octets - 1);
    for (int i = 0; i < 8; i++) {
        char topic[40];
        snprintf(topic, sizeof topic, "muster.mail.m%d.fire", i);
        assert_int_equal(say(&anna, topic, true, octets), TRANSPORT_OK);
    }
}

static void expect_problem(int64_t began_ms) {
    while (!anna.is_problem && now_ms() - began_ms < SOON_MS) {
        attend(&anna, 100);
    }
    printf("%s after %lld ms\n", anna.news, (long long)(now_ms() - began_ms));
    assert_true(anna.is_problem);
}

/* nats-server 2.9 answers nothing more then, so that it cannot be told from a slow one; only that
 * its store has as much as it may have, it says itself (test_nats_refusals). Nothing that it did
 * not keep counts as kept, and all goes on when there is room. */
static void a_broker_whose_disk_is_full_says_so(void **state) {
    (void)state;
    assert_true(works("mkdir %s/0", broker.folder));
    is_mounted = works("mount -t tmpfs -o size=8m muster-test %s/0 2>/dev/null", broker.folder);
    if (!is_mounted) {
        skip();
    }
    start_on_disk();
    assert_true(works("! dd if=/dev/zero of=%s/0/fill bs=4k 2>/dev/null", broker.folder));
    int64_t began_ms = now_ms();
    say_much();
    expect_problem(began_ms);
    assert_false(keep_one(&anna, "muster.mail.carl.fire", "a key for carl"));
    broker_kill(&broker, 0);
    assert_true(works("rm %s/0/fill", broker.folder));
    broker_start(&broker, 0);
    hear_news(&anna, "broker-back");
    assert_true(keep_one(&anna, "muster.mail.carl.fire", "a key for carl"));
}

static void a_broker_whose_disk_has_become_read_only_says_so(void **state) {
    (void)state;
    const char *folder = broker.folder;
    assert_true(works("mkdir %s/0", folder));
    is_mounted =
        works("truncate -s 16M %s/disk && mkfs.ext4 -q -e remount-ro %s/disk 2>/dev/null && "
              "mount -o loop %s/disk %s/0 2>/dev/null",
              folder, folder, folder, folder);
    if (!is_mounted) {
        skip();
    }
    start_on_disk();
    /* What the kernel does with a disk that fails. */
    if (!works("echo 1 2>/dev/null >/sys/fs/ext4/$(basename $(findmnt -no SOURCE %s/0))"
               "/trigger_fs_error",
               folder)) {
        skip();
    }
    assert_false(works("touch %s/0/more 2>/dev/null", folder));
    int64_t began_ms = now_ms();
    say_much();
    expect_problem(began_ms);
    assert_non_null(strstr(anna.news, "broker-read-only"));
    assert_false(keep_one(&anna, "muster.mail.carl.fire", "a key for carl"));
    assert_true(nats_is_hopeless(anna.transport));
}

/* Without a restart: who is connected stays, and who comes sees the new certificate. */
static void a_broker_takes_another_certificate_while_it_runs(void **state) {
    (void)state;
    broker_start_all(&broker);
    open_user(&anna, &broker, "anna");
    open_user(&ben, &broker, "ben");
    listen_to(&anna, "muster.group.fire", false, NULL, false);
    meet(&anna, &ben, "muster.group.fire");
    broker_recertify(&broker, CERTIFICATE_GOOD);
    broker_reload(&broker, 0);
    open_user(&ben, &broker, "ben");
    meet(&anna, &ben, "muster.group.fire");
    assert_int_equal(anna.news_count, 0);
    broker_recertify(&broker, CERTIFICATE_OF_ANOTHER_CA);
    broker_reload(&broker, 0);
    int64_t began_ms = now_ms();
    open_user(&ben, &broker, "ben");
    hear_news(&ben, "broker-certificate");
    assert_true(now_ms() - began_ms < SOON_MS);
    assert_int_equal(anna.news_count, 0);
    broker_recertify(&broker, CERTIFICATE_GOOD);
    broker_reload(&broker, 0);
    meet(&anna, &ben, "muster.group.fire");
}

int main(void) {
    if (!broker_is_installed()) {
        puts("nats-server is not installed");
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_broker_whose_disk_is_full_says_so, begin, end),
        cmocka_unit_test_setup_teardown(a_broker_whose_disk_has_become_read_only_says_so, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_broker_takes_another_certificate_while_it_runs,
                                        begin_with_tls, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
