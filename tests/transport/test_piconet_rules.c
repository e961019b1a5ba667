/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of transport/bluetooth/piconet.h one by one, at one handset or between two. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/transport/seed.h"
#include "transport/bluetooth/piconet_table.h"

enum {
    ME = 0x50,
    SECOND = 1000,
    MINUTE = 60 * SECOND,
};

static uint64_t seed;

/* What it wanted at that time. Inquiries find nobody; asks stay open. */
struct wants {
    unsigned asks, seeks, tables, fulls, closes;
    uint64_t asked;
    unsigned adapter;           /* of the last ask */
    unsigned closed;            /* the last link */
    struct piconet_table table; /* the last that was said */
};

static struct wants take_all(struct piconet *piconet, int64_t now_ms) {
    struct wants wants = {0};
    struct piconet_action action;
    while (piconet_take(piconet, now_ms, &action)) {
        if (action.deed == PICONET_ASK) {
            wants.asks++;
            wants.asked = action.address;
            wants.adapter = action.adapter;
        } else if (action.deed == PICONET_SEEK) {
            wants.seeks++;
            piconet_sought(piconet, now_ms, action.adapter);
        } else if (action.deed == PICONET_CLOSE) {
            wants.closes++;
            wants.closed = action.link;
        } else if (piconet_read(action.packet, action.length, &wants.table) == PICONET_TABLE) {
            wants.tables++;
        } else {
            wants.fulls++;
        }
    }
    assert_true(piconet_deadline(piconet) > now_ms);
    return wants;
}

/* Goes on until it asks, at most so long; returns when it did, or INT64_MAX. */
static int64_t run_until_ask(struct piconet *piconet, int64_t now_ms, int64_t end_ms,
                             struct wants *wants) {
    while (now_ms <= end_ms) {
        *wants = take_all(piconet, now_ms);
        if (wants->asks > 0) {
            return now_ms;
        }
        now_ms = piconet_deadline(piconet);
    }
    return INT64_MAX;
}

static struct piconet *one_at(uint64_t address) {
    struct piconet *piconet = piconet_new(seed);
    assert_non_null(piconet);
    piconet_adapter_on(piconet, 0, 0, address);
    return piconet;
}

/* The node on the other end of `link` says its table: itself, and one that it reaches, unless 0. */
static void say(struct piconet *piconet, int64_t now_ms, unsigned link, uint64_t node,
                uint64_t other, unsigned distance) {
    struct piconet_table table = {
        .count = other != 0 ? 2 : 1,
        .handsets = {{.addresses = {node}, .count = 1},
                     {.addresses = {other}, .count = 1, .distance = distance}}};
    uint8_t packet[PICONET_CONTROL_MAX];
    piconet_control(piconet, now_ms, link, packet, piconet_write_table(&table, packet));
}

static void link_with(struct piconet *piconet, int64_t now_ms, unsigned link, uint64_t node) {
    piconet_linked(piconet, now_ms, link, 0, node, false);
    say(piconet, now_ms, link, node, 0, 0);
}

/* --- Both ask --------------------------------------------------------------------------------- */

static void higher_asks_at_once_and_the_lower_after_a_while(void **state) {
    (void)state;
    struct piconet *low = piconet_new(seed), *high = piconet_new(seed);
    piconet_adapter_on(low, 0, 0, 0x10);
    piconet_adapter_on(high, 0, 0, 0x20);
    piconet_seen(low, 0, 0, 0x20, -50);
    piconet_seen(high, 0, 0, 0x10, -50);
    assert_true(take_all(high, 0).asks == 1);
    assert_int_equal(take_all(low, 0).asks, 0);
    assert_int_equal(take_all(low, PICONET_GRACE_MS - 1).asks, 0);
    assert_int_equal(take_all(low, PICONET_GRACE_MS).asks, 1);
    piconet_free(low);
    piconet_free(high);
}

