/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The jitter buffer: puts a talker's packets back into order and says, every 20 ms, what to play.
 *
 * Playing starts once a few packets are there (the more the arrivals vary, the more packets), so
 * that packets that are a little late are still in time. A packet that is missing while later ones
 * are there is lost. When the buffer runs empty it conceals a few frames before it takes the talk
 * spurt to be over; packets that arrive in that time are late rather than lost and are still
 * played. A buffer that has grown longer than needed says by how much (jitter_spare), so that the
 * player can catch up.
 */
#ifndef MUSTER_APP_VOICE_JITTER_H
#define MUSTER_APP_VOICE_JITTER_H

#include "app/voice/voice.h"

enum {
    JITTER_SLOTS = VOICE_HELD_MAX_MS / VOICE_FRAME_MS, /* packets held at most */
    JITTER_START_MIN = 2,                              /* frames to wait for before playing */
    JITTER_START_MAX = 10,
    JITTER_CONCEAL_MAX = 5, /* frames concealed after the last packet */
    JITTER_EXCESS = 6,      /* frames over the start depth from which on the buffer is too long */
};

struct jitter_slot {
    bool used;
    int64_t index;
    int64_t arrived_ms;
    size_t length;
    uint8_t payload[VOICE_PACKET_MAX];
};

struct jitter {
    struct voice_route *route; /* what is known of the way, and noted of it */
    unsigned frames;           /* of 20 ms in each packet */
    bool begun;                /* a packet has come */
    bool playing;
    int64_t next;    /* index of the packet to play next: those below it are late */
    int64_t highest; /* highest index that came; its low 16 bits are its sequence number */
    unsigned held;
    unsigned waited;  /* frames concealed since the buffer ran empty */
    int64_t first_ms; /* arrival of the first packet since the buffer waits */
    int64_t transit;  /* of the last packet: arrival minus timestamp, in 1/48 ms */
    struct jitter_slot slots[JITTER_SLOTS];
};

/* An empty buffer for packets of `frames` frames each, 1 to VOICE_PACKED_MAX. *route outlives it.
 */
void jitter_reset(struct jitter *jitter, unsigned frames, struct voice_route *route);

/* A packet that arrived at `boot_ms`. Its payload is at most VOICE_PACKET_MAX octets and is copied.
 * Late and duplicate packets are dropped; one far ahead pushes the oldest out. */
void jitter_put(struct jitter *jitter, int64_t boot_ms, uint16_t sequence, uint32_t timestamp,
                struct span payload);

enum jitter_advice {
    JITTER_SILENCE, /* nothing to play: before the first packet, after the last */
    JITTER_PACKET,  /* decode `payload` */
    JITTER_REPAIR,  /* a packet is lost: recover it from the next one, which is `payload` */
    JITTER_CONCEAL, /* a packet is lost: make something up */
    JITTER_WAIT,    /* none is there: make up one frame, and ask again */
};

/* What to do for the next packet's time; for one frame's, where there is none. `payload` lives
 * until the next call. */
enum jitter_advice jitter_take(struct jitter *jitter, int64_t boot_ms, struct span *payload);

/* How many frames are held beyond what the variation of arrivals asks for. */
unsigned jitter_spare(const struct jitter *jitter);

#endif
