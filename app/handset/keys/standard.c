/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/standard.h"

#include <stdio.h>
#include <string.h>

#include "app/handset/keys/time_proof.h"
#include "app/identity/freshness.h"
#include "crypto/key_delivery.h"

bool standard_is_managed(const struct keyring *keyring, const struct group *group) {
    return group_is_standard(group) &&
           group_list_has(&keyring->credential->groups, group->parameters.identity);
}

/* --- What may be taken ---------------------------------------------------------------------- */

/* Is a delivery with this word and date the latest of its group? */
static enum status check_order(const struct group *group, const struct epoch_word *word,
                               int64_t utc_ms) {
    const struct epoch epoch = epoch_of_word(word);
    if (group == NULL) {
        return STATUS_OK;
    }
    if (epoch.term < group->epoch.term) {
        return STATUS_TERM_OVER;
    }
    int order = epoch_compare(epoch, group->epoch);
    return order < 0 || (order == 0 && utc_ms <= group->delivered_ms) ? STATUS_REPLAYED : STATUS_OK;
}

/* Everything that can be told without cryptography. */
static enum status check_fields(const struct standard *standard,
                                const struct i_message_fields *fields) {
    if (key_id_space(fields->key_id) != KEY_ID_SPACE_STANDARD || fields->key_id == 0) {
        return STATUS_KEY_ID_WRONG_SPACE;
    }
    if (!group_list_has(&standard->desk->keyring.credential->groups, fields->initiator)) {
        return STATUS_GROUP_IDENTITY_WRONG;
    }
    if (strcmp(fields->initiator_kms, own_kms(standard->desk)) != 0 ||
        strcmp(fields->responder_kms, own_kms(standard->desk)) != 0) {
        return STATUS_DOMAIN_UNKNOWN;
    }
    struct epoch_word word;
    enum status status = epoch_word_read(fields->manager, &word);
    if (status == STATUS_OK) {
        status =
            check_order(groups_find(standard->groups, fields->initiator), &word, fields->utc_ms);
    }
    if (status != STATUS_OK) {
        return status;
    }
    /* The same key under a later date, for those who had not got it. */
    const struct gmk *held;
    bool is_held = groups_gmk(standard->groups, fields->initiator, fields->key_id, &held) != NULL;
    return is_held ? STATUS_REPLAYED : STATUS_OK;
}

/* Does this replay say that it is the delivery that was taken last, or a later one of the same key?
 * Somebody who only makes it look
 * so gets a receipt, or a friendly word, and no secret. */
static bool is_latest(const struct standard *standard, const struct i_message_fields *fields) {
    const struct gmk *held;
    const struct group *group =
        groups_gmk(standard->groups, fields->initiator, fields->key_id, &held);
    return group != NULL && fields->utc_ms >= group->delivered_ms;
}

/* Does it say that its manager has drawn a key since that is not held, and does not know the
 * exclusions that this handset was told of? A store that was restored counts its keys from where it
 * was. */
static bool may_be_behind(const struct standard *standard, const struct i_message_fields *fields) {
    struct epoch_word word;
    const struct gmk *held;
    const struct group *group = groups_find(standard->groups, fields->initiator);
    bool is_held = groups_gmk(standard->groups, fields->initiator, fields->key_id, &held) != NULL;
    return !is_held && group != NULL && fields->utc_ms > group->delivered_ms &&
           group->told.word.known.count > 0 &&
           epoch_word_read(fields->manager, &word) == STATUS_OK &&
           !exclusion_states_know(&word.known, &group->told.word.known.list[0]);
}

static enum status check_signature(const struct standard *standard, struct moment now,
                                   const struct i_message *message) {
    /* Signed with the keys of its own month, and of no other: it may have waited in a mailbox. So
     * no timestamp is further off than the keys that the manager holds, and a wrong clock there
     * cannot shut out what comes later for years; nor can who took keys of an ended month replace a
     * key that was made after it. */
    const struct message_date date = {.utc_ms = message->fields.utc_ms};
    return keyring_verify_dated(&standard->desk->keyring, message->fields.initiator,
                                message->fields.initiator_kms, date, now, message->covered,
                                message->signature.octets);
}

