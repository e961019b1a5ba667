/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The MIKEY payloads that our messages are made of (RFC 3830 6, RFC 6043 6.6, RFC 6509 4), each
 * with its reader and its writer. Internal to crypto/: i_message.c and announcement.c say which
 * payloads come in which order.
 *
 * The encoding is canonical: for every field that we do not keep, a reader accepts only the value
 * that the writer writes. So a message that was read and is written again has the same octets, and
 * no octet of a message is without meaning.
 */
#ifndef MUSTER_CRYPTO_MIKEY_H
#define MUSTER_CRYPTO_MIKEY_H

#include "crypto/i_message.h"
#include "crypto/identifier.h"

/* Payload types (RFC 3830 6.1, RFC 6043 6.6, RFC 6509 4). */
enum mikey_payload {
    MIKEY_LAST = 0,
    MIKEY_KEMAC = 1,
    MIKEY_SIGN = 4,
    MIKEY_T = 5,
    MIKEY_SP = 10,
    MIKEY_RAND = 11,
    MIKEY_IDR = 14,
    MIKEY_GENERAL_EXTENSION = 21,
    MIKEY_SAKKE = 26,
};

/* Data types (RFC 3830 6.1, RFC 6509 4). */
enum mikey_data_type {
    MIKEY_PRE_SHARED = 0,
    MIKEY_SAKKE_I_MESSAGE = 26
};

/* Roles of an IDR payload (RFC 6043 6.6). */
enum mikey_role {
    MIKEY_INITIATOR = 1,
    MIKEY_RESPONDER = 2,
    MIKEY_PSK = 4,
    MIKEY_APPLICATION = 5,
    MIKEY_INITIATOR_KMS = 6,
    MIKEY_RESPONDER_KMS = 7,
};

enum {
    MIKEY_MAC_SIZE = 32,
    MIKEY_KEY_DATA_SIZE = 4 + SSV_SIZE
};

/* A reader that remembers the first check that failed; from then on it reads nothing more. */
struct mikey_reader {
    struct reader octets;
    enum status status;
};

struct mikey_reader mikey_reader_of(struct span message);

/* STATUS_OK when all was well and nothing is left; else the first failure. */
MUST_CHECK enum status mikey_finish(const struct mikey_reader *m);

/* The readers and writers of the payloads. `next` is the type of the payload that follows. */

/* HDR (RFC 3830 6.1): version 1, no verification message, PRF-HMAC-SHA-256. With `ssrc` there is
 * one crypto session of type SRTP-ID with policy 0 and ROC 0; with NULL there is none. */
void mikey_write_header(struct writer *w, enum mikey_data_type type, enum mikey_payload next,
                        uint32_t csb_id, const uint32_t *ssrc);
void mikey_read_header(struct mikey_reader *m, enum mikey_data_type type, enum mikey_payload next,
                       uint32_t *csb_id, uint32_t *ssrc);

/* T (RFC 3830 6.6), NTP-UTC: `utc_ms` must satisfy mikey_time_fits. */
void mikey_write_timestamp(struct writer *w, enum mikey_payload next, int64_t utc_ms);
void mikey_read_timestamp(struct mikey_reader *m, enum mikey_payload next, int64_t *utc_ms);

/* Can T hold `utc_ms`, milliseconds since 1970 UTC? From 1970 to 2104: NTP's seconds since 1900
 * wrap in 2036, and the half of them with the top bit clear counts from there (RFC 4330 3). */
bool mikey_time_fits(int64_t utc_ms);

/* T's 64 bits: seconds since 1900 and 32 bits of fraction, rounded up, so that rounding down gives
 * the millisecond back. */
uint64_t mikey_ntp_of(int64_t utc_ms);

/* RAND (RFC 3830 6.11), 16 octets. */
void mikey_write_rand(struct writer *w, enum mikey_payload next,
                      const uint8_t rand[MIKEY_RAND_SIZE]);
void mikey_read_rand(struct mikey_reader *m, enum mikey_payload next,
                     uint8_t rand[MIKEY_RAND_SIZE]);

/* IDR (RFC 6043 6.6) with a URI. The reader takes what `check` accepts and fits into out[capacity],
 * and fails with the check's status. */
void mikey_write_uri(struct writer *w, enum mikey_payload next, enum mikey_role role,
                     const char *uri);
void mikey_read_uri(struct mikey_reader *m, enum mikey_payload next, enum mikey_role role,
                    enum status (*check)(const char *uri), char *out, size_t capacity);

/* IDR (RFC 6043 6.6) with a key id of 4 octets, and the number of the key's hour in 4 more
 * (gmk_hour.h), as a byte string. */