/* Hands over whatever both want said, and tells which links were closed. */
static unsigned exchange(struct piconet *ends[2], int64_t now_ms) {
    struct piconet_action action;
    unsigned closed = 0;
    for (unsigned i = 0; i < 2; i++) {
        while (piconet_take(ends[i], now_ms, &action)) {
            if (action.deed == PICONET_SAY) {
                piconet_control(ends[1 - i], now_ms, action.link, action.packet, action.length);
            }
            if (action.deed == PICONET_CLOSE) {
                closed |= 1U << action.link;
            }
        }
    }
    return closed;
}

static void where_both_have_asked_one_link_stays_the_one_of_the_higher(void **state) {
    (void)state;
    for (int order = 0; order < 2; order++) {
        struct piconet *ends[2] = {piconet_new(seed), piconet_new(seed + 1)};
        piconet_adapter_on(ends[0], 0, 0, 0x10);
        piconet_adapter_on(ends[1], 0, 0, 0x20);
        for (unsigned i = 0; i < 2; i++) {
            for (unsigned link = 0; link < 2; link++) {
                piconet_linked(ends[i], 0, link, 0, i == 0 ? 0x20 : 0x10,
                               link == (i + (unsigned)order) % 2);
            }
        }
        unsigned closed = 0;
        for (int64_t ms = 0; ms <= 2000; ms += 100) {
            closed |= exchange(ends, ms);
        }
        unsigned stays = order == 0 ? 1 : 0; /* the link that ends[1] asked for */
        assert_int_equal(closed, 1U << (1 - stays));
        for (unsigned i = 0; i < 2; i++) {
            assert_int_equal(piconet_node(ends[i], 1 - stays), 0);
            assert_int_equal(piconet_node(ends[i], stays), i == 0 ? 0x20 : 0x10);
            assert_int_equal(piconet_reached(ends[i]), 1);
            piconet_free(ends[i]);
        }
    }
}

static void eighth_link_of_an_adapter_hears_that_it_is_full_and_is_closed(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    for (unsigned i = 0; i <= PICONET_LINKS_MAX; i++) {
        piconet_linked(piconet, 0, i, 0, 0x70 + i, false);
        struct wants wants = take_all(piconet, 0);
        assert_int_equal(wants.closes, i == PICONET_LINKS_MAX);
        assert_int_equal(wants.fulls, i == PICONET_LINKS_MAX);
    }
    piconet_free(piconet);
}

/* --- Who is asked, and when ------------------------------------------------------------------- */

static void lowest_is_asked_first_and_one_at_a_time(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    piconet_seen(piconet, 0, 0, 0x30, -50);
    piconet_seen(piconet, 0, 0, 0x20, -50);
    struct wants wants = take_all(piconet, 0);
    assert_int_equal(wants.asks, 1);
    assert_int_equal(wants.asked, 0x20);
    assert_int_equal(take_all(piconet, 3000).asks, 0);
    piconet_failed(piconet, 5000, 0, 0x20);
    wants = take_all(piconet, 5000);
    assert_int_equal(wants.asked, 0x30);
    piconet_free(piconet);
}

static void who_is_full_is_set_aside_and_the_next_is_asked(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    uint8_t packet[PICONET_CONTROL_MAX];
    piconet_seen(piconet, 0, 0, 0x30, -50);
    piconet_seen(piconet, 0, 0, 0x20, -50);
    assert_int_equal(take_all(piconet, 0).asked, 0x20);
    piconet_linked(piconet, 100, 0, 0, 0x20, true);
    assert_int_equal(take_all(piconet, 100).tables, 1);
    piconet_control(piconet, 200, 0, packet, piconet_write_full(packet));
    struct wants wants = take_all(piconet, 200);
    assert_int_equal(wants.closes, 1);
    assert_int_equal(wants.asked, 0x30);
    piconet_unlinked(piconet, 250, 0);
    piconet_failed(piconet, 300, 0, 0x30);
    int64_t ms = run_until_ask(piconet, 300, 5000, &wants);
    assert_int_equal(wants.asked, 0x30);
    piconet_failed(piconet, ms, 0, 0x30);
    assert_int_not_equal(take_all(piconet, 7000).asked, 0x20);
    piconet_free(piconet);
}

