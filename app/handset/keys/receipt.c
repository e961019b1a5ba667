/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/receipt.h"

#include <string.h>

static const char label[] = "Muster receipt";

/* What is signed: the label keeps a receipt apart from every other signed message. */
static struct span labelled(uint8_t room[RECEIPT_MAX + sizeof label], struct span covered) {
    struct writer w = writer_into(room, RECEIPT_MAX + sizeof label);
    write_span(&w, SPAN_OF(label));
    write_span(&w, covered);
    return writer_span(&w);
}

enum status receipt_write(struct writer *out, const struct receipt *receipt,
                          const struct keyring *keyring, const struct entropy *entropy) {
    uint8_t room[RECEIPT_MAX + sizeof label];
    size_t begin = out->length;
    write_u64(out, (uint64_t)receipt->utc_ms);
    write_u32(out, receipt->gmk_id);
    exclusion_state_write(out, &receipt->told);
    write_text_u8(out, receipt->group);
    write_text_u8(out, receipt->member);
    write_text_u8(out, receipt->kms);
    write_span_u16(out, receipt->proof);
    uint8_t *signature = write_room(out, ECCSI_SIGNATURE_SIZE);
    if (signature == NULL) {
        return STATUS_TOO_LONG;
    }
    struct span covered = {out->octets + begin, (size_t)(signature - out->octets) - begin};
    return keyring->provider->sign(keyring_signing_key(keyring, receipt->utc_ms),
                                   labelled(room, covered), entropy, signature);
}

enum status receipt_read(struct span payload, struct receipt *receipt, struct span *covered,
                         struct span *signature) {
    if (payload.length > RECEIPT_MAX) {
        return STATUS_TOO_LONG;
    }
    struct reader r = reader_of(payload);
    receipt->utc_ms = (int64_t)read_u64(&r);
    receipt->gmk_id = read_u32(&r);
    exclusion_state_read(&r, &receipt->told);
    read_text_u8(&r, receipt->group, sizeof receipt->group);
    read_text_u8(&r, receipt->member, sizeof receipt->member);
    read_text_u8(&r, receipt->kms, sizeof receipt->kms);
    receipt->proof = read_span_u16(&r);
    *covered = (struct span){payload.octets, r.at};
    *signature = read_span(&r, ECCSI_SIGNATURE_SIZE);
    enum status status = reader_finish(&r);
    bool in_bounds = receipt->utc_ms >= 0 && receipt->utc_ms <= INT64_MAX / 4;
    bool objects = receipt->proof.length > 0;
    bool is_whole =
        objects ? receipt->told.number != 0 && receipt->gmk_id == 0 : receipt->gmk_id != 0;
    if (status == STATUS_OK && (!in_bounds || !is_whole)) {
        return STATUS_MALFORMED;
    }
    if (status == STATUS_OK) {
        status = kms_uri_check(receipt->kms);
    }
    if (status == STATUS_OK) {
        status = identity_check(receipt->group);
    }
    return status == STATUS_OK ? identity_check(receipt->member) : status;
}

enum status receipt_verify(const struct receipt *receipt, struct span covered,
                           struct span signature, const struct keyring *keyring,
                           struct moment now) {
    uint8_t room[RECEIPT_MAX + sizeof label];
    const struct message_date date = {receipt->utc_ms, KEYRING_TOLERANCE_MS};
    return keyring_verify_dated(keyring, receipt->member, receipt->kms, date, now,
                                labelled(room, covered), signature.octets);
}
