/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/manager/cell.h"

#include <string.h>
#include <strings.h>

#include "app/text/characters.h"
#include "app/text/encoding.h"

enum {
    NUMBER_DIGITS_MIN = 5 /* shorter ones are ranks, units and the like */
};

static bool leaves_no_trace(uint32_t character) {
    return character_is_blank(character) || character_ends_line(character) ||
           character_is_unseen(character);
}

void cell_take(struct span field, char cell[CELL_SIZE]) {
    size_t from = field.length, to = 0;
    for (size_t at = 0; at < field.length;) {
        size_t begin = at;
        if (!leaves_no_trace(encoding_next(field, &at))) {
            from = begin < from ? begin : from;
            to = at;
        }
    }
    size_t length = to > from ? to - from : 0;
    if (length >= CELL_SIZE) {
        length = CELL_SIZE - 1;
    }
    if (length > 0) {
        memcpy(cell, field.octets + from, length);
    }
    cell[length] = '\0';
}

/* --- Headings ------------------------------------------------------------------------------- */

/* Those that leave less doubt stand later. Capitals beyond ASCII are spelled out. */
static const char *const identity_headings[] = {
    "number",      "nummer",    "tel",       "tel.",      "phone",        "telefon",
    "handy",       "mobile",    "mobil",     "telephone", "phone number", "telefonnummer",
    "handynummer", "rufnummer", "msisdn",    "id",        "sip",          "uri",
    "identitaet",  "identität", "IDENTITÄT", "kennung",   "identifier",   "identity"};
static const char *const name_headings[] = {"nachname",     "surname",  "last name", "rufname",
                                            "full name",    "mitglied", "member",    "anzeigename",
                                            "display name", "name"};

static int strength_in(const char *cell, const char *const *headings, size_t count) {
    for (size_t i = count; i > 0; i--) {
        if (strcasecmp(cell, headings[i - 1]) == 0) {
            return (int)i;
        }
    }
    return 0;
}

int cell_heading(const char *cell, enum cell_heading *heading) {
    int strength = strength_in(cell, name_headings, sizeof name_headings / sizeof name_headings[0]);
    *heading = strength > 0 ? CELL_HEADS_NAME : CELL_HEADS_IDENTITY;
    return strength > 0 ? strength
                        : strength_in(cell, identity_headings,
                                      sizeof identity_headings / sizeof identity_headings[0]);
}

/* --- Numbers -------------------------------------------------------------------------------- */

#define DIGITS "0123456789"

/* Such as 4.47E+11: what a spreadsheet shows of a long number, and then saves. */
static bool is_approximation(const char *cell) {
    size_t whole = strspn(cell, DIGITS);
    const char *rest = cell + whole;
    if (whole > 0 && (*rest == '.' || *rest == ',')) {
        rest += 1 + strspn(rest + 1, DIGITS);
    }
    if (whole == 0 || (*rest != 'E' && *rest != 'e')) {
        return false;
    }
    rest += rest[1] == '+' ? 2 : 1;
    return *rest != '\0' && rest[strspn(rest, DIGITS)] == '\0';
}

static bool is_number(const char *cell) {
    size_t digits = 0;
    for (const char *c = cell; *c != '\0'; c++) {
        digits += *c >= '0' && *c <= '9';
    }
    return digits >= NUMBER_DIGITS_MIN && cell[strspn(cell, DIGITS " +-/().,")] == '\0';
}

const char *cell_cause(const char *cell) {
    bool has_scheme = strncasecmp(cell, "tel:", 4) == 0;
    const char *number = has_scheme ? cell + 4 : cell;
    if (identity_check(cell) == STATUS_OK) {
        return NULL;
    }
    if (is_approximation(number)) {
        return "the spreadsheet has replaced the number by an approximation; make the column text "
               "and enter the number again: ";
    }
    if (!is_number(number)) {
        return NULL;
    }
    if (strncmp(number, "00", 2) == 0) {
        return "write + in place of the leading 00, as in tel:+447700900123: ";
    }
    if (number[0] != '+') {
        return "the number lacks its + and the country's digits, as in tel:+447700900123: ";
    }
    return "not an identity; write the number as in tel:+447700900123: ";
}
