/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The thread of the nats transport: connects, and connects again; sends what waits, and asks for
 * what is kept. It never holds the lock while it is in the library, whose own threads take it in
 * nats_on_frame and nats_on_answer.
 */
#include <errno.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "transport/nats_state.h"

enum {
    ANSWER_MIN_MS = 2000, /* an answer that takes longer is asked for again */
    ANSWER_MAX_MS = 30 * 1000,
    PENDING_MAX =
        8192, /* messages that the library may hold back, and their octets; more are lost */
    PENDING_OCTETS_MAX = 16 * 1024 * 1024,
    STEADY_MS = 10 * 1000, /* a connection that lasted so long was a good one */
    TOKEN_TRIES = 3,       /* a good login in some hundreds is refused */
    REST_MS = 500          /* the longest without a look round */
};

/* --- Subscriptions --------------------------------------------------------------------------- */

/* The library calls back for a while after a subscription or a connection is destroyed: each holds
 * the state until it has called for the last time. */
static void hold(struct nats *nats) {
    pthread_mutex_lock(&nats->lock);
    nats->holders++;
    pthread_mutex_unlock(&nats->lock);
}

static natsStatus subscribe(struct nats *nats, natsConnection *connection, const char *topic,
                            natsMsgHandler handler, natsSubscription **subscription) {
    natsStatus status = natsConnection_Subscribe(subscription, connection, topic, handler, nats);
    if (status != NATS_OK) {
        return status;
    }
    hold(nats);
    status = natsSubscription_SetOnCompleteCB(*subscription, nats_on_complete, nats);
    if (status != NATS_OK) {
        nats_let_go(nats); /* the thread still holds it */
        return status;
    }
    return natsSubscription_SetPendingLimits(*subscription, PENDING_MAX, PENDING_OCTETS_MAX);
}

/* --- Work on a connection ------------------------------------------------------------------- */

/* Takes what must be sent next out of the state, under the lock, so that it can be sent without. */
struct task {
    enum {
        TASK_NONE,
        TASK_SEND,
        TASK_KEEP,
        TASK_FETCH,
        TASK_SUBSCRIBE,
        TASK_UNSUBSCRIBE,
        TASK_PREPARE,
        TASK_VALUE,
        TASK_ASK, /* whether anything is kept */
        TASK_MUTE /* that was not answered */
    } kind;
    struct nats_frame *frame;
    char topic[sizeof "$JS.API.DIRECT.GET." NATS_STREAM "." + TRANSPORT_TOPIC_SIZE];
    char reply[REPLY_SIZE + 24];
    struct hearing *hearing;
    struct nats_terms terms;
    struct value_question value;
};

static int64_t patience(unsigned attempts) {
    int64_t wait_ms = (int64_t)ANSWER_MIN_MS << (attempts < 4 ? attempts : 4);
    return wait_ms < ANSWER_MAX_MS ? wait_ms : ANSWER_MAX_MS;
}

static void reply_to(const struct nats *nats, struct task *task, uint64_t number) {
    snprintf(task->reply, sizeof task->reply, "%s.%llu", nats->inbox, (unsigned long long)number);
}

static void ask(struct nats *nats, struct task *task, uint64_t *number) {
    *number = ++nats->next_number;
    reply_to(nats, task, *number);
}

static bool take_keeping(struct nats *nats, struct keeping *keeping, int64_t now_ms,
                         struct task *task) {
    if (keeping->frame == NULL || now_ms < keeping->due_ms) {
        return false;
    }
    task->frame =
        nats_frame_new(keeping->frame->topic, keeping->frame->octets, keeping->frame->length);
    if (task->frame == NULL) {
        return false;
    }
    task->kind = TASK_KEEP;
    ask(nats, task, &keeping->number);
    keeping->sent_ms = keeping->sent_ms == 0 ? now_ms : keeping->sent_ms;
    keeping->due_ms = now_ms + patience(keeping->attempts++);
    return true;
}

