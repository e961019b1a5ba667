/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a handset did and when, for a bench outside it: `tests/traced/muster` is the program itself,
 * linked with trace.c around the functions that voice passes. It writes into a file that both map,
 * MUSTER_TRACE in its environment, which costs no system call. Times are CLOCK_MONOTONIC's.
 */
#ifndef MUSTER_TESTS_TRACED_TRACE_H
#define MUSTER_TESTS_TRACED_TRACE_H

#include <stdatomic.h>
#include <stdint.h>

enum {
    TRACE_RECORDS_MAX = 256 * 1024,
    TRACE_NEARBY_MAX = 16
};

enum trace_kind {
    TRACE_NONE,     /* not written yet */
    TRACE_PRESSED,  /* the engine was told to talk */
    TRACE_RELEASED, /* and to end it */
    TRACE_SIGNED,   /* an announcement was built */
    TRACE_SPOKE,    /* a piece of speech was handed to the engine: encoded, sealed, signed */
    TRACE_SENT,     /* a frame with voice was handed to the transport */
    TRACE_HEARD,    /* a frame with voice came in, whoever made it */
    TRACE_TAKEN,    /* a packet was proven to be its talker's, and goes into the jitter buffer */
    TRACE_PLAYED,   /* the engine was asked for sound, and gave a voice */
    TRACE_SILENT,   /* it gave none */
    TRACE_WROTE,    /* a batch was made durable */
    TRACE_DECODED,  /* a packet of speech was decoded for its turn */
    TRACE_DAMAGED,  /* or mended or made up, for it was not there */
};

struct trace_record {
    int64_t at_us;   /* when it began; of TRACE_PLAYED when it was there */
    int32_t took_us; /* how long it lasted */
    _Atomic int32_t kind;
};

struct trace {
    atomic_int sync_ms; /* set from outside: each sync of the disk takes so much longer */
    /* Of the crew's handset with that number: when it was heard last, as the handset says that it
     * knows; 0: it is not on its list. Looked at now and then. */
    _Atomic int64_t nearby_us[TRACE_NEARBY_MAX];
    atomic_uint count;
    struct trace_record records[TRACE_RECORDS_MAX];
};

#endif
