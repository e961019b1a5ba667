/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/management_sending.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/handset.h"
#include "app/handset/standard.h"
#include "crypto/key_delivery.h"

_Static_assert((int)MANAGEMENT_AT_ONCE <= (int)I_MESSAGES_AT_ONCE &&
                   (int)MANAGEMENT_ROUND_AT_ONCE <= (int)MANAGEMENT_AT_ONCE,
               "built together");

void management_send_on(struct managed *managed, struct moment now) {
    managed->at = 0;
    if (managed->is_sending) {
        return;
    }
    managed->is_sending = true;
    managed->sending_since_ms = now.boot_ms;
    managed->sent_since = 0;
}

/* --- Deliveries ----------------------------------------------------------------------------- */

/* The deliveries of some members. */
struct deliveries {
    size_t count;
    struct roll_member *members[MANAGEMENT_AT_ONCE];
    uint8_t octets[MANAGEMENT_AT_ONCE][KEY_DELIVERY_MAX];
    struct writer outs[MANAGEMENT_AT_ONCE];
};

static enum status build(const struct handset *handset, const struct managed *managed,
                         struct moment now, struct deliveries *deliveries) {
    const struct roll_member *members[MANAGEMENT_AT_ONCE];
    for (size_t i = 0; i < deliveries->count; i++) {
        members[i] = deliveries->members[i];
        deliveries->outs[i] = writer_into(deliveries->octets[i], sizeof deliveries->octets[i]);
    }
    return managed_group_build(managed->group, now.utc_ms, deliveries->count, members,
                               &handset->entropy, deliveries->outs);
}

/* Takes the manager's own delivery. Returns whether its handset has the GMK now. */
static bool take_own(struct handset *handset, struct moment now, const struct managed *managed,
                     struct span delivery) {
    struct i_message message;
    const struct gmk *held;
    enum status status = standard_import(handset, now, delivery, &message);
    if (status == STATUS_OK || status == STATUS_ALREADY_DONE) {
        return true;
    }
    if (handset_gmk(handset, managed->group->rekey.gmk_id, &held) != NULL) {
        return true;
    }
    handset_tell(handset, now, TELL_MEMBER, LOG_WARNING,
                 "This handset is on the roll of %s but could not take its key: %s",
                 managed->group->identity, status_text(status));
    return false;
}

/* Remembers a delivery to somebody who is nearby, in a free place or that of the earliest. */
static void note_lately(struct managed *managed, struct moment now, const char *identity) {
    uint64_t source = limiter_source(identity);
    struct lately_sent *place = &managed->lately[0];
    for (size_t i = 0; i < MANAGEMENT_LATELY_MAX; i++) {
        struct lately_sent *lately = &managed->lately[i];
        if (lately->source == source) {
            lately->at_ms = now.boot_ms;
            return;
        }
        if (place->source != 0 && (lately->source == 0 || lately->at_ms < place->at_ms)) {
            place = lately;
        }
    }
    *place = (struct lately_sent){.source = source, .at_ms = now.boot_ms};
}

static bool is_nearby(const struct handset *handset, struct moment now, const char *identity) {
    const struct neighbour *neighbour = roster_find(&handset->roster, identity);
    return neighbour != NULL && now.boot_ms - neighbour->heard_ms <= PRESENCE_LASTS_MS;
}

/* One delivery goes its way; then the roll says so. */
static enum status hand_out(struct handset *handset, struct moment now, struct managed *managed,
                            struct roll_member *member, struct span delivery, struct batch *batch) {
    struct managed_group *group = managed->group;
    uint32_t gmk_id = group->rekey.gmk_id;
    char topic[TOPIC_SIZE];
    enum status status = STATUS_OK;
    if (strcmp(member->identity, own_identity(handset)) == 0) {
        if (take_own(handset, now, managed, delivery)) {
            status = managed_group_received(group, member, gmk_id, batch);
        }
        if (status == STATUS_ALREADY_DONE) {
            status = STATUS_OK;
        }
    } else {
        struct topic_key key;
        management_topic_key(handset, managed, &key);
        topic_mailbox(&key, member->identity, group->identity, topic);
        handset_send_under(handset, EVERYONE, FRAME_KEY_DELIVERY, delivery, topic, true);
        if (is_nearby(handset, now, member->identity)) {
            note_lately(managed, now, member->identity);
        }
    }
    bool is_new = managed_group_lacks(group, member) || member->sent_id != gmk_id;
    managed->sent_since += is_new;
    if (status == STATUS_OK && is_new) {
        status = managed_group_sent(group, member, gmk_id, batch);
    }
    return status;
}

