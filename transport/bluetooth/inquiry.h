/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an adapter is asked through raw HCI, which any user may do: to look for others, for the name
 * of one, for the strength of a connection. One errand at a time, and each is given up after a
 * time.
 */
#ifndef MUSTER_TRANSPORT_BLUETOOTH_INQUIRY_H
#define MUSTER_TRANSPORT_BLUETOOTH_INQUIRY_H

#include <stdbool.h>
#include <stdint.h>

#include "transport/bluetooth/hci.h"

enum inquiry_errand {
    INQUIRY_IDLE,
    INQUIRY_SEEKING,
    INQUIRY_NAMING,
    INQUIRY_MEASURING,
};

struct inquiry {
    int descriptor; /* readable when there is something to receive; -1: not open */
    enum inquiry_errand errand;
    int64_t deadline_ms; /* by which the errand is given up */
    uint64_t address;    /* whose name is asked for */
    uint16_t handle;     /* of the link that is measured */
};

/* Opens adapter number `index` ("hci0": 0); false, with errno set, when that fails. */
bool inquiry_open(struct inquiry *inquiry, uint16_t index);

/* Gives up the errand, if there is one, and closes. */
void inquiry_close(struct inquiry *inquiry);

/* Gives up the errand, if there is one. */
void inquiry_stop(struct inquiry *inquiry);

/* Start an errand when none is under way; false when it cannot start. */
bool inquiry_seek(struct inquiry *inquiry, int64_t now_ms);
bool inquiry_name(struct inquiry *inquiry, int64_t now_ms, const struct hci_result *of);
bool inquiry_measure(struct inquiry *inquiry, int64_t now_ms, uint16_t handle);

enum inquiry_taken {
    INQUIRY_NOTHING, /* no packet was waiting */
    INQUIRY_OTHER,   /* not about our errand */
    INQUIRY_BROKEN,  /* the socket failed; perhaps its adapter is gone */
    INQUIRY_PAGED,   /* a controller has answered, and `event` says whose: a channel can open now */
    INQUIRY_FOUND,   /* `event` has results */
    INQUIRY_ENDED,   /* the errand that was under way has ended; `event` says how */
};

/* Takes one packet. */
enum inquiry_taken inquiry_receive(struct inquiry *inquiry, struct hci_event *event);

/* What `event` means for the errand, which it may end; for inquiry_receive. */
enum inquiry_taken inquiry_take(struct inquiry *inquiry, const struct hci_event *event);

/* Gives up an errand that has taken too long; true when it did. */
bool inquiry_expired(struct inquiry *inquiry, int64_t now_ms);

#endif
