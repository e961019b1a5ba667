/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames through a broker: a NATS server, or a cluster of them. Frames under a topic that is kept
 * go into the JetStream stream MUSTER, which has the newest message of each topic for whoever comes
 * later; all others go over plain publish and subscribe. Frames to single peers go nowhere: a
 * broker carries only what has a topic.
 *
 * No call from the program's side waits for the network: a thread of this transport does, and
 * everything passes through bounded queues. When the broker goes away the thread tries again, with
 * a back-off from NATS_RETRY_MIN_MS to NATS_RETRY_MAX_MS (each up to half less, by chance), and
 * hears the topics again.
 *
 * A kept frame is sent again until the broker acknowledges it; only the newest of each topic
 * counts, and there can be NATS_KEEPING_MAX topics. What is not kept is lost while the broker is
 * away.
 *
 * The newest frame of a kept topic is asked for by one direct request, so that the broker holds no
 * state for anybody: when the topic is listened to, a little later once more (a replica may be
 * behind), and after each reconnection. Nothing is asked for under a topic that ends in *.
 *
 * Whoever comes with the token of user_jwt_later fetches alone, as long as that connection lasts:
 * what is kept is heard, sent and asked for, and nothing else. Each new connection is tried with
 * the first token first, whatever this machine's clock says of its end.
 *
 * TLS with verification of certificate and host name, unless the options say otherwise.
 */
#ifndef MUSTER_TRANSPORT_NATS_H
#define MUSTER_TRANSPORT_NATS_H

#include "transport/transport.h"

enum {
    NATS_SERVERS_MAX = 8,
    NATS_KEEP_MAX = 256,    /* frames that nats_keep takes at once */
    NATS_KEEPING_MAX = 512, /* kept frames that are not acknowledged yet */
    NATS_RETRY_MIN_MS = 250,
    NATS_RETRY_MAX_MS = 30 * 1000,
    NATS_SLOW_MS = 5 * 1000, /* the broker is slow when an answer takes longer */
};

/* Strings are copied, the seed into locked memory; it is wiped when the transport is closed. */
struct nats_options {
    const char *servers;         /* tls://host:port, separated by commas */
    const char *ca_certificates; /* PEM: who may have signed the broker's certificate; NULL: whom
                                  * the system trusts */
    const char *user_jwt;  /* who we are to the broker, and the seed of that key; both NULL for */
    const char *user_seed; /* a broker that does not ask */
    const char *user_jwt_later; /* the same user's, for when the broker refuses the first; NULL:
                                 * there is none */
    const char *name;           /* an opaque word: replies come to _INBOX.NAME.> */
    bool is_plain;              /* nats:// without TLS: for tests on one machine alone */
};

/* A transport that knows no broker yet: what is listened to and kept waits for one.
 * TRANSPORT_FAILED, with the reason in *problem, when the system gives no memory or descriptor. */
enum transport_result nats_open_idle(struct transport **out, struct transport_condition *problem);

/* Starts connecting, and returns at once; for a transport of nats_open_idle, once, and again after
 * nats_disconnect, whose end it waits for, a few seconds at most. TRANSPORT_FAILED, with the reason
 * in *problem, for servers or certificates that are not valid, and when the system gives no thread;
 * then it is still idle. */
enum transport_result nats_connect(struct transport *transport, const struct nats_options *options,
                                   struct transport_condition *problem);

/* Ends the connection of nats_connect, if there was one, and returns at once. Soon after, when its
 * thread has ended, the transport is idle again: nothing that it was given with the options is left
 * in memory, nor what waited to be sent. */
void nats_disconnect(struct transport *transport);

/* Ends the connection like nats_disconnect, so that the next one is with other options, but what
 * was reported of it stands until then, and what is to be sent waits. */
void nats_renew(struct transport *transport);

/* Is the transport idle, so that nats_connect waits for nothing? */
bool nats_is_idle(struct transport *transport);

/* Opens one and connects it. */
enum transport_result nats_open_broker(const struct nats_options *options, struct transport **out,
                                       struct transport_condition *problem);

