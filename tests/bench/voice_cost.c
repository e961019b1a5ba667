/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What voice costs, and what may not interrupt it. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/handset/air/frame.h"
#include "tests/bench/bare_voice.h"
#include "tests/bench/voice_tables.h"
#include "tests/programs/idle_handset.h"
#include "transport/udp.h"

enum {
    HANDSETS = 3,
    SECONDS = 20,
    SETTLING_MS = 1500,
    SIGNATURES_KBIT = 26, /* of 64 octets a packet */
    IPV4_KBIT = 80 + SIGNATURES_KBIT,
    IPV6_KBIT = 88 + SIGNATURES_KBIT,

    BARE_TALKER = HANDSETS, /* their ports */
    BARE_LISTENER,
    PORTS, /* in the table of the cost */

    STRANGER = HANDSETS, /* its port, in the other table */
    BAD_FRAMES_A_SECOND = 1000,
    BAD_FRAME_SIZE = 200,
    UNIMPEDED_MS = 5000, /* before the flood; then in turn, */
    REKEY_MS = 5000,
    RESIZES = 20,
    RESIZE_APART_MS = 500,
    SLOW_DISK_MS = 300, /* each sync, in the renewal */
    RENEWAL_MS = 15000, /* so that the session's renewal after 30 s is within the talk */
    INTERVAL_MS = 40,
};

/* --- Cost ------------------------------------------------------------------------------------- */

/* Of handsets, and of bare libraries at the ports after them. */
struct use {
    double processor[PORTS]; /* per cent of a core */
    double waits[PORTS];     /* a second */
    double kbit;             /* a second, from the talker's port */
};

static pid_t process_at(const struct voice_bench *bench, const struct bare_voice *bare, size_t n) {
    return n == BARE_TALKER     ? bare->talker
           : n == BARE_LISTENER ? bare->listener
                                : crew_process(bench->crew, n);
}

/* `bare` may run none. */
static bool watch(struct voice_bench *bench, struct impaired_air *air,
                  const struct bare_voice *bare, struct use *use) {
    struct air_port *port = impaired_air_port(air, TALKER);
    size_t count = bare->talker > 0 ? PORTS : HANDSETS;
    for (size_t n = 0; n < count; n++) {
        use->processor[n] = process_ms(process_at(bench, bare, n));
        use->waits[n] = process_waits(process_at(bench, bare, n));
    }
    unsigned long octets = atomic_load(&port->octets);
    int64_t began_us = crew_now_us();
    bool well = crew_wait(bench->crew, (int64_t)SECONDS * 1000);
    double seconds = (double)(crew_now_us() - began_us) / 1e6;
    use->kbit = (double)(atomic_load(&port->octets) - octets) * 8 / 1000 / seconds;
    for (size_t n = 0; n < count; n++) {
        pid_t process = process_at(bench, bare, n);
        use->processor[n] = (process_ms(process) - use->processor[n]) / 10 / seconds;
        use->waits[n] = (process_waits(process) - use->waits[n]) / seconds;
    }
    if (!well) {
        snprintf(bench->problem, sizeof bench->problem, "a handset has ended");
    }
    return well;
}

/* Bare libraries talk beside the handsets, at the same time, so that whatever else the machine does
 * is in both. */
static bool talk_beside_bare(struct voice_bench *bench, struct impaired_air *air, bool beside,
                             struct use *talk) {
    struct bare_voice bare = {0};
    if (beside && !bare_voice_begin(&bare, air, BARE_TALKER, BARE_LISTENER)) {
        snprintf(bench->problem, sizeof bench->problem, "bare libraries cannot run");
        return false;
    }
    crew_press(bench->crew, TALKER);
    bool well = crew_wait(bench->crew, SETTLING_MS) && watch(bench, air, &bare, talk);
    if (!bare_voice_end(&bare)) {
        snprintf(bench->problem, sizeof bench->problem, "bare libraries did not get through");
        well = false;
    }
    return well;
}

