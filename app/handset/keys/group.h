/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A group as a handset holds it: identity, members, group time, and its GMKs with their periods of
 * use (6.X.3.3.3.3 step 6). Only data and questions about it; what happens to groups is in
 * distribution.h, invitation.h, standard.h and talk.h. A standard group has no member list.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_GROUP_H
#define MUSTER_APP_HANDSET_KEYS_GROUP_H

#include "app/handset/d2d/parameters.h"
#include "app/handset/keys/clock.h"
#include "app/handset/keys/heard.h"
#include "app/handset/keys/talkers.h"
#include "app/identity/epoch.h"
#include "crypto/announcement.h"
#include "crypto/secret.h"

enum {
    GROUPS_MAX = VIEW_GROUPS_MAX,
    FORMER_MAX = VIEW_FORMER_MAX, /* of those left out, the latest are remembered */
    GROUP_RECORD_MAX = 25600,
    PREVIOUS_GMK_LISTEN_MS = 5 * 60 * 1000, /* how long the GMK before a rekey is listened to */
    STANDARD_OVERLAP_MS = ANNOUNCEMENT_TOLERANCE_MS, /* the same in a standard group */
};

struct gmk {
    uint32_t id;
    int64_t not_before_ms, not_after_ms; /* the period of use, in group time, */
    int64_t shifted_ms; /* which was behind its manager's by so much when this one was delivered */
    int64_t created_ms; /* an ad-hoc group's: the same as not_before_ms by its creator's time, */
    uint32_t hour;      /* the hour since then of which the octets are (hours.h), */
    uint32_t next_hour; /* and the one of which they are in the record, or will be */
    struct secret *octets; /* GMK_SIZE; NULL once it may not be used any more: gone for good */
};

/* Who was left out of a GMK by this handset, which made the group. */
struct former_member {
    char identity[IDENTITY_SIZE];
    char kms[IDENTITY_SIZE];
    char name[DISPLAY_NAME_SIZE];
};

struct group {
    struct group_parameters parameters; /* of the current GMK */
    struct group_clock clock;
    struct gmk current;
    struct gmk previous;  /* only to listen, while members change over; id 0 when there is none */
    struct gmk waiting;   /* a standard group's next one, until its period of use begins; or id 0 */
    int64_t delivered_ms; /* a standard group's latest delivery: none from before it is taken, */
    struct epoch epoch;   /* nor one of an earlier epoch (identity/epoch.h), */
    struct epoch_proof told; /* nor one whose manager does not know the exclusions that this word
                              * was the last to tell of; of term 0: none did */
    struct {
        size_t
            length; /* of this handset's own (ticket.h), if it came late to the current GMK; or 0 */
        uint8_t octets[TICKET_MAX];
    } ticket;
    struct talkers talkers; /* of a standard group: whose clocks are ahead (lead.h) */
    struct heard_time heard;
    struct {
        uint64_t batch;   /* with which `talkers` is durable, */
        int64_t asked_ms; /* boot clock: when that was queued */
    } reserved;
    struct {
        bool is_doubted;  /* is an ad-hoc group's time right? After a restart it is not known; */
        bool is_anothers; /* and clocks here do not tell: it was taken from who may be wrong */
        int64_t off_ms;   /* so far its members' time seems to be ahead of it */
        uint64_t batch;   /* with which a step is durable; 0: none is to be */
    } hours;
    bool created_here;
    size_t former_count; /* only then; the latest last */
    struct former_member former[FORMER_MAX];
    int64_t moved_ms;    /* so far its time was moved forward (time_proof.h): a standard group's by
                          * neighbours, an ad-hoc one's by members under its current GMK */
    int64_t own_talk_ms; /* group time of this handset's own last announcement */
    bool expiry_told;
    bool is_questioned; /* since this GMK came the officer trusts a member no more, or declined
                         * another for the group; a lock forgets it, and so does a restart */
    struct {
        uint32_t id;     /* of the key whose end was told of, */
        int64_t left_ms; /* so long before it */
    } end_told;
    bool
        is_unproven; /* whether its time is right (time_proof.h); after a restart it is not known */
    bool is_unsaved; /* a save that could not be queued: it goes with the minute's */
};

