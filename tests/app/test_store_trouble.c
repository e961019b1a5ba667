/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A store whose disk is full for hours, goes away and comes back, or cannot be used: what is saved
 * all the same, and what a person is told. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/store/store.h"
#include "app/store/trouble.h"
#include "records.h"
#include "scratch.h"

enum {
    HOURS_OF_SAVES = 4000, /* more than one each minute and one each half minute of talk */
    CANNOT_TRY = 77
};

static void set_file_limit(rlim_t octets) {
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = octets < limit.rlim_max ? octets : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* No file grows any more: it is as if the disk were full to the last octet. */
static void fill_disk(const char *log) {
    signal(SIGXFSZ, SIG_IGN);
    set_file_limit((rlim_t)scratch_size(log));
}

static void small_changes_are_saved_for_hours_on_a_full_disk(void **state) {
    const char *path = scratch_path(state, "store"), *log = scratch_path(state, "store-wal");
    static char large[60000];
    struct error error;
    struct store *store = records_create(path);
    records_must_put(store, RECORD_GROUP, "a", "1");
    store_reserve(store);
    assert_false(store_is_short(store));
    fill_disk(log);
    for (unsigned i = 1; i <= HOURS_OF_SAVES; i++) {
        char value[2400], key[2] = {(char)('a' + i % 12), 0};
        snprintf(value, sizeof value, "%u %02000u", i, i);
        if (records_put(store, RECORD_GROUP, key, value, &error) != STATUS_OK) {
            set_file_limit(RLIM_INFINITY);
            fail_msg("save %u: %s", i, error.text);
        }
    }
    assert_true(store_is_short(store));
    store_reserve(store);
    assert_true(store_is_short(store));
    enum status status = STATUS_OK; /* what is new and large takes no more than there is */
    memset(large, 'x', sizeof large - 1);
    for (unsigned i = 0; i < 40 && status == STATUS_OK; i++) {
        char key[16];
        snprintf(key, sizeof key, "new %u", i);
        status = records_put(store, RECORD_SETTING, key, large, &error);
    }
    set_file_limit(RLIM_INFINITY);
    assert_int_equal(status, STATUS_NO_SPACE);
    store_reserve(store);
    assert_false(store_is_short(store));
    records_must_put(store, RECORD_GROUP, "a", "2");
    store_close(store);
    assert_int_equal(store_open(path, RECORDS_PASSPHRASE, &store, &error), STATUS_OK);
    store_close(store);
}

/* The process is killed while it lives on the reserve. */
static void what_was_saved_on_a_full_disk_survives_a_kill(void **state) {
    const char *path = scratch_path(state, "store"), *log = scratch_path(state, "store-wal");
    store_close(records_create(path));
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct store *store = records_reopen(path);
        struct error error;
        records_must_put(store, RECORD_GROUP, "a", "0");
        store_reserve(store);
        fill_disk(log);
        for (unsigned i = 1;; i++) {
            char value[16];
            snprintf(value, sizeof value, "%u", i);
            if (records_put(store, RECORD_GROUP, "a", value, &error) != STATUS_OK ||
                write(ends[1], &i, sizeof i) != (ssize_t)sizeof i) {
                _exit(1);
            }
        }
    }
    close(ends[1]);
    unsigned reported = 0, saved = 0;
    while (reported < 1500 && read(ends[0], &reported, sizeof reported) == sizeof reported) {
        continue;
    }
    assert_int_equal(reported, 1500);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    while (read(ends[0], &reported, sizeof reported) == (ssize_t)sizeof reported) {
        continue;
    }
    close(ends[0]);
    struct records content;
    struct error error;
    assert_int_equal(records_look(path, &content, &error), STATUS_OK);
    assert_int_equal(sscanf(content.text, "2/a=%u;", &saved), 1);
    assert_in_range(saved, reported, reported + 1);
}

static void a_file_that_is_gone_is_noticed_and_taken_up_again(void **state) {
    const char *path = scratch_path(state, "store"), *away = scratch_path(state, "away");
    const char *log = scratch_path(state, "store-wal"), *away_log = scratch_path(state, "away-wal");
    struct error error;
    struct store *store = records_create(path);
    records_must_put(store, RECORD_GROUP, "a", "1");
    assert_int_equal(rename(path, away), 0);
    assert_int_equal(rename(log, away_log), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(records_put(store, RECORD_GROUP, "a", "2", &error), STATUS_FILE_GONE);
        records_assert_one_line(&error);
        assert_false(store_exists(path));
    }
    assert_int_equal(rename(away, path), 0);
    assert_int_equal(rename(away_log, log), 0);
    records_must_put(store, RECORD_GROUP, "a", "3");
    store_close(store);
    records_assert(path, "2/a=3;");
}

