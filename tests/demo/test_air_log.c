/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/handset/air/frame.h"
#include "app/programs/demo/air_log.h"
#include "app/programs/pcap.h"

/* A frame with voice under a GMK, whose media differ. */
static struct span voice_frame(uint8_t octets[64], uint8_t media, size_t length) {
    uint8_t payload[32] = {0xA0, 0, 0, 7, media};
    struct writer out = writer_into(octets, 64);
    frame_write(&out, &(struct frame){.kind = FRAME_MEDIA,
                                      .hops_left = 1,
                                      .id = media,
                                      .payload = {.octets = payload, .length = length}});
    return writer_span(&out);
}

static void frames_alike_are_one_line_with_their_number(void **state) {
    (void)state;
    struct air_log log = {0};
    uint8_t octets[64];
    const struct lesson_frame *line = air_log_frame(&log, 1000, 1, 0, voice_frame(octets, 1, 20));
    assert_non_null(line);
    assert_string_equal(line->what, "voice");
    assert_string_equal(line->protection, "SRTP AES-GCM under a key from GMK A0000007");
    for (uint8_t i = 2; i <= 50; i++) {
        assert_null(air_log_frame(&log, 1000 + i * 20, 1, 0, voice_frame(octets, i, 20 + i % 5)));
    }
    assert_int_equal(log.count, 1);
    assert_int_equal(log.lines[0].count, 50);
    assert_int_equal(log.lines[0].utc_ms, 2000);
    assert_int_equal(log.frames, 50);
}

static void a_presence_that_comes_again_does_not_hide_what_happens(void **state) {
    (void)state;
    struct air_log log = {0};
    uint8_t presence[64], voice[64];
    struct writer out = writer_into(presence, sizeof presence);
    frame_write(&out, &(struct frame){.kind = FRAME_PRESENCE, .hops_left = 1});
    assert_non_null(air_log_frame(&log, 0, 1, 0, writer_span(&out)));
    assert_non_null(air_log_frame(&log, 1, 2, 0, voice_frame(voice, 1, 20)));
    assert_null(air_log_frame(&log, 5000, 1, 0, writer_span(&out)));
    assert_string_equal(log.lines[0].what, "voice");
    assert_int_equal(log.lines[1].count, 2);
    assert_int_equal(log.lines[1].utc_ms, 5000);
}

static void another_sender_or_a_long_silence_begins_a_line(void **state) {
    (void)state;
    struct air_log log = {0};
    uint8_t octets[64];
    assert_non_null(air_log_frame(&log, 0, 1, 0, voice_frame(octets, 1, 20)));
    assert_non_null(air_log_frame(&log, 0, 2, 0, voice_frame(octets, 1, 20)));
    assert_non_null(air_log_frame(&log, 0, 1, 2, voice_frame(octets, 1, 20)));
    assert_null(air_log_frame(&log, 30000, 1, 0, voice_frame(octets, 1, 20)));
    assert_int_equal(log.lines[0].from, 1);
    assert_int_equal(log.lines[0].to, 0);
    assert_non_null(air_log_frame(&log, 60001, 1, 0, voice_frame(octets, 1, 20)));
    assert_int_equal(log.count, 4);
}

static void the_oldest_lines_make_room(void **state) {
    (void)state;
    struct air_log log = {0};
    uint8_t octets[64];
    for (unsigned from = 1; from <= AIR_LOG_LINES + 10; from++) {
        assert_non_null(air_log_frame(&log, 0, from, 0, voice_frame(octets, 1, 20)));
    }
    assert_int_equal(log.count, AIR_LOG_LINES);
    assert_int_equal(log.lines[0].from, AIR_LOG_LINES + 10);
    assert_int_equal(log.lines[AIR_LOG_LINES - 1].from, 11);
}

static void octets_that_are_no_frame_have_a_line_too(void **state) {
    (void)state;
    struct air_log log = {0};
    assert_non_null(air_log_frame(&log, 0, 1, 0, (struct span){0}));
    assert_non_null(strstr(log.lines[0].what, "unknown frame"));
}

static void random_frames_neither_crash_the_log_nor_the_capture(void **state) {
    (void)state;
    unsigned seed = 20260103;
    print_message("seed %u\n", seed);
    srandom(seed);
    struct air_log *log = calloc(1, sizeof *log);
    struct pcap *capture;
    struct error error;
    assert_int_equal(pcap_open("/dev/null", &capture, &error), STATUS_OK);
    air_log_name(log, "urn:gsma:imei:90420156-025701-0", "Ada");
    for (int i = 0; i < 20000; i++) {
        uint8_t octets[200] = {FRAME_VERSION, (uint8_t)(random() % 9), 1, 0};
        size_t length = (size_t)(random() % (long)sizeof octets);
        for (size_t j = 4; j < length; j++) {
            octets[j] = (uint8_t)random();
        }
        if (octets[1] == FRAME_D2D && length > FRAME_HEADER_SIZE + 8) {
            octets[FRAME_HEADER_SIZE + 8] = (uint8_t)(random() % 6);
        }
        struct span frame = {.octets = octets, .length = length};
        air_log_frame(log, i, 1, 0, frame);
        pcap_frame(capture, i, 1, 0, frame);
    }
    assert_int_equal(log->frames, 20000);
    assert_int_equal(pcap_close(capture, &error), STATUS_OK);
    free(log);
}

static void a_capture_on_a_full_disk_is_reported(void **state) {
    (void)state;
    struct pcap *capture;
    struct error error;
    if (access("/dev/full", W_OK) != 0) {
        skip();
    }
    assert_int_equal(pcap_open("/dev/full", &capture, &error), STATUS_OK);
    assert_int_equal(pcap_close(capture, &error), STATUS_IO_FAILED);
    assert_non_null(strstr(error.text, "/dev/full"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_alike_are_one_line_with_their_number),
        cmocka_unit_test(a_presence_that_comes_again_does_not_hide_what_happens),
        cmocka_unit_test(another_sender_or_a_long_silence_begins_a_line),
        cmocka_unit_test(the_oldest_lines_make_room),
        cmocka_unit_test(octets_that_are_no_frame_have_a_line_too),
        cmocka_unit_test(random_frames_neither_crash_the_log_nor_the_capture),
        cmocka_unit_test(a_capture_on_a_full_disk_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
