/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads fixtures/vectors/: lines "case NAME", each followed by lines "FIELD HEX"; empty lines and
 * lines that begin with # count for nothing. What is malformed or missing fails the running test.
 */
#ifndef MUSTER_TESTS_CRYPTO_FIXTURE_H
#define MUSTER_TESTS_CRYPTO_FIXTURE_H

#include <stdio.h>

#include "crypto/bytes.h"

enum {
    FIXTURE_FIELDS_MAX = 20,
    FIXTURE_VALUE_MAX = 320
};

struct fixture_field {
    char name[16];
    size_t length;
    uint8_t octets[FIXTURE_VALUE_MAX];
};

struct fixture {
    char name[80];
    size_t count;
    struct fixture_field fields[FIXTURE_FIELDS_MAX];
};

/* Opens fixtures/vectors/NAME; the caller closes it. */
FILE *fixture_open(const char *name);

/* The next case, or false at the end of the file. */
bool fixture_next(FILE *file, struct fixture *out);

/* Reads the case of that name in that file. */
void fixture_find(const char *file_name, const char *case_name, struct fixture *out);

/* A field's octets; `fixture_exactly` also asserts how many they are. */
struct span fixture_octets(const struct fixture *fixture, const char *field);
const uint8_t *fixture_exactly(const struct fixture *fixture, const char *field, size_t length);

/* Prints which case failed and fails the test when `good` is false. */
void fixture_assert(const struct fixture *fixture, bool good, const char *what);

#endif
