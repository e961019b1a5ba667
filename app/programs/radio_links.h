/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The links of the command line that are radios of the handset's own: Bluetooth and Wi-Fi Direct.
 */
#ifndef MUSTER_APP_PROGRAMS_RADIO_LINKS_H
#define MUSTER_APP_PROGRAMS_RADIO_LINKS_H

#include "app/error.h"
#include "app/programs/options.h"
#include "transport/transport.h"

/* Opens Bluetooth on `adapters` ("hci0,hci1"), or on all that exist if it is NULL. STATUS_IO_FAILED
 * with a line that says why; a radio that is off or missing is not a failure. */
MUST_CHECK enum status radio_links_bluetooth(const char *adapters, struct transport **transport,
                                             struct error *error);

/* Opens Wi-Fi Direct on `interface`, or on the first that supports it if it is NULL, with the
 * supplicant's folder and the UDP port of `options`. Errors as above. */
MUST_CHECK enum status radio_links_wifi_direct(const struct options *options, const char *interface,
                                               struct transport **transport, struct error *error);

#endif
