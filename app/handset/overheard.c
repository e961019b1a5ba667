/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/overheard.h"

#include <stdio.h>

#include "app/handset/air/fragment.h"
#include "app/handset/air/roster.h"
#include "app/handset/d2d/d2d.h"
#include "app/handset/keys/receipt.h"
#include "crypto/announcement.h"
#include "crypto/attendance_word.h"
#include "crypto/floor_request.h"
#include "crypto/group_message.h"
#include "crypto/voice_report.h"

static void see(struct view_frame *out, enum frame_sight sight, enum status status) {
    out->sight = sight;
    out->check = status == STATUS_OK ? NULL : status_name(status);
}

static void see_presence(struct span payload, struct view_frame *out) {
    struct presence presence;
    struct span covered;
    struct span signature;
    enum status status = presence_read(payload, &presence, &covered, &signature);
    see(out, SIGHT_PRESENCE, status);
    if (status == STATUS_OK) {
        snprintf(out->from, sizeof out->from, "%s", presence.identity);
    }
}

static void see_i_message(enum frame_sight sight, struct span octets, struct view_frame *out) {
    struct i_message message;
    enum status status = i_message_parse(octets, &message);
    see(out, sight, status);
    if (status == STATUS_OK) {
        out->key_id = message.fields.key_id;
        snprintf(out->from, sizeof out->from, "%s", message.fields.initiator);
        snprintf(out->to, sizeof out->to, "%s", message.fields.responder);
    }
}

static void see_receipt(struct span payload, struct view_frame *out) {
    struct receipt receipt;
    struct span covered;
    struct span signature;
    enum status status = receipt_read(payload, &receipt, &covered, &signature);
    see(out, SIGHT_RECEIPT, status);
    if (status == STATUS_OK) {
        out->key_id = receipt.gmk_id;
        snprintf(out->from, sizeof out->from, "%s", receipt.member);
        snprintf(out->group, sizeof out->group, "%s", receipt.group);
    }
}

static void see_attendance(struct span payload, struct view_frame *out) {
    struct attendance_word word;
    see(out, SIGHT_ATTENDANCE, attendance_head(payload, &word));
    out->key_id = word.gmk_id;
}

static void see_d2d(struct span payload, struct view_frame *out) {
    static const enum frame_sight steps[] = {[D2D_HELLO] = SIGHT_D2D_ANSWER,
                                             [D2D_REQUEST] = SIGHT_D2D_REQUEST,
                                             [D2D_RESPONSE] = SIGHT_D2D_RESPONSE};
    struct d2d_head head;
    enum status status = d2d_head_read(payload, &head);
    if (status != STATUS_OK) {
        see(out, SIGHT_D2D_RECORD, status);
        return;
    }
    if (head.step == D2D_OPEN) {
        see_i_message(SIGHT_I_MESSAGE, head.body, out);
    } else {
        see(out, steps[head.step], STATUS_OK);
    }
    out->connection = head.id;
}

static void see_announcement(enum frame_sight sight, struct span octets, struct view_frame *out) {
    struct announcement announcement;
    enum status status = announcement_parse(octets, &announcement);
    see(out, sight, status);
    if (status == STATUS_OK) {
        out->key_id = announcement.fields.gmk_id;
        snprintf(out->from, sizeof out->from, "%s", announcement.fields.talker);
        snprintf(out->group, sizeof out->group, "%s", announcement.fields.group);
    }
}

static void see_media(struct span payload, struct view_frame *out) {
    struct reader r = reader_of(payload);
    uint32_t key_id = read_u32(&r);
    if (r.failed || reader_left(&r) == 0) {
        see(out, SIGHT_VOICE, STATUS_TRUNCATED);
        return;
    }
    out->key_id = key_id;
    see(out, key_id_space(key_id) == KEY_ID_SPACE_TGK ? SIGHT_CALL_VOICE : SIGHT_GROUP_VOICE,
        STATUS_OK);
}

static void see_announcement_and_media(struct span payload, struct view_frame *out) {
    struct reader r = reader_of(payload);
    struct span announcement = read_span_u16(&r);
    do {
        read_span_u16(&r);
    } while (reader_left(&r) > 0);
    if (r.failed) {
        see(out, SIGHT_ANNOUNCEMENT_AND_VOICE, STATUS_TRUNCATED);
    } else {
        see_announcement(SIGHT_ANNOUNCEMENT_AND_VOICE, announcement, out);
    }
}

void overheard_look(struct span octets, struct view_frame *out) {
    struct frame frame;
    struct fragment part;
    struct said_link link;
    struct revocation list;
    uint32_t hour;
    enum status status = frame_read(octets, &frame);
    *out = (struct view_frame){.sight = SIGHT_UNKNOWN};
    if (status != STATUS_OK) {
        see(out, SIGHT_UNKNOWN, status);
        return;
    }
    switch (frame.kind) {
    case FRAME_PRESENCE:
        see_presence(frame.payload, out);
        break;
    case FRAME_PRESENCE_LINK:
        see(out, SIGHT_PRESENCE_LINK, presence_link_read(frame.payload, &link));
        break;
    case FRAME_D2D:
        see_d2d(frame.payload, out);
        break;
    case FRAME_ANNOUNCEMENT:
        see_announcement(SIGHT_ANNOUNCEMENT, frame.payload, out);
        break;
    case FRAME_MEDIA:
        see_media(frame.payload, out);
        break;
    case FRAME_ANNOUNCEMENT_AND_MEDIA:
        see_announcement_and_media(frame.payload, out);
        break;
    case FRAME_KEY_DELIVERY:
        see_i_message(SIGHT_KEY_DELIVERY, frame.payload, out);
        break;
    case FRAME_RECEIPT:
        see_receipt(frame.payload, out);
        break;
    case FRAME_VOICE_REPORT:
        see(out, SIGHT_VOICE_REPORT, voice_report_gmk_id(frame.payload, &out->key_id));
        break;
    case FRAME_FLOOR:
        see(out, SIGHT_FLOOR, floor_request_gmk_id(frame.payload, &out->key_id));
        break;
    case FRAME_INQUIRY:
        see(out, SIGHT_INQUIRY, STATUS_OK);
        break;
    case FRAME_ATTENDANCE:
        see_attendance(frame.payload, out);
        break;
    case FRAME_REVOCATION:
        see(out, SIGHT_REVOCATION, revocation_read(frame.payload, &list));
        break;
    case FRAME_MESSAGE:
        see(out, SIGHT_MESSAGE, group_message_head(frame.payload, &out->key_id, &hour));
        break;
    case FRAME_MESSAGE_RECEIPT:
        see(out, SIGHT_MESSAGE_RECEIPT, group_message_head(frame.payload, &out->key_id, &hour));
        break;
    case FRAME_FRAGMENT:
        see(out, SIGHT_FRAGMENT, fragment_read(frame.payload, &part));
        break;
    case FRAME_RELAY_CONTROL:
        see(out, SIGHT_RELAY_CONTROL, STATUS_OK);
        break;
    }
}
