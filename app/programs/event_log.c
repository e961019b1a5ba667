/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/event_log.h"

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

enum status event_log_write(struct event_log *log, int64_t boot_ms, const struct event *event,
                            const struct event_proof *proof) {
    enum event_kind kind = event->kind;
    bool is_refusal = kind == EVENT_REFUSED;
    if (log->out == NULL || (is_refusal && !is_power_of_two(event->count))) {
        return STATUS_OK;
    }
    if ((is_refusal || shelf_of(kind) != SHELF_OWN) && !is_allowed(log, boot_ms, kind)) {
        log->kinds[kind].left_out++;
        return STATUS_OK;
    }
    unsigned left_out = log->kinds[kind].left_out;
    log->kinds[kind].left_out = 0;
    return event_json_write(log->out, event, proof, left_out);
}