static void what_failed_is_tried_later_and_later_up_to_a_minute(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    struct wants wants;
    int64_t ms = 0, before = 0, longest = 0;
    for (unsigned i = 0; i < 30; i++) {
        piconet_seen(piconet, ms, 0, 0x20, -50);
        int64_t asked = run_until_ask(piconet, ms, ms + 2 * MINUTE, &wants);
        assert_int_not_equal(asked, INT64_MAX);
        assert_true(asked - before <= PICONET_BACKOFF_MAX_MS);
        assert_true(i < 6 || asked - before >= PICONET_BACKOFF_MAX_MS / 2);
        longest = asked - before > longest ? asked - before : longest;
        piconet_failed(piconet, asked, 0, 0x20);
        ms = before = asked;
    }
    assert_true(longest > PICONET_BACKOFF_MAX_MS / 2 + SECOND);
    piconet_free(piconet);
}

static void who_was_not_seen_for_long_is_not_asked(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    struct wants wants;
    piconet_set_silent(piconet, 0, true);
    piconet_seen(piconet, 0, 0, 0x20, -50);
    take_all(piconet, 0);
    piconet_set_silent(piconet, PICONET_SEEN_MS + 1, false);
    assert_int_equal(run_until_ask(piconet, PICONET_SEEN_MS + 1, 5 * MINUTE, &wants), INT64_MAX);
    piconet_free(piconet);
}

static void own_adapters_are_no_others_and_the_lowest_names_the_handset(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    struct wants wants;
    piconet_adapter_on(piconet, 0, 1, 0x40);
    piconet_seen(piconet, 0, 0, 0x40, -50);
    piconet_seen(piconet, 0, 1, ME, -50);
    assert_int_equal(run_until_ask(piconet, 0, MINUTE, &wants), INT64_MAX);
    piconet_linked(piconet, MINUTE, 0, 0, 0x70, false);
    wants = take_all(piconet, MINUTE);
    assert_int_equal(wants.table.handsets[0].addresses[0], 0x40);
    assert_int_equal(wants.table.handsets[0].addresses[1], ME);
    piconet_linked(piconet, MINUTE, 1, 0, 0x40, false);
    assert_int_equal(take_all(piconet, MINUTE).closed, 1);
    piconet_free(piconet);
}

static void other_adapters_of_who_is_reached_are_not_asked(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    struct wants wants;
    struct piconet_table table = {
        .count = 2,
        .handsets = {{.addresses = {0x20, 0x21}, .count = 2},
                     {.addresses = {0x30, 0x31, 0x32}, .count = 3, .distance = 1}}};
    uint8_t packet[PICONET_CONTROL_MAX];
    piconet_linked(piconet, 0, 0, 0, 0x20, false);
    piconet_control(piconet, 0, 0, packet, piconet_write_table(&table, packet));
    for (uint64_t address = 0x20; address <= 0x32; address += address == 0x21 ? 0xf : 1) {
        piconet_seen(piconet, 0, 0, address, -50);
    }
    assert_int_equal(run_until_ask(piconet, 0, 3000, &wants), INT64_MAX);
    piconet_seen(piconet, 3000, 0, 0x33, -50);
    assert_int_not_equal(run_until_ask(piconet, 3000, 3300, &wants), INT64_MAX);
    assert_int_equal(wants.asked, 0x33);
    piconet_free(piconet);
}

static void adapter_that_hears_best_asks_unless_it_is_full(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    piconet_adapter_on(piconet, 0, 1, ME + 1);
    piconet_adapter_on(piconet, 0, 2, ME + 2);
    piconet_seen(piconet, 0, 0, 0x20, -70);
    piconet_seen(piconet, 0, 1, 0x20, -40);
    piconet_seen(piconet, 0, 2, 0x20, -60);
    assert_int_equal(take_all(piconet, 0).adapter, 1);
    piconet_failed(piconet, 0, 1, 0x20);
    for (unsigned i = 0; i < PICONET_LINKS_MAX; i++) {
        piconet_linked(piconet, 0, i, 1, 0x100 + i, false);
    }
    piconet_seen(piconet, 3000, 1, 0x20, -40);
    assert_int_equal(take_all(piconet, 3000).adapter, 2);
    piconet_free(piconet);
}

