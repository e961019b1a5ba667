/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "impostor.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crypto/announcement.h"
#include "crypto/gsc.h"
#include "crypto/secret.h"

enum {
    GMK_ID_SIZE = 4, /* before the SRTP packet of a media payload */
    RTP_SEQUENCE_AT = 2
};

struct impostor {
    struct squad *squad;
    size_t member;
    uint32_t gmk_id;
    uint64_t samples_said;
    struct gsc *gsc;
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
    uint8_t gmk[GMK_SIZE], gsk[GSK_SIZE];
    assert_non_null(impostor);
    struct reader r =
        reader_of(squad_payload(squad_find_frame(squad, talker, FRAME_ANNOUNCEMENT_AND_MEDIA)));
    assert_int_equal(announcement_parse(read_span_u16(&r), &announcement), STATUS_OK);
    const struct announcement_fields *fields = &announcement.fields;
    assert_true(handset_reveal_gmk(squad->handsets[member].engine, fields->gmk_id, gmk));
    assert_int_equal(announcement_open(&announcement, gmk, gsk), STATUS_OK);
    impostor->squad = squad;
    impostor->member = member;
    impostor->gmk_id = fields->gmk_id;
    assert_int_equal(
        gsc_new(gsk, 1, fields->csb_id, fields->rand, fields->ssrc, GSC_SEND, &impostor->gsc),
        STATUS_OK);
    uint16_t sequence = (uint16_t)(latest_sequence(squad, talker) + ahead);
    assert_int_equal(voice_sender_new(fields->ssrc, (uint32_t)sequence << 16, &impostor->sender),
                     STATUS_OK);
    return impostor;
}

void impostor_free(struct impostor *impostor) {
    voice_sender_free(impostor->sender);
    gsc_free(impostor->gsc);
    free(impostor);
}

void impostor_say(struct impostor *impostor, size_t to) {
    int16_t samples[VOICE_FRAME_SAMPLES];
    uint8_t rtp[VOICE_PACKET_MAX], media[GMK_ID_SIZE + RTP_PACKET_MAX + GSC_OVERHEAD];
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        samples[i] = (int16_t)(9000 * sin(0.05 * (double)impostor->samples_said++));
    }
    struct writer packet = writer_into(rtp, sizeof rtp);
    assert_int_equal(voice_sender_encode(impostor->sender, samples, &packet), STATUS_OK);
    struct writer payload = writer_into(media, sizeof media);
    write_u32(&payload, impostor->gmk_id);
    assert_int_equal(gsc_protect(impostor->gsc, writer_span(&packet), &payload), STATUS_OK);
    squad_inject_payload(impostor->squad, to, impostor->member, FRAME_MEDIA, writer_span(&payload));
    squad_run(impostor->squad, VOICE_FRAME_MS);
}
