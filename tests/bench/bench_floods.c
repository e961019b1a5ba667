/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_floods [KIND...] [RATE...]: what a flood of forged frames does to a handset (`make
 * floods`). Handsets are processes in network namespaces, joined by a bridge (impaired_air.h); one
 * more namespace has tests/attacks/flood, which has no key. One handset is attacked: it hears a
 * talk, has a neighbour that says nothing but that it is there, and another handset is switched on
 * in the middle of the flood. The others do not hear the flood, so that what they do is not late by
 * it.
 *
 * It wants root, and the machine for itself. SECONDS_EACH=N sets how long each flood lasts: a
 * neighbour is gone from the list after 20 s.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/handset/d2d/d2d.h"
#include "tests/app/squad.h"
#include "tests/bench/flood_air.h"
#include "tests/bench/pulse.h"
#include "tests/programs/idle_handset.h"

enum {
    ATTACKED,
    TALKING,
    NEIGHBOUR,
    NEWCOMER,
    HANDSETS,
    FLOOD = HANDSETS, /* its port */
    PORTS,
    PROBLEM_SIZE = 160,
    SECONDS = 12,
    SETTLING_MS = 1000,
    LOOK_APART_MS = 100,
    SKIPPED = 77,
    DAMAGED_MOST = 2, /* per cent */
    WORDS_MAX = 8
};

static const char *const kinds[] = {"presence", "announcement", "i_message", "junk"};
static const unsigned rates[] = {100, 1000, 10000};

enum {
    KINDS = sizeof kinds / sizeof kinds[0],
    RATES = sizeof rates / sizeof rates[0]
};

struct bench {
    struct crew *crew;
    int64_t seconds;
    struct flood_air files;
    unsigned cells, over;
    char problem[PROBLEM_SIZE];
};

struct cell {
    const char *kind; /* NULL: no flood */
    unsigned rate;
    bool is_spoofed;
};

/* What the attacked handset came to. */
struct outcome {
    double said;       /* frames a second of the flood, as the bridge counts them */
    double unheard_s;  /* the longest that it heard nothing of its neighbour */
    double missing_s;  /* and so long that was not on its list */
    double newcomer_s; /* until the newcomer was; below 0: never */
    double damaged;    /* per cent of the speech that was played */
    double processor;  /* per cent of a core */
    long memory_kb;
};

/* --- A cell ------------------------------------------------------------------------------------
 */

static pid_t begin_flood(const struct bench *bench, const struct impaired_air *air,
                         const struct cell *cell) {
    char program[200], rate[16], seconds[16], address[32], port[8];
    const char *build = getenv("MUSTER_BUILD");
    size_t as = cell->is_spoofed ? NEIGHBOUR : FLOOD;
    unsigned from =
        cell->is_spoofed ? flood_air_port_of(crew_process(bench->crew, NEIGHBOUR)) : 40000;
    snprintf(program, sizeof program, "%.150s/tests/attacks/flood",
             build != NULL ? build : "build/release");
    snprintf(rate, sizeof rate, "%u", cell->rate);
    snprintf(seconds, sizeof seconds, "%d", (int)bench->seconds + 10);
    snprintf(address, sizeof address, "10.77.0.%zu", as + 1);
    snprintf(port, sizeof port, "%u", from);
    const char *template =
        strcmp(cell->kind, "i_message") == 0 ? bench->files.i_message : bench->files.announcement;
    pid_t process = fork();
    if (process == 0) {
        if (freopen("/dev/null", "w", stdout) != NULL && impaired_air_enter(air, FLOOD)) {
            execl(program, program, rate, seconds, address, port, squad_identity(as), cell->kind,
                  template, cell->is_spoofed ? "spoofed" : (char *)NULL, (char *)NULL);
        }
        _exit(127);
    }
    return process;
}

static void end_flood(pid_t process) {
    if (process > 0) {
        kill(process, SIGTERM);
        (void)waitpid(process, NULL, 0);
    }
}

static double most(double a, double b) {
    return a > b ? a : b;
}

