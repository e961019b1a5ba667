/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What arrives for the D2D connections.
 */
#ifndef MUSTER_APP_HANDSET_D2D_HEARING_H
#define MUSTER_APP_HANDSET_D2D_HEARING_H

#include "app/handset/d2d/connection.h"

/* Is this D2D frame's payload of a connection that this handset has, or to open one with it? */
bool connection_concerns(const struct connections *connections, struct span payload);

/* A D2D frame arrived. */
void connection_frame(struct connections *connections, struct moment now, uint64_t peer,
                      struct span payload);

#endif
