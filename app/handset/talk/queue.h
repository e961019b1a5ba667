/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The queue for the floor, kept by the handset that has it (the floor arbitrator of TS 24.380
 * clause 7): members who ask for the floor (crypto/floor_request.h), in the order of priority, then
 * of their places in the queue before, if its talk granted this one the floor, then of arrival.
 * Each member has one place, for QUEUE_LASTS_MS after its latest request. The handset's own packets
 * say who is queued (queue_info.h). The queue ends with the talk.
 *
 * A request costs the holder a signature check. Who can open the queue's key is a member, but may
 * ask in another's name: there is a purse for each name and address together, so that nobody spends
 * another member's but by asking in its name from its address, and then that one's alone.
 */
#ifndef MUSTER_APP_HANDSET_TALK_QUEUE_H
#define MUSTER_APP_HANDSET_TALK_QUEUE_H

#include "app/handset/air/admission.h"
#include "app/handset/keys/groups.h"
#include "app/handset/talk/queue_info.h"
#include "crypto/floor_request.h"

enum {
    QUEUE_LASTS_MS = 30 * 1000,
    QUEUE_CALLERS_MAX = 32, /* members whose latest request is known, so that each counts once */
    QUEUE_SAYS = 3,         /* how often what is new is said, */
    QUEUE_SAYS_EVERY_MS = 100,
    QUEUE_SAYS_AGAIN_MS = 2000, /* and how often what is not, while anybody is queued */
    QUEUE_OPENING_MILLI = 50,   /* what opening a request costs, of a unit's 1000 */
    QUEUE_CHECK_COST = 4,       /* and its signature: 2.5 a second from a member */
};

struct queue_place {
    char identity[IDENTITY_SIZE];
    uint8_t who[QUEUE_WHO_SIZE];
    uint8_t priority;
    size_t rank;      /* in the queue before; QUEUE_MAX: it was not there */
    uint64_t arrival; /* requests before it */
    int64_t asked_ms; /* boot clock: its latest request */
};

struct queue_caller {
    char identity[IDENTITY_SIZE];
    int64_t number;   /* of its latest request */
    uint64_t arrival; /* of that */
};

struct queue {
    struct desk *desk;
    struct groups *groups;
    struct admission *admission;
    struct purses checks; /* by the member that a request is said to be of (admission_who) */
    bool is_open;         /* the handset talks */
    char group[GROUP_IDENTITY_SIZE];
    struct floor_key *keys[2]; /* of the newest announcement, and of the one before */
    struct queue_info before;
    uint64_t arrivals;
    size_t count;
    struct queue_place places[QUEUE_MAX]; /* in their order */
    size_t caller_count;
    struct queue_caller callers[QUEUE_CALLERS_MAX];
    struct queue_info denial; /* who was denied, and why */
    unsigned says;            /* still to come of what is new */
    int64_t said_ms, due_ms;  /* boot clock: the latest, and the next */
};

/* Fills its purses; to be called once. */
void queue_start(struct queue *queue, struct moment now);

/* The own talk in that group begins; `before` is the queue in which it had its turn, or NULL. */
void queue_open(struct queue *queue, const char *group, const struct queue_info *before);

/* It is announced under that GMK id, GSK and session hash. */
void queue_announce(struct queue *queue, uint32_t gmk_id, const uint8_t gsk[GSK_SIZE],
                    const uint8_t session[SESSION_HASH_SIZE]);

/* The payload of a FRAME_FLOOR arrived. */
void queue_hear(struct queue *queue, struct moment now, struct span payload);

/* A packet of the own talk goes out: does it say who is queued? Then *info is that. */
bool queue_says(struct queue *queue, struct moment now, struct queue_info *info);

/* Who is queued now. */
void queue_order(struct queue *queue, struct moment now, struct queue_info *info);

/* The talk is over: forgets all, and frees what it holds. */
void queue_close(struct queue *queue);

void queue_show(const struct queue *queue, struct view *view);

#endif
