/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the sides of the nats transport share: the functions that the program calls (nats.c; opening
 * and freeing in nats_lifecycle.c), the thread that talks to the broker (nats_connection.c), and
 * the library's own threads (nats_callbacks.c); whether the broker keeps anything is looked into by
 * nats_store.c, and values are read and written by nats_value.c. `lock` protects everything but
 * what never changes after opening. Internal to transport/nats*.
 */
#ifndef MUSTER_TRANSPORT_NATS_STATE_H
#define MUSTER_TRANSPORT_NATS_STATE_H

#include <jansson.h>
#include <nats/nats.h>
#include <pthread.h>

#include "transport/nats.h"

#define NATS_STREAM "MUSTER"
#define NATS_VALUES "MUSTER_STATE" /* the stream of the values */

enum {
    NATS_PROBE_SIZE = 8, /* less than any frame */
    INBOX_MAX = 1024,    /* frames heard and not received yet */
    OUTBOX_MAX = 256,    /* frames to send that are not kept */
    FETCHES_MAX = 512,   /* questions for the newest frame of a topic */
    REPLY_SIZE = 96,
    NATS_AGAIN_MS = 1000 /* before what was answered with a failure is asked for again */
};

/* A frame that waits. */
struct nats_frame {
    struct nats_frame *next;
    uint64_t peer; /* of one that was heard: its topic's */
    char topic[TRANSPORT_TOPIC_SIZE];
    size_t length;
    uint8_t octets[];
};

struct nats_queue {
    struct nats_frame *first, *last;
    size_t count;
    uint64_t taken; /* the peer of the one that nats_queue_take_fairly gave last */
};

/* A kept frame on its way into the stream. */
struct keeping {
    struct nats_frame *frame; /* NULL: this place is free */
    uint64_t number;          /* of the attempt that an answer belongs to */
    int64_t due_ms;           /* when to send it, again */
    int64_t sent_ms;          /* since when an answer is outstanding; 0: it was not sent */
    unsigned attempts;
    bool *done; /* of a nats_keep that waits: set when it is acknowledged */
};

/* A question for the newest frame of a topic. */
struct fetch {
    bool is_used, is_answered;
    bool is_standing; /* of a topic that is listened to: asked again after reconnecting */
    bool is_checked;  /* asked the second time */
    uint64_t number;
    int64_t due_ms, sent_ms;
    unsigned attempts;
    char topic[TRANSPORT_TOPIC_SIZE];
};

/* A topic that is heard. */
struct hearing {
    struct transport_topic topic;
    bool is_wanted;
    natsSubscription *subscription; /* NULL: not on this connection yet; the thread's own */
};

/* The question whether the broker keeps anything at all (nats_store.c). */
struct store_question {
    const char *doubted; /* the stream that nobody there answers for; NULL: none */
    const char *asked;   /* that about which the last question was */
    bool keeps;          /* the last answer: there is a stream, whatever else is wrong */
    uint64_t number;
    int64_t due_ms;  /* not before this */
    int64_t sent_ms; /* since when an answer is outstanding; 0: none is */
};

/* What is to be done to a value, and what came of it (nats_value.c). */
struct value_question {
    struct nats_frame *frame; /* its topic, and what is to be written; NULL: nobody asks */
    bool is_write, is_done;
    bool was_set;
    uint64_t sequence; /* which is to be replaced */
    uint64_t number;   /* of the question */
    int64_t due_ms;
    struct nats_value *found;
};

enum broker_state {
    BROKER_NEVER, /* no attempt has ended yet */
    BROKER_UP,
    BROKER_SLOW,
    BROKER_DOWN
};

struct nats {
    struct transport transport; /* first */

    /* From opening on. */
    natsOptions *options;
    char *user_jwt, *user_jwt_later, *user_seed;
    char servers[CONDITION_OBJECT_SIZE]; /* for what is reported */
    char inbox[REPLY_SIZE];              /* "_INBOX.NAME.TOKEN" */
    int event;                           /* readable while there is something to receive */

    pthread_mutex_t lock;
    pthread_cond_t changed; /* there is something for the thread to do */
    pthread_cond_t settled; /* something that a waiting caller looks for */
    unsigned holders;       /* the program's side, the thread, and what the library may still call
                             * back for: the last one frees */
    bool is_closing;
    bool is_resting;  /* the thread is to end, and the transport to be idle then */
    bool is_renewing; /* then it keeps what is to be sent, and how it stood */
    bool is_off;      /* airplane mode: there is to be no connection */

    struct nats_queue heard[TRANSPORT_LANES], outgoing[TRANSPORT_LANES];
    struct keeping keeping[NATS_KEEPING_MAX];
    struct fetch fetches[FETCHES_MAX];
    struct hearing hearings[2 * TRANSPORT_TOPICS_MAX];
    uint64_t next_number;
    uint8_t probe[NATS_PROBE_SIZE]; /* what nats_time has kept, */
    int64_t probe_ms;               /* and when, by the broker's clock, since 1970; 0: not known */
    natsConnection *connection;     /* the present one, to tell it from others; NULL: none */
    bool is_lost;                   /* it has ended */
    const char *api;                /* what the stream's API is called by such users as we are */
    struct store_question store;
    struct value_question value;
    struct nats_terms wanted;
    bool prepare_wanted, prepare_done;
    int64_t prepare_due_ms;
    bool is_fetching;  /* this connection is with user_jwt_later */
    bool is_denied;    /* the broker forbade something on this connection */
    bool is_hopeless;  /* what is wrong will last: who waits need not */
    bool has_answered; /* something was kept, or fetched, since the last problem */

