/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/announcement.h"

#include <openssl/evp.h>
#include <string.h>

#include "crypto/derivation.h"
#include "crypto/mikey.h"
#include "crypto/secret.h"

enum {
    PSK_ENCR_SIZE = 16,
    PSK_AUTH_SIZE = 32,
    PSK_SALT_SIZE = 14,
    PSK_CS_ID = 0xFF,
    PROOF_SIZE =
        START_SIZE + 8 + TALKER_KEY_SIZE + VOICE_LINK_SIZE + 2 + 4 + SESSION_ID_SIZE + 8 + 1
};

#define HOUR_IS_DOUBTED (UINT32_C(1) << 31)

/* What the GMK gives for one message (RFC 3830 4.1.4). */
struct psk_keys {
    uint8_t encr[PSK_ENCR_SIZE];
    uint8_t auth[PSK_AUTH_SIZE];
    uint8_t salt[PSK_SALT_SIZE];
};

static enum status derive_psk_keys(const struct announcement_fields *fields,
                                   const uint8_t gmk[GMK_SIZE], struct psk_keys *keys) {
    struct span psk = {gmk, GMK_SIZE};
    enum status status = mikey_derive(DERIVED_PSK_ENCR, psk, PSK_CS_ID, fields->csb_id,
                                      fields->rand, keys->encr, sizeof keys->encr);
    if (status == STATUS_OK) {
        status = mikey_derive(DERIVED_PSK_AUTH, psk, PSK_CS_ID, fields->csb_id, fields->rand,
                              keys->auth, sizeof keys->auth);
    }
    if (status == STATUS_OK) {
        status = mikey_derive(DERIVED_PSK_SALT, psk, PSK_CS_ID, fields->csb_id, fields->rand,
                              keys->salt, sizeof keys->salt);
    }
    return status;
}

/* AES-CM-128 of RFC 3830 4.2.3, which encrypts and decrypts alike: the counter starts at
 * (salt XOR (0x0000 || CSB ID || T)) || 0x0000. */
static enum status apply_aes_cm(const struct psk_keys *keys,
                                const struct announcement_fields *fields,
                                const uint8_t in[MIKEY_KEY_DATA_SIZE],
                                uint8_t out[MIKEY_KEY_DATA_SIZE]) {
    uint8_t counter[16];
    struct writer w = writer_into(counter, sizeof counter);
    write_u16(&w, 0);
    write_u32(&w, fields->csb_id);
    write_u64(&w, mikey_ntp_of(fields->utc_ms));
    write_u16(&w, 0);
    for (size_t i = 0; i < PSK_SALT_SIZE; i++) {
        counter[i] ^= keys->salt[i];
    }

    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (context == NULL) {
        return STATUS_NO_MEMORY;
    }
    int length = 0;
    bool ok = EVP_EncryptInit_ex2(context, EVP_aes_128_ctr(), keys->encr, counter, NULL) == 1 &&
              EVP_EncryptUpdate(context, out, &length, in, MIKEY_KEY_DATA_SIZE) == 1 &&
              length == MIKEY_KEY_DATA_SIZE;
    EVP_CIPHER_CTX_free(context);
    secret_wipe(counter, sizeof counter);
    return ok ? STATUS_OK : STATUS_LIBRARY_FAILED;
}

/* HMAC-SHA-256-256 (RFC 6043 6.2). */
static enum status compute_mac(const struct psk_keys *keys, struct span covered,
                               uint8_t mac[MIKEY_MAC_SIZE]) {
    size_t length = 0;
    bool ok = EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, keys->auth, sizeof keys->auth,
                        covered.octets, covered.length, mac, MIKEY_MAC_SIZE, &length) != NULL;
    return ok && length == MIKEY_MAC_SIZE ? STATUS_OK : STATUS_LIBRARY_FAILED;
}

static enum status check_fields(const struct announcement_fields *fields) {
    enum status status = identity_check(fields->talker);
    if (status == STATUS_OK) {
        status = group_identity_check(fields->group);
    }
    if (status == STATUS_OK && !mikey_time_fits(fields->utc_ms)) {
        status = STATUS_TIME_OUT_OF_RANGE;
    }
    return status == STATUS_OK && fields->ticket.length > TICKET_MAX ? STATUS_TOO_LONG : status;
}

