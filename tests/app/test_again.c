/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Say again: what was heard is heard once more, marked as that, and goes with its key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <malloc.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "app/voice/rtp.h"
#include "tests/app/squad.h"

enum {
    SECOND_MS = 1000,
    QUIET_MS = 5 * SECOND_MS,
};

static struct squad *squad_in_a_group(size_t count) {
    struct squad *squad = squad_new(count);
    squad_group(squad, 8 * HOUR_MS);
    squad_run(squad, QUIET_MS);
    return squad;
}

static void say(struct squad *squad, size_t n, int64_t ms) {
    assert_int_equal(squad_talk(squad, n), STATUS_OK);
    squad_run(squad, ms);
    assert_int_equal(squad_stop(squad, n), STATUS_OK);
    squad_run(squad, QUIET_MS);
}

static enum status again(struct squad *squad, size_t n, int on) {
    struct command command = {.kind = COMMAND_SAY_AGAIN, .on = on};
    snprintf(command.group, sizeof command.group, "%s", squad_view(squad, n)->groups[0].identity);
    return squad_command(squad, n, &command);
}

/* How many frames with voice handset n plays in `ms`. */
static unsigned frames_in(struct squad *squad, size_t n, int64_t ms) {
    unsigned before = squad->handsets[n].voice_frames;
    squad_run(squad, ms);
    return squad->handsets[n].voice_frames - before;
}

static void what_was_said_is_heard_again_as_that(void **state) {
    (void)state;
    struct squad *squad = squad_in_a_group(2);
    assert_false(squad_view(squad, 1)->groups[0].says_again);
    assert_int_equal(again(squad, 1, 1), STATUS_NOT_FOUND);
    int64_t said_utc_ms = squad_now(squad, 1).utc_ms;
    say(squad, 0, 3 * SECOND_MS);
    assert_true(squad_view(squad, 1)->groups[0].says_again);
    assert_int_equal(again(squad, 1, 1), STATUS_OK);
    unsigned heard = frames_in(squad, 1, SECOND_MS);
    assert_true(heard > 40);
    const struct view *view = squad_view(squad, 1);
    assert_int_equal(view->talker_count, 0); /* nobody talks */
    assert_true(view->again.is_playing);
    assert_string_equal(view->again.identity, squad_identity(0));
    assert_in_range(view->again.began_utc_ms, said_utc_ms, said_utc_ms + SECOND_MS);
    assert_in_range(view->again.lasts_ms, 2900, 3100);
    assert_true(view->again.level > 50);
    heard += frames_in(squad, 1, 9 * SECOND_MS);
    assert_in_range(heard, 140, 155);
    assert_false(squad_view(squad, 1)->again.is_playing);
    assert_int_equal(squad_view(squad, 1)->session_count, 1); /* it was said once */
    assert_int_equal(frames_in(squad, 0, SECOND_MS), 0);
    squad_free(squad);
}

static void asked_once_more_it_is_what_was_said_before(void **state) {
    (void)state;
    struct squad *squad = squad_in_a_group(3);
    say(squad, 0, SECOND_MS);
    say(squad, 2, SECOND_MS);
    assert_int_equal(again(squad, 1, 1), STATUS_OK);
    squad_run(squad, 200);
    assert_string_equal(squad_view(squad, 1)->again.identity, squad_identity(2));
    assert_int_equal(again(squad, 1, 1), STATUS_OK);
    squad_run(squad, 200);
    assert_string_equal(squad_view(squad, 1)->again.identity, squad_identity(0));
    assert_int_equal(again(squad, 1, 1), STATUS_NOT_FOUND);
    assert_true(squad_view(squad, 1)->again.is_playing);
    assert_int_equal(again(squad, 1, 0), STATUS_OK);
    assert_false(squad_view(squad, 1)->again.is_playing);
    assert_int_equal(frames_in(squad, 1, SECOND_MS), 0);
    squad_free(squad);
}

static void who_talks_now_comes_first(void **state) {
    (void)state;
    struct squad *squad = squad_in_a_group(2);
    say(squad, 0, 4 * SECOND_MS);
    assert_int_equal(again(squad, 1, 1), STATUS_OK);
    squad_run(squad, SECOND_MS);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, SECOND_MS);
    assert_false(squad_view(squad, 1)->again.is_playing);
    assert_int_equal(squad_view(squad, 1)->talker_count, 1);
    assert_int_equal(again(squad, 1, 1), STATUS_BUSY);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, QUIET_MS);
    assert_int_equal(again(squad, 1, 1), STATUS_OK);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK); /* nor does it go into the microphone */
    squad_run(squad, SECOND_MS);
    assert_false(squad_view(squad, 1)->again.is_playing);
    squad_free(squad);
}

