/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/other_keys.h"

#include <string.h>

#include "app/handset/talk/judging.h"

/* Whoever made the group made all its keys, so that one which it does not have is over; and so is
 * the one before the current one. */
static bool is_newer(const struct group *group, uint32_t gmk_id) {
    return !group->created_here && gmk_id != group->previous.id;
}

/* The KMS of the talker, if it is one whose key is of interest here; or NULL. */
static const char *kms_of(const struct group *group, const char *talker) {
    const struct group_member *member = group_listed(&group->parameters, talker);
    const struct former_member *former = group_former(group, talker);
    return member != NULL ? member->kms : former != NULL ? former->kms : NULL;
}

/* Is it of now, and by that talker? Its signature is paid for. */
static bool is_genuine(struct other_keys *others, struct moment now, const struct group *group,
                       const struct announcement *announcement, const char *kms) {
    const struct announcement_fields *fields = &announcement->fields;
    struct judgement judgement;
    if (!noted_may_check(&others->members, now) ||
        judge(others->groups->roster, group, fields, now, &judgement) != STATUS_OK ||
        fields->utc_ms <= group->current.not_before_ms ||
        keyring_refuses(&others->desk->keyring, fields->talker) ||
        !admission_affords(others->admission, now, SPENT_ON_LESSONS, COST_SIGNATURE * UNIT)) {
        return false;
    }
    noted_check(&others->members, now);
    const struct moment signed_at = {.utc_ms = fields->utc_ms, .boot_ms = now.boot_ms};
    return keyring_verify(&others->desk->keyring, fields->talker, kms, signed_at,
                          announcement->covered, announcement->signature.octets) == STATUS_OK;
}

static void take(struct other_keys *others, struct moment now, const struct group *group,
                 const struct announcement_fields *fields) {
    bool is_new;
    size_t place = noted_hear(&others->members, fields->talker, fields->group, now, &is_new);
    struct other_key *other = &others->keys[place];
    *other = (struct other_key){.own_id = group->current.id,
                                .gmk_id = fields->gmk_id,
                                .is_newer = is_newer(group, fields->gmk_id)};
    struct event event =
        groups_event(others->groups, other->is_newer ? EVENT_OTHERS_KEY : EVENT_OLD_KEY_USED,
                     fields->talker, fields->group);
    event.gmk_id = fields->gmk_id;
    desk_tell(others->desk, now, &event);
}

void other_keys_hear(struct other_keys *others, struct moment now,
                     const struct announcement *announcement) {
    const struct announcement_fields *fields = &announcement->fields;
    const struct group *group = groups_find(others->groups, fields->group);
    if (group == NULL || group_is_standard(group) || group->current.id == fields->gmk_id ||
        strcmp(fields->talker, own_identity(others->desk)) == 0) {
        return;
    }
    const char *kms = kms_of(group, fields->talker);
    size_t place = noted_find(&others->members, fields->talker, fields->group);
    const struct other_key *known = place < NOTED_MAX ? &others->keys[place] : NULL;
    if (kms == NULL ||
        (known != NULL && known->own_id == group->current.id && known->gmk_id == fields->gmk_id)) {
        return;
    }
    if (is_genuine(others, now, group, announcement, kms)) {
        take(others, now, group, fields);
    }
}

void other_keys_forget(struct other_keys *others, const char *identity, const char *group) {
    noted_forget(&others->members, identity, group);
}

static void show(const struct other_key *key, const char *identity, struct view_group *row) {
    for (size_t i = 0; i < row->member_count; i++) {
        if (strcmp(row->members[i].identity, identity) == 0) {
            row->members[i].key = key->is_newer ? MEMBER_KEY_NEWER : MEMBER_KEY_OLDER;
        }
    }
}

void other_keys_show(const struct other_keys *others, struct view *view) {
    for (size_t i = 0; i < NOTED_MAX; i++) {
        const struct noted_talker *member = &others->members.list[i];
        for (size_t k = 0; noted_is(&others->members, i) && k < view->group_count; k++) {
            struct view_group *row = &view->groups[k];
            if (row->gmk_id == others->keys[i].own_id &&
                strcmp(row->identity, member->group) == 0) {
                show(&others->keys[i], member->identity, row);
            }
        }
    }
}
