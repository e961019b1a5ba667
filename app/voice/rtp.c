/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/voice/rtp.h"

enum {
    PADDING_BIT = 0x20,
    EXTENSION_BIT = 0x10,
    SOURCES_MASK = 0x0F,
    MARKER_BIT = 0x80,
    PAYLOAD_TYPE_MASK = 0x7F,
    SOURCE_SIZE = 4,
    EXTENSION_WORD_SIZE = 4,
};

void rtp_write(const struct rtp_packet *packet, struct writer *out) {
    write_u8(out, RTP_VERSION << 6);
    write_u8(out, (uint8_t)((packet->marker ? MARKER_BIT : 0) |
                            (packet->payload_type & PAYLOAD_TYPE_MASK)));
    write_u16(out, packet->sequence);
    write_u32(out, packet->timestamp);
    write_u32(out, packet->ssrc);
    write_span(out, packet->payload);
}

enum status rtp_read(struct span octets, struct rtp_packet *packet) {
    struct reader r = reader_of(octets);
    uint8_t first = read_u8(&r);
    uint8_t second = read_u8(&r);
    packet->marker = (second & MARKER_BIT) != 0;
    packet->payload_type = second & PAYLOAD_TYPE_MASK;
    packet->sequence = read_u16(&r);
    packet->timestamp = read_u32(&r);
    packet->ssrc = read_u32(&r);
    read_span(&r, (size_t)(first & SOURCES_MASK) * SOURCE_SIZE);
    if ((first & EXTENSION_BIT) != 0) {
        read_u16(&r); /* the profile's own number */
        read_span(&r, (size_t)read_u16(&r) * EXTENSION_WORD_SIZE);
    }
    packet->payload = read_span(&r, reader_left(&r));
    if (r.failed) {
        return STATUS_TRUNCATED;
    }
    if (first >> 6 != RTP_VERSION || packet->payload.length == 0) {
        return STATUS_MALFORMED;
    }
    if ((first & PADDING_BIT) != 0) {
        /* The last octet counts the padding, itself included. */
        uint8_t padding = packet->payload.octets[packet->payload.length - 1];
        if (padding == 0 || padding >= packet->payload.length) {
            return STATUS_MALFORMED;
        }
        packet->payload.length -= padding;
    }
    return STATUS_OK;
}
