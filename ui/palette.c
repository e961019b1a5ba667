/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/palette.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ui/character.h"
#include "ui/screens/emergency.h"
#include "ui/screens/frame.h"
#include "ui/screens/page.h"
#include "ui/screens/text.h"
#include "ui/ui.h"
#include "ui/words/words.h"

enum {
    ACTIONS_MAX = 120,
    ID_SIZE = 16,
    TYPED_SIZE = 64, /* octets */
    DETAIL_ROWS = 3, /* below the list, where there is room: the whole of what it does */
    DETAIL_FROM = 10,
    KEY_GAP = 2,
    SHORT_KEYS = 2, /* columns for keys on narrow screens, of which few take more */
};

struct action {
    char id[ID_SIZE]; /* for the list */
    enum place place; /* PLACE_HERE: it is the same everywhere */
    uint32_t press;
    const char *key, *what; /* in English */
    bool is_offered;        /* the screen names it in its row of keys, or it is possible always */
};

struct actions {
    size_t count;
    struct action list[ACTIONS_MAX];
};

/* The screens whose actions are named wherever one is. */
static const enum place everywhere[] = {PLACE_NEARBY, PLACE_GROUPS, PLACE_TALK,  PLACE_KEYS,
                                        PLACE_LOG,    PLACE_LINKS,  PLACE_SOUND, PLACE_LOCK};

/* --- Which there are -------------------------------------------------------------------------- */

/* Is it under these words already? Several screens make a new group. */
static bool is_listed(const struct actions *actions, const char *what) {
    for (size_t i = 0; i < actions->count; i++) {
        if (strcmp(actions->list[i].what, what) == 0) {
            return true;
        }
    }
    return false;
}

static void add(struct actions *actions, enum place place, uint32_t press, const char *key,
                const char *what, bool is_offered) {
    if (actions->count == ACTIONS_MAX || is_listed(actions, what)) {
        return;
    }
    struct action *action = &actions->list[actions->count++];
    *action = (struct action){
        .place = place, .press = press, .key = key, .what = what, .is_offered = is_offered};
    snprintf(action->id, sizeof action->id, "%d %x", (int)place, (unsigned)press);
}

static void add_of_place(struct actions *actions, const struct places *places,
                         const struct view *view, enum place place) {
    struct help_keys keys = {0};
    struct hints offered = {0};
    places_hints(places, place, view, &offered);
    help_keys_of(place, &keys);
    for (size_t i = 0; i < keys.count; i++) {
        uint32_t press = help_press(keys.key[i].key);
        if (press != PRESS_NONE && press != 'y') { /* nothing is confirmed from here */
            add(actions, place, press, keys.key[i].key, keys.key[i].what,
                hints_have(&offered, _(keys.key[i].key)));
        }
    }
}

/* Those that every screen has; a request or an emergency, where there is one. */
static void add_of_all(struct actions *actions, const struct view *view, enum place about) {
    struct help_keys keys = {0};
    help_keys_of_all(&keys);
    for (size_t i = 0; i < PLACE_TABS; i++) {
        static const char *const digits[PLACE_TABS] = {"1", "2", "3", "4", "5", "6"};
        add(actions, PLACE_HERE, (uint32_t)('1' + i), digits[i], frame_tab_name((enum place)i),
            true);
    }
    for (size_t i = 0; i < keys.count; i++) {
        uint32_t press = help_press(keys.key[i].key);
        bool is_there = press == 'q'                               ? about < PLACE_TABS
                        : press == (unsigned char)PALETTE_KEY[0]   ? false
                        : press == 'i'                             ? view->invitation_count > 0
                        : press == (unsigned char)EMERGENCY_KEY[0] ? view->emergency_count > 0
                                                                   : press != PRESS_NONE;
        if (is_there) {
            add(actions, PLACE_HERE, press, keys.key[i].key, keys.key[i].what, true);
        }
    }
}

static struct actions actions_of(const struct palette *palette, const struct places *places,
                                 const struct view *view) {
    struct actions actions = {0};
    add_of_place(&actions, places, view, palette->about);
    add_of_all(&actions, view, palette->about);
    for (size_t i = 0; i < sizeof everywhere / sizeof everywhere[0]; i++) {
        if (everywhere[i] != palette->about) {
            add_of_place(&actions, places, view, everywhere[i]);
        }
    }
    return actions;
}

/* --- Which of them are left ------------------------------------------------------------------- */

/* ASCII letters of either case are the same; of others the octets are compared. */
static bool has(const char *text, const char *part, size_t length) {
    for (; strlen(text) >= length; text++) {
        if (strncasecmp(text, part, length) == 0) {
            return true;
        }
    }
    return false;
}

/* Does it have every word that was typed, in either language, or is that its key? */
static bool is_meant(const struct action *action, const char *typed) {
    if (strcmp(action->key, typed) == 0) {
        return true;
    }
    while (*typed != '\0') {
        size_t length = strcspn(typed, " ");
        if (!has(action->what, typed, length) && !has(_(action->what), typed, length)) {
            return false;
        }
        typed += length;
        typed += strspn(typed, " ");
    }
    return true;
}

static void leave(struct actions *actions, const char *typed) {
    size_t kept = 0;
    for (size_t i = 0; i < actions->count; i++) {
        if (is_meant(&actions->list[i], typed)) {
            actions->list[kept++] = actions->list[i];
        }
    }
    actions->count = kept;
}

static struct rows rows_of_actions(const struct actions *actions) {
    struct rows rows = {0};
    for (size_t i = 0; i < actions->count; i++) {
        rows_add(&rows, actions->list[i].id);
    }
    return rows;
}

