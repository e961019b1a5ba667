/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <opus/opus.h>
#include <stdlib.h>
#include <string.h>

#include "app/voice/rtp.h"
#include "app/voice/voice.h"

enum {
    COMPLEXITY = 5, /* of 10: half the work for nearly the same score (tests/bench) */
    FEC_FROM_PERCENT = 3,
    FEC_LASTS_MS = 5000, /* of voice, after the latest report of so much: reports swing */
    OPUS_ROOM = 1276,    /* more than Opus makes of so little voice */
};

/* How frames of 20 ms go into a packet. */
struct packing {
    opus_int32 bits_a_second;
    bool is_constant; /* in rate, and so in size; otherwise padded */
    opus_int32 size;  /* of the payload, in octets */
    /* With FEC, the loss that the encoder is told of, in percent. By it, it shares its bits between
     * the voice and the repetition; these shares did best at losses from 3 to 20 %. */
    opus_int32 share;
};

/* The sizes of encrypted packets would tell what is said, were they not all the same (RFC 6562 3).
 * In long packets a constant rate starves the voice beside its repetition: they are padded. */
static const struct packing packings[] = {
    [1] = {.bits_a_second = 28000, .is_constant = true, .size = 70, .share = 5},
    [2] = {.bits_a_second = 32000, .size = VOICE_PAYLOAD_MAX, .share = 10},
    [3] = {.bits_a_second = 24000, .size = VOICE_PAYLOAD_MAX, .share = 10},
};

struct voice_sender {
    OpusEncoder *encoder;
    OpusEncoder *former; /* room for its state before a packet */
    unsigned frames;     /* in each packet */
    unsigned gathered;   /* of the next one */
    int16_t samples[VOICE_PACKED_MAX * VOICE_FRAME_SAMPLES];
    uint32_t ssrc;
    uint32_t timestamp;
    uint16_t sequence;
    bool begun;
    bool has_report;
    bool has_fec;
    uint32_t lossy_timestamp; /* at the latest report that asked for FEC */
};

static bool set_fec(struct voice_sender *sender, bool has_fec) {
    opus_int32 share = has_fec ? packings[sender->frames].share : 0;
    sender->has_fec = has_fec;
    return opus_encoder_ctl(sender->encoder, OPUS_SET_INBAND_FEC(has_fec)) == OPUS_OK &&
           opus_encoder_ctl(sender->encoder, OPUS_SET_PACKET_LOSS_PERC(share)) == OPUS_OK;
}

static bool set_packing(struct voice_sender *sender, unsigned frames) {
    const struct packing *packing = &packings[frames];
    sender->frames = frames;
    return opus_encoder_ctl(sender->encoder, OPUS_SET_BITRATE(packing->bits_a_second)) == OPUS_OK &&
           opus_encoder_ctl(sender->encoder, OPUS_SET_VBR(!packing->is_constant)) == OPUS_OK &&
           set_fec(sender, sender->has_fec);
}

static bool configure(struct voice_sender *sender) {
    OpusEncoder *encoder = sender->encoder;
    return opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(COMPLEXITY)) == OPUS_OK &&
           opus_encoder_ctl(encoder, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE)) == OPUS_OK &&
           opus_encoder_ctl(encoder, OPUS_SET_MAX_BANDWIDTH(OPUS_BANDWIDTH_WIDEBAND)) == OPUS_OK &&
           set_packing(sender, 1);
}

