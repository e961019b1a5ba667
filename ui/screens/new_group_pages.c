/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/new_group_pages.h"

#include <stdio.h>
#include <string.h>

#include "ui/character.h"
#include "ui/screens/lost.h"
#include "ui/screens/revoked.h"
#include "ui/screens/signal.h"
#include "ui/screens/summary.h"
#include "ui/screens/text.h"
#include "ui/screens/who.h"
#include "ui/words/words.h"

enum {
    NAME = 14,
    SIGNAL = SIGNAL_COLUMNS + 1
};

static bool is_rekey(const struct new_group *new_group) {
    return new_group->group[0] != '\0' && !new_group->adding;
}

static const char *no_right(void) {
    return _("may raise no emergency in this group");
}

static bool lacks_right(const struct new_group *new_group, const char *identity) {
    const struct pick *pick = new_group_pick(new_group, identity);
    return pick != NULL && pick->no_emergency;
}

static void draw_pick_row(const struct new_group *new_group, const struct view *view,
                          const char *identity, struct area line, enum style style, bool full) {
    const struct named named = new_group_name_of(new_group, view, identity);
    const struct view_nearby *nearby = nearby_find(view, identity);
    area_text(line, 0, 2, style,
              new_group_is_in(new_group, view, identity) ? " = "
              : revoked_is(view, identity)               ? " - "
              : new_group_has(new_group, identity)       ? "[x]"
                                                         : "[ ]");
    if (full) {
        int at = line.columns - SIGNAL;
        char signal[SIGNAL_SIZE];
        if (nearby != NULL) {
            signal_column(nearby, signal);
        } else {
            snprintf(signal, sizeof signal, "    %s", _("away"));
        }
        area_text_fit(line, 0, at, SIGNAL - 1, style, signal);
        at -= text_widest(_("✓ trusted"), _("unmarked"), _("2 devices"), _("revoked"), _("lost"),
                          NULL) +
              2;
        char name[WHO_SIZE];
        area_text(line, 0, at, style,
                  revoked_is(view, identity) ? revoked_mark(revoked_is_lost(view, identity))
                  : nearby != NULL           ? nearby_mark(nearby)
                                             : _("unmarked"));
        area_text_fit(line, 0, at -= NAME, NAME - 1, style, who_name(name, named.text, named.kind));
        if (named.alike) {
            area_text(line, 0, at - 2, style, "!");
        }
        text_tail(line, 0, 6, at - (named.alike ? 9 : 7), style, identity);
        return;
    }
    area_text(line, 0, 6, style, nearby != NULL ? nearby_short_mark(nearby) : "-");
    int end = nearby != NULL ? signal_draw_short(line, line.columns, style, nearby) : line.columns;
    who_draw(line, 0, 8, end - 8, style, named.text, named.kind, identity);
}

static void draw_pick_list(struct new_group *new_group, const struct view *view, struct area area) {
    struct rows rows = new_group_rows(new_group, view);
    size_t end = list_draw(&new_group->list, &rows, area);
    for (size_t i = new_group->list.top; i < end; i++) {
        enum style style = list_style(&new_group->list, i, STYLE_PLAIN);
        struct area line =
            area_within(area, (int)(i - new_group->list.top), 0, 1, area.columns - 1);
        area_fill(line, ' ', style);
        area_text(line, 0, 0, style, list_mark(&new_group->list, i));
        draw_pick_row(new_group, view, rows.key[i], line, style, text_is_full(area));
    }
    if (rows.count == 0 && filter_is_on(&new_group->filter)) {
        filter_draw_nobody(&new_group->filter, view, area);
    } else if (rows.count == 0) {
        text_wrapped(area, 0, 1, area.columns - 2, STYLE_PLAIN,
                     _("No other identity in reach yet. They appear here by themselves."));
    }
}

