/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/lifetime.h"

#include "app/handset/keys/hours.h"
#include "app/handset/keys/standard.h"
#include "app/identity/month.h"

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
    struct event event = group_is_standard(group)
                             ? event_of_group(EVENT_STANDARD_KEY_EXPIRED,
                                              group->parameters.identity, group->parameters.name)
                             : groups_event(lifetime->groups, EVENT_KEY_EXPIRED,
                                            group->created_here ? "" : group->parameters.creator,
                                            group->parameters.identity);
    event.gmk_id = group->current.id;
    desk_tell(lifetime->desk, now, &event);
    return true;
}

/* Is the end of the current key to be told of `before_ms` earlier: is there none that follows, and
 * was it not told of yet? */
static bool is_to_tell(const struct group *group, int64_t before_ms) {
    const struct gmk *gmk = &group->current;
    bool is_followed =
        group->waiting.octets != NULL && group->waiting.not_before_ms <= gmk->not_after_ms;
    bool was_told = group->end_told.id == gmk->id && group->end_told.left_ms <= before_ms;
    return gmk->octets != NULL && !is_followed && !was_told &&
           gmk->not_after_ms - gmk->not_before_ms >= 2 * before_ms;
}

static void tell_end_of_key(struct lifetime *lifetime, struct moment now, struct group *group) {
    static const int64_t steps[] = {LIFETIME_LAST_MS, LIFETIME_ENDS_MS};
    const int64_t minute_ms = 60 * 1000;
    int64_t left_ms = group->current.not_after_ms - group_clock_read(&group->clock, now);
    size_t step = left_ms <= LIFETIME_LAST_MS ? 0 : 1;
    if (left_ms <= 0 || left_ms > steps[step] || !is_to_tell(group, steps[step])) {
        return;
    }
    group->end_told.id = group->current.id;
    group->end_told.left_ms = steps[step];
    struct event event = group_is_standard(group)
                             ? event_of_group(EVENT_STANDARD_KEY_ENDS, group->parameters.identity,
                                              group->parameters.name)
                             : groups_event(lifetime->groups, EVENT_KEY_ENDS,
                                            group->created_here ? "" : group->parameters.creator,
                                            group->parameters.identity);
    event.gmk_id = group->current.id;
    event.duration_ms = (left_ms + minute_ms - 1) / minute_ms * minute_ms;
    desk_tell(lifetime->desk, now, &event);
}

/* When the next such word is due; INT64_MAX: none is. */
static int64_t end_deadline(const struct group *group) {
    int64_t ends_ms = group->clock.at.boot_ms + group->current.not_after_ms - group->clock.group_ms;
    return is_to_tell(group, LIFETIME_ENDS_MS)   ? ends_ms - LIFETIME_ENDS_MS
           : is_to_tell(group, LIFETIME_LAST_MS) ? ends_ms - LIFETIME_LAST_MS
                                                 : INT64_MAX;
}

/* What could not be saved is tried again: the record may still hold a key that is over. */
static void save(struct lifetime *lifetime, struct moment now, struct group *group) {
    group->is_unsaved = groups_save(lifetime->groups, group) != STATUS_OK;
    if (group->is_unsaved) {
        lifetime->save_due_ms = now.boot_ms + LIFETIME_AGAIN_MS;
    } else {
        hours_saved(group, lifetime->desk->outbox.queued);
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
        tell_end_of_key(lifetime, now, group);
        group_clock_move(&group->clock, now);
        heard_time_settle(&group->heard, now);
        bool steps = hours_step(group, lifetime->desk->outbox.durable, now);
        /* By its time a standard group, also one without a key, judges the next key that comes. */
        bool needs_time = group_holds_key(group) || group_is_standard(group);
        if (taken_over || dropped || expired || steps ||
            (save_all && (needs_time || group->is_unsaved))) {
            save(lifetime, now, group);
        }
    }
}

