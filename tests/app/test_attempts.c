/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whoever guesses a store's passphrase waits, longer each time, whatever happens to the program or
 * the machine in between; and where that was set, the store is destroyed in the end.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/store/attempts.h"
#include "app/store/destruction.h"
#include "app/store/key_file.h"
#include "app/store/store.h"
#include "records.h"
#include "scratch.h"

static const char *new_store(void **state) {
    const char *path = scratch_path(state, "store");
    struct store *store = records_create(path);
    records_must_put(store, RECORD_GROUP, "group", "the key of a group");
    store_close(store);
    return path;
}

static enum status guess(const char *path, const char *passphrase) {
    struct store *store = NULL;
    struct error error;
    enum status status = store_open(path, span_of_text(passphrase), &store, &error);
    store_close(store);
    return status;
}

static unsigned wrong_of(const char *path) {
    struct attempts attempts;
    attempts_look(path, &attempts);
    return attempts.wrong;
}

static int64_t wait_of(const char *path) {
    struct attempts attempts;
    attempts_look(path, &attempts);
    return attempts.wait_ms;
}

/* As after so many wrong ones, the last of them `ago_ms` before now, in this run of the machine or
 * in another. */
static void pretend(const char *path, unsigned wrong, int64_t ago_ms, bool in_another_run) {
    char name[ATTEMPTS_PATH_SIZE], text[200], boot[64] = "";
    struct attempts attempts;
    struct timespec now;
    attempts_look(path, &attempts);
    attempts_path(path, name);
    clock_gettime(CLOCK_BOOTTIME, &now);
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
    assert_int_equal(fscanf(file, "%36s", boot), 1);
    fclose(file);
    int length = snprintf(text, sizeof text, "wrong %u erase-after %u boot %s since %lld\n", wrong,
                          attempts.erase_after, in_another_run ? "another-run" : boot,
                          (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000 - (long long)ago_ms);
    scratch_write(name, (struct span){(const uint8_t *)text, (size_t)length});
}

/* So that it takes no space later. */
static void a_new_store_has_its_file(void **state) {
    char name[ATTEMPTS_PATH_SIZE];
    attempts_path(new_store(state), name);
    long size = scratch_size(name);
    assert_true(size > 0);
    assert_int_equal(guess(scratch_path(state, "store"), "wrong"), STATUS_WRONG_PASSPHRASE);
    assert_int_equal(scratch_size(name), size);
}

static void three_may_be_wrong_and_then_each_waits_longer(void **state) {
    const char *path = new_store(state);
    for (unsigned i = 0; i < ATTEMPTS_FREE; i++) {
        assert_int_equal(guess(path, "wrong"), STATUS_WRONG_PASSPHRASE);
        assert_int_equal(wrong_of(path), i + 1);
    }
    assert_in_range(wait_of(path), 1, ATTEMPTS_FIRST_WAIT_MS);
    assert_int_equal(guess(path, "wrong"), STATUS_RATE_LIMITED);
    assert_int_equal(guess(path, "correct horse"), STATUS_RATE_LIMITED);
    assert_int_equal(wrong_of(path), ATTEMPTS_FREE);
    for (unsigned wrong = ATTEMPTS_FREE; wrong < 40; wrong++) {
        int64_t before = attempts_wait_after(wrong), after = attempts_wait_after(wrong + 1);
        assert_true(after == 2 * before || after == ATTEMPTS_LONGEST_WAIT_MS);
    }
    assert_int_equal(attempts_wait_after(UINT32_MAX), ATTEMPTS_LONGEST_WAIT_MS);
}

static void once_the_wait_is_over_the_right_one_opens_and_all_is_forgotten(void **state) {
    const char *path = new_store(state);
    pretend(path, 7, attempts_wait_after(7), false);
    assert_int_equal(wait_of(path), 0);
    assert_int_equal(guess(path, "correct horse"), STATUS_OK);
    assert_int_equal(wrong_of(path), 0);
    pretend(path, 7, attempts_wait_after(7), false);
    assert_int_equal(guess(path, "wrong"), STATUS_WRONG_PASSPHRASE);
    assert_int_equal(wrong_of(path), 8);
    assert_true(wait_of(path) > attempts_wait_after(7));
}

/* The program is killed in the middle of an attempt, which counts all the same. */
static void a_program_that_is_killed_gets_nothing_back(void **state) {
    const char *path = new_store(state);
    for (unsigned i = 0; i < ATTEMPTS_FREE; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            struct attempts attempts;
            _exit(attempts_begin(path, &attempts) == STATUS_OK && raise(SIGKILL) == 0 ? 1 : 2);
        }
        int how;
        assert_int_equal(waitpid(pid, &how, 0), pid);
        assert_true(WIFSIGNALED(how));
        assert_int_equal(wrong_of(path), i + 1);
    }
    assert_int_equal(guess(path, "correct horse"), STATUS_RATE_LIMITED);
}

