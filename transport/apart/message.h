/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a handset and the process of one of its radios say to each other (apart.h). A message is one
 * packet; numbers have their highest octet first. The handset believes nothing of what it reads:
 * whoever took the radio's process over writes what he likes, and each value is checked here.
 */
#ifndef MUSTER_TRANSPORT_APART_MESSAGE_H
#define MUSTER_TRANSPORT_APART_MESSAGE_H

#include "transport/transport.h"

enum {
    MESSAGE_PEER_BITS = 48,    /* of a peer's number, but for PEER_CROWD (peers.h) */
    MESSAGE_RADIOS_MAX = 4,    /* of one link */
    MESSAGE_ORIGIN_BITS = 56,  /* of an origin (transport.h) */
    MESSAGE_PEERS_MAX = 10000, /* reached directly, as a radio may say */
    MESSAGE_SIGNALS_MAX = 64,  /* the kernel's, */
    MESSAGE_SIGNAL_HUNG,       /* and in place of one: the process did not answer any more */
    MESSAGE_SIZE = TRANSPORT_FRAME_MAX + 128
};

enum message_kind {
    /* To the radio. */
    MESSAGE_MODE = 1, /* how much it may send by itself; the first one has it opened */
    MESSAGE_SEND,     /* a frame */
    MESSAGE_FAVOUR,   /* an origin */
    MESSAGE_LOOK,     /* how does it stand? */

    /* From the radio. */
    MESSAGE_OPENED = 16, /* or not */
    MESSAGE_FRAME,       /* that it has heard */
    MESSAGE_STANDING,    /* its radios, and the longest frame that it takes */
    MESSAGE_NEWS,        /* a condition */
    MESSAGE_ENDED        /* the process has; whoever starts it anew says that */
};

/* What a transport has besides what all have. */
enum message_ability {
    ABLE_TO_RELAY = 1,
    ABLE_TO_RATE = 2, /* peers' signals */
    ABLE_TO_NAME = 4, /* peers' addresses */
    ABLE_TO_ALL = 7
};

/* Of each kind the values that it has; the others are not set. */
struct message {
    enum message_kind kind;
    enum transport_mode mode;             /* MODE */
    enum transport_result result;         /* OPENED: TRANSPORT_OK, or TRANSPORT_FAILED */
    unsigned abilities;                   /* OPENED */
    enum transport_lane lane;             /* SEND */
    bool is_relayed;                      /* SEND: it came from `peer`, and is for all others */
    uint64_t peer;                        /* SEND, FRAME */
    uint64_t origin;                      /* FRAME, FAVOUR */
    int64_t heard_ms;                     /* FRAME: boot clock; -1: not known */
    int quality;                          /* FRAME: the peer's signal */
    char address[TRANSPORT_ADDRESS_SIZE]; /* FRAME: the peer's, or empty */
    const uint8_t *frame;                 /* SEND, FRAME: the caller's, or within what was read */
    size_t length;
    size_t largest;     /* STANDING */
    size_t radio_count; /* STANDING */
    struct transport_radio radios[MESSAGE_RADIOS_MAX];
    struct transport_condition condition; /* NEWS; OPENED: what failed */
    unsigned signal; /* ENDED: what ended it; 0: it did so by itself; MESSAGE_SIGNAL_HUNG */
};

/* Writes the message and returns its length; 0 where the frame is too long. */
size_t message_write(const struct message *message, uint8_t out[MESSAGE_SIZE]);

/* Reads a message that goes to the radio, or comes from it. False: it is none of these, or says
 * what cannot be. Texts become printable ASCII. */
bool message_read_of_handset(const uint8_t *octets, size_t length, struct message *out);
bool message_read_of_radio(const uint8_t *octets, size_t length, struct message *out);

#endif
