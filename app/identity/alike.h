/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names that a person may take for one another, though they are not the same octets: letters of
 * other scripts, full-width ones, capitals, 0 and O, rn and m, with marks or with what cannot be
 * seen (Unicode TR39, by ICU).
 */
#ifndef MUSTER_APP_IDENTITY_ALIKE_H
#define MUSTER_APP_IDENTITY_ALIKE_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/status.h"

struct alike;

/* What a name looks like, in two ways: names that agree in one of them look alike. */
struct look {
    uint64_t folded, confused; /* both 0: of an empty name, which looks like none */
};

/* STATUS_NO_MEMORY, STATUS_LIBRARY_FAILED. The caller frees it. */
MUST_CHECK enum status alike_new(struct alike **alike);

/* NULL is allowed. */
void alike_free(struct alike *alike);

/* How `name`, well-formed UTF-8 of at most 240 octets, looks. */
struct look alike_look(const struct alike *alike, const char *name);

bool looks_alike(struct look one, struct look other);

enum {
    ALIKE_DIGITS_SIZE = 64 + 1
};

/* The digits of a name, whatever script they are of, if it has as many as may be taken for the end
 * of an identity; false when it has not. A name says an identity when the digits of that one's end
 * (app/text/digits.h) are among them. For comparing many names. */
bool alike_digits(const char *name, char digits[ALIKE_DIGITS_SIZE]);

/* Has the name as many digits as the end of an identity may have? */
bool alike_has_number(const char *name);

/* Does the name say the end of that identity (app/text/digits.h), in whatever digits and with
 * whatever between them, so that it may be taken for it? */
bool alike_name_says(const char *name, const char *identity);

#endif
