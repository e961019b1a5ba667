/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who gets copies by unicast (transport/reach.h): towns of handsets on virtual time, whose network
 * passes multicast from one to the other or does not. The seed is printed, and taken as an
 * argument. */
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
    HANDSETS = 5,
    STEP_MS = 500,
    FRAME_MS = 5000,
    GONE_MS = 20000, /* so long without a frame, and a handset is gone from the others' screens */
};

struct town {
    int64_t now_ms;
    bool passes[HANDSETS][HANDSETS]; /* multicast, from and to */
    bool broadcasts;
    struct reach *reaches[HANDSETS];
    int64_t heard_ms[HANDSETS][HANDSETS]; /* a frame of the first index by the second */
    unsigned copies;
};

static uint64_t seed;

static bool toss(void) {
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (seed >> 40 & 1) != 0;
}

static struct sockaddr_in6 address_of(size_t number) {
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = 1, .sin6_scope_id = 2};
    address.sin6_addr.s6_addr[0] = 0x20;
    address.sin6_addr.s6_addr[14] = (uint8_t)((number + 1) >> 8);
    address.sin6_addr.s6_addr[15] = (uint8_t)(number + 1);
    return address;
}

static size_t number_of(const struct sockaddr_in6 *address) {
    return address->sin6_addr.s6_addr[15] - 1u;
}

static void town_begin(struct town *town) {
    *town = (struct town){.now_ms = 1000000, .broadcasts = true};
    for (size_t i = 0; i < HANDSETS; i++) {
        town->reaches[i] = reach_new(100 + i);
        for (size_t k = 0; k < HANDSETS; k++) {
            town->passes[i][k] = true;
            town->heard_ms[i][k] = town->now_ms + 20000; /* time to meet */
        }
    }
}

static void town_end(struct town *town) {
    for (size_t i = 0; i < HANDSETS; i++) {
        reach_free(town->reaches[i]);
    }
}

static void say(struct town *town, size_t from) {
    const struct sockaddr_in6 address = address_of(from);
    struct sockaddr_in6 copies[REACH_COPIES_MAX];
    struct hello hello;
    bool by_broadcast = false;
    bool greets = reach_said(town->reaches[from], town->now_ms, &hello, &by_broadcast);
    for (size_t to = 0; to < HANDSETS; to++) {
        if (to != from && greets && town->passes[from][to]) {
            reach_hello(town->reaches[to], &address, &hello, true, town->now_ms);
        }
        if (to != from && greets && by_broadcast && town->broadcasts) {
            reach_hello(town->reaches[to], &address, &hello, false, town->now_ms);
        }
        if (to != from && town->passes[from][to]) {
            reach_frame(town->reaches[to], &address, true, town->now_ms);
            town->heard_ms[from][to] = town->now_ms;
        }
    }
    size_t count = reach_copies(town->reaches[from], town->now_ms, copies);
    for (size_t i = 0; i < count; i++) {
        size_t to = number_of(&copies[i]);
        reach_frame(town->reaches[to], &address, false, town->now_ms);
        town->heard_ms[from][to] = town->now_ms;
        town->copies++;
    }
}

static void tell(struct town *town, size_t from) {
    const struct sockaddr_in6 address = address_of(from);
    struct sockaddr_in6 to;
    struct hello hello;
    while (reach_next(town->reaches[from], town->now_ms, &to, &hello)) {
        reach_hello(town->reaches[number_of(&to)], &address, &hello, false, town->now_ms);
    }
}

static void pass(struct town *town, int64_t ms, bool all_are_heard) {
    for (int64_t until_ms = town->now_ms + ms; town->now_ms < until_ms; town->now_ms += STEP_MS) {
        for (size_t i = 0; i < HANDSETS; i++) {
            if ((town->now_ms + (int64_t)i * 700) / STEP_MS % (FRAME_MS / STEP_MS) == 0) {
                say(town, i);
            }
            tell(town, i);
        }
        for (size_t i = 0; all_are_heard && i < HANDSETS; i++) {
            for (size_t k = 0; k < HANDSETS; k++) {
                assert_true(i == k || town->now_ms - town->heard_ms[i][k] <= GONE_MS);
            }
        }
    }
}

