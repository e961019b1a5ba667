/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From an access to the broker (app/broker/access.h) to a connection.
 */
#ifndef MUSTER_APP_PROGRAMS_BROKER_LINK_H
#define MUSTER_APP_PROGRAMS_BROKER_LINK_H

#include "app/broker/access.h"
#include "transport/nats.h"

enum {
    BROKER_LINK_END_MS = 4000 /* for nats_end: a connection that is being made takes two seconds */
};

/* The options to connect with that access; valid as long as the access lives. */
struct nats_options broker_link_options(const struct access *access);

/* Opens a separate connection with the access; the error line names its identity.
 * STATUS_IO_FAILED. */
MUST_CHECK enum status broker_link_open(const struct access *access, struct transport **transport,
                                        struct error *error);

#endif
