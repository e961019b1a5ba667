/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the audit log of a KMS ended when it made a bundle: the number of its last record and the
 * first octets of that one's hash. It is part of a credential, so the KMS has signed it, and the
 * handset shows it: a log that lacks that record is not the one from which the handset's keys were
 * issued.
 */
#ifndef MUSTER_APP_IDENTITY_LOG_HEAD_H
#define MUSTER_APP_IDENTITY_LOG_HEAD_H

#include "crypto/bytes.h"
#include "crypto/status.h"

enum {
    LOG_HEAD_HASH_SIZE = 8,
    LOG_HEAD_SIZE_MAX = 8 + LOG_HEAD_HASH_SIZE,
    LOG_HEAD_TEXT_SIZE = 20 + 1 + LOG_HEAD_HASH_SIZE / 2 * 5 + 1
};

struct log_head {
    uint64_t number; /* 0: nothing is known of a log */
    uint8_t hash[LOG_HEAD_HASH_SIZE];
};

/* As people compare it: "57: 1a2b 3c4d 5e6f 7a8b". Empty for number 0. */
void log_head_print(const struct log_head *head, char out[LOG_HEAD_TEXT_SIZE]);

/* Does `later`, of a bundle that was made after the one with `earlier`, show another log, which was
 * set back or went another way? Where one of them says nothing it shows nothing. */
bool log_head_differs(const struct log_head *earlier, const struct log_head *later);

/* Codec: the number (8) and, unless that is 0, the hash. STATUS_TRUNCATED. */
void log_head_write(struct writer *out, const struct log_head *head);
MUST_CHECK enum status log_head_read(struct reader *in, struct log_head *head);

#endif
