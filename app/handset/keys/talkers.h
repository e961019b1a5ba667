/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who had talked lately in a group without a member list, and up to when: as stores have it that
 * were written when that was made durable before anybody was heard. Announcements from until then
 * are acted on no more. What is heard since, heard.h remembers.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_TALKERS_H
#define MUSTER_APP_HANDSET_KEYS_TALKERS_H

#include "crypto/identifier.h"

enum {
    TALKERS_MAX = 32
};

struct talker {
    char identity[IDENTITY_SIZE];
    int64_t talked_ms; /* group time of the last announcement that was acted on */
};

struct talkers {
    int64_t earlier_ms; /* nothing announced until then is acted on from who is not listed */
    size_t count;
    struct talker list[TALKERS_MAX];
};

/* The group time up to which announcements of `identity` are not acted on any more. */
int64_t talkers_talked_ms(const struct talkers *talkers, const char *identity);

/* Codec, as it stands in a group's record. STATUS_TRUNCATED, STATUS_TOO_LONG, errors of
 * identity_check. */
void talkers_write(struct writer *out, const struct talkers *talkers);
MUST_CHECK enum status talkers_read(struct reader *in, struct talkers *talkers);

#endif
