/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An error as a person reads it: what happened, to what, what to do; one line.
 */
#ifndef MUSTER_APP_ERROR_H
#define MUSTER_APP_ERROR_H

#include "crypto/status.h"

enum {
    ERROR_TEXT_SIZE = 320
};

struct error {
    enum status status;
    char text[ERROR_TEXT_SIZE];
};

/* Sets *error and returns `status`, so that a function can `return error_set(...)`. */
enum status error_set(struct error *error, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds to the line of *error, as far as there is room. */
void error_add(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
