/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/nats.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "transport/nats_state.h"

enum {
    PROBE_TRIES = 3,
    RECEIVE_MAX = 32 /* frames handed over in one call */
};

/* --- What both sides use -------------------------------------------------------------------- */

int64_t nats_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct nats_frame *nats_frame_new(const char *topic, const void *octets, size_t length) {
    struct nats_frame *frame = calloc(1, sizeof *frame + length);
    if (frame == NULL) {
        return NULL;
    }
    snprintf(frame->topic, sizeof frame->topic, "%s", topic);
    memcpy(frame->octets, octets, length);
    frame->length = length;
    return frame;
}

void nats_queue_put(struct nats_queue *queue, struct nats_frame *frame) {
    frame->next = NULL;
    if (queue->last == NULL) {
        queue->first = frame;
    } else {
        queue->last->next = frame;
    }
    queue->last = frame;
    queue->count++;
}

struct nats_frame *nats_queue_take(struct nats_queue *queue) {
    struct nats_frame *frame = queue->first;
    if (frame == NULL) {
        return NULL;
    }
    queue->first = frame->next;
    if (queue->first == NULL) {
        queue->last = NULL;
    }
    queue->count--;
    return frame;
}

struct nats_frame *nats_queue_take_fairly(struct nats_queue *queue) {
    struct nats_frame *before = NULL, *frame = queue->first;
    while (frame != NULL && frame->peer == queue->taken) {
        before = frame;
        frame = frame->next;
    }
    if (frame == NULL || before == NULL) {
        frame = nats_queue_take(queue);
    } else {
        before->next = frame->next;
        queue->last = queue->last == frame ? before : queue->last;
        queue->count--;
    }
    queue->taken = frame == NULL ? 0 : frame->peer;
    return frame;
}

struct nats_frame *nats_take_heard(struct nats_queue heard[TRANSPORT_LANES]) {
    struct nats_frame *frame = nats_queue_take_fairly(&heard[LANE_VOICE]);
    return frame != NULL ? frame : nats_queue_take_fairly(&heard[LANE_REST]);
}

struct nats_frame *nats_take_outgoing(struct nats_queue outgoing[TRANSPORT_LANES]) {
    struct nats_frame *frame = nats_queue_take(&outgoing[LANE_VOICE]);
    return frame != NULL ? frame : nats_queue_take(&outgoing[LANE_REST]);
}

void nats_wake_program(struct nats *nats) {
    const uint64_t one = 1;
    /* It can only fail when it is readable already. */
    if (write(nats->event, &one, sizeof one) < 0) {
        return;
    }
}

/* Is there no use in trying again soon? A cluster that is being formed, or has lost its leader,
 * looks for some seconds as if it kept nothing. */
static bool is_lasting(enum transport_condition_kind kind) {
    return kind == CONDITION_BROKER_CERTIFICATE || kind == CONDITION_BROKER_WITHOUT_TLS ||
           kind == CONDITION_BROKER_FULL || kind == CONDITION_BROKER_READ_ONLY ||
           kind == CONDITION_BROKER_EXCESSIVE;
}

void nats_report(struct nats *nats, enum broker_state state, struct transport_condition condition) {
    nats->is_hopeless = is_lasting(condition.kind);
    pthread_cond_broadcast(&nats->settled);
    if (nats->state == state && transport_condition_equal(&nats->latest, &condition)) {
        return;
    }
    /* A broker that answers from the start is not news. */
    nats->has_news = !(nats->state == BROKER_NEVER && state == BROKER_UP);
    nats->state = state;
    nats->latest = condition;
    nats->has_answered = false;
    nats_wake_program(nats);
}

void nats_report_well(struct nats *nats, enum transport_condition_kind condition) {
    if (nats->is_fetching) {
        nats_report(nats, BROKER_SLOW, transport_condition_of(CONDITION_FETCHES_ALONE, NULL));
    } else {
        nats_report(nats, BROKER_UP, transport_condition_of(condition, NULL));
    }
}

/* --- Sending -------------------------------------------------------------------------------- */

