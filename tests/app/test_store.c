/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/store/store.h"
#include "records.h"
#include "scratch.h"

static void records_survive_closing_in_the_order_of_kind_and_key(void **state) {
    const char *path = scratch_path(state, "store");
    assert_false(store_exists(path));
    struct store *store = records_create(path);
    assert_true(store_exists(path));
    records_must_put(store, RECORD_SETTING, "aa", "Fire 7");
    records_must_put(store, RECORD_GROUP, "b", "2");
    records_must_put(store, RECORD_GROUP, "ab", "1");
    records_must_put(store, RECORD_GROUP, "a", "");
    const char *expected = "2/a=;2/ab=1;2/b=2;5/aa=Fire 7;";
    assert_string_equal(records_content(store).text, expected);
    store_close(store);
    store_close(NULL);
    records_assert(path, expected);
}

static void later_changes_of_a_batch_win_and_deletions_of_nothing_do_no_harm(void **state) {
    const char *path = scratch_path(state, "store");
    struct store *store = records_create(path);
    struct batch *batch = batch_new();
    struct error error;
    struct span a = span_of_text("a"), b = span_of_text("b");
    assert_int_equal(batch_put(batch, RECORD_GROUP, a, span_of_text("1")), STATUS_OK);
    assert_int_equal(batch_put(batch, RECORD_GROUP, a, span_of_text("2")), STATUS_OK);
    assert_int_equal(batch_put(batch, RECORD_GROUP, b, span_of_text("3")), STATUS_OK);
    assert_int_equal(batch_delete(batch, RECORD_GROUP, b), STATUS_OK);
    assert_int_equal(batch_delete(batch, RECORD_TRUST, a), STATUS_OK);
    assert_int_equal(store_apply(store, batch, &error), STATUS_OK);
    batch_free(batch);
    store_close(store);
    records_assert(path, "2/a=2;");
}

static void the_largest_record_fits(void **state) {
    const char *path = scratch_path(state, "store");
    static const uint8_t zeros[RECORD_VALUE_MAX];
    struct store *store = records_create(path);
    struct batch *batch = batch_new();
    struct error error;
    assert_int_equal(batch_put(batch, RECORD_GROUP, (struct span){zeros, RECORD_KEY_MAX},
                               (struct span){zeros, RECORD_VALUE_MAX}),
                     STATUS_OK);
    assert_int_equal(store_apply(store, batch, &error), STATUS_OK);
    batch_free(batch);
    store_close(store);
    struct records content;
    assert_int_equal(records_look(path, &content, &error), STATUS_OK);
}

static bool same_files(const char *one, const char *two) {
    char command[600];
    snprintf(command, sizeof command, "cmp -s %s %s", one, two);
    return system(command) == 0;
}

/* Not even the log of changes that a killed program left is tidied up before the store turns out to
 * be ours. */
static void a_wrong_passphrase_is_refused_and_changes_no_octet(void **state) {
    const char *path = scratch_path(state, "store"), *log = scratch_path(state, "store-wal"),
               *copy = scratch_path(state, "copy"), *copy_log = scratch_path(state, "copy-wal");
    struct store *store = records_create(path), *refused;
    records_must_put(store, RECORD_GROUP, "a", "1");
    scratch_copy(path, copy);
    scratch_copy(log, copy_log);
    store_close(store);
    scratch_copy(copy, path);
    scratch_copy(copy_log, log);
    struct error error = {0};
    assert_int_equal(store_open(path, span_of_text("correct house"), &refused, &error),
                     STATUS_WRONG_PASSPHRASE);
    assert_null(refused);
    records_assert_one_line(&error);
    assert_true(same_files(path, copy));
    assert_true(same_files(log, copy_log));
    records_assert(path, "2/a=1;");
}

