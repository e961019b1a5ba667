/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/reach_state.h"

enum {
    ASK_LAST_MS = 30 * 1000,
    TELL_APART_MS = 4000,
    TELL_TIMES = 3 /* hellos may be lost */
};

static bool is_ipv4(const struct neighbour *one) {
    return IN6_IS_ADDR_V4MAPPED(&one->address.sin6_addr);
}

/* By its own word: the same handset, on the same interface, by the other kind of IP. */
static bool is_other_kind(const struct neighbour *one, const struct neighbour *other) {
    return other->run == one->run && is_ipv4(other) != is_ipv4(one) &&
           other->address.sin6_scope_id == one->address.sin6_scope_id;
}

/* Does the handset at `one` say that `other` is its own, and that it hears us by that kind too? It
 * is asked itself: a run's number is no secret, marks can be carried from one to the other, and who
 * has done so says at `other` whatever it likes. */
static bool vouches(const struct neighbour *one, const struct neighbour *other) {
    return is_other_kind(one, other) && one->is_proven && other->is_proven && one->hears_twin &&
           other->own_mark != 0 && one->twin_mark == other->own_mark;
}

/* Is `a` more likely its address than `b`? */
static bool is_likelier(const struct neighbour *a, const struct neighbour *b) {
    return a->group_ms != b->group_ms ? a->group_ms > b->group_ms : a->heard_ms > b->heard_ms;
}

uint64_t families_twin(const struct reach *reach, const struct neighbour *one) {
    const struct neighbour *found = NULL;
    for (size_t i = 0; i < REACH_MAX; i++) {
        const struct neighbour *other = &reach->places[i];
        if (is_other_kind(one, other) && other->its_mark != 0 &&
            (found == NULL || is_likelier(other, found))) {
            found = other;
        }
    }
    return found != NULL ? found->its_mark : 0;
}

/* --- What is said of it ----------------------------------------------------------------------- */

bool families_hears(const struct neighbour *one, int64_t now_ms) {
    return one->group_ms != NEVER && now_ms - one->group_ms < REACH_SURE_MS;
}

bool families_hears_twin(const struct reach *reach, const struct neighbour *one, int64_t now_ms) {
    bool hears = false;
    for (size_t i = 0; i < REACH_MAX; i++) {
        const struct neighbour *other = &reach->places[i];
        if (other->run != 0 && is_other_kind(one, other)) {
            if (!families_hears(other, now_ms)) {
                return false; /* one of them is a stranger's, or was left */
            }
            hears = true;
        }
    }
    return hears;
}

bool families_is_to_be_told(const struct reach *reach, struct neighbour *one, int64_t now_ms) {
    bool hears = families_hears(one, now_ms);
    bool hears_twin = families_hears_twin(reach, one, now_ms);
    if (one->was_told_hears &&
        (one->is_told_hears != hears || one->is_told_hears_twin != hears_twin)) {
        one->is_told_hears = hears; /* also where no hello may go there: that is noticed once */
        one->is_told_hears_twin = hears_twin;
        one->hears_left = TELL_TIMES;
        one->hears_at_ms = now_ms;
    }
    if (one->hears_left == 0 || now_ms < one->hears_at_ms) {
        return false;
    }
    one->hears_left--;
    one->hears_at_ms = now_ms + TELL_APART_MS;
    return true;
}

/* What it said meanwhile may not have come: it is asked anew. */
void families_note_heard(struct neighbour *one, int64_t now_ms) {
    if (now_ms - one->heard_ms >= REACH_SURE_MS) {
        one->hears = one->hears_twin = false;
        one->ask_at_ms = now_ms;
        one->ask_each_ms = REACH_ASK_MS;
    }
}

/* Is nothing left to ask? What it said last, it takes back by itself. */
static bool is_settled(const struct reach *reach, const struct neighbour *one) {
    bool has_other = false, has_vouched = false;
    for (size_t i = 0; i < REACH_MAX; i++) {
        const struct neighbour *other = &reach->places[i];
        has_other = has_other || (other->run != 0 && is_other_kind(one, other));
        has_vouched = has_vouched || (other->run != 0 && vouches(one, other));
    }
    return one->is_proven && one->hears && (has_vouched || !has_other);
}

