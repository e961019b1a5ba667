/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/text/parts.h"

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum {
    TAG_OCTETS = 5, /* 8 characters */
    CHECK_SIZE = 6 + 1,
    CHECK_OCTETS = 5, /* of which the first 30 bits are shown */
    TEXT_MAX = (PART_OCTETS * 8 + 4) / 5,
    LINE_SIZE = PART_LINE_MAX + 1,
};

_Static_assert(sizeof "MUSTER KEY 10/10 " - 1 + PART_TAG_SIZE + TEXT_MAX + 1 + CHECK_SIZE - 1 <=
                   PART_LINE_MAX,
               "a part is one text message");

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* --- Base32 --------------------------------------------------------------------------------- */

/* Appends `octets` as text to out[]; returns the characters, without a terminator. */
static size_t base32_write(struct span octets, char *out) {
    size_t length = 0;
    unsigned bits = 0, held = 0;
    for (size_t i = 0; i < octets.length; i++) {
        held = (held << 8 | octets.octets[i]) & 0xFFFF;
        for (bits += 8; bits >= 5; bits -= 5) {
            out[length++] = alphabet[held >> (bits - 5) & 31];
        }
    }
    if (bits > 0) {
        out[length++] = alphabet[held << (5 - bits) & 31];
    }
    return length;
}

static int base32_value(uint8_t character) {
    const char *at = memchr(alphabet, toupper(character), sizeof alphabet - 1);
    return at == NULL ? -1 : (int)(at - alphabet);
}

/* The octets of `length` characters of the alphabet; false when no octets are written so. */
static bool base32_read(const char *text, size_t length, struct part *part) {
    unsigned bits = 0, held = 0;
    part->length = 0;
    for (size_t i = 0; i < length; i++) {
        held = (held << 5 | (unsigned)base32_value((uint8_t)text[i])) & 0xFFFF;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            part->octets[part->length++] = (uint8_t)(held >> bits);
        }
    }
    return part->length > 0 && bits < 5 && (held & ((1U << bits) - 1)) == 0;
}

/* --- Writing -------------------------------------------------------------------------------- */

void parts_tag(struct span message, char tag[PART_TAG_SIZE]) {
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, message.octets, message.length);
    tag[base32_write((struct span){hash, TAG_OCTETS}, tag)] = '\0';
}

enum status part_of(struct span message, unsigned number, struct part *part) {
    size_t count = (message.length + PART_OCTETS - 1) / PART_OCTETS;
    memset(part, 0, sizeof *part);
    if (count > PARTS_MAX) {
        return STATUS_TOO_LONG;
    }
    if (number == 0 || number > count) {
        return STATUS_NOT_FOUND;
    }
    size_t at = (number - 1) * (size_t)PART_OCTETS, left = message.length - at;
    part->number = number;
    part->count = (unsigned)count;
    parts_tag(message, part->tag);
    part->length = left < PART_OCTETS ? left : PART_OCTETS;
    memcpy(part->octets, message.octets + at, part->length);
    return STATUS_OK;
}

/* The line up to its check; `text` is the part's base32. */
static void line_of(unsigned number, unsigned count, const char *tag, const char *text,
                    char line[LINE_SIZE]) {
    snprintf(line, LINE_SIZE, "MUSTER KEY %u/%u %s %s.", number, count, tag, text);
}

static void check_of(const char *line, char check[CHECK_SIZE]) {
    uint8_t hash[crypto_hash_sha256_BYTES];
    char text[CHECK_OCTETS * 8 / 5];
    crypto_hash_sha256(hash, (const uint8_t *)line, strlen(line));
    base32_write((struct span){hash, CHECK_OCTETS}, text);
    memcpy(check, text, CHECK_SIZE - 1);
    check[CHECK_SIZE - 1] = '\0';
}

enum status part_write(const struct part *part, struct writer *out) {
    char text[TEXT_MAX + 1], line[LINE_SIZE], check[CHECK_SIZE];
    text[base32_write((struct span){part->octets, part->length}, text)] = '\0';
    line_of(part->number, part->count, part->tag, text, line);
    check_of(line, check);
    write_span(out, span_of_text(line));
    write_span(out, span_of_text(check));
    return writer_finish(out);
}

enum status parts_write(struct span message, const char *headline, struct writer *out) {
    struct part part;
    char text[PARTS_HEADLINE_MAX + 160];
    size_t length = strlen(headline);
    if (length > PARTS_HEADLINE_MAX) {
        return STATUS_TOO_LONG;
    }
    if (message.length == 0 || strpbrk(headline, "\r\n") != NULL) {
        return STATUS_MALFORMED;
    }
    enum status status = part_of(message, 1, &part);
    if (status != STATUS_OK) {
        return status;
    }
    snprintf(text, sizeof text,
             "MUSTER KEY DELIVERY %s\n"
             "Each line below is one text message; their order does not matter. Import them with: "
             "muster import\n",
             headline);
    write_span(out, span_of_text(text));
    for (unsigned number = 1; number <= part.count; number++) {
        status = part_of(message, number, &part);
        if (status == STATUS_OK) {
            status = part_write(&part, out);
        }
        if (status != STATUS_OK) {
            return status;
        }
        write_u8(out, '\n');
    }
    snprintf(text, sizeof text, "END OF MUSTER KEY DELIVERY %s, %u parts\n", part.tag, part.count);
    write_span(out, span_of_text(text));
    return writer_finish(out);
}

