/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/reach_state.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    SAID_APART_MS = 2000,
    SAID_ON_ITS_WAY_MS = 1000, /* what was sent just now may not have been heard yet */
    BROADCAST_EACH = 3,
    TELL_FIRST_MS = 4000,
    TELL_LAST_MS = 30 * 1000,
    TELL_HEARD_TIMES = 3, /* that one is heard again: hellos may be lost */
    ANSWER_APART_MS = 1000,
    KEEPS_PLACE_MS = 30 * 1000,   /* after it was heard, but where others need the place: */
    PROVES_WITHIN_MS = 10 * 1000, /* who has repeated no mark by then may be a stranger's forgery */
    PROVEN_KEEPS_MS = 5 * 60 * 1000,
    DEAF_LASTS_MS = 5 * 60 * 1000, /* after it said so last */
    UNHEARD_LASTS_MS = 40 * 1000,
    SPOKE_LATELY_DS = 70,
    COPIES_PER_HOST = 2,
    CREDIT_FIRST = 2, /* hellos to an address that has proven nothing, besides one for each heard */
    CREDIT_MAX = 4
};

/* --- The table -------------------------------------------------------------------------------- */

static uint16_t tenths(int64_t ms) {
    return (uint16_t)(ms / 100 < UINT16_MAX ? ms / 100 : UINT16_MAX);
}

static bool same_host(const struct sockaddr_in6 *a, const struct sockaddr_in6 *b) {
    return memcmp(&a->sin6_addr, &b->sin6_addr, sizeof a->sin6_addr) == 0 &&
           (!IN6_IS_ADDR_LINKLOCAL(&a->sin6_addr) || a->sin6_scope_id == b->sin6_scope_id);
}

static struct neighbour *find(struct reach *reach, const struct sockaddr_in6 *address) {
    for (size_t i = 0; i < REACH_MAX; i++) {
        struct neighbour *one = &reach->places[i];
        if (one->run != 0 && one->address.sin6_port == address->sin6_port &&
            same_host(&one->address, address)) {
            return one;
        }
    }
    return NULL;
}

static size_t count_of_host(const struct reach *reach, const struct sockaddr_in6 *host) {
    size_t count = 0;
    for (size_t i = 0; i < REACH_MAX; i++) {
        count += reach->places[i].run != 0 && same_host(&reach->places[i].address, host);
    }
    return count;
}

static bool may_give_way(const struct neighbour *one, int64_t now_ms) {
    int64_t silent_ms = now_ms - one->heard_ms;
    if (one->is_proven) {
        return silent_ms >= PROVEN_KEEPS_MS;
    }
    return silent_ms >= KEEPS_PLACE_MS || now_ms - one->first_ms >= PROVES_WITHIN_MS;
}

/* Does `a` give way before `b`? Who has proven nothing first, then who was heard longest ago. */
static bool gives_way_first(const struct neighbour *a, const struct neighbour *b) {
    return a->is_proven != b->is_proven ? b->is_proven : a->heard_ms < b->heard_ms;
}

/* A free place, or the one of who gives way first; NULL when nobody does. */
static struct neighbour *find_place(struct reach *reach, const struct sockaddr_in6 *newcomer,
                                    int64_t now_ms) {
    bool only_own = count_of_host(reach, newcomer) >= REACH_PER_ADDRESS;
    struct neighbour *first = NULL;
    for (size_t i = 0; i < REACH_MAX; i++) {
        struct neighbour *one = &reach->places[i];
        if (only_own && !same_host(&one->address, newcomer)) {
            continue;
        }
        if (one->run == 0) {
            return one;
        }
        if (may_give_way(one, now_ms) && (first == NULL || gives_way_first(one, first))) {
            first = one;
        }
    }
    return first;
}

static uint64_t draw_mark(void) {
    uint64_t mark = 0;
    /* Without randomness there are no marks, and so no copies. */
    return getrandom(&mark, sizeof mark, GRND_NONBLOCK) == (ssize_t)sizeof mark ? mark : 0;
}

