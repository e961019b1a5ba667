/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_steps [SEED]: what five handsets do together, in virtual time, when the members of a new
 * group accept, until all hold its key; and when one of them presses, until all others hear. Whole
 * engines with the real cryptography; no radios, no disk, no screen. It prints the virtual times.
 * What it is for is to count instructions, which a machine that is busy with other things does not
 * change:
 *
 *     for step in accepted_to_keyed pressed_to_heard; do
 *         valgrind --tool=callgrind --toggle-collect=$step build/release/tests/bench/bench_steps
 *     done
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/app/squad.h"

enum {
    HANDSETS = 5,
    SEED = 1,
    MEET_MS = 12 * 1000, /* enough for clocks to be measured */
    MOST_MS = 5 * 1000
};

/* And their creator knows it. */
static bool all_hold_the_key(struct squad *squad) {
    bool all = true;
    for (size_t n = 0; n < HANDSETS; n++) {
        all = all && squad_view(squad, n)->group_count == 1;
    }
    return all && !squad_view(squad, 0)->groups[0].distributing;
}

static bool all_hear(struct squad *squad) {
    bool all = true;
    for (size_t n = 1; n < HANDSETS; n++) {
        all = all && squad->handsets[n].voice_frames > 0;
    }
    return all;
}

/* Callgrind knows them by their names. */
int64_t accepted_to_keyed(struct squad *squad);
int64_t pressed_to_heard(struct squad *squad);

__attribute__((noinline)) int64_t accepted_to_keyed(struct squad *squad) {
    int64_t began_ms = squad->boot_ms;
    for (size_t n = 1; n < HANDSETS; n++) {
        assert_int_equal(squad_answer(squad, n, COMMAND_ACCEPT), STATUS_OK);
    }
    while (!all_hold_the_key(squad) && squad->boot_ms - began_ms < MOST_MS) {
        squad_run(squad, squad->step_ms);
    }
    return squad->boot_ms - began_ms;
}

__attribute__((noinline)) int64_t pressed_to_heard(struct squad *squad) {
    int64_t began_ms = squad->boot_ms;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    while (!all_hear(squad) && squad->boot_ms - began_ms < MOST_MS) {
        squad_run(squad, squad->step_ms);
    }
    return squad->boot_ms - began_ms;
}

int main(int argc, char **argv) {
    squad_seed(argc > 1 ? strtoull(argv[1], NULL, 10) : SEED);
    struct squad *squad = squad_new(HANDSETS);
    squad_run(squad, MEET_MS);
    struct command create = squad_create_command(HANDSETS - 1, HOUR_MS);
    assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
    squad_run(squad, 1000);
    int64_t keyed_ms = accepted_to_keyed(squad);
    squad_run(squad, MEET_MS);
    int64_t heard_ms = pressed_to_heard(squad);
    printf("accepted to keyed: %d ms, pressed to heard: %d ms\n", (int)keyed_ms, (int)heard_ms);
    bool well = keyed_ms < MOST_MS && heard_ms < MOST_MS;
    squad_free(squad);
    return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
