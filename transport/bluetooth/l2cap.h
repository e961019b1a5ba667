/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The L2CAP sockets of handsets (sequenced packets on BLUETOOTH_PSM, TRANSPORT_FRAME_MAX octets
 * either way). None of these waits. A descriptor that is returned is the caller's to close; -1 with
 * errno set when there is none.
 */
#ifndef MUSTER_TRANSPORT_BLUETOOTH_L2CAP_H
#define MUSTER_TRANSPORT_BLUETOOTH_L2CAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Listens on the adapter that has the address `own`. Who is asked becomes the centre of the link,
 * as a hub has to be. */
int l2cap_listen(uint64_t own);

/* Takes one that has asked, if one has: `peer` becomes its address. */
int l2cap_accept(int listening, uint64_t *peer);

/* Begins to ask `peer`, from the adapter with the address `own`; with encryption when
 * `is_encrypted`, or as the other side wants. The descriptor becomes writable when that has come to
 * an end. */
int l2cap_connect(uint64_t own, uint64_t peer, bool is_encrypted);

/* How it ended: 0, or an errno; EINPROGRESS when it has not. */
int l2cap_connect_result(int descriptor);

/* Did the other side refuse encryption, or end the link over it, so that asking without it may
 * work? `error` is from l2cap_connect_result. */
bool l2cap_may_do_without_encryption(int error);

/* The handle that the controller knows the link by. False when there is none. */
bool l2cap_handle(int descriptor, uint16_t *handle);

/* Closes it. What the other side has not acknowledged is waited for, by the kernel, for a second at
 * most. */
void l2cap_close(int descriptor);

/* Is half of the room for what waits to be sent still free? The other half is kept for control
 * packets: after its controller had no room for a while Linux goes on sending only when one more
 * packet is given to it. */
bool l2cap_has_room(int descriptor);

/* Sends a frame: 0, or an errno. */
int l2cap_send(int descriptor, const uint8_t *frame, size_t length);

/* Takes a frame: its length, of which no more than `capacity` octets are kept; 0 when the link has
 * ended, -1 with errno set when there is nothing, or it has ended badly. */
ssize_t l2cap_receive(int descriptor, uint8_t *frame, size_t capacity);

#endif
