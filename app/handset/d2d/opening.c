/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/d2d/opening.h"

#include <string.h>

#include "app/handset/d2d/saying.h"

enum status connection_open(struct connections *connections, struct moment now,
                            const struct connection_use *use, void *errand, bool by_officer,
                            const char *remote, const char *remote_kms, struct connection **out) {
    struct d2d *d2d;
    enum status status = keyring_admits(&connections->desk->keyring, remote);
    if (status != STATUS_OK) {
        return status;
    }
    status = d2d_open(&connections->desk->keyring, &connections->desk->entropy, remote, remote_kms,
                      now, &d2d);
    if (status != STATUS_OK) {
        return status;
    }
    status = connection_add(connections, now, d2d, EVERYONE, out);
    if (status != STATUS_OK) {
        return status;
    }
    (*out)->use = use;
    (*out)->errand = errand;
    (*out)->by_officer = by_officer;
    connection_choose_way(connections, now, *out);
    connection_await(connections, now, *out);
    return STATUS_OK;
}

/* A connection id as octets: it is made of its I_MESSAGE's hash and stands for it. */
static struct span span_of_id(const uint64_t *id) {
    return (struct span){(const uint8_t *)id, sizeof *id};
}

/* The signature is paid for first, and opening by the identity that signed: what a stranger can
 * send must not use up what opening costs. */
static enum status check_open(struct connections *connections, struct moment now,
                              const struct d2d_head *head, const struct i_message *message) {
    const char *initiator = message->fields.initiator;
    enum status status = d2d_verify(&connections->desk->keyring, head, message, now);
    status = admission_explains(connections->admission, status, initiator, now, message->covered,
                                message->signature.octets);
    if (status == STATUS_OK && !admission_pays(connections->admission, now, PROVEN_OPENING,
                                               initiator, COST_DECAPSULATION * UNIT)) {
        status = STATUS_RATE_LIMITED;
    }
    return status;
}

void connection_hear_open(struct connections *connections, struct moment now, uint64_t peer,
                          const struct d2d_head *head) {
    struct i_message message;
    if (i_message_parse(head->body, &message) != STATUS_OK ||
        strcmp(message.fields.responder, own_identity(connections->desk)) != 0) {
        return; /* not for this handset, which others' repeats to everyone are not either */
    }
    struct connection *connection = connection_find(connections, head->id);
    if (connection != NULL) {
        if (connection->d2d->stage == D2D_OPENING && !connection->d2d->initiator) {
            connection_answer_again(connections, now, connection, peer);
        }
        return;
    }
    if (desk_is_silent(connections->desk)) {
        return;
    }
    struct d2d *d2d = NULL;
    enum status status = STATUS_REPLAYED;
    if (!seen_has(&connections->established, span_of_id(&head->id), (struct span){NULL, 0})) {
        if (!admission_checks(connections->admission, now, message.fields.initiator, false)) {
            return; /* it waits */
        }
        status = check_open(connections, now, head, &message);
    }
    if (status == STATUS_OK) {
        status = d2d_answer(&connections->desk->keyring, &connections->desk->entropy, head,
                            &message, now, &d2d);
    }
    if (status == STATUS_OK) {
        status = connection_add(connections, now, d2d, peer, &connection);
    }
    if (status != STATUS_OK) {
        desk_refuse(connections->desk, now, MESSAGE_I_MESSAGE, status);
    } else {
        connection_say_again(connections, connection);
    }
}

void connection_heard_from(struct connections *connections, struct moment now,
                           struct connection *connection, uint64_t peer) {
    struct ways *ways = roster_ways(connections->roster, connection->d2d->remote);
    connection->peer = peer;
    connection->heard_ms = now.boot_ms;
    if (ways != NULL) {
        ways_answer(ways, peer, now);
    }
}

void connection_hear_hello(struct connections *connections, struct moment now, uint64_t peer,
                           struct connection *connection, struct span body) {
    /* Whoever forges one makes this handset compute a shared secret. */
    if (!connection->d2d->initiator || connection->d2d->stage != D2D_OPENING ||
        !admission_affords(connections->admission, now, SPENT_ON_ANSWERS, COST_HELLO_MILLI)) {
        return;
    }
    enum status status = d2d_hear_hello(connection->d2d, body);
    if (status != STATUS_OK) {
        desk_refuse(connections->desk, now, MESSAGE_D2D_HELLO, status);
        return;
    }
    connection_heard_from(connections, now, connection, peer);
    connection->awaiting = false;
    if (connection->closing) {
        connection_close(connections, now, connection);
    } else {
        connection->use->established(connection->use->owner, now, connection);
    }
}

/* The quietest connection makes way when an identity establishes too many: nobody takes up the
 * places of others. Only now, since an I_MESSAGE alone may be a replay of somebody's. */
static void limit_each(struct connections *connections, struct moment now,
                       const struct connection *established) {
    struct connection *quietest = NULL;
    size_t count = 1;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *other = connections->list[i];
        if (other == NULL || other == established || other->over || other->d2d->initiator ||
            other->d2d->stage == D2D_OPENING ||
            strcmp(other->d2d->remote, established->d2d->remote) != 0) {
            continue;
        }
        count++;
        if (quietest == NULL || other->heard_ms < quietest->heard_ms) {
            quietest = other;
        }
    }
    if (count > CONNECTIONS_EACH_MAX) {
        connection_lose(connections, now, quietest);
    }
}

void connection_is_established(struct connections *connections, struct moment now,
                               const struct connection *connection) {
    seen_add(&connections->established, span_of_id(&connection->d2d->id), (struct span){NULL, 0});
    limit_each(connections, now, connection);
}