/* --- Finding -------------------------------------------------------------------------------- */

struct part_reader part_reader_of(struct span text) {
    return (struct part_reader){.text = text, .line = 1};
}

/* Over blanks and line ends, and after a line end over the marks of a quotation. Returns the place
 * after them. */
static size_t skip_breaks(struct span text, size_t at) {
    bool fresh = false;
    for (; at < text.length; at++) {
        uint8_t c = text.octets[at];
        if (c == '\n' || c == '\r') {
            fresh = true;
        } else if (c != ' ' && c != '\t' && !(c == '>' && fresh)) {
            break;
        }
    }
    return at;
}

/* Does `word` stand at `at`, in whatever case? */
static bool has_word(struct span text, size_t at, const char *word) {
    for (; *word != '\0'; word++, at++) {
        if (at >= text.length || toupper(text.octets[at]) != *word) {
            return false;
        }
    }
    return true;
}

/* Is this where a part begins? Then *after is where its number stands. */
static bool begins(struct span text, size_t at, size_t *after) {
    static const char *const words[] = {"MUSTER", "KEY"};
    for (size_t i = 0; i < 2; i++) {
        if (!has_word(text, at, words[i])) {
            return false;
        }
        size_t end = at + strlen(words[i]);
        at = skip_breaks(text, end);
        if (at == end) {
            return false;
        }
    }
    *after = at;
    return at < text.length && isdigit(text.octets[at]);
}

/* Where the next part begins, or the text's end. */
static size_t find_part(struct span text, size_t at) {
    size_t after;
    while (at < text.length && !begins(text, at, &after)) {
        at++;
    }
    return at;
}

/* A number of one or two digits at *at, which moves past it; 0 when there is none. */
static unsigned take_number(struct span text, size_t *at) {
    unsigned number = 0;
    size_t end = *at + 2;
    while (*at < text.length && *at < end && isdigit(text.octets[*at])) {
        if (number == 0 && text.octets[*at] == '0') {
            return 0;
        }
        number = number * 10 + (unsigned)(text.octets[(*at)++] - '0');
    }
    return number;
}

/* Characters of the alphabet into out[size], as capitals and terminated, over broken lines where
 * `over_breaks`; at most size - 1 of them. Returns how many. */
static size_t take_text(struct span text, size_t *at, bool over_breaks, char *out, size_t size) {
    size_t length = 0;
    while (length < size - 1) {
        size_t next = over_breaks ? skip_breaks(text, *at) : *at;
        if (next >= text.length || base32_value(text.octets[next]) < 0) {
            break;
        }
        out[length++] = (char)toupper(text.octets[next]);
        *at = next + 1;
    }
    out[length] = '\0';
    return length;
}

/* Number, count and tag, as far as they can be. */
static bool take_head(struct span text, size_t *at, struct part *part) {
    unsigned number = take_number(text, at);
    if (number == 0 || *at >= text.length || text.octets[*at] != '/') {
        return false;
    }
    ++*at;
    unsigned count = take_number(text, at);
    if (count == 0 || count > PARTS_MAX || number > count) {
        return false;
    }
    size_t tag_at = skip_breaks(text, *at);
    if (tag_at == *at ||
        take_text(text, &tag_at, false, part->tag, PART_TAG_SIZE) != PART_TAG_SIZE - 1) {
        return false;
    }
    part->number = number;
    part->count = count;
    *at = skip_breaks(text, tag_at);
    return *at != tag_at;
}

/* Which part of its message the text is by its check, or 0. */
static unsigned number_by_check(const struct part *part, const char *text, const char *check) {
    char line[LINE_SIZE], expected[CHECK_SIZE];
    for (unsigned number = 1; number <= part->count; number++) {
        line_of(number, part->count, part->tag, text, line);
        check_of(line, expected);
        if (strcmp(check, expected) == 0) {
            return number;
        }
    }
    return 0;
}

/* The part whose number stands at `at`, in a text that ends where the next one begins. */
static void read_part(struct span text, size_t at, struct part_found *found) {
    char octets[TEXT_MAX + 1], check[CHECK_SIZE];
    struct part *part = &found->part;
    found->state = PART_DAMAGED;
    if (!take_head(text, &at, part)) {
        return;
    }
    size_t length = take_text(text, &at, true, octets, sizeof octets);
    at = skip_breaks(text, at);
    if (at >= text.length || text.octets[at] != '.') {
        return;
    }
    at++;
    if (take_text(text, &at, true, check, sizeof check) != CHECK_SIZE - 1 ||
        (at < text.length && isalnum(text.octets[at])) || !base32_read(octets, length, part)) {
        return;
    }
    found->true_number = number_by_check(part, octets, check);
    if (found->true_number != 0) {
        found->state = found->true_number == part->number ? PART_GOOD : PART_RENUMBERED;
    }
}

bool part_reader_next(struct part_reader *reader, struct part_found *found) {
    struct span text = reader->text;
    size_t start = find_part(text, reader->at), number_at;
    memset(found, 0, sizeof *found);
    if (start == text.length || !begins(text, start, &number_at)) {
        reader->at = text.length;
        return false;
    }
    for (; reader->line_at < start; reader->line_at++) {
        reader->line += text.octets[reader->line_at] == '\n';
    }
    found->line = reader->line;
    reader->at = find_part(text, number_at);
    read_part((struct span){text.octets, reader->at}, number_at, found);
    return true;
}