/* It says when it was made, and that is signed: neither long ago nor still to come. */
static enum status check_date(const struct standard *standard, struct moment now,
                              const struct i_message *message) {
    const struct freshness_time time = {now.utc_ms, time_proof_latest_ms(standard->groups, now)};
    const struct limits limits = keyring_limits(&standard->desk->keyring);
    return freshness_check_date(&limits, message->fields.utc_ms, time);
}

/* The signature is paid for first, and opening by the group identity that signed: what a stranger
 * can send must not use up what opening costs. */
static enum status check_proofs(struct standard *standard, struct moment now,
                                const struct i_message *message) {
    enum status status = check_signature(standard, now, message);
    if (status == STATUS_OK) {
        status = check_date(standard, now, message);
    }
    if (status == STATUS_OK &&
        !admission_pays(standard->admission, now, PROVEN_OPENING, message->fields.initiator,
                        (COST_DECAPSULATION + 2 * COST_SIGNATURE) * UNIT)) {
        status = STATUS_RATE_LIMITED;
    }
    return status;
}

/* --- Taking --------------------------------------------------------------------------------- */

/* Group time at a delivery: this handset's own. What a delivery says of the time moves no clock.
 * Who holds no key takes back what neighbours moved (time_proof.h): theirs may have been wrong, and
 * would end every later key. */
static struct group_clock clock_at(const struct group *held, struct moment now) {
    if (held == NULL) {
        return group_clock_start(now.utc_ms, now);
    }
    int64_t group_ms = group_clock_read(&held->clock, now);
    if (held->moved_ms > 0 && !group_holds_key(held)) {
        int64_t own_ms = group_ms - held->moved_ms;
        group_ms = own_ms > now.utc_ms ? own_ms : now.utc_ms;
    }
    return group_clock_start(group_ms, now);
}

/* What had begun by its manager's clock at `utc_ms` has begun, though the clock here is behind.
 * From now on it lasts as long as it was meant to at most. */
static void begin_what_began(struct gmk *gmk, int64_t utc_ms, int64_t group_ms) {
    if (gmk->not_before_ms > utc_ms || gmk->not_before_ms <= group_ms) {
        return;
    }
    int64_t by_ms = gmk->not_before_ms - group_ms;
    gmk->not_before_ms -= by_ms;
    gmk->not_after_ms -= by_ms;
    gmk->shifted_ms += by_ms;
}

void standard_name(const char *identity, char name[DISPLAY_NAME_SIZE]) {
    const char *user = identity + strlen("sip:");
    size_t letters = strcspn(user, "@"); /* an identity is ASCII */
    letters = letters < DISPLAY_NAME_LETTERS ? letters : DISPLAY_NAME_LETTERS;
    snprintf(name, DISPLAY_NAME_SIZE, "%.*s", (int)letters, user);
}

/* The group before its first GMK. */
static struct group *first_group(const struct key_delivery_fields *fields,
                                 struct group_clock clock) {
    struct group_parameters parameters = {.created_ms = fields->not_before_ms,
                                          .period_ms =
                                              fields->not_after_ms - fields->not_before_ms};
    snprintf(parameters.identity, sizeof parameters.identity, "%s", fields->group);
    snprintf(parameters.creator, sizeof parameters.creator, "%s", fields->group);
    standard_name(fields->group, parameters.name);
    return group_new(&parameters, clock);
}

/* Of the group's key that is taken; one that tells of no exclusions leaves what was told before. */
static void keep_word(struct group *group, const struct epoch_proof *proof) {
    group->epoch = epoch_of_word(&proof->word);
    if (proof->word.known.count > 0) {
        group->told = *proof;
    }
}

