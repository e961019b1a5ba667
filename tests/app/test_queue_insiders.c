/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a hostile member does to the queue for the floor, who holds all keys of the group and its
 * own identity's: no other is queued, put off or taken off by it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "tests/app/speaker.h"
#include "tests/app/talkers.h"

enum {
    HOLDER = 0,
    VICTIM = 1,
    MEMBER = 2, /* the hostile one */
    COUNT = 4,
};

static void press(struct squad *squad, size_t n) {
    (void)squad_talk(squad, n);
    squad_run(squad, 300);
}

static struct squad *squad_that_talks(void) {
    struct squad *squad = talkers_new(COUNT);
    press(squad, HOLDER);
    return squad;
}

static unsigned waiting(struct squad *squad) {
    return squad_view(squad, HOLDER)->floor.waiting;
}

static const char *first(struct squad *squad) {
    return squad->handsets[HOLDER].engine->queue.places[0].identity;
}

static const struct session *session_of_holder(struct squad *squad) {
    struct listening *listening = &squad->handsets[MEMBER].engine->listening;
    const struct session *session = seats_find(listening->sessions, squad_identity(HOLDER),
                                               squad_view(squad, MEMBER)->groups[0].identity);
    assert_non_null(session);
    return session;
}

/* A request in the name of `who`, signed with the keys of `signer`, comes from `from`. */
static void request(struct squad *squad, size_t who, size_t signer, enum floor_wish wish,
                    int64_t number, size_t from) {
    uint8_t room[FLOOR_REQUEST_SIZE];
    struct writer w = writer_into(room, sizeof room);
    struct floor_request said = {.wish = wish, .number = number};
    snprintf(said.identity, sizeof said.identity, "%s", squad_identity(who));
    assert_int_equal(floor_request_close(session_of_holder(squad)->current.floor, &said,
                                         squad_provider(), squad_signing_key(signer),
                                         &entropy_system, &w),
                     STATUS_OK);
    squad_inject_payload(squad, HOLDER, from, FRAME_FLOOR, writer_span(&w));
}

static void nobody_asks_in_anothers_name(void **state) {
    (void)state;
    struct squad *squad = squad_that_talks();
    int64_t number = squad_now(squad, HOLDER).utc_ms;
    request(squad, VICTIM, MEMBER, FLOOR_WISH_TALK, number, MEMBER);
    request(squad, VICTIM, MEMBER, FLOOR_WISH_TALK, number, VICTIM);
    assert_int_equal(waiting(squad), 0);
    request(squad, SQUAD_STRANGER, SQUAD_STRANGER, FLOOR_WISH_TALK, number, SQUAD_STRANGER);
    assert_int_equal(waiting(squad), 0); /* it is no member, whoever told it the key */
    request(squad, HOLDER, HOLDER, FLOOR_WISH_TALK, number, MEMBER);
    assert_int_equal(waiting(squad), 0);
    request(squad, VICTIM, VICTIM, FLOOR_WISH_TALK, number, VICTIM); /* what it would be */
    assert_int_equal(waiting(squad), 1);
    squad_free(squad);
}

static void nobody_is_taken_off_the_queue_by_another(void **state) {
    (void)state;
    struct squad *squad = squad_that_talks();
    press(squad, VICTIM);
    assert_int_equal(waiting(squad), 1);
    int64_t number = squad_now(squad, HOLDER).utc_ms + 60000;
    request(squad, VICTIM, MEMBER, FLOOR_WISH_NOTHING, number, MEMBER);
    request(squad, VICTIM, MEMBER, FLOOR_WISH_NOTHING, number, VICTIM);
    assert_int_equal(waiting(squad), 1);
    squad_free(squad);
}

static void a_member_has_one_place(void **state) {
    (void)state;
    struct squad *squad = squad_that_talks();
    press(squad, VICTIM);
    for (int64_t i = 0; i < 50; i++) {
        request(squad, MEMBER, MEMBER, FLOOR_WISH_TALK, squad_now(squad, HOLDER).utc_ms + i,
                SQUAD_STRANGER + (size_t)i % 9);
        squad_run(squad, 100);
    }
    assert_int_equal(waiting(squad), 2);
    assert_string_equal(first(squad), squad_identity(VICTIM));
    squad_free(squad);
}

/* Its octets are another's: they are sealed anew, by a member, in a frame of its own. */
static void a_request_counts_once(void **state) {
    (void)state;
    struct squad *squad = squad_that_talks();
    press(squad, VICTIM);
    const struct squad_frame *frame = squad_find_frame(squad, VICTIM, FRAME_FLOOR);
    assert_non_null(frame);
    uint8_t room[FLOOR_REQUEST_SIZE];
    struct span payload = squad_payload(frame);
    assert_int_equal(payload.length, sizeof room);
    memcpy(room, payload.octets, sizeof room);
    press(squad, VICTIM); /* it takes that back */
    assert_int_equal(waiting(squad), 0);
    squad_inject_payload(squad, HOLDER, MEMBER, FRAME_FLOOR, SPAN_OF(room));
    squad_inject_payload(squad, HOLDER, VICTIM, FRAME_FLOOR, SPAN_OF(room));
    assert_int_equal(waiting(squad), 0);
    assert_int_equal(squad_stop(squad, HOLDER), STATUS_OK);
    squad_run(squad, 500);
    press(squad, HOLDER); /* another session */
    squad_inject_payload(squad, HOLDER, VICTIM, FRAME_FLOOR, SPAN_OF(room));
    assert_int_equal(waiting(squad), 0);
    squad_free(squad);
}

