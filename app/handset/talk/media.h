/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Voice as it goes over the air. Media payload: key id (4: the GMK id, or a one-to-one talk's TGK
 * id), SRTP packet; in a group's talk session the packet's link of the voice chain (8,
 * crypto/voice_chain.h) and the talker's signature of both (64, crypto/talker_key.h), which stand
 * outside SRTP. A one-to-one talk's key is two handsets' alone.
 */
#ifndef MUSTER_APP_HANDSET_TALK_MEDIA_H
#define MUSTER_APP_HANDSET_TALK_MEDIA_H

#include "app/handset/air/air.h"
#include "app/handset/talk/queue_info.h"
#include "app/voice/rtp.h"
#include "app/voice/voice.h"
#include "crypto/gsc.h"
#include "crypto/talker_key.h"

enum {
    MEDIA_END_TYPE = 97, /* RTP payload type: the end of a talk session (talk.h) */
    MEDIA_MAX = 4 + RTP_PACKET_MAX + GSC_OVERHEAD + VOICE_LINK_SIZE + VOICE_SIGNATURE_SIZE,
};

/* What a talk session's packets are sealed and signed with. */
struct media_key {
    uint32_t key_id;
    struct gsc *gsc;
    struct talker_key *talker; /* NULL: not signed */
    uint16_t sequence;         /* of the packet with the chain's first link */
    uint8_t session[SESSION_HASH_SIZE];
};

/* A media payload that arrived: its spans live as long as that. */
struct media {
    uint32_t key_id, rtp_time, ssrc;
    uint16_t sequence;
    struct span payload;
    struct span srtp;
    struct span link;      /* VOICE_LINK_SIZE octets */
    struct span packet;    /* both: what is signed */
    struct span signature; /* VOICE_SIGNATURE_SIZE octets */
};

/* Reads the payload of a group's talk session. STATUS_TRUNCATED. */
MUST_CHECK enum status media_read(struct span payload, struct media *media);

/* The number of the packet with that sequence number in a chain whose first one has `first`. */
unsigned media_number(uint16_t first, uint16_t sequence);

/* Does it say that the session has ended? */
bool media_is_end(const struct media *media);

/* Protects an RTP packet under `key` and appends it to `out` as a media payload. The errors of
 * gsc_protect and of voice_sign; STATUS_NOT_ALLOWED: the chain has no link for it. */
MUST_CHECK enum status media_seal(const struct media_key *key, struct span rtp, struct writer *out);

/* Takes 20 ms with `sender`. Once it makes a packet, that is appended to `out`, sealed. */
MUST_CHECK enum status media_build(const struct media_key *key, struct voice_sender *sender,
                                   const int16_t samples[VOICE_FRAME_SAMPLES], struct writer *out);

/* The same, and the packet, if it makes one, says *info as well, unless that is NULL. */
MUST_CHECK enum status media_build_saying(const struct media_key *key, struct voice_sender *sender,
                                          const int16_t samples[VOICE_FRAME_SAMPLES],
                                          const struct queue_info *info, struct writer *out);

/* media_build for what `sender` holds in no packet yet, if it holds any: the talk ends. */
MUST_CHECK enum status media_finish(const struct media_key *key, struct voice_sender *sender,
                                    struct writer *out);

/* media_build, sent as a media frame to `peer`; what cannot be built is lost, as the air may lose
 * it.
 */
void media_send(struct air *air, uint64_t peer, const struct media_key *key,
                struct voice_sender *sender, const int16_t samples[VOICE_FRAME_SAMPLES]);

#endif
