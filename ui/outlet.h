/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way out to a terminal that takes octets when it likes. ncurses writes a picture to a stream
 * that never makes it wait (a file in memory); from there the terminal is given what it takes. What
 * is on its way is always sent to its last octet, so that no control sequence is torn, and whoever
 * draws leaves out the pictures that come meanwhile: no more than one picture is ever held.
 */
#ifndef MUSTER_UI_OUTLET_H
#define MUSTER_UI_OUTLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

struct outlet;

/* A descriptor of the terminal behind `shared`, opened anew with `access` (O_RDONLY, O_WRONLY) and
 * O_NONBLOCK: the open file that others share stays as it is. Where the terminal cannot be opened
 * (it belongs to somebody else), another descriptor of the same open file, whose flags then stay as
 * they are. The caller closes it. -1 with errno set when there are no descriptors left. */
int outlet_own_descriptor(int shared, int access);

/* As write(2), but never waits, whatever the open file's flags: where others share them, they are
 * set for this one call. Safe in a signal handler. */
ssize_t outlet_write(int terminal, const void *octets, size_t length);

/* An outlet to the terminal behind `shared`; NULL without memory or descriptors. */
struct outlet *outlet_open(int shared);

/* Frees, and drops what was not sent; NULL is allowed. */
void outlet_close(struct outlet *outlet);

/* Where pictures are written to; the outlet's. Flush it before outlet_send. */
FILE *outlet_stream(const struct outlet *outlet);

/* The terminal's descriptor; the outlet's. */
int outlet_descriptor(const struct outlet *outlet);

/* Sends what the terminal takes, without waiting; is everything sent? What cannot be sent because
 * the terminal has gone is dropped. */
bool outlet_send(struct outlet *outlet);

/* What was written and not sent is not to be sent any more. */
void outlet_drop(struct outlet *outlet);

/* Sends everything, waiting for the terminal for `limit_ms` at most; is everything sent? */
bool outlet_finish(struct outlet *outlet, int limit_ms);

#endif
