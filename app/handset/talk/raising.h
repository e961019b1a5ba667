/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * This handset's officer calls an emergency in a group, and ends it. The group is told by what is
 * signed anyway: the priority in the announcement of a session. The first of an emergency, and that
 * of its end, have no words: an announcement and the packet of its end, which proves it. Whoever
 * misses that hears of it with the next talk.
 *
 * Who may: every member, as who may talk is a member (group_may_talk), but whom the creator's list
 * of an ad-hoc group says otherwise of (group_may_raise). What such a one claims all the same is
 * heard, as a talk like any other (listening.h).
 */
#ifndef MUSTER_APP_HANDSET_TALK_RAISING_H
#define MUSTER_APP_HANDSET_TALK_RAISING_H

#include "app/handset/talk/talk.h"

/* Calls an emergency in command->group, and begins to talk in it, or talks on in it with that
 * priority. Where another in emergency has the floor, the microphone stays closed. One that was
 * called already goes on. STATUS_NOT_ALLOWED where this handset has no right to; the errors of
 * talk_say_priority, and STATUS_BUSY while the officer talks in another group: then nothing has
 * changed. */
MUST_CHECK enum status emergency_raise(struct talk *talk, struct moment now,
                                       const struct command *command, struct event *problem);

/* It is over; a talk in that group goes on with normal priority. Where nobody could be told, as the
 * group or its key is gone, it ends here alone. STATUS_NOT_FOUND when there is none; the errors of
 * emergency_raise: then nothing has changed. */
MUST_CHECK enum status emergency_end(struct talk *talk, struct moment now,
                                     const struct command *command, struct event *problem);

#endif
