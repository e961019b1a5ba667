/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/text/unicode.h"

#include <utf8proc.h>

enum status unicode_normalise(struct span text, enum unicode_form form, int32_t *room,
                              struct span *normal) {
    utf8proc_option_t options = UTF8PROC_STABLE;
    options |= form == UNICODE_COMPOSED ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE;
    *normal = (struct span){NULL, 0};
    utf8proc_ssize_t length =
        utf8proc_decompose(text.octets, (utf8proc_ssize_t)text.length, room,
                           (utf8proc_ssize_t)UNICODE_ROOM(text.length) - 1, options);
    if (length >= 0) {
        length = utf8proc_reencode(room, length, options);
    }
    if (length < 0) {
        return STATUS_MALFORMED;
    }
    *normal = (struct span){(const uint8_t *)room, (size_t)length};
    return STATUS_OK;
}

size_t unicode_letters(struct span text) {
    size_t letters = 0;
    int32_t before = 0, state = 0;
    for (size_t at = 0; at < text.length;) {
        int32_t character;
        utf8proc_ssize_t octets =
            utf8proc_iterate(text.octets + at, (utf8proc_ssize_t)(text.length - at), &character);
        if (octets <= 0) {
            octets = 1;
            character = 0xFFFD;
        }
        letters += at == 0 || utf8proc_grapheme_break_stateful(before, character, &state);
        before = character;
        at += (size_t)octets;
    }
    return letters;
}
