/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/broker/nkey.h"

#include <sodium.h>
#include <string.h>

#include "crypto/secret.h"

enum {
    SEED_PREFIX = 18 << 3, /* S */
    CRC_SIZE = 2
};

_Static_assert((int)NKEY_SEED_SIZE == (int)crypto_sign_SEEDBYTES, "an Ed25519 seed");
_Static_assert((int)NKEY_SIGNATURE_SIZE == (int)crypto_sign_BYTES, "an Ed25519 signature");

static uint8_t prefix_of(enum nkey_kind kind) {
    switch (kind) {
    case NKEY_OPERATOR:
        return 14 << 3; /* O */
    case NKEY_ACCOUNT:
        return 0; /* A */
    case NKEY_USER:
        break;
    }
    return 20 << 3; /* U */
}

/* CRC-16 as in XMODEM: polynomial 1021, from zero. */
static uint16_t crc16(struct span octets) {
    unsigned crc = 0;
    for (size_t i = 0; i < octets.length; i++) {
        crc ^= (unsigned)octets.octets[i] << 8;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
        }
    }
    return (uint16_t)crc;
}

/* Base32 (RFC 4648) without padding. */
static void base32(struct span octets, char *out) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    unsigned held = 0;
    int bits = 0;
    for (size_t i = 0; i < octets.length; i++) {
        held = held << 8 | octets.octets[i];
        for (bits += 8; bits >= 5; bits -= 5) {
            *out++ = alphabet[held >> (bits - 5) & 31];
        }
    }
    if (bits > 0) {
        *out++ = alphabet[held << (5 - bits) & 31];
    }
    *out = '\0';
}

/* `key` with its prefix of one or two octets before it, and the CRC, little-endian, behind. */
static void write_text(struct span prefix, struct span key, char *out) {
    uint8_t octets[2 + NKEY_SEED_SIZE + CRC_SIZE];
    struct writer w = writer_into(octets, sizeof octets);
    write_span(&w, prefix);
    write_span(&w, key);
    uint16_t crc = crc16(writer_span(&w));
    write_u8(&w, (uint8_t)crc);
    write_u8(&w, (uint8_t)(crc >> 8));
    base32(writer_span(&w), out);
    secret_wipe(octets, sizeof octets);
}

enum status nkey_public_text(enum nkey_kind kind, const uint8_t seed[NKEY_SEED_SIZE],
                             char out[NKEY_PUBLIC_TEXT_SIZE]) {
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES];
    const uint8_t prefix[] = {prefix_of(kind)};
    int failed = crypto_sign_seed_keypair(public_key, secret_key, seed);
    secret_wipe(secret_key, sizeof secret_key);
    if (failed != 0) {
        return STATUS_LIBRARY_FAILED;
    }
    write_text(SPAN_OF(prefix), SPAN_OF(public_key), out);
    return STATUS_OK;
}

void nkey_seed_text(enum nkey_kind kind, const uint8_t seed[NKEY_SEED_SIZE],
                    char out[NKEY_SEED_TEXT_SIZE]) {
    /* The kind's five bits follow those of S. */
    uint8_t kind_prefix = prefix_of(kind);
    const uint8_t prefix[] = {(uint8_t)(SEED_PREFIX | kind_prefix >> 5),
                              (uint8_t)((kind_prefix & 31) << 3)};
    write_text(SPAN_OF(prefix), (struct span){seed, NKEY_SEED_SIZE}, out);
}

enum status nkey_sign(const uint8_t seed[NKEY_SEED_SIZE], struct span message,
                      uint8_t signature[NKEY_SIGNATURE_SIZE]) {
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES];
    int failed = crypto_sign_seed_keypair(public_key, secret_key, seed);
    if (failed == 0) {
        failed = crypto_sign_detached(signature, NULL, message.octets, message.length, secret_key);
    }
    secret_wipe(secret_key, sizeof secret_key);
    return failed == 0 ? STATUS_OK : STATUS_LIBRARY_FAILED;
}
