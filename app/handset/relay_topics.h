/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For which groups a relay stands between those nearby and a broker, and so which frames it passes
 * on under which topic. Of its own groups it knows that. Of others it learns it from their
 * announcements, which name GMK id and group for everyone to read: as long as a group is heard, the
 * relay hears its topic as well.
 *
 * Only an announcement whose signature verifies counts: the relay cannot tell whether the talker is
 * a member, but nobody outside the domain can make it hear topics or send groups astray.
 */
#ifndef MUSTER_APP_HANDSET_RELAY_TOPICS_H
#define MUSTER_APP_HANDSET_RELAY_TOPICS_H

#include "app/handset/engine.h"
#include "app/handset/frame.h"

enum {
    RELAY_GROUP_LASTS_MS = 60 * 60 * 1000 /* after its last announcement */
};

struct relay_group {
    uint32_t gmk_id;
    int64_t heard_ms; /* boot clock */
    char group[GROUP_IDENTITY_SIZE];
};

struct relay_topics {
    size_t count;
    struct relay_group groups[HANDSET_RELAYED_GROUPS_MAX];
};

/* A frame arrived from `peer`: learns from the announcement that may be in it. */
void relay_topics_hear(struct handset *handset, struct moment now, uint64_t peer,
                       const struct frame *frame);

/* Forgets the groups that have not been heard for RELAY_GROUP_LASTS_MS. */
void relay_topics_tick(struct handset *handset, struct moment now);

/* The topic under which the frame is to be passed on; false when it has none, or it is not known.
 */
bool relay_topics_find(const struct handset *handset, const struct frame *frame,
                       char topic[TOPIC_SIZE]);

/* Writes the topics of the groups learned, at most `room` of them, into `out`; returns how many. */
size_t relay_topics_list(const struct handset *handset, struct handset_topic out[], size_t room);

#endif
