/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <opus/opus.h>
#include <stdlib.h>

#include "app/voice/rtp.h"
#include "app/voice/voice.h"

enum {
    BITS_A_SECOND = 24000,
    EXPECTED_LOSS_PERCENT = 10, /* how much of each packet may go to repeating the one before */
    OPUS_PAYLOAD_MAX = VOICE_PACKET_MAX - RTP_HEADER_SIZE,
};

struct voice_sender {
    OpusEncoder *encoder;
    uint32_t ssrc;
    uint32_t timestamp;
    uint16_t sequence;
    bool begun;
};

static bool encoder_configure(OpusEncoder *encoder) {
    /* Constant bit rate: the sizes of encrypted packets would otherwise tell what is said
     * (RFC 6562 3). */
    return opus_encoder_ctl(encoder, OPUS_SET_BITRATE(BITS_A_SECOND)) == OPUS_OK &&
           opus_encoder_ctl(encoder, OPUS_SET_VBR(0)) == OPUS_OK &&
           opus_encoder_ctl(encoder, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE)) == OPUS_OK &&
           opus_encoder_ctl(encoder, OPUS_SET_MAX_BANDWIDTH(OPUS_BANDWIDTH_WIDEBAND)) == OPUS_OK &&
           opus_encoder_ctl(encoder, OPUS_SET_INBAND_FEC(1)) == OPUS_OK &&
           opus_encoder_ctl(encoder, OPUS_SET_PACKET_LOSS_PERC(EXPECTED_LOSS_PERCENT)) == OPUS_OK;
}

enum status voice_sender_new(uint32_t ssrc, uint32_t start, struct voice_sender **out) {
    *out = NULL;
    struct voice_sender *sender = calloc(1, sizeof *sender);
    if (sender == NULL) {
        return STATUS_NO_MEMORY;
    }
    int error = OPUS_OK;
    sender->encoder = opus_encoder_create(VOICE_RATE, 1, OPUS_APPLICATION_VOIP, &error);
    if (error != OPUS_OK || !encoder_configure(sender->encoder)) {
        voice_sender_free(sender);
        return error == OPUS_ALLOC_FAIL ? STATUS_NO_MEMORY : STATUS_LIBRARY_FAILED;
    }
    sender->ssrc = ssrc;
    sender->timestamp = start;
    sender->sequence = (uint16_t)(start >> 16);
    *out = sender;
    return STATUS_OK;
}

void voice_sender_free(struct voice_sender *sender) {
    if (sender == NULL) {
        return;
    }
    if (sender->encoder != NULL) {
        opus_encoder_destroy(sender->encoder);
    }
    free(sender);
}

void voice_sender_next(const struct voice_sender *sender, uint16_t *sequence, uint32_t *rtp_time) {
    *sequence = sender->sequence;
    *rtp_time = sender->timestamp;
}

enum status voice_sender_encode(struct voice_sender *sender,
                                const int16_t samples[VOICE_FRAME_SAMPLES], struct writer *out) {
    uint8_t payload[OPUS_PAYLOAD_MAX];
    opus_int32 length =
        opus_encode(sender->encoder, samples, VOICE_FRAME_SAMPLES, payload, sizeof payload);
    if (length <= 0) {
        return STATUS_LIBRARY_FAILED;
    }
    struct rtp_packet packet = {
        .marker = !sender->begun,
        .payload_type = RTP_PAYLOAD_OPUS,
        .sequence = sender->sequence,
        .timestamp = sender->timestamp,
        .ssrc = sender->ssrc,
        .payload = {payload, (size_t)length},
    };
    sender->begun = true;
    sender->sequence++;
    sender->timestamp += VOICE_FRAME_MS * RTP_CLOCK_PER_MS;
    rtp_write(&packet, out);
    return writer_finish(out);
}
