/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/store/store.h"
#include "records.h"
#include "scratch.h"

/* Every octet is turned over when all tests are asked for, otherwise one in 17. */
static void a_damaged_octet_anywhere_is_noticed_or_does_no_harm(void **state) {
    const char *path = scratch_path(state, "store"), *good = scratch_path(state, "good");
    struct store *store = records_create(path);
    records_must_put(store, RECORD_GROUP, "a", "1");
    records_must_put(store, RECORD_SETTING, "name", "Fire 7");
    store_close(store);
    scratch_copy(path, good);
    long step = getenv("MUSTER_TESTS_ALL") != NULL && *getenv("MUSTER_TESTS_ALL") ? 1 : 17;
    long noticed = 0;
    for (long offset = 0; offset < scratch_size(good); offset += step) {
        struct records content;
        struct error error = {0};
        scratch_copy(good, path);
        scratch_flip(path, offset, 1U << (offset % 8));
        if (records_look(path, &content, &error) == STATUS_OK) {
            assert_string_equal(content.text, "2/a=1;5/name=Fire 7;");
        } else {
            records_assert_one_line(&error);
            noticed++;
        }
    }
    assert_true(noticed > 20);
}

/* A power cut in the middle of writing: what reached the disk is some beginning of what was to be
 * written to the log of changes, at any octet. */
static void a_power_cut_at_any_octet_leaves_the_old_state_or_the_new_one(void **state) {
    const char *path = scratch_path(state, "store"), *log = scratch_path(state, "store-wal"),
               *cut = scratch_path(state, "cut"), *cut_log = scratch_path(state, "cut-wal"),
               *keys = scratch_path(state, "keys"), *cut_keys = scratch_path(state, "cut-keys");
    struct store *store = records_create(path);
    records_must_put(store, RECORD_GROUP, "a", "1");
    long before = scratch_size(log);
    /* As it is until the change is durable. */
    scratch_copy(scratch_path(state, "store-keys"), keys);
    struct batch *batch = batch_new();
    struct error error;
    assert_int_equal(batch_put(batch, RECORD_GROUP, span_of_text("a"), span_of_text("2")),
                     STATUS_OK);
    assert_int_equal(batch_put(batch, RECORD_GROUP, span_of_text("b"), span_of_text("2")),
                     STATUS_OK);
    assert_int_equal(store_apply(store, batch, &error), STATUS_OK);
    batch_free(batch);
    long after = scratch_size(log);
    assert_true(after > before);
    long olds = 0, news = 0;
    for (long length = before; length <= after; length += length == after - 1 ? 1 : 61) {
        if (length > after - 61 && length < after - 1) {
            length = after - 1;
        }
        struct records content;
        scratch_copy(path, cut);
        scratch_copy(log, cut_log);
        scratch_copy(keys, cut_keys);
        assert_int_equal(truncate(cut_log, length), 0);
        assert_int_equal(records_look(cut, &content, &error), STATUS_OK);
        bool is_old = strcmp(content.text, "2/a=1;") == 0;
        assert_true(is_old || strcmp(content.text, "2/a=2;2/b=2;") == 0);
        olds += is_old;
        news += !is_old;
    }
    assert_true(olds > 10);
    assert_true(news > 0);
    store_close(store);
}

/* Counts up in two records at once for ever, and tells each count that is durable. */
static void count_up(const char *path, int tell) {
    struct store *store;
    struct error error;
    if (store_open(path, RECORDS_PASSPHRASE, &store, &error) != STATUS_OK) {
        _exit(1);
    }
    struct records content = {{0}};
    if (store_load(store, records_add, &content, &error) != STATUS_OK) {
        _exit(1);
    }
    uint32_t count = 0;
    sscanf(content.text, "2/a=%u;", &count);
    for (;;) {
        char text[16];
        snprintf(text, sizeof text, "%u", ++count);
        struct batch *batch = batch_new();
        if (batch_put(batch, RECORD_GROUP, span_of_text("a"), span_of_text(text)) != STATUS_OK ||
            batch_put(batch, RECORD_GROUP, span_of_text("b"), span_of_text(text)) != STATUS_OK ||
            store_apply(store, batch, &error) != STATUS_OK) {
            _exit(1);
        }
        batch_free(batch);
        if (write(tell, &count, sizeof count) != (ssize_t)sizeof count) {
            _exit(0);
        }
    }
}

