/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/overheard.h"

#include <stdio.h>

#include "app/handset/air/frame.h"
#include "app/handset/air/roster.h"
#include "app/handset/d2d/d2d.h"
#include "app/handset/keys/receipt.h"
#include "crypto/announcement.h"

/* A line being written. */
struct line {
    char *text;
    size_t size;
    size_t octets; /* of the whole frame */
};

static void garbled(const struct line *line, const char *what, enum status status) {
    snprintf(line->text, line->size, "%s, %zu octets: garbled (%s)", what, line->octets,
             status_text(status));
}

static void describe_presence(const struct line *line, struct span payload) {
    struct presence presence;
    struct span covered;
    struct span signature;
    enum status status = presence_read(payload, &presence, &covered, &signature);
    if (status != STATUS_OK) {
        garbled(line, "presence", status);
        return;
    }
    snprintf(line->text, line->size, "presence of %s, %zu octets: signed (ECCSI)",
             presence.identity, line->octets);
}

static void describe_i_message(const struct line *line, const char *what, struct span octets) {
    struct i_message message;
    enum status status = i_message_parse(octets, &message);
    if (status != STATUS_OK) {
        garbled(line, what, status);
        return;
    }
    snprintf(line->text, line->size,
             "%s %s -> %s, %zu octets: key encapsulated to the receiver (SAKKE), signed (ECCSI)",
             what, message.fields.initiator, message.fields.responder, line->octets);
}

static void describe_receipt(const struct line *line, struct span payload) {
    struct receipt receipt;
    struct span covered;
    struct span signature;
    enum status status = receipt_read(payload, &receipt, &covered, &signature);
    if (status != STATUS_OK) {
        garbled(line, "receipt", status);
        return;
    }
    snprintf(line->text, line->size,
             "receipt of %s for GMK %08X of group %s, %zu octets: signed (ECCSI)", receipt.member,
             receipt.gmk_id, receipt.group, line->octets);
}

static void describe_d2d(const struct line *line, struct span payload) {
    struct d2d_head head;
    enum status status = d2d_head_read(payload, &head);
    if (status != STATUS_OK) {
        garbled(line, "D2D record", status);
        return;
    }
    static const char *const steps[] = {
        [D2D_HELLO] = "answer", [D2D_REQUEST] = "request", [D2D_RESPONSE] = "response"};
    if (head.step == D2D_OPEN) {
        describe_i_message(line, "I_MESSAGE", head.body);
        return;
    }
    snprintf(line->text, line->size,
             "D2D %s on connection %016llX, %zu octets: sealed (XChaCha20-Poly1305)",
             steps[head.step], (unsigned long long)head.id, line->octets);
}

static void describe_announcement(const struct line *line, struct span octets, bool with_voice) {
    struct announcement announcement;
    enum status status = announcement_parse(octets, &announcement);
    if (status != STATUS_OK) {
        garbled(line, "announcement", status);
        return;
    }
    const struct announcement_fields *fields = &announcement.fields;
    snprintf(line->text, line->size,
             "announcement by %s for group %s%s, %zu octets: GSK under GMK %08X, signed (ECCSI)%s",
             fields->talker, fields->group, with_voice ? ", with voice" : "", line->octets,
             fields->gmk_id, with_voice ? "; voice: SRTP AES-GCM" : "");
}

static void describe_media(const struct line *line, struct span payload) {
    struct reader r = reader_of(payload);
    uint32_t key_id = read_u32(&r);
    if (r.failed || reader_left(&r) == 0) {
        garbled(line, "voice", STATUS_TRUNCATED);
        return;
    }
    const char *key = key_id_space(key_id) == KEY_ID_SPACE_TGK ? "the TGK" : "GMK";
    snprintf(line->text, line->size, "voice, %zu octets: SRTP AES-GCM under a key from %s %08X",
             line->octets, key, key_id);
}

static void describe_announcement_and_media(const struct line *line, struct span payload) {
    struct reader r = reader_of(payload);
    struct span announcement = read_span_u16(&r);
    do {
        read_span_u16(&r);
    } while (reader_left(&r) > 0);
    if (r.failed) {
        garbled(line, "announcement with voice", STATUS_TRUNCATED);
        return;
    }
    describe_announcement(line, announcement, true);
}

void air_describe(struct span octets, char *out, size_t size) {
    struct line line = {out, size, octets.length};
    struct frame frame;
    enum status status = frame_read(octets, &frame);
    if (status != STATUS_OK) {
        snprintf(out, size, "unknown frame, %zu octets: %s", octets.length, status_text(status));
        return;
    }
    switch (frame.kind) {
    case FRAME_PRESENCE:
        describe_presence(&line, frame.payload);
        break;
    case FRAME_D2D:
        describe_d2d(&line, frame.payload);
        break;
    case FRAME_ANNOUNCEMENT:
        describe_announcement(&line, frame.payload, false);
        break;
    case FRAME_MEDIA:
        describe_media(&line, frame.payload);
        break;
    case FRAME_ANNOUNCEMENT_AND_MEDIA:
        describe_announcement_and_media(&line, frame.payload);
        break;
    case FRAME_KEY_DELIVERY:
        describe_i_message(&line, "key delivery", frame.payload);
        break;
    case FRAME_RECEIPT:
        describe_receipt(&line, frame.payload);
        break;
    case FRAME_RELAY_CONTROL:
        snprintf(out, size, "relay control, %zu octets: carries no key", octets.length);
        break;
    }
}
