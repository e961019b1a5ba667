/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What others say: their messages, and their receipts for this handset's. */
#include <string.h>

#include "app/handset/keys/hours.h"
#include "app/handset/talk/message_word.h"
#include "app/handset/talk/messages.h"

/* --- Receipts that are owed ----------------------------------------------------------------- */

/* Is this handset one of those who say that they have it? */
static bool is_chosen(const struct messages *messages, const struct group *group,
                      struct moment now) {
    uint32_t random;
    if (!group_is_standard(group)) {
        return true;
    }
    size_t listeners = roster_near(messages->groups->roster, now);
    return listeners <= MESSAGES_WANTED || (desk_draw_u32(messages->desk, &random) == STATUS_OK &&
                                            random % listeners < MESSAGES_WANTED);
}

void messages_owe(struct messages *messages, struct moment now, const struct message_key *key,
                  const struct group *group, const struct group_message *said, uint64_t batch) {
    struct owed_receipt owed = {
        .gmk_id = key->gmk_id, .hour = key->hour, .receipt.number = said->number, .batch = batch};
    uint32_t random;
    if (messages->owed_count == MESSAGES_OWED_MAX || batch == MESSAGE_UNSAVED ||
        !is_chosen(messages, group, now) ||
        voice_report_who(said->identity, owed.receipt.whose) != STATUS_OK ||
        voice_report_who(own_identity(messages->desk), owed.receipt.who) != STATUS_OK ||
        desk_draw_u32(messages->desk, &random) != STATUS_OK) {
        return; /* it is sent again, and then there is room */
    }
    for (size_t i = 0; i < messages->owed_count; i++) {
        const struct message_receipt *other = &messages->owed[i].receipt;
        if (other->number == said->number &&
            memcmp(other->whose, owed.receipt.whose, sizeof other->whose) == 0) {
            return;
        }
    }
    memcpy(owed.group, group->parameters.identity, sizeof owed.group);
    owed.due_ms = now.boot_ms + random % MESSAGES_SPREAD_MS;
    messages->owed[messages->owed_count++] = owed;
}

/* --- Keys ----------------------------------------------------------------------------------- */

/* A key that a payload may be under. Who got it wipes `octets`. */
struct found_key {
    const struct group *group;
    const struct gmk *gmk;
    struct message_key key;
    uint8_t octets[GMK_SIZE];
};

/* Is it under that group's GMK? */
static enum status key_of(struct messages *messages, struct moment now, const struct group *group,
                          uint32_t gmk_id, uint32_t hour, struct found_key *found) {
    const struct gmk **gmk = &found->gmk;
    if (groups_gmk(messages->groups, group->parameters.identity, gmk_id, gmk) == NULL ||
        (*gmk)->octets == NULL || gmk_is_usable(*gmk, group, now) != STATUS_OK) {
        return STATUS_NOT_FOUND;
    }
    int64_t steps = hour > (*gmk)->hour ? (int64_t)hour - (*gmk)->hour : 0;
    if (!admission_affords(messages->admission, now, SPENT_ON_MESSAGES,
                           MESSAGES_OPENING_MILLI + steps * COST_MAC_MILLI)) {
        return STATUS_NOT_ALLOWED;
    }
    found->group = group;
    found->key = (struct message_key){group->parameters.identity, gmk_id, hour, found->octets};
    return hours_key_named(group, *gmk, hour, now, found->octets);
}

/* The next key that the payload may be under, from group number *next on: it names its key by the
 * id alone, and several groups may have one with that id. False: there is none. */
static bool find_key(struct messages *messages, struct moment now, struct span payload,
                     size_t *next, struct found_key *found) {
    uint32_t gmk_id, hour;
    if (group_message_head(payload, &gmk_id, &hour) != STATUS_OK) {
        return false;
    }
    while (*next < messages->groups->count) {
        const struct group *group = messages->groups->list[(*next)++];
        if (key_of(messages, now, group, gmk_id, hour, found) == STATUS_OK) {
            return true;
        }
    }
    return false;
}

/* --- Messages ------------------------------------------------------------------------------- */

/* Can it have been written then? Its time is its number. */
static bool is_of_its_key(const struct group *group, const struct gmk *gmk, int64_t number,
                          struct moment now) {
    return number <= group_clock_read(&group->clock, now) + CLOCK_TOLERANCE_MS &&
           number >= gmk->not_before_ms - CLOCK_TOLERANCE_MS && number < gmk->not_after_ms;
}

static enum status verify(struct messages *messages, struct moment now, const struct group *group,
                          uint32_t gmk_id, const struct group_message *said) {
    uint8_t room[GROUP_MESSAGE_SIGNED_MAX];
    const struct group_member *member = group_listed(&group->parameters, said->identity);
    const struct moment signed_at = {.utc_ms = group_clock_read(&group->clock, now),
                                     .boot_ms = now.boot_ms};
    return keyring_verify(&messages->desk->keyring, said->identity,
                          member != NULL ? member->kms : own_kms(messages->desk), signed_at,
                          group_message_covered(said, group->parameters.identity, gmk_id, room),
                          said->signature);
}

