/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/nearby.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ui/character.h"
#include "ui/screens/links.h"
#include "ui/screens/modes.h"
#include "ui/screens/page.h"
#include "ui/screens/revoked.h"
#include "ui/screens/signal.h"
#include "ui/screens/text.h"
#include "ui/screens/who.h"
#include "ui/ui.h"
#include "ui/words/words.h"

enum {
    NAME = 12,
    HEARD_SHORT = 7, /* of the short layout: "59 min" */
    SORT_FROM = 8,   /* fewer rows are read at a glance: the key has no place among the hints */
};

/* The columns of the full layout behind the identity, each with a blank. */
struct columns {
    int name, mark, signal, clock, heard;
};

static struct columns columns_of(void) {
    return (struct columns){
        .name = NAME,
        .mark = text_widest(_("Mark"), _("✓ trusted"), _("unmarked"), _("2 devices"), _("revoked"),
                            _("lost"), NULL) +
                1,
        .signal = SIGNAL_COLUMNS + 1,
        .clock = text_widest(_("Clock"), _("agrees"), "! -59 min", NULL) + 1,
        .heard = text_widest(_("Heard"), "59 min", NULL) + 1,
    };
}

/* --- The order of the rows -------------------------------------------------------------------- */

static int trust_rank(const struct view_nearby *row) {
    return row->is_revoked ? 3 : row->trusted ? 0 : row->is_member ? 1 : 2;
}

/* Who is heard every few seconds would otherwise change places all the time. */
static int heard_rank(const struct view_nearby *row) {
    static const int64_t steps_ms[] = {15000, 30000, 60000, 120000, 300000, 600000, 1800000};
    int rank = 0;
    while (rank < (int)(sizeof steps_ms / sizeof steps_ms[0]) &&
           row->heard_ago_ms >= steps_ms[rank]) {
        rank++;
    }
    return rank;
}

static int by_name(const struct view_nearby *a, const struct view_nearby *b) {
    int unnamed = (a->name[0] == '\0') - (b->name[0] == '\0');
    return unnamed != 0 ? unnamed : strcasecmp(a->name, b->name);
}

/* Below 0: `a` comes before `b`. */
static int compare(enum nearby_order order, const struct view_nearby *a,
                   const struct view_nearby *b) {
    switch (order) {
    case NEARBY_BY_NAME:
        return by_name(a, b);
    case NEARBY_BY_TRUST:
        return trust_rank(a) - trust_rank(b);
    case NEARBY_BY_SIGNAL:
        return signal_level(b) - signal_level(a);
    case NEARBY_BY_HEARD:
        return heard_rank(a) - heard_rank(b);
    case NEARBY_USUAL:
    case NEARBY_ORDERS:
        break;
    }
    return 0;
}

/* Where each row of the view stands. */
static void put_in_order(enum nearby_order order, const struct view *view,
                         const struct view_nearby *ordered[VIEW_NEARBY_MAX]) {
    for (size_t i = 0; i < view->nearby_count; i++) {
        size_t at = i;
        for (; at > 0 && compare(order, &view->nearby[i], ordered[at - 1]) < 0; at--) {
            ordered[at] = ordered[at - 1];
        }
        ordered[at] = &view->nearby[i];
    }
}

/* "by name"; NULL in the usual order. */
static const char *order_words(enum nearby_order order) {
    static const char *const orders[NEARBY_ORDERS] = {
        [NEARBY_BY_NAME] = N_("by name"),
        [NEARBY_BY_TRUST] = N_("by trust"),
        [NEARBY_BY_SIGNAL] = N_("by signal"),
        [NEARBY_BY_HEARD] = N_("by last heard"),
    };
    return orders[order] == NULL ? NULL : _(orders[order]);
}

static struct rows nearby_rows(const struct nearby *nearby, const struct view *view) {
    const struct view_nearby *ordered[VIEW_NEARBY_MAX];
    struct rows rows = {0};
    put_in_order(nearby->order, view, ordered);
    for (size_t i = 0; i < view->nearby_count; i++) {
        const struct view_nearby *row = ordered[i];
        if (filter_passes(&nearby->filter, row->identity, row->name)) {
            rows_add(&rows, row->identity);
        }
    }
    return rows;
}

