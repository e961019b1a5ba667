/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crowd_figures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "squad.h"

enum {
    COMING_MS = 60 * 1000,
    SOON_MS = 20 * 1000,
    MINUTE_MS = 60 * 1000,
    RESTING_MS = 120 * 1000, /* a cycle of links of two thousand, and more */
    LOSS_PERCENT = 10,
    GIVEN_UP_MS = 120 * 1000,
    STEP_MS = 100,
};

/* A question about the crowd that is asked until it is true, or for GIVEN_UP_MS. */
struct probe {
    size_t who, other;
};
typedef bool probe_is_so(const struct crowd *crowd, const struct probe *probe);

static void go_on(struct crowd *crowd, const struct probe *probes, size_t count, probe_is_so *is_so,
                  int64_t *worst_ms) {
    bool done[CROWD_PROBES] = {false};
    size_t left = count;
    for (int64_t ms = 0; left > 0 && ms <= GIVEN_UP_MS; ms += STEP_MS) {
        for (size_t i = 0; i < count; i++) {
            if (!done[i] && is_so(crowd, &probes[i])) {
                done[i] = true;
                left--;
                *worst_ms = ms > *worst_ms ? ms : *worst_ms;
            }
        }
        crowd_run(crowd, STEP_MS);
    }
    *worst_ms = left > 0 ? CROWD_NEVER_MS : *worst_ms;
}

static size_t group_end(const struct crowd *crowd, size_t n) {
    size_t end = n / CROWD_GROUP * CROWD_GROUP + CROWD_GROUP;
    return end < crowd->count ? end : crowd->count;
}

static bool is_on(const struct crowd *crowd, size_t n) {
    return crowd->handsets[n].engine != NULL;
}

static bool group_knows_it(const struct crowd *crowd, const struct probe *probe) {
    for (size_t n = probe->who / CROWD_GROUP * CROWD_GROUP; n < group_end(crowd, probe->who); n++) {
        if (n != probe->who && is_on(crowd, n) && !crowd_has(crowd, n, probe->who)) {
            return false;
        }
    }
    return true;
}

static bool it_knows_group(const struct crowd *crowd, const struct probe *probe) {
    for (size_t n = probe->who / CROWD_GROUP * CROWD_GROUP; n < group_end(crowd, probe->who); n++) {
        if (n != probe->who && is_on(crowd, n) && !crowd_has(crowd, probe->who, n)) {
            return false;
        }
    }
    return true;
}

static bool group_misses_it(const struct crowd *crowd, const struct probe *probe) {
    for (size_t n = probe->who / CROWD_GROUP * CROWD_GROUP; n < group_end(crowd, probe->who); n++) {
        if (is_on(crowd, n) && crowd_has(crowd, n, probe->who)) {
            return false;
        }
    }
    return true;
}

static bool it_knows(const struct crowd *crowd, const struct probe *probe) {
    return crowd_has(crowd, probe->who, probe->other);
}

/* 95 % of all others know it. */
static bool most_know_it(const struct crowd *crowd, const struct probe *probe) {
    size_t others = 0, know = 0;
    for (size_t n = 0; n < crowd->ears; n++) {
        if (n != probe->who && is_on(crowd, n)) {
            others++;
            know += crowd_has(crowd, n, probe->who);
        }
    }
    return know * 100 >= others * 95;
}

static size_t draw_one(struct crowd *crowd) {
    return crowd_draw(crowd, (unsigned)crowd->ears);
}

static size_t draw_other(struct crowd *crowd, size_t than) {
    size_t other = than;
    while (other / CROWD_GROUP == than / CROWD_GROUP) {
        other = crowd_draw(crowd, (unsigned)crowd->count);
    }
    return other;
}

/* --- What is measured ----------------------------------------------------------------------- */

static void come_together(struct crowd *crowd, struct crowd_figures *figures) {
    int64_t *at_ms = calloc(crowd->count, sizeof *at_ms);
    assert_non_null(at_ms);
    for (size_t n = 0; n < crowd->count; n++) {
        at_ms[n] = crowd_draw(crowd, COMING_MS);
    }
    for (int64_t ms = 0; ms < COMING_MS; ms += 1000) {
        uint64_t before = crowd_said(crowd);
        for (size_t n = 0; n < crowd->count; n++) {
            if (at_ms[n] / 1000 == ms / 1000) {
                size_t trusted = draw_other(crowd, n);
                crowd_on(crowd, n, &trusted);
            }
        }
        crowd_run(crowd, 1000);
        double bits = (double)(crowd_said(crowd) - before) * 8;
        figures->most_bits_a_second =
            bits > figures->most_bits_a_second ? bits : figures->most_bits_a_second;
    }
    free(at_ms);
}

