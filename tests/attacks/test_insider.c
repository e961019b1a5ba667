/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a member cannot do to the voice of another, who signs each packet, nor a stranger to one
 * whom it can jam.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "impostor.h"
#include "tests/app/speaker.h"

enum {
    BRAVO = 1,   /* talks */
    CHARLIE = 2, /* listens */
    MALLORY = 3, /* a member */
    FRAMES_A_SECOND = 1000 / VOICE_FRAME_MS,
    SECOND_MS = 1000,
};

/* A group in which Bravo has talked for three seconds, to all. */
static struct squad *bravo_talks(void) {
    struct squad *squad = squad_new(4);
    squad_group(squad, HOUR_MS);
    squad_run(squad, 3 * SECOND_MS);
    assert_int_equal(squad_talk(squad, BRAVO), STATUS_OK);
    squad_run(squad, 3 * SECOND_MS);
    return squad;
}

/* Does Charlie's screen say that Bravo, and nobody else, talks? */
static bool bravo_is_shown(struct squad *squad) {
    const struct view *view = squad_view(squad, CHARLIE);
    return view->talker_count == 1 && strcmp(view->talkers[0].identity, squad_identity(BRAVO)) == 0;
}

/* How many frames of voice Charlie hears in the next `ms`. */
static unsigned heard_in(struct squad *squad, int64_t ms) {
    unsigned before = squad->handsets[CHARLIE].voice_frames;
    squad_run(squad, ms);
    return squad->handsets[CHARLIE].voice_frames - before;
}

/* What Charlie is told: is it that somebody speaks in Bravo's name? */
static bool is_told_of_forgery(struct squad *squad) {
    const struct view *view = squad_view(squad, CHARLIE);
    for (size_t i = 0; i < view->log_count; i++) {
        if (view->log[i].kind == EVENT_VOICE_FORGED &&
            strcmp(view->log[i].identity, squad_identity(BRAVO)) == 0) {
            return true;
        }
    }
    return false;
}

/* Statement 9 of what must always hold, app/README.md: hostile input stalls no talk session. One
 * packet far ahead would move the replay window past all that the talker says. */
static void a_packet_far_ahead_takes_nothing_from_the_talker(void **state) {
    (void)state;
    static const unsigned aheads[] = {1, 300, 20000};
    for (size_t i = 0; i < sizeof aheads / sizeof aheads[0]; i++) {
        struct squad *squad = bravo_talks();
        struct impostor *mallory = impostor_new(squad, MALLORY, BRAVO, aheads[i]);
        squad->handsets[CHARLIE].longest_ms = 0;
        for (unsigned k = 0; k < 3; k++) {
            impostor_say(mallory, CHARLIE);
        }
        assert_int_equal(heard_in(squad, 7 * SECOND_MS), 7 * FRAMES_A_SECOND);
        assert_int_equal(squad->handsets[CHARLIE].longest_ms, VOICE_FRAME_MS);
        assert_true(bravo_is_shown(squad));
        /* A member it was, as is known once the talker has used that number too. */
        assert_int_equal(is_told_of_forgery(squad), aheads[i] < 7 * FRAMES_A_SECOND);
        impostor_free(mallory);
        squad_free(squad);
    }
}

/* Statement 5: every sample that is played was produced by the talker shown. */
static void a_member_is_not_heard_as_another_while_they_talk(void **state) {
    (void)state;
    struct squad *squad = bravo_talks();
    struct impostor *mallory = impostor_new(squad, MALLORY, BRAVO, 300);
    squad->handsets[BRAVO].deaf = true; /* out of reach: what is heard now is Mallory's alone */
    squad_run(squad, SECOND_MS);
    unsigned before = squad->handsets[CHARLIE].voice_frames;
    for (unsigned i = 0; i < 3 * FRAMES_A_SECOND; i++) {
        impostor_say(mallory, CHARLIE);
    }
    assert_int_equal(squad->handsets[CHARLIE].voice_frames, before);
    assert_false(bravo_is_shown(squad)); /* it has fallen silent */
    impostor_free(mallory);
    squad_free(squad);
}

