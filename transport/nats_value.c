/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values: what stands under a topic for good and is replaced by compare and set. The stream that
 * keeps them has no age, and its server compares the writing that a new one says it replaces.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transport/nats_state.h"

enum {
    ASK_MS = 1000,               /* for one answer; then the broker is doubted, */
    DOUBTED_MS = 2000,           /* and not asked again before it can have settled that */
    ERROR_OTHER_SEQUENCE = 10071 /* the server's number: another writing stands there */
};

bool nats_value_take(struct nats *nats, int64_t now_ms, struct value_question *question) {
    struct value_question *value = &nats->value;
    if (value->frame == NULL || value->is_done || now_ms < value->due_ms) {
        return false;
    }
    value->due_ms = now_ms + NATS_AGAIN_MS;
    *question = *value;
    question->frame =
        nats_frame_new(value->frame->topic, value->frame->octets, value->frame->length);
    return question->frame != NULL;
}

/* --- Answers -------------------------------------------------------------------------------- */

static void settle_read(struct nats *nats, natsMsg *answer) {
    struct value_question *value = &nats->value;
    const char *status = NULL, *sequence = NULL;
    size_t length = (size_t)natsMsg_GetDataLength(answer);
    *value->found = (struct nats_value){0};
    if (natsMsgHeader_Get(answer, "Status", &status) == NATS_OK) {
        value->is_done = strcmp(status, "404") == 0; /* there is none */
        return;
    }
    if (length > sizeof value->found->octets ||
        natsMsgHeader_Get(answer, "Nats-Sequence", &sequence) != NATS_OK) {
        return;
    }
    memcpy(value->found->octets, natsMsg_GetData(answer), length);
    value->found->length = length;
    value->found->sequence = strtoull(sequence, NULL, 10);
    value->is_done = true;
}

static void settle_write(struct nats *nats, natsMsg *answer) {
    struct value_question *value = &nats->value;
    json_t *said =
        json_loadb(natsMsg_GetData(answer), (size_t)natsMsg_GetDataLength(answer), 0, NULL);
    const json_t *error = json_object_get(said, "error");
    json_int_t code = json_integer_value(json_object_get(error, "err_code"));
    value->was_set = error == NULL && json_is_integer(json_object_get(said, "seq"));
    value->is_done = value->was_set || code == ERROR_OTHER_SEQUENCE;
    if (!value->is_done) {
        nats_report_not_kept(nats, error);
    }
    json_decref(said);
}

void nats_value_ask(struct nats *nats, natsConnection *connection,
                    const struct value_question *question) {
    char subject[sizeof "$JS.API.DIRECT.GET." NATS_VALUES "." + TRANSPORT_TOPIC_SIZE];
    char sequence[24];
    const struct nats_frame *frame = question->frame;
    natsMsg *message = NULL, *answer = NULL;
    snprintf(subject, sizeof subject, "%s%s",
             question->is_write ? "" : "$JS.API.DIRECT.GET." NATS_VALUES ".", frame->topic);
    snprintf(sequence, sizeof sequence, "%" PRIu64, question->sequence);
    natsStatus status =
        natsMsg_Create(&message, subject, NULL, (const char *)frame->octets, (int)frame->length);
    if (status == NATS_OK && question->is_write) {
        status = natsMsgHeader_Set(message, "Nats-Expected-Last-Subject-Sequence", sequence);
    }
    if (status == NATS_OK) {
        status = natsConnection_RequestMsg(&answer, connection, message, ASK_MS);
    }
    pthread_mutex_lock(&nats->lock);
    if (nats->value.frame != NULL && nats->value.number == question->number) {
        if (status == NATS_NO_RESPONDERS || status == NATS_TIMEOUT) {
            nats_store_doubt(nats, NATS_VALUES);
            nats->value.due_ms = nats_clock() + DOUBTED_MS;
        } else if (status == NATS_OK && question->is_write) {
            settle_write(nats, answer);
        } else if (status == NATS_OK) {
            settle_read(nats, answer);
        }
        nats->has_answered = nats->has_answered || nats->value.is_done;
        pthread_cond_broadcast(&nats->settled);
    }
    pthread_mutex_unlock(&nats->lock);
    natsMsg_Destroy(message);
    natsMsg_Destroy(answer);
}

/* --- Questions ------------------------------------------------------------------------------ */

/* Asks `question`, whose frame this frees, and waits. */
static enum transport_result answer_of(struct nats *nats, struct value_question *question,
                                       int timeout_ms) {
    struct timespec deadline = nats_deadline_in(timeout_ms);
    if (question->frame == NULL) {
        return TRANSPORT_BUSY;
    }
    pthread_mutex_lock(&nats->lock);
    nats->is_hopeless = false;
    question->number = ++nats->next_number;
    nats->value = *question;
    pthread_cond_signal(&nats->changed);
    while (!nats->value.is_done && !nats->is_hopeless &&
           pthread_cond_timedwait(&nats->settled, &nats->lock, &deadline) == 0) {
    }
    *question = nats->value;
    free(nats->value.frame);
    nats->value = (struct value_question){0};
    nats_blame(nats, question->is_done, timeout_ms);
    pthread_mutex_unlock(&nats->lock);
    return question->is_done ? TRANSPORT_OK : TRANSPORT_NO_ROUTE;
}

enum transport_result nats_read_value(struct transport *transport, const char *topic,
                                      int timeout_ms, struct nats_value *out) {
    struct value_question question = {.found = out};
    *out = (struct nats_value){0};
    if (!nats_is_topic(topic, false)) {
        return TRANSPORT_NO_ROUTE;
    }
    question.frame = nats_frame_new(topic, "", 0);
    return answer_of((struct nats *)transport, &question, timeout_ms);
}

enum transport_result nats_write_value(struct transport *transport, const char *topic,
                                       const uint8_t *octets, size_t length, uint64_t sequence,
                                       int timeout_ms, bool *was_set) {
    struct value_question question = {.is_write = true, .sequence = sequence};
    *was_set = false;
    if (!nats_is_topic(topic, false)) {
        return TRANSPORT_NO_ROUTE;
    }
    if (length == 0 || length > TRANSPORT_FRAME_MAX) {
        return TRANSPORT_TOO_LONG;
    }
    question.frame = nats_frame_new(topic, octets, length);
    enum transport_result result = answer_of((struct nats *)transport, &question, timeout_ms);
    *was_set = result == TRANSPORT_OK && question.was_set;
    return result;
}
