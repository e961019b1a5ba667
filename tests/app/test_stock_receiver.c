/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session's SRTP as other programs take it: the payload of a media frame without its key id (the
 * first 4 octets), its link and its signature (the last 72). `test_stock_receiver WAV FOLDER` lets
 * a handset say WAV and writes into FOLDER, for check_gstreamer, the packets as a stream (RFC 4571:
 * the length of each in two octets before it) and the caps that a receiver has to be given, with
 * the session's key, which only a program of the tests can have. With `asked` behind it another
 * handset asks for the floor meanwhile, and is answered in the padding of the packets.
 *
 * Without arguments it tests that libsrtp by itself opens these packets.
 */
#include <setjmp.h>
#include <srtp2/srtp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "app/sound/wav.h"
#include "crypto/derivation.h"
#include "squad.h"

enum {
    KEY_ID_SIZE = 4,
    TEK_SIZE = 16,
    SALT_SIZE = 12,
    PAYLOAD_TYPE_AT = 1,
    PADDING_BIT = 0x20, /* RFC 3550 5.1, in the first octet */
    TONE_FRAMES = 50,
    ASKED_AT_FRAME = 15,
};

/* What a receiver of one session has to know. */
struct stock {
    uint32_t ssrc;
    uint8_t key[TEK_SIZE + SALT_SIZE]; /* master key and salt */
};

/* --- A session ------------------------------------------------------------------------------ */

/* Handset 0 says `count` samples to handset 1; `is_asked`: handset 2 wants to talk next. */
static void say(struct squad *squad, const int16_t *said, size_t count, bool is_asked) {
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    for (size_t at = 0; at + VOICE_FRAME_SAMPLES <= count; at += VOICE_FRAME_SAMPLES) {
        handset_speak(squad->handsets[0].engine, squad_now(squad, 0), 0, said + at);
        squad_run(squad, VOICE_FRAME_MS);
        if (is_asked && at / VOICE_FRAME_SAMPLES == ASKED_AT_FRAME) {
            assert_int_equal(squad_talk(squad, 2), STATUS_BUSY);
        }
    }
}

static struct squad *session(const int16_t *said, size_t count, bool is_asked) {
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    squad->is_mute = true;
    say(squad, said, count, is_asked);
    return squad;
}

/* From the frame that carries the announcement, as a member reads it. */
static struct stock stock_of(const struct squad *squad, struct span octets) {
    struct announcement announcement;
    uint8_t gmk[GMK_SIZE], gsk[GSK_SIZE];
    assert_int_equal(announcement_parse(octets, &announcement), STATUS_OK);
    const struct announcement_fields *fields = &announcement.fields;
    assert_true(handset_reveal_gmk(squad->handsets[1].engine, fields->gmk_id, gmk));
    assert_int_equal(announcement_open(&announcement, gmk, gsk), STATUS_OK);
    struct stock stock = {.ssrc = fields->ssrc};
    assert_int_equal(mikey_derive(DERIVED_TEK, SPAN_OF(gsk), 1, fields->csb_id, fields->rand,
                                  stock.key, TEK_SIZE),
                     STATUS_OK);
    assert_int_equal(mikey_derive(DERIVED_SALT, SPAN_OF(gsk), 1, fields->csb_id, fields->rand,
                                  stock.key + TEK_SIZE, SALT_SIZE),
                     STATUS_OK);
    return stock;
}

/* The next packet of handset 0 from frame *at on; what was announced last goes into *stock. */
static bool next_packet(const struct squad *squad, size_t *at, struct stock *stock,
                        struct span *srtp) {
    while (*at < squad->frame_count) {
        const struct squad_frame *frame = &squad->frames[(*at)++];
        struct reader r = reader_of(squad_payload(frame));
        if (frame->from != 0 ||
            (frame->octets[1] != FRAME_MEDIA && frame->octets[1] != FRAME_ANNOUNCEMENT_AND_MEDIA)) {
            continue;
        }
        if (frame->octets[1] == FRAME_ANNOUNCEMENT_AND_MEDIA) {
            *stock = stock_of(squad, read_span(&r, read_u16(&r)));
            r = reader_of(read_span(&r, read_u16(&r)));
        }
        (void)read_u32(&r);
        *srtp = read_span(&r, reader_left(&r) - VOICE_LINK_SIZE - VOICE_SIGNATURE_SIZE);
        return true;
    }
    return false;
}

