/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who links to whom (transport/bluetooth/piconet.h), in towns of many handsets. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/transport/piconet_town.h"
#include "tests/transport/seed.h"

enum {
    SECOND = 1000,
    MINUTE = 60 * SECOND,
};

static uint64_t seed;

static void switch_all_on(struct town *town, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        town_switch_on(town, i);
    }
}

/* Runs until all are together and know it, or the time is over. Returns what it took. */
static int64_t run_until_together(struct town *town, int64_t longest_ms) {
    int64_t begin_ms = town_now(town);
    while (town_now(town) - begin_ms < longest_ms &&
           !(town_is_together(town) && town_knows_all(town))) {
        town_run(town, 100);
    }
    assert_true(town_is_together(town));
    assert_true(town_knows_all(town));
    return town_now(town) - begin_ms;
}

static unsigned sum_asks(const struct town *town, unsigned count) {
    unsigned sum = 0;
    for (unsigned i = 0; i < count; i++) {
        sum += town_asks(town, i);
    }
    return sum;
}

static unsigned most_asks(const struct town *town, unsigned count) {
    unsigned most = 0;
    for (unsigned i = 0; i < count; i++) {
        most = town_asks(town, i) > most ? town_asks(town, i) : most;
    }
    return most;
}

static unsigned most_inquiries(const struct town *town, unsigned count) {
    unsigned most = 0;
    for (unsigned i = 0; i < count; i++) {
        most = town_inquiries(town, i) > most ? town_inquiries(town, i) : most;
    }
    return most;
}

/* Handsets with few links ask in doubt only after two minutes, and not for ever. */
static void gather(unsigned count, unsigned adapters, uint64_t town_seed) {
    struct town *town = town_new(town_seed, count, adapters);
    switch_all_on(town, count);
    int64_t ms = run_until_together(town, 3 * MINUTE);
    unsigned asks = sum_asks(town, count), most = most_asks(town, count);
    unsigned away = town_turned_away(town);
    town_run(town, SECOND);
    town_count_anew(town);
    int64_t quiet_ms = 2 * MINUTE - 2 * SECOND - ms;
    town_run(town, quiet_ms < 0 ? 0 : quiet_ms < MINUTE ? quiet_ms : MINUTE);
    unsigned later = sum_asks(town, count), seeks = most_inquiries(town, count);
    town_count_anew(town);
    town_run(town, (count > 9 ? 5 : 30) * MINUTE);
    unsigned doubts = sum_asks(town, count), most_doubts = most_asks(town, count);
    assert_true(town_most_links(town) <= PICONET_LINKS_MAX);
    town_count_anew(town);
    town_run(town, count > 9 ? SECOND : 10 * MINUTE);
    print_message(
        "%2u handsets, %u adapters: together in %4.1f s, asks %u, of one at most %u, "
        "turned away %u; next min asks %u, inquiries of one %u; then in doubt %u, of one %u; "
        "at last %u\n",
        count, adapters, (double)ms / SECOND, asks, most, away, later, seeks, doubts, most_doubts,
        sum_asks(town, count));
    assert_true(town_is_together(town));
    assert_true(town_most_links(town) <= PICONET_LINKS_MAX);
    assert_true(most <= 10);
    assert_int_equal(later, 0);
    assert_true(seeks <= 4);
    assert_true(doubts <= 4 * count);
    assert_true(sum_asks(town, count) <= (adapters - 1) * count + count / 5);
    town_free(town);
}

static void handsets_in_one_place_reach_each_other_and_then_ask_no_more(void **state) {
    (void)state;
    static const unsigned counts[] = {2, 3, 8, 9, 30};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        for (unsigned adapters = 1; adapters <= 2; adapters++) {
            gather(counts[i], adapters, seed);
        }
    }
}

/* --- Hubs that are full ----------------------------------------------------------------------- */

static unsigned links_of(struct town *town, unsigned i) {
    return piconet_links(town_piconet(town, i), 0);
}

