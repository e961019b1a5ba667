/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An identity whose presence verified, and what is known of it (roster.h). */
#ifndef MUSTER_APP_HANDSET_AIR_NEIGHBOUR_H
#define MUSTER_APP_HANDSET_AIR_NEIGHBOUR_H

#include "app/handset/air/frame.h"
#include "app/handset/air/life.h"
#include "app/handset/air/presence_message.h"
#include "app/handset/air/way.h"

/* By what a neighbour is looked up (neighbours.h). */
enum neighbour_index {
    NEIGHBOUR_BY_IDENTITY,
    NEIGHBOUR_BY_FRAME,
    NEIGHBOUR_BY_CHAIN,
    NEIGHBOUR_INDEXES,
};

/* Where it is in an index; only neighbours.c looks into it. */
struct neighbour_place {
    bool is_in;
    uint16_t next; /* 1 more than the place of the next in the same bucket; 0: it is the last */
    uint64_t hash;
};

struct neighbour {
    struct presence presence;           /* the latest */
    uint8_t frame[FRAME_IDENTITY_SIZE]; /* that it came in */
    int64_t signed_ms; /* boot clock: when that came; INT64_MIN / 2: none that counts has, and this
                        * is a candidate (roster.h) */
    int64_t heard_ms;  /* the same, or when a link of its chain came since */
    int64_t near_ms;   /* boot clock: since then it has been nearby */
    struct heard_presences chain;
    int64_t clock_difference_ms;
    struct ways ways;
    struct lives lives;
    int64_t two_ms; /* boot clock: when two that answer to it were last alive; INT64_MIN: never */
    int64_t sought_ms; /* boot clock: as if it had been sought at even times up to then */
    bool is_trusted;   /* the officer's mark */
    bool is_member;    /* of a group that this handset is in */
    bool is_revoked;   /* it is shown, and nothing that it says counts */
    uint16_t at;       /* its own place among the neighbours */
    struct neighbour_place places[NEIGHBOUR_INDEXES];
};

#endif
