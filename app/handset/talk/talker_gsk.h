/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A GSK that the talker has announced: what its packets are sealed and signed with, and when its
 * announcement goes out. Nobody asks for an announcement, since a stranger could make members speak
 * by that; so it goes with the first packet, with some soon after, which make up for a first one
 * that is lost, and then in steady intervals, for those who come later. These count by the talker's
 * RTP time, so that late timers make none of them longer.
 */
#ifndef MUSTER_APP_HANDSET_TALK_TALKER_GSK_H
#define MUSTER_APP_HANDSET_TALK_TALKER_GSK_H

#include "app/handset/talk/media.h"
#include "crypto/announcement.h"

enum {
    ANNOUNCED_EVERY_MS = 320,
    /* On a star each frame takes air once for each neighbour, and Bluetooth has little. */
    ANNOUNCED_EVERY_ON_STAR_MS = 480,
};

struct talker_gsk {
    struct media_key key; /* with its talker's key */
    uint8_t octets[ANNOUNCEMENT_MAX];
    size_t length;             /* 0: nothing is announced */
    uint8_t start[START_SIZE]; /* of the own life that it names */
    int64_t announced_ms;      /* boot clock: what it is dated by; RTP's was this then: */
    uint32_t announced_rtp_time;
    unsigned packets; /* since its schedule began, as far as that counts them */
    uint32_t last;    /* RTP time when it last went out */
};

/* Wipes and frees what it holds: nothing is announced. */
void talker_gsk_clear(struct talker_gsk *gsk);

/* A packet of RTP time `rtp_time` goes out: does the announcement go with it? */
bool talker_gsk_goes_out(struct talker_gsk *gsk, uint32_t rtp_time, bool is_on_star);

/* From now on packets go out under this GSK: its schedule begins anew. */
void talker_gsk_begin(struct talker_gsk *gsk);

#endif
