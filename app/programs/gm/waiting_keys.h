/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which of the keys that the manager's ledger calls sent wait at the broker: the mailbox of each
 * member who has not confirmed the key is looked into. A stream can be lost, wiped or put back from
 * a backup, and the ledger knows nothing of it.
 */
#ifndef MUSTER_APP_PROGRAMS_GM_WAITING_KEYS_H
#define MUSTER_APP_PROGRAMS_GM_WAITING_KEYS_H

#include "app/broker/topic.h"
#include "app/programs/gm/order.h"
#include "transport/transport.h"

struct waiting_keys {
    size_t looked_at; /* mailboxes: of members who were sent the key and have not confirmed it */
    size_t waiting;   /* in which it is */
};

/* Looks into the mailboxes through the connection with the broker, which may take `patience_ms` for
 * some dozens, and counts. If `marks`, those whose key is not there are noted in the store as to be
 * sent the key again. STATUS_IO_FAILED when the broker does not say, errors of store_apply,
 * STATUS_NO_MEMORY. */
MUST_CHECK enum status waiting_keys_look(struct gm *gm, struct transport *transport,
                                         const struct topic_key *topics, int patience_ms,
                                         bool marks, struct waiting_keys *found,
                                         struct error *error);

#endif
