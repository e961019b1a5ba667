/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A key delivery and armoured text, as they come through mail, web pages, chats, editors and paper.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <sodium.h>

#include "app/text/armour.h"
#include "app/text/collection.h"
#include "app/text/encoding.h"
#include "app/text/plain.h"

enum {
    ROOM = 64 * 1024,
    MESSAGE_OCTETS = 630,
    RANDOM_ROUNDS = 3000
};

struct text {
    size_t length;
    uint8_t octets[ROOM];
};

static void add(struct text *text, const char *octets) {
    size_t length = strlen(octets);
    assert_true(text->length + length <= ROOM);
    memcpy(text->octets + text->length, octets, length);
    text->length += length;
}

static void add_octet(struct text *text, uint8_t octet) {
    assert_true(text->length < ROOM);
    text->octets[text->length++] = octet;
}

/* --- What happens on the way ---------------------------------------------------------------- */

/* `with` in place of each `what`. */
static void replace(const struct text *in, struct text *out, const char *what, const char *with) {
    size_t length = strlen(what);
    for (size_t i = 0; i < in->length;) {
        if (in->length - i >= length && memcmp(in->octets + i, what, length) == 0) {
            add(out, with);
            i += length;
        } else {
            add_octet(out, in->octets[i++]);
        }
    }
}

/* `with` after each `width` characters, counted anew after a line end where `by_line`. */
static void wrap(const struct text *in, struct text *out, size_t width, bool by_line,
                 const char *with) {
    size_t column = 0;
    for (size_t i = 0; i < in->length; i++) {
        column = by_line && in->octets[i] == '\n' ? 0 : column + 1;
        add_octet(out, in->octets[i]);
        if (column == width) {
            add(out, with);
            column = 0;
        }
    }
}

static void utf16(const struct text *in, struct text *out, bool is_big, bool has_mark) {
    if (has_mark) {
        add_octet(out, is_big ? 0xFE : 0xFF);
        add_octet(out, is_big ? 0xFF : 0xFE);
    }
    for (size_t i = 0; i < in->length; i++) {
        add_octet(out, is_big ? 0 : in->octets[i]);
        add_octet(out, is_big ? in->octets[i] : 0);
    }
}

static void base64(const struct text *in, struct text *out) {
    static char all[2 * ROOM];
    struct text whole = {0};
    sodium_bin2base64(all, sizeof all, in->octets, in->length, sodium_base64_VARIANT_ORIGINAL);
    add(&whole, all);
    add(out, "Content-Transfer-Encoding: base64\n\n");
    wrap(&whole, out, 76, false, "\r\n");
    add(out, "\r\n--part--\r\n");
}

static void quoted_printable(const struct text *in, struct text *out, bool all) {
    char code[8];
    size_t column = 0;
    for (size_t i = 0; i < in->length; i++) {
        uint8_t c = in->octets[i];
        bool is_coded = c != '\n' && (all || c == '=' || c >= 0x80);
        snprintf(code, sizeof code, is_coded ? "=%02X" : "%c", c);
        if (column + strlen(code) > 75) {
            add(out, "=\r\n");
            column = 0;
        }
        add(out, c == '\n' ? "\r\n" : code);
        column = c == '\n' ? 0 : column + strlen(code);
    }
}