/* --- For another program -------------------------------------------------------------------- */

static FILE *create(const char *folder, const char *name) {
    char path[400];
    snprintf(path, sizeof path, "%.300s/%.80s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    return file;
}

static void write_caps(const char *folder, const struct stock *stock, unsigned payload_type) {
    FILE *file = create(folder, "caps");
    fprintf(file,
            "application/x-srtp-stream,media=audio,clock-rate=48000,encoding-name=OPUS,payload=%u,"
            "ssrc=(uint)%u,srtp-cipher=aes-128-gcm,srtp-auth=null,srtcp-cipher=aes-128-gcm,"
            "srtcp-auth=null,srtp-key=(buffer)",
            payload_type, (unsigned)stock->ssrc);
    for (size_t i = 0; i < sizeof stock->key; i++) {
        fprintf(file, "%02x", stock->key[i]);
    }
    assert_int_equal(fclose(file), 0);
}

static void write_session(const char *wav_path, const char *folder, bool is_asked) {
    struct wav wav;
    struct error error;
    struct stock stock = {.ssrc = 0};
    struct span srtp;
    unsigned written = 0, padded = 0, payload_type = 0;
    assert_int_equal(wav_load(wav_path, &wav, &error), STATUS_OK);
    struct squad *squad = session(wav.samples, wav.count, is_asked);
    FILE *file = create(folder, "stream");
    for (size_t at = 0; next_packet(squad, &at, &stock, &srtp); written++) {
        uint8_t octets[sizeof(uint16_t) + RTP_PACKET_MAX];
        struct writer w = writer_into(octets, sizeof octets);
        write_span_u16(&w, srtp);
        assert_int_equal(writer_finish(&w), STATUS_OK);
        assert_int_equal(fwrite(octets, 1, w.length, file), w.length);
        padded += (srtp.octets[0] & PADDING_BIT) != 0;
        payload_type = srtp.octets[PAYLOAD_TYPE_AT] & 0x7F;
    }
    assert_int_equal(fclose(file), 0);
    assert_true(written > 0);
    assert_int_equal(padded > 0, is_asked);
    write_caps(folder, &stock, payload_type);
    squad_free(squad);
    free(wav.samples);
}

/* --- The test ------------------------------------------------------------------------------- */

static void libsrtp_alone_opens_the_packets_of_a_session(void **state) {
    (void)state;
    static int16_t tone[TONE_FRAMES * VOICE_FRAME_SAMPLES];
    for (size_t i = 0; i < sizeof tone / sizeof tone[0]; i++) {
        tone[i] = (int16_t)(i % 64 * 200);
    }
    struct squad *squad = session(tone, sizeof tone / sizeof tone[0], true);
    struct stock stock = {.ssrc = 0};
    struct span srtp;
    unsigned opened = 0, padded = 0;
    srtp_t receiver = NULL;
    for (size_t at = 0; next_packet(squad, &at, &stock, &srtp); opened++) {
        if (receiver == NULL) {
            srtp_policy_t policy = {.ssrc = {.type = ssrc_specific, .value = stock.ssrc},
                                    .key = stock.key};
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
            assert_int_equal(srtp_create(&receiver, &policy), srtp_err_status_ok);
        }
        union {
            uint32_t alignment;
            uint8_t octets[RTP_PACKET_MAX + SRTP_MAX_TRAILER_LEN];
        } packet;
        int length = (int)srtp.length;
        assert_in_range(srtp.length, 1, RTP_PACKET_MAX);
        memcpy(packet.octets, srtp.octets, srtp.length);
        assert_int_equal(srtp_unprotect(receiver, packet.octets, &length), srtp_err_status_ok);
        padded += (packet.octets[0] & PADDING_BIT) != 0;
    }
    assert_true(opened >= TONE_FRAMES);
    assert_in_range(padded, 1, opened - 1);
    srtp_dealloc(receiver);
    squad_free(squad);
}

int main(int argc, char *argv[]) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libsrtp_alone_opens_the_packets_of_a_session),
    };
    if (argc == 3 || (argc == 4 && strcmp(argv[3], "asked") == 0)) {
        write_session(argv[1], argv[2], argc == 4);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