/* Looks at the attacked handset's list now and then, while time passes. */
static bool look_on(struct bench *bench, struct impaired_air *air, struct outcome *outcome) {
    struct crew *crew = bench->crew;
    int64_t began_us = crew_now_us(), until_us = began_us + bench->seconds * 1000000;
    bool well = crew_join(crew, NEWCOMER, air);
    outcome->newcomer_s = -1;
    while (well && crew_now_us() < until_us) {
        well = crew_wait(crew, LOOK_APART_MS);
        int64_t now_us = crew_now_us(), heard_us = crew_heard_us(crew, ATTACKED, NEIGHBOUR);
        if (heard_us == 0) {
            outcome->missing_s += LOOK_APART_MS / 1e3;
        } else {
            outcome->unheard_s = most(outcome->unheard_s, (double)(now_us - heard_us) / 1e6);
        }
        if (outcome->newcomer_s < 0 && crew_heard_us(crew, ATTACKED, NEWCOMER) != 0) {
            outcome->newcomer_s = (double)(now_us - began_us) / 1e6;
        }
    }
    return well;
}

static bool measure(struct bench *bench, struct impaired_air *air, struct outcome *outcome) {
    struct crew *crew = bench->crew;
    pid_t attacked = crew_process(crew, ATTACKED);
    struct stretch stretch = {.from_us = crew_now_us()};
    const struct air_port *flood = impaired_air_port(air, FLOOD);
    unsigned long said_before = atomic_load(&flood->frames);
    double used_ms = process_ms(attacked);
    bool well = look_on(bench, air, outcome);
    stretch.to_us = crew_now_us();
    outcome->said = (double)(atomic_load(&flood->frames) - said_before) /
                    ((double)(stretch.to_us - stretch.from_us) / 1e6);
    double whole = crew_count(crew, ATTACKED, TRACE_DECODED, stretch);
    double damaged = crew_count(crew, ATTACKED, TRACE_DAMAGED, stretch);
    unsigned said = crew_count(crew, TALKING, TRACE_SENT, stretch);
    outcome->processor =
        (process_ms(attacked) - used_ms) * 1e5 / (double)(stretch.to_us - stretch.from_us);
    outcome->memory_kb = flood_air_memory_kb(attacked);
    /* What was never played at all is damaged as well. */
    outcome->damaged = said == 0 ? 100 : 100 - 100 * most(0, whole) / most(said, whole + damaged);
    return well;
}

static bool run_cell(struct bench *bench, const struct cell *cell, struct outcome *outcome) {
    struct impaired_air *air = impaired_air_new(PORTS, AIR_IPV4, 1, bench->problem);
    if (air == NULL) {
        return false;
    }
    for (size_t port = 0; port < HANDSETS; port++) {
        atomic_store(&impaired_air_port(air, port)->deaf_to, port == ATTACKED ? 0 : FLOOD + 1);
    }
    pid_t flood = 0;
    bool well = crew_start(bench->crew, NEWCOMER, air, bench->problem);
    if (well) {
        crew_press(bench->crew, TALKING);
        well = flood_air_hear(&bench->files, air, FLOOD) && crew_wait(bench->crew, SETTLING_MS);
        flood = well && cell->kind != NULL ? begin_flood(bench, air, cell) : 0;
        well = well && crew_wait(bench->crew, SETTLING_MS) && measure(bench, air, outcome);
        if (!well) {
            snprintf(bench->problem, sizeof bench->problem, "a handset has ended, or says nothing");
        }
    }
    end_flood(flood);
    crew_stop(bench->crew);
    impaired_air_free(air);
    return well;
}

/* --- The table ---------------------------------------------------------------------------------
 */

static void print_row(struct bench *bench, const struct cell *cell, const struct outcome *outcome) {
    char newcomer[16];
    double late_ms, latest_ms;
    snprintf(newcomer, sizeof newcomer, outcome->newcomer_s < 0 ? "not seen" : "%.1f",
             outcome->newcomer_s);
    pulse_take(&late_ms, &latest_ms);
    printf("%-12s %6.0f %-8s %9.1f %9.1f %9s %9.1f %8.0f %9.1f %8.0f\n",
           cell->kind == NULL ? "none" : cell->kind, outcome->said, cell->is_spoofed ? "yes" : "no",
           outcome->unheard_s, outcome->missing_s, newcomer, outcome->damaged, outcome->processor,
           (double)outcome->memory_kb / 1024, latest_ms);
    bench->cells++;
    bench->over += outcome->damaged > DAMAGED_MOST;
}

