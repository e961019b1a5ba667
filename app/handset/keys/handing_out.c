/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/handing_out.h"

#include <string.h>

#include "crypto/key_delivery.h"

_Static_assert((int)MANAGEMENT_AT_ONCE <= (int)I_MESSAGES_AT_ONCE &&
                   (int)MANAGEMENT_ROUND_AT_ONCE <= (int)MANAGEMENT_AT_ONCE,
               "built together");

/* --- Deliveries ----------------------------------------------------------------------------- */

/* The deliveries of some members. */
struct deliveries {
    size_t count;
    struct roll_member *members[MANAGEMENT_AT_ONCE];
    uint8_t octets[MANAGEMENT_AT_ONCE][KEY_DELIVERY_MAX];
    struct writer outs[MANAGEMENT_AT_ONCE];
};

static enum status build(const struct management *management, const struct managed *managed,
                         struct moment now, struct deliveries *deliveries) {
    const struct roll_member *members[MANAGEMENT_AT_ONCE];
    for (size_t i = 0; i < deliveries->count; i++) {
        members[i] = deliveries->members[i];
        deliveries->outs[i] = writer_into(deliveries->octets[i], sizeof deliveries->octets[i]);
    }
    return managed_group_build(managed->group, now.utc_ms, deliveries->count, members,
                               &management->desk->entropy, deliveries->outs);
}

/* Takes the manager's own delivery. Returns whether its handset has the GMK now. */
static bool take_own(struct management *management, struct moment now,
                     const struct managed *managed, struct span delivery) {
    struct i_message message;
    const struct gmk *held;
    enum status status = standard_import(management->standard, now, delivery, &message);
    if (status == STATUS_OK || status == STATUS_ALREADY_DONE) {
        return true;
    }
    if (groups_gmk(management->groups, managed->group->identity, managed->group->rekey.gmk_id,
                   &held) != NULL) {
        return true;
    }
    struct event event = management_event(managed, EVENT_MANAGED_NOT_TAKEN);
    event.check = status_name(status);
    desk_tell(management->desk, now, &event);
    return false;
}

