/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The topics that concern a handset at a broker (app/broker/topic.h), and under which of them a
 * relay passes a frame on. Of its own groups it knows that. Of others it learns it from their
 * announcements, which name GMK id and group for everyone to read: as long as a group is heard, the
 * relay hears its topic as well.
 *
 * Only an announcement whose signature verifies counts: the relay cannot tell whether the talker is
 * a member, but nobody outside the domain can make it hear topics or send groups astray.
 */
#ifndef MUSTER_APP_HANDSET_TOPICS_H
#define MUSTER_APP_HANDSET_TOPICS_H

#include "app/handset/air/admission.h"
#include "app/handset/keys/groups.h"

enum {
    TOPICS_GROUP_LASTS_MS = 60 * 60 * 1000 /* after its last announcement */
};

/* A group of others. */
struct heard_group {
    uint32_t gmk_id;
    int64_t heard_ms; /* boot clock */
    char group[GROUP_IDENTITY_SIZE];
};

struct topics {
    const struct desk *desk;
    struct admission *admission;
    const struct groups *groups;
    size_t count;
    struct heard_group heard[HANDSET_RELAYED_GROUPS_MAX];
    uint64_t version; /* another one when groups of others came or went */
};

/* A frame arrived at a relay: learns from the announcement that may be in it. Its signature is paid
 * for from a purse apart (admission.h). */
void topics_hear(struct topics *topics, struct moment now, const struct frame *frame);

/* Forgets the groups that have not been heard for TOPICS_GROUP_LASTS_MS. */
void topics_tick(struct topics *topics, struct moment now);

/* This handset relays no longer: forgets all groups of others. */
void topics_forget(struct topics *topics);

/* The topic under which the frame is to be passed on; false when it has none, or it is not known.
 */
bool topics_of_frame(const struct topics *topics, const struct frame *frame,
                     char topic[TOPIC_SIZE]);

/* Writes the topics of the held groups, the groups of others, and the own mailboxes, at most `room`
 * of them, into `out`; returns how many. */
size_t topics_list(const struct topics *topics, struct handset_topic out[], size_t room);

#endif
