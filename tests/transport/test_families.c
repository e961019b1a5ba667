/* SPDX-License-Identifier: GPL-3.0-or-later */
/* By which kind of IP a frame to all goes out (transport/reach.h): towns of handsets on virtual
 * time that have IPv4, IPv6 or both, on networks that pass multicast of one and not of the other.
 * The seed is printed, and taken as an argument. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/transport/seed.h"
#include "transport/reach.h"

enum {
    HANDSETS = 4,
    STRANGER = 3, /* where it is one */
    INTERFACE = 2,
    STEP_MS = 500,
    FRAME_MS = 5000,
    BOTH = REACH_IPV4 | REACH_IPV6,
    SETTLED_MS = 30 * 1000,
    /* After the network began to drop one kind: two greetings that do not come, and what says so.
     */
    LOST_MS = 20 * 1000,
};

struct town {
    int64_t now_ms;
    unsigned has[HANDSETS];              /* kinds of IP; 0: not there */
    unsigned passes[HANDSETS][HANDSETS]; /* multicast, from and to, in these kinds */
    bool is_silent[HANDSETS];            /* says nothing and answers nothing */
    struct reach *reaches[HANDSETS];
    int64_t heard_ms[HANDSETS][HANDSETS]; /* a frame of the first by the second */
    /* The mark that the first sent to the second's address last. */
    uint64_t marks[HANDSETS][HANDSETS];
};

static uint64_t seed;

static unsigned toss(unsigned sides) {
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % sides;
}

static struct sockaddr_in6 address_of(size_t number, unsigned kind) {
    struct sockaddr_in6 address = {
        .sin6_family = AF_INET6, .sin6_port = 1, .sin6_scope_id = INTERFACE};
    uint8_t *octets = address.sin6_addr.s6_addr;
    if (kind == REACH_IPV4) {
        octets[10] = octets[11] = 0xFF;
        octets[12] = 10;
    } else {
        octets[0] = 0xFE;
        octets[1] = 0x80;
    }
    octets[15] = (uint8_t)(number + 1);
    return address;
}

static size_t number_of(const struct sockaddr_in6 *address) {
    return address->sin6_addr.s6_addr[15] - 1u;
}

static unsigned kind_of(const struct sockaddr_in6 *address) {
    return IN6_IS_ADDR_V4MAPPED(&address->sin6_addr) ? REACH_IPV4 : REACH_IPV6;
}

static void come(struct town *town, size_t number, unsigned kinds) {
    town->has[number] = kinds;
    town->reaches[number] = reach_new(100 + number);
    assert_non_null(town->reaches[number]);
}

static void town_begin(struct town *town) {
    *town = (struct town){.now_ms = 1000000};
    for (size_t i = 0; i < HANDSETS; i++) {
        for (size_t k = 0; k < HANDSETS; k++) {
            town->passes[i][k] = BOTH;
        }
    }
}

static void town_end(struct town *town) {
    for (size_t i = 0; i < HANDSETS; i++) {
        reach_free(town->reaches[i]);
    }
}

/* What cannot go out by that kind goes out by the other. */
static unsigned families(const struct town *town, size_t from) {
    unsigned chosen = reach_families(town->reaches[from], INTERFACE, town->now_ms);
    assert_true(chosen != 0 && (chosen & ~(unsigned)BOTH) == 0);
    return town->has[from] == BOTH ? chosen : town->has[from];
}

/* A frame to all, and a greeting when one is due, which goes by both kinds. */
static void say(struct town *town, size_t from) {
    struct hello hello;
    bool by_broadcast;
    bool greets = reach_said(town->reaches[from], town->now_ms, &hello, &by_broadcast);
    unsigned chosen = families(town, from);
    for (unsigned kind = REACH_IPV4; kind <= REACH_IPV6; kind++) {
        const struct sockaddr_in6 address = address_of(from, kind);
        for (size_t to = 0; to < HANDSETS; to++) {
            bool passes = to != from &&
                          (town->passes[from][to] & town->has[from] & town->has[to] & kind) != 0;
            if (passes && greets) {
                reach_hello(town->reaches[to], &address, &hello, true, town->now_ms);
            }
            if (passes && (chosen & kind) != 0) {
                reach_frame(town->reaches[to], &address, true, town->now_ms);
                town->heard_ms[from][to] = town->now_ms;
            }
        }
    }
}

