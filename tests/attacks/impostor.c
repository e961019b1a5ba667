/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "impostor.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

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
    struct media_key key; /* signed with a key of its own: the talker's is not to be had */
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
    impostor->key.key_id = fields->gmk_id;
    assert_int_equal(
        gsc_new(gsk, 1, fields->csb_id, fields->rand, fields->ssrc, GSC_SEND, &impostor->key.gsc),
        STATUS_OK);
    assert_int_equal(
        talker_key_new(&squad->handsets[member].engine->desk.entropy, &impostor->key.talker),
        STATUS_OK);
    assert_int_equal(session_hash(announcement.covered, impostor->key.session), STATUS_OK);
    uint16_t sequence = (uint16_t)(latest_sequence(squad, talker) + ahead);
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
