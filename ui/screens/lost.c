/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/lost.h"

#include <string.h>

#include "ui/screens/nearby.h"
#include "ui/screens/revoked.h"
#include "ui/screens/text.h"
#include "ui/screens/who.h"
#include "ui/ui.h"
#include "ui/words/who.h"
#include "ui/words/words.h"

void lost_open(struct lost_question *lost, const struct view *view, const char *identity) {
    *lost = (struct lost_question){.is_back = revoked_is_lost(view, identity)};
    text_copy(lost->identity, sizeof lost->identity, identity);
}

void lost_close(struct lost_question *lost) {
    *lost = (struct lost_question){.is_back = false};
}

bool lost_is_open(const struct lost_question *lost) {
    return lost->identity[0] != '\0';
}

void lost_key(struct lost_question *lost, struct turn *turn) {
    if (turn->press == PRESS_ESCAPE) {
        lost_close(lost);
    } else if (turn->press == 'y' && !lost->drawn) {
        turn->notice = _("Read it to the end first.");
    } else if (turn->press == 'y') {
        turn_command_identity(turn, lost->is_back ? COMMAND_REPORT_FOUND : COMMAND_REPORT_LOST,
                              lost->identity);
        lost_close(lost);
    } else {
        scroll_key(&lost->scroll, turn->press);
    }
}

/* --- Drawing ---------------------------------------------------------------------------------- */

static const struct view_member *member_in(const struct view_group *group, const char *identity) {
    for (size_t i = 0; i < group->member_count; i++) {
        if (strcmp(group->members[i].identity, identity) == 0) {
            return &group->members[i];
        }
    }
    return NULL;
}

const char *lost_who(const struct view *view, const char *identity, char room[WHO_SIZE]) {
    const struct view_nearby *nearby = nearby_find(view, identity);
    if (nearby != NULL) {
        return who_words(room, nearby->name, nearby->name_kind, identity);
    }
    for (size_t i = 0; i < view->group_count; i++) {
        const struct view_member *member = member_in(&view->groups[i], identity);
        if (member != NULL) {
            return who_words(room, member->name, member->name_kind, identity);
        }
    }
    const struct view_lost *row = revoked_lost_find(view, identity);
    return row != NULL ? who_words(room, row->name, row->name_kind, identity)
                       : who_words(room, "", NAME_CLAIMED, identity);
}

void lost_write_unread(struct page *page, const struct view_group *group) {
    if (group->unread > 0) {
        page_print(page, 0, STYLE_CAUTION,
                   words_many("%zu unread message goes with the old key.",
                              "%zu unread messages go with the old key.", group->unread),
                   group->unread);
    }
}

/* The groups that it is in: those made here, which get a new key, or those of others. Returns how
 * many they are. */
static size_t write_groups(struct page *page, const struct view *view, const char *identity,
                           bool is_own) {
    size_t count = 0;
    for (size_t i = 0; i < view->group_count; i++) {
        const struct view_group *group = &view->groups[i];
        char name[TEXT_GROUP_SIZE];
        if (group->created_here != is_own || group->gmk_state == GMK_EXPIRED ||
            member_in(group, identity) == NULL) {
            continue;
        }
        text_group_name(name, group);
        if (is_own) {
            page_print(page, 0, STYLE_PLAIN, _("%s gets a new key without it."), name);
            lost_write_unread(page, group);
        } else {
            page_print(page, 0, STYLE_CAUTION, _("%s keeps its key: tell whoever made that group."),
                       name);
        }
        count++;
    }
    return count;
}

static void write_loss(struct page *page, const struct view *view, const char *identity) {
    char reported[REPORT_WORDS_SIZE];
    const struct view_message *report = revoked_report_find(view, identity);
    if (report != NULL) {
        revoked_report_text(report, reported);
        page_text(page, 0, STYLE_CAUTION, reported);
    }
    if (write_groups(page, view, identity, true) > 0) {
        page_text(
            page, 0, STYLE_CAUTION,
            _("The others are asked to accept it, and talk on under the old key until then."));
    }
    write_groups(page, view, identity, false);
    page_text(page, 0, STYLE_PLAIN,
              _("Do this if its handset may be in the wrong hands. What it says is refused here "
                "from now on: "
                "talk, calls, invitations. It is trusted no more, and gets no key."));
    if (view->airplane || view->radio_silence) {
        page_text(page, 0, STYLE_CAUTION,
                  _("This handset is silent: new keys wait until that is over."));
    }
    page_text(
        page, 0, STYLE_DIM,
        _("Members of the groups that you share with it are told. They refuse nothing until their "
          "officers report it too. Tell whoever runs your KMS."));
}

