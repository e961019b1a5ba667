/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/demo/air_log.h"

#include <stdio.h>
#include <string.h>

#include "app/handset/air/frame.h"
#include "app/handset/overheard.h"

/* Frames alike this long apart are still one line. */
enum {
    ALIKE_MS = 30 * 1000
};

void air_log_name(struct air_log *log, const char *identity, const char *name) {
    if (log->name_count < AIR_LOG_NAMES) {
        log->names[log->name_count++] = (struct air_name){.identity = identity, .name = name};
    }
}

/* Copies `length` octets of text with names in the place of identities, cut to fit. */
static void copy_with_names(const struct air_log *log, const char *text, size_t length,
                            char out[LESSON_TEXT_SIZE]) {
    size_t used = 0;
    for (const char *end = text + length; text < end && used + 1 < LESSON_TEXT_SIZE;) {
        const struct air_name *found = NULL;
        for (size_t i = 0; i < log->name_count && !found; i++) {
            if (strncmp(text, log->names[i].identity, strlen(log->names[i].identity)) == 0) {
                found = &log->names[i];
            }
        }
        if (found) {
            used += (size_t)snprintf(out + used, LESSON_TEXT_SIZE - used, "%s", found->name);
            text += strlen(found->identity);
        } else {
            out[used++] = *text++;
        }
    }
    out[used < LESSON_TEXT_SIZE ? used : LESSON_TEXT_SIZE - 1] = 0;
}

/* "what, N octets: protection" of air_describe, taken apart; without the size, by which frames
 * would differ that are alike for people. */
static void describe(const struct air_log *log, struct span frame, struct lesson_frame *line) {
    static const char mark[] = " octets: ";
    char text[AIR_LINE_SIZE];
    air_describe(frame, text, sizeof text);
    char *end = strstr(text, mark);
    if (!end) {
        copy_with_names(log, text, strlen(text), line->what);
        return;
    }
    copy_with_names(log, end + strlen(mark), strlen(end + strlen(mark)), line->protection);
    while (end > text && *end != ',') {
        end--;
    }
    copy_with_names(log, text, (size_t)(end - text), line->what);
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
    return frame_read(octets, &frame) == STATUS_OK && frame.kind == FRAME_PRESENCE;
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
