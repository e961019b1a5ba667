/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a recording of the air is worth once a handset falls into somebody's hands: nothing. The
 * same recording opens to the domain's authority where the domain has recovery on, which shows that
 * the search is made in the form in which connections are sealed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/d2d/d2d.h"
#include "app/handset/d2d/record.h"
#include "app/handset/talk/call.h"
#include "app/handset/talk/media.h"
#include "crypto/announcement.h"
#include "crypto/connection_key.h"
#include "crypto/gsc.h"
#include "tests/app/squad.h"
#include "tests/app/wiretap.h"

enum {
    CREATOR = 0,
    MEMBER = 1, /* whose handset is taken */
    MINUTE_MS = 60 * 1000
};

/* What the recording and the receiver key gave away. */
struct loot {
    bool has_gmk;
    uint32_t gmk_id;
    uint8_t gmk[GMK_SIZE];
    struct group_parameters group;
    struct wiretap last; /* the latest connection's */
};

static void take_record(struct span octets, struct loot *loot) {
    struct group_parameters parameters;
    struct d2d_record record = {.parameters = &parameters};
    assert_int_equal(d2d_record_read(octets, &record), STATUS_OK);
    if (record.type == RECORD_PROPOSE_GROUP) {
        loot->group = parameters;
    } else if (record.type == RECORD_GRANT) {
        loot->has_gmk = true;
        loot->gmk_id = record.gmk_id;
        memcpy(loot->gmk, record.gmk, sizeof loot->gmk);
    }
}

/* Goes through the recording with those keys, and nothing else. */
static struct loot search(const struct squad *squad, const struct wiretap_keys *keys) {
    static uint8_t room[D2D_PAYLOAD_MAX];
    struct loot loot = {0};
    for (size_t i = 0; i < squad->frame_count; i++) {
        if (squad->frames[i].octets[1] != FRAME_D2D) {
            continue;
        }
        struct span payload = squad_payload(&squad->frames[i]);
        if (!wiretap_open(&loot.last, keys, payload)) {
            struct span record = wiretap_hear(&loot.last, payload, room);
            if (record.length > 0) {
                take_record(record, &loot);
            }
        }
    }
    assert_int_not_equal(loot.last.connection, 0); /* it takes the right key to get to a TGK */
    return loot;
}

/* How many of the recorded voice packets of `talker` the GMK opens. */
static unsigned open_voice(const struct squad *squad, size_t talker, const uint8_t *gmk) {
    struct announcement announcement;
    uint8_t gsk[GSK_SIZE];
    struct gsc *gsc;
    unsigned opened = 0;
    struct reader r =
        reader_of(squad_payload(squad_find_frame(squad, talker, FRAME_ANNOUNCEMENT_AND_MEDIA)));
    assert_int_equal(announcement_parse(read_span_u16(&r), &announcement), STATUS_OK);
    const struct announcement_fields *fields = &announcement.fields;
    if (announcement_open(&announcement, gmk, gsk) != STATUS_OK) {
        return 0;
    }
    assert_int_equal(gsc_new(gsk, 1, fields->csb_id, fields->rand, fields->ssrc, GSC_RECEIVE, &gsc),
                     STATUS_OK);
    for (size_t i = 0; i < squad->frame_count; i++) {
        const struct squad_frame *frame = &squad->frames[i];
        if (frame->from == talker && frame->octets[1] == FRAME_MEDIA) {
            uint8_t rtp[RTP_PACKET_MAX];
            struct writer w = writer_into(rtp, sizeof rtp);
            struct media media;
            assert_int_equal(media_read(squad_payload(frame), &media), STATUS_OK);
            opened += gsc_unprotect(gsc, media.srtp, &w) == STATUS_OK;
        }
    }
    gsc_free(gsc);
    return opened;
}

/* A group of ten minutes and some voice in it, and all of it over. */
static struct squad *recorded(bool recovery) {
    struct squad *squad = squad_new(3);
    for (size_t n = 0; recovery && n < squad->count; n++) {
        squad_recover(squad, n);
    }
    squad_group(squad, 10 * MINUTE_MS);
    squad_run(squad, 2000);
    assert_int_equal(squad_talk(squad, CREATOR), STATUS_OK);
    squad_run(squad, 1500);
    assert_int_equal(squad_stop(squad, CREATOR), STATUS_OK);
    squad_run(squad, 500);
    squad->step_ms = 1000;
    squad_run(squad, 11 * MINUTE_MS);
    return squad;
}

/* Statement 11 of what must always hold, app/README.md: a handset taken at any moment opens no
 * ad-hoc key that was handed out before. Nor do the handsets of all members together. */
