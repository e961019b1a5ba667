/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/queue_info.h"

#include <string.h>

#include "app/voice/rtp.h"

enum {
    FORM = 1,
    PADDING_SIZE = QUEUE_INFO_SIZE + 1, /* the last octet counts them (RFC 3550 5.1) */
    PADDING_BIT = 0x20,
};

void queue_info_write(const struct queue_info *info, struct writer *out) {
    static const uint8_t nobody[QUEUE_WHO_SIZE];
    write_u8(out, FORM);
    write_u8(out, (uint8_t)info->count);
    for (size_t i = 0; i < QUEUE_MAX; i++) {
        write_span(out, i < info->count ? SPAN_OF(info->who[i]) : SPAN_OF(nobody));
    }
    write_span(out, info->cause != QUEUE_CAUSE_NONE ? SPAN_OF(info->denied) : SPAN_OF(nobody));
    write_u8(out, (uint8_t)info->cause);
}

void queue_info_pad(const struct queue_info *info, struct writer *rtp) {
    if (rtp->length == 0 || rtp->capacity - rtp->length < PADDING_SIZE) {
        return;
    }
    queue_info_write(info, rtp);
    write_u8(rtp, PADDING_SIZE);
    rtp->octets[0] |= PADDING_BIT;
}

static bool read_octets_of(struct span octets, struct queue_info *info) {
    struct reader r = reader_of(octets);
    uint8_t form = read_u8(&r);
    info->count = read_u8(&r);
    for (size_t i = 0; i < QUEUE_MAX; i++) {
        read_octets(&r, info->who[i], QUEUE_WHO_SIZE);
    }
    read_octets(&r, info->denied, QUEUE_WHO_SIZE);
    info->cause = (enum queue_cause)read_u8(&r);
    return reader_finish(&r) == STATUS_OK && form == FORM && info->count <= QUEUE_MAX;
}

bool queue_info_read(struct span rtp, bool is_end, struct queue_info *info) {
    struct rtp_packet packet;
    if (rtp_read(rtp, &packet) != STATUS_OK) {
        return false;
    }
    if (is_end) {
        return read_octets_of(packet.payload, info);
    }
    bool is_padded = (rtp.octets[0] & PADDING_BIT) != 0;
    if (!is_padded || rtp.octets[rtp.length - 1] != PADDING_SIZE) {
        return false;
    }
    const uint8_t *padding = rtp.octets + rtp.length - PADDING_SIZE;
    return read_octets_of((struct span){padding, QUEUE_INFO_SIZE}, info);
}

int queue_info_place(const struct queue_info *info, const uint8_t who[QUEUE_WHO_SIZE]) {
    for (size_t i = 0; i < info->count; i++) {
        if (memcmp(info->who[i], who, QUEUE_WHO_SIZE) == 0) {
            return (int)i;
        }
    }
    return -1;
}
