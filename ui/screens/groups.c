/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/groups.h"

#include <inttypes.h>

#include "ui/character.h"
#include "ui/screens/manager.h"
#include "ui/screens/manager_pages.h"
#include "ui/screens/page.h"
#include "ui/screens/reach.h"
#include "ui/screens/text.h"
#include "ui/ui.h"
#include "ui/words/words.h"

/* The columns of the full layout behind the name, each with a blank. */
struct columns {
    int kind, members, gmk_id, left, bar;
};

static struct columns columns_of(void) {
    return (struct columns){
        .kind = text_widest(_("Kind"), _("standard"), _("ad-hoc"), NULL) + 1,
        .members = text_widest(_("Members"), "0000", NULL) + 2,
        .gmk_id = text_widest(_("GMK id"), "00000000", NULL) + 2,
        .left = text_widest(_("Time left"), _("EXPIRED"), _("not yet"), "00 h 00 min", "! 59 min",
                            NULL) +
                3,
        .bar = 11,
    };
}

const char groups_is_managed[] =
    N_("Only its manager gives this group its keys and takes them away.");

const char groups_no_talk[] = N_("The key of this group cannot be used now.");

static struct rows groups_rows(const struct view *view) {
    struct rows rows = {0};
    for (size_t i = 0; i < view->group_count; i++) {
        rows_add(&rows, view->groups[i].identity);
    }
    /* Who gives a group its keys need not be a member of it. */
    for (size_t i = 0; i < view->managed_count; i++) {
        if (text_group(view, view->managed[i].identity) == NULL) {
            rows_add(&rows, view->managed[i].identity);
        }
    }
    return rows;
}

bool groups_can_rekey(const struct view_group *group) {
    return group->kind == GROUP_ADHOC && group->created_here;
}

bool groups_can_add(const struct view_group *group) {
    return groups_can_rekey(group) && group->gmk_state == GMK_USABLE;
}

bool groups_can_delete(const struct view_group *group) {
    return !group->managed;
}

const char *groups_kind(enum group_kind kind) {
    return kind == GROUP_STANDARD ? _("standard") : _("ad-hoc");
}

void groups_screen_focus(struct groups_screen *groups, const struct view *view, const char *group) {
    struct rows rows = groups_rows(view);
    list_focus(&groups->list, &rows, group);
}

static void act(struct groups_screen *groups, struct turn *turn) {
    const struct view_group *focus = text_group(turn->view, groups->list.focus);
    const struct view_managed *managed = manager_group(turn->view, groups->list.focus);
    if (focus == NULL && managed == NULL) {
        return;
    }
    if (!list_is_sure(&groups->list)) {
        turn->notice = _(turn_look_again);
    } else if (managed != NULL &&
               (turn->press == MANAGE_PRESS || (focus == NULL && turn->press == PRESS_ENTER))) {
        turn_go(turn, PLACE_MANAGER, managed->identity);
    } else if (turn->press == MANAGE_PRESS) {
        turn->notice = _("This handset is not the manager of this group.");
    } else if (focus == NULL) {
        turn->notice = _("This handset gives the group its keys, but holds none of them itself.");
    } else if (turn->press == 't' && focus->gmk_state != GMK_USABLE) {
        turn->notice = _(groups_no_talk);
    } else if (turn->press == 't') {
        turn_go(turn, PLACE_TALK, focus->identity);
    } else if (turn->press == 'x' && !groups_can_delete(focus)) {
        turn->notice = _(groups_is_managed);
    } else if (turn->press != REKEY_PRESS) {
        turn_go(turn, PLACE_GROUP, focus->identity);
    } else if (groups_can_rekey(focus)) {
        turn_go(turn, PLACE_NEW_GROUP, focus->identity);
    } else if (focus->kind == GROUP_STANDARD) {
        turn->notice = _(groups_is_managed);
    } else {
        turn->notice = _("Only the handset that made the group can give it a new key.");
    }
}

