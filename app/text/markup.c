/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/text/markup.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/text/encoding.h"

/* --- Base64 --------------------------------------------------------------------------------- */

enum {
    PASSAGE_LINE_MIN = 32 /* characters of a passage's first line: no word is so long */
};

static bool is_base64(uint8_t c) {
    return (c < 0x80 && isalnum(c)) || c == '+' || c == '/';
}

static unsigned base64_value(uint8_t c) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return (unsigned)(strchr(digits, c) - digits);
}

static size_t line_end(struct span text, size_t at) {
    const uint8_t *end = at < text.length ? memchr(text.octets + at, '\n', text.length - at) : NULL;
    return end == NULL ? text.length : (size_t)(end - text.octets);
}

/* The base64 of the line from `at` to `end`, without the marks of a quotation; empty when there is
 * anything else. *is_last when it is padded. */
static struct span base64_of_line(struct span text, size_t at, size_t end, bool *is_last) {
    while (at < end && strchr(" \t>|", text.octets[at]) != NULL && text.octets[at] != '\0') {
        at++;
    }
    size_t start = at;
    while (at < end && is_base64(text.octets[at])) {
        at++;
    }
    struct span base64 = {text.octets + start, at - start};
    *is_last = at < end && text.octets[at] == '=';
    while (at < end && (text.octets[at] == '=' || isspace(text.octets[at]))) {
        at++;
    }
    return at == end ? base64 : (struct span){NULL, 0};
}

/* Decodes the passage that begins at *at, which moves to the line after it; or over one line. */
static size_t take_passage(struct span text, size_t *at, uint8_t *out) {
    uint32_t held = 0;
    unsigned bits = 0;
    size_t length = 0;
    bool is_last = false, is_first = true;
    while (*at < text.length && !is_last) {
        size_t end = line_end(text, *at);
        struct span line = base64_of_line(text, *at, end, &is_last);
        if (line.length < (is_first ? (size_t)PASSAGE_LINE_MIN : 1)) {
            *at = is_first ? end + 1 : *at;
            break;
        }
        for (size_t i = 0; i < line.length; i++) {
            uint8_t c = line.octets[i];
            unsigned value = base64_value(c);
            held = (held << 6 | value) & 0xFFFFFF;
            bits += 6;
            if (bits >= 8) {
                bits -= 8;
                out[length++] = (uint8_t)(held >> bits);
            }
        }
        is_first = false;
        *at = end + 1;
    }
    return length;
}

/* Is there something of Muster's in it? */
static bool is_ours(struct span text) {
    static const char word[] = "MUSTER";
    for (size_t at = 0; at + sizeof word - 1 <= text.length; at++) {
        if (strncasecmp((const char *)text.octets + at, word, sizeof word - 1) == 0) {
            return true;
        }
    }
    return false;
}

size_t markup_base64(struct span text, uint8_t *out) {
    /* A passage is decoded where nothing else comes to stand. */
    uint8_t *decoded = out + (MARKUP_BASE64_GROWTH - 1) * text.length;
    size_t length = text.length;
    memmove(out, text.octets, text.length);
    for (size_t at = 0; at < text.length;) {
        size_t count = take_passage(text, &at, decoded);
        struct span added = {out + length + 1,
                             encoding_to_utf8((struct span){decoded, count}, out + length + 1)};
        if (is_ours(added)) {
            out[length] = '\n';
            length += 1 + added.length;
        }
    }
    return length;
}

/* --- Escapes -------------------------------------------------------------------------------- */

static bool is_at(struct span text, size_t at, const char *what) {
    size_t length = strlen(what);
    return text.length - at >= length && memcmp(text.octets + at, what, length) == 0;
}

