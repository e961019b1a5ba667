/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way from an access to the broker (app/broker/access.h) to a connection.
 */
#ifndef MUSTER_APP_PROGRAMS_BROKER_LINK_H
#define MUSTER_APP_PROGRAMS_BROKER_LINK_H

#include "app/broker/access.h"
#include "transport/nats.h"

enum {
    BROKER_LINK_END_MS = 4000 /* for nats_end: a connection that is being made takes two seconds */
};

/* What opens the connection of that access; valid as long as it lives. */
struct nats_options broker_link_options(const struct access *access);

/* Opens a connection of its own with the access; the line about a failure names its identity.
 * STATUS_IO_FAILED. */
MUST_CHECK enum status broker_link_open(const struct access *access, struct transport **transport,
                                        struct error *error);

#endif
