/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/gm/waiting_keys.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/air/frame.h"
#include "app/programs/conditions.h"
#include "crypto/i_message.h"
#include "transport/nats.h"

enum {
    LOOK_MAX = NATS_KEEP_MAX
};

/* Mailboxes that are looked into at a time. */
struct look {
    const struct managed_group *group;
    size_t count;
    struct roll_member *members[LOOK_MAX];
    bool waits[LOOK_MAX];
    char topics[LOOK_MAX][TOPIC_SIZE];
    const char *asked[LOOK_MAX];
};

static bool is_unconfirmed(const struct managed_group *group, const struct roll_member *member) {
    uint32_t gmk_id = group->rekey.gmk_id;
    return gmk_id != 0 && !member->is_excluded && !member->is_due_again &&
           member->sent_id == gmk_id && member->received_id != gmk_id;
}

/* It was not verified: the broker that keeps it can say that it has it anyway, and the member
 * verifies. */
static void on_frame(void *context, uint64_t peer, const uint8_t *octets, size_t length) {
    struct look *look = context;
    struct frame frame;
    struct i_message message;
    (void)peer;
    if (frame_read((struct span){octets, length}, &frame) != STATUS_OK ||
        frame.kind != FRAME_KEY_DELIVERY || i_message_parse(frame.payload, &message) != STATUS_OK ||
        message.fields.key_id != look->group->rekey.gmk_id ||
        strcmp(message.fields.initiator, look->group->identity) != 0) {
        return;
    }
    for (size_t i = 0; i < look->count; i++) {
        look->waits[i] =
            look->waits[i] || strcmp(look->members[i]->identity, message.fields.responder) == 0;
    }
}

static void receive_all(struct transport *transport, struct look *look) {
    int descriptors[TRANSPORT_DESCRIPTORS_MAX];
    transport->kind->descriptors(transport, descriptors);
    struct pollfd ready = {.fd = descriptors[0], .events = POLLIN};
    while (poll(&ready, 1, 0) > 0) {
        (void)transport->kind->receive(transport, on_frame, look);
    }
}

static void fill(struct look *look, const struct topic_key *topics, size_t *at) {
    const struct roll *roll = &look->group->roll;
    look->count = 0;
    for (; *at < roll->count && look->count < LOOK_MAX; (*at)++) {
        struct roll_member *member = &roll->members[*at];
        size_t n = look->count;
        if (!is_unconfirmed(look->group, member)) {
            continue;
        }
        topic_mailbox(topics, member->identity, look->group->identity, look->topics[n]);
        look->asked[n] = look->topics[n];
        look->members[n] = member;
        look->waits[n] = false;
        look->count++;
    }
}

static enum status mark_missing(struct gm *gm, const struct look *look, struct error *error) {
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < look->count;) {
        struct batch *batch = batch_new();
        status = batch == NULL ? STATUS_NO_MEMORY : STATUS_OK;
        for (; status == STATUS_OK && i < look->count && batch->count < BATCH_CHANGES_MAX; i++) {
            if (!look->waits[i]) {
                status = managed_group_again(gm->group, look->members[i], batch);
            }
        }
        status = gm_apply(gm, status, batch, error);
    }
    return status;
}

enum status waiting_keys_look(struct gm *gm, struct transport *transport,
                              const struct topic_key *topics, int patience_ms, bool marks,
                              struct waiting_keys *found, struct error *error) {
    struct look *look = calloc(1, sizeof *look);
    enum status status = STATUS_OK;
    *found = (struct waiting_keys){0};
    if (look == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory; close other programs");
    }
    look->group = gm->group;
    for (size_t at = 0; status == STATUS_OK && at < gm->group->roll.count;) {
        fill(look, topics, &at);
        if (look->count == 0) {
            break;
        }
        if (nats_fetch(transport, look->asked, look->count, patience_ms) != TRANSPORT_OK) {
            status = conditions_fail_of(transport, error);
            break;
        }
        receive_all(transport, look);
        found->looked_at += look->count;
        for (size_t i = 0; i < look->count; i++) {
            found->waiting += look->waits[i];
        }
        if (marks) {
            status = mark_missing(gm, look, error);
        }
    }
    free(look);
    return status;
}
