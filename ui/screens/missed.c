/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/missed.h"

#include <stdio.h>
#include <string.h>

#include "ui/character.h"
#include "ui/screens/text.h"
#include "ui/screens/who.h"
#include "ui/words/who.h"
#include "ui/words/words.h"

enum {
    MISSED_SIZE = WHO_SIZE + OFFICER_NAME_SIZE + 160
};

static bool is_missed(const struct event *event) {
    return event->kind == EVENT_INVITATION_EXPIRED || event->kind == EVENT_INVITATION_WITHDRAWN ||
           event->kind == EVENT_INVITATION_LOST;
}

/* Does it fit that far that a name can be told at its end? */
static bool fits(const char *text, const char *who, const char *name, int width) {
    char before[MISSED_SIZE];
    const char *at = strstr(text, who);
    snprintf(before, sizeof before, "%.*s", at != NULL ? (int)(at - text) : 0, text);
    return text_width(before) + (name[0] != '\0' ? text_width(name) + 2 : text_width(who)) <= width;
}

static void say_short(const char *time, const char *who, unsigned count, bool has_key,
                      char out[MISSED_SIZE]) {
    if (count > 1) {
        snprintf(out, MISSED_SIZE, has_key ? _("5: missed %u, %.5s %s") : _("Missed %u, %.5s %s"),
                 count, time, who);
    } else {
        snprintf(out, MISSED_SIZE, has_key ? _("5: missed %.5s %s") : _("Missed %.5s %s"), time,
                 who);
    }
}

static void say(const struct event *event, unsigned count, bool has_key, int width,
                char out[MISSED_SIZE]) {
    char who[WHO_SIZE], time[TEXT_SIZE];
    who_words(who, event->name, event->name_kind, event->identity);
    text_time(event->utc_ms, time);
    if (count > 1) {
        snprintf(out, MISSED_SIZE,
                 has_key ? _("Press 5: missed %u calls and requests, %.5s %s")
                         : _("Missed %u calls and requests, %.5s %s"),
                 count, time, who);
    } else if (event->group[0] == '\0') {
        snprintf(out, MISSED_SIZE,
                 has_key ? _("Press 5: missed a call, %.5s %s") : _("Missed a call, %.5s %s"), time,
                 who);
    } else {
        snprintf(out, MISSED_SIZE,
                 has_key ? _("Press 5: missed a request, %.5s %s, %s")
                         : _("Missed a request, %.5s %s, %s"),
                 time, who, event->group_name);
    }
    if (!fits(out, who, event->name, width)) {
        say_short(time, who, count, has_key, out);
    }
}

static void draw(const char *text, struct area line) {
    area_fill(line, ' ', STYLE_CAUTION);
    area_text_fit(line, 0, 1, line.columns - 2, STYLE_CAUTION, text);
}

bool unread_banner(const struct view *view, const char *shown, bool is_talk, bool has_key,
                   struct area line) {
    char text[TEXT_GROUP_SIZE + 4 * TEXT_SIZE], name[TEXT_GROUP_SIZE], count[2 * TEXT_SIZE];
    const struct view_group *group = NULL;
    for (size_t i = 0; i < view->group_count && group == NULL; i++) {
        const struct view_group *row = &view->groups[i];
        group = row->unread > 0 && strcmp(row->identity, shown) != 0 ? row : NULL;
    }
    if (group == NULL) {
        return false;
    }
    text_group_name(name, group);
    if (line.columns < 60) {
        snprintf(count, sizeof count, _("* %zu unread"), group->unread);
    } else {
        snprintf(count, sizeof count,
                 words_many("* %zu unread message", "* %zu unread messages", group->unread),
                 group->unread);
    }
    if (!has_key) {
        snprintf(text, sizeof text, "%s: %s", count, name);
    } else if (is_talk) {
        snprintf(text, sizeof text, _("%s (%s, then m): %s"), count, _("left/right"), name);
    } else {
        snprintf(text, sizeof text, _("%s (3, then m): %s"), count, name);
    }
    draw(text, line);
    return true;
}

bool missed_banner(const struct view *view, int64_t looked_utc_ms, bool has_key, struct area line) {
    const struct event *latest = NULL;
    char text[MISSED_SIZE];
    unsigned count = 0;
    for (size_t i = 0; i < view->log_count && view->log[i].utc_ms > looked_utc_ms; i++) {
        if (is_missed(&view->log[i])) {
            latest = latest == NULL ? &view->log[i] : latest;
            count += view->log_times[i].times > 1 ? view->log_times[i].times : 1;
        }
    }
    if (latest == NULL) {
        return false;
    }
    say(latest, count, has_key, line.columns - 2, text);
    draw(text, line);
    return true;
}
