/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What stands until it is over, and is shown on every screen meanwhile: a disk that takes nothing,
 * a microphone that is gone. The log says when something began and when it was over (journal.h); an
 * alarm says that it is still so. event_stands and event_ends say which kinds begin and end one.
 */
#ifndef MUSTER_APP_HANDSET_DESK_ALARMS_H
#define MUSTER_APP_HANDSET_DESK_ALARMS_H

#include "app/handset/view.h"

struct alarms {
    size_t count;
    struct event list[VIEW_ALARMS_MAX]; /* of each kind one: the latest; the oldest first */
};

/* `event` happened: it begins an alarm in place of the earlier one of its kind, ends one, or is of
 * no matter here. Of more than VIEW_ALARMS_MAX the oldest makes way. */
void alarms_hear(struct alarms *alarms, const struct event *event);

/* Does an alarm of that kind stand? */
bool alarms_stands(const struct alarms *alarms, enum event_kind kind);

/* Copies what stands into the view: the heaviest first, of those as heavy the latest. */
void alarms_show(const struct alarms *alarms, struct view *view);

#endif