/* Words of a-z and 0-9 joined by dots; where `may_end_in_any` the last may be *. */
bool nats_is_topic(const char *topic, bool may_end_in_any) {
    bool in_word = false;
    if (strlen(topic) >= TRANSPORT_TOPIC_SIZE) {
        return false;
    }
    for (const char *c = topic; *c != '\0'; c++) {
        if (may_end_in_any && !in_word && c > topic && strcmp(c, "*") == 0) {
            return true;
        }
        if (*c == '.' ? !in_word : !(islower((unsigned char)*c) || isdigit((unsigned char)*c))) {
            return false;
        }
        in_word = *c != '.';
    }
    return in_word;
}

/* Under the lock: a kept frame takes the place of an older one of its topic, or a free one. */
static struct keeping *keep(struct nats *nats, struct nats_frame *frame, bool *done) {
    struct keeping *place = NULL;
    for (size_t i = 0; i < NATS_KEEPING_MAX; i++) {
        struct keeping *keeping = &nats->keeping[i];
        if (keeping->frame == NULL) {
            place = place == NULL ? keeping : place;
        } else if (strcmp(keeping->frame->topic, frame->topic) == 0) {
            place = keeping;
            break;
        }
    }
    if (place == NULL) {
        return NULL;
    }
    free(place->frame);
    *place = (struct keeping){.frame = frame, .done = done};
    pthread_cond_signal(&nats->changed);
    return place;
}

static enum transport_result publish(struct transport *transport, const char *topic, bool is_kept,
                                     enum transport_lane lane, const uint8_t *octets,
                                     size_t length) {
    struct nats *nats = (struct nats *)transport;
    enum transport_result result = TRANSPORT_OK;
    if (length > TRANSPORT_FRAME_MAX) {
        return TRANSPORT_TOO_LONG;
    }
    if (!nats_is_topic(topic, false)) {
        return TRANSPORT_NO_ROUTE;
    }
    struct nats_frame *frame = nats_frame_new(topic, octets, length);
    if (frame == NULL) {
        return TRANSPORT_BUSY;
    }
    pthread_mutex_lock(&nats->lock);
    if (is_kept) {
        if (keep(nats, frame, NULL) == NULL) {
            result = TRANSPORT_BUSY;
        }
    } else if (nats->is_fetching || (nats->state != BROKER_UP && nats->state != BROKER_SLOW)) {
        result = TRANSPORT_NO_ROUTE;
    } else if (nats->outgoing[lane].count == OUTBOX_MAX) {
        result = TRANSPORT_BUSY;
    } else {
        nats_queue_put(&nats->outgoing[lane], frame);
        pthread_cond_signal(&nats->changed);
    }
    pthread_mutex_unlock(&nats->lock);
    if (result != TRANSPORT_OK) {
        free(frame);
    }
    return result;
}

static enum transport_result send(struct transport *transport, uint64_t peer,
                                  enum transport_lane lane, const uint8_t *frame, size_t length) {
    (void)transport;
    (void)peer;
    (void)lane;
    (void)frame;
    return length > TRANSPORT_FRAME_MAX ? TRANSPORT_TOO_LONG : TRANSPORT_OK;
}

/* --- Hearing -------------------------------------------------------------------------------- */

static size_t descriptors(const struct transport *transport, int out[]) {
    out[0] = ((const struct nats *)transport)->event;
    return 1;
}

static enum transport_result receive(struct transport *transport, transport_frame_fn *on_frame,
                                     void *context) {
    struct nats *nats = (struct nats *)transport;
    struct nats_frame *frame = NULL;
    int64_t until_ms = nats_clock() + TRANSPORT_SLICE_MS;
    uint64_t count;
    if (read(nats->event, &count, sizeof count) < 0 && errno != EAGAIN) {
        return TRANSPORT_OK;
    }
    for (int i = 0; i < RECEIVE_MAX && nats_clock() <= until_ms; i++) {
        pthread_mutex_lock(&nats->lock);
        frame = nats_take_heard(nats->heard);
        pthread_mutex_unlock(&nats->lock);
        if (frame == NULL) {
            return TRANSPORT_OK;
        }
        on_frame(context, frame->peer, frame->octets, frame->length);
        free(frame);
    }
    nats_wake_program(nats); /* there may be more */
    return TRANSPORT_OK;
}

/* Under the lock: the standing question for a topic's newest frame, or NULL. */
static struct fetch *find_standing(struct nats *nats, const char *topic) {
    for (size_t i = 0; i < FETCHES_MAX; i++) {
        if (nats->fetches[i].is_used && nats->fetches[i].is_standing &&
            strcmp(nats->fetches[i].topic, topic) == 0) {
            return &nats->fetches[i];
        }
    }
    return NULL;
}

