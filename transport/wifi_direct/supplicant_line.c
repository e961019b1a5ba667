/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/wifi_direct/supplicant_line.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ADDRESS_OCTETS = 6
};

static int hex_digit(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    if (digit >= 'A' && digit <= 'F') {
        return digit - 'A' + 10;
    }
    return -1;
}

uint64_t line_read_address(const char *text) {
    uint64_t address = 0;
    for (int i = 0; i < ADDRESS_OCTETS; i++) {
        int high = hex_digit(text[0]);
        int low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0 || (i + 1 < ADDRESS_OCTETS && text[2] != ':')) {
            return 0;
        }
        address = address << 8 | (uint64_t)(high << 4 | low);
        text += i + 1 < ADDRESS_OCTETS ? 3 : 2;
    }
    return isalnum((unsigned char)*text) || *text == ':' ? 0 : address;
}

void line_write_address(uint64_t address, char out[LINE_ADDRESS_SIZE]) {
    snprintf(out, LINE_ADDRESS_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x",
             (unsigned)(address >> 40) & 0xff, (unsigned)(address >> 32) & 0xff,
             (unsigned)(address >> 24) & 0xff, (unsigned)(address >> 16) & 0xff,
             (unsigned)(address >> 8) & 0xff, (unsigned)address & 0xff);
}

bool line_is(const char *line, const char *name) {
    size_t length = strlen(name);
    return strncmp(line, name, length) == 0 &&
           (line[length] == '\0' || isspace((unsigned char)line[length]));
}

bool line_word(const char *line, unsigned index, char *out, size_t size) {
    for (unsigned i = 0; i < index; i++) {
        line += strcspn(line, " \t\n");
        line += strspn(line, " \t\n");
    }
    size_t length = strcspn(line, " \t\n");
    if (length == 0 || length >= size) {
        return false;
    }
    memcpy(out, line, length);
    out[length] = '\0';
    return true;
}

/* Where what stands in double quotes ends; a quote in it has a backslash before it. */
static const char *end_of_quotes(const char *at) {
    while (*++at != '\0' && *at != '"') {
        at += at[0] == '\\' && at[1] != '\0';
    }
    return at;
}

const char *line_field(const char *line, const char *key) {
    size_t length = strlen(key);
    bool has_lines = strchr(line, '\n') != NULL, begins = true;
    for (const char *at = line; *at != '\0'; at++) {
        if (begins && strncmp(at, key, length) == 0 && at[length] == '=') {
            return at + length + 1;
        }
        if (!has_lines && *at == '"') {
            at = end_of_quotes(at);
        }
        if (*at == '\0') {
            return NULL;
        }
        begins = has_lines ? *at == '\n' : isspace((unsigned char)*at);
    }
    return NULL;
}

uint64_t line_field_address(const char *line, const char *key) {
    const char *value = line_field(line, key);
    return value == NULL ? 0 : line_read_address(value);
}

long line_field_number(const char *line, const char *key, long otherwise) {
    const char *value = line_field(line, key);
    if (value == NULL) {
        return otherwise;
    }
    char *end;
    long number = strtol(value, &end, 0);
    return end == value ? otherwise : number;
}

bool line_field_is_handset(const char *line, const char *key) {
    const char *value = line_field(line, key);
    if (value == NULL) {
        return false;
    }
    return strncmp(value + (*value == '\''), "Muster", strlen("Muster")) == 0;
}
