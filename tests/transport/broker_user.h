/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Somebody at a broker, for tests: has a nats transport, and remembers what it heard. Whatever must
 * happen is waited for PATIENCE_MS at most, or RETURN_MS where a broker has to be found again, and
 * whatever must not wait is timed.
 */
#ifndef MUSTER_TESTS_TRANSPORT_BROKER_USER_H
#define MUSTER_TESTS_TRANSPORT_BROKER_USER_H

#include "broker.h"
#include "transport/nats.h"

enum {
    PATIENCE_MS = 15000,
    RETURN_MS = 2 * NATS_RETRY_MAX_MS, /* longer than any back-off */
    KEEP_MS = 60 * 60 * 1000,          /* longer than any test lasts */
    HEARD_MAX = 3000,
    USER_NEWS_SIZE = 400,
    AT_ONCE_MS = 500 /* on a busy machine; waiting for a network would take seconds */
};

struct user {
    struct transport *transport;
    size_t count;
    char heard[HEARD_MAX][24];
    uint64_t peers[HEARD_MAX];
    char news[USER_NEWS_SIZE]; /* the last condition (condition_text.h) */
    bool is_problem;
    unsigned news_count;
};

int64_t now_ms(void);

/* Lets some nanoseconds go by without giving up the processor. */
void spin(long ns);

/* Opens a transport to these brokers; closes it if it is open. */
void open_user(struct user *user, const struct broker *broker, const char *name);
void close_user(struct user *user);

/* Takes what has come, after waiting for it. */
void attend(struct user *user, int wait_ms);

/* Was the frame heard? Wait for it; wait for news that contains `part`; check that nothing comes.
 */
bool has_heard(const struct user *user, const char *frame);
void hear(struct user *user, const char *frame);
void hear_news(struct user *user, const char *part);
void hear_nothing_for(struct user *user, int ms);

/* Listens to one topic, or two. */
void listen_to(struct user *user, const char *one, bool one_is_kept, const char *two,
               bool two_is_kept);

enum transport_result say(struct user *user, const char *topic, bool is_kept, const char *frame);

/* Waits until a frame of the other user's comes through: then it is connected, and the server knows
 * what it listens to. */
void meet(struct user *user, struct user *other, const char *topic);

/* A stream like that, and small enough for every machine. */
struct nats_terms stream_terms(unsigned replicas, int64_t keep_ms);

/* Makes the stream; keeps one frame in it. */
void prepare(struct user *user, unsigned replicas);
bool keep_one(struct user *user, const char *topic, const char *frame);

#endif
