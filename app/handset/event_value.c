/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values of events, and their names for machines. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/handset/event.h"

/* --- Names of values ------------------------------------------------------------------------ */

static const char *const value_names[EVENT_VALUES] = {
    [VALUE_IDENTITY] = "identity", [VALUE_NAME] = "name",
    [VALUE_GROUP] = "group",       [VALUE_GROUP_NAME] = "group_name",
    [VALUE_GMK_ID] = "gmk_id",     [VALUE_REASON] = "reason",
    [VALUE_MESSAGE] = "message",   [VALUE_CHECK] = "check",
    [VALUE_COUNT] = "count",       [VALUE_DURATION] = "duration_ms",
    [VALUE_TAG] = "tag",           [VALUE_DAY] = "day",
    [VALUE_MONTH] = "month",       [VALUE_LINE] = "line",
    [VALUE_PART] = "part",         [VALUE_PARTS] = "parts",
    [VALUE_LINK] = "link",         [VALUE_CONDITION] = "condition",
    [VALUE_OBJECT] = "object",     [VALUE_DETAIL] = "detail",
    [VALUE_ERROR] = "error",       [VALUE_NUMBER] = "number",
    [VALUE_MORE] = "more",         [VALUE_SOURCE] = "source",
    [VALUE_SOURCES] = "sources",   [VALUE_NAME_KIND] = "name_kind",
    [VALUE_NEW_NAME] = "new_name",
};

static const char *const name_kind_names[NAME_KINDS] = {
    [NAME_CLAIMED] = "claimed",
    [NAME_ACCEPTED] = "accepted",
    [NAME_ATTESTED] = "attested",
    [NAME_GIVEN] = "given",
};

static const char *const reason_names[REASON_COUNT] = {
    [REASON_NONE] = "none",
    [REASON_OFFICER_DECLINED] = "officer-declined",
    [REASON_NO_DECISION] = "no-decision",
    [REASON_PERIOD_TOO_LONG] = "period-too-long",
    [REASON_BUSY] = "busy",
    [REASON_TOO_OFTEN] = "too-often",
    [REASON_CANNOT_SAVE] = "cannot-save",
    [REASON_PROPOSAL_REFUSED] = "proposal-refused",
    [REASON_BROKE_OFF] = "broke-off",
    [REASON_NO_ANSWER] = "no-answer",
    [REASON_CONTACT_LOST] = "contact-lost",
    [REASON_NO_RECEIPT] = "no-receipt",
    [REASON_RESTART] = "restart",
    [REASON_AIRPLANE] = "airplane",
    [REASON_SILENCE] = "radio-silence",
    [REASON_CHECK_FAILED] = "check-failed",
    [REASON_HUNG_UP] = "hung-up",
    [REASON_OTHER_HUNG_UP] = "other-hung-up",
    [REASON_SLEPT] = "slept",
    [REASON_TWO_DEVICES] = "two-devices",
    [REASON_REVOKED] = "revoked",
    [REASON_LOST] = "lost",
};

static const char *const message_names[MESSAGE_COUNT] = {
    [MESSAGE_NONE] = "none",
    [MESSAGE_PRESENCE] = "presence",
    [MESSAGE_I_MESSAGE] = "i-message",
    [MESSAGE_D2D_HELLO] = "d2d-hello",
    [MESSAGE_D2D_RECORD] = "d2d-record",
    [MESSAGE_D2D_FRAME] = "d2d-frame",
    [MESSAGE_GROUP_PROPOSAL] = "group-proposal",
    [MESSAGE_GROUP_KEY] = "group-key",
    [MESSAGE_ANNOUNCEMENT] = "announcement",
    [MESSAGE_ANNOUNCEMENT_AND_MEDIA] = "announcement-and-media",
    [MESSAGE_VOICE] = "voice",
    [MESSAGE_CALL_VOICE] = "call-voice",
    [MESSAGE_KEY_DELIVERY] = "key-delivery",
    [MESSAGE_RECEIPT] = "receipt",
    [MESSAGE_REVOCATION] = "list-of-the-revoked",
    [MESSAGE_GROUP_MESSAGE] = "group-message",
};

const char *event_value_name(enum event_value value) {
    return (unsigned)value < EVENT_VALUES ? value_names[value] : "none";
}

