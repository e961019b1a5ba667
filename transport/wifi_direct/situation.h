/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the way to the radio stands, and the line that says so and what to do. */
#ifndef MUSTER_TRANSPORT_WIFI_DIRECT_SITUATION_H
#define MUSTER_TRANSPORT_WIFI_DIRECT_SITUATION_H

#include <stdbool.h>

#include "transport/transport.h"

enum situation {
    SITUATION_STARTING,
    SITUATION_WORKS,
    SITUATION_NO_SUPPLICANT,
    SITUATION_FORBIDDEN,    /* its sockets may not be used */
    SITUATION_MUTE,         /* the supplicant does not answer */
    SITUATION_NO_INTERFACE, /* the one named does not exist */
    SITUATION_NOT_SERVED,   /* there is a supplicant, but not of the one named */
    SITUATION_NO_DEVICE,    /* the driver has no P2P device */
    SITUATION_BLOCKED,      /* rfkill, by software */
    SITUATION_SWITCHED_OFF, /* rfkill, by a switch */
    SITUATION_REFUSED,      /* it does not seek, for an unknown reason */
};

bool situation_is_problem(enum situation situation);

/* Is a Wi-Fi radio of this machine blocked? SITUATION_BLOCKED, SITUATION_SWITCHED_OFF or
 * `otherwise`. `folder` is the system's /sys/class/rfkill. */
enum situation situation_of_switches(const char *folder, enum situation otherwise);

/* A situation that is a problem, as it is reported. `interface` is the radio's; empty: not known.
 */
struct transport_condition situation_condition(enum situation situation, const char *interface);

#endif