/* Waits, for at most `timeout_ms`, until the threads of closed transports have finished, and
 * returns whether they have. A program calls it before it exits, so that they do not run on while
 * the program is being torn down. */
bool nats_end(int timeout_ms);

/* --- For programs that may wait: group managers --------------------------------------------- */

struct nats_kept {
    const char *topic;
    const uint8_t *frame;
    size_t length;
};

/* Sends up to NATS_KEEP_MAX frames under kept topics and waits until the broker has acknowledged
 * all of them, at most for `timeout_ms`; kept[i] tells which it has. TRANSPORT_OK when all are,
 * otherwise TRANSPORT_NO_ROUTE, and `problem` says why. What was not kept may be sent again. This
 * and the calls below wait no longer once there is no use in it: the broker is full, has no TLS or
 * shows a wrong certificate. */
enum transport_result nats_keep(struct transport *transport, const struct nats_kept frames[],
                                size_t count, int timeout_ms, bool kept[]);

/* Did the last of these calls end for that reason, so that there is no use in trying again soon? */
bool nats_is_hopeless(struct transport *transport);

/* Asks for the newest frame of each of up to NATS_KEEP_MAX kept topics, besides those listened to,
 * and waits for the answers, at most for `timeout_ms`. The frames come by transport_receive; do not
 * ask for more before they are received. TRANSPORT_OK when all were answered. */
enum transport_result nats_fetch(struct transport *transport, const char *const topics[],
                                 size_t count, int timeout_ms);

/* What time is it at the broker? Some random octets, which are no frame, are kept under `topic` and
 * asked for again: the broker says when it kept them. *utc_ms: since 1970, to a second; 0 when it
 * does not say. TRANSPORT_NO_ROUTE when it did not keep them within `timeout_ms`, and `problem`
 * says why; the whole takes twice as long at most. */
enum transport_result nats_time(struct transport *transport, const char *topic, int timeout_ms,
                                int64_t *utc_ms);

/* A value stands at the broker under a topic for good, and is replaced by compare and set. */
struct nats_value {
    uint64_t sequence; /* which writing it comes from; 0: there is none */
    size_t length;
    uint8_t octets[TRANSPORT_FRAME_MAX];
};

/* Reads the value under `topic`. TRANSPORT_NO_ROUTE when the broker does not say within
 * `timeout_ms`, and `problem` says why. A replica that is behind may say what was there before:
 * then nats_write_value is refused. */
enum transport_result nats_read_value(struct transport *transport, const char *topic,
                                      int timeout_ms, struct nats_value *out);

/* Puts `length` octets, from 1 to TRANSPORT_FRAME_MAX, in the place of the value that came from
 * writing `sequence` (0: of none), if that is still the one that stands there, which *was_set says.
 * An answer that is lost is asked for again, and then *was_set may be false though it was done:
 * whoever must know reads it. TRANSPORT_NO_ROUTE when the broker does not say within `timeout_ms`,
 * and `problem` says why; TRANSPORT_TOO_LONG. */
enum transport_result nats_write_value(struct transport *transport, const char *topic,
                                       const uint8_t *octets, size_t length, uint64_t sequence,
                                       int timeout_ms, bool *was_set);

/* What the streams are to be like. */
struct nats_terms {
    unsigned replicas;
    int64_t keep_ms;      /* for how long a frame is kept at most */
    int64_t octets;       /* how much is kept altogether; beyond it what is new is refused */
    int32_t message_max;  /* octets of a frame */
    int64_t value_octets; /* of all values; 0: there are to be none */
    int32_t value_max;    /* of one value */
};

/* Makes the stream, and that of the values, or changes those that exist, which the broker lets its
 * operator alone do, and waits for at most `timeout_ms`. TRANSPORT_OK, or TRANSPORT_NO_ROUTE, and
 * `problem` says why. */
enum transport_result nats_prepare(struct transport *transport, const struct nats_terms *terms,
                                   int timeout_ms);

#endif