static void write_proof(struct writer *w, enum mikey_payload next,
                        const struct talker_proof *proof) {
    uint8_t octets[PROOF_SIZE];
    struct writer inner = writer_into(octets, sizeof octets);
    write_span(&inner, SPAN_OF(proof->start));
    write_u64(&inner, (uint64_t)proof->age_ms);
    write_span(&inner, SPAN_OF(proof->key));
    write_span(&inner, SPAN_OF(proof->anchor));
    write_u16(&inner, proof->sequence);
    write_u32(&inner, proof->rtp_time);
    write_span(&inner, SPAN_OF(proof->session));
    write_u64(&inner, (uint64_t)proof->began_ms);
    write_u8(&inner, (uint8_t)proof->priority);
    mikey_write_vendor(w, next, writer_span(&inner));
}

static void read_proof(struct mikey_reader *m, enum mikey_payload next,
                       struct talker_proof *proof) {
    struct span octets;
    mikey_read_vendor(m, next, PROOF_SIZE, &octets);
    struct reader r = reader_of(octets);
    read_octets(&r, proof->start, START_SIZE);
    proof->age_ms = (int64_t)read_u64(&r);
    read_octets(&r, proof->key, TALKER_KEY_SIZE);
    read_octets(&r, proof->anchor, VOICE_LINK_SIZE);
    proof->sequence = read_u16(&r);
    proof->rtp_time = read_u32(&r);
    read_octets(&r, proof->session, SESSION_ID_SIZE);
    proof->began_ms = (int64_t)read_u64(&r);
    proof->priority = read_u8(&r);
}

/* Everything that the MAC covers. */
static void write_mac_covered(struct writer *w, const struct announcement_fields *fields,
                              const uint8_t encrypted[MIKEY_KEY_DATA_SIZE]) {
    mikey_write_header(w, MIKEY_PRE_SHARED, MIKEY_T, fields->csb_id, &fields->ssrc);
    mikey_write_timestamp(w, MIKEY_RAND, fields->utc_ms);
    mikey_write_rand(w, MIKEY_IDR, fields->rand);
    mikey_write_uri(w, MIKEY_IDR, MIKEY_INITIATOR, fields->talker);
    mikey_write_key_id(w, MIKEY_IDR, MIKEY_PSK, fields->gmk_id,
                       fields->hour | (fields->is_doubted ? HOUR_IS_DOUBTED : 0));
    mikey_write_uri(w, MIKEY_SP, MIKEY_APPLICATION, fields->group);
    mikey_write_policy(w, MIKEY_GENERAL_EXTENSION);
    bool has_ticket = fields->ticket.length > 0;
    write_proof(w, has_ticket ? MIKEY_GENERAL_EXTENSION : MIKEY_KEMAC, &fields->proof);
    if (has_ticket) {
        mikey_write_ticket(w, MIKEY_KEMAC, fields->ticket);
    }
    mikey_write_kemac(w, MIKEY_SIGN, encrypted);
}

static void read_message(struct mikey_reader *m, struct announcement *out) {
    struct announcement_fields *fields = &out->fields;
    mikey_read_header(m, MIKEY_PRE_SHARED, MIKEY_T, &fields->csb_id, &fields->ssrc);
    mikey_read_timestamp(m, MIKEY_RAND, &fields->utc_ms);
    mikey_read_rand(m, MIKEY_IDR, fields->rand);
    mikey_read_uri(m, MIKEY_IDR, MIKEY_INITIATOR, identity_check, fields->talker,
                   sizeof fields->talker);
    mikey_read_key_id(m, MIKEY_IDR, MIKEY_PSK, &fields->gmk_id, &fields->hour);
    fields->is_doubted = (fields->hour & HOUR_IS_DOUBTED) != 0;
    fields->hour &= ~HOUR_IS_DOUBTED;
    mikey_read_uri(m, MIKEY_SP, MIKEY_APPLICATION, group_identity_check, fields->group,
                   sizeof fields->group);
    mikey_read_policy(m, MIKEY_GENERAL_EXTENSION);
    bool has_ticket = mikey_next_is(m, MIKEY_GENERAL_EXTENSION);
    read_proof(m, has_ticket ? MIKEY_GENERAL_EXTENSION : MIKEY_KEMAC, &fields->proof);
    if (has_ticket) {
        mikey_read_ticket(m, MIKEY_KEMAC, TICKET_MAX, &fields->ticket);
    }
    mikey_read_kemac(m, MIKEY_SIGN, &out->encrypted);
    out->mac_covered = mikey_read_so_far(m);
    out->mac = mikey_read_octets(m, MIKEY_MAC_SIZE);
    mikey_read_sign(m);
    out->covered = mikey_read_so_far(m);
    out->signature = mikey_read_octets(m, ECCSI_SIGNATURE_SIZE);
}

