/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What voice reports are worth, and what they cost (app/handset/talk/reporting.h, hearers.h):
 * forged, replayed and late ones count for nothing; nothing makes a listener report but packets
 * that are the talker's; of many listeners few report; relays pass reports on.
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
#include "app/voice/rtp.h"
#include "delivery.h"
#include "town.h"

enum {
    GMK = 0x01020304,
    CROWD = 40,
};

static const struct view_hearing *hearing(struct squad *squad, size_t n) {
    return &squad_view(squad, n)->hearing;
}

static size_t reports_of(const struct squad *squad, size_t from) {
    size_t count = 0;
    for (size_t i = 0; i < squad->frame_count; i++) {
        count += squad->frames[i].octets[1] == FRAME_VOICE_REPORT && squad->frames[i].from == from;
    }
    return count;
}

static bool drop_reports(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    (void)receiver;
    return frame->octets[1] != FRAME_VOICE_REPORT;
}

/* --- Forged and replayed ---------------------------------------------------------------------- */

/* Handset 0 talks to the others, and no report arrives but what the test injects. */
static struct squad *squad_that_is_not_told(size_t count) {
    struct squad *squad = squad_new(count);
    squad_group(squad, HOUR_MS);
    squad->filter = drop_reports;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, HEARERS_JUDGE_MS);
    assert_int_equal(hearing(squad, 0)->state, HEARING_NOBODY);
    return squad;
}

/* The latest report of handset 1, in `room`. */
static struct span latest_report(const struct squad *squad, uint8_t room[VOICE_REPORT_SIZE]) {
    const struct squad_frame *frame = squad_find_frame(squad, 1, FRAME_VOICE_REPORT);
    assert_non_null(frame);
    struct span payload = squad_payload(frame);
    assert_int_equal(payload.length, VOICE_REPORT_SIZE);
    memcpy(room, payload.octets, payload.length);
    return (struct span){room, payload.length};
}

static void what_a_stranger_makes_up_counts_for_nothing(void **state) {
    (void)state;
    uint8_t room[VOICE_REPORT_SIZE];
    struct squad *squad = squad_that_is_not_told(3);
    struct span report = latest_report(squad, room);
    for (size_t i = 4; i < VOICE_REPORT_SIZE; i++) {
        room[i] ^= 0x10;
        squad_inject_payload(squad, 0, SQUAD_STRANGER, FRAME_VOICE_REPORT, report);
        room[i] ^= 0x10;
    }
    const uint8_t other_gsk[GSK_SIZE] = "another key....";
    const uint8_t session[SESSION_HASH_SIZE] = {1};
    struct voice_report_key *key;
    struct voice_report said = {.plays = true};
    assert_int_equal(voice_report_key_new(other_gsk, session, &key), STATUS_OK);
    assert_int_equal(voice_report_who(squad_identity(1), said.who), STATUS_OK);
    uint32_t gmk_id;
    assert_int_equal(voice_report_gmk_id(report, &gmk_id), STATUS_OK);
    struct writer w = writer_into(room, sizeof room);
    assert_int_equal(voice_report_close(key, gmk_id, &said, &entropy_system, &w), STATUS_OK);
    squad_inject_payload(squad, 0, SQUAD_STRANGER, FRAME_VOICE_REPORT, writer_span(&w));
    voice_report_key_free(key);
    assert_int_equal(hearing(squad, 0)->state, HEARING_NOBODY);
    squad_free(squad);
}

/* A report of handset 1's making under the session's key. */
static void report(struct squad *squad, const char *who, uint32_t rtp_time) {
    uint8_t room[VOICE_REPORT_SIZE];
    const struct reported *heard = &squad->handsets[1].engine->reporting.talkers[0];
    struct voice_report said = {.rtp_time = rtp_time, .loss = 0, .plays = true};
    struct writer w = writer_into(room, sizeof room);
    assert_int_equal(voice_report_who(who, said.who), STATUS_OK);
    assert_int_equal(voice_report_close(heard->key, heard->gmk_id, &said, &entropy_system, &w),
                     STATUS_OK);
    squad_inject_payload(squad, 0, 1, FRAME_VOICE_REPORT, writer_span(&w));
}

/* A member can claim that others hear, as the words say; but not for who is no member, for the
 * talker itself, for what was not said yet, and for what was said long ago. */
