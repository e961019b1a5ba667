/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the store asks of the disk. Under SQLite is a file system of the test's own that knows of
 * each file what was synced: that is what a power cut leaves, and nothing else.
 */
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/store/store.h"
#include "records.h"
#include "scratch.h"

enum {
    PATH_SIZE = 512
};

/* --- A disk with a power switch ------------------------------------------------------------- */

struct disk_file {
    sqlite3_file base;
    sqlite3_file *real;
    char path[PATH_SIZE];
};

static sqlite3_vfs *real_disk;
static unsigned syncs;
static bool fails; /* each sync does, and so does what asks for it */

static struct disk_file *disk_file(sqlite3_file *file) {
    return (struct disk_file *)file;
}

static sqlite3_file *real_file(sqlite3_file *file) {
    return disk_file(file)->real;
}

static void synced_name(const char *path, char name[PATH_SIZE]) {
    assert_true(snprintf(name, PATH_SIZE, "%s.synced", path) < PATH_SIZE);
}

static int disk_close(sqlite3_file *file) {
    return real_file(file)->pMethods->xClose(real_file(file));
}

static int disk_read(sqlite3_file *file, void *octets, int length, sqlite3_int64 at) {
    return real_file(file)->pMethods->xRead(real_file(file), octets, length, at);
}

static int disk_write(sqlite3_file *file, const void *octets, int length, sqlite3_int64 at) {
    return real_file(file)->pMethods->xWrite(real_file(file), octets, length, at);
}

static int disk_truncate(sqlite3_file *file, sqlite3_int64 size) {
    return real_file(file)->pMethods->xTruncate(real_file(file), size);
}

static int disk_sync(sqlite3_file *file, int flags) {
    char name[PATH_SIZE];
    if (fails) {
        return SQLITE_IOERR_FSYNC;
    }
    int result = real_file(file)->pMethods->xSync(real_file(file), flags);
    synced_name(disk_file(file)->path, name);
    scratch_copy(disk_file(file)->path, name);
    syncs++;
    return result;
}

static int disk_size(sqlite3_file *file, sqlite3_int64 *size) {
    return real_file(file)->pMethods->xFileSize(real_file(file), size);
}

static int disk_lock(sqlite3_file *file, int level) {
    return real_file(file)->pMethods->xLock(real_file(file), level);
}

static int disk_unlock(sqlite3_file *file, int level) {
    return real_file(file)->pMethods->xUnlock(real_file(file), level);
}

static int disk_is_reserved(sqlite3_file *file, int *is_reserved) {
    return real_file(file)->pMethods->xCheckReservedLock(real_file(file), is_reserved);
}

static int disk_control(sqlite3_file *file, int operation, void *argument) {
    return real_file(file)->pMethods->xFileControl(real_file(file), operation, argument);
}

static int disk_sector(sqlite3_file *file) {
    return real_file(file)->pMethods->xSectorSize(real_file(file));
}

static int disk_traits(sqlite3_file *file) {
    return real_file(file)->pMethods->xDeviceCharacteristics(real_file(file));
}

static const sqlite3_io_methods disk_methods = {.iVersion = 1,
                                                .xClose = disk_close,
                                                .xRead = disk_read,
                                                .xWrite = disk_write,
                                                .xTruncate = disk_truncate,
                                                .xSync = disk_sync,
                                                .xFileSize = disk_size,
                                                .xLock = disk_lock,
                                                .xUnlock = disk_unlock,
                                                .xCheckReservedLock = disk_is_reserved,
                                                .xFileControl = disk_control,
                                                .xSectorSize = disk_sector,
                                                .xDeviceCharacteristics = disk_traits};

static int disk_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
                     int *flags_out) {
    struct disk_file *opened = disk_file(file);
    (void)vfs;
    opened->real = (sqlite3_file *)(opened + 1);
    snprintf(opened->path, sizeof opened->path, "%s", path == NULL ? "" : path);
    int result = real_disk->xOpen(real_disk, path, opened->real, flags, flags_out);
    opened->base.pMethods = opened->real->pMethods == NULL ? NULL : &disk_methods;
    return result;
}