/* Statements 5 and 14: nobody keeps a session open for another. */
static void a_member_is_not_heard_as_another_after_they_let_go(void **state) {
    (void)state;
    enum {
        SECONDS = 10
    };
    struct squad *squad = bravo_talks();
    struct impostor *mallory = impostor_new(squad, MALLORY, BRAVO, 300);
    assert_int_equal(squad_stop(squad, BRAVO), STATUS_OK);
    squad_run(squad, SECOND_MS);
    unsigned before = squad->handsets[CHARLIE].voice_frames;
    for (unsigned i = 0; i < SECONDS * FRAMES_A_SECOND; i++) {
        impostor_say(mallory, CHARLIE);
        assert_false(bravo_is_shown(squad));
    }
    assert_int_equal(squad->handsets[CHARLIE].voice_frames, before);
    impostor_free(mallory);
    squad_free(squad);
}

/* Statement 9: 10,000 forgeries a second, for all of which the tag is right, cut no talk. */
static void a_flood_of_forgeries_cuts_no_talk(void **state) {
    (void)state;
    enum {
        SECONDS = 3,
        A_STEP = 100,
        STEP_MS = 10
    };
    struct squad *squad = bravo_talks();
    struct impostor *mallory = impostor_new(squad, MALLORY, BRAVO, 2000);
    uint8_t room[MEDIA_MAX];
    struct span forged = impostor_next(mallory, room);
    squad->handsets[CHARLIE].longest_ms = 0;
    unsigned before = squad->handsets[CHARLIE].voice_frames;
    for (unsigned ms = 0; ms < SECONDS * SECOND_MS; ms += STEP_MS) {
        for (unsigned i = 0; i < A_STEP; i++) {
            squad_inject_payload(squad, CHARLIE, MALLORY, FRAME_MEDIA, forged);
        }
        squad_run(squad, STEP_MS);
    }
    assert_int_equal(squad->handsets[CHARLIE].voice_frames - before, SECONDS * FRAMES_A_SECOND);
    assert_int_equal(squad->handsets[CHARLIE].longest_ms, VOICE_FRAME_MS);
    impostor_free(mallory);
    squad_free(squad);
}

/* Who holds the GMK can show with it that a member made a packet, and that the talker made another
 * one of that number. */
static void what_shows_that_a_member_forged_is_kept_as_evidence(void **state) {
    (void)state;
    enum {
        MINUTE_S = 60
    };
    struct squad *squad = bravo_talks();
    struct impostor *mallory = impostor_new(squad, MALLORY, BRAVO, 2);
    uint8_t room[MEDIA_MAX], gmk[GMK_SIZE], gsk[GSK_SIZE], hash[SESSION_HASH_SIZE];
    struct span forged = impostor_next(mallory, room);
    for (unsigned s = 0; s < MINUTE_S; s++) {
        squad_inject_payload(squad, CHARLIE, MALLORY, FRAME_MEDIA, forged);
        forged = impostor_next(mallory, room);
        squad_run(squad, VOICE_FRAME_MS);
    }
    const struct squad_handset *charlie = &squad->handsets[CHARLIE];
    assert_int_equal(charlie->proofs, 1);
    struct reader r = reader_of((struct span){charlie->proof, charlie->proof_length});
    struct span announced = read_span_u16(&r), packet = read_span_u16(&r), own = read_span_u16(&r);
    assert_int_equal(reader_finish(&r), STATUS_OK);

    struct announcement announcement;
    struct media media, true_media;
    struct gsc *gsc;
    assert_int_equal(announcement_parse(announced, &announcement), STATUS_OK);
    const struct announcement_fields *fields = &announcement.fields;
    assert_string_equal(fields->talker, squad_identity(BRAVO));
    assert_true(handset_reveal_gmk(charlie->engine, fields->gmk_id, gmk));
    assert_int_equal(announcement_open(&announcement, gmk, gsk), STATUS_OK);
    assert_int_equal(gsc_new(gsk, 1, fields->csb_id, fields->rand, fields->ssrc, GSC_RECEIVE, &gsc),
                     STATUS_OK);
    assert_int_equal(media_read(packet, &media), STATUS_OK);
    assert_int_equal(media_read(own, &true_media), STATUS_OK);
    assert_int_equal(gsc_check(gsc, media.srtp), STATUS_OK);
    assert_int_equal(gsc_check(gsc, true_media.srtp), STATUS_OK);
    assert_int_equal(media.sequence, true_media.sequence);
    assert_false(span_equal(media.srtp, true_media.srtp));
    assert_int_equal(session_hash(announcement.covered, hash), STATUS_OK);
    assert_int_equal(voice_verify(fields->proof.key, hash, media.packet, media.signature.octets),
                     STATUS_SIGNATURE_INVALID);
    assert_int_equal(
        voice_verify(fields->proof.key, hash, true_media.packet, true_media.signature.octets),
        STATUS_OK);
    gsc_free(gsc);
    impostor_free(mallory);
    squad_free(squad);
}

