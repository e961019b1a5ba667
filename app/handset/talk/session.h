/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One talk session that is heard, and its packets: each is proven to be its talker's before
 * anything changes. The GSK is every member's: a right tag says that a member made a packet, and
 * only the talker's signature says which one.
 */
#ifndef MUSTER_APP_HANDSET_TALK_SESSION_H
#define MUSTER_APP_HANDSET_TALK_SESSION_H

#include "app/handset/talk/floor.h"
#include "app/handset/talk/media.h"
#include "app/moment.h"
#include "crypto/announcement.h"
#include "crypto/gsc.h"

enum {
    /* Packets that turn out to be forged, of which the signature is checked: so many a second from
     * the address from which the talker's come, and as many from all others. What is over that is
     * dropped unchecked. */
    FORGED_A_SECOND = 500,
    FORGERY_TOLD_MS = 10 * 1000, /* between two events that tell of it */
};

/* What one announcement made. */
struct session_key {
    struct gsc *gsc; /* NULL when there is none */
    uint32_t gmk_id;
    int64_t announced_ms; /* by its talker's group time */
    int64_t made_ms;      /* by this handset's boot clock: not later */
    uint8_t talker[TALKER_KEY_SIZE];
    uint8_t hash[SESSION_HASH_SIZE]; /* of what the announcement's signature covers */
};

/* How many were forged lately. */
struct forgeries {
    int64_t since_ms; /* boot clock: in the second from then on */
    unsigned from_proven, from_others;
    bool is_told;
    int64_t told_ms;
};

struct session {
    bool active;
    bool silent; /* ended for want of media, and kept for SESSION_KEPT_MS */
    bool ended;  /* by its talker; what came before is still played */
    char group[GROUP_IDENTITY_SIZE];
    char talker[IDENTITY_SIZE];
    uint32_t ssrc;
    struct claim claim; /* to the floor of its group */
    struct session_key current;
    struct session_key earlier; /* before the announcement was renewed: its packets may be late */
    struct voice_receiver *receiver;
    struct span announcement; /* owned: to know its repetitions at once */
    uint64_t proven_peer;     /* the address that the latest proven packet came from */
    struct forgeries forgeries;
    int64_t began_ms, began_utc_ms, heard_ms;
    unsigned level;
};

/* Wipes and frees what it holds. */
void session_clear(struct session *session);

/* The key of an announcement that verified; `gsk` is what it carries. The errors of gsc_new and
 * session_hash. Freed with its session. */
MUST_CHECK enum status session_key_make(const struct announcement *announcement,
                                        const uint8_t gsk[GSK_SIZE], struct session_key *out);

/* Opens a packet of `session` under `key`, one of its two: RTP, appended to `out`. Checked are
 * form, SSRC, replay window, tag, and the talker's signature; only then it counts as taken.
 * STATUS_SIGNATURE_INVALID: a member forged it. STATUS_RATE_LIMITED: too many were forged lately.
 * The errors of gsc_unprotect. */
MUST_CHECK enum status session_take(struct session *session, struct session_key *key,
                                    struct moment now, uint64_t peer, const struct media *media,
                                    struct writer *out);

#endif
