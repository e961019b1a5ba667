/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an event loop (libuv) waits for, each asked for in one call: a descriptor, a signal, a time
 * of the boot clock. `data` of each handle is `context`; they are closed as libuv's handles are.
 * What is returned is libuv's: 0, or for want of memory or descriptors less.
 */
#ifndef MUSTER_APP_PROGRAMS_WAITING_H
#define MUSTER_APP_PROGRAMS_WAITING_H

#include <stdint.h>
#include <uv.h>

int waiting_for_descriptor(uv_loop_t *uv, uv_poll_t *poll, int descriptor, int events,
                           uv_poll_cb callback, void *context);

int waiting_for_signal(uv_loop_t *uv, uv_signal_t *signal, int number, uv_signal_cb callback,
                       void *context);

/* `timer` has been initialised. It rings when `boot_ms` has come, counted from `now_ms` and not
 * from when this turn of the loop began, or within the millisecond before; INT64_MAX: never. */
void waiting_until(uv_timer_t *timer, uv_timer_cb callback, int64_t now_ms, int64_t boot_ms);

/* As waiting_until, but not before: what is not urgent is not woken up for twice. */
void waiting_beyond(uv_timer_t *timer, uv_timer_cb callback, int64_t now_ms, int64_t boot_ms);

#endif
