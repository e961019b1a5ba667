/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/filter.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ui/character.h"
#include "ui/screens/text.h"
#include "ui/ui.h"
#include "ui/words/words.h"

/* Is it a URI, as identities are, and not a part of one? Whether it is one in reach is found out.
 */
static bool is_whole(const char *text) {
    const char *scheme_end = strchr(text, ':');
    return scheme_end != NULL && scheme_end != text && strlen(scheme_end) > 6;
}

static void look_up(struct filter *filter, struct turn *turn) {
    if (turn->view->airplane || turn->view->radio_silence) {
        turn->notice = _("Nobody is asked in radio silence or airplane mode.");
        return;
    }
    turn_command_identity(turn, COMMAND_LOOK_UP, filter->field.text);
    filter->is_asked = true;
}

const char *filter_whole(const struct filter *filter) {
    return !filter->is_typing && is_whole(filter->field.text) ? filter->field.text : NULL;
}

bool filter_is_on(const struct filter *filter) {
    return filter->field.length > 0;
}

bool filter_key(struct filter *filter, const struct rows *rows, struct turn *turn) {
    if (!filter->is_typing && turn->press == '/') {
        filter->is_typing = true;
        return true;
    }
    if (turn->press == PRESS_ESCAPE && (filter->is_typing || filter_is_on(filter))) {
        *filter = (struct filter){.is_typing = false};
        return true;
    }
    if (!filter->is_typing) {
        return false;
    }
    if (turn->press == PRESS_ENTER) {
        filter->is_typing = false;
        if (rows->count == 0 && is_whole(filter->field.text)) {
            look_up(filter, turn);
        }
        return true;
    }
    bool is_typed = field_key(&filter->field, OFFICER_IDENTITY_SIZE, turn->press);
    filter->is_asked = filter->is_asked && !is_typed;
    return is_typed;
}

/* ASCII letters of either case are the same; of others the octets are compared. */
static bool has(const char *text, const char *part) {
    size_t length = strlen(part);
    for (; strlen(text) >= length; text++) {
        if (strncasecmp(text, part, length) == 0) {
            return true;
        }
    }
    return false;
}

bool filter_passes(const struct filter *filter, const char *identity, const char *name) {
    return !filter_is_on(filter) || has(identity, filter->field.text) ||
           has(name, filter->field.text);
}

int filter_draw(const struct filter *filter, size_t left, const struct view *view,
                struct area area) {
    char count[TEXT_SIZE];
    if (!filter->is_typing && !filter_is_on(filter)) {
        return 0;
    }
    snprintf(count, sizeof count, _("%zu of %zu"), left, view->nearby_total);
    int width = area.columns - text_width(count) - 4;
    area_text(area, 0, 1, STYLE_STRONG, "/");
    if (filter->is_typing) {
        field_draw(&filter->field, false, area, 0, 2, width);
    } else {
        text_tail(area, 0, 2, width, STYLE_STRONG, filter->field.text);
    }
    area_text(area, 0, area.columns - 1 - text_width(count), STYLE_DIM, count);
    return 1;
}

void filter_draw_nobody(const struct filter *filter, const struct view *view, struct area area) {
    const char *said =
        !filter->is_asked ? _("Nobody found. Enter on a whole identity asks for it by name.")
        : view->is_asking ? _("Asked for that identity. It appears here when it answers.")
                          : _("That identity does not answer. To ask again, press / and enter.");
    text_wrapped(area, 0, 1, area.columns - 2, STYLE_PLAIN, said);
}

void filter_more(const struct view *view, char *out, size_t size) {
    out[0] = '\0';
    if (view->nearby_total > view->nearby_count) {
        snprintf(out, size, _("and %zu more"), view->nearby_total - view->nearby_count);
    }
}

void filter_hint(const struct filter *filter, const struct view *view, struct hints *hints) {
    enum {
        FEW = 12
    };
    if (filter->is_typing) {
        hints_add(hints, _("enter"), _("done"));
    }
    if (filter->is_typing || filter_is_on(filter)) {
        hints_add(hints, _("esc"), _("all"));
    } else if (view->nearby_total > FEW) {
        hints_add(hints, "/", _("find"));
    }
}
