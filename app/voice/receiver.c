/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <opus/opus.h>
#include <stdlib.h>
#include <string.h>

#include "app/voice/jitter.h"
#include "app/voice/pace.h"
#include "app/voice/rtp.h"
#include "app/voice/voice.h"

enum {
    LOSS_FROM = 10, /* packets tell how many are lost */
};

struct voice_receiver {
    OpusDecoder *decoder;
    bool has_ssrc;
    bool has_former_ssrc;
    uint32_t ssrc;
    uint32_t former_ssrc;
    bool hurries; /* it is behind, and catches up */
    struct pace *pace;
    struct voice_route own_route; /* where nobody gave it another */
    struct voice_route *route;
    /* Decoded and still to be played: the rest of a packet. */
    unsigned ready;              /* frames, */
    unsigned ready_at;           /* the first of them, */
    enum jitter_advice ready_as; /* and what was said of their packet */
    int16_t decoded[VOICE_PACKED_MAX * VOICE_FRAME_SAMPLES];
    struct jitter jitter;
};

static void start_stream(struct voice_receiver *receiver, unsigned frames) {
    jitter_reset(&receiver->jitter, frames, receiver->route);
    receiver->ready = 0;
    receiver->hurries = false;
    pace_reset(receiver->pace);
}

enum status voice_receiver_new(struct voice_receiver **out) {
    *out = NULL;
    struct voice_receiver *receiver = calloc(1, sizeof *receiver);
    if (receiver == NULL) {
        return STATUS_NO_MEMORY;
    }
    int error = OPUS_OK;
    receiver->decoder = opus_decoder_create(VOICE_RATE, 1, &error);
    if (error != OPUS_OK) {
        voice_receiver_free(receiver);
        return error == OPUS_ALLOC_FAIL ? STATUS_NO_MEMORY : STATUS_LIBRARY_FAILED;
    }
    enum status status = pace_new(&receiver->pace);
    if (status != STATUS_OK) {
        voice_receiver_free(receiver);
        return status;
    }
    voice_receiver_follow(receiver, &receiver->own_route);
    *out = receiver;
    return STATUS_OK;
}

void voice_receiver_free(struct voice_receiver *receiver) {
    if (receiver == NULL) {
        return;
    }
    if (receiver->decoder != NULL) {
        opus_decoder_destroy(receiver->decoder);
    }
    pace_free(receiver->pace);
    free(receiver);
}

void voice_receiver_follow(struct voice_receiver *receiver, struct voice_route *route) {
    receiver->route = route;
    start_stream(receiver, 1);
}

void voice_receiver_move(struct voice_receiver *receiver, struct voice_route *route) {
    receiver->route = route;
    receiver->jitter.route = route;
}

/* Another SSRC is another stream; what is left of the one before is then late (RFC 3550 8.2). */
static bool belongs_to_stream(struct voice_receiver *receiver, uint32_t ssrc, unsigned frames) {
    if (receiver->has_ssrc && receiver->ssrc == ssrc) {
        return true;
    }
    if (receiver->has_former_ssrc && receiver->former_ssrc == ssrc) {
        return false;
    }
    receiver->has_former_ssrc = receiver->has_ssrc;
    receiver->former_ssrc = receiver->ssrc;
    receiver->has_ssrc = true;
    receiver->ssrc = ssrc;
    start_stream(receiver, frames);
    opus_decoder_ctl(receiver->decoder, OPUS_RESET_STATE);
    return true;
}

/* How many frames a payload holds; 0 when that is none of 20, 40 and 60 ms. */
static unsigned frames_in(struct span payload) {
    int samples =
        opus_packet_get_nb_samples(payload.octets, (opus_int32)payload.length, VOICE_RATE);
    bool is_whole = samples > 0 && samples % VOICE_FRAME_SAMPLES == 0 &&
                    samples <= VOICE_PACKED_MAX * VOICE_FRAME_SAMPLES;
    return is_whole ? (unsigned)samples / VOICE_FRAME_SAMPLES : 0;
}