/* The value of `digits` hexadecimal digits at `at`; false when they are not there. */
static bool hex_at(struct span text, size_t at, size_t digits, uint32_t *value) {
    *value = 0;
    if (at > text.length || text.length - at < digits) {
        return false;
    }
    for (size_t i = 0; i < digits; i++) {
        uint8_t c = text.octets[at + i];
        if (c >= 0x80 || !isxdigit(c)) {
            return false;
        }
        *value = *value << 4 | (uint32_t)(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
    }
    return true;
}

/* Where a line that quoted-printable broke at `at` goes on; 0 when it did not. */
static size_t soft_break(struct span text, size_t at) {
    for (at++; at < text.length && (text.octets[at] == ' ' || text.octets[at] == '\t');) {
        at++;
    }
    return at == text.length                                    ? 0
           : is_at(text, at, "\r\n")                            ? at + 2
           : text.octets[at] == '\n' || text.octets[at] == '\r' ? at + 1
                                                                : 0;
}

/* The escape at *at, which moves past it, to out[]; 0 when there is none. */
static size_t take_escape(struct span text, size_t *at, uint8_t *out) {
    static const char letters[][2] = {{'n', '\n'}, {'r', '\n'}, {'t', ' '}, {'/', '/'}, {'"', '"'}};
    uint8_t mark = text.octets[*at];
    uint32_t value;
    if ((mark == '=' || mark == '%') && hex_at(text, *at + 1, 2, &value)) {
        out[0] = (uint8_t)value;
        *at += 3;
        return 1;
    }
    if (mark == '\\' && is_at(text, *at, "\\u") && hex_at(text, *at + 2, 4, &value)) {
        *at += 6;
        return encoding_write(value, out);
    }
    for (size_t i = 0; mark == '\\' && i < sizeof letters / sizeof letters[0]; i++) {
        if (*at + 1 < text.length && text.octets[*at + 1] == letters[i][0]) {
            out[0] = (uint8_t)letters[i][1];
            *at += 2;
            return 1;
        }
    }
    return 0;
}

size_t markup_escapes(struct span text, uint8_t *out) {
    size_t length = 0, owed = 0;
    for (size_t at = 0; at < text.length;) {
        size_t next = text.octets[at] == '=' ? soft_break(text, at) : 0;
        if (next != 0) {
            owed++;
            at = next;
            continue;
        }
        size_t written = take_escape(text, &at, out + length);
        if (written == 0) {
            out[length] = text.octets[at++];
            written = 1;
        }
        for (length += written; out[length - 1] == '\n' && owed > 0; owed--) {
            out[length++] = '\n';
        }
    }
    return length;
}

/* --- HTML ----------------------------------------------------------------------------------- */

/* Where the tag that begins at `at` ends, after its ">"; 0 when it is none. */
static size_t tag_end(struct span text, size_t at) {
    size_t name = at + 1 + (is_at(text, at, "</") || is_at(text, at, "<!")), end = name;
    while (end < text.length && text.octets[end] < 0x80 && isalpha(text.octets[end])) {
        end++;
    }
    bool has_name = end > name || is_at(text, at, "<!--");
    if (!has_name || is_ours((struct span){text.octets + name, end - name}) || end >= text.length ||
        strchr(" \t\r\n/>-0123456789", text.octets[end]) == NULL) {
        return 0;
    }
    while (end < text.length && text.octets[end] != '>' && text.octets[end] != '<') {
        end++;
    }
    return end < text.length && text.octets[end] == '>' ? end + 1 : 0;
}

/* The line ends in the tag, or a space. */
static size_t write_tag(struct span tag, uint8_t *out) {
    size_t length = 0;
    for (size_t i = 0; i < tag.length; i++) {
        if (tag.octets[i] == '\n') {
            out[length++] = '\n';
        }
    }
    if (length == 0) {
        out[length++] = ' ';
    }
    return length;
}

static const struct {
    const char *name;
    uint32_t character;
} entities[] = {
    {"nbsp", 0xA0},     {"amp", '&'},       {"lt", '<'},        {"gt", '>'},
    {"quot", '"'},      {"apos", '\''},     {"shy", 0xAD},      {"zwj", 0x200D},
    {"zwnj", 0x200C},   {"lrm", 0x200E},    {"rlm", 0x200F},    {"ensp", 0x2002},
    {"emsp", 0x2003},   {"thinsp", 0x2009}, {"ndash", 0x2013},  {"mdash", 0x2014},
    {"minus", 0x2212},  {"hyphen", 0x2010}, {"frac12", 0xBD},   {"frac14", 0xBC},
    {"frac34", 0xBE},   {"sol", '/'},       {"period", '.'},    {"equals", '='},
    {"plus", '+'},      {"NewLine", '\n'},  {"Tab", '\t'},      {"ZeroWidthSpace", 0x200B},
    {"hairsp", 0x200A}, {"numsp", 0x2007},  {"puncsp", 0x2008}, {"NoBreak", 0x2060}};

/* "#160" or "#xA0". */
static bool numeric_entity(const char *name, uint32_t *character) {
    bool is_hex = name[0] == '#' && (name[1] == 'x' || name[1] == 'X');
    const char *digits = name + (is_hex ? 2 : 1);
    char *end;
    if (name[0] != '#' || !isxdigit((unsigned char)digits[0])) {
        return false;
    }
    unsigned long value = strtoul(digits, &end, is_hex ? 16 : 10);
    *character = value > 0x10FFFF ? CHARACTER_UNKNOWN : (uint32_t)value;
    return *end == '\0';
}

/* The entity at *at, which moves past it, to out[]; 0 when there is none. */
static size_t take_entity(struct span text, size_t *at, uint8_t *out) {
    char name[20];
    size_t length = 0, end = *at + 1;
    uint32_t character;
    while (end < text.length && length < sizeof name - 1 && text.octets[end] < 0x80 &&
           (isalnum(text.octets[end]) || text.octets[end] == '#')) {
        name[length++] = (char)text.octets[end++];
    }
    name[length] = '\0';
    if (length == 0 || end >= text.length || text.octets[end] != ';') {
        return 0;
    }
    bool is_known = numeric_entity(name, &character);
    for (size_t i = 0; !is_known && i < sizeof entities / sizeof entities[0]; i++) {
        is_known = strcmp(name, entities[i].name) == 0;
        character = entities[i].character;
    }
    if (!is_known) {
        return 0;
    }
    *at = end + 1;
    return encoding_write(character, out);
}

size_t markup_tags(struct span text, uint8_t *out) {
    size_t length = 0;
    for (size_t at = 0; at < text.length;) {
        uint8_t c = text.octets[at];
        size_t end = c == '<' ? tag_end(text, at) : 0;
        if (end != 0) {
            length += write_tag((struct span){text.octets + at, end - at}, out + length);
            at = end;
            continue;
        }
        size_t written = c == '&' ? take_entity(text, &at, out + length) : 0;
        if (written == 0) {
            out[length] = c;
            at++;
            written = 1;
        }
        length += written;
    }
    return length;
}
