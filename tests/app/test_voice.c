/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/voice/likeness.h"
#include "app/voice/rtp.h"
#include "tests/app/voice_fixture.h"

/* How like the words of "bridge" are after a journey. */
static double journey_score(uint32_t start, voice_weather *weather) {
    struct wav sent = voice_fixture("bridge");
    struct wav heard = voice_journey(sent, start, weather);
    double score = 0;
    assert_int_equal(likeness((struct recording){sent.samples, sent.count},
                              (struct recording){heard.samples, heard.count}, &score, NULL),
                     STATUS_OK);
    free(heard.samples);
    free(sent.samples);
    return score;
}

static unsigned fair(unsigned number, unsigned arrival[4]) {
    (void)number;
    arrival[0] = 0;
    return 1;
}

static unsigned doubled(unsigned number, unsigned arrival[4]) {
    arrival[0] = 0;
    arrival[1] = number % 3;
    arrival[2] = 9;
    return 3;
}

/* Each pair of packets arrives the wrong way round. */
static unsigned swapped(unsigned number, unsigned arrival[4]) {
    arrival[0] = number % 2 == 0 ? 2 : 0;
    return 1;
}

static unsigned every_eighth_lost(unsigned number, unsigned arrival[4]) {
    arrival[0] = 0;
    return number % 8 == 3 ? 0 : 1;
}

enum {
    STALL_BEGINS = 40,
    STALL_ENDS = 48,
    FIRST_WAIT = 20, /* 400 ms */
};

/* In the middle nothing arrives for 160 ms, and then all at once. */
static unsigned stalled(unsigned number, unsigned arrival[4]) {
    arrival[0] = number >= STALL_BEGINS && number < STALL_ENDS ? STALL_ENDS - number : 0;
    return 1;
}

/* The first words wait, as while their announcement is checked, and are there all at once. */
static unsigned kept_waiting(unsigned number, unsigned arrival[4]) {
    arrival[0] = number < FIRST_WAIT ? FIRST_WAIT - number : 0;
    return 1;
}

static void packets_are_rtp_with_opus_at_its_clock(void **state) {
    (void)state;
    struct voice_sender *sender = NULL;
    assert_int_equal(voice_sender_new(0x01020304, 0xFFFEFFFF, &sender), STATUS_OK);
    const int16_t silence[VOICE_FRAME_SAMPLES] = {0};
    for (unsigned n = 0; n < 3; n++) {
        uint8_t octets[VOICE_PACKET_MAX];
        struct writer w = writer_into(octets, sizeof octets);
        assert_int_equal(voice_sender_encode(sender, silence, &w), STATUS_OK);
        struct rtp_packet packet;
        assert_int_equal(rtp_read(writer_span(&w), &packet), STATUS_OK);
        assert_int_equal(packet.marker, n == 0);
        assert_int_equal(packet.payload_type, RTP_PAYLOAD_OPUS);
        assert_int_equal(packet.sequence, (uint16_t)(0xFFFE + n));
        assert_int_equal(packet.timestamp, (uint32_t)(0xFFFEFFFF + 960 * n));
        assert_int_equal(packet.ssrc, 0x01020304);
        /* 28 kbit/s at a constant rate, whatever is said. */
        assert_int_equal(packet.payload.length, 70);
    }
    voice_sender_free(sender);
}

static void the_same_samples_make_the_same_packets(void **state) {
    (void)state;
    struct wav words = voice_fixture("ladder");
    struct voice_sender *senders[2];
    assert_int_equal(voice_sender_new(7, 8, &senders[0]), STATUS_OK);
    assert_int_equal(voice_sender_new(7, 8, &senders[1]), STATUS_OK);
    for (size_t at = 0; at + VOICE_FRAME_SAMPLES <= words.count; at += VOICE_FRAME_SAMPLES) {
        uint8_t octets[2][VOICE_PACKET_MAX];
        struct writer w[2];
        for (size_t i = 0; i < 2; i++) {
            w[i] = writer_into(octets[i], VOICE_PACKET_MAX);
            assert_int_equal(voice_sender_encode(senders[i], words.samples + at, &w[i]), STATUS_OK);
        }
        assert_true(span_equal(writer_span(&w[0]), writer_span(&w[1])));
    }
    voice_sender_free(senders[0]);
    voice_sender_free(senders[1]);
    free(words.samples);
}

