/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "impostor.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"

enum {
    GMK_ID_SIZE = 4, /* before the SRTP packet of a media payload */
    RTP_SEQUENCE_AT = 2
};

struct impostor {
    struct squad *squad;
    size_t member;
    uint64_t samples_said;
    struct announcement_fields fields;
    uint8_t gsk[GSK_SIZE];
    struct media_key key; /* signed with a key of its own, and with the links of a chain of its own:
                           * the talker's are not to be had */
    struct voice_sender *sender;
};

/* The sequence number of the talker's latest packet, which is in the clear. */
static uint16_t latest_sequence(const struct squad *squad, size_t talker) {
    struct span media = squad_payload(squad_find_frame(squad, talker, FRAME_MEDIA));
    assert_true(media.length > GMK_ID_SIZE + RTP_SEQUENCE_AT + 2);
    struct reader r = reader_of(media);
    (void)read_span(&r, GMK_ID_SIZE + RTP_SEQUENCE_AT);
    return read_u16(&r);
}

struct impostor *impostor_new(struct squad *squad, size_t member, size_t talker, unsigned ahead) {
    struct impostor *impostor = calloc(1, sizeof *impostor);
    struct announcement announcement;
    uint8_t gmk[GMK_SIZE];
    assert_non_null(impostor);
    struct reader r =
        reader_of(squad_payload(squad_find_frame(squad, talker, FRAME_ANNOUNCEMENT_AND_MEDIA)));
    assert_int_equal(announcement_parse(read_span_u16(&r), &announcement), STATUS_OK);
    const struct announcement_fields *fields = &announcement.fields;
    assert_true(handset_reveal_gmk(squad->handsets[member].engine, fields->gmk_id, gmk));
    assert_int_equal(announcement_open(&announcement, gmk, impostor->gsk), STATUS_OK);
    impostor->fields = *fields;
    impostor->squad = squad;
    impostor->member = member;
    impostor->key.key_id = fields->gmk_id;
    assert_int_equal(gsc_new(impostor->gsk, 1, fields->csb_id, fields->rand, fields->ssrc, GSC_SEND,
                             &impostor->key.gsc),
                     STATUS_OK);
    assert_int_equal(
        talker_key_new(&squad->handsets[member].engine->desk.entropy, &impostor->key.talker),
        STATUS_OK);
    assert_int_equal(session_hash(announcement.covered, impostor->key.session), STATUS_OK);
    uint16_t sequence = (uint16_t)(latest_sequence(squad, talker) + ahead);
    impostor->key.sequence = sequence;
    assert_int_equal(voice_sender_new(fields->ssrc, (uint32_t)sequence << 16, &impostor->sender),
                     STATUS_OK);
    return impostor;
}

void impostor_free(struct impostor *impostor) {
    voice_sender_free(impostor->sender);
    talker_key_free(impostor->key.talker);
    gsc_free(impostor->key.gsc);
    free(impostor);
}

struct span impostor_next(struct impostor *impostor, uint8_t room[MEDIA_MAX]) {
    int16_t samples[VOICE_FRAME_SAMPLES];
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        samples[i] = (int16_t)(9000 * sin(0.05 * (double)impostor->samples_said++));
    }
    struct writer payload = writer_into(room, MEDIA_MAX);
    assert_int_equal(media_build(&impostor->key, impostor->sender, samples, &payload), STATUS_OK);
    return writer_span(&payload);
}

void impostor_say(struct impostor *impostor, size_t to) {
    uint8_t room[MEDIA_MAX];
    squad_inject_payload(impostor->squad, to, impostor->member, FRAME_MEDIA,
                         impostor_next(impostor, room));
    squad_run(impostor->squad, VOICE_FRAME_MS);
}

struct span impostor_forge(const struct impostor *impostor, const struct forgery *forgery,
                           uint8_t room[MEDIA_MAX]) {
    enum {
        NOISE_SIZE = 60
    };
    const struct announcement_fields *fields = &impostor->fields;
    uint16_t ahead = (uint16_t)(forgery->sequence - fields->proof.sequence);
    int64_t at_ms = forgery->at_ms < 0 ? ahead * VOICE_FRAME_MS : forgery->at_ms;
    uint8_t octets[RTP_PACKET_MAX], noise[NOISE_SIZE];
    memset(noise, 0x55, sizeof noise);
    noise[0] = 0x48; /* SILK, wideband, 20 ms (RFC 6716 3.1) */
    struct rtp_packet packet = {.payload_type = forgery->type,
                                .sequence = forgery->sequence,
                                .timestamp =
                                    fields->proof.rtp_time + (uint32_t)at_ms * RTP_CLOCK_PER_MS,
                                .ssrc = fields->ssrc,
                                .payload = SPAN_OF(noise)};
    struct writer rtp = writer_into(octets, sizeof octets), out = writer_into(room, MEDIA_MAX);
    rtp_write(&packet, &rtp);
    struct media_key key = impostor->key; /* a context sends no number twice, so a new one */
    key.sequence = forgery->sequence;
    assert_int_equal(
        gsc_new(impostor->gsk, 1, fields->csb_id, fields->rand, fields->ssrc, GSC_SEND, &key.gsc),
        STATUS_OK);
    assert_int_equal(media_seal(&key, writer_span(&rtp), &out), STATUS_OK);
    gsc_free(key.gsc);
    if (forgery->link.length > 0) {
        memcpy(room + out.length - VOICE_SIGNATURE_SIZE - VOICE_LINK_SIZE, forgery->link.octets,
               VOICE_LINK_SIZE);
    }
    if (forgery->signature.length > 0) {
        memcpy(room + out.length - VOICE_SIGNATURE_SIZE, forgery->signature.octets,
               VOICE_SIGNATURE_SIZE);
    }
    return writer_span(&out);
}