const struct view_nearby *nearby_find(const struct view *view, const char *identity) {
    for (size_t i = 0; i < view->nearby_count; i++) {
        if (strcmp(view->nearby[i].identity, identity) == 0) {
            return &view->nearby[i];
        }
    }
    return NULL;
}

bool nearby_is_two(const struct view *view, const char *identity) {
    const struct view_nearby *nearby = nearby_find(view, identity);
    return nearby != NULL && nearby->is_two;
}

bool nearby_has_two(const struct view *view) {
    for (size_t i = 0; i < view->nearby_count; i++) {
        if (view->nearby[i].is_two) {
            return true;
        }
    }
    return false;
}

const char *nearby_two_devices(void) {
    return _("two devices answer to this identity");
}

const char *nearby_state(const struct view_nearby *nearby) {
    switch (nearby->state) {
    case NEARBY_REACHABLE:
        return _("reachable");
    case NEARBY_HEARD:
        return _("heard only");
    case NEARBY_NOT_ANSWERING:
        break;
    }
    return _("not answering");
}

bool nearby_has_warning(const struct view *view) {
    bool found = nearby_has_two(view) || revoked_is_near(view);
    for (size_t i = 0; i < view->nearby_count; i++) {
        found = found || view->nearby[i].alike;
    }
    return found;
}

const char *nearby_names_alike(void) {
    return _("another has a name that looks like this one: mind the digits");
}

bool nearby_is_claimed(const struct view_nearby *nearby) {
    return nearby->name_kind == NAME_CLAIMED && nearby->name[0] != '\0';
}

/* Is a name being typed for somebody? */
static bool is_naming(const struct nearby *nearby) {
    return nearby->naming[0] != '\0';
}

bool nearby_is_typing(const struct nearby *nearby) {
    return is_naming(nearby) || nearby->filter.is_typing;
}

static void clock_column(const struct view_nearby *nearby, char out[TEXT_SIZE]) {
    if (!nearby->clock_differs) {
        text_copy(out, TEXT_SIZE, _("agrees"));
        return;
    }
    char size[TEXT_SIZE];
    text_difference_short(nearby->clock_difference_ms, size);
    snprintf(out, TEXT_SIZE, "! %s%.20s", nearby->clock_difference_ms < 0 ? "-" : "+", size);
}

void nearby_clock(const struct view_nearby *nearby, char *out, size_t size) {
    char difference[TEXT_SIZE];
    text_difference(nearby->clock_difference_ms, difference);
    if (!nearby->clock_differs) {
        text_copy(out, size, _("its clock agrees"));
    } else if (nearby->clock_difference_ms < 0) {
        snprintf(out, size, _("its clock is %s behind"), difference);
    } else {
        snprintf(out, size, _("its clock is %s ahead"), difference);
    }
}

static void act(struct nearby *nearby, struct turn *turn) {
    const struct view_nearby *focus = nearby_find(turn->view, nearby->list.focus);
    if (focus == NULL) {
        return;
    }
    if (!list_is_sure(&nearby->list)) {
        turn->notice = _(turn_look_again);
    } else if (focus->is_revoked &&
               (turn->press == 'c' || (turn->press == TRUST_PRESS && !focus->trusted))) {
        turn->notice = revoked_words(focus->is_lost);
    } else if (turn->press == TRUST_PRESS) {
        turn_command_identity(turn, focus->trusted ? COMMAND_UNTRUST : COMMAND_TRUST,
                              focus->identity);
    } else if (turn->press == 'e') {
        text_copy(nearby->naming, sizeof nearby->naming, focus->identity);
        nearby->name = (struct field){.length = strlen(focus->name)};
        text_copy(nearby->name.text, OFFICER_NAME_SIZE, focus->name);
    } else if (turn->press == LOST_PRESS) {
        lost_open(&nearby->lost, turn->view, focus->identity);
    } else if (turn->view->airplane) {
        turn->notice = _(modes_no_talk);
    } else {
        char who[WHO_SIZE];
        text_copy(nearby->calling, sizeof nearby->calling, focus->identity);
        snprintf(nearby->question, sizeof nearby->question, _("Call %s? Press y."),
                 who_told(who, focus->name, focus->name_kind, focus->identity));
        turn->notice = nearby->question;
    }
}

