/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app/text/shown.h"

enum status error_set(struct error *error, enum status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    error->status = status;
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    shown_make(error->text);
    return status;
}

void error_add(struct error *error, const char *format, ...) {
    size_t length = strlen(error->text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text + length, sizeof error->text - length, format, arguments);
    va_end(arguments);
    shown_make(error->text + length);
}
