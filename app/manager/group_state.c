/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/manager/group_state.h"

#include <stdlib.h>
#include <string.h>

static const char label[] = "Muster group state";

enum {
    FORMAT_VERSION = 2,
    VERSION_UNTOLD = 1, /* members were told nothing of exclusions */
    SIGNED_MAX = (int)sizeof label + 2 * (1 + IDENTITY_MAX) + GROUP_STATE_MAX
};

static uint64_t term_of(const struct managed_group *group, int64_t now_ms) {
    const struct key_set *keys;
    return managed_group_keys(group, now_ms, &keys) == STATUS_OK ? keys->credential->manager.term
                                                                 : 0;
}

/* --- Codec, writer above reader ------------------------------------------------------------- */

/* What the signature is over: the same with what it is about before it. */
static struct span about(const struct managed_group *group, struct span said,
                         uint8_t room[SIGNED_MAX]) {
    struct writer w = writer_into(room, SIGNED_MAX);
    write_span(&w, SPAN_OF(label));
    write_text_u8(&w, group->keyring.credential->kms);
    write_text_u8(&w, group->identity);
    write_span(&w, said);
    return writer_span(&w);
}

enum status group_state_write(const struct managed_group *group, int64_t now_ms,
                              const struct entropy *entropy, struct writer *out) {
    uint8_t room[SIGNED_MAX], signature[ECCSI_SIGNATURE_SIZE];
    const struct rekey *rekey = &group->rekey;
    const struct key_set *keys;
    size_t begin = out->length;
    enum status status = managed_group_keys(group, now_ms, &keys);
    if (status != STATUS_OK) {
        return status;
    }
    if (keys->manager_key == NULL || keys->credential->manager.term == 0) {
        return STATUS_KEY_INVALID;
    }
    write_u8(out, FORMAT_VERSION);
    manager_certificate_write(out, &keys->credential->manager);
    write_u64(out, (uint64_t)now_ms);
    write_u64(out, rekey->counter);
    write_u32(out, rekey->gmk_id);
    write_u64(out, (uint64_t)rekey->utc_ms);
    write_u64(out, (uint64_t)rekey->not_before_ms);
    write_u64(out, (uint64_t)rekey->not_after_ms);
    exclusions_write(out, &group->exclusions);
    exclusion_states_write(out, &group->known);
    const struct log_head log = group_state_log(group);
    log_head_write(out, &log);
    status = writer_finish(out);
    if (status == STATUS_OK) {
        struct span said = {out->octets + begin, out->length - begin};
        status = group->keyring.provider->sign(keys->manager_key, about(group, said, room), entropy,
                                               signature);
    }
    if (status == STATUS_OK) {
        write_span(out, SPAN_OF(signature));
        status = writer_finish(out);
    }
    return status;
}

static enum status verify(const struct managed_group *group, struct span octets,
                          const struct manager_certificate *certificate, int64_t written_ms) {
    uint8_t room[SIGNED_MAX];
    const struct keyring *keyring = &group->keyring;
    size_t length = octets.length - ECCSI_SIGNATURE_SIZE;
    struct identifier identifier;
    if (certificate->month != manager_month_of(written_ms)) {
        return STATUS_MANAGER_UNCERTIFIED;
    }
    enum status status = manager_certificate_verify(
        certificate, keyring->credential->kms, group->identity, keyring->provider, keyring->domain);
    if (status == STATUS_OK) {
        status = identifier_of_manager(certificate->name, written_ms, &identifier);
    }
    if (status == STATUS_OK) {
        status = keyring->provider->verify(keyring->domain, identifier_span(&identifier),
                                           about(group, (struct span){octets.octets, length}, room),
                                           octets.octets + length);
    }
    return status == STATUS_SIGNATURE_INVALID ? STATUS_MANAGER_UNCERTIFIED : status;
}