static void a_member_can_claim_little(void **state) {
    (void)state;
    struct squad *squad = squad_that_is_not_told(3);
    const uint32_t now = squad->handsets[1].engine->reporting.talkers[0].rtp_time;
    report(squad, squad_identity(5), now);
    report(squad, squad_identity(0), now);
    report(squad, squad_identity(2), now + 200 * RTP_CLOCK_PER_MS);
    assert_int_equal(hearing(squad, 0)->state, HEARING_NOBODY);
    squad_run(squad, 3000);
    report(squad, squad_identity(2), now);
    assert_int_equal(hearing(squad, 0)->state, HEARING_NOBODY);
    report(squad, squad_identity(2), now + 2000 * RTP_CLOCK_PER_MS);
    assert_int_equal(hearing(squad, 0)->hearers, 1);
    report(squad, squad_identity(2), now + 2100 * RTP_CLOCK_PER_MS); /* nobody counts twice */
    assert_int_equal(hearing(squad, 0)->hearers, 1);
    squad_free(squad);
}

static void a_report_counts_once(void **state) {
    (void)state;
    uint8_t room[VOICE_REPORT_SIZE];
    struct squad *squad = squad_that_is_not_told(2);
    struct span payload = latest_report(squad, room);
    squad_inject_payload(squad, 0, 1, FRAME_VOICE_REPORT, payload);
    assert_int_equal(hearing(squad, 0)->hearers, 1);
    for (int64_t ms = 0; ms < HEARERS_COUNT_MS; ms += 500) {
        squad_inject_payload(squad, 0, 1, FRAME_VOICE_REPORT, payload);
        squad_run(squad, 500);
    }
    assert_int_equal(hearing(squad, 0)->state, HEARING_NOBODY);
    squad_free(squad);
}

static void a_report_that_was_held_back_counts_for_nothing(void **state) {
    (void)state;
    uint8_t room[VOICE_REPORT_SIZE];
    struct squad *squad = squad_that_is_not_told(2);
    struct span payload = latest_report(squad, room);
    squad_run(squad, 3000);
    squad_inject_payload(squad, 0, 1, FRAME_VOICE_REPORT, payload);
    assert_int_equal(hearing(squad, 0)->state, HEARING_NOBODY);
    squad_free(squad);
}

static void a_report_of_an_earlier_talk_counts_for_no_later_one(void **state) {
    (void)state;
    uint8_t room[VOICE_REPORT_SIZE];
    struct squad *squad = squad_that_is_not_told(2);
    struct span payload = latest_report(squad, room);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 10 * 1000);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 100);
    squad_inject_payload(squad, 0, 1, FRAME_VOICE_REPORT, payload);
    squad_run(squad, HEARERS_JUDGE_MS);
    assert_int_equal(hearing(squad, 0)->state, HEARING_NOBODY);
    squad_free(squad);
}

/* What strangers send is paid for apart from what the report's frame is, as its handset made it. */
static void a_flood_keeps_no_report_out(void **state) {
    (void)state;
    uint8_t room[VOICE_REPORT_SIZE], noise[VOICE_REPORT_SIZE] = {0}, frame[FRAME_MAX];
    struct squad *squad = squad_that_is_not_told(2);
    (void)latest_report(squad, room);
    const struct squad_frame *report = squad_find_frame(squad, 1, FRAME_VOICE_REPORT);
    size_t length = report->length;
    memcpy(frame, report->octets, length);
    memcpy(noise, room, 4); /* of that GMK */
    for (unsigned i = 0; i < 20000; i++) {
        noise[4] = (uint8_t)i;
        noise[5] = (uint8_t)(i >> 8);
        squad_inject_payload(squad, 0, SQUAD_STRANGER + i % 50, FRAME_VOICE_REPORT, SPAN_OF(noise));
    }
    squad_inject(squad, 0, 1, (struct span){frame, length});
    assert_int_equal(hearing(squad, 0)->hearers, 1);
    squad_free(squad);
}

/* --- What makes a listener report ------------------------------------------------------------- */

static bool drop_media(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    (void)receiver;
    return frame->octets[1] != FRAME_MEDIA && frame->octets[1] != FRAME_ANNOUNCEMENT_AND_MEDIA;
}

static bool drop_announcements(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    (void)receiver;
    return frame->octets[1] != FRAME_ANNOUNCEMENT_AND_MEDIA;
}