/* Builds and sends the deliveries of these members. A failure to build is told, and not tried again
 * before the next round. Returns whether they went out. */
static bool deliver(struct handset *handset, struct moment now, struct managed *managed,
                    struct deliveries *deliveries) {
    struct batch *batch = batch_new();
    enum status status =
        batch == NULL ? STATUS_NO_MEMORY : build(handset, managed, now, deliveries);
    if (status != STATUS_OK) {
        batch_free(batch);
        managed->is_sending = false;
        managed->look_due_ms = managed->round_due_ms = now.boot_ms + MANAGEMENT_ROUND_MS;
        handset_tell(handset, now, TELL_MEMBER, LOG_WARNING,
                     "The key of %s cannot be sent (%s): rekey the group", managed->group->identity,
                     status_text(status));
        return false;
    }
    for (size_t i = 0; status == STATUS_OK && i < deliveries->count; i++) {
        status = hand_out(handset, now, managed, deliveries->members[i],
                          writer_span(&deliveries->outs[i]), batch);
    }
    return management_keep(handset, now, managed, batch, status) == STATUS_OK;
}

/* --- To all who lack it --------------------------------------------------------------------- */

static void tell_sent(struct handset *handset, struct moment now, const struct managed *managed) {
    char name[DISPLAY_NAME_SIZE];
    standard_name(managed->group->identity, name);
    handset_tell(handset, now, TELL_MEMBER, LOG_NOTICE,
                 "%s: GMK %08" PRIX32 " was sent to %zu members in %" PRId64 " s", name,
                 managed->group->rekey.gmk_id, managed->sent_since,
                 (now.boot_ms - managed->sending_since_ms + 999) / 1000);
}

static void send_some(struct handset *handset, struct moment now, struct managed *managed) {
    struct deliveries deliveries;
    const struct roll_member *lacking[MANAGEMENT_AT_ONCE];
    if (managed_group_check(managed->group, now.utc_ms) != STATUS_OK) {
        managed->is_sending = false;
        return;
    }
    size_t at = managed->at;
    deliveries.count = managed_group_pending(managed->group, &at, MANAGEMENT_AT_ONCE, lacking);
    if (deliveries.count == 0) {
        managed->is_sending = false;
        if (managed->sent_since > 0) {
            tell_sent(handset, now, managed);
        }
        return;
    }
    for (size_t i = 0; i < deliveries.count; i++) {
        deliveries.members[i] = roll_find(&managed->group->roll, lacking[i]->identity);
    }
    managed->send_due_ms = now.boot_ms + MANAGEMENT_PACE_MS;
    if (deliver(handset, now, managed, &deliveries)) {
        managed->at = at;
    }
}

/* --- To those who gave no receipt ----------------------------------------------------------- */

static bool owes_receipt(const struct managed_group *group, const struct roll_member *member) {
    return !member->is_excluded && member->received_id != group->rekey.gmk_id;
}

static bool was_sent_lately(const struct managed *managed, struct moment now,
                            const char *identity) {
    uint64_t source = limiter_source(identity);
    bool is_full = true;
    for (size_t i = 0; i < MANAGEMENT_LATELY_MAX; i++) {
        const struct lately_sent *lately = &managed->lately[i];
        bool is_recent = lately->source != 0 && now.boot_ms - lately->at_ms < MANAGEMENT_NEARBY_MS;
        if (lately->source == source) {
            return is_recent;
        }
        is_full = is_full && is_recent;
    }
    return is_full;
}

/* Members who are nearby and without a receipt: some at a time. */
static void look_around(struct handset *handset, struct moment now, struct managed *managed) {
    struct deliveries deliveries;
    const struct roster *roster = &handset->roster;
    managed->look_due_ms = now.boot_ms + MANAGEMENT_LOOK_MS;
    deliveries.count = 0;
    for (size_t i = 0; i < roster->count && deliveries.count < MANAGEMENT_AT_ONCE; i++) {
        const char *identity = roster->neighbours[i].presence.identity;
        struct roll_member *member = roll_find(&managed->group->roll, identity);
        if (member != NULL && owes_receipt(managed->group, member) &&
            is_nearby(handset, now, identity) && !was_sent_lately(managed, now, identity)) {
            deliveries.members[deliveries.count++] = member;
        }
    }
    if (deliveries.count > 0) {
        deliver(handset, now, managed, &deliveries);
    }
}

