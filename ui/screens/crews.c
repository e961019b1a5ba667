/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/crews.h"

#include <stdio.h>
#include <string.h>

#include "ui/character.h"
#include "ui/screens/new_group_pages.h"
#include "ui/screens/text.h"
#include "ui/screens/who.h"
#include "ui/ui.h"
#include "ui/words/words.h"

/* The rows behind the crews; no crew has such a key. */
static const char all_trusted[] = "+";
static const char the_others[] = "-";

void crews_open(struct crews_page *page) {
    memset(page, 0, sizeof *page);
}

static struct rows rows_in(const struct view *view) {
    struct rows rows = {0};
    for (size_t i = 0; i < view->crew_count; i++) {
        rows_add(&rows, view->crews[i].key);
    }
    rows_add(&rows, all_trusted);
    rows_add(&rows, the_others);
    return rows;
}

static const struct view_crew *find(const struct view *view, const char *key) {
    for (size_t i = 0; i < view->crew_count; i++) {
        if (strcmp(view->crews[i].key, key) == 0) {
            return &view->crews[i];
        }
    }
    return NULL;
}

static size_t in_reach(const struct view_crew *crew, const struct view *view) {
    size_t count = 0;
    for (size_t i = 0; i < crew->member_count; i++) {
        count += nearby_find(view, crew->members[i].identity) != NULL;
    }
    return count;
}

/* --- Picking ---------------------------------------------------------------------------------- */

/* Picks one, and says who it is and why where that cannot be. */
static void pick(struct new_group *new_group, struct turn *turn, const char *identity,
                 const char *name, enum name_kind kind) {
    const char *problem = new_group_add(new_group, turn->view, identity, name, kind);
    struct crews_page *page = &new_group->crews;
    char who[WHO_SIZE];
    if (problem != NULL) {
        snprintf(page->line, sizeof page->line, "%s: %s", who_told(who, name, kind, identity),
                 problem);
        turn->notice = page->line;
    }
}

static void pick_crew(struct new_group *new_group, struct turn *turn,
                      const struct view_crew *crew) {
    for (size_t i = 0; i < crew->member_count; i++) {
        const struct view_crew_member *member = &crew->members[i];
        pick(new_group, turn, member->identity, member->name, member->name_kind);
    }
    if (new_group->group[0] == '\0' && new_group->name.length == 0) {
        text_copy(new_group->name.text, OFFICER_NAME_SIZE, crew->name);
        new_group->name.length = strlen(new_group->name.text);
    }
}

static void pick_trusted(struct new_group *new_group, struct turn *turn) {
    for (size_t i = 0; i < turn->view->nearby_count; i++) {
        const struct view_nearby *row = &turn->view->nearby[i];
        if (row->trusted) {
            pick(new_group, turn, row->identity, row->name, row->name_kind);
        }
    }
}

/* Who is picked is so no more, and all others that can be picked are. */
static void pick_others(struct new_group *new_group, struct turn *turn) {
    const struct rows rows = new_group_rows(new_group, turn->view);
    char others[LIST_ROWS_MAX][OFFICER_IDENTITY_SIZE];
    size_t count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        if (!new_group_has(new_group, rows.key[i]) &&
            !new_group_is_in(new_group, turn->view, rows.key[i])) {
            text_copy(others[count++], OFFICER_IDENTITY_SIZE, rows.key[i]);
        }
    }
    new_group->pick_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct named named = new_group_name_of(new_group, turn->view, others[i]);
        pick(new_group, turn, others[i], named.text, named.kind);
    }
}

/* --- Keys ------------------------------------------------------------------------------------- */

