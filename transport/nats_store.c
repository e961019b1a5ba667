/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Does the broker keep anything? When it leaves a question unanswered, or nobody there answers for
 * the stream, it is asked for its account, so that what is wrong can be reported as what it is:
 * JetStream is off, there is no stream, or it is slow. And the stream is made here.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "transport/nats_state.h"

enum {
    DOUBT_MS = 1500,      /* an answer that takes longer is doubted, */
    ANSWER_MS = 1500,     /* and so is the broker that does not answer that question either */
    AGAIN_MS = 5000,      /* after which it is asked again */
    ASK_MS = 2000,        /* for who may wait: before the stream is made */
    STREAMS = 2,          /* that a domain's broker has: of frames, and of values */
    NANOSECONDS = 1000000 /* of a millisecond */
};

/* The server's numbers of errors. */
enum {
    ERROR_UNAVAILABLE = 10008, /* while a cluster has no leader */
    ERROR_NO_RESOURCES = 10023,
    ERROR_NO_STORAGE = 10047,
    ERROR_NOT_STORED = 10077 /* and the description says why */
};

/* --- Whether it keeps anything ---------------------------------------------------------------- */

static bool is_overdue(const struct nats *nats, int64_t now_ms) {
    for (size_t i = 0; i < NATS_KEEPING_MAX; i++) {
        int64_t sent_ms = nats->keeping[i].sent_ms;
        if (sent_ms != 0 && now_ms - sent_ms > DOUBT_MS) {
            return true;
        }
    }
    for (size_t i = 0; i < FETCHES_MAX; i++) {
        int64_t sent_ms = nats->fetches[i].sent_ms;
        if (sent_ms != 0 && now_ms - sent_ms > DOUBT_MS) {
            return true;
        }
    }
    return false;
}

bool nats_store_take(struct nats *nats, int64_t now_ms, char *topic, size_t size) {
    struct store_question *store = &nats->store;
    if (now_ms < store->due_ms || (store->doubted == NULL && !is_overdue(nats, now_ms))) {
        return false;
    }
    snprintf(topic, size, "%s.INFO", nats->api);
    store->asked = store->doubted == NULL ? NATS_STREAM : store->doubted;
    store->doubted = NULL;
    store->keeps = false;
    store->number = ++nats->next_number;
    store->sent_ms = now_ms;
    store->due_ms = now_ms + AGAIN_MS;
    return true;
}

void nats_store_doubt(struct nats *nats, const char *stream) {
    nats->store.doubted = stream;
    pthread_cond_signal(&nats->changed);
}

bool nats_store_is_mute(const struct nats *nats, int64_t now_ms) {
    return nats->store.sent_ms != 0 && now_ms - nats->store.sent_ms > ANSWER_MS;
}

static void report_no_jetstream(struct nats *nats) {
    nats_report(nats, BROKER_SLOW, transport_condition_of(CONDITION_NO_JETSTREAM, nats->servers));
}

void nats_store_mute(struct nats *nats, natsConnection *connection) {
    natsStatus status = natsConnection_FlushTimeout(connection, NATS_AGAIN_MS);
    pthread_mutex_lock(&nats->lock);
    if (status == NATS_OK && nats->store.sent_ms != 0) {
        report_no_jetstream(nats);
    }
    nats->store.sent_ms = 0;
    pthread_mutex_unlock(&nats->lock);
}

/* What the broker says of its account. */
enum account {
    ACCOUNT_KEEPS,
    ACCOUNT_HAS_NO_STREAM,
    ACCOUNT_LACKS_ONE, /* of its streams: the one that nobody answers for */
    ACCOUNT_KEEPS_NOTHING,
    ACCOUNT_UNKNOWN /* it may soon keep something */
};

static enum account account_of(natsMsg *message) {
    if (natsMsg_IsNoResponders(message)) {
        return ACCOUNT_KEEPS_NOTHING;
    }
    json_t *answer =
        json_loadb(natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message), 0, NULL);
    const json_t *error = json_object_get(answer, "error");
    const json_t *streams = json_object_get(answer, "streams");
    enum account account = ACCOUNT_UNKNOWN;
    if (error != NULL) {
        json_int_t code = json_integer_value(json_object_get(error, "err_code"));
        account = code == ERROR_UNAVAILABLE ? ACCOUNT_UNKNOWN : ACCOUNT_KEEPS_NOTHING;
    } else if (json_is_integer(streams)) {
        json_int_t count = json_integer_value(streams);
        account = count == 0        ? ACCOUNT_HAS_NO_STREAM
                  : count < STREAMS ? ACCOUNT_LACKS_ONE
                                    : ACCOUNT_KEEPS;
    }
    json_decref(answer);
    return account;
}

void nats_store_settle(struct nats *nats, natsMsg *message) {
    nats->store.sent_ms = 0;
    switch (account_of(message)) {
    case ACCOUNT_KEEPS_NOTHING:
        report_no_jetstream(nats);
        break;
    case ACCOUNT_HAS_NO_STREAM:
        nats_report(nats, BROKER_SLOW, transport_condition_of(CONDITION_NO_STREAM, NATS_STREAM));
        break;
    case ACCOUNT_LACKS_ONE:
        nats_report(nats, BROKER_SLOW,
                    transport_condition_of(CONDITION_NO_STREAM, nats->store.asked));
        break;
    case ACCOUNT_KEEPS:
        nats->store.keeps = true;
        break;
    case ACCOUNT_UNKNOWN:
        break;
    }
}

