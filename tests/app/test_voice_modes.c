/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How voice is packed, repeated and waited for (app/voice), over ways with loss and jitter that are
 * the same in each run. How well it is understood is in figures in tests/bench/bench_quality. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <opus/opus.h>

#include "app/voice/rtp.h"
#include "tests/app/stoi.h"
#include "tests/app/voice_fixture.h"

enum {
    PACKETS_MAX = 400,
    TAIL_FRAMES = 30,
    PHASE_MS = 7,
    REPEATS_BIT = 0x40,
};

struct packet {
    uint8_t octets[VOICE_PACKET_MAX];
    size_t length;
    int64_t arrives_ms; /* -1: never */
};

/* All that one press makes. */
struct press {
    struct packet packets[PACKETS_MAX];
    size_t count;
};

struct weather {
    unsigned frames;     /* in a packet */
    unsigned loses_each; /* such a packet; 0: none */
    unsigned jitter_ms;
    unsigned reported_percent;
};

static struct press *press_of(struct wav words, struct weather weather) {
    struct press *press = calloc(1, sizeof *press);
    struct voice_sender *sender = NULL;
    uint32_t chance = 4711;
    assert_non_null(press);
    assert_int_equal(voice_sender_new(0x5EAF00D5, 1, &sender), STATUS_OK);
    voice_sender_pack(sender, weather.frames);
    voice_sender_loss(sender, weather.reported_percent);
    for (size_t at = 0; at + VOICE_FRAME_SAMPLES <= words.count; at += VOICE_FRAME_SAMPLES) {
        struct packet *packet = &press->packets[press->count];
        struct writer out = writer_into(packet->octets, sizeof packet->octets);
        assert_int_equal(voice_sender_encode(sender, words.samples + at, &out), STATUS_OK);
        if (out.length == 0) {
            continue;
        }
        chance = chance * 1664525 + 1013904223;
        bool is_lost = weather.loses_each != 0 && press->count % weather.loses_each == 2;
        packet->length = out.length;
        packet->arrives_ms = (int64_t)(at / VOICE_FRAME_SAMPLES + 1) * VOICE_FRAME_MS +
                             (weather.jitter_ms == 0 ? 0 : (chance >> 8) % weather.jitter_ms);
        packet->arrives_ms = is_lost ? -1 : packet->arrives_ms;
        press->count++;
    }
    voice_sender_free(sender);
    return press;
}

/* What is heard of it, by what is known of the way. */
static struct wav hear(const struct press *press, size_t samples, struct voice_route *route,
                       unsigned *loss, unsigned *delay_ms) {
    size_t frames = samples / VOICE_FRAME_SAMPLES + TAIL_FRAMES;
    struct wav heard = {calloc(frames * VOICE_FRAME_SAMPLES, sizeof(int16_t)), 0};
    struct voice_receiver *receiver = NULL;
    int64_t now_ms = 0;
    assert_non_null(heard.samples);
    assert_int_equal(voice_receiver_new(&receiver), STATUS_OK);
    voice_receiver_follow(receiver, route);
    for (size_t frame = 0; frame < frames; frame++) {
        int64_t play_ms = (int64_t)frame * VOICE_FRAME_MS + PHASE_MS;
        for (; now_ms <= play_ms; now_ms++) {
            for (size_t i = 0; i < press->count; i++) {
                const struct packet *packet = &press->packets[i];
                assert_true(packet->arrives_ms != now_ms ||
                            voice_receiver_packet(receiver, now_ms,
                                                  (struct span){packet->octets, packet->length}) ==
                                STATUS_OK);
            }
        }
        (void)voice_receiver_play(receiver, play_ms, heard.samples + heard.count);
        heard.count += VOICE_FRAME_SAMPLES;
    }
    *loss = voice_receiver_loss(receiver);
    *delay_ms = voice_receiver_delay_ms(receiver);
    voice_receiver_free(receiver);
    return heard;
}

static double score_of(struct wav sent, struct wav heard) {
    return stoi((struct recording){sent.samples, sent.count},
                (struct recording){heard.samples, heard.count});
}

/* The score of a press in that weather by what is known of the way. */
static double press_score(struct wav words, struct weather weather, struct voice_route *route) {
    unsigned loss, delay_ms;
    struct press *press = press_of(words, weather);
    struct wav heard = hear(press, words.count, route, &loss, &delay_ms);
    double score = score_of(words, heard);
    free(heard.samples);
    free(press);
    return score;
}

