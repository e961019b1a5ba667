/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/manager.h"

#include <string.h>

#include "ui/screens/manager_pages.h"
#include "ui/screens/text.h"
#include "ui/ui.h"
#include "ui/words/words.h"

enum {
    DAY = 24 * 60 * 60 * 1000
};

const int64_t manager_periods_ms[MANAGER_PERIODS] = {DAY / 3, DAY, 7 * (int64_t)DAY,
                                                     14 * (int64_t)DAY, 30 * (int64_t)DAY};
static const int64_t preferred_period_ms = 7 * (int64_t)DAY;

const struct view_managed *manager_group(const struct view *view, const char *identity) {
    for (size_t i = 0; i < view->managed_count; i++) {
        if (strcmp(view->managed[i].identity, identity) == 0) {
            return &view->managed[i];
        }
    }
    return NULL;
}

void manager_open(struct manager *manager, const char *identity) {
    memset(manager, 0, sizeof *manager);
    text_copy(manager->identity, sizeof manager->identity, identity);
    manager->period_ms = preferred_period_ms;
}

bool manager_is_typing(const struct manager *manager) {
    return manager->step == MANAGER_TYPE || manager->step == MANAGER_FIND;
}

bool manager_is_deciding(const struct manager *manager) {
    return manager->step != MANAGER_MEMBERS;
}

void manager_look_away(struct manager *manager) {
    manager->members.sure = false;
    manager->picks.sure = false;
    manager->drawn = false;
}

static void go_to(struct manager *manager, enum manager_step step) {
    manager->step = step;
    manager->drawn = false;
    manager->scroll = (struct scroll){0};
}

/* Begins what has to be confirmed; a new key wants its period first. */
static void begin(struct manager *manager, enum command_kind action, const char *member) {
    bool is_rekey = action == COMMAND_MANAGE_REKEY || action == COMMAND_MANAGE_EXCLUDE;
    manager->action = action;
    text_copy(manager->member, sizeof manager->member, member);
    go_to(manager, is_rekey ? MANAGER_PERIOD : MANAGER_CONFIRM);
}

static const char no_keys[] =
    N_("There are no keys of this group for this month: get them from its KMS.");

/* Keys about the member under the cursor. */
static void act(struct manager *manager, const struct view_managed *group, struct turn *turn) {
    const struct view_managed_member *member = manager_member(group, manager->members.focus);
    if (member == NULL) {
        return;
    }
    bool is_excluded = member->state == MANAGED_EXCLUDED;
    if (!list_is_sure(&manager->members)) {
        turn->notice = _(turn_look_again);
    } else if (turn->press == 'b') {
        turn->notice = is_excluded ? NULL : _("This member is not excluded.");
        if (is_excluded) {
            begin(manager, COMMAND_MANAGE_INCLUDE, member->identity);
        }
    } else if (is_excluded) {
        turn->notice = _("This member is excluded: b lets it in again.");
    } else if (turn->press == 's') {
        turn_command_group(turn, COMMAND_MANAGE_AGAIN, manager->identity);
        text_copy(turn->command->identity, sizeof turn->command->identity, member->identity);
    } else if (!group->has_keys) {
        turn->notice = _(no_keys);
    } else {
        begin(manager, COMMAND_MANAGE_EXCLUDE, member->identity);
    }
}

static void key_members(struct manager *manager, const struct view_managed *group,
                        struct turn *turn) {
    struct rows rows = manager_rows(group);
    list_settle(&manager->members, &rows);
    if (list_key(&manager->members, &rows, turn->press)) {
        return;
    }
    switch (turn->press) {
    case PRESS_ESCAPE:
        turn->go = PLACE_BACK;
        break;
    case 'r':
        turn->notice = group->has_keys ? NULL : _(no_keys);
        if (group->has_keys) {
            begin(manager, COMMAND_MANAGE_REKEY, "");
        }
        break;
    case 'a':
        memset(&manager->picks, 0, sizeof manager->picks);
        go_to(manager, MANAGER_PICK);
        break;
    case 'f':
        go_to(manager, MANAGER_FIND);
        break;
    case 'x':
    case 'b':
    case 's':
        act(manager, group, turn);
        break;
    default:
        break;
    }
}

