/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Devices that answered an inquiry and may be handsets, by their class: remembers what is known of
 * each one's name, so that none is asked again and again. Bounded: the one heard longest ago gives
 * way. No I/O.
 */
#ifndef MUSTER_TRANSPORT_BLUETOOTH_CANDIDATES_H
#define MUSTER_TRANSPORT_BLUETOOTH_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transport/bluetooth/hci.h"

enum {
    CANDIDATES_MAX = 64,
    CANDIDATE_HANDSET_MS = 10 * 60 * 1000, /* a name is believed for this long, */
    CANDIDATE_OTHER_MS = 60 * 1000,        /* the name of another device for this long, */
    CANDIDATE_SILENT_MS = 10 * 1000, /* and one that did not answer is left alone for this long */
};

enum candidate_kind {
    CANDIDATE_UNNAMED, /* to be asked for its name */
    CANDIDATE_HANDSET,
    CANDIDATE_OTHER, /* not a handset, or it did not answer */
};

struct candidate {
    struct hci_result result; /* the latest; address 0: an empty place */
    unsigned adapter;         /* that it answered last */
    int64_t heard_ms;
    enum candidate_kind kind;
    int64_t until_ms; /* the kind holds until then */
};

struct candidates {
    struct candidate list[CANDIDATES_MAX];
};

/* `result` came on `adapter`, with the name that was in it (empty: none). Returns what it is;
 * CANDIDATE_OTHER also because of its class. */
enum candidate_kind candidates_found(struct candidates *candidates, int64_t now_ms,
                                     unsigned adapter, const struct hci_result *result,
                                     const char *name);

/* The next one to ask for its name on `adapter`; NULL when there is none. */
const struct candidate *candidates_unnamed(const struct candidates *candidates, unsigned adapter);

/* It has answered with `name`, or has not answered (NULL). Returns the candidate if it is a
 * handset; otherwise NULL. */
const struct candidate *candidates_named(struct candidates *candidates, int64_t now_ms,
                                         uint64_t address, const char *name);

/* The signal that an inquiry last heard from `address`, or HCI_RSSI_UNKNOWN. */
int8_t candidates_rssi(const struct candidates *candidates, uint64_t address);

#endif
