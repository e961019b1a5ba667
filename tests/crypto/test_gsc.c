/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "crypto/derivation.h"
#include "crypto/gsc.h"

enum {
    SSRC = 0x55AC0001,
    CSB_ID = 0x45B1D001,
    HEADER_SIZE = 12
};

static const uint8_t key[SSV_SIZE] = "0123456789abcde";
static const uint8_t rand_octets[MIKEY_RAND_SIZE] = "fedcba987654321";

static struct gsc *open_gsc(uint8_t cs_id, uint32_t ssrc, enum gsc_direction direction) {
    struct gsc *gsc = NULL;
    assert_int_equal(gsc_new(key, cs_id, CSB_ID, rand_octets, ssrc, direction, &gsc), STATUS_OK);
    assert_non_null(gsc);
    return gsc;
}

/* An RTP packet (RFC 3550 5.1) with `payload`, into octets[HEADER_SIZE + payload]. */
static struct span rtp_packet(uint8_t *octets, size_t capacity, uint16_t sequence, uint32_t ssrc,
                              struct span payload) {
    struct writer w = writer_into(octets, capacity);
    write_u8(&w, 2 << 6);
    write_u8(&w, 111);
    write_u16(&w, sequence);
    write_u32(&w, (uint32_t)sequence * 960);
    write_u32(&w, ssrc);
    write_span(&w, payload);
    assert_int_equal(writer_finish(&w), STATUS_OK);
    return writer_span(&w);
}

static struct span protect(struct gsc *gsc, uint16_t sequence, const char *words, uint8_t *srtp,
                           size_t capacity) {
    uint8_t rtp[256];
    struct writer w = writer_into(srtp, capacity);
    struct span packet = rtp_packet(rtp, sizeof rtp, sequence, SSRC, span_of_text(words));
    assert_int_equal(gsc_protect(gsc, packet, &w), STATUS_OK);
    assert_int_equal(w.length, packet.length + GSC_OVERHEAD);
    return writer_span(&w);
}

static enum status unprotect(struct gsc *gsc, struct span srtp) {
    uint8_t rtp[RTP_PACKET_MAX];
    struct writer w = writer_into(rtp, sizeof rtp);
    enum status status = gsc_unprotect(gsc, srtp, &w);
    if (status != STATUS_OK) {
        assert_int_equal(w.length, 0);
    }
    return status;
}

static void what_is_said_is_heard(void **state) {
    (void)state;
    struct gsc *talker = open_gsc(1, SSRC, GSC_SEND);
    struct gsc *listener = open_gsc(1, SSRC, GSC_RECEIVE);
    for (uint16_t sequence = 0; sequence < 300; sequence++) {
        uint8_t srtp[256];
        uint8_t heard[256];
        uint8_t expected[256];
        struct span packet = protect(talker, sequence, "stand by", srtp, sizeof srtp);
        assert_memory_not_equal(srtp + HEADER_SIZE, "stand by", 8);
        struct writer w = writer_into(heard, sizeof heard);
        assert_int_equal(gsc_unprotect(listener, packet, &w), STATUS_OK);
        assert_true(span_equal(writer_span(&w), rtp_packet(expected, sizeof expected, sequence,
                                                           SSRC, span_of_text("stand by"))));
    }
    gsc_free(talker);
    gsc_free(listener);
}

/* SRTP's session key derivation (RFC 3711 4.3.1 with RFC 7714 11 for the 96-bit salt): AES-CM with
 * the master salt, shifted left by 16 bits, XOR label at octet 7. */
static void derive_session_key(const uint8_t tek[16], const uint8_t salt[12], uint8_t label,
                               uint8_t *out, int length) {
    uint8_t counter[16] = {0};
    uint8_t zeros[16] = {0};
    int done = 0;
    memcpy(counter, salt, 12);
    counter[7] ^= label;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    assert_int_equal(EVP_EncryptInit_ex2(context, EVP_aes_128_ctr(), tek, counter, NULL), 1);
    assert_int_equal(EVP_EncryptUpdate(context, out, &done, zeros, length), 1);
    EVP_CIPHER_CTX_free(context);
}

