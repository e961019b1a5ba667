/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/media.h"

#include <string.h>

enum status media_build(uint32_t key_id, struct gsc *gsc, struct voice_sender *sender,
                        const int16_t samples[VOICE_FRAME_SAMPLES], struct writer *out,
                        uint8_t rtp_header[12]) {
    uint8_t room[RTP_PACKET_MAX];
    struct writer rtp = writer_into(room, sizeof room);
    enum status status = voice_sender_encode(sender, samples, &rtp);
    if (status == STATUS_OK && rtp.length < RTP_HEADER_SIZE) {
        status = STATUS_LIBRARY_FAILED;
    }
    if (status == STATUS_OK) {
        memcpy(rtp_header, room, RTP_HEADER_SIZE);
        write_u32(out, key_id);
        status = gsc_protect(gsc, writer_span(&rtp), out);
    }
    secret_wipe(room, sizeof room);
    return status == STATUS_OK ? writer_finish(out) : status;
}

void media_send(struct air *air, uint64_t peer, uint32_t key_id, struct gsc *gsc,
                struct voice_sender *sender, const int16_t samples[VOICE_FRAME_SAMPLES]) {
    uint8_t payload[MEDIA_MAX], header[RTP_HEADER_SIZE];
    struct writer media = writer_into(payload, sizeof payload);
    if (media_build(key_id, gsc, sender, samples, &media, header) == STATUS_OK) {
        air_send(air, peer, FRAME_MEDIA, writer_span(&media));
    }
}
