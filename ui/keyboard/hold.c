/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/keyboard/hold.h"

#include "ui/keyboard/ptt.h"

/* Is it a repeat? Where releases are not told, what is typed may be. */
static bool is_repeat(const struct hold *hold, enum input_kind kind, int64_t now_ms) {
    int64_t most_ms =
        hold->last_ms == hold->pressed_ms ? (int64_t)PTT_DELAY_MAX_MS : HOLD_INTERVAL_MAX_MS;
    return (kind == INPUT_REPEATED || kind == INPUT_TYPED) && (hold->is_down || hold->is_spent) &&
           now_ms - hold->last_ms <= most_ms;
}

bool hold_key(struct hold *hold, enum input_kind kind, int64_t now_ms) {
    if (kind == INPUT_RELEASED) {
        *hold = (struct hold){0};
        return false;
    }
    if (!is_repeat(hold, kind, now_ms)) { /* repeats of a press that was not seen begin nothing */
        bool begins = kind != INPUT_REPEATED;
        *hold = (struct hold){.is_down = begins, .is_spent = !begins, .pressed_ms = now_ms};
    }
    hold->last_ms = now_ms;
    bool counts = hold->is_down && now_ms - hold->pressed_ms >= HOLD_MS;
    if (counts) {
        hold->is_down = false;
        hold->is_spent = true;
    }
    return counts;
}

void hold_spend(struct hold *hold, enum input_kind kind, int64_t now_ms) {
    if (!hold_key(hold, kind, now_ms) && kind != INPUT_RELEASED) {
        hold->is_down = false;
        hold->is_spent = true;
    }
}