/* RFC 7714 written down once more with OpenSSL alone: the packet that libsrtp2 makes is the one
 * that the RFC asks for. */
static void a_packet_is_rfc_7714s(void **state) {
    (void)state;
    uint8_t tek[16];
    uint8_t salt[12];
    uint8_t session_key[16];
    uint8_t session_salt[12];
    struct span inkey = SPAN_OF(key);
    assert_int_equal(mikey_derive(DERIVED_TEK, inkey, 2, CSB_ID, rand_octets, tek, 16), STATUS_OK);
    assert_int_equal(mikey_derive(DERIVED_SALT, inkey, 2, CSB_ID, rand_octets, salt, 12),
                     STATUS_OK);
    derive_session_key(tek, salt, 0, session_key, 16);
    derive_session_key(tek, salt, 2, session_salt, 12);

    uint8_t rtp[64];
    struct span packet = rtp_packet(rtp, sizeof rtp, 7, SSRC, span_of_text("all clear"));
    uint8_t iv[12];
    struct writer w = writer_into(iv, sizeof iv); /* 00 00, SSRC, ROC, SEQ (RFC 7714 8.1) */
    write_u16(&w, 0);
    write_u32(&w, SSRC);
    write_u32(&w, 0);
    write_u16(&w, 7);
    for (size_t i = 0; i < sizeof iv; i++) {
        iv[i] ^= session_salt[i];
    }

    uint8_t expected[64];
    int done = 0;
    memcpy(expected, rtp, HEADER_SIZE);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    assert_int_equal(EVP_EncryptInit_ex2(context, EVP_aes_128_gcm(), session_key, iv, NULL), 1);
    assert_int_equal(EVP_EncryptUpdate(context, NULL, &done, rtp, HEADER_SIZE), 1);
    assert_int_equal(
        EVP_EncryptUpdate(context, expected + HEADER_SIZE, &done, rtp + HEADER_SIZE, 9), 1);
    assert_int_equal(EVP_EncryptFinal_ex(context, expected + packet.length, &done), 1);
    assert_int_equal(
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, GSC_OVERHEAD, expected + packet.length),
        1);
    EVP_CIPHER_CTX_free(context);

    struct gsc *talker = open_gsc(2, SSRC, GSC_SEND);
    uint8_t srtp[64];
    struct span made = protect(talker, 7, "all clear", srtp, sizeof srtp);
    assert_true(span_equal(made, (struct span){expected, packet.length + GSC_OVERHEAD}));
    gsc_free(talker);
}

static void every_changed_bit_of_a_packet_is_refused(void **state) {
    (void)state;
    struct gsc *talker = open_gsc(1, SSRC, GSC_SEND);
    struct gsc *listener = open_gsc(1, SSRC, GSC_RECEIVE);
    uint8_t srtp[256];
    struct span packet = protect(talker, 300, "stand by", srtp, sizeof srtp);
    for (size_t at = 0; at < packet.length; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            srtp[at] ^= (uint8_t)(1U << bit);
            enum status status = unprotect(listener, packet);
            if (at >= 8 && at < HEADER_SIZE) {
                assert_int_equal(status, STATUS_SESSION_UNKNOWN);
            } else if (at >= 1) {
                assert_int_equal(status, STATUS_MAC_INVALID);
            } else {
                assert_true(status == STATUS_MALFORMED || status == STATUS_MAC_INVALID);
            }
            srtp[at] ^= (uint8_t)(1U << bit);
        }
    }
    assert_int_equal(unprotect(listener, packet), STATUS_OK);
    gsc_free(talker);
    gsc_free(listener);
}