/* Neither starting the machine anew nor a boot clock that stands before the attempt shortens it. */
static void a_wait_begins_anew_after_a_boot(void **state) {
    const char *path = new_store(state);
    pretend(path, 10, attempts_wait_after(10), true);
    assert_true(wait_of(path) > attempts_wait_after(10) - 60 * 1000);
    assert_int_equal(guess(path, "correct horse"), STATUS_RATE_LIMITED);
    assert_int_equal(wrong_of(path), 10);
}

static void a_clock_that_was_set_back_shortens_nothing(void **state) {
    const char *path = new_store(state);
    pretend(path, 10, -3600 * 1000, false);
    assert_true(wait_of(path) > attempts_wait_after(10) - 60 * 1000);
    assert_true(wait_of(path) <= attempts_wait_after(10));
    pretend(path, ATTEMPTS_FREE - 1, INT64_C(-4000000000000), false); /* nothing to wait for */
    assert_int_equal(wait_of(path), 0);
    assert_int_equal(guess(path, "correct horse"), STATUS_OK);
}

static void what_is_no_wrong_passphrase_is_not_counted(void **state) {
    const char *path = new_store(state);
    struct store *store, *other = NULL;
    struct error error;
    assert_int_equal(guess(path, "wrong"), STATUS_WRONG_PASSPHRASE);
    store = records_reopen(path);
    assert_int_equal(store_open(path, span_of_text("correct horse"), &other, &error), STATUS_BUSY);
    assert_int_equal(store_open(path, span_of_text("wrong"), &other, &error), STATUS_BUSY);
    store_close(store);
    assert_int_equal(wrong_of(path), 0);
    scratch_flip(path, 4096 + 200, 0xFF); /* maybe damaged, maybe not: in any case no guess */
    unsigned before = wrong_of(path);
    enum status status = guess(path, "correct horse");
    assert_true(status != STATUS_WRONG_PASSPHRASE && status != STATUS_RATE_LIMITED);
    assert_int_equal(wrong_of(path), before);
}

/* A disk that takes nothing locks no officer out. */
static void it_opens_where_nothing_can_be_counted(void **state) {
    const char *path = new_store(state);
    char name[ATTEMPTS_PATH_SIZE];
    attempts_path(path, name);
    unlink(name);
    assert_int_equal(mkdir(name, 0700), 0);
    assert_int_equal(guess(path, "correct horse"), STATUS_OK);
    assert_int_equal(guess(path, "wrong"), STATUS_WRONG_PASSPHRASE);
    assert_int_equal(rmdir(name), 0);
}

/* --- A disk that fails in the middle ---------------------------------------------------------- */

/* Of the store's writes to its small files, by number from now on, these fail; none: 0. */
static unsigned writes, fails_from, fails_to;

ssize_t __real_pwrite(int file, const void *octets, size_t length, off_t at);
ssize_t __wrap_pwrite(int file, const void *octets, size_t length, off_t at);

ssize_t __wrap_pwrite(int file, const void *octets, size_t length, off_t at) {
    writes++;
    if (writes >= fails_from && writes <= fails_to) {
        errno = EIO;
        return -1;
    }
    return __real_pwrite(file, octets, length, at);
}

/* The store is opened with the right passphrase. From the second write on, `count` fail: the
 * attempt is counted, and to be taken back. */
static struct store *open_on_failing_disk(const char *path, unsigned count) {
    struct store *store;
    struct error error;
    writes = 0;
    fails_from = 2;
    fails_to = 1 + count;
    assert_int_equal(store_open(path, span_of_text("correct horse"), &store, &error), STATUS_OK);
    assert_true(writes >= fails_from);
    return store;
}

static void the_disk_is_back(void) {
    fails_from = fails_to = 0;
}

static void one_write_that_fails_leaves_nothing_counted(void **state) {
    const char *path = new_store(state);
    struct store *store = open_on_failing_disk(path, 1);
    the_disk_is_back();
    assert_int_equal(wrong_of(path), 0);
    store_close(store);
}

