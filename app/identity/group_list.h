/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The standard groups that a handset belongs to, by their group identities: what the KMS provisions
 * it with (6.X.3.3.2.2).
 */
#ifndef MUSTER_APP_IDENTITY_GROUP_LIST_H
#define MUSTER_APP_IDENTITY_GROUP_LIST_H

#include "crypto/identifier.h"

enum {
    GROUP_LIST_MAX = 16,                                          /* groups of one handset */
    GROUP_LIST_SIZE_MAX = 1 + GROUP_LIST_MAX * (1 + IDENTITY_MAX) /* octets of one written */
};

struct group_list {
    size_t count;
    char groups[GROUP_LIST_MAX][IDENTITY_SIZE];
};

/* Adds `group`. STATUS_IDENTITY_INVALID when it is not spelled sip:user@host, STATUS_TOO_LONG when
 * it is longer than an identity or there are GROUP_LIST_MAX already, STATUS_ALREADY_DONE when it is
 * in the list. */
MUST_CHECK enum status group_list_add(struct group_list *list, const char *group);

bool group_list_has(const struct group_list *list, const char *group);

/* Codec, for records and bundles: the reader takes what the writer writes and group_list_add
 * accepts. Errors of group_list_add, STATUS_TRUNCATED, and STATUS_MALFORMED for a group listed
 * twice. */
void group_list_write(struct writer *out, const struct group_list *list);
MUST_CHECK enum status group_list_read(struct reader *in, struct group_list *list);

#endif
