/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was refused, and floods: what is told with how many there were and where they came from. */
#include <stdio.h>

#include "ui/words/event.h"
#include "ui/words/reason.h"
#include "ui/words/sentence.h"
#include "ui/words/words.h"

enum {
    SOURCE_WORDS_SIZE = 160,
};

/* "10.0.0.7 (udp)", "udp", "37 addresses or more"; empty where nothing is known. */
static void source_words(const struct event *event, char out[SOURCE_WORDS_SIZE]) {
    char one[EVENT_SOURCE_SIZE + VIEW_LINK_SIZE + 4] = "";
    bool has_link = event->link[0] != '\0';
    if (event->source[0] != '\0') {
        snprintf(one, sizeof one, has_link ? "%s (%s)" : "%s", event->source, event->link);
    } else if (has_link) {
        snprintf(one, sizeof one, "%s", event->link);
    }
    if (event->sources == 0) {
        snprintf(out, SOURCE_WORDS_SIZE, "%s", one);
        return;
    }
    char others[SOURCE_WORDS_SIZE / 2];
    snprintf(others, sizeof others,
             words_many("%u address or more", "%u addresses or more", event->sources),
             event->sources);
    snprintf(out, SOURCE_WORDS_SIZE, one[0] != '\0' ? "%s, %s" : "%s%s", one, others);
}

static bool say_message(const struct sentence *s, const struct event *event) {
    switch (event->message) {
    case MESSAGE_PRESENCE:
        return say(s, _("Presence refused: %s"), s->check);
    case MESSAGE_I_MESSAGE:
        return say(s, _("I_MESSAGE refused: %s"), s->check);
    case MESSAGE_D2D_HELLO:
        return say(s, _("D2D answer refused: %s"), s->check);
    case MESSAGE_D2D_RECORD:
        return say(s, _("D2D record refused: %s"), s->check);
    case MESSAGE_D2D_FRAME:
        return say(s, _("D2D frame refused: %s"), s->check);
    case MESSAGE_GROUP_PROPOSAL:
        return say(s, _("Invitation to a group refused: %s"), s->check);
    case MESSAGE_GROUP_KEY:
        return say(s, _("Group key refused: %s"), s->check);
    case MESSAGE_ANNOUNCEMENT:
        return say(s, _("Announcement refused: %s"), s->check);
    case MESSAGE_ANNOUNCEMENT_AND_MEDIA:
        return say(s, _("Announcement with voice refused: %s"), s->check);
    case MESSAGE_VOICE:
        return say(s, _("Voice refused: %s"), s->check);
    case MESSAGE_CALL_VOICE:
        return say(s, _("Voice of a one-to-one talk refused: %s"), s->check);
    case MESSAGE_KEY_DELIVERY:
        return say(s, _("Key delivery refused: %s"), s->check);
    case MESSAGE_RECEIPT:
        return say(s, _("Receipt refused: %s"), s->check);
    case MESSAGE_REVOCATION:
        return say(s, _("List of the revoked refused: %s"), s->check);
    case MESSAGE_GROUP_MESSAGE:
        return say(s, _("Message in a group refused: %s"), s->check);
    case MESSAGE_NONE:
    case MESSAGE_COUNT:
        break;
    }
    return event->check != NULL ? say(s, _("Message refused: %s"), s->check)
                                : say(s, "%s", _("Other messages refused"));
}

bool say_refused(const struct sentence *s, const struct event *event) {
    char message[EVENT_WORDS_SIZE / 2], source[SOURCE_WORDS_SIZE];
    const struct sentence part = {.out = message, .size = sizeof message, .check = s->check};
    if (event->kind != EVENT_REFUSED) {
        return false;
    }
    source_words(event, source);
    (void)say_message(&part, event);
    if (event->count > 1 && source[0] != '\0') {
        return say(s, _("%s; %u times from %s"), message, event->count, source);
    }
    if (event->count > 1) {
        return say(s, _("%s; %u times"), message, event->count);
    }
    return source[0] != '\0' ? say(s, _("%s; from %s"), message, source) : say(s, "%s", message);
}

bool say_flood(const struct sentence *s, const struct event *event) {
    char source[SOURCE_WORDS_SIZE], lasted[PERIOD_WORDS_SIZE];
    switch (event->kind) {
    case EVENT_FLOOD:
        source_words(event, source);
        return source[0] != '\0'
                   ? say(s, _("Somebody floods this radio: %u frames a second from %s"),
                         (unsigned)event->condition.number, source)
                   : say(s, _("Somebody floods this radio: %u frames a second"),
                         (unsigned)event->condition.number);
    case EVENT_FLOOD_OVER:
        time_words(event->duration_ms, lasted);
        return say(s, _("The flood of this radio is over; it lasted %s"), lasted);
    default:
        return false;
    }
}