/* `y` after `c`, with the same identity under the cursor. */
static bool key_calling(struct nearby *nearby, struct turn *turn) {
    bool is_asked = nearby->calling[0] != '\0' && turn->press == 'y' &&
                    strcmp(nearby->calling, nearby->list.focus) == 0;
    nearby->calling[0] = '\0';
    if (is_asked && list_is_sure(&nearby->list)) {
        turn_command_identity(turn, COMMAND_CALL, nearby->list.focus);
        turn_go(turn, PLACE_TALK, "");
    } else if (is_asked) {
        turn->notice = _(turn_look_again);
    }
    return is_asked;
}

static void key_naming(struct nearby *nearby, struct turn *turn) {
    if (turn->press == PRESS_ESCAPE) {
        nearby->naming[0] = '\0';
    } else if (turn->press == PRESS_ENTER) {
        field_trim(&nearby->name);
        turn_command_identity(turn, COMMAND_GIVE_NAME, nearby->naming);
        text_copy(turn->command->name, sizeof turn->command->name, nearby->name.text);
        nearby->naming[0] = '\0';
    } else {
        field_key_name(&nearby->name, turn->press);
    }
}

void nearby_key(struct nearby *nearby, struct turn *turn) {
    if (is_naming(nearby)) {
        key_naming(nearby, turn);
        return;
    }
    if (lost_is_open(&nearby->lost)) {
        lost_key(&nearby->lost, turn);
        return;
    }
    struct rows rows = nearby_rows(nearby, turn->view);
    list_settle(&nearby->list, &rows);
    if (key_calling(nearby, turn) || filter_key(&nearby->filter, &rows, turn)) {
        return;
    }
    if (list_key(&nearby->list, &rows, turn->press)) {
        return;
    }
    switch (turn->press) {
    case 'n':
        turn_go(turn, PLACE_NEW_GROUP, "");
        break;
    case 's':
        nearby->order = (enum nearby_order)((nearby->order + 1) % NEARBY_ORDERS);
        break;
    case LOST_PRESS:
        if (rows.count == 0 && filter_whole(&nearby->filter) != NULL) {
            lost_open(&nearby->lost, turn->view, filter_whole(&nearby->filter));
            break;
        }
        act(nearby, turn);
        break;
    case TRUST_PRESS:
    case 'c':
    case 'e':
        act(nearby, turn);
        break;
    default:
        break;
    }
}

const char *nearby_mark(const struct view_nearby *row) {
    return row->is_revoked                          ? revoked_mark(row->is_lost)
           : row->is_two                            ? _("2 devices")
           : row->trusted && nearby_is_claimed(row) ? _("trusted")
           : row->trusted                           ? _("✓ trusted")
                                                    : _("unmarked");
}

const char *nearby_short_mark(const struct view_nearby *row) {
    return row->is_revoked                          ? "x"
           : row->is_two                            ? "2"
           : row->trusted && nearby_is_claimed(row) ? "+"
           : row->trusted                           ? "✓"
           : row->alike                             ? "!"
                                                    : " ";
}

static void draw_full_row(const struct view_nearby *row, struct area line, enum style style,
                          bool selected) {
    const struct columns columns = columns_of();
    int at = line.columns - columns.heard;
    char text[TEXT_SIZE], signal[SIGNAL_SIZE];
    text_duration_short(row->heard_ago_ms, text);
    area_text(line, 0, at, style, text);
    clock_column(row, text);
    at -= columns.clock;
    area_text(line, 0, at, selected ? style : row->clock_differs ? STYLE_CAUTION : style, text);
    signal_column(row, signal);
    area_text_fit(line, 0, at -= columns.signal, columns.signal - 1, style, signal);
    at -= columns.mark;
    area_text(line, 0, at,
              selected                         ? style
              : row->is_revoked || row->is_two ? STYLE_BAD
              : row->trusted                   ? STYLE_GOOD
                                               : STYLE_DIM,
              nearby_mark(row));
    at -= columns.name;
    char name[WHO_SIZE];
    area_text_fit(line, 0, at, columns.name - 1, style, who_name(name, row->name, row->name_kind));
    if (row->alike) {
        area_text(line, 0, at - 2, selected ? style : STYLE_CAUTION, "!");
    }
    text_tail(line, 0, 2, at - (row->alike ? 5 : 3), style, row->identity);
}

