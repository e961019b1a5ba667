/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/modes.h"
#include "ui/words/words.h"

const char modes_airplane[] = N_("nothing is sent or heard, on any link");
const char modes_silence[] = N_("listens only; your own talk and calls go out");
const char modes_question[] = N_("Airplane mode ends your talk or call: press 0 again to confirm.");
const char modes_no_talk[] = N_("Airplane mode is on: nobody can hear you. 0 ends it.");

static bool is_talking(const struct view *view) {
    return view->talking || view->call_state != CALL_NONE;
}

bool modes_key(struct turn *turn, bool is_asked) {
    const struct view *view = turn->view;
    if (turn->press == (unsigned char)MODES_SILENCE_KEY[0]) {
        turn_command(turn, COMMAND_RADIO_SILENCE);
        turn->command->on = !view->radio_silence;
    } else if (turn->press != (unsigned char)MODES_AIRPLANE_KEY[0]) {
        return false;
    } else if (!view->airplane && is_talking(view) && !is_asked) {
        turn->notice = _(modes_question);
    } else {
        turn_command(turn, COMMAND_AIRPLANE);
        turn->command->on = !view->airplane;
    }
    return true;
}

const char *modes_mark(const struct view *view) {
    return view->airplane ? _(" AIRPLANE ") : view->radio_silence ? _(" SILENT ") : "";
}

void modes_end_hints(const struct view *view, struct hints *hints) {
    if (view->airplane) {
        hints_add(hints, MODES_AIRPLANE_KEY, _("end airplane"));
    } else if (view->radio_silence) {
        hints_add(hints, MODES_SILENCE_KEY, _("end silence"));
    }
}

void modes_begin_hints(const struct view *view, struct hints *hints) {
    if (!view->airplane) {
        hints_add(hints, MODES_AIRPLANE_KEY, _("airplane"));
        if (!view->radio_silence) {
            hints_add(hints, MODES_SILENCE_KEY, _("silence"));
        }
    }
}
