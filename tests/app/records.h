/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stores with few records for tests, and what is in them as one text.
 */
#ifndef MUSTER_TESTS_APP_RECORDS_H
#define MUSTER_TESTS_APP_RECORDS_H

#include "app/store/store.h"

#define RECORDS_PASSPHRASE span_of_text("correct horse")

/* A new store, or one that is there, which must open. */
struct store *records_create(const char *path);
struct store *records_reopen(const char *path);

/* Puts one record; the second must succeed. */
enum status records_put(struct store *store, enum record_kind kind, const char *key,
                        const char *value, struct error *error);
void records_must_put(struct store *store, enum record_kind kind, const char *key,
                      const char *value);

/* A store's content as text: "kind/key=value" in the order given, each with a semicolon. */
struct records {
    char text[1024];
};

/* For store_load, with a struct records. */
enum status records_add(void *context, enum record_kind kind, struct span key, struct span value);

struct records records_content(struct store *store);

/* Opens, loads and closes; the content is valid when it returns STATUS_OK. */
enum status records_look(const char *path, struct records *content, struct error *error);

/* The closed store at `path` opens and holds what is expected. */
void records_assert(const char *path, const char *expected);

/* Copies a store with all that stands beside it, and no more; or renames it. */
void records_copy(const char *from, const char *to);
void records_move(const char *from, const char *to);

/* What a person reads: one line that names the store. */
void records_assert_one_line(const struct error *error);

#endif