void nats_store_report_slow(struct nats *nats, int64_t seconds) {
    enum transport_condition_kind kind =
        nats->store.keeps ? CONDITION_STREAM_MUTE : CONDITION_BROKER_SLOW;
    nats_report(nats, BROKER_SLOW, transport_condition_number(kind, NATS_STREAM, seconds));
}

enum transport_condition_kind nats_store_refusal(const json_t *error) {
    const char *description = json_string_value(json_object_get(error, "description"));
    const char *why = description == NULL ? "" : description;
    switch (json_integer_value(json_object_get(error, "err_code"))) {
    case ERROR_NO_RESOURCES:
    case ERROR_NO_STORAGE:
        return CONDITION_BROKER_FULL;
    case ERROR_NOT_STORED:
        return strstr(why, "maximum") != NULL || strstr(why, "space") != NULL
                   ? CONDITION_BROKER_FULL
               : strstr(why, "read-only") != NULL || strstr(why, "input/output") != NULL
                   ? CONDITION_BROKER_READ_ONLY
                   : CONDITION_KEEPING_REFUSED;
    default:
        return CONDITION_KEEPING_REFUSED;
    }
}

/* --- The stream ------------------------------------------------------------------------------- */

static natsStatus fill_config(const struct nats_terms *terms, const char *subjects[],
                              int subject_count, jsStreamConfig *config) {
    natsStatus status = jsStreamConfig_Init(config);
    config->Name = NATS_STREAM;
    config->Subjects = subjects;
    config->SubjectsLen = subject_count;
    config->MaxMsgsPerSubject = 1;
    config->MaxMsgSize = terms->message_max;
    config->MaxBytes = terms->octets;
    config->Discard = js_DiscardNew; /* what is kept is not pushed out */
    config->Storage = js_FileStorage;
    config->Replicas = terms->replicas;
    config->MaxAge = terms->keep_ms * NANOSECONDS;
    config->AllowDirect = true;
    return status;
}

/* Makes a stream, or changes the one that is there; *is_other when it cannot be changed. */
static natsStatus make_stream(jsCtx *context, jsStreamConfig *config, bool *is_other) {
    jsStreamInfo *info = NULL;
    jsErrCode code = 0;
    natsStatus status = js_AddStream(&info, context, config, NULL, &code);
    /* An account that has as many as it may says so before it says by what names. */
    if (code == JSStreamNameExistErr || code == JSMaximumStreamsLimitErr) {
        status = js_UpdateStream(&info, context, config, NULL, &code);
        *is_other = status != NATS_OK;
    }
    jsStreamInfo_Destroy(info);
    return status;
}

static natsStatus make_streams(const struct nats *nats, natsConnection *connection,
                               const struct nats_terms *terms, bool *is_other) {
    const char *subjects[] = {"muster.mail.>", "muster.receipt.>"}, *values[] = {"muster.state.>"};
    jsCtx *context = NULL;
    jsStreamConfig config;
    jsOptions options;
    natsStatus status = jsOptions_Init(&options);
    options.Prefix = nats->api;
    if (status == NATS_OK) {
        status = natsConnection_JetStream(&context, connection, &options);
    }
    if (status == NATS_OK) {
        status = fill_config(terms, subjects, 2, &config);
    }
    if (status == NATS_OK) {
        status = make_stream(context, &config, is_other);
    }
    if (status == NATS_OK && terms->value_octets > 0) {
        config.Name = NATS_VALUES;
        config.Subjects = values;
        config.SubjectsLen = 1;
        config.MaxMsgSize = terms->value_max;
        config.MaxBytes = terms->value_octets;
        config.MaxAge = 0;
        status = make_stream(context, &config, is_other);
    }
    jsCtx_Destroy(context);
    return status;
}

/* Waits for the broker's word on whether it keeps anything at all. */
static bool keeps_nothing(const struct nats *nats, natsConnection *connection) {
    char topic[REPLY_SIZE];
    natsMsg *answer = NULL;
    snprintf(topic, sizeof topic, "%s.INFO", nats->api);
    natsStatus status = natsConnection_RequestString(&answer, connection, topic, "", ASK_MS);
    bool is_off = status == NATS_NO_RESPONDERS ||
                  (status == NATS_OK && account_of(answer) == ACCOUNT_KEEPS_NOTHING) ||
                  (status == NATS_TIMEOUT &&
                   natsConnection_FlushTimeout(connection, NATS_AGAIN_MS) == NATS_OK);
    natsMsg_Destroy(answer);
    return is_off;
}

void nats_store_prepare(struct nats *nats, natsConnection *connection,
                        const struct nats_terms *terms) {
    bool is_other = false, is_off = keeps_nothing(nats, connection);
    natsStatus status =
        is_off ? NATS_NO_RESPONDERS : make_streams(nats, connection, terms, &is_other);
    pthread_mutex_lock(&nats->lock);
    if (status == NATS_OK) {
        nats->prepare_done = nats->has_answered = true;
        pthread_cond_broadcast(&nats->settled);
    } else if (is_off) {
        report_no_jetstream(nats);
    } else if (is_other) {
        nats_report(nats, BROKER_SLOW,
                    transport_condition_of(CONDITION_STREAM_DIFFERS, NATS_STREAM));
    } else if (!nats->is_denied) { /* which says why */
        const char *detail = nats_GetLastError(NULL);
        nats_report(nats, BROKER_SLOW,
                    transport_condition_detail(
                        CONDITION_STREAM_NOT_MADE, NATS_STREAM,
                        detail != NULL && detail[0] != '\0' ? detail : natsStatus_GetText(status)));
    }
    pthread_mutex_unlock(&nats->lock);
}
