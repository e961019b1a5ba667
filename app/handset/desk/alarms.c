/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/desk/alarms.h"

#include <string.h>

static void take_out(struct alarms *alarms, size_t n) {
    alarms->count--;
    memmove(&alarms->list[n], &alarms->list[n + 1], (alarms->count - n) * sizeof alarms->list[0]);
}

static void end(struct alarms *alarms, enum event_kind kind) {
    for (size_t i = 0; i < alarms->count; i++) {
        if (alarms->list[i].kind == kind) {
            take_out(alarms, i);
            return;
        }
    }
}

void alarms_hear(struct alarms *alarms, const struct event *event) {
    for (int kind = 0; kind < EVENT_COUNT; kind++) {
        if (event_ends(event->kind, (enum event_kind)kind)) {
            end(alarms, (enum event_kind)kind);
        }
    }
    if (!event_stands(event->kind)) {
        return;
    }
    end(alarms, event->kind);
    if (alarms->count == VIEW_ALARMS_MAX) {
        take_out(alarms, 0);
    }
    alarms->list[alarms->count++] = *event;
}

bool alarms_stands(const struct alarms *alarms, enum event_kind kind) {
    for (size_t i = 0; i < alarms->count; i++) {
        if (alarms->list[i].kind == kind) {
            return true;
        }
    }
    return false;
}

void alarms_show(const struct alarms *alarms, struct view *view) {
    static const enum log_weight weights[] = {LOG_WARNING, LOG_NOTICE, LOG_DETAIL};
    view->alarm_count = 0;
    for (size_t w = 0; w < sizeof weights / sizeof weights[0]; w++) {
        for (size_t i = alarms->count; i > 0; i--) {
            if (event_weight(alarms->list[i - 1].kind) == weights[w]) {
                view->alarms[view->alarm_count++] = alarms->list[i - 1];
            }
        }
    }
}
