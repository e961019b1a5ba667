/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The queue of outputs (engine.h), in the order in which they must be carried out.
 */
#ifndef MUSTER_APP_HANDSET_DESK_OUTBOX_H
#define MUSTER_APP_HANDSET_DESK_OUTBOX_H

#include "app/handset/output.h"

struct outbox_entry;

struct outbox {
    struct outbox_entry *first, *last;
    struct outbox_entry *taken; /* what the caller is carrying out now */
};

/* Queues `frame` for `peer`, and for those who hear `topic` where that is not NULL (engine.h);
 * copies both. Out of memory loses the frame, as the air may. */
void outbox_send(struct outbox *outbox, uint64_t peer, struct span frame, const char *topic,
                 bool is_kept);

/* Queues `frame`, which came from `peer`, to be passed on over `links` (engine.h). Otherwise as
 * outbox_send. */
void outbox_relay(struct outbox *outbox, uint64_t peer, struct span frame, const char *topic,
                  unsigned links);

/* Queues `batch` and owns it from now on. STATUS_NO_MEMORY: nothing was queued, `batch` is freed,
 * and the caller must not go on as if it would become durable. */
MUST_CHECK enum status outbox_store(struct outbox *outbox, struct batch *batch);

/* Queues a line for the officer. */
void outbox_tell(struct outbox *outbox, enum tell_kind kind, enum status status, const char *text);

/* Takes the oldest output; what was taken before is freed. */
bool outbox_take(struct outbox *outbox, struct output *out);

/* Frees everything queued. */
void outbox_clear(struct outbox *outbox);

#endif