/* Of a short talk its announcement comes last. */
static void a_talk_that_comes_before_its_announcement_is_answered(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    squad->filter = drop_announcements;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 300);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 100);
    assert_int_equal(squad->handsets[1].voice_frames, 0);
    struct reader r =
        reader_of(squad_payload(squad_find_frame(squad, 0, FRAME_ANNOUNCEMENT_AND_MEDIA)));
    squad_inject_payload(squad, 1, 0, FRAME_ANNOUNCEMENT, read_span_u16(&r));
    squad_run(squad, 2 * REPORT_SPREAD_MS);
    assert_true(squad->handsets[1].voice_frames > 0);
    assert_int_equal(reports_of(squad, 1), 1);
    squad_free(squad);
}

/* It is genuine and of now, and says nothing about who is there to be heard. */
static void an_announcement_alone_is_not_answered(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    squad->filter = drop_media;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 100);
    struct reader r =
        reader_of(squad_payload(squad_find_frame(squad, 0, FRAME_ANNOUNCEMENT_AND_MEDIA)));
    struct span announcement = read_span_u16(&r);
    uint8_t room[ANNOUNCEMENT_MAX];
    memcpy(room, announcement.octets, announcement.length);
    for (int i = 0; i < 10; i++) {
        squad_inject_payload(squad, 1, 0, FRAME_ANNOUNCEMENT,
                             (struct span){room, announcement.length});
        squad_run(squad, 500);
    }
    assert_non_null(squad->handsets[1].engine->reporting.talkers[0].key); /* it was acted on */
    assert_int_equal(reports_of(squad, 1), 0);
    squad->filter = NULL;
    squad_run(squad, HEARERS_JUDGE_MS);
    assert_int_equal(reports_of(squad, 1), 1);
    squad_free(squad);
}

static void reports_have_one_size_and_wait_for_nothing(void **state) {
    (void)state;
    struct squad *squad = squad_new(4);
    squad_group(squad, HOUR_MS);
    squad->handsets[1].disk_ms = 60 * 1000; /* what it has to save is not durable for a minute */
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 12 * 1000);
    for (size_t n = 1; n < 4; n++) {
        assert_in_range(reports_of(squad, n), 1, 2);
    }
    for (size_t i = 0; i < squad->frame_count; i++) {
        if (squad->frames[i].octets[1] == FRAME_VOICE_REPORT) {
            assert_int_equal(squad->frames[i].length, FRAME_HEADER_SIZE + VOICE_REPORT_SIZE);
            assert_int_equal(squad->frames[i].to, EVERYONE);
            assert_int_not_equal(squad->frames[i].topic[0], '\0');
        }
    }
    squad_free(squad);
}

static void who_leaves_a_key_reports_no_more(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 100); /* it has heard packets, and has not reported yet */
    struct command delete = {.kind = COMMAND_DELETE_GROUP};
    memcpy(delete.group, squad_view(squad, 1)->groups[0].identity, sizeof delete.group);
    assert_int_equal(squad_command(squad, 1, &delete), STATUS_OK);
    squad_run(squad, 12 * 1000);
    assert_int_equal(reports_of(squad, 1), 0);
    squad_free(squad);
}

/* --- Many listeners --------------------------------------------------------------------------- */

/* CROWD listeners in a standard group. Each is a room of its own that shares the rest of handset 1,
 * under identities of their own. */
struct crowd {
    struct squad *squad;
    size_t count;
    struct entropy_seeded seeded;
    struct reporting rooms[CROWD];
    size_t said;
};

static void name_listener(char identity[IDENTITY_SIZE], size_t i) {
    snprintf(identity, IDENTITY_SIZE, "tel:+44770091%04zu", i);
}

