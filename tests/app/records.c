/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scratch.h"

struct store *records_create(const char *path) {
    struct store *store = NULL;
    struct error error = {0};
    enum status status =
        store_create(path, RECORDS_PASSPHRASE, STORE_QUICK, &entropy_system, &store, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
    return store;
}

struct store *records_reopen(const char *path) {
    struct store *store = NULL;
    struct error error = {0};
    enum status status = store_open(path, RECORDS_PASSPHRASE, &store, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
    return store;
}

enum status records_put(struct store *store, enum record_kind kind, const char *key,
                        const char *value, struct error *error) {
    struct batch *batch = batch_new();
    assert_int_equal(batch_put(batch, kind, span_of_text(key), span_of_text(value)), STATUS_OK);
    enum status status = store_apply(store, batch, error);
    batch_free(batch);
    return status;
}

void records_must_put(struct store *store, enum record_kind kind, const char *key,
                      const char *value) {
    struct error error = {0};
    assert_int_equal(records_put(store, kind, key, value, &error), STATUS_OK);
}

enum status records_add(void *context, enum record_kind kind, struct span key, struct span value) {
    struct records *content = context;
    size_t length = strlen(content->text);
    snprintf(content->text + length, sizeof content->text - length, "%d/%.*s=%.*s;", (int)kind,
             (int)key.length, (const char *)key.octets, (int)value.length,
             (const char *)value.octets);
    return STATUS_OK;
}

struct records records_content(struct store *store) {
    struct records content = {{0}};
    struct error error = {0};
    assert_int_equal(store_load(store, records_add, &content, &error), STATUS_OK);
    return content;
}

enum status records_look(const char *path, struct records *content, struct error *error) {
    struct store *store = NULL;
    *content = (struct records){{0}};
    enum status status = store_open(path, RECORDS_PASSPHRASE, &store, error);
    if (status == STATUS_OK) {
        status = store_load(store, records_add, content, error);
    } else {
        assert_null(store);
    }
    store_close(store);
    return status;
}

void records_assert(const char *path, const char *expected) {
    struct records content;
    struct error error = {0};
    assert_int_equal(records_look(path, &content, &error), STATUS_OK);
    assert_string_equal(content.text, expected);
}

void records_assert_one_line(const struct error *error) {
    assert_non_null(strstr(error->text, "store "));
    assert_null(strchr(error->text, '\n'));
    assert_true(strlen(error->text) > 20);
}

static const char *const endings[] = {"", "-wal", "-keys", "-binding"};

void records_copy(const char *from, const char *to) {
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char source[512], target[512];
        snprintf(source, sizeof source, "%s%s", from, endings[i]);
        snprintf(target, sizeof target, "%s%s", to, endings[i]);
        scratch_copy(source, target);
    }
}

void records_move(const char *from, const char *to) {
    records_copy(from, to);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char source[512];
        snprintf(source, sizeof source, "%s%s", from, endings[i]);
        remove(source);
    }
}