static void draw_short_row(const struct view_nearby *row, struct area line, enum style style,
                           bool selected) {
    char heard[TEXT_SIZE];
    text_duration_short(row->heard_ago_ms, heard);
    int at = line.columns - HEARD_SHORT;
    area_text(line, 0, line.columns - 1 - text_width(heard), style, heard);
    if (row->clock_differs) {
        area_text(line, 0, at - 1, selected ? style : STYLE_CAUTION, "!");
    }
    int end = signal_draw_short(line, at - 2, style, row);
    area_text(line, 0, 2,
              selected                         ? style
              : row->is_revoked || row->is_two ? STYLE_BAD
                                               : STYLE_GOOD,
              nearby_short_mark(row));
    who_draw(line, 0, 4, end - 4, style, row->name, row->name_kind, row->identity);
}

static void draw_rows(struct nearby *nearby, const struct view *view, struct area area) {
    struct rows rows = nearby_rows(nearby, view);
    size_t end = list_draw(&nearby->list, &rows, area);
    for (size_t i = nearby->list.top; i < end; i++) {
        bool selected = i == nearby->list.row;
        const struct view_nearby *row = nearby_find(view, rows_key(&rows, i));
        bool answers = row->state != NEARBY_NOT_ANSWERING;
        enum style style = list_style(&nearby->list, i, answers ? STYLE_PLAIN : STYLE_DIM);
        struct area line = area_within(area, (int)(i - nearby->list.top), 0, 1, area.columns - 1);
        if (selected) {
            area_fill(line, ' ', style);
        }
        area_text(line, 0, 0, style, list_mark(&nearby->list, i));
        if (text_is_full(area)) {
            draw_full_row(row, line, style, selected);
        } else {
            draw_short_row(row, line, style, selected);
        }
    }
}

/* The identity under the cursor in full. Of two devices each has its own clock. */
static void draw_focus(const struct view *view, const struct view_nearby *focus, struct area area) {
    const struct view_message *report = revoked_report_find(view, focus->identity);
    char reported[REPORT_WORDS_SIZE];
    char clock[96], heard[TEXT_SIZE], signal[SIGNAL_SIZE], about[512];
    int width = area.columns - 2;
    int row = text_wrapped(area, 0, 1, width, STYLE_STRONG, focus->identity);
    if (focus->is_revoked) {
        text_wrapped(area, row, 1, width, STYLE_BAD, revoked_words(focus->is_lost));
        return;
    }
    if (focus->is_two) {
        text_wrapped(area, row, 1, width, STYLE_BAD, nearby_two_devices());
        return;
    }
    if (report != NULL) {
        revoked_report_text(report, reported);
        text_wrapped(area, row, 1, width, STYLE_CAUTION, reported);
        return;
    }
    if (focus->alike) {
        text_wrapped(area, row, 1, width, STYLE_CAUTION, nearby_names_alike());
        return;
    }
    nearby_clock(focus, clock, sizeof clock);
    text_duration_short(focus->heard_ago_ms, heard);
    if (text_is_full(area)) {
        signal_heard(focus, heard, signal);
        snprintf(about, sizeof about, "%s, %s, %s, %s", nearby_state(focus),
                 focus->trusted ? _("trusted by you") : _("not marked by you"), clock, signal);
    } else {
        signal_short(focus, signal);
        bool is_reachable = focus->state == NEARBY_REACHABLE; /* goes without saying here */
        snprintf(about, sizeof about, "%s%s%s%s%s%s%s", is_reachable ? "" : nearby_state(focus),
                 is_reachable ? "" : ", ", focus->trusted ? _("trusted") : _("unmarked"),
                 focus->clock_differs ? ", " : "", focus->clock_differs ? clock : "",
                 signal[0] != '\0' ? ", " : "", signal);
    }
    text_wrapped(area, row, 1, width, STYLE_PLAIN, about);
}

