/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/frame.h"

#include <stdio.h>
#include <string.h>

#include "app/text/digits.h"
#include "ui/character.h"
#include "ui/screens/emergency.h"
#include "ui/screens/hearing.h"
#include "ui/screens/invitation.h"
#include "ui/screens/modes.h"
#include "ui/screens/text.h"
#include "ui/screens/who.h"
#include "ui/words/event.h"
#include "ui/words/words.h"

enum {
    NAME_ENOUGH = 8, /* columns of a name for which the time becomes shorter */
    NAME_LEAST = 6,  /* columns of a name that are of any use */
    BANNER_SIZE = 2 * OFFICER_NAME_SIZE + 128,
};

static const char *const tab_names[PLACE_TABS] = {N_("Nearby"), N_("Groups"), N_("Talk"),
                                                  N_("Keys"),   N_("Log"),    N_("Links")};

static const char ellipsis[] = "…";

const char *frame_tab(enum place place) {
    return place < PLACE_TABS ? _(tab_names[place]) : "";
}

const char *frame_tab_name(enum place place) {
    return tab_names[place];
}

/* What the officer has to know on every screen, as blocks in the title row. */
struct marks {
    const char *talk, *mode; /* "" when there is none */
};

static struct marks marks_of(const struct view *view, int room) {
    /* In a call the microphone is open all the time. */
    const char *talk = view->talking                     ? _(" ● TALKING ")
                       : view->call_state == CALL_ACTIVE ? _(" ● IN CALL ")
                                                         : "";
    const char *mode = modes_mark(view);
    bool fit = text_width(talk) + text_width(mode) <= room;
    return (struct marks){fit || talk[0] == '\0' ? talk : " ● ", mode};
}

/* Who holds a handset that is not open is nobody's to see. */
static const char *who_of(const struct view *view) {
    return view->phase == PHASE_READY ? view->name : "";
}

/* The time as it fits into `room` with a name beside it; empty where it does not fit at all. */
static void clock_text(const struct view *view, bool full, int room, char out[TEXT_SIZE]) {
    char time[TEXT_SIZE];
    int name = text_width(who_of(view));
    text_time(view->utc_ms, time);
    snprintf(out, TEXT_SIZE, "%.8s UTC ", time);
    if (!full || room < text_width(out) + (name < NAME_ENOUGH ? name : NAME_ENOUGH) + 3) {
        snprintf(out, TEXT_SIZE, "%.5s ", time);
    }
    if (room < text_width(out)) {
        out[0] = '\0';
    }
}

/* Draws who, when and the marks at the right of a line whose first `used` columns are taken. */
static void draw_status(const struct view *view, int used, struct area line) {
    struct marks marks = marks_of(view, line.columns - used);
    bool full = text_is_full(line);
    int room = line.columns - used - text_width(marks.talk) - text_width(marks.mode);
    char clock[TEXT_SIZE];
    clock_text(view, full, room, clock);
    int at = line.columns - text_width(clock);
    area_text(line, 0, at, STYLE_TITLE, clock);
    int gap = full ? 2 : 1, whole = text_width(who_of(view));
    int width = room - text_width(clock) - gap - 1;
    width = whole < width ? whole : width;
    if (width == whole || width >= NAME_LEAST) {
        at -= width + gap;
        area_text_fit(line, 0, at, width, STYLE_TITLE, who_of(view));
    }
    at -= text_width(marks.mode);
    area_text(line, 0, at, STYLE_CAUTION, marks.mode);
    area_text(line, 0, at - text_width(marks.talk), STYLE_TALK, marks.talk);
}

static int tabs_columns(void) {
    int columns = 0;
    for (int i = 0; i < PLACE_TABS; i++) {
        columns += text_width(frame_tab((enum place)i)) + 4;
    }
    return columns;
}

static void draw_tabs(enum place place, struct area line) {
    int at = 0;
    for (int i = 0; i < PLACE_TABS; i++) {
        bool here = i == (int)place;
        at += area_print(line, 0, at, here ? STYLE_SELECTED : STYLE_TITLE, "%s%d %s%s",
                         here ? "[" : " ", i + 1, frame_tab((enum place)i), here ? "]" : " ");
    }
}

void frame_title(const struct view *view, enum place place, const char *title, struct area line) {
    area_fill(line, ' ', STYLE_TITLE);
    bool tabs = place < PLACE_TABS && text_is_full(line);
    if (tabs) {
        draw_tabs(place, line);
    } else {
        area_words_fit(line, 0, 1, line.columns - 2, STYLE_TITLE, title);
    }
    draw_status(view, tabs ? tabs_columns() : 1 + text_width(title), line);
}

static bool draw_invitation_banner(const struct view *view, enum place place, bool has_keys,
                                   struct area line) {
    if (view->invitation_count == 0 || place == PLACE_INVITATION) {
        return false;
    }
    const struct view_invitation *first = &view->invitations[0];
    char what[BANNER_SIZE], text[BANNER_SIZE + 64];
    char room[WHO_SIZE];
    const char *who =
        who_words(room, first->inviter_name, first->inviter_name_kind, first->inviter);
    invitation_headline(first, what, sizeof what);
    snprintf(text, sizeof text, has_keys ? _("! Press i: %s") : "! %s", what);
    if (text_width(text) > line.columns - 3 - IDENTITY_DIGITS) {
        snprintf(text, sizeof text, has_keys ? _("! Press i: %s asks") : _("! %s asks"), who);
    }
    if (text_width(text) > line.columns - 3 - IDENTITY_DIGITS) {
        snprintf(text, sizeof text, has_keys ? _("! Press i: %s") : "! %s", who);
    }
    area_fill(line, ' ', STYLE_CAUTION);
    int end = who_draw_digits(line, 0, line.columns - 1, STYLE_CAUTION, first->inviter);
    area_text_fit(line, 0, 1, end - 2, STYLE_CAUTION, text);
    return true;
}

