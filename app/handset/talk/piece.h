/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A piece of speech in memory, to be said again (again.h): what one talker said without a longer
 * pause, packet by packet, each sealed under a key that is its owner's.
 */
#ifndef MUSTER_APP_HANDSET_TALK_PIECE_H
#define MUSTER_APP_HANDSET_TALK_PIECE_H

#include "app/handset/talk/speech_store.h"
#include "app/voice/voice.h"
#include "crypto/seal.h"

enum {
    PIECE_OCTETS_MAX = 512 * 1024,
    PIECE_PACKET_MAX = 2 + VOICE_PACKET_MAX + SEAL_OVERHEAD, /* of which one packet takes so many */
};

struct again_piece {
    struct again_piece *before; /* the next older one, of whatever group */
    struct speech said;
    int64_t last_ms;  /* boot clock */
    uint8_t *packets; /* each sealed, with its length (2) before it */
    size_t length, room;
    struct stored_speech stored;
    size_t saved;       /* octets of the packets that are on disk, or on their way */
    int64_t unsaved_ms; /* boot clock: since when there are more; INT64_MAX: there are none */
    bool is_broken;     /* a record of it did not open */
};

void piece_free(struct again_piece *piece);

/* How long it lasts. */
int64_t piece_ms(const struct again_piece *piece);

/* Is there room for any packet? Makes some; false without memory. */
bool piece_has_room(const struct again_piece *piece);
MUST_CHECK bool piece_grow(struct again_piece *piece);

/* Adds an RTP packet, for which there is room, sealed under `key`. */
void piece_add(struct again_piece *piece, const uint8_t key[SEAL_KEY_SIZE],
               const struct entropy *entropy, struct span rtp);

/* Appends the packet at *at, which is less than `length`, to `out`, and moves *at to the next one.
 * The errors of seal_open. */
MUST_CHECK enum status piece_open(const struct again_piece *piece, const uint8_t key[SEAL_KEY_SIZE],
                                  size_t *at, struct writer *out);

#endif
