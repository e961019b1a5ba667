/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_voice [TABLE...]: how voice is between real handsets, beside its targets (`make voice`).
 * The handsets are processes in network namespaces, joined by a bridge that loses, delays and
 * reorders as a table says. It wants root, and the machine for itself: what else runs is seen in
 * every figure.
 *
 * Chance is by the seed that is printed; MUSTER_SEED=N plays it again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/bench/pulse.h"
#include "tests/bench/voice_tables.h"

static const struct {
    const char *name;
    voice_table *table;
} tables[] = {
    {"access", access_table},       {"late", late_table},   {"lost", lost_table},
    {"words", words_table},         {"bad", bad_table},     {"cost", cost_table},
    {"intervals", intervals_table}, {"flood", flood_table},
};

enum {
    TABLES = sizeof tables / sizeof tables[0],
    CREW = 13,
    SKIPPED = 77
};

/* What the figures of a table are worth. */
static void print_pulse(void) {
    double late_ms, latest_ms;
    pulse_take(&late_ms, &latest_ms);
    printf("  (who slept was woken up to %.0f ms late, %.0f at the 99th)\n\n", latest_ms, late_ms);
}

static bool is_chosen(const char *name, int count, char *words[]) {
    bool chosen = count < 2;
    for (int i = 1; i < count; i++) {
        chosen = chosen || strcmp(words[i], name) == 0;
    }
    return chosen;
}

static bool are_known(int count, char *words[]) {
    for (int i = 1; i < count; i++) {
        bool known = false;
        for (size_t k = 0; k < TABLES; k++) {
            known = known || strcmp(words[i], tables[k].name) == 0;
        }
        if (!known) {
            fprintf(stderr, "bench_voice: there is no table %.40s; there are", words[i]);
            for (size_t k = 0; k < TABLES; k++) {
                fprintf(stderr, " %s", tables[k].name);
            }
            fputs("\n", stderr);
            return false;
        }
    }
    return true;
}

int main(int argc, char *argv[]) {
    const char *seed = getenv("MUSTER_SEED");
    struct voice_bench bench = {.seed =
                                    seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL)};
    bool measured = true;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!are_known(argc, argv)) {
        return EXIT_FAILURE;
    }
    struct impaired_air *air = impaired_air_new(1, AIR_IPV4, bench.seed, bench.problem);
    if (air == NULL) {
        printf("bench_voice: %s\n", bench.problem);
        return SKIPPED;
    }
    impaired_air_free(air);
    bench.crew = crew_new(CREW, bench.problem);
    if (bench.crew == NULL) {
        fprintf(stderr, "bench_voice: %s\n", bench.problem);
        return EXIT_FAILURE;
    }
    bool has_pulse = pulse_begin();
    printf("Voice between real handsets, seed %llu\n", (unsigned long long)bench.seed);
    for (size_t i = 0; measured && i < TABLES; i++) {
        if (is_chosen(tables[i].name, argc, argv)) {
            measured = tables[i].table(&bench);
            print_pulse();
        }
    }
    if (measured) {
        printf("%u of %u targets met\n", bench.met, bench.targets);
    } else {
        fprintf(stderr, "bench_voice: %s\n", bench.problem);
    }
    if (has_pulse) {
        pulse_end();
    }
    crew_free(bench.crew);
    return measured ? EXIT_SUCCESS : EXIT_FAILURE;
}
