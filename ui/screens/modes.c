/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/modes.h"
#include "ui/words/words.h"

const char modes_airplane[] = N_("nothing is sent or heard, on any link");
const char modes_silence[] = N_("listens only; your own talk and calls go out");
const char modes_no_talk[] = N_("Airplane mode is on: nobody can hear you. 0 ends it.");

static bool is_talking(const struct view *view) {
    return view->talking || view->call_state != CALL_NONE;
}

static const char *question(const struct view *view, enum modes_asked asked) {
    if (asked == MODES_ASKED_SILENCE) {
        return view->radio_silence
                   ? _("End radio silence? Others see you again. Press y.")
                   : _("Radio silence? You only listen, and nobody sees you. Press y.");
    }
    return view->airplane     ? _("End airplane mode? Press y.")
           : is_talking(view) ? _("Airplane mode? It ends your talk or call. Press y.")
                              : _("Airplane mode? Nothing is sent or heard. Press y.");
}

bool modes_key(struct turn *turn, enum modes_asked before, enum modes_asked *asked) {
    const struct view *view = turn->view;
    *asked = turn->press == (unsigned char)MODES_AIRPLANE_KEY[0]  ? MODES_ASKED_AIRPLANE
             : turn->press == (unsigned char)MODES_SILENCE_KEY[0] ? MODES_ASKED_SILENCE
                                                                  : MODES_ASKED_NOTHING;
    if (*asked != MODES_ASKED_NOTHING) {
        turn->notice = question(view, *asked);
        return true;
    }
    if (before == MODES_ASKED_NOTHING || turn->press != 'y') {
        return false;
    }
    bool is_airplane = before == MODES_ASKED_AIRPLANE;
    turn_command(turn, is_airplane ? COMMAND_AIRPLANE : COMMAND_RADIO_SILENCE);
    turn->command->on = is_airplane ? !view->airplane : !view->radio_silence;
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