static void a_packet_that_does_not_fit_is_refused(void **state) {
    (void)state;
    struct voice_sender *sender = NULL;
    assert_int_equal(voice_sender_new(7, 8, &sender), STATUS_OK);
    const int16_t silence[VOICE_FRAME_SAMPLES] = {0};
    uint8_t octets[20];
    struct writer w = writer_into(octets, sizeof octets);
    assert_int_equal(voice_sender_encode(sender, silence, &w), STATUS_TOO_LONG);
    voice_sender_free(sender);
}

static void voice_survives_wrap_of_sequence_number_and_timestamp(void **state) {
    (void)state;
    /* Sequence 0xFFE0 wraps after 32 packets, the timestamp a little later. */
    assert_true(journey_score(0xFFE00000, fair) > 0.85);
    assert_true(journey_score(0xFFE00000, every_eighth_lost) > 0.8);
}

static void doubled_packets_are_played_once(void **state) {
    (void)state;
    struct wav sent = voice_fixture("bridge");
    struct wav once = voice_journey(sent, 5, fair);
    struct wav thrice = voice_journey(sent, 5, doubled);
    assert_int_equal(once.count, thrice.count);
    assert_memory_equal(once.samples, thrice.samples, once.count * sizeof once.samples[0]);
    free(once.samples);
    free(thrice.samples);
    free(sent.samples);
}

static void packets_out_of_order_are_played_in_order(void **state) {
    (void)state;
    assert_true(journey_score(5, swapped) > 0.85);
}

static void lost_packets_are_concealed(void **state) {
    (void)state;
    struct wav sent = voice_fixture("bridge");
    struct wav whole = voice_journey(sent, 5, fair);
    struct wav lossy = voice_journey(sent, 5, every_eighth_lost);
    /* What was repaired is close to what was lost: an eighth left silent costs far more. */
    double error = 0;
    double gaps = 0;
    for (size_t i = 0; i < whole.count; i++) {
        double difference = whole.samples[i] - lossy.samples[i];
        error += difference * difference;
        gaps += i / VOICE_FRAME_SAMPLES % 8 == 5
                    ? (double)whole.samples[i] * (double)whole.samples[i]
                    : 0;
    }
    assert_true(error < gaps);
    assert_true(journey_score(5, every_eighth_lost) > 0.85);
    free(whole.samples);
    free(lossy.samples);
    free(sent.samples);
}

static double energy(struct wav wav) {
    double sum = 0;
    for (size_t i = 0; i < wav.count; i++) {
        sum += (double)wav.samples[i] * (double)wav.samples[i];
    }
    return sum;
}

/* The same speech twice: under `weather` nothing of it is left out, although it is played up to a
 * fifth faster for a while, and its second half sounds as it was said. */
static void assert_caught_up_with(voice_weather *weather) {
    struct wav once = voice_fixture("bridge");
    struct wav sent = {calloc(2 * once.count, sizeof once.samples[0]), 2 * once.count};
    assert_non_null(sent.samples);
    memcpy(sent.samples, once.samples, once.count * sizeof once.samples[0]);
    memcpy(sent.samples + once.count, once.samples, once.count * sizeof once.samples[0]);
    struct wav whole = voice_journey(sent, 5, fair), heard = voice_journey(sent, 5, weather);
    struct recording end = {heard.samples + heard.count - once.count - VOICE_RATE,
                            once.count + VOICE_RATE};
    double score = 0;
    assert_int_equal(likeness((struct recording){once.samples, once.count}, end, &score, NULL),
                     STATUS_OK);
    assert_true(score > 0.8);
    assert_true(energy(heard) > energy(whole) * 0.85);
    assert_true(energy(heard) < energy(whole) * 1.05);
    free(whole.samples);
    free(heard.samples);
    free(once.samples);
    free(sent.samples);
}

static void words_that_come_late_all_at_once_are_still_played(void **state) {
    (void)state;
    assert_caught_up_with(stalled);
}

static void first_words_that_had_to_wait_are_heard_and_caught_up_with(void **state) {
    (void)state;
    assert_caught_up_with(kept_waiting);
}

/* Packets with the same 20 ms of a tone, so that playing any of them is loud. */
static struct span loud_packet(uint8_t octets[VOICE_PACKET_MAX], uint16_t sequence) {
    struct voice_sender *sender = NULL;
    assert_int_equal(voice_sender_new(9, (uint32_t)sequence << 16, &sender), STATUS_OK);
    int16_t samples[VOICE_FRAME_SAMPLES];
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        samples[i] = i / 16 % 2 == 0 ? 12000 : -12000;
    }
    struct writer w = writer_into(octets, VOICE_PACKET_MAX);
    assert_int_equal(voice_sender_encode(sender, samples, &w), STATUS_OK);
    voice_sender_free(sender);
    return writer_span(&w);
}