/* The others see the hub and one more, and not each other. */
static struct town *town_around_hub(unsigned count, bool is_strict) {
    struct town *town = town_new(seed, count, 1);
    for (unsigned a = 2; a < count; a++) {
        for (unsigned b = a + 1; b < count; b++) {
            town_set_range(town, a, b, false);
        }
    }
    if (is_strict) {
        town_make_strict(town, 0);
    }
    return town;
}

static void eighth_of_a_full_hub_is_turned_away_and_joined_by_a_second_hub(void **state) {
    (void)state;
    for (int is_strict = 0; is_strict < 2; is_strict++) {
        struct town *town = town_around_hub(9, is_strict);
        switch_all_on(town, 8);
        run_until_together(town, 3 * MINUTE);
        if (links_of(town, 0) == PICONET_LINKS_MAX) {
            town_count_anew(town);
            town_set_range(town, 8, 1, false); /* or it may ask that one first */
            town_switch_on(town, 8);
            town_run(town, MINUTE);
            assert_true(is_strict || town_turned_away(town) > 0);
            town_set_range(town, 8, 1, true);
            run_until_together(town, 3 * MINUTE);
            assert_int_equal(town_links_between(town, 8, 1), 1);
        }
        assert_true(town_most_links(town) <= PICONET_LINKS_MAX);
        town_free(town);
    }
}

/* --- Far apart -------------------------------------------------------------------------------- */

static void line_of_handsets_reaches_as_far_as_the_limit(void **state) {
    (void)state;
    enum {
        COUNT = 8
    };
    struct town *town = town_new(seed, COUNT, 1);
    for (unsigned a = 0; a < COUNT; a++) {
        for (unsigned b = a + 2; b < COUNT; b++) {
            town_set_range(town, a, b, false);
        }
    }
    switch_all_on(town, COUNT);
    run_until_together(town, 3 * MINUTE);
    town_run(town, 5 * SECOND);
    for (unsigned i = 0; i < COUNT; i++) {
        unsigned before = i < 4 ? i : 4, after = COUNT - 1 - i < 4 ? COUNT - 1 - i : 4;
        assert_int_equal(piconet_reached(town_piconet(town, i)), before + after);
    }
    town_switch_off(town, 0);
    town_run(town, PICONET_LOST_MS + 5 * SECOND);
    assert_int_equal(piconet_reached(town_piconet(town, 1)), 4);
    assert_int_equal(piconet_reached(town_piconet(town, 4)), 3 + 3);
    town_free(town);
}

static void who_was_out_of_range_and_comes_back_is_linked_again(void **state) {
    (void)state;
    struct town *town = town_new(seed, 4, 1);
    switch_all_on(town, 4);
    run_until_together(town, 2 * MINUTE);
    for (unsigned i = 1; i < 4; i++) {
        town_set_range(town, 0, i, false);
    }
    town_run(town, 20 * SECOND);
    assert_int_equal(piconet_reached(town_piconet(town, 0)), 0);
    assert_int_equal(piconet_reached(town_piconet(town, 1)), 2);
    for (unsigned i = 1; i < 4; i++) {
        town_set_range(town, 0, i, true);
    }
    run_until_together(town, 2 * MINUTE);
    town_free(town);
}

/* The hub goes, and nobody seeks: the others ask from what the tables said. */
static void hub_switched_off_is_followed_by_the_next_without_an_inquiry(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 20; i++) {
        struct town *town = town_new(seed + i, 7, 1);
        for (unsigned j = 1; j < 7; j++) {
            for (unsigned k = j + 1; k < 7; k++) {
                town_set_range(town, j, k, false);
            }
        }
        switch_all_on(town, 7); /* only the first is seen, and so the hub */
        run_until_together(town, 2 * MINUTE);
        for (unsigned j = 1; j < 7; j++) {
            for (unsigned k = j + 1; k < 7; k++) {
                town_set_range(town, j, k, true);
            }
        }
        town_run(town, 2 * SECOND);
        for (unsigned j = 1; j < 7; j++) {
            piconet_busy(town_piconet(town, j), town_now(town) + PICONET_LOST_MS + 4 * SECOND);
        }
        town_count_anew(town);
        town_switch_off(town, 0);
        int64_t ms = run_until_together(town, PICONET_LOST_MS + 4 * SECOND);
        assert_int_equal(most_inquiries(town, 7), 0);
        if (i == 0) {
            print_message("hub of 7 off: the others together again after %.1f s, asks %u\n",
                          (double)ms / SECOND, sum_asks(town, 7));
        }
        town_free(town);
    }
}

