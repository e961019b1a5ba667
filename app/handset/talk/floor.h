/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The floor: who may talk in a group, as in off-network floor control (TS 24.380 clause 7). No
 * server gives it. Who talks has it: the announcement, proven by a packet under it, is Floor Taken.
 *
 * Of those who talk in one group at once, one has the floor: the first in the order of priority
 * (the higher one), beginning of the session (the earlier one), identity, session id. All four are
 * signed in the announcement, so that they are the same at every handset, whenever what arrives
 * where: handsets that hear the same talkers agree. What a talker says of its beginning is group
 * time as its own handset has it: whose clock is behind wins more often, and everywhere alike.
 *
 * A talker counts from its first verified packet until its signed end, or for FLOOR_FREE_MS after
 * its latest one, this handset's own talk too; and no longer than a talk may last. An announcement
 * without a packet moves nothing: it may be a recording. So may be all that comes from one whose
 * clock was not measured: it has the floor only where nobody else has it. If its talker was asked
 * in vain (air/meeting.h) it is in doubt, comes after all others, and keeps nobody from talking.
 */
#ifndef MUSTER_APP_HANDSET_TALK_FLOOR_H
#define MUSTER_APP_HANDSET_TALK_FLOOR_H

#include "app/handset/view.h"
#include "app/moment.h"
#include "crypto/announcement.h"

enum {
    FLOOR_FREE_MS = 1000, /* without a verified packet for so long a talker has the floor no more */
    FLOOR_COLLISION_MS = 1000, /* so long, at most, do two talk who will hear each other */
    FLOOR_OVERLAP_MS = 400, /* so long, at most, are two heard: the last words of one who has ended
                             * when the next one talks */
    TALK_LONGEST_MS = SETTINGS_LONGEST_TALK_MS, /* then a talk is ended by force, if its officer has
                                                 * set no other time, */
    TALK_LONGEST_MOST_MS = SETTINGS_LONGEST_TALK_MOST_MS, /* which is no longer than this; no
                                                           * beginning counts as older */
    FLOOR_LONGEST_MS =
        TALK_LONGEST_MOST_MS + 5 * 1000, /* and no talker who goes on has the floor */
    FLOOR_CLAIMS_MAX = 8, /* others who are kept; more than sessions are heard at once */
};

/* What a talker says of its session. */
struct claim {
    char group[GROUP_IDENTITY_SIZE];
    char identity[IDENTITY_SIZE];
    enum talk_priority priority;
    int64_t began_ms; /* group time of its talker */
    uint8_t session[SESSION_ID_SIZE];
};

struct heard_claim {
    bool is_used;
    bool is_measured; /* that its packets are of now is known, and not only that they may be */
    bool is_in_doubt; /* nor does it answer */
    struct claim claim;
    int64_t since_ms, heard_ms; /* boot clock: its first and its latest verified packet */
};

struct floor {
    bool has_own;
    struct claim own;     /* while this handset talks, */
    int64_t own_since_ms; /* since then, by the boot clock; */
    int64_t own_spoke_ms; /* and its latest words */
    struct heard_claim heard[FLOOR_CLAIMS_MAX];
};

/* What an announcement claims. A beginning that is older than TALK_LONGEST_MOST_MS counts as that
 * old.
 */
struct claim claim_of(const struct announcement_fields *fields);

/* Do both claim for the same session? */
bool claim_is_same(const struct claim *one, const struct claim *other);

/* Has `one` the floor when both talk? Of two different claims exactly one wins. */
bool claim_wins(const struct claim *one, const struct claim *other);

/* Who has the floor of that group; NULL: nobody. It lives until the floor changes. */
const struct claim *floor_holder(const struct floor *floor, struct moment now, const char *group);

/* Has this session the floor of its group? */
bool floor_has(const struct floor *floor, struct moment now, const struct claim *claim);

/* Does this handset talk in that group? */
bool floor_is_talking(const struct floor *floor, struct moment now, const char *group);

/* Listen before talk: may this handset begin to talk with `claim`? NULL: it may. Otherwise who has
 * the floor, with at least its priority, and is not in doubt. */
const struct claim *floor_check(const struct floor *floor, struct moment now,
                                const struct claim *claim);

/* This handset talks, from now on or on with another priority; says something; and does no longer.
 */
void floor_take(struct floor *floor, struct moment now, const struct claim *claim);
void floor_speak(struct floor *floor, struct moment now);
void floor_release(struct floor *floor);

/* Who took the floor from this handset, which talks; NULL: nobody did. */
const struct claim *floor_taken_by(const struct floor *floor, struct moment now);

/* A packet of that session verified; `is_measured`: its talker's clock was. The beginning that a
 * session said first stays: none is dated back by what comes later. Returns whether it is heard for
 * the first time and takes the floor, by an earlier beginning alone, from one who has been heard
 * for longer than those who do not hear each other yet: then it comes from out of range, or its
 * beginning is dated back. */
bool floor_hear(struct floor *floor, struct moment now, const struct claim *claim,
                bool is_measured);

/* It is in doubt, or not any more. */
void floor_doubt(struct floor *floor, const struct claim *claim, bool is_in_doubt);

/* That session has ended, or is not heard any more. */
void floor_end(struct floor *floor, const struct claim *claim);

#endif
