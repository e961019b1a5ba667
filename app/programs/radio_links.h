/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The links of the command line that hear strangers directly: Bluetooth, Wi-Fi Direct and the local
 * network. Each lives in a process of its own (transport/apart/, starter.h), which holds no keys
 * and may do nothing else (confinement.h). The broker's link does not: its access is a secret.
 */
#ifndef MUSTER_APP_PROGRAMS_RADIO_LINKS_H
#define MUSTER_APP_PROGRAMS_RADIO_LINKS_H

#include "app/error.h"
#include "app/programs/options.h"
#include "transport/apart/apart.h"

/* A radio link, as its process and the handset see it. */
struct radio_link {
    const struct radio_links *links;
    const struct link_choice *choice;
};

struct radio_links {
    const struct options *options;
    /* Gives up the privileges of a process that goes on, but for those of the network's devices if
     * `opens_radios`. */
    enum status (*give_up)(const struct options *options, bool opens_radios, struct error *error);
    size_t count;
    struct radio_link list[OPTION_LINKS_MAX];
    int sockets[OPTION_LINKS_MAX][APART_SOCKETS];
};

/* Is it such a link? */
bool radio_links_have(enum link_kind kind);

/* Has `options` such a link? */
bool radio_links_are_wanted(const struct options *options, enum link_kind kind);

/* Starts the processes of all such links of `options`, which open nothing yet. To be called before
 * there is a secret in memory, and before privileges are given up. `links` outlives the program's
 * use of the transports. STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status radio_links_begin(struct radio_links *links, struct error *error);

/* Has the link of `choice` opened, and waits for that. STATUS_IO_FAILED with a line that says why
 * not; a radio that is off or missing is not a failure. */
MUST_CHECK enum status radio_links_open(struct radio_links *links, const struct link_choice *choice,
                                        struct transport **transport, struct error *error);

#endif