static struct neighbour *meet(struct reach *reach, const struct sockaddr_in6 *address, uint64_t run,
                              int64_t now_ms) {
    struct neighbour *one = find(reach, address);
    if (one != NULL && one->run == run) {
        return one;
    }
    int64_t answered_ms = one != NULL ? one->answered_ms : now_ms - ANSWER_APART_MS;
    one = one != NULL ? one : find_place(reach, address, now_ms);
    if (one == NULL) {
        reach->unmet_ms = now_ms;
    } else {
        *one = (struct neighbour){.run = run,
                                  .address = *address,
                                  .first_ms = now_ms,
                                  .heard_ms = now_ms,
                                  .group_ms = NEVER,
                                  .own_mark = draw_mark(),
                                  .credit = CREDIT_FIRST,
                                  .tell_at_ms = now_ms + REACH_SILENT_MS,
                                  .tell_each_ms = TELL_FIRST_MS,
                                  .ask_at_ms = now_ms + REACH_ASK_MS,
                                  .ask_each_ms = REACH_ASK_MS,
                                  .owes_answer = true,
                                  .answered_ms = answered_ms};
    }
    return one;
}

/* When its multicast was last heard at any of its addresses, or, if never, when it was met. */
static int64_t silent_since(const struct reach *reach, const struct neighbour *neighbour,
                            int64_t *heard_ms) {
    int64_t group_ms = NEVER, first_ms = neighbour->first_ms;
    *heard_ms = neighbour->heard_ms;
    for (size_t i = 0; i < REACH_MAX; i++) {
        const struct neighbour *one = &reach->places[i];
        if (one->run != neighbour->run) {
            continue;
        }
        group_ms = one->group_ms > group_ms ? one->group_ms : group_ms;
        first_ms = one->first_ms < first_ms ? one->first_ms : first_ms;
        *heard_ms = one->heard_ms > *heard_ms ? one->heard_ms : *heard_ms;
    }
    return group_ms != NEVER ? group_ms : first_ms;
}

/* --- Hearing ---------------------------------------------------------------------------------- */

/* What was told of its silence is taken back, at all its addresses. */
static void take_back(struct reach *reach, uint64_t run, int64_t now_ms) {
    for (size_t i = 0; i < REACH_MAX; i++) {
        struct neighbour *one = &reach->places[i];
        if (one->run != run) {
            continue;
        }
        one->unheard_until_ms = NEVER;
        if (one->is_told_silent) {
            one->is_told_silent = false;
            one->heard_left = TELL_HEARD_TIMES;
            one->tell_at_ms = now_ms;
            one->tell_each_ms = TELL_FIRST_MS;
        } else if (one->heard_left == 0) {
            one->tell_at_ms = now_ms + REACH_SILENT_MS;
        }
    }
}

static void note_heard(struct reach *reach, struct neighbour *one, unsigned interface,
                       bool by_group, int64_t now_ms) {
    one->address.sin6_scope_id = interface;
    families_note_heard(one, now_ms);
    one->heard_ms = now_ms;
    one->credit += one->credit < CREDIT_MAX;
    if (by_group) {
        one->group_ms = now_ms;
        take_back(reach, one->run, now_ms);
    }
}

void reach_frame(struct reach *reach, const struct sockaddr_in6 *from, bool by_group,
                 int64_t now_ms) {
    struct neighbour *one = find(reach, from);
    if (one != NULL) {
        note_heard(reach, one, from->sin6_scope_id, by_group, now_ms);
    } else {
        reach->unmet_ms = now_ms;
    }
}

/* How often this handset sent multicast within `silent_ms`, as far as it would have arrived. */
static unsigned said_within(const struct reach *reach, int64_t silent_ms, int64_t now_ms) {
    unsigned count = 0;
    for (size_t i = 0; i < SAID_KEPT; i++) {
        int64_t said_ms = reach->said_ms[i];
        count += said_ms != NEVER && said_ms >= now_ms - silent_ms &&
                 said_ms <= now_ms - SAID_ON_ITS_WAY_MS;
    }
    return count;
}

/* It says, with our mark, whether it hears our multicast. For this address alone: a run's number is
 * no secret, and what another says under it is not believed. */
