/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/text/plain.h"

#include <stdlib.h>
#include <string.h>

#include "app/text/characters.h"
#include "app/text/encoding.h"
#include "app/text/markup.h"
#include "crypto/secret.h"

/* --- Characters ----------------------------------------------------------------------------- */

/* The end of a line at `at` that is not the second half of one, as CR LF has it. */
static bool is_new_line(struct span text, size_t at, uint32_t character) {
    return character != '\n' || at == 0 || text.octets[at - 1] != '\r';
}

static size_t to_ascii(struct span text, uint8_t *out) {
    size_t length = 0;
    for (size_t at = 0; at < text.length;) {
        size_t start = at;
        uint32_t character = encoding_next(text, &at);
        char ascii[4] = "";
        if (character_ends_line(character)) {
            ascii[0] = is_new_line(text, start, character) ? '\n' : '\0';
        } else if (character_is_blank(character)) {
            ascii[0] = ' ';
        } else if (!character_is_unseen(character)) {
            character_in_ascii(character, ascii);
        }
        for (const char *c = ascii; *c != '\0'; c++) {
            out[length++] = (uint8_t)*c;
        }
    }
    return length;
}

/* --- One after the other -------------------------------------------------------------------- */

/* Each writes to out[growth * text.length]; returns how many octets. */
struct step {
    size_t growth;
    size_t (*take)(struct span text, uint8_t *out);
};

static const struct step steps[] = {
    {ENCODING_GROWTH, encoding_to_utf8},
    {MARKUP_BASE64_GROWTH, markup_base64},
    {1, markup_escapes},
    {1, markup_tags},
    {3, to_ascii}, /* after the escapes "1/2" may be one octet, as Windows-1252 has it */
};

enum status plain_of(struct span text, struct plain *plain) {
    *plain = (struct plain){.octets = NULL};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        uint8_t *out = malloc(steps[i].growth * text.length + 1);
        if (out == NULL) {
            plain_free(plain);
            return STATUS_NO_MEMORY;
        }
        size_t length = steps[i].take(text, out);
        plain_free(plain);
        *plain = (struct plain){.text = {out, length}, .octets = out};
        text = plain->text;
    }
    return STATUS_OK;
}

void plain_free(struct plain *plain) {
    if (plain->octets != NULL) {
        secret_wipe(plain->octets, plain->text.length);
    }
    free(plain->octets);
    *plain = (struct plain){.octets = NULL};
}

/* --- Reading -------------------------------------------------------------------------------- */

bool plain_is_letter_or_digit(uint8_t character) {
    return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z') ||
           (character >= '0' && character <= '9');
}

size_t plain_skip(struct span text, size_t at) {
    while (at < text.length && !plain_is_letter_or_digit(text.octets[at])) {
        at++;
    }
    return at;
}

static uint8_t capital(uint8_t character) {
    return character >= 'a' && character <= 'z' ? (uint8_t)(character - 'a' + 'A') : character;
}

size_t plain_words(struct span text, size_t at, const char *words) {
    bool is_first = true;
    for (; *words != '\0'; words++) {
        if (!plain_is_letter_or_digit((uint8_t)*words)) {
            continue;
        }
        at = is_first ? at : plain_skip(text, at);
        if (at >= text.length || capital(text.octets[at]) != (uint8_t)*words) {
            return 0;
        }
        at++;
        is_first = false;
    }
    return at;
}
