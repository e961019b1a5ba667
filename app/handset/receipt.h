/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The receipt for a key delivery (6.X.3.3.2.3): a member's signed word to the group's manager that
 * its handset took the GMK and has it for good. It holds no secret and proves nothing to anybody
 * but that the member's handset says so.
 *
 * Payload: time (8, milliseconds since 1970), GMK id (4), group identity, member's identity and KMS
 * URI (each with its length before it in one octet), ECCSI signature (129) over "Muster receipt" 00
 * and everything before the signature.
 */
#ifndef MUSTER_APP_HANDSET_RECEIPT_H
#define MUSTER_APP_HANDSET_RECEIPT_H

#include "app/handset/clock.h"
#include "app/handset/keyring.h"
#include "crypto/entropy.h"
#include "crypto/identifier.h"

enum {
    RECEIPT_MAX = 512,
    RECEIPT_SPREAD_MS = 2000,     /* thousands get their keys at once: each waits at random */
    RECEIPT_AGAIN_MS = 60 * 1000, /* a repeated delivery is answered this often at most */
    RECEIPTS_MAX = GROUP_LIST_MAX /* groups that deliveries are taken of */
};

struct receipt {
    int64_t utc_ms; /* by the member's clock */
    uint32_t gmk_id;
    char group[IDENTITY_SIZE];
    char member[IDENTITY_SIZE];
    char kms[IDENTITY_SIZE]; /* the member's domain */
};

/* Builds the payload, signed with the key of `keyring` for its time. STATUS_TOO_LONG, and the
 * provider's errors. */
MUST_CHECK enum status receipt_write(struct writer *out, const struct receipt *receipt,
                                     const struct keyring *keyring, const struct entropy *entropy);

/* Reads a payload: form only. `covered` is what the signature covers, without the label; both spans
 * live as long as `payload`. STATUS_TRUNCATED, STATUS_TOO_LONG, STATUS_MALFORMED,
 * STATUS_IDENTITY_INVALID. */
MUST_CHECK enum status receipt_read(struct span payload, struct receipt *receipt,
                                    struct span *covered, struct span *signature);

/* Does the signature of a receipt verify? By the member's keys of the month in which it says it was
 * made, since it may have waited for long. The errors of keyring_verify. */
MUST_CHECK enum status receipt_verify(const struct receipt *receipt, struct span covered,
                                      struct span signature, const struct keyring *keyring);

struct handset;

/* What this handset owes receipts for, a group each. */
struct receipt_debt {
    char group[IDENTITY_SIZE];
    uint32_t gmk_id;
    bool is_owed;
    bool was_sent;
    int64_t due_ms, sent_ms; /* boot clock */
};

struct receipts {
    size_t count;
    struct receipt_debt debts[RECEIPTS_MAX];
};

/* The GMK of `group` with that id was taken, and is durable before anything that is sent from now
 * on: its receipt is sent within RECEIPT_SPREAD_MS. */
void receipts_owe(struct handset *handset, struct moment now, const char *group, uint32_t gmk_id);

/* A delivery of a GMK that is held came again: perhaps the receipt was lost. */
void receipts_owe_again(struct handset *handset, struct moment now, const char *group,
                        uint32_t gmk_id);

/* Sends what is due: to everyone nearby, and under the receipt's topic, where it is kept for the
 * manager. Not under radio silence, nor for a GMK that is not held any more. */
void receipts_tick(struct handset *handset, struct moment now);

/* The boot_ms at which receipts_tick has something to do. */
int64_t receipts_deadline(const struct handset *handset);

#endif