static void believe(struct reach *reach, struct neighbour *one, const struct hello *hello,
                    int64_t now_ms) {
    unsigned said = said_within(reach, (int64_t)hello->silent_ds * 100, now_ms);
    if (hello->silent_ds > 0 && said > 0) {
        one->is_deaf = true;
        one->is_surely_deaf = one->is_surely_deaf || said > 1;
        one->deaf_until_ms = now_ms + DEAF_LASTS_MS;
    }
    if (hello->silent_ds == 0) {
        one->is_deaf = one->is_surely_deaf = false;
    }
}

static void take_private(struct reach *reach, struct neighbour *one, const struct hello *hello,
                         int64_t now_ms) {
    int64_t heard_ms;
    bool is_known = one->own_mark != 0 && hello->echo == one->own_mark;
    if (hello->mark != one->its_mark) {
        one->its_mark = hello->mark;
        one->tell_at_ms = one->is_told_silent ? now_ms : one->tell_at_ms;
    }
    if (is_known) {
        one->is_proven = true;
        one->hears = hello->hears;
        one->hears_twin = hello->hears_twin && hello->twin != 0;
        one->twin_mark = hello->twin != 0 ? hello->twin : one->twin_mark;
        believe(reach, one, hello, now_ms);
    }
    if (!hello->is_answer && (!is_known || hello->silent_ds > 0 || hello->asks)) {
        one->owes_answer = true;
    }
    if (is_known && hello->spoke_ds < SPOKE_LATELY_DS &&
        now_ms - silent_since(reach, one, &heard_ms) >= REACH_SURE_MS) {
        one->unheard_until_ms = now_ms + UNHEARD_LASTS_MS;
    }
}

void reach_hello(struct reach *reach, const struct sockaddr_in6 *from, const struct hello *hello,
                 bool by_group, int64_t now_ms) {
    if (hello->sender == 0 || hello->sender == reach->own ||
        (hello->receiver != 0 && hello->receiver != reach->own)) {
        return;
    }
    struct neighbour *one = meet(reach, from, hello->sender, now_ms);
    if (one == NULL) {
        return;
    }
    note_heard(reach, one, from->sin6_scope_id, by_group, now_ms);
    if (hello->receiver == reach->own && !by_group) {
        take_private(reach, one, hello, now_ms);
    }
}

/* --- Saying ----------------------------------------------------------------------------------- */

bool reach_said(struct reach *reach, int64_t now_ms, struct hello *hello, bool *by_broadcast) {
    reach->spoke_ms = now_ms;
    if (reach->said_ms[0] == NEVER || now_ms - reach->said_ms[0] >= SAID_APART_MS) {
        memmove(&reach->said_ms[1], &reach->said_ms[0], sizeof reach->said_ms[0] * (SAID_KEPT - 1));
        reach->said_ms[0] = now_ms;
    }
    if (reach->greeted_ms != NEVER && now_ms - reach->greeted_ms < REACH_GREETING_MS) {
        return false;
    }
    reach->greeted_ms = now_ms;
    *hello = (struct hello){.sender = reach->own};
    *by_broadcast = reach->greetings++ % BROADCAST_EACH == 0;
    return true;
}

static struct hello hello_to(const struct reach *reach, const struct neighbour *one,
                             int64_t silent_ms, int64_t now_ms) {
    struct hello hello = {.sender = reach->own,
                          .receiver = one->run,
                          .mark = one->own_mark,
                          .echo = one->its_mark,
                          .twin = families_twin(reach, one),
                          .hears = families_hears(one, now_ms),
                          .hears_twin = families_hears_twin(reach, one, now_ms),
                          .spoke_ds = UINT16_MAX};
    if (silent_ms >= REACH_SILENT_MS) {
        hello.silent_ds = tenths(silent_ms);
    }
    if (reach->spoke_ms != NEVER) {
        hello.spoke_ds = tenths(now_ms - reach->spoke_ms);
    }
    return hello;
}

