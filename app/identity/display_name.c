/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/display_name.h"

#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#include "app/text/unicode.h"

enum {
    TYPED_MAX = 4 * DISPLAY_NAME_MAX, /* octets of a name before it is in its form */
    JOINER_NOT = 0x200C,              /* ZERO WIDTH NON-JOINER */
    JOINER = 0x200D,                  /* ZERO WIDTH JOINER */
    REPLACEMENT = 0xFFFD,
    VIRAMA = 9 /* the combining class of what joins the consonants of Indic scripts */
};

/* A name, character by character. */
struct characters {
    size_t count;
    int32_t each[TYPED_MAX];
};

static bool is_control(int32_t character) {
    return character < 0x20 || (character >= 0x7F && character < 0xA0);
}

static bool turns_writing(int32_t character) {
    return character == 0x061C || character == 0x200E || character == 0x200F ||
           (character >= 0x2028 && character <= 0x202E) ||
           (character >= 0x2066 && character <= 0x2069);
}

/* How a character looks, not which it is: variation selectors and the grapheme joiner. */
static bool is_only_look(int32_t character) {
    return character == 0x34F || (character >= 0xFE00 && character <= 0xFE0F) ||
           (character >= 0xE0100 && character <= 0xE01EF);
}

static bool is_mark(int32_t character) {
    utf8proc_category_t category = utf8proc_category(character);
    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME;
}

static bool is_spacing_mark(int32_t character) {
    return utf8proc_category(character) == UTF8PROC_CATEGORY_MC;
}