static bool run_row(struct bench *bench, struct cell cell) {
    struct outcome outcome = {0};
    bool well = run_cell(bench, &cell, &outcome);
    if (well) {
        print_row(bench, &cell, &outcome);
    }
    return well;
}

static bool is_rate(const char *word) {
    return word[0] >= '0' && word[0] <= '9';
}

/* The kinds among the words, or where there are none all of them. */
static size_t list_kinds(int count, char *words[], const char *out[KINDS]) {
    size_t listed = 0;
    for (size_t i = 0; i < KINDS; i++) {
        for (int k = 1; k < count; k++) {
            if (strcmp(words[k], kinds[i]) == 0) {
                out[listed++] = kinds[i];
                break;
            }
        }
    }
    if (listed == 0) {
        memcpy(out, kinds, sizeof kinds);
    }
    return listed == 0 ? KINDS : listed;
}

static size_t list_rates(int count, char *words[], unsigned out[WORDS_MAX]) {
    size_t listed = 0;
    for (int k = 1; k < count && listed < WORDS_MAX; k++) {
        if (is_rate(words[k])) {
            out[listed++] = (unsigned)atoi(words[k]);
        }
    }
    if (listed == 0) {
        memcpy(out, rates, sizeof rates);
    }
    return listed == 0 ? RATES : listed;
}

static bool run_rows(struct bench *bench, int count, char *words[]) {
    const char *chosen[KINDS];
    unsigned a_second[WORDS_MAX];
    size_t kinds_chosen = list_kinds(count, words, chosen);
    size_t rates_chosen = list_rates(count, words, a_second);
    bool well = run_row(bench, (struct cell){0});
    for (size_t i = 0; well && i < kinds_chosen * rates_chosen * 2; i++) {
        well = run_row(bench, (struct cell){chosen[i / (2 * rates_chosen)],
                                            a_second[i / 2 % rates_chosen], i % 2 != 0});
    }
    return well;
}

static bool are_known(int count, char *words[]) {
    for (int i = 1; i < count; i++) {
        bool known = is_rate(words[i]);
        for (size_t k = 0; k < KINDS; k++) {
            known = known || strcmp(words[i], kinds[k]) == 0;
        }
        if (!known) {
            fprintf(stderr, "bench_floods: there is no flood of %.40s\n", words[i]);
            return false;
        }
    }
    return true;
}

int main(int argc, char *argv[]) {
    const char *seconds = getenv("SECONDS_EACH");
    struct bench bench = {.seconds = seconds != NULL ? atoi(seconds) : SECONDS};
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!are_known(argc, argv)) {
        return EXIT_FAILURE;
    }
    struct impaired_air *air = impaired_air_new(1, AIR_IPV4, 1, bench.problem);
    if (air == NULL) {
        printf("bench_floods: %s\n", bench.problem);
        return SKIPPED;
    }
    impaired_air_free(air);
    bench.crew = crew_new(HANDSETS, bench.problem);
    bool well = bench.crew != NULL && flood_air_open(&bench.files, bench.problem);
    bool has_pulse = well && pulse_begin();
    if (well) {
        printf("Floods of %d s each; memory is the attacked handset's own, \"late\" how late this "
               "machine woke who slept\n%-12s %6s %-8s %9s %9s %9s %9s %8s %9s %8s\n",
               (int)bench.seconds, "kind", "/s", "spoofed", "unheard s", "missing s", "newcomer s",
               "damaged %", "CPU %", "memory MB", "late ms");
        well = run_rows(&bench, argc, argv);
    }
    if (well) {
        printf("%u of %u rows with at most %d %% of the speech damaged\n", bench.cells - bench.over,
               bench.cells, DAMAGED_MOST);
    } else {
        fprintf(stderr, "bench_floods: %s\n", bench.problem);
    }
    if (has_pulse) {
        pulse_end();
    }
    flood_air_close(&bench.files);
    crew_free(bench.crew);
    return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