static void tell(struct town *town, size_t from) {
    struct sockaddr_in6 to;
    struct hello hello;
    while (reach_next(town->reaches[from], town->now_ms, &to, &hello)) {
        const struct sockaddr_in6 address = address_of(from, kind_of(&to));
        town->marks[from][number_of(&to)] = hello.mark;
        if ((town->has[number_of(&to)] & town->has[from] & kind_of(&to)) != 0) {
            reach_hello(town->reaches[number_of(&to)], &address, &hello, false, town->now_ms);
        }
    }
}

static void pass(struct town *town, int64_t ms) {
    for (int64_t until_ms = town->now_ms + ms; town->now_ms < until_ms; town->now_ms += STEP_MS) {
        for (size_t i = 0; i < HANDSETS; i++) {
            if (town->has[i] == 0 || town->is_silent[i]) {
                continue;
            }
            if ((town->now_ms + (int64_t)i * 700) / STEP_MS % (FRAME_MS / STEP_MS) == 0) {
                say(town, i);
            }
            tell(town, i);
        }
    }
}

/* Does the next frame of each reach all that it can reach? */
static void assert_all_hear(struct town *town) {
    for (size_t i = 0; i < HANDSETS; i++) {
        for (size_t k = 0; k < HANDSETS; k++) {
            unsigned common = town->passes[i][k] & town->has[i] & town->has[k];
            assert_true(i == k || common == 0 || town->has[i] == 0 ||
                        (families(town, i) & common) != 0);
        }
    }
}

static void where_all_have_both_one_copy_goes_by_ipv6(void **state) {
    (void)state;
    struct town town;
    town_begin(&town);
    come(&town, 0, BOTH);
    assert_int_equal(families(&town, 0), BOTH); /* nobody is known */
    come(&town, 1, BOTH);
    come(&town, 2, BOTH);
    pass(&town, SETTLED_MS);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(families(&town, i), REACH_IPV6);
    }
    /* Not less so after an hour of talk. */
    pass(&town, 60 * 60 * 1000);
    assert_int_equal(families(&town, 0), REACH_IPV6);
    town_end(&town);
}

static void who_has_one_kind_alone_is_heard_from_its_first_word(void **state) {
    (void)state;
    for (unsigned kind = REACH_IPV4; kind <= REACH_IPV6; kind++) {
        struct town town;
        town_begin(&town);
        come(&town, 0, BOTH);
        come(&town, 1, BOTH);
        pass(&town, SETTLED_MS);
        come(&town, 2, kind);
        say(&town, 2);
        assert_all_hear(&town);
        pass(&town, SETTLED_MS);
        assert_int_equal(families(&town, 0), kind);
        /* One more, with the other kind alone: now it takes both. */
        come(&town, 3, BOTH ^ kind);
        say(&town, 3);
        assert_all_hear(&town);
        pass(&town, SETTLED_MS);
        assert_int_equal(families(&town, 0), BOTH);
        assert_all_hear(&town);
        town_end(&town);
    }
}

static void who_has_one_kind_alone_is_not_forgotten_under_radio_silence(void **state) {
    (void)state;
    struct town town;
    town_begin(&town);
    come(&town, 0, BOTH);
    come(&town, 1, BOTH);
    come(&town, 2, REACH_IPV4);
    pass(&town, SETTLED_MS);
    town.is_silent[2] = true;
    for (int hour = 0; hour < 8; hour++) {
        pass(&town, 60 * 60 * 1000);
        assert_all_hear(&town);
    }
    town_end(&town);
}

