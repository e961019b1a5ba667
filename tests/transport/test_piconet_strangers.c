/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a stranger in the town can do to handsets (transport/bluetooth/piconet.h), and for how long.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

enum {
    HONEST = 6, /* handsets; the next one is a stranger */
};

static struct town *town_with_stranger(town_lie lie) {
    struct town *town = town_new(seed, HONEST + 1, 1);
    town_make_stranger(town, HONEST, lie);
    for (unsigned i = 0; i <= HONEST; i++) {
        town_switch_on(town, HONEST - i);
    }
    return town;
}

static size_t says_nothing(unsigned from, unsigned to, uint8_t packet[PICONET_CONTROL_MAX]) {
    (void)from, (void)to, (void)packet;
    return 0;
}

static size_t says_garbage(unsigned from, unsigned to, uint8_t packet[PICONET_CONTROL_MAX]) {
    (void)from;
    memset(packet, (int)to, PICONET_CONTROL_MAX);
    packet[0] = 0;
    return PICONET_CONTROL_MAX;
}

static void say_self(struct piconet_table *table, unsigned from) {
    table->handsets[0] = (struct piconet_handset){.addresses = {town_address(from, 0)}, .count = 1};
    table->count = 1;
}

static void claim(struct piconet_table *table, uint64_t address) {
    table->handsets[table->count++] =
        (struct piconet_handset){.addresses = {address}, .count = 1, .distance = 1};
}

static size_t claims_everyone(unsigned from, unsigned to, uint8_t packet[PICONET_CONTROL_MAX]) {
    struct piconet_table table;
    (void)to;
    say_self(&table, from);
    for (unsigned i = 0; i < HONEST; i++) {
        claim(&table, town_address(i, 0));
    }
    return piconet_write_table(&table, packet);
}

static size_t makes_up_addresses(unsigned from, unsigned to, uint8_t packet[PICONET_CONTROL_MAX]) {
    static uint64_t made_up;
    struct piconet_table table;
    (void)to;
    say_self(&table, from);
    for (unsigned i = 0; i < PICONET_TABLE_MAX; i++) {
        claim(&table, 1 + made_up++ % 100000); /* each lower than any real one */
    }
    return piconet_write_table(&table, packet);
}

static size_t takes_its_peers_name(unsigned from, unsigned to,
                                   uint8_t packet[PICONET_CONTROL_MAX]) {
    struct piconet_table table;
    (void)from;
    say_self(&table, to);
    return piconet_write_table(&table, packet);
}

static size_t takes_the_name_of_the_first(unsigned from, unsigned to,
                                          uint8_t packet[PICONET_CONTROL_MAX]) {
    struct piconet_table table;
    say_self(&table, to == 0 ? from : 0);
    return piconet_write_table(&table, packet);
}

static int64_t run_until_linked(struct town *town, int64_t longest_ms) {
    int64_t begin_ms = town_now(town);
    while (town_now(town) - begin_ms < longest_ms && !town_is_together(town)) {
        town_run(town, 100);
    }
    assert_true(town_is_together(town));
    return town_now(town) - begin_ms;
}

static void stranger_who_is_no_handset_or_lies_keeps_handsets_apart_not_for_long(void **state) {
    (void)state;
    static const struct {
        const char *what;
        town_lie lie;
        int64_t longest_ms;
    } strangers[] = {
        {"says nothing", says_nothing, 3 * MINUTE},
        {"says garbage", says_garbage, 3 * MINUTE},
        {"claims to reach everyone", claims_everyone, 60 * MINUTE},
        {"makes up addresses", makes_up_addresses, 5 * MINUTE},
        {"takes its peer's name", takes_its_peers_name, 3 * MINUTE},
        {"takes the name of the first", takes_the_name_of_the_first, 60 * MINUTE},
    };
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
        struct town *town = town_with_stranger(strangers[i].lie);
        int64_t ms = run_until_linked(town, strangers[i].longest_ms);
        print_message("a stranger who %s: the others together after %.1f s\n", strangers[i].what,
                      (double)ms / SECOND);
        assert_true(town_most_links(town) <= PICONET_LINKS_MAX);
        town_free(town);
    }
}

/* The stranger comes and goes all the time, and leaves made-up addresses behind each time. */
static void made_up_addresses_of_who_is_gone_leave_time_for_real_ones(void **state) {
    (void)state;
    struct town *town = town_with_stranger(makes_up_addresses);
    town_run(town, 2 * MINUTE);
    for (unsigned round = 0; round < 12; round++) {
        if (round == 6) {
            for (unsigned i = 0; i < HONEST; i++) {
                for (unsigned j = 0; j < i; j++) {
                    town_cut(town, i, j);
                }
            }
        }
        town_switch_off(town, HONEST);
        town_run(town, 10 * SECOND);
        town_switch_on(town, HONEST);
        town_run(town, 10 * SECOND);
    }
    assert_true(town_is_together(town));
    town_free(town);
}

int main(int argc, char **argv) {
    seed = seed_of_run(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stranger_who_is_no_handset_or_lies_keeps_handsets_apart_not_for_long),
        cmocka_unit_test(made_up_addresses_of_who_is_gone_leave_time_for_real_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
