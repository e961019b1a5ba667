/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events for machines: one JSON object a line.
 *
 *     {"time":"2026-11-24T12:00:00.250Z","event":"group-ready","weight":"notice",
 *      "group":"adhoc:...","group_name":"Fire 7","gmk_id":"A1B2C3D4"}
 *
 * `time` is this handset's clock in UTC. After `weight` come the values that the event has, by the
 * names of event.h: `count`, `line`, `part`, `duration_ms`, `error` (an errno), `number`, `more`
 * and `sources` are numbers, `parts` is an array of numbers, everything else is text. A value that
 * is not known is left out. What proves an event stands behind that: `peer` is the number of the
 * address that it came from, in hexadecimal, the first two digits the link's; `proof` are its
 * octets. Of "voice-forged" these are the payload of a frame of kind 5: the talker's announcement,
 * and the packet that a member forged under it. `left_out`, a number, stands last: so many events
 * of the kind before this one have no line (event_log.h). Names of events and values do not change
 * between versions; new ones are added.
 */
#ifndef MUSTER_APP_PROGRAMS_EVENT_JSON_H
#define MUSTER_APP_PROGRAMS_EVENT_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "app/handset/event.h"
#include "crypto/bytes.h"
#include "crypto/status.h"

/* Octets that prove an event, and the peer that they came from. */
struct event_proof {
    uint64_t peer;
    struct span octets; /* empty: there is none */
};

/* Writes `event` with its `proof`, and how many before it were left out (0: is not mentioned), as
 * one line to `out`, and flushes it: who follows the file sees
 * it at once. STATUS_NO_MEMORY; STATUS_MALFORMED for a text that is not UTF-8; STATUS_IO_FAILED,
 * errno says why. After an error a part of the line may have been written. */
MUST_CHECK enum status event_json_write(FILE *out, const struct event *event,
                                        const struct event_proof *proof, unsigned left_out);

/* The same line as text, without its end, which the caller frees. */
MUST_CHECK enum status event_json_line(const struct event *event, const struct event_proof *proof,
                                       unsigned left_out, char **line);

/* An event alone, without what proves it; the caller's. NULL: STATUS_NO_MEMORY or not UTF-8. */
json_t *event_json_object(const struct event *event);

#endif
