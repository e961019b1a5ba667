/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/confirmation.h"

#include <string.h>

/* An objection tells something new once: until whoever manages has caught up. */
static bool is_new_objection(const struct managed_group *group, const struct receipt *receipt) {
    return receipt->gmk_id == 0 && !exclusion_states_know(&group->known, &receipt->told) &&
           !exclusion_state_is(&group->unknown, &receipt->told);
}

/* What can be told of a receipt without cryptography: whose it is. NULL when it tells nothing new.
 */
static struct roll_member *giver(const struct managed *managed, const struct receipt *receipt) {
    struct roll_member *member = roll_find(&managed->group->roll, receipt->member);
    if (receipt->gmk_id == 0) {
        /* Who is shut out here has no say in it: nor has a former manager among them. */
        bool is_heard = member != NULL && !member->is_excluded;
        return is_heard && is_new_objection(managed->group, receipt) ? member : NULL;
    }
    bool is_new = member != NULL && receipt->gmk_id == managed->group->rekey.gmk_id &&
                  member->received_id != receipt->gmk_id;
    return is_new ? member : NULL;
}

static enum status check_receipt(struct management *management, struct moment now,
                                 const struct managed *managed, const struct receipt *receipt,
                                 struct span covered, struct span signature) {
    const struct keyring *keyring = managed->group->keyring.credential != NULL
                                        ? &managed->group->keyring
                                        : &management->desk->keyring;
    /* Thousands come at once, and perhaps all from one broker: there is a purse for each member
     * that one is said to be of. */
    if (!purses_take(&management->receipts, admission_who(management->admission, receipt->member),
                     now.boot_ms, MANAGEMENT_RECEIPT_MILLI_UNITS)) {
        return STATUS_RATE_LIMITED;
    }
    return receipt_verify(receipt, covered, signature, keyring, now);
}

static void keep_receipts(struct management *management, struct moment now, struct managed *managed,
                          enum status status) {
    struct batch *batch = managed->receipts;
    managed->receipts = NULL;
    status = management_keep(management, now, managed, batch, status);
    (void)status; /* a failure is told, and the group is not used any more */
}

/* A receipt that a power cut takes away is asked for again: so they are made durable together. */
static void note_receipt(struct management *management, struct moment now, struct managed *managed,
                         struct roll_member *member, uint32_t gmk_id) {
    if (managed->receipts == NULL) {
        managed->receipts = batch_new();
        managed->receipts_due_ms = now.boot_ms + MANAGEMENT_RECEIPTS_WAIT_MS;
    }
    if (managed->receipts == NULL) {
        return; /* as if it had been lost on its way */
    }
    enum status status = managed_group_received(managed->group, member, gmk_id, managed->receipts);
    if (status != STATUS_OK || managed->receipts->count == BATCH_CHANGES_MAX) {
        keep_receipts(management, now, managed, status);
    } else {
        management_changed(managed, now);
    }
}

/* Somebody was told of exclusions that are not known here: nothing is sent until they are. */
static enum status note_objection(struct management *management, struct moment now,
                                  struct managed *managed, const struct roll_member *member,
                                  const struct receipt *receipt) {
    struct batch *batch = batch_new();
    bool is_behind = false;
    if (batch == NULL) {
        return STATUS_NO_MEMORY; /* it comes again */
    }
    enum status status =
        managed_group_hear(managed->group, &receipt->told, receipt->proof, batch, &is_behind);
    if (!is_behind) {
        batch_free(batch); /* it proves nothing */
        return status;
    }
    const struct event about = management_event(managed, EVENT_MANAGED_BEHIND);
    struct event event = event_of_member(EVENT_MANAGED_BEHIND, member->identity, member->name,
                                         about.group, about.group_name);
    event.count = receipt->told.number;
    status = management_keep(management, now, managed, batch, status);
    if (status == STATUS_OK) {
        desk_tell(management->desk, now, &event);
    }
    return STATUS_OK;
}

void confirmation_hear(struct management *management, struct moment now, struct span payload) {
    struct receipt receipt;
    struct span covered, signature;
    if (management->count == 0) {
        return; /* a member's word to its manager */
    }
    enum status status = receipt_read(payload, &receipt, &covered, &signature);
    if (status != STATUS_OK) {
        desk_refuse(management->desk, now, MESSAGE_RECEIPT, status);
        return;
    }
    struct managed *managed = management_group(management, receipt.group);
    struct roll_member *member =
        managed == NULL || managed->is_broken ? NULL : giver(managed, &receipt);
    if (member == NULL) {
        return;
    }
    status = check_receipt(management, now, managed, &receipt, covered, signature);
    if (status == STATUS_OK && receipt.gmk_id == 0) {
        status = note_objection(management, now, managed, member, &receipt);
    } else if (status == STATUS_OK) {
        note_receipt(management, now, managed, member, receipt.gmk_id);
    }
    if (status != STATUS_OK) {
        desk_refuse(management->desk, now, MESSAGE_RECEIPT, status);
    }
}

void confirmation_tick(struct management *management, struct moment now, struct managed *managed) {
    if (managed->receipts != NULL && now.boot_ms >= managed->receipts_due_ms) {
        keep_receipts(management, now, managed, STATUS_OK);
    }
}

int64_t confirmation_deadline(const struct managed *managed) {
    return managed->receipts == NULL ? INT64_MAX : managed->receipts_due_ms;
}
