/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who comes late, whose first packet is lost, and who says short words. */
#include <stdio.h>

#include "tests/bench/voice_tables.h"

enum {
    LISTENERS = 12, /* each comes at a moment of its own */
    ROUNDS = 17,    /* 204 moments */
    FIRST_MS = 300, /* after the press, at the earliest; the latest is */
    LAST_MS = 1900,
    AFTER_MS =
        1300, /* the last moment the talk goes on so long; who hears nothing then never does */
    APART_MS = 500,
    LOST = 20, /* presses whose first announcement is lost */
    SENTENCE_MS = 1500,
    WORDS = 40,
    WORD_MS = 300,
    WORD_PAUSE_MS = 200,
    BAD = 12, /* presses on a link with jitter or bursts, */
    BAD_MS = 1000,
    JITTER_MS = 60,
    BURST = 3,
    SETTLING_MS = 1500,
    TENTH = 100, /* permille */
};

static double ms(int64_t us) {
    return (double)us / 1000;
}

/* --- Late entry ------------------------------------------------------------------------------- */

static size_t port_of(size_t listener) {
    return listener < TALKER ? listener : listener + 1;
}

static uint64_t draw(struct voice_bench *bench, uint64_t below) {
    bench->seed = bench->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (bench->seed >> 33) % below;
}

static void set_cut(struct impaired_air *air, bool is_cut) {
    for (size_t i = 0; i < LISTENERS; i++) {
        atomic_store(&impaired_air_port(air, port_of(i))->is_cut, is_cut);
    }
}

/* All are out of reach when the talker presses, and come into it one after the other. */
static bool play_round(struct voice_bench *bench, struct impaired_air *air,
                       struct figures *figures) {
    int64_t due_us[LISTENERS], came_us[LISTENERS] = {0};
    bool well = true;
    set_cut(air, true);
    int64_t pressed_us = crew_press(bench->crew, TALKER);
    for (size_t i = 0; i < LISTENERS; i++) {
        due_us[i] = pressed_us + (int64_t)(FIRST_MS + draw(bench, LAST_MS - FIRST_MS)) * 1000;
    }
    int64_t over_us = pressed_us + (int64_t)(LAST_MS + AFTER_MS) * 1000;
    while (well && crew_now_us() < over_us) {
        for (size_t i = 0; i < LISTENERS; i++) {
            if (came_us[i] == 0 && crew_now_us() >= due_us[i]) {
                atomic_store(&impaired_air_port(air, port_of(i))->is_cut, false);
                came_us[i] = crew_now_us();
            }
        }
        well = crew_wait(bench->crew, 1);
    }
    for (size_t i = 0; i < LISTENERS; i++) {
        const struct trace_record *played = crew_first(bench->crew, port_of(i), TRACE_PLAYED,
                                                       (struct stretch){came_us[i], over_us});
        figures_add(figures, ms((played == NULL ? over_us : played->at_us) - came_us[i]));
    }
    crew_release(bench->crew, TALKER);
    return well && crew_wait(bench->crew, APART_MS);
}

static bool enter_late(struct voice_bench *bench, struct impaired_air *air, unsigned permille,
                       double target_95, double target_50) {
    struct figures figures = {.count = 0};
    for (size_t i = 0; i < LISTENERS; i++) {
        atomic_store(&impaired_air_port(air, port_of(i))->loss_permille, permille);
    }
    for (int i = 0; i < ROUNDS; i++) {
        if (!play_round(bench, air, &figures)) {
            snprintf(bench->problem, sizeof bench->problem, "a handset has ended");
            return false;
        }
    }
    printf("Late entry, %zu moments, %u %% loss; ms                   median     95th      max\n",
           figures.count, permille / 10);
    figures_print(&figures, "in reach to first decoded frame");
    bench_target(bench, "95th", figures_at(&figures, 95), "ms", target_95, false);
    if (target_50 > 0) {
        bench_target(bench, "median", figures_at(&figures, 50), "ms", target_50, false);
    }
    return true;
}

bool late_table(struct voice_bench *bench) {
    struct impaired_air *air = bench_open(bench, LISTENERS + 1, LISTENERS + 1, AIR_IPV4);
    bool well =
        air != NULL && enter_late(bench, air, 0, 350, 200) && enter_late(bench, air, TENTH, 700, 0);
    if (air != NULL) {
        bench_close(bench, air);
    }
    return well;
}

/* --- Words ------------------------------------------------------------------------------------ */

struct said {
    struct figures to_voice;
    unsigned presses, heard;
    unsigned spoken,
        played; /* pieces of 20 ms; of a press no more count as played than were spoken */
};

