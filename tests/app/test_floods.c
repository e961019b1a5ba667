/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hostile input costs little, and leaves the others their share (DESIGN.md section 5, 9). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "squad.h"

/* --- The limiter ---------------------------------------------------------------------------- */

enum {
    STRANGERS_FROM = 1000,
    TEN_SECONDS_MS = 10000
};

/* How many checks `peer`, who tries all the time, gets in ten seconds; meanwhile `others` other
 * addresses, neighbours or not, try once each 100 ms. */
static int checks_in_ten_seconds(uint64_t peer, bool is_neighbour, uint64_t others,
                                 bool others_are_neighbours) {
    struct limiter limiter;
    int allowed = 0;
    limiter_start(&limiter, 0);
    for (int64_t ms = 0; ms < TEN_SECONDS_MS; ms++) {
        allowed += limiter_allows(&limiter, peer, is_neighbour, ms, COST_SIGNATURE);
        for (uint64_t i = 0; ms % 100 == 0 && i < others; i++)
            (void)limiter_allows(&limiter, STRANGERS_FROM + i, others_are_neighbours, ms,
                                 COST_SIGNATURE);
    }
    return allowed;
}

static void a_source_is_limited_however_many_other_addresses_there_are(void **state) {
    (void)state;
    int meant = LIMITER_SOURCE_BURST + LIMITER_SOURCE_RATE * TEN_SECONDS_MS / 1000;
    uint64_t others[] = {0, LIMITER_SOURCES_MAX + 6, 1000};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_in_range(checks_in_ten_seconds(7, true, others[i], false), 0, meant);
        assert_in_range(checks_in_ten_seconds(7, true, others[i], true), 0, meant);
        assert_in_range(checks_in_ten_seconds(7, false, others[i], false), 0, meant);
    }
}

static void strangers_at_many_addresses_leave_a_neighbour_its_checks(void **state) {
    (void)state;
    struct limiter limiter;
    limiter_start(&limiter, 0);
    for (int64_t ms = 0; ms < TEN_SECONDS_MS; ms++) {
        for (uint64_t i = 0; i < 1000 && ms % 10 == 0; i++)
            (void)limiter_allows(&limiter, STRANGERS_FROM + i, false, ms, COST_SIGNATURE);
        if (ms % 1000 == 0)
            assert_true(limiter_allows(&limiter, 7, true, ms, COST_SIGNATURE + COST_DECAPSULATION));
    }
}

static void when_strangers_have_all_places_the_next_one_still_gets_checks(void **state) {
    (void)state;
    struct limiter limiter;
    limiter_start(&limiter, 0);
    for (uint64_t i = 0; i < LIMITER_SOURCES_MAX; i++)
        assert_true(limiter_allows(&limiter, STRANGERS_FROM + i, false, 0, COST_SIGNATURE));
    assert_true(limiter_allows(&limiter, 7, false, 0, COST_SIGNATURE));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_is_limited_however_many_other_addresses_there_are),
        cmocka_unit_test(strangers_at_many_addresses_leave_a_neighbour_its_checks),
        cmocka_unit_test(when_strangers_have_all_places_the_next_one_still_gets_checks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
