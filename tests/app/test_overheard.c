/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/air/frame.h"
#include "app/handset/d2d/d2d.h"
#include "app/handset/overheard.h"
#include "tests/app/delivery.h"
#include "tests/app/squad.h"

/* Handset 0 has made a group with handset 1 and talked in it. */
static int talk_once(void **state) {
    struct squad *squad = squad_new(2);
    squad_run(squad, 200);
    squad_group(squad, HOUR_MS);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 300);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 100);
    *state = squad;
    return 0;
}

static int end(void **state) {
    squad_free(*state);
    return 0;
}

static const struct squad_frame *frame_of(const struct squad *squad, size_t from, unsigned kind) {
    const struct squad_frame *frame = squad_find_frame(squad, from, kind);
    assert_non_null(frame);
    return frame;
}

static const char *line_of(struct span octets) {
    static char line[AIR_LINE_SIZE];
    air_describe(octets, line, sizeof line);
    assert_true(line[0] != '\0');
    for (const char *c = line; *c != '\0'; c++) {
        assert_in_range(*c, ' ', '~');
    }
    return line;
}

/* The whole line: `head`, the frame's size, `tail`. */
static void expect_line(const struct squad_frame *frame, const char *head, const char *tail) {
    char expected[AIR_LINE_SIZE];
    snprintf(expected, sizeof expected, "%s, %zu octets: %s", head, frame->length, tail);
    assert_string_equal(line_of((struct span){frame->octets, frame->length}), expected);
}

static void presence_names_who_and_that_it_is_signed(void **state) {
    expect_line(frame_of(*state, 1, FRAME_PRESENCE), "presence of urn:gsma:imei:90420156-025764-0",
                "signed (ECCSI)");
}

static void an_i_message_names_both_sides_and_how_the_key_is_protected(void **state) {
    const struct squad *squad = *state;
    for (size_t i = 0; i < squad->frame_count; i++) {
        struct frame frame;
        struct d2d_head head;
        struct span octets = {squad->frames[i].octets, squad->frames[i].length};
        if (frame_read(octets, &frame) == STATUS_OK && frame.kind == FRAME_D2D &&
            d2d_head_read(frame.payload, &head) == STATUS_OK && head.step == D2D_OPEN) {
            expect_line(&squad->frames[i],
                        "I_MESSAGE urn:gsma:imei:90420156-025763-0 -> "
                        "urn:gsma:imei:90420156-025764-0",
                        "key encapsulated to the receiver (SAKKE), signed (ECCSI)");
            return;
        }
    }
    fail_msg("no I_MESSAGE went over the air");
}

static void a_key_delivery_names_group_and_member_and_how_the_key_is_protected(void **state) {
    struct delivery delivery = delivery_now(*state, 1, 0x01020304);
    uint8_t message[KEY_DELIVERY_MAX], octets[FRAME_MAX];
    struct writer w = writer_into(message, sizeof message);
    struct writer framed = writer_into(octets, sizeof octets);
    delivery_write(&delivery, &w);
    frame_write(&framed, &(struct frame){.kind = FRAME_KEY_DELIVERY, .payload = writer_span(&w)});
    const struct squad_frame frame = {.octets = octets, .length = framed.length};
    expect_line(&frame, "key delivery sip:fire7@county.example -> urn:gsma:imei:90420156-025764-0",
                "key encapsulated to the receiver (SAKKE), signed (ECCSI)");
}

static void what_follows_on_the_d2d_connection_is_sealed(void **state) {
    const struct squad_frame *frame = frame_of(*state, 1, FRAME_D2D);
    const char *line = line_of((struct span){frame->octets, frame->length});
    assert_non_null(strstr(line, "D2D response on connection "));
    assert_non_null(strstr(line, ": sealed"));
}

static void an_announcement_names_talker_group_and_gmk(void **state) {
    struct squad *squad = *state;
    const struct view_group *group = &squad_view(squad, 0)->groups[0];
    char head[AIR_LINE_SIZE];
    char tail[AIR_LINE_SIZE];
    snprintf(head, sizeof head, "announcement by %s for group %s, with voice, ", squad_identity(0),
             group->identity);
    snprintf(tail, sizeof tail, "GSK under GMK %08X, signed (ECCSI); voice: SRTP AES-GCM",
             group->gmk_id);
    const struct squad_frame *both = frame_of(squad, 0, FRAME_ANNOUNCEMENT_AND_MEDIA);
    const char *line = line_of((struct span){both->octets, both->length});
    assert_non_null(strstr(line, head));
    assert_non_null(strstr(line, tail));

    const struct squad_frame *media = frame_of(squad, 0, FRAME_MEDIA);
    line = line_of((struct span){media->octets, media->length});
    snprintf(tail, sizeof tail, "octets: SRTP AES-GCM under a key from GMK %08X", group->gmk_id);
    assert_memory_equal(line, "voice, ", 7);
    assert_non_null(strstr(line, tail));
}