static struct fetch *new_fetch(struct nats *nats, const char *topic, bool is_standing) {
    for (size_t i = 0; i < FETCHES_MAX; i++) {
        struct fetch *fetch = &nats->fetches[i];
        if (fetch->is_used) {
            continue;
        }
        *fetch = (struct fetch){.is_used = true, .is_standing = is_standing};
        snprintf(fetch->topic, sizeof fetch->topic, "%s", topic);
        return fetch;
    }
    return NULL;
}

/* Under the lock: a place in the table for the topic, the one that it has or a new one. */
static void hear_topic(struct nats *nats, const struct transport_topic *topic) {
    struct hearing *place = NULL;
    for (size_t i = 0; i < 2 * TRANSPORT_TOPICS_MAX; i++) {
        struct hearing *hearing = &nats->hearings[i];
        bool is_free = !hearing->is_wanted && hearing->subscription == NULL;
        if (!is_free && strcmp(hearing->topic.name, topic->name) == 0) {
            place = hearing;
            break;
        }
        if (is_free && place == NULL) {
            place = hearing;
        }
    }
    if (place == NULL) {
        return; /* twice as many places as topics: only while the thread is behind */
    }
    if (strcmp(place->topic.name, topic->name) != 0) {
        place->topic = *topic;
    }
    place->topic.lane = topic->lane;
    place->is_wanted = true;
    bool has_name = strchr(topic->name, '*') == NULL;
    if (topic->is_kept && has_name && find_standing(nats, topic->name) == NULL) {
        (void)new_fetch(nats, topic->name, true);
    }
}

static enum transport_result listen(struct transport *transport,
                                    const struct transport_topic topics[], size_t count) {
    struct nats *nats = (struct nats *)transport;
    for (size_t i = 0; i < count; i++) {
        if (!nats_is_topic(topics[i].name, true)) {
            return TRANSPORT_NO_ROUTE;
        }
    }
    if (count > TRANSPORT_TOPICS_MAX) {
        return TRANSPORT_NO_ROUTE;
    }
    pthread_mutex_lock(&nats->lock);
    for (size_t i = 0; i < 2 * TRANSPORT_TOPICS_MAX; i++) {
        nats->hearings[i].is_wanted = false;
    }
    for (size_t i = 0; i < count; i++) {
        hear_topic(nats, &topics[i]);
    }
    for (size_t i = 0; i < FETCHES_MAX; i++) {
        bool is_wanted = false;
        for (size_t k = 0; k < count; k++) {
            is_wanted = is_wanted || strcmp(topics[k].name, nats->fetches[i].topic) == 0;
        }
        if (nats->fetches[i].is_standing && !is_wanted) {
            nats->fetches[i] = (struct fetch){0};
        }
    }
    pthread_cond_signal(&nats->changed);
    pthread_mutex_unlock(&nats->lock);
    return TRANSPORT_OK;
}

/* --- How it stands -------------------------------------------------------------------------- */

static void problem(const struct transport *transport, struct transport_condition *out) {
    struct nats *nats = (struct nats *)transport;
    pthread_mutex_lock(&nats->lock);
    *out = nats->state == BROKER_NEVER ? transport_condition_of(CONDITION_BROKER_SILENT, NULL)
                                       : nats->latest;
    pthread_mutex_unlock(&nats->lock);
}

static bool news(struct transport *transport, struct transport_condition *out) {
    struct nats *nats = (struct nats *)transport;
    pthread_mutex_lock(&nats->lock);
    bool has_news = nats->has_news;
    nats->has_news = false;
    *out = nats->latest;
    pthread_mutex_unlock(&nats->lock);
    return has_news;
}

/* --- Waiting -------------------------------------------------------------------------------- */

struct timespec nats_deadline_in(int timeout_ms) {
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += timeout_ms / 1000;
    deadline.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (deadline.tv_nsec >= 1000000000) {
        deadline.tv_sec++;
        deadline.tv_nsec -= 1000000000;
    }
    return deadline;
}

static bool all_of(const bool flags[], size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!flags[i]) {
            return false;
        }
    }
    return true;
}

