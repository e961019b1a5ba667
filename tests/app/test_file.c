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
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/file.h"
#include "scratch.h"

static void assert_holds(const char *path, const char *expected) {
    struct secret *content;
    struct error error;
    assert_int_equal(file_read(path, 100, &content, &error), STATUS_OK);
    assert_true(span_equal(secret_span(content), span_of_text(expected)));
    secret_free(content);
}

static void assert_files(void **state, int count) {
    char command[300];
    snprintf(command, sizeof command, "test $(ls -A %s | wc -l) -eq %d",
             ((struct scratch *)*state)->folder, count);
    assert_int_equal(system(command), 0);
}

static void a_file_is_written_for_its_owner_alone_and_read_back(void **state) {
    const char *path = scratch_path(state, "bundle");
    struct error error;
    struct stat about;
    assert_int_equal(file_check_free(path, false, &error), STATUS_OK);
    assert_int_equal(file_write(path, span_of_text("one"), false, &error), STATUS_OK);
    assert_holds(path, "one");
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_files(state, 1);
}

static void a_file_that_is_there_is_overwritten_only_when_asked_for(void **state) {
    const char *path = scratch_path(state, "bundle");
    struct error error;
    scratch_write(path, span_of_text("old"));
    assert_int_equal(file_check_free(path, false, &error), STATUS_ALREADY_DONE);
    assert_int_equal(file_write(path, span_of_text("new"), false, &error), STATUS_ALREADY_DONE);
    assert_holds(path, "old");
    assert_int_equal(file_check_free(path, true, &error), STATUS_OK);
    assert_int_equal(file_write(path, span_of_text("new"), true, &error), STATUS_OK);
    assert_holds(path, "new");
    assert_files(state, 1);
}

static void a_draft_never_replaces_what_appeared_meanwhile(void **state) {
    const char *path = scratch_path(state, "bundle"), *draft = scratch_path(state, "draft");
    struct error error;
    scratch_write(draft, span_of_text("new"));
    scratch_write(path, span_of_text("old"));
    assert_int_equal(file_publish(draft, path, false, &error), STATUS_ALREADY_DONE);
    assert_holds(path, "old");
    assert_holds(draft, "new");
    assert_int_equal(file_publish(draft, path, true, &error), STATUS_OK);
    assert_holds(path, "new");
    assert_files(state, 1);
}

static void
a_replaced_file_takes_the_place_of_a_draft_that_was_left_and_of_the_old_one(void **state) {
    const char *path = scratch_path(state, "bundle"), *draft = scratch_path(state, "draft");
    struct error error;
    struct stat about;
    scratch_write(path, span_of_text("old"));
    scratch_write(draft, span_of_text("a draft longer than what is written"));
    assert_int_equal(file_replace(draft, path, span_of_text("new"), &error), STATUS_OK);
    assert_holds(path, "new");
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_files(state, 1);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(file_replace(draft, path, span_of_text("new"), &error), STATUS_IO_FAILED);
    assert_int_equal(rmdir(path), 0);
    assert_files(state, 0);
}

static void what_cannot_be_read_is_refused_with_its_reason(void **state) {
    const char *path = scratch_path(state, "long");
    struct secret *content;
    struct error error;
    assert_int_equal(file_read(path, 3, &content, &error), STATUS_NOT_FOUND);
    assert_null(content);
    scratch_write(path, span_of_text("four"));
    assert_int_equal(file_read(path, 3, &content, &error), STATUS_TOO_LONG);
    assert_null(content);
    assert_int_equal(file_read("/tmp", 3, &content, &error), STATUS_IO_FAILED);
    assert_null(content);
}

static void what_is_no_secret_is_read_into_the_room_given(void **state) {
    const char *path = scratch_path(state, "long");
    uint8_t room[1002];
    const size_t limit = 1000;
    struct error error;
    size_t read;
    assert_int_equal(file_read_into(path, room, limit, &read, &error), STATUS_NOT_FOUND);
    for (size_t length = 0; length <= limit + 2; length += length == 1 ? limit - 2 : 1) {
        char text[1002];
        memset(text, 'x', sizeof text);
        memset(room, 'y', sizeof room);
        assert_int_equal(
            file_write(path, (struct span){(const uint8_t *)text, length}, true, &error),
            STATUS_OK);
        bool fits = length <= limit;
        assert_int_equal(file_read_into(path, room, limit, &read, &error),
                         fits ? STATUS_OK : STATUS_TOO_LONG);
        assert_int_equal(read, fits ? length : 0);
        assert_memory_equal(room, text, read);
        assert_int_equal(room[limit + 1], 'y');
    }
    assert_int_equal(file_read_into("/tmp", room, limit, &read, &error), STATUS_IO_FAILED);
}

static void all_of_a_file_is_read_whatever_it_says_of_its_length(void **state) {
    struct secret *content;
    struct error error;
    const char *path = scratch_path(state, "long");
    const size_t limit = 1000;
    for (size_t length = 0; length <= limit + 1; length += length == 1 ? limit - 2 : 1) {
        char text[1002] = {0};
        memset(text, 'x', length);
        assert_int_equal(
            file_write(path, (struct span){(const uint8_t *)text, length}, true, &error),
            STATUS_OK);
        enum status status = file_read(path, limit, &content, &error);
        assert_int_equal(status, length <= limit ? STATUS_OK : STATUS_TOO_LONG);
        assert_true(status != STATUS_OK ||
                    (content->length == length && memcmp(content->octets, text, length) == 0));
        secret_free(content);
    }
    /* It says that it is empty. */
    assert_int_equal(file_read("/proc/self/status", 65536, &content, &error), STATUS_OK);
    assert_true(content->length > 100);
    secret_free(content);
    assert_int_equal(file_read("/proc/self/status", 20, &content, &error), STATUS_TOO_LONG);
    /* It has no length. */
    assert_int_equal(file_read("/dev/null", 20, &content, &error), STATUS_OK);
    assert_int_equal(content->length, 0);
    secret_free(content);
}

static void a_full_disk_leaves_the_old_file(void **state) {
    const char *path = scratch_path(state, "bundle");
    struct error error;
    struct rlimit limit;
    scratch_write(path, span_of_text("old"));
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    struct rlimit small = {2, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum status status = file_write(path, span_of_text("new"), true, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(status, STATUS_NO_SPACE);
    assert_holds(path, "old");
    assert_files(state, 1);
    assert_int_equal(file_write("/dev/full", span_of_text("new"), true, &error), STATUS_NO_SPACE);
}

static void a_device_is_written_to_and_not_replaced(void **state) {
    (void)state;
    struct error error;
    struct stat about;
    assert_int_equal(file_write("/dev/null", span_of_text("x"), false, &error), STATUS_OK);
    assert_int_equal(stat("/dev/null", &about), 0);
    assert_true(S_ISCHR(about.st_mode));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_written_for_its_owner_alone_and_read_back),
        TEST(what_is_no_secret_is_read_into_the_room_given),
        TEST(a_file_that_is_there_is_overwritten_only_when_asked_for),
        TEST(a_draft_never_replaces_what_appeared_meanwhile),
        TEST(a_replaced_file_takes_the_place_of_a_draft_that_was_left_and_of_the_old_one),
        TEST(what_cannot_be_read_is_refused_with_its_reason),
        TEST(all_of_a_file_is_read_whatever_it_says_of_its_length),
        TEST(a_full_disk_leaves_the_old_file),
        TEST(a_device_is_written_to_and_not_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
