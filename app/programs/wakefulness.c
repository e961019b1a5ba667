/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/wakefulness.h"

#include "app/handset/air/frame.h"

void wakefulness_begin(struct wakefulness *wakefulness, int64_t now_ms) {
    *wakefulness = (struct wakefulness){
        .seen_ms = now_ms, .until_ms = now_ms, .woke_ms = now_ms - WAKEFULNESS_BURST_MS};
}

void wakefulness_wait(struct wakefulness *wakefulness, int64_t now_ms, int64_t wait_ms) {
    wakefulness->seen_ms = now_ms;
    wakefulness->until_ms = wait_ms < 0 ? INT64_MAX : now_ms + wait_ms;
}

int64_t wakefulness_look(struct wakefulness *wakefulness, int64_t now_ms) {
    bool has_slept = wakefulness->until_ms < now_ms - WAKEFULNESS_LATE_MS;
    int64_t slept_ms = has_slept ? now_ms - wakefulness->seen_ms : 0;
    wakefulness->seen_ms = now_ms;
    wakefulness->until_ms = now_ms;
    if (has_slept) {
        wakefulness->woke_ms = now_ms;
    }
    return slept_ms;
}

static bool is_of_the_moment(struct span octets) {
    struct frame frame;
    if (frame_read(octets, &frame) != STATUS_OK) {
        return false;
    }
    switch (frame.kind) {
    case FRAME_PRESENCE:
    case FRAME_PRESENCE_LINK:
    case FRAME_ANNOUNCEMENT:
    case FRAME_MEDIA:
    case FRAME_ANNOUNCEMENT_AND_MEDIA:
    case FRAME_VOICE_REPORT:
    case FRAME_FLOOR:
    case FRAME_INQUIRY:
    case FRAME_ATTENDANCE:
    case FRAME_FRAGMENT: /* it may be of one of these; what lasts is said again */
        return true;
    default:
        return false;
    }
}

bool wakefulness_allows(const struct wakefulness *wakefulness, int64_t now_ms, int64_t age_ms,
                        struct span frame) {
    bool may_be_old = age_ms < 0 ? now_ms - wakefulness->woke_ms < WAKEFULNESS_BURST_MS
                                 : age_ms > WAKEFULNESS_OLD_MS;
    return !may_be_old || !is_of_the_moment(frame);
}