void nats_blame(struct nats *nats, bool is_done, int timeout_ms) {
    if (!is_done && nats->state == BROKER_UP) {
        nats_store_report_slow(nats, timeout_ms / 1000);
    }
}

/* Under the lock: nobody waits for these flags any longer, and what was not kept is not sent again.
 */
static void give_up(struct nats *nats, const bool flags[], size_t count) {
    for (size_t i = 0; i < NATS_KEEPING_MAX; i++) {
        struct keeping *keeping = &nats->keeping[i];
        if (keeping->frame == NULL || keeping->done < flags || keeping->done >= flags + count) {
            continue;
        }
        free(keeping->frame);
        *keeping = (struct keeping){0};
    }
}

enum transport_result nats_keep(struct transport *transport, const struct nats_kept frames[],
                                size_t count, int timeout_ms, bool kept[]) {
    struct nats *nats = (struct nats *)transport;
    struct timespec deadline = nats_deadline_in(timeout_ms);
    memset(kept, 0, count * sizeof kept[0]);
    if (count > NATS_KEEP_MAX) {
        return TRANSPORT_TOO_LONG;
    }
    pthread_mutex_lock(&nats->lock);
    nats->is_hopeless = false;
    for (size_t i = 0; i < count; i++) {
        struct nats_frame *frame =
            nats_is_topic(frames[i].topic, false) && frames[i].length <= TRANSPORT_FRAME_MAX
                ? nats_frame_new(frames[i].topic, frames[i].frame, frames[i].length)
                : NULL;
        if (frame != NULL && keep(nats, frame, &kept[i]) == NULL) {
            free(frame);
        }
    }
    while (!all_of(kept, count) && !nats->is_hopeless &&
           pthread_cond_timedwait(&nats->settled, &nats->lock, &deadline) == 0) {
    }
    give_up(nats, kept, count);
    bool is_whole = all_of(kept, count);
    enum transport_result result = is_whole ? TRANSPORT_OK : TRANSPORT_NO_ROUTE;
    nats_blame(nats, is_whole, timeout_ms);
    pthread_mutex_unlock(&nats->lock);
    return result;
}

/* Under the lock: are all questions of nats_fetch answered? */
static bool all_fetched(const struct nats *nats) {
    for (size_t i = 0; i < FETCHES_MAX; i++) {
        if (nats->fetches[i].is_used && !nats->fetches[i].is_standing &&
            !nats->fetches[i].is_answered) {
            return false;
        }
    }
    return true;
}

enum transport_result nats_fetch(struct transport *transport, const char *const topics[],
                                 size_t count, int timeout_ms) {
    struct nats *nats = (struct nats *)transport;
    struct timespec deadline = nats_deadline_in(timeout_ms);
    bool all_asked = count <= NATS_KEEP_MAX;
    pthread_mutex_lock(&nats->lock);
    nats->is_hopeless = false;
    for (size_t i = 0; all_asked && i < count; i++) {
        all_asked = nats_is_topic(topics[i], false) && new_fetch(nats, topics[i], false) != NULL;
    }
    pthread_cond_signal(&nats->changed);
    while (!all_fetched(nats) && !nats->is_hopeless &&
           pthread_cond_timedwait(&nats->settled, &nats->lock, &deadline) == 0) {
    }
    bool is_whole = all_asked && all_fetched(nats);
    nats_blame(nats, is_whole, timeout_ms);
    for (size_t i = 0; i < FETCHES_MAX; i++) {
        if (nats->fetches[i].is_used && !nats->fetches[i].is_standing) {
            nats->fetches[i] = (struct fetch){0};
        }
    }
    pthread_mutex_unlock(&nats->lock);
    return is_whole ? TRANSPORT_OK : TRANSPORT_NO_ROUTE;
}

/* A replica that is behind may answer with what was kept before: then it is asked once more. */
enum transport_result nats_time(struct transport *transport, const char *topic, int timeout_ms,
                                int64_t *utc_ms) {
    struct nats *nats = (struct nats *)transport;
    uint8_t probe[NATS_PROBE_SIZE];
    const struct nats_kept frame = {topic, probe, sizeof probe};
    bool kept = false;
    *utc_ms = 0;
    if (getrandom(probe, sizeof probe, 0) != (ssize_t)sizeof probe) {
        return TRANSPORT_OK;
    }
    pthread_mutex_lock(&nats->lock);
    memcpy(nats->probe, probe, sizeof probe);
    nats->probe_ms = 0;
    pthread_mutex_unlock(&nats->lock);
    enum transport_result result = nats_keep(transport, &frame, 1, timeout_ms, &kept);
    for (int i = 0; kept && *utc_ms == 0 && i < PROBE_TRIES; i++) {
        (void)nats_fetch(transport, &topic, 1, timeout_ms / PROBE_TRIES);
        pthread_mutex_lock(&nats->lock);
        *utc_ms = nats->probe_ms;
        pthread_mutex_unlock(&nats->lock);
    }
    return result;
}