/* --- Without any key ------------------------------------------------------------------------ */

static bool jam_bravo_at_charlie(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    return frame->from != BRAVO || receiver != CHARLIE;
}

static bool is_voice(const struct squad_frame *frame) {
    unsigned kind = frame->octets[1];
    return kind == FRAME_MEDIA || kind == FRAME_ANNOUNCEMENT_AND_MEDIA;
}

/* Plays to Charlie, at the pace at which they were said, Bravo's recorded frames of voice. */
static void play_back(struct squad *squad, size_t first, size_t end) {
    for (size_t i = first; i < end; i++) {
        const struct squad_frame *frame = &squad->frames[i];
        if (frame->from == BRAVO && is_voice(frame)) {
            squad_inject(squad, CHARLIE, SQUAD_STRANGER,
                         (struct span){frame->octets, frame->length});
            squad_run(squad, VOICE_FRAME_MS);
        }
    }
}

/* Statement 6: nothing is played as live that was said more than 3 s ago. */
static void a_stranger_who_jams_a_handset_and_plays_old_words_to_it_is_not_heard(void **state) {
    (void)state;
    enum {
        TALK_S = 4
    };
    static const int64_t later_ms[] = {3500, 20 * SECOND_MS, 110 * SECOND_MS};
    for (size_t i = 0; i < sizeof later_ms / sizeof later_ms[0]; i++) {
        struct squad *squad = squad_new(3);
        squad_group(squad, HOUR_MS);
        squad_run(squad, 3 * SECOND_MS);
        squad->filter = jam_bravo_at_charlie;
        size_t first = squad->frame_count;
        assert_int_equal(squad_talk(squad, BRAVO), STATUS_OK);
        squad_run(squad, TALK_S * SECOND_MS);
        assert_int_equal(squad_stop(squad, BRAVO), STATUS_OK);
        squad_run(squad, 100);
        size_t end = squad->frame_count;
        squad->filter = NULL;
        assert_int_equal(heard_in(squad, later_ms[i]), 0);
        play_back(squad, first, end);
        squad_run(squad, 3 * SECOND_MS);
        assert_int_equal(squad->handsets[CHARLIE].voice_frames, 0);
        assert_int_equal(squad_view(squad, CHARLIE)->talker_count, 0);
        assert_int_equal(squad_view(squad, CHARLIE)->session_count, 0);
        squad_free(squad);
    }
}

/* Of Bravo's packets one is withheld from Charlie now and then; the latest is here. */
struct withheld {
    const struct squad *squad;
    int64_t next_ms;
    unsigned count;
    size_t length;
    uint8_t octets[MEDIA_MAX];
};

