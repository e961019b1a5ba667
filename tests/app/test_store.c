/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/store/store.h"
#include "scratch.h"

#define PASSPHRASE span_of_text("correct horse")

static struct store *create(const char *path) {
    struct store *store = NULL;
    struct error error = {0};
    enum status status =
        store_create(path, PASSPHRASE, STORE_QUICK, &entropy_system, &store, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
    return store;
}

static struct store *reopen(const char *path) {
    struct store *store = NULL;
    struct error error = {0};
    enum status status = store_open(path, PASSPHRASE, &store, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
    return store;
}

static enum status put(struct store *store, enum record_kind kind, const char *key,
                       const char *value, struct error *error) {
    struct batch *batch = batch_new();
    assert_int_equal(batch_put(batch, kind, span_of_text(key), span_of_text(value)), STATUS_OK);
    enum status status = store_apply(store, batch, error);
    batch_free(batch);
    return status;
}

static void must_put(struct store *store, enum record_kind kind, const char *key,
                     const char *value) {
    struct error error = {0};
    assert_int_equal(put(store, kind, key, value, &error), STATUS_OK);
}

/* The store's content as text: "kind/key=value" in the order given, each with a semicolon. */
struct content {
    char text[1024];
};

static enum status add_to_content(void *context, enum record_kind kind, struct span key,
                                  struct span value) {
    struct content *content = context;
    size_t length = strlen(content->text);
    snprintf(content->text + length, sizeof content->text - length, "%d/%.*s=%.*s;", (int)kind,
             (int)key.length, (const char *)key.octets, (int)value.length,
             (const char *)value.octets);
    return STATUS_OK;
}

static struct content content_of(struct store *store) {
    struct content content = {{0}};
    struct error error = {0};
    assert_int_equal(store_load(store, add_to_content, &content, &error), STATUS_OK);
    return content;
}

/* Opens, loads and closes; the content is valid when it returns STATUS_OK. */
static enum status look(const char *path, struct content *content, struct error *error) {
    struct store *store = NULL;
    *content = (struct content){{0}};
    enum status status = store_open(path, PASSPHRASE, &store, error);
    if (status == STATUS_OK)
        status = store_load(store, add_to_content, content, error);
    else
        assert_null(store);
    store_close(store);
    return status;
}

static void assert_content(const char *path, const char *expected) {
    struct content content;
    struct error error = {0};
    assert_int_equal(look(path, &content, &error), STATUS_OK);
    assert_string_equal(content.text, expected);
}

/* What a person reads: one line that names the store. */
static void assert_one_line(const struct error *error) {
    assert_non_null(strstr(error->text, "store "));
    assert_null(strchr(error->text, '\n'));
    assert_true(strlen(error->text) > 20);
}

static void records_survive_closing_in_the_order_of_kind_and_key(void **state) {
    const char *path = scratch_path(state, "store");
    assert_false(store_exists(path));
    struct store *store = create(path);
    assert_true(store_exists(path));
    must_put(store, RECORD_SETTING, "name", "Fire 7");
    must_put(store, RECORD_GROUP, "b", "2");
    must_put(store, RECORD_GROUP, "ab", "1");
    must_put(store, RECORD_GROUP, "a", "");
    const char *expected = "2/a=;2/ab=1;2/b=2;5/name=Fire 7;";
    assert_string_equal(content_of(store).text, expected);
    store_close(store);
    store_close(NULL);
    assert_content(path, expected);
}

static void later_changes_of_a_batch_win_and_deletions_of_nothing_do_no_harm(void **state) {
    const char *path = scratch_path(state, "store");
    struct store *store = create(path);
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
    assert_content(path, "2/a=2;");
}

static void the_largest_record_fits(void **state) {
    const char *path = scratch_path(state, "store");
    static const uint8_t zeros[RECORD_VALUE_MAX];
    struct store *store = create(path);
    struct batch *batch = batch_new();
    struct error error;
    assert_int_equal(batch_put(batch, RECORD_GROUP, (struct span){zeros, RECORD_KEY_MAX},
                               (struct span){zeros, RECORD_VALUE_MAX}),
                     STATUS_OK);
    assert_int_equal(store_apply(store, batch, &error), STATUS_OK);
    batch_free(batch);
    store_close(store);
    struct content content;
    assert_int_equal(look(path, &content, &error), STATUS_OK);
}

static void a_wrong_passphrase_is_refused_and_changes_nothing(void **state) {
    const char *path = scratch_path(state, "store"), *copy = scratch_path(state, "copy");
    struct store *store = create(path);
    must_put(store, RECORD_GROUP, "a", "1");
    store_close(store);
    scratch_copy(path, copy);
    struct error error = {0};
    assert_int_equal(store_open(path, span_of_text("correct house"), &store, &error),
                     STATUS_WRONG_PASSPHRASE);
    assert_null(store);
    assert_one_line(&error);
    char compare[600];
    snprintf(compare, sizeof compare, "cmp -s %s %s", path, copy);
    assert_int_equal(system(compare), 0);
    assert_content(path, "2/a=1;");
}

static void a_store_for_people_makes_each_guess_cost_256_mib_and_3_passes(void **state) {
    const char *path = scratch_path(state, "store");
    struct store *store;
    struct error error;
    assert_int_equal(store_create(path, PASSPHRASE, STORE_HARD, &entropy_system, &store, &error),
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
    assert_content(path, "");
}

static void a_store_is_readable_by_its_owner_alone(void **state) {
    const char *path = scratch_path(state, "store"), *log = scratch_path(state, "store-wal");
    mode_t before = umask(0);
    struct store *store = create(path);
    must_put(store, RECORD_GROUP, "a", "1");
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
    struct store *store = create(path);
    must_put(store, RECORD_GROUP, "a", "1");
    store_close(store);
    struct error error = {0};
    assert_int_equal(store_create(path, PASSPHRASE, STORE_QUICK, &entropy_system, &store, &error),
                     STATUS_ALREADY_DONE);
    assert_null(store);
    assert_one_line(&error);
    assert_content(path, "2/a=1;");
}

static void a_log_of_changes_whose_store_is_gone_is_not_taken_over(void **state) {
    const char *path = scratch_path(state, "store"), *log = scratch_path(state, "store-wal");
    struct store *store;
    struct error error = {0};
    scratch_write(log, span_of_text("somebody's changes"));
    assert_int_equal(store_create(path, PASSPHRASE, STORE_QUICK, &entropy_system, &store, &error),
                     STATUS_ALREADY_DONE);
    assert_one_line(&error);
    assert_int_equal(scratch_size(log), 18);
    assert_false(store_exists(path));
    store_discard(path);
    assert_int_equal(scratch_size(log), -1);
    store_close(create(path));
}

static void what_is_no_store_is_refused_with_the_reason(void **state) {
    struct store *store;
    struct error error = {0};
    const char *path = scratch_path(state, "other");
    assert_int_equal(store_open(path, PASSPHRASE, &store, &error), STATUS_NOT_FOUND);
    assert_one_line(&error);
    scratch_write(path, span_of_text("Dear diary, this is a text and no store at all."));
    assert_int_equal(store_open(path, PASSPHRASE, &store, &error), STATUS_SEAL_BROKEN);
    assert_one_line(&error);
    scratch_write(path, (struct span){(const uint8_t *)"", 0});
    assert_int_equal(store_open(path, PASSPHRASE, &store, &error), STATUS_SEAL_BROKEN);
    assert_int_equal(store_open("/tmp", PASSPHRASE, &store, &error), STATUS_IO_FAILED);
    assert_one_line(&error);
    assert_int_equal(
        store_create("/nowhere/store", PASSPHRASE, STORE_QUICK, &entropy_system, &store, &error),
        STATUS_IO_FAILED);
    assert_one_line(&error);
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
    store_close(create(path));
    tamper(path, "PRAGMA user_version = 2");
    struct store *store;
    struct error error = {0};
    assert_int_equal(store_open(path, PASSPHRASE, &store, &error), STATUS_NEWER_VERSION);
    assert_one_line(&error);
    tamper(path, "PRAGMA user_version = 1");
    assert_content(path, "");
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
        "DELETE FROM store",
        "DROP TABLE record",
        /* What was read from the older copy below. */
        "UPDATE record SET record = (SELECT o.record FROM old.record o WHERE o.name = record.name)",
        "UPDATE store SET tally = (SELECT tally FROM old.store)",
    };
    const char *path = scratch_path(state, "store"), *good = scratch_path(state, "good"),
               *old = scratch_path(state, "old");
    struct store *store = create(path);
    must_put(store, RECORD_GROUP, "a", "1");
    must_put(store, RECORD_GROUP, "b", "1");
    store_close(store);
    scratch_copy(path, old);
    store = reopen(path);
    must_put(store, RECORD_GROUP, "a", "2");
    store_close(store);
    scratch_copy(path, good);
    for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++) {
        char sql[600];
        scratch_copy(good, path);
        assert_content(path, "2/a=2;2/b=1;");
        snprintf(sql, sizeof sql, "ATTACH '%s' AS old; %s", old, attacks[i]);
        tamper(path, sql);
        struct error error = {0};
        assert_int_equal(store_open(path, PASSPHRASE, &store, &error), STATUS_SEAL_BROKEN);
        assert_one_line(&error);
    }
}

static void a_record_of_another_store_under_the_same_passphrase_is_noticed(void **state) {
    const char *path = scratch_path(state, "store"), *other = scratch_path(state, "other");
    struct store *store = create(path);
    must_put(store, RECORD_GROUP, "a", "1");
    store_close(store);
    store = create(other);
    must_put(store, RECORD_GROUP, "a", "2");
    store_close(store);
    char sql[400];
    snprintf(sql, sizeof sql,
             "ATTACH '%s' AS other; DELETE FROM record;"
             "INSERT INTO record SELECT * FROM other.record;"
             "UPDATE store SET tally = (SELECT tally FROM other.store)",
             other);
    tamper(path, sql);
    struct error error = {0};
    assert_int_equal(store_open(path, PASSPHRASE, &store, &error), STATUS_SEAL_BROKEN);
}

static void neither_keys_nor_values_can_be_read_in_the_file(void **state) {
    const char *path = scratch_path(state, "store");
    struct store *store = create(path);
    must_put(store, RECORD_GROUP, "adhoc:tel:+447700900123", "SIXTEEN OCTETS !");
    char command[600];
    snprintf(command, sizeof command, "cat %s* | grep -aqE 'adhoc:tel|SIXTEEN'", path);
    assert_int_equal(WEXITSTATUS(system(command)), 1);
    store_close(store);
    assert_int_equal(WEXITSTATUS(system(command)), 1);
    assert_content(path, "2/adhoc:tel:+447700900123=SIXTEEN OCTETS !;");
}

static void a_second_program_is_told_that_the_store_is_open(void **state) {
    const char *path = scratch_path(state, "store");
    struct store *store = create(path);
    pid_t child = fork();
    if (child == 0) {
        struct store *second;
        struct error error = {0};
        enum status status = store_open(path, PASSPHRASE, &second, &error);
        _exit(status == STATUS_BUSY && strstr(error.text, "has it open") != NULL ? 0 : 1);
    }
    int result = -1;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
    must_put(store, RECORD_GROUP, "a", "1");
    store_close(store);
    assert_content(path, "2/a=1;");
}

/* Every octet is turned over when all tests are asked for, otherwise one in 17. */
static void a_damaged_octet_anywhere_is_noticed_or_does_no_harm(void **state) {
    const char *path = scratch_path(state, "store"), *good = scratch_path(state, "good");
    struct store *store = create(path);
    must_put(store, RECORD_GROUP, "a", "1");
    must_put(store, RECORD_SETTING, "name", "Fire 7");
    store_close(store);
    scratch_copy(path, good);
    long step = getenv("MUSTER_TESTS_ALL") != NULL && *getenv("MUSTER_TESTS_ALL") ? 1 : 17;
    long noticed = 0;
    for (long offset = 0; offset < scratch_size(good); offset += step) {
        struct content content;
        struct error error = {0};
        scratch_copy(good, path);
        scratch_flip(path, offset, 1U << (offset % 8));
        if (look(path, &content, &error) == STATUS_OK) {
            assert_string_equal(content.text, "2/a=1;5/name=Fire 7;");
        } else {
            assert_one_line(&error);
            noticed++;
        }
    }
    assert_true(noticed > 20);
}

/* A power cut in the middle of writing: what reached the disk is some beginning of what was to be
 * written to the log of changes, at any octet. */
static void a_power_cut_at_any_octet_leaves_the_old_state_or_the_new_one(void **state) {
    const char *path = scratch_path(state, "store"), *log = scratch_path(state, "store-wal"),
               *cut = scratch_path(state, "cut"), *cut_log = scratch_path(state, "cut-wal");
    struct store *store = create(path);
    must_put(store, RECORD_GROUP, "a", "1");
    long before = scratch_size(log);
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
        if (length > after - 61 && length < after - 1)
            length = after - 1;
        struct content content;
        scratch_copy(path, cut);
        scratch_copy(log, cut_log);
        assert_int_equal(truncate(cut_log, length), 0);
        assert_int_equal(look(cut, &content, &error), STATUS_OK);
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
    if (store_open(path, PASSPHRASE, &store, &error) != STATUS_OK)
        _exit(1);
    struct content content = {{0}};
    if (store_load(store, add_to_content, &content, &error) != STATUS_OK)
        _exit(1);
    uint32_t count = 0;
    sscanf(content.text, "2/a=%u;", &count);
    for (;;) {
        char text[16];
        snprintf(text, sizeof text, "%u", ++count);
        struct batch *batch = batch_new();
        if (batch_put(batch, RECORD_GROUP, span_of_text("a"), span_of_text(text)) != STATUS_OK ||
            batch_put(batch, RECORD_GROUP, span_of_text("b"), span_of_text(text)) != STATUS_OK ||
            store_apply(store, batch, &error) != STATUS_OK)
            _exit(1);
        batch_free(batch);
        if (write(tell, &count, sizeof count) != (ssize_t)sizeof count)
            _exit(0);
    }
}

static void a_program_killed_at_any_moment_loses_nothing_that_it_reported(void **state) {
    const char *path = scratch_path(state, "store");
    store_close(create(path));
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
        for (int i = 0; i <= round % 7; i++)
            assert_int_equal(read(ends[0], &reported, sizeof reported), sizeof reported);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        /* It may have counted on between the last report that was read and its end. */
        while (read(ends[0], &reported, sizeof reported) == (ssize_t)sizeof reported)
            continue;
        close(ends[0]);
        struct content content;
        struct error error = {0};
        uint32_t a = 0, b = 0;
        assert_int_equal(look(path, &content, &error), STATUS_OK);
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
    struct store *store = create(path);
    must_put(store, RECORD_GROUP, "a", "1");
    store_close(store);
    signal(SIGXFSZ, SIG_IGN);
    int refused = 0;
    for (rlim_t limit = 0;; limit += 1000) {
        struct error error = {0};
        store = reopen(path);
        set_file_limit(limit);
        enum status status = put(store, RECORD_GROUP, "a", "2", &error);
        set_file_limit(RLIM_INFINITY);
        if (status == STATUS_OK)
            break;
        assert_int_equal(status, STATUS_NO_SPACE);
        assert_one_line(&error);
        refused++;
        assert_string_equal(content_of(store).text, "2/a=1;");
        store_close(store);
        assert_content(path, "2/a=1;");
    }
    assert_true(refused > 3);
    /* Once there is room, the same store goes on. */
    must_put(store, RECORD_GROUP, "a", "3");
    store_close(store);
    assert_content(path, "2/a=3;");
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
            store_create(path, PASSPHRASE, STORE_QUICK, &entropy_system, &store, &error);
        set_file_limit(RLIM_INFINITY);
        if (status == STATUS_OK)
            break;
        assert_int_equal(status, STATUS_NO_SPACE);
        assert_one_line(&error);
        assert_null(store);
        assert_false(store_exists(path));
        refused++;
    }
    assert_true(refused > 3);
    store_close(store);
    assert_content(path, "");
    char command[300];
    snprintf(command, sizeof command, "test $(ls %s | wc -l) -eq 1",
             ((struct scratch *)*state)->folder);
    assert_int_equal(system(command), 0); /* no drafts left behind */
}

