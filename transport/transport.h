/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The socket for transports: moves frames between handsets and knows nothing of what is in them.
 *
 * A peer is a 64-bit number that the transport gives to a remote address the first time it hears
 * from it; it means nothing outside this transport and this run. PEER_ALL sends to everyone in
 * reach. Delivery is best effort: frames may be lost, doubled and reordered, but never split,
 * joined or changed by the transport itself.
 *
 * A transport that reaches further than those nearby cannot give every frame to everyone. It takes
 * frames under topics, and delivers those of the topics it was told to listen to. A topic is words
 * of a-z and 0-9 joined by dots, made up by whoever uses the transport; no transport knows what it
 * stands for.
 */
#ifndef MUSTER_TRANSPORT_TRANSPORT_H
#define MUSTER_TRANSPORT_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transport/condition.h"

enum {
    TRANSPORT_FRAME_MAX = 16384,
    TRANSPORT_DESCRIPTORS_MAX = 64, /* of several links together (bundle.h) */
    TRANSPORT_TOPIC_SIZE = 120,     /* its terminating 0 included */
    TRANSPORT_TOPICS_MAX = 96,      /* that are heard at a time */
    TRANSPORT_NAME_SIZE = 32,
    TRANSPORT_ADDRESS_SIZE = 48, /* an address as text, terminated */
    TRANSPORT_RADIOS_MAX = 12,   /* of several links together */
    TRANSPORT_SLICE_MS = 4       /* of the loop's time, for what is not voice */
};

#define PEER_ALL UINT64_C(0)

struct transport;

/* What a frame is for, which whoever sends it says. Voice, and what a talk needs, goes its own way
 * where a transport has one: nothing else stands before it, neither here nor at the other side. */
enum transport_lane {
    LANE_REST,
    LANE_VOICE,
    TRANSPORT_LANES
};

/* Called for each frame that arrives, from transport_receive; `frame` lives until it returns. */
typedef void transport_frame_fn(void *context, uint64_t peer, const uint8_t *frame, size_t length);

enum transport_result {
    TRANSPORT_OK = 0,
    TRANSPORT_NO_ROUTE, /* no such peer, no network, or nobody in reach; later it may work again */
    TRANSPORT_TOO_LONG, /* over TRANSPORT_FRAME_MAX */
    TRANSPORT_BUSY,     /* the send queue is full: the frame was dropped */
    TRANSPORT_FAILED,   /* `problem` says what happened */
};

/* The better of two results of sending one frame two ways: getting through once is enough. */
enum transport_result transport_better(enum transport_result a, enum transport_result b);

/* A topic to listen to. The newest frame of one that `is_kept` is fetched as well. Its last word
 * may be *, which stands for any word. */
struct transport_topic {
    char name[TRANSPORT_TOPIC_SIZE];
    bool is_kept;
    enum transport_lane lane; /* LANE_VOICE: what comes under it is handed over first */
};

/* The state of a radio, or of whatever else a transport sends with. */
enum radio_state {
    RADIO_ON,
    RADIO_STARTING, /* ready soon */
    RADIO_OFF,      /* by this handset's own mode */
    RADIO_UNUSABLE, /* `condition` says why */
};

struct transport_radio {
    unsigned link; /* of several links (bundle.h) its number, from 1 up; 1 where there is one */
    char name[TRANSPORT_NAME_SIZE]; /* "hci0", "wlan0"; empty while there is none */
    enum radio_state state;
    unsigned peers;                       /* reached directly */
    int quality;                          /* of the best of them, or TRANSPORT_QUALITY_UNKNOWN */
    struct transport_condition condition; /* what it does, or why it is not on; may be none */
    struct transport_condition also;      /* another one; may be none */
};

/* A signal is a number from 0 (hardly any) to 100 (as good as it gets). */
#define TRANSPORT_QUALITY_UNKNOWN (-1)

/* Of a frame: nobody knows how long it has waited. */
#define TRANSPORT_AGE_UNKNOWN (-1)

/* How much a transport sends by itself. */
enum transport_mode {
    TRANSPORT_SEEKS,  /* looks for others, and can be found */
    TRANSPORT_SILENT, /* radio silence: neither; it stays joined to what it is joined to */
    TRANSPORT_OFF,    /* airplane mode: leaves all it is joined to, sends and hears nothing */
};

/* The functions of one kind of transport. Each kind has an `open` function of its own (loopback.h,
 * udp.h), since they need different things; everything after that goes through here. */
struct transport_kind {
    const char *name; /* "loopback", "udp" */

    /* The descriptors to wait on for reading; returns how many, at most TRANSPORT_DESCRIPTORS_MAX.
     */
    size_t (*descriptors)(const struct transport *transport, int descriptors[]);