/* The group as the delivery makes or changes it. The caller frees it also on failure. */
static enum status delivered_group(const struct group *held, struct moment now,
                                   const struct key_delivery_fields *fields,
                                   const struct epoch_proof *proof, const uint8_t gmk[GMK_SIZE],
                                   struct group **out) {
    struct group_clock clock = clock_at(held, now);
    enum status status = STATUS_OK;
    *out = NULL;
    if (held != NULL) {
        status = group_copy(held, out);
    } else if ((*out = first_group(fields, clock)) == NULL) {
        status = STATUS_NO_MEMORY;
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (held != NULL && held->moved_ms > 0 && !group_holds_key(held)) {
        group_start_time(*out, clock);
    }
    (*out)->clock = clock;
    (*out)->is_unproven = true;
    (*out)->delivered_ms = fields->utc_ms;
    keep_word(*out, proof);
    /* What waited may have begun by now, also by the manager's clock. */
    begin_what_began(&(*out)->waiting, fields->utc_ms, clock.group_ms);
    if ((*out)->waiting.octets != NULL && gmk_is_usable(&(*out)->waiting, *out, now) == STATUS_OK) {
        status = group_take_waiting(*out, now);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct gmk delivered = {.id = fields->gmk_id,
                            .not_before_ms = fields->not_before_ms,
                            .not_after_ms = fields->not_after_ms};
    begin_what_began(&delivered, fields->utc_ms, clock.group_ms);
    return group_set_delivered(*out, &delivered, gmk, now);
}

static void tell_key(struct desk *desk, struct moment now, enum event_kind kind,
                     const struct group *group, uint32_t gmk_id) {
    struct event event = event_of_group(kind, group->parameters.identity, group->parameters.name);
    event.gmk_id = gmk_id;
    desk_tell(desk, now, &event);
}

static enum status take(struct standard *standard, struct moment now,
                        const struct key_delivery_fields *fields, const struct epoch_proof *proof,
                        const uint8_t gmk[GMK_SIZE]) {
    struct group *held = groups_find(standard->groups, fields->group), *group;
    if (fields->not_after_ms <= clock_at(held, now).group_ms) {
        return STATUS_GMK_EXPIRED;
    }
    if (held == NULL && standard->groups->count == GROUPS_MAX) {
        char name[DISPLAY_NAME_SIZE];
        standard_name(fields->group, name);
        struct event event = event_of_group(EVENT_KEY_HAS_NO_ROOM, fields->group, name);
        event.count = GROUPS_MAX;
        desk_tell(standard->desk, now, &event);
        return STATUS_TOO_LONG;
    }
    enum status status = delivered_group(held, now, fields, proof, gmk, &group);
    if (status == STATUS_OK) {
        status = groups_keep(standard->groups, held, group);
    }
    if (status != STATUS_OK) {
        group_free(group);
        return status;
    }
    receipts_owe(standard->receipts, now, fields->group, fields->gmk_id);
    tell_key(standard->desk, now,
             group->waiting.octets != NULL ? EVENT_KEY_WAITS : EVENT_KEY_DELIVERED, group,
             fields->gmk_id);
    return STATUS_OK;
}

/* What the manager says itself, of what was opened. */
static enum status check_manager(const struct standard *standard, const struct i_message *message,
                                 const struct key_delivery_fields *fields,
                                 const uint8_t gmk[GMK_SIZE], struct epoch_proof *proof) {
    const struct keyring *keyring = &standard->desk->keyring;
    struct epoch_word word;
    enum status status = epoch_word_read(message->fields.manager, &word);
    if (status == STATUS_OK) {
        status = epoch_proof_of(&word, fields, gmk, proof);
    }
    return status == STATUS_OK ? epoch_proof_verify(proof, fields->group_kms, fields->group,
                                                    keyring->provider, keyring->domain)
                               : status;
}

/* Does that manager know the exclusions that this handset was told of? If not it is told of them,
 * and so is the officer. */
static enum status check_exclusions(struct standard *standard, struct moment now,
                                    const struct epoch_proof *proof, const char *identity) {
    const struct group *group = groups_find(standard->groups, identity);
    if (group == NULL || group->told.word.known.count == 0 ||
        exclusion_states_know(&proof->word.known, &group->told.word.known.list[0])) {
        return STATUS_OK;
    }
    if (receipts_object(standard->receipts, now, identity)) {
        struct event event = event_of_group(EVENT_MANAGER_BEHIND, identity, group->parameters.name);
        event.count = group->told.word.known.list[0].number;
        desk_tell(standard->desk, now, &event);
    }
    return STATUS_EXCLUSION_UNKNOWN;
}

static enum status open_and_take(struct standard *standard, struct moment now,
                                 const struct i_message *message) {
    const struct limits limits = keyring_limits(&standard->desk->keyring);
    struct key_delivery_fields fields;
    struct epoch_proof proof;
    uint8_t gmk[GMK_SIZE];
    enum status status = keyring_open(&standard->desk->keyring, message, now, gmk);
    if (status == STATUS_OK) {
        status = key_delivery_parameters(message, gmk, &fields);
    }
    if (status == STATUS_OK) {
        status = check_manager(standard, message, &fields, gmk, &proof);
    }
    if (status == STATUS_OK) {
        status = freshness_check_period(&limits, fields.utc_ms, fields.not_before_ms,
                                        fields.not_after_ms);
    }
    if (status == STATUS_OK) {
        status = check_exclusions(standard, now, &proof, fields.group);
    }
    if (status == STATUS_OK) {
        status = take(standard, now, &fields, &proof, gmk);
    }
    secret_wipe(gmk, sizeof gmk);
    return status;
}

bool standard_concerns(const struct standard *standard, struct span payload) {
    struct i_message message;
    return key_delivery_parse(payload, &message) == STATUS_OK &&
           strcmp(message.fields.responder, own_identity(standard->desk)) == 0;
}

void standard_delivery(struct standard *standard, struct moment now, struct span payload) {
    struct i_message message;
    bool is_behind = false;
    enum status status = key_delivery_parse(payload, &message);
    if (status == STATUS_OK &&
        strcmp(message.fields.responder, own_identity(standard->desk)) != 0) {
        return; /* thousands of others get theirs on the same air */
    }
    if (status == STATUS_OK) {
        status = check_fields(standard, &message.fields);
    }
    if (status == STATUS_REPLAYED && is_latest(standard, &message.fields)) {
        receipts_owe_again(standard->receipts, now, message.fields.initiator,
                           message.fields.key_id);
    } else if (status == STATUS_REPLAYED) {
        is_behind = may_be_behind(standard, &message.fields);
    }
    if ((status == STATUS_OK || is_behind) &&
        !admission_checks(standard->admission, now, message.fields.initiator, false)) {
        return; /* it waits */
    }
    /* What a stranger can send must not have an objection put in place of a receipt. */
    if (is_behind && check_signature(standard, now, &message) == STATUS_OK &&
        check_date(standard, now, &message) == STATUS_OK) {
        (void)receipts_object(standard->receipts, now, message.fields.initiator);
    }
    if (status == STATUS_OK) {
        status = check_proofs(standard, now, &message);
    }
    if (status == STATUS_OK) {
        status = open_and_take(standard, now, &message);
    }
    if (status != STATUS_OK) {
        desk_refuse(standard->desk, now, MESSAGE_KEY_DELIVERY, status);
    }
}

enum status standard_import(struct standard *standard, struct moment now, struct span octets,
                            struct i_message *message) {
    enum status status = key_delivery_parse(octets, message);
    if (status == STATUS_OK &&
        strcmp(message->fields.responder, own_identity(standard->desk)) != 0) {
        return STATUS_NOT_ADDRESSED_TO_US;
    }
    if (status == STATUS_OK) {
        status = check_fields(standard, &message->fields);
    }
    if (status == STATUS_REPLAYED && is_latest(standard, &message->fields)) {
        return STATUS_ALREADY_DONE;
    }
    if (status == STATUS_OK) {
        status = check_signature(standard, now, message);
    }
    if (status == STATUS_OK) {
        status = check_date(standard, now, message);
    }
    return status == STATUS_OK ? open_and_take(standard, now, message) : status;
}

/* --- Time ----------------------------------------------------------------------------------- */

void standard_start(struct standard *standard, struct moment now) {
    for (size_t i = 0; i < standard->groups->count; i++) {
        struct group *group = standard->groups->list[i];
        if (!group_is_standard(group) || standard_is_managed(&standard->desk->keyring, group) ||
            !group_drop_all(group)) {
            continue;
        }
        group->expiry_told = true;
        group->is_unsaved = true; /* handset_tick makes it durable */
        tell_key(standard->desk, now, EVENT_KEYS_WIPED, group, 0);
    }
}

bool standard_take_over(struct desk *desk, struct moment now, struct group *group) {
    if (group->waiting.octets == NULL || gmk_is_usable(&group->waiting, group, now) != STATUS_OK ||
        group_take_waiting(group, now) != STATUS_OK) {
        return false;
    }
    tell_key(desk, now, EVENT_KEY_IN_USE, group, group->current.id);
    return true;
}

void standard_begin_waiting(struct groups *groups, struct moment now, struct group *group) {
    begin_what_began(&group->waiting, INT64_MAX, group_clock_read(&group->clock, now));
    if (standard_take_over(groups->desk, now, group)) {
        group->is_unsaved = groups_save(groups, group) != STATUS_OK;
    }
}