static void hubs_of_thirty_switched_off_are_survived(void **state) {
    (void)state;
    struct town *town = town_new(seed, 30, 1);
    int64_t longest = 0;
    switch_all_on(town, 30);
    run_until_together(town, 3 * MINUTE);
    for (unsigned i = 0; i < 10; i++) {
        town_switch_off(town, i);
        town_run(town, PICONET_LOST_MS);
        int64_t ms = run_until_together(town, 2 * MINUTE);
        longest = ms > longest ? ms : longest;
    }
    print_message("30 handsets, the ten lowest off one by one: together at most %.1f s after the "
                  "link was lost\n",
                  (double)longest / SECOND);
    town_free(town);
}

/* --- Histories -------------------------------------------------------------------------------- */

static uint64_t dice;

static unsigned draw(unsigned end) {
    dice = dice * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(dice >> 33) % end;
}

static void something_happens(struct town *town, unsigned count, bool all_near) {
    unsigned a = draw(count), b = draw(count);
    switch (draw(4)) {
    case 0:
        town_switch_on(town, a);
        break;
    case 1:
        town_switch_off(town, a);
        break;
    case 2:
        if (a != b) {
            town_cut(town, a, b);
        }
        break;
    case 3:
        if (a != b) {
            town_set_range(town, a, b, all_near || draw(3) > 0);
        }
        break;
    }
}

static int64_t live_through(uint64_t history) {
    dice = history;
    bool all_near = draw(2) == 0;
    unsigned count = all_near ? 9 + draw(16) : 2 + draw(7);
    struct town *town = town_new(history, count, 1 + draw(2));
    town_set_loss(town, draw(2) * draw(20));
    for (unsigned i = 20 + draw(40); i > 0; i--) {
        something_happens(town, count, all_near);
        town_run(town, draw(2) == 0 ? draw(1000) : draw(20000));
    }
    town_set_loss(town, 0);
    int64_t ms = run_until_together(town, 4 * MINUTE);
    assert_true(town_most_links(town) <= PICONET_LINKS_MAX);
    town_free(town);
    return ms;
}

static void whatever_happened_left_alone_all_come_together(void **state) {
    (void)state;
    int64_t sum = 0, longest = 0;
    for (uint64_t i = 0; i < 100; i++) {
        uint64_t history = seed + i;
        print_message("\rhistory %" PRIu64 " ", history);
        int64_t ms = live_through(history);
        sum += ms;
        longest = ms > longest ? ms : longest;
    }
    print_message("\r100 histories: together after %.1f s, at most %.1f s\n",
                  (double)sum / 100 / SECOND, (double)longest / SECOND);
}

/* --- Broken packets --------------------------------------------------------------------------- */

static size_t compose_any(uint8_t packet[PICONET_CONTROL_MAX]) {
    struct piconet_table table = {.count = 1 + draw(1 + PICONET_TABLE_MAX)};
    for (size_t i = 0; i < table.count; i++) {
        struct piconet_handset *handset = &table.handsets[i];
        handset->count = 1 + draw(PICONET_ADAPTERS_MAX);
        handset->distance = i == 0 ? 0 : 1 + draw(PICONET_DISTANCE_MAX - 1);
        for (unsigned j = 0; j < handset->count; j++) {
            handset->addresses[j] = 1 + draw(200);
        }
    }
    return piconet_write_table(&table, packet);
}