/* Sends 20 ms of a tone of 400 Hz. */
static void send_frame(struct voice_sender *sender, struct voice_receiver *receiver, int64_t now) {
    const double turn = 6.283185307179586;
    int16_t samples[VOICE_FRAME_SAMPLES];
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        samples[i] = (int16_t)lround(12000 * sin((double)i * turn * 400 / VOICE_RATE));
    }
    uint8_t octets[VOICE_PACKET_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    assert_int_equal(voice_sender_encode(sender, samples, &w), STATUS_OK);
    assert_int_equal(voice_receiver_packet(receiver, now, writer_span(&w)), STATUS_OK);
}

/* How many frames are still played after the last packet, when 40 came at once at the beginning and
 * `count` in their time after them. */
static unsigned frames_behind(unsigned count) {
    struct voice_sender *sender = NULL;
    struct voice_receiver *receiver = NULL;
    int16_t samples[VOICE_FRAME_SAMPLES];
    int64_t now = 0;
    unsigned behind = 0;
    assert_int_equal(voice_sender_new(9, 1, &sender), STATUS_OK);
    assert_int_equal(voice_receiver_new(&receiver), STATUS_OK);
    for (unsigned number = 0; number < 40; number++) {
        send_frame(sender, receiver, now);
    }
    for (unsigned number = 0; number < count; number++, now += VOICE_FRAME_MS) {
        send_frame(sender, receiver, now);
        assert_true(voice_receiver_play(receiver, now, samples));
    }
    for (; voice_receiver_holds(receiver); now += VOICE_FRAME_MS) {
        assert_true(voice_receiver_play(receiver, now, samples));
        behind++;
    }
    voice_sender_free(sender);
    voice_receiver_free(receiver);
    return behind;
}

static void who_is_behind_catches_up_at_up_to_a_fifth_faster(void **state) {
    (void)state;
    assert_in_range(frames_behind(50), 23, 28);
    assert_in_range(frames_behind(100), 13, 19);
    assert_in_range(frames_behind(300), 1, 5);
}

static void silence_before_the_first_packet_and_after_the_last(void **state) {
    (void)state;
    struct voice_receiver *receiver = NULL;
    assert_int_equal(voice_receiver_new(&receiver), STATUS_OK);
    int16_t samples[VOICE_FRAME_SAMPLES];
    int64_t now = 1000;
    assert_false(voice_receiver_play(receiver, now, samples));
    for (uint16_t sequence = 1; sequence <= 5; sequence++) {
        uint8_t octets[VOICE_PACKET_MAX];
        assert_int_equal(voice_receiver_packet(receiver, now, loud_packet(octets, sequence)),
                         STATUS_OK);
    }
    unsigned voiced = 0;
    for (unsigned frame = 0; frame < 50; frame++, now += VOICE_FRAME_MS) {
        voiced += voice_receiver_play(receiver, now, samples);
    }
    assert_in_range(voiced, 5, 10);
    assert_false(voice_receiver_play(receiver, now, samples));
    assert_int_equal(voice_level(samples), 0);

    /* A packet of those already played changes nothing; the next one is heard. */
    uint8_t octets[VOICE_PACKET_MAX];
    assert_int_equal(voice_receiver_packet(receiver, now, loud_packet(octets, 4)), STATUS_OK);
    for (unsigned frame = 0; frame < 20; frame++, now += VOICE_FRAME_MS) {
        assert_false(voice_receiver_play(receiver, now, samples));
    }
    assert_int_equal(voice_receiver_packet(receiver, now, loud_packet(octets, 40)), STATUS_OK);
    voiced = 0;
    for (unsigned frame = 0; frame < 20; frame++, now += VOICE_FRAME_MS) {
        voiced += voice_receiver_play(receiver, now, samples);
    }
    assert_in_range(voiced, 1, 6);
    voice_receiver_free(receiver);
}

