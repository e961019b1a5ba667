/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Judging: is what a talker says of now, and may it not have been played before? By the talker's
 * clock as it was measured (air/roster.h), whatever its wall clock and its group time are; of who
 * was not measured, by group time alone.
 *
 * An announcement only opens a session, as often as it comes and for as long as its GSK is in use.
 * Each packet has a time of its own: that of its announcement, and what RTP's clock says has passed
 * since; both are the talker's signed word. Packets also narrow what is known of the talker's
 * clock: what is heard was said before.
 */
#ifndef MUSTER_APP_HANDSET_TALK_JUDGING_H
#define MUSTER_APP_HANDSET_TALK_JUDGING_H

#include "app/handset/air/roster.h"
#include "app/handset/keys/group.h"
#include "app/handset/keys/heard.h"
#include "app/handset/talk/media.h"
#include "crypto/announcement.h"

enum {
    LEAD_MAX_MS = 24 * 60 * 60 * 1000, /* so far ahead a talker's group time may be, if measured */
    LIVE_MS = 3 * 1000,                /* what was said longer ago is not played */
    GSK_IN_USE_MS = 33 * 1000,         /* TALK_REFRESH_MS, and what is live still */
    PACKET_AHEAD_MS = 200,             /* frames of sound come in bursts */
};

struct judgement {
    bool is_measured;
    struct ago ago;  /* how long ago it was made: as measured, or else by group time */
    int64_t lead_ms; /* its group time minus ours */
};

/* Judges the announcement with `fields`, whose talker is in `roster` or not.
 * STATUS_TIME_OUT_OF_RANGE when it was made longer ago than its GSK is in use, or not yet; of who
 * was not measured, when its date is more than ANNOUNCEMENT_TOLERANCE_MS from group time. *out is
 * set in each case. */
MUST_CHECK enum status judge(const struct roster *roster, const struct group *group,
                             const struct announcement_fields *fields, struct moment now,
                             struct judgement *out);

/* What is known of the time of an announcement, and so of each packet that follows it. */
struct announced {
    struct talker_proof proof;
    int64_t utc_ms;                   /* its date: its talker's group time */
    bool is_measured;                 /* by its talker's clock */
    int64_t made_min_ms, made_max_ms; /* boot clock: it was made between these */
    struct heard_who who;
    struct heard_until until; /* nothing that was said until then is played */
};

/* That of an announcement that is heard now and was judged. */
struct announced announced_now(const struct announcement_fields *fields,
                               const struct judgement *judgement, const struct heard *heard,
                               struct moment now);

/* The announcement that came before, of the same life: its packets have told how long they take at
 * least. */
void announced_after(struct announced *announced, const struct announced *before);

/* Takes up what was measured of its talker since. */
void announced_measure(struct announced *announced, const struct roster *roster, const char *talker,
                       struct moment now);

/* How long after its announcement a packet was said, by its talker. */
int64_t announced_passed(const struct announced *announced, uint32_t rtp_time);

/* Judges a packet; nothing of it is verified yet. STATUS_TIME_OUT_OF_RANGE when it is older than
 * LIVE_MS, as surely as that is known, or still to be said, or numbered further ahead than its time
 * allows; STATUS_REPLAYED when it may have been played before, also before `roster`'s handset
 * started. */
MUST_CHECK enum status judge_packet(const struct announced *announced, const struct roster *roster,
                                    const struct group *group, const char *talker,
                                    const struct media *media, struct moment now);

/* A packet with that RTP time verified. */
void announced_hear(struct announced *announced, uint32_t rtp_time, struct moment now);

/* What it announced is over: nothing that was said until `passed_ms` after it is played again.
 * `group` is the talker's, or NULL when it is gone. */
void announced_played(const struct announced *announced, int64_t passed_ms,
                      const struct group *group, struct heard *heard, struct moment now);

#endif