static void block_at_random(struct town *town) {
    for (size_t i = 0; i < HANDSETS; i++) {
        for (size_t k = 0; k < HANDSETS; k++) {
            town->passes[i][k] = i == k || toss();
        }
    }
}

static void assert_reported(const struct town *town) {
    for (size_t i = 0; i < HANDSETS; i++) {
        unsigned blocked = 0;
        for (size_t k = 0; k < HANDSETS; k++) {
            blocked += !town->passes[i][k];
        }
        assert_int_equal(reach_on(town->reaches[i], 2, town->now_ms).deaf, blocked);
        assert_int_equal(reach_on(town->reaches[i], 3, town->now_ms).deaf, 0);
    }
}

static void where_multicast_works_nothing_is_sent_twice(void **state) {
    (void)state;
    struct town town;
    town_begin(&town);
    pass(&town, 300000, true);
    assert_int_equal(town.copies, 0);
    assert_reported(&town);
    town_end(&town);
}

static void whoever_loses_whose_multicast_after_they_met_nobody_is_lost(void **state) {
    (void)state;
    for (int n = 0; n < 40; n++) {
        struct town town;
        town_begin(&town);
        pass(&town, 60000, true);
        block_at_random(&town);
        pass(&town, 120000, true);
        assert_reported(&town);
        memset(town.passes, true, sizeof town.passes);
        pass(&town, 60000, true);
        assert_reported(&town);
        town.copies = 0;
        pass(&town, 120000, true);
        assert_int_equal(town.copies, 0);
        town_end(&town);
    }
}

static void blocked_from_the_start_they_meet_by_broadcast(void **state) {
    (void)state;
    struct town town;
    town_begin(&town);
    memset(town.passes, false, sizeof town.passes);
    for (size_t i = 0; i < HANDSETS; i++) {
        town.passes[i][i] = true;
    }
    pass(&town, 40000, false);
    pass(&town, 120000, true);
    assert_reported(&town);
    town_end(&town);
}

static void heard_by_one_side_alone_from_the_start_both_hear_each_other(void **state) {
    (void)state;
    struct town town;
    town_begin(&town);
    town.broadcasts = false;
    for (size_t i = 0; i < HANDSETS; i++) {
        for (size_t k = 0; k < i; k++) {
            town.passes[i][k] = false;
        }
    }
    pass(&town, 30000, false);
    pass(&town, 120000, true);
    assert_reported(&town);
    town_end(&town);
}

static void hello_that_does_not_repeat_the_mark_makes_nobody_send(void **state) {
    (void)state;
    struct reach *reach = reach_new(7);
    const struct sockaddr_in6 victim = address_of(1);
    struct sockaddr_in6 to, copies[REACH_COPIES_MAX];
    struct hello hello, greeting;
    unsigned answers = 0;
    bool by_broadcast;
    for (int64_t now_ms = 1000000; now_ms < 1060000; now_ms += 100) {
        (void)reach_said(reach, now_ms, &greeting, &by_broadcast);
        hello = (struct hello){
            .sender = 9, .receiver = 7, .silent_ds = 200, .mark = 5, .echo = (uint64_t)now_ms};
        reach_hello(reach, &victim, &hello, false, now_ms);
        while (reach_next(reach, now_ms, &to, &hello)) {
            answers++;
        }
        assert_int_equal(reach_copies(reach, now_ms, copies), 0);
    }
    assert_in_range(answers, 1, 70); /* for 600 */
    reach_free(reach);
}

static void what_is_not_a_hello_is_a_frame(void **state) {
    (void)state;
    const struct hello hello = {.is_answer = true,
                                .silent_ds = 70,
                                .spoke_ds = 3,
                                .sender = UINT64_MAX,
                                .receiver = 2,
                                .mark = 3,
                                .echo = 4,
                                .twin = 5,
                                .hears_twin = true};
    uint8_t octets[HELLO_SIZE];
    struct hello read;
    hello_write(&hello, octets);
    assert_true(hello_read(octets, sizeof octets, &read));
    assert_true(read.is_answer && read.silent_ds == 70 && read.spoke_ds == 3 &&
                read.sender == UINT64_MAX && read.receiver == 2 && read.mark == 3 &&
                read.echo == 4 && read.twin == 5 && read.hears_twin && !read.hears && !read.asks);
    for (size_t length = 0; length < sizeof octets; length++) {
        assert_false(hello_read(octets, length, &read));
    }
    octets[0] = 1;
    assert_false(hello_read(octets, sizeof octets, &read));
}

