/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/manager_pages.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/screens/member_line.h"
#include "ui/screens/nearby.h"
#include "ui/screens/revoked.h"
#include "ui/screens/text.h"
#include "ui/screens/who.h"
#include "ui/words/words.h"

enum {
    NAME = 14
};

static struct member_columns columns_of(void) {
    return (struct member_columns){
        .name = NAME,
        .words = text_widest(_("has the key"), _("sent, no receipt yet"), _("excluded"),
                             _("no key yet"), _("not sent yet"), NULL) +
                 2,
        .short_words =
            text_widest(_("has it"), _("sent"), _("excluded"), _("no key"), _("not sent"), NULL),
    };
}

/* --- What is listed ------------------------------------------------------------------------- */

struct rows manager_rows(const struct view_managed *group) {
    return rows_of(group->rows, sizeof group->rows[0], group->row_count);
}

static int by_identity(const void *identity, const void *member) {
    return strcmp(identity, ((const struct view_managed_member *)member)->identity);
}

const struct view_managed_member *manager_member(const struct view_managed *group,
                                                 const char *identity) {
    if (group->row_count == 0) {
        return NULL;
    }
    return bsearch(identity, group->rows, group->row_count, sizeof group->rows[0], by_identity);
}

struct rows manager_picks(const struct view_managed *group, const struct view *view) {
    struct rows rows = {0};
    for (size_t i = 0; i < view->nearby_count; i++) {
        if (manager_member(group, view->nearby[i].identity) == NULL) {
            rows_add(&rows, view->nearby[i].identity);
        }
    }
    return rows;
}

/* What a member, or somebody who is to be one, is called; its identity when nobody said. */
static const char *name_of(const struct view_managed *group, const struct view *view,
                           const char *identity, char room[WHO_SIZE]) {
    const struct view_managed_member *member = manager_member(group, identity);
    const struct view_nearby *nearby = nearby_find(view, identity);
    if (member != NULL) {
        return who_words(room, member->name, NAME_GIVEN, member->identity);
    }
    return nearby != NULL ? who_words(room, nearby->name, nearby->name_kind, identity) : identity;
}

static struct member_words words_of(const struct view_managed *group,
                                    const struct view_managed_member *member) {
    switch (member->state) {
    case MANAGED_HAS:
        return (struct member_words){"✓", _("has the key"), _("has it"), STYLE_GOOD};
    case MANAGED_SENT:
        return (struct member_words){"…", _("sent, no receipt yet"), _("sent"), STYLE_CAUTION};
    case MANAGED_EXCLUDED:
        return (struct member_words){"x", _("excluded"), _("excluded"), STYLE_BAD};
    default:
        if (group->state == MANAGED_NO_GMK) {
            return (struct member_words){" ", _("no key yet"), _("no key"), STYLE_DIM};
        }
        return (struct member_words){" ", _("not sent yet"), _("not sent"), STYLE_PLAIN};
    }
}

/* --- The members ---------------------------------------------------------------------------- */

/* The key as the texts about the time that it has left take it. */
static struct view_group key_of(const struct view_managed *group) {
    return (struct view_group){.kind = GROUP_STANDARD,
                               .gmk_id = group->gmk_id,
                               .gmk_state = group->state != MANAGED_USABLE ? GMK_EXPIRED
                                            : group->begins_in_ms > 0      ? GMK_NOT_YET
                                                                           : GMK_USABLE,
                               .remaining_ms = group->remaining_ms,
                               .begins_in_ms = group->begins_in_ms,
                               .period_ms = group->period_ms};
}

void manager_key_text(const struct view_managed *group, char *out, size_t size, enum style *style) {
    struct view_group key = key_of(group);
    char text[TEXT_SIZE];
    *style = text_left_style(&key);
    if (group->state == MANAGED_NO_GMK) {
        text_copy(out, size, _("no key yet: rekey"));
    } else if (group->state == MANAGED_SPOILED) {
        text_copy(out, size, _("an excluded member has it: rekey"));
    } else if (group->state == MANAGED_BEHIND) {
        text_copy(out, size, _("others excluded somebody: catch up"));
    } else {
        text_left(&key, text);
        text_copy(out, size, text);
    }
}

