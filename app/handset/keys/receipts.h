/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The receipts that this handset owes for key deliveries, and sends (receipt.h has the message).
 */
#ifndef MUSTER_APP_HANDSET_KEYS_RECEIPTS_H
#define MUSTER_APP_HANDSET_KEYS_RECEIPTS_H

#include "app/handset/air/air.h"
#include "app/handset/keys/groups.h"
#include "app/handset/keys/receipt.h"

enum {
    RECEIPT_SPREAD_MS = 2000,         /* thousands get their keys at once: each waits at random */
    RECEIPT_AGAIN_MS = 60 * 1000,     /* a repeated delivery is answered this often at most */
    RECEIPTS_MAX = 2 * GROUP_LIST_MAX /* of groups that deliveries are taken of: keys, objections */
};

/* What this handset owes receipts for, a group each. */
struct receipt_debt {
    char group[IDENTITY_SIZE];
    bool objects; /* to its manager, with no GMK */
    uint32_t gmk_id;
    uint64_t after; /* the batch that makes the GMK durable */
    bool is_owed;
    bool was_sent;
    int64_t due_ms, sent_ms; /* boot clock */
};

struct receipts {
    struct desk *desk;
    struct air *air;
    const struct groups *groups;
    size_t count;
    struct receipt_debt debts[RECEIPTS_MAX];
};

/* The GMK of `group` with that id was taken, and is durable before anything that is sent from now
 * on: its receipt is sent within RECEIPT_SPREAD_MS. */
void receipts_owe(struct receipts *receipts, struct moment now, const char *group, uint32_t gmk_id);

/* A delivery of a GMK that is held came again: perhaps the receipt was lost. */
void receipts_owe_again(struct receipts *receipts, struct moment now, const char *group,
                        uint32_t gmk_id);

/* The manager of `group`, of which a key is held or was, does not know of which exclusions this
 * handset was told: it is shown that, as a receipt is sent. False when it was shown so within
 * RECEIPT_AGAIN_MS, or is going to be. */
bool receipts_object(struct receipts *receipts, struct moment now, const char *group);

/* Sends what is due: to everyone nearby, and under the receipt's topic, where it is kept for the
 * manager. Not under radio silence, nor for a GMK that is not held any more. */
void receipts_tick(struct receipts *receipts, struct moment now);

/* The boot_ms at which receipts_tick has something to do. */
int64_t receipts_deadline(const struct receipts *receipts);

#endif
