/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/script/variables.h"

#include <stdlib.h>
#include <string.h>

const char *variable_in(const char *text, const char **name, size_t *length, bool *is_closed) {
    const char *at = strstr(text, "${");
    if (at) {
        *name = at + 2;
        *length = strcspn(*name, "}");
        *is_closed = (*name)[*length] == '}';
    }
    return at;
}

bool variables_set(struct variables *variables, const char *name, const char *value) {
    size_t i = 0;
    while (i < variables->count && strcmp(variables->of[i].name, name) != 0) {
        i++;
    }
    char *copy = i < VARIABLES_MAX ? strdup(value) : NULL;
    if (!copy) {
        return false;
    }
    if (i == variables->count) {
        variables->of[variables->count++].name = name;
    } else {
        free(variables->of[i].value);
    }
    variables->of[i].value = copy;
    return true;
}

static const char *value_of(const struct variables *variables, const char *name, size_t length) {
    for (size_t i = 0; i < variables->count; i++) {
        if (strlen(variables->of[i].name) == length &&
            strncmp(variables->of[i].name, name, length) == 0) {
            return variables->of[i].value;
        }
    }
    return "";
}

static bool append(char *out, size_t size, size_t *used, const char *text, size_t length) {
    if (length >= size - *used) {
        return false;
    }
    memcpy(out + *used, text, length);
    *used += length;
    out[*used] = 0;
    return true;
}

bool variables_expand(const struct variables *variables, const char *text, size_t length, char *out,
                      size_t size) {
    const char *end = text + length, *at, *name;
    size_t used = 0, name_length;
    bool is_closed;
    out[0] = 0;
    while ((at = variable_in(text, &name, &name_length, &is_closed)) != NULL && at < end) {
        const char *value = value_of(variables, name, name_length);
        if (!append(out, size, &used, text, (size_t)(at - text)) ||
            !append(out, size, &used, value, strlen(value))) {
            return false;
        }
        text = name + name_length + is_closed;
    }
    return text >= end || append(out, size, &used, text, (size_t)(end - text));
}

void variables_clear(struct variables *variables) {
    for (size_t i = 0; i < variables->count; i++) {
        free(variables->of[i].value);
    }
    variables->count = 0;
}