    enum broker_state state;
    struct transport_condition latest; /* what `state` came with */
    bool has_news;
};

/* Milliseconds of a clock that never goes back. */
int64_t nats_clock(void);

/* A copy of a frame to queue; NULL when out of memory. */
struct nats_frame *nats_frame_new(const char *topic, const void *octets, size_t length);
void nats_queue_put(struct nats_queue *queue, struct nats_frame *frame);
struct nats_frame *nats_queue_take(struct nats_queue *queue);

/* The first of another topic than the last one was of, where there is one: a topic that is flooded
 * gives way to the others with every second frame. */
struct nats_frame *nats_queue_take_fairly(struct nats_queue *queue);

/* Voice first: the next one to hand over, of the topics in turn, and the next one to send. */
struct nats_frame *nats_take_heard(struct nats_queue heard[TRANSPORT_LANES]);
struct nats_frame *nats_take_outgoing(struct nats_queue outgoing[TRANSPORT_LANES]);

/* Under the lock: something happened to the connection. */
void nats_report(struct nats *nats, enum broker_state state, struct transport_condition condition);

/* Under the lock: the connection does what it is there for. `condition` says so of one with which
 * everything may be done. */
void nats_report_well(struct nats *nats, enum transport_condition_kind condition);

/* Under the lock: the program's side is woken. */
void nats_wake_program(struct nats *nats);

/* One of the two sides is done; the last frees. */
void nats_let_go(struct nats *nats);

/* The thread ends: if it was to, the transport is idle from now on. */
void nats_come_to_rest(struct nats *nats);

/* What the program's side carries out. */
extern const struct transport_kind nats_kind;

/* Under the lock: has the broker to be asked whether it keeps anything? Then under that topic, and
 * the answer has the number of nats->store. */
bool nats_store_take(struct nats *nats, int64_t now_ms, char *topic, size_t size);

/* Under the lock: an answer took `seconds` already, and nothing worse is known. */
void nats_store_report_slow(struct nats *nats, int64_t seconds);

/* Under the lock: nobody answers for that stream, NATS_STREAM or NATS_VALUES, so the broker is to
 * be asked. */
void nats_store_doubt(struct nats *nats, const char *stream);

/* Under the lock: `message` is the answer to that question. */
void nats_store_settle(struct nats *nats, natsMsg *message);

/* Under the lock: has that question stayed without an answer for too long? */
bool nats_store_is_mute(const struct nats *nats, int64_t now_ms);

/* The question was not answered: reports it, unless the broker answers nothing at all. */
void nats_store_mute(struct nats *nats, natsConnection *connection);

/* What the error of a frame that was not kept says, or NULL: that there is no room,
 * CONDITION_BROKER_FULL, that the disk takes nothing, CONDITION_BROKER_READ_ONLY, or something
 * else, CONDITION_KEEPING_REFUSED. */
enum transport_condition_kind nats_store_refusal(const json_t *error);

/* Makes the stream, or changes the one that is there, and reports how it went. */
void nats_store_prepare(struct nats *nats, natsConnection *connection,
                        const struct nats_terms *terms);

/* Under the lock: the stream did not keep a frame. `error` is what it says of that, or NULL. */
void nats_report_not_kept(struct nats *nats, const json_t *error);

/* Under the lock: has the broker to be asked about a value? Then with a copy of the frame, which
 * the caller frees, and what else the question is. */
bool nats_value_take(struct nats *nats, int64_t now_ms, struct value_question *question);

/* Asks, and waits a while for the answer. */
void nats_value_ask(struct nats *nats, natsConnection *connection,
                    const struct value_question *question);

/* When a call that may wait gives up. */
struct timespec nats_deadline_in(int timeout_ms);

/* Under the lock: whoever waited in vain is told why, where nothing has been reported yet. */
void nats_blame(struct nats *nats, bool is_done, int timeout_ms);

/* Is it a topic; or one whose last word may be *, if `any`? */
bool nats_is_topic(const char *topic, bool any);

/* The thread. */
void *nats_work(void *context);

/* What the library calls, with the state as context; each takes the lock itself. A frame of a topic
 * that is heard; an answer to a question; a subscription was made use of for the last time; a
 * connection has ended; the broker does not allow something. */
void nats_on_frame(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                   void *context);
void nats_on_answer(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                    void *context);
void nats_on_complete(void *context);
void nats_on_closed(natsConnection *connection, void *context);
void nats_on_error(natsConnection *connection, natsSubscription *subscription, natsStatus error,
                   void *context);

#endif
