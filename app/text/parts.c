/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/text/parts.h"

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "app/text/plain.h"

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

/* A letter of the alphabet as it was written: a capital, and what the eye takes for a digit that
 * the alphabet does not have. */
static int alphabet_letter(uint8_t character) {
    static const char digits[] = "018", letters[] = "OIB";
    const char *digit = character == '\0' ? NULL : strchr(digits, character);
    return digit != NULL ? letters[digit - digits] : toupper(character);
}

/* The octets of characters of the alphabet; false when no octets are written so. */
static bool base32_read(const char *text, struct part *part) {
    unsigned bits = 0, held = 0;
    part->length = 0;
    for (; *text != '\0'; text++) {
        const char *at = strchr(alphabet, *text);
        if (at == NULL) {
            return false;
        }
        held = (held << 5 | (unsigned)(at - alphabet)) & 0xFFFF;
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

struct part_reader part_reader_of(struct span plain) {
    return (struct part_reader){.text = plain, .line = 1};
}

/* Is this where a part begins? Then *after is where its number stands. */
static bool begins(struct span text, size_t at, size_t *after) {
    size_t end = plain_words(text, at, "MUSTER KEY");
    *after = end == 0 ? 0 : plain_skip(text, end);
    return *after != 0 && *after < text.length && isdigit(text.octets[*after]);
}

/* Where the next part begins, or the text's end. */
static size_t find_part(struct span text, size_t at) {
    size_t after;
    while (at < text.length && !begins(text, at, &after)) {
        at++;
    }
    return at;
}

/* Letters and digits up to `end`, one of the other characters, into out[size], as capitals and
 * terminated; all else between them is passed over. *at moves behind `end`. False when there are
 * more than fit, or no `end`. */
static bool take_until(struct span text, size_t *at, char end, char *out, size_t size) {
    size_t length = 0;
    out[0] = '\0';
    for (; *at < text.length && text.octets[*at] != end; ++*at) {
        uint8_t c = text.octets[*at];
        if (!plain_is_letter_or_digit(c)) {
            continue;
        }
        if (length == size - 1) {
            return false;
        }
        out[length++] = (char)toupper(c);
        out[length] = '\0';
    }
    return *at < text.length && text.octets[(*at)++] == end;
}

/* What a line says, its letters and digits alone. */
struct claim {
    char number[2 + 1];
    char rest[2 + PART_TAG_SIZE - 1 + TEXT_MAX + 1]; /* count, tag and text */
    char check[CHECK_SIZE];
    size_t count_digits; /* of `rest`, as they stand together */
    bool is_whole;
};

static struct claim read_claim(struct span text, size_t at) {
    struct claim claim = {.is_whole = false};
    if (!take_until(text, &at, '/', claim.number, sizeof claim.number)) {
        return claim;
    }
    size_t digits_at = plain_skip(text, at), digits = 0;
    while (digits_at + digits < text.length && isdigit(text.octets[digits_at + digits])) {
        digits++;
    }
    claim.count_digits = digits;
    claim.is_whole = take_until(text, &at, '.', claim.rest, sizeof claim.rest);
    size_t length = 0;
    for (at = plain_skip(text, at); claim.is_whole && at < text.length && length < CHECK_SIZE - 1;
         at = plain_skip(text, at + 1)) {
        claim.check[length++] = (char)alphabet_letter(text.octets[at]);
    }
    return claim;
}

/* One or two digits as a number, 0 when they are none. */
static unsigned number_of(const char *text, size_t length) {
    unsigned number = 0;
    if (length < 1 || length > 2 || text[0] == '0') {
        return 0;
    }
    for (size_t i = 0; i < length; i++) {
        if (!isdigit((unsigned char)text[i])) {
            return 0;
        }
        number = number * 10 + (unsigned)(text[i] - '0');
    }
    return number;
}

/* Number, count and tag, when the count has so many digits; the rest is the text. */
static bool take_head(const struct claim *claim, size_t count_digits, struct part *part,
                      char text[TEXT_MAX + 1]) {
    *part = (struct part){.number = number_of(claim->number, strlen(claim->number))};
    size_t length = strlen(claim->rest), tag_end = count_digits + PART_TAG_SIZE - 1;
    if (length >= tag_end && length - tag_end <= TEXT_MAX) {
        part->count = number_of(claim->rest, count_digits);
    }
    if (part->number == 0 || part->count > PARTS_MAX || part->number > part->count) {
        *part = (struct part){.number = 0};
        return false;
    }
    for (size_t i = count_digits; i <= length; i++) {
        char letter = (char)alphabet_letter((uint8_t)claim->rest[i]);
        if (i < tag_end) {
            part->tag[i - count_digits] = letter;
        } else {
            text[i - tag_end] = letter;
        }
    }
    if (strspn(part->tag, alphabet) != PART_TAG_SIZE - 1) {
        *part = (struct part){.number = 0};
        return false;
    }
    return true;
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

/* The part whose number stands at `at`, in a text that ends where the next one begins. Where the
 * blank after the count is lost, or the count itself is broken, the check says how long it is. */
static void read_part(struct span text, size_t at, struct part_found *found) {
    struct claim claim = read_claim(text, at);
    char octets[TEXT_MAX + 1];
    struct part part;
    for (size_t digits = 1; claim.is_whole && digits <= 2; digits++) {
        if (!take_head(&claim, digits, &part, octets) || !base32_read(octets, &part)) {
            continue;
        }
        found->true_number = number_by_check(&part, octets, claim.check);
        if (found->true_number != 0) {
            found->state = found->true_number == part.number ? PART_GOOD : PART_RENUMBERED;
            found->part = part;
            return;
        }
    }
    found->state = PART_DAMAGED;
    (void)take_head(&claim, claim.count_digits, &found->part, octets);
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