/* Is it to be told now whether it is heard? */
static bool is_to_be_told(struct neighbour *one, int64_t silent_ms, int64_t heard_ms,
                          int64_t now_ms) {
    if (now_ms < one->tell_at_ms) {
        return false;
    }
    if (silent_ms < REACH_SILENT_MS && one->heard_left > 0) {
        one->heard_left--;
        one->tell_at_ms = now_ms + (one->heard_left > 0 ? TELL_FIRST_MS : REACH_SILENT_MS);
        return true;
    }
    if (silent_ms < REACH_SILENT_MS) {
        one->tell_at_ms = now_ms + REACH_SILENT_MS - silent_ms;
        return false;
    }
    one->tell_at_ms = now_ms + one->tell_each_ms;
    one->tell_each_ms =
        one->tell_each_ms * 2 < TELL_LAST_MS ? one->tell_each_ms * 2 : (int64_t)TELL_LAST_MS;
    one->is_told_silent = now_ms - heard_ms < REACH_FORGET_MS;
    if (!one->is_told_silent && families_is_single(one) &&
        now_ms - heard_ms < REACH_SINGLE_KEPT_MS) {
        one->tell_at_ms = heard_ms + REACH_SINGLE_KEPT_MS;
    } else if (!one->is_told_silent) {
        *one = (struct neighbour){0};
    }
    return one->is_told_silent;
}

bool reach_next(struct reach *reach, int64_t now_ms, struct sockaddr_in6 *to, struct hello *hello) {
    for (size_t i = 0; i < REACH_MAX; i++) {
        struct neighbour *one = &reach->places[i];
        int64_t heard_ms;
        if (one->run == 0) {
            continue;
        }
        int64_t silent_ms = now_ms - silent_since(reach, one, &heard_ms);
        bool answers = one->owes_answer && now_ms - one->answered_ms >= ANSWER_APART_MS;
        bool is_told = is_to_be_told(one, silent_ms, heard_ms, now_ms) ||
                       families_is_to_be_told(reach, one, now_ms);
        bool is_asked = families_is_to_be_asked(reach, one, now_ms);
        if (one->run == 0 || (!answers && !is_told && !is_asked)) {
            continue;
        }
        if (!one->is_proven && one->credit == 0) {
            one->owes_answer =
                false; /* who sent in this address's name gets nobody else spoken to */
            continue;
        }
        one->credit -= one->credit > 0;
        *to = one->address;
        *hello = hello_to(reach, one, silent_ms, now_ms);
        hello->asks = is_asked;
        one->was_told_hears = true;
        one->is_told_hears = hello->hears;
        one->is_told_hears_twin = hello->hears_twin;
        if (answers) {
            hello->is_answer = !is_asked;
            one->owes_answer = false;
            one->answered_ms = now_ms;
        }
        return true;
    }
    return false;
}

int64_t reach_deadline(const struct reach *reach) {
    int64_t deadline_ms = INT64_MAX;
    for (size_t i = 0; i < REACH_MAX; i++) {
        const struct neighbour *one = &reach->places[i];
        if (one->run == 0) {
            continue;
        }
        int64_t asked_ms = families_deadline(reach, one);
        int64_t at_ms = one->tell_at_ms < asked_ms ? one->tell_at_ms : asked_ms;
        if (one->owes_answer && one->answered_ms + ANSWER_APART_MS < at_ms) {
            at_ms = one->answered_ms + ANSWER_APART_MS;
        }
        deadline_ms = at_ms < deadline_ms ? at_ms : deadline_ms;
    }
    return deadline_ms;
}

/* --- Copies, and what is known ---------------------------------------------------------------- */

static bool is_deaf_now(const struct neighbour *one, int64_t now_ms) {
    return one->run != 0 && one->is_deaf && now_ms < one->deaf_until_ms;
}

/* Is `a` sent copies before `b`? Newcomers, who may be anybody, put nobody out. */
static bool comes_first(const struct neighbour *a, const struct neighbour *b) {
    return a->first_ms < b->first_ms;
}

/* Of the addresses of that host that do not get our multicast, how many come before this one? */
static size_t count_before(const struct reach *reach, size_t at, int64_t now_ms) {
    const struct neighbour *one = &reach->places[at];
    size_t count = 0;
    for (size_t i = 0; i < REACH_MAX; i++) {
        const struct neighbour *other = &reach->places[i];
        count += i != at && is_deaf_now(other, now_ms) &&
                 same_host(&other->address, &one->address) &&
                 (comes_first(other, one) || (!comes_first(one, other) && i < at));
    }
    return count;
}

