/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/topics.h"

#include <stdio.h>
#include <string.h>

#include "crypto/announcement.h"

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

/* What was learned of the key with that id of that group, or first of any group's where that is
 * NULL; NULL for nothing. */
static const struct heard_group *find(const struct topics *topics, const char *group,
                                      uint32_t gmk_id) {
    for (size_t i = 0; i < topics->count; i++) {
        if (topics->heard[i].gmk_id == gmk_id &&
            (group == NULL || strcmp(topics->heard[i].group, group) == 0)) {
            return &topics->heard[i];
        }
    }
    return NULL;
}

static bool is_signed(struct topics *topics, struct moment now,
                      const struct announcement *announcement) {
    /* By the keys of the month in which it says it was made: a relay does not know group time. */
    const struct message_date date = {announcement->fields.utc_ms, KEYRING_TOLERANCE_MS};
    return admission_affords(topics->admission, now, SPENT_ON_LESSONS, COST_SIGNATURE * UNIT) &&
           keyring_verify_dated(&topics->desk->keyring, announcement->fields.talker,
                                own_kms(topics->desk), date, now, announcement->covered,
                                announcement->signature.octets) == STATUS_OK;
}

/* A free place, or that of the group heard longest ago. */
static struct heard_group *place(struct topics *topics) {
    if (topics->count < HANDSET_RELAYED_GROUPS_MAX) {
        return &topics->heard[topics->count++];
    }
    struct heard_group *oldest = &topics->heard[0];
    for (size_t i = 1; i < topics->count; i++) {
        if (topics->heard[i].heard_ms < oldest->heard_ms) {
            oldest = &topics->heard[i];
        }
    }
    return oldest;
}

void topics_hear(struct topics *topics, struct moment now, const struct frame *frame) {
    struct announcement announcement;
    const struct gmk *held;
    if (!read_announcement(frame, &announcement) ||
        groups_gmk(topics->groups, announcement.fields.group, announcement.fields.gmk_id, &held) !=
            NULL) {
        return;
    }
    const struct heard_group *known =
        find(topics, announcement.fields.group, announcement.fields.gmk_id);
    if (known != NULL) {
        topics->heard[known - topics->heard].heard_ms = now.boot_ms;
    }
    if (known != NULL || !is_signed(topics, now, &announcement)) {
        return;
    }
    struct heard_group *group = place(topics);
    *group = (struct heard_group){.gmk_id = announcement.fields.gmk_id, .heard_ms = now.boot_ms};
    snprintf(group->group, sizeof group->group, "%s", announcement.fields.group);
    topics->version++;
}

void topics_tick(struct topics *topics, struct moment now) {
    for (size_t i = topics->count; i > 0; i--) {
        if (now.boot_ms - topics->heard[i - 1].heard_ms < TOPICS_GROUP_LASTS_MS) {
            continue;
        }
        topics->heard[i - 1] = topics->heard[--topics->count];
        topics->version++;
    }
}

void topics_forget(struct topics *topics) {
    topics->version += topics->count > 0;
    topics->count = 0;
}

/* The topic of a standard group is open to those alone whose bundle has the group. */
static bool may_use(const struct topics *topics, const char *group) {
    return group_identity_is_adhoc(group, NULL) ||
           group_list_has(&topics->desk->keyring.credential->groups, group);
}

/* The group of a frame that names the id of a GMK alone: the one that has it here, or the first
 * that was heard to have it; NULL for none. */
static const char *group_of(const struct topics *topics, uint32_t gmk_id) {
    const struct gmk *gmk;
    const struct group *held = groups_any_gmk(topics->groups, gmk_id, &gmk);
    if (held != NULL) {
        return held->parameters.identity;
    }
    const struct heard_group *known = find(topics, NULL, gmk_id);
    return known == NULL ? NULL : known->group;
}

/* Is the announced key one that is held, or was heard of? Its frame says whose it is. */
static bool knows(const struct topics *topics, const struct announcement_fields *fields) {
    const struct gmk *gmk;
    return groups_gmk(topics->groups, fields->group, fields->gmk_id, &gmk) != NULL ||
           find(topics, fields->group, fields->gmk_id) != NULL;
}

bool topics_of_frame(const struct topics *topics, const struct frame *frame,
                     char topic[TOPIC_SIZE]) {
    struct announcement announcement;
    struct reader r = reader_of(frame->payload);
    const char *group = NULL;
    if (frame->kind == FRAME_MEDIA || frame->kind == FRAME_VOICE_REPORT ||
        frame->kind == FRAME_FLOOR || frame->kind == FRAME_MESSAGE ||
        frame->kind == FRAME_MESSAGE_RECEIPT) {
        uint32_t gmk_id = read_u32(&r);
        group = r.failed || gmk_id == 0 ? NULL : group_of(topics, gmk_id);
    } else if (read_announcement(frame, &announcement) && knows(topics, &announcement.fields)) {
        group = announcement.fields.group;
    }
    if (group == NULL || !may_use(topics, group)) {
        return false;
    }
    topic_group(&topics->desk->topic_key, group, topic);
    return true;
}

/* Is the topic of the i-th group of others in the list already: as one of the own groups, or of an
 * earlier GMK of the group? */
static bool is_listed(const struct topics *topics, size_t i) {
    const struct heard_group *heard = topics->heard;
    bool found = groups_find(topics->groups, heard[i].group) != NULL;
    for (size_t k = 0; k < i && !found; k++) {
        found = strcmp(heard[k].group, heard[i].group) == 0;
    }
    return found;
}

size_t topics_list(const struct topics *topics, struct handset_topic out[], size_t room) {
    const struct topic_key *key = &topics->desk->topic_key;
    const struct group_list *listed = &topics->desk->keyring.credential->groups;
    size_t count = 0;
    for (size_t i = 0; i < topics->groups->count && count < room; i++) {
        const char *group = topics->groups->list[i]->parameters.identity;
        if (may_use(topics, group)) {
            out[count].is_kept = false;
            topic_group(key, group, out[count++].name);
        }
    }
    for (size_t i = 0; i < topics->count && count < room; i++) {
        if (!is_listed(topics, i) && may_use(topics, topics->heard[i].group)) {
            out[count].is_kept = false;
            topic_group(key, topics->heard[i].group, out[count++].name);
        }
    }
    for (size_t i = 0; i < listed->count && count < room; i++) {
        out[count].is_kept = true;
        topic_mailbox(key, own_identity(topics->desk), listed->groups[i], out[count++].name);
    }
    for (size_t i = 0; i < listed->count && count < room; i++) {
        out[count].is_kept = true;
        topic_revoked(key, listed->groups[i], out[count++].name);
    }
    return count;
}