static void handset_without_a_free_place_does_not_ask(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    for (unsigned i = 0; i < PICONET_LINKS_MAX; i++) {
        link_with(piconet, 0, i, 0x100 + i);
    }
    piconet_seen(piconet, 0, 0, 0x20, -50);
    assert_int_equal(take_all(piconet, 2000).asks, 0);
    piconet_unlinked(piconet, 2000, 0);
    assert_int_equal(take_all(piconet, 2000).asks, 0); /* the controllers have to end it as well */
    assert_int_equal(take_all(piconet, 3000).asked, 0x20);
    piconet_free(piconet);
}

static void who_has_failed_less_often_is_asked_before_who_is_lower(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    struct wants wants;
    int64_t ms = 0;
    piconet_seen(piconet, 0, 0, 0x20, -50);
    for (int i = 0; i < 3; i++) {
        ms = run_until_ask(piconet, ms, MINUTE, &wants);
        piconet_failed(piconet, ms, 0, 0x20);
    }
    piconet_seen(piconet, ms, 0, 0x30, -50);
    assert_int_equal(take_all(piconet, ms).asked, 0x30);
    piconet_failed(piconet, ms, 0, 0x30);
    assert_int_equal(take_all(piconet, ms + MINUTE).asked, 0x30);
    piconet_free(piconet);
}

/* --- Silence, voice, inquiries ---------------------------------------------------------------- */

static void silent_handset_neither_asks_nor_seeks_but_keeps_its_links(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    piconet_set_silent(piconet, 0, true);
    link_with(piconet, 0, 0, 0x70);
    piconet_seen(piconet, 0, 0, 0x20, -50);
    for (int64_t ms = 0; ms < MINUTE; ms += 500) {
        say(piconet, ms, 0, 0x70, 0, 0);
        struct wants wants = take_all(piconet, ms);
        assert_int_equal(wants.asks + wants.seeks + wants.closes, 0);
        assert_true(ms % 1000 != 0 || wants.tables == 1);
    }
    assert_int_equal(piconet_reached(piconet), 1);
    piconet_set_silent(piconet, MINUTE, false);
    assert_int_equal(take_all(piconet, MINUTE).asked, 0x20);
    piconet_failed(piconet, MINUTE, 0, 0x20);
    say(piconet, MINUTE, 0, 0x70, 0, 0);
    assert_int_equal(take_all(piconet, MINUTE + SECOND).seeks, 1);
    piconet_free(piconet);
}

/* Counts inquiries of five minutes, with the shortest and the longest pause between two. */
static unsigned count_seeks(struct piconet *piconet, int64_t begin_ms, uint64_t peer,
                            int64_t pauses[2]) {
    unsigned seeks = 0;
    int64_t last = begin_ms;
    pauses[0] = INT64_MAX;
    pauses[1] = 0;
    for (int64_t ms = begin_ms; ms < begin_ms + 5 * MINUTE; ms += 100) {
        if (peer != 0) {
            say(piconet, ms, 0, peer, 0, 0);
        }
        if (take_all(piconet, ms).seeks == 0) {
            continue;
        }
        if (++seeks > 1) {
            pauses[0] = ms - last < pauses[0] ? ms - last : pauses[0];
            pauses[1] = ms - last > pauses[1] ? ms - last : pauses[1];
        }
        last = ms;
    }
    return seeks;
}

static void handset_with_links_seeks_seldom_and_nobody_in_a_rhythm(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    int64_t pauses[2];
    assert_in_range(count_seeks(piconet, 0, 0, pauses), 50, 100);
    assert_true(pauses[0] >= PICONET_SEEK_LONELY_MS && pauses[1] > pauses[0] + 500);
    assert_true(pauses[1] <= 2 * PICONET_SEEK_LONELY_MS + 100);
    link_with(piconet, 10 * MINUTE, 0, 0x70);
    assert_in_range(count_seeks(piconet, 10 * MINUTE, 0x70, pauses), 9, 20);
    assert_true(pauses[0] >= PICONET_SEEK_LINKED_MS && pauses[1] > pauses[0] + 500);
    assert_true(pauses[1] <= 2 * PICONET_SEEK_LINKED_MS + 100);
    piconet_free(piconet);
}

