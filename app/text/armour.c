/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/text/armour.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "crypto/secret.h"

enum {
    LINE_OCTETS = 48,
    MARK_SIZE = 80
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

/* The place of `mark` in `text`, or NULL. */
static const uint8_t *find(struct span text, const char *mark) {
    if (text.length == 0) {
        return NULL;
    }
    return memmem(text.octets, text.length, mark, strlen(mark));
}

enum status armour_read(const char *label, struct span text, struct writer *out) {
    char mark[MARK_SIZE];
    snprintf(mark, sizeof mark, "-----BEGIN %s-----", label);
    const uint8_t *begin = find(text, mark);
    if (begin == NULL) {
        return STATUS_MALFORMED;
    }
    begin += strlen(mark);
    struct span rest = {begin, (size_t)(text.octets + text.length - begin)};
    snprintf(mark, sizeof mark, "-----END %s-----", label);
    const uint8_t *end = find(rest, mark);
    if (end == NULL) {
        return STATUS_TRUNCATED;
    }

    uint8_t octets[ARMOUR_OCTETS_MAX];
    size_t length = 0;
    const char *stopped = NULL;
    if ((size_t)(end - begin) > ARMOUR_TEXT_MAX) {
        return STATUS_TOO_LONG;
    }
    if (sodium_base642bin(octets, sizeof octets, (const char *)begin, (size_t)(end - begin),
                          " \t\r\n", &length, &stopped, sodium_base64_VARIANT_ORIGINAL) != 0 ||
        stopped != (const char *)end) {
        return STATUS_MALFORMED;
    }
    write_span(out, (struct span){octets, length});
    secret_wipe(octets, sizeof octets);
    return writer_finish(out);
}
