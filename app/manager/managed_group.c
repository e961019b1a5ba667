/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/manager/managed_group.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/identity/freshness.h"
#include "app/identity/group_list.h"
#include "app/identity/month.h"
#include "crypto/key_delivery.h"

enum {
    FORMAT_VERSION = 2,
    AHEAD_MAX = 1 << 20, /* exclusions that others can have made */
    VERSION_WITHOUT_COUNTER = 1,
    GMK_OCTETS = SSV_SIZE,
    MEMBER_KEY_MAX = 2 * IDENTITY_MAX + 1,
    EXCLUSIONS_VERSION = 3,
    EXCLUSIONS_VERSION_UNTOLD = 1,    /* members were told nothing of exclusions */
    EXCLUSIONS_VERSION_UNSETTLED = 2, /* no terms but the broker's were noted */
    EXCLUSIONS_RECORD_MAX =
        1 + 4 + 8 + EXCLUSIONS_SIZE_MAX + EXCLUSION_STATES_SIZE_MAX + EXCLUSION_STATE_SIZE + 3 * 8
};

_Static_assert((int)MEMBER_KEY_MAX <= (int)RECORD_KEY_MAX, "a member's record key");

enum status managed_group_new(const struct provider *provider, const char *identity,
                              struct managed_group **out) {
    struct group_list list = {0};
    *out = NULL;
    if (group_list_add(&list, identity) != STATUS_OK) {
        return STATUS_IDENTITY_INVALID;
    }
    *out = calloc(1, sizeof **out);
    if (*out == NULL) {
        return STATUS_NO_MEMORY;
    }
    strcpy((*out)->identity, identity); /* it fits: it was checked */
    (*out)->keyring.provider = provider;
    return STATUS_OK;
}

void managed_group_free(struct managed_group *group) {
    if (group == NULL) {
        return;
    }
    keyring_clear(&group->keyring);
    roll_clear(&group->roll);
    secret_free(group->rekey.gmk);
    free(group);
}

/* --- Records: writer above reader -----------------------------------------------------------
 */