/* --- Packets ---------------------------------------------------------------------------------- */

/* Words, silence, and noise as loud as it can be. */
static struct wav all_kinds_of_sound(void) {
    struct wav sound = voice_fixture("bridge");
    size_t words = sound.count;
    uint32_t chance = 1;
    sound.samples = realloc(sound.samples, (words + 2 * VOICE_RATE) * sizeof(int16_t));
    assert_non_null(sound.samples);
    memset(sound.samples + words, 0, VOICE_RATE * sizeof(int16_t));
    for (size_t i = 0; i < VOICE_RATE; i++) {
        chance = chance * 1664525 + 1013904223;
        sound.samples[words + VOICE_RATE + i] = (int16_t)(chance >> 16);
    }
    sound.count = words + 2 * VOICE_RATE;
    return sound;
}

static void all_packets_of_a_talk_have_one_size(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 70, VOICE_PAYLOAD_MAX, VOICE_PAYLOAD_MAX};
    struct wav sound = all_kinds_of_sound();
    for (unsigned frames = 1; frames <= VOICE_PACKED_MAX; frames++) {
        for (unsigned percent = 0; percent <= 20; percent += 10) {
            struct press *press =
                press_of(sound, (struct weather){.frames = frames, .reported_percent = percent});
            assert_int_equal(press->count, sound.count / VOICE_FRAME_SAMPLES / frames);
            for (size_t i = 0; i < press->count; i++) {
                assert_int_equal(press->packets[i].length, RTP_HEADER_SIZE + sizes[frames]);
            }
            free(press);
        }
    }
    free(sound.samples);
}

/* What fills long packets up is nothing of this process's memory. */
static void long_packets_are_filled_up_with_zeros(void **state) {
    (void)state;
    struct wav sound = all_kinds_of_sound();
    for (unsigned frames = 2; frames <= VOICE_PACKED_MAX; frames++) {
        struct press *press = press_of(sound, (struct weather){.frames = frames});
        unsigned filled = 0;
        for (size_t i = 0; i < press->count; i++) {
            uint8_t *payload = press->packets[i].octets + RTP_HEADER_SIZE, again[VOICE_PACKET_MAX];
            memcpy(again, payload, VOICE_PAYLOAD_MAX);
            opus_int32 length = opus_packet_unpad(again, VOICE_PAYLOAD_MAX);
            assert_true(length > 0);
            filled += length < VOICE_PAYLOAD_MAX;
            assert_int_equal(opus_packet_pad(again, length, VOICE_PAYLOAD_MAX), OPUS_OK);
            assert_memory_equal(again, payload, VOICE_PAYLOAD_MAX);
        }
        assert_true(filled > press->count / 2);
        free(press);
    }
    free(sound.samples);
}

static void rtp_tells_when_each_packet_was_said(void **state) {
    (void)state;
    struct wav words = voice_fixture("bridge");
    for (unsigned frames = 1; frames <= VOICE_PACKED_MAX; frames++) {
        struct press *press = press_of(words, (struct weather){.frames = frames});
        for (size_t i = 0; i < press->count; i++) {
            struct rtp_packet packet;
            const struct span octets = {press->packets[i].octets, press->packets[i].length};
            assert_int_equal(rtp_read(octets, &packet), STATUS_OK);
            assert_int_equal(packet.sequence, i);
            assert_int_equal(packet.timestamp, 1 + i * frames * 960);
            assert_int_equal(packet.marker, i == 0);
            assert_int_equal(opus_packet_get_nb_samples(packet.payload.octets,
                                                        (opus_int32)packet.payload.length, 48000),
                             (int)frames * 960);
        }
        free(press);
    }
    free(words.samples);
}

