/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/lifetime.h"

#include "app/handset/keys/standard.h"

/* Group time goes on from what was saved; whatever the clocks say, it is not before the key in use
 * was made, from which the next one's period would begin too late. */
static void resume(struct group *group, struct moment now) {
    heard_time_start(&group->heard, &group->clock, now);
    group_clock_move(&group->clock, now);
    if (!group_is_standard(group) && group->clock.group_ms < group->current.not_before_ms) {
        group->clock = group_clock_start(group->current.not_before_ms, now);
    }
}

void lifetime_start(struct lifetime *lifetime, struct moment now) {
    for (size_t i = 0; i < lifetime->groups->count; i++) {
        resume(lifetime->groups->list[i], now);
    }
    lifetime->save_due_ms = now.boot_ms;
}

/* The officer is told once that a group has no key any more. Returns whether this was it. */
static bool tell_expiry(struct lifetime *lifetime, struct moment now, struct group *group) {
    if (group->current.id == 0 || group->current.octets != NULL || group->expiry_told) {
        return false;
    }
    group->expiry_told = true;
    struct event event =
        event_of_group(group_is_standard(group) ? EVENT_STANDARD_KEY_EXPIRED : EVENT_KEY_EXPIRED,
                       group->parameters.identity, group->parameters.name);
    event.gmk_id = group->current.id;
    desk_tell(lifetime->desk, now, &event);
    return true;
}

/* What could not be saved is tried again: the record may still hold a key that is over. */
static void save(struct lifetime *lifetime, struct moment now, struct group *group) {
    group->is_unsaved = groups_save(lifetime->groups, group) != STATUS_OK;
    if (group->is_unsaved) {
        lifetime->save_due_ms = now.boot_ms + LIFETIME_AGAIN_MS;
    }
}

/* Keys whose period is over go; each group's latest time is made durable now and then. */
static void keep_time(struct lifetime *lifetime, struct moment now) {
    bool save_all = now.boot_ms >= lifetime->save_due_ms;
    if (save_all) {
        lifetime->save_due_ms = now.boot_ms + GROUP_SAVE_MS;
    }
    for (size_t i = 0; i < lifetime->groups->count; i++) {
        struct group *group = lifetime->groups->list[i];
        bool taken_over = standard_take_over(lifetime->desk, now, group);
        bool dropped = group_drop_expired(group, now);
        bool expired = tell_expiry(lifetime, now, group);
        group_clock_move(&group->clock, now);
        heard_time_settle(&group->heard, now);
        /* By its time a standard group, also one without a key, judges the next key that comes. */
        bool needs_time = group->current.octets != NULL || group->previous.octets != NULL ||
                          group->waiting.octets != NULL || group_is_standard(group);
        if (taken_over || dropped || expired || (save_all && (needs_time || group->is_unsaved))) {
            save(lifetime, now, group);
        }
    }
}

/* Keys of months that are over go, from the store first. What could not be queued is tried again.
 */
static void drop_ended_months(struct lifetime *lifetime, struct moment now) {
    const struct key_set *ended;
    while ((ended = keyring_ended(&lifetime->desk->keyring, now)) != NULL) {
        if (desk_save(lifetime->desk, RECORD_CREDENTIAL, ended->record_key, NULL) != STATUS_OK) {
            return;
        }
        keyring_drop(&lifetime->desk->keyring, ended);
    }
}

int64_t lifetime_deadline(const struct lifetime *lifetime) {
    int64_t deadline = lifetime->save_due_ms;
    for (size_t i = 0; i < lifetime->groups->count; i++) {
        const struct group *group = lifetime->groups->list[i];
        const struct gmk *gmks[] = {&group->current, &group->previous};
        for (size_t k = 0; k < 2; k++) {
            int64_t left = gmks[k]->not_after_ms - group->clock.group_ms;
            if (gmks[k]->octets != NULL && group->clock.at.boot_ms + left < deadline) {
                deadline = group->clock.at.boot_ms + left;
            }
        }
        int64_t until = group->waiting.not_before_ms - group->clock.group_ms;
        if (group->waiting.octets != NULL && group->clock.at.boot_ms + until < deadline) {
            deadline = group->clock.at.boot_ms + until;
        }
    }
    return deadline;
}

void lifetime_tick(struct lifetime *lifetime, struct moment now) {
    keep_time(lifetime, now);
    drop_ended_months(lifetime, now);
}