/* The addresses that do not get our multicast, those known longest first; returns how many there
 * are, of which `room` are written. A handset with several is sent a copy at each: that they are
 * one's only it says. */
static size_t find_deaf(const struct reach *reach, int64_t now_ms, const struct neighbour *out[],
                        size_t room) {
    size_t count = 0, kept = 0;
    for (size_t i = 0; i < REACH_MAX; i++) {
        const struct neighbour *one = &reach->places[i];
        if (!is_deaf_now(one, now_ms) || count_before(reach, i, now_ms) >= COPIES_PER_HOST) {
            continue;
        }
        size_t at = kept < room ? kept++ : room;
        for (; at > 0 && comes_first(one, out[at - 1]); at--) {
            if (at < room) {
                out[at] = out[at - 1];
            }
        }
        if (at < room) {
            out[at] = one;
        }
        count++;
    }
    return count;
}

size_t reach_copies(const struct reach *reach, int64_t now_ms,
                    struct sockaddr_in6 out[REACH_COPIES_MAX]) {
    const struct neighbour *deaf[REACH_COPIES_MAX];
    size_t count = find_deaf(reach, now_ms, deaf, REACH_COPIES_MAX);
    count = count < REACH_COPIES_MAX ? count : REACH_COPIES_MAX;
    for (size_t i = 0; i < count; i++) {
        out[i] = deaf[i]->address;
    }
    return count;
}

bool reach_hears_host(const struct reach *reach, const struct sockaddr_in6 *host, int64_t now_ms) {
    for (size_t i = 0; i < REACH_MAX; i++) {
        const struct neighbour *one = &reach->places[i];
        if (one->run != 0 && one->group_ms != NEVER && now_ms - one->group_ms < REACH_SURE_MS &&
            memcmp(&one->address.sin6_addr, &host->sin6_addr, sizeof host->sin6_addr) == 0) {
            return true;
        }
    }
    return false;
}

/* Is there an earlier place of the same handset on that interface whose multicast is unheard? */
static bool is_counted(const struct reach *reach, size_t at, int64_t now_ms) {
    for (size_t i = 0; i < at; i++) {
        if (reach->places[i].run == reach->places[at].run &&
            reach->places[i].address.sin6_scope_id == reach->places[at].address.sin6_scope_id &&
            now_ms < reach->places[i].unheard_until_ms) {
            return true;
        }
    }
    return false;
}

/* Is an address before it in the list, on the same interface, by its word the same handset's? */
static bool is_of_an_earlier(const struct neighbour *const list[], size_t at) {
    for (size_t i = 0; i < at; i++) {
        if (list[i]->run == list[at]->run && list[i]->is_surely_deaf &&
            list[i]->address.sin6_scope_id == list[at]->address.sin6_scope_id) {
            return true;
        }
    }
    return false;
}

struct reach_report reach_on(const struct reach *reach, unsigned interface, int64_t now_ms) {
    struct reach_report report = {0};
    const struct neighbour *deaf[REACH_MAX];
    size_t count = find_deaf(reach, now_ms, deaf, REACH_MAX);
    for (size_t i = 0; i < count; i++) {
        if (deaf[i]->is_surely_deaf && deaf[i]->address.sin6_scope_id == interface &&
            !is_of_an_earlier(deaf, i)) {
            report.deaf++;
            report.beyond += i >= REACH_COPIES_MAX;
        }
    }
    for (size_t i = 0; i < REACH_MAX; i++) {
        const struct neighbour *one = &reach->places[i];
        report.unheard += one->run != 0 && one->address.sin6_scope_id == interface &&
                          now_ms < one->unheard_until_ms && !is_counted(reach, i, now_ms);
    }
    return report;
}

struct reach *reach_new(uint64_t own) {
    struct reach *reach = calloc(1, sizeof *reach);
    if (reach != NULL) {
        reach->own = own;
        reach->spoke_ms = reach->greeted_ms = reach->unmet_ms = NEVER;
        for (size_t i = 0; i < SAID_KEPT; i++) {
            reach->said_ms[i] = NEVER;
        }
    }
    return reach;
}

void reach_free(struct reach *reach) {
    free(reach);
}