void lost_draw(struct lost_question *lost, const struct view *view, struct area area) {
    char room[WHO_SIZE];
    const char *who = lost_who(view, lost->identity, room);
    struct page page = page_begin(&lost->scroll, area);
    do {
        page_print(&page, 0, STYLE_STRONG,
                   lost->is_back ? _("Has %s's handset been found?") : _("Report %s lost?"), who);
        page_text(&page, 0, STYLE_DIM, lost->identity);
        page_gap(&page);
        if (lost->is_back) {
            page_text(&page, 0, STYLE_PLAIN,
                      _("Only when you know that its owner has it and nobody else had it open. It "
                        "is heard again. It gets keys, and is trusted, when you say so."));
        } else {
            write_loss(&page, view, lost->identity);
        }
    } while (page_again(&page));
    /* What counts is at the end too: of a page that is longer than the screen that has to be seen.
     */
    lost->drawn = lost->drawn || (area.rows > 0 && lost->scroll.top + area.rows >= page.row);
}

void lost_hints(const struct lost_question *lost, struct hints *hints) {
    if (lost->drawn) {
        hints_add(hints, "y", lost->is_back ? _("it is found") : _("report it lost"));
    } else {
        hints_add(hints, _("up/down"), _("read on"));
    }
    hints_add(hints, _("esc"), _("back"));
}

/* --- All who are lost ------------------------------------------------------------------------- */

static struct rows lost_rows(const struct view *view) {
    return rows_of(view->lost, sizeof view->lost[0], view->revoked.lost);
}

void lost_screen_key(struct lost_screen *screen, struct turn *turn) {
    if (lost_is_open(&screen->question)) {
        lost_key(&screen->question, turn);
        return;
    }
    struct rows rows = lost_rows(turn->view);
    list_settle(&screen->list, &rows);
    if (list_key(&screen->list, &rows, turn->press)) {
        return;
    }
    if (turn->press == PRESS_ESCAPE) {
        turn->go = PLACE_BACK;
    } else if (turn->press == LOST_PRESS && rows.count > 0) {
        if (list_is_sure(&screen->list)) {
            lost_open(&screen->question, turn->view, screen->list.focus);
        } else {
            turn->notice = _(turn_look_again);
        }
    }
}

void lost_screen_draw(struct lost_screen *screen, const struct view *view, struct area area) {
    if (lost_is_open(&screen->question)) {
        lost_draw(&screen->question, view, area);
        return;
    }
    struct rows rows = lost_rows(view);
    int detail = area.rows >= 8 ? 3 : 0;
    struct area list = area_within(area, 1, 0, area.rows - 1 - detail, area.columns);
    area_words_fit(area, 0, 1, area.columns - 2, STYLE_DIM,
                   rows.count > 0 ? _("Reported lost by you") : _("Nobody is reported lost."));
    size_t end = list_draw(&screen->list, &rows, list);
    for (size_t i = screen->list.top; i < end; i++) {
        const struct view_lost *row = &view->lost[i];
        enum style style = list_style(&screen->list, i, STYLE_PLAIN);
        struct area line = area_within(list, (int)(i - screen->list.top), 0, 1, list.columns - 1);
        area_fill(line, ' ', style);
        area_text(line, 0, 0, style, list_mark(&screen->list, i));
        if (text_is_full(area)) {
            char name[WHO_SIZE];
            int at = line.columns / 2;
            text_tail(line, 0, 2, at - 3, style, row->identity);
            area_text_fit(line, 0, at, line.columns - at - 1, style,
                          who_name(name, row->name, row->name_kind));
        } else {
            who_draw(line, 0, 2, line.columns - 2, style, row->name, row->name_kind, row->identity);
        }
    }
    if (detail > 0 && rows.count > 0) {
        text_wrapped(area_within(area, area.rows - detail, 0, detail, area.columns), 0, 1,
                     area.columns - 2, STYLE_STRONG, screen->list.focus);
    }
}

void lost_screen_hints(const struct lost_screen *screen, const struct view *view,
                       struct hints *hints) {
    if (lost_is_open(&screen->question)) {
        lost_hints(&screen->question, hints);
        return;
    }
    if (view->revoked.lost > 0) {
        hints_add(hints, LOST_KEY, _("found"));
    }
    hints_add(hints, _("esc"), _("back"));
}
