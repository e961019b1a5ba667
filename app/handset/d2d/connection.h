/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The handset's D2D connections: which there are, repeating what gets no answer, on another way if
 * there is one (way.h), noticing when contact is lost. What a connection is for, and what is said
 * over it, is its use's affair, which this room does not know: a table of functions (struct
 * connection_use) for each.
 */
#ifndef MUSTER_APP_HANDSET_D2D_CONNECTION_H
#define MUSTER_APP_HANDSET_D2D_CONNECTION_H

#include "app/handset/air/air.h"
#include "app/handset/air/limits.h"
#include "app/handset/d2d/d2d.h"
#include "app/handset/d2d/record.h"

enum {
    CONNECTIONS_MAX = 64,
    CONNECTIONS_INCOMING_MAX = 24, /* of those, opened by others */
    CONNECTIONS_EACH_MAX = 4,      /* of those, established by one identity and not over */
    CONNECTION_USES_MAX = 3,
    CONNECTION_REPEAT_MS = 400, /* first repetition; doubles up to the next */
    CONNECTION_REPEAT_MAX_MS = 2000,
    CONNECTION_LOST_MS = 15000, /* nothing heard for so long: contact is lost */
    CONNECTION_POLL_MS = 500,
};

struct connection;

/* What connections are used for. A function that is NULL has nothing to do. `owner` is handed to
 * each function. */
struct connection_use {
    void *owner;
    /* Nothing that is said over it could be untrue after a power cut, so that it waits for no disk.
     */
    bool says_nothing_durable;
    /* Incoming connections whose first request is of this type are for this use; 0: none are. */
    enum record_type opening;
    /* Outgoing: the other side has shown that it holds the keys. */
    void (*established)(void *owner, struct moment now, struct connection *connection);
    /* Incoming: a request came; it is to be answered by connection_respond. */
    void (*request)(void *owner, struct moment now, struct connection *connection,
                    const struct d2d_record *record);
    /* Outgoing: the response to the latest request came. */
    void (*response)(void *owner, struct moment now, struct connection *connection,
                     const struct d2d_record *record);
    /* Outgoing: fills in what this use says with a POLL. */
    void (*poll)(void *owner, struct moment now, const struct connection *connection,
                 struct d2d_record *record);
    /* Incoming: an event about what is proposed over it: who asks, and for which group. */
    struct event (*about)(const void *owner, enum event_kind kind,
                          const struct connection *connection);
    /* Contact is lost, or the other side broke the rules; the connection is dropped after it. */
    void (*lost)(void *owner, struct moment now, struct connection *connection);
    /* The connection goes, for whatever reason: frees its errand, and forgets it. */
    void (*dropped)(void *owner, struct connection *connection);
};

/* How the proposal of an incoming connection stands (proposal.h). */
struct proposal {
    uint64_t number;         /* its number for the officer; 0 when none is asked */
    enum record_type answer; /* so far */
    enum decline_reason reason;
    int64_t limit_ms;
    int64_t decide_by_ms;
};

struct connection {
    struct d2d *d2d;
    const struct connection_use *use; /* NULL: incoming, nothing proposed yet */
    void *errand;                     /* what the use keeps about this connection */
    uint64_t peer;
    int64_t heard_ms; /* boot clock: the last thing that verified */
    uint64_t after;   /* the batch that must be durable before the latest word leaves */
    bool by_officer;  /* the officer made or accepted it: it goes out under radio silence, too */

    /* Outgoing. */
    bool awaiting; /* an OPEN or a request waits for its answer */
    int64_t repeat_due_ms, repeat_interval_ms;
    unsigned repeats;
    size_t
        tried_count; /* ways that this question went on without an answer, the present one last */
    uint64_t tried[WAYS_MAX];
    int64_t poll_due_ms;
    bool closing;               /* CLOSE is to be said as soon as nothing is under way */
    uint8_t *to_say;            /* a record that goes in parts; NULL: none does */
    size_t to_say_length, said; /* the latter: octets sealed, the latest part's among them */

    /* Incoming. */
    struct proposal proposal;
    int64_t clock_difference_ms; /* the other's wall clock minus ours */
    bool over;                   /* kept only to repeat the last response */
    uint8_t *parts;              /* of a longer record, D2D_RECORD_MAX octets; NULL: none */
    size_t parts_length;
    int64_t parts_since_ms; /* boot clock: when the first of them came */
};

struct connections {
    struct desk *desk;
    struct air *air;
    struct roster *roster;
    const struct handset_links *links;
    struct limits *limits;
    size_t use_count;
    const struct connection_use *uses[CONNECTION_USES_MAX];
    struct connection *list[CONNECTIONS_MAX];
    struct seen established;    /* I_MESSAGEs whose connection was established, by its id */
    struct secret *record_room; /* where one record is opened at a time: locking memory for each
                                 * frame would let forged ones cost much */
    uint64_t last_proposal;     /* number of the latest one that the officer was asked about */
};

/* Makes room to open records in. STATUS_NO_MEMORY. */
MUST_CHECK enum status connections_start(struct connections *connections);

/* Serves `use`, which outlives the connections, from now on: at most CONNECTION_USES_MAX. */
void connections_serve(struct connections *connections, const struct connection_use *use);

/* Wipes and forgets all connections. */
void connections_clear(struct connections *connections);

/* The next connection for that use at or after place *at, which is moved on; NULL at the end. */
struct connection *connections_next(const struct connections *connections,
                                    const struct connection_use *use, size_t *at);

/* Is this D2D frame's payload of a connection that this handset has, or to open one with it? */
bool connection_concerns(const struct connections *connections, struct span payload);

/* A D2D frame arrived. */
void connection_frame(struct connections *connections, struct moment now, uint64_t peer,
                      struct span payload);

/* Repeats, polls, and drops what has lost contact. */
void connection_tick(struct connections *connections, struct moment now);

/* The handset slept for `slept_ms`: in that time nobody could be heard and no officer could decide,
 * so that it counts for no time limit. Questions without an answer are repeated at once. */
void connection_slept(struct connections *connections, struct moment now, int64_t slept_ms);

/* The boot_ms at which connection_tick has something to do. */
int64_t connection_deadline(const struct connections *connections);

/* Opens a connection for `use` to `remote` and sends its I_MESSAGE; `by_officer`: at once and also
 * under radio silence. It owns `errand` (the use's `dropped` frees it) once this succeeds.
 * STATUS_BUSY when there are too many, and d2d_open's errors. */
MUST_CHECK enum status connection_open(struct connections *connections, struct moment now,
                                       const struct connection_use *use, void *errand,
                                       bool by_officer, const char *remote, const char *remote_kms,
                                       struct connection **out);

/* Seals and sends the next request, in parts when it is longer than a frame; its time is filled in.
 */
void connection_request(struct connections *connections, struct moment now,
                        struct connection *connection, struct d2d_record *record);

/* Seals and sends the response to the request at hand; its time is filled in. */
void connection_respond(struct connections *connections, struct moment now,
                        struct connection *connection, struct d2d_record *record);

/* Says CLOSE as soon as nothing is under way, then drops the connection. */
void connection_close(struct connections *connections, struct moment now,
                      struct connection *connection);

/* Wipes and forgets. */
void connection_drop(struct connections *connections, struct connection *connection);

#endif
