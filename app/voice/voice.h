/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Voice between samples and RTP: Opus (RFC 6716, RFC 7587) in RTP (RFC 3550), and back through a
 * jitter buffer. No I/O, no clock: the caller's 20 ms rhythm and the arrival times drive it.
 */
#ifndef MUSTER_APP_VOICE_VOICE_H
#define MUSTER_APP_VOICE_VOICE_H

#include "crypto/bytes.h"

enum {
    VOICE_RATE = 16000, /* samples a second, mono */
    VOICE_FRAME_MS = 20,
    VOICE_FRAME_SAMPLES = VOICE_RATE / 1000 * VOICE_FRAME_MS,
    VOICE_PACKET_MAX = 400,   /* octets of an RTP packet with its Opus payload */
    VOICE_HELD_MAX_MS = 1280, /* the most that a receiver holds to play later */
};

/* The talker's side. */
struct voice_sender;

/* A sender whose RTP packets carry `ssrc`; sequence number and timestamp start at `start` (random).
 * The caller frees it. */
MUST_CHECK enum status voice_sender_new(uint32_t ssrc, uint32_t start, struct voice_sender **out);
void voice_sender_free(struct voice_sender *sender);

/* The sequence number and the RTP time of the next packet. */
void voice_sender_next(const struct voice_sender *sender, uint16_t *sequence, uint32_t *rtp_time);

/* Encodes 20 ms to one RTP packet, appended to `out`. `first` packets of a talk spurt have the
 * marker bit. */
MUST_CHECK enum status voice_sender_encode(struct voice_sender *sender,
                                           const int16_t samples[VOICE_FRAME_SAMPLES],
                                           struct writer *out);

/* The listener's side: one for each talker. */
struct voice_receiver;

MUST_CHECK enum status voice_receiver_new(struct voice_receiver **out);
void voice_receiver_free(struct voice_receiver *receiver);

/* An RTP packet that arrived at `boot_ms`. STATUS_MALFORMED; late and duplicate packets are dropped
 * quietly. Memory is bounded whatever arrives. */
MUST_CHECK enum status voice_receiver_packet(struct voice_receiver *receiver, int64_t boot_ms,
                                             struct span rtp);

/* The next 20 ms to play, losses concealed; silence before the first packet and after the last. Who
 * is behind catches up (pace.h). Returns whether it is voice. */
bool voice_receiver_play(struct voice_receiver *receiver, int64_t boot_ms,
                         int16_t samples[VOICE_FRAME_SAMPLES]);

/* Drops the voice that has arrived and is still to be played; what arrives next begins anew. */
void voice_receiver_restart(struct voice_receiver *receiver);

/* Is there voice that has arrived and is still to be played? */
bool voice_receiver_holds(const struct voice_receiver *receiver);

/* How loud 20 ms are, 0 to 100, on a scale that suits a level bar (-60 dBFS to 0). */
unsigned voice_level(const int16_t samples[VOICE_FRAME_SAMPLES]);

/* Adds `samples` into `mix` without overflow. */
void voice_mix(int16_t mix[VOICE_FRAME_SAMPLES], const int16_t samples[VOICE_FRAME_SAMPLES]);

#endif