/* Handset 0 is heard for `ms` from `now` on; what it says matters to nobody here. */
static void keep_talk(struct again *again, struct moment now, const struct group_parameters *group,
                      uint32_t ssrc, int64_t ms) {
    static const uint8_t payload[] = {0};
    for (int64_t at = 0; at < ms; at += VOICE_FRAME_MS) {
        uint8_t octets[RTP_HEADER_SIZE + sizeof payload];
        struct writer rtp = writer_into(octets, sizeof octets);
        rtp_write(&(struct rtp_packet){.payload_type = RTP_PAYLOAD_OPUS,
                                       .sequence = (uint16_t)(at / VOICE_FRAME_MS),
                                       .timestamp = (uint32_t)at * RTP_CLOCK_PER_MS,
                                       .ssrc = ssrc,
                                       .payload = SPAN_OF(payload)},
                  &rtp);
        struct moment then = {.boot_ms = now.boot_ms + at, .utc_ms = now.utc_ms + at};
        again_keep(again, then, group->identity, squad_identity(0), group->gmk_id,
                   writer_span(&rtp));
    }
}

static void five_minutes_of_a_group_are_kept_and_no_more(void **state) {
    enum {
        TALKS = 9,
        TALK_MS = 50 * SECOND_MS,
        LONG_MS = 20 * 60 * SECOND_MS,
    };
    (void)state;
    struct squad *squad = squad_in_a_group(2);
    struct handset *handset = squad->handsets[1].engine;
    const struct group_parameters *group = &handset->groups.list[0]->parameters;
    struct moment now = squad_now(squad, 1);
    for (uint32_t talk = 0; talk < TALKS; talk++) {
        keep_talk(&handset->again, now, group, talk, TALK_MS);
    }
    unsigned kept = 0;
    while (again(squad, 1, 1) == STATUS_OK) {
        kept++;
    }
    /* Five minutes before the latest, in whole talks. */
    assert_int_equal(kept, 1 + AGAIN_GROUP_MS / TALK_MS);
    /* Nor does a talk without end take all memory: of that it is the latest pieces. */
    keep_talk(&handset->again, now, group, TALKS, LONG_MS);
    assert_int_equal(again(squad, 1, 0), STATUS_OK);
    for (kept = 0; again(squad, 1, 1) == STATUS_OK; kept++) {
        assert_true(squad_view(squad, 1)->again.lasts_ms <= AGAIN_PIECE_MS + VOICE_FRAME_MS);
    }
    assert_int_equal(kept, 1 + AGAIN_GROUP_MS / AGAIN_PIECE_MS);
    squad_free(squad);
}

static void keep_packet(struct again *again, struct moment now,
                        const struct group_parameters *group, uint32_t ssrc, uint32_t timestamp,
                        size_t size) {
    static const uint8_t payload[VOICE_PACKET_MAX - RTP_HEADER_SIZE];
    uint8_t octets[VOICE_PACKET_MAX];
    struct writer rtp = writer_into(octets, sizeof octets);
    rtp_write(&(struct rtp_packet){.payload_type = RTP_PAYLOAD_OPUS,
                                   .timestamp = timestamp,
                                   .ssrc = ssrc,
                                   .payload = {payload, size}},
              &rtp);
    again_keep(again, now, group->identity, squad_identity(0), group->gmk_id, writer_span(&rtp));
}

static unsigned count_pieces(struct squad *squad) {
    unsigned count = 0;
    assert_int_equal(again(squad, 1, 0), STATUS_OK);
    while (again(squad, 1, 1) == STATUS_OK) {
        count++;
    }
    assert_int_equal(again(squad, 1, 0), STATUS_OK);
    return count;
}