/* --- Strangers ---------------------------------------------------------------------------------
 */

enum {
    RUN_OF_VERA = 22,
    BEGIN_MS = 1000000
};

/* One handset alone, which has said enough lately to be missed. */
static struct reach *reach_that_spoke(void) {
    struct reach *reach = reach_new(1);
    struct hello hello;
    bool by_broadcast;
    assert_non_null(reach);
    (void)reach_said(reach, BEGIN_MS - 5000, &hello, &by_broadcast);
    (void)reach_said(reach, BEGIN_MS - 2500, &hello, &by_broadcast);
    return reach;
}

/* All hellos that are due; how many of them go to `to`, and the last of these. */
static size_t take_hellos(struct reach *reach, const struct sockaddr_in6 *to, int64_t now_ms,
                          struct hello *last) {
    struct sockaddr_in6 address;
    struct hello hello;
    size_t count = 0;
    while (reach_next(reach, now_ms, &address, &hello)) {
        if (memcmp(&address.sin6_addr, &to->sin6_addr, sizeof to->sin6_addr) == 0 &&
            address.sin6_port == to->sin6_port) {
            *last = hello;
            count++;
        }
    }
    return count;
}

/* Who is at `from` greets as `run` and then says, with the mark that it was sent there, for how
 * long it has not heard our multicast. */
static void claim(struct reach *reach, const struct sockaddr_in6 *from, uint64_t run,
                  uint16_t silent_ds, int64_t now_ms) {
    struct hello hello = {.sender = run}, got = {0};
    reach_hello(reach, from, &hello, false, now_ms);
    (void)take_hellos(reach, from, now_ms, &got);
    hello = (struct hello){
        .sender = run, .receiver = 1, .mark = 5, .echo = got.mark, .silent_ds = silent_ds};
    reach_hello(reach, from, &hello, false, now_ms);
}

/* Who is at `from` asks, so as to be told the mark again, and says that it hears our multicast. */
static void say_it_hears(struct reach *reach, const struct sockaddr_in6 *from, uint64_t run,
                         int64_t now_ms) {
    struct hello hello = {.sender = run, .receiver = 1, .mark = 5}, got = {0};
    reach_hello(reach, from, &hello, false, now_ms);
    (void)take_hellos(reach, from, now_ms, &got);
    hello.echo = got.mark;
    reach_hello(reach, from, &hello, false, now_ms);
}

static bool is_sent_copies(const struct reach *reach, const struct sockaddr_in6 *to,
                           int64_t now_ms) {
    struct sockaddr_in6 copies[REACH_COPIES_MAX];
    size_t count = reach_copies(reach, now_ms, copies);
    bool is = false;
    for (size_t i = 0; i < count; i++) {
        is = is || (memcmp(&copies[i].sin6_addr, &to->sin6_addr, sizeof to->sin6_addr) == 0 &&
                    copies[i].sin6_port == to->sin6_port);
    }
    return is;
}

static void who_uses_anothers_number_takes_nothing_from_it(void **state) {
    (void)state;
    struct reach *reach = reach_that_spoke();
    const struct sockaddr_in6 vera = address_of(0), stranger = address_of(1);
    claim(reach, &vera, RUN_OF_VERA, 100, BEGIN_MS);
    assert_true(is_sent_copies(reach, &vera, BEGIN_MS));
    claim(reach, &stranger, RUN_OF_VERA, 100, BEGIN_MS + 2000);
    assert_true(is_sent_copies(reach, &vera, BEGIN_MS + 2000));
    /* It asks, so as to be told the mark again. */
    struct hello question = {.sender = RUN_OF_VERA, .receiver = 1, .mark = 5}, got = {0};
    reach_hello(reach, &stranger, &question, false, BEGIN_MS + 4000);
    (void)take_hellos(reach, &stranger, BEGIN_MS + 4000, &got);
    assert_true(got.mark != 0);
    question.echo = got.mark;
    reach_hello(reach, &stranger, &question, false, BEGIN_MS + 4000);
    assert_true(is_sent_copies(reach, &vera, BEGIN_MS + 4000));
    assert_false(is_sent_copies(reach, &stranger, BEGIN_MS + 4000));
    reach_free(reach);
}

