/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the library's threads bring to the nats transport: frames that were heard, answers of the
 * stream, and ends of connections.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "transport/nats_state.h"

enum {
    TOLD_AFTER = 3,           /* attempts to keep a frame before it is reported as refused */
    CHECK_MS = 5000,          /* after which a topic's newest frame is asked for once more */
    TOPIC_MAX = INBOX_MAX / 4 /* frames of one topic that may wait: a flood leaves room */
};

/* A peer number of 56 bits for each topic, never 0 (FNV-1a), so that a flood under one topic is not
 * counted against another.
 */
static uint64_t peer_of(const char *topic) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (const char *c = topic; *c != '\0'; c++) {
        hash = (hash ^ (uint8_t)*c) * UINT64_C(0x100000001b3);
    }
    return (hash >> 8) | 1;
}

/* Is there room for one more frame of this topic? */
static bool has_room(const struct nats_queue *heard, uint64_t peer) {
    size_t count = 0;
    if (heard->count < TOPIC_MAX) {
        return true;
    }
    for (const struct nats_frame *frame = heard->first; frame != NULL; frame = frame->next) {
        count += frame->peer == peer;
    }
    return heard->count < INBOX_MAX && count < TOPIC_MAX;
}

/* Under the lock: voice's, where somebody listens to exactly this topic as such. */
static enum transport_lane lane_of_topic(const struct nats *nats, const char *topic) {
    for (size_t i = 0; i < 2 * TRANSPORT_TOPICS_MAX; i++) {
        const struct hearing *hearing = &nats->hearings[i];
        if (hearing->is_wanted && strcmp(hearing->topic.name, topic) == 0) {
            return hearing->topic.lane;
        }
    }
    return LANE_REST;
}

/* Under the lock. False for a frame that there is no room for now. */
static bool hear(struct nats *nats, const char *topic, const char *octets, int length) {
    uint64_t peer = peer_of(topic);
    if (length <= 0 || length > TRANSPORT_FRAME_MAX) {
        return true; /* it is no frame */
    }
    struct nats_queue *heard = &nats->heard[lane_of_topic(nats, topic)];
    struct nats_frame *frame =
        has_room(heard, peer) ? nats_frame_new(topic, octets, (size_t)length) : NULL;
    if (frame == NULL) {
        return false;
    }
    frame->peer = peer;
    nats_queue_put(heard, frame);
    nats_wake_program(nats);
    return true;
}

void nats_on_frame(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                   void *context) {
    struct nats *nats = context;
    (void)connection;
    (void)subscription;
    pthread_mutex_lock(&nats->lock);
    (void)hear(nats, natsMsg_GetSubject(message), natsMsg_GetData(message),
               natsMsg_GetDataLength(message));
    pthread_mutex_unlock(&nats->lock);
    natsMsg_Destroy(message);
}

void nats_report_not_kept(struct nats *nats, const json_t *error) {
    const char *description = json_string_value(json_object_get(error, "description"));
    enum transport_condition_kind refusal = nats_store_refusal(error);
    nats_report(nats, BROKER_SLOW,
                refusal != CONDITION_KEEPING_REFUSED
                    ? transport_condition_of(refusal, nats->servers)
                    : transport_condition_detail(CONDITION_KEEPING_REFUSED, NULL,
                                                 description == NULL ? "" : description));
}

/* Under the lock. What a stream answers while it changes its leader is over soon, and not reported.
 */
static void settle_keeping(struct nats *nats, struct keeping *keeping, natsMsg *message) {
    bool is_nobody = natsMsg_IsNoResponders(message);
    json_t *answer =
        json_loadb(natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message), 0, NULL);
    const json_t *error = json_object_get(answer, "error");
    if (!is_nobody && error == NULL && json_is_integer(json_object_get(answer, "seq"))) {
        if (keeping->done != NULL) {
            *keeping->done = true;
        }
        free(keeping->frame);
        *keeping = (struct keeping){0};
        nats->has_answered = true;
    } else {
        keeping->due_ms = nats_clock() + NATS_AGAIN_MS;
        if (is_nobody) {
            nats_store_doubt(nats, NATS_STREAM);
        } else if (keeping->attempts >= TOLD_AFTER ||
                   nats_store_refusal(error) != CONDITION_KEEPING_REFUSED) {
            nats_report_not_kept(nats, error);
        }
    }
    json_decref(answer);
}