static bool withhold(void *context, struct squad_frame *frame, size_t receiver) {
    enum {
        EVERY_MS = 480
    };
    struct withheld *withheld = context;
    struct span payload = squad_payload(frame);
    if (receiver != CHARLIE || frame->from != BRAVO || frame->octets[1] != FRAME_MEDIA ||
        withheld->squad->boot_ms < withheld->next_ms) {
        return true;
    }
    withheld->next_ms = withheld->squad->boot_ms + EVERY_MS;
    withheld->count++;
    withheld->length = payload.length;
    memcpy(withheld->octets, payload.octets, payload.length);
    return false;
}

/* The withheld packet, with a signature of whatever comes to mind: that takes no key. */
static void alter(struct squad *squad, const struct withheld *withheld, size_t from,
                  unsigned number) {
    uint8_t room[MEDIA_MAX];
    memcpy(room, withheld->octets, withheld->length);
    memcpy(room + withheld->length - VOICE_SIGNATURE_SIZE, &number, sizeof number);
    squad_inject_payload(squad, CHARLIE, from, FRAME_MEDIA, (struct span){room, withheld->length});
}

/* Statement 9, and nobody is accused who did nothing. */
static void a_stranger_who_alters_signatures_cuts_no_talk_and_accuses_no_member(void **state) {
    (void)state;
    enum {
        SECONDS = 5,
        STEP_MS = 10
    };
    static const unsigned a_step[] = {0, 10, 100};
    static const size_t from[] = {BRAVO, SQUAD_STRANGER};
    for (size_t i = 0; i < 2 * sizeof a_step / sizeof a_step[0]; i++) {
        struct squad *squad = bravo_talks();
        struct withheld withheld = {.squad = squad};
        unsigned number = 0, before = squad->handsets[CHARLIE].voice_frames;
        squad->filter = withhold;
        squad->filter_context = &withheld;
        for (unsigned ms = 0; ms < SECONDS * SECOND_MS; ms += STEP_MS) {
            squad_run(squad, STEP_MS);
            for (unsigned k = 0; k < a_step[i / 2] && withheld.count > 0; k++) {
                alter(squad, &withheld, from[i % 2], ++number);
            }
        }
        assert_true(withheld.count >= SECONDS);
        assert_true(squad->handsets[CHARLIE].voice_frames - before >=
                    SECONDS * FRAMES_A_SECOND - withheld.count);
        assert_true(bravo_is_shown(squad));
        assert_false(is_told_of_forgery(squad));
        assert_int_equal(squad->handsets[CHARLIE].proofs, 0);
        squad_free(squad);
    }
}

/* The talker's own packet is only late, and altered ones overtake it. */
static void altered_packets_from_elsewhere_do_not_keep_the_true_one_out(void **state) {
    (void)state;
    enum {
        ALTERED = 1000
    };
    struct squad *squad = bravo_talks();
    struct withheld withheld = {.squad = squad};
    squad->filter = withhold;
    squad->filter_context = &withheld;
    squad_run(squad, VOICE_FRAME_MS);
    assert_int_equal(withheld.count, 1);
    for (unsigned k = 1; k <= ALTERED; k++) {
        alter(squad, &withheld, SQUAD_STRANGER, k);
    }
    const struct session *session = &squad->handsets[CHARLIE].engine->listening.sessions[0];
    struct media media;
    struct span late = {withheld.octets, withheld.length};
    assert_int_equal(media_read(late, &media), STATUS_OK);
    assert_int_equal(gsc_check(session->current.gsc, media.srtp), STATUS_OK);
    squad_inject_payload(squad, CHARLIE, BRAVO, FRAME_MEDIA, late);
    assert_int_equal(gsc_check(session->current.gsc, media.srtp), STATUS_REPLAYED); /* taken */
    squad_free(squad);
}

/* --- After the end -------------------------------------------------------------------------- */