static void look_at(const struct crew *crew, struct stretch press, struct said *said) {
    const struct trace_record *played = crew_first(crew, LISTENER, TRACE_PLAYED, press);
    unsigned spoken_count = crew_count(crew, TALKER, TRACE_SPOKE, press);
    unsigned played_count = crew_count(crew, LISTENER, TRACE_PLAYED, press);
    said->presses++;
    said->heard += played != NULL;
    said->spoken += spoken_count;
    said->played += played_count < spoken_count ? played_count : spoken_count;
    if (played != NULL) {
        figures_add(&said->to_voice, ms(played->at_us - press.from_us));
    }
}

static bool say(struct voice_bench *bench, struct impaired_air *air, int presses, int word_ms,
                int pause_ms, bool loses_beginning, struct said *said) {
    *said = (struct said){.presses = 0};
    if (!crew_wait(bench->crew, SETTLING_MS)) {
        return false;
    }
    for (int i = 0; i < presses; i++) {
        atomic_store(&impaired_air_port(air, LISTENER)->lost_beginnings, loses_beginning);
        struct stretch press = {.from_us = crew_press(bench->crew, TALKER)};
        bool well = crew_wait(bench->crew, word_ms);
        crew_release(bench->crew, TALKER);
        if (!well || !crew_wait(bench->crew, pause_ms)) {
            snprintf(bench->problem, sizeof bench->problem, "a handset has ended");
            return false;
        }
        press.to_us = crew_now_us();
        look_at(bench->crew, press, said);
    }
    return true;
}

bool lost_table(struct voice_bench *bench) {
    struct said said;
    struct impaired_air *air = bench_open(bench, 2, 2, AIR_IPV4);
    bool well = air != NULL && say(bench, air, LOST, SENTENCE_MS, APART_MS, true, &said);
    if (air != NULL) {
        bench_close(bench, air);
    }
    if (!well) {
        return false;
    }
    printf("First announcement lost, %d presses of %.1f s; ms         median     95th      max\n",
           LOST, SENTENCE_MS / 1000.0);
    figures_print(&said.to_voice, "key to first decoded frame");
    bench_target(bench, "95th", figures_at(&said.to_voice, 95), "ms", 130, false);
    bench_target(bench, "presses heard", said.heard, "", LOST, true);
    /* The packet that is lost takes its own 20 ms with it. */
    bench_target(bench, "speech missing, of each press",
                 (double)(said.spoken - said.played) * VOICE_FRAME_MS / LOST, "ms", VOICE_FRAME_MS,
                 false);
    return true;
}

static bool short_words(struct voice_bench *bench, struct impaired_air *air, unsigned permille) {
    struct said said;
    atomic_store(&impaired_air_port(air, LISTENER)->loss_permille, permille);
    if (!say(bench, air, WORDS, WORD_MS, WORD_PAUSE_MS, false, &said)) {
        return false;
    }
    printf("Short words, %d presses of %.1f s, one each %.1f s, %u %% loss\n", WORDS,
           WORD_MS / 1000.0, (WORD_MS + WORD_PAUSE_MS) / 1000.0, permille / 10);
    bench_target(bench, "presses heard", said.heard, "", WORDS, true);
    bench_target(bench, "speech heard", 100.0 * said.played / (said.spoken == 0 ? 1 : said.spoken),
                 "%", 85, true);
    return true;
}

bool words_table(struct voice_bench *bench) {
    struct impaired_air *air = bench_open(bench, 2, 2, AIR_IPV4);
    bool well = air != NULL && short_words(bench, air, 0) && short_words(bench, air, TENTH);
    if (air != NULL) {
        bench_close(bench, air);
    }
    return well;
}

/* What the link does is set by whoever calls. */
static bool bad_link(struct voice_bench *bench, struct impaired_air *air, const char *how) {
    struct said said;
    if (!say(bench, air, BAD, BAD_MS, APART_MS, false, &said)) {
        return false;
    }
    printf("%-46s   median     95th      max\n", how);
    figures_print(&said.to_voice, "key to first decoded frame, ms");
    printf("  %-44s %8.1f %%\n", "speech heard",
           100.0 * said.played / (said.spoken == 0 ? 1 : said.spoken));
    return true;
}

bool bad_table(struct voice_bench *bench) {
    struct impaired_air *air = bench_open(bench, 2, 2, AIR_IPV4);
    if (air == NULL) {
        return false;
    }
    struct air_port *port = impaired_air_port(air, LISTENER);
    atomic_store(&port->jitter_ms, JITTER_MS);
    bool well = bad_link(bench, air, "Jitter of 60 ms, 12 presses of 1 s");
    atomic_store(&port->jitter_ms, 0);
    atomic_store(&port->loss_permille, TENTH);
    atomic_store(&port->burst, BURST);
    well = well && bad_link(bench, air, "10 % lost in bursts of three, 12 presses of 1 s");
    bench_close(bench, air);
    return well;
}
