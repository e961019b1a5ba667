/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The udp transport's own datagram, by which handsets find out whom multicast reaches (reach.h).
 */
#ifndef MUSTER_TRANSPORT_HELLO_H
#define MUSTER_TRANSPORT_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HELLO_SIZE = 53
};

/* Magic (8), flags (1: answer, 2: hears, 4: asks, 8: hears twin), silent (2), spoke (2), sender
 * (8), receiver (8), mark (8), echo (8), twin (8). A frame of this form cannot be sent. */
struct hello {
    bool is_answer;
    uint16_t silent_ds; /* the receiver's multicast has not been heard for so long; 0: is heard */
    uint16_t spoke_ds;  /* so long ago the sender last sent multicast */
    uint64_t sender;    /* a number of each run of the program */
    uint64_t receiver;  /* 0: all */
    uint64_t mark;      /* of the sender for the receiver's address; 0: to all */
    uint64_t echo;      /* the mark that came from there; 0: none yet */
    uint64_t twin;      /* the mark that came from the receiver's address in the other kind of IP */
    bool hears;         /* multicast from the receiver's address is heard */
    bool hears_twin;    /* as is multicast from the address that `twin` came from */
    bool asks;          /* for an answer that says so */
};

void hello_write(const struct hello *hello, uint8_t out[HELLO_SIZE]);

/* False for what is not a hello, which then is a frame. */
bool hello_read(const uint8_t *octets, size_t length, struct hello *hello);

#endif