static bool take_fetch(struct nats *nats, struct fetch *fetch, int64_t now_ms, struct task *task) {
    if (!fetch->is_used || fetch->is_answered || now_ms < fetch->due_ms) {
        return false;
    }
    task->kind = TASK_FETCH;
    snprintf(task->topic, sizeof task->topic, "$JS.API.DIRECT.GET." NATS_STREAM ".%s",
             fetch->topic);
    ask(nats, task, &fetch->number);
    fetch->sent_ms = fetch->sent_ms == 0 ? now_ms : fetch->sent_ms;
    fetch->due_ms = now_ms + patience(fetch->attempts++);
    return true;
}

static bool take_hearing(const struct nats *nats, struct hearing *hearing, bool is_wanted,
                         struct task *task) {
    if (hearing->is_wanted != is_wanted || is_wanted == (hearing->subscription != NULL) ||
        (is_wanted && nats->is_fetching && !hearing->topic.is_kept)) {
        return false;
    }
    task->kind = hearing->is_wanted ? TASK_SUBSCRIBE : TASK_UNSUBSCRIBE;
    task->hearing = hearing;
    snprintf(task->topic, sizeof task->topic, "%s", hearing->topic.name);
    return true;
}

/* Under the lock. Topics come first, so that what is asked for is not older than what is heard. */
static void next_task(struct nats *nats, struct task *task) {
    int64_t now_ms = nats_clock();
    bool found = false;
    /* What is not wanted goes first, so that the table has room for what is. */
    for (size_t i = 0; !found && i < 2 * TRANSPORT_TOPICS_MAX; i++) {
        found = take_hearing(nats, &nats->hearings[i], false, task);
    }
    for (size_t i = 0; !found && i < 2 * TRANSPORT_TOPICS_MAX; i++) {
        found = take_hearing(nats, &nats->hearings[i], true, task);
    }
    if (!found && (task->frame = nats_take_outgoing(nats->outgoing)) != NULL) {
        task->kind = TASK_SEND;
        return;
    }
    if (!found && nats->prepare_wanted && !nats->prepare_done && now_ms >= nats->prepare_due_ms) {
        nats->prepare_due_ms = now_ms + NATS_AGAIN_MS;
        task->kind = TASK_PREPARE;
        task->terms = nats->wanted;
        return;
    }
    if (!found && nats_store_is_mute(nats, now_ms)) {
        task->kind = TASK_MUTE;
        return;
    }
    if (!found && nats_store_take(nats, now_ms, task->topic, sizeof task->topic)) {
        task->kind = TASK_ASK;
        reply_to(nats, task, nats->store.number);
        return;
    }
    if (!found && nats_value_take(nats, now_ms, &task->value)) {
        task->kind = TASK_VALUE;
        task->frame = task->value.frame;
        return;
    }
    for (size_t i = 0; !found && i < NATS_KEEPING_MAX; i++) {
        found = take_keeping(nats, &nats->keeping[i], now_ms, task);
    }
    for (size_t i = 0; !found && i < FETCHES_MAX; i++) {
        found = take_fetch(nats, &nats->fetches[i], now_ms, task);
    }
}

static natsStatus publish(natsConnection *connection, const struct task *task) {
    const struct nats_frame *frame = task->frame;
    if (task->kind == TASK_SEND) {
        return natsConnection_Publish(connection, frame->topic, frame->octets, (int)frame->length);
    }
    return natsConnection_PublishRequest(connection, frame->topic, task->reply, frame->octets,
                                         (int)frame->length);
}

/* The topic may have lost its place while it was being subscribed to: then nobody wants it. */
static natsStatus begin_hearing(struct nats *nats, natsConnection *connection,
                                const struct task *task) {
    natsSubscription *subscription = NULL;
    natsStatus status = subscribe(nats, connection, task->topic, nats_on_frame, &subscription);
    pthread_mutex_lock(&nats->lock);
    if (strcmp(task->hearing->topic.name, task->topic) == 0) {
        task->hearing->subscription = subscription;
        subscription = NULL;
    }
    pthread_mutex_unlock(&nats->lock);
    natsSubscription_Destroy(subscription);
    return status;
}

/* A topic that is subscribed to keeps its place. */
static void end_hearing(struct nats *nats, const struct task *task) {
    natsSubscription_Destroy(task->hearing->subscription);
    pthread_mutex_lock(&nats->lock);
    task->hearing->subscription = NULL;
    pthread_mutex_unlock(&nats->lock);
}

