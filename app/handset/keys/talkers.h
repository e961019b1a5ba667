/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who has talked lately in a group without a member list, and up to when: for as long as an
 * announcement's timestamp would be accepted it is acted on once (DESIGN.md section 5, 6). Bounded:
 * when more have talked than there is room for, the one heard longest ago makes way, and nothing
 * announced until then is acted on any more, from whomever.
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

/* An announcement of `identity` from `talked_ms` was acted on. */
void talkers_set(struct talkers *talkers, const char *identity, int64_t talked_ms);

/* Codec, as it stands in a group's record. STATUS_TRUNCATED, STATUS_TOO_LONG, errors of
 * identity_check. */
void talkers_write(struct writer *out, const struct talkers *talkers);
MUST_CHECK enum status talkers_read(struct reader *in, struct talkers *talkers);

#endif