/* The next of a round. At the roll's end the next round has its time. */
static void go_round(struct handset *handset, struct moment now, struct managed *managed) {
    struct deliveries deliveries;
    struct roll *roll = &managed->group->roll;
    deliveries.count = 0;
    for (; managed->round_at < roll->count && deliveries.count < MANAGEMENT_ROUND_AT_ONCE;
         managed->round_at++) {
        if (owes_receipt(managed->group, &roll->members[managed->round_at])) {
            deliveries.members[deliveries.count++] = &roll->members[managed->round_at];
        }
    }
    bool is_over = managed->round_at >= roll->count;
    if (deliveries.count > 0 && !deliver(handset, now, managed, &deliveries)) {
        is_over = true;
    }
    if (is_over) {
        managed->round_at = 0;
    }
    managed->round_due_ms =
        now.boot_ms + (is_over ? MANAGEMENT_ROUND_MS : MANAGEMENT_ROUND_STEP_MS);
}

static bool may_send_again(const struct managed *managed, struct moment now) {
    return !managed->is_broken && !managed->is_sending &&
           managed->tally.received < managed->tally.members &&
           managed_group_check(managed->group, now.utc_ms) == STATUS_OK;
}

/* --- Receipts ------------------------------------------------------------------------------- */

/* What can be told of a receipt without cryptography: whose it is. NULL when it tells nothing new.
 */
static struct roll_member *giver(const struct managed *managed, const struct receipt *receipt) {
    struct roll_member *member = roll_find(&managed->group->roll, receipt->member);
    bool is_new = member != NULL && receipt->gmk_id == managed->group->rekey.gmk_id &&
                  member->received_id != receipt->gmk_id;
    return is_new ? member : NULL;
}

static enum status check_receipt(struct handset *handset, struct moment now, uint64_t peer,
                                 const struct managed *managed, const struct receipt *receipt,
                                 struct span covered, struct span signature) {
    const struct keyring *keyring =
        managed->group->keyring.credential != NULL ? &managed->group->keyring : &handset->keyring;
    /* Thousands come at once, and perhaps all from one broker: the budget is by the member that it
     * is said to be of. */
    if (!limiter_allows_milli(&handset->management.limiter, limiter_source(receipt->member),
                              roster_is_at(&handset->roster, receipt->member, peer), now.boot_ms,
                              MANAGEMENT_RECEIPT_MILLI_UNITS)) {
        return STATUS_RATE_LIMITED;
    }
    return receipt_verify(receipt, covered, signature, keyring);
}

static void keep_receipts(struct handset *handset, struct moment now, struct managed *managed,
                          enum status status) {
    struct batch *batch = managed->receipts;
    managed->receipts = NULL;
    status = management_keep(handset, now, managed, batch, status);
    (void)status; /* a failure is told, and the group is not used any more */
}

/* A receipt that a power cut takes away is asked for again: so they are made durable together. */
static void note_receipt(struct handset *handset, struct moment now, struct managed *managed,
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
        keep_receipts(handset, now, managed, status);
    } else {
        management_changed(managed, now);
    }
}

void management_receipt(struct handset *handset, struct moment now, uint64_t peer,
                        struct span payload) {
    struct receipt receipt;
    struct span covered, signature;
    if (handset->management.count == 0) {
        return; /* a member's word to its manager */
    }
    enum status status = receipt_read(payload, &receipt, &covered, &signature);
    if (status != STATUS_OK) {
        handset_refuse(handset, now, "receipt", status);
        return;
    }
    struct managed *managed = management_group(handset, receipt.group);
    struct roll_member *member =
        managed == NULL || managed->is_broken ? NULL : giver(managed, &receipt);
    if (member == NULL) {
        return;
    }
    status = check_receipt(handset, now, peer, managed, &receipt, covered, signature);
    if (status == STATUS_OK) {
        note_receipt(handset, now, managed, member, receipt.gmk_id);
    } else {
        handset_refuse(handset, now, "receipt", status);
    }
}

/* --- Time ----------------------------------------------------------------------------------- */