static void a_flood_is_bounded_and_the_newest_voice_wins(void **state) {
    (void)state;
    struct voice_receiver *receiver = NULL;
    assert_int_equal(voice_receiver_new(&receiver), STATUS_OK);
    for (uint16_t sequence = 0; sequence < 500; sequence++) {
        uint8_t octets[VOICE_PACKET_MAX];
        assert_int_equal(voice_receiver_packet(receiver, 0, loud_packet(octets, sequence)),
                         STATUS_OK);
    }
    int16_t samples[VOICE_FRAME_SAMPLES];
    unsigned voiced = 0;
    for (unsigned frame = 0; frame < 100; frame++) {
        voiced += voice_receiver_play(receiver, (int64_t)frame * VOICE_FRAME_MS, samples);
    }
    /* At most what is held and is concealed after it. */
    assert_in_range(voiced, 10, VOICE_HELD_MAX_MS / VOICE_FRAME_MS + 5);
    voice_receiver_free(receiver);
}

static void another_stream_starts_anew_and_the_former_one_stays_away(void **state) {
    (void)state;
    struct voice_receiver *receiver = NULL;
    assert_int_equal(voice_receiver_new(&receiver), STATUS_OK);
    int16_t samples[VOICE_FRAME_SAMPLES];
    uint8_t octets[VOICE_PACKET_MAX];
    const size_t ssrc_at = 8;
    struct span packet = loud_packet(octets, 60000);
    assert_int_equal(voice_receiver_packet(receiver, 0, packet), STATUS_OK);
    loud_packet(octets, 3);
    octets[ssrc_at] ^= 1;
    assert_int_equal(voice_receiver_packet(receiver, 0, packet), STATUS_OK);
    unsigned voiced = 0;
    for (unsigned frame = 0; frame < 20; frame++) {
        voiced += voice_receiver_play(receiver, (int64_t)frame * VOICE_FRAME_MS, samples);
    }
    assert_in_range(voiced, 1, 6);
    loud_packet(octets, 60001);
    assert_int_equal(voice_receiver_packet(receiver, 500, packet), STATUS_OK);
    for (unsigned frame = 0; frame < 20; frame++) {
        assert_false(voice_receiver_play(receiver, 1000 + frame, samples));
    }
    voice_receiver_free(receiver);
}

static void rtp_with_padding_sources_and_extension_is_read(void **state) {
    (void)state;
    const uint8_t octets[] = {
        0xB2, 0xE0, 0x12, 0x34, 1, 2, 3, 4, 5, 6, 7, 8, /* V 2, P, X, CC 2; M, type 96 */
        9,    9,    9,    9,    8, 8, 8, 8,             /* contributing sources */
        0xBE, 0xDE, 0,    1,    7, 7, 7, 7,             /* extension of one word */
        0xAA, 0xBB, 0,    2,                            /* payload, two octets of padding */
    };
    struct rtp_packet packet;
    assert_int_equal(rtp_read(SPAN_OF(octets), &packet), STATUS_OK);
    assert_true(packet.marker);
    assert_int_equal(packet.sequence, 0x1234);
    assert_int_equal(packet.payload.length, 2);
    assert_int_equal(packet.payload.octets[0], 0xAA);
    for (size_t length = 0; length < 26; length++) {
        assert_int_not_equal(rtp_read((struct span){octets, length}, &packet), STATUS_OK);
    }
}

static void malformed_packets_are_refused(void **state) {
    (void)state;
    struct voice_receiver *receiver = NULL;
    assert_int_equal(voice_receiver_new(&receiver), STATUS_OK);
    uint8_t octets[VOICE_PACKET_MAX];
    struct span packet = loud_packet(octets, 1);
    const struct {
        size_t at;
        uint8_t value;
    } wrong[] = {
        {0, 0x40},               /* RTP version 1 */
        {0, 0xA0},               /* padding that the last octet does not bear out, see below */
        {1, 0},                  /* payload type of G.711 */
        {RTP_HEADER_SIZE, 0x00}, /* Opus with 10 ms in a frame */
    };
    octets[packet.length - 1] = 0xFF;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint8_t kept = octets[wrong[i].at];
        octets[wrong[i].at] = wrong[i].value;
        assert_int_equal(voice_receiver_packet(receiver, 0, packet), STATUS_MALFORMED);
        octets[wrong[i].at] = kept;
    }
    const uint8_t giant[VOICE_PACKET_MAX + 1] = {0x80, RTP_PAYLOAD_OPUS};
    assert_int_equal(voice_receiver_packet(receiver, 0, SPAN_OF(giant)), STATUS_MALFORMED);
    assert_int_equal(voice_receiver_packet(receiver, 0, (struct span){octets, 0}),
                     STATUS_MALFORMED);
    assert_int_equal(voice_receiver_packet(receiver, 0, packet), STATUS_OK);
    voice_receiver_free(receiver);
}

