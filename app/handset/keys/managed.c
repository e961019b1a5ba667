/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/managed.h"

#include <stdlib.h>
#include <string.h>

static void managed_free(struct managed *managed) {
    managed_group_free(managed->group);
    batch_free(managed->receipts);
    free(managed->rows);
    free(managed);
}

void management_clear(struct management *management) {
    for (size_t i = 0; i < management->count; i++) {
        managed_free(management->list[i]);
    }
    management->count = 0;
}

struct managed *management_group(const struct management *management, const char *identity) {
    for (size_t i = 0; i < management->count; i++) {
        if (strcmp(management->list[i]->group->identity, identity) == 0) {
            return management->list[i];
        }
    }
    return NULL;
}

enum status management_add(struct management *management, const char *identity,
                           struct managed **out) {
    if (management->count == MANAGED_GROUPS_MAX) {
        return STATUS_TOO_LONG;
    }
    struct managed *managed = calloc(1, sizeof *managed);
    if (managed == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status =
        managed_group_new(management->desk->keyring.provider, identity, &managed->group);
    if (status != STATUS_OK) {
        free(managed);
        return status;
    }
    management->list[management->count++] = *out = managed;
    return STATUS_OK;
}

void management_changed(struct managed *managed, struct moment now) {
    managed->tally = managed_group_tally(managed->group);
    managed->rows_are_old = true;
    management_watch(managed, now);
}

void management_watch(struct managed *managed, struct moment now) {
    const struct rekey *rekey = &managed->group->rekey;
    managed->expiry_due_ms =
        rekey->gmk == NULL ? INT64_MAX : now.boot_ms + (rekey->not_after_ms - now.utc_ms);
}

struct event management_event(const struct managed *managed, enum event_kind kind) {
    char name[DISPLAY_NAME_SIZE];
    standard_name(managed->group->identity, name);
    struct event event = event_of_group(kind, managed->group->identity, name);
    event.gmk_id = managed->group->rekey.gmk_id;
    return event;
}

enum status management_keep(struct management *management, struct moment now,
                            struct managed *managed, struct batch *batch, enum status status) {
    if (status != STATUS_OK || batch->count == 0) {
        batch_free(batch);
    } else {
        status = outbox_store(&management->desk->outbox, batch);
    }
    if (status != STATUS_OK && !managed->is_broken) {
        managed->is_broken = true;
        struct event event = management_event(managed, EVENT_MANAGED_NOT_SAVED);
        event.check = status_name(status);
        desk_tell(management->desk, now, &event);
    }
    management_changed(managed, now);
    return status;
}

void management_send_on(struct managed *managed, struct moment now) {
    managed->at = 0;
    if (managed->is_sending) {
        return;
    }
    managed->is_sending = true;
    managed->sending_since_ms = now.boot_ms;
    managed->sent_since = 0;
}

void management_topic_key(const struct management *management, const struct managed *managed,
                          struct topic_key *key) {
    const struct credential *credential = managed->group->keyring.credential;
    *key = management->desk->topic_key;
    if (credential != NULL) {
        topic_key_of(credential, key);
    }
}
