/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/words/who.h"

#include <stdio.h>

#include "app/text/digits.h"
#include "ui/words/words.h"

static bool is_plain(const char *name, enum name_kind kind) {
    return kind != NAME_CLAIMED && name[0] != '\0';
}

const char *who_words(char room[WHO_SIZE], const char *name, enum name_kind kind,
                      const char *identity) {
    char digits[IDENTITY_DIGITS_SIZE];
    identity_digits(identity, digits);
    if (is_plain(name, kind)) {
        snprintf(room, WHO_SIZE, "%s", name);
    } else if (name[0] != '\0') {
        snprintf(room, WHO_SIZE, _("%s (says “%s”)"), digits, name);
    } else {
        snprintf(room, WHO_SIZE, "%s", identity);
    }
    return room;
}

const char *who_told(char room[WHO_SIZE], const char *name, enum name_kind kind,
                     const char *identity) {
    char digits[IDENTITY_DIGITS_SIZE];
    if (!is_plain(name, kind)) {
        return who_words(room, name, kind, identity);
    }
    identity_digits(identity, digits);
    snprintf(room, WHO_SIZE, "%s (%s)", name, digits);
    return room;
}

const char *who_name(char room[WHO_SIZE], const char *name, enum name_kind kind) {
    snprintf(room, WHO_SIZE, kind == NAME_CLAIMED && name[0] != '\0' ? "“%s”" : "%s", name);
    return room;
}