static void every_truncation_of_a_packet_is_refused(void **state) {
    (void)state;
    struct gsc *talker = open_gsc(1, SSRC, GSC_SEND);
    struct gsc *listener = open_gsc(1, SSRC, GSC_RECEIVE);
    uint8_t srtp[256];
    struct span packet = protect(talker, 1, "stand by", srtp, sizeof srtp);
    for (size_t length = 0; length < packet.length; length++) {
        enum status status = unprotect(listener, (struct span){packet.octets, length});
        assert_int_equal(status, length < HEADER_SIZE + GSC_OVERHEAD ? STATUS_MALFORMED
                                                                     : STATUS_MAC_INVALID);
    }
    gsc_free(talker);
    gsc_free(listener);
}

static void a_packet_is_heard_once_in_any_order_within_the_window(void **state) {
    (void)state;
    struct gsc *talker = open_gsc(1, SSRC, GSC_SEND);
    struct gsc *listener = open_gsc(1, SSRC, GSC_RECEIVE);
    uint8_t srtp[200][64];
    struct span packets[200];
    for (uint16_t i = 0; i < 200; i++) {
        packets[i] = protect(talker, i, "stand by", srtp[i], sizeof srtp[i]);
    }
    assert_int_equal(unprotect(listener, packets[10]), STATUS_OK);
    assert_int_equal(unprotect(listener, packets[2]), STATUS_OK);
    assert_int_equal(unprotect(listener, packets[2]), STATUS_REPLAYED);
    assert_int_equal(unprotect(listener, packets[10]), STATUS_REPLAYED);
    assert_int_equal(unprotect(listener, packets[199]), STATUS_OK);
    assert_int_equal(unprotect(listener, packets[72]), STATUS_OK);
    assert_int_equal(unprotect(listener, packets[71]), STATUS_REPLAYED);
    assert_int_equal(unprotect(listener, packets[11]), STATUS_REPLAYED);
    gsc_free(talker);
    gsc_free(listener);
}

static void no_nonce_is_used_twice(void **state) {
    (void)state;
    struct gsc *talker = open_gsc(1, SSRC, GSC_SEND);
    uint8_t srtp[256];
    uint8_t rtp[256];
    protect(talker, 5, "first", srtp, sizeof srtp);
    struct writer w = writer_into(srtp, sizeof srtp);
    struct span packet = rtp_packet(rtp, sizeof rtp, 5, SSRC, span_of_text("other"));
    assert_int_equal(gsc_protect(talker, packet, &w), STATUS_REPLAYED);
    assert_int_equal(w.length, 0);
    gsc_free(talker);
}

static void a_late_joiner_hears_from_where_it_joined(void **state) {
    (void)state;
    struct gsc *talker = open_gsc(1, SSRC, GSC_SEND);
    struct gsc *listener = open_gsc(1, SSRC, GSC_RECEIVE);
    uint8_t srtp[256];
    for (unsigned i = 0; i < 65000; i += 1000) {
        protect(talker, (uint16_t)i, "missed", srtp, sizeof srtp);
    }
    assert_int_equal(unprotect(listener, protect(talker, 65000, "heard", srtp, sizeof srtp)),
                     STATUS_OK);
    gsc_free(talker);
    gsc_free(listener);
}

static void a_listener_follows_over_the_wrap_and_a_late_joiner_cannot(void **state) {
    (void)state;
    struct gsc *talker = open_gsc(1, SSRC, GSC_SEND);
    struct gsc *listener = open_gsc(1, SSRC, GSC_RECEIVE);
    struct gsc *late = open_gsc(1, SSRC, GSC_RECEIVE);
    uint8_t srtp[256];
    assert_int_equal(unprotect(listener, protect(talker, 65535, "before", srtp, sizeof srtp)),
                     STATUS_OK);
    for (uint16_t sequence = 0; sequence < 10; sequence++) {
        struct span packet = protect(talker, sequence, "after", srtp, sizeof srtp);
        assert_int_equal(unprotect(listener, packet), STATUS_OK);
        assert_int_equal(unprotect(late, packet), STATUS_MAC_INVALID);
    }
    gsc_free(talker);
    gsc_free(listener);
    gsc_free(late);
}

