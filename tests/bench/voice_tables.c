/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/voice_tables.h"

struct impaired_air *bench_open(struct voice_bench *bench, size_t handsets, size_t ports,
                                enum air_family family) {
    struct impaired_air *air = impaired_air_new(ports, family, bench->seed, bench->problem);
    if (air != NULL && !crew_start(bench->crew, handsets, air, bench->problem)) {
        bench_close(bench, air);
        air = NULL;
    }
    return air;
}

void bench_close(struct voice_bench *bench, struct impaired_air *air) {
    crew_stop(bench->crew);
    impaired_air_free(air);
}

void bench_target(struct voice_bench *bench, const char *what, double measured, const char *unit,
                  double target, bool target_is_least) {
    bench->targets++;
    bench->met += target_print(what, measured, unit, target, target_is_least);
}
