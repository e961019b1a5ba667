/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one handset makes of what its peers say, in transport/bluetooth/piconet.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/transport/seed.h"
#include "transport/bluetooth/piconet_table.h"

enum {
    ME = 0x50,
    SECOND = 1000,
    LINKS = 3,
};

static uint64_t seed;

/* What it wanted at that time, for each link. */
struct wants {
    uint64_t asked;
    unsigned seeks;
    unsigned tables[LINKS], closes[LINKS];
    struct piconet_table told[LINKS]; /* the last table */
};

static struct wants take_all(struct piconet *piconet, int64_t now_ms) {
    struct wants wants = {0};
    struct piconet_action action;
    while (piconet_take(piconet, now_ms, &action)) {
        if (action.deed == PICONET_ASK) {
            wants.asked = action.address;
        } else if (action.deed == PICONET_SEEK) {
            wants.seeks++;
            piconet_sought(piconet, now_ms, action.adapter);
        } else if (action.deed == PICONET_CLOSE) {
            wants.closes[action.link]++;
        } else if (piconet_read(action.packet, action.length, &wants.told[action.link]) ==
                   PICONET_TABLE) {
            wants.tables[action.link]++;
        }
    }
    return wants;
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
    const struct piconet_table table = {
        .count = other != 0 ? 2 : 1,
        .handsets = {{.addresses = {node}, .count = 1},
                     {.addresses = {other}, .count = 1, .distance = distance}}};
    uint8_t packet[PICONET_CONTROL_MAX];
    piconet_control(piconet, now_ms, link, packet, piconet_write_table(&table, packet));
}

/* --- Tables ----------------------------------------------------------------------------------- */

static void link_that_is_nearer_to_somebody_is_not_told_of_a_longer_way(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    piconet_linked(piconet, 0, 0, 0, 0x20, false);
    piconet_linked(piconet, 0, 1, 0, 0x40, false);
    say(piconet, 0, 0, 0x20, 0x30, 1);
    say(piconet, 0, 1, 0x40, 0x30, 2);
    const struct wants wants = take_all(piconet, SECOND);
    assert_int_equal(wants.tables[0], 1);
    assert_int_equal(wants.tables[1], 1);
    assert_null(piconet_table_find(&wants.told[0], 0x30));
    const struct piconet_handset *told = piconet_table_find(&wants.told[1], 0x30);
    assert_non_null(told);
    assert_int_equal(told->distance, 2);
    piconet_free(piconet);
}

static void peer_that_takes_the_name_of_this_handset_is_refused(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    piconet_linked(piconet, 0, 0, 0, 0x70, false);
    say(piconet, 0, 0, ME, 0x30, 1);
    assert_int_equal(take_all(piconet, 0).closes[0], 1);
    assert_false(piconet_heard(piconet, 0, 0));
    assert_int_equal(piconet_node(piconet, 0), 0);
    assert_int_equal(piconet_reached(piconet), 0);
    /* Also one that was taken for a handset so far. */
    piconet_linked(piconet, 100, 1, 0, 0x71, false);
    say(piconet, 100, 1, 0x71, 0, 0);
    assert_true(piconet_heard(piconet, 100, 1));
    say(piconet, 200, 1, ME, 0, 0);
    assert_int_equal(take_all(piconet, 200).closes[1], 1);
    piconet_free(piconet);
}

/* One that says something new in each packet makes this handset say no more than twice as much as
 * usual, which is once in PICONET_TABLE_MS. */
static void flood_of_tables_is_not_passed_on(void **state) {
    (void)state;
    enum {
        SECONDS = 20
    };
    struct piconet *piconet = one_at(ME);
    unsigned tables = 0;
    for (unsigned link = 0; link < LINKS; link++) {
        piconet_linked(piconet, 0, link, 0, 0x20 + link, false);
    }
    for (int64_t ms = 0; ms < SECONDS * SECOND; ms += 10) {
        say(piconet, ms, 0, 0x20, (uint64_t)(0x1000 + ms), 1);
        for (unsigned link = 1; link < LINKS && ms % SECOND == 0; link++) {
            say(piconet, ms, link, 0x20 + link, 0, 0);
        }
        tables += take_all(piconet, ms).tables[1];
    }
    print_message("%u tables in %d s\n", tables, SECONDS);
    assert_in_range(tables, SECONDS - 1, 2 * SECONDS + 2);
    piconet_free(piconet);
}

static void news_after_a_while_is_passed_on_at_once(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    for (unsigned link = 0; link < 2; link++) {
        piconet_linked(piconet, 0, link, 0, 0x20 + link, false);
    }
    for (int64_t ms = 0; ms <= 5 * SECOND; ms += SECOND / 2) {
        for (unsigned link = 0; link < 2; link++) {
            say(piconet, ms, link, 0x20 + link, 0, 0);
        }
        (void)take_all(piconet, ms);
    }
    say(piconet, 5 * SECOND + 200, 0, 0x20, 0x30, 1);
    const struct wants wants = take_all(piconet, 5 * SECOND + 200);
    assert_int_equal(wants.tables[1], 1);
    assert_non_null(piconet_table_find(&wants.told[1], 0x30));
    piconet_free(piconet);
}

/* --- Asking ----------------------------------------------------------------------------------- */

static void who_has_failed_is_asked_after_who_has_not(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    piconet_seen(piconet, 0, 0, 0x20, -50);
    assert_int_equal(take_all(piconet, 0).asked, 0x20);
    piconet_failed(piconet, 100, 0, 0x20);
    piconet_set_silent(piconet, 100, true);
    (void)take_all(piconet, 100);
    piconet_seen(piconet, 10 * SECOND, 0, 0x30, -50);
    piconet_seen(piconet, 10 * SECOND, 0, 0x20, -50);
    piconet_set_silent(piconet, 10 * SECOND, false);
    assert_int_equal(take_all(piconet, 10 * SECOND).asked, 0x30);
    piconet_failed(piconet, 10 * SECOND, 0, 0x30);
    assert_int_equal(take_all(piconet, 10 * SECOND).asked, 0x20);
    piconet_free(piconet);
}

/* Frames all the time may be a stranger's, who wants that nobody is found any more. */
static void voice_that_does_not_end_puts_off_inquiries_for_minutes_at_most(void **state) {
    (void)state;
    struct piconet *piconet = one_at(ME);
    unsigned seeks = 0;
    for (int64_t ms = 0; ms < 4 * (int64_t)PICONET_QUIET_MAX_MS; ms += 100) {
        piconet_busy(piconet, ms);
        const unsigned more = take_all(piconet, ms).seeks;
        assert_true(more == 0 || ms >= PICONET_QUIET_MAX_MS);
        seeks += more;
    }
    assert_int_equal(seeks, 3);
    piconet_free(piconet);
}

int main(int argc, char **argv) {
    seed = seed_of_run(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_that_is_nearer_to_somebody_is_not_told_of_a_longer_way),
        cmocka_unit_test(peer_that_takes_the_name_of_this_handset_is_refused),
        cmocka_unit_test(flood_of_tables_is_not_passed_on),
        cmocka_unit_test(news_after_a_while_is_passed_on_at_once),
        cmocka_unit_test(who_has_failed_is_asked_after_who_has_not),
        cmocka_unit_test(voice_that_does_not_end_puts_off_inquiries_for_minutes_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