static struct crowd *crowd_new(size_t nearby) {
    struct crowd *crowd = calloc(1, sizeof *crowd);
    assert_non_null(crowd);
    struct squad *squad = crowd->squad = squad_new(2);
    crowd->count = CROWD;
    for (size_t n = 0; n < 2; n++) {
        const struct delivery delivery = delivery_now(squad, n, GMK);
        assert_int_equal(delivery_give(squad, &delivery), STATUS_OK);
    }
    squad_run(squad, 1000);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 100);
    struct handset *engine = squad->handsets[1].engine;
    engine->desk.entropy = entropy_from_seed(&crowd->seeded, 4711);
    struct neighbours *neighbours = &engine->roster.neighbours;
    for (size_t i = neighbours->count; i < nearby; i++) {
        char identity[IDENTITY_SIZE];
        snprintf(identity, sizeof identity, "tel:+44770090%04zu", i);
        struct neighbour *neighbour = neighbours_add(neighbours, identity);
        assert_non_null(neighbour);
        neighbour->heard_ms = neighbours->list[0]->heard_ms;
    }
    for (size_t i = 0; i < CROWD; i++) {
        crowd->rooms[i] = engine->reporting;
        crowd->rooms[i].talkers[0].due_ms = INT64_MAX;
        crowd->rooms[i].talkers[0].next_ms = 0;
    }
    return crowd;
}

/* The group of which the handset is has a list now, with the first `count` listeners on it. */
static void make_list(struct squad *squad, size_t n, size_t count) {
    struct group *group = squad->handsets[n].engine->groups.list[0];
    snprintf(group->parameters.identity, sizeof group->parameters.identity, "adhoc:%s;%016u",
             squad_identity(0), 7);
    snprintf(group->parameters.members[0].identity, IDENTITY_SIZE, "%s", squad_identity(0));
    for (size_t i = 0; i < count; i++) {
        name_listener(group->parameters.members[i + 1].identity, i);
    }
    group->parameters.member_count = count + 1;
}

static void crowd_free(struct crowd *crowd) {
    squad_free(crowd->squad); /* the key is handset 1's */
    free(crowd);
}

static void be(struct crowd *crowd, size_t i) {
    name_listener(crowd->squad->handsets[1].engine->desk.keyring.credential->identity, i);
}

/* What the i-th listener has said goes to the talker and to all other listeners. */
static void pass_on(struct crowd *crowd, size_t i) {
    struct output output;
    struct frame frame;
    struct handset *engine = crowd->squad->handsets[1].engine;
    while (handset_take_output(engine, &output)) {
        if (output.kind != OUTPUT_SEND || frame_read(output.frame, &frame) != STATUS_OK ||
            frame.kind != FRAME_VOICE_REPORT) {
            continue;
        }
        uint8_t room[FRAME_MAX];
        memcpy(room, output.frame.octets, output.frame.length);
        frame.payload.octets = room + FRAME_HEADER_SIZE;
        crowd->said++;
        squad_inject(crowd->squad, 0, 1, (struct span){room, output.frame.length});
        for (size_t k = 0; k < crowd->count; k++) {
            if (k != i) {
                reporting_overhear(&crowd->rooms[k], squad_now(crowd->squad, 1), frame.payload);
            }
        }
    }
}

/* All of them hear what handset 1 has heard, and have time to report. */
static void crowd_hears(struct crowd *crowd) {
    struct squad *squad = crowd->squad;
    for (int64_t ms = 0; ms <= REPORT_SPREAD_MS; ms += 10, squad->boot_ms += 10) {
        for (size_t i = 0; i < crowd->count; i++) {
            struct reported *heard = &crowd->rooms[i].talkers[0];
            uint8_t octets[RTP_HEADER_SIZE + 1];
            struct writer rtp = writer_into(octets, sizeof octets);
            const struct rtp_packet packet = {.payload_type = RTP_PAYLOAD_OPUS,
                                              .sequence = heard->newest,
                                              .timestamp = heard->rtp_time,
                                              .ssrc = heard->ssrc,
                                              .payload = {(const uint8_t *)"", 1}};
            rtp_write(&packet, &rtp);
            be(crowd, i);
            if (ms == 0) {
                reporting_packet(&crowd->rooms[i], squad_now(squad, 1), heard->session,
                                 writer_span(&rtp));
            }
            reporting_played(&crowd->rooms[i], heard->session, true);
            reporting_tick(&crowd->rooms[i], squad_now(squad, 1));
            pass_on(crowd, i);
        }
    }
}

/* The words count those who reported, and do not make forty of them. */
static void of_forty_listeners_some_twenty_report_and_no_more_are_counted(void **state) {
    (void)state;
    struct crowd *crowd = crowd_new(CROWD);
    crowd_hears(crowd);
    assert_in_range(crowd->said, 10, REPORT_WANTED);
    assert_int_equal(hearing(crowd->squad, 0)->hearers, crowd->said);
    crowd_free(crowd);
}