/* A listener with another key, session id, bundle or RAND. */
static void only_the_same_keys_open_a_packet(void **state) {
    (void)state;
    struct gsc *talker = open_gsc(1, SSRC, GSC_SEND);
    uint8_t srtp[256];
    struct span packet = protect(talker, 1, "stand by", srtp, sizeof srtp);
    uint8_t other[16] = "0123456789abcdX";
    struct gsc *strangers[4] = {NULL};
    assert_int_equal(gsc_new(other, 1, CSB_ID, rand_octets, SSRC, GSC_RECEIVE, &strangers[0]),
                     STATUS_OK);
    assert_int_equal(gsc_new(key, 2, CSB_ID, rand_octets, SSRC, GSC_RECEIVE, &strangers[1]),
                     STATUS_OK);
    assert_int_equal(gsc_new(key, 1, CSB_ID + 1, rand_octets, SSRC, GSC_RECEIVE, &strangers[2]),
                     STATUS_OK);
    assert_int_equal(gsc_new(key, 1, CSB_ID, other, SSRC, GSC_RECEIVE, &strangers[3]), STATUS_OK);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(unprotect(strangers[i], packet), STATUS_MAC_INVALID);
        gsc_free(strangers[i]);
    }
    gsc_free(talker);
}

static void a_packet_of_another_stream_is_told_apart(void **state) {
    (void)state;
    struct gsc *talker = open_gsc(1, SSRC, GSC_SEND);
    struct gsc *other = open_gsc(1, SSRC + 1, GSC_RECEIVE);
    uint8_t srtp[256];
    uint8_t rtp[64];
    assert_int_equal(unprotect(other, protect(talker, 1, "stand by", srtp, sizeof srtp)),
                     STATUS_SESSION_UNKNOWN);
    struct writer w = writer_into(srtp, sizeof srtp);
    struct span packet = rtp_packet(rtp, sizeof rtp, 1, SSRC + 1, span_of_text("x"));
    assert_int_equal(gsc_protect(talker, packet, &w), STATUS_SESSION_UNKNOWN);
    gsc_free(talker);
    gsc_free(other);
}

static void a_context_works_in_its_direction_only(void **state) {
    (void)state;
    struct gsc *talker = open_gsc(1, SSRC, GSC_SEND);
    struct gsc *listener = open_gsc(1, SSRC, GSC_RECEIVE);
    uint8_t srtp[256];
    uint8_t out[256];
    struct span packet = protect(talker, 1, "stand by", srtp, sizeof srtp);
    struct writer w = writer_into(out, sizeof out);
    assert_int_equal(gsc_unprotect(talker, packet, &w), STATUS_NOT_ALLOWED);
    assert_int_equal(gsc_protect(listener, packet, &w), STATUS_NOT_ALLOWED);
    gsc_free(talker);
    gsc_free(listener);
}

static void the_longest_packet_fits_and_a_longer_one_is_refused(void **state) {
    (void)state;
    struct gsc *talker = open_gsc(1, SSRC, GSC_SEND);
    struct gsc *listener = open_gsc(1, SSRC, GSC_RECEIVE);
    static uint8_t payload[RTP_PACKET_MAX];
    uint8_t rtp[RTP_PACKET_MAX + 1];
    uint8_t srtp[RTP_PACKET_MAX + 1 + GSC_OVERHEAD];
    struct writer w = writer_into(srtp, sizeof srtp);
    struct span packet =
        rtp_packet(rtp, sizeof rtp, 1, SSRC, (struct span){payload, RTP_PACKET_MAX - HEADER_SIZE});
    assert_int_equal(gsc_protect(talker, packet, &w), STATUS_OK);
    assert_int_equal(unprotect(listener, writer_span(&w)), STATUS_OK);
    packet = rtp_packet(rtp, sizeof rtp, 2, SSRC,
                        (struct span){payload, RTP_PACKET_MAX + 1 - HEADER_SIZE});
    w = writer_into(srtp, sizeof srtp);
    assert_int_equal(gsc_protect(talker, packet, &w), STATUS_TOO_LONG);
    assert_int_equal(unprotect(listener, SPAN_OF(srtp)), STATUS_TOO_LONG);
    gsc_free(talker);
    gsc_free(listener);
}

