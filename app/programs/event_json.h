/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events for machines: one JSON object a line.
 *
 *     {"time":"2026-11-24T12:00:00.250Z","event":"group-ready","weight":"notice",
 *      "group":"adhoc:...","group_name":"Fire 7","gmk_id":"A1B2C3D4"}
 *
 * `time` is this handset's clock in UTC. After `weight` come the values that the event has, by the
 * names of event.h: `count`, `line`, `part`, `duration_ms`, `error` (an errno), `number` and `more`
 * are numbers, `parts` is an array of numbers, everything else is text. A value that is not known
 * is left out. Names of events and values do not change between versions; new ones are added.
 */
#ifndef MUSTER_APP_PROGRAMS_EVENT_JSON_H
#define MUSTER_APP_PROGRAMS_EVENT_JSON_H

#include <stdio.h>

#include "app/handset/event.h"
#include "crypto/status.h"

/* Writes `event` as one line to `out`, and flushes it: who follows the file sees it at once.
 * STATUS_NO_MEMORY; STATUS_MALFORMED for a text that is not UTF-8; STATUS_IO_FAILED, errno says
 * why. After an error a part of the line may have been written. */
MUST_CHECK enum status event_json_write(FILE *out, const struct event *event);

#endif