static double missed_of_trusted(const struct crowd *crowd) {
    size_t pairs = 0, missed = 0;
    for (size_t n = 0; n < crowd->count; n++) {
        size_t trusted = crowd->handsets[n].trusted;
        pairs += trusted != n;
        missed += trusted != n && !crowd_has(crowd, n, trusted);
    }
    return pairs == 0 ? 0 : (double)missed / (double)pairs;
}

static void settle_down(struct crowd *crowd, struct crowd_figures *figures) {
    crowd_run(crowd, SOON_MS);
    figures->trusted_missed_soon = missed_of_trusted(crowd);
    crowd_run(crowd, MINUTE_MS - SOON_MS);
    uint64_t before = crowd_said(crowd);
    crowd_run(crowd, MINUTE_MS);
    figures->second_bits_a_second =
        (double)(crowd_said(crowd) - before) * 8 * 1000 / (double)MINUTE_MS;
}

static void rest(struct crowd *crowd, struct crowd_figures *figures) {
    uint64_t verified = 0, before = crowd_said(crowd), kinds[CROWD_KINDS];
    int64_t spent_ns = 0;
    memcpy(kinds, crowd->octets, sizeof kinds);
    for (size_t n = 0; n < crowd->ears; n++) {
        verified -= crowd->handsets[n].verified;
        spent_ns -= crowd->handsets[n].spent_ns;
    }
    crowd->is_timed = true;
    crowd_run(crowd, RESTING_MS);
    crowd->is_timed = false;
    double counted = 0;
    for (size_t n = 0; n < crowd->ears; n++) {
        verified += crowd->handsets[n].verified;
        spent_ns += crowd->handsets[n].spent_ns;
        counted += pace_count(&crowd->handsets[n].engine->pace, crowd_now(crowd));
    }
    double seconds = RESTING_MS / 1000.0, each = (double)crowd->ears * seconds;
    figures->bits_a_second = (double)(crowd_said(crowd) - before) * 8 / seconds;
    for (size_t kind = 0; kind < CROWD_KINDS; kind++) {
        figures->by_kind[kind] = (double)(crowd->octets[kind] - kinds[kind]) * 8 / seconds;
    }
    figures->checks_a_second = (double)verified / each;
    figures->own_ns_a_second = (double)spent_ns / each;
    figures->count = counted / (double)crowd->ears;
}

static void probe_silences(const struct crowd *crowd, struct crowd_figures *figures) {
    size_t pairs = 0, missed = 0;
    for (size_t n = 0; n < crowd->count; n++) {
        for (size_t k = n / CROWD_GROUP * CROWD_GROUP; k < group_end(crowd, n); k++) {
            if (k != n) {
                pairs++;
                missed += !crowd_has(crowd, n, k);
            }
        }
    }
    figures->false_silence = pairs == 0 ? 0 : (double)missed / (double)pairs;
    figures->trusted_missed = missed_of_trusted(crowd);
}

static void probe_members(struct crowd *crowd, struct crowd_figures *figures) {
    for (size_t i = 0; i < CROWD_PROBES; i++) {
        struct probe probe = {.who = draw_one(crowd)};
        size_t trusted = draw_other(crowd, probe.who);
        crowd_off(crowd, probe.who);
        crowd_run(crowd, 2000);
        crowd_on(crowd, probe.who, &trusted);
        for (size_t n = probe.who / CROWD_GROUP * CROWD_GROUP; n < group_end(crowd, probe.who);
             n++) {
            /* It has been gone for long, as far as the others know. */
            char identity[IDENTITY_SIZE];
            crowd_identity(probe.who, identity);
            crowd_forget(crowd, n, identity);
        }
        int64_t began_ms = crowd->boot_ms, worst_ms = 0;
        struct crowd_figures *f = figures;
        go_on(crowd, &probe, 1, group_knows_it, &worst_ms);
        f->member_known_ms = worst_ms > f->member_known_ms ? worst_ms : f->member_known_ms;
        int64_t since_ms = crowd->boot_ms - began_ms;
        worst_ms = 0;
        go_on(crowd, &probe, 1, it_knows_group, &worst_ms);
        worst_ms += worst_ms > 0 ? since_ms : 0;
        f->member_knows_ms = worst_ms > f->member_knows_ms ? worst_ms : f->member_knows_ms;
        since_ms = crowd->boot_ms - began_ms;
        worst_ms = 0;
        probe.other = trusted;
        go_on(crowd, &probe, 1, it_knows, &worst_ms);
        worst_ms += worst_ms > 0 ? since_ms : 0;
        f->trusted_ms = worst_ms > f->trusted_ms ? worst_ms : f->trusted_ms;
    }
}