void new_group_draw_pick(struct new_group *new_group, const struct view *view, struct area area) {
    char heading[96 + TEXT_SIZE], more[TEXT_SIZE];
    snprintf(heading, sizeof heading,
             is_rekey(new_group) ? _("Who gets it? %zu picked")
             : new_group->adding ? _("Who joins? %zu picked")
                                 : _("Who belongs? %zu picked"),
             new_group->pick_count);
    filter_more(view, more, sizeof more);
    if (more[0] != '\0' && text_width(heading) + 2 + text_width(more) > area.columns - 1) {
        snprintf(more, sizeof more, "+%zu", view->nearby_total - view->nearby_count);
    }
    size_t length = strlen(heading);
    snprintf(heading + length, sizeof heading - length, "%s%s", more[0] != '\0' ? ", " : "", more);
    area_words_fit(area, 0, 1, area.columns - 1, STYLE_STRONG, heading);
    struct rows rows = new_group_rows(new_group, view);
    int row = text_is_full(area) ? 2 : 1;
    row += filter_draw(&new_group->filter, rows.count, view,
                       area_within(area, row, 0, 1, area.columns));
    int detail = area.rows < 8 ? 0 : nearby_has_warning(view) ? 4 : 2;
    draw_pick_list(new_group, view,
                   area_within(area, row, 0, area.rows - row - detail, area.columns));
    if (detail > 0) {
        struct area below = area_within(area, area.rows - detail, 0, detail, area.columns);
        row = text_wrapped(below, 0, 1, area.columns - 2, STYLE_STRONG, new_group->list.focus);
        if (new_group_is_in(new_group, view, new_group->list.focus)) {
            text_wrapped(below, row, 1, area.columns - 2, STYLE_DIM, _("in the group already"));
        } else if (revoked_is(view, new_group->list.focus)) {
            text_wrapped(below, row, 1, area.columns - 2, STYLE_BAD,
                         revoked_words(revoked_is_lost(view, new_group->list.focus)));
        } else if (nearby_is_two(view, new_group->list.focus)) {
            text_wrapped(below, row, 1, area.columns - 2, STYLE_BAD, nearby_two_devices());
        } else if (lacks_right(new_group, new_group->list.focus)) {
            text_wrapped(below, row, 1, area.columns - 2, STYLE_CAUTION, no_right());
        } else if (new_group_name_of(new_group, view, new_group->list.focus).alike) {
            text_wrapped(below, row, 1, area.columns - 2, STYLE_CAUTION, nearby_names_alike());
        }
    }
}

void new_group_draw_name(const struct new_group *new_group, struct area area) {
    struct page page = page_begin(NULL, area);
    do {
        page_gap(&page);
        page_text(&page, 0, STYLE_STRONG, _("What is the group called?"));
        page_gap(&page);
        if (page.drawing) {
            int width = text_name_columns(area);
            field_draw(&new_group->name, false, area, page_row(&page), 1, width);
        }
        page.row++;
        page_gap(&page);
        page_text(&page, 0, STYLE_DIM, _("All members see this name."));
    } while (page_again(&page));
}

void new_group_draw_period(const struct new_group *new_group, const struct view *view,
                           struct area area) {
    int64_t periods_ms[PERIODS_MAX];
    size_t count = new_group_periods(view, periods_ms);
    struct page page = page_begin(NULL, area);
    do {
        page_gap(&page);
        page_text(&page, 0, STYLE_STRONG, _("How long is the key good for?"));
        page_gap(&page);
        for (size_t i = 0; i < count; i++) {
            bool chosen = periods_ms[i] == new_group->period_ms;
            char text[TEXT_SIZE];
            text_duration(periods_ms[i], text);
            char line[2 * TEXT_SIZE];
            snprintf(line, sizeof line, i + 1 == count ? _("%s (longest)") : "%s", text);
            page_print(&page, 0, chosen ? STYLE_SELECTED : STYLE_PLAIN, "%s %s", chosen ? ">" : " ",
                       line);
        }
        page_gap(&page);
        page_text(&page, 0, STYLE_DIM,
                  count > 0
                      ? _("After that nobody can talk or listen with it. A new key can be given "
                          "at any time.")
                      : _("This handset's credential allows no keys for ad-hoc groups. Ask "
                          "whoever runs its KMS."));
    } while (page_again(&page));
}

/* 6.X.3.3.3.3 step 4: who picks the identities answers for it that none is compromised. */
static void write_responsibility(struct page *page, size_t count) {
    page_text(page, 0, STYLE_CAUTION,
              count == 1
                  ? _("You answer for this handset being uncompromised: not lost, not stolen, "
                      "not in the wrong hands.")
                  : _("You answer for these handsets being uncompromised: not lost, not "
                      "stolen, not in the wrong hands."));
}

/* An identity, what it is called, and whether others are called alike. */
static void write_named(struct page *page, const struct new_group *new_group,
                        const struct view *view, const char *identity) {
    const struct named named = new_group_name_of(new_group, view, identity);
    char name[WHO_SIZE];
    page_print(page, 2, STYLE_PLAIN, "%s  %s", identity, who_name(name, named.text, named.kind));
    if (named.alike) {
        page_print(page, 2, STYLE_CAUTION, "! %s", nearby_names_alike());
    }
}