    /* Whether its descriptors become readable for what favoured senders say (`favour`), which they
     * do at first. Who reads that at times of his own spares himself a waking for each frame:
     * `receive_favoured` reads nothing else, and otherwise is as `receive`. NULL both, where
     * nothing can be told apart. */
    void (*wake_for_favoured)(struct transport *transport, bool wakes);
    void (*receive_favoured)(struct transport *transport, transport_frame_fn *on_frame,
                             void *context);

    /* Which of its descriptors are readable just now: `receive`, which comes next, need not ask
     * once more. NULL where that spares it nothing. */
    void (*found)(struct transport *transport, const int readable[], size_t count);

    /* Reads what has arrived, without waiting, and hands each frame over, voice first; at most a
     * few dozen frames a call, and no more once TRANSPORT_SLICE_MS are over, so that a flood cannot
     * hold up the loop. */
    enum transport_result (*receive)(struct transport *transport, transport_frame_fn *on_frame,
                                     void *context);

    /* Sends to one peer, or to all in reach with PEER_ALL. Never waits. */
    enum transport_result (*send)(struct transport *transport, uint64_t peer,
                                  enum transport_lane lane, const uint8_t *frame, size_t length);

    /* What was behind the last TRANSPORT_FAILED or TRANSPORT_NO_ROUTE. */
    void (*problem)(const struct transport *transport, struct transport_condition *out);

    /* Passes a frame that came from `peer` on to everyone in reach who has not heard it. Never
     * waits. NULL where everyone hears everyone; otherwise the transport is a star, and its hub has
     * to do this. */
    enum transport_result (*relay)(struct transport *transport, uint64_t peer,
                                   enum transport_lane lane, const uint8_t *frame, size_t length);

    /* Sends under `topic` to all that listen to it; where `is_kept`, the newest frame under the
     * topic waits for those who are away. Never waits itself. TRANSPORT_NO_ROUTE for what is not a
     * topic. NULL where everyone hears everything. */
    enum transport_result (*publish)(struct transport *transport, const char *topic, bool is_kept,
                                     enum transport_lane lane, const uint8_t *frame, size_t length);

    /* Listens to these topics from now on (at most TRANSPORT_TOPICS_MAX), and to no others. NULL
     * where everyone hears everything. */
    enum transport_result (*listen)(struct transport *transport,
                                    const struct transport_topic topics[], size_t count);

    /* Takes the next change of the transport's own state (the broker is lost, is back), for officer
     * and log; false when there is none. Call it after `receive`. NULL where there is never any
     * news. */
    bool (*news)(struct transport *transport, struct transport_condition *out);

    /* The state of its radios: writes at most `room` of them and returns how many. NULL where it
     * has none. */
    size_t (*radios)(const struct transport *transport, struct transport_radio out[], size_t room);

    /* The signal from a peer, or TRANSPORT_QUALITY_UNKNOWN. Cheap to call. NULL where it is never
     * known. */
    int (*quality)(const struct transport *transport, uint64_t peer);

    /* Writes the address of `peer`, as people write one, into `out`; empty when it is not known.
     * NULL where peers have none. */
    void (*address)(const struct transport *transport, uint64_t peer,
                    char out[TRANSPORT_ADDRESS_SIZE]);

    /* While `receive` hands a frame over: for how many ms that has waited in this machine, or
     * TRANSPORT_AGE_UNKNOWN. NULL where it is never known. */
    int64_t (*age_ms)(const struct transport *transport);

    /* While `receive` hands a frame over: the lane that it came by. Whoever sent it chose that, so
     * what came as voice is to be looked at, and dropped where it is none. NULL: all come by one
     * way, LANE_REST. */
    enum transport_lane (*lane)(const struct transport *transport);

    /* While `receive` hands a frame over: a number for where it came from, to give to `favour`; 0
     * where that would do nothing. NULL where there is no `favour`. */
    uint64_t (*origin)(const struct transport *transport);

    /* What came from that origin, then or a moment ago, is proven to be voice. For a while what
     * comes by voice's lane from the same sender is handed over before what others say there, and
     * is not lost for their sake. NULL where nothing depends on it. */
    void (*favour)(struct transport *transport, uint64_t origin);

    /* While `receive` hands a frame over: is it from such a sender? NULL: never. */
    bool (*is_favoured)(const struct transport *transport);

    /* Sets how much it may send by itself; TRANSPORT_SEEKS at first. NULL where it does nothing by
     * itself: with TRANSPORT_OFF its user neither sends nor receives. */
    void (*set_mode)(struct transport *transport, enum transport_mode mode);

    /* The longest frame, in octets, that it takes without a network on the way having to cut it up,
     * at this moment: to call now and then. NULL: all up to TRANSPORT_FRAME_MAX. */
    size_t (*largest)(const struct transport *transport);

    /* Closes and frees. */
    void (*close)(struct transport *transport);
};

/* Every transport's struct starts with this. */
struct transport {
    const struct transport_kind *kind;
};

#endif