static size_t spoil(uint8_t packet[PICONET_CONTROL_MAX], size_t length) {
    switch (draw(4)) {
    case 0:
        length = draw((unsigned)length + 1);
        break;
    case 1:
        for (unsigned i = 1 + draw(4); i > 0; i--) {
            packet[draw((unsigned)length)] = (uint8_t)draw(256);
        }
        break;
    case 2:
        length = draw(PICONET_CONTROL_MAX + 1);
        for (size_t i = 2; i < length; i++) {
            packet[i] = (uint8_t)draw(256);
        }
        break;
    default:
        break;
    }
    return length;
}

/* In a block of its own, so that the sanitizer sees each octet that is read too far. */
static void hear_exactly(struct piconet *piconet, int64_t ms, unsigned link, const uint8_t *packet,
                         size_t length) {
    uint8_t *exact = malloc(length > 0 ? length : 1);
    assert_non_null(exact);
    memcpy(exact, packet, length);
    piconet_control(piconet, ms, link, exact, length);
    free(exact);
}

static void carry_out_blindly(struct piconet *piconet, int64_t ms) {
    struct piconet_action action;
    unsigned actions = 0;
    while (piconet_take(piconet, ms, &action)) {
        assert_true(++actions < 200);
        if (action.deed == PICONET_CLOSE && draw(2) == 0) {
            piconet_unlinked(piconet, ms, action.link);
        }
        if (action.deed == PICONET_SEEK && draw(2) == 0) {
            piconet_sought(piconet, ms, action.adapter);
        }
        if (action.deed == PICONET_ASK && draw(2) == 0) {
            piconet_failed(piconet, ms, action.adapter, action.address);
        }
        assert_true(action.length <= PICONET_CONTROL_MAX);
    }
    assert_true(piconet_deadline(piconet) > ms);
}

static void whatever_is_heard_does_no_harm(void **state) {
    (void)state;
    dice = seed;
    struct piconet *piconet = piconet_new(seed);
    int64_t ms = 0;
    for (unsigned i = 0; i < 20000; i++) {
        uint8_t packet[PICONET_CONTROL_MAX];
        unsigned link = draw(PICONET_ALL_LINKS_MAX + 3), adapter = draw(PICONET_ADAPTERS_MAX + 1);
        size_t length = spoil(packet, compose_any(packet));
        switch (draw(12)) {
        case 0:
            piconet_linked(piconet, ms, link, adapter, 1 + draw(200), draw(2) == 0);
            break;
        case 1:
            piconet_adapter_on(piconet, ms, adapter, 1 + draw(200));
            break;
        case 2:
            if (draw(20) == 0) {
                piconet_adapter_off(piconet, ms, adapter);
            }
            break;
        case 3:
            piconet_seen(piconet, ms, adapter, draw(200), (int8_t)draw(256));
            break;
        case 4:
            piconet_unlinked(piconet, ms, link);
            break;
        default:
            hear_exactly(piconet, ms, link, packet, length);
            break;
        }
        ms += draw(300);
        carry_out_blindly(piconet, ms);
        assert_true(piconet_reached(piconet) < 200);
    }
    piconet_free(piconet);
}

int main(int argc, char **argv) {
    seed = seed_of_run(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handsets_in_one_place_reach_each_other_and_then_ask_no_more),
        cmocka_unit_test(eighth_of_a_full_hub_is_turned_away_and_joined_by_a_second_hub),
        cmocka_unit_test(line_of_handsets_reaches_as_far_as_the_limit),
        cmocka_unit_test(who_was_out_of_range_and_comes_back_is_linked_again),
        cmocka_unit_test(hub_switched_off_is_followed_by_the_next_without_an_inquiry),
        cmocka_unit_test(hubs_of_thirty_switched_off_are_survived),
        cmocka_unit_test(whatever_happened_left_alone_all_come_together),
        cmocka_unit_test(whatever_is_heard_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