static void garbage_in_packets_never_harms(void **state) {
    (void)state;
    struct voice_receiver *receiver = NULL;
    assert_int_equal(voice_receiver_new(&receiver), STATUS_OK);
    uint32_t random = 20260101;
    for (unsigned n = 0; n < 20000; n++) {
        uint8_t octets[120];
        for (size_t i = 0; i < sizeof octets; i++) {
            random = random * 1664525 + 1013904223;
            octets[i] = (uint8_t)(random >> 24);
        }
        if (n % 4 != 0) {
            /* Mostly RTP of one stream, so that the decoder has to eat the rest. */
            const uint8_t header[] = {0x80, RTP_PAYLOAD_OPUS, (uint8_t)(n >> 9), (uint8_t)(n >> 1)};
            memcpy(octets, header, sizeof header);
            memset(octets + 8, 1, 4);
            octets[RTP_HEADER_SIZE] = (uint8_t)(octets[RTP_HEADER_SIZE] & 0xF8) | (n % 2 ? 0 : 3);
        }
        struct span packet = {octets, 1 + random % sizeof octets};
        enum status status = voice_receiver_packet(receiver, n * 10, packet);
        assert_true(status == STATUS_OK || status == STATUS_MALFORMED);
        int16_t samples[VOICE_FRAME_SAMPLES];
        if (n % 2 == 0) {
            voice_receiver_play(receiver, n * 10, samples);
        }
    }
    voice_receiver_free(receiver);
}

static void level_runs_from_silence_to_full_scale(void **state) {
    (void)state;
    int16_t samples[VOICE_FRAME_SAMPLES] = {0};
    assert_int_equal(voice_level(samples), 0);
    const struct {
        int16_t peak;
        unsigned level;
    } square[] = {{1, 0}, {33, 0}, {328, 33}, {3277, 67}, {INT16_MAX, 100}, {INT16_MIN, 100}};
    for (size_t n = 0; n < sizeof square / sizeof square[0]; n++) {
        for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
            samples[i] = square[n].peak;
        }
        assert_int_equal(voice_level(samples), square[n].level);
    }
}

static void mixing_adds_and_never_overflows(void **state) {
    (void)state;
    int16_t mix[VOICE_FRAME_SAMPLES] = {100, 30000, -30000, INT16_MAX, INT16_MIN};
    const int16_t other[VOICE_FRAME_SAMPLES] = {-30, 30000, -30000, INT16_MIN, INT16_MIN};
    voice_mix(mix, other);
    assert_int_equal(mix[0], 70);
    assert_int_equal(mix[1], INT16_MAX);
    assert_int_equal(mix[2], INT16_MIN);
    assert_int_equal(mix[3], -1);
    assert_int_equal(mix[4], INT16_MIN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_are_rtp_with_opus_at_its_clock),
        cmocka_unit_test(the_same_samples_make_the_same_packets),
        cmocka_unit_test(a_packet_that_does_not_fit_is_refused),
        cmocka_unit_test(voice_survives_wrap_of_sequence_number_and_timestamp),
        cmocka_unit_test(doubled_packets_are_played_once),
        cmocka_unit_test(packets_out_of_order_are_played_in_order),
        cmocka_unit_test(lost_packets_are_concealed),
        cmocka_unit_test(words_that_come_late_all_at_once_are_still_played),
        cmocka_unit_test(first_words_that_had_to_wait_are_heard_and_caught_up_with),
        cmocka_unit_test(who_is_behind_catches_up_at_up_to_a_fifth_faster),
        cmocka_unit_test(silence_before_the_first_packet_and_after_the_last),
        cmocka_unit_test(a_flood_is_bounded_and_the_newest_voice_wins),
        cmocka_unit_test(another_stream_starts_anew_and_the_former_one_stays_away),
        cmocka_unit_test(rtp_with_padding_sources_and_extension_is_read),
        cmocka_unit_test(malformed_packets_are_refused),
        cmocka_unit_test(garbage_in_packets_never_harms),
        cmocka_unit_test(level_runs_from_silence_to_full_scale),
        cmocka_unit_test(mixing_adds_and_never_overflows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
