/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/alike.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

#include "app/text/digits.h"

enum {
    ROOM = 4096,                      /* code units: what 240 octets can become in all forms */
    SAID_MAX = ALIKE_DIGITS_SIZE - 1, /* digits of a name that are looked at */
    TELLING = 5                       /* fewer are a number like any other: "Unit 17" */
};

struct alike {
    USpoofChecker *checker;
    const UNormalizer2 *folding; /* NFKC, without case and what cannot be seen */
    const UNormalizer2 *apart;   /* NFD: marks behind their letters */
};

enum status alike_new(struct alike **alike) {
    UErrorCode code = U_ZERO_ERROR;
    struct alike *made = calloc(1, sizeof *made);
    *alike = NULL;
    if (made == NULL) {
        return STATUS_NO_MEMORY;
    }
    made->checker = uspoof_open(&code);
    made->folding = unorm2_getNFKCCasefoldInstance(&code);
    made->apart = unorm2_getNFDInstance(&code);
    if (U_FAILURE(code)) {
        alike_free(made);
        return STATUS_LIBRARY_FAILED;
    }
    *alike = made;
    return STATUS_OK;
}

void alike_free(struct alike *alike) {
    if (alike != NULL && alike->checker != NULL) {
        uspoof_close(alike->checker);
    }
    free(alike);
}

/* Whether it stands for itself, or only above, beside or between others. */
static bool is_shape(UChar32 character) {
    switch (u_charType(character)) {
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_FORMAT_CHAR:
    case U_CONTROL_CHAR:
    case U_SPACE_SEPARATOR:
        return false;
    default:
        return true;
    }
}

static int32_t normal(const UNormalizer2 *form, const UChar *text, int32_t length,
                      UChar out[ROOM]) {
    UErrorCode code = U_ZERO_ERROR;
    int32_t made = unorm2_normalize(form, text, length, out, ROOM, &code);
    return U_FAILURE(code) ? 0 : made;
}

static int32_t skeleton(const struct alike *alike, const UChar *text, int32_t length,
                        UChar out[ROOM]) {
    UErrorCode code = U_ZERO_ERROR;
    int32_t made = uspoof_getSkeleton(alike->checker, 0, text, length, out, ROOM, &code);
    return U_FAILURE(code) ? 0 : made;
}

/* Without marks and blanks, in place. */
static int32_t shapes(const struct alike *alike, UChar text[ROOM], int32_t length) {
    UChar apart[ROOM];
    UChar32 characters[ROOM];
    UErrorCode code = U_ZERO_ERROR;
    int32_t whole = 0, kept = 0, made = 0;
    u_strToUTF32(characters, ROOM, &whole, apart, normal(alike->apart, text, length, apart), &code);
    for (int32_t i = 0; U_SUCCESS(code) && i < whole; i++) {
        if (is_shape(characters[i])) {
            characters[kept++] = characters[i];
        }
    }
    u_strFromUTF32(text, ROOM, &made, characters, kept, &code);
    return U_SUCCESS(code) ? made : 0;
}

/* FNV-1a: two names that agree in it by chance are shown as alike, and no harm is done. */
static uint64_t hash_of(const UChar *text, int32_t length) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (int32_t i = 0; i < length; i++) {
        hash = (hash ^ text[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

struct look alike_look(const struct alike *alike, const char *name) {
    UChar text[ROOM], folded[ROOM], confused[ROOM];
    UErrorCode code = U_ZERO_ERROR;
    int32_t length = 0;
    u_strFromUTF8(text, ROOM, &length, name, -1, &code);
    if (U_FAILURE(code) || length == 0) {
        return (struct look){0};
    }
    length = shapes(alike, text, length);
    int32_t made = normal(alike->folding, text, length, folded);
    made = skeleton(alike, folded, made, confused);
    made = shapes(alike, confused, made);
    const uint64_t first = hash_of(confused, made);
    made = skeleton(alike, text, length, confused);
    made = normal(alike->folding, confused, made, folded);
    made = skeleton(alike, folded, made, confused);
    made = shapes(alike, confused, made);
    /* A small i looks like no l, but the capital that it may be written as does. */
    for (int32_t i = 0; i < made; i++) {
        confused[i] = confused[i] == 'i' ? 'l' : confused[i];
    }
    return (struct look){.folded = first, .confused = hash_of(confused, made)};
}

bool looks_alike(struct look one, struct look other) {
    return (one.folded != 0 && one.folded == other.folded) ||
           (one.confused != 0 && one.confused == other.confused);
}

/* The decimal digits of a text, whatever script they are of. */
static size_t digits_of(const char *text, char digits[SAID_MAX + 1]) {
    UChar units[ROOM];
    UErrorCode code = U_ZERO_ERROR;
    UChar32 characters[ROOM];
    int32_t length = 0;
    size_t count = 0;
    u_strFromUTF8(units, ROOM, &length, text, -1, &code);
    u_strToUTF32(characters, ROOM, &length, units, length, &code);
    for (int32_t i = 0; U_SUCCESS(code) && i < length && count < SAID_MAX; i++) {
        int32_t digit = u_charDigitValue(characters[i]);
        if (digit >= 0) {
            digits[count++] = (char)('0' + digit);
        }
    }
    digits[count] = '\0';
    return count;
}

bool alike_digits(const char *name, char digits[ALIKE_DIGITS_SIZE]) {
    return digits_of(name, digits) >= TELLING;
}

bool alike_has_number(const char *name) {
    char said[SAID_MAX + 1];
    return alike_digits(name, said);
}

bool alike_name_says(const char *name, const char *identity) {
    char end[IDENTITY_DIGITS_SIZE], said[SAID_MAX + 1], own[SAID_MAX + 1];
    identity_digits(identity, end);
    return digits_of(end, own) >= TELLING && digits_of(name, said) >= TELLING &&
           strstr(said, own) != NULL;
}
