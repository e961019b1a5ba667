/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The beginning of a talk session: how much of it was over before the first packet that a listener
 * heard. It counts by the talker's RTP time, and so by no clock of the listener.
 */
#ifndef MUSTER_APP_HANDSET_TALK_BEGINNING_H
#define MUSTER_APP_HANDSET_TALK_BEGINNING_H

#include "crypto/announcement.h"

struct beginning {
    uint32_t rtp_time; /* when the session began, as far as its announcement tells */
    bool is_heard;     /* a packet was */
    int64_t missed_ms; /* before it */
};

/* That of a session whose first announcement to be heard has these fields. */
struct beginning beginning_of(const struct announcement_fields *fields);

/* A packet of the session is heard; the first one counts. */
void beginning_hear(struct beginning *beginning, struct span rtp);

#endif
