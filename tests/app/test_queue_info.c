/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a talk's packets say of the queue for the floor: octets, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/talk/queue_info.h"
#include "app/voice/rtp.h"

static const uint8_t voice[70] = {0x4B, 1, 2, 3};

static struct queue_info queue_of(size_t count) {
    struct queue_info info = {.count = count, .denied = "denied1", .cause = QUEUE_CAUSE_FULL};
    for (size_t i = 0; i < count; i++) {
        memset(info.who[i], (int)('a' + i), QUEUE_WHO_SIZE);
    }
    return info;
}

/* A packet of voice that says that; or the end of a session. */
static struct span packet_of(const struct queue_info *info, bool is_end, uint8_t room[300]) {
    uint8_t octets[QUEUE_INFO_SIZE];
    struct writer said = writer_into(octets, sizeof octets), rtp = writer_into(room, 300);
    queue_info_write(info, &said);
    assert_int_equal(said.length, QUEUE_INFO_SIZE);
    const struct rtp_packet packet = {.payload_type = RTP_PAYLOAD_OPUS,
                                      .payload = is_end ? writer_span(&said) : SPAN_OF(voice)};
    rtp_write(&packet, &rtp);
    if (!is_end) {
        queue_info_pad(info, &rtp);
    }
    return writer_span(&rtp);
}

static void what_is_said_is_read_and_the_voice_is_as_it_was(void **state) {
    (void)state;
    for (size_t count = 0; count <= QUEUE_MAX; count++) {
        for (int is_end = 0; is_end < 2; is_end++) {
            uint8_t room[300];
            struct queue_info heard;
            struct rtp_packet packet;
            const struct queue_info said = queue_of(count);
            struct span rtp = packet_of(&said, is_end, room);
            assert_true(queue_info_read(rtp, is_end, &heard));
            assert_int_equal(heard.count, said.count);
            assert_memory_equal(heard.who, said.who, sizeof said.who);
            assert_memory_equal(heard.denied, said.denied, sizeof said.denied);
            assert_int_equal(heard.cause, said.cause);
            assert_int_equal(rtp_read(rtp, &packet), STATUS_OK);
            if (!is_end) {
                assert_int_equal(packet.payload.length, sizeof voice);
                assert_memory_equal(packet.payload.octets, voice, sizeof voice);
            }
        }
    }
}

static void what_is_no_queue_is_not_read(void **state) {
    (void)state;
    uint8_t room[300] = {0};
    struct queue_info heard;
    const struct queue_info said = queue_of(3);
    for (int is_end = 0; is_end < 2; is_end++) {
        size_t length = packet_of(&said, is_end, room).length;
        size_t form_at = length - QUEUE_INFO_SIZE - (is_end ? 0 : 1);
        for (size_t cut = 0; cut < length; cut++) {
            assert_false(queue_info_read((struct span){room, cut}, is_end, &heard));
        }
        assert_false(queue_info_read((struct span){room, length + 1}, is_end, &heard));
        room[form_at] = 2;
        assert_false(queue_info_read((struct span){room, length}, is_end, &heard));
        room[form_at] = 1;
        room[form_at + 1] = QUEUE_MAX + 1;
        assert_false(queue_info_read((struct span){room, length}, is_end, &heard));
    }
    size_t length = packet_of(&said, false, room).length;
    room[length - 1]++; /* padding of another length */
    assert_false(queue_info_read((struct span){room, length}, false, &heard));
    room[length - 1]--;
    assert_true(queue_info_read((struct span){room, length}, false, &heard));
    room[0] = 0x80; /* not padded */
    assert_false(queue_info_read((struct span){room, length}, false, &heard));
    assert_false(queue_info_read((struct span){room, RTP_HEADER_SIZE}, true, &heard));
}

/* Nor who was denied before, nor any other octets of memory. */
static void who_is_not_queued_any_more_is_not_said(void **state) {
    (void)state;
    uint8_t room[300];
    struct queue_info said = queue_of(3), heard;
    said.count = 1;
    said.cause = QUEUE_CAUSE_NONE;
    assert_true(queue_info_read(packet_of(&said, false, room), false, &heard));
    assert_memory_equal(heard.who[1], (const uint8_t[2 * QUEUE_WHO_SIZE]){0}, 2 * QUEUE_WHO_SIZE);
    assert_memory_equal(heard.denied, (const uint8_t[QUEUE_WHO_SIZE]){0}, QUEUE_WHO_SIZE);
}

static void where_there_is_no_room_the_packet_stays_as_it_is(void **state) {
    (void)state;
    uint8_t room[RTP_HEADER_SIZE + sizeof voice + QUEUE_INFO_SIZE];
    struct writer rtp = writer_into(room, sizeof room);
    const struct queue_info said = queue_of(1);
    queue_info_pad(&said, &rtp);
    assert_int_equal(rtp.length, 0);
    const struct rtp_packet packet = {.payload_type = RTP_PAYLOAD_OPUS, .payload = SPAN_OF(voice)};
    rtp_write(&packet, &rtp);
    queue_info_pad(&said, &rtp);
    assert_int_equal(rtp.length, RTP_HEADER_SIZE + sizeof voice);
    assert_false(rtp.failed);
    assert_int_equal(room[0], 0x80);
}

static void a_place_is_found_by_who(void **state) {
    (void)state;
    const struct queue_info info = queue_of(3);
    assert_int_equal(queue_info_place(&info, (const uint8_t *)"cccccccc"), 2);
    assert_int_equal(queue_info_place(&info, (const uint8_t *)"cccccccd"), -1);
    assert_int_equal(queue_info_place(&info, (const uint8_t *)"dddddddd"), -1);
    assert_int_equal(queue_info_place(&info, (const uint8_t[QUEUE_WHO_SIZE]){0}), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_is_read_and_the_voice_is_as_it_was),
        cmocka_unit_test(what_is_no_queue_is_not_read),
        cmocka_unit_test(who_is_not_queued_any_more_is_not_said),
        cmocka_unit_test(where_there_is_no_room_the_packet_stays_as_it_is),
        cmocka_unit_test(a_place_is_found_by_who),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