static size_t octets_taken(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

static void whatever_a_member_says_it_takes_no_more_memory(void **state) {
    enum {
        PACKETS = 16000,
        BESIDES = 256 * 1024, /* the allocator's own, and a receiver */
    };
    /* RTP times that go back, jump, stand still, and new streams. */
    static const struct {
        uint32_t step, ssrc_step;
        size_t size;
    } ways[] = {
        {UINT32_MAX, 0, 70},
        {UINT32_C(1) << 31, 0, 70},
        {0, 0, VOICE_PACKET_MAX - RTP_HEADER_SIZE},
        {VOICE_FRAME_MS * RTP_CLOCK_PER_MS, 0, VOICE_PACKET_MAX - RTP_HEADER_SIZE},
        {VOICE_FRAME_MS * RTP_CLOCK_PER_MS, 1, VOICE_PACKET_MAX - RTP_HEADER_SIZE},
        {(uint32_t)-AGAIN_PIECE_MS * RTP_CLOCK_PER_MS, 0, 1},
    };
    (void)state;
    for (size_t way = 0; way < sizeof ways / sizeof *ways; way++) {
        struct squad *squad = squad_in_a_group(2);
        struct again *own = &squad->handsets[1].engine->again;
        const struct group_parameters *group =
            &squad->handsets[1].engine->groups.list[0]->parameters;
        struct moment now = squad_now(squad, 1);
        size_t before = octets_taken();
        uint32_t timestamp = UINT32_C(1) << 30, ssrc = 1;
        for (unsigned i = 0; i < PACKETS; i++, timestamp += ways[way].step) {
            keep_packet(own, now, group, ssrc, timestamp, ways[way].size);
            ssrc += ways[way].ssrc_step;
            now.boot_ms += i % 8 == 0;
        }
        assert_true(octets_taken() < before + AGAIN_GROUP_OCTETS + BESIDES);
        assert_in_range(count_pieces(squad), 1, AGAIN_GROUP_PIECES);
        squad_free(squad);
    }
}

static void nor_does_it_in_many_groups_and_each_keeps_its_own(void **state) {
    enum {
        GROUPS = 8,
        PACKETS = 12000,
        BESIDES = 256 * 1024,
    };
    (void)state;
    struct squad *squad = squad_in_a_group(2);
    struct again *own = &squad->handsets[1].engine->again;
    struct group_parameters group = squad->handsets[1].engine->groups.list[0]->parameters;
    struct moment now = squad_now(squad, 1);
    size_t before = octets_taken();
    keep_packet(own, now, &group, 1, 0, 1);
    for (unsigned i = 0; i < PACKETS; i++) { /* one other group takes all that it may */
        group.identity[0] = '!';
        keep_packet(own, now, &group, i, 0, VOICE_PACKET_MAX - RTP_HEADER_SIZE);
    }
    assert_int_equal(count_pieces(squad), 1);
    for (unsigned i = 0; i < GROUPS * PACKETS; i++) {
        group.identity[0] = (char)('!' + i % GROUPS);
        keep_packet(own, now, &group, 1, 0, VOICE_PACKET_MAX - RTP_HEADER_SIZE);
    }
    assert_true(octets_taken() < before + AGAIN_ALL_OCTETS + BESIDES);
    squad_free(squad);
}

static void the_first_packets_may_overtake_each_other(void **state) {
    enum {
        FRAME = VOICE_FRAME_MS * RTP_CLOCK_PER_MS
    };
    (void)state;
    struct squad *squad = squad_in_a_group(2);
    struct again *own = &squad->handsets[1].engine->again;
    const struct group_parameters *group = &squad->handsets[1].engine->groups.list[0]->parameters;
    struct moment now = squad_now(squad, 1);
    keep_packet(own, now, group, 1, FRAME, 1);
    keep_packet(own, now, group, 1, 0, 1);
    keep_packet(own, now, group, 1, UINT32_MAX - FRAME + 1, 1); /* RTP's time runs over */
    keep_packet(own, now, group, 1, 2 * FRAME, 1);
    assert_int_equal(count_pieces(squad), 1);
    squad_free(squad);
}

static void it_goes_with_its_key_and_after_an_hour(void **state) {
    (void)state;
    struct squad *squad = squad_in_a_group(2);
    say(squad, 0, SECOND_MS);
    squad->step_ms = SECOND_MS;
    squad_run(squad, AGAIN_KEPT_MS - 20 * SECOND_MS);
    assert_true(squad_view(squad, 1)->groups[0].says_again);
    squad_run(squad, 40 * SECOND_MS);
    assert_false(squad_view(squad, 1)->groups[0].says_again);
    squad->step_ms = 10;
    say(squad, 0, 3 * SECOND_MS);
    assert_int_equal(again(squad, 1, 1), STATUS_OK);
    squad_run(squad, SECOND_MS);
    struct command command = {.kind = COMMAND_DELETE_GROUP};
    snprintf(command.group, sizeof command.group, "%s", squad_view(squad, 1)->groups[0].identity);
    assert_int_equal(squad_command(squad, 1, &command), STATUS_OK);
    squad_run(squad, SECOND_MS);
    assert_false(squad_view(squad, 1)->again.is_playing);
    assert_int_equal(frames_in(squad, 1, SECOND_MS), 0);
    assert_null(squad->handsets[1].engine->again.newest);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_said_is_heard_again_as_that),
        cmocka_unit_test(asked_once_more_it_is_what_was_said_before),
        cmocka_unit_test(who_talks_now_comes_first),
        cmocka_unit_test(five_minutes_of_a_group_are_kept_and_no_more),
        cmocka_unit_test(whatever_a_member_says_it_takes_no_more_memory),
        cmocka_unit_test(nor_does_it_in_many_groups_and_each_keeps_its_own),
        cmocka_unit_test(the_first_packets_may_overtake_each_other),
        cmocka_unit_test(it_goes_with_its_key_and_after_an_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