static void write_left_out(struct page *page, const struct new_group *new_group,
                           const struct view *view) {
    const struct view_group *old = text_group(view, new_group->group);
    bool any = false;
    for (size_t i = 0; old != NULL && i < old->member_count; i++) {
        const char *identity = old->members[i].identity;
        if (old->members[i].state == MEMBER_SELF || new_group_has(new_group, identity)) {
            continue;
        }
        if (!any) {
            page_gap(page);
            page_text(page, 0, STYLE_STRONG, _("Left out, can no longer listen:"));
            any = true;
        }
        write_named(page, new_group, view, identity);
    }
}

static void write_confirm_heading(struct page *page, const struct new_group *new_group,
                                  const struct view_group *old) {
    char period[TEXT_SIZE], name[TEXT_GROUP_SIZE] = "";
    if (old != NULL) {
        text_group_name(name, old);
    }
    text_duration(new_group->adding && old != NULL ? old->remaining_ms : new_group->period_ms,
                  period);
    if (is_rekey(new_group)) {
        page_print(page, 0, STYLE_STRONG, _("New key for “%s”, good for %s"), name, period);
    } else if (new_group->adding) {
        page_print(page, 0, STYLE_STRONG, _("Into “%s”, key good for another %s"), name, period);
    } else {
        page_print(page, 0, STYLE_STRONG, _("New group “%s”, key good for %s"),
                   new_group->name.text, period);
    }
}

/* What the officer marked it as, and whether its clock agrees. */
static void write_standing(struct page *page, const struct view_nearby *nearby) {
    char clock[96];
    if (nearby == NULL) {
        return;
    }
    if (!nearby->trusted) {
        page_text(page, 2, STYLE_CAUTION, _("! not marked as trusted"));
    } else if (nearby_is_claimed(nearby)) {
        page_text(page, 2, STYLE_PLAIN, _("trusted by you"));
    } else {
        page_text(page, 2, STYLE_GOOD, _("✓ trusted by you"));
    }
    if (nearby->clock_differs) {
        nearby_clock(nearby, clock, sizeof clock);
        page_print(page, 2, STYLE_CAUTION, "! %s", clock);
    }
}

static bool was_trusted(const struct view_group *old, const char *identity) {
    for (size_t i = 0; old != NULL && i < old->member_count; i++) {
        if (strcmp(old->members[i].identity, identity) == 0) {
            return old->members[i].trusted;
        }
    }
    return false;
}

static int draw_summary(const struct new_group *new_group, const struct view *view,
                        struct area area) {
    const struct view_group *old = text_group(view, new_group->group);
    struct summary summary = {.count = 0};
    for (size_t i = 0; i < new_group->pick_count; i++) {
        const char *identity = new_group->picks[i].identity;
        summary_add(&summary, view, identity, was_trusted(old, identity));
    }
    return summary_draw(&summary, area);
}

void new_group_draw_confirm(struct new_group *new_group, const struct view *view,
                            struct area area) {
    const struct view_group *old = text_group(view, new_group->group);
    bool is_drawn = area.rows > 0;
    area.rows -= is_drawn ? draw_summary(new_group, view, area) : 0;
    struct page page = page_begin(&new_group->scroll, area);
    do {
        page_gap(&page);
        write_confirm_heading(&page, new_group, old);
        page_gap(&page);
        write_responsibility(&page, new_group->pick_count);
        if (is_rekey(new_group) && old != NULL) {
            lost_write_unread(&page, old);
        }
        page_gap(&page);
        page_print(&page, 0, STYLE_DIM,
                   is_rekey(new_group) ? _("It goes to: %zu, and you")
                   : new_group->adding ? _("New members: %zu")
                                       : _("Members: %zu, and you"),
                   new_group->pick_count);
        for (size_t i = 0; i < new_group->pick_count; i++) {
            write_named(&page, new_group, view, new_group->picks[i].identity);
            write_standing(&page, nearby_find(view, new_group->picks[i].identity));
            if (new_group->picks[i].no_emergency) {
                page_print(&page, 2, STYLE_CAUTION, "! %s", no_right());
            }
            if (nearby_is_two(view, new_group->picks[i].identity)) {
                page_print(&page, 2, STYLE_BAD, "! %s", nearby_two_devices());
            }
        }
        if (is_rekey(new_group)) {
            write_left_out(&page, new_group, view);
        } else if (new_group->adding) {
            page_gap(&page);
            page_text(&page, 0, STYLE_DIM,
                      _("They get this hour's key: what was said in earlier hours stays closed to "
                        "them. The other members keep the key they have."));
        }
    } while (page_again(&page));
    new_group->drawn = is_drawn;
}

void new_group_draw_making(struct area area) {
    struct page page = page_begin(NULL, area);
    do {
        page_gap(&page);
        page_text(&page, 0, STYLE_STRONG, _("Making the key…"));
    } while (page_again(&page));
}
