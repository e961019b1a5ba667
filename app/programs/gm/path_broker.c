/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/broker/rights.h"
#include "app/handset/air/frame.h"
#include "app/handset/air/mark.h"
#include "app/programs/broker_link.h"
#include "app/programs/clocks.h"
#include "app/programs/conditions.h"
#include "app/programs/gm/path.h"
#include "app/programs/gm/receiving.h"
#include "crypto/key_delivery.h"

_Static_assert((int)RIGHTS_MESSAGE_MAX == (int)TRANSPORT_FRAME_MAX, "every frame may go there");
_Static_assert((int)RIGHTS_KEPT_MESSAGE_MAX >= FRAME_HEADER_SIZE + KEY_DELIVERY_MAX, "and be kept");
_Static_assert((int)RIGHTS_MESSAGE_MAX >= (int)GROUP_STATE_MAX, "a state is one message");
_Static_assert((int)RIGHTS_KEPT_MESSAGE_MAX >= FRAME_HEADER_SIZE + REVOCATION_SIZE_MAX, "likewise");
_Static_assert(RIGHTS_KEPT_MS >= KEYRING_HORIZON_MS, "for as long as it counts");

enum {
    PREPARE_MS = 10 * 1000, /* a cluster that has just started takes a few seconds */
    KEEP_MS = 5000,         /* how long the broker may take for some dozen deliveries, */
    ATTEMPTS = 6,           /* and how often it is tried before the round gives up, */
    FRUITLESS_MAX = 2,   /* or in a row while it keeps nothing: a cluster finds a leader in 9 s */
    FETCH_MS = 10 * 1000 /* for the receipts of as many members */
};

struct broker_path {
    struct gm *gm;
    struct transport *transport;
    struct topic_key topics;
    struct error *error;
    enum status status;
};

static enum status gone(const struct broker_path *broker, const char *means, struct error *error) {
    char words[CONDITION_WORDS_SIZE];
    struct transport_condition problem;
    broker->transport->kind->problem(broker->transport, &problem);
    conditions_in_words(&problem, NULL, 0, words);
    return error_set(error, STATUS_IO_FAILED, "%s; %s", words, means);
}

/* --- Deliveries ----------------------------------------------------------------------------- */

/* Deliveries that are not in the stream yet, as frames under their topics. */
struct attempt {
    size_t count;
    struct nats_kept frames[ROUND_TAKE_MAX];
    struct delivery *deliveries[ROUND_TAKE_MAX];
    bool kept[ROUND_TAKE_MAX];
    char topics[ROUND_TAKE_MAX][TOPIC_SIZE];
    uint8_t octets[ROUND_TAKE_MAX][FRAME_HEADER_SIZE + KEY_DELIVERY_MAX];
};

static enum status fill_attempt(const struct broker_path *broker, struct delivery deliveries[],
                                size_t count, struct attempt *attempt) {
    struct mark_key mark;
    attempt->count = 0;
    for (size_t i = 0; i < count; i++) {
        size_t n = attempt->count;
        struct writer w = writer_into(attempt->octets[n], sizeof attempt->octets[n]);
        struct frame frame = {
            .kind = FRAME_KEY_DELIVERY, .hops_left = FRAME_HOPS, .payload = deliveries[i].message};
        if (deliveries[i].was_taken) {
            continue;
        }
        enum status status = entropy_draw(&entropy_system, (uint8_t *)&frame.id, sizeof frame.id);
        if (status != STATUS_OK) {
            return status;
        }
        frame_write(&w, &frame);
        mark_key_of(&broker->topics, &mark);
        mark_put(&mark, attempt->octets[n], w.length);
        topic_mailbox(&broker->topics, deliveries[i].member->identity, broker->gm->group->identity,
                      attempt->topics[n]);
        attempt->frames[n] = (struct nats_kept){attempt->topics[n], w.octets, w.length};
        attempt->deliveries[n] = &deliveries[i];
        attempt->count++;
    }
    return STATUS_OK;
}

static enum status take(void *context, struct delivery deliveries[], size_t count,
                        struct error *error) {
    struct broker_path *broker = context;
    struct attempt *attempt = calloc(1, sizeof *attempt);
    if (attempt == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory; close other programs");
    }
    enum status status = STATUS_OK;
    int fruitless = 0;
    for (int n = 0; status == STATUS_OK && n < ATTEMPTS && fruitless < FRUITLESS_MAX; n++) {
        status = fill_attempt(broker, deliveries, count, attempt);
        if (status != STATUS_OK) {
            error_set(error, status, "cannot draw random numbers: %s", status_text(status));
            break;
        }
        if (attempt->count == 0) {
            break;
        }
        (void)nats_keep(broker->transport, attempt->frames, attempt->count, KEEP_MS, attempt->kept);
        fruitless++;
        for (size_t i = 0; i < attempt->count; i++) {
            attempt->deliveries[i]->was_taken = attempt->kept[i];
            fruitless = attempt->kept[i] ? 0 : fruitless;
        }
        if (nats_is_hopeless(broker->transport)) {
            break;
        }
    }
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        if (!deliveries[i].was_taken) {
            status = gone(broker, "muster-gm deliver continues from here", error);
        }
    }
    free(attempt);
    return status;
}

