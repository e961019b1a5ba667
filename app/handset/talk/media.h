/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Voice as it goes over the air. Media payload: key id (4: the GMK id, or a one-to-one talk's TGK
 * id), SRTP packet.
 */
#ifndef MUSTER_APP_HANDSET_TALK_MEDIA_H
#define MUSTER_APP_HANDSET_TALK_MEDIA_H

#include "app/handset/air/air.h"
#include "app/voice/rtp.h"
#include "app/voice/voice.h"
#include "crypto/gsc.h"

enum {
    MEDIA_END_TYPE = 97, /* RTP payload type: the end of a talk session (talk.h) */
    MEDIA_MAX = RTP_PACKET_MAX + GSC_OVERHEAD + 4,
};

/* Encodes 20 ms with `sender`, protects them with `gsc` and appends them to `out` as a media
 * payload; *rtp_header gets the RTP packet's first 12 octets. */
MUST_CHECK enum status media_build(uint32_t key_id, struct gsc *gsc, struct voice_sender *sender,
                                   const int16_t samples[VOICE_FRAME_SAMPLES], struct writer *out,
                                   uint8_t rtp_header[12]);

/* The same, sent as a media frame to `peer`; what cannot be built is lost, as the air may lose it.
 */
void media_send(struct air *air, uint64_t peer, uint32_t key_id, struct gsc *gsc,
                struct voice_sender *sender, const int16_t samples[VOICE_FRAME_SAMPLES]);

#endif
