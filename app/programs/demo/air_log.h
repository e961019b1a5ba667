/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What goes over the air, in plain words: frames alike that come one after another become one line
 * with a number, so that a second of voice is not fifty lines.
 */
#ifndef MUSTER_APP_PROGRAMS_DEMO_AIR_LOG_H
#define MUSTER_APP_PROGRAMS_DEMO_AIR_LOG_H

#include "crypto/bytes.h"
#include "ui/lesson/lesson.h"

enum {
    AIR_LOG_LINES = 64,
    AIR_LOG_NAMES = 32
};

/* An identity and what people call its handset; both are somebody else's. */
struct air_name {
    const char *identity, *name;
};

struct air_log {
    size_t name_count;
    struct air_name names[AIR_LOG_NAMES];
    size_t count;
    struct lesson_frame lines[AIR_LOG_LINES]; /* newest first; a presence that comes again stays */
    uint64_t frames;                          /* how many in all */
};

/* From now on the log says `name` where a frame names `identity`; both outlive the log. */
void air_log_name(struct air_log *log, const char *identity, const char *name);

/* A frame that handset `from` put on the air for handset `to` (0: everyone). Returns the new line,
 * or NULL when it joined an older one. */
const struct lesson_frame *air_log_frame(struct air_log *log, int64_t utc_ms, unsigned from,
                                         unsigned to, struct span frame);

#endif