/* As often as wrong ones would make the next one wait. */
static void what_was_right_is_not_counted_once_the_disk_is_back(void **state) {
    const char *path = new_store(state);
    for (unsigned i = 0; i < 2 * ATTEMPTS_FREE; i++) {
        struct store *store = open_on_failing_disk(path, 100);
        assert_int_equal(wrong_of(path), 1);
        the_disk_is_back();
        if (i % 2 == 0) {
            records_must_put(store, RECORD_GROUP, "group", "another key");
            assert_int_equal(wrong_of(path), 0);
        }
        store_close(store);
        assert_int_equal(wrong_of(path), 0);
    }
    assert_int_equal(guess(path, "wrong"), STATUS_WRONG_PASSPHRASE);
    assert_int_equal(wrong_of(path), 1);
}

/* Nor does a failing disk give a guess back. */
static void what_was_wrong_stays_counted_on_a_failing_disk(void **state) {
    const char *path = new_store(state);
    writes = 0;
    fails_from = 2;
    fails_to = 100;
    assert_int_equal(guess(path, "wrong"), STATUS_WRONG_PASSPHRASE);
    the_disk_is_back();
    assert_int_equal(wrong_of(path), 1);
}

static void after_so_many_as_were_set_the_store_is_destroyed(void **state) {
    const char *path = new_store(state);
    char keys[KEY_FILE_PATH_SIZE];
    key_file_path(path, keys);
    assert_int_equal(attempts_set_erasing(path, 5), STATUS_OK);
    for (unsigned i = 1; i <= 5; i++) {
        assert_true(store_exists(path));
        pretend(path, i - 1, attempts_wait_after(i), false);
        assert_int_equal(guess(path, "wrong"), STATUS_WRONG_PASSPHRASE);
    }
    assert_false(store_exists(path));
    assert_int_equal(scratch_size(keys), -1);
}

static void the_right_one_before_the_last_saves_it(void **state) {
    const char *path = new_store(state);
    assert_int_equal(attempts_set_erasing(path, 5), STATUS_OK);
    pretend(path, 4, attempts_wait_after(4), false);
    assert_int_equal(guess(path, "correct horse"), STATUS_OK);
    struct attempts attempts;
    attempts_look(path, &attempts);
    assert_int_equal(attempts.erase_after, 5);
    pretend(path, 3, attempts_wait_after(4), false);
    assert_int_equal(guess(path, "wrong"), STATUS_WRONG_PASSPHRASE);
    assert_true(store_exists(path));
}

/* --- Destroying ------------------------------------------------------------------------------- */

static bool folder_holds(const char *path, const uint8_t *octets, size_t length) {
    static uint8_t content[1 << 20];
    FILE *file = fopen(path, "r");
    size_t got = file != NULL ? fread(content, 1, sizeof content, file) : 0;
    if (file != NULL) {
        fclose(file);
    }
    return memmem(content, got, octets, length) != NULL;
}

/* Where names cannot be removed, what they named is overwritten all the same; and that is said. */
static void what_cannot_be_removed_is_overwritten_and_told(void **state) {
    const char *path = new_store(state);
    char keys[KEY_FILE_PATH_SIZE], link_of_keys[KEY_FILE_PATH_SIZE + 8];
    struct key_file file = {0};
    struct error error;
    struct destruction destruction = {0};
    key_file_path(path, keys);
    assert_int_equal(key_file_read(path, &file, &error), STATUS_OK);
    snprintf(link_of_keys, sizeof link_of_keys, "%s.other", keys);
    assert_int_equal(link(keys, link_of_keys), 0); /* another name of the same octets */
    assert_true(folder_holds(link_of_keys, file.keys[0], sizeof file.keys[0]));
    destroy_store(path, &destruction);
    assert_true(destruction_is_whole(&destruction));
    assert_true(destruction.found >= 2);
    assert_false(store_exists(path));
    assert_false(folder_holds(link_of_keys, file.keys[0], sizeof file.keys[0]));
    assert_false(folder_holds(link_of_keys, file.keys[1], sizeof file.keys[1]));
}