/* However many there are, from wherever, the one whose name they bear is queued when it asks. */
static void forgeries_keep_nobody_from_the_queue(void **state) {
    (void)state;
    struct squad *squad = squad_that_talks();
    int64_t number = squad_now(squad, HOLDER).utc_ms + 100000;
    for (int64_t i = 0; i < 300; i++) {
        request(squad, VICTIM, MEMBER, FLOOR_WISH_TALK, number + i, MEMBER);
        request(squad, 3, MEMBER, FLOOR_WISH_TALK, number + i, SQUAD_STRANGER + (size_t)i);
    }
    press(squad, VICTIM);
    assert_int_equal(waiting(squad), 1);
    assert_string_equal(first(squad), squad_identity(VICTIM));
    assert_int_equal(squad_view(squad, VICTIM)->floor.asked, ASKED_QUEUED);
    squad_free(squad);
}

/* HOLDER, in the test's hands, begins to talk. */
static struct speaker begin_as_holder(struct squad *squad) {
    const struct group *group = squad->handsets[HOLDER].engine->groups.list[0];
    struct announcement_fields fields = {
        .csb_id = 5,
        .ssrc = 7,
        .gmk_id = group->current.id,
        .utc_ms = group_clock_read(&group->clock, squad_now(squad, HOLDER)),
        .proof.age_ms = squad->boot_ms};
    fields.proof.began_ms = fields.utc_ms;
    snprintf(fields.talker, IDENTITY_SIZE, "%s", squad_identity(HOLDER));
    snprintf(fields.group, GROUP_IDENTITY_SIZE, "%s", group->parameters.identity);
    struct speaker speaker =
        speaker_new(fields, group->current.octets->octets, squad_signing_key(HOLDER));
    return speaker;
}

/* The end of the speaker's session, which names MEMBER as the next one. */
static struct span end_of(struct speaker *speaker, uint8_t room[MEDIA_MAX]) {
    uint8_t payload[QUEUE_INFO_SIZE], octets[RTP_HEADER_SIZE + QUEUE_INFO_SIZE];
    struct queue_info info = {.count = 1};
    struct rtp_packet packet = {.payload_type = MEDIA_END_TYPE, .ssrc = 7};
    assert_int_equal(voice_report_who(squad_identity(MEMBER), info.who[0]), STATUS_OK);
    struct writer w = writer_into(payload, sizeof payload);
    queue_info_write(&info, &w);
    packet.payload = writer_span(&w);
    voice_sender_next(speaker->sender, &packet.sequence, &packet.timestamp);
    struct writer rtp = writer_into(octets, sizeof octets);
    rtp_write(&packet, &rtp);
    struct writer media = writer_into(room, MEDIA_MAX);
    assert_int_equal(media_seal(&speaker->key, writer_span(&rtp), &media), STATUS_OK);
    return writer_span(&media);
}

/* A member has all of the session but the talker's secret key, and makes what would give itself
 * the next turn. With that key it would. */
static void only_who_has_the_floor_gives_turns(void **state) {
    (void)state;
    for (int is_true = 0; is_true < 2; is_true++) {
        struct squad *squad = talkers_new(COUNT);
        struct speaker speaker = begin_as_holder(squad);
        uint8_t room[MEDIA_MAX];
        speaker_say(&speaker, squad, 3, HOLDER);
        squad_run(squad, 20);
        talkers_expect(squad, 3, HOLDER);
        if (!is_true) {
            talker_key_free(speaker.key.talker);
            assert_int_equal(talker_key_new(&entropy_system, &speaker.key.talker), STATUS_OK);
        }
        squad_inject_payload(squad, 3, HOLDER, FRAME_MEDIA, end_of(&speaker, room));
        assert_int_equal(squad_view(squad, 3)->floor.turn_count, is_true);
        speaker_clear(&speaker);
        squad_free(squad);
    }
}

/* The end of a talk that did not have the floor gives no turn to anybody. */
static void who_has_not_the_floor_gives_no_turn(void **state) {
    (void)state;
    struct squad *squad = squad_that_talks();
    struct command emergency = {.kind = COMMAND_EMERGENCY, .on = 1};
    press(squad, VICTIM);
    memcpy(emergency.group, squad_view(squad, 3)->groups[0].identity, sizeof emergency.group);
    assert_int_equal(squad_command(squad, 3, &emergency), STATUS_OK);
    squad_run(squad, 500); /* the holder has ended its talk, and has others queued */
    for (size_t n = 0; n < COUNT; n++) {
        talkers_expect(squad, n, 3);
        assert_int_equal(squad_view(squad, n)->floor.turn_count, 0);
    }
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_asks_in_anothers_name),
        cmocka_unit_test(nobody_is_taken_off_the_queue_by_another),
        cmocka_unit_test(a_member_has_one_place),
        cmocka_unit_test(a_request_counts_once),
        cmocka_unit_test(forgeries_keep_nobody_from_the_queue),
        cmocka_unit_test(only_who_has_the_floor_gives_turns),
        cmocka_unit_test(who_has_not_the_floor_gives_no_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