/* The next one behind the cursor, round the end: the same again finds another. */
static bool find_next(struct manager *manager, const struct view_managed *group) {
    struct rows rows = manager_rows(group);
    for (size_t i = 1; i <= group->row_count; i++) {
        const struct view_managed_member *member =
            &group->rows[(manager->members.row + i) % group->row_count];
        if (strcasestr(member->identity, manager->sought.text) != NULL ||
            strcasestr(member->name, manager->sought.text) != NULL) {
            list_focus(&manager->members, &rows, member->identity);
            return true;
        }
    }
    return false;
}

static void key_find(struct manager *manager, const struct view_managed *group, struct turn *turn) {
    if (field_key(&manager->sought, OFFICER_NAME_SIZE, turn->press)) {
        return;
    }
    if (turn->press == PRESS_ESCAPE) {
        go_to(manager, MANAGER_MEMBERS);
    } else if (turn->press == PRESS_ENTER) {
        field_trim(&manager->sought);
        if (find_next(manager, group)) {
            go_to(manager, MANAGER_MEMBERS);
        } else {
            turn->notice = _("No member on the roll has that in its name or identity.");
        }
    }
}

static void key_pick(struct manager *manager, const struct view_managed *group, struct turn *turn) {
    struct rows rows = manager_picks(group, turn->view);
    list_settle(&manager->picks, &rows);
    if (list_key(&manager->picks, &rows, turn->press)) {
        return;
    }
    if (turn->press == PRESS_ESCAPE) {
        go_to(manager, MANAGER_MEMBERS);
    } else if (turn->press == 't') {
        manager->typed = (struct field){.length = 0};
        go_to(manager, MANAGER_TYPE);
    } else if (turn->press == PRESS_ENTER && rows.count > 0) {
        if (list_is_sure(&manager->picks)) {
            begin(manager, COMMAND_MANAGE_ADD, manager->picks.focus);
        } else {
            turn->notice = _(turn_look_again);
        }
    }
}

static void key_type(struct manager *manager, const struct view_managed *group, struct turn *turn) {
    if (field_key(&manager->typed, OFFICER_IDENTITY_SIZE, turn->press)) {
        return;
    }
    if (turn->press == PRESS_ESCAPE) {
        go_to(manager, MANAGER_PICK);
    } else if (turn->press == PRESS_ENTER) {
        field_trim(&manager->typed);
        if (manager->typed.length == 0) {
            turn->notice = _("Type an identity, like tel:+447700900123.");
        } else if (manager_member(group, manager->typed.text) != NULL) {
            turn->notice = _("This identity is on the roll already.");
        } else {
            begin(manager, COMMAND_MANAGE_ADD, manager->typed.text);
        }
    }
}

static void key_period(struct manager *manager, struct turn *turn) {
    size_t at = 0;
    while (at + 1 < MANAGER_PERIODS && manager_periods_ms[at] != manager->period_ms) {
        at++;
    }
    if (turn->press == PRESS_ESCAPE) {
        go_to(manager, MANAGER_MEMBERS);
    } else if (turn->press == PRESS_ENTER) {
        go_to(manager, MANAGER_CONFIRM);
    } else if ((turn->press == PRESS_UP || turn->press == 'k') && at > 0) {
        manager->period_ms = manager_periods_ms[at - 1];
    } else if ((turn->press == PRESS_DOWN || turn->press == 'j') && at + 1 < MANAGER_PERIODS) {
        manager->period_ms = manager_periods_ms[at + 1];
    }
}

static void leave_confirm(struct manager *manager) {
    bool has_period =
        manager->action == COMMAND_MANAGE_REKEY || manager->action == COMMAND_MANAGE_EXCLUDE;
    bool was_typed = manager->action == COMMAND_MANAGE_ADD && manager->typed.length > 0;
    go_to(manager, has_period                              ? MANAGER_PERIOD
                   : was_typed                             ? MANAGER_TYPE
                   : manager->action == COMMAND_MANAGE_ADD ? MANAGER_PICK
                                                           : MANAGER_MEMBERS);
}

