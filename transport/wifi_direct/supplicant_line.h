/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads wpa_supplicant's lines: an event is its name and then fields, separated by spaces; a reply
 * may be several lines of fields. A field is "key=value"; a value in single quotes may have spaces.
 */
#ifndef MUSTER_TRANSPORT_WIFI_DIRECT_SUPPLICANT_LINE_H
#define MUSTER_TRANSPORT_WIFI_DIRECT_SUPPLICANT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LINE_ADDRESS_SIZE = 18
};

/* The address that `text` begins with, "02:00:00:00:01:00"; 0 when it does not begin with one. */
uint64_t line_read_address(const char *text);
void line_write_address(uint64_t address, char out[LINE_ADDRESS_SIZE]);

/* Does `line` begin with the word `name`? */
bool line_is(const char *line, const char *name);

/* Writes word number `index` of the line (its name is word 0) to `out` of `size` octets; false when
 * there is no such word, or it does not fit. */
bool line_word(const char *line, unsigned index, char *out, size_t size);

/* Where the value of the first field called `key` begins in `line`; NULL when there is no such
 * field. When there are several lines, each begins with its only field; in a single line, what is
 * in double quotes is not a field. Everything else may be a name from the air. */
const char *line_field(const char *line, const char *key);

/* The same value as an address (0 when there is none) and as a number (`otherwise` when there is
 * none). Numbers may be hexadecimal (0x25). */
uint64_t line_field_address(const char *line, const char *key);
long line_field_number(const char *line, const char *key, long otherwise);

/* Is the device that the line describes a handset, by its name in the field `key`? */
bool line_field_is_handset(const char *line, const char *key);

#endif