/* --- The list of the revoked ----------------------------------------------------------------- */

/* Into the group's own mailbox. */
static enum status keep_list(void *context, const struct revocation *list, struct error *error) {
    struct broker_path *broker = context;
    uint8_t payload[REVOCATION_SIZE_MAX], octets[FRAME_HEADER_SIZE + REVOCATION_SIZE_MAX];
    char topic[TOPIC_SIZE];
    struct mark_key mark;
    struct writer said = writer_into(payload, sizeof payload);
    struct writer w = writer_into(octets, sizeof octets);
    struct frame frame = {.kind = FRAME_REVOCATION, .hops_left = FRAME_HOPS};
    bool is_kept = false;
    revocation_write(&said, list);
    frame.payload = writer_span(&said);
    enum status status = entropy_draw(&entropy_system, (uint8_t *)&frame.id, sizeof frame.id);
    if (status != STATUS_OK) {
        return error_set(error, status, "cannot draw random numbers: %s", status_text(status));
    }
    frame_write(&w, &frame);
    mark_key_of(&broker->topics, &mark);
    mark_put(&mark, octets, w.length);
    topic_revoked(&broker->topics, broker->gm->group->identity, topic);
    const struct nats_kept kept = {topic, w.octets, w.length};
    for (int n = 0; n < FRUITLESS_MAX && !is_kept; n++) {
        (void)nats_keep(broker->transport, &kept, 1, KEEP_MS, &is_kept);
        if (nats_is_hopeless(broker->transport)) {
            break;
        }
    }
    return is_kept ? STATUS_OK : gone(broker, "muster-gm deliver continues from here", error);
}

/* --- Receipts ------------------------------------------------------------------------------- */

static void on_frame(void *context, uint64_t peer, const uint8_t *octets, size_t length) {
    struct broker_path *broker = context;
    bool is_new;
    (void)peer;
    struct roll_member *member = receiving_member(broker->gm->group, (struct span){octets, length});
    if (broker->status == STATUS_OK) {
        broker->status =
            receiving_objection(broker->gm, (struct span){octets, length}, broker->error);
    }
    if (member != NULL && broker->status == STATUS_OK) {
        broker->status = receiving_note(broker->gm, member, &is_new, broker->error);
    }
}

static void receive_all(struct broker_path *broker) {
    int descriptors[TRANSPORT_DESCRIPTORS_MAX];
    broker->transport->kind->descriptors(broker->transport, descriptors);
    struct pollfd ready = {.fd = descriptors[0], .events = POLLIN};
    while (broker->status == STATUS_OK && poll(&ready, 1, 0) > 0) {
        (void)broker->transport->kind->receive(broker->transport, on_frame, broker);
    }
}

/* The kept receipts of all members whose receipt is not yet known, some dozens at a time. */
static enum status receipts(void *context, int64_t wait_ms, struct error *error) {
    struct broker_path *broker = context;
    struct managed_group *group = broker->gm->group;
    char topics[ROUND_TAKE_MAX][TOPIC_SIZE];
    const char *asked[ROUND_TAKE_MAX];
    (void)wait_ms; /* what is kept is there */
    broker->error = error;
    broker->status = STATUS_OK;
    for (size_t at = 0; broker->status == STATUS_OK && at < group->roll.count;) {
        size_t count = 0;
        for (; at < group->roll.count && count < ROUND_TAKE_MAX; at++) {
            const struct roll_member *member = &group->roll.members[at];
            if (member->is_excluded || member->received_id == group->rekey.gmk_id) {
                continue;
            }
            topic_receipt(&broker->topics, group->identity, member->identity, topics[count]);
            asked[count] = topics[count];
            count++;
        }
        if (nats_fetch(broker->transport, asked, count, FETCH_MS) != TRANSPORT_OK) {
            return gone(broker, "muster-gm deliver continues from here", error);
        }
        receive_all(broker);
    }
    return broker->status;
}

static enum status waiting(void *context, bool marks, struct waiting_keys *found,
                           struct error *error) {
    struct broker_path *broker = context;
    return waiting_keys_look(broker->gm, broker->transport, &broker->topics, KEEP_MS, marks, found,
                             error);
}

/* --- The broker's clock --------------------------------------------------------------------- */

/* No key is drawn that could not be handed out now. The broker is asked under a topic
 * that nobody but this manager may say anything under. */