/* A bar of who has the key, and while deliveries go out how fast and for how long yet. */
static void draw_progress(const struct view_managed *group, struct area line) {
    char left[TEXT_SIZE];
    int width = text_is_full(line) ? 40 : line.columns - 12;
    int64_t part = (int64_t)(group->sending ? group->sent : group->received);
    area_bar(line, 0, 1, width, group->sending ? STYLE_CAUTION : STYLE_GOOD, part,
             (int64_t)group->members);
    if (!group->sending || group->sent_a_second == 0) {
        return;
    }
    text_duration_short(group->sending_left_ms, left);
    if (text_is_full(line)) {
        area_print(line, 0, width + 3, STYLE_PLAIN, _("%u a second, %s left"), group->sent_a_second,
                   left);
    } else {
        area_print(line, 0, width + 2, STYLE_PLAIN, "%.8s", left);
    }
}

static void counts_text(const struct view_managed *group, bool full, char *out, size_t size) {
    if (!full) {
        snprintf(out, size, _("%zu of %zu have it"), group->received, group->members);
    } else if (group->excluded > 0) {
        snprintf(out, size, _("%zu of %zu members have the key, it was sent to %zu; %zu excluded"),
                 group->received, group->members, group->sent, group->excluded);
    } else {
        snprintf(out, size, _("%zu of %zu members have the key, it was sent to %zu"),
                 group->received, group->members, group->sent);
    }
}

static int draw_heading(const struct view_managed *group, struct area area) {
    char counts[128], left[96];
    enum style style;
    manager_key_text(group, left, sizeof left, &style);
    counts_text(group, text_is_full(area), counts, sizeof counts);
    if (!text_is_full(area)) {
        area_text_fit(area, 0, 1, area.columns - 12, STYLE_STRONG, group->name);
        if (group->gmk_id != 0) {
            area_print(area, 0, area.columns - 10, STYLE_PLAIN, "%08" PRIX32, group->gmk_id);
        }
        area_words_fit(area, 1, 1, area.columns - 2, group->has_keys ? style : STYLE_BAD,
                       group->has_keys ? left : _("no keys this month"));
        area_words_fit(area, 2, 1, area.columns - 2, STYLE_PLAIN, counts);
        draw_progress(group, area_within(area, 3, 0, 1, area.columns));
        return 4;
    }
    area_text_fit(area, 0, 1, 40, STYLE_STRONG, group->name);
    area_text(area, 0, 42, STYLE_PLAIN, _("standard group, managed here"));
    area_text_fit(area, 1, 1, area.columns - 2, STYLE_DIM, group->identity);
    int at = 1;
    if (group->gmk_id != 0) {
        at += area_print(area, 2, at, STYLE_PLAIN, "GMK %08" PRIX32 "   ", group->gmk_id);
    }
    at += area_text(area, 2, at, style, left) + 3;
    if (!group->has_keys) {
        area_text(area, 2, at, STYLE_BAD, _("! no keys for this month"));
    }
    area_words_fit(area, 3, 1, area.columns - 2, STYLE_PLAIN, counts);
    draw_progress(group, area_within(area, 4, 0, 1, area.columns));
    return 6;
}

static void draw_list(struct manager *manager, const struct view_managed *group,
                      const struct view *view, struct area area) {
    struct rows rows = manager_rows(group);
    const struct member_columns columns = columns_of();
    size_t end = list_draw(&manager->members, &rows, area);
    for (size_t i = manager->members.top; i < end; i++) {
        enum style style = list_style(&manager->members, i, STYLE_PLAIN);
        struct area line =
            area_within(area, (int)(i - manager->members.top), 0, 1, area.columns - 1);
        area_fill(line, ' ', style);
        area_text(line, 0, 0, style, list_mark(&manager->members, i));
        struct member_words words = words_of(group, &group->rows[i]);
        if (revoked_is(view, group->rows[i].identity)) {
            words = revoked_member(revoked_is_lost(view, group->rows[i].identity));
        } else if (nearby_is_two(view, group->rows[i].identity)) {
            words.mark = "2";
            words.style = STYLE_BAD;
        }
        member_line(line, style, i == manager->members.row, &columns, &words, group->rows[i].name,
                    NAME_GIVEN, group->rows[i].identity);
    }
    if (rows.count == 0) {
        text_wrapped(area, 0, 1, area.columns - 2, STYLE_PLAIN,
                     _("Nobody is on the roll yet. Press a to add a member."));
    }
}

