/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/status.h"

#include <stdio.h>
#include <string.h>

#include "ui/character.h"
#include "ui/screens/hearing.h"
#include "ui/screens/reach.h"
#include "ui/screens/text.h"
#include "ui/words/who.h"
#include "ui/words/words.h"

enum {
    PARTS = 5,
    NAMES_ENOUGH = 18, /* columns for the own name and the group's */
    OWN_LEAST = 3,     /* of a name that are of any use */
};

/* How much room there is: words, short words, or signs. */
enum length {
    LENGTH_WORDS,
    LENGTH_SHORT,
    LENGTH_SIGNS,
    LENGTHS
};

struct part {
    char text[TEXT_SIZE];
    enum style style;
};

static enum style key_part(const struct view_group *group, char out[TEXT_SIZE]) {
    if (group == NULL) {
        out[0] = '\0';
        return STYLE_TITLE;
    }
    const struct reach reach = reach_of(group);
    if (reach.newer > 0 && group->gmk_state == GMK_USABLE) {
        text_copy(out, TEXT_SIZE, _("OLD KEY"));
        return STYLE_BAD;
    }
    text_left_short(group, out);
    enum style style = text_left_style(group);
    return style == STYLE_GOOD ? STYLE_TITLE : style;
}

static enum style reach_part(const struct view_group *group, enum length length,
                             char out[TEXT_SIZE]) {
    const struct reach reach = group != NULL ? reach_of(group) : (struct reach){.has_list = false};
    out[0] = '\0';
    if (!reach.has_list || group->gmk_state != GMK_USABLE) {
        return STYLE_TITLE;
    }
    if (length == LENGTH_WORDS) {
        reach_can_hear(&reach, out, TEXT_SIZE);
    } else {
        reach_short(&reach, out, TEXT_SIZE);
    }
    return reach.here == 0 ? STYLE_CAUTION : STYLE_TITLE;
}

static bool has_lost_microphone(const struct view *view) {
    bool has = false;
    for (size_t i = 0; i < view->alarm_count; i++) {
        enum event_kind kind = view->alarms[i].kind;
        has = has || kind == EVENT_MICROPHONE_FAILED || kind == EVENT_MICROPHONE_SILENT;
    }
    return has;
}

static enum style microphone_part(const struct view *view, enum length length,
                                  char out[TEXT_SIZE]) {
    bool is_open =
        view->talking || view->call_state == CALL_ACTIVE || view->sound.test == VIEW_TEST_RECORDS;
    if (has_lost_microphone(view)) {
        text_copy(out, TEXT_SIZE, length == LENGTH_SIGNS ? "x" : _("NO MIC"));
        return STYLE_BAD;
    }
    if (is_open) {
        text_copy(out, TEXT_SIZE, length == LENGTH_SIGNS ? "●" : _("MIC OPEN"));
        return STYLE_TALK;
    }
    text_copy(out, TEXT_SIZE, length == LENGTH_SIGNS ? "○" : _("mic off"));
    return STYLE_TITLE;
}

/* The links with somebody on them. */
static enum style links_part(const struct view *view, enum length length, char out[TEXT_SIZE]) {
    size_t on = 0, used = 0;
    for (size_t i = 0; i < view->radio_count; i++) {
        on += view->radios[i].state == RADIO_VIEW_ON;
        used += view->radios[i].state == RADIO_VIEW_ON && view->radios[i].peers > 0;
    }
    if (view->airplane) {
        text_copy(out, TEXT_SIZE, length == LENGTH_SIGNS ? _("PLANE") : _("AIRPLANE MODE"));
        return STYLE_BAD;
    }
    if (view->radio_silence) {
        text_copy(out, TEXT_SIZE, length == LENGTH_SIGNS ? _("SILENT") : _("RADIO SILENCE"));
        return STYLE_BAD;
    }
    if (view->radio_count == 0) {
        out[0] = '\0';
        return STYLE_TITLE;
    }
    if (length == LENGTH_SIGNS) {
        snprintf(out, TEXT_SIZE, "%zuL", used);
    } else {
        snprintf(out, TEXT_SIZE, words_many("%zu link", "%zu links", used), used);
    }
    return on == 0 ? STYLE_BAD : used == 0 ? STYLE_CAUTION : STYLE_TITLE;
}

