/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/fingerprint.h"

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

void fingerprint_of(struct span octets, char out[FINGERPRINT_SIZE]) {
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, octets.octets, octets.length);
    for (size_t group = 0; group < 8; group++) {
        snprintf(out + 5 * group, 6, group < 7 ? "%02x%02x " : "%02x%02x", hash[2 * group],
                 hash[2 * group + 1]);
    }
}

bool fingerprint_same(const char *one, const char *two) {
    for (;; one++, two++) {
        one += strspn(one, " ");
        two += strspn(two, " ");
        if (tolower((unsigned char)*one) != tolower((unsigned char)*two)) {
            return false;
        }
        if (*one == '\0') {
            return true;
        }
    }
}
