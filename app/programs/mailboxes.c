/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/mailboxes.h"

#include <stdio.h>
#include <string.h>

#include "app/handset/air/frame.h"
#include "app/programs/broker_link.h"
#include "app/programs/conditions.h"
#include "transport/nats.h"

static const char mail[] = "muster.mail.", receipts[] = "muster.receipt.";

/* Listens to its receipts, and connects it with its access, which is wiped then. False, with the
 * reason in *problem, where it still waits. */
static bool connect_link(struct mailbox_link *link, struct transport_condition *problem) {
    const struct nats_options options = broker_link_options(link->access);
    struct transport *transport = link->transport;
    struct transport_topic topic = {.is_kept = true};
    snprintf(topic.name, sizeof topic.name, "%s%s.*", receipts, link->name);
    if (transport->kind->listen(transport, &topic, 1) != TRANSPORT_OK) {
        transport->kind->problem(transport, problem);
        return false;
    }
    if (nats_connect(transport, &options, problem) != TRANSPORT_OK) {
        return false;
    }
    access_free(link->access);
    link->access = NULL;
    return true;
}

/* Takes the access. */
static enum status open_link(struct mailboxes *mailboxes, struct access *access,
                             struct error *error) {
    struct mailbox_link *link = &mailboxes->links[mailboxes->count];
    struct transport_condition problem;
    if (nats_open_idle(&link->transport, &problem) != TRANSPORT_OK) {
        access_free(access);
        return conditions_fail(&problem, error);
    }
    memcpy(link->name, access->name, sizeof link->name);
    link->access = access;
    mailboxes->count++;
    return connect_link(link, &problem) ? STATUS_OK : conditions_fail(&problem, error);
}

enum status mailboxes_open(struct mailboxes *mailboxes, struct store *store,
                           const struct view *view, struct error *error) {
    enum status first = STATUS_OK;
    for (size_t i = 0; i < view->managed_count; i++) {
        struct access *access;
        struct error problem;
        enum status status = access_load(store, view->managed[i].identity, &access, &problem);
        if (status == STATUS_NOT_FOUND) {
            continue; /* its keys go over the air alone */
        }
        if (status == STATUS_OK) {
            status = open_link(mailboxes, access, &problem);
        }
        if (status != STATUS_OK && first == STATUS_OK) {
            *error = problem;
            first = status;
        }
    }
    return first;
}

bool mailboxes_are_waiting(const struct mailboxes *mailboxes) {
    bool are_waiting = false;
    for (size_t i = 0; i < mailboxes->count; i++) {
        are_waiting = are_waiting || mailboxes->links[i].access != NULL;
    }
    return are_waiting;
}

void mailboxes_try_again(struct mailboxes *mailboxes) {
    struct transport_condition problem;
    for (size_t i = 0; i < mailboxes->count; i++) {
        if (mailboxes->links[i].access != NULL) {
            (void)connect_link(&mailboxes->links[i], &problem); /* it was told */
        }
    }
}

bool mailboxes_publish(struct mailboxes *mailboxes, const char *topic, const uint8_t *frame,
                       size_t length) {
    const char *group = strrchr(topic, '.');
    if (strncmp(topic, mail, sizeof mail - 1) != 0 || group == NULL) {
        return false;
    }
    for (size_t i = 0; i < mailboxes->count; i++) {
        struct transport *transport = mailboxes->links[i].transport;
        if (strcmp(group + 1, mailboxes->links[i].name) != 0) {
            continue;
        }
        /* What the queue has no room for goes with a later round. */
        (void)transport->kind->publish(transport, topic, true, LANE_REST, frame, length);
        return true;
    }
    return false;
}

bool mailboxes_hear(const struct mailboxes *mailboxes, const char *topic) {
    size_t before = sizeof receipts - 1;
    for (size_t i = 0; i < mailboxes->count; i++) {
        if (strncmp(topic, receipts, before) == 0 &&
            strncmp(topic + before, mailboxes->links[i].name, TOPIC_NAME_SIZE - 1) == 0) {
            return true;
        }
    }
    return false;
}

size_t mailboxes_descriptors(const struct mailboxes *mailboxes, int descriptors[VIEW_MANAGED_MAX]) {
    size_t count = 0;
    for (size_t i = 0; i < mailboxes->count; i++) {
        const struct transport *transport = mailboxes->links[i].transport;
        int own[TRANSPORT_DESCRIPTORS_MAX];
        size_t more = transport->kind->descriptors(transport, own);
        for (size_t k = 0; k < more && count < VIEW_MANAGED_MAX; k++) {
            descriptors[count++] = own[k];
        }
    }
    return count;
}

struct handing {
    transport_frame_fn *on_frame;
    void *context;
};

/* It is only for this handset: no relay passes on a frame with no hops left. */
static void hand_over(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    const struct handing *handing = context;
    uint8_t octets[TRANSPORT_FRAME_MAX];
    (void)peer;
    if (length < FRAME_HEADER_SIZE || length > sizeof octets) {
        return;
    }
    memcpy(octets, frame, length);
    octets[FRAME_HOPS_AT] = 0;
    handing->on_frame(handing->context, PEER_ALL, octets, length);
}

void mailboxes_receive(struct mailboxes *mailboxes, transport_frame_fn *on_frame, void *context) {
    struct handing handing = {on_frame, context};
    for (size_t i = 0; i < mailboxes->count; i++) {
        struct transport *transport = mailboxes->links[i].transport;
        /* How it stands its news tell. */
        (void)transport->kind->receive(transport, hand_over, &handing);
    }
}

bool mailboxes_news(struct mailboxes *mailboxes, struct transport_condition *out) {
    for (size_t i = 0; i < mailboxes->count; i++) {
        struct transport *transport = mailboxes->links[i].transport;
        if (transport->kind->news(transport, out)) {
            return true;
        }
    }
    return false;
}

void mailboxes_set_mode(struct mailboxes *mailboxes, enum transport_mode mode) {
    for (size_t i = 0; i < mailboxes->count; i++) {
        mailboxes->links[i].transport->kind->set_mode(mailboxes->links[i].transport, mode);
    }
}

void mailboxes_close(struct mailboxes *mailboxes) {
    for (size_t i = 0; i < mailboxes->count; i++) {
        mailboxes->links[i].transport->kind->close(mailboxes->links[i].transport);
        access_free(mailboxes->links[i].access);
        mailboxes->links[i].access = NULL;
    }
    mailboxes->count = 0;
}