static void a_packet_that_did_not_fit_can_be_tried_again(void **state) {
    (void)state;
    struct gsc *talker = open_gsc(1, SSRC, GSC_SEND);
    struct gsc *listener = open_gsc(1, SSRC, GSC_RECEIVE);
    uint8_t rtp[64];
    uint8_t srtp[64];
    struct span packet = rtp_packet(rtp, sizeof rtp, 1, SSRC, span_of_text("stand by"));
    struct writer small = writer_into(srtp, packet.length + GSC_OVERHEAD - 1);
    assert_int_equal(gsc_protect(talker, packet, &small), STATUS_TOO_LONG);
    struct writer enough = writer_into(srtp, packet.length + GSC_OVERHEAD);
    assert_int_equal(gsc_protect(talker, packet, &enough), STATUS_OK);
    small = writer_into(rtp, packet.length - 1);
    assert_int_equal(gsc_unprotect(listener, writer_span(&enough), &small), STATUS_TOO_LONG);
    assert_int_equal(unprotect(listener, writer_span(&enough)), STATUS_OK);
    gsc_free(talker);
    gsc_free(listener);
}

static void what_is_not_rtp_is_refused(void **state) {
    (void)state;
    struct gsc *talker = open_gsc(1, SSRC, GSC_SEND);
    uint8_t rtp[64];
    uint8_t srtp[128];
    struct writer w = writer_into(srtp, sizeof srtp);
    struct span packet = rtp_packet(rtp, sizeof rtp, 1, SSRC, span_of_text("x"));
    for (size_t length = 0; length < HEADER_SIZE; length++) {
        assert_int_equal(gsc_protect(talker, (struct span){rtp, length}, &w), STATUS_MALFORMED);
    }
    rtp[0] = 1 << 6;
    assert_int_equal(gsc_protect(talker, packet, &w), STATUS_MALFORMED);
    rtp[0] = 2 << 6 | 0xF; /* fifteen contributing sources that are not there */
    assert_int_equal(gsc_protect(talker, packet, &w), STATUS_MALFORMED);
    rtp[0] = 2 << 6 | 0x10; /* a header extension that is not there */
    assert_int_equal(gsc_protect(talker, packet, &w), STATUS_MALFORMED);
    assert_int_equal(w.length, 0);
    gsc_free(talker);
}

static void random_octets_open_nothing(void **state) {
    (void)state;
    const uint64_t seed = 7714;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed);
    struct gsc *listener = open_gsc(1, SSRC, GSC_RECEIVE);
    for (int round = 0; round < 20000; round++) {
        uint8_t octets[128];
        assert_int_equal(entropy_draw(&entropy, octets, sizeof octets), STATUS_OK);
        struct writer w = writer_into(octets + 8, 4);
        write_u32(&w, SSRC);
        octets[0] = (uint8_t)(2 << 6 | (octets[0] & 0x3F));
        enum status status = unprotect(listener, (struct span){octets, octets[127] % 127U});
        assert_true(status == STATUS_MALFORMED || status == STATUS_MAC_INVALID);
    }
    gsc_free(listener);
}

