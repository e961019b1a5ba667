/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A talk while a stranger forges packets from its talker's own address. */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "app/handset/air/frame.h"
#include "crypto/talker_key.h"
#include "tests/bench/voice_tables.h"
#include "tests/programs/idle_handset.h"
#include "transport/udp.h"

enum {
    HANDSETS = 2,
    FORGER = HANDSETS, /* its port */
    FORGERIES_A_SECOND = 10000,
    TURN_MS = 2,
    SETTLING_MS = 1500,
    STRETCH_MS = 10 * 1000,
    EDGES = 2, /* frames on their way when a stretch begins and ends */
    INTERVAL_MS = 40,
    HEADERS = sizeof(struct iphdr) + sizeof(struct udphdr),
};

/* What the forger has heard last of the talker, and from where. */
struct heard {
    struct sockaddr_in from;
    size_t length;
    uint8_t frame[FRAME_MAX];
};

struct forger {
    const struct impaired_air *air;
    pthread_t thread;
    uint64_t chance;
    atomic_bool is_over, begins;
    atomic_uint sent;
    struct heard heard;
};

/* --- The forger ------------------------------------------------------------------------------- */

static uint64_t draw(struct forger *forger) {
    forger->chance = forger->chance * UINT64_C(6364136223846793005) + 1442695040888963407;
    return forger->chance >> 16;
}

static void fill(struct forger *forger, uint8_t *octets, size_t size) {
    for (size_t i = 0; i < size; i++) {
        octets[i] = (uint8_t)draw(forger);
    }
}

/* One that hears the group, and one that sends whatever it is given; both on eth0. */
static bool open_sockets(int *hears, int *sends) {
    const struct ip_mreqn group = {.imr_multiaddr.s_addr = inet_addr(UDP_GROUP_IPV4),
                                   .imr_ifindex = (int)if_nametoindex("eth0")};
    const struct sockaddr_in at = {.sin_family = AF_INET,
                                   .sin_port = htons(UDP_PORT + 1),
                                   .sin_addr.s_addr = inet_addr(UDP_GROUP_IPV4)};
    const int no = 0;
    *hears = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    *sends = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
    return bind(*hears, (const struct sockaddr *)&at, sizeof at) == 0 &&
           setsockopt(*hears, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) == 0 &&
           setsockopt(*sends, IPPROTO_IP, IP_MULTICAST_IF, &group, sizeof group) == 0 &&
           setsockopt(*sends, IPPROTO_IP, IP_MULTICAST_LOOP, &no, sizeof no) == 0;
}

static void listen_in(struct forger *forger, int hears) {
    struct heard heard;
    socklen_t size = sizeof heard.from;
    ssize_t length;
    while ((length = recvfrom(hears, heard.frame, sizeof heard.frame, 0,
                              (struct sockaddr *)&heard.from, &size)) >= 0) {
        heard.length = (size_t)length;
        if (heard.length > FRAME_HEADER_SIZE && heard.frame[1] == FRAME_MEDIA) {
            forger->heard = heard;
        }
    }
}

static void add_to_u16(uint8_t *octets, unsigned number) {
    unsigned sum = (unsigned)(octets[0] << 8 | octets[1]) + number;
    octets[0] = (uint8_t)(sum >> 8);
    octets[1] = (uint8_t)sum;
}

/* The talker's latest packet as the next one; as one of a while later; with another signature; as
 * another stream's. */
static void forge(struct forger *forger, uint8_t *frame, size_t length) {
    enum {
        RTP_AT = FRAME_HEADER_SIZE + 4,
        SSRC_AT = RTP_AT + 8,
        BODY_AT = RTP_AT + 12,
        SAMPLES = 48 * VOICE_FRAME_MS
    };
    unsigned kind = (unsigned)draw(forger) % 4, ahead = kind == 0 ? 1 : 8;
    fill(forger, frame + 4, 8);
    if (kind < 2) {
        add_to_u16(frame + RTP_AT + 2, ahead);
        add_to_u16(frame + RTP_AT + 6, ahead * SAMPLES); /* its carry is seldom missed */
        fill(forger, frame + BODY_AT, length - BODY_AT);
    } else if (kind == 2) {
        fill(forger, frame + length - VOICE_SIGNATURE_SIZE, VOICE_SIGNATURE_SIZE);
    } else {
        fill(forger, frame + SSRC_AT, length - SSRC_AT);
    }
}

