/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/voice_report.h"

#include <string.h>

#include "crypto/secret.h"
#include "crypto/session_seal.h"

static const char label[] = "Muster voice report 1";

enum {
    PLAIN_SIZE = VOICE_REPORT_WHO_SIZE + 4 + 1 + 1,
    ALL_LOST = 100, /* percent */
};

_Static_assert(sizeof label <= SESSION_SEAL_LABEL_MAX, "the label fits");
_Static_assert(VOICE_REPORT_SIZE == PLAIN_SIZE + SESSION_SEAL_OVERHEAD, "a report has one size");

struct voice_report_key {
    uint8_t octets[SEAL_KEY_SIZE];
};

enum status voice_report_key_new(const uint8_t gsk[SSV_SIZE],
                                 const uint8_t session[SESSION_HASH_SIZE],
                                 struct voice_report_key **out) {
    *out = NULL;
    struct voice_report_key *key = secret_object_new(sizeof *key);
    if (key == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = session_seal_key(SPAN_OF(label), gsk, session, key->octets);
    if (status != STATUS_OK) {
        secret_object_free(key);
        return status;
    }
    *out = key;
    return STATUS_OK;
}

void voice_report_key_free(struct voice_report_key *key) {
    secret_object_free(key);
}

enum status voice_report_who(const char *identity, uint8_t who[VOICE_REPORT_WHO_SIZE]) {
    uint8_t hash[SEAL_HASH_SIZE];
    enum status status = seal_checksum(span_of_text(identity), hash);
    if (status == STATUS_OK) {
        memcpy(who, hash, VOICE_REPORT_WHO_SIZE);
    }
    return status;
}

enum status voice_report_close(const struct voice_report_key *key, uint32_t gmk_id,
                               const struct voice_report *report, const struct entropy *entropy,
                               struct writer *out) {
    uint8_t plain[PLAIN_SIZE];
    struct writer w = writer_into(plain, sizeof plain);
    write_span(&w, SPAN_OF(report->who));
    write_u32(&w, report->rtp_time);
    write_u8(&w, report->loss);
    write_u8(&w, report->plays);
    return session_seal_close(SPAN_OF(label), key->octets, gmk_id, writer_span(&w), entropy, out);
}

enum status voice_report_gmk_id(struct span payload, uint32_t *gmk_id) {
    return session_seal_gmk_id(payload, VOICE_REPORT_SIZE, gmk_id);
}

enum status voice_report_open(const struct voice_report_key *key, struct span payload,
                              struct voice_report *out) {
    uint8_t plain[PLAIN_SIZE];
    uint32_t gmk_id;
    *out = (struct voice_report){.loss = VOICE_REPORT_LOSS_UNKNOWN};
    enum status status = voice_report_gmk_id(payload, &gmk_id);
    struct writer w = writer_into(plain, sizeof plain);
    if (status == STATUS_OK) {
        status = session_seal_open(SPAN_OF(label), key->octets, payload, &w);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct reader r = reader_of(writer_span(&w));
    read_octets(&r, out->who, sizeof out->who);
    out->rtp_time = read_u32(&r);
    out->loss = read_u8(&r);
    uint8_t plays = read_u8(&r);
    out->plays = plays == 1;
    bool is_possible =
        plays <= 1 && (out->loss <= ALL_LOST || out->loss == VOICE_REPORT_LOSS_UNKNOWN);
    return is_possible ? reader_finish(&r) : STATUS_MALFORMED;
}
