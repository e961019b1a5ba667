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
    VOICE_PACKED_MAX = 3,     /* frames in a packet */
    VOICE_PAYLOAD_MAX = 224,  /* octets that a sender makes of them */
    VOICE_PACKET_MAX = 400,   /* octets of an RTP packet with its Opus payload */
    VOICE_HELD_MAX_MS = 1280, /* the most that a receiver holds to play later */
};

/* The talker's side. */
struct voice_sender;

/* A sender whose RTP packets carry `ssrc`; sequence number and timestamp start at `start` (random).
 * The caller frees it. */
MUST_CHECK enum status voice_sender_new(uint32_t ssrc, uint32_t start, struct voice_sender **out);
void voice_sender_free(struct voice_sender *sender);

/* `frames` of 20 ms go into each packet, 1 (as at first) to VOICE_PACKED_MAX: what does each packet
 * costs a slow link more than the voice in it. Only before the first frame; later, nothing
 * changes. All packets of a sender have one size: a payload of 70 octets with one frame, of
 * VOICE_PAYLOAD_MAX with more. */
void voice_sender_pack(struct voice_sender *sender, unsigned frames);

/* Of the packets, `percent` are lost on the way, as listeners reported lately. From 3 % on each
 * packet also holds the voice of the one before, at the cost of its own (FEC, RFC 6716 2.1.7); that
 * ends once less was reported for 5 s of voice. Until the first report it is so too. */
void voice_sender_loss(struct voice_sender *sender, unsigned percent);

/* The sequence number and the RTP time of the next packet. */
void voice_sender_next(const struct voice_sender *sender, uint16_t *sequence, uint32_t *rtp_time);

/* Takes 20 ms. Once there are as many as go into a packet, they are appended to `out` as one RTP
 * packet; otherwise nothing is. The first packet has the marker bit (RFC 7587 4.2).
 * STATUS_TOO_LONG, STATUS_LIBRARY_FAILED: the packet is lost. */
MUST_CHECK enum status voice_sender_encode(struct voice_sender *sender,
                                           const int16_t samples[VOICE_FRAME_SAMPLES],
                                           struct writer *out);

/* The talk ends: what was taken and is in no packet yet is appended as one that silence fills up,
 * if there is any. The errors of voice_sender_encode. */
MUST_CHECK enum status voice_sender_finish(struct voice_sender *sender, struct writer *out);

/* What is known of the way that a talker's voice takes: it outlives the talk, so that the next one
 * begins with the right delay. All zero: nothing is known. */
struct voice_route {
    int64_t variation; /* interarrival jitter (RFC 3550 6.4.1), in 1/48 ms, times 16 */
    unsigned counted;  /* packets that `loss` is from, as far as that matters */
    double loss;       /* part of the packets, over the last seconds */
    double delay_ms;   /* from the first sample of a packet to when it is played, without the way */
};

/* The listener's side: one for each talker. */
struct voice_receiver;

MUST_CHECK enum status voice_receiver_new(struct voice_receiver **out);
void voice_receiver_free(struct voice_receiver *receiver);

/* What comes goes by what *route says, and is noted there, instead of in the receiver. The
 * caller's; it outlives the receiver. Before the first packet. */
void voice_receiver_follow(struct voice_receiver *receiver, struct voice_route *route);

/* What is noted of the way is in *route from now on, which is a copy of the one that the receiver
 * followed; it goes on as it was. */
void voice_receiver_move(struct voice_receiver *receiver, struct voice_route *route);

/* An RTP packet that arrived at `boot_ms`, with 20, 40 or 60 ms; all of a stream are alike in that.
 * STATUS_MALFORMED; late and duplicate packets are dropped quietly. Memory is bounded whatever
 * arrives. */
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

/* Percent of the packets that were lost, or came too late, over the last seconds; 0 until there
 * were enough to tell. What FEC repaired counts as lost. */
unsigned voice_receiver_loss(const struct voice_receiver *receiver);

/* So many ms after it was said is voice played, not counting its way here: what packing and the
 * jitter buffer take. */
unsigned voice_receiver_delay_ms(const struct voice_receiver *receiver);

/* How loud 20 ms are, 0 to 100, on a scale that suits a level bar (-60 dBFS to 0). */
unsigned voice_level(const int16_t samples[VOICE_FRAME_SAMPLES]);

/* Adds `samples` into `mix` without overflow. */
void voice_mix(int16_t mix[VOICE_FRAME_SAMPLES], const int16_t samples[VOICE_FRAME_SAMPLES]);

#endif
