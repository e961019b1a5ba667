/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The handset's D2D connections: which there are, who gets a place, and who makes way. They are
 * opened in opening.h; what is said over them goes out in saying.h and arrives in hearing.h;
 * upkeep.h repeats what gets no answer and notices when contact is lost. What a connection is for
 * is its use's affair, which this room does not know: a table of functions (struct connection_use)
 * for each.
 */
#ifndef MUSTER_APP_HANDSET_D2D_CONNECTION_H
#define MUSTER_APP_HANDSET_D2D_CONNECTION_H

#include "app/handset/air/admission.h"
#include "app/handset/air/air.h"
#include "app/handset/d2d/d2d.h"
#include "app/handset/d2d/record.h"

enum {
    CONNECTIONS_MAX = 64,
    CONNECTIONS_INCOMING_MAX = 24, /* of those, opened by others */
    CONNECTIONS_EACH_MAX = 4,      /* of those, established by one identity and not over */
    CONNECTION_USES_MAX = 4,
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
    struct admission *admission;
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

/* The connection of that id, or NULL. */
struct connection *connection_find(const struct connections *connections, uint64_t id);

/* Takes `d2d` over, with `peer` as the way to its other side; it is freed on failure. An incoming
 * connection may take the place of one that matters less. STATUS_BUSY when none is free,
 * STATUS_NO_MEMORY. */
MUST_CHECK enum status connection_add(struct connections *connections, struct moment now,
                                      struct d2d *d2d, uint64_t peer, struct connection **out);

/* Contact is lost, or not wanted any more: whom it concerns is told, and the connection dropped. */
void connection_lose(struct connections *connections, struct moment now,
                     struct connection *connection);

/* Wipes and forgets. */
void connection_drop(struct connections *connections, struct connection *connection);

#endif