/* --- Keys ------------------------------------------------------------------------------------- */

void palette_open(struct palette *palette, enum place about) {
    *palette = (struct palette){.about = about};
}

static bool is_move(uint32_t press) {
    return press == PRESS_UP || press == PRESS_DOWN || press == PRESS_PAGE_UP ||
           press == PRESS_PAGE_DOWN;
}

bool palette_key(struct palette *palette, const struct places *places, const struct turn *turn,
                 struct palette_choice *choice) {
    struct actions actions = actions_of(palette, places, turn->view);
    leave(&actions, palette->typed.text);
    struct rows rows = rows_of_actions(&actions);
    list_settle(&palette->list, &rows);
    if (turn->press == PRESS_ENTER) {
        if (!list_is_sure(&palette->list) || actions.count == 0) {
            return false;
        }
        const struct action *action = &actions.list[palette->list.row];
        *choice = (struct palette_choice){action->place, action->press};
        return true;
    }
    if (is_move(turn->press)) {
        list_key(&palette->list, &rows, turn->press);
    } else if (field_key(&palette->typed, TYPED_SIZE, turn->press)) {
        palette->list = (struct list){.top = 0}; /* the first of those that are left now */
    }
    return false;
}

/* --- Drawing ---------------------------------------------------------------------------------- */

/* The keys that lead to it from here: its screen's, where it is another's, and its own. */
static void keys_text(const struct palette *palette, const struct action *action,
                      char out[TEXT_SIZE]) {
    bool is_far = action->place != PLACE_HERE && action->place != palette->about;
    if (!is_far) {
        snprintf(out, TEXT_SIZE, "%s", _(action->key));
    } else if (action->place < PLACE_TABS) {
        snprintf(out, TEXT_SIZE, "%d %s", (int)action->place + 1, _(action->key));
    } else {
        snprintf(out, TEXT_SIZE, "%s %s",
                 action->place == PLACE_SOUND ? "6 s" : "4 " LOCK_SETTINGS_KEY, _(action->key));
    }
}

static int keys_columns(const struct palette *palette, const struct actions *actions) {
    int columns = 0;
    for (size_t i = 0; i < actions->count; i++) {
        char keys[TEXT_SIZE];
        keys_text(palette, &actions->list[i], keys);
        columns = text_width(keys) > columns ? text_width(keys) : columns;
    }
    return columns;
}

static void draw_rows(struct palette *palette, const struct actions *all,
                      const struct actions *actions, struct area area) {
    struct rows rows = rows_of_actions(actions);
    size_t end = list_draw(&palette->list, &rows, area);
    int indent = 2 + KEY_GAP + (text_is_full(area) ? keys_columns(palette, all) : SHORT_KEYS);
    for (size_t i = palette->list.top; i < end; i++) {
        const struct action *action = &actions->list[i];
        enum style style =
            list_style(&palette->list, i, action->is_offered ? STYLE_PLAIN : STYLE_DIM);
        struct area line = area_within(area, (int)(i - palette->list.top), 0, 1, area.columns - 1);
        char keys[TEXT_SIZE];
        keys_text(palette, action, keys);
        area_fill(line, ' ', style);
        area_text(line, 0, 0, style, list_mark(&palette->list, i));
        area_text(line, 0, 2, style, keys);
        int after = 2 + text_width(keys) + KEY_GAP - 1;
        int at = after > indent ? after : indent;
        area_text_fit(line, 0, at, line.columns - at - 1, style, _(action->what));
    }
}

static void draw_detail(const struct palette *palette, const struct actions *actions,
                        struct area area) {
    if (actions->count == 0) {
        text_wrapped(area, 0, 1, area.columns - 2, STYLE_PLAIN, _("No action has these words."));
        return;
    }
    const struct action *action = &actions->list[palette->list.row];
    char text[512];
    snprintf(text, sizeof text, "%s%s", action->is_offered ? "" : _("Not now; enter says why: "),
             _(action->what));
    text_scrolled(area, 0, 1, area.columns - 2, action->is_offered ? STYLE_STRONG : STYLE_DIM,
                  text);
}

void palette_draw(struct palette *palette, const struct places *places, const struct view *view,
                  struct area area) {
    struct actions all = actions_of(palette, places, view), left = all;
    char count[TEXT_SIZE];
    leave(&left, palette->typed.text);
    snprintf(count, sizeof count, _("%zu of %zu"), left.count, all.count);
    area_text(area, 0, 1, STYLE_STRONG, ":");
    field_draw(&palette->typed, false, area, 0, 2, area.columns - text_width(count) - 4);
    area_text(area, 0, area.columns - 1 - text_width(count), STYLE_DIM, count);
    int detail = area.rows >= DETAIL_FROM ? DETAIL_ROWS : 0;
    draw_rows(palette, &all, &left, area_within(area, 1, 0, area.rows - 1 - detail, area.columns));
    if (detail > 0) {
        draw_detail(palette, &left, area_within(area, area.rows - detail, 0, detail, area.columns));
    }
}

void palette_hints(const struct palette *palette, const struct places *places,
                   const struct view *view, struct hints *hints) {
    struct actions actions = actions_of(palette, places, view);
    leave(&actions, palette->typed.text);
    if (actions.count > 0) {
        hints_add(hints, _("enter"), _("do it"));
        hints_add(hints, _("up/down"), _("choose"));
    }
    hints_add(hints, _("esc"), _("back"));
}