static void a_store_for_people_makes_each_guess_cost_256_mib_and_3_passes(void **state) {
    const char *path = scratch_path(state, "store");
    struct store *store;
    struct error error;
    assert_int_equal(
        store_create(path, RECORDS_PASSPHRASE, STORE_HARD, &entropy_system, &store, &error),
        STATUS_OK);
    store_close(store);
    sqlite3 *file;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(path, &file), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(file, "SELECT head FROM store", -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    const uint8_t *head = sqlite3_column_blob(statement, 0);
    assert_memory_equal(head + 33, "\0\0\0\3\0\4\0\0", 8); /* passes, KiB */
    sqlite3_finalize(statement);
    sqlite3_close(file);
    records_assert(path, "");
}

static void a_store_is_readable_by_its_owner_alone(void **state) {
    const char *path = scratch_path(state, "store"), *log = scratch_path(state, "store-wal");
    mode_t before = umask(0);
    struct store *store = records_create(path);
    records_must_put(store, RECORD_GROUP, "a", "1");
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(stat(log, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    store_close(store);
    umask(before);
}

static void a_store_is_never_made_over_a_file_that_is_there(void **state) {
    const char *path = scratch_path(state, "store");
    struct store *store = records_create(path);
    records_must_put(store, RECORD_GROUP, "a", "1");
    store_close(store);
    struct error error = {0};
    assert_int_equal(
        store_create(path, RECORDS_PASSPHRASE, STORE_QUICK, &entropy_system, &store, &error),
        STATUS_ALREADY_DONE);
    assert_null(store);
    records_assert_one_line(&error);
    records_assert(path, "2/a=1;");
}

static void a_log_of_changes_whose_store_is_gone_is_not_taken_over(void **state) {
    const char *path = scratch_path(state, "store"), *log = scratch_path(state, "store-wal");
    struct store *store;
    struct error error = {0};
    scratch_write(log, span_of_text("somebody's changes"));
    assert_int_equal(
        store_create(path, RECORDS_PASSPHRASE, STORE_QUICK, &entropy_system, &store, &error),
        STATUS_ALREADY_DONE);
    records_assert_one_line(&error);
    assert_int_equal(scratch_size(log), 18);
    assert_false(store_exists(path));
    store_discard(path);
    assert_int_equal(scratch_size(log), -1);
    store_close(records_create(path));
}

static void what_is_no_store_is_refused_with_the_reason(void **state) {
    struct store *store;
    struct error error = {0};
    const char *path = scratch_path(state, "other");
    assert_int_equal(store_open(path, RECORDS_PASSPHRASE, &store, &error), STATUS_NOT_FOUND);
    records_assert_one_line(&error);
    scratch_write(path, span_of_text("Dear diary, this is a text and no store at all."));
    assert_int_equal(store_open(path, RECORDS_PASSPHRASE, &store, &error), STATUS_SEAL_BROKEN);
    records_assert_one_line(&error);
    scratch_write(path, (struct span){(const uint8_t *)"", 0});
    assert_int_equal(store_open(path, RECORDS_PASSPHRASE, &store, &error), STATUS_SEAL_BROKEN);
    assert_int_equal(store_open("/tmp", RECORDS_PASSPHRASE, &store, &error), STATUS_IO_FAILED);
    records_assert_one_line(&error);
    assert_int_equal(store_create("/nowhere/store", RECORDS_PASSPHRASE, STORE_QUICK,
                                  &entropy_system, &store, &error),
                     STATUS_IO_FAILED);
    records_assert_one_line(&error);
}

/* Somebody who can write the file but has no passphrase. */
static void tamper(const char *path, const char *sql) {
    sqlite3 *file;
    char *problem = NULL;
    assert_int_equal(sqlite3_open(path, &file), SQLITE_OK);
    sqlite3_exec(file, sql, NULL, NULL, &problem);
    assert_null(problem);
    sqlite3_close(file);
}

static void a_store_of_a_newer_version_is_refused_and_left_alone(void **state) {
    const char *path = scratch_path(state, "store");
    store_close(records_create(path));
    tamper(path, "PRAGMA user_version = 4");
    struct store *store;
    struct error error = {0};
    assert_int_equal(store_open(path, RECORDS_PASSPHRASE, &store, &error), STATUS_NEWER_VERSION);
    records_assert_one_line(&error);
    tamper(path, "PRAGMA user_version = 3");
    records_assert(path, "");
}

static void rows_swapped_copied_added_left_out_or_put_back_are_noticed(void **state) {
    static const char *const attacks[] = {
        "UPDATE record SET record = (SELECT r.record FROM record r WHERE r.name <> record.name)",
        "UPDATE record SET record = (SELECT record FROM record ORDER BY name LIMIT 1)",
        "DELETE FROM record WHERE name = (SELECT name FROM record ORDER BY name LIMIT 1)",
        "DELETE FROM record",
        "INSERT INTO record SELECT zeroblob(32), record FROM record LIMIT 1",
        "UPDATE record SET record = x'00'",
        "UPDATE store SET tally = zeroblob(72)",
        "UPDATE store SET head = zeroblob(145)",
        /* Damage in the salt is not called a wrong passphrase. */
        "UPDATE store SET head = CAST(substr(head, 1, 20) || x'0000' || substr(head, 23) AS BLOB)",
        "DELETE FROM store",
        "DROP TABLE record",
        /* What was read from the older copy below. */
        "UPDATE record SET record = (SELECT o.record FROM old.record o WHERE o.name = record.name)",
        "UPDATE store SET tally = (SELECT tally FROM old.store)",
    };
    const char *path = scratch_path(state, "store"), *good = scratch_path(state, "good"),
               *old = scratch_path(state, "old");
    struct store *store = records_create(path);
    records_must_put(store, RECORD_GROUP, "a", "1");
    records_must_put(store, RECORD_GROUP, "b", "1");
    store_close(store);
    scratch_copy(path, old);
    store = records_reopen(path);
    records_must_put(store, RECORD_GROUP, "a", "2");
    store_close(store);
    scratch_copy(path, good);
    for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++) {
        char sql[600];
        scratch_copy(good, path);
        records_assert(path, "2/a=2;2/b=1;");
        snprintf(sql, sizeof sql, "ATTACH '%s' AS old; %s", old, attacks[i]);
        tamper(path, sql);
        struct error error = {0};
        assert_int_equal(store_open(path, RECORDS_PASSPHRASE, &store, &error), STATUS_SEAL_BROKEN);
        records_assert_one_line(&error);
    }
}

/* Rows that stand in the table twice cancel each other out of the tally, and an index may hold
 * other rows than its table: neither brings an older record back. */
static void a_table_built_anew_to_hold_older_rows_is_noticed(void **state) {
    static const char twice[] =
        "CREATE TABLE twice (name BLOB, record BLOB, n, PRIMARY KEY (name, record, n))"
        " WITHOUT ROWID;"
        "INSERT INTO twice SELECT name, record, 0 FROM record;"
        "INSERT INTO twice SELECT name, record, 1 FROM old.record;"
        "INSERT INTO twice SELECT name, record, 2 FROM old.record;"
        "DROP TABLE record; ALTER TABLE twice RENAME TO record;";
    static const char disguise[] =
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_schema SET sql = (SELECT sql FROM old.sqlite_schema WHERE name = 'record')"
        " WHERE name = 'record';";
    const char *path = scratch_path(state, "store"), *good = scratch_path(state, "good"),
               *old = scratch_path(state, "old");
    struct store *store = records_create(path);
    records_must_put(store, RECORD_GROUP, "a", "1");
    store_close(store);
    scratch_copy(path, old);
    store = records_reopen(path);
    records_must_put(store, RECORD_GROUP, "a", "2");
    store_close(store);
    scratch_copy(path, good);
    const char *const attacks[][2] = {
        {twice, ""},
        {twice, disguise},
        {"CREATE INDEX other ON record (name, record);", ""},
    };
    for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++) {
        char sql[1200];
        scratch_copy(good, path);
        records_assert(path, "2/a=2;");
        snprintf(sql, sizeof sql, "ATTACH '%s' AS old; %s%s", old, attacks[i][0], attacks[i][1]);
        tamper(path, sql);
        struct error error = {0};
        assert_int_equal(store_open(path, RECORDS_PASSPHRASE, &store, &error), STATUS_SEAL_BROKEN);
        records_assert_one_line(&error);
    }
}

static void a_record_of_another_store_under_the_same_passphrase_is_noticed(void **state) {
    const char *path = scratch_path(state, "store"), *other = scratch_path(state, "other");
    struct store *store = records_create(path);
    records_must_put(store, RECORD_GROUP, "a", "1");
    store_close(store);
    store = records_create(other);
    records_must_put(store, RECORD_GROUP, "a", "2");
    store_close(store);
    char sql[400];
    snprintf(sql, sizeof sql,
             "ATTACH '%s' AS other; DELETE FROM record;"
             "INSERT INTO record SELECT * FROM other.record;"
             "UPDATE store SET tally = (SELECT tally FROM other.store)",
             other);
    tamper(path, sql);
    struct error error = {0};
    assert_int_equal(store_open(path, RECORDS_PASSPHRASE, &store, &error), STATUS_SEAL_BROKEN);
}

static void neither_keys_nor_values_can_be_read_in_the_file(void **state) {
    const char *path = scratch_path(state, "store");
    struct store *store = records_create(path);
    records_must_put(store, RECORD_GROUP, "adhoc:tel:+447700900123", "SIXTEEN OCTETS !");
    char command[600];
    snprintf(command, sizeof command, "cat %s* | grep -aqE 'adhoc:tel|SIXTEEN'", path);
    assert_int_equal(WEXITSTATUS(system(command)), 1);
    store_close(store);
    assert_int_equal(WEXITSTATUS(system(command)), 1);
    records_assert(path, "2/adhoc:tel:+447700900123=SIXTEEN OCTETS !;");
}

static void a_second_program_is_told_that_the_store_is_open(void **state) {
    const char *path = scratch_path(state, "store");
    struct store *store = records_create(path);
    pid_t child = fork();
    if (child == 0) {
        struct store *second;
        struct error error = {0};
        enum status status = store_open(path, RECORDS_PASSPHRASE, &second, &error);
        _exit(status == STATUS_BUSY && strstr(error.text, "has it open") != NULL ? 0 : 1);
    }
    int result = -1;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
    records_must_put(store, RECORD_GROUP, "a", "1");
    store_close(store);
    records_assert(path, "2/a=1;");
}

static enum status refuse_second(void *context, enum record_kind kind, struct span key,
                                 struct span value) {
    (void)kind;
    (void)key;
    (void)value;
    return ++*(int *)context == 2 ? STATUS_NOT_FOUND : STATUS_OK;
}

static enum status note_value(void *context, enum record_kind kind, struct span key,
                              struct span value) {
    assert_int_equal(kind, RECORD_SETTING);
    assert_true(span_equal(key, span_of_text("b")));
    assert_true(span_equal(value, span_of_text("two")));
    ++*(size_t *)context;
    return STATUS_OK;
}

static void one_record_is_found_by_its_kind_and_key(void **state) {
    struct store *store = records_create(scratch_path(state, "store"));
    struct error error;
    size_t calls = 0;
    bool found;
    records_must_put(store, RECORD_SETTING, "a", "one");
    records_must_put(store, RECORD_SETTING, "b", "two");
    records_must_put(store, RECORD_TRUST, "b", "three");
    assert_int_equal(
        store_find(store, RECORD_SETTING, span_of_text("b"), note_value, &calls, &found, &error),
        STATUS_OK);
    assert_true(found && calls == 1);
    assert_int_equal(
        store_find(store, RECORD_TRUST, span_of_text("a"), note_value, &calls, &found, &error),
        STATUS_OK);
    assert_true(!found && calls == 1);
    store_close(store);
}

static void loading_stops_at_the_first_record_that_cannot_be_used(void **state) {
    struct store *store = records_create(scratch_path(state, "store"));
    records_must_put(store, RECORD_GROUP, "a", "1");
    records_must_put(store, RECORD_GROUP, "b", "1");
    records_must_put(store, RECORD_GROUP, "c", "1");
    int calls = 0;
    struct error error = {0};
    assert_int_equal(store_load(store, refuse_second, &calls, &error), STATUS_NOT_FOUND);
    assert_int_equal(calls, 2);
    records_assert_one_line(&error);
    store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(records_survive_closing_in_the_order_of_kind_and_key),
        TEST(later_changes_of_a_batch_win_and_deletions_of_nothing_do_no_harm),
        TEST(the_largest_record_fits),
        TEST(a_wrong_passphrase_is_refused_and_changes_no_octet),
        TEST(a_store_for_people_makes_each_guess_cost_256_mib_and_3_passes),
        TEST(a_store_is_readable_by_its_owner_alone),
        TEST(a_store_is_never_made_over_a_file_that_is_there),
        TEST(a_log_of_changes_whose_store_is_gone_is_not_taken_over),
        TEST(what_is_no_store_is_refused_with_the_reason),
        TEST(a_store_of_a_newer_version_is_refused_and_left_alone),
        TEST(rows_swapped_copied_added_left_out_or_put_back_are_noticed),
        TEST(a_table_built_anew_to_hold_older_rows_is_noticed),
        TEST(a_record_of_another_store_under_the_same_passphrase_is_noticed),
        TEST(neither_keys_nor_values_can_be_read_in_the_file),
        TEST(a_second_program_is_told_that_the_store_is_open),
        TEST(one_record_is_found_by_its_kind_and_key),
        TEST(loading_stops_at_the_first_record_that_cannot_be_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