/* `is_short`: without what goes without saying. */
static void write_nobody(struct page *page, const struct view *view, bool is_short) {
    if (view->airplane) {
        page_text(page, 0, STYLE_PLAIN, _("Nobody is in reach in airplane mode. 0 ends it."));
        return;
    }
    bool off = links_all_off(view);
    page_text(page, 0, STYLE_PLAIN,
              off ? _("Nobody is in reach: no radio is on. 6 shows the links.")
                  : _("No other identity in reach."));
    page_gap(page);
    links_write_advice(page, view);
    if (is_short) {
        return;
    }
    page_gap(page);
    page_text(page, 0, STYLE_DIM,
              off ? _("Handsets in reach appear here by themselves, as soon as they have "
                      "proven their identity.")
                  : _("Handsets in reach appear here by themselves, as soon as they have "
                      "proven their identity. 6 shows the links."));
}

static void draw_nobody(const struct view *view, struct area area) {
    struct page page = page_begin(NULL, area);
    struct page measured = page;
    write_nobody(&measured, view, false);
    do {
        write_nobody(&page, view, measured.row > area.rows);
    } while (page_again(&page));
}

/* What the first column has, or, where not all have a row, how many have one. */
static void head(const struct view *view, struct area line, int column, const char *what,
                 const char *order) {
    char text[2 * TEXT_SIZE];
    if (view->nearby_total > view->nearby_count) {
        snprintf(text, sizeof text, _("Verified: %zu of %zu"), view->nearby_count,
                 view->nearby_total);
        what = text;
    }
    int at = column + area_text(line, 0, column, STYLE_DIM, what);
    if (order != NULL && at + 2 + text_width(order) <= line.columns) {
        at += area_text(line, 0, at, STYLE_DIM, ", ");
        area_text(line, 0, at, STYLE_STRONG, order);
    } else if (order != NULL) {
        area_fill(line, ' ', STYLE_PLAIN);
        area_text(line, 0, column, STYLE_STRONG, order);
    }
}

static void draw_heading(const struct view *view, enum nearby_order order, struct area line) {
    if (text_is_full(line)) {
        const struct columns columns = columns_of();
        int at = line.columns - 1 - columns.heard;
        area_text(line, 0, at, STYLE_DIM, _("Heard"));
        area_text(line, 0, at -= columns.clock, STYLE_DIM, _("Clock"));
        area_text(line, 0, at -= columns.signal, STYLE_DIM, _("Signal"));
        area_text(line, 0, at -= columns.mark, STYLE_DIM, _("Mark"));
        at -= columns.name;
        area_text(line, 0, at, STYLE_DIM, _("Name"));
        head(view, area_within(line, 0, 0, 1, at - 1), 2, _("Verified identity"),
             order_words(order));
    } else {
        head(view, line, 1, _("Verified identities"), order_words(order));
    }
}

/* On small screens the title row says it. */
static int draw_mode(const struct view *view, struct area area) {
    if (!text_is_full(area) || (!view->airplane && !view->radio_silence)) {
        return 0;
    }
    area_text(area, 0, 1, STYLE_CAUTION,
              view->airplane ? _("Airplane mode: nothing is sent or heard, on any link.")
                             : _("Radio silence: listens only; your own talk and calls go out."));
    return 1;
}

static void write_kind(struct page *page, const struct view_nearby *row) {
    static const char *const kinds[NAME_KINDS] = {
        [NAME_CLAIMED] = N_("It calls itself so. Nobody else says that it is called that."),
        [NAME_ACCEPTED] = N_("That is how it stands in a group that you made."),
        [NAME_ATTESTED] = N_("Its KMS attests this name."),
        [NAME_GIVEN] = N_("You gave it this name."),
    };
    if (row != NULL && row->name[0] != '\0') {
        page_text(page, 0, STYLE_DIM, _(kinds[row->name_kind]));
    }
}

