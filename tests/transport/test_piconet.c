/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who links to whom (transport/bluetooth/piconet.h), in towns of many handsets. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <cmocka.h>

#include "tests/transport/piconet_town.h"

enum {
    SECOND = 1000,
    MINUTE = 60 * SECOND,
};

static uint64_t seed;

static void switch_all_on(struct town *town, unsigned count) {
    for (unsigned i = 0; i < count; i++)
        town_switch_on(town, i);
}

/* Runs until all are together and know it, or the time is over. Returns what it took. */
static int64_t run_until_together(struct town *town, int64_t longest_ms) {
    int64_t begin_ms = town_now(town);
    while (town_now(town) - begin_ms < longest_ms &&
           !(town_is_together(town) && town_knows_all(town)))
        town_run(town, 100);
    assert_true(town_is_together(town));
    assert_true(town_knows_all(town));
    return town_now(town) - begin_ms;
}

static unsigned sum_asks(const struct town *town, unsigned count) {
    unsigned sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += town_asks(town, i);
    return sum;
}

static unsigned most_asks(const struct town *town, unsigned count) {
    unsigned most = 0;
    for (unsigned i = 0; i < count; i++)
        most = town_asks(town, i) > most ? town_asks(town, i) : most;
    return most;
}

static unsigned most_inquiries(const struct town *town, unsigned count) {
    unsigned most = 0;
    for (unsigned i = 0; i < count; i++)
        most = town_inquiries(town, i) > most ? town_inquiries(town, i) : most;
    return most;
}

static void gather(unsigned count, unsigned adapters, uint64_t town_seed) {
    struct town *town = town_new(town_seed, count, adapters);
    switch_all_on(town, count);
    int64_t ms = run_until_together(town, 3 * MINUTE);
    town_run(town, MINUTE - ms % MINUTE);
    unsigned asks = sum_asks(town, count), most = most_asks(town, count);
    unsigned seeks = most_inquiries(town, count), away = town_turned_away(town);
    assert_true(town_most_links(town) <= PICONET_LINKS_MAX);
    town_count_anew(town);
    town_run(town, 3 * MINUTE);
    assert_true(town_is_together(town));
    print_message(
        "%2u handsets, %u adapters: together in %4.1f s; asks %u, of one at most %u, "
        "inquiries of one %u, turned away %u; then in 3 min asks %u, inquiries of one %u\n",
        count, adapters, (double)ms / SECOND, asks, most, seeks, away, sum_asks(town, count),
        most_inquiries(town, count));
    assert_true(town_most_links(town) <= PICONET_LINKS_MAX);
    assert_int_equal(sum_asks(town, count), 0);
    town_free(town);
}

static void handsets_in_one_place_reach_each_other_and_then_ask_no_more(void **state) {
    (void)state;
    static const unsigned counts[] = {2, 3, 8, 9, 30};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        for (unsigned adapters = 1; adapters <= 2; adapters++)
            for (uint64_t j = 0; j < 3; j++)
                gather(counts[i], adapters, seed + j);
}

int main(int argc, char **argv) {
    if (argc > 1)
        seed = strtoull(argv[1], NULL, 10);
    else if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
        return 1;
    print_message("seed %" PRIu64 "\n", seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handsets_in_one_place_reach_each_other_and_then_ask_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
