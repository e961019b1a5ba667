/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/shelf.h"

#include <string.h>

enum {
    OWN_LINES = 56,
    ASKED_LINES = 24,
    EMERGENCY_LINES = 16,
    TALK_LINES = 40,
    AROUND_LINES = 24,
    NEARBY_LINES = 16,
};

enum shelf shelf_of(enum event_kind kind) {
    switch (kind) {
    case EVENT_INVITED_TO_GROUP:
    case EVENT_INVITED_TO_REKEY:
    case EVENT_INVITED_TO_CALL:
    case EVENT_INVITATION_EXPIRED:
    case EVENT_INVITATION_WITHDRAWN:
    case EVENT_INVITATION_LOST:
    case EVENT_INVITATION_REFUSED:
    case EVENT_GROUP_KEY_REFUSED:
    case EVENT_CALLS_QUIETED:
    case EVENT_INVITATIONS_QUIETED:
    case EVENT_STRANGERS_QUIETED:
    case EVENT_CALL_BEGAN:
    case EVENT_CALL_ENDED:
        return SHELF_ASKED;
    case EVENT_EMERGENCY:
    case EVENT_EMERGENCY_OVER:
    case EVENT_EMERGENCY_QUIETED:
    case EVENT_EMERGENCY_SEEN:
        return SHELF_EMERGENCIES;
    case EVENT_TALK_BEGAN:
    case EVENT_TALK_ENDED:
    case EVENT_OTHERS_KEY:
    case EVENT_OLD_KEY_USED:
    case EVENT_TALKER_UNHEARD:
    case EVENT_TALKER_OUT_OF_TIME:
    case EVENT_OWN_TALK_BEGAN:
    case EVENT_OWN_TALK_ENDED:
    case EVENT_OWN_TALK_CUT_OFF:
    case EVENT_OWN_TALK_UNHEARD:
    case EVENT_OWN_TALK_SLEPT:
    case EVENT_FLOOR_LOST:
    case EVENT_FLOOR_GRANTED:
    case EVENT_FLOOR_TURN_MISSED:
    case EVENT_FLOOR_NOT_ANSWERED:
    case EVENT_FLOOR_DENIED:
    case EVENT_FLOOR_REQUEST_OVER:
    case EVENT_FLOOR_CLAIMED_LATE:
    case EVENT_MESSAGE:
    case EVENT_OWN_TALK_ENDS_SOON:
    case EVENT_OWN_TALK_TOO_LONG:
        return SHELF_TALK;
    case EVENT_FELL_SILENT:
    case EVENT_IDENTITY_TWICE:
    case EVENT_IDENTITY_ALONE:
    case EVENT_NEIGHBOUR_TWICE:
    case EVENT_VOICE_FORGED:
    case EVENT_NEIGHBOUR_KEYS_ENDED:
    case EVENT_LINK_NEWS:
    case EVENT_LINK_PROBLEM:
    case EVENT_OTHER_VERSION:
    case EVENT_FLOOD:
    case EVENT_FLOOD_OVER:
    case EVENT_CLOCK_DIFFERS:
    case EVENT_CLOCK_AGREES:
    case EVENT_CLOCK_MAY_BE_BEHIND:
        return SHELF_AROUND;
    case EVENT_NEARBY:
        return SHELF_NEARBY;
    default:
        return SHELF_OWN;
    }
}

size_t shelf_size(enum shelf shelf) {
    static const size_t sizes[SHELVES] = {
        [SHELF_OWN] = OWN_LINES,
        [SHELF_ASKED] = ASKED_LINES,
        [SHELF_EMERGENCIES] = EMERGENCY_LINES,
        [SHELF_TALK] = TALK_LINES,
        [SHELF_AROUND] = AROUND_LINES,
        [SHELF_NEARBY] = NEARBY_LINES,
    };
    return sizes[shelf];
}

size_t shelf_alike_max(enum shelf shelf) {
    static const size_t alike[SHELVES] = {
        [SHELF_OWN] = 8,  [SHELF_ASKED] = 3,  [SHELF_EMERGENCIES] = 3,
        [SHELF_TALK] = 6, [SHELF_AROUND] = 3, [SHELF_NEARBY] = 1,
    };
    return alike[shelf];
}

bool shelf_is_alike(const struct event *one, const struct event *other) {
    if (one->kind != other->kind) {
        return false;
    }
    unsigned values = event_values(one->kind);
    bool has_identity = (values >> VALUE_IDENTITY & 1) != 0,
         has_group = (values >> VALUE_GROUP & 1) != 0;
    if (has_identity && strcmp(one->identity, other->identity) != 0) {
        return false;
    }
    if (has_group && (!has_identity || shelf_of(one->kind) == SHELF_OWN)) {
        return strcmp(one->group, other->group) == 0;
    }
    return (values >> VALUE_LINK & 1) == 0 || strcmp(one->link, other->link) == 0;
}

_Static_assert(OWN_LINES + ASKED_LINES + EMERGENCY_LINES + TALK_LINES + AROUND_LINES +
                       NEARBY_LINES ==
                   SHELVES_LINES,
               "the shelves are the log");
