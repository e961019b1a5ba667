/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/frame.h"

#include <stdio.h>

#include "ui/character.h"
#include "ui/screens/invitation.h"
#include "ui/screens/text.h"

static const char *const tab_names[PLACE_TABS] = {"Nearby", "Groups", "Talk", "Keys", "Log"};

const char *frame_tab(enum place place) {
    return place < PLACE_TABS ? tab_names[place] : "";
}

/* Returns the columns that are left of it. */
static int draw_status(const struct view *view, struct area line) {
    char time[TEXT_SIZE], text[96];
    bool full = text_is_full(line);
    text_time(view->utc_ms, time);
    if (full) {
        snprintf(text, sizeof text, "%s  %s UTC ", view->name, time);
    } else {
        snprintf(text, sizeof text, "%.5s ", time);
    }
    int at = line.columns - text_width(text);
    area_text(line, 0, at, STYLE_TITLE, text);
    /* In a call the microphone is open all the time. */
    if (view->talking || view->call_state == CALL_ACTIVE) {
        at -= 11;
        area_text(line, 0, at, STYLE_TALK, view->talking ? " ● TALKING " : " ● IN CALL ");
    }
    return at;
}

void frame_title(const struct view *view, enum place place, const char *title, struct area line) {
    area_fill(line, ' ', STYLE_TITLE);
    int room = draw_status(view, line);
    struct area left = area_within(line, 0, 0, 1, room);
    if (place >= PLACE_TABS || !text_is_full(line)) {
        int at = 1 + area_text_fit(left, 0, 1, room - 2, STYLE_TITLE, title);
        int width = text_width(view->name), most = room - at - 2;
        if (!text_is_full(line) && most > 0) {
            width = width < most ? width : most;
            area_text_fit(left, 0, room - 1 - width, width, STYLE_TITLE, view->name);
        }
        return;
    }
    int at = 0;
    for (int i = 0; i < PLACE_TABS; i++) {
        bool here = i == (int)place;
        at += area_print(left, 0, at, here ? STYLE_SELECTED : STYLE_TITLE, "%s%d %s%s",
                         here ? "[" : " ", i + 1, tab_names[i], here ? "]" : " ");
    }
}

static bool draw_invitation_banner(const struct view *view, enum place place, struct area line) {
    if (view->invitation_count == 0 || place == PLACE_INVITATION) {
        return false;
    }
    const struct view_invitation *first = &view->invitations[0];
    char text[256];
    const char *who = text_name(first->inviter_name, first->inviter);
    snprintf(text, sizeof text, "! Press i: %s %s", who, invitation_verb(first->purpose));
    if (text_width(text) > line.columns - 2) {
        snprintf(text, sizeof text, "! Press i: %s asks", who);
    }
    area_fill(line, ' ', STYLE_CAUTION);
    area_text_fit(line, 0, 1, line.columns - 2, STYLE_CAUTION, text);
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
    char text[256];
    const struct view_group *group = text_group(view, talker->group);
    snprintf(text, sizeof text, "● %s talks%s%s", text_name(talker->name, talker->identity),
             group != NULL ? " in " : "", group != NULL ? group->name : "");
    area_fill(line, ' ', STYLE_TALK);
    area_text_fit(line, 0, 1, line.columns - 2, STYLE_TALK, text);
    return true;
}

int frame_banners(const struct view *view, enum place place, struct area area) {
    if (view->phase != PHASE_READY) {
        return 0;
    }
    int rows = 0;
    if (draw_invitation_banner(view, place, area_within(area, rows, 0, 1, area.columns))) {
        rows++;
    }
    if ((rows == 0 || area.rows >= TALL_ROWS) &&
        draw_talk_banner(view, place, area_within(area, rows, 0, 1, area.columns))) {
        rows++;
    }
    return rows;
}

int frame_notice(const char *line, bool problem, struct area area) {
    if (line[0] == '\0') {
        return 0;
    }
    char text[VIEW_LOG_TEXT_SIZE + 2];
    snprintf(text, sizeof text, "%s%s", problem ? "! " : "", line);
    struct area nowhere = area_within(area, 0, 0, 0, 0);
    int rows = text_wrapped(nowhere, 0, 0, area.columns - 2, STYLE_PLAIN, text);
    int most = area.rows / 3;
    rows = rows < most ? rows : most;
    struct area place = area_within(area, area.rows - rows, 0, rows, area.columns);
    text_wrapped(place, 0, 1, area.columns - 2, problem ? STYLE_BAD : STYLE_GOOD, text);
    return rows;
}