static void another_store_in_its_place_is_not_written_to(void **state) {
    const char *path = scratch_path(state, "store"), *other = scratch_path(state, "other");
    struct error error;
    struct store *store = records_create(path), *second = records_create(other);
    records_must_put(store, RECORD_GROUP, "a", "1");
    records_must_put(second, RECORD_GROUP, "a", "other");
    store_close(second);
    records_move(other, path);
    assert_int_equal(records_put(store, RECORD_GROUP, "a", "2", &error), STATUS_FILE_GONE);
    assert_int_equal(records_put(store, RECORD_GROUP, "a", "2", &error), STATUS_SEAL_BROKEN);
    assert_non_null(strstr(error.text, "another store"));
    store_close(store);
    records_assert(path, "2/a=other;");
}

static void assert_told(const char *path, int code, int system_error, const char *cause) {
    struct error error = {0};
    assert_int_equal(trouble_of_sqlite(code, system_error, path, &error),
                     system_error == EROFS ? STATUS_READ_ONLY : STATUS_IO_FAILED);
    records_assert_one_line(&error);
    if (strstr(error.text, cause) == NULL) {
        fail_msg("not \"%s\": %s", cause, error.text);
    }
}

static void each_cause_is_named(void **state) {
    const char *path = scratch_path(state, "store");
    struct error error;
    struct store *store;
    store_close(records_create(path));
    assert_told(path, SQLITE_IOERR_LOCK, 0, "cannot lock");
    assert_told(path, SQLITE_IOERR_RDLOCK, EOPNOTSUPP, "cannot lock");
    assert_told(path, SQLITE_IOERR_WRITE, EROFS, "read-only");
    assert_told(path, SQLITE_IOERR_WRITE, EIO, "Input/output");
    assert_told(path, SQLITE_CANTOPEN, EMFILE, "too many files");
    assert_int_equal(trouble_of_sqlite(SQLITE_IOERR_WRITE, EDQUOT, path, &error), STATUS_NO_SPACE);
    assert_int_equal(mkdir(scratch_path(state, "folder"), 0700), 0);
    assert_int_equal(store_open(scratch_path(state, "folder"), RECORDS_PASSPHRASE, &store, &error),
                     STATUS_IO_FAILED);
    assert_non_null(strstr(error.text, "that is a folder"));
    assert_int_equal(rmdir(scratch_path(state, "folder")), 0);
}

/* As a user who may read and write the file, but not its folder; then not even the file. */
static int look_as_another_user(const char *path, const char *cause) {
    pid_t child = fork();
    if (child == 0) {
        struct store *store;
        struct error error = {0};
        if (setgid(65534) != 0 || setuid(65534) != 0) {
            _exit(3);
        }
        if (store_open(path, RECORDS_PASSPHRASE, &store, &error) != STATUS_IO_FAILED) {
            _exit(1);
        }
        _exit(strstr(error.text, cause) != NULL ? 0 : 2);
    }
    int result = -1;
    assert_int_equal(waitpid(child, &result, 0), child);
    return WEXITSTATUS(result);
}

static void what_belongs_to_another_user_is_told(void **state) {
    const char *path = scratch_path(state, "store");
    if (geteuid() != 0) {
        skip(); /* it takes root to be somebody else */
    }
    store_close(records_create(path));
    assert_int_equal(chmod(((struct scratch *)*state)->folder, 0755), 0);
    assert_int_equal(chmod(path, 0666), 0);
    assert_int_equal(look_as_another_user(path, "no permission to write in its folder"), 0);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(look_as_another_user(path, "no permission to read and write this file"), 0);
    assert_int_equal(chmod(((struct scratch *)*state)->folder, 0700), 0);
    assert_int_equal(look_as_another_user(path, "no permission to enter its folder"), 0);
}

