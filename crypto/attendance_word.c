/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/attendance_word.h"

#include <openssl/evp.h>
#include <string.h>

#include "crypto/derivation.h"
#include "crypto/seal.h"
#include "crypto/secret.h"

static const char label[] = "Muster attendance 1";

enum {
    KEY_SIZE = 32, /* two of AES-128 */
    PLACE_SIZE = sizeof label + ATTENDANCE_HEAD_SIZE,
    PLAIN_MAX = ATTENDANCE_WORD_MAX - ATTENDANCE_HEAD_SIZE - ATTENDANCE_TAG_SIZE,
    FINE_MS = 250,
    FINE_CODES = 128, /* of FINE_MS each, the others: */
    COARSE_MS = 4000,
    LAST_CODE = ATTENDANCE_UNPROVEN - 1,
};

_Static_assert(FINE_CODES *FINE_MS + (LAST_CODE - FINE_CODES + 1) * COARSE_MS - 1 >=
                   ATTENDANCE_LONGEST_MS - 1000,
               "the longest time has a code");

uint8_t attendance_code(int64_t ms) {
    if (ms < FINE_CODES * FINE_MS) {
        return (uint8_t)(ms < 0 ? 0 : ms / FINE_MS);
    }
    int64_t code = FINE_CODES + (ms - FINE_CODES * FINE_MS) / COARSE_MS;
    return (uint8_t)(code < LAST_CODE ? code : LAST_CODE);
}

int64_t attendance_length_ms(uint8_t code) {
    return code < FINE_CODES ? code * (int64_t)FINE_MS
                             : FINE_CODES * FINE_MS + (code - FINE_CODES) * (int64_t)COARSE_MS;
}

uint16_t attendance_check(const char *identity) {
    uint8_t hash[SEAL_HASH_SIZE] = {0};
    (void)!seal_checksum(span_of_text(identity), hash);
    return (uint16_t)(hash[0] << 8 | hash[1]);
}

/* --- The seal ------------------------------------------------------------------------------- */

static struct span place_of(struct span head, uint8_t room[PLACE_SIZE]) {
    struct writer w = writer_into(room, PLACE_SIZE);
    write_span(&w, SPAN_OF(label));
    write_span(&w, head);
    return writer_span(&w);
}

/* Seals or opens `in` into `out`, of the same length. */
static enum status siv(bool closes, const uint8_t key[GMK_SIZE], struct span head, struct span in,
                       uint8_t tag[ATTENDANCE_TAG_SIZE], uint8_t *out) {
    uint8_t room[PLACE_SIZE], keys[KEY_SIZE];
    struct span place = place_of(head, room);
    int length = 0;
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-128-SIV", NULL);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    enum status status = mikey_prf((struct span){key, GMK_SIZE}, place, keys, sizeof keys);
    if (cipher == NULL || context == NULL || status != STATUS_OK ||
        EVP_CipherInit_ex2(context, cipher, keys, NULL, closes, NULL) != 1 ||
        (!closes &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, ATTENDANCE_TAG_SIZE, tag) != 1) ||
        EVP_CipherUpdate(context, NULL, &length, place.octets, (int)place.length) != 1) {
        status = STATUS_LIBRARY_FAILED;
    } else if (EVP_CipherUpdate(context, out, &length, in.octets, (int)in.length) != 1 ||
               EVP_CipherFinal_ex(context, out + length, &length) != 1) {
        status = closes ? STATUS_LIBRARY_FAILED : STATUS_SEAL_BROKEN;
    } else if (closes &&
               EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, ATTENDANCE_TAG_SIZE, tag) != 1) {
        status = STATUS_LIBRARY_FAILED;
    }
    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(cipher);
    secret_wipe(keys, sizeof keys);
    return status;
}

static uint32_t mark_of(uint8_t tag[ATTENDANCE_TAG_SIZE]) {
    struct reader r = reader_of((struct span){tag, ATTENDANCE_TAG_SIZE});
    return read_u32(&r);
}

/* --- The octets ----------------------------------------------------------------------------- */

static void write_u40(struct writer *out, int64_t value) {
    write_u8(out, (uint8_t)(value >> 32));
    write_u32(out, (uint32_t)value);
}

static int64_t read_u40(struct reader *in) {
    int64_t high = read_u8(in);
    return high << 32 | read_u32(in);
}