/* The store is where the link leads, its key file beside the link. */
static void a_store_behind_a_link_is_destroyed(void **state) {
    const char *path = new_store(state), *name = scratch_path(state, "link");
    char keys[KEY_FILE_PATH_SIZE], keys_of_link[KEY_FILE_PATH_SIZE];
    struct destruction destruction = {0};
    key_file_path(path, keys);
    key_file_path(name, keys_of_link);
    assert_int_equal(symlink(path, name), 0);
    assert_int_equal(rename(keys, keys_of_link), 0);
    assert_int_equal(guess(name, "correct horse"), STATUS_OK);
    destroy_store(name, &destruction);
    assert_true(destruction_is_whole(&destruction));
    assert_false(store_exists(path));
    assert_int_equal(scratch_size(keys_of_link), -1);
    struct stat what;
    assert_int_equal(lstat(name, &what), -1);
}

static void another_store_whose_name_begins_alike_is_left_alone(void **state) {
    const char *path = new_store(state);
    struct destruction destruction = {0};
    struct store *other = records_create(scratch_path(state, "store2"));
    store_close(other);
    other = records_create(scratch_path(state, "store-2"));
    store_close(other);
    destroy_store(path, &destruction);
    assert_true(store_exists(scratch_path(state, "store2")));
    assert_true(store_exists(scratch_path(state, "store-2")));
}

static void nothing_is_nothing(void **state) {
    struct destruction destruction = {0};
    destroy_store(scratch_path(state, "none"), &destruction);
    assert_int_equal(destruction.found, 0);
    assert_int_equal(destruction.left_count, 0);
    assert_int_equal(mkdir(scratch_path(state, "folder"), 0700), 0);
    destroy_file(scratch_path(state, "folder"), &destruction);
    assert_int_equal(destruction.found, 0);
    assert_int_equal(rmdir(scratch_path(state, "folder")), 0);
}

/* Another program makes an attempt, if it may, as soon as `start` is over; 0 if it does. */
static pid_t guess_when(const char *path, int start, int other_end) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct attempts attempts;
        char octet;
        close(other_end);
        (void)!read(start, &octet, 1);
        _exit(attempts_begin(path, &attempts) == STATUS_OK ? 0 : 1);
    }
    return child;
}

/* Many programs at once make no more of them than one does after the other. */
static void those_who_guess_at_once_are_all_counted(void **state) {
    enum {
        ROUNDS = 20,
        TOGETHER = 8
    };
    const char *path = new_store(state);
    for (int round = 0; round < ROUNDS; round++) {
        pid_t children[TOGETHER];
        int start[2];
        unsigned made = 0;
        pretend(path, 0, 0, false);
        assert_int_equal(pipe(start), 0);
        for (int i = 0; i < TOGETHER; i++) {
            children[i] = guess_when(path, start[0], start[1]);
        }
        close(start[1]);
        for (int i = 0; i < TOGETHER; i++) {
            int how;
            assert_int_equal(waitpid(children[i], &how, 0), children[i]);
            assert_true(WIFEXITED(how));
            made += WEXITSTATUS(how) == 0;
        }
        close(start[0]);
        assert_int_equal(made, ATTEMPTS_FREE);
        assert_int_equal(wrong_of(path), ATTEMPTS_FREE);
    }
}

#define ATTEMPT(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        ATTEMPT(a_new_store_has_its_file),
        ATTEMPT(three_may_be_wrong_and_then_each_waits_longer),
        ATTEMPT(once_the_wait_is_over_the_right_one_opens_and_all_is_forgotten),
        ATTEMPT(those_who_guess_at_once_are_all_counted),
        ATTEMPT(a_program_that_is_killed_gets_nothing_back),
        ATTEMPT(a_wait_begins_anew_after_a_boot),
        ATTEMPT(a_clock_that_was_set_back_shortens_nothing),
        ATTEMPT(what_is_no_wrong_passphrase_is_not_counted),
        ATTEMPT(it_opens_where_nothing_can_be_counted),
        ATTEMPT(one_write_that_fails_leaves_nothing_counted),
        ATTEMPT(what_was_right_is_not_counted_once_the_disk_is_back),
        ATTEMPT(what_was_wrong_stays_counted_on_a_failing_disk),
        ATTEMPT(after_so_many_as_were_set_the_store_is_destroyed),
        ATTEMPT(the_right_one_before_the_last_saves_it),
        ATTEMPT(what_cannot_be_removed_is_overwritten_and_told),
        ATTEMPT(a_store_behind_a_link_is_destroyed),
        ATTEMPT(another_store_whose_name_begins_alike_is_left_alone),
        ATTEMPT(nothing_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