enum status voice_receiver_packet(struct voice_receiver *receiver, int64_t boot_ms,
                                  struct span rtp) {
    struct rtp_packet packet;
    if (rtp.length > VOICE_PACKET_MAX || rtp_read(rtp, &packet) != STATUS_OK ||
        packet.payload_type != RTP_PAYLOAD_OPUS || frames_in(packet.payload) == 0) {
        return STATUS_MALFORMED;
    }
    unsigned frames = frames_in(packet.payload);
    if (belongs_to_stream(receiver, packet.ssrc, frames)) {
        if (frames != receiver->jitter.frames) {
            return STATUS_MALFORMED;
        }
        jitter_put(&receiver->jitter, boot_ms, packet.sequence, packet.timestamp, packet.payload);
    }
    return STATUS_OK;
}

/* Without a payload, or if it does not decode, Opus conceals the loss (RFC 6716 4.4). */
static void decode(struct voice_receiver *receiver, struct span payload, bool repair,
                   unsigned frames) {
    const int count = (int)frames * VOICE_FRAME_SAMPLES;
    int16_t *samples = receiver->decoded;
    int decoded = payload.length == 0
                      ? OPUS_INVALID_PACKET
                      : opus_decode(receiver->decoder, payload.octets, (opus_int32)payload.length,
                                    samples, count, repair);
    if (decoded != count) {
        decoded = opus_decode(receiver->decoder, NULL, 0, samples, count, 0);
    }
    if (decoded != count) {
        memset(samples, 0, (size_t)count * sizeof samples[0]);
    }
    receiver->ready = frames;
    receiver->ready_at = 0;
}

/* Takes one frame of what is decoded, and decodes when there is none. */
static enum jitter_advice next_frame(struct voice_receiver *receiver, int64_t boot_ms,
                                     int16_t samples[VOICE_FRAME_SAMPLES]) {
    if (receiver->ready == 0) {
        struct span payload;
        receiver->ready_as = jitter_take(&receiver->jitter, boot_ms, &payload);
        if (receiver->ready_as == JITTER_SILENCE) {
            memset(samples, 0, VOICE_FRAME_SAMPLES * sizeof samples[0]);
            return JITTER_SILENCE;
        }
        decode(receiver, payload, receiver->ready_as == JITTER_REPAIR,
               receiver->ready_as == JITTER_WAIT ? 1 : receiver->jitter.frames);
    }
    memcpy(samples, receiver->decoded + (size_t)receiver->ready_at * VOICE_FRAME_SAMPLES,
           VOICE_FRAME_SAMPLES * sizeof samples[0]);
    receiver->ready--;
    receiver->ready_at++;
    return receiver->ready_as;
}

/* Is it to catch up? From far behind, as after a stall, until it has; at the beginning of a talk,
 * of which some came before it could be heard, from less. */
static bool is_behind(const struct voice_receiver *receiver) {
    unsigned spare = jitter_spare(&receiver->jitter);
    bool is_at_beginning = !receiver->jitter.playing;
    return receiver->hurries ? spare > 0
                             : spare > (is_at_beginning ? JITTER_START_MIN : JITTER_EXCESS);
}

bool voice_receiver_play(struct voice_receiver *receiver, int64_t boot_ms,
                         int16_t samples[VOICE_FRAME_SAMPLES]) {
    receiver->hurries = is_behind(receiver);
    pace_hurry(receiver->pace, receiver->hurries);
    while (!pace_take(receiver->pace, samples)) {
        if (next_frame(receiver, boot_ms, samples) == JITTER_SILENCE) {
            pace_reset(receiver->pace);
            return false;
        }
        pace_put(receiver->pace, samples);
    }
    return true;
}

void voice_receiver_restart(struct voice_receiver *receiver) {
    start_stream(receiver, receiver->jitter.frames);
    opus_decoder_ctl(receiver->decoder, OPUS_RESET_STATE);
}

bool voice_receiver_holds(const struct voice_receiver *receiver) {
    return receiver->jitter.held > 0 || receiver->ready > 0;
}

unsigned voice_receiver_loss(const struct voice_receiver *receiver) {
    const struct voice_route *route = receiver->route;
    return route->counted < LOSS_FROM ? 0 : (unsigned)lround(100 * route->loss);
}

unsigned voice_receiver_delay_ms(const struct voice_receiver *receiver) {
    return (unsigned)lround(receiver->route->delay_ms);
}
