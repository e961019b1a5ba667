/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flood RATE SECONDS ADDRESS PORT IDENTITY [KIND [TEMPLATE [spoofed]]] - says RATE forged frames a
 * second over udp, to all handsets on eth0, for so many seconds, as if from ADDRESS and PORT and
 * without any key. An address that is not one's own takes a raw socket, and so root. For a network
 * namespace of the test's own alone: it ends with 2 where there is another interface than lo and
 * eth0.
 *
 * KIND is one of
 *
 *   presence      of IDENTITY
 *   announcement  TEMPLATE, a file with a frame that was heard, with other octets in it each time
 *   i_message     the same with the OPEN of a D2D connection
 *   junk          frames of any kind with octets that mean nothing, half of them where voice goes
 *
 * With "spoofed" every second frame is from an address and a port of chance, and names an identity
 * of chance.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "app/handset/air/frame.h"
#include "app/handset/d2d/d2d.h"
#include "crypto/provider.h"
#include "junk.h"

enum {
    PORT = 22690,
    PORT_VOICE,
    HEADERS = sizeof(struct iphdr) + sizeof(struct udphdr),
    PACKET_MAX = HEADERS + FRAME_MAX,
    JUNK_SIZE = 250,
    BURST_NS = 2000000
};

enum kind {
    PRESENCE,
    ANNOUNCEMENT,
    I_MESSAGE,
    JUNK,
    KINDS
};

static const char *const kind_names[KINDS] = {"presence", "announcement", "i_message", "junk"};

static const char group[] = "239.255.77.83";

/* As whom it speaks. */
struct claim {
    in_addr_t address;
    uint16_t port;
    const char *identity;
};

/* What is said. */
struct flood {
    enum kind kind;
    struct claim claim;
    bool is_spoofed;
    size_t length; /* of the template */
    uint8_t octets[FRAME_MAX];
    uint64_t random;
};

