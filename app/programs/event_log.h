/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file of `--log`: each event is a line (event_json.h), and nobody can fill the disk by it. Of
 * what others cause, a kind has so many lines at once and then some now and then; the next line
 * that it has says how many were left out. What was refused is a line when it is the first of its
 * kind, check and source, the second, the fourth, the eighth, and so on, with the count. What the
 * officer did, and what became of the own groups and keys, is always a line. Where it is a pipe
 * that is full nobody waits for who reads it: what does not fit is left out as well.
 */
#ifndef MUSTER_APP_PROGRAMS_EVENT_LOG_H
#define MUSTER_APP_PROGRAMS_EVENT_LOG_H

#include "app/programs/event_json.h"

enum {
    EVENT_LOG_BURST = 100, /* lines of a kind at once, */
    EVENT_LOG_MS = 10000,  /* and one more in so long; */
    EVENT_LOG_TALK = 10,   /* of talk so many times as many */
};

struct event_log {
    FILE *out; /* NULL: there is none */
    struct {
        int64_t filled_ms; /* boot clock */
        unsigned used;     /* of the burst */
        unsigned left_out;
    } kinds[EVENT_COUNT];
};

/* The line of `event`, without its end, which the caller frees; NULL where it is to have none, or
 * after an error. STATUS_NO_MEMORY; STATUS_MALFORMED for a text that is not UTF-8. */
MUST_CHECK enum status event_log_line(struct event_log *log, int64_t boot_ms,
                                      const struct event *event, const struct event_proof *proof,
                                      char **line);

/* Writes such a line of that kind, and flushes it; into a pipe that nobody reads it is left out.
 * STATUS_IO_FAILED, errno says why. */
MUST_CHECK enum status event_log_put(struct event_log *log, enum event_kind kind, const char *line);

/* Writes the line of `event`, if it is to have one. The errors of event_json_write. */
MUST_CHECK enum status event_log_write(struct event_log *log, int64_t boot_ms,
                                       const struct event *event, const struct event_proof *proof);

#endif