static bool cost_of(struct voice_bench *bench, enum air_family family, struct use *idle,
                    struct use *talk) {
    const struct bare_voice none = {0};
    struct impaired_air *air = bench_open(bench, HANDSETS, PORTS, family);
    if (air == NULL) {
        return false;
    }
    bool well =
        idle == NULL || (crew_wait(bench->crew, SETTLING_MS) && watch(bench, air, &none, idle));
    well = well && talk_beside_bare(bench, air, family == AIR_IPV4, talk);
    bench_close(bench, air);
    return well;
}

/* What a handset's processor does, its target, and what of it the libraries do alone. */
static void print_processor(struct voice_bench *bench, const char *who, double handset,
                            double target, double bare) {
    char what[60];
    snprintf(what, sizeof what, "%s's processor", who);
    bench_target(bench, what, handset, "%", target, false);
    printf("  %-44s %8.1f %-6s so the handset takes %.1f times that\n",
           "  bare libraries, beside it", bare, "%", bare > 0 ? handset / bare : 0);
}

bool cost_table(struct voice_bench *bench) {
    struct use idle, talk, talk_ipv6;
    if (!cost_of(bench, AIR_IPV4, &idle, &talk) || !cost_of(bench, AIR_IPV6, NULL, &talk_ipv6)) {
        return false;
    }
    printf("Cost, %d s of one talker, Ethernet frames without their checksum\n", SECONDS);
    bench_target(bench, "air over IPv4", talk.kbit, "kbit/s", IPV4_KBIT, false);
    bench_target(bench, "air over IPv6", talk_ipv6.kbit, "kbit/s", IPV6_KBIT, false);
    print_processor(bench, "talker", talk.processor[TALKER], 3, talk.processor[BARE_TALKER]);
    print_processor(bench, "listener", talk.processor[LISTENER], 1.5,
                    talk.processor[BARE_LISTENER]);
    printf("  %-44s %8.1f %-6s\n", "handset at rest, two neighbours", idle.processor[LISTENER],
           "%");
    printf("  %-44s %8.1f %-6s\n", "  it wakes up", idle.waits[LISTENER], "/s");
    return true;
}

/* --- What may not interrupt it ---------------------------------------------------------------- */

struct flood {
    const struct impaired_air *air;
    pthread_t thread;
    uint64_t chance;
    atomic_bool is_over;
    atomic_uint sent;
};

static void make_bad_frame(struct flood *flood, uint8_t frame[BAD_FRAME_SIZE]) {
    static const uint8_t kinds[] = {FRAME_MEDIA, FRAME_ANNOUNCEMENT, FRAME_ANNOUNCEMENT_AND_MEDIA,
                                    FRAME_PRESENCE, FRAME_D2D};
    for (size_t i = 0; i < BAD_FRAME_SIZE; i++) {
        flood->chance = flood->chance * UINT64_C(6364136223846793005) + 1;
        frame[i] = (uint8_t)(flood->chance >> 56);
    }
    frame[0] = FRAME_VERSION;
    frame[1] = kinds[frame[4] % sizeof kinds];
    frame[2] = FRAME_HOPS;
    frame[3] = 0;
}

static void *send_bad_frames(void *context) {
    struct flood *flood = context;
    struct transport *udp = NULL;
    struct transport_condition problem;
    const struct udp_options options = {.interface = "eth0"};
    struct timespec next;
    if (!impaired_air_enter(flood->air, STRANGER) ||
        udp_open(&options, &udp, &problem) != TRANSPORT_OK) {
        return NULL;
    }
    clock_gettime(CLOCK_MONOTONIC, &next);
    while (!atomic_load(&flood->is_over)) {
        uint8_t frame[BAD_FRAME_SIZE];
        make_bad_frame(flood, frame);
        atomic_fetch_add(&flood->sent, udp->kind->send(udp, PEER_ALL, LANE_REST, frame,
                                                       sizeof frame) == TRANSPORT_OK);
        next.tv_nsec += 1000000000L / BAD_FRAMES_A_SECOND;
        next.tv_sec += next.tv_nsec / 1000000000L;
        next.tv_nsec %= 1000000000L;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    }
    udp->kind->close(udp);
    return NULL;
}

