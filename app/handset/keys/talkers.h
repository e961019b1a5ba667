/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who talks in a group without a member list with a clock that is ahead, and up to when nothing of
 * them is acted on by its date (lead.h). In stores from before: who had talked lately.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_TALKERS_H
#define MUSTER_APP_HANDSET_KEYS_TALKERS_H

#include "crypto/identifier.h"

enum {
    TALKERS_MAX = 32
};

struct talker {
    char identity[IDENTITY_SIZE];
    int64_t talked_ms; /* group time */
};

struct talkers {
    int64_t earlier_ms; /* nothing announced until then is acted on from who is not listed */
    size_t count;
    struct talker list[TALKERS_MAX];
};

/* The group time up to which announcements of `identity` are not acted on any more. */
int64_t talkers_talked_ms(const struct talkers *talkers, const char *identity);

/* Sets that to `talked_ms`. False when all places are taken by others that matter still: up to
 * after `over_ms`. */
MUST_CHECK bool talkers_set(struct talkers *talkers, const char *identity, int64_t talked_ms,
                            int64_t over_ms);

/* Codec, as it stands in a group's record. STATUS_TRUNCATED, STATUS_TOO_LONG, errors of
 * identity_check. */
void talkers_write(struct writer *out, const struct talkers *talkers);
MUST_CHECK enum status talkers_read(struct reader *in, struct talkers *talkers);

#endif