static natsStatus carry_out(struct nats *nats, natsConnection *connection,
                            const struct task *task) {
    switch (task->kind) {
    case TASK_SEND:
    case TASK_KEEP:
        return publish(connection, task);
    case TASK_FETCH:
    case TASK_ASK:
        return natsConnection_PublishRequest(connection, task->topic, task->reply, NULL, 0);
    case TASK_SUBSCRIBE:
        return begin_hearing(nats, connection, task);
    case TASK_UNSUBSCRIBE:
        end_hearing(nats, task);
        break;
    case TASK_PREPARE:
        nats_store_prepare(nats, connection, &task->terms);
        break;
    case TASK_VALUE:
        nats_value_ask(nats, connection, &task->value);
        break;
    case TASK_MUTE:
        nats_store_mute(nats, connection);
        break;
    case TASK_NONE:
        break;
    }
    return NATS_OK;
}

/* Under the lock: is an answer outstanding for too long? When everything is answered the broker is
 * back. */
static void look_round(struct nats *nats) {
    int64_t now_ms = nats_clock();
    bool is_waiting = nats->is_denied || (nats->prepare_wanted && !nats->prepare_done) ||
                      (nats->value.frame != NULL && !nats->value.is_done);
    bool is_slow = false, is_well = nats->state == BROKER_UP;
    is_well = is_well || nats->latest.kind == CONDITION_FETCHES_ALONE;
    for (size_t i = 0; i < NATS_KEEPING_MAX; i++) {
        const struct keeping *keeping = &nats->keeping[i];
        is_waiting = is_waiting || keeping->frame != NULL;
        is_slow = is_slow || (keeping->sent_ms != 0 && now_ms - keeping->sent_ms > NATS_SLOW_MS);
    }
    for (size_t i = 0; i < FETCHES_MAX; i++) {
        const struct fetch *fetch = &nats->fetches[i];
        is_waiting = is_waiting || (fetch->is_used && !fetch->is_answered && !fetch->is_checked);
        is_slow = is_slow || (fetch->sent_ms != 0 && now_ms - fetch->sent_ms > NATS_SLOW_MS);
    }
    if (is_slow && is_well) {
        nats_store_report_slow(nats, NATS_SLOW_MS / 1000);
    } else if (!is_waiting && nats->has_answered && nats->state == BROKER_SLOW) {
        nats_report_well(nats, CONDITION_BROKER_ANSWERS);
    }
}

static void rest(struct nats *nats) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)REST_MS * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&nats->changed, &nats->lock, &until);
}

/* Serves the connection until it is lost, or the program's side is done. */
static void serve(struct nats *nats, natsConnection *connection) {
    pthread_mutex_lock(&nats->lock);
    nats->connection = connection;
    pthread_mutex_unlock(&nats->lock);
    bool is_closed = natsConnection_IsClosed(connection);
    pthread_mutex_lock(&nats->lock);
    nats->is_lost = nats->is_lost || is_closed;
    while (!nats->is_closing && !nats->is_resting && !nats->is_off && !nats->is_lost) {
        struct task task = {.kind = TASK_NONE};
        next_task(nats, &task);
        if (task.kind == TASK_NONE) {
            look_round(nats);
            rest(nats);
            continue;
        }
        pthread_mutex_unlock(&nats->lock);
        natsStatus status = carry_out(nats, connection, &task);
        free(task.frame);
        pthread_mutex_lock(&nats->lock);
        /* What cannot be sent on this connection can be on the next. */
        if (status != NATS_OK) {
            nats->is_lost = true;
        }
    }
    pthread_mutex_unlock(&nats->lock);
}

/* --- Connections ---------------------------------------------------------------------------- */

