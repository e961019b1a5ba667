/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A domain's broker, for tests: a real nats-server on this machine's loopback, with the
 * configuration that the KMS writes (but for TLS), and users who come with the access that it
 * issues. It does not outlive the test.
 */
#ifndef MUSTER_TESTS_PROGRAMS_DOMAIN_BROKER_H
#define MUSTER_TESTS_PROGRAMS_DOMAIN_BROKER_H

#include <nats/nats.h>
#include <sys/types.h>

#include "app/broker/broker.h"

/* A stream that is small enough for every machine, for asks() by its operator. */
#define STREAM_CREATE "muster.api.STREAM.CREATE.MUSTER"
extern const char stream_usual[];

enum {
    ANSWER_SIZE = 800
};

struct domain_broker {
    struct broker *broker;
    struct topic_key topics;
    struct group_list groups; /* of whoever enters from now on; none at first */
    int64_t now_ms;
    char folder[64], url[64];
    pid_t server;
};

/* Is there a nats-server on this machine? */
bool domain_broker_is_installed(void);

/* Starts it, and waits until it lets users in. `rule` is one more line of its configuration, or
 * NULL. domain_broker_end kills it and removes its folder. */
void domain_broker_begin(struct domain_broker *domain, const char *rule);
void domain_broker_end(struct domain_broker *domain);

/* Gives the server a configuration that shuts `identity` out, and has it read it. */
void domain_broker_shut_out(const struct domain_broker *domain, const char *identity);

struct user {
    struct access *access;
    natsConnection *connection;
    volatile bool was_refused;
};

/* Connects to the domain's broker as `identity`, with access of `issuer` that ends then. The caller
 * calls leave, also when it failed. */
natsStatus enter(struct user *user, const struct domain_broker *domain, const struct broker *issuer,
                 const char *identity, int64_t until_ms);
natsStatus enter_operator(struct user *user, const struct domain_broker *domain);
void leave(struct user *user);

/* Makes the stream as its operator, who is then gone. */
void domain_broker_make_stream(const struct domain_broker *domain, const char *configuration);

/* Was what the user did last refused? The server has answered everything before it answers this. */
bool is_refused(struct user *user);

bool may_say(struct user *user, const char *topic);
bool may_hear(struct user *user, const char *topic);

/* What the server answers to a question; false when it does not allow it or does not answer. */
bool asks(struct user *user, const char *subject, const char *body, char answer[ANSWER_SIZE]);

#endif
