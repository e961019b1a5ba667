/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a handset that manages a group sends and hears by itself (management.h). Internal to
 * management.
 */
#ifndef MUSTER_APP_HANDSET_MANAGEMENT_SENDING_H
#define MUSTER_APP_HANDSET_MANAGEMENT_SENDING_H

#include "app/handset/management.h"

/* The managed group with that identity, or NULL. */
struct managed *management_group(const struct handset *handset, const char *identity);

/* What the group's topics are made under: its own domain, which need not be the handset's. */
void management_topic_key(const struct handset *handset, const struct managed *managed,
                          struct topic_key *key);

/* The group is not as it was: brings up to date what is kept of it. */
void management_changed(struct managed *managed, struct moment now);

/* Finds out when the GMK expires, by the clocks as they are now. */
void management_watch(struct managed *managed, struct moment now);

/* Queues `batch`, which it owns from now on, to be made durable, where `status`, that of the
 * changes in it, is STATUS_OK. On any failure the group is broken: memory and store differ. */
MUST_CHECK enum status management_keep(struct handset *handset, struct moment now,
                                       struct managed *managed, struct batch *batch,
                                       enum status status);

/* Somebody may lack the GMK: from now on it is sent, from the first of the roll on. */
void management_send_on(struct managed *managed, struct moment now);

#endif