static void while_there_is_voice_nobody_seeks(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    for (int64_t ms = 0; ms < MINUTE; ms += 100) {
        piconet_busy(piconet, ms);
        assert_int_equal(take_all(piconet, ms).seeks, 0);
    }
    assert_int_equal(take_all(piconet, MINUTE - 100 + PICONET_QUIET_MS - 1).seeks, 0);
    assert_int_equal(take_all(piconet, MINUTE - 100 + PICONET_QUIET_MS).seeks, 1);
    piconet_free(piconet);
}

/* --- Links and tables ------------------------------------------------------------------------- */

static void link_that_says_no_table_is_closed_and_its_frames_are_not_for_us(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    piconet_linked(piconet, 0, 3, 0, 0x70, false);
    assert_false(piconet_heard(piconet, 100, 3));
    assert_int_equal(take_all(piconet, PICONET_HELLO_MS - 1).closes, 0);
    assert_false(piconet_heard(piconet, PICONET_HELLO_MS - 1, 3));
    struct wants wants = take_all(piconet, PICONET_HELLO_MS);
    assert_int_equal(wants.closes, 1);
    assert_int_equal(wants.closed, 3);
    piconet_free(piconet);
}

static void link_on_which_nothing_is_heard_is_given_up(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    link_with(piconet, 0, 0, 0x70);
    assert_true(piconet_heard(piconet, 1000, 0));
    assert_int_equal(take_all(piconet, 1000 + PICONET_LOST_MS - 1).closes, 0);
    assert_int_equal(piconet_reached(piconet), 1);
    assert_int_equal(take_all(piconet, 1000 + PICONET_LOST_MS).closes, 1);
    assert_int_equal(piconet_reached(piconet), 0);
    assert_int_equal(piconet_node(piconet, 0), 0);
    assert_false(piconet_heard(piconet, 1000 + PICONET_LOST_MS, 0));
    piconet_free(piconet);
}

static bool tells(const struct wants *wants, uint64_t node, unsigned distance) {
    const struct piconet_handset *handset = piconet_table_find(&wants->table, node);
    return handset != NULL && handset->distance == distance;
}

static void link_that_takes_nothing_is_given_up_sooner(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    link_with(piconet, 0, 0, 0x20);
    piconet_stuck(piconet, 0);
    say(piconet, 500, 0, 0x20, 0, 0); /* it was only slow */
    assert_int_equal(take_all(piconet, PICONET_STUCK_MS + 500).closes, 0);
    piconet_stuck(piconet, 0);
    assert_int_equal(take_all(piconet, PICONET_STUCK_MS + 500).closes, 1);
    piconet_free(piconet);
}

/* What is queued for one that is gone keeps back what is for others. */
static void with_one_link_the_others_are_not_given_up_at_once(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    link_with(piconet, 0, 0, 0x20);
    link_with(piconet, 0, 1, 0x30);
    say(piconet, 100, 1, 0x30, 0, 0);
    struct wants wants = take_all(piconet, PICONET_LOST_MS + 200);
    assert_int_equal(wants.closes, 1);
    assert_int_equal(wants.closed, 0);
    wants = take_all(piconet, PICONET_LOST_MS + 700);
    assert_int_equal(wants.closes, 0);
    assert_int_equal(wants.tables, 1);
    say(piconet, PICONET_LOST_MS + 2000, 1, 0x30, 0, 0);
    assert_int_equal(take_all(piconet, 2 * PICONET_LOST_MS + 1900).closes, 0);
    assert_int_equal(take_all(piconet, 2 * PICONET_LOST_MS + 2000).closed, 1);
    piconet_free(piconet);
}

