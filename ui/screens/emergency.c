/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/emergency.h"

#include <stdio.h>
#include <string.h>

#include "ui/character.h"
#include "ui/screens/text.h"
#include "ui/screens/who.h"
#include "ui/words/words.h"

enum {
    LINE_SIZE = WHO_SIZE + OFFICER_NAME_SIZE + 128
};

const char *emergency_hold_it(const struct view *view, const char *group) {
    for (size_t i = 0; i < view->emergency_count; i++) {
        if (view->emergencies[i].self && strcmp(view->emergencies[i].group, group) == 0) {
            return _("You called an EMERGENCY in this group. Press ! to say that it is over.");
        }
    }
    return _("To call an EMERGENCY, hold E for a second, or press it again and again for so long.");
}

static const char *who(const struct view_emergency *emergency, char room[WHO_SIZE]) {
    return emergency->self
               ? _("You")
               : who_words(room, emergency->name, emergency->name_kind, emergency->identity);
}

static const char *where(const struct view *view, const struct view_emergency *emergency,
                         char room[TEXT_GROUP_SIZE]) {
    const struct view_group *group = text_group(view, emergency->group);
    return group != NULL ? text_group_name(room, group)
                         : text_name(emergency->group_name, emergency->group);
}

static bool is_same(const struct view_emergency *one, const struct view_emergency *other) {
    return strcmp(one->identity, other->identity) == 0 && strcmp(one->group, other->group) == 0 &&
           one->began_utc_ms == other->began_utc_ms;
}

void emergency_screen_key(struct emergency_screen *screen, struct turn *turn) {
    const struct view *view = turn->view;
    if (scroll_key(&screen->scroll, turn->press) || turn->press != 'y' ||
        view->emergency_count == 0) {
        return;
    }
    const struct view_emergency *first = &view->emergencies[0];
    if (!is_same(&screen->drawn, first)) {
        turn->notice = _(turn_look_again);
        return;
    }
    turn_command_group(turn, first->self ? COMMAND_EMERGENCY : COMMAND_ACKNOWLEDGE, first->group);
    text_copy(turn->command->identity, sizeof turn->command->identity, first->identity);
    screen->drawn.identity[0] = '\0';
    if (view->emergency_count == 1) {
        turn->go = PLACE_BACK;
    }
}

static void write_emergency(struct page *page, const struct view *view,
                            const struct view_emergency *emergency) {
    char began[TEXT_SIZE], room[WHO_SIZE], group[TEXT_GROUP_SIZE];
    text_time(emergency->began_utc_ms, began);
    page_print(page, 0, STYLE_BAD, _("EMERGENCY: %s in %s"), who(emergency, room),
               where(view, emergency, group));
    page_text(page, 0, STYLE_STRONG, emergency->identity);
    page_print(page, 0, STYLE_PLAIN, _("since %s UTC"), began);
    if (emergency->is_over) {
        page_text(page, 0, STYLE_GOOD, _("Its caller says that it is over."));
    }
    page_gap(page);
    if (emergency->self) {
        page_text(page, 0, STYLE_PLAIN,
                  _("Your talks in this group go before all others until you say that it is over. "
                    "The group is told then."));
        page_text(page, 0, STYLE_STRONG, _("y: it is over"));
    } else {
        page_text(page, 0, STYLE_PLAIN,
                  _("Signed by this identity, a member of the group. Once you have acknowledged "
                    "it, this handset shows it no more. Nobody else is told that you have."));
        page_text(page, 0, STYLE_STRONG, _("y: I have seen it"));
    }
}

void emergency_screen_draw(struct emergency_screen *screen, const struct view *view,
                           struct area area) {
    struct page page = page_begin(&screen->scroll, area);
    do {
        page_gap(&page);
        if (view->emergency_count == 0) {
            page_text(&page, 0, STYLE_PLAIN, _("There is no emergency to acknowledge."));
        } else {
            write_emergency(&page, view, &view->emergencies[0]);
        }
        if (view->emergency_count > 1) {
            page_gap(&page);
            page_print(&page, 0, STYLE_CAUTION, _("And %zu more after this one."),
                       view->emergency_count - 1);
        }
    } while (page_again(&page));
    screen->drawn = (struct view_emergency){.self = false};
    if (view->emergency_count > 0 && area.rows > 0) {
        screen->drawn = view->emergencies[0];
    }
}

void emergency_screen_hints(const struct view *view, struct hints *hints) {
    if (view->emergency_count > 0) {
        hints_add(hints, "y", view->emergencies[0].self ? _("it is over") : _("seen"));
    }
}

bool emergency_banner(const struct view *view, struct area line) {
    if (view->emergency_count == 0) {
        return false;
    }
    const struct view_emergency *first = &view->emergencies[0];
    char text[LINE_SIZE], name[WHO_SIZE], began[TEXT_SIZE], more[TEXT_SIZE] = "";
    char group[TEXT_GROUP_SIZE];
    text_time(first->began_utc_ms, began);
    if (view->emergency_count > 1) {
        snprintf(more, sizeof more, " +%zu", view->emergency_count - 1);
    }
    snprintf(text, sizeof text, _("! EMERGENCY: %s in %s, %.8s%s"), who(first, name),
             where(view, first, group), began, first->is_over ? _(" (over)") : "");
    int end = line.columns - 1 - text_width(more);
    area_fill(line, ' ', STYLE_BAD);
    area_text(line, 0, end, STYLE_BAD, more);
    end = first->self ? end : who_draw_digits(line, 0, end, STYLE_BAD, first->identity) - 1;
    if (text_width(text) > end - 1) {
        snprintf(text, sizeof text, _("! %.5s EMERGENCY %s"), began, who(first, name));
    }
    if (text_width(text) > end - 1) {
        snprintf(text, sizeof text, _("! EMERGENCY %s"), who(first, name));
    }
    area_text_fit(line, 0, 1, end - 1, STYLE_BAD, text);
    return true;
}
