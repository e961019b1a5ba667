/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames over Bluetooth (BR/EDR): L2CAP sequenced packets between handsets that find each other by
 * inquiry and form piconets by themselves (piconet.h says who links to whom). libbluetooth and the
 * kernel are enough; bluetoothd may run beside it.
 *
 * - A handset is recognised by its class of device and by its name, "Muster" and the last four
 * digits of its address; neither says whose it is.
 * - Channels are opened at low security: where both controllers can, they are encrypted with a key
 *   that neither side keeps. Nobody can pair with the adapters meanwhile (not bondable).
 * - The adapters are made ready (powered, found, named) where the program may, that is with
 *   CAP_NET_ADMIN when the transport is opened; the management socket that is opened then keeps the
 *   right, and the program can drop the capability. Without it, adapters that somebody else has
 * made ready are used all the same, and what is missing is reported.
 * - Adapters may come and go. Having none is not a failure: `radios` and `news` report it.
 *
 * A peer's number is the address of the adapter on the other side (piconet.h).
 */
#ifndef MUSTER_TRANSPORT_BLUETOOTH_BLUETOOTH_H
#define MUSTER_TRANSPORT_BLUETOOTH_BLUETOOTH_H

#include "transport/transport.h"

/* Dynamic PSM (odd, from 0x1001 up) that handsets listen on. */
enum {
    BLUETOOTH_PSM = 0x1021
};

/* Opens the transport on the adapters named in `adapters`, "hci0" or "hci0,hci2"; NULL: on all that
 * there are. TRANSPORT_FAILED, with the reason in *problem, when these are not names of adapters,
 * or the system gives no memory or descriptors. */
enum transport_result bluetooth_open(const char *adapters, struct transport **out,
                                     struct transport_condition *problem);

#endif
