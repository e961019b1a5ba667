/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/frame.h"

#include <sodium.h>

enum status frame_read(struct span octets, struct frame *frame) {
    struct reader r = reader_of(octets);
    uint8_t version = read_u8(&r);
    uint8_t kind = read_u8(&r);
    frame->hops_left = read_u8(&r);
    uint8_t reserved = read_u8(&r);
    frame->id = read_u64(&r);
    if (r.failed) {
        return STATUS_TRUNCATED;
    }
    if (octets.length > FRAME_MAX) {
        return STATUS_TOO_LONG;
    }
    if (version != FRAME_VERSION || kind < FRAME_PRESENCE || kind > FRAME_PRESENCE_LINK) {
        return STATUS_UNSUPPORTED;
    }
    if (reserved != 0) {
        return STATUS_MALFORMED;
    }
    frame->kind = (enum frame_kind)kind;
    frame->payload = read_span(&r, reader_left(&r));
    return reader_finish(&r);
}

uint8_t frame_other_version(struct span octets) {
    enum {
        VERSIONS_TO_COME = 16,
        KINDS_TO_COME = 64
    };
    bool is_frame = octets.length > FRAME_HEADER_SIZE && octets.length <= FRAME_MAX &&
                    octets.octets[0] > 0 && octets.octets[0] < VERSIONS_TO_COME &&
                    octets.octets[1] > 0 && octets.octets[1] < KINDS_TO_COME;
    return is_frame && octets.octets[0] != FRAME_VERSION ? octets.octets[0] : 0;
}

void frame_identity(struct span octets, uint8_t identity[FRAME_IDENTITY_SIZE]) {
    const size_t rest = FRAME_HOPS_AT + 1;
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, FRAME_IDENTITY_SIZE);
    crypto_generichash_update(&state, octets.octets, FRAME_HOPS_AT);
    crypto_generichash_update(&state, octets.octets + rest, octets.length - rest);
    crypto_generichash_final(&state, identity, FRAME_IDENTITY_SIZE);
}

void frame_write(struct writer *out, const struct frame *frame) {
    write_u8(out, FRAME_VERSION);
    write_u8(out, (uint8_t)frame->kind);
    write_u8(out, frame->hops_left);
    write_u8(out, 0);
    write_u64(out, frame->id);
    write_span(out, frame->payload);
}