/* What is checked before a signature proves it: nothing is taken, and nothing changes. */
static void a_packet_is_checked_without_being_taken(void **state) {
    (void)state;
    struct gsc *talker = open_gsc(1, SSRC, GSC_SEND);
    struct gsc *listener = open_gsc(1, SSRC, GSC_RECEIVE);
    uint8_t first[256], far[256], changed[256];
    struct span packet = protect(talker, 7, "stand by", first, sizeof first);
    struct span far_ahead = protect(talker, 20007, "stand by", far, sizeof far);
    for (size_t at = 0; at < packet.length; at++) {
        memcpy(changed, packet.octets, packet.length);
        changed[at] ^= 1;
        assert_int_not_equal(gsc_check(listener, (struct span){changed, packet.length}), STATUS_OK);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(gsc_check(listener, far_ahead), STATUS_OK);
        assert_int_equal(gsc_check(listener, packet), STATUS_OK);
    }
    assert_int_equal(unprotect(listener, packet), STATUS_OK);
    assert_int_equal(gsc_check(listener, packet), STATUS_REPLAYED);
    assert_int_equal(gsc_check(talker, packet), STATUS_NOT_ALLOWED);
    assert_int_equal(gsc_check(listener, (struct span){first, 27}), STATUS_MALFORMED);
    gsc_free(talker);
    gsc_free(listener);
}

/* Padding is under the tag with the payload; contributing sources and an extension would not be. */
static void of_the_first_octet_padding_alone_may_be_set(void **state) {
    (void)state;
    struct gsc *talker = open_gsc(1, SSRC, GSC_SEND);
    struct gsc *listener = open_gsc(1, SSRC, GSC_RECEIVE);
    uint8_t rtp[256], srtp[256];
    struct span plain = rtp_packet(rtp, sizeof rtp, 7, SSRC, span_of_text("stand by"));
    struct writer w = writer_into(srtp, sizeof srtp);
    rtp[0] |= 0x20;
    assert_int_equal(gsc_protect(talker, plain, &w), STATUS_OK);
    assert_int_equal(gsc_sift(listener, writer_span(&w)), STATUS_OK);
    assert_int_equal(gsc_check(listener, writer_span(&w)), STATUS_OK);
    for (uint8_t bit = 0x10; bit > 0; bit >>= 1) {
        srtp[0] ^= bit;
        assert_int_equal(gsc_sift(listener, writer_span(&w)), STATUS_MALFORMED);
        srtp[0] ^= bit;
    }
    assert_int_equal(unprotect(listener, writer_span(&w)), STATUS_OK);
    gsc_free(talker);
    gsc_free(listener);
}

/* What the check has decrypted is given out once the packet is taken, and of no other packet. */
static void a_packet_that_was_checked_is_taken_as_one_that_was_not(void **state) {
    (void)state;
    struct gsc *talker = open_gsc(1, SSRC, GSC_SEND);
    struct gsc *listener = open_gsc(1, SSRC, GSC_RECEIVE);
    uint8_t first[256], second[256], forged[256], expected[256], heard[256];
    struct span said = protect(talker, 7, "stand by", first, sizeof first);
    struct span later = protect(talker, 8, "all clear", second, sizeof second);
    memcpy(forged, said.octets, said.length);
    forged[HEADER_SIZE] ^= 1;

    assert_int_equal(gsc_check(listener, said), STATUS_OK);
    assert_int_equal(unprotect(listener, (struct span){forged, said.length}), STATUS_MAC_INVALID);
    struct writer w = writer_into(heard, sizeof heard);
    assert_int_equal(gsc_unprotect(listener, said, &w), STATUS_OK);
    assert_true(span_equal(
        writer_span(&w), rtp_packet(expected, sizeof expected, 7, SSRC, span_of_text("stand by"))));
    assert_int_equal(unprotect(listener, said), STATUS_REPLAYED);

    /* Another came between. */
    assert_int_equal(gsc_check(listener, later), STATUS_OK);
    assert_int_equal(gsc_check(listener, (struct span){forged, said.length}), STATUS_REPLAYED);
    forged[3] = 9; /* its number */
    assert_int_equal(gsc_check(listener, (struct span){forged, said.length}), STATUS_MAC_INVALID);
    assert_int_equal(unprotect(listener, (struct span){forged, said.length}), STATUS_MAC_INVALID);
    w = writer_into(heard, sizeof heard);
    assert_int_equal(gsc_unprotect(listener, later, &w), STATUS_OK);
    assert_true(span_equal(writer_span(&w), rtp_packet(expected, sizeof expected, 8, SSRC,
                                                       span_of_text("all clear"))));
    assert_int_equal(unprotect(listener, later), STATUS_REPLAYED);

    /* No room: it can be taken again. */
    struct span last = protect(talker, 9, "out", first, sizeof first);
    struct writer small = writer_into(heard, last.length - GSC_OVERHEAD - 1);
    assert_int_equal(gsc_check(listener, last), STATUS_OK);
    assert_int_equal(gsc_unprotect(listener, last, &small), STATUS_TOO_LONG);
    assert_int_equal(unprotect(listener, last), STATUS_OK);
    gsc_free(talker);
    gsc_free(listener);
}

