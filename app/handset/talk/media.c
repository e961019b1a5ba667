/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/media.h"

enum {
    SEQUENCE_AT = 2 /* in an RTP packet (RFC 3550 5.1) */
};

enum status media_read(struct span payload, struct media *media) {
    enum {
        LEAST = 4 + RTP_HEADER_SIZE + VOICE_LINK_SIZE + VOICE_SIGNATURE_SIZE
    };
    *media = (struct media){.key_id = 0};
    if (payload.length < LEAST) {
        return STATUS_TRUNCATED;
    }
    struct reader r = reader_of(payload);
    media->payload = payload;
    media->key_id = read_u32(&r);
    media->packet = read_span(&r, reader_left(&r) - VOICE_SIGNATURE_SIZE);
    media->signature = read_span(&r, VOICE_SIGNATURE_SIZE);
    r = reader_of(media->packet);
    media->srtp = read_span(&r, reader_left(&r) - VOICE_LINK_SIZE);
    media->link = read_span(&r, VOICE_LINK_SIZE);
    r = reader_of(media->srtp);
    (void)read_span(&r, SEQUENCE_AT);
    media->sequence = read_u16(&r);
    media->rtp_time = read_u32(&r);
    media->ssrc = read_u32(&r);
    return STATUS_OK;
}

unsigned media_number(uint16_t first, uint16_t sequence) {
    return (uint16_t)(sequence - first) + 1u;
}

bool media_is_end(const struct media *media) {
    return (media->srtp.octets[1] & 0x7F) == MEDIA_END_TYPE; /* RFC 3550 5.1: beside the marker */
}

/* Appends to an SRTP packet its link. */
static enum status write_link(const struct media_key *key, struct span rtp, struct writer *packet) {
    uint16_t sequence = (uint16_t)(rtp.octets[SEQUENCE_AT] << 8 | rtp.octets[SEQUENCE_AT + 1]);
    const uint8_t *link = talker_key_link(key->talker, media_number(key->sequence, sequence));
    if (link == NULL) {
        return STATUS_NOT_ALLOWED;
    }
    write_span(packet, (struct span){link, VOICE_LINK_SIZE});
    return writer_finish(packet);
}

enum status media_seal(const struct media_key *key, struct span rtp, struct writer *out) {
    uint8_t room[RTP_PACKET_MAX + GSC_OVERHEAD + VOICE_LINK_SIZE], signature[VOICE_SIGNATURE_SIZE];
    struct writer packet = writer_into(room, sizeof room);
    enum status status = gsc_protect(key->gsc, rtp, &packet);
    if (status == STATUS_OK && key->talker != NULL) {
        status = write_link(key, rtp, &packet);
    }
    write_u32(out, key->key_id);
    write_span(out, writer_span(&packet));
    if (status == STATUS_OK && key->talker != NULL) {
        status = voice_sign(key->talker, key->session, writer_span(&packet), signature);
        write_span(out, SPAN_OF(signature));
    }
    return status == STATUS_OK ? writer_finish(out) : status;
}

/* The sender's next packet: with `samples`, or, when they are NULL, with what it still holds. */
static enum status seal_next(const struct media_key *key, struct voice_sender *sender,
                             const int16_t *samples, const struct queue_info *info,
                             struct writer *out) {
    uint8_t room[RTP_PACKET_MAX];
    struct writer rtp = writer_into(room, sizeof room);
    enum status status = samples != NULL ? voice_sender_encode(sender, samples, &rtp)
                                         : voice_sender_finish(sender, &rtp);
    if (status == STATUS_OK && info != NULL) {
        queue_info_pad(info, &rtp);
    }
    if (status == STATUS_OK && rtp.length > 0) {
        status = media_seal(key, writer_span(&rtp), out);
    }
    secret_wipe(room, sizeof room);
    return status;
}

enum status media_build(const struct media_key *key, struct voice_sender *sender,
                        const int16_t samples[VOICE_FRAME_SAMPLES], struct writer *out) {
    return seal_next(key, sender, samples, NULL, out);
}

enum status media_build_saying(const struct media_key *key, struct voice_sender *sender,
                               const int16_t samples[VOICE_FRAME_SAMPLES],
                               const struct queue_info *info, struct writer *out) {
    return seal_next(key, sender, samples, info, out);
}

enum status media_finish(const struct media_key *key, struct voice_sender *sender,
                         struct writer *out) {
    return seal_next(key, sender, NULL, NULL, out);
}

void media_send(struct air *air, uint64_t peer, const struct media_key *key,
                struct voice_sender *sender, const int16_t samples[VOICE_FRAME_SAMPLES]) {
    uint8_t payload[MEDIA_MAX];
    struct writer media = writer_into(payload, sizeof payload);
    if (media_build(key, sender, samples, &media) == STATUS_OK && media.length > 0) {
        air_send(air, peer, FRAME_MEDIA, writer_span(&media));
    }
}