/* Multicast of one kind stops somewhere, in one direction, and comes back. */
static void whatever_kind_the_network_drops_nobody_is_lost(void **state) {
    (void)state;
    for (unsigned round = 0; round < 60; round++) {
        struct town town;
        town_begin(&town);
        for (size_t i = 0; i < HANDSETS; i++) {
            come(&town, i, toss(3) == 0 ? 1 + toss(2) : BOTH);
        }
        pass(&town, SETTLED_MS);
        assert_all_hear(&town);
        for (unsigned change = 0; change < 4; change++) {
            size_t from = toss(HANDSETS), to = toss(HANDSETS);
            town.passes[from][to] = 1 + toss(3);
            if (toss(3) == 0) {
                town.has[from] = 1 + toss(3); /* with unicast and all */
            }
            pass(&town, LOST_MS);
            assert_all_hear(&town);
        }
        town_end(&town);
    }
}

/* The network passes IPv6 multicast one way only, as switches do that forgot who is a member:
 * whoever hears of the other by IPv4 says that it does not hear it by IPv6. */
static void who_is_heard_by_a_kind_may_not_hear_by_it(void **state) {
    (void)state;
    struct town town;
    town_begin(&town);
    come(&town, 0, BOTH);
    come(&town, 1, BOTH);
    town.passes[0][1] = REACH_IPV4;
    pass(&town, SETTLED_MS);
    assert_int_equal(families(&town, 0), REACH_IPV4);
    assert_int_equal(families(&town, 1), REACH_IPV6);
    assert_all_hear(&town);
    town_end(&town);
}

/* --- Strangers -------------------------------------------------------------------------------- */

/* All that is due to the stranger; the mark that it is sent. */
static uint64_t mark_for(struct reach *reach, const struct sockaddr_in6 *stranger, int64_t now_ms) {
    struct sockaddr_in6 to;
    struct hello hello;
    uint64_t mark = 0;
    while (reach_next(reach, now_ms, &to, &hello)) {
        mark = memcmp(&to, stranger, sizeof to) == 0 ? hello.mark : mark;
    }
    return mark;
}

/* Number 1 has IPv4 alone. A stranger says, from an address of IPv6 of its own, that it is number 1
 * and hears. It has every mark but the one that was sent to number 1. */
static void a_stranger_in_anothers_name_takes_no_words_from_it(void **state) {
    (void)state;
    struct town town;
    town_begin(&town);
    come(&town, 0, BOTH);
    come(&town, 1, REACH_IPV4);
    pass(&town, SETTLED_MS);
    assert_int_equal(families(&town, 0), REACH_IPV4);
    const struct sockaddr_in6 stranger = address_of(3, REACH_IPV6);
    struct hello hello = {.sender = 101};
    reach_hello(town.reaches[0], &stranger, &hello, true, town.now_ms);
    const uint64_t mark = mark_for(town.reaches[0], &stranger, town.now_ms);
    assert_true(mark != 0);
    hello = (struct hello){.sender = 101,
                           .receiver = 100,
                           .mark = 7,
                           .echo = mark,
                           .twin = mark,
                           .hears = true,
                           .is_answer = true};
    reach_hello(town.reaches[0], &stranger, &hello, false, town.now_ms);
    assert_all_hear(&town);
    pass(&town, SETTLED_MS);
    assert_all_hear(&town);
    town_end(&town);
}

/* What a stranger says to `to` by IPv6, in the name of `as`. */
static void say_as(struct town *town, size_t as, size_t to, uint64_t mark, uint64_t twin,
                   bool hears) {
    const struct sockaddr_in6 stranger = address_of(STRANGER, REACH_IPV6);
    const struct hello hello = {.sender = 100 + as,
                                .receiver = 100 + to,
                                .mark = mark,
                                .echo = town->marks[to][STRANGER],
                                .twin = twin,
                                .hears = hears,
                                .hears_twin = hears,
                                .spoke_ds = UINT16_MAX,
                                .asks = true};
    reach_hello(town->reaches[to], &stranger, &hello, false, town->now_ms);
}