static bool draw_talk_banner(const struct view *view, enum place place, struct area line) {
    const struct view_talker *talker = NULL;
    for (size_t i = 0; i < view->talker_count && talker == NULL; i++) {
        talker = view->talkers[i].self ? NULL : &view->talkers[i];
    }
    if (talker == NULL || place == PLACE_TALK) {
        return false;
    }
    char text[BANNER_SIZE];
    const struct view_group *group = text_group(view, talker->group);
    char room[WHO_SIZE];
    const char *who = who_words(room, talker->name, talker->name_kind, talker->identity);
    char called[TEXT_GROUP_SIZE];
    if (talker->is_emergency && group != NULL) {
        snprintf(text, sizeof text, _("● %s talks in %s: EMERGENCY"), who,
                 text_group_name(called, group));
    } else if (group != NULL) {
        snprintf(text, sizeof text, _("● %s talks in %s"), who, text_group_name(called, group));
    } else {
        snprintf(text, sizeof text, _("● %s talks"), who);
    }
    enum style style = talker->is_emergency ? STYLE_BAD : STYLE_TALK;
    area_fill(line, ' ', style);
    int end = who_draw_digits(line, 0, line.columns - 1, style, talker->identity);
    if (talker->is_emergency && text_width(text) > end - 2) {
        snprintf(text, sizeof text, _("! EMERGENCY %s"), who);
    }
    area_text_fit(line, 0, 1, end - 2, style, text);
    return true;
}

/* What stands, the heaviest of it, and how much more; the Log has all of it whole. Who talks and is
 * not sent is told that before anything else. */
static bool draw_alarm_banner(const struct view *view, struct area line) {
    if (view->alarm_count == 0) {
        return false;
    }
    char what[EVENT_WORDS_SIZE], text[EVENT_WORDS_SIZE + TEXT_SIZE];
    const struct event *dead = hearing_dead_microphone(view);
    event_words(dead != NULL ? dead : &view->alarms[0], what, sizeof what);
    if (view->alarm_count > 1) {
        snprintf(text, sizeof text, _("! (1 of %zu) %s"), view->alarm_count, what);
        if (text_width(text) > line.columns - 2) {
            snprintf(text, sizeof text, "! +%zu: %s", view->alarm_count - 1, what);
        }
    } else {
        snprintf(text, sizeof text, "! %s", what);
    }
    area_fill(line, ' ', STYLE_BAD);
    area_text_fit(line, 0, 1, line.columns - 2, STYLE_BAD, text);
    return true;
}

int frame_banners(const struct view *view, enum place place, bool has_keys, struct area area) {
    if (view->phase != PHASE_READY) {
        return 0;
    }
    /* One where people are in danger comes before everything else. */
    int alarms = place != PLACE_EMERGENCY &&
                 emergency_banner(view, area_within(area, 0, 0, 1, area.columns));
    if ((alarms == 0 || area.rows >= TALL_ROWS) && place != PLACE_LOG &&
        draw_alarm_banner(view, area_within(area, alarms, 0, 1, area.columns))) {
        alarms++;
    }
    area = area_within(area, alarms, 0, area.rows - alarms, area.columns);
    int rows = 0;
    if (draw_invitation_banner(view, place, has_keys,
                               area_within(area, rows, 0, 1, area.columns))) {
        rows++;
    }
    if ((rows == 0 || area.rows >= TALL_ROWS) &&
        draw_talk_banner(view, place, area_within(area, rows, 0, 1, area.columns))) {
        rows++;
    }
    return alarms + rows;
}

static int notice_rows(const char *text, struct area area) {
    struct area nowhere = area_within(area, 0, 0, 0, 0);
    return text_wrapped(nowhere, 0, 0, area.columns - 2, STYLE_PLAIN, text);
}

/* Cuts `text`, which has room for an ellipsis, to that many rows: after a word. */
static int cut_notice(char *text, struct area area, int most) {
    int rows = notice_rows(text, area);
    size_t end = strlen(text);
    while (most > 0 && rows > most && end > 0) {
        text[end] = '\0';
        const char *blank = strrchr(text, ' ');
        end = blank != NULL ? (size_t)(blank - text) : 0;
        memcpy(text + end, ellipsis, sizeof ellipsis);
        rows = notice_rows(text, area);
    }
    return rows < most ? rows : most;
}

int frame_notice(const char *line, bool problem, struct area area) {
    if (line[0] == '\0') {
        return 0;
    }
    char text[EVENT_WORDS_SIZE + 2 + sizeof ellipsis];
    snprintf(text, EVENT_WORDS_SIZE + 2, "%s%s", problem ? "! " : "", line);
    int rows = cut_notice(text, area, area.rows / 3);
    struct area place = area_within(area, area.rows - rows, 0, rows, area.columns);
    text_wrapped(place, 0, 1, area.columns - 2, problem ? STYLE_BAD : STYLE_GOOD, text);
    return rows;
}