void manager_draw_members(struct manager *manager, const struct view_managed *group,
                          const struct view *view, struct area area) {
    int row = draw_heading(group, area);
    int detail = area.rows - row < 6 ? 0 : nearby_has_two(view) ? 4 : 2;
    draw_list(manager, group, view,
              area_within(area, row, 0, area.rows - row - detail, area.columns));
    const struct view_managed_member *focus = manager_member(group, manager->members.focus);
    if (detail > 0 && focus != NULL) {
        struct area below = area_within(area, area.rows - detail, 0, detail, area.columns);
        row = text_wrapped(below, 0, 1, area.columns - 2, STYLE_STRONG, focus->identity);
        if (nearby_is_two(view, focus->identity)) {
            text_wrapped(below, row, 1, area.columns - 2, STYLE_BAD, nearby_two_devices());
        } else if (text_is_full(area)) {
            area_print(below, row, 1, STYLE_DIM, _("Member %zu of %zu on the roll"),
                       manager->members.row + 1, group->row_count);
        }
    }
}

/* --- Who joins ------------------------------------------------------------------------------ */

void manager_draw_pick(struct manager *manager, const struct view_managed *group,
                       const struct view *view, struct area area) {
    struct rows rows = manager_picks(group, view);
    area_words_fit(area, 0, 1, area.columns - 1, STYLE_STRONG, _("Who should join?"));
    int top = text_is_full(area) ? 2 : 1;
    int detail = area.rows >= 8 && nearby_has_two(view) ? 2 : 0;
    struct area below = area_within(area, top, 0, area.rows - top - detail, area.columns);
    size_t end = list_draw(&manager->picks, &rows, below);
    for (size_t i = manager->picks.top; i < end; i++) {
        enum style style = list_style(&manager->picks, i, STYLE_PLAIN);
        struct area line =
            area_within(below, (int)(i - manager->picks.top), 0, 1, area.columns - 1);
        const struct view_nearby *nearby = nearby_find(view, rows_key(&rows, i));
        area_fill(line, ' ', style);
        area_text(line, 0, 0, style, list_mark(&manager->picks, i));
        int at = text_is_full(area) ? line.columns - NAME : line.columns;
        int from = nearby_has_two(view) ? 4 : 2;
        if (nearby != NULL && nearby->is_two) {
            area_text(line, 0, 2, style, "2");
        }
        char name[WHO_SIZE];
        if (nearby != NULL && text_is_full(area)) {
            area_text_fit(line, 0, at, NAME - 1, style,
                          who_name(name, nearby->name, nearby->name_kind));
        }
        if (nearby != NULL && !text_is_full(area)) {
            who_draw(line, 0, from, at - from - 1, style, nearby->name, nearby->name_kind,
                     nearby->identity);
        } else {
            text_tail(line, 0, from, at - from - 1, style, rows_key(&rows, i));
        }
    }
    if (detail > 0 && nearby_is_two(view, manager->picks.focus)) {
        text_wrapped(area_within(area, area.rows - detail, 0, detail, area.columns), 0, 1,
                     area.columns - 2, STYLE_BAD, nearby_two_devices());
    }
    if (rows.count == 0) {
        text_wrapped(below, 0, 1, area.columns - 2, STYLE_PLAIN,
                     _("There is nobody in reach to add. Press t to type an identity."));
    }
}

static void draw_typing(const char *question, const struct field *field, const char *help,
                        struct area area) {
    struct page page = page_begin(NULL, area);
    do {
        page_gap(&page);
        page_text(&page, 0, STYLE_STRONG, question);
        page_gap(&page);
        if (page.drawing) {
            int width =
                area.columns - 2 < OFFICER_IDENTITY_SIZE ? area.columns - 2 : OFFICER_IDENTITY_SIZE;
            field_draw(field, false, area, page_row(&page), 1, width);
        }
        page.row++;
        page_gap(&page);
        page_text(&page, 0, STYLE_DIM, help);
    } while (page_again(&page));
}

void manager_draw_type(const struct manager *manager, struct area area) {
    draw_typing(_("Which identity should join?"), &manager->typed,
                _("For example tel:+447700900123."), area);
}

void manager_draw_find(const struct manager *manager, struct area area) {
    draw_typing(
        _("Which member?"), &manager->sought,
        _("Part of the name or of the identity. Enter the same again to find the next one."), area);
}

/* --- A new key, and what is to be confirmed ------------------------------------------------- */

