/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/relay_topics.h"

#include <stdio.h>
#include <string.h>

#include "app/handset/handset.h"

/* The announcement in a frame that has one. */
static bool read_announcement(const struct frame *frame, struct announcement *announcement) {
    struct reader r = reader_of(frame->payload);
    struct span octets = frame->payload;
    if (frame->kind == FRAME_ANNOUNCEMENT_AND_MEDIA) {
        octets = read_span_u16(&r);
    } else if (frame->kind != FRAME_ANNOUNCEMENT) {
        return false;
    }
    return !r.failed && announcement_parse(octets, announcement) == STATUS_OK;
}

static struct relay_group *find(struct relay_topics *topics, uint32_t gmk_id) {
    for (size_t i = 0; i < topics->count; i++) {
        if (topics->groups[i].gmk_id == gmk_id) {
            return &topics->groups[i];
        }
    }
    return NULL;
}

static bool is_signed(struct handset *handset, struct moment now, uint64_t peer,
                      const struct announcement *announcement) {
    /* By the keys of the month in which it says it was made: a relay does not know group time. */
    struct moment signed_at = {.utc_ms = announcement->fields.utc_ms};
    return limiter_allows(&handset->announcement_limiter, peer,
                          roster_has_peer(&handset->roster, peer), now.boot_ms, COST_SIGNATURE) &&
           keyring_verify(&handset->keyring, announcement->fields.talker, own_kms(handset),
                          signed_at, announcement->covered,
                          announcement->signature.octets) == STATUS_OK;
}

/* A free place, or that of the group heard longest ago. */
static struct relay_group *place(struct relay_topics *topics) {
    if (topics->count < HANDSET_RELAYED_GROUPS_MAX) {
        return &topics->groups[topics->count++];
    }
    struct relay_group *oldest = &topics->groups[0];
    for (size_t i = 1; i < topics->count; i++) {
        if (topics->groups[i].heard_ms < oldest->heard_ms) {
            oldest = &topics->groups[i];
        }
    }
    return oldest;
}

void relay_topics_hear(struct handset *handset, struct moment now, uint64_t peer,
                       const struct frame *frame) {
    struct relay_topics *topics = &handset->relay->topics;
    struct announcement announcement;
    const struct gmk *held;
    if (!read_announcement(frame, &announcement) ||
        handset_gmk(handset, announcement.fields.gmk_id, &held) != NULL) {
        return;
    }
    struct relay_group *known = find(topics, announcement.fields.gmk_id);
    bool is_same = known != NULL && strcmp(known->group, announcement.fields.group) == 0;
    if (is_same) {
        known->heard_ms = now.boot_ms;
    }
    /* Which group a GMK belongs to never changes: who says otherwise later is not believed. */
    if (known != NULL || !is_signed(handset, now, peer, &announcement)) {
        return;
    }
    struct relay_group *group = place(topics);
    *group = (struct relay_group){.gmk_id = announcement.fields.gmk_id, .heard_ms = now.boot_ms};
    snprintf(group->group, sizeof group->group, "%s", announcement.fields.group);
    handset->topics_version++;
}

void relay_topics_tick(struct handset *handset, struct moment now) {
    struct relay_topics *topics = &handset->relay->topics;
    for (size_t i = topics->count; i > 0; i--) {
        if (now.boot_ms - topics->groups[i - 1].heard_ms < RELAY_GROUP_LASTS_MS) {
            continue;
        }
        topics->groups[i - 1] = topics->groups[--topics->count];
        handset->topics_version++;
    }
}

/* The group whose GMK has that id, as this handset holds it or has learned it; NULL for none. */
static const char *group_of(const struct handset *handset, uint32_t gmk_id) {
    const struct gmk *gmk;
    const struct group *held = handset_gmk(handset, gmk_id, &gmk);
    if (held != NULL) {
        return held->parameters.identity;
    }
    const struct relay_group *known = find(&handset->relay->topics, gmk_id);
    return known == NULL ? NULL : known->group;
}

bool relay_topics_find(const struct handset *handset, const struct frame *frame,
                       char topic[TOPIC_SIZE]) {
    struct announcement announcement;
    struct reader r = reader_of(frame->payload);
    uint32_t gmk_id = 0;
    if (frame->kind == FRAME_MEDIA) {
        gmk_id = read_u32(&r);
    } else if (read_announcement(frame, &announcement)) {
        gmk_id = announcement.fields.gmk_id;
    }
    const char *group = r.failed || gmk_id == 0 ? NULL : group_of(handset, gmk_id);
    if (group != NULL) {
        topic_group(&handset->topic_key, group, topic);
    }
    return group != NULL;
}

/* Is the topic of the i-th group in handset_topics already: as one of its own, or of an earlier
 * GMK of the group? */
static bool is_listed(const struct handset *handset, size_t i) {
    const struct relay_group *groups = handset->relay->topics.groups;
    bool found = handset_group(handset, groups[i].group) != NULL;
    for (size_t k = 0; k < i && !found; k++) {
        found = strcmp(groups[k].group, groups[i].group) == 0;
    }
    return found;
}

size_t relay_topics_list(const struct handset *handset, struct handset_topic out[], size_t room) {
    size_t count = 0;
    const struct relay_topics *topics = handset->relay == NULL ? NULL : &handset->relay->topics;
    for (size_t i = 0; topics != NULL && i < topics->count && count < room; i++) {
        if (is_listed(handset, i)) {
            continue;
        }
        topic_group(&handset->topic_key, topics->groups[i].group, out[count].name);
        out[count++].is_kept = false;
    }
    return count;
}