/* A new connection has to subscribe to everything and ask for everything anew. */
static void start_anew(struct nats *nats) {
    pthread_mutex_lock(&nats->lock);
    nats->is_lost = nats->is_denied = nats->has_answered = false;
    nats->store = (struct store_question){0};
    for (size_t i = 0; i < NATS_KEEPING_MAX; i++) {
        nats->keeping[i].due_ms = nats->keeping[i].sent_ms = 0;
        nats->keeping[i].attempts = 0;
    }
    for (size_t i = 0; i < FETCHES_MAX; i++) {
        struct fetch *fetch = &nats->fetches[i];
        fetch->due_ms = fetch->sent_ms = 0;
        fetch->attempts = 0;
        fetch->is_checked = false;
        fetch->is_answered = fetch->is_answered && !fetch->is_standing;
    }
    pthread_mutex_unlock(&nats->lock);
}

static void drop_connection(struct nats *nats, natsConnection *connection) {
    pthread_mutex_lock(&nats->lock);
    nats->connection = NULL;
    pthread_mutex_unlock(&nats->lock);
    for (size_t i = 0; i < 2 * TRANSPORT_TOPICS_MAX; i++) {
        pthread_mutex_lock(&nats->lock);
        natsSubscription *subscription = nats->hearings[i].subscription;
        nats->hearings[i].subscription = NULL;
        pthread_mutex_unlock(&nats->lock);
        natsSubscription_Destroy(subscription);
    }
    natsConnection_Destroy(connection);
}

/* What the library says of the attempt that failed last. */
static const char *words_of(natsStatus status) {
    const char *detail = nats_GetLastError(NULL);
    return detail == NULL ? natsStatus_GetText(status) : detail;
}

/* Did the broker not let us in? */
static bool is_refusal(natsStatus status) {
    return status == NATS_CONNECTION_AUTH_FAILED || status == NATS_NOT_PERMITTED ||
           (status != NATS_OK && strcasestr(words_of(status), "authorization") != NULL);
}

/* Why there is no connection. */
static void report_failure(struct nats *nats, natsStatus status) {
    const char *says = words_of(status);
    bool is_refused = is_refusal(status);
    bool is_certificate = strcasestr(says, "certificate") != NULL ||
                          strcasestr(says, "hostname") != NULL || status == NATS_SSL_ERROR;
    bool is_without_tls = status == NATS_SECURE_CONNECTION_WANTED;
    pthread_mutex_lock(&nats->lock);
    if (nats->is_off) {
        nats->state = BROKER_NEVER;
    } else if (is_certificate && !is_refused && !is_without_tls) {
        nats_report(nats, BROKER_DOWN,
                    transport_condition_detail(CONDITION_BROKER_CERTIFICATE, nats->servers, says));
    } else {
        nats_report(nats, BROKER_DOWN,
                    transport_condition_of(is_refused       ? CONDITION_BROKER_REFUSES
                                           : is_without_tls ? CONDITION_BROKER_WITHOUT_TLS
                                                            : CONDITION_NO_BROKER_ANSWERS,
                                           nats->servers));
    }
    pthread_mutex_unlock(&nats->lock);
}

/* The wait before the next attempt, up to half of it less by chance. */
static void wait_before(struct nats *nats, unsigned attempts) {
    uint16_t chance = 0;
    int64_t wait_ms = (int64_t)NATS_RETRY_MIN_MS << (attempts < 8 ? attempts : 8);
    if (wait_ms > NATS_RETRY_MAX_MS) {
        wait_ms = NATS_RETRY_MAX_MS;
    }
    if (RAND_bytes((uint8_t *)&chance, sizeof chance) == 1) {
        wait_ms -= wait_ms * chance / (2 * (UINT16_MAX + 1));
    }
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&nats->lock);
    while (!nats->is_closing && !nats->is_resting && !nats->is_off &&
           pthread_cond_timedwait(&nats->changed, &nats->lock, &until) != ETIMEDOUT) {
    }
    pthread_mutex_unlock(&nats->lock);
}

/* The connection has ended, by itself or because it is to. */
static void report_end(struct nats *nats, natsConnection *connection) {
    const char *says = NULL;
    /* The library makes room for what the broker says that it sends, and gets none for more than a
     * program of ours has in one piece (app/programs/heap.h). */
    bool is_excessive = natsConnection_GetLastError(connection, &says) == NATS_NO_MEMORY;
    pthread_mutex_lock(&nats->lock);
    if (!nats->is_off && !nats->is_resting) {
        nats_report(nats, BROKER_DOWN,
                    transport_condition_of(is_excessive ? CONDITION_BROKER_EXCESSIVE
                                                        : CONDITION_BROKER_LOST,
                                           nats->servers));
    }
    pthread_mutex_unlock(&nats->lock);
}