/* As the owner, who took the right to write away: 0 when it is told, and the store can be read. */
static int look_as_owner(const char *path, const char *named) {
    pid_t child = fork();
    if (child == 0) {
        struct store *store;
        struct error error = {0};
        struct records content = {{0}};
        if (setgid(65534) != 0 || setuid(65534) != 0) {
            _exit(3);
        }
        if (store_open(path, RECORDS_PASSPHRASE, &store, &error) != STATUS_READ_ONLY ||
            strstr(error.text, "chmod u+w") == NULL || strstr(error.text, named) == NULL) {
            _exit(1);
        }
        bool is_read = store_open_to_read(path, RECORDS_PASSPHRASE, &store, &error) == STATUS_OK &&
                       store_load(store, records_add, &content, &error) == STATUS_OK;
        _exit(is_read && strcmp(content.text, "2/a=1;") == 0 ? 0 : 2);
    }
    int result = -1;
    assert_int_equal(waitpid(child, &result, 0), child);
    return WEXITSTATUS(result);
}

static void a_read_only_store_says_so_and_what_to_do(void **state) {
    const char *path = scratch_path(state, "store"), *keys = scratch_path(state, "store-keys");
    const char *folder = ((struct scratch *)*state)->folder;
    if (geteuid() != 0) {
        skip(); /* to root no file is read-only */
    }
    struct store *store = records_create(path);
    records_must_put(store, RECORD_GROUP, "a", "1");
    store_close(store);
    const char *const files[] = {folder, path, keys};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(chown(files[i], 65534, 65534), 0);
    }
    assert_int_equal(chmod(path, 0400), 0);
    assert_int_equal(look_as_owner(path, path), 0);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(chmod(keys, 0400), 0);
    assert_int_equal(look_as_owner(path, keys), 0);
    assert_int_equal(chmod(keys, 0600), 0);
    records_assert(path, "2/a=1;");
}

/* In a mount namespace of its own, where the folder is read-only: 0 when what is there was read. */
static int read_from_read_only_disk(const char *folder, const char *path) {
    struct store *store;
    struct error error;
    struct records content = {{0}};
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount(folder, folder, NULL, MS_BIND, NULL) != 0 ||
        mount(NULL, folder, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) != 0) {
        return CANNOT_TRY;
    }
    if (store_open(path, RECORDS_PASSPHRASE, &store, &error) != STATUS_READ_ONLY ||
        store_open_to_read(path, span_of_text("wrong"), &store, &error) !=
            STATUS_WRONG_PASSPHRASE ||
        strstr(error.text, path) == NULL) {
        return 1;
    }
    if (store_open_to_read(path, RECORDS_PASSPHRASE, &store, &error) != STATUS_OK ||
        !store_is_copy(store) || store_load(store, records_add, &content, &error) != STATUS_OK) {
        return 2;
    }
    store_close(store);
    return strcmp(content.text, "2/a=1;") == 0 ? 0 : 3;
}

/* It was killed: its last change is in the log of changes alone. */
static void a_store_on_a_read_only_disk_can_be_read(void **state) {
    const char *path = scratch_path(state, "store");
    const char *killed = scratch_path(state, "killed");
    struct store *store = records_create(path);
    records_must_put(store, RECORD_GROUP, "a", "1");
    records_copy(path, killed);
    store_close(store);
    pid_t child = fork();
    if (child == 0) {
        _exit(read_from_read_only_disk(((struct scratch *)*state)->folder, killed));
    }
    int result = -1;
    assert_int_equal(waitpid(child, &result, 0), child);
    if (WEXITSTATUS(result) == CANNOT_TRY) {
        skip(); /* it takes root */
    }
    assert_int_equal(result, 0);
    struct error error;
    assert_int_equal(store_open_to_read(path, RECORDS_PASSPHRASE, &store, &error), STATUS_OK);
    assert_false(store_is_copy(store));
    store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(small_changes_are_saved_for_hours_on_a_full_disk),
        TEST(what_was_saved_on_a_full_disk_survives_a_kill),
        TEST(a_file_that_is_gone_is_noticed_and_taken_up_again),
        TEST(another_store_in_its_place_is_not_written_to),
        TEST(each_cause_is_named),
        TEST(a_store_on_a_read_only_disk_can_be_read),
        TEST(a_read_only_store_says_so_and_what_to_do),
        TEST(what_belongs_to_another_user_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
