/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/file_name.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "crypto/identifier.h"

enum {
    STEM_MAX = 200,
    HEAD_SIZE = 100 /* of a name too long for a disk, before its hash */
};

void file_name_of_identity(const char *identity, const char *ending, char name[FILE_NAME_SIZE]) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789+-.@_";
    char stem[3 * IDENTITY_MAX + 1];
    size_t length = 0;
    /* A colon stands only where the kind of identity says so; everything else that is not plain,
     * and capitals, become % and two digits. */
    for (const char *c = identity; *c != '\0' && length + 3 < sizeof stem; c++) {
        if (*c == ':') {
            stem[length++] = '_';
        } else if (strchr(plain, *c) != NULL) {
            stem[length++] = *c;
        } else {
            length += (size_t)snprintf(stem + length, 4, "%%%02x", (unsigned char)*c);
        }
    }
    stem[length] = '\0';
    if (length > STEM_MAX) {
        uint8_t hash[crypto_hash_sha256_BYTES];
        crypto_hash_sha256(hash, (const uint8_t *)identity, strlen(identity));
        stem[HEAD_SIZE] = '%';
        stem[HEAD_SIZE + 1] = '%';
        sodium_bin2hex(stem + HEAD_SIZE + 2, sizeof stem - HEAD_SIZE - 2, hash, 16);
    }
    snprintf(name, FILE_NAME_SIZE, "%.200s.%.40s", stem, ending);
}
