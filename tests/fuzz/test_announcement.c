/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any octets as an announcement. */
#include <string.h>

#include "crypto/announcement.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    struct announcement announcement;
    if (announcement_parse((struct span){octets, length}, &announcement) != STATUS_OK) {
        return 0;
    }
    must(strnlen(announcement.fields.talker, IDENTITY_SIZE) < IDENTITY_SIZE);
    must(strnlen(announcement.fields.group, GROUP_IDENTITY_SIZE) < GROUP_IDENTITY_SIZE);
    must(announcement.covered.octets == octets && announcement.covered.length < length);
    return 0;
}