enum transport_result nats_prepare(struct transport *transport, const struct nats_terms *terms,
                                   int timeout_ms) {
    struct nats *nats = (struct nats *)transport;
    struct timespec deadline = nats_deadline_in(timeout_ms);
    pthread_mutex_lock(&nats->lock);
    nats->wanted = *terms;
    nats->is_hopeless = false;
    nats->prepare_wanted = true;
    nats->prepare_done = false;
    nats->prepare_due_ms = 0;
    pthread_cond_signal(&nats->changed);
    while (!nats->prepare_done && !nats->is_hopeless &&
           pthread_cond_timedwait(&nats->settled, &nats->lock, &deadline) == 0) {
    }
    nats->prepare_wanted = false;
    bool done = nats->prepare_done;
    nats_blame(nats, done, timeout_ms);
    pthread_mutex_unlock(&nats->lock);
    return done ? TRANSPORT_OK : TRANSPORT_NO_ROUTE;
}

bool nats_is_hopeless(struct transport *transport) {
    struct nats *nats = (struct nats *)transport;
    pthread_mutex_lock(&nats->lock);
    bool is_hopeless = nats->is_hopeless;
    pthread_mutex_unlock(&nats->lock);
    return is_hopeless;
}

/* --- The kind ------------------------------------------------------------------------------- */

/* While off, nothing that happens is a problem, and to be back later is not news. */
static void set_mode(struct transport *transport, enum transport_mode mode) {
    struct nats *nats = (struct nats *)transport;
    pthread_mutex_lock(&nats->lock);
    nats->is_off = mode == TRANSPORT_OFF;
    nats->has_news = nats->has_news && !nats->is_off;
    if (nats->is_off) {
        nats->state = BROKER_NEVER;
    }
    pthread_cond_signal(&nats->changed);
    pthread_mutex_unlock(&nats->lock);
}

static size_t radios(const struct transport *transport, struct transport_radio out[], size_t room) {
    struct nats *nats = (struct nats *)transport;
    static const enum radio_state states[] = {[BROKER_NEVER] = RADIO_STARTING,
                                              [BROKER_UP] = RADIO_ON,
                                              [BROKER_SLOW] = RADIO_ON,
                                              [BROKER_DOWN] = RADIO_UNUSABLE};
    if (room == 0) {
        return 0;
    }
    pthread_mutex_lock(&nats->lock);
    *out = (struct transport_radio){.link = 1,
                                    .state = nats->is_off ? RADIO_OFF : states[nats->state],
                                    .peers = nats->state == BROKER_UP,
                                    .quality = TRANSPORT_QUALITY_UNKNOWN};
    if (nats->state == BROKER_DOWN || nats->state == BROKER_SLOW) {
        out->condition = nats->latest;
    }
    if (nats->options == NULL) {
        out->state = RADIO_UNUSABLE;
        out->condition = transport_condition_of(CONDITION_NO_BROKER_ACCESS, NULL);
    }
    pthread_mutex_unlock(&nats->lock);
    return 1;
}

static void close_nats(struct transport *transport) {
    struct nats *nats = (struct nats *)transport;
    pthread_mutex_lock(&nats->lock);
    nats->is_closing = true;
    pthread_cond_signal(&nats->changed);
    pthread_mutex_unlock(&nats->lock);
    /* The thread may be in the middle of connecting: it ends by itself. */
    nats_let_go(nats);
}

const struct transport_kind nats_kind = {.name = "nats",
                                         .descriptors = descriptors,
                                         .receive = receive,
                                         .send = send,
                                         .publish = publish,
                                         .listen = listen,
                                         .problem = problem,
                                         .news = news,
                                         .radios = radios,
                                         .set_mode = set_mode,
                                         .close = close_nats};