static void an_announcement_alone_is_told_without_voice(void **state) {
    struct squad *squad = *state;
    const struct squad_frame *both = frame_of(squad, 0, FRAME_ANNOUNCEMENT_AND_MEDIA);
    struct frame frame;
    assert_int_equal(frame_read((struct span){both->octets, both->length}, &frame), STATUS_OK);
    struct reader r = reader_of(frame.payload);
    frame.kind = FRAME_ANNOUNCEMENT;
    frame.payload = read_span_u16(&r);
    uint8_t octets[2000];
    struct writer w = writer_into(octets, sizeof octets);
    frame_write(&w, &frame);
    const char *line = line_of(writer_span(&w));
    assert_non_null(strstr(line, "announcement by "));
    assert_null(strstr(line, "voice"));
}

static void frames_of_other_versions_and_kinds_are_said_to_be_unknown(void **state) {
    (void)state;
    uint8_t octets[FRAME_HEADER_SIZE] = {FRAME_VERSION + 1, FRAME_MEDIA};
    assert_memory_equal(line_of(SPAN_OF(octets)), "unknown frame, 12 octets", 24);
    octets[0] = FRAME_VERSION;
    octets[1] = 99;
    assert_memory_equal(line_of(SPAN_OF(octets)), "unknown frame, 12 octets", 24);
    assert_memory_equal(line_of((struct span){octets, 0}), "unknown frame, 0 octets", 23);
}

static void a_frame_cut_anywhere_still_gets_its_line(void **state) {
    struct squad *squad = *state;
    for (unsigned kind = FRAME_PRESENCE; kind <= FRAME_ANNOUNCEMENT_AND_MEDIA; kind++) {
        const struct squad_frame *frame = squad_find_frame(squad, 0, kind);
        for (size_t length = 0; frame != NULL && length < frame->length; length++) {
            const char *line = line_of((struct span){frame->octets, length});
            if (kind == FRAME_PRESENCE || kind == FRAME_ANNOUNCEMENT_AND_MEDIA) {
                assert_true(strstr(line, "garbled") != NULL || strstr(line, "unknown") != NULL);
            }
        }
    }
}

static void a_frame_with_any_octet_changed_still_gets_its_line(void **state) {
    struct squad *squad = *state;
    for (unsigned kind = FRAME_PRESENCE; kind <= FRAME_ANNOUNCEMENT_AND_MEDIA; kind++) {
        const struct squad_frame *frame = squad_find_frame(squad, 0, kind);
        for (size_t at = 0; frame != NULL && at < frame->length; at++) {
            for (unsigned bit = 0; bit < 8; bit++) {
                frame->octets[at] ^= (uint8_t)(1U << bit);
                line_of((struct span){frame->octets, frame->length});
                frame->octets[at] ^= (uint8_t)(1U << bit);
            }
        }
    }
}

static void a_line_is_cut_to_the_room_there_is(void **state) {
    const struct squad_frame *frame = frame_of(*state, 1, FRAME_PRESENCE);
    char line[20];
    memset(line, '#', sizeof line);
    air_describe((struct span){frame->octets, frame->length}, line, 12);
    assert_string_equal(line, "presence of");
    assert_int_equal(line[12], '#');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(presence_names_who_and_that_it_is_signed),
        cmocka_unit_test(an_i_message_names_both_sides_and_how_the_key_is_protected),
        cmocka_unit_test(a_key_delivery_names_group_and_member_and_how_the_key_is_protected),
        cmocka_unit_test(what_follows_on_the_d2d_connection_is_sealed),
        cmocka_unit_test(an_announcement_names_talker_group_and_gmk),
        cmocka_unit_test(an_announcement_alone_is_told_without_voice),
        cmocka_unit_test(frames_of_other_versions_and_kinds_are_said_to_be_unknown),
        cmocka_unit_test(a_frame_cut_anywhere_still_gets_its_line),
        cmocka_unit_test(a_frame_with_any_octet_changed_still_gets_its_line),
        cmocka_unit_test(a_line_is_cut_to_the_room_there_is),
    };
    return cmocka_run_group_tests(tests, talk_once, end);
}