static void last_words_that_fill_no_packet_are_sent(void **state) {
    (void)state;
    const int16_t silence[VOICE_FRAME_SAMPLES] = {0};
    struct voice_sender *sender = NULL;
    uint8_t octets[2 * VOICE_PACKET_MAX];
    struct writer out = writer_into(octets, sizeof octets);
    uint16_t sequence;
    uint32_t rtp_time;
    assert_int_equal(voice_sender_new(7, 0, &sender), STATUS_OK);
    voice_sender_pack(sender, 3);
    assert_int_equal(voice_sender_finish(sender, &out), STATUS_OK);
    assert_int_equal(out.length, 0);
    assert_int_equal(voice_sender_encode(sender, silence, &out), STATUS_OK);
    assert_int_equal(out.length, 0);
    voice_sender_pack(sender, 1); /* too late */
    assert_int_equal(voice_sender_finish(sender, &out), STATUS_OK);
    assert_int_equal(out.length, RTP_HEADER_SIZE + VOICE_PAYLOAD_MAX);
    assert_int_equal(voice_sender_finish(sender, &out), STATUS_OK);
    assert_int_equal(out.length, RTP_HEADER_SIZE + VOICE_PAYLOAD_MAX);
    voice_sender_next(sender, &sequence, &rtp_time);
    assert_int_equal(sequence, 1);
    assert_int_equal(rtp_time, 3 * 960);
    voice_sender_free(sender);
}

static void a_stream_keeps_to_one_length_of_packets(void **state) {
    (void)state;
    struct wav words = voice_fixture("bridge");
    struct press *shorter = press_of(words, (struct weather){.frames = 1});
    struct press *longer = press_of(words, (struct weather){.frames = 3});
    struct voice_receiver *receiver = NULL;
    assert_int_equal(voice_receiver_new(&receiver), STATUS_OK);
    struct span packet = {longer->packets[0].octets, longer->packets[0].length};
    assert_int_equal(voice_receiver_packet(receiver, 0, packet), STATUS_OK);
    packet = (struct span){shorter->packets[1].octets, shorter->packets[1].length};
    assert_int_equal(voice_receiver_packet(receiver, 20, packet), STATUS_MALFORMED);
    packet = (struct span){longer->packets[1].octets, longer->packets[1].length};
    assert_int_equal(voice_receiver_packet(receiver, 60, packet), STATUS_OK);
    voice_receiver_free(receiver);
    free(shorter);
    free(longer);
    free(words.samples);
}

/* --- FEC -------------------------------------------------------------------------------------- */

/* Does a packet of 20 ms hold the one before as well? The flag follows that of voice activity in
 * the frame's first octet (RFC 6716 4.2.3). */
static bool repeats(struct voice_sender *sender, const int16_t *samples) {
    uint8_t octets[VOICE_PACKET_MAX], contents;
    const uint8_t *frames[48];
    opus_int16 sizes[48];
    struct writer out = writer_into(octets, sizeof octets);
    assert_int_equal(voice_sender_encode(sender, samples, &out), STATUS_OK);
    assert_int_equal(opus_packet_parse(octets + RTP_HEADER_SIZE,
                                       (opus_int32)(out.length - RTP_HEADER_SIZE), &contents,
                                       frames, sizes, NULL),
                     1);
    return (frames[0][0] & REPEATS_BIT) != 0;
}

/* How many of the packets of so much voice do? */
static unsigned count_repeating(struct voice_sender *sender, struct wav words, unsigned frames) {
    unsigned count = 0;
    for (size_t at = 0, n = 0; n < frames; n++) {
        count += repeats(sender, words.samples + at);
        at += VOICE_FRAME_SAMPLES;
        at = at + VOICE_FRAME_SAMPLES <= words.count ? at : 0;
    }
    return count;
}

static void packets_repeat_the_one_before_while_loss_is_reported(void **state) {
    (void)state;
    struct wav words = voice_fixture("bridge");
    struct voice_sender *sender = NULL;
    assert_int_equal(voice_sender_new(7, 0, &sender), STATUS_OK);
    /* Nobody has reported: a talk may begin on a bad link. */
    assert_true(count_repeating(sender, words, 100) > 30);
    voice_sender_loss(sender, 2);
    (void)repeats(sender, words.samples);
    assert_int_equal(count_repeating(sender, words, 100), 0);
    voice_sender_loss(sender, 3);
    assert_true(count_repeating(sender, words, 100) > 30);
    /* Less is believed once it lasts. */
    voice_sender_loss(sender, 0);
    assert_true(count_repeating(sender, words, 100) > 30);
    (void)count_repeating(sender, words, 100);
    voice_sender_loss(sender, 0);
    (void)repeats(sender, words.samples);
    assert_int_equal(count_repeating(sender, words, 100), 0);
    voice_sender_free(sender);
    free(words.samples);
}

