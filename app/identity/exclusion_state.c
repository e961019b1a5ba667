/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/exclusion_state.h"

#include <string.h>

enum {
    CUT = 0x80,
    LEAST_IS_CUT = 0x40
};

bool exclusion_state_is(const struct exclusion_state *one, const struct exclusion_state *other) {
    return one->number == other->number && memcmp(one->tag, other->tag, sizeof one->tag) == 0;
}

bool exclusion_states_have(const struct exclusion_states *states,
                           const struct exclusion_state *state) {
    for (size_t i = 0; i < states->count; i++) {
        if (exclusion_state_is(&states->list[i], state)) {
            return true;
        }
    }
    return false;
}

bool exclusion_states_know(const struct exclusion_states *states,
                           const struct exclusion_state *state) {
    bool is_old = false;
    if (states->is_cut && states->count > 0) {
        uint32_t least = states->list[states->count - 1].number;
        is_old = state->number < least || (states->least_is_cut && state->number == least);
    }
    return state->number == 0 || is_old || exclusion_states_have(states, state);
}

/* One of that number was left out. A re-admission leaves the number as it is, so that there may be
 * others of it: they go as well, unless none would be left, which is said then. So whoever has one
 * that was left out has a lesser number than all that are named, and a list of the same number that
 * another manager made is not taken for it. */
static void leave_out(struct exclusion_states *states, uint32_t number) {
    states->is_cut = true;
    while (states->count > 0 && states->list[0].number != number &&
           states->list[states->count - 1].number == number) {
        states->count--;
    }
    states->least_is_cut = states->count > 0 && states->list[states->count - 1].number == number;
}

void exclusion_states_add(struct exclusion_states *states, const struct exclusion_state *state) {
    size_t at = 0;
    bool is_older = states->count > 0 && state->number < states->list[states->count - 1].number;
    if (state->number == 0 || exclusion_states_have(states, state) ||
        (states->least_is_cut &&
         is_older)) { /* the least number stays that of which some are out */
        return;
    }
    while (at < states->count && states->list[at].number > state->number) {
        at++;
    }
    bool is_full = states->count == EXCLUSION_STATES_MAX;
    if (is_full && at == states->count) { /* it is older than all of them */
        states->is_cut = true;
        return;
    }
    states->count -= is_full;
    uint32_t last = is_full ? states->list[states->count].number : 0;
    memmove(&states->list[at + 1], &states->list[at],
            (states->count - at) * sizeof states->list[0]);
    states->list[at] = *state;
    states->count++;
    if (is_full) {
        leave_out(states, last);
    }
}

void exclusion_states_join(struct exclusion_states *states, const struct exclusion_states *others) {
    for (size_t i = others->count; i > 0; i--) {
        exclusion_states_add(states, &others->list[i - 1]);
    }
    states->is_cut = states->is_cut || others->is_cut;
    if (others->least_is_cut && states->count > 0) {
        uint32_t cut = others->list[others->count - 1].number;
        while (states->list[states->count - 1].number < cut) {
            states->count--; /* as old as what the others left out */
        }
        states->least_is_cut =
            states->least_is_cut || states->list[states->count - 1].number == cut;
    }
}

void exclusion_states_leave_older(struct exclusion_states *states, uint32_t number) {
    size_t before = states->count;
    states->is_cut = true;
    while (states->count > 0 && states->list[states->count - 1].number <= number) {
        states->count--;
    }
    states->least_is_cut = states->least_is_cut && states->count == before;
}

struct exclusion_states exclusion_states_cut(const struct exclusion_states *states, size_t room) {
    struct exclusion_states cut = *states;
    size_t fit = room == 0 ? 0 : (room - 1) / EXCLUSION_STATE_SIZE;
    if (fit < cut.count) {
        cut.count = fit;
        leave_out(&cut, states->list[fit].number);
    }
    return cut;
}

/* --- Codec ---------------------------------------------------------------------------------- */

void exclusion_state_write(struct writer *out, const struct exclusion_state *state) {
    write_u32(out, state->number);
    write_span(out, SPAN_OF(state->tag));
}

void exclusion_state_read(struct reader *in, struct exclusion_state *state) {
    state->number = read_u32(in);
    read_octets(in, state->tag, sizeof state->tag);
}

void exclusion_states_write(struct writer *out, const struct exclusion_states *states) {
    write_u8(out, (uint8_t)(states->count | (states->is_cut ? CUT : 0U) |
                            (states->least_is_cut ? LEAST_IS_CUT : 0U)));
    for (size_t i = 0; i < states->count; i++) {
        exclusion_state_write(out, &states->list[i]);
    }
}

enum status exclusion_states_read(struct reader *in, struct exclusion_states *states) {
    uint8_t head = read_u8(in);
    size_t count = head & ~(unsigned)(CUT | LEAST_IS_CUT);
    *states = (struct exclusion_states){.is_cut = (head & CUT) != 0,
                                        .least_is_cut = (head & LEAST_IS_CUT) != 0};
    bool makes_sense = !states->least_is_cut || (states->is_cut && count > 0);
    if (in->failed || count > EXCLUSION_STATES_MAX || !makes_sense ||
        reader_left(in) < count * EXCLUSION_STATE_SIZE) {
        return in->failed ? STATUS_TRUNCATED : STATUS_MALFORMED;
    }
    for (; states->count < count; states->count++) {
        struct exclusion_state *state = &states->list[states->count];
        exclusion_state_read(in, state);
        if (state->number == 0 || state->number > EXCLUSION_NUMBER_MAX ||
            (states->count > 0 && state->number > states->list[states->count - 1].number)) {
            return STATUS_MALFORMED;
        }
    }
    return STATUS_OK;
}
