/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Proving: what a talker says whose clock was not measured is heard, as it may be of now, and has
 * the floor where nobody else has it. It may be a recording: packets that verify, in order and at
 * the pace of speech, do so in a recording as well. So its talker is asked at once
 * (air/meeting.h), which takes a few hundred milliseconds. Then
 *
 *   - it was measured, and what is heard is of now: the usual rules hold, and of two who talk at
 *     once one stops; a handset that talks itself sees to that (meeting_hear_both);
 *   - it was measured, and what is heard is old: it neither has the floor nor is it shown or heard;
 *   - there was no answer within MEETING_WAIT_MS: it is in doubt. It keeps no key from opening any
 *     more (floor.h), and is still heard, as of unproven time.
 *
 * Nobody is asked over a broker, which presences do not pass: who is heard there is in no doubt.
 */
#ifndef MUSTER_APP_HANDSET_TALK_PROVING_H
#define MUSTER_APP_HANDSET_TALK_PROVING_H

#include "app/handset/air/presence.h"
#include "app/handset/talk/floor.h"
#include "app/handset/talk/session.h"

/* A packet of the session was just proven, and `floor` knows of it: is it in doubt that it is of
 * now; and do the two meet, where this handset talks as well? */
void proving_hear(struct presences *presences, struct floor *floor, const struct session *session,
                  struct moment now);

/* Is the latest packet of the session that was taken too old, by what was measured of its talker's
 * clock since? What was measured is taken up. */
bool proving_disproves(struct session *session, const struct roster *roster, struct moment now);

#endif
