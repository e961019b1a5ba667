/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lane of a frame (transport/transport.h): which are voice's, the transports cannot know.
 */
#ifndef MUSTER_APP_PROGRAMS_LANE_H
#define MUSTER_APP_PROGRAMS_LANE_H

#include "crypto/bytes.h"
#include "transport/transport.h"

/* LANE_VOICE for media, announcements, and what else a talk needs while it runs: who hears it, and
 * who asks to talk next. LANE_REST for all else, the parts of longer frames among it, and for what
 * is no frame. */
enum transport_lane lane_of(struct span frame);

/* May a frame that came by `lane` be acted on? What a talk does not need has no place in voice's
 * lane, where a stranger would put it before that. */
bool lane_allows(enum transport_lane lane, struct span frame);

#endif
