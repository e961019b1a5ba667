/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/fetch.h"

#include <poll.h>

#include "app/programs/broker_link.h"
#include "app/programs/conditions.h"

enum {
    FETCH_MS = 10 * 1000 /* for a connection, also with the second token, and an answer */
};

/* What came. */
struct fetched {
    struct secret *text; /* or NULL */
    bool has_come;       /* though there may have been no memory for it */
};

static void take_text(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    struct fetched *fetched = context;
    (void)peer;
    secret_free(fetched->text);
    fetched->text = secret_copy((struct span){frame, length});
    fetched->has_come = true;
}

static void receive_all(struct transport *transport, struct fetched *fetched) {
    int descriptors[TRANSPORT_DESCRIPTORS_MAX];
    transport->kind->descriptors(transport, descriptors);
    struct pollfd ready = {.fd = descriptors[0], .events = POLLIN};
    while (poll(&ready, 1, 0) > 0) {
        (void)transport->kind->receive(transport, take_text, fetched);
    }
}

enum status fetch_bundle(struct store *store, const char *group, struct secret **text,
                         struct error *error) {
    struct access *access;
    struct transport *transport;
    char topic[TOPIC_SIZE];
    const char *asked = topic;
    struct fetched fetched = {.text = NULL};
    *text = NULL;
    enum status status = access_load(store, group, &access, error);
    if (status != STATUS_OK) {
        return status;
    }
    topic_renewal(access->name, topic);
    status = broker_link_open(access, &transport, error);
    access_free(access);
    if (status != STATUS_OK) {
        return status;
    }
    if (nats_fetch(transport, &asked, 1, FETCH_MS) != TRANSPORT_OK) {
        status = conditions_fail_of(transport, error);
    } else {
        receive_all(transport, &fetched);
    }
    transport->kind->close(transport);
    (void)nats_end(BROKER_LINK_END_MS);
    *text = fetched.text;
    if (status == STATUS_OK && fetched.has_come && *text == NULL) {
        status = error_set(error, STATUS_NO_MEMORY,
                           "out of memory for the bundle that waits at the broker; close other "
                           "programs");
    } else if (status == STATUS_OK && *text == NULL) {
        status = error_set(error, STATUS_NOT_FOUND,
                           "no bundle waits at the broker for %.150s; ask the KMS's operator",
                           group == NULL ? "this handset" : group);
    }
    return status;
}
