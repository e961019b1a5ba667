/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/management.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/handset/keys/confirmation.h"
#include "app/handset/keys/handing_out.h"

/* --- Starting ------------------------------------------------------------------------------- */

void management_begin(struct management *management, int64_t boot_ms) {
    purses_start(&management->receipts, boot_ms);
}

enum status management_restore(struct management *management, enum record_kind kind,
                               struct span key, struct span value) {
    char identity[IDENTITY_SIZE];
    enum status status = managed_group_of_record(kind, key, identity);
    if (status != STATUS_OK) {
        return status;
    }
    struct managed *managed = management_group(management, identity);
    if (managed == NULL) {
        status = management_add(management, identity, &managed);
    }
    return status == STATUS_OK ? managed_group_restore(managed->group, kind, key, value) : status;
}

void management_start(struct management *management, struct moment now) {
    for (size_t i = 0; i < management->count; i++) {
        struct managed *managed = management->list[i];
        managed->look_due_ms = now.boot_ms;
        managed->round_due_ms = now.boot_ms + MANAGEMENT_ROUND_MS;
        management_changed(managed, now);
        managed->is_all_told = managed->tally.received == managed->tally.members;
        management_send_on(managed, now);
    }
}

/* --- Time ----------------------------------------------------------------------------------- */

static void drop_expired(struct management *management, struct moment now,
                         struct managed *managed) {
    struct batch *batch = batch_new();
    bool dropped = false;
    if (batch == NULL) {
        return; /* it is tried again */
    }
    const struct event event = management_event(managed, EVENT_MANAGED_KEY_EXPIRED);
    enum status status = managed_group_drop_expired(managed->group, now.utc_ms, batch, &dropped);
    if (management_keep(management, now, managed, batch, status) == STATUS_OK && dropped) {
        desk_tell(management->desk, now, &event);
    }
}

/* Keys of the group identity whose month is surely over go, from the store first: nothing is sent
 * to it that could have waited. What could not be queued is tried again. */
static void drop_ended_months(struct management *management, struct moment now,
                              struct managed *managed) {
    struct keyring *keyring = &managed->group->keyring;
    const struct key_set *ended = keyring_ended(keyring, now, KEYRING_TOLERANCE_MS);
    if (ending_is_sure(&managed->ending, management->desk, now, ended) &&
        desk_save(management->desk, RECORD_MANAGER_KEYS, ended->record_key, NULL) == STATUS_OK) {
        keyring_drop(keyring, ended);
    }
}

/* Says once that all have the GMK. */
static void tell_complete(struct management *management, struct moment now,
                          struct managed *managed) {
    const struct managed_tally *tally = &managed->tally;
    bool was_told = managed->is_all_told;
    managed->is_all_told = tally->members > 0 && tally->received == tally->members;
    if (was_told || !managed->is_all_told) {
        return;
    }
    struct event event = management_event(managed, EVENT_MANAGED_COMPLETE);
    event.count = (unsigned)tally->members;
    desk_tell(management->desk, now, &event);
}

static void tick(struct management *management, struct moment now, struct managed *managed) {
    drop_ended_months(management, now, managed);
    if (managed->group->rekey.gmk != NULL && now.utc_ms >= managed->group->rekey.not_after_ms) {
        drop_expired(management, now, managed);
    }
    confirmation_tick(management, now, managed);
    management_watch(managed, now);
    tell_complete(management, now, managed);
    if (!desk_is_silent(management->desk) && !managed->is_broken) {
        handing_out_tick(management, now, managed);
    }
}

void management_tick(struct management *management, struct moment now) {
    for (size_t i = 0; i < management->count; i++) {
        if (!management->list[i]->is_broken) {
            tick(management, now, management->list[i]);
        }
    }
}

static int64_t earlier(int64_t one, int64_t other) {
    return one < other ? one : other;
}

int64_t management_deadline(const struct management *management) {
    int64_t deadline = INT64_MAX;
    for (size_t i = 0; i < management->count; i++) {
        const struct managed *managed = management->list[i];
        if (managed->is_broken) {
            continue;
        }
        deadline = earlier(deadline, managed->expiry_due_ms);
        deadline = earlier(deadline, confirmation_deadline(managed));
        if (!desk_is_silent(management->desk)) {
            deadline = earlier(deadline, handing_out_has_list(management, managed)
                                             ? INT64_MIN
                                             : handing_out_deadline(managed));
        }
    }
    return deadline;
}

/* --- The view ------------------------------------------------------------------------------- */

