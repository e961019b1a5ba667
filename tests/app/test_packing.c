/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much voice goes into a packet, by the links on which others are heard (talk/packing.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/talk/packing.h"

enum {
    STREET = 1, /* no star */
    STAR = 2,
};

struct air_of_two {
    struct handset_links links;
    struct roster *roster;
    struct group group; /* a standard one: all may talk */
    struct moment now;
};

static void begin(struct air_of_two *air) {
    *air = (struct air_of_two){.roster = calloc(1, sizeof(struct roster)), .now = {.boot_ms = 1}};
    assert_non_null(air->roster);
    assert_int_equal(links_set(&air->links, 2), STATUS_OK);
    assert_int_equal(links_describe(&air->links, STREET, "street", false, 0), STATUS_OK);
    assert_int_equal(links_describe(&air->links, STAR, "star", true, 0), STATUS_OK);
    assert_true(group_is_standard(&air->group));
}

static uint64_t peer_on(unsigned link) {
    return (uint64_t)link << LINK_SHIFT | 7;
}

static void hear(struct air_of_two *air, size_t number, unsigned link) {
    char identity[IDENTITY_SIZE];
    snprintf(identity, sizeof identity, "tel:+44770090%04zu", number);
    struct neighbour *neighbour = neighbours_find(&air->roster->neighbours, identity);
    if (neighbour == NULL) {
        neighbour = neighbours_add(&air->roster->neighbours, identity);
        assert_non_null(neighbour);
    }
    ways_hear(&neighbour->ways, peer_on(link), air->now, false, false);
}

static unsigned pace(const struct air_of_two *air) {
    return packing_to_group(air->roster, &air->links, &air->group);
}

static void where_nobody_needs_a_star_packets_are_short(void **state) {
    (void)state;
    struct air_of_two air;
    begin(&air);
    assert_int_equal(pace(&air), 1);
    for (size_t number = 0; number < 5; number++) {
        hear(&air, number, STREET);
        hear(&air, number, STAR);
    }
    assert_int_equal(pace(&air), 1);
    roster_clear(air.roster);
    free(air.roster);
}

static void on_a_star_they_are_longer_and_the_more_so_the_more_are_on_it(void **state) {
    (void)state;
    struct air_of_two air;
    begin(&air);
    hear(&air, 0, STAR);
    assert_int_equal(pace(&air), 2);
    hear(&air, 1, STAR);
    assert_int_equal(pace(&air), 2);
    assert_int_equal(packing_to_peer(air.roster, &air.links, peer_on(STAR)), 2);
    hear(&air, 2, STAR);
    assert_int_equal(pace(&air), 3);
    assert_int_equal(packing_to_peer(air.roster, &air.links, peer_on(STAR)), 3);
    assert_int_equal(packing_to_peer(air.roster, &air.links, peer_on(STREET)), 1);
    roster_clear(air.roster);
    free(air.roster);
}

/* Whoever went from one link to the other is reached by the one on which it is heard. */
static void only_links_on_which_somebody_is_heard_lately_count(void **state) {
    (void)state;
    struct air_of_two air;
    begin(&air);
    hear(&air, 0, STREET);
    air.now.boot_ms += WAY_FRESH_MS + 1;
    hear(&air, 0, STAR);
    assert_int_equal(pace(&air), 2);
    air.now.boot_ms += WAY_FRESH_MS + 1;
    hear(&air, 0, STREET);
    assert_int_equal(pace(&air), 1);
    roster_clear(air.roster);
    free(air.roster);
}

/* Neither does a star's radio that is off carry anything. */
static void a_link_that_is_off_does_not_count(void **state) {
    (void)state;
    struct air_of_two air;
    begin(&air);
    hear(&air, 0, STREET);
    hear(&air, 0, STAR);
    air.links.off = link_bit(peer_on(STREET));
    assert_int_equal(pace(&air), 2);
    air.links.off = link_bit(peer_on(STAR));
    assert_int_equal(pace(&air), 1);
    roster_clear(air.roster);
    free(air.roster);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_nobody_needs_a_star_packets_are_short),
        cmocka_unit_test(on_a_star_they_are_longer_and_the_more_so_the_more_are_on_it),
        cmocka_unit_test(only_links_on_which_somebody_is_heard_lately_count),
        cmocka_unit_test(a_link_that_is_off_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
