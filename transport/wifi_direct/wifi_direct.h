/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames over Wi-Fi Direct: a P2P group formed through wpa_supplicant's control interface
 * (libwpa-client), and `udp` on the group's interface, by IPv6 link-local addresses, so that
 * nothing has to be configured.
 *
 * - Who becomes group owner, and who asks whom, is a rule on the P2P device addresses (p2p.h).
 * - A handset is recognised by its P2P device name, "Muster" and the last four digits of its
 * address, which does not say whose it is.
 * - Groups are persistent: two handsets that met before form theirs again without negotiating.
 * - A missing supplicant, P2P device or permission, or a blocked radio, is not a failure: `radios`
 * and `news` report it, and it is tried again.
 */
#ifndef MUSTER_TRANSPORT_WIFI_DIRECT_WIFI_DIRECT_H
#define MUSTER_TRANSPORT_WIFI_DIRECT_WIFI_DIRECT_H

#include "transport/transport.h"

struct wifi_direct_options {
    const char *interface; /* of the radio: "wlan0"; NULL: the first with a P2P device */
    const char *folder;    /* of the supplicant's control sockets; NULL: the usual ones */
    uint16_t port;         /* of `udp` on the group; 0: its default */
};

/* Opens the transport. TRANSPORT_FAILED, with the reason in *problem, when the system gives no
 * memory or descriptors, or a name is not valid. */
enum transport_result wifi_direct_open(const struct wifi_direct_options *options,
                                       struct transport **out, struct transport_condition *problem);

#endif
