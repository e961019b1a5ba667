/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who talks and is refused for time is named (app/handset/talk/refused.h): while it talks, once its
 * announcement has proven to be genuine, and not for a recording that was heard before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "delivery.h"

enum {
    GMK = 0x01020304,
    MINUTE_MS = 60 * 1000
};

static bool drop_presences(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    (void)receiver;
    return frame->octets[1] != FRAME_PRESENCE;
}

/* Handset 0, whose clock is off, and handset 1, in one standard group; neither hears the other's
 * presence. */
static struct squad *strangers(int64_t offset_ms) {
    struct squad *squad = squad_new(2);
    squad->filter = drop_presences;
    squad->handsets[0].utc_offset_ms = offset_ms;
    for (size_t n = 0; n < 2; n++) {
        const struct delivery delivery = delivery_now(squad, n, GMK);
        assert_int_equal(delivery_give(squad, &delivery), STATUS_OK);
    }
    squad_run(squad, 1000);
    return squad;
}

static unsigned times_told(struct squad *squad, size_t n) {
    const struct view *view = squad_view(squad, n);
    unsigned count = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        count += view->log[i].kind == EVENT_TALKER_OUT_OF_TIME;
    }
    return count;
}

static void assert_named(struct squad *squad, int64_t offset_ms) {
    const struct view *view = squad_view(squad, 1);
    assert_int_equal(view->talker_count, 0);
    assert_int_equal(view->refused_count, 1);
    assert_string_equal(view->refused[0].identity, squad_identity(0));
    assert_string_equal(view->refused[0].group, squad_identity(SQUAD_FIRE));
    assert_in_range(view->refused[0].clock_difference_ms - offset_ms + 1000, 0, 2000);
}

static void who_is_refused_for_time_is_named_while_it_talks(void **state) {
    (void)state;
    static const int64_t offsets_ms[] = {-4 * MINUTE_MS, 4 * MINUTE_MS, -30 * MINUTE_MS};
    for (size_t i = 0; i < sizeof offsets_ms / sizeof offsets_ms[0]; i++) {
        struct squad *squad = strangers(offsets_ms[i]);
        assert_int_equal(squad_talk(squad, 0), STATUS_OK);
        squad_run(squad, 500);
        assert_named(squad, offsets_ms[i]);
        for (int presses = 0; i == 0 && presses < 3; presses++) {
            squad_run(squad, 31 * 1000);
            assert_int_equal(squad_stop(squad, 0), STATUS_OK);
            assert_int_equal(squad_talk(squad, 0), STATUS_OK);
        }
        squad_run(squad, 3000);
        assert_named(squad, offsets_ms[i]);
        assert_int_equal(times_told(squad, 1), i == 0 ? 2 : 1);
        assert_int_equal(squad_stop(squad, 0), STATUS_OK);
        squad_run(squad, REFUSED_SHOWN_MS + 1000);
        assert_int_equal(squad_view(squad, 1)->refused_count, 0);
        squad_free(squad);
    }
}

static unsigned presences_of(const struct squad *squad, size_t from) {
    unsigned count = 0;
    for (size_t i = 0; i < squad->frame_count; i++) {
        count += squad->frames[i].from == from && squad->frames[i].octets[1] == FRAME_PRESENCE;
    }
    return count;
}

static void who_refuses_says_its_presence_soon_and_then_hears(void **state) {
    (void)state;
    struct squad *squad = strangers(4 * MINUTE_MS);
    squad_run(squad, 5200); /* each has just said its presence, which the other did not hear */
    unsigned before = presences_of(squad, 1);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 1200);
    assert_int_equal(presences_of(squad, 1) - before, 1);
    assert_named(squad, 4 * MINUTE_MS);
    squad->filter = NULL; /* now they hear each other */
    squad_run(squad, 12 * 1000);
    assert_int_equal(squad_view(squad, 1)->talker_count, 1);
    assert_int_equal(squad_view(squad, 1)->refused_count, 0);
    squad_free(squad);
}

static void a_recording_is_named_once_at_most(void **state) {
    (void)state;
    struct squad *squad = strangers(-4 * MINUTE_MS);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 500);
    assert_named(squad, -4 * MINUTE_MS);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 2 * MINUTE_MS);
    struct reader r =
        reader_of(squad_payload(squad_find_frame(squad, 0, FRAME_ANNOUNCEMENT_AND_MEDIA)));
    struct span announcement = read_span_u16(&r);
    for (int i = 0; i < 3; i++) {
        squad_inject_payload(squad, 1, 0, FRAME_ANNOUNCEMENT, announcement);
        squad_run(squad, 1000);
        assert_int_equal(squad_view(squad, 1)->refused_count, 0);
    }
    assert_int_equal(times_told(squad, 1), 1);
    squad_free(squad);
}