static void link_is_told_whom_it_reaches_and_not_what_it_told(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    link_with(piconet, 0, 0, 0x70);
    take_all(piconet, 0);
    say(piconet, 100, 0, 0x70, 0x90, 1);
    struct wants wants = take_all(piconet, 200);
    assert_int_equal(wants.table.count, 1);
    piconet_linked(piconet, 200, 1, 0, 0x80, false);
    wants = take_all(piconet, 200);
    assert_int_equal(wants.tables, 1);
    assert_true(tells(&wants, 0x70, 1) && tells(&wants, 0x90, 2));
    say(piconet, 200, 0, 0x70, 0x90, PICONET_DISTANCE_MAX - 1);
    say(piconet, 200, 1, 0x80, 0, 0);
    assert_int_equal(piconet_reached(piconet), 3);
    piconet_unlinked(piconet, 300, 0);
    wants = take_all(piconet, 300);
    assert_int_equal(wants.table.count, 1);
    piconet_free(piconet);
}

static void who_is_as_far_as_the_limit_is_reached_and_not_told_of(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    link_with(piconet, 0, 0, 0x70);
    say(piconet, 0, 0, 0x70, 0x90, PICONET_DISTANCE_MAX - 1);
    piconet_linked(piconet, 0, 1, 0, 0x80, false);
    struct wants wants = take_all(piconet, 0);
    assert_int_equal(piconet_reached(piconet), 2);
    assert_true(tells(&wants, 0x70, 1));
    assert_null(piconet_table_find(&wants.table, 0x90));
    piconet_free(piconet);
}

static void adapter_that_goes_takes_its_links_with_it(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    link_with(piconet, 0, 0, 0x70);
    take_all(piconet, 0);
    piconet_adapter_off(piconet, 100, 0);
    assert_int_equal(piconet_reached(piconet), 0);
    struct wants wants = take_all(piconet, 10 * SECOND);
    assert_int_equal(wants.asks + wants.seeks + wants.tables + wants.closes, 0);
    piconet_unlinked(piconet, 10 * SECOND, 0);
    assert_int_equal(piconet_deadline(piconet), INT64_MAX);
    piconet_adapter_on(piconet, 11 * SECOND, 0, ME);
    assert_int_not_equal(run_until_ask(piconet, 11 * SECOND, MINUTE, &wants), INT64_MAX);
    assert_int_equal(wants.asked, 0x70);
    piconet_free(piconet);
}

int main(int argc, char **argv) {
    seed = seed_of_run(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(higher_asks_at_once_and_the_lower_after_a_while),
        cmocka_unit_test(where_both_have_asked_one_link_stays_the_one_of_the_higher),
        cmocka_unit_test(eighth_link_of_an_adapter_hears_that_it_is_full_and_is_closed),
        cmocka_unit_test(lowest_is_asked_first_and_one_at_a_time),
        cmocka_unit_test(who_is_full_is_set_aside_and_the_next_is_asked),
        cmocka_unit_test(what_failed_is_tried_later_and_later_up_to_a_minute),
        cmocka_unit_test(who_was_not_seen_for_long_is_not_asked),
        cmocka_unit_test(own_adapters_are_no_others_and_the_lowest_names_the_handset),
        cmocka_unit_test(other_adapters_of_who_is_reached_are_not_asked),
        cmocka_unit_test(adapter_that_hears_best_asks_unless_it_is_full),
        cmocka_unit_test(handset_without_a_free_place_does_not_ask),
        cmocka_unit_test(who_has_failed_less_often_is_asked_before_who_is_lower),
        cmocka_unit_test(silent_handset_neither_asks_nor_seeks_but_keeps_its_links),
        cmocka_unit_test(handset_with_links_seeks_seldom_and_nobody_in_a_rhythm),
        cmocka_unit_test(while_there_is_voice_nobody_seeks),
        cmocka_unit_test(link_that_says_no_table_is_closed_and_its_frames_are_not_for_us),
        cmocka_unit_test(link_on_which_nothing_is_heard_is_given_up),
        cmocka_unit_test(link_that_takes_nothing_is_given_up_sooner),
        cmocka_unit_test(with_one_link_the_others_are_not_given_up_at_once),
        cmocka_unit_test(link_is_told_whom_it_reaches_and_not_what_it_told),
        cmocka_unit_test(who_is_as_far_as_the_limit_is_reached_and_not_told_of),
        cmocka_unit_test(adapter_that_goes_takes_its_links_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
