/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/text/digits.h"

#include <string.h>

void identity_digits(const char *identity, char digits[IDENTITY_DIGITS_SIZE]) {
    const char *begin = strrchr(identity, ':'), *at = strchr(identity, '@');
    begin = begin == NULL ? identity : begin + 1;
    const char *end = at != NULL && at > begin ? at : begin + strlen(begin);
    if ((size_t)(end - begin) > IDENTITY_DIGITS) {
        begin = end - IDENTITY_DIGITS;
    }
    memcpy(digits, begin, (size_t)(end - begin));
    digits[end - begin] = '\0';
}
