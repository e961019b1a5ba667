/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The handset's D2D connections: which there are, repeating what gets no answer, on another way if
 * there is one (way.h), noticing when contact is lost. What is said over them is decided in
 * distribution.h (creator of a group), invitation.h (who is asked) and call.h (one-to-one talk).
 */
#ifndef MUSTER_APP_HANDSET_CONNECTION_H
#define MUSTER_APP_HANDSET_CONNECTION_H

#include "app/handset/d2d.h"
#include "app/handset/record.h"
#include "app/handset/way.h"

enum {
    CONNECTIONS_MAX = 64,
    CONNECTIONS_INCOMING_MAX = 24, /* of those, opened by others */
    CONNECTIONS_EACH_MAX = 4,      /* of those, established by one identity and not over */
    CONNECTION_REPEAT_MS = 400,    /* first repetition; doubles up to the next */
    CONNECTION_REPEAT_MAX_MS = 2000,
    CONNECTION_LOST_MS = 15000, /* nothing heard for so long: contact is lost */
    CONNECTION_POLL_MS = 500,
};

enum connection_use {
    USE_UNDECIDED,    /* incoming, nothing proposed yet */
    USE_DISTRIBUTION, /* outgoing: hands a GMK to a member */
    USE_INVITATION,   /* incoming: a group was proposed */
    USE_CALL,         /* one-to-one talk, either way */
};

struct handset;

struct connection {
    struct d2d *d2d;
    enum connection_use use;
    uint64_t peer;
    int64_t heard_ms; /* boot clock: the last thing that verified */

    /* Outgoing. */
    bool awaiting; /* an OPEN or a request waits for its answer */
    int64_t repeat_due_ms, repeat_interval_ms;
    unsigned repeats;
    size_t
        tried_count; /* ways that this question went on without an answer, the present one last */
    uint64_t tried[WAYS_MAX];
    int64_t poll_due_ms;
    bool closing;                    /* CLOSE is to be said as soon as nothing is under way */
    bool granted;                    /* the GRANT was sent: the member may hold the key */
    char group[GROUP_IDENTITY_SIZE]; /* USE_DISTRIBUTION: what for */
    uint32_t gmk_id;

    /* Incoming. */
    uint64_t invitation; /* its number for the officer; 0 when none is asked */
    struct group_parameters *proposed;
    enum record_type answer; /* to the proposal, so far */
    enum decline_reason reason;
    int64_t limit_ms;
    int64_t decide_by_ms;
    int64_t group_ahead_ms;      /* group time minus boot clock: the largest seen is the best */
    int64_t clock_difference_ms; /* the other's wall clock minus ours */
    uint32_t remote_ssrc;
    bool over; /* kept only to repeat the last response */
};

/* Is this D2D frame's payload of a connection that this handset has, or to open one with it? */
bool connection_concerns(const struct handset *handset, struct span payload);

/* A D2D frame arrived. */
void connection_frame(struct handset *handset, struct moment now, uint64_t peer,
                      struct span payload);

/* Repeats, polls, and drops what has lost contact. */
void connection_tick(struct handset *handset, struct moment now);

/* The boot_ms at which connection_tick has something to do. */
int64_t connection_deadline(const struct handset *handset);

/* Opens a connection to `remote` and sends its I_MESSAGE. STATUS_BUSY when there are too many, and
 * d2d_open's errors. */
MUST_CHECK enum status connection_open(struct handset *handset, struct moment now,
                                       enum connection_use use, const char *remote,
                                       const char *remote_kms, struct connection **out);

/* Seals and sends the next request; its time is filled in. */
void connection_request(struct handset *handset, struct moment now, struct connection *connection,
                        struct d2d_record *record);

/* Seals and sends the response to the request at hand; its time is filled in. */
void connection_respond(struct handset *handset, struct moment now, struct connection *connection,
                        struct d2d_record *record);

/* Says CLOSE as soon as nothing is under way, then drops the connection. */
void connection_close(struct handset *handset, struct moment now, struct connection *connection);

/* Wipes and forgets. */
void connection_drop(struct handset *handset, struct connection *connection);

#endif