static void write_plain(struct writer *out, const struct attendance_word *word) {
    size_t octets = 0;
    write_u8(out, word->member);
    write_u16(out, word->check);
    write_span(out, SPAN_OF(word->start));
    write_u40(out, word->age_ms);
    write_u8(out, word->next);
    write_u8(out, word->latest_member);
    write_u32(out, word->latest_mark);
    write_u8(out, word->latest_held);
    for (size_t i = 0; i < ATTENDANCE_MEMBERS_MAX; i++) {
        octets = word->heard[i].is_heard ? i / 8 + 1 : octets;
    }
    write_u8(out, (uint8_t)octets);
    for (size_t i = 0; i < octets; i++) {
        uint8_t bits = 0;
        for (size_t bit = 0; bit < 8; bit++) {
            bits |= (uint8_t)(word->heard[8 * i + bit].is_heard << bit);
        }
        write_u8(out, bits);
    }
    for (size_t i = 0; i < ATTENDANCE_MEMBERS_MAX; i++) {
        if (word->heard[i].is_heard) {
            write_u8(out, word->heard[i].held);
        }
        if (word->heard[i].is_heard && word->heard[i].held == ATTENDANCE_UNPROVEN) {
            write_u32(out, word->heard[i].mark);
        }
    }
}

static enum status read_plain(struct span plain, struct attendance_word *word) {
    struct reader r = reader_of(plain);
    word->member = read_u8(&r);
    word->check = read_u16(&r);
    read_octets(&r, word->start, sizeof word->start);
    word->age_ms = read_u40(&r);
    word->next = read_u8(&r);
    word->latest_member = read_u8(&r);
    word->latest_mark = read_u32(&r);
    word->latest_held = read_u8(&r);
    size_t octets = read_u8(&r);
    bool is_possible = word->member < ATTENDANCE_MEMBERS_MAX &&
                       octets <= ATTENDANCE_MEMBERS_MAX / 8 && word->next <= LAST_CODE &&
                       word->latest_held <= LAST_CODE;
    for (size_t i = 0; is_possible && i < octets; i++) {
        uint8_t bits = read_u8(&r);
        for (size_t bit = 0; bit < 8; bit++) {
            word->heard[8 * i + bit].is_heard = (bits >> bit & 1) != 0;
        }
    }
    for (size_t i = 0; is_possible && i < ATTENDANCE_MEMBERS_MAX; i++) {
        if (word->heard[i].is_heard) {
            word->heard[i].held = read_u8(&r);
        }
        if (word->heard[i].is_heard && word->heard[i].held == ATTENDANCE_UNPROVEN) {
            word->heard[i].mark = read_u32(&r);
        }
    }
    return is_possible ? reader_finish(&r) : STATUS_MALFORMED;
}

enum status attendance_close(const uint8_t key[GMK_SIZE], struct attendance_word *word,
                             struct writer *out) {
    uint8_t plain[PLAIN_MAX], sealed[PLAIN_MAX], tag[ATTENDANCE_TAG_SIZE];
    uint8_t head[ATTENDANCE_HEAD_SIZE];
    struct writer p = writer_into(plain, sizeof plain), h = writer_into(head, sizeof head);
    write_plain(&p, word);
    write_u32(&h, word->gmk_id);
    write_u16(&h, word->hour);
    enum status status = writer_finish(&p);
    if (status == STATUS_OK) {
        status = siv(true, key, writer_span(&h), writer_span(&p), tag, sealed);
    }
    if (status == STATUS_OK) {
        word->mark = mark_of(tag);
        write_span(out, writer_span(&h));
        write_span(out, SPAN_OF(tag));
        write_span(out, (struct span){sealed, p.length});
        status = writer_finish(out);
    }
    return status;
}

enum status attendance_head(struct span payload, struct attendance_word *word) {
    struct reader r = reader_of(payload);
    *word = (struct attendance_word){.gmk_id = read_u32(&r)};
    word->hour = read_u16(&r);
    return payload.length < ATTENDANCE_WORD_MIN   ? STATUS_TRUNCATED
           : payload.length > ATTENDANCE_WORD_MAX ? STATUS_TOO_LONG
                                                  : STATUS_OK;
}

enum status attendance_open(const uint8_t key[GMK_SIZE], struct span payload,
                            struct attendance_word *word) {
    uint8_t plain[PLAIN_MAX], tag[ATTENDANCE_TAG_SIZE];
    enum status status = attendance_head(payload, word);
    if (status != STATUS_OK) {
        return status;
    }
    struct reader r = reader_of(payload);
    struct span head = read_span(&r, ATTENDANCE_HEAD_SIZE);
    read_octets(&r, tag, sizeof tag);
    struct span sealed = read_span(&r, reader_left(&r));
    status = siv(false, key, head, sealed, tag, plain);
    if (status == STATUS_OK) {
        word->mark = mark_of(tag);
        status = read_plain((struct span){plain, sealed.length}, word);
    }
    return status;
}
