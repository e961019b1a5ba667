/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flood RATE SECONDS ADDRESS PORT IDENTITY - says RATE forged presences of IDENTITY a second over
 * udp, to all handsets on eth0, for so many seconds, as if from ADDRESS and PORT and without any
 * key. An address that is not one's own takes a raw socket, and so root. For a network namespace of
 * the test's own alone: it ends with 2 where there is another interface than lo and eth0.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "app/handset/air/frame.h"
#include "app/handset/air/presence_chain.h"
#include "crypto/provider.h"
#include "junk.h"

enum {
    PORT = 22690,
    HEADERS = sizeof(struct iphdr) + sizeof(struct udphdr),
    PACKET_MAX = 1000,
    BURST_NS = 2000000
};

static const char group[] = "239.255.77.83";

/* As whom it speaks. */
struct claim {
    in_addr_t address;
    uint16_t port;
    const char *identity;
};

static int64_t clock_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* A frame with a presence that has junk for its signature. */
static void write_frame(struct writer *out, const struct claim *claim, uint64_t *random) {
    uint8_t payload[PACKET_MAX], signature[ECCSI_SIGNATURE_SIZE];
    const uint8_t chain[2 * PRESENCE_LINK_SIZE + 5] = {0}; /* a link that is none, and no rhythm */
    struct writer w = writer_into(payload, sizeof payload);
    junk_fill(random, signature, sizeof signature);
    write_u64(&w, (uint64_t)(clock_ns(CLOCK_REALTIME) / 1000000));
    write_u64(&w, ++*random); /* a life that was never heard */
    write_u64(&w, 0);         /* and its age */
    write_span(&w, SPAN_OF(chain));
    write_text_u8(&w, claim->identity);
    write_text_u8(&w, "sip:kms@county.example");
    write_text_u8(&w, "Ghost");
    write_u8(&w, 0); /* no echoes */
    write_span(&w, SPAN_OF(signature));
    frame_write(out, &(struct frame){.kind = FRAME_PRESENCE,
                                     .id = junk_number(random),
                                     .payload = writer_span(&w)});
}

/* The same as an IPv4 packet from there. */
static size_t make_packet(uint8_t packet[PACKET_MAX], const struct claim *claim, uint64_t *random) {
    struct writer w = writer_into(packet + HEADERS, PACKET_MAX - HEADERS);
    write_frame(&w, claim, random);
    uint16_t length = (uint16_t)(HEADERS + w.length);
    struct iphdr ip = {.version = 4, .ihl = 5, .ttl = 1, .protocol = IPPROTO_UDP};
    ip.tot_len = htons(length);
    ip.saddr = claim->address;
    ip.daddr = inet_addr(group);
    const struct udphdr udp = {.source = htons(claim->port),
                               .dest = htons(PORT),
                               .len = htons((uint16_t)(length - sizeof ip))};
    memcpy(packet, &ip, sizeof ip);
    memcpy(packet + sizeof ip, &udp, sizeof udp);
    return length;
}

/* Is this a namespace of a test's own, as far as one can see? */
static bool is_alone(void) {
    struct if_nameindex *all = if_nameindex();
    bool is_alone = all != NULL;
    for (size_t i = 0; is_alone && all[i].if_index != 0; i++) {
        is_alone = strcmp(all[i].if_name, "lo") == 0 || strcmp(all[i].if_name, "eth0") == 0;
    }
    if_freenameindex(all);
    return is_alone && if_nametoindex("eth0") != 0;
}

/* A raw socket whose multicasts go out on eth0, or -1. */
static int open_socket(void) {
    const struct ip_mreqn out = {.imr_ifindex = (int)if_nametoindex("eth0")};
    int raw = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
    if (raw >= 0 && setsockopt(raw, IPPROTO_IP, IP_MULTICAST_IF, &out, sizeof out) != 0) {
        return -1;
    }
    return raw;
}

int main(int argc, char **argv) {
    int raw = argc == 6 && is_alone() ? open_socket() : -1;
    if (raw < 0) {
        fputs("flood RATE SECONDS ADDRESS PORT IDENTITY, in a network namespace of its own\n",
              stderr);
        return 2;
    }
    int64_t rate = atoll(argv[1]), seconds = atoll(argv[2]);
    const struct claim claim = {inet_addr(argv[3]), (uint16_t)atoi(argv[4]), argv[5]};
    const struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = inet_addr(group)};
    uint64_t random = 1;
    int64_t began = clock_ns(CLOCK_MONOTONIC), said = 0, passed = 0;
    while ((passed = clock_ns(CLOCK_MONOTONIC) - began) < seconds * 1000000000) {
        for (int64_t due = passed / 1000 * rate / 1000000; said < due; said++) {
            uint8_t packet[PACKET_MAX];
            size_t length = make_packet(packet, &claim, &random);
            if (sendto(raw, packet, length, 0, (const struct sockaddr *)&to, sizeof to) < 0) {
                perror("flood");
                return 1;
            }
        }
        nanosleep(&(struct timespec){.tv_nsec = BURST_NS}, NULL);
    }
    printf("%lld presences said\n", (long long)said);
    return 0;
}
