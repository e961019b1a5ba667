/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Members' receipts as the manager of their group hears them (receipt.h has the message).
 */
#ifndef MUSTER_APP_HANDSET_KEYS_CONFIRMATION_H
#define MUSTER_APP_HANDSET_KEYS_CONFIRMATION_H

#include "app/handset/keys/managed.h"

enum {
    MANAGEMENT_RECEIPTS_WAIT_MS = 200,    /* receipts are made durable together */
    MANAGEMENT_RECEIPT_MILLI_UNITS = 250, /* of a purse: what a receipt's signature costs */
};

/* The payload of a FRAME_RECEIPT arrived. One of a group that others manage is passed over, and one
 * that tells nothing new. */
void confirmation_hear(struct management *management, struct moment now, struct span payload);

/* Makes the receipts durable that have waited for others. */
void confirmation_tick(struct management *management, struct moment now, struct managed *managed);

/* The boot_ms at which confirmation_tick has something to do. */
int64_t confirmation_deadline(const struct managed *managed);

#endif