/* The network passes multicast of IPv4 alone between 0 and 1. A stranger is each one's other
 * address to the other, and carries the marks across. */
static void a_stranger_between_two_takes_no_words_from_either(void **state) {
    (void)state;
    for (unsigned back = REACH_IPV4; back <= BOTH; back += REACH_IPV6) {
        struct town town;
        town_begin(&town);
        come(&town, 0, BOTH);
        come(&town, 1, BOTH);
        town.passes[0][1] = REACH_IPV4;
        town.passes[1][0] = back;
        pass(&town, SETTLED_MS);
        for (int64_t until_ms = town.now_ms + 10 * SETTLED_MS; town.now_ms < until_ms;) {
            say_as(&town, 1, 0, town.marks[1][STRANGER], 0, true);
            say_as(&town, 0, 1, town.marks[0][STRANGER], 0, true);
            pass(&town, STEP_MS);
            assert_all_hear(&town);
        }
        town_end(&town);
    }
}

/* Number 1 has IPv4 alone; the stranger has overheard the mark that it was sent. */
static void nor_does_one_who_overhears_marks(void **state) {
    (void)state;
    struct town town;
    town_begin(&town);
    come(&town, 0, BOTH);
    come(&town, 1, REACH_IPV4);
    pass(&town, SETTLED_MS);
    for (int64_t until_ms = town.now_ms + SETTLED_MS; town.now_ms < until_ms;) {
        say_as(&town, 1, 0, 7, town.marks[0][1], true);
        pass(&town, STEP_MS);
        assert_all_hear(&town);
    }
    town_end(&town);
}

/* Who was sent no more hellos than may go to an unproven address is not waited for. */
static void nothing_is_due_at_once_for_ever(void **state) {
    (void)state;
    struct reach *reach = reach_new(100);
    assert_non_null(reach);
    const struct sockaddr_in6 other = address_of(1, REACH_IPV4);
    const struct hello greeting = {.sender = 101};
    int64_t now_ms = 1000000;
    reach_hello(reach, &other, &greeting, true, now_ms);
    for (int64_t until_ms = now_ms + 2 * SETTLED_MS; now_ms < until_ms; now_ms += STEP_MS) {
        (void)mark_for(reach, &other, now_ms);
        assert_true(reach_deadline(reach) > now_ms);
    }
    reach_free(reach);
}

/* Who is not in the table, for want of place or of a greeting, counts too. */
static void whoever_is_heard_and_not_met_may_have_either_kind(void **state) {
    (void)state;
    struct town town;
    town_begin(&town);
    come(&town, 0, BOTH);
    come(&town, 1, BOTH);
    pass(&town, SETTLED_MS);
    const struct sockaddr_in6 newcomer = address_of(2, REACH_IPV4);
    reach_frame(town.reaches[0], &newcomer, true, town.now_ms);
    assert_int_equal(families(&town, 0), BOTH);
    pass(&town, SETTLED_MS);
    assert_int_equal(families(&town, 0), REACH_IPV6);
    town_end(&town);
}

int main(int argc, char *argv[]) {
    seed = seed_of_run(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_all_have_both_one_copy_goes_by_ipv6),
        cmocka_unit_test(who_has_one_kind_alone_is_heard_from_its_first_word),
        cmocka_unit_test(who_has_one_kind_alone_is_not_forgotten_under_radio_silence),
        cmocka_unit_test(whatever_kind_the_network_drops_nobody_is_lost),
        cmocka_unit_test(who_is_heard_by_a_kind_may_not_hear_by_it),
        cmocka_unit_test(a_stranger_in_anothers_name_takes_no_words_from_it),
        cmocka_unit_test(a_stranger_between_two_takes_no_words_from_either),
        cmocka_unit_test(nor_does_one_who_overhears_marks),
        cmocka_unit_test(nothing_is_due_at_once_for_ever),
        cmocka_unit_test(whoever_is_heard_and_not_met_may_have_either_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