static enum status refuse_second(void *context, enum record_kind kind, struct span key,
                                 struct span value) {
    (void)kind;
    (void)key;
    (void)value;
    return ++*(int *)context == 2 ? STATUS_NOT_FOUND : STATUS_OK;
}

static void loading_stops_at_the_first_record_that_cannot_be_used(void **state) {
    struct store *store = create(scratch_path(state, "store"));
    must_put(store, RECORD_GROUP, "a", "1");
    must_put(store, RECORD_GROUP, "b", "1");
    must_put(store, RECORD_GROUP, "c", "1");
    int calls = 0;
    struct error error = {0};
    assert_int_equal(store_load(store, refuse_second, &calls, &error), STATUS_NOT_FOUND);
    assert_int_equal(calls, 2);
    assert_one_line(&error);
    store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(records_survive_closing_in_the_order_of_kind_and_key),
        TEST(later_changes_of_a_batch_win_and_deletions_of_nothing_do_no_harm),
        TEST(the_largest_record_fits),
        TEST(a_wrong_passphrase_is_refused_and_changes_nothing),
        TEST(a_store_for_people_makes_each_guess_cost_256_mib_and_3_passes),
        TEST(a_store_is_readable_by_its_owner_alone),
        TEST(a_store_is_never_made_over_a_file_that_is_there),
        TEST(a_log_of_changes_whose_store_is_gone_is_not_taken_over),
        TEST(what_is_no_store_is_refused_with_the_reason),
        TEST(a_store_of_a_newer_version_is_refused_and_left_alone),
        TEST(rows_swapped_copied_added_left_out_or_put_back_are_noticed),
        TEST(a_record_of_another_store_under_the_same_passphrase_is_noticed),
        TEST(neither_keys_nor_values_can_be_read_in_the_file),
        TEST(a_second_program_is_told_that_the_store_is_open),
        TEST(a_damaged_octet_anywhere_is_noticed_or_does_no_harm),
        TEST(a_power_cut_at_any_octet_leaves_the_old_state_or_the_new_one),
        TEST(a_program_killed_at_any_moment_loses_nothing_that_it_reported),
        TEST(a_full_disk_is_said_and_leaves_the_old_state),
        TEST(a_store_that_does_not_fit_the_disk_is_not_begun),
        TEST(loading_stops_at_the_first_record_that_cannot_be_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
