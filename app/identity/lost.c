/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/lost.h"

#include <stdio.h>
#include <string.h>

/* Where that one is; `count` when it is not among them. */
static size_t place_of(const struct lost *lost, const char *identity) {
    size_t at = 0;
    while (at < lost->count && strcmp(lost->list[at], identity) != 0) {
        at++;
    }
    return at;
}

bool lost_has(const struct lost *lost, const char *identity) {
    return place_of(lost, identity) < lost->count;
}

enum status lost_add(struct lost *lost, const char *identity) {
    enum status status = identity_check(identity);
    if (status != STATUS_OK || lost_has(lost, identity)) {
        return status;
    }
    if (lost->count == LOST_MAX) {
        return STATUS_TOO_LONG;
    }
    snprintf(lost->list[lost->count++], IDENTITY_SIZE, "%s", identity);
    lost->version++;
    return STATUS_OK;
}

void lost_remove(struct lost *lost, const char *identity) {
    size_t at = place_of(lost, identity);
    if (at == lost->count) {
        return;
    }
    lost->count--;
    memmove(lost->list[at], lost->list[at + 1], (lost->count - at) * sizeof lost->list[0]);
    lost->version++;
}