static bool resize(struct crew *crew) {
    bool well = true;
    for (int i = 0; i < RESIZES; i++) {
        for (size_t n = 0; n < HANDSETS; n++) {
            crew_resize(crew, n, i % 2 == 0 ? 132 : 40, i % 2 == 0 ? 50 : 15);
        }
        well = crew_wait(crew, RESIZE_APART_MS) && well;
    }
    return well;
}

static void slow_disks(struct crew *crew, int ms) {
    for (size_t n = 0; n < HANDSETS; n++) {
        crew_slow_disk(crew, n, ms);
    }
}

static void print_intervals(struct voice_bench *bench, const char *while_what,
                            struct stretch stretch) {
    char what[60];
    int64_t longest_us = 0;
    for (size_t n = 0; n < HANDSETS; n++) {
        int64_t us = n == TALKER ? 0 : crew_longest_us(bench->crew, n, TRACE_PLAYED, stretch);
        longest_us = us > longest_us ? us : longest_us;
    }
    snprintf(what, sizeof what, "longest interval %s", while_what);
    bench_target(bench, what, (double)longest_us / 1000, "ms", INTERVAL_MS, false);
}

static bool talk_through(struct voice_bench *bench, struct flood *flood, int64_t at_us[5]) {
    struct crew *crew = bench->crew;
    crew_press(crew, TALKER);
    bool well = crew_wait(crew, SETTLING_MS);
    at_us[0] = crew_now_us();
    well = crew_wait(crew, UNIMPEDED_MS) && well;
    at_us[1] = crew_now_us();
    bool floods = pthread_create(&flood->thread, NULL, send_bad_frames, flood) == 0;
    well = floods && crew_rekey(crew) && crew_wait(crew, REKEY_MS) && well;
    at_us[2] = crew_now_us();
    well = well && resize(crew);
    at_us[3] = crew_now_us();
    slow_disks(crew, SLOW_DISK_MS);
    well = well && crew_wait(crew, RENEWAL_MS);
    at_us[4] = crew_now_us();
    slow_disks(crew, 0);
    atomic_store(&flood->is_over, true);
    if (floods) {
        pthread_join(flood->thread, NULL);
    }
    return well;
}

bool intervals_table(struct voice_bench *bench) {
    int64_t at_us[5];
    struct impaired_air *air = bench_open(bench, HANDSETS, HANDSETS + 1, AIR_IPV4);
    struct flood flood = {.air = air, .chance = bench->seed};
    if (air == NULL) {
        return false;
    }
    bool well = talk_through(bench, &flood, at_us);
    bench_close(bench, air);
    if (!well) {
        snprintf(bench->problem, sizeof bench->problem, "a handset has ended");
        return false;
    }
    double seconds = (double)(at_us[4] - at_us[1]) / 1e6;
    const struct stretch all = {at_us[0], at_us[4]};
    printf("Intervals between two pieces played, at two listeners; %.0f bad frames a second\n",
           atomic_load(&flood.sent) / seconds);
    print_intervals(bench, "with nothing else", (struct stretch){at_us[0], at_us[1]});
    print_intervals(bench, "in a rekey and the flood", (struct stretch){at_us[1], at_us[2]});
    print_intervals(bench, "in resizes and the flood", (struct stretch){at_us[2], at_us[3]});
    print_intervals(bench, "in a renewal, slow disk, flood", (struct stretch){at_us[3], at_us[4]});
    bench_target(bench, "longest interval at the microphone",
                 (double)crew_longest_us(bench->crew, TALKER, TRACE_SPOKE, all) / 1000, "ms",
                 INTERVAL_MS, false);
    printf("  %-44s %8u\n", "keys renewed meanwhile",
           crew_count(bench->crew, TALKER, TRACE_SIGNED, all));
    return true;
}