void manager_draw_period(struct manager *manager, struct area area) {
    struct page page = page_begin(&manager->scroll, area);
    do {
        page_gap(&page);
        page_text(&page, 0, STYLE_STRONG, _("How long is the key good for?"));
        page_gap(&page);
        for (size_t i = 0; i < MANAGER_PERIODS; i++) {
            bool chosen = manager_periods_ms[i] == manager->period_ms;
            char text[TEXT_SIZE];
            text_duration(manager_periods_ms[i], text);
            page_print(&page, 0, chosen ? STYLE_SELECTED : STYLE_PLAIN, "%s %s", chosen ? ">" : " ",
                       text);
        }
        page_gap(&page);
        page_text(&page, 0, STYLE_DIM,
                  _("After that nobody can talk or listen with it. A new key can be given at any "
                    "time."));
    } while (page_again(&page));
}

static void write_rekey(struct page *page, const struct view_managed *group, const char *period) {
    page_print(page, 0, STYLE_STRONG, _("New key for “%s”, good for %s?"), group->name, period);
    page_gap(page);
    page_print(page, 0, STYLE_PLAIN,
               words_many("It goes to %zu member.", "It goes to %zu members.", group->members),
               group->members);
    if (group->excluded > 0) {
        page_print(page, 0, STYLE_PLAIN,
                   words_many("%zu excluded member gets nothing.",
                              "%zu excluded members get nothing.", group->excluded),
                   group->excluded);
    }
    if (group->state == MANAGED_USABLE && group->begins_in_ms == 0) {
        page_text(page, 0, STYLE_DIM,
                  _("It begins in a minute, when those in reach have it, so that nobody is cut "
                    "off."));
    }
}

static void write_exclude(struct page *page, const struct view_managed *group, const char *name,
                          const char *identity, const char *period) {
    page_print(page, 0, STYLE_STRONG, _("Exclude %s from “%s”?"), name, group->name);
    page_text(page, 0, STYLE_DIM, identity);
    page_gap(page);
    size_t others = group->members > 0 ? group->members - 1 : 0;
    page_print(page, 0, STYLE_CAUTION,
               words_many("It gets no more keys. The other %zu gets a new one at once, good for "
                          "%s.",
                          "It gets no more keys. The other %zu get a new one at once, good for "
                          "%s.",
                          others),
               others, period);
    page_text(page, 0, STYLE_PLAIN,
              _("Members that are out of reach hear the others again once the new key has reached "
                "them."));
}

static void write_clock(struct page *page, int64_t ahead_ms) {
    char difference[TEXT_SIZE];
    text_difference(ahead_ms, difference);
    page_print(page, 0, STYLE_CAUTION,
               ahead_ms < 0 ? _("! This handset's clock is %s ahead of those nearby, and keys are "
                                "dated by it. Better set it first.")
                            : _("! This handset's clock is %s behind those nearby, and keys are "
                                "dated by it. Better set it first."),
               difference);
    page_gap(page);
}

void manager_draw_confirm(struct manager *manager, const struct view_managed *group,
                          const struct view *view, struct area area) {
    char period[TEXT_SIZE];
    char room[WHO_SIZE];
    const char *name = name_of(group, view, manager->member, room);
    text_duration(manager->period_ms, period);
    bool is_dated =
        manager->action == COMMAND_MANAGE_REKEY || manager->action == COMMAND_MANAGE_EXCLUDE;
    manager->warned = is_dated && view->clocks_differ && area.rows > 0;
    struct page page = page_begin(&manager->scroll, area);
    do {
        page_gap(&page);
        if (manager->warned) {
            write_clock(&page, view->clocks_ahead_ms);
        }
        if (manager->action == COMMAND_MANAGE_REKEY) {
            write_rekey(&page, group, period);
        } else if (manager->action == COMMAND_MANAGE_EXCLUDE) {
            write_exclude(&page, group, name, manager->member, period);
        } else {
            bool is_add = manager->action == COMMAND_MANAGE_ADD;
            page_print(&page, 0, STYLE_STRONG,
                       is_add ? _("Put %s on the roll of “%s”?") : _("Let %s into “%s” again?"),
                       name, group->name);
            page_text(&page, 0, STYLE_DIM, manager->member);
            if (nearby_is_two(view, manager->member)) {
                page_print(&page, 0, STYLE_BAD, "! %s", nearby_two_devices());
            }
            page_gap(&page);
            page_text(&page, 0, STYLE_PLAIN,
                      _("It gets the present key and those to come, and hears what is said."));
        }
    } while (page_again(&page));
    manager->drawn = area.rows > 0;
}
