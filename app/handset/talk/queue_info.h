/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What who has the floor says of its queue (Queue Position Info and Deny of TS 24.380; in the end
 * of a session, Granted): the whole queue each time, so that what is lost is made good by the next
 * one. It travels in the talk session's own packets, which are encrypted and signed: as the padding
 * of a packet of voice (RFC 3550 5.1), which every receiver takes off, and as the payload of the
 * packet that ends the session. There the first one is granted the floor, and the others have their
 * turn after that one.
 *
 * Octets (QUEUE_INFO_SIZE, always): 1; how many are queued (1); who, QUEUE_MAX places of 8 octets,
 * those that are free zero; who is denied (8; zero: nobody) and why (1; as in TS 24.380). `who` is
 * the beginning of a hash of the identity, as in a voice report.
 */
#ifndef MUSTER_APP_HANDSET_TALK_QUEUE_INFO_H
#define MUSTER_APP_HANDSET_TALK_QUEUE_INFO_H

#include "crypto/voice_report.h"

enum {
    QUEUE_MAX = 8,
    QUEUE_WHO_SIZE = VOICE_REPORT_WHO_SIZE,
    QUEUE_INFO_SIZE = 1 + 1 + QUEUE_MAX * QUEUE_WHO_SIZE + QUEUE_WHO_SIZE + 1,
};

/* Reject causes of TS 24.380 8.2.3.4. */
enum queue_cause {
    QUEUE_CAUSE_NONE = 0,
    QUEUE_CAUSE_FULL = 7
};

struct queue_info {
    size_t count;
    uint8_t who[QUEUE_MAX][QUEUE_WHO_SIZE]; /* the first has its turn next */
    uint8_t denied[QUEUE_WHO_SIZE];         /* unless there is no cause */
    enum queue_cause cause;
};

/* Appends the octets. */
void queue_info_write(const struct queue_info *info, struct writer *out);

/* Gives `rtp`, a packet without padding, what `info` says as its padding. Where there is no room
 * for that, and of no packet, nothing changes. */
void queue_info_pad(const struct queue_info *info, struct writer *rtp);

/* What a packet of a talk session says, which has verified; `is_end`: it ends the session. False
 * when it says nothing of a queue. */
bool queue_info_read(struct span rtp, bool is_end, struct queue_info *info);

/* The place of `who` in the queue, from 0 up, or -1. */
int queue_info_place(const struct queue_info *info, const uint8_t who[QUEUE_WHO_SIZE]);

#endif