/* Airplane mode lasts. */
static void wait_while_off(struct nats *nats) {
    pthread_mutex_lock(&nats->lock);
    while (nats->is_off && !nats->is_closing && !nats->is_resting) {
        pthread_cond_wait(&nats->changed, &nats->lock);
    }
    pthread_mutex_unlock(&nats->lock);
}

static natsStatus connect_once(struct nats *nats, natsConnection **connection,
                               natsSubscription **answers) {
    char subject[REPLY_SIZE + 4];
    hold(nats); /* until nats_on_closed, which may be called before this returns */
    natsStatus status = natsConnection_Connect(connection, nats->options);
    if (status != NATS_OK) {
        nats_let_go(nats); /* the thread still holds it */
        return status;
    }
    snprintf(subject, sizeof subject, "%s.*", nats->inbox);
    return subscribe(nats, *connection, subject, nats_on_answer, answers);
}

static bool is_closing(struct nats *nats) {
    pthread_mutex_lock(&nats->lock);
    bool closing = nats->is_closing || nats->is_resting;
    pthread_mutex_unlock(&nats->lock);
    return closing;
}

/* From now on with the one token or the other. What was to be said to a group is not kept. */
static void choose_token(struct nats *nats, bool is_later) {
    struct nats_frame *frame;
    pthread_mutex_lock(&nats->lock);
    nats->is_fetching = is_later;
    while (is_later && (frame = nats_take_outgoing(nats->outgoing)) != NULL) {
        free(frame);
    }
    pthread_mutex_unlock(&nats->lock);
}

/* With the first token, and when the broker refuses that with the other, if there is one. Which of
 * them counts still is for the broker's clock to say. */
static natsStatus connect_with_either(struct nats *nats, natsConnection **connection,
                                      natsSubscription **answers) {
    choose_token(nats, false);
    natsStatus status = connect_once(nats, connection, answers);
    if (nats->user_jwt_later == NULL) {
        return status;
    }
    for (int i = 1; i < TOKEN_TRIES && is_refusal(status) && !is_closing(nats); i++) {
        status = connect_once(nats, connection, answers);
    }
    if (is_refusal(status) && !is_closing(nats)) {
        choose_token(nats, true);
        status = connect_once(nats, connection, answers);
    }
    return status;
}

void *nats_work(void *context) {
    struct nats *nats = context;
    unsigned attempts = 0;
    natsOptions_SetClosedCB(nats->options, nats_on_closed, nats);
    natsOptions_SetErrorHandler(nats->options, nats_on_error, nats);
    while (!is_closing(nats)) {
        natsConnection *connection = NULL;
        natsSubscription *answers = NULL;
        wait_while_off(nats);
        if (is_closing(nats)) {
            break;
        }
        start_anew(nats);
        natsStatus status = connect_with_either(nats, &connection, &answers);
        if (status == NATS_OK) {
            pthread_mutex_lock(&nats->lock);
            nats_report_well(nats, CONDITION_BROKER_BACK);
            pthread_mutex_unlock(&nats->lock);
            int64_t began_ms = nats_clock();
            serve(nats, connection);
            if (nats_clock() - began_ms >= STEADY_MS) {
                attempts = 0;
            }
            if (!is_closing(nats)) {
                report_end(nats, connection);
            } else { /* what was sent last still goes out */
                (void)natsConnection_FlushTimeout(connection, NATS_AGAIN_MS);
            }
        } else {
            report_failure(nats, status);
        }
        natsSubscription_Destroy(answers);
        drop_connection(nats, connection);
        if (!is_closing(nats)) {
            wait_before(nats, attempts++);
        }
    }
    nats_ReleaseThreadMemory();
    nats_come_to_rest(nats);
    nats_let_go(nats);
    return NULL;
}
