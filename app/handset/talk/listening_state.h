/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The listener's own (listening.h): what listening.c, which opens, plays and ends sessions, and
 * hearing.c, which hears their packets, share.
 */
#ifndef MUSTER_APP_HANDSET_TALK_LISTENING_STATE_H
#define MUSTER_APP_HANDSET_TALK_LISTENING_STATE_H

#include "app/handset/talk/listening.h"

/* About a talker, with the names of talker and group as they are known. */
struct event listening_event(const struct listening *listening, enum event_kind kind,
                             const char *talker, const char *group);

/* The session is over, and its place is free. */
void listening_end(struct listening *listening, struct moment now, struct session *session);

/* Nothing of it is played any more: what comes may take it up again. */
void listening_leave_seat(struct listening *listening, struct moment now, struct session *session);

/* Those in the same group who do not have the floor any more make way. */
void listening_unseat_losers(struct listening *listening, struct moment now, const char *group);

/* May media under `key` be heard now? The talker may have been left out since it was announced.
 * STATUS_GMK_EXPIRED, STATUS_NOT_A_MEMBER; the errors of gmk_is_usable. */
MUST_CHECK enum status listening_check_key(const struct listening *listening, struct moment now,
                                           const struct session *session,
                                           const struct session_key *key);

/* What came before its announcement is heard from its beginning, each packet as it came. */
void listening_hear_early(struct listening *listening, struct moment now, uint32_t ssrc);

#endif
