/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Erased means erased: what was deleted or replaced is in none of the store's files any more, also
 * for somebody who has the passphrase (thief.h), at any moment.
 */
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
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/store/record_keys.h"
#include "records.h"
#include "scratch.h"
#include "thief.h"

static const enum record_kind secret_kinds[] = {
    RECORD_CREDENTIAL, RECORD_GROUP,      RECORD_DEVICE_KEY, RECORD_MANAGER_KEYS, RECORD_REKEY,
    RECORD_ACCESS,     RECORD_KMS_DOMAIN, RECORD_KMS_BROKER, RECORD_PARTS,        RECORD_KMS_ROOT};

enum {
    SECRET_KINDS = sizeof secret_kinds / sizeof secret_kinds[0]
};

static void must_delete(struct store *store, enum record_kind kind, const char *key) {
    struct batch *batch = batch_new();
    struct error error;
    assert_int_equal(batch_delete(batch, kind, span_of_text(key)), STATUS_OK);
    assert_int_equal(store_apply(store, batch, &error), STATUS_OK);
    batch_free(batch);
}

/* The one value that is found; "" for none. */
static void assert_only(const char *path, enum record_kind kind, const char *value) {
    struct thief thief;
    thief_search(path, RECORDS_PASSPHRASE, kind, "a", &thief);
    assert_true(thief.heads > 0);
    if (thief.count != (value[0] != '\0') || (thief.count == 1 && !thief_has(&thief, value))) {
        fail_msg("kind %d, \"%s\": %zu values are found, the first is \"%s\"", (int)kind, value,
                 thief.count, thief.values[0]);
    }
}

/* As it lies on the disk while the store is open, which is what a kill leaves. */
static void what_was_replaced_or_deleted_is_nowhere(void **state) {
    const char *path = scratch_path(state, "store");
    struct store *store = records_create(path);
    records_must_put(store, RECORD_GROUP, "other", "kept.");
    for (size_t i = 0; i < SECRET_KINDS; i++) {
        enum record_kind kind = secret_kinds[i];
        records_must_put(store, kind, "a", "first.");
        assert_only(path, kind, "first");
        records_must_put(store, kind, "a", "second.");
        assert_only(path, kind, "second");
        must_delete(store, kind, "a");
        assert_only(path, kind, "");
    }
    store_close(store);
    records_assert(path, "2/other=kept.;");
}

static void a_large_record_is_erased_as_well(void **state) {
    static char value[20000];
    const char *path = scratch_path(state, "store");
    struct store *store = records_create(path);
    memset(value, 'x', sizeof value - 1);
    memcpy(value, "large           ", THIEF_VALUE_SIZE);
    records_must_put(store, RECORD_GROUP, "a", value);
    assert_only(path, RECORD_GROUP, "large          ");
    records_must_put(store, RECORD_GROUP, "a", "small.");
    assert_only(path, RECORD_GROUP, "small");
    store_close(store);
    assert_only(path, RECORD_GROUP, "small");
}

/* --- At random moments --------------------------------------------------------------------------
 */

/* Step n of a history that never ends: every fourth step deletes the record. */
static void value_after(uint32_t step, char value[THIEF_VALUE_SIZE]) {
    if (step == 0 || step % 4 == 0) {
        value[0] = '\0';
    } else {
        snprintf(value, THIEF_VALUE_SIZE, "step %u", (unsigned)step);
    }
}

static void step_on(const char *path, uint32_t step, int tell, bool with_reserve) {
    struct store *store;
    struct error error;
    if (store_open(path, RECORDS_PASSPHRASE, &store, &error) != STATUS_OK) {
        _exit(1);
    }
    if (with_reserve) {
        store_reserve(store);
    }
    for (;;) {
        char value[THIEF_VALUE_SIZE], ended[THIEF_VALUE_SIZE + 1], length[16];
        struct batch *batch = batch_new();
        value_after(++step, value);
        snprintf(ended, sizeof ended, "%s.", value);
        snprintf(length, sizeof length, "%*u", (int)(step % 7), (unsigned)step);
        enum status status = value[0] == '\0' ? batch_delete(batch, RECORD_GROUP, span_of_text("a"))
                                              : batch_put(batch, RECORD_GROUP, span_of_text("a"),
                                                          span_of_text(ended));
        if (status != STATUS_OK ||
            batch_put(batch, RECORD_SETTING, span_of_text("b"), span_of_text(length)) !=
                STATUS_OK ||
            store_apply(store, batch, &error) != STATUS_OK) {
            _exit(1);
        }
        batch_free(batch);
        if (write(tell, &step, sizeof step) != (ssize_t)sizeof step) {
            _exit(0);
        }
    }
}