enum status voice_sender_new(uint32_t ssrc, uint32_t start, struct voice_sender **out) {
    *out = NULL;
    struct voice_sender *sender = calloc(1, sizeof *sender);
    if (sender == NULL) {
        return STATUS_NO_MEMORY;
    }
    int error = OPUS_OK;
    sender->has_fec = true; /* until somebody has reported: a talk may begin on a bad link */
    sender->encoder = opus_encoder_create(VOICE_RATE, 1, OPUS_APPLICATION_VOIP, &error);
    if (error != OPUS_OK || !configure(sender)) {
        voice_sender_free(sender);
        return error == OPUS_ALLOC_FAIL ? STATUS_NO_MEMORY : STATUS_LIBRARY_FAILED;
    }
    sender->former = malloc((size_t)opus_encoder_get_size(1));
    if (sender->former == NULL) {
        voice_sender_free(sender);
        return STATUS_NO_MEMORY;
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
    free(sender->former);
    free(sender);
}

void voice_sender_pack(struct voice_sender *sender, unsigned frames) {
    if (!sender->begun && sender->gathered == 0 && frames >= 1 && frames <= VOICE_PACKED_MAX) {
        (void)set_packing(sender, frames);
    }
}

void voice_sender_loss(struct voice_sender *sender, unsigned percent) {
    uint32_t passed = sender->timestamp - sender->lossy_timestamp;
    bool holds = sender->has_report && sender->has_fec && passed < FEC_LASTS_MS * RTP_CLOCK_PER_MS;
    sender->has_report = true;
    if (percent >= FEC_FROM_PERCENT) {
        sender->lossy_timestamp = sender->timestamp;
    } else if (holds) {
        return;
    }
    (void)set_fec(sender, percent >= FEC_FROM_PERCENT);
}

void voice_sender_next(const struct voice_sender *sender, uint16_t *sequence, uint32_t *rtp_time) {
    *sequence = sender->sequence;
    *rtp_time = sender->timestamp;
}

static opus_int32 encode(struct voice_sender *sender, uint8_t payload[OPUS_ROOM], opus_int32 room) {
    return opus_encode(sender->encoder, sender->samples, (int)sender->frames * VOICE_FRAME_SAMPLES,
                       payload, room);
}

/* To just that size. A limit makes the encoder reserve room for what may never come, which the
 * voice pays for: it is told of one only where the packet would be longer without. */
static bool encode_to_size(struct voice_sender *sender, uint8_t payload[OPUS_ROOM]) {
    const struct packing *packing = &packings[sender->frames];
    if (packing->is_constant) {
        return encode(sender, payload, packing->size) == packing->size;
    }
    size_t state = (size_t)opus_encoder_get_size(1);
    memcpy(sender->former, sender->encoder, state);
    opus_int32 length = encode(sender, payload, OPUS_ROOM);
    if (length > packing->size) {
        memcpy(sender->encoder, sender->former, state);
        length = encode(sender, payload, packing->size);
    }
    return length > 0 && length <= packing->size &&
           (length == packing->size || opus_packet_pad(payload, length, packing->size) == OPUS_OK);
}

/* The frames gathered, as one packet. */
static enum status write_packet(struct voice_sender *sender, struct writer *out) {
    uint8_t payload[OPUS_ROOM];
    sender->gathered = 0;
    if (!encode_to_size(sender, payload)) {
        return STATUS_LIBRARY_FAILED;
    }
    struct rtp_packet packet = {
        .marker = !sender->begun,
        .payload_type = RTP_PAYLOAD_OPUS,
        .sequence = sender->sequence,
        .timestamp = sender->timestamp,
        .ssrc = sender->ssrc,
        .payload = {payload, (size_t)packings[sender->frames].size},
    };
    sender->begun = true;
    sender->sequence++;
    sender->timestamp += sender->frames * VOICE_FRAME_MS * RTP_CLOCK_PER_MS;
    rtp_write(&packet, out);
    return writer_finish(out);
}

enum status voice_sender_encode(struct voice_sender *sender,
                                const int16_t samples[VOICE_FRAME_SAMPLES], struct writer *out) {
    memcpy(sender->samples + (size_t)sender->gathered * VOICE_FRAME_SAMPLES, samples,
           VOICE_FRAME_SAMPLES * sizeof samples[0]);
    sender->gathered++;
    return sender->gathered < sender->frames ? STATUS_OK : write_packet(sender, out);
}

enum status voice_sender_finish(struct voice_sender *sender, struct writer *out) {
    if (sender->gathered == 0) {
        return STATUS_OK;
    }
    size_t has = (size_t)sender->gathered * VOICE_FRAME_SAMPLES;
    memset(sender->samples + has, 0, sizeof sender->samples - has * sizeof sender->samples[0]);
    return write_packet(sender, out);
}