/* The announcement that handset 0 made last, in `room`. */
static struct span latest_announcement(const struct squad *squad, uint8_t room[ANNOUNCEMENT_MAX]) {
    struct reader r =
        reader_of(squad_payload(squad_find_frame(squad, 0, FRAME_ANNOUNCEMENT_AND_MEDIA)));
    struct span announcement = read_span_u16(&r);
    memcpy(room, announcement.octets, announcement.length);
    return (struct span){room, announcement.length};
}

static void recordings_of_two_lives_said_in_turn_name_nobody(void **state) {
    (void)state;
    uint8_t rooms[2][ANNOUNCEMENT_MAX];
    struct span announcements[2];
    struct squad *squad = strangers(-4 * MINUTE_MS);
    for (size_t life = 0; life < 2; life++) {
        assert_int_equal(squad_talk(squad, 0), STATUS_OK);
        squad_run(squad, 500);
        assert_named(squad, -4 * MINUTE_MS);
        assert_int_equal(squad_stop(squad, 0), STATUS_OK);
        squad_run(squad, REFUSED_SHOWN_MS + 1000);
        announcements[life] = latest_announcement(squad, rooms[life]);
        squad_restart(squad, 0, false);
    }
    squad_run(squad,
              TALK_AHEAD_MS + TALK_REFRESH_MS); /* for so long the talker itself repeats it */
    for (size_t i = 0; i < 20; i++) {
        squad_inject_payload(squad, 1, 0, FRAME_ANNOUNCEMENT, announcements[i % 2]);
        squad_run(squad, 1000);
        assert_int_equal(squad_view(squad, 1)->refused_count, 0);
    }
    squad_free(squad);
}

static bool drop_announcements(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    (void)receiver;
    return frame->octets[1] == FRAME_PRESENCE;
}

/* It was not heard when it was made; but how old its talker was then tells when that was. */
static void a_recording_of_who_was_measured_is_not_named(void **state) {
    (void)state;
    struct squad *squad = strangers(4 * MINUTE_MS);
    squad->filter = drop_announcements;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 12 * 1000);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    struct reader r =
        reader_of(squad_payload(squad_find_frame(squad, 0, FRAME_ANNOUNCEMENT_AND_MEDIA)));
    struct span announcement = read_span_u16(&r);
    squad->filter = NULL;
    squad->handsets[0].deaf = true;
    squad_run(squad, 20 * MINUTE_MS);
    squad_inject_payload(squad, 1, 0, FRAME_ANNOUNCEMENT, announcement);
    assert_int_equal(squad->handsets[1].last_refusal, STATUS_TIME_OUT_OF_RANGE);
    assert_int_equal(squad_view(squad, 1)->refused_count, 0);
    assert_int_equal(times_told(squad, 1), 0);
    squad_free(squad);
}

/* An announcement that is 4 minutes old by group time, in the name of handset 0. */
static void announce(struct squad *squad, size_t signer, uint32_t mac_key) {
    const uint8_t gsk[GSK_SIZE] = {7};
    uint8_t octets[ANNOUNCEMENT_MAX], gmk[GMK_SIZE];
    struct announcement_fields fields = {.csb_id = 5,
                                         .ssrc = 77,
                                         .gmk_id = GMK,
                                         .utc_ms = squad_now(squad, 1).utc_ms - 4 * MINUTE_MS};
    snprintf(fields.talker, sizeof fields.talker, "%s", squad_identity(0));
    snprintf(fields.group, sizeof fields.group, "%s", squad_identity(SQUAD_FIRE));
    delivery_gmk(mac_key, gmk);
    struct writer w = writer_into(octets, sizeof octets);
    assert_int_equal(announcement_build(squad_provider(), &fields, gmk, gsk,
                                        squad_signing_key(signer), &entropy_system, &w),
                     STATUS_OK);
    squad_inject_payload(squad, 1, SQUAD_STRANGER, FRAME_ANNOUNCEMENT, writer_span(&w));
}

static void what_does_not_prove_to_be_genuine_names_nobody(void **state) {
    (void)state;
    struct squad *squad = strangers(0);
    announce(squad, 0, GMK + 1); /* not the key */
    assert_int_equal(squad_view(squad, 1)->refused_count, 0);
    squad_run(squad, 1000);
    announce(squad, 1, GMK); /* signed by another */
    assert_int_equal(squad_view(squad, 1)->refused_count, 0);
    squad_run(squad, 1000);
    announce(squad, 0, GMK);
    assert_int_equal(squad_view(squad, 1)->refused_count, 1);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_refused_for_time_is_named_while_it_talks),
        cmocka_unit_test(who_refuses_says_its_presence_soon_and_then_hears),
        cmocka_unit_test(a_recording_is_named_once_at_most),
        cmocka_unit_test(recordings_of_two_lives_said_in_turn_name_nobody),
        cmocka_unit_test(a_recording_of_who_was_measured_is_not_named),
        cmocka_unit_test(what_does_not_prove_to_be_genuine_names_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
