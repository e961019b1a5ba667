/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hearers: the talker's side of who hears whom. Listeners answer a talk session with reports
 * (reporting.h); counted is who has reported lately, and of the other members it is said what is
 * known about why they may not hear. A member can make reports in others' names, so all that is
 * known is what they report; and who is silent may be under radio silence and hear.
 *
 * A report counts once, for a session of this talk or of the one before, when it is of the last
 * REPORT_AGE_MS by the talker's own RTP time, and later than what the same one reported before. It
 * says something about its own talk alone: who pressed again is told who reported of the talk
 * before, as that, until this one is answered. The judgement falls HEARERS_JUDGE_MS after the
 * press, also where the talk is over by then, and is shown on for HEARERS_SHOWN_MS.
 */
#ifndef MUSTER_APP_HANDSET_TALK_HEARERS_H
#define MUSTER_APP_HANDSET_TALK_HEARERS_H

#include "app/handset/air/admission.h"
#include "app/handset/keys/groups.h"
#include "app/handset/talk/reporting.h"
#include "crypto/voice_report.h"

enum {
    HEARERS_JUDGE_MS = 2000,
    HEARERS_COUNT_MS = REPORT_EVERY_MS + 2 * REPORT_SPREAD_MS,
    HEARERS_SHOWN_MS = 5000,
    HEARERS_ROW_MS = 2000, /* who presses again that soon is still waiting for the first report */
    HEARERS_MAX = 64,      /* who is counted; in a group with a list only who is on it */
    REPORT_AGE_MS = 3000,
    HEARERS_LOSS_PERCENTILE = 75,
};

/* Who has reported. */
struct hearer {
    uint8_t who[VOICE_REPORT_WHO_SIZE];
    unsigned talk;     /* the number of the talk that it was said in, */
    uint32_t rtp_time; /* and up to where that was heard */
    uint8_t loss;
    bool plays;
    int64_t came_ms; /* boot clock */
};

/* What opens the reports of one announcement, and how far its talk has come. */
struct hearers_key {
    struct voice_report_key *key; /* NULL: none */
    unsigned talk;
    bool has_said;
    uint32_t rtp_time; /* of the newest packet, */
    int64_t said_ms;   /* and when it was sent */
};

struct hearers {
    struct desk *desk;
    struct groups *groups;
    struct admission *admission;
    bool is_shown, is_talking;
    bool was_heard; /* somebody has reported it of this talk */
    bool is_judged; /* since it is over: the officer was told, where nobody heard it */
    unsigned talk;
    char group[GROUP_IDENTITY_SIZE];
    uint32_t gmk_id;
    /* Boot clock: when the talk began, or the new key; when the first did of a row of talks, of
     * none of which anything was reported; and when the talk ended. */
    int64_t began_ms, row_ms, ended_ms;
    struct hearers_key keys[2]; /* the newest first */
    size_t count;
    struct hearer list[HEARERS_MAX];
};

/* A session is announced in `group` with this GSK and session hash: the first of a talk, or a
 * renewal. Without memory for its key its reports are lost, as the air may lose them. */
void hearers_expect(struct hearers *hearers, struct moment now, const struct group *group,
                    const uint8_t gsk[GSK_SIZE], const uint8_t session[SESSION_HASH_SIZE]);

/* A packet of that RTP time was sent. */
void hearers_said(struct hearers *hearers, struct moment now, uint32_t rtp_time);

/* The talk is over. */
void hearers_end(struct hearers *hearers, struct moment now);

/* The payload of a FRAME_VOICE_REPORT arrived. */
void hearers_hear(struct hearers *hearers, struct moment now, struct span payload);

/* The loss that listeners have reported lately, in percent; false when nobody did. It is the 75th
 * percentile: three of four are served, and one at the edge of reach does not decide for all. */
bool hearers_loss(const struct hearers *hearers, struct moment now, unsigned *percent);

/* Judges what has ended, and forgets it in time. */
void hearers_tick(struct hearers *hearers, struct moment now);
int64_t hearers_deadline(const struct hearers *hearers);

/* Frees what it holds. */
void hearers_clear(struct hearers *hearers);

void hearers_show(const struct hearers *hearers, struct moment now, struct view *view);

#endif