static void what_was_lost_is_heard_from_the_next_packet(void **state) {
    (void)state;
    struct wav words = voice_fixture("ladder");
    for (unsigned frames = 1; frames <= VOICE_PACKED_MAX; frames++) {
        struct voice_route routes[2] = {{0}, {0}};
        const struct weather plain = {frames, 5, 0, 0}, repeated = {frames, 5, 0, 20};
        /* The second press: the buffer waits as long as it takes for the next packet. */
        (void)press_score(words, plain, &routes[0]);
        (void)press_score(words, repeated, &routes[1]);
        double without = press_score(words, plain, &routes[0]);
        double with = press_score(words, repeated, &routes[1]);
        printf("%u ms, each fifth lost: %.3f without FEC, %.3f with it\n", frames * VOICE_FRAME_MS,
               without, with);
        assert_true(with > without + 0.05);
    }
    free(words.samples);
}

/* --- The way ---------------------------------------------------------------------------------- */

static void the_second_press_knows_what_the_way_is_like(void **state) {
    (void)state;
    struct wav words = voice_fixture("bridge");
    const struct weather weather = {
        .frames = 1, .loses_each = 5, .jitter_ms = 60, .reported_percent = 20};
    struct voice_route route = {0};
    double first = press_score(words, weather, &route);
    assert_true(route.variation > 0);
    double second = press_score(words, weather, &route);
    struct voice_route calm = {0};
    double best = press_score(words, (struct weather){1, 5, 0, 20}, &calm);
    printf("60 ms of jitter, each fifth lost: %.3f, then %.3f; without %.3f\n", first, second,
           best);
    assert_true(second > first + 0.002);
    assert_true(second > best - 0.01);
    free(words.samples);
}

static void loss_and_delay_are_known(void **state) {
    (void)state;
    struct wav words = voice_fixture("bridge");
    for (unsigned frames = 1; frames <= VOICE_PACKED_MAX; frames++) {
        unsigned loss, delay_ms;
        struct voice_route route = {0};
        struct press *press = press_of(words, (struct weather){frames, 5, 0, 0});
        struct wav heard = hear(press, words.count, &route, &loss, &delay_ms);
        assert_in_range(loss, 14, 26);
        assert_in_range(delay_ms, frames * VOICE_FRAME_MS + 15, frames * VOICE_FRAME_MS + 110);
        free(press);
        free(heard.samples);
    }
    free(words.samples);
}

/* --- The measure itself ----------------------------------------------------------------------- */

static void stoi_tells_words_from_noise_and_does_not_mind_delay(void **state) {
    (void)state;
    struct wav words = voice_fixture("medic"), other = voice_fixture("ladder");
    const size_t late = VOICE_RATE * 137 / 1000;
    struct wav delayed = {calloc(words.count + late, sizeof(int16_t)), words.count + late};
    struct wav noise = {calloc(words.count, sizeof(int16_t)), words.count};
    uint32_t chance = 1;
    assert_non_null(delayed.samples);
    assert_non_null(noise.samples);
    memcpy(delayed.samples + late, words.samples, words.count * sizeof(int16_t));
    for (size_t i = 0; i < noise.count; i++) {
        chance = chance * 1664525 + 1013904223;
        noise.samples[i] = (int16_t)(chance >> 16);
    }
    assert_true(score_of(words, words) > 0.999);
    assert_true(score_of(words, delayed) > 0.99);
    assert_true(score_of(words, noise) < 0.6);
    assert_true(score_of(words, other) < 0.6);
    free(words.samples);
    free(other.samples);
    free(delayed.samples);
    free(noise.samples);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_packets_of_a_talk_have_one_size),
        cmocka_unit_test(long_packets_are_filled_up_with_zeros),
        cmocka_unit_test(rtp_tells_when_each_packet_was_said),
        cmocka_unit_test(last_words_that_fill_no_packet_are_sent),
        cmocka_unit_test(a_stream_keeps_to_one_length_of_packets),
        cmocka_unit_test(packets_repeat_the_one_before_while_loss_is_reported),
        cmocka_unit_test(what_was_lost_is_heard_from_the_next_packet),
        cmocka_unit_test(the_second_press_knows_what_the_way_is_like),
        cmocka_unit_test(loss_and_delay_are_known),
        cmocka_unit_test(stoi_tells_words_from_noise_and_does_not_mind_delay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
