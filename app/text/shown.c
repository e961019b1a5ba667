/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/text/shown.h"

#include <stdbool.h>
#include <string.h>
#include <utf8proc.h>

static bool is_hidden(utf8proc_int32_t character) {
    switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return true;
    default:
        return utf8proc_get_property(character)->ignorable;
    }
}

void shown_make(char *text) {
    size_t length = strlen(text), made = 0;
    for (size_t at = 0; at < length;) {
        utf8proc_int32_t character;
        utf8proc_ssize_t octets = utf8proc_iterate((const utf8proc_uint8_t *)text + at,
                                                   (utf8proc_ssize_t)(length - at), &character);
        if (octets <= 0 || is_hidden(character)) {
            text[made++] = '?';
            at += octets <= 0 ? 1 : (size_t)octets;
            continue;
        }
        memmove(text + made, text + at, (size_t)octets);
        made += (size_t)octets;
        at += (size_t)octets;
    }
    text[made] = '\0';
}