static enum status put_rekey(const struct managed_group *group, const struct rekey *rekey,
                             struct batch *batch) {
    uint8_t octets[REKEY_RECORD_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    write_u8(&w, FORMAT_VERSION);
    write_u32(&w, rekey->gmk_id);
    write_u64(&w, (uint64_t)rekey->utc_ms);
    write_u64(&w, (uint64_t)rekey->not_before_ms);
    write_u64(&w, (uint64_t)rekey->not_after_ms);
    write_u8(&w, rekey->is_spoiled ? 1 : 0);
    write_u64(&w, rekey->counter);
    write_span_u8(&w, rekey->gmk == NULL ? (struct span){NULL, 0} : secret_span(rekey->gmk));
    enum status status = writer_finish(&w);
    if (status == STATUS_OK) {
        status = batch_put(batch, RECORD_REKEY, span_of_text(group->identity), writer_span(&w));
    }
    secret_wipe(octets, sizeof octets);
    return status;
}

static enum status read_rekey(struct span octets, struct rekey *rekey) {
    struct reader r = reader_of(octets);
    uint8_t version = read_u8(&r);
    if (version > FORMAT_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    rekey->gmk_id = read_u32(&r);
    rekey->utc_ms = (int64_t)read_u64(&r);
    rekey->not_before_ms = (int64_t)read_u64(&r);
    rekey->not_after_ms = (int64_t)read_u64(&r);
    uint8_t spoiled = read_u8(&r);
    rekey->is_spoiled = spoiled == 1;
    rekey->counter = version > VERSION_WITHOUT_COUNTER ? read_u64(&r) : 0;
    struct span gmk = read_span_u8(&r);
    enum status status = reader_finish(&r);
    if (status != STATUS_OK) {
        return status;
    }
    if (version == 0 || spoiled > 1 || (gmk.length != 0 && gmk.length != GMK_OCTETS)) {
        return STATUS_MALFORMED;
    }
    if (gmk.length > 0 && (rekey->gmk = secret_copy(gmk)) == NULL) {
        return STATUS_NO_MEMORY;
    }
    return STATUS_OK;
}

static enum status put_member(const struct managed_group *group, const struct roll_member *member,
                              struct batch *batch) {
    uint8_t key[MEMBER_KEY_MAX], value[ROLL_MEMBER_OCTETS_MAX];
    struct writer k = writer_into(key, sizeof key), v = writer_into(value, sizeof value);
    write_span(&k, span_of_text(group->identity));
    write_u8(&k, 0);
    write_span(&k, span_of_text(member->identity));
    roll_member_write(member, &v);
    enum status status = writer_finish(&k);
    if (status == STATUS_OK) {
        status = writer_finish(&v);
    }
    if (status == STATUS_OK) {
        status = batch_put(batch, RECORD_MEMBER, writer_span(&k), writer_span(&v));
    }
    return status;
}

static enum status delete_member(const struct managed_group *group,
                                 const struct roll_member *member, struct batch *batch) {
    uint8_t key[MEMBER_KEY_MAX];
    struct writer k = writer_into(key, sizeof key);
    write_span(&k, span_of_text(group->identity));
    write_u8(&k, 0);
    write_span(&k, span_of_text(member->identity));
    enum status status = writer_finish(&k);
    return status == STATUS_OK ? batch_delete(batch, RECORD_MEMBER, writer_span(&k)) : status;
}

enum status managed_group_put_exclusions(const struct managed_group *group, struct batch *batch) {
    uint8_t octets[EXCLUSIONS_RECORD_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    write_u8(&w, EXCLUSIONS_VERSION);
    write_u32(&w, group->shared);
    write_u64(&w, group->shared_term);
    exclusions_write(&w, &group->exclusions);
    exclusion_states_write(&w, &group->known);
    exclusion_state_write(&w, &group->unknown);
    write_u64(&w, group->settled_term);
    write_u64(&w, group->latest_term);
    write_u64(&w, group->drawn_term);
    enum status status = writer_finish(&w);
    return status == STATUS_OK
               ? batch_put(batch, RECORD_EXCLUSIONS, span_of_text(group->identity), writer_span(&w))
               : status;
}

static enum status read_exclusions(struct span octets, struct managed_group *group) {
    struct reader r = reader_of(octets);
    uint8_t version = read_u8(&r);
    if (version > EXCLUSIONS_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    group->shared = read_u32(&r);
    group->shared_term = read_u64(&r);
    enum status status = exclusions_read(&r, &group->exclusions);
    if (status == STATUS_OK && version > EXCLUSIONS_VERSION_UNTOLD) {
        status = exclusion_states_read(&r, &group->known);
        exclusion_state_read(&r, &group->unknown);
    }
    group->latest_term = group->shared_term;
    if (status == STATUS_OK && version > EXCLUSIONS_VERSION_UNSETTLED) {
        group->settled_term = read_u64(&r);
        group->latest_term = read_u64(&r);
        group->drawn_term = read_u64(&r);
    }
    if (status == STATUS_OK) {
        status = reader_finish(&r);
    }
    return status == STATUS_OK && version == 0 ? STATUS_MALFORMED : status;
}

/* What stands before `end` in a record's key. */
static enum status read_key(struct span key, uint8_t end, char identity[IDENTITY_SIZE]) {
    const uint8_t *found = memchr(key.octets, end, key.length);
    size_t length = found == NULL ? key.length : (size_t)(found - key.octets);
    if (length >= IDENTITY_SIZE || memchr(key.octets, 0, length) != NULL) {
        return STATUS_MALFORMED;
    }
    memcpy(identity, key.octets, length);
    identity[length] = '\0';
    return identity_check(identity) == STATUS_OK ? STATUS_OK : STATUS_MALFORMED;
}

enum status managed_group_of_record(enum record_kind kind, struct span key,
                                    char identity[IDENTITY_SIZE]) {
    /* The key of a credential goes on with its month, a member's with the member. */
    if (key.length == 0) {
        return STATUS_MALFORMED;
    }
    return read_key(key, kind == RECORD_MANAGER_KEYS ? ' ' : 0, identity);
}

static enum status restore_member(struct managed_group *group, struct span key, struct span value) {
    struct roll_member member;
    size_t before = strlen(group->identity) + 1;
    enum status status = key.length > before ? STATUS_OK : STATUS_MALFORMED;
    if (status == STATUS_OK) {
        status = roll_member_read(value, &member);
    }
    if (status == STATUS_OK) {
        status =
            read_key((struct span){key.octets + before, key.length - before}, 0, member.identity);
    }
    if (status == STATUS_OK) {
        status = roll_add(&group->roll, &member);
    }
    return status;
}

enum status managed_group_restore(struct managed_group *group, enum record_kind kind,
                                  struct span key, struct span value) {
    enum status status;
    switch (kind) {
    case RECORD_MANAGER_KEYS:
        status = keyring_load(&group->keyring, key, value);
        if (status == STATUS_OK &&
            strcmp(group->keyring.credential->identity, group->identity) != 0) {
            status = STATUS_MALFORMED;
        }
        return status;
    case RECORD_REKEY:
        return group->rekey.gmk_id != 0 ? STATUS_MALFORMED : read_rekey(value, &group->rekey);
    case RECORD_EXCLUSIONS:
        return read_exclusions(value, group);
    case RECORD_MEMBER:
        return restore_member(group, key, value);
    default:
        return STATUS_MALFORMED;
    }
}

/* --- The roll ------------------------------------------------------------------------------- */

/* A member who has the GMK, or may have it, must not keep it unnoticed. */
static enum status spoil(struct managed_group *group, const struct roll_member *member,
                         struct batch *batch) {
    struct rekey *rekey = &group->rekey;
    if (rekey->gmk_id == 0 || rekey->is_spoiled ||
        (member->sent_id != rekey->gmk_id && member->received_id != rekey->gmk_id)) {
        return STATUS_OK;
    }
    rekey->is_spoiled = true;
    return put_rekey(group, rekey, batch);
}

static enum status is_excluded(const struct managed_group *group, const char *identity,
                               bool *is_out) {
    uint8_t name[EXCLUSION_NAME_SIZE];
    *is_out = false;
    if (group->exclusions.count == 0) {
        return STATUS_OK;
    }
    enum status status = exclusion_name(group->keyring.credential, group->identity, identity, name);
    *is_out = status == STATUS_OK && exclusions_hold(&group->exclusions, name);
    return status;
}

enum status managed_group_enlist(struct managed_group *group, const struct roll_member *member,
                                 struct batch *batch) {
    struct roll_member *held = roll_find(&group->roll, member->identity);
    struct roll_member new = {0};
    strcpy(new.identity, member->identity);
    strcpy(new.name, member->name);
    if (held == NULL) {
        enum status status = is_excluded(group, member->identity, &new.is_excluded);
        if (status == STATUS_OK) {
            status = roll_add(&group->roll, &new);
        }
        return status == STATUS_OK ? put_member(group, &new, batch) : status;
    }
    if (strcmp(held->name, member->name) == 0) {
        return STATUS_OK;
    }
    strcpy(held->name, member->name);
    return put_member(group, held, batch);
}

/* The member's exclusion has a number, or is over. */
static enum status enter_exclusion(struct managed_group *group, const struct roll_member *member,
                                   bool is_excluded) {
    uint8_t name[EXCLUSION_NAME_SIZE];
    enum status status =
        exclusion_name(group->keyring.credential, group->identity, member->identity, name);
    if (status == STATUS_OK && is_excluded) {
        status = exclusions_put_out(&group->exclusions, name);
    } else if (status == STATUS_OK) {
        exclusions_let_in(&group->exclusions, name);
    }
    return status;
}

/* Members from before there were numbers are excluded by the roll alone. */
static enum status number(struct managed_group *group, const struct roll_member *member,
                          struct batch *batch) {
    uint32_t before = group->exclusions.highest;
    enum status status = enter_exclusion(group, member, true);
    return status == STATUS_OK && group->exclusions.highest != before
               ? managed_group_put_exclusions(group, batch)
               : status;
}

enum status managed_group_strike(struct managed_group *group, struct roll_member *member,
                                 struct batch *batch) {
    enum status status = member->is_excluded ? number(group, member, batch) : STATUS_OK;
    if (status == STATUS_OK) {
        status = spoil(group, member, batch);
    }
    if (status == STATUS_OK) {
        status = delete_member(group, member, batch);
    }
    if (status == STATUS_OK) {
        roll_remove(&group->roll, member);
    }
    return status;
}

static enum status mark(struct managed_group *group, struct roll_member *member, bool is_excluded,
                        struct batch *batch) {
    enum status status = is_excluded ? spoil(group, member, batch) : STATUS_OK;
    member->is_excluded = is_excluded;
    return status == STATUS_OK ? put_member(group, member, batch) : status;
}

enum status managed_group_exclude(struct managed_group *group, struct roll_member *member,
                                  bool is_excluded, struct batch *batch) {
    if (member->is_excluded == is_excluded) {
        return STATUS_OK;
    }
    enum status status = STATUS_OK;
    if (!is_excluded) { /* one from before there were numbers ends as well */
        status = enter_exclusion(group, member, true);
    }
    if (status == STATUS_OK) {
        status = enter_exclusion(group, member, is_excluded);
    }
    if (status == STATUS_OK) {
        status = managed_group_put_exclusions(group, batch);
    }
    return status == STATUS_OK ? mark(group, member, is_excluded, batch) : status;
}

enum status managed_group_mark(struct managed_group *group, struct roll_member *member,
                               struct batch *batch, bool *changed) {
    bool is_out;
    enum status status = is_excluded(group, member->identity, &is_out);
    *changed = status == STATUS_OK && is_out != member->is_excluded;
    return *changed ? mark(group, member, is_out, batch) : status;
}

enum status managed_group_number(struct managed_group *group, struct batch *batch) {
    uint32_t before = group->exclusions.highest;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < group->roll.count; i++) {
        if (group->roll.members[i].is_excluded) {
            status = enter_exclusion(group, &group->roll.members[i], true);
        }
    }
    return status == STATUS_OK && group->exclusions.highest != before
               ? managed_group_put_exclusions(group, batch)
               : status;
}

/* --- What members know of exclusions -------------------------------------------------------- */

enum status managed_group_tell(struct managed_group *group, struct batch *batch) {
    struct exclusion_state state;
    enum status status = exclusions_state(&group->exclusions, &state);
    if (status != STATUS_OK || state.number == 0 || exclusion_states_have(&group->known, &state)) {
        return status;
    }
    exclusion_states_add(&group->known, &state);
    return managed_group_put_exclusions(group, batch);
}

uint64_t managed_group_term(const struct managed_group *group) {
    return group->keyring.count == 0
               ? 0
               : group->keyring.sets[group->keyring.count - 1].credential->manager.term;
}

/* Who drew the key that the proof is of had counted further than this store: what it counts from
 * now on is later. The key that is held here must go to nobody under that number. */
static enum status count_on(struct managed_group *group, const struct epoch_proof *proof,
                            struct batch *batch) {
    struct rekey *rekey = &group->rekey;
    bool is_of_term = proof->word.certificate.term == managed_group_term(group);
    if (!is_of_term || proof->word.counter <= rekey->counter || rekey->gmk_id == 0) {
        return STATUS_OK;
    }
    rekey->counter = proof->word.counter;
    rekey->is_spoiled = true;
    return put_rekey(group, rekey, batch);
}

enum status managed_group_hear(struct managed_group *group, const struct exclusion_state *state,
                               struct span octets, struct batch *batch, bool *is_behind) {
    struct epoch_proof proof;
    *is_behind = !exclusion_states_know(&group->known, state);
    if (!*is_behind || exclusion_state_is(&group->unknown, state)) {
        return STATUS_OK;
    }
    enum status status = epoch_proof_read(octets, &proof);
    if (status == STATUS_OK &&
        (proof.word.known.count == 0 || !exclusion_state_is(&proof.word.known.list[0], state) ||
         state->number > (uint64_t)group->exclusions.highest + AHEAD_MAX)) {
        status = STATUS_MANAGER_UNCERTIFIED;
    }
    if (status == STATUS_OK) {
        status = epoch_proof_verify(&proof, group->keyring.credential->kms, group->identity,
                                    group->keyring.provider, group->keyring.domain);
    }
    if (status == STATUS_OK && proof.word.certificate.term < group->settled_term) {
        status = STATUS_TERM_OVER;
    }
    *is_behind = status == STATUS_OK;
    if (status == STATUS_OK) {
        group->unknown = *state;
        status = managed_group_put_exclusions(group, batch);
    }
    return status == STATUS_OK ? count_on(group, &proof, batch) : status;
}

enum status managed_group_vouch(struct managed_group *group, uint32_t number, struct batch *batch) {
    const struct exclusion_state unknown = group->unknown;
    number = number == 0 ? unknown.number : number;
    if (number == 0) {
        return STATUS_ALREADY_DONE;
    }
    if (number > MANAGED_VOUCHED_MAX && number != unknown.number) {
        return STATUS_TOO_LONG;
    }
    if (number <= MANAGED_VOUCHED_MAX) { /* a greater one was made up: it uses no numbers up */
        /* Lists up to that number are older ones from now on, which are left out. */
        group->exclusions.highest =
            number >= group->exclusions.highest ? number + 1 : group->exclusions.highest;
        exclusion_states_leave_older(&group->known, number);
    }
    group->settled_term = managed_group_term(group);
    group->unknown = (struct exclusion_state){.number = 0};
    struct exclusion_state state;
    enum status status = exclusions_state(&group->exclusions, &state);
    if (status == STATUS_OK) {
        exclusion_states_add(&group->known, &state);
        status = managed_group_put_exclusions(group, batch);
    }
    return status;
}

/* --- Again ---------------------------------------------------------------------------------- */

enum status managed_group_again(struct managed_group *group, struct roll_member *member,
                                struct batch *batch) {
    member->is_due_again = true;
    return put_member(group, member, batch);
}

/* --- Keys ----------------------------------------------------------------------------------- */

/* They sign what is dated `utc_ms`: handsets verify it with the group identity of that month. */
enum status managed_group_keys(const struct managed_group *group, int64_t utc_ms,
                               const struct key_set **keys) {
    for (size_t i = 0; i < group->keyring.count; i++) {
        *keys = &group->keyring.sets[i];
        if (utc_ms >= (*keys)->begins_ms && utc_ms < (*keys)->ends_ms) {
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}

static int64_t whole_seconds(int64_t ms) {
    return ms - ms % 1000;
}

static enum status draw_gmk(const struct managed_group *group, const struct entropy *entropy,
                            struct rekey *rekey) {
    uint32_t random = 0;
    rekey->gmk = secret_new(GMK_OCTETS);
    if (rekey->gmk == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = entropy_draw(entropy, rekey->gmk->octets, GMK_OCTETS);
    /* An id that says there is none, or says another GMK, would be unlucky. */
    while (status == STATUS_OK && (rekey->gmk_id == 0 || rekey->gmk_id == group->rekey.gmk_id)) {
        status = entropy_draw(entropy, (uint8_t *)&random, sizeof random);
        rekey->gmk_id = key_id_in_space(KEY_ID_SPACE_STANDARD, random);
    }
    return status;
}

enum status managed_group_begin(struct managed_group *group, int64_t now_ms, int64_t not_before_ms,
                                int64_t period_ms, const struct entropy *entropy,
                                struct batch *batch) {
    const struct key_set *keys;
    if (group->unknown.number != 0) {
        return STATUS_EXCLUSION_UNKNOWN;
    }
    struct rekey rekey = {.counter = group->rekey.counter + 1,
                          .utc_ms = now_ms,
                          .not_before_ms = whole_seconds(not_before_ms)};
    /* A clock that was set back does not make the new GMK the older one. */
    if (rekey.utc_ms <= group->rekey.utc_ms) {
        rekey.utc_ms = group->rekey.utc_ms + 1;
    }
    if (rekey.counter == 0) {
        return STATUS_TERM_OVER; /* it has counted on to the end */
    }
    if (not_before_ms < 0 || period_ms < 1000 || period_ms > INT64_MAX - not_before_ms) {
        return STATUS_TIME_OUT_OF_RANGE;
    }
    rekey.not_after_ms = rekey.not_before_ms + whole_seconds(period_ms);
    if (rekey.not_after_ms <= now_ms) {
        return STATUS_TIME_OUT_OF_RANGE;
    }
    const struct limits limits = keyring_limits(&group->keyring);
    enum status status =
        freshness_check_period(&limits, rekey.utc_ms, rekey.not_before_ms, rekey.not_after_ms);
    if (status == STATUS_OK) {
        status = managed_group_keys(group, rekey.utc_ms, &keys);
    }
    if (status == STATUS_OK) {
        status = draw_gmk(group, entropy, &rekey);
    }
    if (status == STATUS_OK) {
        status = managed_group_tell(group, batch);
    }
    if (status == STATUS_OK) {
        status = put_rekey(group, &rekey, batch);
    }
    if (status == STATUS_OK && group->drawn_term != keys->credential->manager.term) {
        group->drawn_term = keys->credential->manager.term;
        status = managed_group_put_exclusions(group, batch);
    }
    if (status != STATUS_OK) {
        secret_free(rekey.gmk);
        return status;
    }
    secret_free(group->rekey.gmk);
    group->rekey = rekey;
    return STATUS_OK;
}

enum status managed_group_redate(struct managed_group *group, int64_t now_ms, struct batch *batch) {
    const struct key_set *keys;
    struct rekey rekey = group->rekey;
    bool is_of_now =
        rekey.utc_ms >= month_start(now_ms, 0) && rekey.utc_ms >= now_ms - MANAGED_REDATE_MS;
    if (is_of_now || managed_group_check(group, now_ms) != STATUS_OK ||
        managed_group_keys(group, now_ms, &keys) != STATUS_OK) {
        return STATUS_OK;
    }
    rekey.utc_ms = now_ms;
    enum status status = put_rekey(group, &rekey, batch);
    if (status == STATUS_OK) {
        group->rekey = rekey;
    }
    return status;
}

enum status managed_group_check(const struct managed_group *group, int64_t now_ms) {
    const struct rekey *rekey = &group->rekey;
    if (rekey->gmk_id == 0) {
        return STATUS_NOT_FOUND;
    }
    if (rekey->gmk == NULL || now_ms >= rekey->not_after_ms) {
        return STATUS_GMK_EXPIRED;
    }
    if (group->unknown.number != 0) {
        return STATUS_EXCLUSION_UNKNOWN;
    }
    return rekey->is_spoiled ? STATUS_NOT_ALLOWED : STATUS_OK;
}

enum status managed_group_check_dates(const struct managed_group *group, int64_t now_ms) {
    const struct rekey *rekey = &group->rekey;
    int64_t begins_ms = month_start(now_ms, 0), ends_ms = month_start(now_ms, 1);
    const struct limits limits = keyring_limits(&group->keyring);
    enum status status = freshness_check(&limits, rekey->utc_ms, now_ms);
    if (status == STATUS_OK) {
        status = freshness_check_period(&limits, rekey->utc_ms, rekey->not_before_ms,
                                        rekey->not_after_ms);
    }
    bool is_of_month = rekey->utc_ms >= begins_ms - KEYRING_TOLERANCE_MS &&
                       rekey->utc_ms < ends_ms + KEYRING_TOLERANCE_MS;
    return status == STATUS_OK && !is_of_month ? STATUS_MONTHS_DIFFER : status;
}

bool managed_group_lacks(const struct managed_group *group, const struct roll_member *member) {
    bool has_it =
        member->sent_id == group->rekey.gmk_id || member->received_id == group->rekey.gmk_id;
    return !member->is_excluded && (member->is_due_again || !has_it);
}

size_t managed_group_pending(const struct managed_group *group, size_t *at, size_t room,
                             const struct roll_member *members[]) {
    size_t count = 0;
    for (; *at < group->roll.count && count < room; ++*at) {
        if (managed_group_lacks(group, &group->roll.members[*at])) {
            members[count++] = &group->roll.members[*at];
        }
    }
    return count;
}

enum status managed_group_build(const struct managed_group *group, int64_t now_ms, size_t count,
                                const struct roll_member *const members[],
                                const struct entropy *entropy, struct writer outs[]) {
    const struct rekey *rekey = &group->rekey;
    const struct credential *credential = group->keyring.credential;
    const struct key_set *keys;
    struct key_delivery_member addressed[I_MESSAGES_AT_ONCE] = {0};
    uint8_t word[EPOCH_WORD_SIZE];
    size_t longest = 0;
    struct writer w = writer_into(word, sizeof word);
    enum status status = count <= I_MESSAGES_AT_ONCE ? STATUS_OK : STATUS_TOO_LONG;
    if (status == STATUS_OK) {
        status = managed_group_keys(group, rekey->utc_ms, &keys);
    }
    if (status == STATUS_OK) {
        status = managed_group_check_dates(group, now_ms);
    }
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        strcpy(addressed[i].identity, members[i]->identity);
        strcpy(addressed[i].kms, credential->kms);
        longest = strlen(members[i]->identity) > longest ? strlen(members[i]->identity) : longest;
        status = identifier_of(members[i]->identity, now_ms, &addressed[i].identifier);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct key_delivery_fields fields = {.gmk_id = rekey->gmk_id,
                                         .utc_ms = rekey->utc_ms,
                                         .not_before_ms = rekey->not_before_ms,
                                         .not_after_ms = rekey->not_after_ms};
    strcpy(fields.group, group->identity);
    strcpy(fields.group_kms, credential->kms);
    /* The longest names leave room for one state; others for all. */
    const struct exclusion_states known = exclusion_states_cut(
        &group->known, key_delivery_room(&fields, credential->kms, longest) - EPOCH_WORD_BARE);
    status =
        epoch_word_write(&w, &keys->credential->manager, rekey->counter, &known, &fields,
                         rekey->gmk->octets, group->keyring.provider, keys->manager_key, entropy);
    fields.manager = writer_span(&w);
    return status != STATUS_OK
               ? status
               : key_delivery_build_each(group->keyring.provider, &fields, rekey->gmk->octets,
                                         count, addressed, group->keyring.domain, keys->signing_key,
                                         entropy, outs);
}

enum status managed_group_sent(struct managed_group *group, struct roll_member *member,
                               uint32_t gmk_id, struct batch *batch) {
    member->sent_id = gmk_id;
    member->is_due_again = false;
    return put_member(group, member, batch);
}

enum status managed_group_received(struct managed_group *group, struct roll_member *member,
                                   uint32_t gmk_id, struct batch *batch) {
    if (gmk_id == 0 || gmk_id != group->rekey.gmk_id) {
        return STATUS_NOT_FOUND;
    }
    if (member->received_id == gmk_id) {
        return STATUS_ALREADY_DONE;
    }
    member->received_id = gmk_id;
    return put_member(group, member, batch);
}

enum status managed_group_drop_expired(struct managed_group *group, int64_t now_ms,
                                       struct batch *batch, bool *dropped) {
    struct rekey *rekey = &group->rekey;
    *dropped = rekey->gmk != NULL && now_ms >= rekey->not_after_ms;
    if (!*dropped) {
        return STATUS_OK;
    }
    secret_free(rekey->gmk);
    rekey->gmk = NULL;
    return put_rekey(group, rekey, batch);
}

enum status managed_group_undo(struct managed_group *group, const struct rekey *before,
                               struct batch *batch) {
    enum status status = put_rekey(group, before, batch);
    if (status == STATUS_OK) {
        secret_free(group->rekey.gmk);
        group->rekey = *before;
    }
    return status;
}

enum status managed_group_take_key(struct managed_group *group, const struct rekey *theirs,
                                   struct batch *batch) {
    struct rekey rekey = *theirs;
    rekey.gmk = NULL;
    return managed_group_undo(group, &rekey, batch);
}

struct managed_tally managed_group_tally(const struct managed_group *group) {
    struct managed_tally tally = {0};
    for (size_t i = 0; i < group->roll.count; i++) {
        const struct roll_member *member = &group->roll.members[i];
        bool received = member->received_id == group->rekey.gmk_id;
        tally.excluded += member->is_excluded;
        tally.members += !member->is_excluded;
        if (member->is_excluded || group->rekey.gmk_id == 0) {
            continue;
        }
        tally.sent += !managed_group_lacks(group, member);
        tally.received += received;
    }
    return tally;
}