static void draw_naming(struct nearby *nearby, const struct view *view, struct area area) {
    struct page page = page_begin(NULL, area);
    do {
        page_gap(&page);
        page_text(&page, 0, STYLE_STRONG, _("What do you call this identity?"));
        page_text(&page, 0, STYLE_STRONG, nearby->naming);
        page_gap(&page);
        if (page.drawing) {
            field_draw(&nearby->name, false, area, page_row(&page), 1, text_name_columns(area));
        }
        page.row++;
        page_gap(&page);
        write_kind(&page, nearby_find(view, nearby->naming));
        page_text(&page, 0, STYLE_DIM,
                  _("Your name for it goes before all others on this handset, and to nobody else. "
                    "An empty one takes it back."));
    } while (page_again(&page));
}

void nearby_draw(struct nearby *nearby, const struct view *view, struct area area) {
    if (is_naming(nearby)) {
        draw_naming(nearby, view, area);
        return;
    }
    if (lost_is_open(&nearby->lost)) {
        lost_draw(&nearby->lost, view, area);
        return;
    }
    int row = draw_mode(view, area);
    if (view->nearby_count == 0 && !nearby->filter.is_typing) {
        struct rows none = {0};
        list_draw(&nearby->list, &none, area_within(area, row, 0, 0, 0));
        draw_nobody(view, area_within(area, row, 0, area.rows - row, area.columns));
        return;
    }
    struct rows rows = nearby_rows(nearby, view);
    row +=
        filter_draw(&nearby->filter, rows.count, view, area_within(area, row, 0, 1, area.columns));
    draw_heading(view, nearby->order, area_within(area, row, 0, 1, area.columns));
    row++;
    int detail = area.rows >= 8 ? (text_is_full(area) ? 3 : 4) : 0;
    struct area list = area_within(area, row, 0, area.rows - row - detail, area.columns);
    draw_rows(nearby, view, list);
    if (rows.count == 0) {
        filter_draw_nobody(&nearby->filter, view, list);
    }
    const struct view_nearby *focus = nearby_find(view, nearby->list.focus);
    if (detail > 0 && focus != NULL) {
        draw_focus(view, focus, area_within(area, area.rows - detail, 0, detail, area.columns));
    }
}

static void add_lost_hint(const struct view *view, const char *identity, struct hints *hints) {
    hints_add(hints, LOST_KEY, revoked_is_lost(view, identity) ? _("found") : _("lost"));
}

void nearby_hints(const struct nearby *nearby, const struct view *view, struct hints *hints) {
    if (is_naming(nearby)) {
        hints_add(hints, _("enter"), _("save"));
        hints_add(hints, _("esc"), _("back"));
        return;
    }
    if (lost_is_open(&nearby->lost)) {
        lost_hints(&nearby->lost, hints);
        return;
    }
    if (nearby->filter.is_typing || filter_is_on(&nearby->filter)) {
        filter_hint(&nearby->filter, view, hints);
    }
    if (nearby->filter.is_typing) {
        return;
    }
    if (nearby->calling[0] != '\0') {
        hints_add(hints, "y", _("call"));
    }
    const struct view_nearby *focus = nearby_find(view, nearby->list.focus);
    const char *whole = focus == NULL ? filter_whole(&nearby->filter) : NULL;
    if ((focus != NULL && focus->is_revoked) || whole != NULL) {
        add_lost_hint(view, focus != NULL ? focus->identity : whole, hints);
    }
    hints_add(hints, "n", _("new group"));
    if (focus != NULL) {
        if (!focus->is_revoked || focus->trusted) {
            hints_add(hints, TRUST_KEY, _("mark"));
        }
        if (!filter_is_on(&nearby->filter)) {
            filter_hint(&nearby->filter, view, hints);
        }
        if (!view->airplane && !focus->is_revoked) {
            hints_add(hints, "c", _("call"));
        }
        hints_add(hints, "e", _("name"));
        if (view->nearby_count > SORT_FROM || nearby->order != NEARBY_USUAL) {
            hints_add(hints, "s", _("sort"));
        }
        if (!focus->is_revoked) {
            add_lost_hint(view, focus->identity, hints);
        }
    }
}
