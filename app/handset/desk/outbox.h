/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The queue of outputs (engine.h), in the order in which they must be carried out.
 */
#ifndef MUSTER_APP_HANDSET_DESK_OUTBOX_H
#define MUSTER_APP_HANDSET_DESK_OUTBOX_H

#include "app/handset/output.h"

struct outbox_entry;

/* How a frame of this handset leaves. */
struct output_way {
    const char *topic;       /* for those who hear that (engine.h); NULL: for those nearby alone */
    bool is_for_topic_alone; /* and not for those nearby */
    bool is_kept;            /* the newest frame under the topic waits for who is not there */
    uint64_t after;          /* it leaves once that batch is durable: outbox->queued for what is
                              * true only then, 0 for all else */
};

struct outbox {
    struct outbox_entry *first, *last;
    struct outbox_entry *taken; /* what the caller is carrying out now */
    struct outbox_entry *store; /* the newest batch, until it is taken; or NULL */
    uint64_t queued, durable;   /* numbers of the newest batch, and of the newest durable one */
    bool is_shut; /* nothing is queued: each output is dropped at once, as if it had been */
};

/* Queues `frame` for `peer`, to leave that `way`; copies both. Out of memory loses the frame, as
 * the air may. */
void outbox_send(struct outbox *outbox, uint64_t peer, struct span frame,
                 const struct output_way *way);

/* Queues `frame`, which came from `peer`, to be passed on over `links` (engine.h). Otherwise as
 * outbox_send. */
void outbox_relay(struct outbox *outbox, uint64_t peer, struct span frame, const char *topic,
                  unsigned links);

/* Queues `batch` and owns it from now on; what is queued before the caller takes the batch before
 * becomes durable together with that. STATUS_NO_MEMORY: nothing was queued, `batch` is freed, and
 * the caller must not go on as if it would become durable. */
MUST_CHECK enum status outbox_store(struct outbox *outbox, struct batch *batch);

/* Queues an event for the officer; what claims that something is done waits until it is durable. */
void outbox_tell(struct outbox *outbox, const struct event *event, enum status status);

/* The same with what proves it, as output->peer and output->frame; copies it. Out of memory loses
 * the proof alone. */
void outbox_tell_proof(struct outbox *outbox, const struct event *event, uint64_t peer,
                       struct span proof);

/* Takes the oldest output; what was taken before is freed. */
bool outbox_take(struct outbox *outbox, struct output *out);

/* The batch that was taken last is the caller's from now on; NULL when that was none. */
struct batch *outbox_release_batch(struct outbox *outbox);

/* Frees everything queued. */
void outbox_clear(struct outbox *outbox);

#endif
