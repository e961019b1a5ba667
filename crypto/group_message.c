/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/group_message.h"

#include <string.h>

#include "crypto/derivation.h"
#include "crypto/secret.h"

static const char message_label[] = "Muster message 1";
static const char receipt_label[] = "Muster message receipt 1";

enum {
    PLACE_MAX = sizeof receipt_label + GROUP_MESSAGE_HEAD_SIZE,
    KEY_LABEL_MAX = PLACE_MAX + GROUP_IDENTITY_SIZE,
    RECEIPT_PLAIN_SIZE = 2 * VOICE_REPORT_WHO_SIZE + 8,
};

_Static_assert(GROUP_MESSAGE_SIGNED_MAX >= (int)sizeof message_label + 4 + 1 + GROUP_IDENTITY_SIZE +
                                               GROUP_MESSAGE_PLAIN_MAX - ECCSI_SIGNATURE_SIZE,
               "what is signed fits");

/* --- The seal ------------------------------------------------------------------------------- */

static struct span place_of(struct span label, const struct message_key *key,
                            uint8_t room[PLACE_MAX]) {
    struct writer w = writer_into(room, PLACE_MAX);
    write_span(&w, label);
    write_u32(&w, key->gmk_id);
    write_u32(&w, key->hour);
    return writer_span(&w);
}

/* The caller wipes it. */
static enum status derive(struct span label, const struct message_key *key,
                          uint8_t out[SEAL_KEY_SIZE]) {
    uint8_t place[PLACE_MAX], text[KEY_LABEL_MAX];
    struct writer w = writer_into(text, sizeof text);
    write_span(&w, place_of(label, key, place));
    write_span(&w, span_of_text(key->group));
    enum status status = writer_finish(&w);
    return status == STATUS_OK ? mikey_prf((struct span){key->octets, GMK_SIZE}, writer_span(&w),
                                           out, SEAL_KEY_SIZE)
                               : status;
}

static enum status close_under(struct span label, const struct message_key *key, struct span plain,
                               const struct entropy *entropy, struct writer *out) {
    uint8_t place[PLACE_MAX], sealing[SEAL_KEY_SIZE];
    const size_t before = out->length;
    enum status status = derive(label, key, sealing);
    write_u32(out, key->gmk_id);
    write_u32(out, key->hour);
    if (status == STATUS_OK) {
        status = seal_close(sealing, place_of(label, key, place), plain, entropy, out);
    }
    if (status == STATUS_OK) {
        status = writer_finish(out);
    }
    if (status != STATUS_OK) {
        out->length = before;
    }
    secret_wipe(sealing, sizeof sealing);
    return status;
}

static enum status open_under(struct span label, const struct message_key *key, struct span payload,
                              struct writer *plain) {
    uint8_t place[PLACE_MAX], sealing[SEAL_KEY_SIZE];
    uint32_t gmk_id, hour;
    enum status status = group_message_head(payload, &gmk_id, &hour);
    if (status == STATUS_OK && (gmk_id != key->gmk_id || hour != key->hour)) {
        status = STATUS_SEAL_BROKEN;
    }
    if (status == STATUS_OK) {
        status = derive(label, key, sealing);
    }
    if (status == STATUS_OK) {
        struct span sealed = {payload.octets + GROUP_MESSAGE_HEAD_SIZE,
                              payload.length - GROUP_MESSAGE_HEAD_SIZE};
        status = seal_open(sealing, place_of(label, key, place), sealed, plain);
    }
    secret_wipe(sealing, sizeof sealing);
    return status;
}

enum status group_message_head(struct span payload, uint32_t *gmk_id, uint32_t *hour) {
    struct reader r = reader_of(payload);
    *gmk_id = read_u32(&r);
    *hour = read_u32(&r);
    return payload.length < MESSAGE_RECEIPT_SIZE ? STATUS_TRUNCATED
           : payload.length > GROUP_MESSAGE_MAX  ? STATUS_TOO_LONG
                                                 : STATUS_OK;
}

/* --- Messages ------------------------------------------------------------------------------- */