bool families_is_to_be_asked(const struct reach *reach, struct neighbour *one, int64_t now_ms) {
    if (now_ms < one->ask_at_ms || is_settled(reach, one) ||
        now_ms - one->heard_ms >= ASK_LAST_MS) {
        return false;
    }
    one->ask_at_ms = now_ms + one->ask_each_ms;
    one->ask_each_ms =
        one->ask_each_ms * 2 < ASK_LAST_MS ? one->ask_each_ms * 2 : (int64_t)ASK_LAST_MS;
    return true;
}

/* Until when multicast from its addresses in the other kind counts as heard. */
static int64_t twin_until(const struct reach *reach, const struct neighbour *one) {
    int64_t until_ms = INT64_MAX;
    for (size_t i = 0; i < REACH_MAX; i++) {
        const struct neighbour *other = &reach->places[i];
        if (other->run != 0 && is_other_kind(one, other) && other->group_ms != NEVER &&
            other->group_ms + REACH_SURE_MS < until_ms) {
            until_ms = other->group_ms + REACH_SURE_MS;
        }
    }
    return until_ms;
}

int64_t families_deadline(const struct reach *reach, const struct neighbour *one) {
    int64_t deadline_ms = one->is_told_hears_twin ? twin_until(reach, one) : INT64_MAX;
    if (one->is_told_hears && one->group_ms + REACH_SURE_MS < deadline_ms) {
        deadline_ms = one->group_ms + REACH_SURE_MS;
    }
    if (one->hears_left > 0 && one->hears_at_ms < deadline_ms) {
        deadline_ms = one->hears_at_ms;
    }
    if (one->ask_at_ms < one->heard_ms + ASK_LAST_MS && one->ask_at_ms < deadline_ms &&
        !is_settled(reach, one)) {
        deadline_ms = one->ask_at_ms;
    }
    return deadline_ms;
}

/* --- The choice ------------------------------------------------------------------------------- */

bool families_is_single(const struct neighbour *one) {
    return one->is_proven && !one->hears_twin;
}

/* Is it still what it was when it said so? Greetings come by both kinds: who is heard by the other
 * alone for some time may have lost this one, and cannot say so by it. */
static bool is_current(const struct reach *reach, const struct neighbour *one) {
    for (size_t i = 0; i < REACH_MAX; i++) {
        const struct neighbour *other = &reach->places[i];
        if (other->run != 0 && is_other_kind(one, other) &&
            other->heard_ms - one->heard_ms >= REACH_SURE_MS) {
            return false;
        }
    }
    return true;
}

/* Does it hear our multicast by that kind of IP? Of the other kind both count, what it says here
 * and what it says there. */
static bool hears_by(const struct reach *reach, const struct neighbour *one, bool by_ipv4) {
    if (is_ipv4(one) == by_ipv4) {
        return one->is_proven && one->hears && is_current(reach, one);
    }
    for (size_t i = 0; i < REACH_MAX; i++) {
        const struct neighbour *other = &reach->places[i];
        if (other->run != 0 && other->hears && vouches(one, other) && is_current(reach, other)) {
            return true;
        }
    }
    return false;
}

unsigned reach_families(const struct reach *reach, unsigned interface, int64_t now_ms) {
    bool by_ipv4 = true, by_ipv6 = true, is_anybody = false;
    if (reach->unmet_ms != NEVER && now_ms - reach->unmet_ms < REACH_SURE_MS) {
        return REACH_IPV4 | REACH_IPV6;
    }
    for (size_t i = 0; i < REACH_MAX; i++) {
        const struct neighbour *one = &reach->places[i];
        /* Where the interface is not known, it may be any. */
        bool is_here = one->address.sin6_scope_id == interface || one->address.sin6_scope_id == 0;
        if (one->run != 0 && is_here) {
            is_anybody = true;
            by_ipv6 = by_ipv6 && hears_by(reach, one, false);
            by_ipv4 = by_ipv4 && hears_by(reach, one, true);
        }
    }
    if (!is_anybody || (!by_ipv4 && !by_ipv6)) {
        return REACH_IPV4 | REACH_IPV6;
    }
    return by_ipv6 ? REACH_IPV6 : REACH_IPV4;
}
