/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The radio's side of apart.h: in a process of its own it opens a transport and passes between that
 * and the handset. It never waits for the handset, but to say that it has opened or has not: what
 * else the sockets do not take is lost and counted, as by a network that is too busy.
 */
#ifndef MUSTER_TRANSPORT_APART_SERVING_H
#define MUSTER_TRANSPORT_APART_SERVING_H

#include "transport/apart/apart.h"
#include "transport/apart/message.h"

/* What the process is for. `open` opens the transport; `opened` is called right afterwards, before
 * anything is read: false where the process must not go on. */
struct serving {
    enum transport_result (*open)(void *context, struct transport **out,
                                  struct transport_condition *problem);
    bool (*opened)(void *context);
    void *context;
};

enum {
    SERVING_HUNG = MESSAGE_SIGNAL_HUNG
};

enum serving_end {
    SERVING_PARTED, /* the handset has closed its side: there is nothing left to do */
    SERVING_FAILED  /* the transport did not open */
};

/* Waits until the handset's last word on the mode is another than airplane mode, opens the
 * transport in that mode, and serves it until the handset parts. Frames that were said before are
 * dropped. The transport is closed then. The sockets stay the caller's.
 *
 * `pings` is an eventfd that does not wait, or -1: it is emptied as soon as something is written
 * into it, but not while the transport opens or closes. Where it is not, the process hangs. */
enum serving_end serving_run(const int sockets[APART_SOCKETS], int pings,
                             const struct serving *serving);

/* Tells the handset, in the name of a process that could not be started, that there is none:
 * `error` is an errno. */
void serving_tell_unopened(const int sockets[APART_SOCKETS], int error);

/* Tells the handset, in the name of a process that has ended, that it has: by `signal`, or 0, or
 * since it hung (SERVING_HUNG). May wait. */
void serving_tell_ended(const int sockets[APART_SOCKETS], unsigned signal);

#endif
