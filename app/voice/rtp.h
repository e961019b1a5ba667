/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RTP packets (RFC 3550 5.1) with one Opus frame each (RFC 7587): the payload's clock runs at 48
 * kHz whatever the sampling rate is.
 */
#ifndef MUSTER_APP_VOICE_RTP_H
#define MUSTER_APP_VOICE_RTP_H

#include "crypto/bytes.h"

enum {
    RTP_VERSION = 2,
    RTP_HEADER_SIZE = 12,
    RTP_PAYLOAD_OPUS = 96, /* the first dynamic payload type (RFC 3551 6) */
    RTP_CLOCK_PER_MS = 48, /* RFC 7587 4.1 */
};

struct rtp_packet {
    bool marker; /* the first packet of a talk spurt (RFC 7587 4.2) */
    uint8_t payload_type;
    uint16_t sequence;
    uint32_t timestamp; /* in 1/48 ms */
    uint32_t ssrc;
    struct span payload;
};

/* Appends `packet` without padding, extension or contributing sources. What does not fit makes
 * `out` fail. */
void rtp_write(const struct rtp_packet *packet, struct writer *out);

/* Parses `octets`, which must outlive *packet: padding is taken off the payload, contributing
 * sources and a header extension are skipped. STATUS_TRUNCATED; STATUS_MALFORMED for another
 * version, wrong padding or an empty payload. */
MUST_CHECK enum status rtp_read(struct span octets, struct rtp_packet *packet);

#endif