static void drop_expired(struct handset *handset, struct moment now, struct managed *managed) {
    struct batch *batch = batch_new();
    bool dropped = false;
    if (batch == NULL) {
        return; /* it is tried again */
    }
    enum status status = managed_group_drop_expired(managed->group, now.utc_ms, batch, &dropped);
    if (management_keep(handset, now, managed, batch, status) == STATUS_OK && dropped) {
        handset_tell(handset, now, TELL_KEY_EXPIRED, LOG_WARNING,
                     "The key of %s, which this handset manages, has expired: rekey the group",
                     managed->group->identity);
    }
}

/* Keys of the group identity whose month is over go, from the store first. */
static void drop_ended_months(struct handset *handset, struct moment now, struct managed *managed) {
    const struct key_set *ended;
    while ((ended = keyring_ended(&managed->group->keyring, now)) != NULL) {
        if (handset_save_record(handset, RECORD_MANAGER_KEYS, ended->record_key, NULL) !=
            STATUS_OK) {
            return; /* it is tried again */
        }
        keyring_drop(&managed->group->keyring, ended);
    }
}

/* Says once that all have the GMK. */
static void tell_complete(struct handset *handset, struct moment now, struct managed *managed) {
    const struct managed_tally *tally = &managed->tally;
    char name[DISPLAY_NAME_SIZE];
    bool was_told = managed->is_all_told;
    managed->is_all_told = tally->members > 0 && tally->received == tally->members;
    if (was_told || !managed->is_all_told) {
        return;
    }
    standard_name(managed->group->identity, name);
    handset_tell(handset, now, TELL_MEMBER, LOG_NOTICE, "%s: all %zu members have GMK %08" PRIX32,
                 name, tally->members, managed->group->rekey.gmk_id);
}

void management_watch(struct managed *managed, struct moment now) {
    const struct rekey *rekey = &managed->group->rekey;
    managed->expiry_due_ms =
        rekey->gmk == NULL ? INT64_MAX : now.boot_ms + (rekey->not_after_ms - now.utc_ms);
}

static void tick(struct handset *handset, struct moment now, struct managed *managed) {
    drop_ended_months(handset, now, managed);
    if (managed->group->rekey.gmk != NULL && now.utc_ms >= managed->group->rekey.not_after_ms) {
        drop_expired(handset, now, managed);
    }
    if (managed->receipts != NULL && now.boot_ms >= managed->receipts_due_ms) {
        keep_receipts(handset, now, managed, STATUS_OK);
    }
    management_watch(managed, now);
    tell_complete(handset, now, managed);
    if (handset_is_silent(handset) || managed->is_broken) {
        return;
    }
    if (managed->is_sending && now.boot_ms >= managed->send_due_ms) {
        send_some(handset, now, managed);
    } else if (may_send_again(managed, now) && now.boot_ms >= managed->round_due_ms) {
        go_round(handset, now, managed);
    } else if (may_send_again(managed, now) && now.boot_ms >= managed->look_due_ms) {
        look_around(handset, now, managed);
    }
}

void management_tick(struct handset *handset, struct moment now) {
    for (size_t i = 0; i < handset->management.count; i++) {
        if (!handset->management.groups[i]->is_broken) {
            tick(handset, now, handset->management.groups[i]);
        }
    }
}

static int64_t earlier(int64_t one, int64_t other) {
    return one < other ? one : other;
}

static int64_t deadline_of(const struct handset *handset, const struct managed *managed) {
    int64_t deadline = managed->expiry_due_ms;
    if (managed->is_broken) {
        return INT64_MAX;
    }
    if (managed->receipts != NULL) {
        deadline = earlier(deadline, managed->receipts_due_ms);
    }
    if (handset_is_silent(handset)) {
        return deadline;
    }
    if (managed->is_sending) {
        return earlier(deadline, managed->send_due_ms);
    }
    if (managed->tally.received < managed->tally.members && managed->group->rekey.gmk != NULL &&
        !managed->group->rekey.is_spoiled) {
        deadline = earlier(deadline, earlier(managed->round_due_ms, managed->look_due_ms));
    }
    return deadline;
}

int64_t management_deadline(const struct handset *handset) {
    int64_t deadline = INT64_MAX;
    for (size_t i = 0; i < handset->management.count; i++) {
        deadline = earlier(deadline, deadline_of(handset, handset->management.groups[i]));
    }
    return deadline;
}