void mikey_write_key_id(struct writer *w, enum mikey_payload next, enum mikey_role role,
                        uint32_t key_id, uint32_t hour);
void mikey_read_key_id(struct mikey_reader *m, enum mikey_payload next, enum mikey_role role,
                       uint32_t *key_id, uint32_t *hour);

/* SP (RFC 3830 6.10, RFC 7714 14.3): policy 0, SRTP, AEAD_AES_128_GCM with a 16-octet tag. */
void mikey_write_policy(struct writer *w, enum mikey_payload next);
void mikey_read_policy(struct mikey_reader *m, enum mikey_payload next);

/* SAKKE (RFC 6509 4): parameter set 1. */
void mikey_write_sakke(struct writer *w, enum mikey_payload next, enum id_scheme scheme,
                       const uint8_t data[SAKKE_DATA_SIZE]);
void mikey_read_sakke(struct mikey_reader *m, enum mikey_payload next, enum id_scheme *scheme,
                      struct span *data);

/* The general extension (RFC 3830 6.15) of type 'key parameters' (TS 33.180 annex E.6), with `data`
 * of at least one octet. */
void mikey_write_key_parameters(struct writer *w, enum mikey_payload next, struct span data);
void mikey_read_key_parameters(struct mikey_reader *m, enum mikey_payload next, struct span *data);

/* The general extension of type 'vendor ID' (RFC 3830 6.15), with data of our own: `size` octets.
 */
void mikey_write_vendor(struct writer *w, enum mikey_payload next, struct span data);
void mikey_read_vendor(struct mikey_reader *m, enum mikey_payload next, uint16_t size,
                       struct span *data);

/* The general extensions of a D2D connection's I_MESSAGE (i_message.h), of types for private use
 * (RFC 3830 10): the initiator's ephemeral share, SHARE_SIZE octets; and encapsulated data to the
 * domain's recovery identity, SAKKE_DATA_SIZE octets. */
void mikey_write_share(struct writer *w, enum mikey_payload next, struct span share);
void mikey_read_share(struct mikey_reader *m, enum mikey_payload next, struct span *share);
void mikey_write_recovery(struct writer *w, enum mikey_payload next, struct span data);
void mikey_read_recovery(struct mikey_reader *m, enum mikey_payload next, struct span *data);

/* The general extension of an announcement whose talker came late (announcement.h), of a type for
 * private use: its ticket, of one octet at least and `most` of them. */
void mikey_write_ticket(struct writer *w, enum mikey_payload next, struct span data);
void mikey_read_ticket(struct mikey_reader *m, enum mikey_payload next, size_t most,
                       struct span *data);

/* The general extension of a key delivery with its manager's word (key_delivery.h), of a type for
 * private use: at least one octet. */
void mikey_write_manager(struct writer *w, enum mikey_payload next, struct span data);
void mikey_read_manager(struct mikey_reader *m, enum mikey_payload next, struct span *data);

/* Is the payload to be read, which is a general extension, of a share's type? */
bool mikey_is_share(const struct mikey_reader *m);

/* KEMAC (RFC 3830 6.2) up to the MAC: `encrypted` is MIKEY_KEY_DATA_SIZE octets under AES-CM-128;
 * the MAC, HMAC-SHA-256-256, comes after it. */
void mikey_write_kemac(struct writer *w, enum mikey_payload next,
                       const uint8_t encrypted[MIKEY_KEY_DATA_SIZE]);
void mikey_read_kemac(struct mikey_reader *m, enum mikey_payload next, struct span *encrypted);

/* The key data sub-payload inside the KEMAC (RFC 3830 6.13): one TGK without validity data. */
void mikey_write_tgk(struct writer *w, const uint8_t tgk[SSV_SIZE]);
void mikey_read_tgk(struct mikey_reader *m, uint8_t tgk[SSV_SIZE]);

/* SIGN (RFC 3830 6.5) up to the signature: type ECCSI (RFC 6509 4), ECCSI_SIGNATURE_SIZE octets
 * come after it. It has no next payload: it is the last one. */
void mikey_write_sign(struct writer *w);
void mikey_read_sign(struct mikey_reader *m);

/* Does the next payload to be read say that the one after it has the type `next`? Reads nothing. */
bool mikey_next_is(const struct mikey_reader *m, enum mikey_payload next);

/* Everything read or written so far: what a MAC or signature that comes next covers. */
struct span mikey_read_so_far(const struct mikey_reader *m);

/* `length` octets as they stand: a MAC or a signature. */
struct span mikey_read_octets(struct mikey_reader *m, size_t length);

#endif
