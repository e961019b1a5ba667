/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Early media: packets that came before the announcement of their session, as after a loss, or at a
 * listener who was late. They are kept a short while and judged like any other once it has come.
 *
 * Until then nobody knows whose they are, so what is kept is bounded: EARLY_SOURCES_MAX sources, an
 * address and an SSRC each, and of each source what came in the last EARLY_MS. A source that has
 * fallen silent for so long makes way for any other. Otherwise addresses of strangers make way for
 * those of neighbours, and an address that fills several places for one that has none; what one
 * address sends under many SSRCs takes its own places only. So who sends junk takes early words
 * away only from those behind its own address.
 */
#ifndef MUSTER_APP_HANDSET_TALK_EARLY_H
#define MUSTER_APP_HANDSET_TALK_EARLY_H

#include "app/handset/keys/groups.h"
#include "app/handset/talk/media.h"
#include "app/moment.h"

enum {
    EARLY_MS = 500,
    EARLY_SOURCES_MAX = 4,
    EARLY_PACKETS_MAX = EARLY_MS / VOICE_FRAME_MS,
    /* Longer is no voice. */
    EARLY_PACKET_MAX = 4 + VOICE_PACKET_MAX + GSC_OVERHEAD + VOICE_LINK_SIZE + VOICE_SIGNATURE_SIZE
};

struct early_packet {
    struct moment arrived;
    uint64_t peer;
    size_t length;
    uint8_t octets[EARLY_PACKET_MAX]; /* a media payload, */
    struct media media;               /* and what it says; set by early_hear */
};

struct early_source {
    uint64_t peer;
    uint32_t ssrc;
    bool is_neighbour;
    size_t first, count; /* of a ring, in the order of arrival; no packets: a free place */
    struct early_packet packets[EARLY_PACKETS_MAX];
};

struct early {
    struct early_source sources[EARLY_SOURCES_MAX];
};

/* Keeps the payload of `media`, which came from `peer`, if it is under a key that is held. Of one
 * source the oldest makes way. What is longer than EARLY_PACKET_MAX, or has no place, is not kept.
 */
void early_keep(struct early *early, struct groups *groups, struct moment now, uint64_t peer,
                const struct media *media, struct span payload);

/* Judges a packet that was kept. Returns whether a session opened it, now or before. */
typedef bool early_judge(void *context, const struct early_packet *packet);

/* Has the packets of `ssrc` judged that came in the last EARLY_MS, in the order of arrival. Those
 * that no session opened stay: another talker may have chosen the same SSRC. */
void early_hear(struct early *early, struct moment now, uint32_t ssrc, early_judge *judge,
                void *context);

#endif
