/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an event loop (libuv) waits for, each set up in one call: a descriptor, a signal, a time of
 * the boot clock. `data` of each handle is `context`; they are closed as libuv's handles are.
 * Returns libuv's result: 0, or a negative number when out of memory or descriptors.
 */
#ifndef MUSTER_APP_PROGRAMS_WAITING_H
#define MUSTER_APP_PROGRAMS_WAITING_H

#include <stdint.h>
#include <uv.h>

int waiting_for_descriptor(uv_loop_t *uv, uv_poll_t *poll, int descriptor, int events,
                           uv_poll_cb callback, void *context);

int waiting_for_signal(uv_loop_t *uv, uv_signal_t *signal, int number, uv_signal_cb callback,
                       void *context);

/* `timer` has been initialised. It fires at `boot_ms`, counted from `now_ms` and not from when this
 * turn of the loop began, or within the millisecond before; INT64_MAX: never. To ask again for what
 * is due does not put it off, however often that is done. */
void waiting_until(uv_timer_t *timer, uv_timer_cb callback, int64_t now_ms, int64_t boot_ms);

/* As waiting_until, but never early: nothing wakes up twice for what is not urgent. */
void waiting_beyond(uv_timer_t *timer, uv_timer_cb callback, int64_t now_ms, int64_t boot_ms);

#endif
