/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/text/armour.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/text/plain.h"
#include "crypto/secret.h"

enum {
    LINE_OCTETS = 48,
    MARK_SIZE = 80,
    ARMOUR_BASE64_MAX = (ARMOUR_OCTETS_MAX + 2) / 3 * 4
};

enum status armour_write(const char *label, struct span octets, struct writer *out) {
    char line[LINE_OCTETS / 3 * 4 + 1], mark[MARK_SIZE];
    if (octets.length > ARMOUR_OCTETS_MAX) {
        return STATUS_TOO_LONG;
    }
    snprintf(mark, sizeof mark, "-----BEGIN %s-----\n", label);
    write_span(out, span_of_text(mark));
    for (size_t at = 0; at < octets.length; at += LINE_OCTETS) {
        size_t left = octets.length - at, length = left < LINE_OCTETS ? left : LINE_OCTETS;
        sodium_bin2base64(line, sizeof line, octets.octets + at, length,
                          sodium_base64_VARIANT_ORIGINAL);
        write_span(out, span_of_text(line));
        write_u8(out, '\n');
    }
    snprintf(mark, sizeof mark, "-----END %s-----\n", label);
    write_span(out, span_of_text(mark));
    return writer_finish(out);
}

/* Finds "BEGIN LABEL" or "END LABEL" at or after `at`: *start is where it stands. Returns the place
 * after it, or 0. */
static size_t find(struct span text, size_t at, const char *word, const char *label,
                   size_t *start) {
    char mark[MARK_SIZE];
    snprintf(mark, sizeof mark, "%s %s", word, label);
    for (; at < text.length; at++) {
        size_t end = plain_words(text, at, mark);
        if (end != 0) {
            *start = at;
            return end;
        }
    }
    return 0;
}

/* The base64 in the text, and nothing else of it, into `base64`, which has room. */
static size_t only_base64(struct span text, char *base64) {
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.octets[i];
        if (plain_is_letter_or_digit(c) || c == '+' || c == '/') {
            base64[length++] = (char)c;
        }
    }
    return length;
}

static enum status decode(struct span text, struct writer *out) {
    uint8_t octets[ARMOUR_OCTETS_MAX];
    size_t length = 0;
    char *base64 = malloc(text.length + 1);
    if (base64 == NULL) {
        return STATUS_NO_MEMORY;
    }
    size_t count = only_base64(text, base64);
    enum status status = STATUS_OK;
    if (count > ARMOUR_BASE64_MAX) {
        status = STATUS_TOO_LONG;
    } else if (sodium_base642bin(octets, sizeof octets, base64, count, NULL, &length, NULL,
                                 sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0) {
        status = STATUS_MALFORMED;
    } else {
        write_span(out, (struct span){octets, length});
        status = writer_finish(out);
    }
    secret_wipe(octets, sizeof octets);
    free(base64);
    return status;
}

static bool is_blank(uint8_t c) {
    return c == ' ' || c == '\n';
}

/* Nothing but base64, once the marks of codes are blanked out of it? */
static bool is_bare(struct span text, uint8_t *room) {
    static const char mark[] = "QR-Code:";
    const size_t length = sizeof mark - 1;
    size_t count = 0;
    for (size_t i = 0; i < text.length; i++) {
        bool begins = i == 0 || is_blank(text.octets[i - 1]);
        if (begins && text.length - i >= length && memcmp(text.octets + i, mark, length) == 0) {
            memset(room + i, ' ', length);
            i += length - 1;
            continue;
        }
        uint8_t c = text.octets[i];
        bool is_base64 = plain_is_letter_or_digit(c) || c == '+' || c == '/' || c == '=';
        if (!is_base64 && !is_blank(c)) {
            return false;
        }
        count += is_base64 ? 1 : 0;
        room[i] = c;
    }
    return count > 0;
}

enum status armour_read_bare(struct span text, struct writer *out) {
    struct plain plain;
    enum status status = plain_of(text, &plain);
    if (status != STATUS_OK) {
        return status;
    }
    uint8_t *room = malloc(plain.text.length + 1);
    if (room == NULL) {
        status = STATUS_NO_MEMORY;
    } else if (!is_bare(plain.text, room)) {
        status = STATUS_NOT_FOUND;
    } else {
        status = decode((struct span){room, plain.text.length}, out);
    }
    if (room != NULL) {
        secret_wipe(room, plain.text.length + 1);
    }
    free(room);
    plain_free(&plain);
    return status;
}

enum status armour_read(const char *label, struct span text, struct writer *out) {
    struct plain plain;
    size_t start, after;
    enum status status = plain_of(text, &plain);
    if (status != STATUS_OK) {
        return status;
    }
    size_t begin = find(plain.text, 0, "BEGIN", label, &start);
    if (begin == 0) {
        status = STATUS_NOT_FOUND;
    } else if (find(plain.text, begin, "END", label, &after) == 0) {
        status = STATUS_TRUNCATED;
    } else {
        status = decode((struct span){plain.text.octets + begin, after - begin}, out);
    }
    plain_free(&plain);
    return status;
}