/* In any order, with losses: what the check says of a packet, taking it says as well, and libsrtp2
 * says the same, to which no packet was checked before. */
static void the_check_agrees_with_what_is_taken(void **state) {
    (void)state;
    enum {
        PACKETS = 600,
        ROUNDS = 6000
    };
    static uint8_t packets[PACKETS][64];
    static size_t lengths[PACKETS];
    struct gsc *talker = open_gsc(1, SSRC, GSC_SEND);
    struct gsc *listener = open_gsc(1, SSRC, GSC_RECEIVE);
    struct gsc *unchecked = open_gsc(1, SSRC, GSC_RECEIVE);
    uint32_t random = 3711, taken = 0;
    for (uint16_t i = 0; i < PACKETS; i++) {
        lengths[i] = protect(talker, i, "say again", packets[i], sizeof packets[i]).length;
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        random = random * 1664525 + 1013904223;
        unsigned newest = round * PACKETS / ROUNDS, back = (random >> 16) % 200;
        unsigned at = back > newest ? 0 : newest - back;
        struct span packet = {packets[at], lengths[at]};
        enum status checked = gsc_check(listener, packet);
        assert_int_equal(unprotect(listener, packet), checked);
        assert_int_equal(unprotect(unchecked, packet), checked);
        taken += checked == STATUS_OK;
    }
    assert_in_range(taken, PACKETS / 2, PACKETS);
    gsc_free(unchecked);
    gsc_free(talker);
    gsc_free(listener);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_is_heard),
        cmocka_unit_test(a_packet_is_rfc_7714s),
        cmocka_unit_test(every_changed_bit_of_a_packet_is_refused),
        cmocka_unit_test(every_truncation_of_a_packet_is_refused),
        cmocka_unit_test(a_packet_is_heard_once_in_any_order_within_the_window),
        cmocka_unit_test(no_nonce_is_used_twice),
        cmocka_unit_test(a_late_joiner_hears_from_where_it_joined),
        cmocka_unit_test(a_listener_follows_over_the_wrap_and_a_late_joiner_cannot),
        cmocka_unit_test(only_the_same_keys_open_a_packet),
        cmocka_unit_test(a_packet_of_another_stream_is_told_apart),
        cmocka_unit_test(a_context_works_in_its_direction_only),
        cmocka_unit_test(the_longest_packet_fits_and_a_longer_one_is_refused),
        cmocka_unit_test(a_packet_that_did_not_fit_can_be_tried_again),
        cmocka_unit_test(what_is_not_rtp_is_refused),
        cmocka_unit_test(random_octets_open_nothing),
        cmocka_unit_test(a_packet_is_checked_without_being_taken),
        cmocka_unit_test(of_the_first_octet_padding_alone_may_be_set),
        cmocka_unit_test(a_packet_that_was_checked_is_taken_as_one_that_was_not),
        cmocka_unit_test(the_check_agrees_with_what_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
