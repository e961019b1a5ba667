/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/decisions.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "app/handset/d2d/d2d.h"

_Static_assert(DECISION_PROPOSAL_SIZE == crypto_hash_sha256_BYTES, "a proposal's hash");

enum {
    RECORD_VERSION = 1,
    RECORD_SIZE = 128,
    PARAMETERS_SIZE = D2D_RECORD_MAX /* of a proposal, which goes in one D2D record */
};

/* With the list as it was when this handset came into it. */
static void write_proposal(struct writer *out, const struct decisions *decisions,
                           const struct group_parameters *proposed) {
    if (proposed->list_number == 0) {
        group_parameters_write(out, proposed);
        return;
    }
    unsigned own = group_listed_in(proposed, own_identity(decisions->desk));
    struct group_parameters parameters = *proposed;
    parameters.member_count = 0;
    for (size_t i = 0; i < proposed->member_count; i++) {
        if (proposed->members[i].listed_in <= own) {
            parameters.members[parameters.member_count++] = proposed->members[i];
        }
    }
    group_parameters_write(out, &parameters);
}

/* What stands for a proposal. False when it would not even go over a D2D connection. */
static bool hash(const struct decisions *decisions, const struct group_parameters *proposed,
                 uint8_t out[DECISION_PROPOSAL_SIZE]) {
    uint8_t octets[PARAMETERS_SIZE];
    struct writer w = writer_into(octets, sizeof octets);
    write_proposal(&w, decisions, proposed);
    struct span written = writer_span(&w);
    crypto_hash_sha256(out, written.octets, written.length);
    return writer_finish(&w) == STATUS_OK;
}

bool decisions_is_same(const struct decisions *decisions, const struct group_parameters *a,
                       const struct group_parameters *b) {
    uint8_t one[DECISION_PROPOSAL_SIZE], other[DECISION_PROPOSAL_SIZE];
    return hash(decisions, a, one) && hash(decisions, b, other) &&
           memcmp(one, other, sizeof one) == 0;
}

/* --- Codec: the writer above its reader ----------------------------------------------------- */

static void decision_write(struct writer *out, const struct decision *decision) {
    write_u8(out, RECORD_VERSION);
    write_u8(out, (uint8_t)decision->answer);
    write_span(out, SPAN_OF(decision->proposal));
    group_clock_write(out, &decision->clock);
    write_u64(out, (uint64_t)decision->until_ms);
}

static enum status decision_read(struct span octets, struct decision *decision) {
    struct reader r = reader_of(octets);
    if (read_u8(&r) > RECORD_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    uint8_t answer = read_u8(&r);
    read_octets(&r, decision->proposal, sizeof decision->proposal);
    group_clock_restore(&r, &decision->clock);
    decision->until_ms = (int64_t)read_u64(&r);
    enum status status = reader_finish(&r);
    if (status == STATUS_OK && answer != DECISION_YES && answer != DECISION_NO) {
        return STATUS_MALFORMED;
    }
    decision->answer = (enum decision_answer)answer;
    return status;
}

/* --- The list ------------------------------------------------------------------------------- */

static size_t place_of(const struct decisions *decisions, const char *group) {
    size_t at = 0;
    while (at < decisions->count && strcmp(decisions->list[at].group, group) != 0) {
        at++;
    }
    return at;
}

static void drop(struct decisions *decisions, size_t at) {
    decisions->count--;
    memmove(&decisions->list[at], &decisions->list[at + 1],
            (decisions->count - at) * sizeof decisions->list[0]);
}

static int64_t left_ms(const struct decision *decision, struct moment now) {
    return decision->until_ms - group_clock_read(&decision->clock, now);
}

void decisions_forget(struct decisions *decisions, const char *group) {
    size_t at = place_of(decisions, group);
    /* Where that cannot be saved, the record stands for a proposal that will not come again, or
     * for a while. */
    if (at < decisions->count) {
        enum status saved = desk_save(decisions->desk, RECORD_DECISION, group, NULL);
        (void)saved;
        drop(decisions, at);
    }
}

/* Makes room for one more: those that are over go, and then the one that is over next. */
static void make_room(struct decisions *decisions, struct moment now) {
    size_t next = 0;
    for (size_t i = decisions->count; i-- > 0;) {
        if (left_ms(&decisions->list[i], now) <= 0) {
            decisions_forget(decisions, decisions->list[i].group);
        }
    }
    for (size_t i = 1; i < decisions->count; i++) {
        if (left_ms(&decisions->list[i], now) < left_ms(&decisions->list[next], now)) {
            next = i;
        }
    }
    if (decisions->count == DECISIONS_MAX) {
        decisions_forget(decisions, decisions->list[next].group);
    }
}

enum status decisions_restore(struct decisions *decisions, struct span key, struct span value) {
    struct decision decision = {.answer = DECISION_NONE};
    if (key.length >= sizeof decision.group) {
        return STATUS_MALFORMED;
    }
    memcpy(decision.group, key.octets, key.length);
    enum status status = decision_read(value, &decision);
    if (status == STATUS_OK && decisions->count < DECISIONS_MAX) {
        decisions->list[decisions->count++] = decision;
    }
    return status;
}

void decisions_make(struct decisions *decisions, struct moment now,
                    const struct group_parameters *parameters, int64_t group_ms,
                    enum decision_answer answer) {
    struct decision decision = {.answer = answer, .clock = group_clock_start(group_ms, now)};
    uint8_t octets[RECORD_SIZE];
    struct writer w = writer_into(octets, sizeof octets);
    size_t at = place_of(decisions, parameters->identity);
    if (!hash(decisions, parameters, decision.proposal)) {
        return;
    }
    if (at < decisions->count) {
        drop(decisions, at);
    }
    make_room(decisions, now);
    snprintf(decision.group, sizeof decision.group, "%s", parameters->identity);
    decision.until_ms = parameters->created_ms + parameters->period_ms;
    if (decision.until_ms > group_ms + DECISION_LASTS_MS) {
        decision.until_ms = group_ms + DECISION_LASTS_MS;
    }
    decision_write(&w, &decision);
    struct span value = writer_span(&w);
    enum status saved = desk_save(decisions->desk, RECORD_DECISION, decision.group, &value);
    (void)saved;
    decisions->list[decisions->count++] = decision;
}

enum decision_answer decisions_find(const struct decisions *decisions, struct moment now,
                                    const struct group_parameters *parameters, int64_t group_ms) {
    size_t at = place_of(decisions, parameters->identity);
    uint8_t proposal[DECISION_PROPOSAL_SIZE];
    if (at == decisions->count || group_ms >= decisions->list[at].until_ms ||
        left_ms(&decisions->list[at], now) <= 0 || !hash(decisions, parameters, proposal) ||
        memcmp(proposal, decisions->list[at].proposal, sizeof proposal) != 0) {
        return DECISION_NONE;
    }
    return decisions->list[at].answer;
}