enum {
    KEPT_BACK = 8
};

/* Some of Bravo's last packets, which Charlie does not get in time; and Bravo does not hear
 * Charlie.
 */
struct kept_back {
    const struct squad *squad;
    bool begins;
    int64_t next_ms;
    size_t count;
    size_t length[KEPT_BACK];
    uint8_t octets[KEPT_BACK][MEDIA_MAX];
};

static bool keep_back(void *context, struct squad_frame *frame, size_t receiver) {
    struct kept_back *kept = context;
    struct span payload = squad_payload(frame);
    struct media media;
    if (receiver == BRAVO && frame->from == CHARLIE) {
        return false;
    }
    if (receiver != CHARLIE || frame->from != BRAVO || frame->octets[1] != FRAME_MEDIA ||
        !kept->begins || kept->count == KEPT_BACK || kept->squad->boot_ms < kept->next_ms ||
        media_read(payload, &media) != STATUS_OK || media_is_end(&media)) {
        return true;
    }
    kept->next_ms = kept->squad->boot_ms + 2 * VOICE_FRAME_MS;
    kept->length[kept->count] = payload.length;
    memcpy(kept->octets[kept->count++], payload.octets, payload.length);
    return false;
}

/* Statement 13. Charlie, who talked, did not play Bravo, and heard its end. */
static void words_that_come_after_the_end_begin_nothing_and_keep_nobody_from_talking(void **state) {
    (void)state;
    static const int64_t later_ms[] = {0, 1200};
    for (size_t i = 0; i < sizeof later_ms / sizeof later_ms[0]; i++) {
        struct squad *squad = squad_new(3);
        struct kept_back kept = {.squad = squad};
        squad_group(squad, HOUR_MS);
        squad_run(squad, 8 * SECOND_MS);
        squad->filter = keep_back;
        squad->filter_context = &kept;
        assert_int_equal(squad_talk(squad, CHARLIE), STATUS_OK);
        squad_run(squad, 500);
        assert_int_equal(squad_talk(squad, BRAVO), STATUS_OK);
        squad_run(squad, 1500);
        kept.begins = true;
        squad_run(squad, 400);
        assert_int_equal(squad_stop(squad, BRAVO), STATUS_OK);
        squad_run(squad, 100);
        assert_true(squad_view(squad, CHARLIE)->talking);
        assert_int_equal(kept.count, KEPT_BACK);
        assert_int_equal(squad_stop(squad, CHARLIE), STATUS_OK);
        squad_run(squad, later_ms[i]);
        unsigned before = squad->handsets[CHARLIE].voice_frames;
        for (size_t k = 0; k < kept.count; k++) {
            squad_inject_payload(squad, CHARLIE, SQUAD_STRANGER, FRAME_MEDIA,
                                 (struct span){kept.octets[k], kept.length[k]});
            assert_int_equal(squad_talk(squad, CHARLIE), STATUS_OK);
            assert_int_equal(squad_stop(squad, CHARLIE), STATUS_OK);
            squad_run(squad, 180);
            assert_int_equal(squad_view(squad, CHARLIE)->talker_count, 0);
        }
        assert_int_equal(squad->handsets[CHARLIE].voice_frames, before);
        squad_free(squad);
    }
}

/* A talk of Mallory's own, whose packets it numbers as it likes. */
struct freak {
    struct squad *squad;
    struct media_key key;
    struct voice_sender *sender;
    int64_t began_ms;
    uint32_t ssrc;
    enum talk_priority priority;
};

