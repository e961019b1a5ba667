/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/missed.h"

#include <stdio.h>

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

static void say(const struct event *event, unsigned count, char out[MISSED_SIZE]) {
    char who[WHO_SIZE], time[TEXT_SIZE];
    who_words(who, event->name, event->name_kind, event->identity);
    text_time(event->utc_ms, time);
    if (count > 1) {
        snprintf(out, MISSED_SIZE, _("Press 5: missed %u calls and requests, %.5s %s"), count, time,
                 who);
    } else if (event->group[0] == '\0') {
        snprintf(out, MISSED_SIZE, _("Press 5: missed a call, %.5s %s"), time, who);
    } else {
        snprintf(out, MISSED_SIZE, _("Press 5: missed a request, %.5s %s, %s"), time, who,
                 event->group_name);
    }
}

bool missed_banner(const struct view *view, int64_t looked_utc_ms, struct area line) {
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
    say(latest, count, text);
    area_fill(line, ' ', STYLE_CAUTION);
    area_text_fit(line, 0, 1, line.columns - 2, STYLE_CAUTION, text);
    return true;
}
