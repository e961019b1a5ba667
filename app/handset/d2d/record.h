/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is said over a D2D connection: one record in each sealed request and response (d2d.h).
 *
 *   request            response
 *   PROPOSE_GROUP      PENDING, ACCEPTED or DECLINED
 *   PROPOSE_CALL       likewise
 *   POLL               what became of the proposal so far; CLOSED once it is over
 *   GRANT              RECEIPT: the GMK is durable at the member (6.X.3.3.3.3 step 6)
 *   LIST               RECEIPT: so is the member list, which has grown; or DECLINED
 *   CLOSE              CLOSED
 *   PART               NEXT
 *
 * A record that is longer than a frame goes in parts, each sealed and answered like any other
 * request: only the missing one is repeated, and nothing is put together that was not sealed by the
 * other side. All but the last are PART records; the last is a LAST_PART, and answered as the whole
 * record is.
 *
 * Every record carries its sender's clock, so that each side can see how far the other's is off;
 * what the creator says about a group carries group time as well.
 */
#ifndef MUSTER_APP_HANDSET_D2D_RECORD_H
#define MUSTER_APP_HANDSET_D2D_RECORD_H

#include "app/handset/d2d/parameters.h"
#include "crypto/announcement.h"

enum {
    RECORD_HEADER_SIZE = 9 /* type and time, which every record begins with */
};

enum record_type {
    RECORD_PROPOSE_GROUP = 1,
    RECORD_PROPOSE_CALL = 2,
    RECORD_POLL = 3,
    RECORD_GRANT = 4,
    RECORD_CLOSE = 5,
    RECORD_PART = 6,
    RECORD_LAST_PART = 7,
    RECORD_LIST = 8,
    RECORD_PENDING = 17,
    RECORD_ACCEPTED = 18,
    RECORD_DECLINED = 19,
    RECORD_RECEIPT = 20,
    RECORD_CLOSED = 21,
    RECORD_NEXT = 22,
};

/* Why a handset or its officer declined. */
enum decline_reason {
    DECLINED_BY_OFFICER = 1,
    DECLINED_NO_DECISION = 2,     /* the officer did not decide in time */
    DECLINED_PERIOD_TOO_LONG = 3, /* over the ME's maximum key period, which `limit_ms` tells */
    DECLINED_NOT_VALID = 4,       /* the proposal breaks a rule of ad-hoc groups */
    DECLINED_BUSY = 5,            /* too many groups or invitations, or in a call */
    DECLINED_CANNOT_SAVE = 6,     /* what was accepted could not be made durable */
    DECLINED_TOO_OFTEN = 7,       /* it rang too often lately */
};

/* One record. The parameters (PROPOSE_GROUP, LIST) belong to the caller. */
struct d2d_record {
    enum record_type type;
    int64_t utc_ms;   /* the sender's clock */
    int64_t group_ms; /* PROPOSE_GROUP, LIST, POLL, GRANT: group time; 0 in a call */
    struct group_parameters *parameters; /* PROPOSE_GROUP, LIST */
    struct span part;                    /* PART, LAST_PART: octets of the whole record */
    bool is_repeated; /* PROPOSE_GROUP: the handset proposes it again by itself, and not because its
                       * officer says so: who declined it need not be asked again */
    uint32_t ssrc;    /* PROPOSE_CALL, ACCEPTED: the sender's stream */
    uint32_t gmk_id;  /* GRANT, RECEIPT */
    uint32_t hour;    /* GRANT: of which the GMK is (keys/hours.h), */
    bool is_doubted;  /* and whether the creator is unsure of the group's time */
    uint8_t gmk[GMK_SIZE];      /* GRANT: wipe it */
    struct span ticket;         /* GRANT, to who came late (keys/ticket.h); of one that was read a
                                 * part of its octets */
    enum decline_reason reason; /* DECLINED */
    int64_t limit_ms;           /* DECLINED */
};

void d2d_record_write(struct writer *out, const struct d2d_record *record);

/* Reads a record; for a PROPOSE_GROUP or LIST into *record->parameters, which must be there. The
 * errors of group_parameters_read. */
MUST_CHECK enum status d2d_record_read(struct span octets, struct d2d_record *record);

#endif
