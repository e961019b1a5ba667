/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/event_log.h"

#include <poll.h>
#include <stdlib.h>

#include "app/handset/shelf.h"

static bool is_power_of_two(unsigned count) {
    return (count & (count - 1)) == 0;
}

/* Is there room for one more line of what others cause? */
static bool is_allowed(struct event_log *log, int64_t boot_ms, enum event_kind kind) {
    bool is_talk = shelf_of(kind) == SHELF_TALK;
    int64_t each_ms = is_talk ? EVENT_LOG_MS / EVENT_LOG_TALK : EVENT_LOG_MS;
    unsigned burst = is_talk ? EVENT_LOG_BURST * EVENT_LOG_TALK : EVENT_LOG_BURST;
    int64_t more = (boot_ms - log->kinds[kind].filled_ms) / each_ms;
    log->kinds[kind].filled_ms += more * each_ms;
    log->kinds[kind].used -= more < log->kinds[kind].used ? (unsigned)more : log->kinds[kind].used;
    if (log->kinds[kind].used >= burst) {
        return false;
    }
    log->kinds[kind].used++;
    return true;
}

enum status event_log_line(struct event_log *log, int64_t boot_ms, const struct event *event,
                           const struct event_proof *proof, char **line) {
    enum event_kind kind = event->kind;
    bool is_refusal = kind == EVENT_REFUSED;
    *line = NULL;
    if (is_refusal && !is_power_of_two(event->count)) {
        return STATUS_OK;
    }
    if ((is_refusal || shelf_of(kind) != SHELF_OWN) && !is_allowed(log, boot_ms, kind)) {
        log->kinds[kind].left_out++;
        return STATUS_OK;
    }
    unsigned left_out = log->kinds[kind].left_out;
    log->kinds[kind].left_out = 0;
    return event_json_line(event, proof, left_out, line);
}

/* Is there room in the pipe that it may be? Nobody waits for who reads it. */
static bool has_room(FILE *out) {
    struct pollfd room = {.fd = fileno(out), .events = POLLOUT};
    return room.fd < 0 || poll(&room, 1, 0) != 0;
}

enum status event_log_put(struct event_log *log, enum event_kind kind, const char *line) {
    if (!has_room(log->out)) {
        log->kinds[kind].left_out++;
        return STATUS_OK;
    }
    return fprintf(log->out, "%s\n", line) >= 0 && fflush(log->out) == 0 ? STATUS_OK
                                                                         : STATUS_IO_FAILED;
}

enum status event_log_write(struct event_log *log, int64_t boot_ms, const struct event *event,
                            const struct event_proof *proof) {
    char *line;
    if (log->out == NULL) {
        return STATUS_OK;
    }
    enum status status = event_log_line(log, boot_ms, event, proof, &line);
    if (status == STATUS_OK && line != NULL) {
        status = event_log_put(log, event->kind, line);
    }
    free(line);
    return status;
}
