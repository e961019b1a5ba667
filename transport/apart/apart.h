/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A transport that lives in a process of its own, where no keys are: what reads strangers' octets
 * reaches nothing else. The handset has a struct transport in its place, which passes frames,
 * commands and reports over pairs of sockets (message.h). The process may die, and another one
 * takes its place at the other end of the same sockets: whoever uses the transport loses some
 * frames and its peers' numbers, and is told.
 *
 * Three pairs, so that voice waits for nothing else: one for what talkers say who are proven, and
 * for voice to the radio; one for what else comes as voice; one for the rest. Each is read before
 * the next. Whoever floods one of them fills that one.
 */
#ifndef MUSTER_TRANSPORT_APART_APART_H
#define MUSTER_TRANSPORT_APART_APART_H

#include "transport/transport.h"

enum apart_socket {
    APART_TALKERS,
    APART_VOICE,
    APART_REST,
    APART_SOCKETS
};

enum {
    APART_OPENING_MS = 20 * 1000, /* that a radio may take to open, on a loaded machine */
    APART_CLOSING_MS = 4 * 1000   /* and to leave what it was joined to */
};

/* Makes the pairs, the handset's ends in `ours`. False: no descriptors are left, and none is open.
 */
bool apart_pair(int ours[APART_SOCKETS], int theirs[APART_SOCKETS]);

/* Has the radio opened at the other end (serving.h), and waits until it is. The transport owns the
 * sockets `ours` from then on, also where it fails: TRANSPORT_FAILED, with the reason in *problem.
 *
 * Its `send` and `relay` say whether the radio's process takes the frame; what the network makes of
 * it `news` tells. After a process has ended they take nothing (TRANSPORT_BUSY) until the next one
 * has opened the radio, and the numbers of its peers reach nobody (TRANSPORT_NO_ROUTE). `close`
 * waits until the radio has parted from its network, for APART_CLOSING_MS at most. */
enum transport_result apart_open(const int ours[APART_SOCKETS], struct transport **out,
                                 struct transport_condition *problem);

#endif
