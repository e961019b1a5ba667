/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/waiting.h"

#include <stdbool.h>

int waiting_for_descriptor(uv_loop_t *uv, uv_poll_t *poll, int descriptor, int events,
                           uv_poll_cb callback, void *context) {
    int failed = uv_poll_init(uv, poll, descriptor);
    poll->data = context;
    return failed != 0 ? failed : uv_poll_start(poll, events, callback);
}

int waiting_for_signal(uv_loop_t *uv, uv_signal_t *signal, int number, uv_signal_cb callback,
                       void *context) {
    int failed = uv_signal_init(uv, signal);
    signal->data = context;
    return failed != 0 ? failed : uv_signal_start(signal, callback, number);
}

void waiting_until(uv_timer_t *timer, uv_timer_cb callback, int64_t now_ms, int64_t boot_ms) {
    if (boot_ms == INT64_MAX) {
        uv_timer_stop(timer);
        return;
    }
    uv_update_time(timer->loop);
    bool is_due = boot_ms <= now_ms;
    if (is_due && uv_is_active((uv_handle_t *)timer) && uv_timer_get_due_in(timer) <= 1) {
        return; /* it is about to fire: whoever asks again and again does not put it off */
    }
    uv_timer_start(timer, callback, boot_ms - now_ms > 1 ? (uint64_t)(boot_ms - now_ms) : 1, 0);
}

void waiting_beyond(uv_timer_t *timer, uv_timer_cb callback, int64_t now_ms, int64_t boot_ms) {
    waiting_until(timer, callback, now_ms, boot_ms < INT64_MAX ? boot_ms + 1 : boot_ms);
}