/* From now on SQLite works on this disk. */
static void use_disk(void) {
    static sqlite3_vfs disk;
    real_disk = sqlite3_vfs_find(NULL);
    assert_non_null(real_disk);
    disk = *real_disk;
    disk.zName = "switched";
    disk.szOsFile += (int)sizeof(struct disk_file);
    disk.xOpen = disk_open;
    assert_int_equal(sqlite3_vfs_register(&disk, 1), SQLITE_OK);
}

/* What is left of the store when the power fails now, as records_look tells it. */
static void cut_power(void **state, struct records *content) {
    const char *cut = scratch_path(state, "cut");
    struct error error;
    scratch_copy(scratch_path(state, "store.synced"), cut);
    scratch_copy(scratch_path(state, "store-wal.synced"), scratch_path(state, "cut-wal"));
    scratch_copy(scratch_path(state, "store-keys"), scratch_path(state, "cut-keys"));
    assert_int_equal(records_look(cut, content, &error), STATUS_OK);
}

/* A new store, which is on the disk: that is file.c's affair. */
static struct store *new_store(void **state) {
    struct store *store = records_create(scratch_path(state, "store"));
    scratch_copy(scratch_path(state, "store"), scratch_path(state, "store.synced"));
    return store;
}

/* --- Tests ---------------------------------------------------------------------------------- */

static void what_was_reported_durable_survives_a_power_cut_at_once(void **state) {
    struct store *store = new_store(state);
    for (unsigned i = 0; i < 20; i++) {
        char value[8], expected[32];
        struct records content;
        snprintf(value, sizeof value, "%u", i);
        snprintf(expected, sizeof expected, "2/a=%u;", i);
        unsigned before = syncs;
        records_must_put(store, RECORD_GROUP, "a", value);
        assert_true(syncs > before);
        cut_power(state, &content);
        assert_string_equal(content.text, expected);
    }
    store_close(store);
}

static void several_batches_cost_one_sync_and_survive_together(void **state) {
    struct store *store = new_store(state);
    struct batch *batches[3];
    struct records content;
    struct error error;
    records_must_put(store, RECORD_GROUP, "a", "0");
    records_must_put(store, RECORD_GROUP, "a", "1");
    unsigned before = syncs;
    records_must_put(store, RECORD_GROUP, "a", "2");
    unsigned for_one = syncs - before;
    for (size_t i = 0; i < 3; i++) {
        char key[] = {(char)('a' + i), 0};
        batches[i] = batch_new();
        assert_non_null(batches[i]);
        assert_int_equal(
            batch_put(batches[i], RECORD_GROUP, span_of_text(key), span_of_text("new")), STATUS_OK);
    }
    before = syncs;
    assert_int_equal(store_apply_all(store, (const struct batch *const *)batches, 3, &error),
                     STATUS_OK);
    assert_int_equal(syncs - before, for_one);
    cut_power(state, &content);
    assert_string_equal(content.text, "2/a=new;2/b=new;2/c=new;");
    for (size_t i = 0; i < 3; i++) {
        batch_free(batches[i]);
    }
    store_close(store);
}

static void a_sync_that_fails_is_reported_and_can_be_tried_again(void **state) {
    struct store *store = new_store(state);
    struct batch *batch = batch_new();
    struct records content;
    struct error error;
    records_must_put(store, RECORD_GROUP, "a", "1");
    assert_non_null(batch);
    assert_int_equal(batch_put(batch, RECORD_GROUP, span_of_text("a"), span_of_text("2")),
                     STATUS_OK);
    fails = true;
    assert_int_equal(store_apply(store, batch, &error), STATUS_IO_FAILED);
    records_assert_one_line(&error);
    cut_power(state, &content);
    assert_string_equal(content.text, "2/a=1;");
    fails = false;
    assert_int_equal(store_apply(store, batch, &error), STATUS_OK);
    cut_power(state, &content);
    assert_string_equal(content.text, "2/a=2;");
    batch_free(batch);
    store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_was_reported_durable_survives_a_power_cut_at_once),
        TEST(several_batches_cost_one_sync_and_survive_together),
        TEST(a_sync_that_fails_is_reported_and_can_be_tried_again),
    };
    use_disk();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