static enum style alarm_part(const struct view *view, enum length length, char out[TEXT_SIZE]) {
    if (view->emergency_count > 0) {
        text_copy(out, TEXT_SIZE, length == LENGTH_SIGNS ? "!!" : _("EMERGENCY"));
        return STYLE_BAD;
    }
    if (view->alarm_count == 0) {
        text_copy(out, TEXT_SIZE, length == LENGTH_WORDS ? _("no alarm") : "");
        return STYLE_TITLE;
    }
    if (length == LENGTH_SIGNS) {
        snprintf(out, TEXT_SIZE, "!%zu", view->alarm_count);
    } else {
        snprintf(out, TEXT_SIZE, words_many("%zu alarm", "%zu alarms", view->alarm_count),
                 view->alarm_count);
    }
    return STYLE_BAD;
}

/* Are the radios kept quiet? A word says so then in place of the links' sign. */
static bool is_quiet(const struct view *view) {
    return view->airplane || view->radio_silence;
}

/* Between the names, and behind the n-th part: the microphone's sign stands by that of the links.
 */
static int gap_of(const struct view *view, enum length length, size_t n) {
    return length == LENGTH_WORDS ? 2 : length == LENGTH_SIGNS && n == 2 && !is_quiet(view) ? 0 : 1;
}

/* All but the names, from the left; returns the columns that they take with a gap before them. */
static int make_parts(const struct view *view, const struct view_group *group, enum length length,
                      struct part parts[PARTS]) {
    parts[0].style = key_part(group, parts[0].text);
    parts[1].style = reach_part(group, length, parts[1].text);
    parts[2].style = microphone_part(view, length, parts[2].text);
    parts[3].style = links_part(view, length, parts[3].text);
    parts[4].style = alarm_part(view, length, parts[4].text);
    int columns = 0, gap = gap_of(view, length, 0);
    for (size_t i = 0; i < PARTS; i++) {
        int width = text_width(parts[i].text);
        columns += width > 0 ? gap + width : 0;
        gap = width > 0 ? gap_of(view, length, i) : gap;
    }
    return columns;
}

/* What talk goes to: a call, or a group. */
static void target_of(const struct view *view, const struct view_group *group,
                      char out[WHO_SIZE + TEXT_SIZE]) {
    char who[WHO_SIZE], name[TEXT_GROUP_SIZE];
    if (view->call_state == CALL_ACTIVE) {
        snprintf(out, WHO_SIZE + TEXT_SIZE, _("call: %s"),
                 who_told(who, view->call_name, view->call_name_kind, view->call_identity));
    } else if (group == NULL) {
        snprintf(out, WHO_SIZE + TEXT_SIZE, "%s", _("no group"));
    } else {
        snprintf(out, WHO_SIZE + TEXT_SIZE, "%.*s", WHO_SIZE, text_group_name(name, group));
    }
}

/* The own name gives way to the group's. */
static void draw_names(const struct view *view, const struct view_group *group, enum style style,
                       int gap, int start, int room, struct area line) {
    char target[WHO_SIZE + TEXT_SIZE];
    const char *own = text_name(view->name, view->identity);
    target_of(view, group, target);
    int wanted = text_width(target), width = room - wanted - gap;
    int own_width = text_width(own) < width ? text_width(own) : width;
    int at = start;
    if (own_width >= OWN_LEAST || own_width == text_width(own)) {
        at += area_text_fit(line, 0, at, own_width, style, own) + gap;
    }
    area_text_fit(line, 0, at, start + room - at, style, target);
}

void status_draw(const struct view *view, const struct view_group *group, struct area line) {
    struct part parts[PARTS];
    enum style base = is_quiet(view) ? STYLE_BAD : STYLE_TITLE;
    const struct view_group *shown = view->call_state == CALL_ACTIVE ? NULL : group;
    enum length length = LENGTH_WORDS;
    int columns = make_parts(view, shown, length, parts);
    while (length + 1 < LENGTHS && line.columns - 2 - columns < NAMES_ENOUGH) {
        length++;
        columns = make_parts(view, shown, length, parts);
    }
    area_fill(line, ' ', base);
    int start = length == LENGTH_SIGNS ? 0 : 1, gap = gap_of(view, length, 0);
    int room = line.columns - start - columns;
    if (room > gap) {
        draw_names(view, group, base, gap, start, room, line);
    }
    int at = line.columns - columns + gap;
    at = at > start ? at : start;
    for (size_t i = 0; i < PARTS; i++) {
        int width = text_width(parts[i].text);
        if (width > 0 && at + width <= line.columns) {
            area_text(line, 0, at, is_quiet(view) ? base : parts[i].style, parts[i].text);
            at += width + gap_of(view, length, i);
        }
    }
}