/* The record of `set` without its signing key is queued. */
static enum status save_without_signing(struct lifetime *lifetime, const struct key_set *set) {
    struct credential *credential = credential_new();
    struct secret *octets = secret_new(CREDENTIAL_SIZE_MAX);
    enum status status = STATUS_NO_MEMORY;
    if (credential != NULL && octets != NULL) {
        struct writer w = writer_into(octets->octets, octets->length);
        *credential = *set->credential;
        credential_wipe_signing(credential);
        status = credential_write(credential, &w);
        struct span value = writer_span(&w);
        if (status == STATUS_OK) {
            status = desk_save(lifetime->desk, RECORD_CREDENTIAL, set->record_key, &value);
        }
    }
    secret_free(octets);
    credential_free(credential);
    return status;
}

/* Keys of months that are surely over go, from the store first: those that sign, and later those
 * that open what was sent to them. What could not be queued is tried again. */
static void drop_ended_months(struct lifetime *lifetime, struct moment now) {
    struct keyring *keyring = &lifetime->desk->keyring;
    const struct key_set *done = keyring_done_signing(keyring, now);
    const struct key_set *ended =
        done != NULL ? done : keyring_ended(keyring, now, KEYRING_HORIZON_MS);
    if (!ending_is_sure(&lifetime->ending, lifetime->desk, now, ended)) {
        return;
    }
    if (done != NULL) {
        if (save_without_signing(lifetime, done) == STATUS_OK) {
            keyring_wipe_signing(keyring, done);
        }
    } else if (desk_save(lifetime->desk, RECORD_CREDENTIAL, ended->record_key, NULL) == STATUS_OK) {
        keyring_drop(keyring, ended);
    }
}

/* What the officer is to know about keys that end at `ends_ms`. Others accept them for some time
 * longer: their clocks may differ. */
static enum event_kind news_of_end(int64_t ends_ms, int64_t now_ms) {
    const int64_t day_ms = 24 * 60 * 60 * 1000;
    if (ends_ms == INT64_MAX || now_ms < ends_ms - LIFETIME_SOON_MS) {
        return EVENT_KEYS_LAST;
    }
    if (now_ms < ends_ms - day_ms) {
        return EVENT_KEYS_END_SOON;
    }
    if (now_ms < ends_ms) {
        return EVENT_KEYS_END_TODAY;
    }
    return now_ms < ends_ms + KEYRING_TOLERANCE_MS ? EVENT_KEYS_ENDING : EVENT_KEYS_ENDED;
}

/* Told once each, and again when it is about other keys, or another month's keys are needed. */
static void tell_end(struct lifetime *lifetime, struct moment now) {
    int64_t ends_ms = keyring_ends_ms(&lifetime->desk->keyring, now);
    int64_t month_ms = month_start(now.utc_ms, 0);
    struct event event = {.kind = news_of_end(ends_ms, now.utc_ms)};
    bool nothing_to_tell = event.kind == EVENT_KEYS_LAST &&
                           (lifetime->told == EVENT_NONE || lifetime->told == EVENT_KEYS_LAST);
    if (nothing_to_tell || (event.kind == lifetime->told && ends_ms == lifetime->told_of_ms &&
                            month_ms == lifetime->told_in_month_ms)) {
        return;
    }
    day_print(ends_ms - 1, event.day);
    month_print(now.utc_ms < ends_ms ? ends_ms : now.utc_ms, event.month);
    desk_tell(lifetime->desk, now, &event);
    lifetime->told = event.kind;
    lifetime->told_of_ms = ends_ms;
    lifetime->told_in_month_ms = month_ms;
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
        int64_t told = end_deadline(group);
        deadline = told < deadline ? told : deadline;
        int64_t step = hours_deadline(group);
        deadline = step < deadline ? step : deadline;
    }
    return deadline;
}

void lifetime_tick(struct lifetime *lifetime, struct moment now) {
    keep_time(lifetime, now);
    drop_ended_months(lifetime, now);
    tell_end(lifetime, now);
}
