/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a D2D connection begins: the I_MESSAGE of one side and the HELLO of the other (d2d.h).
 */
#ifndef MUSTER_APP_HANDSET_D2D_OPENING_H
#define MUSTER_APP_HANDSET_D2D_OPENING_H

#include "app/handset/d2d/connection.h"

/* Opens a connection for `use` to `remote` and sends its I_MESSAGE; `by_officer`: at once and also
 * under radio silence. It owns `errand` (the use's `dropped` frees it) once this succeeds.
 * STATUS_REVOKED, STATUS_LOST, STATUS_BUSY when there are too many, and d2d_open's errors. */
MUST_CHECK enum status connection_open(struct connections *connections, struct moment now,
                                       const struct connection_use *use, void *errand,
                                       bool by_officer, const char *remote, const char *remote_kms,
                                       struct connection **out);

/* For hearing.h: an OPEN came, or the HELLO to one's own. */
void connection_hear_open(struct connections *connections, struct moment now, uint64_t peer,
                          const struct d2d_head *head);
void connection_hear_hello(struct connections *connections, struct moment now, uint64_t peer,
                           struct connection *connection, struct span body);

/* The other side of an incoming connection has shown that it holds the keys. Only now its I_MESSAGE
 * counts as seen: one whose connection was crowded out may come again. */
void connection_is_established(struct connections *connections, struct moment now,
                               const struct connection *connection);

/* What verified came from `peer`: that is a way to the other side. */
void connection_heard_from(struct connections *connections, struct moment now,
                           struct connection *connection, uint64_t peer);

#endif