static enum status ask_clock(void *context, int64_t *ahead_ms, struct error *error) {
    struct broker_path *broker = context;
    const char *group = broker->gm->group->identity;
    char topic[TOPIC_SIZE];
    int64_t utc_ms;
    topic_receipt(&broker->topics, group, group, topic);
    *ahead_ms = 0;
    broker->error = error;
    broker->status = STATUS_OK;
    if (nats_time(broker->transport, topic, KEEP_MS, &utc_ms) != TRANSPORT_OK) {
        return gone(broker, "no key was drawn", error);
    }
    receive_all(broker); /* the answer is no receipt */
    *ahead_ms = utc_ms == 0 ? 0 : utc_ms - clocks_now(0).utc_ms;
    return broker->status;
}

/* --- What the managers share ---------------------------------------------------------------- */

static enum status read_state(void *context, struct state_value *found, struct error *error) {
    struct broker_path *broker = context;
    char topic[TOPIC_SIZE];
    struct nats_value *value = calloc(1, sizeof *value);
    if (value == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory; close other programs");
    }
    enum status status = STATUS_OK;
    topic_state(&broker->topics, broker->gm->group->identity, topic);
    if (nats_read_value(broker->transport, topic, KEEP_MS, value) != TRANSPORT_OK) {
        status = conditions_fail_of(broker->transport, error);
    }
    found->sequence = value->sequence;
    /* What is too long is no state. */
    found->length = value->length <= sizeof found->octets ? value->length : 0;
    memcpy(found->octets, value->octets, found->length);
    free(value);
    return status;
}

static enum status write_state(void *context, struct span octets, uint64_t sequence, bool *was_set,
                               struct error *error) {
    struct broker_path *broker = context;
    char topic[TOPIC_SIZE];
    topic_state(&broker->topics, broker->gm->group->identity, topic);
    return nats_write_value(broker->transport, topic, octets.octets, octets.length, sequence,
                            KEEP_MS, was_set) == TRANSPORT_OK
               ? STATUS_OK
               : conditions_fail_of(broker->transport, error);
}

/* --- Opening -------------------------------------------------------------------------------- */

static void close_broker(void *context) {
    struct broker_path *broker = context;
    broker->transport->kind->close(broker->transport);
    (void)nats_end(BROKER_LINK_END_MS);
    free(broker);
}

enum status path_open_broker(struct gm *gm, struct path *path, struct error *error) {
    struct access *access;
    enum status status = access_load(gm->store, gm->group->identity, &access, error);
    if (status != STATUS_OK) {
        return status;
    }
    struct broker_path *broker = calloc(1, sizeof *broker);
    if (broker == NULL) {
        status = error_set(error, STATUS_NO_MEMORY, "out of memory; close other programs");
    } else {
        status = broker_link_open(access, &broker->transport, error);
    }
    access_free(access);
    if (status != STATUS_OK) {
        free(broker);
        return status;
    }
    broker->gm = gm;
    topic_key_of(gm->group->keyring.credential, &broker->topics);
    *path = (struct path){.delivery = {.context = broker, .take = take},
                          .taken_means = "waiting in their mailboxes",
                          .list = keep_list,
                          .receipts = receipts,
                          .waiting = waiting,
                          .clocks = ask_clock,
                          .whose_clocks = "that of the broker",
                          .read_state = read_state,
                          .write_state = write_state,
                          .close = close_broker};
    return STATUS_OK;
}

enum status path_try_broker(const struct path *path, struct error *error) {
    const struct broker_path *broker = path->delivery.context;
    const char *group = broker->gm->group->identity;
    char topic[TOPIC_SIZE];
    int64_t utc_ms;
    topic_receipt(&broker->topics, group, group, topic);
    return nats_time(broker->transport, topic, KEEP_MS, &utc_ms) == TRANSPORT_OK
               ? STATUS_OK
               : conditions_fail_of(broker->transport, error);
}

enum status path_prepare_broker(const struct access *operator_access, unsigned replicas,
                                struct error *error) {
    const struct nats_terms terms = {.replicas = replicas,
                                     .keep_ms = RIGHTS_KEPT_MS,
                                     .octets = RIGHTS_KEPT_OCTETS,
                                     .message_max = RIGHTS_KEPT_MESSAGE_MAX,
                                     .value_octets = RIGHTS_STATES_OCTETS,
                                     .value_max = RIGHTS_MESSAGE_MAX};
    struct transport *transport;
    enum status status = broker_link_open(operator_access, &transport, error);
    if (status != STATUS_OK) {
        return status;
    }
    if (nats_prepare(transport, &terms, PREPARE_MS) != TRANSPORT_OK) {
        status = conditions_fail_of(transport, error);
    }
    transport->kind->close(transport);
    (void)nats_end(BROKER_LINK_END_MS);
    return status;
}
