/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Real nats-servers on this machine's loopback, for one test: alone or as a cluster of three, with
 * TLS or without, to be stopped, killed and started again. None of them outlives the test.
 */
#ifndef MUSTER_TESTS_TRANSPORT_BROKER_H
#define MUSTER_TESTS_TRANSPORT_BROKER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    BROKERS_MAX = 3,
    BROKER_URLS_SIZE = 200
};

/* What certificate the brokers show. */
enum broker_certificate {
    CERTIFICATE_NONE, /* they do not: no TLS */
    CERTIFICATE_GOOD,
    CERTIFICATE_OF_ANOTHER_CA,
    CERTIFICATE_EXPIRED,
    CERTIFICATE_OF_ANOTHER_HOST,
};

struct broker {
    char folder[64];
    unsigned count;
    uint16_t ports[BROKERS_MAX], cluster_ports[BROKERS_MAX];
    pid_t processes[BROKERS_MAX]; /* 0: not running */
    enum broker_certificate certificate;
    const char *rules; /* further lines of their configuration; NULL: none */
};

/* Is there a nats-server on this machine? */
bool broker_is_installed(void);

/* Prepares `count` brokers (1 or 3) in a folder of their own, and starts none. broker_end kills all
 * and removes the folder. */
void broker_begin(struct broker *broker, unsigned count, enum broker_certificate certificate);
void broker_end(struct broker *broker);

/* Starts the n-th and waits until it listens. */
void broker_start(struct broker *broker, unsigned n);
void broker_start_all(struct broker *broker);

/* SIGKILL; SIGSTOP and SIGCONT. */
void broker_kill(struct broker *broker, unsigned n);
void broker_pause(struct broker *broker, unsigned n, bool pauses);

/* Reads its configuration and certificate again, while it runs. */
void broker_reload(struct broker *broker, unsigned n);

/* Uses another certificate from its next start on. */
void broker_recertify(struct broker *broker, enum broker_certificate certificate);

/* Adds these lines to its configuration from its next start on. */
void broker_rule(struct broker *broker, const char *rules);

/* Their addresses, and the text of the CA's certificate (NULL without TLS). */
void broker_urls(const struct broker *broker, char urls[BROKER_URLS_SIZE]);
const char *broker_ca(const struct broker *broker);

#endif
