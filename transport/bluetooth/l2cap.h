/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The L2CAP sockets of handsets (sequenced packets on BLUETOOTH_PSM, TRANSPORT_FRAME_MAX octets
 * either way). None of these functions waits. The caller closes the descriptor that is returned; it
 * is -1, with errno set, when there is none.
 */
#ifndef MUSTER_TRANSPORT_BLUETOOTH_L2CAP_H
#define MUSTER_TRANSPORT_BLUETOOTH_L2CAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Listens on the adapter that has the address `own`. The side that is asked becomes the central of
 * the connection, as a hub has to be. */
int l2cap_listen(uint64_t own);

/* Accepts one that has asked, if one has: `peer` becomes its address. */
int l2cap_accept(int listening, uint64_t *peer);

/* Starts connecting to `peer` from the adapter with the address `own`, at low security: controllers
 * that can encrypt do so with a key that neither side keeps, and nobody is asked to pair. The
 * descriptor becomes writable when that is over. */
int l2cap_connect(uint64_t own, uint64_t peer);

/* How it ended: 0, or an errno; EINPROGRESS while it has not. */
int l2cap_connect_result(int descriptor);

/* The controller's handle for the connection. False when there is none. */
bool l2cap_handle(int descriptor, uint16_t *handle);

/* Closes it. The kernel waits a second at most for what the other side has not acknowledged. */
void l2cap_close(int descriptor);

/* Is half of the send buffer still free? The other half is kept for control packets: after its
 * controller had no room for a while, Linux only resumes sending when it is given one more packet.
 * What is not for voice has room only while three quarters are free. */
bool l2cap_has_room(int descriptor, bool for_voice);

/* Sends a frame: 0, or an errno. */
int l2cap_send(int descriptor, const uint8_t *frame, size_t length);

/* Takes a frame: its length, of which no more than `capacity` octets are kept; 0 when the channel
 * has ended, -1 with errno set when nothing is waiting, or it broke. */
ssize_t l2cap_receive(int descriptor, uint8_t *frame, size_t capacity);

#endif
