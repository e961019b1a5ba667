/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/waiting.h"

#include <stdio.h>
#include <string.h>

#include "ui/screens/text.h"
#include "ui/words/who.h"
#include "ui/words/words.h"

static bool is_here(const struct view *view, const char *group) {
    return view->floor.asked != ASKED_NOTHING && strcmp(view->floor.asked_group, group) == 0;
}

bool waiting_is_asked(const struct view *view, const char *group) {
    return is_here(view, group) && view->floor.asked != ASKED_YOUR_TURN;
}

/* Long queues are rare: what is behind the eighth is not told apart. */
static const char *place_words(unsigned position) {
    static const char *const words_of[] = {
        N_("Queued"),      N_("Queued: 1st"), N_("Queued: 2nd"),
        N_("Queued: 3rd"), N_("Queued: 4th"), N_("Queued: 5th"),
        N_("Queued: 6th"), N_("Queued: 7th"), N_("Queued: 8th"),
    };
    return _(words_of[position < sizeof words_of / sizeof words_of[0] ? position : 0]);
}

int waiting_draw(const struct view *view, const char *group, struct area area, int row) {
    const struct view_floor *floor = &view->floor;
    char line[TEXT_SIZE];
    if (view->talking && floor->waiting > 0) {
        snprintf(line, sizeof line,
                 words_many("%u waits to talk", "%u wait to talk", floor->waiting), floor->waiting);
        return text_wrapped(area, row, 1, area.columns - 2, STYLE_CAUTION, line);
    }
    if (!waiting_is_asked(view, group)) {
        return 0;
    }
    return text_wrapped(area, row, 1, area.columns - 2, STYLE_STRONG,
                        floor->asked == ASKED_UNANSWERED ? _("Asking to talk next…")
                                                         : place_words(floor->position));
}

static const struct view_turn *turn_in(const struct view *view, const char *group) {
    for (size_t i = 0; i < view->floor.turn_count; i++) {
        if (strcmp(view->floor.turns[i].group, group) == 0) {
            return &view->floor.turns[i];
        }
    }
    return NULL;
}

const char *waiting_turn(const struct view *view, const char *group, char *room, size_t size) {
    const struct view_turn *turn = turn_in(view, group);
    if (is_here(view, group) && view->floor.asked == ASKED_YOUR_TURN) {
        return _("Nobody talks. Your turn: press space to talk.");
    }
    if (turn == NULL) {
        return NULL;
    }
    if (turn->identity[0] == '\0') {
        return _("Nobody talks. It is another's turn.");
    }
    char who[WHO_SIZE];
    snprintf(room, size, _("Nobody talks. It is the turn of %s."),
             who_told(who, turn->name, turn->name_kind, turn->identity));
    return room;
}

bool waiting_is_notice(enum event_kind kind) {
    return kind == EVENT_FLOOR_TAKEN || kind == EVENT_FLOOR_ASKED ||
           kind == EVENT_FLOOR_TAKEN_BACK || kind == EVENT_FLOOR_KEPT ||
           kind == EVENT_FLOOR_GRANTED;
}

bool waiting_is_past(const struct view *view, const struct event *notice,
                     const struct view_talker *talker) {
    if (notice->kind == EVENT_FLOOR_GRANTED) {
        return view->floor.asked != ASKED_YOUR_TURN;
    }
    if (notice->kind == EVENT_FLOOR_KEPT) {
        const struct view_turn *turn = turn_in(view, notice->group);
        return turn == NULL || strcmp(turn->identity, notice->identity) != 0;
    }
    return talker == NULL;
}

void waiting_hints(const struct view *view, const char *group, bool is_taken, struct hints *hints) {
    if (is_taken && waiting_is_asked(view, group)) {
        hints_add(hints, _("space"), _("take it back"));
    } else if (is_taken && !view->radio_silence) {
        hints_add(hints, _("space"), _("talk next"));
    } else if (!is_taken && turn_in(view, group) == NULL) {
        hints_add(hints, _("space"), _("talk"));
    }
}