static uint32_t random_below(uint32_t *state, uint32_t limit) {
    *state = *state * 1103515245U + 12345U;
    return (*state >> 16) % limit;
}

/* Nothing but the value of the last step that was reported, or of the one that was under way. */
static void assert_erased(const char *path, uint32_t reported) {
    struct thief thief;
    char value[THIEF_VALUE_SIZE], next[THIEF_VALUE_SIZE];
    value_after(reported, value);
    value_after(reported + 1, next);
    thief_search(path, RECORDS_PASSPHRASE, RECORD_GROUP, "a", &thief);
    for (size_t i = 0; i < thief.count; i++) {
        if (strcmp(thief.values[i], value) != 0 && strcmp(thief.values[i], next) != 0) {
            fail_msg("after step %u: \"%s\" can still be opened", (unsigned)reported,
                     thief.values[i]);
        }
    }
}

static void assert_opens(const char *path, uint32_t reported, uint32_t *step) {
    char value[THIEF_VALUE_SIZE], expected[64];
    struct records content = {{0}};
    for (*step = reported; *step <= reported + 1; ++*step) {
        value_after(*step, value);
        snprintf(expected, sizeof expected, "2/a=%s.;", value);
        struct error error = {0};
        content = (struct records){{0}};
        assert_int_equal(records_look(path, &content, &error), STATUS_OK);
        bool is_there = strncmp(content.text, "2/", 2) == 0;
        if (value[0] == '\0' ? !is_there : strncmp(content.text, expected, strlen(expected)) == 0) {
            return;
        }
    }
    fail_msg("after step %u: \"%s\"", (unsigned)reported, content.text);
}

static void a_program_killed_at_any_moment_leaves_nothing_of_what_it_deleted(void **state) {
    const char *path = scratch_path(state, "store");
    uint32_t seed = (uint32_t)time(NULL), step = 0;
    const char *given = getenv("SEED");
    seed = given != NULL ? (uint32_t)strtoul(given, NULL, 10) : seed;
    printf("seed %u\n", (unsigned)seed);
    store_close(records_create(path));
    for (int round = 0; round < 60; round++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        bool with_reserve = round % 12 == 11;
        pid_t child = fork();
        if (child == 0) {
            close(ends[0]);
            step_on(path, step, ends[1], with_reserve);
        }
        close(ends[1]);
        uint32_t reported = step;
        for (uint32_t steps = random_below(&seed, 9) + 1; steps > 0; steps--) {
            assert_int_equal(read(ends[0], &reported, sizeof reported), sizeof reported);
        }
        struct timespec moment = {.tv_nsec = (long)random_below(&seed, 2000) * 1000};
        nanosleep(&moment, NULL);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        while (read(ends[0], &reported, sizeof reported) == (ssize_t)sizeof reported) {
            continue;
        }
        close(ends[0]);
        assert_erased(path, reported);
        assert_opens(path, reported, &step);
        char value[THIEF_VALUE_SIZE];
        value_after(step, value);
        assert_only(path, RECORD_GROUP, value);
    }
}

/* --- A full disk, an old store, another passphrase -----------------------------------------------
 */

