/* SPDX-License-Identifier: GPL-3.0-or-later */
/* app/programs/lane.h: which frames are voice's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/air/frame.h"
#include "app/programs/lane.h"
#include "tests/app/squad.h"

static const enum frame_kind voice[] = {
    FRAME_ANNOUNCEMENT, FRAME_MEDIA, FRAME_ANNOUNCEMENT_AND_MEDIA, FRAME_VOICE_REPORT, FRAME_FLOOR};

static bool is_voice(unsigned kind) {
    for (size_t i = 0; i < sizeof voice / sizeof voice[0]; i++) {
        if (kind == voice[i]) {
            return true;
        }
    }
    return false;
}

static struct span frame_of(enum frame_kind kind, uint8_t octets[FRAME_HEADER_SIZE + 8]) {
    const uint8_t payload[8] = {0};
    const struct frame frame = {.kind = kind, .hops_left = 3, .id = 1, .payload = SPAN_OF(payload)};
    struct writer out = writer_into(octets, FRAME_HEADER_SIZE + 8);
    frame_write(&out, &frame);
    return writer_span(&out);
}

static void what_a_talk_needs_goes_by_voices_lane(void **state) {
    uint8_t octets[FRAME_HEADER_SIZE + 8];
    (void)state;
    for (unsigned kind = 0; kind < FRAME_KINDS; kind++) {
        enum transport_lane lane = lane_of(frame_of((enum frame_kind)kind, octets));
        assert_int_equal(lane, is_voice(kind) ? LANE_VOICE : LANE_REST);
    }
    assert_int_equal(lane_of((struct span){octets, FRAME_HEADER_SIZE - 1}), LANE_REST);
    assert_int_equal(lane_of((struct span){octets, 0}), LANE_REST);
}

/* A stranger who says presences where voice goes does not get them before it. */
static void what_is_not_voice_is_not_acted_on_in_voices_lane(void **state) {
    uint8_t octets[FRAME_HEADER_SIZE + 8];
    (void)state;
    for (unsigned kind = 0; kind < 256; kind++) {
        struct span frame = frame_of(FRAME_MEDIA, octets);
        octets[FRAME_KIND_AT] = (uint8_t)kind;
        assert_true(lane_allows(LANE_REST, frame));
        assert_int_equal(lane_allows(LANE_VOICE, frame), is_voice(kind));
    }
}

/* Says a frame that was heard to handset 1, as if it came just now. */
static bool proves(struct squad *squad, const struct squad_frame *frame, size_t changed) {
    uint8_t octets[FRAME_MAX];
    assert_true(frame->length <= sizeof octets && changed < frame->length);
    memcpy(octets, frame->octets, frame->length);
    octets[changed] ^= changed > 0;
    return handset_frame(squad->handsets[1].engine, squad_now(squad, 1), 7,
                         (struct span){octets, frame->length});
}

/* Which sender's voice goes first is by what this says. */
static void only_a_packet_of_the_talker_says_that_it_is_proven(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    squad->handsets[1].deaf = true;
    size_t first = squad->frame_count, proven = 0, voice_frames = 0;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 400);
    for (size_t i = first; i < squad->frame_count; i++) {
        const struct squad_frame *frame = &squad->frames[i];
        struct span octets = {frame->octets, frame->length};
        if (frame->from != 0 || lane_of(octets) != LANE_VOICE) {
            continue;
        }
        assert_false(proves(squad, frame, frame->length - 1)); /* its signature */
        bool is_proven = proves(squad, frame, 0);
        assert_false(is_proven && frame->octets[FRAME_KIND_AT] == FRAME_ANNOUNCEMENT);
        assert_false(proves(squad, frame, 0)); /* again */
        proven += is_proven;
        voice_frames += frame->octets[FRAME_KIND_AT] != FRAME_ANNOUNCEMENT;
    }
    assert_int_equal(proven, voice_frames);
    assert_true(proven > 0);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_talk_needs_goes_by_voices_lane),
        cmocka_unit_test(only_a_packet_of_the_talker_says_that_it_is_proven),
        cmocka_unit_test(what_is_not_voice_is_not_acted_on_in_voices_lane),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