void groups_screen_key(struct groups_screen *groups, struct turn *turn) {
    struct rows rows = groups_rows(turn->view);
    list_settle(&groups->list, &rows);
    if (list_key(&groups->list, &rows, turn->press)) {
        return;
    }
    switch (turn->press) {
    case PRESS_ENTER:
    case 't':
    case REKEY_PRESS:
    case MANAGE_PRESS:
    case 'x':
        act(groups, turn);
        break;
    case 'n':
        turn_go(turn, PLACE_NEW_GROUP, "");
        break;
    default:
        break;
    }
}

static void draw_row(const struct view_group *group, struct area line, enum style style,
                     bool selected, bool full) {
    enum style left_style = selected ? style : text_left_style(group);
    char left[TEXT_SIZE];
    text_left_short(group, left);
    if (!full) {
        int at = line.columns - text_left_columns() - 1;
        text_group_fit(line, 0, 2, at - 3, style, group);
        area_text(line, 0, line.columns - text_width(left) - 1, left_style, left);
        return;
    }
    struct columns columns = columns_of();
    int at = line.columns - columns.bar;
    text_left_bar(line, 0, at, columns.bar - 1, group);
    if (group->gmk_state == GMK_USABLE && group->remaining_ms > group->period_ms / 10) {
        text_duration(group->remaining_ms, left);
    }
    area_text(line, 0, at -= columns.left, left_style, left);
    area_print(line, 0, at -= columns.gmk_id, style, "%08" PRIX32, group->gmk_id);
    at -= columns.members;
    if (group->kind == GROUP_ADHOC) {
        area_print(line, 0, at, style, "%4zu", reach_of(group).others + 1);
    }
    area_text(line, 0, at -= columns.kind, style, groups_kind(group->kind));
    text_group_fit(line, 0, 2, at - 3, style, group);
}

/* A group that this handset gives keys to without being a member. */
static void draw_managed_row(const struct view_managed *group, struct area line, enum style style,
                             bool full) {
    if (!full) {
        int at = line.columns - text_width(_("manager")) - 1;
        area_text_fit(line, 0, 2, at - 3, style, group->name);
        area_text(line, 0, at, style, _("manager"));
        return;
    }
    struct columns columns = columns_of();
    int at = line.columns - columns.bar - columns.left;
    area_text(line, 0, at, style, _("you are its manager"));
    at -= columns.gmk_id;
    if (group->gmk_id != 0) {
        area_print(line, 0, at, style, "%08" PRIX32, group->gmk_id);
    }
    area_print(line, 0, at -= columns.members, style, "%4zu", group->members);
    area_text(line, 0, at -= columns.kind, style, groups_kind(GROUP_STANDARD));
    area_text_fit(line, 0, 2, at - 3, style, group->name);
}

static void draw_heading(struct area line) {
    struct columns columns = columns_of();
    int at = line.columns - 1 - columns.bar - columns.left;
    area_text(line, 0, at, STYLE_DIM, _("Time left"));
    area_text(line, 0, at -= columns.gmk_id, STYLE_DIM, _("GMK id"));
    area_text(line, 0, at -= columns.members, STYLE_DIM, _("Members"));
    area_text(line, 0, at - columns.kind, STYLE_DIM, _("Kind"));
    area_text(line, 0, 2, STYLE_DIM, _("Group"));
}

static void draw_rows(struct groups_screen *groups, const struct view *view, struct area area) {
    struct rows rows = groups_rows(view);
    size_t end = list_draw(&groups->list, &rows, area);
    for (size_t i = groups->list.top; i < end; i++) {
        enum style style = list_style(&groups->list, i, STYLE_PLAIN);
        struct area line = area_within(area, (int)(i - groups->list.top), 0, 1, area.columns - 1);
        area_fill(line, ' ', style);
        area_text(line, 0, 0, style, list_mark(&groups->list, i));
        const struct view_managed *managed = manager_group(view, rows_key(&rows, i));
        if (i < view->group_count) {
            draw_row(&view->groups[i], line, style, i == groups->list.row, text_is_full(area));
        } else if (managed != NULL) {
            draw_managed_row(managed, line, style, text_is_full(area));
        }
    }
}