/* To the group, as if from the talker's address and port. */
static void send_forgery(struct forger *forger, int sends) {
    uint8_t packet[HEADERS + FRAME_MAX];
    const struct heard *heard = &forger->heard;
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_addr.s_addr = inet_addr(UDP_GROUP_IPV4)};
    struct iphdr ip = {.version = 4,
                       .ihl = 5,
                       .ttl = 1,
                       .protocol = IPPROTO_UDP,
                       .saddr = heard->from.sin_addr.s_addr,
                       .daddr = to.sin_addr.s_addr};
    ip.tot_len = htons((uint16_t)(HEADERS + heard->length));
    const struct udphdr udp = {.source = heard->from.sin_port,
                               .dest = htons(UDP_PORT + 1),
                               .len = htons((uint16_t)(sizeof udp + heard->length))};
    memcpy(packet, &ip, sizeof ip);
    memcpy(packet + sizeof ip, &udp, sizeof udp);
    memcpy(packet + HEADERS, heard->frame, heard->length);
    forge(forger, packet + HEADERS, heard->length);
    ssize_t sent =
        sendto(sends, packet, HEADERS + heard->length, 0, (const struct sockaddr *)&to, sizeof to);
    atomic_fetch_add(&forger->sent, sent > 0);
}

static void *run_forger(void *context) {
    struct forger *forger = context;
    int hears = -1, sends = -1;
    struct timespec next;
    bool is_ready = impaired_air_enter(forger->air, FORGER) && open_sockets(&hears, &sends);
    clock_gettime(CLOCK_MONOTONIC, &next);
    while (is_ready && !atomic_load(&forger->is_over)) {
        listen_in(forger, hears);
        bool may = forger->heard.length > 0 && atomic_load(&forger->begins);
        for (unsigned i = 0; may && i < FORGERIES_A_SECOND * TURN_MS / 1000; i++) {
            send_forgery(forger, sends);
        }
        next.tv_nsec += TURN_MS * 1000000L;
        next.tv_sec += next.tv_nsec / 1000000000L;
        next.tv_nsec %= 1000000000L;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    }
    close(hears);
    close(sends);
    return NULL;
}

/* --- The table -------------------------------------------------------------------------------- */

struct measure {
    struct stretch stretch;
    double processor; /* the listener's, per cent of a core */
};

static bool watch(struct voice_bench *bench, struct measure *measure) {
    pid_t listener = crew_process(bench->crew, LISTENER);
    double used_ms = process_ms(listener);
    measure->stretch.from_us = crew_now_us();
    bool well = crew_wait(bench->crew, STRETCH_MS);
    measure->stretch.to_us = crew_now_us();
    int64_t passed_us = measure->stretch.to_us - measure->stretch.from_us;
    measure->processor = (process_ms(listener) - used_ms) * 100000 / (double)passed_us;
    return well;
}

static void print(struct voice_bench *bench, const char *when, const struct measure *measure) {
    struct crew *crew = bench->crew;
    char what[80];
    unsigned sent = crew_count(crew, TALKER, TRACE_SENT, measure->stretch);
    unsigned taken = crew_count(crew, LISTENER, TRACE_TAKEN, measure->stretch);
    snprintf(what, sizeof what, "lost of %u packets %s", sent, when);
    bench_target(bench, what, sent > taken ? sent - taken : 0, "", EDGES, false);
    snprintf(what, sizeof what, "longest interval %s", when);
    bench_target(bench, what,
                 (double)crew_longest_us(crew, LISTENER, TRACE_PLAYED, measure->stretch) / 1000,
                 "ms", INTERVAL_MS, false);
    printf("  %-44s %8.1f %-6s\n", "  listener's processor", measure->processor, "%");
}

bool flood_table(struct voice_bench *bench) {
    struct measure peace, flood;
    struct impaired_air *air = bench_open(bench, HANDSETS, HANDSETS + 1, AIR_IPV4);
    struct forger forger = {.air = air, .chance = bench->seed};
    if (air == NULL) {
        return false;
    }
    bool forges = pthread_create(&forger.thread, NULL, run_forger, &forger) == 0;
    crew_press(bench->crew, TALKER);
    bool well = forges && crew_wait(bench->crew, SETTLING_MS) && watch(bench, &peace);
    atomic_store(&forger.begins, true);
    well = well && crew_wait(bench->crew, SETTLING_MS) && watch(bench, &flood);
    atomic_store(&forger.is_over, true);
    if (forges) {
        pthread_join(forger.thread, NULL);
    }
    bench_close(bench, air);
    if (!well) {
        snprintf(bench->problem, sizeof bench->problem, "a handset has ended");
        return false;
    }
    printf("A flood from the talker's own address, %.0f forged packets a second\n",
           atomic_load(&forger.sent) * 1000.0 / (SETTLING_MS + STRETCH_MS));
    print(bench, "in peace", &peace);
    print(bench, "in the flood", &flood);
    return true;
}
