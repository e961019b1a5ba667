/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/app/voice_fixture.h"

enum {
    FRAMES_AFTER = 60,
    COPIES_MAX = 4
};

struct wav voice_fixture(const char *name) {
    char path[100];
    snprintf(path, sizeof path, "fixtures/voice/%s.wav", name);
    struct wav wav;
    struct error error;
    assert_int_equal(wav_load(path, &wav, &error), STATUS_OK);
    return wav;
}

struct packet {
    uint8_t octets[VOICE_PACKET_MAX];
    size_t length;
    unsigned copies;
    unsigned arrival[COPIES_MAX]; /* the frame in which it arrives */
};

static struct packet *send_all(struct wav sent, uint32_t start, voice_weather *weather,
                               unsigned count) {
    struct packet *packets = calloc(count, sizeof *packets);
    assert_non_null(packets);
    struct voice_sender *sender = NULL;
    assert_int_equal(voice_sender_new(0x5EAF00D5, start, &sender), STATUS_OK);
    for (unsigned n = 0; n < count; n++) {
        struct writer w = writer_into(packets[n].octets, VOICE_PACKET_MAX);
        assert_int_equal(
            voice_sender_encode(sender, sent.samples + (size_t)n * VOICE_FRAME_SAMPLES, &w),
            STATUS_OK);
        packets[n].length = w.length;
        packets[n].copies = weather(n, packets[n].arrival);
        for (unsigned copy = 0; copy < packets[n].copies; copy++) {
            packets[n].arrival[copy] += n;
        }
    }
    voice_sender_free(sender);
    return packets;
}

static void receive(struct voice_receiver *receiver, const struct packet *packets, unsigned count,
                    unsigned frame) {
    for (unsigned n = 0; n < count; n++) {
        for (unsigned copy = 0; copy < packets[n].copies; copy++) {
            if (packets[n].arrival[copy] == frame) {
                struct span rtp = {packets[n].octets, packets[n].length};
                assert_int_equal(
                    voice_receiver_packet(receiver, (int64_t)frame * VOICE_FRAME_MS, rtp),
                    STATUS_OK);
            }
        }
    }
}

struct wav voice_journey(struct wav sent, uint32_t start, voice_weather *weather) {
    unsigned count = (unsigned)(sent.count / VOICE_FRAME_SAMPLES);
    struct packet *packets = send_all(sent, start, weather, count);
    struct wav heard = {calloc(count + FRAMES_AFTER, VOICE_FRAME_SAMPLES * sizeof(int16_t)), 0};
    assert_non_null(heard.samples);
    struct voice_receiver *receiver = NULL;
    assert_int_equal(voice_receiver_new(&receiver), STATUS_OK);
    for (unsigned frame = 0; frame < count + FRAMES_AFTER; frame++) {
        receive(receiver, packets, count, frame);
        voice_receiver_play(receiver, (int64_t)frame * VOICE_FRAME_MS, heard.samples + heard.count);
        heard.count += VOICE_FRAME_SAMPLES;
    }
    voice_receiver_free(receiver);
    free(packets);
    return heard;
}
