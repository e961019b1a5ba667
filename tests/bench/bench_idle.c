/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_idle [SECONDS]: the program `muster` at rest on a terminal, alone and with 20 neighbours,
 * for SECONDS (60) each: how often it wakes up and what it costs, beside what it did when the
 * screen was drawn every 50 ms and each frame heard set the rhythm of voice going.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/app/scratch.h"
#include "tests/programs/idle_handset.h"

/* Of commit b69d122, by this bench, on two cores of a virtual machine that others used as well. */
struct figure {
    size_t neighbours;
    double wakeups_a_second, processor_ms_a_minute;
};
static const struct figure before[] = {{0, 20.1, 320}, {20, 72.8, 623}};

static bool measure(const char *muster, const char *folder, const struct figure *then,
                    double seconds) {
    char problem[160];
    struct idle_cost cost;
    struct idle_handset *idle = idle_handset_begin(muster, folder, then->neighbours, problem);
    if (idle == NULL) {
        fprintf(stderr, "bench_idle: %s\n", problem);
        return false;
    }
    bool good = idle_handset_watch(idle, seconds, &cost);
    idle_handset_end(idle);
    if (good) {
        printf("%10zu  %12.1f  %8.1f  %14.0f  %8.0f\n", then->neighbours,
               cost.wakeups / cost.seconds, then->wakeups_a_second,
               cost.processor_ms * 60 / cost.seconds, then->processor_ms_a_minute);
    }
    return good;
}

int main(int argc, char *argv[]) {
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 60;
    const char *build = getenv("MUSTER_BUILD");
    char muster[200];
    bool good = true;
    snprintf(muster, sizeof muster, "%.150s/muster", build != NULL ? build : "build/release");
    printf("A handset at rest     wake-ups a second     processor ms a minute\n"
           "neighbours           now    before             now    before\n");
    for (size_t i = 0; good && i < sizeof before / sizeof before[0]; i++) {
        void *state = NULL;
        good = scratch_setup(&state) == 0;
        if (good) {
            good = measure(muster, ((struct scratch *)state)->folder, &before[i], seconds);
            good = scratch_teardown(&state) == 0 && good;
        }
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
