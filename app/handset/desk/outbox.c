/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/desk/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct outbox_entry {
    struct outbox_entry *next;
    struct output output;
    struct batch *batch;
    char topic[TOPIC_SIZE];
    uint8_t octets[];
};

static void entry_free(struct outbox_entry *entry) {
    if (entry == NULL) {
        return;
    }
    batch_free(entry->batch);
    free(entry);
}

static struct outbox_entry *entry_add(struct outbox *outbox, enum output_kind kind, size_t room) {
    struct outbox_entry *entry = outbox->is_shut ? NULL : calloc(1, sizeof *entry + room);
    if (entry == NULL) {
        return NULL;
    }
    entry->output.kind = kind;
    if (outbox->last == NULL) {
        outbox->first = entry;
    } else {
        outbox->last->next = entry;
    }
    outbox->last = entry;
    return entry;
}

/* NULL without memory. */
static struct outbox_entry *add_frame(struct outbox *outbox, enum output_kind kind, uint64_t peer,
                                      struct span frame, const char *topic, bool is_kept) {
    struct outbox_entry *entry = entry_add(outbox, kind, frame.length);
    if (entry == NULL) {
        return NULL;
    }
    memcpy(entry->octets, frame.octets, frame.length);
    entry->output.peer = peer;
    entry->output.frame = (struct span){entry->octets, frame.length};
    if (topic == NULL) {
        return entry;
    }
    snprintf(entry->topic, sizeof entry->topic, "%s", topic);
    entry->output.topic = entry->topic;
    entry->output.is_kept = is_kept;
    return entry;
}

void outbox_send(struct outbox *outbox, uint64_t peer, struct span frame,
                 const struct output_way *way) {
    struct outbox_entry *entry =
        add_frame(outbox, OUTPUT_SEND, peer, frame, way->topic, way->is_kept);
    if (entry != NULL) {
        entry->output.is_for_topic_alone = way->is_for_topic_alone;
        entry->output.after = way->after;
    }
}

void outbox_relay(struct outbox *outbox, uint64_t peer, struct span frame, const char *topic,
                  unsigned links) {
    struct outbox_entry *entry = add_frame(outbox, OUTPUT_RELAY, peer, frame, topic, false);
    if (entry != NULL) {
        entry->output.links = links;
    }
}

enum status outbox_store(struct outbox *outbox, struct batch *batch) {
    if (outbox->is_shut) {
        batch_free(batch);
        return STATUS_OK;
    }
    if (outbox->store != NULL && batch_join(outbox->store->batch, batch)) {
        return STATUS_OK;
    }
    struct outbox_entry *entry = entry_add(outbox, OUTPUT_STORE, 0);
    if (entry == NULL) {
        batch_free(batch);
        return STATUS_NO_MEMORY;
    }
    entry->batch = batch;
    entry->output.batch = batch;
    entry->output.number = ++outbox->queued;
    outbox->store = entry;
    return STATUS_OK;
}

void outbox_tell(struct outbox *outbox, const struct event *event, enum status status) {
    struct outbox_entry *entry = entry_add(outbox, OUTPUT_TELL, 0);
    if (entry == NULL) {
        return;
    }
    entry->output.after = event_claims_durable(event->kind) ? outbox->queued : 0;
    entry->output.event = *event;
    entry->output.status = status;
}

void outbox_tell_proof(struct outbox *outbox, const struct event *event, uint64_t peer,
                       struct span proof) {
    struct outbox_entry *entry = add_frame(outbox, OUTPUT_TELL, peer, proof, NULL, false);
    if (entry == NULL) {
        outbox_tell(outbox, event, STATUS_OK);
        return;
    }
    entry->output.event = *event;
}

bool outbox_take(struct outbox *outbox, struct output *out) {
    entry_free(outbox->taken);
    outbox->taken = outbox->first;
    if (outbox->first == NULL) {
        return false;
    }
    outbox->first = outbox->first->next;
    if (outbox->first == NULL) {
        outbox->last = NULL;
    }
    if (outbox->store == outbox->taken) {
        outbox->store = NULL;
    }
    *out = outbox->taken->output;
    return true;
}

struct batch *outbox_release_batch(struct outbox *outbox) {
    struct batch *batch = outbox->taken == NULL ? NULL : outbox->taken->batch;
    if (batch != NULL) {
        outbox->taken->batch = NULL;
    }
    return batch;
}

void outbox_clear(struct outbox *outbox) {
    struct output ignored;
    while (outbox_take(outbox, &ignored)) {
    }
}