/* From few addresses, or from many that came later. */
static void strangers_do_not_put_out_who_was_there_before(void **state) {
    (void)state;
    struct reach *reach = reach_that_spoke();
    const struct sockaddr_in6 vera = address_of(0);
    struct sockaddr_in6 copies[REACH_COPIES_MAX];
    claim(reach, &vera, RUN_OF_VERA, 100, BEGIN_MS);
    for (size_t i = 0; i < 32; i++) {
        struct sockaddr_in6 stranger = address_of(1 + i / 8);
        stranger.sin6_port = (in_port_t)(100 + i);
        claim(reach, &stranger, 1000 + i, 100, BEGIN_MS + 10);
    }
    assert_true(is_sent_copies(reach, &vera, BEGIN_MS + 20));
    assert_in_range(reach_copies(reach, BEGIN_MS + 20, copies), 1, 1 + 2 * 4);
    for (size_t i = 0; i < 60; i++) {
        const struct sockaddr_in6 stranger = address_of(10 + i);
        claim(reach, &stranger, 2000 + i, 100, BEGIN_MS + 30);
    }
    assert_int_equal(reach_copies(reach, BEGIN_MS + 40, copies), REACH_COPIES_MAX);
    assert_true(is_sent_copies(reach, &vera, BEGIN_MS + 40));
    reach_free(reach);
}

/* Strangers that greet from so many addresses, `first` and those after it. */
static void greet_from_many(struct reach *reach, size_t first, size_t count, int64_t now_ms) {
    for (size_t i = 0; i < count; i++) {
        const struct sockaddr_in6 stranger = address_of(first + i);
        const struct hello greeting = {.sender = 5000 + first + i};
        struct hello last;
        reach_hello(reach, &stranger, &greeting, false, now_ms);
        (void)take_hellos(reach, &stranger, now_ms, &last);
    }
}

static void made_up_addresses_do_not_put_out_who_repeated_a_mark(void **state) {
    (void)state;
    struct reach *reach = reach_that_spoke();
    const struct sockaddr_in6 vera = address_of(0);
    claim(reach, &vera, RUN_OF_VERA, 100, BEGIN_MS);
    for (int64_t at_ms = 0; at_ms < 4 * 60 * 1000; at_ms += 1000) { /* she says nothing meanwhile */
        greet_from_many(reach, 100 + (size_t)at_ms, 200, BEGIN_MS + at_ms);
        assert_true(is_sent_copies(reach, &vera, BEGIN_MS + at_ms));
    }
    reach_free(reach);
}

static void made_up_addresses_that_go_on_do_not_keep_out_who_comes_later(void **state) {
    (void)state;
    struct reach *reach = reach_that_spoke();
    const struct sockaddr_in6 vera = address_of(0);
    int64_t at_ms = 0;
    for (; at_ms < 20000; at_ms += 2000) {
        greet_from_many(reach, 100, REACH_MAX, BEGIN_MS + at_ms);
    }
    claim(reach, &vera, RUN_OF_VERA, 300, BEGIN_MS + at_ms);
    assert_true(is_sent_copies(reach, &vera, BEGIN_MS + at_ms));
    for (; at_ms < 60000; at_ms += 2000) {
        greet_from_many(reach, 100, REACH_MAX, BEGIN_MS + at_ms);
        assert_true(is_sent_copies(reach, &vera, BEGIN_MS + at_ms));
    }
    reach_free(reach);
}

/* Each of more than can be sent copies is counted, and the next in turn gets the place of one that
 * hears again. */
