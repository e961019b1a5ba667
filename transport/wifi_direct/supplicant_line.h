/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads wpa_supplicant's lines: an event is its name and then fields apart by spaces, a reply may
 * be several lines of fields. A field is "key=value"; a value in single quotes may have spaces.
 */
#ifndef MUSTER_TRANSPORT_WIFI_DIRECT_SUPPLICANT_LINE_H
#define MUSTER_TRANSPORT_WIFI_DIRECT_SUPPLICANT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LINE_ADDRESS_SIZE = 18
};

/* The address that `text` begins with, "02:00:00:00:01:00"; 0 where it begins with none. */
uint64_t line_read_address(const char *text);
void line_write_address(uint64_t address, char out[LINE_ADDRESS_SIZE]);

/* Does `line` begin with the word `name`? */
bool line_is(const char *line, const char *name);

/* The word number `index` of the line, its name being 0, into `out` of `size` octets; false when
 * there is none, or it does not fit. */
bool line_word(const char *line, unsigned index, char *out, size_t size);

/* The value of the first field called `key`, where it begins in `line`; NULL when there is none. Of
 * several lines each begins with a field and has no more, and of a single one what stands in double
 * quotes is none: the rest may be a name from the air. */
const char *line_field(const char *line, const char *key);

/* The same as an address (0: none) and as a number (`otherwise`: none). Numbers may be hexadecimal
 * (0x25). */
uint64_t line_field_address(const char *line, const char *key);
long line_field_number(const char *line, const char *key, long otherwise);

/* Is the device that the line tells of a handset, by its name in the field `key`? */
bool line_field_is_handset(const char *line, const char *key);

#endif