static bool is_taken(const struct view *view, const char *name) {
    for (size_t i = 0; i < view->crew_count; i++) {
        if (strcmp(view->crews[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* `is_sure`: the officer was asked whether a crew of that name is to be replaced. */
static void keep(struct new_group *new_group, struct turn *turn, bool is_sure) {
    struct crews_page *page = &new_group->crews;
    field_trim(&page->name);
    if (page->name.length == 0) {
        turn->notice = _("Type a name for the crew.");
        return;
    }
    if (!is_sure && is_taken(turn->view, page->name.text)) {
        page->replacing = true;
        snprintf(page->line, sizeof page->line, _("Press enter again to replace “%s”."),
                 page->name.text);
        turn->notice = page->line;
        return;
    }
    turn_command(turn, COMMAND_KEEP_CREW);
    text_copy(turn->command->name, sizeof turn->command->name, page->name.text);
    turn->command->member_count = new_group->pick_count;
    for (size_t i = 0; i < new_group->pick_count; i++) {
        text_copy(turn->command->members[i], OFFICER_IDENTITY_SIZE, new_group->picks[i].identity);
    }
    page->naming = false;
}

static void key_naming(struct new_group *new_group, struct turn *turn) {
    bool is_sure = new_group->crews.replacing;
    new_group->crews.replacing = false;
    if (turn->press == PRESS_ESCAPE) {
        new_group->crews.naming = false;
    } else if (turn->press == PRESS_ENTER) {
        keep(new_group, turn, is_sure);
    } else {
        field_key_name(&new_group->crews.name, turn->press);
    }
}

/* `y` after `x`, with the same crew under the cursor. */
static bool key_forgetting(struct crews_page *page, struct turn *turn) {
    const struct view_crew *crew = find(turn->view, page->forgetting);
    bool is_asked = crew != NULL && turn->press == 'y' && list_is_sure(&page->list) &&
                    strcmp(page->forgetting, page->list.focus) == 0;
    page->forgetting[0] = '\0';
    if (is_asked) {
        turn_command(turn, COMMAND_DROP_CREW);
        text_copy(turn->command->name, sizeof turn->command->name, crew->name);
    }
    return is_asked;
}

static void begin_naming(struct new_group *new_group, struct turn *turn,
                         const struct view_crew *focus) {
    struct crews_page *page = &new_group->crews;
    if (new_group->pick_count == 0) {
        turn->notice = _("Pick at least one identity with space.");
        return;
    }
    page->naming = true;
    page->name = (struct field){.length = 0};
    if (focus != NULL) { /* most often it is that one that has changed */
        text_copy(page->name.text, OFFICER_NAME_SIZE, focus->name);
        page->name.length = strlen(page->name.text);
    }
}

static bool choose(struct new_group *new_group, struct turn *turn, const struct view_crew *focus) {
    if (!list_is_sure(&new_group->crews.list)) {
        turn->notice = _(turn_look_again);
        return true;
    }
    if (focus != NULL) {
        pick_crew(new_group, turn, focus);
    } else if (strcmp(new_group->crews.list.focus, all_trusted) == 0) {
        pick_trusted(new_group, turn);
    } else {
        pick_others(new_group, turn);
    }
    return false;
}

bool crews_key(struct new_group *new_group, struct turn *turn) {
    struct crews_page *page = &new_group->crews;
    const struct rows rows = rows_in(turn->view);
    list_settle(&page->list, &rows);
    const struct view_crew *focus = find(turn->view, page->list.focus);
    if (page->naming) {
        key_naming(new_group, turn);
    } else if (key_forgetting(page, turn) || list_key(&page->list, &rows, turn->press)) {
        return true;
    } else if (turn->press == PRESS_ESCAPE) {
        return false;
    } else if (turn->press == PRESS_ENTER || turn->press == ' ') {
        return choose(new_group, turn, focus);
    } else if (turn->press == 'n') {
        begin_naming(new_group, turn, focus);
    } else if (turn->press == 'x' && focus != NULL) {
        text_copy(page->forgetting, sizeof page->forgetting, focus->key);
        snprintf(page->line, sizeof page->line, _("Press y to forget the crew “%s”."), focus->name);
        turn->notice = page->line;
    }
    return true;
}

/* --- Drawing ---------------------------------------------------------------------------------- */

static void draw_row(const struct new_group *new_group, const struct view *view, const char *key,
                     struct area line, enum style style) {
    const struct view_crew *crew = find(view, key);
    if (crew == NULL) {
        size_t trusted = 0;
        for (size_t i = 0; i < view->nearby_count; i++) {
            trusted += view->nearby[i].trusted;
        }
        char text[OFFICER_NAME_SIZE];
        if (strcmp(key, all_trusted) == 0) {
            snprintf(text, sizeof text, _("Trusted, in reach: %zu"), trusted);
        } else {
            text_copy(text, sizeof text,
                      new_group->pick_count == 0 ? _("Everybody on the list")
                                                 : _("The others instead"));
        }
        area_text_fit(line, 0, 2, line.columns - 3, style, text);
        return;
    }
    char count[TEXT_SIZE];
    snprintf(count, sizeof count, _("%zu of %zu in reach"), in_reach(crew, view),
             crew->member_count);
    if (!text_is_full(line)) {
        snprintf(count, sizeof count, "%zu/%zu", in_reach(crew, view), crew->member_count);
    }
    int at = line.columns - text_width(count) - 1;
    area_text(line, 0, at, style, count);
    area_text_fit(line, 0, 2, at - 3, style, crew->name);
}

/* Who is in the crew under the cursor, as far as there is room; whoever is away is dimmed. */
static void draw_members(const struct view_crew *crew, const struct view *view, struct area area) {
    for (size_t i = 0; i < crew->member_count && (int)i < area.rows; i++) {
        const struct view_crew_member *member = &crew->members[i];
        bool is_last = (int)i == area.rows - 1 && i + 1 < crew->member_count;
        if (is_last) {
            area_print(area, (int)i, 1, STYLE_DIM, _("and %zu more"), crew->member_count - i);
            return;
        }
        who_draw(area, (int)i, 1, area.columns - 2,
                 nearby_find(view, member->identity) != NULL ? STYLE_PLAIN : STYLE_DIM,
                 member->name, member->name_kind, member->identity);
    }
}

void crews_draw(struct new_group *new_group, const struct view *view, struct area area) {
    struct crews_page *page = &new_group->crews;
    area_print(area, 0, 1, STYLE_STRONG,
               page->naming ? _("What is the crew called?") : _("Many at once: %zu picked"),
               new_group->pick_count);
    int row = text_is_full(area) ? 2 : 1;
    if (page->naming) {
        field_draw(&page->name, false, area, row, 1, text_name_columns(area));
        text_wrapped(area, row + 2, 1, area.columns - 2, STYLE_DIM, _("Only you see it."));
        return;
    }
    const struct rows rows = rows_in(view);
    int room = area.rows - row;
    int list_rows = (int)rows.count < room / 2 ? (int)rows.count : room / 2;
    list_rows = list_rows < 3 ? (room < 3 ? room : 3) : list_rows;
    struct area lines = area_within(area, row, 0, list_rows, area.columns);
    size_t end = list_draw(&page->list, &rows, lines);
    for (size_t i = page->list.top; i < end; i++) {
        enum style style = list_style(&page->list, i, STYLE_PLAIN);
        struct area line = area_within(lines, (int)(i - page->list.top), 0, 1, lines.columns - 1);
        area_fill(line, ' ', style);
        area_text(line, 0, 0, style, list_mark(&page->list, i));
        draw_row(new_group, view, rows.key[i], line, style);
    }
    const struct view_crew *focus = find(view, page->list.focus);
    int below = row + list_rows + (room > 8 ? 1 : 0);
    if (focus != NULL && below < area.rows) {
        draw_members(focus, view, area_within(area, below, 0, area.rows - below, area.columns));
    } else if (view->crew_count == 0 && below < area.rows) {
        text_wrapped(area, below, 1, area.columns - 2, STYLE_DIM,
                     new_group->pick_count > 0
                         ? _("Keep those picked as a crew: n. Next time it is picked at once.")
                         : _("Pick those who work together, then keep them here as a crew."));
    }
}

void crews_hints(const struct new_group *new_group, const struct view *view, struct hints *hints) {
    const struct crews_page *page = &new_group->crews;
    if (page->naming) {
        hints_add(hints, _("enter"), _("keep"));
        return;
    }
    hints_add(hints, _("enter"), _("pick"));
    if (new_group->pick_count > 0) {
        hints_add(hints, "n", _("keep as crew"));
    }
    if (find(view, page->list.focus) != NULL) {
        hints_add(hints, "x", _("forget"));
    }
}
