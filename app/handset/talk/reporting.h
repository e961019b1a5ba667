/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reporting: the listener's side of who hears whom. It answers talk sessions of which packets have
 * proven to be the talker's with small reports (crypto/voice_report.h), so that the talker knows
 * that it is heard, and with how much loss. Announcements alone are never answered: a recording of
 * one makes no handset speak.
 *
 * A talk session is answered within REPORT_SPREAD_MS of its first packet, at a random moment, and
 * then once in REPORT_EVERY_MS. A talker that presses again and again is answered once in
 * REPORT_SPREAD_MS, of its latest session: no session's report says anything about another. Of more
 * than REPORT_WANTED listeners so many answer, by chance. How many there are the member list says;
 * in a standard group, which has none, it is who is nearby, and whoever has heard so many others
 * answer stays silent. Nothing is said under radio silence or in airplane mode, nor under a key
 * that may not be used any more.
 */
#ifndef MUSTER_APP_HANDSET_TALK_REPORTING_H
#define MUSTER_APP_HANDSET_TALK_REPORTING_H

#include "app/handset/air/admission.h"
#include "app/handset/air/air.h"
#include "app/handset/keys/groups.h"
#include "crypto/voice_report.h"

enum {
    REPORT_SPREAD_MS = 1500,
    REPORT_LEAST_MS = 300, /* of that: until then the first packets may be waiting to be played */
    REPORT_EVERY_MS = 10 * 1000,
    REPORT_WANTED = 20,       /* for one talker in that time */
    REPORT_LOSS_PACKETS = 10, /* fewer say nothing about loss */
    REPORT_TALKERS_MAX = 8,
    REPORT_KEPT_MS = 30 * 1000, /* a talker is remembered for so long after its last packet */
    REPORT_CHECK_MILLI = 50,    /* what opening another's report costs, of a unit's 1000 */
};

/* A talker that is heard, under one GMK. */
struct reported {
    struct voice_report_key *key; /* of the newest announcement; NULL: a free place */
    uint8_t session[SESSION_HASH_SIZE];
    char talker[IDENTITY_SIZE];
    char group[GROUP_IDENTITY_SIZE];
    uint32_t gmk_id, ssrc;
    int64_t heard_ms; /* boot clock: the newest packet, or the announcement, */
    uint32_t rtp_time;
    bool counts;             /* packets, since the last report: */
    uint16_t first, newest;  /* their sequence numbers */
    unsigned arrived;        /* and how many came */
    bool plays;              /* some were played since then */
    bool is_new;             /* no packet of this talk session has come yet */
    int64_t due_ms, next_ms; /* boot clock: when it reports, INT64_MAX: not yet; and when again */
    int64_t said_ms;         /* when it did */
    size_t other_count;      /* who else has reported while it waited */
    uint8_t others[REPORT_WANTED][VOICE_REPORT_WHO_SIZE];
};

struct reporting {
    struct desk *desk;
    struct air *air;
    struct groups *groups;
    struct admission *admission;
    bool is_mute; /* the loudspeaker failed: what is played is not heard */
    struct reported talkers[REPORT_TALKERS_MAX];
};

/* An announcement was acted on that has `fields`, this session hash and this GSK. */
void reporting_open(struct reporting *reporting, struct moment now,
                    const struct announcement_fields *fields,
                    const uint8_t session[SESSION_HASH_SIZE], const uint8_t gsk[GSK_SIZE]);

/* A packet of the session has proven to be its talker's: RTP, opened. */
void reporting_packet(struct reporting *reporting, struct moment now,
                      const uint8_t session[SESSION_HASH_SIZE], struct span rtp);

/* 20 ms of the session were played; was there voice in them? */
void reporting_played(struct reporting *reporting, const uint8_t session[SESSION_HASH_SIZE],
                      bool voice);

/* The session is played no longer, as another has the floor: what is not heard of it until it is
 * played again was not lost. */
void reporting_pause(struct reporting *reporting, const uint8_t session[SESSION_HASH_SIZE]);

/* The program around the engine tells something (handset_note): of the loudspeaker, perhaps. */
void reporting_note(struct reporting *reporting, enum event_kind kind);

/* The payload of a FRAME_VOICE_REPORT of somebody else arrived. */
void reporting_overhear(struct reporting *reporting, struct moment now, struct span payload);

/* Says what is due, and forgets talkers of long ago. */
void reporting_tick(struct reporting *reporting, struct moment now);
int64_t reporting_deadline(const struct reporting *reporting);

/* Frees what it holds. */
void reporting_clear(struct reporting *reporting);

#endif