static void set_file_limit(rlim_t octets) {
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = octets < limit.rlim_max ? octets : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* No file grows any more, until long after the log of changes had to be written from the start
 * again. */
static void on_a_full_disk_is_erased_as_well(void **state) {
    const char *path = scratch_path(state, "store"), *log = scratch_path(state, "store-wal");
    struct store *store = records_create(path);
    records_must_put(store, RECORD_GROUP, "b", "other.");
    store_reserve(store);
    signal(SIGXFSZ, SIG_IGN);
    set_file_limit((rlim_t)scratch_size(log));
    for (unsigned i = 0; i < 400; i++) {
        char value[THIEF_VALUE_SIZE];
        snprintf(value, sizeof value, "value %u.", i);
        records_must_put(store, RECORD_GROUP, "a", value);
        if (i % 50 == 0) {
            value[strlen(value) - 1] = '\0';
            assert_only(path, RECORD_GROUP, value);
        }
        if (i % 3 == 0) {
            must_delete(store, RECORD_GROUP, "a");
        }
        if (i % 60 == 0) {
            assert_only(path, RECORD_GROUP, "");
        }
    }
    assert_true(store_is_short(store));
    set_file_limit(RLIM_INFINITY);
    store_close(store);
}

/* The key file is cut in the middle of being overwritten: at any octet. */
static void a_power_cut_while_a_key_is_destroyed_leaves_the_new_state(void **state) {
    const char *path = scratch_path(state, "store"), *cut = scratch_path(state, "cut");
    struct store *store = records_create(path);
    records_must_put(store, RECORD_GROUP, "a", "first.");
    records_copy(path, cut);
    uint8_t before[2 * 4096], after[2 * 4096];
    const char *keys = scratch_path(state, "store-keys"),
               *cut_keys = scratch_path(state, "cut-keys");
    FILE *file = fopen(keys, "rb");
    assert_non_null(file);
    assert_int_equal(fread(before, 1, sizeof before, file), sizeof before);
    fclose(file);
    records_must_put(store, RECORD_GROUP, "a", "second.");
    file = fopen(keys, "rb");
    assert_int_equal(fread(after, 1, sizeof after, file), sizeof after);
    fclose(file);
    assert_memory_not_equal(before, after, sizeof after);
    for (size_t length = 0; length <= sizeof after; length += length < 96 ? 7 : 1000) {
        uint8_t torn[sizeof after];
        memcpy(torn, after, length < sizeof after ? length : sizeof after);
        if (length < sizeof after) {
            memcpy(torn + length, before + length, sizeof after - length);
        }
        records_copy(path, cut);
        scratch_write(cut_keys, (struct span){torn, sizeof torn});
        struct store *opened = records_reopen(cut);
        assert_string_equal(records_content(opened).text, "2/a=second.;");
        assert_only(cut, RECORD_GROUP, "second");
        store_close(opened);
    }
    store_close(store);
}

static void without_its_key_file_a_store_says_what_is_missing(void **state) {
    const char *path = scratch_path(state, "store"), *keys = scratch_path(state, "store-keys"),
               *away = scratch_path(state, "away");
    struct store *store = records_create(path);
    struct error error;
    records_must_put(store, RECORD_GROUP, "a", "first.");
    assert_int_equal(rename(keys, away), 0);
    assert_int_equal(records_put(store, RECORD_GROUP, "a", "second.", &error), STATUS_FILE_GONE);
    store_close(store);
    assert_int_equal(store_open(path, RECORDS_PASSPHRASE, &store, &error), STATUS_FILE_GONE);
    records_assert_one_line(&error);
    assert_non_null(strstr(error.text, "store-keys"));
    assert_int_equal(rename(away, keys), 0);
    records_assert(path, "2/a=first.;");
}

/* On a stick, which is away at times: its keys are overwritten there, in place. */
static void a_key_file_may_be_kept_elsewhere(void **state) {
    const char *path = scratch_path(state, "store"), *keys = scratch_path(state, "store-keys"),
               *stick = scratch_path(state, "stick"), *away = scratch_path(state, "away");
    char target[PATH_MAX];
    struct store *store = records_create(path);
    struct error error;
    records_must_put(store, RECORD_GROUP, "a", "first.");
    store_close(store);
    assert_int_equal(rename(keys, stick), 0);
    assert_int_equal(symlink(stick, keys), 0);
    scratch_copy(stick, away);
    store = records_reopen(path);
    records_must_put(store, RECORD_GROUP, "a", "second.");
    store_close(store);
    assert_non_null(realpath(keys, target));
    assert_string_equal(strrchr(target, '/'), "/stick"); /* it is a link still */
    records_assert(path, "2/a=second.;");
    /* What was on the stick before opens nothing any more. */
    assert_int_equal(rename(stick, scratch_path(state, "new")), 0);
    assert_int_equal(store_open(path, RECORDS_PASSPHRASE, &store, &error), STATUS_FILE_GONE);
    assert_int_equal(rename(away, stick), 0);
    assert_int_not_equal(store_open(path, RECORDS_PASSPHRASE, &store, &error), STATUS_OK);
    assert_int_equal(rename(scratch_path(state, "new"), stick), 0);
    records_assert(path, "2/a=second.;");
    store_discard(path);
    assert_int_equal(scratch_size(stick), -1);
    assert_int_equal(scratch_size(keys), -1);
}

/* Another store's key file must not be overwritten. */
static void the_key_file_of_another_store_is_left_alone(void **state) {
    const char *path = scratch_path(state, "store"), *other = scratch_path(state, "other"),
               *keys = scratch_path(state, "store-keys"),
               *other_keys = scratch_path(state, "other-keys"), *away = scratch_path(state, "away");
    struct store *store = records_create(path), *second = records_create(other);
    struct error error;
    records_must_put(store, RECORD_GROUP, "a", "first.");
    records_must_put(second, RECORD_GROUP, "a", "other.");
    store_close(second);
    assert_int_equal(rename(keys, away), 0);
    assert_int_equal(rename(other_keys, keys), 0);
    assert_int_equal(records_put(store, RECORD_GROUP, "a", "second.", &error), STATUS_FILE_GONE);
    store_close(store);
    assert_int_equal(rename(keys, other_keys), 0);
    assert_int_equal(rename(away, keys), 0);
    records_assert(other, "2/a=other.;");
    records_assert(path, "2/a=second.;"); /* it was changed before the key was to be destroyed */
    assert_only(path, RECORD_GROUP, "second");
}

/* fixtures/stores/version-1: made by the program of before, which was killed. */
static void a_store_of_the_version_before_is_brought_up_and_swept(void **state) {
    const char *path = scratch_path(state, "store");
    struct thief thief;
    records_copy("fixtures/stores/version-1", path);
    thief_search(path, RECORDS_PASSPHRASE, RECORD_GROUP, "deleted", &thief);
    assert_true(thief_has(&thief, "secret 0"));
    thief_search(path, RECORDS_PASSPHRASE, RECORD_GROUP, "kept", &thief);
    assert_true(thief_has(&thief, "secret 1"));
    struct store *store = records_reopen(path);
    thief_search(path, RECORDS_PASSPHRASE, RECORD_GROUP, "deleted", &thief);
    assert_int_equal(thief.count, 0);
    thief_search(path, RECORDS_PASSPHRASE, RECORD_GROUP, "kept", &thief);
    assert_int_equal(thief.count, 1);
    assert_true(thief_has(&thief, "secret 3"));
    must_delete(store, RECORD_GROUP, "kept");
    must_delete(store, RECORD_CREDENTIAL, "month");
    thief_search(path, RECORDS_PASSPHRASE, RECORD_GROUP, "kept", &thief);
    assert_int_equal(thief.count, 0);
    thief_search(path, RECORDS_PASSPHRASE, RECORD_CREDENTIAL, "month", &thief);
    assert_int_equal(thief.count, 0);
    store_close(store);
    records_assert(path, "5/name=Alpha;");
}

static void after_a_change_the_old_passphrase_opens_nothing(void **state) {
    static const char fresh[] = "battery staple";
    const char *path = scratch_path(state, "store");
    struct thief thief;
    struct error error;
    struct store *store = records_create(path);
    for (int i = 0; i < 8; i++) {
        records_must_put(store, RECORD_GROUP, "a", "first.");
    }
    assert_int_equal(store_change_passphrase(store, span_of_text("wrong"), span_of_text(fresh),
                                             &entropy_system, &error),
                     STATUS_WRONG_PASSPHRASE);
    assert_int_equal(store_change_passphrase(store, RECORDS_PASSPHRASE, span_of_text(fresh),
                                             &entropy_system, &error),
                     STATUS_OK);
    thief_search(path, RECORDS_PASSPHRASE, RECORD_GROUP, "a", &thief);
    assert_int_equal(thief.heads, 0);
    thief_search(path, span_of_text(fresh), RECORD_GROUP, "a", &thief);
    assert_true(thief_has(&thief, "first"));
    records_must_put(store, RECORD_GROUP, "a", "second.");
    store_close(store);
    assert_int_equal(store_open(path, RECORDS_PASSPHRASE, &store, &error), STATUS_WRONG_PASSPHRASE);
    assert_int_equal(store_open(path, span_of_text(fresh), &store, &error), STATUS_OK);
    assert_string_equal(records_content(store).text, "2/a=second.;");
    store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_was_replaced_or_deleted_is_nowhere),
        TEST(a_large_record_is_erased_as_well),
        TEST(a_program_killed_at_any_moment_leaves_nothing_of_what_it_deleted),
        TEST(on_a_full_disk_is_erased_as_well),
        TEST(a_power_cut_while_a_key_is_destroyed_leaves_the_new_state),
        TEST(without_its_key_file_a_store_says_what_is_missing),
        TEST(a_key_file_may_be_kept_elsewhere),
        TEST(the_key_file_of_another_store_is_left_alone),
        TEST(a_store_of_the_version_before_is_brought_up_and_swept),
        TEST(after_a_change_the_old_passphrase_opens_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
