/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What time does to the D2D connections.
 */
#ifndef MUSTER_APP_HANDSET_D2D_UPKEEP_H
#define MUSTER_APP_HANDSET_D2D_UPKEEP_H

#include "app/handset/d2d/connection.h"

/* Repeats, polls, and drops what has lost contact. */
void connection_tick(struct connections *connections, struct moment now);

/* The handset slept for `slept_ms`: in that time nobody could be heard and no officer could decide,
 * so that it counts for no time limit. Questions without an answer are repeated at once. */
void connection_slept(struct connections *connections, struct moment now, int64_t slept_ms);

/* The boot_ms at which connection_tick has something to do. */
int64_t connection_deadline(const struct connections *connections);

#endif