static void who_there_are_no_copies_for_is_told_of_and_comes_next(void **state) {
    (void)state;
    enum {
        MORE = 3
    };
    struct reach *reach = reach_that_spoke();
    struct sockaddr_in6 copies[REACH_COPIES_MAX];
    for (size_t i = 0; i < REACH_COPIES_MAX + MORE; i++) {
        const struct sockaddr_in6 deaf = address_of(i);
        claim(reach, &deaf, 100 + i, 100, BEGIN_MS + (int64_t)i);
    }
    int64_t now_ms = BEGIN_MS + 100;
    struct reach_report report = reach_on(reach, 2, now_ms);
    assert_int_equal(report.deaf, REACH_COPIES_MAX + MORE);
    assert_int_equal(report.beyond, MORE);
    assert_int_equal(reach_copies(reach, now_ms, copies), REACH_COPIES_MAX);
    for (size_t i = 0; i < MORE; i++) {
        const struct sockaddr_in6 waiting = address_of(REACH_COPIES_MAX + i), well = address_of(i);
        assert_false(is_sent_copies(reach, &waiting, now_ms));
        now_ms += 2000;
        say_it_hears(reach, &well, 100 + i, now_ms);
        assert_true(is_sent_copies(reach, &waiting, now_ms));
        assert_int_equal(reach_on(reach, 2, now_ms).beyond, MORE - 1 - i);
    }
    reach_free(reach);
}

/* Somebody sends greetings in the name of an address that knows nothing of it. */
static void a_forged_address_is_sent_hardly_more_than_the_forger_sends(void **state) {
    (void)state;
    const struct sockaddr_in6 victim = address_of(7);
    const struct hello greeting = {.sender = 77};
    for (size_t forged = 1; forged <= 20; forged += 19) {
        struct reach *reach = reach_that_spoke();
        struct hello last;
        size_t sent = 0;
        for (int64_t at_ms = 0; at_ms < 15 * 60 * 1000; at_ms += 500) {
            if (at_ms % 20000 == 0 && at_ms / 20000 < (int64_t)forged) {
                reach_hello(reach, &victim, &greeting, true, BEGIN_MS + at_ms);
            }
            sent += take_hellos(reach, &victim, BEGIN_MS + at_ms, &last);
        }
        assert_in_range(sent, 1, forged + 2);
        reach_free(reach);
    }
}

/* What is shown to the officer does not hang on what anybody says. */
static void who_repeats_no_mark_changes_nothing_on_links(void **state) {
    (void)state;
    struct reach *reach = reach_that_spoke();
    const struct sockaddr_in6 stranger = address_of(3);
    struct hello hello = {.sender = 9};
    reach_hello(reach, &stranger, &hello, false, BEGIN_MS);
    hello = (struct hello){.sender = 9, .receiver = 1, .mark = 5, .spoke_ds = 1, .silent_ds = 100};
    for (int64_t at_ms = 0; at_ms < 60000; at_ms += 4000) {
        reach_hello(reach, &stranger, &hello, false, BEGIN_MS + at_ms);
        struct reach_report report = reach_on(reach, 2, BEGIN_MS + at_ms);
        assert_int_equal(report.deaf + report.unheard, 0);
    }
    reach_free(reach);
}

int main(int argc, char *argv[]) {
    seed = seed_of_run(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_multicast_works_nothing_is_sent_twice),
        cmocka_unit_test(whoever_loses_whose_multicast_after_they_met_nobody_is_lost),
        cmocka_unit_test(blocked_from_the_start_they_meet_by_broadcast),
        cmocka_unit_test(heard_by_one_side_alone_from_the_start_both_hear_each_other),
        cmocka_unit_test(hello_that_does_not_repeat_the_mark_makes_nobody_send),
        cmocka_unit_test(what_is_not_a_hello_is_a_frame),
        cmocka_unit_test(who_uses_anothers_number_takes_nothing_from_it),
        cmocka_unit_test(strangers_do_not_put_out_who_was_there_before),
        cmocka_unit_test(made_up_addresses_do_not_put_out_who_repeated_a_mark),
        cmocka_unit_test(made_up_addresses_that_go_on_do_not_keep_out_who_comes_later),
        cmocka_unit_test(who_there_are_no_copies_for_is_told_of_and_comes_next),
        cmocka_unit_test(a_forged_address_is_sent_hardly_more_than_the_forger_sends),
        cmocka_unit_test(who_repeats_no_mark_changes_nothing_on_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