/* Tells Charlie. */
static struct speaker announce_freak(struct freak *freak) {
    struct squad *squad = freak->squad;
    const struct handset *mallory = squad->handsets[MALLORY].engine;
    const struct moment now = squad_now(squad, MALLORY);
    const struct group *group = mallory->groups.list[0];
    struct announcement_fields fields = {.csb_id = 5,
                                         .ssrc = freak->ssrc,
                                         .gmk_id = group->current.id,
                                         .utc_ms = group_clock_read(&group->clock, now),
                                         .proof.age_ms = own_age(&mallory->roster.own, now),
                                         .proof.session = {1, 2, 3},
                                         .proof.priority = freak->priority};
    fields.proof.began_ms = fields.utc_ms;
    memcpy(fields.proof.start, mallory->roster.own.start, START_SIZE);
    memcpy(fields.talker, squad_identity(MALLORY), strlen(squad_identity(MALLORY)) + 1);
    memcpy(fields.group, group->parameters.identity, sizeof fields.group);
    struct speaker speaker =
        speaker_new(fields, group->current.octets->octets, squad_signing_key(MALLORY));
    freak->key = speaker.key;
    freak->began_ms = squad->boot_ms;
    assert_int_equal(voice_sender_new(freak->ssrc, 0, &freak->sender), STATUS_OK);
    squad_inject_payload(squad, CHARLIE, MALLORY, FRAME_ANNOUNCEMENT,
                         speaker_announcement(&speaker));
    return speaker;
}

/* 20 ms of a tone, or the end, said now to Charlie under that number. */
static void say_freak(struct freak *freak, uint16_t sequence, bool is_end) {
    uint8_t room[RTP_PACKET_MAX], octets[RTP_PACKET_MAX], payload[MEDIA_MAX];
    int16_t samples[VOICE_FRAME_SAMPLES];
    struct writer encoded = writer_into(room, sizeof room),
                  rtp = writer_into(octets, sizeof octets),
                  out = writer_into(payload, sizeof payload);
    struct rtp_packet packet = {.payload_type = MEDIA_END_TYPE};
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        samples[i] = (int16_t)(i % 64 * 200);
    }
    if (!is_end) {
        assert_int_equal(voice_sender_encode(freak->sender, samples, &encoded), STATUS_OK);
        assert_int_equal(rtp_read(writer_span(&encoded), &packet), STATUS_OK);
    }
    packet.sequence = sequence;
    packet.timestamp = (uint32_t)(freak->squad->boot_ms - freak->began_ms) * RTP_CLOCK_PER_MS;
    packet.ssrc = freak->ssrc;
    rtp_write(&packet, &rtp);
    assert_int_equal(media_seal(&freak->key, writer_span(&rtp), &out), STATUS_OK);
    squad_inject_payload(freak->squad, CHARLIE, MALLORY, FRAME_MEDIA, writer_span(&out));
}

/* Statement 13: Mallory numbers its end far ahead, and goes on with lower numbers. */
static void who_goes_on_after_its_own_end_is_not_heard_over_the_next_talker(void **state) {
    (void)state;
    struct squad *squad = squad_new(4);
    struct freak freak = {.squad = squad, .ssrc = 4711};
    uint16_t number = 0;
    unsigned two_ms = 0;
    squad_group(squad, HOUR_MS);
    squad_run(squad, 8 * SECOND_MS);
    struct speaker speaker = announce_freak(&freak);
    squad_run(squad, 2600);
    while (number < 30) {
        say_freak(&freak, number++, false);
        squad_run(squad, VOICE_FRAME_MS);
    }
    assert_int_equal(squad_view(squad, CHARLIE)->talker_count, 1);
    for (unsigned i = 0; i < 6; i++) { /* some wait to be played when the end comes */
        say_freak(&freak, number++, false);
    }
    say_freak(&freak, (uint16_t)(number + 100), true);
    squad_run(squad, 10);
    assert_int_equal(squad_talk(squad, BRAVO), STATUS_OK);
    while (number < 130) {
        say_freak(&freak, number++, false);
        squad_run(squad, VOICE_FRAME_MS);
        two_ms += squad_view(squad, CHARLIE)->talker_count == 2 ? VOICE_FRAME_MS : 0;
    }
    assert_in_range(two_ms, VOICE_FRAME_MS, FLOOR_OVERLAP_MS);
    assert_true(bravo_is_shown(squad));
    voice_sender_free(freak.sender);
    speaker_clear(&speaker);
    squad_free(squad);
}