static void write_fields(struct writer *out, const struct group_message *message) {
    write_text_u8(out, message->identity);
    write_u64(out, (uint64_t)message->number);
    write_u8(out, message->word);
    write_span_u16(out, span_of_text(message->text));
}

void group_message_write(struct writer *out, const struct group_message *message) {
    write_fields(out, message);
    write_span(out, SPAN_OF(message->signature));
}

enum status group_message_read(struct reader *in, struct group_message *message) {
    *message = (struct group_message){.number = 0};
    read_text_u8(in, message->identity, sizeof message->identity);
    message->number = (int64_t)read_u64(in);
    message->word = read_u8(in);
    struct span text = read_span_u16(in);
    read_octets(in, message->signature, sizeof message->signature);
    if (in->failed || text.length > GROUP_MESSAGE_TEXT_MAX || message->number < 0 ||
        (text.length > 0 && memchr(text.octets, 0, text.length) != NULL)) {
        return STATUS_MALFORMED;
    }
    if (text.length > 0) {
        memcpy(message->text, text.octets, text.length);
    }
    return identity_check(message->identity);
}

struct span group_message_covered(const struct group_message *message, const char *group,
                                  uint32_t gmk_id, uint8_t room[GROUP_MESSAGE_SIGNED_MAX]) {
    struct writer w = writer_into(room, GROUP_MESSAGE_SIGNED_MAX);
    write_span(&w, SPAN_OF(message_label));
    write_u32(&w, gmk_id);
    write_text_u8(&w, group);
    write_fields(&w, message);
    return writer_span(&w);
}

enum status group_message_close(const struct message_key *key, const struct group_message *message,
                                const struct entropy *entropy, struct writer *out) {
    uint8_t plain[GROUP_MESSAGE_PLAIN_MAX];
    struct writer w = writer_into(plain, sizeof plain);
    group_message_write(&w, message);
    enum status status = writer_finish(&w);
    if (status == STATUS_OK) {
        status = close_under(SPAN_OF(message_label), key, writer_span(&w), entropy, out);
    }
    secret_wipe(plain, sizeof plain);
    return status;
}

enum status group_message_open(const struct message_key *key, struct span payload,
                               struct group_message *message) {
    uint8_t plain[GROUP_MESSAGE_PLAIN_MAX];
    struct writer w = writer_into(plain, sizeof plain);
    enum status status = open_under(SPAN_OF(message_label), key, payload, &w);
    if (status == STATUS_OK) {
        struct reader r = reader_of(writer_span(&w));
        status = group_message_read(&r, message);
        status = status == STATUS_OK && reader_left(&r) > 0 ? STATUS_MALFORMED : status;
    }
    secret_wipe(plain, sizeof plain);
    return status;
}

/* --- Receipts ------------------------------------------------------------------------------- */

enum status message_receipt_close(const struct message_key *key,
                                  const struct message_receipt *receipt,
                                  const struct entropy *entropy, struct writer *out) {
    uint8_t plain[RECEIPT_PLAIN_SIZE];
    struct writer w = writer_into(plain, sizeof plain);
    write_span(&w, SPAN_OF(receipt->whose));
    write_u64(&w, (uint64_t)receipt->number);
    write_span(&w, SPAN_OF(receipt->who));
    return close_under(SPAN_OF(receipt_label), key, writer_span(&w), entropy, out);
}

enum status message_receipt_open(const struct message_key *key, struct span payload,
                                 struct message_receipt *receipt) {
    uint8_t plain[RECEIPT_PLAIN_SIZE];
    struct writer w = writer_into(plain, sizeof plain);
    *receipt = (struct message_receipt){.number = 0};
    if (payload.length > MESSAGE_RECEIPT_SIZE) {
        return STATUS_TOO_LONG;
    }
    enum status status = open_under(SPAN_OF(receipt_label), key, payload, &w);
    if (status == STATUS_OK) {
        struct reader r = reader_of(writer_span(&w));
        read_octets(&r, receipt->whose, sizeof receipt->whose);
        receipt->number = (int64_t)read_u64(&r);
        read_octets(&r, receipt->who, sizeof receipt->who);
        status = reader_finish(&r);
    }
    return status;
}