/* When the broker kept what it answers with: RFC 3339, in UTC. 0 where it does not say. */
static int64_t stamp_of(natsMsg *message) {
    const char *text = NULL;
    struct tm when = {.tm_isdst = 0};
    if (natsMsgHeader_Get(message, "Nats-Time-Stamp", &text) != NATS_OK ||
        strptime(text, "%Y-%m-%dT%H:%M:%S", &when) == NULL) {
        return 0;
    }
    return (int64_t)timegm(&when) * 1000;
}

static void settle_fetch(struct nats *nats, struct fetch *fetch, natsMsg *message) {
    const char *status = NULL;
    bool has_status = natsMsgHeader_Get(message, "Status", &status) == NATS_OK;
    bool is_none = has_status && strcmp(status, "404") == 0;
    bool is_refused = has_status && !is_none;
    /* Nobody answers for the stream now, where a new leader may soon; or the frame has no place. */
    if (is_refused || (!is_none && !hear(nats, fetch->topic, natsMsg_GetData(message),
                                         natsMsg_GetDataLength(message)))) {
        fetch->due_ms = nats_clock() + NATS_AGAIN_MS;
        if (natsMsg_IsNoResponders(message)) {
            nats_store_doubt(nats, NATS_STREAM);
        }
        return;
    }
    nats->has_answered = true;
    if (!is_none && natsMsg_GetDataLength(message) == NATS_PROBE_SIZE &&
        memcmp(natsMsg_GetData(message), nats->probe, NATS_PROBE_SIZE) == 0) {
        nats->probe_ms = stamp_of(message);
    }
    fetch->sent_ms = 0;
    fetch->attempts = 0;
    fetch->is_answered = !fetch->is_standing || fetch->is_checked;
    fetch->is_checked = true;
    fetch->due_ms = nats_clock() + CHECK_MS;
}

/* The answer to a question: its number is the last word of the subject. */
void nats_on_answer(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                    void *context) {
    struct nats *nats = context;
    (void)connection;
    (void)subscription;
    const char *last = strrchr(natsMsg_GetSubject(message), '.');
    uint64_t number = last == NULL ? 0 : strtoull(last + 1, NULL, 10);
    pthread_mutex_lock(&nats->lock);
    for (size_t i = 0; number != 0 && i < NATS_KEEPING_MAX; i++) {
        if (nats->keeping[i].frame != NULL && nats->keeping[i].number == number) {
            settle_keeping(nats, &nats->keeping[i], message);
        }
    }
    if (number != 0 && number == nats->store.number && nats->store.sent_ms != 0) {
        nats_store_settle(nats, message);
    }
    for (size_t i = 0; number != 0 && i < FETCHES_MAX; i++) {
        if (nats->fetches[i].is_used && nats->fetches[i].number == number) {
            settle_fetch(nats, &nats->fetches[i], message);
        }
    }
    pthread_cond_broadcast(&nats->settled);
    pthread_cond_signal(&nats->changed);
    pthread_mutex_unlock(&nats->lock);
    natsMsg_Destroy(message);
}

void nats_on_complete(void *context) {
    nats_let_go(context);
}

/* Called once for each connection that was made. One that ended before it was known here, or that
 * was given up already, says nothing about the present one. */
void nats_on_closed(natsConnection *connection, void *context) {
    struct nats *nats = context;
    pthread_mutex_lock(&nats->lock);
    if (connection == nats->connection) {
        nats->is_lost = true;
    }
    pthread_cond_signal(&nats->changed);
    pthread_mutex_unlock(&nats->lock);
    nats_let_go(nats);
}

/* The broker does not allow something, or a subscription has fallen behind. */
void nats_on_error(natsConnection *connection, natsSubscription *subscription, natsStatus error,
                   void *context) {
    struct nats *nats = context;
    (void)connection;
    (void)subscription;
    if (error != NATS_NOT_PERMITTED) {
        return;
    }
    pthread_mutex_lock(&nats->lock);
    nats->is_denied = true;
    nats_report(nats, BROKER_SLOW, transport_condition_of(CONDITION_TOPIC_FORBIDDEN, NULL));
    pthread_mutex_unlock(&nats->lock);
}