/* A group with these parameters and no GMK yet, or NULL. The caller frees it. */
struct group *group_new(const struct group_parameters *parameters, struct group_clock clock);

/* Wipes and frees; NULL is allowed. */
void group_free(struct group *group);

/* Makes `gmk` the current one for `parameters`; the one before it is kept to be listened to for
 * PREVIOUS_GMK_LISTEN_MS at most, and wiped when a member is left out, who could speak under it in
 * another's session. Members who stay keep what is known of their announcements; where this handset
 * made the group, who is left out is remembered. STATUS_NO_MEMORY: nothing changed. */
MUST_CHECK enum status group_set_gmk(struct group *group, const struct group_parameters *parameters,
                                     const uint8_t gmk[GMK_SIZE], struct moment now);

/* Takes a standard group's new GMK, with the id and period in `delivered`: as the current one as
 * group_set_gmk does, or, when its period has not begun, as the waiting one. A GMK that was waiting
 * before is older and is wiped. STATUS_NO_MEMORY: nothing changed. */
MUST_CHECK enum status group_set_delivered(struct group *group, const struct gmk *delivered,
                                           const uint8_t gmk[GMK_SIZE], struct moment now);

/* Others move group time forward by `by_ms`. A GMK that was shifted because this handset's
 * clock was behind goes with it, as far as it was shifted: it is not over for that. */
void group_move_time(struct group *group, int64_t by_ms, struct moment now);

/* Starts the time of a group that holds no GMK anew: what was heard of talkers was heard under GMKs
 * that are gone, and is dated by the time before. */
void group_start_time(struct group *group, struct group_clock clock);

/* Makes the waiting GMK the current one, as group_set_gmk does. STATUS_NO_MEMORY: nothing changed.
 */
MUST_CHECK enum status group_take_waiting(struct group *group, struct moment now);

/* Is it a standard group? Otherwise it is an ad-hoc one. */
bool group_is_standard(const struct group *group);

/* The GMK to tell the officer of: the current one while it is there, or else the waiting one. */
const struct gmk *group_shown_gmk(const struct group *group);

/* May `identity` be shown as a talker, once an announcement proves that it holds the GMK and is of
 * that identity? In an ad-hoc group who is in the member list; in a standard one anybody, since
 * nobody but members holds the GMK (standard.h). */
bool group_may_talk(const struct group *group, const char *identity);

/* `member`, who came late, belongs to the group from now on, under the current GMK. STATUS_TOO_LONG
 * when it has no room for one more: nothing changed. */
MUST_CHECK enum status group_admit(struct group *group, const struct group_member *member);

/* Keeps this handset's own ticket. STATUS_TOO_LONG. */
MUST_CHECK enum status group_keep_ticket(struct group *group, struct span ticket);

/* The one with that identity among those left out, or NULL. */
const struct former_member *group_former(const struct group *group, const char *identity);

/* Group time up to which announcements of `identity` are not acted on by their date. */
int64_t group_talked_ms(const struct group *group, const char *identity);

/* The same of this talker alone; and sets it to `until_ms`, at the group time `group_ms`. False
 * when the group has no place for one more such talker. */
int64_t group_reserved_ms(const struct group *group, const char *identity);
MUST_CHECK bool group_reserve(struct group *group, const char *identity, int64_t until_ms,
                              int64_t group_ms);

/* May this GMK be used now (app/README.md section 5, 2)? STATUS_GMK_NOT_YET, STATUS_GMK_EXPIRED. */
MUST_CHECK enum status gmk_is_usable(const struct gmk *gmk, const struct group *group,
                                     struct moment now);

/* Wipes the GMKs whose period of use is over. Returns whether anything changed. */
bool group_drop_expired(struct group *group, struct moment now);

/* Does it hold any GMK? */
bool group_holds_key(const struct group *group);

/* Wipes all GMKs. Returns whether there was one. */
bool group_drop_all(struct group *group);

/* Codec of RECORD_GROUP's value, reader and writer side by side. Records from before there were
 * standard groups, from before a member's reason was a name, and from before those left out were
 * remembered, are read as well. */
void group_write(struct writer *out, const struct group *group);
MUST_CHECK enum status group_read(struct span octets, struct group **group);

#endif