static void probe_picks(struct crowd *crowd, struct crowd_figures *figures) {
    for (size_t i = 0; i < CROWD_PROBES; i++) {
        struct probe probe = {.who = draw_one(crowd)};
        char identity[IDENTITY_SIZE];
        probe.other = draw_other(crowd, probe.who);
        crowd_identity(probe.other, identity);
        crowd_forget(crowd, probe.who, identity);
        crowd_look_up(crowd, probe.who, probe.other);
        go_on(crowd, &probe, 1, it_knows, &figures->picked_ms);
    }
}

static void probe_newcomers(struct crowd *crowd, struct crowd_figures *figures) {
    for (size_t i = 0; i < 3; i++) {
        struct probe probe = {.who = draw_one(crowd)};
        char identity[IDENTITY_SIZE];
        crowd_identity(probe.who, identity);
        crowd_off(crowd, probe.who);
        crowd_run(crowd, 2000);
        for (size_t n = 0; n < crowd->count; n++) {
            crowd_forget(crowd, n, identity);
        }
        crowd_on(crowd, probe.who, NULL);
        go_on(crowd, &probe, 1, most_know_it, &figures->newcomer_ms);
    }
}

static void probe_end(struct crowd *crowd, struct crowd_figures *figures) {
    struct probe probe = {.who = draw_one(crowd)};
    crowd_off(crowd, probe.who);
    for (int64_t ms = 0; ms < 3600000 && !group_misses_it(crowd, &probe); ms += 1000) {
        crowd_run(crowd, 1000);
        figures->silent_member_ms = ms + 1000;
    }
}

struct crowd_figures crowd_measure(size_t size, uint64_t seed) {
    struct crowd_figures figures = {.size = size};
    struct crowd *crowd = crowd_new(size, seed);
    crowd->loss_percent = LOSS_PERCENT;
    come_together(crowd, &figures);
    settle_down(crowd, &figures);
    rest(crowd, &figures);
    probe_silences(crowd, &figures);
    probe_picks(crowd, &figures);
    probe_members(crowd, &figures);
    probe_newcomers(crowd, &figures);
    probe_end(crowd, &figures);
    crowd_free(crowd);
    return figures;
}

/* --- The table ------------------------------------------------------------------------------ */

void crowd_figures_heading(void) {
    printf("%8s %8s %10s %10s %9s %9s %7s %8s %8s %8s %8s %9s %8s %7s %9s\n", "handsets", "counted",
           "kbit/s", "coming", "checks/s", "engine", "core %", "member", "members", "trusted",
           "picked", "newcomer", "silent", "missed", "t. missed");
}

static double seconds(int64_t ms) {
    return (double)ms / 1000;
}

void crowd_figures_print(const struct crowd_figures *f, int64_t check_ns) {
    double core_ns = f->own_ns_a_second + f->checks_a_second * (double)check_ns;
    printf("%8zu %8.0f %10.1f %10.1f %9.2f %6.2f ms %7.2f %8.1f %8.1f %8.1f %8.1f %9.1f %8.0f "
           "%6.2f%% %8.2f%%\n",
           f->size, f->count, f->bits_a_second / 1000, f->most_bits_a_second / 1000,
           f->checks_a_second, f->own_ns_a_second / 1e6, core_ns / 1e7, seconds(f->member_known_ms),
           seconds(f->member_knows_ms), seconds(f->trusted_ms), seconds(f->picked_ms),
           seconds(f->newcomer_ms), seconds(f->silent_member_ms), f->false_silence * 100,
           f->trusted_missed * 100);
    printf("%17s %.1f kbit/s; of the trusted ones 20 s after the last came %.2f %% missed\n",
           "second minute:", f->second_bits_a_second / 1000, f->trusted_missed_soon * 100);
    printf("%17s", "by kind:");
    for (size_t kind = 0; kind < CROWD_KINDS; kind++) {
        if (f->by_kind[kind] > 0) {
            printf(" %zu: %.1f kbit/s", kind, f->by_kind[kind] / 1000);
        }
    }
    printf("\n");
    fflush(stdout);
}

int64_t crowd_check_ns(void) {
    enum {
        CHECKS = 200
    };
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
    struct identifier identifier;
    struct timespec begin, end;
    const struct provider *provider = squad_provider();
    assert_int_equal(identifier_of(squad_identity(0), 0, &identifier), STATUS_OK);
    assert_int_equal(
        provider->sign(squad_signing_key(0), SPAN_OF("words"), &entropy_system, signature),
        STATUS_OK);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    for (size_t i = 0; i < CHECKS; i++) {
        assert_int_equal(provider->verify(squad_domain(), identifier_span(&identifier),
                                          SPAN_OF("words"), signature),
                         STATUS_OK);
    }
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    return ((end.tv_sec - begin.tv_sec) * INT64_C(1000000000) + end.tv_nsec - begin.tv_nsec) /
           CHECKS;
}