static const struct {
    const char *name, *what, *with;
} replacements[] = {
    {"no-break spaces", " ", "\xC2\xA0"},
    {"no-break spaces of Latin-1", " ", "\xA0"},
    {"ideographic spaces", " ", "\xE3\x80\x80"},
    {"narrow spaces", " ", "\xE2\x80\xAF"},
    {"a zero width space beside each blank", " ", "\xE2\x80\x8B \xE2\x80\x8B"},
    {"marks of direction", "\n", "\xE2\x80\x8F\n\xE2\x80\xAA"},
    {"lines of a Mac", "\n", "\r"},
    {"lines of Windows", "\n", "\r\n"},
    {"line separators", "\n", "\xE2\x80\xA8"},
    {"no line ends", "\n", ""},
    {"blanks for line ends", "\n", " "},
    {"a quotation", "\n", "\n> "},
    {"a quotation of a quotation", "\n", "\n> > "},
    {"a table's bars", "\n", " |\n| "},
    {"a chat", "\n", "\n[25.11.26, 12:03] Ben: "},
    {"HTML", "\n", "<br>\r\n"},
    {"HTML with entities", " ", "&nbsp;"},
    {"HTML with numbers", " ", "&#8203;&#xA0;"},
    {"JSON", "\n", "\\n"},
    {"slashes of JSON", "/", "\\/"},
    {"a link", " ", "%20"},
    {"slashes of a mathematician", "/", "\xE2\x88\x95"},
    {"dots of full width", ".", "\xEF\xBC\x8E"},
    {"dots doubled by SMTP", ".", ".."},
    {"an autocorrected fraction", "1/8", "\xE2\x85\x9B"},
    {"the Turkish i", "I", "\xC4\xB1"},
    {"a zero for the letter O", "O", "0"},
    {"dashes of an editor", "-----", "\xE2\x80\x94\xE2\x80\x93"},
};

enum {
    OTHERS = 18,
    WAYS = sizeof replacements / sizeof replacements[0] + OTHERS
};

/* Way `way`; returns its name. Those that armour does not survive are `of_parts` alone. */
static const char *carry(size_t way, const struct text *in, struct text *out, bool of_parts) {
    static struct text between;
    size_t other = way - sizeof replacements / sizeof replacements[0];
    out->length = between.length = 0;
    if (way < sizeof replacements / sizeof replacements[0]) {
        bool changes_base64 = strchr("/IO", replacements[way].what[0]) != NULL ||
                              strcmp(replacements[way].name, "a chat") == 0;
        bool is_left = !of_parts && (changes_base64 || replacements[way].what[0] == '1');
        replace(in, out, is_left ? "\x01" : replacements[way].what, replacements[way].with);
        return replacements[way].name;
    }
    switch (other) {
    case 0:
        add(out, "\xEF\xBB\xBF");
        add(out, (const char *)in->octets);
        return "UTF-8 with a mark";
    case 1:
    case 2:
    case 3:
    case 4:
        utf16(in, out, other % 2 == 0, other > 2);
        return "UTF-16";
    case 5:
        base64(in, out);
        return "base64";
    case 6:
        utf16(in, &between, false, true);
        base64(&between, out);
        return "UTF-16 in base64";
    case 7:
    case 8:
        quoted_printable(in, out, other == 8);
        return "quoted-printable";
    case 9:
        replace(in, &between, " ", "\xC2\xA0");
        quoted_printable(&between, out, false);
        return "quoted-printable with no-break spaces";
    case 10:
        replace(in, &between, "\n", "<wbr>&nbsp;<br>");
        quoted_printable(&between, out, false);
        return "quoted-printable HTML";
    case 11:
        wrap(in, out, 40, false, "\xE2\x80\x8B");
        return "zero width spaces";
    case 12:
        wrap(in, out, 7, false, "\xC2\xAD");
        return "soft hyphens";
    case 13:
        wrap(in, out, 50, true, "\n>> ");
        return "broken and quoted lines";
    case 14:
        wrap(in, out, 3, false, "\r\n| ");
        return "a narrow column";
    case 15:
        wrap(in, out, 60, true, "<b>\n</b>");
        return "HTML within lines";
    case 16:
        for (size_t i = 0; i < in->length; i++) {
            uint8_t c = in->octets[i];
            uint8_t wide[4];
            size_t length = encoding_write(c > ' ' && c < 0x7F ? 0xFEE0U + c : c, wide);
            for (size_t k = 0; k < length; k++) {
                add_octet(out, wide[k]);
            }
        }
        return "letters of full width";
    default:
        add(&between, "<pre>");
        add(&between, (const char *)in->octets);
        utf16(&between, out, true, true);
        return "HTML in UTF-16";
    }
}

/* --- What must be there --------------------------------------------------------------------- */

static void random_octets(uint8_t *octets, size_t length, unsigned seed) {
    uint8_t key[randombytes_SEEDBYTES] = {0};
    memcpy(key, &seed, sizeof seed);
    randombytes_buf_deterministic(octets, length, key);
}