/* Remembers a delivery to somebody who is nearby, in a free place or that of the earliest. */
static void note_lately(struct managed *managed, struct moment now, const char *identity) {
    uint64_t source = purse_source(identity);
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

static bool is_nearby(const struct management *management, struct moment now,
                      const char *identity) {
    const struct neighbour *neighbour = roster_find(management->roster, identity);
    return neighbour != NULL && neighbour_is_near(neighbour, management->roster, now);
}

/* One delivery goes its way; then the roll says so. */
static enum status hand_out(struct management *management, struct moment now,
                            struct managed *managed, struct roll_member *member,
                            struct span delivery, struct batch *batch) {
    struct managed_group *group = managed->group;
    uint32_t gmk_id = group->rekey.gmk_id;
    char topic[TOPIC_SIZE];
    enum status status = STATUS_OK;
    if (strcmp(member->identity, own_identity(management->desk)) == 0) {
        if (take_own(management, now, managed, delivery)) {
            status = managed_group_received(group, member, gmk_id, batch);
        }
        if (status == STATUS_ALREADY_DONE) {
            status = STATUS_OK;
        }
    } else {
        struct topic_key key;
        management_topic_key(management, managed, &key);
        topic_mailbox(&key, member->identity, group->identity, topic);
        air_send_under(management->air, EVERYONE, FRAME_KEY_DELIVERY, delivery, topic, true,
                       management->desk->outbox.queued);
        if (is_nearby(management, now, member->identity)) {
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

/* What was drawn last month is dated anew before more of it goes out. */
static enum status redate(struct management *management, struct moment now,
                          struct managed *managed) {
    struct batch *batch = batch_new();
    enum status status =
        batch == NULL ? STATUS_NO_MEMORY : managed_group_redate(managed->group, now.utc_ms, batch);
    return batch == NULL ? status : management_keep(management, now, managed, batch, status);
}

/* Builds and sends the deliveries of these members. A failure to build is told, and not tried again
 * before the next round. Returns whether they went out. */
static bool deliver(struct management *management, struct moment now, struct managed *managed,
                    struct deliveries *deliveries) {
    enum status status = redate(management, now, managed);
    struct batch *batch = batch_new();
    if (status == STATUS_OK) {
        status = batch == NULL ? STATUS_NO_MEMORY : build(management, managed, now, deliveries);
    }
    if (status != STATUS_OK) {
        batch_free(batch);
        managed->is_sending = false;
        managed->look_due_ms = managed->round_due_ms = now.boot_ms + MANAGEMENT_ROUND_MS;
        struct event event = management_event(managed, EVENT_MANAGED_NOT_SENT);
        event.check = status_name(status);
        desk_tell(management->desk, now, &event);
        return false;
    }
    for (size_t i = 0; status == STATUS_OK && i < deliveries->count; i++) {
        status = hand_out(management, now, managed, deliveries->members[i],
                          writer_span(&deliveries->outs[i]), batch);
    }
    return management_keep(management, now, managed, batch, status) == STATUS_OK;
}

/* --- To all who lack it --------------------------------------------------------------------- */

/* Who is revoked gets no key, whether its manager has excluded it or not. */
static bool may_have_key(const struct management *management, const struct roll_member *member) {
    return !keyring_refuses(&management->desk->keyring, member->identity);
}

static void tell_sent(struct management *management, struct moment now,
                      const struct managed *managed) {
    struct event event = management_event(managed, EVENT_MANAGED_SENT);
    event.count = (unsigned)managed->sent_since;
    event.duration_ms = now.boot_ms - managed->sending_since_ms;
    desk_tell(management->desk, now, &event);
}

static void send_some(struct management *management, struct moment now, struct managed *managed) {
    struct deliveries deliveries;
    const struct roll_member *lacking[MANAGEMENT_AT_ONCE];
    if (managed_group_check(managed->group, now.utc_ms) != STATUS_OK) {
        managed->is_sending = false;
        return;
    }
    size_t at = managed->at;
    size_t count = managed_group_pending(managed->group, &at, MANAGEMENT_AT_ONCE, lacking);
    if (count == 0) {
        managed->is_sending = false;
        if (managed->sent_since > 0) {
            tell_sent(management, now, managed);
        }
        return;
    }
    deliveries.count = 0;
    for (size_t i = 0; i < count; i++) {
        if (may_have_key(management, lacking[i])) {
            deliveries.members[deliveries.count++] =
                roll_find(&managed->group->roll, lacking[i]->identity);
        }
    }
    managed->send_due_ms = now.boot_ms + MANAGEMENT_PACE_MS;
    if (deliveries.count == 0 || deliver(management, now, managed, &deliveries)) {
        managed->at = at;
    }
}

/* --- To those who gave no receipt ----------------------------------------------------------- */

static bool owes_receipt(const struct management *management, const struct managed_group *group,
                         const struct roll_member *member) {
    return !member->is_excluded && member->received_id != group->rekey.gmk_id &&
           may_have_key(management, member);
}

static bool was_sent_lately(const struct managed *managed, struct moment now,
                            const char *identity) {
    uint64_t source = purse_source(identity);
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
static void look_around(struct management *management, struct moment now, struct managed *managed) {
    struct deliveries deliveries;
    const struct roster *roster = management->roster;
    managed->look_due_ms = now.boot_ms + MANAGEMENT_LOOK_MS;
    deliveries.count = 0;
    for (size_t i = 0; i < roster->neighbours.count && deliveries.count < MANAGEMENT_AT_ONCE; i++) {
        const char *identity = roster->neighbours.list[i]->presence.identity;
        struct roll_member *member = roll_find(&managed->group->roll, identity);
        if (member != NULL && owes_receipt(management, managed->group, member) &&
            is_nearby(management, now, identity) && !was_sent_lately(managed, now, identity)) {
            deliveries.members[deliveries.count++] = member;
        }
    }
    if (deliveries.count > 0) {
        deliver(management, now, managed, &deliveries);
    }
}

/* The next of a round. At the roll's end the next round has its time. */
static void go_round(struct management *management, struct moment now, struct managed *managed) {
    struct deliveries deliveries;
    struct roll *roll = &managed->group->roll;
    deliveries.count = 0;
    if (managed->round_at == 0) {
        managed->list_put = 0; /* what the broker kept may be lost */
    }
    for (; managed->round_at < roll->count && deliveries.count < MANAGEMENT_ROUND_AT_ONCE;
         managed->round_at++) {
        if (owes_receipt(management, managed->group, &roll->members[managed->round_at])) {
            deliveries.members[deliveries.count++] = &roll->members[managed->round_at];
        }
    }
    bool is_over = managed->round_at >= roll->count;
    if (deliveries.count > 0 && !deliver(management, now, managed, &deliveries)) {
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

/* --- The list of the revoked ----------------------------------------------------------------- */

bool handing_out_has_list(const struct management *management, const struct managed *managed) {
    const struct revocation *list = &management->desk->revoked.list;
    return list->number > managed->list_put &&
           strcmp(list->kms, managed->group->keyring.credential->kms) == 0;
}

static void put_list(const struct management *management, struct managed *managed) {
    const struct revocation *list = &management->desk->revoked.list;
    uint8_t octets[REVOCATION_SIZE_MAX];
    char topic[TOPIC_SIZE];
    struct topic_key key;
    struct writer w = writer_into(octets, sizeof octets);
    revocation_write(&w, list);
    management_topic_key(management, managed, &key);
    topic_revoked(&key, managed->group->identity, topic);
    air_send_far_under(management->air, topic, true, FRAME_REVOCATION, writer_span(&w));
    managed->list_put = list->number;
}

/* --- Time ----------------------------------------------------------------------------------- */

void handing_out_tick(struct management *management, struct moment now, struct managed *managed) {
    if (handing_out_has_list(management, managed)) {
        put_list(management, managed);
    }
    if (managed->is_sending && now.boot_ms >= managed->send_due_ms) {
        send_some(management, now, managed);
    } else if (may_send_again(managed, now) && now.boot_ms >= managed->round_due_ms) {
        go_round(management, now, managed);
    } else if (may_send_again(managed, now) && now.boot_ms >= managed->look_due_ms) {
        look_around(management, now, managed);
    }
}

void handing_out_again(struct managed *managed, struct moment now) {
    managed->list_put = 0;
    managed->round_at = 0;
    managed->round_due_ms = now.boot_ms;
}

int64_t handing_out_deadline(const struct managed *managed) {
    if (managed->is_sending) {
        return managed->send_due_ms;
    }
    if (managed->tally.received == managed->tally.members || managed->group->rekey.gmk == NULL ||
        managed->group->rekey.is_spoiled) {
        return INT64_MAX;
    }
    return managed->round_due_ms < managed->look_due_ms ? managed->round_due_ms
                                                        : managed->look_due_ms;
}