static void
handsets_taken_after_a_key_has_ended_open_neither_the_key_nor_the_voice_recorded(void **state) {
    (void)state;
    struct squad *squad = recorded(false);
    const struct view_group *group = &squad_view(squad, MEMBER)->groups[0];
    uint8_t held[GMK_SIZE];
    assert_int_equal(group->gmk_state, GMK_EXPIRED);
    assert_false(handset_reveal_gmk(squad->handsets[MEMBER].engine, group->gmk_id, held));
    for (size_t n = MEMBER; n < squad->count; n++) {
        struct receiver_key *key = wiretap_receiver_key(n);
        struct loot loot = search(squad, &(struct wiretap_keys){.receiver = key});
        assert_false(loot.has_gmk);
        assert_int_equal(loot.last.requests, 0);
        assert_int_equal(loot.group.member_count, 0); /* nor who they were */
        squad_provider()->receiver_key_free(key);
    }
    squad_free(squad);
}

/* Lawful intercept: the authority opens what the thief of the same handset does not. */
static void with_recovery_on_the_authority_opens_the_recording_and_a_thief_does_not(void **state) {
    (void)state;
    struct squad *squad = recorded(true);
    struct receiver_key *key = wiretap_receiver_key(MEMBER);
    struct loot loot = search(squad, &(struct wiretap_keys){.receiver = key});
    assert_false(loot.has_gmk);
    assert_int_equal(loot.last.requests, 0);

    const struct view_group *group = &squad_view(squad, MEMBER)->groups[0];
    loot = search(squad, &(struct wiretap_keys){.receiver = key, .recovery = squad_recovery_key()});
    assert_true(loot.has_gmk);
    assert_int_equal(loot.gmk_id, group->gmk_id);
    assert_int_equal(loot.group.member_count, 3);
    assert_true(open_voice(squad, CREATOR, loot.gmk) >= 1000 / VOICE_FRAME_MS);
    squad_provider()->receiver_key_free(key);
    squad_free(squad);
}

/* How many of the recorded packets of the caller `tgk` opens, a one-to-one talk's TGK. */
static unsigned open_call(const struct squad *squad, const struct wiretap *tap,
                          const uint8_t tgk[SSV_SIZE]) {
    struct gsc *gsc = NULL;
    unsigned opened = 0;
    for (size_t i = 0; i < squad->frame_count; i++) {
        const struct squad_frame *frame = &squad->frames[i];
        if (frame->from != CREATOR || frame->octets[1] != FRAME_MEDIA) {
            continue;
        }
        struct reader r = reader_of(squad_payload(frame));
        assert_int_equal(read_u32(&r), tap->key_id);
        struct span srtp = read_span(&r, reader_left(&r));
        if (gsc == NULL) {
            struct reader rtp = reader_of(srtp);
            (void)read_u64(&rtp);
            assert_int_equal(gsc_new(tgk, CALL_CS_FORWARD, tap->key_id, tap->rand, read_u32(&rtp),
                                     GSC_RECEIVE, &gsc),
                             STATUS_OK);
        }
        uint8_t octets[RTP_PACKET_MAX];
        struct writer w = writer_into(octets, sizeof octets);
        opened += gsc_unprotect(gsc, srtp, &w) == STATUS_OK;
    }
    assert_non_null(gsc); /* something was said */
    gsc_free(gsc);
    return opened;
}

static struct squad *recorded_call(bool recovery) {
    struct squad *squad = squad_new(2);
    struct command call = {.kind = COMMAND_CALL};
    for (size_t n = 0; recovery && n < squad->count; n++) {
        squad_recover(squad, n);
    }
    squad_run(squad, 6000);
    snprintf(call.identity, sizeof call.identity, "%s", squad_identity(MEMBER));
    assert_int_equal(squad_command(squad, CREATOR, &call), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_answer(squad, MEMBER, COMMAND_ACCEPT), STATUS_OK);
    squad_run(squad, 3000);
    assert_int_equal(squad_view(squad, CREATOR)->call_state, CALL_ACTIVE);
    return squad;
}

static void
a_recorded_call_opens_to_the_authority_alone_and_with_recovery_off_to_nobody(void **state) {
    (void)state;
    for (unsigned on = 0; on < 2; on++) {
        struct squad *squad = recorded_call(on == 1);
        struct receiver_key *key = wiretap_receiver_key(MEMBER);
        struct loot loot = search(squad, &(struct wiretap_keys){.receiver = key});
        assert_int_equal(open_call(squad, &loot.last, loot.last.tgk), 0);
        assert_int_equal(open_call(squad, &loot.last, loot.last.keys.call), 0);
        if (on == 1) {
            loot = search(
                squad, &(struct wiretap_keys){.receiver = key, .recovery = squad_recovery_key()});
            assert_true(open_call(squad, &loot.last, loot.last.keys.call) >= 1000 / VOICE_FRAME_MS);
        }
        squad_provider()->receiver_key_free(key);
        squad_free(squad);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            handsets_taken_after_a_key_has_ended_open_neither_the_key_nor_the_voice_recorded),
        cmocka_unit_test(with_recovery_on_the_authority_opens_the_recording_and_a_thief_does_not),
        cmocka_unit_test(
            a_recorded_call_opens_to_the_authority_alone_and_with_recovery_off_to_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
