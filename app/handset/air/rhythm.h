/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rhythm of the usual presences: how often one is said, and how many of them are signed. A
 * signed one costs each listener a signature and the air some 300 octets; between two of them go
 * links (presence_chain.h) of 38 octets, the more of them the more handsets are in one place.
 *
 * All handsets in one place share the air. Each takes the same part of RHYTHM_OCTETS a second, so
 * that all together take no more, however many they are: up to some twenty say one every
 * PRESENCE_INTERVAL_MS; two hundred say one every 16 s and a signed one every 66 s; two thousand
 * one every 90 s, and a signed one every 24 minutes. So who is new says so at once, and is asked
 * for by name (inquiry.h), and members know each other by words of their own
 * (keys/attendance.h). Beyond RHYTHM_INTERVAL_MAX_MS, with some 2,700 handsets, the share is no
 * smaller.
 */
#ifndef MUSTER_APP_HANDSET_AIR_RHYTHM_H
#define MUSTER_APP_HANDSET_AIR_RHYTHM_H

#include <stddef.h>
#include <stdint.h>

enum {
    PRESENCE_INTERVAL_MS = 5000,
    RHYTHM_INTERVAL_MAX_MS = 120 * 1000,
    RHYTHM_OCTETS = 1250,       /* a second, of all handsets in one place together: whole frames, */
    RHYTHM_SIGNED_OCTETS = 300, /* of which a signed one has about so many, */
    RHYTHM_LINK_OCTETS = 38,    /* and a link so many */
    RHYTHM_FEW = 16,            /* with so many nearby each presence is signed, */
    RHYTHM_MANY = 64,           /* with so many each second one, */
    RHYTHM_CROWD = 400,         /* with so many each fourth, and with more each sixteenth */
    RHYTHM_SIGNED_EACH_MAX = 16,
};

struct rhythm {
    int64_t interval_ms;  /* from one usual presence to the next */
    unsigned signed_each; /* of so many one is signed */
};

/* That of a handset with so many nearby. */
struct rhythm rhythm_of(size_t nearby);

#endif