/* Leaves no trace on a screen, or none that anybody could know. */
static bool is_unseen(int32_t character) {
    /* Mongolian selectors choose the form of a letter that is meant. */
    if (character >= 0x180B && character <= 0x180F && character != 0x180E) {
        return false;
    }
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

/* The character at *at, which goes on to the next; false when that is not UTF-8 or could disturb a
 * screen. */
static bool next_character(const char *text, size_t length, size_t *at, int32_t *character) {
    utf8proc_ssize_t octets =
        utf8proc_iterate((const uint8_t *)text + *at, (utf8proc_ssize_t)(length - *at), character);
    if (octets <= 0 || is_control(*character) || turns_writing(*character)) {
        return false;
    }
    *at += (size_t)octets;
    return true;
}

/* The characters of a text; false when it is not UTF-8, too long by far, or could disturb a screen.
 */
static bool read_characters(const char *text, struct characters *out) {
    size_t length = strlen(text);
    out->count = 0;
    if (length > TYPED_MAX) {
        return false;
    }
    for (size_t at = 0; at < length;) {
        int32_t character;
        if (!next_character(text, length, &at, &character)) {
            return false;
        }
        if (!is_only_look(character)) {
            out->each[out->count++] = character;
        }
    }
    return true;
}

/* --- Joiners (RFC 5892 A.1 and A.2, and emoji) -------------------------------------------------
 */

/* The character before or after `at` that is no mark; 0 at the end. */
static int32_t neighbour(const struct characters *name, size_t at, int step) {
    for (size_t i = at + (size_t)step; i < name->count; i += (size_t)step) {
        if (!is_mark(name->each[i])) {
            return name->each[i];
        }
    }
    return 0;
}

static bool is_virama(const struct characters *name, size_t at) {
    return at < name->count && utf8proc_get_property(name->each[at])->combining_class == VIRAMA;
}

/* A letter of a script whose letters join: Arabic, Syriac and their like. */
static bool is_joining(int32_t character) {
    return utf8proc_get_property(character)->bidi_class == UTF8PROC_BIDI_CLASS_AL;
}

static bool is_picture(int32_t character) {
    return utf8proc_get_property(character)->boundclass ==
           UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

static bool is_skin(int32_t character) {
    return character >= 0x1F3FB && character <= 0x1F3FF;
}

static bool joins_pictures(const struct characters *name, size_t at) {
    size_t before = at - 1;
    if (at > 1 && (is_skin(name->each[before]) || is_mark(name->each[before]))) {
        before--;
    }
    return at > 0 && is_picture(name->each[before]) && at + 1 < name->count &&
           is_picture(name->each[at + 1]);
}

enum effect {
    EFFECT_SEEN,
    EFFECT_NONE,
    EFFECT_HIDDEN
};

/* What a joiner does at its place. */
static enum effect joiner_effect(const struct characters *name, size_t at) {
    if (at > 0 && (is_virama(name, at - 1) || is_virama(name, at + 1))) {
        return EFFECT_SEEN;
    }
    if (at > 0 && name->each[at] == JOINER && joins_pictures(name, at)) {
        return EFFECT_SEEN;
    }
    if (at == 0 || !is_joining(neighbour(name, at, -1))) {
        return EFFECT_HIDDEN;
    }
    bool is_between = is_joining(neighbour(name, at, 1));
    return is_between == (name->each[at] == JOINER_NOT) ? EFFECT_SEEN : EFFECT_NONE;
}

/* --- A name's form -----------------------------------------------------------------------------
 */

/* Leaves joiners without effect out, and puts U+FFFD for what cannot be seen. Returns whether there
 * was any of that. */
static bool show_unseen(const struct characters *name, struct characters *out) {
    bool any = false;
    out->count = 0;
    for (size_t i = 0; i < name->count; i++) {
        int32_t character = name->each[i];
        bool is_joiner = character == JOINER || character == JOINER_NOT;
        enum effect effect = is_joiner              ? joiner_effect(name, i)
                             : is_unseen(character) ? EFFECT_HIDDEN
                                                    : EFFECT_SEEN;
        if (effect != EFFECT_NONE) {
            out->each[out->count++] = effect == EFFECT_SEEN ? character : REPLACEMENT;
        }
        any |= effect == EFFECT_HIDDEN;
    }
    return any;
}

/* Does a mark stand first, or do too many stand on one character? */
static bool is_piled(const struct characters *name) {
    size_t marks = 0;
    for (size_t i = 0; i < name->count; i++) {
        int32_t character = name->each[i];
        bool takes_no_room = is_mark(character) || character == JOINER || character == JOINER_NOT;
        marks = takes_no_room ? marks + 1 : 0;
        if (marks > DISPLAY_NAME_MARKS_MAX ||
            (i == 0 && (takes_no_room || is_spacing_mark(character)))) {
            return true;
        }
    }
    return false;
}

/* The characters as UTF-8, composed, terminated. */
static enum status compose(const struct characters *characters, char out[TYPED_MAX + 1]) {
    uint8_t octets[4 * TYPED_MAX];
    size_t length = 0;
    for (size_t i = 0; i < characters->count; i++) {
        length += (size_t)utf8proc_encode_char(characters->each[i], octets + length);
    }
    if (length > TYPED_MAX) {
        return STATUS_TOO_LONG;
    }
    int32_t room[UNICODE_ROOM(TYPED_MAX)];
    struct span normal;
    enum status status =
        unicode_normalise((struct span){octets, length}, UNICODE_COMPOSED, room, &normal);
    if (status != STATUS_OK) {
        return status;
    }
    if (normal.length > TYPED_MAX) {
        return STATUS_TOO_LONG;
    }
    memcpy(out, normal.octets, normal.length);
    out[normal.length] = '\0';
    return STATUS_OK;
}

/* The name in its form; *shown is its characters, and *is_hiding whether something in it could not
 * be seen. Joiners are looked at in composed text: their neighbours may come to stand elsewhere. */
static enum status bring_into_form(const char *text, char name[DISPLAY_NAME_SIZE],
                                   struct characters *shown, bool *is_hiding) {
    struct characters typed;
    char composed[TYPED_MAX + 1];
    if (!read_characters(text, &typed)) {
        return strlen(text) > TYPED_MAX ? STATUS_TOO_LONG : STATUS_MALFORMED;
    }
    enum status status = compose(&typed, composed);
    if (status != STATUS_OK || !read_characters(composed, &typed)) {
        return status == STATUS_OK ? STATUS_MALFORMED : status;
    }
    *is_hiding = show_unseen(&typed, shown);
    status = compose(shown, composed);
    if (status != STATUS_OK || !read_characters(composed, shown)) {
        return status == STATUS_OK ? STATUS_MALFORMED : status;
    }
    struct span normal = span_of_text(composed);
    if (normal.length > DISPLAY_NAME_MAX || unicode_letters(normal) > DISPLAY_NAME_LETTERS) {
        return STATUS_TOO_LONG;
    }
    memcpy(name, composed, normal.length + 1);
    return STATUS_OK;
}

enum status display_name_make(const char *text, char name[DISPLAY_NAME_SIZE]) {
    struct characters shown;
    bool is_hiding = false;
    enum status status = bring_into_form(text, name, &shown, &is_hiding);
    if (status == STATUS_OK && (is_hiding || is_piled(&shown))) {
        status = STATUS_MALFORMED;
    }
    if (status != STATUS_OK) {
        name[0] = '\0';
    }
    return status;
}

bool display_name_is_valid(const char *name) {
    char made[DISPLAY_NAME_SIZE];
    return display_name_make(name, made) == STATUS_OK;
}

bool display_name_take(char name[DISPLAY_NAME_SIZE]) {
    struct characters shown;
    bool is_hiding;
    return bring_into_form(name, name, &shown, &is_hiding) == STATUS_OK;
}

bool display_text_is_valid(const char *text, size_t octets_max) {
    size_t length = strlen(text);
    if (length > octets_max) {
        return false;
    }
    for (size_t at = 0; at < length;) {
        int32_t character;
        if (!next_character(text, length, &at, &character)) {
            return false;
        }
    }
    return true;
}

size_t display_text_letters(const char *text) {
    return unicode_letters(span_of_text(text));
}