static enum managed_member_state state_of(const struct managed_group *group,
                                          const struct roll_member *member) {
    if (member->is_excluded) {
        return MANAGED_EXCLUDED;
    }
    if (group->rekey.gmk_id == 0 || managed_group_lacks(group, member)) {
        return MANAGED_LACKS;
    }
    return member->received_id == group->rekey.gmk_id ? MANAGED_HAS : MANAGED_SENT;
}

/* Out of memory the old rows, or none, are shown. */
static void make_rows(struct managed *managed) {
    const struct roll *roll = &managed->group->roll;
    if (roll->count > managed->row_room) {
        struct view_managed_member *rows =
            reallocarray(managed->rows, roll->room, sizeof *managed->rows);
        if (rows == NULL) {
            return;
        }
        managed->rows = rows;
        managed->row_room = roll->room;
    }
    for (size_t i = 0; i < roll->count; i++) {
        const struct roll_member *member = &roll->members[i];
        struct view_managed_member *row = &managed->rows[i];
        row->state = state_of(managed->group, member);
        snprintf(row->identity, sizeof row->identity, "%s", member->identity);
        snprintf(row->name, sizeof row->name, "%s", member->name);
    }
    managed->row_count = roll->count;
    managed->rows_are_old = false;
}

static bool has_keys(const struct managed_group *group, int64_t utc_ms) {
    for (size_t i = 0; i < group->keyring.count; i++) {
        if (utc_ms >= group->keyring.sets[i].begins_ms && utc_ms < group->keyring.sets[i].ends_ms) {
            return true;
        }
    }
    return false;
}

static void show_gmk(const struct managed_group *group, int64_t now_ms, struct view_managed *row) {
    const struct rekey *rekey = &group->rekey;
    enum status status = managed_group_check(group, now_ms);
    row->gmk_id = rekey->gmk_id;
    row->period_ms = rekey->not_after_ms - rekey->not_before_ms;
    row->state = status == STATUS_OK                  ? MANAGED_USABLE
                 : status == STATUS_NOT_FOUND         ? MANAGED_NO_GMK
                 : status == STATUS_GMK_EXPIRED       ? MANAGED_EXPIRED
                 : status == STATUS_EXCLUSION_UNKNOWN ? MANAGED_BEHIND
                                                      : MANAGED_SPOILED;
    if (row->state != MANAGED_USABLE) {
        return;
    }
    row->remaining_ms = rekey->not_after_ms - now_ms;
    row->begins_in_ms = rekey->not_before_ms > now_ms ? rekey->not_before_ms - now_ms : 0;
}

static void show_sending(const struct managed *managed, struct moment now,
                         struct view_managed *row) {
    int64_t elapsed_ms = now.boot_ms - managed->sending_since_ms;
    row->sending = managed->is_sending && managed->tally.sent < managed->tally.members;
    if (!row->sending || elapsed_ms <= 0 || managed->sent_since == 0) {
        return;
    }
    int64_t left = (int64_t)(managed->tally.members - managed->tally.sent);
    row->sent_a_second = (unsigned)((int64_t)managed->sent_since * 1000 / elapsed_ms);
    row->sending_left_ms = left * elapsed_ms / (int64_t)managed->sent_since;
}

void management_show(struct management *management, struct moment now, struct view *view) {
    view->managed_count = management->count;
    for (size_t i = 0; i < management->count; i++) {
        struct managed *managed = management->list[i];
        struct view_managed *row = &view->managed[i];
        if (managed->rows_are_old) {
            make_rows(managed);
        }
        *row = (struct view_managed){.has_keys = has_keys(managed->group, now.utc_ms),
                                     .members = managed->tally.members,
                                     .excluded = managed->tally.excluded,
                                     .sent = managed->tally.sent,
                                     .received = managed->tally.received,
                                     .row_count = managed->row_count,
                                     .rows = managed->rows};
        snprintf(row->identity, sizeof row->identity, "%s", managed->group->identity);
        standard_name(managed->group->identity, row->name);
        show_gmk(managed->group, now.utc_ms, row);
        show_sending(managed, now, row);
    }
}

void management_broker_is_back(struct management *management, struct moment now) {
    for (size_t i = 0; i < management->count; i++) {
        handing_out_again(management->list[i], now);
    }
}

size_t management_topics(const struct management *management, struct handset_topic out[],
                         size_t room) {
    size_t count = 0;
    for (size_t i = 0; i < management->count && count < room; i++) {
        const struct managed *managed = management->list[i];
        struct handset_topic *topic = &out[count++];
        struct topic_key key;
        management_topic_key(management, managed, &key);
        topic_receipt(&key, managed->group->identity, NULL, topic->name);
        topic->is_kept = true;
    }
    return count;
}