/* It is that member's, and new. */
static void take(struct messages *messages, struct moment now, struct message_box *box,
                 const struct group *group, const struct group_message *said,
                 const uint8_t who[VOICE_REPORT_WHO_SIZE]) {
    bool dropped;
    struct kept_message *kept =
        message_box_add(box, said, group_clock_read(&group->clock, now), &dropped);
    if (kept == NULL) {
        return; /* it is sent again */
    }
    message_box_pays(box, who, now);
    message_box_note(box, who, said->number);
    kept->id = ++messages->last_id;
    kept->came_ms = group_clock_read(&group->clock, now);
    kept->batch = MESSAGE_UNSAVED;
    /* A record that cannot be queued is tried again, and no receipt is said before. */
    enum status status = messages_save(messages, box, now);
    (void)status;
    if (dropped) {
        messages_tell_dropped(messages, now, box);
    }
}

static void act_on(struct messages *messages, struct moment now, const struct found_key *found,
                   const struct group_message *said) {
    const struct group *group = found->group;
    const struct message_key *key = &found->key;
    uint8_t who[VOICE_REPORT_WHO_SIZE];
    struct message_box *box = messages_box(messages, group->parameters.identity, key->gmk_id);
    if (box == NULL || voice_report_who(said->identity, who) != STATUS_OK ||
        strcmp(said->identity, own_identity(messages->desk)) == 0 ||
        !group_may_talk(group, said->identity) || said->text[0] == '\0' ||
        !display_text_is_valid(said->text, GROUP_MESSAGE_TEXT_MAX) ||
        (message_word_is_report(said->word) &&
         (strcmp(said->text, said->identity) == 0 || !messages_may_report(group, said->text)))) {
        return;
    }
    enum message_news news = message_box_knows(box, who, said->number);
    if (news == MESSAGE_IS_NEW && message_box_affords(box, who, now)) {
        if (!admission_checks(messages->admission, now, said->identity, true)) {
            return;
        }
        enum status status = verify(messages, now, group, key->gmk_id, said);
        if (status == STATUS_OK && !is_of_its_key(group, found->gmk, said->number, now)) {
            status = STATUS_TIME_OUT_OF_RANGE;
        }
        if (status != STATUS_OK) {
            desk_refuse(messages->desk, now, MESSAGE_GROUP_MESSAGE, status);
            return;
        }
        take(messages, now, box, group, said, who);
        news = message_box_knows(box, who, said->number);
    }
    struct kept_message *kept = message_box_find(box, said->identity, said->number);
    if (kept != NULL) {
        messages_heard_again(messages, kept, now);
    }
    if (news == MESSAGE_IS_KNOWN) {
        messages_owe(messages, now, key, group, said, kept == NULL ? 0 : kept->batch);
    }
}

void messages_hear(struct messages *messages, struct moment now, struct span payload) {
    struct found_key found;
    struct group_message said;
    bool is_open = false;
    for (size_t next = 0; !is_open && find_key(messages, now, payload, &next, &found);) {
        is_open = group_message_open(&found.key, payload, &said) == STATUS_OK;
        if (is_open) {
            act_on(messages, now, &found, &said);
        }
        secret_wipe(found.octets, sizeof found.octets);
    }
    secret_wipe(&said, sizeof said);
}

/* --- Receipts for this handset's ------------------------------------------------------------ */

/* In an ad-hoc group who says so is on the list. The word of a member who is revoked or lost is not
 * heard. */
static bool is_heard(const struct messages *messages, const struct group *group,
                     const uint8_t who[VOICE_REPORT_WHO_SIZE]) {
    for (size_t i = 0; i < group->parameters.member_count; i++) {
        const char *identity = group->parameters.members[i].identity;
        uint8_t member[VOICE_REPORT_WHO_SIZE];
        if (voice_report_who(identity, member) == STATUS_OK &&
            memcmp(member, who, sizeof member) == 0) {
            return !keyring_refuses(&messages->desk->keyring, identity);
        }
    }
    return group_is_standard(group);
}

/* Of another's it is remembered in memory alone: after a restart it is passed on once in vain. */
static void note(struct messages *messages, struct moment now, const struct group *group,
                 uint32_t gmk_id, const struct message_receipt *receipt) {
    uint8_t own[VOICE_REPORT_WHO_SIZE];
    struct message_box *box = messages_box_of(messages, group->parameters.identity, gmk_id);
    struct kept_message *message =
        box == NULL ? NULL : message_box_find_of(box, receipt->whose, receipt->number);
    if (message == NULL || message_has(message, receipt->who) ||
        message->holder_count == MESSAGE_HOLDERS_MAX ||
        voice_report_who(own_identity(messages->desk), own) != STATUS_OK ||
        memcmp(own, receipt->who, sizeof own) == 0 || !is_heard(messages, group, receipt->who)) {
        return;
    }
    memcpy(message->holders[message->holder_count++], receipt->who, sizeof receipt->who);
    if (message->is_own) {
        box->save_due_ms = box->is_changed ? box->save_due_ms : now.boot_ms + MESSAGES_SAVE_MS;
        box->is_changed = true;
    }
}

void messages_hear_receipt(struct messages *messages, struct moment now, struct span payload) {
    struct found_key found;
    struct message_receipt receipt;
    bool is_open = false;
    for (size_t next = 0; !is_open && find_key(messages, now, payload, &next, &found);) {
        is_open = message_receipt_open(&found.key, payload, &receipt) == STATUS_OK;
        if (is_open) {
            note(messages, now, found.group, found.key.gmk_id, &receipt);
        }
        secret_wipe(found.octets, sizeof found.octets);
    }
}