const char *event_reason_name(enum event_reason reason) {
    return reason_names[(unsigned)reason < REASON_COUNT ? reason : REASON_NONE];
}

const char *event_message_name(enum event_message message) {
    return message_names[(unsigned)message < MESSAGE_COUNT ? message : MESSAGE_NONE];
}

const char *event_name_kind_name(enum name_kind kind) {
    return name_kind_names[(unsigned)kind < NAME_KINDS ? kind : NAME_CLAIMED];
}

const char *event_weight_name(enum log_weight weight) {
    return weight == LOG_WARNING ? "warning" : weight == LOG_NOTICE ? "notice" : "detail";
}

enum event_reason event_reason_named(const char *name) {
    for (int reason = 0; reason < REASON_COUNT; reason++) {
        if (strcmp(reason_names[reason], name) == 0) {
            return (enum event_reason)reason;
        }
    }
    return REASON_NONE;
}

/* --- Values --------------------------------------------------------------------------------- */

static void parts_text(uint32_t parts, char out[EVENT_VALUE_SIZE]) {
    size_t length = 0;
    for (unsigned number = 1; number <= EVENT_PARTS_MAX; number++) {
        if ((parts >> (number - 1) & 1) != 0) {
            length += (size_t)snprintf(out + length, EVENT_VALUE_SIZE - length, "%s%u",
                                       length > 0 ? "," : "", number);
        }
    }
}

/* What is a text already; NULL: none of these. */
static const char *text_of(const struct event *event, enum event_value value) {
    switch (value) {
    case VALUE_IDENTITY:
        return event->identity;
    case VALUE_NAME:
        return event->name;
    case VALUE_NAME_KIND:
        return event->name[0] == '\0' ? "" : event_name_kind_name(event->name_kind);
    case VALUE_NEW_NAME:
        return event->new_name;
    case VALUE_GROUP:
        return event->group;
    case VALUE_GROUP_NAME:
        return event->group_name;
    case VALUE_REASON:
        return event->reason == REASON_NONE ? "" : event_reason_name(event->reason);
    case VALUE_MESSAGE:
        return event->message == MESSAGE_NONE ? "" : event_message_name(event->message);
    case VALUE_CHECK:
        return event->check == NULL ? "" : event->check;
    case VALUE_TAG:
        return event->tag;
    case VALUE_DAY:
        return event->day;
    case VALUE_MONTH:
        return event->month;
    case VALUE_LINK:
        return event->link;
    case VALUE_SOURCE:
        return event->source;
    case VALUE_CONDITION:
        return event->condition.name == NULL ? "" : event->condition.name;
    case VALUE_OBJECT:
        return event->condition.object;
    case VALUE_DETAIL:
        return event->condition.detail;
    default:
        return NULL;
    }
}

/* A number that stands as such; 0 is none. */
static int64_t number_of(const struct event *event, enum event_value value) {
    switch (value) {
    case VALUE_COUNT:
        return event->count;
    case VALUE_LINE:
        return event->line;
    case VALUE_PART:
        return event->part;
    case VALUE_DURATION:
        return event->duration_ms;
    case VALUE_ERROR:
        return event->condition.error;
    case VALUE_NUMBER:
        return event->condition.number;
    case VALUE_MORE:
        return event->condition.more;
    case VALUE_SOURCES:
        return event->sources;
    default:
        return 0;
    }
}

void event_value_text(const struct event *event, enum event_value value,
                      char out[EVENT_VALUE_SIZE]) {
    out[0] = '\0';
    if ((unsigned)value >= EVENT_VALUES || (event_values(event->kind) >> value & 1) == 0) {
        return;
    }
    const char *text = text_of(event, value);
    int64_t number = number_of(event, value);
    if (text != NULL) {
        snprintf(out, EVENT_VALUE_SIZE, "%s", text);
    } else if (value == VALUE_PARTS) {
        parts_text(event->parts, out);
    } else if (value == VALUE_GMK_ID && event->gmk_id != 0) {
        snprintf(out, EVENT_VALUE_SIZE, "%08" PRIX32, event->gmk_id);
    } else if (number != 0) {
        snprintf(out, EVENT_VALUE_SIZE, "%" PRId64, number);
    }
}

bool event_has(const struct event *event, enum event_value value) {
    char text[EVENT_VALUE_SIZE];
    event_value_text(event, value, text);
    return text[0] != '\0';
}
