/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "speaker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct speaker speaker_new(struct announcement_fields fields, const uint8_t gmk[GMK_SIZE],
                           const struct signing_key *signer) {
    static const uint8_t gsk[GSK_SIZE] = {7};
    struct speaker speaker = {.key.key_id = fields.gmk_id};
    struct announcement announcement;
    assert_int_equal(voice_sender_new(fields.ssrc, 1000, &speaker.sender), STATUS_OK);
    voice_sender_next(speaker.sender, &fields.proof.sequence, &fields.proof.rtp_time);
    assert_int_equal(talker_key_new(&entropy_system, &speaker.key.talker), STATUS_OK);
    memcpy(fields.proof.key, talker_key_public(speaker.key.talker), TALKER_KEY_SIZE);
    memcpy(fields.proof.anchor, talker_key_anchor(speaker.key.talker), VOICE_LINK_SIZE);
    speaker.key.sequence = fields.proof.sequence;
    struct writer w = writer_into(speaker.announcement, sizeof speaker.announcement);
    assert_int_equal(
        announcement_build(squad_provider(), &fields, gmk, gsk, signer, &entropy_system, &w),
        STATUS_OK);
    speaker.length = w.length;
    assert_int_equal(announcement_parse(writer_span(&w), &announcement), STATUS_OK);
    assert_int_equal(session_hash(announcement.covered, speaker.key.session), STATUS_OK);
    assert_int_equal(
        gsc_new(gsk, 1, fields.csb_id, fields.rand, fields.ssrc, GSC_SEND, &speaker.key.gsc),
        STATUS_OK);
    return speaker;
}

void speaker_clear(struct speaker *speaker) {
    voice_sender_free(speaker->sender);
    talker_key_free(speaker->key.talker);
    gsc_free(speaker->key.gsc);
}

struct span speaker_announcement(const struct speaker *speaker) {
    return (struct span){speaker->announcement, speaker->length};
}

struct span speaker_next(struct speaker *speaker, uint8_t room[MEDIA_MAX]) {
    const int16_t samples[VOICE_FRAME_SAMPLES] = {4000, 3000, 2000, 1000};
    struct writer payload = writer_into(room, MEDIA_MAX);
    assert_int_equal(media_build(&speaker->key, speaker->sender, samples, &payload), STATUS_OK);
    return writer_span(&payload);
}

void speaker_say(struct speaker *speaker, struct squad *squad, size_t to, size_t from) {
    uint8_t room[MEDIA_MAX];
    squad_inject_payload(squad, to, from, FRAME_ANNOUNCEMENT, speaker_announcement(speaker));
    squad_inject_payload(squad, to, from, FRAME_MEDIA, speaker_next(speaker, room));
}

void recording_play(struct squad *squad, size_t to, size_t talker, size_t first, size_t end) {
    for (size_t i = first; i < end; i++) {
        const struct squad_frame *frame = &squad->frames[i];
        unsigned kind = frame->octets[1];
        if (frame->from == talker && (kind == FRAME_ANNOUNCEMENT || kind == FRAME_MEDIA ||
                                      kind == FRAME_ANNOUNCEMENT_AND_MEDIA)) {
            squad_inject_payload(squad, to, SQUAD_STRANGER, (enum frame_kind)kind,
                                 squad_payload(frame));
        }
    }
}