static void key_confirm(struct manager *manager, struct turn *turn) {
    if (scroll_key(&manager->scroll, turn->press)) {
        return;
    }
    if (turn->press == PRESS_ESCAPE) {
        leave_confirm(manager);
    } else if (turn->press == 'y' && !manager->drawn) {
        turn->notice = _(turn_look_again);
    } else if (turn->press == 'y') {
        turn_command_group(turn, manager->action, manager->identity);
        text_copy(turn->command->identity, sizeof turn->command->identity, manager->member);
        turn->command->period_ms = manager->period_ms;
        turn->command->on = manager->warned;
        manager->typed = (struct field){.length = 0};
        go_to(manager, MANAGER_MEMBERS);
    }
}

void manager_key(struct manager *manager, struct turn *turn) {
    const struct view_managed *group = manager_group(turn->view, manager->identity);
    if (group == NULL) {
        turn->go = turn->press == PRESS_ESCAPE ? PLACE_BACK : PLACE_HERE;
        return;
    }
    switch (manager->step) {
    case MANAGER_MEMBERS:
        key_members(manager, group, turn);
        break;
    case MANAGER_FIND:
        key_find(manager, group, turn);
        break;
    case MANAGER_PICK:
        key_pick(manager, group, turn);
        break;
    case MANAGER_TYPE:
        key_type(manager, group, turn);
        break;
    case MANAGER_PERIOD:
        key_period(manager, turn);
        break;
    default:
        key_confirm(manager, turn);
        break;
    }
}

void manager_draw(struct manager *manager, const struct view *view, struct area area) {
    const struct view_managed *group = manager_group(view, manager->identity);
    if (group == NULL) {
        area_words_fit(area, 0, 1, area.columns - 1, STYLE_STRONG,
                       _("This group no longer exists."));
        return;
    }
    switch (manager->step) {
    case MANAGER_MEMBERS:
        manager_draw_members(manager, group, view, area);
        break;
    case MANAGER_FIND:
        manager_draw_find(manager, area);
        break;
    case MANAGER_PICK:
        manager_draw_pick(manager, group, view, area);
        break;
    case MANAGER_TYPE:
        manager_draw_type(manager, area);
        break;
    case MANAGER_PERIOD:
        manager_draw_period(manager, area);
        break;
    default:
        manager_draw_confirm(manager, group, view, area);
        break;
    }
}

static void hint_members(const struct manager *manager, const struct view_managed *group,
                         struct hints *hints) {
    const struct view_managed_member *focus = manager_member(group, manager->members.focus);
    hints_add(hints, "r", _("rekey"));
    if (focus != NULL && focus->state == MANAGED_EXCLUDED) {
        hints_add(hints, "b", _("let in again"));
    } else if (focus != NULL) {
        hints_add(hints, "x", _("exclude"));
        hints_add(hints, "s", _("send again"));
    }
    hints_add(hints, "a", _("add"));
    if (group->row_count > 0) {
        hints_add(hints, "f", _("find"));
    }
}

void manager_hints(const struct manager *manager, const struct view *view, struct hints *hints) {
    const struct view_managed *group = manager_group(view, manager->identity);
    if (group == NULL) {
        return;
    }
    switch (manager->step) {
    case MANAGER_MEMBERS:
        hint_members(manager, group, hints);
        break;
    case MANAGER_PICK:
        if (manager_picks(group, view).count > 0) {
            hints_add(hints, _("enter"), _("next"));
        }
        hints_add(hints, "t", _("type an identity"));
        break;
    case MANAGER_FIND:
        hints_add(hints, _("enter"), _("find"));
        break;
    case MANAGER_TYPE:
        hints_add(hints, _("enter"), _("next"));
        break;
    case MANAGER_PERIOD:
        hints_add(hints, _("enter"), _("next"));
        hints_add(hints, _("up/down"), _("choose"));
        break;
    default:
        hints_add(hints, "y", _("yes"));
        break;
    }
}
