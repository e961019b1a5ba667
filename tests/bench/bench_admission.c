/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a frame of a flood costs a handset, by its kind: of a stranger, and of one who is enrolled.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "tests/attacks/deluge.h"

enum {
    STREET = 1,
    NOWHERE = 2, /* a medium that nobody hears: what it costs to make the frames */
    SECONDS = 2,
    A_SECOND = 10000,
    ADDRESSES = 5000,
};

static double spent_us(struct deluge *deluge, unsigned medium) {
    deluge->medium = medium;
    clock_t began = clock();
    deluge_run(deluge, SECONDS * 1000);
    return (double)(clock() - began) * 1e6 / CLOCKS_PER_SEC;
}

static void print(struct deluge *deluge, bool is_enrolled) {
    deluge->is_enrolled = is_enrolled;
    for (size_t kind = 0; kind < DELUGE_KINDS; kind++) {
        deluge->kind = (enum deluge_kind)kind;
        (void)spent_us(deluge, 0); /* what the purses hold is spent first */
        double made = spent_us(deluge, NOWHERE), heard = spent_us(deluge, 0);
        printf("%-9s %-22s %6.2f us a frame\n", is_enrolled ? "enrolled" : "stranger",
               deluge_name((enum deluge_kind)kind),
               (heard - made) / (SECONDS * A_SECOND * (double)deluge->town->count));
    }
}

static void prints(void **state) {
    (void)state;
    struct town *town = town_new(3);
    struct deluge deluge = {
        .town = town, .a_second = A_SECOND, .addresses = ADDRESSES, .random = 3};
    deluge.talker = town_add(town, STREET);
    (void)town_add(town, STREET);
    town_run(town, 6000);
    town_group(town, 0, 1);
    deluge_begin(&deluge);
    print(&deluge, false);
    print(&deluge, true);
    town_free(town);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(prints)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
