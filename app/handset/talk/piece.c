/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/piece.h"

#include <stdlib.h>

#include "app/voice/rtp.h"

enum {
    LENGTH_SIZE = 2,
    GROW_BY = 4 * 1024 /* a talk of one word takes no more */
};

_Static_assert((int)PIECE_PACKET_MAX == LENGTH_SIZE + (int)VOICE_PACKET_MAX + (int)SEAL_OVERHEAD,
               "its length stands before a packet");

void piece_free(struct again_piece *piece) {
    free(piece->packets);
    free(piece);
}

int64_t piece_ms(const struct again_piece *piece) {
    return (int64_t)((piece->said.last_time - piece->said.first_time) / RTP_CLOCK_PER_MS) +
           VOICE_FRAME_MS;
}

bool piece_has_room(const struct again_piece *piece) {
    return piece->room - piece->length >= PIECE_PACKET_MAX;
}

bool piece_grow(struct again_piece *piece) {
    uint8_t *larger = realloc(piece->packets, piece->room + GROW_BY);
    if (larger != NULL) {
        piece->packets = larger;
        piece->room += GROW_BY;
    }
    return larger != NULL;
}

void piece_add(struct again_piece *piece, const uint8_t key[SEAL_KEY_SIZE],
               const struct entropy *entropy, struct span rtp) {
    size_t sealed = rtp.length + SEAL_OVERHEAD;
    struct writer out = writer_into(piece->packets + piece->length, LENGTH_SIZE + sealed);
    write_u16(&out, (uint16_t)sealed);
    if (seal_close(key, span_of_text(piece->said.talker), rtp, entropy, &out) == STATUS_OK) {
        piece->length += out.length;
    }
}

enum status piece_open(const struct again_piece *piece, const uint8_t key[SEAL_KEY_SIZE],
                       size_t *at, struct writer *out) {
    struct reader r = reader_of((struct span){piece->packets + *at, LENGTH_SIZE});
    struct span sealed = {piece->packets + *at + LENGTH_SIZE, read_u16(&r)};
    *at += LENGTH_SIZE + sealed.length;
    return seal_open(key, span_of_text(piece->said.talker), sealed, out);
}
