/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/demo/air_log.h"

#include <stdio.h>
#include <string.h>

#include "app/handset/air/frame.h"
#include "app/handset/overheard.h"
#include "ui/words/frame.h"

/* Frames alike this long apart are still one line. */
enum {
    ALIKE_MS = 30 * 1000
};

void air_log_name(struct air_log *log, const char *identity, const char *name) {
    if (log->name_count < AIR_LOG_NAMES) {
        log->names[log->name_count++] = (struct air_name){.identity = identity, .name = name};
    }
}

/* An identity that has a name gives way to it, also within a group's. */
static void put_name(const struct air_log *log, char *identity, size_t size) {
    char whole[OFFICER_GROUP_SIZE];
    snprintf(whole, sizeof whole, "%s", identity);
    for (size_t i = 0; i < log->name_count; i++) {
        const char *at = strstr(whole, log->names[i].identity);
        if (at != NULL) {
            snprintf(identity, size, "%.*s%s%s", (int)(at - whole), whole, log->names[i].name,
                     at + strlen(log->names[i].identity));
            return;
        }
    }
}

/* Without the size, by which frames would differ that are alike for people. */
static void describe(const struct air_log *log, struct span frame, struct lesson_frame *line) {
    struct view_frame seen;
    overheard_look(frame, &seen);
    put_name(log, seen.from, sizeof seen.from);
    put_name(log, seen.to, sizeof seen.to);
    put_name(log, seen.group, sizeof seen.group);
    frame_words(&seen, line->what, sizeof line->what);
    frame_protection_words(&seen, line->protection, sizeof line->protection);
}

static bool is_alike(const struct lesson_frame *a, const struct lesson_frame *b) {
    return a->from == b->from && a->to == b->to && strcmp(a->what, b->what) == 0 &&
           b->utc_ms - a->utc_ms <= ALIKE_MS;
}

/* Makes room at the front by moving what is newer than `place` back over it. */
static void move_to_front(struct air_log *log, size_t place, const struct lesson_frame *line) {
    memmove(log->lines + 1, log->lines, place * sizeof *log->lines);
    log->lines[0] = *line;
}

/* A presence comes again and again: it must not push what happens now out of sight. */
static bool is_routine(struct span octets) {
    struct frame frame;
    return frame_read(octets, &frame) == STATUS_OK &&
           (frame.kind == FRAME_PRESENCE || frame.kind == FRAME_PRESENCE_LINK);
}

const struct lesson_frame *air_log_frame(struct air_log *log, int64_t utc_ms, unsigned from,
                                         unsigned to, struct span frame) {
    struct lesson_frame line = {.utc_ms = utc_ms, .count = 1, .from = from, .to = to};
    log->frames++;
    describe(log, frame, &line);
    for (size_t i = 0; i < log->count; i++) {
        if (is_alike(&log->lines[i], &line)) {
            line.count = log->lines[i].count + 1;
            if (is_routine(frame)) {
                log->lines[i] = line;
            } else {
                move_to_front(log, i, &line);
            }
            return NULL;
        }
    }
    if (log->count < AIR_LOG_LINES) {
        log->count++;
    }
    move_to_front(log, log->count - 1, &line);
    return &log->lines[0];
}