static int64_t clock_ns(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* A frame with a presence that has junk for its signature. */
static void write_presence(struct writer *out, const struct claim *claim, uint64_t *random) {
    uint8_t payload[PACKET_MAX];
    struct writer w = writer_into(payload, sizeof payload);
    junk_presence(random, clock_ns(CLOCK_REALTIME) / 1000000, claim->identity, &w);
    frame_write(out, &(struct frame){.kind = FRAME_PRESENCE,
                                     .id = junk_number(random),
                                     .payload = writer_span(&w)});
}

static uint8_t kind_of_junk(uint64_t random) {
    static const uint8_t kinds[] = {FRAME_PRESENCE, FRAME_D2D,      FRAME_ANNOUNCEMENT,
                                    FRAME_MEDIA,    FRAME_FRAGMENT, FRAME_ANNOUNCEMENT_AND_MEDIA,
                                    FRAME_RECEIPT,  FRAME_FLOOR,    FRAME_VOICE_REPORT};
    return kinds[random % sizeof kinds];
}

static void write_junk(struct writer *out, uint64_t *random) {
    uint8_t payload[JUNK_SIZE];
    junk_fill(random, payload, sizeof payload);
    frame_write(out, &(struct frame){.kind = kind_of_junk(junk_number(random) >> 8),
                                     .hops_left = FRAME_HOPS,
                                     .id = junk_number(random),
                                     .payload = SPAN_OF(payload)});
}

/* The template under another frame id, with junk for its last octets: its signature, and every
 * second time more than that. An OPEN is another connection's then. */
static void write_copy(struct writer *out, struct flood *flood) {
    struct writer w = writer_into(out->octets + out->length, out->capacity - out->length);
    uint64_t number = junk_number(&flood->random);
    size_t junk = ECCSI_SIGNATURE_SIZE - 1 + (number >> 8) % 2 * 40;
    write_span(&w, (struct span){flood->octets, flood->length});
    junk_fill(&flood->random, w.octets + FRAME_HEADER_SIZE - 8, 8);
    junk_fill(&flood->random, w.octets + flood->length - junk, junk);
    if (flood->kind == I_MESSAGE) {
        uint8_t hash[D2D_HASH_SIZE], *payload = w.octets + FRAME_HEADER_SIZE;
        (void)EVP_Digest(payload + D2D_HEADER_SIZE,
                         flood->length - FRAME_HEADER_SIZE - D2D_HEADER_SIZE, hash, NULL,
                         EVP_sha256(), NULL);
        memcpy(payload, hash, 8);
    }
    out->length += w.length;
}

static void write_any(struct writer *out, struct flood *flood, const struct claim *claim) {
    switch (flood->kind) {
    case PRESENCE:
        write_presence(out, claim, &flood->random);
        break;
    case JUNK:
        write_junk(out, &flood->random);
        break;
    default:
        write_copy(out, flood);
        break;
    }
}

/* Who this frame pretends to come from. */
static struct claim draw_claim(struct flood *flood, char identity[64]) {
    struct claim claim = flood->claim;
    uint64_t number = junk_number(&flood->random) >> 8;
    if (flood->is_spoofed && number % 2 == 0) {
        snprintf(identity, 64, "urn:gsma:imei:90420156-%06u-0", (unsigned)(number >> 1) % 1000000);
        claim.identity = identity;
        claim.port = (uint16_t)(1024 + (number >> 21) % 60000);
        claim.address = htonl(ntohl(claim.address) & ~UINT32_C(0xff)) |
                        htonl(100 + (uint32_t)(number >> 40) % 150);
    }
    return claim;
}

static uint16_t port_of(const struct flood *flood, uint64_t number) {
    bool is_voice = flood->kind == ANNOUNCEMENT || (flood->kind == JUNK && number % 2 == 0);
    return is_voice ? PORT_VOICE : PORT;
}

/* One of them as an IPv4 packet. */
static size_t make_packet(uint8_t packet[PACKET_MAX], struct flood *flood) {
    char identity[64];
    const struct claim claim = draw_claim(flood, identity);
    struct writer w = writer_into(packet + HEADERS, PACKET_MAX - HEADERS);
    write_any(&w, flood, &claim);
    uint16_t length = (uint16_t)(HEADERS + w.length);
    struct iphdr ip = {.version = 4, .ihl = 5, .ttl = 1, .protocol = IPPROTO_UDP};
    ip.tot_len = htons(length);
    ip.saddr = claim.address;
    ip.daddr = inet_addr(group);
    const struct udphdr udp = {.source = htons(claim.port),
                               .dest = htons(port_of(flood, junk_number(&flood->random) >> 8)),
                               .len = htons((uint16_t)(length - sizeof ip))};
    memcpy(packet, &ip, sizeof ip);
    memcpy(packet + sizeof ip, &udp, sizeof udp);
    return length;
}

static bool read_template(struct flood *flood, const char *path) {
    FILE *file = fopen(path, "rb");
    flood->length = file == NULL ? 0 : fread(flood->octets, 1, sizeof flood->octets, file);
    if (file != NULL) {
        fclose(file);
    }
    return flood->length > FRAME_HEADER_SIZE + D2D_HEADER_SIZE + ECCSI_SIGNATURE_SIZE + 40;
}

/* The words after the program's name. */
static bool read_words(struct flood *flood, int count, char **words) {
    if (count < 5 || count > 8) {
        return false;
    }
    flood->claim = (struct claim){inet_addr(words[2]), (uint16_t)atoi(words[3]), words[4]};
    flood->kind = PRESENCE;
    while (count > 5 && flood->kind < KINDS && strcmp(kind_names[flood->kind], words[5]) != 0) {
        flood->kind++;
    }
    flood->is_spoofed = count > 7;
    bool is_copy = flood->kind == ANNOUNCEMENT || flood->kind == I_MESSAGE;
    return flood->kind < KINDS && (!is_copy || (count > 6 && read_template(flood, words[6])));
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
    struct flood flood = {.random = 1};
    int raw = read_words(&flood, argc - 1, argv + 1) && is_alone() ? open_socket() : -1;
    if (raw < 0) {
        fputs("flood RATE SECONDS ADDRESS PORT IDENTITY [KIND [TEMPLATE [spoofed]]], in a network "
              "namespace of its own\n",
              stderr);
        return 2;
    }
    int64_t rate = atoll(argv[1]), seconds = atoll(argv[2]);
    const struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = inet_addr(group)};
    int64_t began = clock_ns(CLOCK_MONOTONIC), said = 0, passed = 0;
    while ((passed = clock_ns(CLOCK_MONOTONIC) - began) < seconds * 1000000000) {
        for (int64_t due = passed / 1000 * rate / 1000000; said < due; said++) {
            uint8_t packet[PACKET_MAX];
            size_t length = make_packet(packet, &flood);
            if (sendto(raw, packet, length, 0, (const struct sockaddr *)&to, sizeof to) < 0 &&
                errno != ENOBUFS) {
                perror("flood");
                return 1;
            }
        }
        nanosleep(&(struct timespec){.tv_nsec = BURST_NS}, NULL);
    }
    printf("%lld frames said\n", (long long)said);
    return 0;
}
