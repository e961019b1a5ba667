/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/names.h"

#include <stdlib.h>
#include <string.h>

#include "app/identity/alike.h"
#include "app/text/digits.h"

struct name {
    struct look look;
    char identity[IDENTITY_SIZE];
    char digits[ALIKE_DIGITS_SIZE]; /* of the end of the identity; empty when they say nothing */
};

struct names {
    struct alike *alike;
    struct name *names;
    size_t count, room;
};

enum status names_new(struct names **names) {
    *names = calloc(1, sizeof **names);
    if (*names == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = alike_new(&(*names)->alike);
    if (status != STATUS_OK) {
        names_free(*names);
        *names = NULL;
    }
    return status;
}

void names_free(struct names *names) {
    if (names == NULL) {
        return;
    }
    alike_free(names->alike);
    free(names->names);
    free(names);
}

enum status names_add(struct names *names, const char *identity, const char *display_name) {
    if (names->count == names->room) {
        size_t room = names->room == 0 ? 64 : 2 * names->room;
        struct name *grown = reallocarray(names->names, room, sizeof *grown);
        if (grown == NULL) {
            return STATUS_NO_MEMORY;
        }
        names->names = grown;
        names->room = room;
    }
    char end[IDENTITY_DIGITS_SIZE];
    struct name *name = &names->names[names->count++];
    *name = (struct name){.look = alike_look(names->alike, display_name)};
    memcpy(name->identity, identity, strlen(identity) + 1);
    identity_digits(identity, end);
    if (!alike_digits(end, name->digits)) {
        name->digits[0] = '\0';
    }
    return STATUS_OK;
}

const char *names_find(const struct names *names, const char *identity, const char *display_name) {
    struct look look = alike_look(names->alike, display_name);
    char said[ALIKE_DIGITS_SIZE];
    bool says_number = alike_digits(display_name, said);
    for (size_t i = 0; i < names->count; i++) {
        const struct name *name = &names->names[i];
        bool is_said = says_number && name->digits[0] != '\0' && strstr(said, name->digits) != NULL;
        if ((is_said || looks_alike(look, name->look)) && strcmp(name->identity, identity) != 0) {
            return name->identity;
        }
    }
    return NULL;
}