static void a_program_killed_at_any_moment_loses_nothing_that_it_reported(void **state) {
    const char *path = scratch_path(state, "store");
    store_close(records_create(path));
    for (int round = 0; round < 25; round++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0) {
            close(ends[0]);
            count_up(path, ends[1]);
        }
        close(ends[1]);
        uint32_t reported = 0;
        for (int i = 0; i <= round % 7; i++) {
            assert_int_equal(read(ends[0], &reported, sizeof reported), sizeof reported);
        }
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        /* It may have counted on between the last report that was read and its end. */
        while (read(ends[0], &reported, sizeof reported) == (ssize_t)sizeof reported) {
            continue;
        }
        close(ends[0]);
        struct records content;
        struct error error = {0};
        uint32_t a = 0, b = 0;
        assert_int_equal(records_look(path, &content, &error), STATUS_OK);
        assert_int_equal(sscanf(content.text, "2/a=%u;2/b=%u;", &a, &b), 2);
        assert_int_equal(a, b);
        assert_in_range(a, reported, reported + 1);
    }
}

static void set_file_limit(rlim_t octets) {
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = octets < limit.rlim_max ? octets : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* No file may grow over a limit, which moves up until all fits: every write is once the first that
 * fails. */
static void a_full_disk_is_said_and_leaves_the_old_state(void **state) {
    const char *path = scratch_path(state, "store");
    struct store *store = records_create(path);
    records_must_put(store, RECORD_GROUP, "a", "1");
    store_close(store);
    signal(SIGXFSZ, SIG_IGN);
    int refused = 0;
    for (rlim_t limit = 0;; limit += 1000) {
        struct error error = {0};
        store = records_reopen(path);
        set_file_limit(limit);
        enum status status = records_put(store, RECORD_GROUP, "a", "2", &error);
        set_file_limit(RLIM_INFINITY);
        if (status == STATUS_OK) {
            break;
        }
        assert_int_equal(status, STATUS_NO_SPACE);
        records_assert_one_line(&error);
        refused++;
        assert_string_equal(records_content(store).text, "2/a=1;");
        store_close(store);
        records_assert(path, "2/a=1;");
    }
    assert_true(refused > 3);
    /* Once there is room, the same store goes on. */
    records_must_put(store, RECORD_GROUP, "a", "3");
    store_close(store);
    records_assert(path, "2/a=3;");
}

static void a_store_that_does_not_fit_the_disk_is_not_begun(void **state) {
    const char *path = scratch_path(state, "store");
    signal(SIGXFSZ, SIG_IGN);
    int refused = 0;
    struct store *store = NULL;
    for (rlim_t limit = 0;; limit += 1000) {
        struct error error = {0};
        set_file_limit(limit);
        enum status status =
            store_create(path, RECORDS_PASSPHRASE, STORE_QUICK, &entropy_system, &store, &error);
        set_file_limit(RLIM_INFINITY);
        if (status == STATUS_OK) {
            break;
        }
        assert_int_equal(status, STATUS_NO_SPACE);
        records_assert_one_line(&error);
        assert_null(store);
        assert_false(store_exists(path));
        refused++;
    }
    assert_true(refused > 3);
    store_close(store);
    records_assert(path, "");
    char command[300];
    snprintf(command, sizeof command, "test \"$(ls %s | tr '\\n' ' ')\" = 'store store-attempts '",
             ((struct scratch *)*state)->folder);
    assert_int_equal(system(command), 0); /* no drafts left behind */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_damaged_octet_anywhere_is_noticed_or_does_no_harm),
        TEST(a_power_cut_at_any_octet_leaves_the_old_state_or_the_new_one),
        TEST(a_program_killed_at_any_moment_loses_nothing_that_it_reported),
        TEST(a_full_disk_is_said_and_leaves_the_old_state),
        TEST(a_store_that_does_not_fit_the_disk_is_not_begun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
