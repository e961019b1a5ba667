/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/again.h"

#include <stdio.h>

#include "ui/screens/text.h"
#include "ui/words/who.h"
#include "ui/words/words.h"

static bool is_quiet(const struct view *view) {
    return !view->talking && view->talker_count == 0 && view->call_state != CALL_ACTIVE;
}

bool again_key(struct turn *turn, const struct view_group *group) {
    const struct view *view = turn->view;
    if (turn->press == 's' && view->again.is_playing) {
        turn_command(turn, COMMAND_SAY_AGAIN);
        return true;
    }
    if (turn->press != 'a' || group == NULL || !is_quiet(view)) {
        return false;
    }
    turn_command_group(turn, COMMAND_SAY_AGAIN, group->identity);
    turn->command->on = 1;
    return true;
}

int again_draw(const struct view *view, struct area area, int row) {
    const struct view_again *again = &view->again;
    char headline[WHO_SIZE + TEXT_SIZE], who[WHO_SIZE], said[TEXT_SIZE], elapsed[TEXT_SIZE],
        lasts[TEXT_SIZE];
    if (!again->is_playing) {
        return 0;
    }
    text_time(again->began_utc_ms, said);
    text_elapsed(again->elapsed_ms, elapsed);
    text_elapsed(again->lasts_ms, lasts);
    snprintf(headline, sizeof headline, _("Said again: %s at %s"),
             who_words(who, again->name, again->name_kind, again->identity), said);
    int rows = text_wrapped(area, row, 1, area.columns - 2, STYLE_STRONG, headline);
    rows += text_wrapped(area, row + rows, 1, area.columns - 2, STYLE_STRONG, again->identity);
    int at = 3 + area_print(area, row + rows, 1, STYLE_DIM, _("%s of %s"), elapsed, lasts);
    int width = area.columns - at - 1;
    area_bar(area, row + rows, at, width < 30 ? width : 30, STYLE_PLAIN, again->level, 100);
    return rows + 1;
}

void again_hints(const struct view *view, const struct view_group *group, struct hints *hints) {
    if (!is_quiet(view)) {
        return;
    }
    if (view->again.is_playing) {
        hints_add(hints, "a", _("the one before"));
        hints_add(hints, "s", _("stop"));
    } else if (group != NULL && group->says_again) {
        hints_add(hints, "a", _("say again"));
    }
}
