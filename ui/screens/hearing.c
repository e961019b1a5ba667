/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/hearing.h"

#include <stdio.h>

#include "ui/screens/text.h"
#include "ui/words/who.h"
#include "ui/words/words.h"

enum {
    SENTENCE_SIZE = 200,
    NAMES_SIZE = ADHOC_MEMBERS_MAX * (OFFICER_IDENTITY_SIZE + 2),
};

static const char *const reasons[UNHEARD_REASONS] = {
    [UNHEARD_LACKS_KEY] = N_("Without this key:"),
    [UNHEARD_CLOCK_DIFFERS] = N_("Clock differs:"),
    [UNHEARD_NOT_PLAYED] = N_("Cannot play it:"),
    [UNHEARD_NOT_NEARBY] = N_("Not nearby:"),
    [UNHEARD_UNKNOWN] = N_("Unknown:"),
};

/* How many report that they hear, or did. */
static void say_hearers(const struct view_hearing *hearing, char out[SENTENCE_SIZE]) {
    size_t count = hearing->hearers, others = hearing->others;
    if (hearing->has_list && hearing->is_over) {
        snprintf(out, SENTENCE_SIZE,
                 words_many("%zu of %zu reported that it heard you",
                            "%zu of %zu reported that they heard you", count),
                 count, others);
    } else if (hearing->has_list) {
        snprintf(out, SENTENCE_SIZE,
                 words_many("%zu of %zu reports that it hears you",
                            "%zu of %zu report that they hear you", count),
                 count, others);
    } else if (hearing->is_over) {
        snprintf(
            out, SENTENCE_SIZE,
            words_many("%zu reported that it heard you", "%zu reported that they heard you", count),
            count);
    } else {
        snprintf(
            out, SENTENCE_SIZE,
            words_many("%zu reports that it hears you", "%zu report that they hear you", count),
            count);
    }
}

/* Nobody has reported of this talk yet, but of one a moment ago. */
static void say_earlier(const struct view_hearing *hearing, char out[SENTENCE_SIZE]) {
    size_t count = hearing->earlier;
    if (hearing->has_list) {
        snprintf(out, SENTENCE_SIZE,
                 words_many("%zu of %zu reported that it heard you before",
                            "%zu of %zu reported that they heard you before", count),
                 count, hearing->others);
    } else {
        snprintf(out, SENTENCE_SIZE,
                 words_many("%zu reported that it heard you before",
                            "%zu reported that they heard you before", count),
                 count);
    }
}

static enum style say(const struct view_hearing *hearing, char out[SENTENCE_SIZE]) {
    switch (hearing->state) {
    case HEARING_AWAITED:
        if (hearing->earlier > 0) {
            say_earlier(hearing, out);
        } else {
            text_copy(out, SENTENCE_SIZE, _("Who hears you is not known yet."));
        }
        return STYLE_DIM;
    case HEARING_SOME:
        say_hearers(hearing, out);
        return hearing->is_over ? STYLE_DIM : STYLE_GOOD;
    default:
        text_copy(out, SENTENCE_SIZE,
                  !hearing->is_over    ? _("! Nobody hears you")
                  : hearing->was_heard ? _("! Nobody heard the end")
                                       : _("! Nobody heard you"));
        return STYLE_CAUTION;
    }
}

static void say_names(const struct view_hearing *hearing, enum unheard_reason reason,
                      char out[NAMES_SIZE]) {
    size_t used = 0;
    for (size_t i = 0; i < hearing->unheard_count && used < NAMES_SIZE; i++) {
        const struct view_unheard *unheard = &hearing->unheard[i];
        char who[WHO_SIZE];
        if (unheard->reason == reason) {
            int more =
                snprintf(out + used, NAMES_SIZE - used, "%s%s", used > 0 ? ", " : "",
                         who_words(who, unheard->name, unheard->name_kind, unheard->identity));
            used += more > 0 ? (size_t)more : 0;
        }
    }
}

static bool has(const struct view_hearing *hearing, enum unheard_reason reason) {
    bool found = false;
    for (size_t i = 0; i < hearing->unheard_count; i++) {
        found = found || hearing->unheard[i].reason == reason;
    }
    return found;
}

/* A row for each reason, while there is room. Until reports had their time, only what is known
 * without them. */
static int draw_names(const struct view_hearing *hearing, struct area area, int row) {
    int rows = 0;
    for (enum unheard_reason reason = 0; reason < UNHEARD_REASONS; reason++) {
        char names[NAMES_SIZE] = "";
        bool is_known = hearing->state != HEARING_AWAITED || reason == UNHEARD_LACKS_KEY;
        if (!is_known || !has(hearing, reason) || row + rows >= area.rows) {
            continue;
        }
        say_names(hearing, reason, names);
        bool is_cause = reason != UNHEARD_UNKNOWN && reason != UNHEARD_NOT_NEARBY;
        int at = 2 + area_text(area, row + rows, 1, is_cause ? STYLE_CAUTION : STYLE_DIM,
                               words(reasons[reason]));
        area_text_fit(area, row + rows, at, area.columns - at - 1, STYLE_PLAIN, names);
        rows++;
    }
    return rows;
}

/* Where nobody reports: what that means. */
static const char *advice(const struct view_hearing *hearing) {
    bool may_hear = !hearing->has_list;
    for (size_t i = 0; i < hearing->unheard_count; i++) {
        may_hear = may_hear || hearing->unheard[i].reason != UNHEARD_LACKS_KEY;
    }
    if (hearing->state != HEARING_NOBODY) {
        return NULL;
    }
    if (hearing->has_list && hearing->others == 0) {
        return _("You are alone in this group.");
    }
    return may_hear ? _("Who keeps radio silence may hear without a report.") : NULL;
}

int hearing_draw(const struct view_hearing *hearing, struct area area, int row) {
    char sentence[SENTENCE_SIZE];
    if (hearing->state == HEARING_NONE) {
        return 0;
    }
    enum style style = say(hearing, sentence);
    int width = area.columns - 2;
    int rows = text_wrapped(area, row, 1, width, style, sentence);
    rows += draw_names(hearing, area, row + rows);
    const char *what = advice(hearing);
    const struct area nowhere = area_within(area, 0, 0, 0, area.columns);
    if (what != NULL &&
        row + rows + text_scrolled(nowhere, 0, 1, width, STYLE_DIM, what) <= area.rows) {
        rows += text_wrapped(area, row + rows, 1, width, STYLE_DIM, what);
    }
    return rows;
}

const struct event *hearing_dead_microphone(const struct view *view) {
    bool is_open = view->talking || view->call_state == CALL_ACTIVE;
    for (size_t i = 0; is_open && i < view->alarm_count; i++) {
        enum event_kind kind = view->alarms[i].kind;
        if (kind == EVENT_MICROPHONE_FAILED || kind == EVENT_MICROPHONE_SILENT) {
            return &view->alarms[i];
        }
    }
    return NULL;
}
