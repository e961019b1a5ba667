/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/words/frame.h"

#include <stdio.h>

#include "ui/words/check.h"
#include "ui/words/words.h"

/* What the frame is where nothing more is known of it. */
static const char *kind_of(enum frame_sight sight) {
    switch (sight) {
    case SIGHT_PRESENCE:
        return _("presence");
    case SIGHT_PRESENCE_LINK:
        return _("presence link");
    case SIGHT_I_MESSAGE:
        return _("I_MESSAGE");
    case SIGHT_D2D_ANSWER:
    case SIGHT_D2D_REQUEST:
    case SIGHT_D2D_RESPONSE:
    case SIGHT_D2D_RECORD:
        return _("D2D record");
    case SIGHT_ANNOUNCEMENT:
        return _("announcement");
    case SIGHT_ANNOUNCEMENT_AND_VOICE:
        return _("announcement with voice");
    case SIGHT_GROUP_VOICE:
    case SIGHT_CALL_VOICE:
    case SIGHT_VOICE:
        return _("voice");
    case SIGHT_KEY_DELIVERY:
        return _("key delivery");
    case SIGHT_RECEIPT:
        return _("receipt");
    case SIGHT_VOICE_REPORT:
        return _("voice report");
    case SIGHT_FLOOR:
        return _("floor request");
    case SIGHT_INQUIRY:
        return _("inquiry by name");
    case SIGHT_ATTENDANCE:
        return _("attendance word");
    case SIGHT_REVOCATION:
        return _("list of the revoked");
    case SIGHT_MESSAGE:
        return _("message");
    case SIGHT_MESSAGE_RECEIPT:
        return _("receipt of a message");
    case SIGHT_RELAY_CONTROL:
        return _("relay control");
    case SIGHT_FRAGMENT:
        return _("part of a longer frame");
    case SIGHT_UNKNOWN:
    case SIGHT_COUNT:
        break;
    }
    return _("unknown frame");
}

void frame_words(const struct view_frame *frame, char *out, size_t size) {
    unsigned long long connection = frame->connection;
    if (frame->check != NULL) {
        snprintf(out, size, "%s", kind_of(frame->sight));
        return;
    }
    switch (frame->sight) {
    case SIGHT_PRESENCE:
        snprintf(out, size, _("presence of %s"), frame->from);
        return;
    case SIGHT_I_MESSAGE:
        snprintf(out, size, _("I_MESSAGE %s -> %s"), frame->from, frame->to);
        return;
    case SIGHT_D2D_ANSWER:
        snprintf(out, size, _("D2D answer on connection %016llX"), connection);
        return;
    case SIGHT_D2D_REQUEST:
        snprintf(out, size, _("D2D request on connection %016llX"), connection);
        return;
    case SIGHT_D2D_RESPONSE:
        snprintf(out, size, _("D2D response on connection %016llX"), connection);
        return;
    case SIGHT_ANNOUNCEMENT:
        snprintf(out, size, _("announcement by %s for group %s"), frame->from, frame->group);
        return;
    case SIGHT_ANNOUNCEMENT_AND_VOICE:
        snprintf(out, size, _("announcement by %s for group %s, with voice"), frame->from,
                 frame->group);
        return;
    case SIGHT_KEY_DELIVERY:
        snprintf(out, size, _("key delivery %s -> %s"), frame->from, frame->to);
        return;
    case SIGHT_RECEIPT:
        snprintf(out, size, _("receipt of %s for GMK %08X of group %s"), frame->from,
                 (unsigned)frame->key_id, frame->group);
        return;
    default:
        snprintf(out, size, "%s", kind_of(frame->sight));
        return;
    }
}

void frame_protection_words(const struct view_frame *frame, char *out, size_t size) {
    unsigned key_id = frame->key_id;
    if (frame->check != NULL) {
        snprintf(out, size, _("garbled (%s)"), check_words(frame->check));
        return;
    }
    switch (frame->sight) {
    case SIGHT_PRESENCE:
    case SIGHT_RECEIPT:
    case SIGHT_INQUIRY:
    case SIGHT_REVOCATION:
        snprintf(out, size, "%s", _("signed (ECCSI)"));
        return;
    case SIGHT_PRESENCE_LINK:
        snprintf(out, size, "%s", _("link of a one-way chain (SHA-256)"));
        return;
    case SIGHT_I_MESSAGE:
    case SIGHT_KEY_DELIVERY:
        snprintf(out, size, "%s", _("key encapsulated to the receiver (SAKKE), signed (ECCSI)"));
        return;
    case SIGHT_D2D_ANSWER:
    case SIGHT_D2D_REQUEST:
    case SIGHT_D2D_RESPONSE:
    case SIGHT_D2D_RECORD:
        snprintf(out, size, "%s", _("sealed (XChaCha20-Poly1305)"));
        return;
    case SIGHT_ANNOUNCEMENT:
        snprintf(out, size, _("GSK under GMK %08X, signed (ECCSI)"), key_id);
        return;
    case SIGHT_ANNOUNCEMENT_AND_VOICE:
        snprintf(out, size, _("GSK under GMK %08X, signed (ECCSI); voice: SRTP AES-GCM"), key_id);
        return;
    case SIGHT_GROUP_VOICE:
        snprintf(out, size, _("SRTP AES-GCM under a key from GMK %08X"), key_id);
        return;
    case SIGHT_CALL_VOICE:
        snprintf(out, size, _("SRTP AES-GCM under a key from the TGK %08X"), key_id);
        return;
    case SIGHT_VOICE_REPORT:
    case SIGHT_FLOOR:
    case SIGHT_MESSAGE:
    case SIGHT_MESSAGE_RECEIPT:
        snprintf(out, size, _("sealed under a key from GMK %08X (XChaCha20-Poly1305)"), key_id);
        return;
    case SIGHT_ATTENDANCE:
        snprintf(out, size, _("sealed under a key from GMK %08X (AES-SIV)"), key_id);
        return;
    case SIGHT_VOICE:
        snprintf(out, size, "%s", _("SRTP AES-GCM"));
        return;
    case SIGHT_FRAGMENT:
        snprintf(out, size, "%s", _("as the whole is"));
        return;
    case SIGHT_RELAY_CONTROL:
        snprintf(out, size, "%s", _("carries no key"));
        return;
    case SIGHT_UNKNOWN:
    case SIGHT_COUNT:
        break;
    }
    out[0] = '\0';
}