static bool is_all_there(const struct text *text, struct span message, unsigned *damaged) {
    struct plain plain;
    struct part_found found;
    struct collection collection = {0};
    uint8_t joined[PARTS_MAX * PART_OCTETS];
    struct writer w = writer_into(joined, sizeof joined);
    *damaged = 0;
    assert_int_equal(plain_of((struct span){text->octets, text->length}, &plain), STATUS_OK);
    struct part_reader reader = part_reader_of(plain.text);
    while (part_reader_next(&reader, &found)) {
        *damaged += found.state != PART_GOOD;
        if (found.state == PART_GOOD) {
            (void)collection_add(&collection, &found.part, 0);
        }
    }
    plain_free(&plain);
    const struct gathered *gathered = &collection.messages[0];
    return collection.count == 1 && gathered_parts(gathered) == gathered->count &&
           gathered_join(gathered, &w) == STATUS_OK && span_equal(writer_span(&w), message);
}

static void a_delivery_comes_back_from_every_way_and_no_part_is_called_damaged(void **state) {
    (void)state;
    static struct text text, carried;
    unsigned seed = (unsigned)time(NULL), damaged;
    uint8_t octets[MESSAGE_OCTETS];
    struct span message = {octets, sizeof octets};
    print_message("SEED=%u\n", seed);
    random_octets(octets, sizeof octets, seed);
    memset(&text, 0, sizeof text);
    struct writer w = writer_into(text.octets, sizeof text.octets - 1);
    assert_int_equal(parts_write(message, "for tel:+447700900001", &w), STATUS_OK);
    text.length = w.length;
    for (size_t way = 0; way < WAYS; way++) {
        const char *name = carry(way, &text, &carried, true);
        if (!is_all_there(&carried, message, &damaged) || damaged != 0) {
            fail_msg("%s: %u damaged, or not all there", name, damaged);
        }
    }
}

static void armoured_text_comes_back_from_every_way(void **state) {
    (void)state;
    static struct text text, carried;
    unsigned seed = (unsigned)time(NULL);
    uint8_t octets[MESSAGE_OCTETS], back[ARMOUR_OCTETS_MAX];
    print_message("SEED=%u\n", seed);
    for (size_t length = MESSAGE_OCTETS - 2; length <= MESSAGE_OCTETS; length++) {
        random_octets(octets, length, seed);
        memset(&text, 0, sizeof text);
        struct writer w = writer_into(text.octets, sizeof text.octets - 1);
        write_span(&w, span_of_text("Dear KMS,\n"));
        assert_int_equal(armour_write("MUSTER BUNDLE", (struct span){octets, length}, &w),
                         STATUS_OK);
        text.length = w.length;
        for (size_t way = 0; way < WAYS; way++) {
            const char *name = carry(way, &text, &carried, false);
            struct writer out = writer_into(back, sizeof back);
            enum status status =
                armour_read("MUSTER BUNDLE", (struct span){carried.octets, carried.length}, &out);
            if (status != STATUS_OK ||
                !span_equal(writer_span(&out), (struct span){octets, length})) {
                fail_msg("%s: %s", name, status_text(status));
            }
        }
    }
}

/* On every way, a letter that really changed is noticed, in one part. */
static void real_damage_is_found_on_every_way(void **state) {
    (void)state;
    static struct text text, carried;
    unsigned damaged;
    uint8_t octets[MESSAGE_OCTETS];
    struct span message = {octets, sizeof octets};
    random_octets(octets, sizeof octets, 1);
    memset(&text, 0, sizeof text);
    struct writer w = writer_into(text.octets, sizeof text.octets - 1);
    assert_int_equal(parts_write(message, "for tel:+447700900001", &w), STATUS_OK);
    text.length = w.length;
    uint8_t *letter = (uint8_t *)strstr((char *)text.octets, "MUSTER KEY 3/8") + 40;
    *letter = *letter == 'A' ? 'Z' : 'A';
    for (size_t way = 0; way < WAYS; way++) {
        const char *name = carry(way, &text, &carried, true);
        if (is_all_there(&carried, message, &damaged) || damaged != 1) {
            fail_msg("%s: %u damaged", name, damaged);
        }
    }
}

