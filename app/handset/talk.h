/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The talker's side of a talk session (6.X.3.2.3): a fresh GSK in a signed announcement under the
 * GMK, the GSC made from it, and media. The announcement rides with the first words, is repeated
 * about once a second for late joiners, and is renewed with a new GSK when the session gets long.
 *
 * Media payload: key id (4: the GMK id, or a one-to-one talk's TGK id), SRTP packet. The end of a
 * session is an RTP packet without payload, of payload type MEDIA_END_TYPE, sent a few times.
 */
#ifndef MUSTER_APP_HANDSET_TALK_H
#define MUSTER_APP_HANDSET_TALK_H

#include "app/handset/engine.h"
#include "app/handset/group.h"
#include "crypto/announcement.h"
#include "crypto/gsc.h"

enum {
    TALK_REPEAT_MS = 1000,   /* between repetitions of the announcement */
    TALK_REFRESH_MS = 30000, /* between announcements with a new GSK */
    TALK_ENDINGS = 3,        /* how often the end is said */
    MEDIA_END_TYPE = 97,     /* RTP payload type */
    MEDIA_MAX = RTP_PACKET_MAX + GSC_OVERHEAD + 4,
};

struct handset;

struct talk {
    bool active;
    char group[GROUP_IDENTITY_SIZE];
    uint32_t gmk_id;
    uint32_t ssrc;
    struct gsc *gsc;
    struct voice_sender *sender;
    uint8_t announcement[ANNOUNCEMENT_MAX];
    size_t announcement_length;
    int64_t repeat_due_ms, refresh_due_ms; /* boot clock */
    int64_t began_ms, began_utc_ms;
    uint16_t sequence; /* RTP sequence number and timestamp after the last packet */
    uint32_t timestamp;
    unsigned level;
};

/* The officer presses and releases. STATUS_BUSY, STATUS_NOT_FOUND, STATUS_GMK_EXPIRED,
 * STATUS_GMK_NOT_YET; failing changes nothing. */
MUST_CHECK enum status talk_begin(struct handset *handset, struct moment now,
                                  const struct command *command, char problem[VIEW_LOG_TEXT_SIZE]);
void talk_end(struct handset *handset, struct moment now);

/* 20 ms of voice. Ends the session when the GMK's period of use ends. */
void talk_speak(struct handset *handset, struct moment now,
                const int16_t samples[VOICE_FRAME_SAMPLES]);

/* Frees what it holds, without a word on the air. */
void talk_clear(struct talk *talk);

void talk_show(const struct handset *handset, struct moment now, struct view *view);

/* Encodes 20 ms with `sender`, protects them with `gsc` and appends them to `out` as a media
 * payload; *rtp_header gets the RTP packet's first 12 octets. */
MUST_CHECK enum status media_build(uint32_t key_id, struct gsc *gsc, struct voice_sender *sender,
                                   const int16_t samples[VOICE_FRAME_SAMPLES], struct writer *out,
                                   uint8_t rtp_header[12]);

/* The same, sent as a media frame to `peer`; what cannot be built is lost, as the air may lose it.
 */
void media_send(struct handset *handset, uint64_t peer, uint32_t key_id, struct gsc *gsc,
                struct voice_sender *sender, const int16_t samples[VOICE_FRAME_SAMPLES]);

#endif
