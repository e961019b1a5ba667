/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Octets that mean nothing, the same in every run. */
#ifndef MUSTER_TESTS_ATTACKS_JUNK_H
#define MUSTER_TESTS_ATTACKS_JUNK_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/bytes.h"

/* The next number of the row that `random`, at first its seed, stands at. */
uint64_t junk_number(uint64_t *random);

/* Fills `size` octets. */
void junk_fill(uint64_t *random, uint8_t *octets, size_t size);

/* The payload of a presence of `identity` in today's form, of a life that was never heard, whose
 * link and signature are none. Ends the program if no handset would read it: then it shows nothing.
 */
void junk_presence(uint64_t *random, int64_t utc_ms, const char *identity, struct writer *out);

#endif