enum status group_state_read(const struct managed_group *group, struct span octets,
                             struct group_state *state) {
    struct manager_certificate certificate;
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
    struct reader r = reader_of(octets);
    memset(state, 0, sizeof *state);
    uint8_t version = read_u8(&r);
    if (version > FORMAT_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    manager_certificate_read(&r, &certificate);
    state->term = certificate.term;
    int64_t written_ms = (int64_t)read_u64(&r);
    state->rekey.counter = read_u64(&r);
    state->rekey.gmk_id = read_u32(&r);
    state->rekey.utc_ms = (int64_t)read_u64(&r);
    state->rekey.not_before_ms = (int64_t)read_u64(&r);
    state->rekey.not_after_ms = (int64_t)read_u64(&r);
    enum status status = exclusions_read(&r, &state->exclusions);
    if (status == STATUS_OK && version > VERSION_UNTOLD) {
        status = exclusion_states_read(&r, &state->known);
        if (status == STATUS_OK) {
            status = log_head_read(&r, &state->log);
        }
    }
    read_octets(&r, signature, sizeof signature);
    if (status == STATUS_OK) {
        status = reader_finish(&r);
    }
    if (status == STATUS_OK && (version == 0 || octets.length > GROUP_STATE_MAX)) {
        status = STATUS_MALFORMED;
    }
    return status == STATUS_OK ? verify(group, octets, &certificate, written_ms) : status;
}

/* --- The KMS's log -------------------------------------------------------------------------- */

struct log_head group_state_log(const struct managed_group *group) {
    const struct log_head own = keyring_log(&group->keyring);
    return group->witnessed.number > own.number ? group->witnessed : own;
}

bool group_state_note_log(struct managed_group *group, const struct group_state *state) {
    const struct log_head known = group_state_log(group);
    bool differs = known.number == state->log.number && log_head_differs(&known, &state->log);
    if (state->log.number > known.number) {
        group->witnessed = state->log;
    }
    return !differs;
}

static uint64_t later(uint64_t one, uint64_t other) {
    return one > other ? one : other;
}

/* --- Which is ahead ------------------------------------------------------------------------- */

static bool has_its_key(const struct managed_group *group, const struct group_state *state) {
    return group->rekey.counter == state->rekey.counter &&
           group->rekey.gmk_id == state->rekey.gmk_id;
}

enum group_standing group_state_compare(const struct managed_group *group, int64_t now_ms,
                                        const struct group_state *state) {
    uint64_t term = term_of(group, now_ms);
    if (state == NULL || state->term < group->latest_term) {
        return GROUP_IS_AHEAD;
    }
    if (state->term > term) {
        return GROUP_IS_REPLACED;
    }
    if (!exclusions_cover(&group->exclusions, group->shared, &state->exclusions)) {
        return GROUP_IS_BEHIND;
    }
    if (state->term < term) {
        return GROUP_IS_AHEAD; /* keys are counted anew */
    }
    if (has_its_key(group, state)) {
        return exclusions_cover(&state->exclusions, group->shared, &group->exclusions)
                   ? GROUP_AGREES
                   : GROUP_IS_AHEAD;
    }
    return group->rekey.counter > state->rekey.counter ? GROUP_IS_AHEAD : GROUP_IS_BEHIND;
}

enum status group_state_agreed(struct managed_group *group, int64_t now_ms, struct batch *batch) {
    uint64_t term = term_of(group, now_ms);
    if (group->shared_term == term && group->latest_term >= term &&
        group->shared == group->exclusions.highest) {
        return STATUS_OK;
    }
    group->shared_term = term;
    group->latest_term = later(term, group->latest_term);
    group->shared = group->exclusions.highest;
    return managed_group_put_exclusions(group, batch);
}

/* What `state` says of lists, all of which are known here from now on. */
static enum status learn(struct managed_group *group, const struct group_state *state) {
    struct exclusion_state theirs;
    enum status status = exclusions_state(&state->exclusions, &theirs);
    if (status != STATUS_OK) {
        return status;
    }
    exclusion_states_join(&group->known, &state->known);
    exclusion_states_add(&group->known, &theirs);
    if (exclusion_states_know(&group->known, &group->unknown)) {
        group->unknown = (struct exclusion_state){.number = 0};
    }
    return STATUS_OK;
}

/* After the exclusions. */
static enum status take_rest(struct managed_group *group, int64_t now_ms,
                             const struct group_state *state, struct batch *batch) {
    bool is_of_term = state->term == term_of(group, now_ms);
    enum status status = learn(group, state);
    group->settled_term = managed_group_term(group);
    if (status == STATUS_OK) {
        status = managed_group_put_exclusions(group, batch);
    }
    if (status == STATUS_OK && is_of_term && !has_its_key(group, state) &&
        state->rekey.counter >= group->rekey.counter) {
        status = managed_group_take_key(group, &state->rekey, batch);
    }
    return status;
}

enum status group_state_join(struct managed_group *group, int64_t now_ms,
                             const struct group_state *state, struct batch *batch) {
    enum status status = exclusions_join(&group->exclusions, group->shared, &state->exclusions);
    if (status != STATUS_OK) {
        return status;
    }
    group->shared = state->exclusions.highest;
    group->shared_term = later(state->term, group->shared_term);
    group->latest_term = later(state->term, group->latest_term);
    return take_rest(group, now_ms, state, batch);
}

/* Does `all` include `some`, whose state is `of_some`, by what it says and by what it has? */
static bool includes(const struct exclusions *all, const struct exclusion_states *known,
                     const struct exclusions *some, const struct exclusion_state *of_some) {
    bool is_known = of_some->number == 0 || exclusion_states_have(known, of_some);
    return is_known && exclusions_cover(all, UINT32_MAX, some);
}

/* Who is out stays so. */
static enum status join_without_readmissions(struct exclusions *ours,
                                             const struct exclusions *theirs) {
    struct exclusions *before = malloc(sizeof *before);
    if (before == NULL) {
        return STATUS_NO_MEMORY;
    }
    *before = *ours;
    enum status status = exclusions_join(ours, 0, theirs);
    for (size_t i = 0; status == STATUS_OK && i < before->count; i++) {
        if (exclusions_hold(before, before->list[i].name)) {
            status = exclusions_put_out(ours, before->list[i].name);
        }
    }
    free(before);
    return status;
}

enum status group_state_take(struct managed_group *group, int64_t now_ms,
                             const struct group_state *state, struct batch *batch, bool *is_news) {
    struct exclusion_state ours = {0}, theirs = {0};
    *is_news = false;
    if (state->term < group->latest_term) {
        return STATUS_TERM_OVER;
    }
    group->latest_term = state->term;
    enum status status = exclusions_state(&group->exclusions, &ours);
    if (status == STATUS_OK) {
        status = exclusions_state(&state->exclusions, &theirs);
    }
    if (status != STATUS_OK) {
        return status;
    }
    /* Who was replaced can have seen any list of its successor's, and said that it ends all of it.
     */
    bool is_former = state->term < group->drawn_term;
    *is_news = !exclusion_state_is(&ours, &theirs) &&
               !includes(&group->exclusions, &group->known, &state->exclusions, &theirs);
    if (*is_news && is_former) {
        status = join_without_readmissions(&group->exclusions, &state->exclusions);
    } else if (*is_news && includes(&state->exclusions, &state->known, &group->exclusions, &ours)) {
        group->exclusions = state->exclusions;
    } else if (*is_news) {
        status = exclusions_join(&group->exclusions, 0, &state->exclusions);
    }
    if (*is_news) {
        group->shared = 0; /* the broker's numbers may be others */
    }
    return status == STATUS_OK ? take_rest(group, now_ms, state, batch) : status;
}