/* Forty behind a broker, of whom no list and no presence tells. */
static void listeners_who_know_of_no_others_stop_when_enough_have_reported(void **state) {
    (void)state;
    struct crowd *crowd = crowd_new(1);
    crowd_hears(crowd);
    assert_int_equal(crowd->said, REPORT_WANTED);
    assert_int_equal(hearing(crowd->squad, 0)->hearers, REPORT_WANTED);
    crowd_free(crowd);
}

/* In a group with a list nobody goes by what others have said, which a member could make up. */
static void of_the_largest_list_some_twenty_report(void **state) {
    (void)state;
    struct crowd *crowd = crowd_new(1);
    crowd->count = ADHOC_MEMBERS_MAX - 1;
    for (size_t n = 0; n < 2; n++) {
        make_list(crowd->squad, n, crowd->count);
    }
    const char *identity = crowd->squad->handsets[1].engine->groups.list[0]->parameters.identity;
    for (size_t i = 0; i < crowd->count; i++) {
        snprintf(crowd->rooms[i].talkers[0].group, GROUP_IDENTITY_SIZE, "%s", identity);
        snprintf(crowd->rooms[i].talkers[0].talker, IDENTITY_SIZE, "%s", squad_identity(0));
    }
    struct hearers *hearers = &crowd->squad->handsets[0].engine->hearers;
    snprintf(hearers->group, sizeof hearers->group, "%s", identity);
    crowd_hears(crowd);
    assert_in_range(crowd->said, 12, ADHOC_MEMBERS_MAX - 5);
    assert_int_equal(hearing(crowd->squad, 0)->hearers, crowd->said);
    assert_int_equal(hearing(crowd->squad, 0)->others, crowd->count);
    assert_int_equal(hearing(crowd->squad, 0)->unheard_count, crowd->count - crowd->said);
    crowd_free(crowd);
}

/* --- Relays ----------------------------------------------------------------------------------- */

static void a_relay_passes_reports_on_once(void **state) {
    (void)state;
    enum {
        STREET = 1,
        TUNNEL = 2
    };
    struct town *town = town_new(22179);
    size_t anna = town_add(town, STREET), ben = town_add(town, TUNNEL);
    town_add(town, STREET | TUNNEL);
    town_add(town, STREET | TUNNEL);
    town_run(town, 6000);
    town_group(town, anna, ben);
    int64_t since_ms = town->boot_ms;
    assert_int_equal(town_talk(town, anna), STATUS_OK);
    town_run(town, HEARERS_JUDGE_MS);
    const struct view_hearing *view = &town_view(town, anna)->hearing;
    assert_int_equal(view->hearers, 1);
    assert_int_equal(view->others, 1);
    struct town_count street = town_count(town, 0, FRAME_VOICE_REPORT, since_ms);
    struct town_count tunnel = town_count(town, 1, FRAME_VOICE_REPORT, since_ms);
    assert_int_equal(tunnel.frames, 1);
    assert_int_equal(tunnel.said, 1);
    assert_int_equal(street.frames, 1);
    assert_in_range(street.said, 1, 2); /* by both relays, when they are as fast */
    town_free(town);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_stranger_makes_up_counts_for_nothing),
        cmocka_unit_test(a_member_can_claim_little),
        cmocka_unit_test(a_report_counts_once),
        cmocka_unit_test(a_report_that_was_held_back_counts_for_nothing),
        cmocka_unit_test(a_report_of_an_earlier_talk_counts_for_no_later_one),
        cmocka_unit_test(a_flood_keeps_no_report_out),
        cmocka_unit_test(a_talk_that_comes_before_its_announcement_is_answered),
        cmocka_unit_test(an_announcement_alone_is_not_answered),
        cmocka_unit_test(reports_have_one_size_and_wait_for_nothing),
        cmocka_unit_test(who_leaves_a_key_reports_no_more),
        cmocka_unit_test(of_forty_listeners_some_twenty_report_and_no_more_are_counted),
        cmocka_unit_test(listeners_who_know_of_no_others_stop_when_enough_have_reported),
        cmocka_unit_test(of_the_largest_list_some_twenty_report),
        cmocka_unit_test(a_relay_passes_reports_on_once),
    };
    return cmocka_run_group_tests_name("app/voice_reports", tests, NULL, NULL);
}