/* Every way with random changes: no harm, and never another message. */
static void random_changes_on_the_way_do_no_harm(void **state) {
    (void)state;
    static struct text text, carried;
    unsigned seed = (unsigned)time(NULL), damaged;
    uint8_t octets[MESSAGE_OCTETS], changes[64];
    struct span message = {octets, sizeof octets};
    print_message("SEED=%u\n", seed);
    random_octets(octets, sizeof octets, seed);
    memset(&text, 0, sizeof text);
    struct writer w = writer_into(text.octets, sizeof text.octets - 1);
    assert_int_equal(parts_write(message, "for tel:+447700900001", &w), STATUS_OK);
    text.length = w.length;
    for (unsigned round = 0; round < RANDOM_ROUNDS; round++) {
        (void)carry(round % WAYS, &text, &carried, true);
        random_octets(changes, sizeof changes, seed + round);
        for (size_t i = 0; i + 3 < sizeof changes; i += 3) {
            size_t at = (size_t)(changes[i] << 8 | changes[i + 1]) % carried.length;
            carried.octets[at] = changes[i + 2];
        }
        carried.length -= (size_t)changes[63] % (carried.length / 2);
        (void)is_all_there(&carried, message, &damaged);
    }
}

/* Each octet as the character that becomes the most octets, by every way of writing it: after the
 * escapes an octet of Windows-1252 may stand alone. */
static void what_grows_on_the_way_has_room(void **state) {
    static const char *const ways[] = {"%BC",     "=BC",      "\xBC", "%C2%BC", "&frac14;",
                                       "\\u00bc", "\xC2\xBC", "%85",  "\x85",   "%E2%80%A6"};
    enum {
        TIMES = 4000
    };
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        size_t each = strlen(ways[i]);
        uint8_t *text = malloc(each * TIMES);
        struct plain plain;
        assert_non_null(text);
        for (size_t n = 0; n < TIMES; n++) {
            memcpy(text + n * each, ways[i], each);
        }
        assert_int_equal(plain_of((struct span){text, each * TIMES}, &plain), STATUS_OK);
        plain_free(&plain);
        free(text);
    }
}

static enum status read_bare(const char *text, uint8_t octets[64], size_t *length) {
    struct writer out = writer_into(octets, 64);
    enum status status = armour_read_bare(span_of_text(text), &out);
    *length = out.length;
    return status;
}

/* The base64 of one text, with or without the check's and the armour's own signs, as a camera reads
 * it of one code, or of several. */
static void what_a_camera_reads_comes_back(void **state) {
    (void)state;
    static const char content[] = "a request, so to say";
    uint8_t text[256], octets[64];
    char bare[256], parts[600];
    size_t length = 0, count = 0;
    struct writer w = writer_into(text, sizeof text - 1);
    assert_int_equal(armour_write("MUSTER REQUEST", span_of_text(content), &w), STATUS_OK);
    text[w.length] = '\0';
    for (const char *line = strchr((char *)text, '\n') + 1; *line != '-'; line++) {
        if (*line != '\n' && *line != '=') {
            bare[count++] = *line;
        }
    }
    bare[count] = '\0';
    snprintf(parts, sizeof parts, "QR-Code:%.9s\nQR-Code:%s\n", bare, bare + 9);
    const char *const ways[] = {bare, parts, strcat(strcpy((char *)text, " "), bare)};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        assert_int_equal(read_bare(ways[i], octets, &length), STATUS_OK);
        assert_int_equal(length, strlen(content));
        assert_memory_equal(octets, content, length);
    }
    static const char *const none[] = {"", " \n", "not, base64", "-----BEGIN", "QR-Code:"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_int_equal(read_bare(none[i], octets, &length), STATUS_NOT_FOUND);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delivery_comes_back_from_every_way_and_no_part_is_called_damaged),
        cmocka_unit_test(armoured_text_comes_back_from_every_way),
        cmocka_unit_test(real_damage_is_found_on_every_way),
        cmocka_unit_test(what_grows_on_the_way_has_room),
        cmocka_unit_test(random_changes_on_the_way_do_no_harm),
        cmocka_unit_test(what_a_camera_reads_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