/* The GSK under the GMK, up to and with the MAC. */
static enum status write_secured(struct writer *w, const struct announcement_fields *fields,
                                 const uint8_t gmk[GMK_SIZE], const uint8_t gsk[GSK_SIZE]) {
    struct psk_keys keys;
    uint8_t key_data[MIKEY_KEY_DATA_SIZE];
    uint8_t encrypted[MIKEY_KEY_DATA_SIZE];
    uint8_t mac[MIKEY_MAC_SIZE];
    struct writer plain = writer_into(key_data, sizeof key_data);
    mikey_write_tgk(&plain, gsk);
    enum status status = derive_psk_keys(fields, gmk, &keys);
    if (status == STATUS_OK) {
        status = apply_aes_cm(&keys, fields, key_data, encrypted);
    }
    if (status == STATUS_OK) {
        write_mac_covered(w, fields, encrypted);
        status = compute_mac(&keys, writer_span(w), mac);
    }
    if (status == STATUS_OK) {
        write_span(w, SPAN_OF(mac));
    }
    secret_wipe(&keys, sizeof keys);
    secret_wipe(key_data, sizeof key_data);
    return status;
}

enum status announcement_build(const struct provider *provider,
                               const struct announcement_fields *fields,
                               const uint8_t gmk[GMK_SIZE], const uint8_t gsk[GSK_SIZE],
                               const struct signing_key *signing_key, const struct entropy *entropy,
                               struct writer *out) {
    enum status status = check_fields(fields);
    if (status != STATUS_OK) {
        return status;
    }
    uint8_t octets[ANNOUNCEMENT_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    status = write_secured(&w, fields, gmk, gsk);
    if (status != STATUS_OK) {
        return status;
    }
    mikey_write_sign(&w);
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
    status = provider->sign(signing_key, writer_span(&w), entropy, signature);
    if (status != STATUS_OK) {
        return status;
    }
    write_span(&w, SPAN_OF(signature));
    status = writer_finish(&w);
    if (status != STATUS_OK) {
        return status;
    }
    write_span(out, writer_span(&w));
    return writer_finish(out);
}

static bool proof_is_possible(const struct announcement_fields *fields) {
    const struct talker_proof *proof = &fields->proof;
    return proof->age_ms >= 0 && proof->age_ms <= INT64_MAX / 4 && proof->began_ms >= 0 &&
           proof->began_ms <= fields->utc_ms && proof->priority <= TALK_EMERGENCY;
}

enum status announcement_parse(struct span octets, struct announcement *out) {
    memset(out, 0, sizeof *out);
    if (octets.length > ANNOUNCEMENT_MAX) {
        return STATUS_TOO_LONG;
    }
    struct mikey_reader m = mikey_reader_of(octets);
    read_message(&m, out);
    enum status status = mikey_finish(&m);
    if (status == STATUS_OK && !proof_is_possible(&out->fields)) {
        status = STATUS_MALFORMED;
    }
    if (status != STATUS_OK) {
        memset(out, 0, sizeof *out);
    }
    return status;
}

enum status announcement_open(const struct announcement *announcement, const uint8_t gmk[GMK_SIZE],
                              uint8_t gsk[GSK_SIZE]) {
    struct psk_keys keys;
    uint8_t mac[MIKEY_MAC_SIZE];
    uint8_t key_data[MIKEY_KEY_DATA_SIZE];
    memset(gsk, 0, GSK_SIZE);
    enum status status = derive_psk_keys(&announcement->fields, gmk, &keys);
    if (status == STATUS_OK) {
        status = compute_mac(&keys, announcement->mac_covered, mac);
    }
    if (status == STATUS_OK && !secret_equal(mac, announcement->mac.octets, sizeof mac)) {
        status = STATUS_MAC_INVALID;
    }
    if (status == STATUS_OK) {
        status =
            apply_aes_cm(&keys, &announcement->fields, announcement->encrypted.octets, key_data);
    }
    if (status == STATUS_OK) {
        struct mikey_reader m = mikey_reader_of(SPAN_OF(key_data));
        mikey_read_tgk(&m, gsk);
        status = mikey_finish(&m);
    }
    secret_wipe(&keys, sizeof keys);
    secret_wipe(mac, sizeof mac);
    secret_wipe(key_data, sizeof key_data);
    return status;
}

enum status announcement_verify(const struct provider *provider,
                                const struct announcement *announcement,
                                const struct domain_key *talker_domain,
                                const struct identifier *talker_identifier) {
    return provider->verify(talker_domain, identifier_span(talker_identifier),
                            announcement->covered, announcement->signature.octets);
}