/* Who makes way when all seats are taken (seats.h) goes by what the talker announced. */
static void a_session_ranks_by_its_priority(void **state) {
    (void)state;
    struct squad *squad = squad_new(4);
    struct freak freak = {.squad = squad, .ssrc = 4711, .priority = TALK_EMERGENCY};
    squad_group(squad, HOUR_MS);
    squad_run(squad, 8 * SECOND_MS);
    struct speaker speaker = announce_freak(&freak);
    const struct session *session = &squad->handsets[CHARLIE].engine->listening.sessions[0];
    assert_string_equal(session->talker, squad_identity(MALLORY));
    assert_int_equal(session->rank, TALK_EMERGENCY);
    voice_sender_free(freak.sender);
    speaker_clear(&speaker);
    squad_free(squad);
}

static bool lose_first_announcements(void *context, struct squad_frame *frame, size_t receiver) {
    unsigned *left = context;
    if (receiver != CHARLIE || frame->from != BRAVO ||
        frame->octets[1] != FRAME_ANNOUNCEMENT_AND_MEDIA || *left == 0) {
        return true;
    }
    --*left;
    return false;
}

/* What is missed of Bravo's talk whose first announcements are lost, while Mallory announces itself
 * with Bravo's SSRC, or does not. */
static int64_t missed_ms(bool is_attacked) {
    struct squad *squad = squad_new(4);
    unsigned lost = 3;
    squad_group(squad, HOUR_MS);
    squad_run(squad, 8 * SECOND_MS);
    squad->filter = lose_first_announcements;
    squad->filter_context = &lost;
    assert_int_equal(squad_talk(squad, BRAVO), STATUS_OK);
    for (unsigned i = 0; i < 12; i++) {
        squad_run(squad, VOICE_FRAME_MS);
        if (is_attacked && i % 2 == 1) {
            struct freak freak = {.squad = squad, .ssrc = squad->handsets[BRAVO].engine->talk.ssrc};
            struct speaker speaker = announce_freak(&freak);
            voice_sender_free(freak.sender);
            speaker_clear(&speaker);
        }
    }
    assert_int_equal(lost, 0);
    squad_run(squad, SECOND_MS);
    assert_true(bravo_is_shown(squad));
    int64_t missed = squad_view(squad, CHARLIE)->talkers[0].missed_ms;
    squad_free(squad);
    return missed;
}

static void a_member_with_the_talkers_ssrc_takes_none_of_its_early_words(void **state) {
    (void)state;
    assert_int_equal(missed_ms(true), missed_ms(false));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_far_ahead_takes_nothing_from_the_talker),
        cmocka_unit_test(a_member_is_not_heard_as_another_while_they_talk),
        cmocka_unit_test(a_member_is_not_heard_as_another_after_they_let_go),
        cmocka_unit_test(a_flood_of_forgeries_cuts_no_talk),
        cmocka_unit_test(what_shows_that_a_member_forged_is_kept_as_evidence),
        cmocka_unit_test(a_stranger_who_alters_signatures_cuts_no_talk_and_accuses_no_member),
        cmocka_unit_test(altered_packets_from_elsewhere_do_not_keep_the_true_one_out),
        cmocka_unit_test(words_that_come_after_the_end_begin_nothing_and_keep_nobody_from_talking),
        cmocka_unit_test(who_goes_on_after_its_own_end_is_not_heard_over_the_next_talker),
        cmocka_unit_test(a_session_ranks_by_its_priority),
        cmocka_unit_test(a_member_with_the_talkers_ssrc_takes_none_of_its_early_words),
        cmocka_unit_test(a_stranger_who_jams_a_handset_and_plays_old_words_to_it_is_not_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
