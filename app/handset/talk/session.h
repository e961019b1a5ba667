/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One talk session that is heard, and its packets: each is proven to be its talker's before
 * anything changes. The GSK is every member's: a right tag says that a member made a packet, and
 * only the talker's signature says which one.
 */
#ifndef MUSTER_APP_HANDSET_TALK_SESSION_H
#define MUSTER_APP_HANDSET_TALK_SESSION_H

#include "app/handset/talk/beginning.h"
#include "app/handset/talk/floor.h"
#include "app/handset/talk/forgeries.h"
#include "app/handset/talk/judging.h"
#include "app/handset/talk/routes.h"
#include "app/moment.h"
#include "crypto/announcement.h"
#include "crypto/floor_request.h"
#include "crypto/gsc.h"
#include "crypto/voice_chain.h"

enum {
    FORGERY_TOLD_MS = 10 * 1000, /* between two events that tell of it */
    /* Of packets that are refused anyway, a tag is looked at in so long, and a signature. */
    FORGERY_TAG_MS = 5,
    FORGERY_LOOK_MS = 100,
};

/* What one announcement made. */
struct session_key {
    struct gsc *gsc; /* NULL when there is none */
    uint32_t gmk_id;
    struct span announcement; /* owned: to know its repetitions at once, and as evidence */
    struct announced announced;
    struct heard_chain chain;
    int64_t proven_ms;               /* so long after it the latest proven packet was said; or -1 */
    uint8_t hash[SESSION_HASH_SIZE]; /* of what the announcement's signature covers */
    struct floor_key *floor;         /* for asking its talker for the floor */
};

struct session {
    bool active;
    bool silent;           /* nothing of it is live, yet or any more; kept for SESSION_KEPT_MS */
    bool ended;            /* by its talker, */
    uint16_t end_sequence; /* with this packet; what came before is still played */
    bool is_repetition;    /* opened by an announcement that had opened one before (seats.h) */
    int64_t ended_ms;      /* boot clock: when that was heard first */
    bool is_turned_away;   /* it found no seat (seats.h), which was told */
    unsigned rank;         /* its claim's priority: who has the lower one makes way */
    char group[GROUP_IDENTITY_SIZE];
    char talker[IDENTITY_SIZE];
    uint32_t ssrc;
    struct claim claim; /* to the floor of its group */
    struct session_key current;
    struct session_key earlier; /* before the announcement was renewed: its packets may be late */
    struct voice_receiver *receiver;
    struct route *route;         /* that it goes by, or NULL */
    uint64_t proven_peer;        /* the address that the latest proven packet came from */
    struct forgeries *forgeries; /* NULL: nothing was forged */
    int64_t look_due_ms;         /* boot clock: when a refused packet is looked at */
    bool is_forgery_told;
    int64_t forgery_told_ms;
    struct beginning beginning;
    int64_t began_ms, began_utc_ms;
    int64_t
        heard_ms; /* boot clock: its latest proven packet; while it is silent, or it was opened */
    unsigned level;
};

/* Wipes and frees what it holds. */
void session_clear(struct session *session);

/* *next is the session as an announcement in `octets` makes it, which verified, is of the time in
 * `announced`, and carries `gsk`: a new one, which is silent, or, if it claims for the same, the
 * talk session in `session` with a new key, whose receiver it takes then. STATUS_NO_MEMORY, the
 * errors of gsc_new, floor_key_new and session_hash: `session` is as it was. */
MUST_CHECK enum status session_open(struct session *session,
                                    const struct announcement *announcement,
                                    struct announced *announced, const uint8_t gsk[GSK_SIZE],
                                    struct span octets, struct routes *routes, struct moment now,
                                    struct session *next);

/* The announcement that a session was opened by may have come before the first packet under it,
 * while the talker goes on under the one before. Is that the one with `fields`, and is it missing?
 */
bool session_lacks_earlier(const struct session *session, const struct announcement_fields *fields);

/* The session takes packets under that one, too. The errors of session_open. */
MUST_CHECK enum status session_open_earlier(struct session *session,
                                            const struct announcement *announcement,
                                            const struct announced *announced,
                                            const uint8_t gsk[GSK_SIZE], struct span octets);

/* What is cheap to tell of a packet of `session` under `key`, one of its two, and comes before all
 * else: form, SSRC, replay window, and its link, if no more than a few steps away (voice_chain.h).
 * STATUS_TIME_OUT_OF_RANGE: no packet under `key` has that number. STATUS_MAC_INVALID: the link is
 * wrong. STATUS_SIGNATURE_INVALID: one of these, and it was forged or altered (forgeries.h), as is
 * found out now and then of what is refused anyway. The errors of gsc_sift. */
MUST_CHECK enum status session_sift(struct session *session, struct session_key *key,
                                    struct moment now, uint64_t peer, const struct media *media);

/* Opens a packet which passed session_sift and was judged to be `judged`: RTP, appended to `out`.
 * Checked are tag, link and the talker's signature; only then, and if it was judged STATUS_OK, it
 * counts as taken. STATUS_SIGNATURE_INVALID: as above. STATUS_RATE_LIMITED: too many were lately.
 * `judged`, or the errors of gsc_unprotect. */
MUST_CHECK enum status session_take(struct session *session, struct session_key *key,
                                    enum status judged, struct moment now, uint64_t peer,
                                    const struct media *media, struct writer *out);

/* A packet that was taken says that its talker has ended it. A silent one is kept all the same: it
 * would only be opened again by a recording of its announcement. */
void session_hear_end(struct session *session, const struct media *media, struct moment now);

/* Is the packet numbered as one that comes after the signed end? */
bool session_is_over(const struct session *session, const struct media *media);

#endif
