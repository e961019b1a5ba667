/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events as scripts write them: a kind and values by their names for machines (event.h), in the
 * order of event.h: group-ready group="sip:fire7@county.example" gmk_id=A1B2C3D4
 */
#ifndef MUSTER_UI_SCRIPT_EVENT_H
#define MUSTER_UI_SCRIPT_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "app/handset/event.h"

/* What a script expects: any value goes where values[] has NULL. The texts belong to it. */
struct script_event {
    enum event_kind kind;
    char *values[EVENT_VALUES];
};

enum {
    SCRIPT_EVENT_SIZE = 2000 /* any event as a script writes it, terminated */
};

/* Is it of that kind, with each of the values that are expected? */
bool script_event_matches(const struct script_event *expected, const struct event *event);

/* Writes the event with all values that it has. A value with a blank, a quote or a backslash in it
 * stands in quotes, as TEXT in the grammar (ui/README.md). */
void script_event_write(const struct event *event, char out[SCRIPT_EVENT_SIZE]);

/* Frees its texts. */
void script_event_clear(struct script_event *expected);

#endif