/* The group under the cursor in full. */
static void draw_focus(const struct view_group *focus, bool is_manager, struct area area) {
    struct page page = page_begin(NULL, area);
    do {
        if (text_is_full(area)) {
            page_text(&page, 0, STYLE_STRONG, focus->identity);
            page_text(
                &page, 0, STYLE_PLAIN,
                is_manager ? _("You are its manager: g shows who has the key.")
                : focus->gmk_state != GMK_USABLE ? _("Its key cannot be used to talk or listen.")
                : focus->time_unproven ? _("Time not proven: no handset nearby has agreed.")
                : focus->kind == GROUP_STANDARD ? _("Its manager gives this handset its keys.")
                : focus->created_here           ? _("Made by this handset.")
                                                : _("Made by another handset."));
            continue;
        }
        char left[TEXT_SIZE];
        text_left(focus, left);
        page_print(&page, 0, STYLE_PLAIN, "GMK %08" PRIX32 " %s", focus->gmk_id,
                   groups_kind(focus->kind));
        page_print(&page, 0, text_left_style(focus), "%s", left);
        text_left_bar(area, page_row(&page), 1, area.columns - 2, focus);
    } while (page_again(&page));
}

static void draw_managed_focus(const struct view_managed *focus, struct area area) {
    char key[96];
    enum style style;
    struct page page = page_begin(NULL, area);
    manager_key_text(focus, key, sizeof key, &style);
    do {
        page_text(&page, 0, STYLE_STRONG, focus->identity);
        page_text(&page, 0, style, key);
    } while (page_again(&page));
}

void groups_screen_draw(struct groups_screen *groups, const struct view *view, struct area area) {
    if (view->group_count == 0 && view->managed_count == 0) {
        struct page page = page_begin(NULL, area);
        do {
            page_text(&page, 0, STYLE_PLAIN, _("No group yet."));
            page_gap(&page);
            page_text(&page, 0, STYLE_DIM,
                      _("Press n to make one, or wait until somebody invites you to theirs."));
        } while (page_again(&page));
        groups->list.sure = false;
        return;
    }
    int row = 0;
    if (text_is_full(area)) {
        draw_heading(area_within(area, 0, 0, 1, area.columns));
        row = 1;
    }
    int detail = area.rows >= 8 ? 3 : 0;
    draw_rows(groups, view, area_within(area, row, 0, area.rows - row - detail, area.columns));
    const struct view_group *focus = text_group(view, groups->list.focus);
    const struct view_managed *managed = manager_group(view, groups->list.focus);
    struct area below = area_within(area, area.rows - detail, 0, detail, area.columns);
    if (detail > 0 && focus != NULL) {
        draw_focus(focus, managed != NULL, below);
    } else if (detail > 0 && managed != NULL) {
        draw_managed_focus(managed, below);
    }
}

void groups_screen_hints(const struct groups_screen *groups, const struct view *view,
                         struct hints *hints) {
    const struct view_group *focus = text_group(view, groups->list.focus);
    if (focus != NULL && focus->gmk_state == GMK_USABLE) {
        hints_add(hints, "t", _("talk"));
    }
    if (focus != NULL) {
        hints_add(hints, _("enter"), _("open"));
    }
    if (manager_group(view, groups->list.focus) != NULL) {
        hints_add(hints, MANAGE_KEY, _("manage"));
    }
    hints_add(hints, "n", _("new"));
    if (focus != NULL && groups_can_rekey(focus)) {
        hints_add(hints, REKEY_KEY, _("new key"));
    }
    if (focus != NULL && groups_can_delete(focus)) {
        hints_add(hints, "x", _("delete"));
    }
}
