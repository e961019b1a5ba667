/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/pcap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/air/frame.h"
#include "app/handset/d2d/d2d.h"
#include "app/programs/lane.h"
#include "transport/udp.h"

enum {
    LINKTYPE_RAW = 101, /* packets begin with their IP header */
    IP_HEADER_SIZE = 20,
    UDP_HEADER_SIZE = 8,
    MIKEY_PORT = 2269,
    HANDSET_PORTS = 40000, /* handset N has this one and 2 N, and voice's, the next */
    PACKET_MAX = 2048,     /* of a message with its headers: none of ours is as long */
};

static const uint32_t address_handsets = 0xC0000200;
static const uint32_t address_everyone = 0xE9FC0001;
static const uint32_t address_group = 0xEFFF4D53; /* UDP_GROUP_IPV4 */

/* A datagram's way. */
struct pcap_way {
    uint32_t source, destination;
    uint16_t source_port, destination_port;
};

struct pcap {
    FILE *file;
    char *path;
    bool has_failed;
};

static void put(struct pcap *pcap, const struct writer *octets) {
    struct span span = writer_span(octets);
    if (span.length == 0 || fwrite(span.octets, 1, span.length, pcap->file) != span.length) {
        pcap->has_failed = true;
    }
}

/* The pcap file's header, in the byte order of its magic number. */
static void put_file_header(struct pcap *pcap) {
    uint8_t octets[24];
    struct writer out = writer_into(octets, sizeof octets);
    write_u32(&out, 0xA1B2C3D4);
    write_u16(&out, 2);
    write_u16(&out, 4);
    write_u32(&out, 0); /* times are UTC */
    write_u32(&out, 0);
    write_u32(&out, PACKET_MAX);
    write_u32(&out, LINKTYPE_RAW);
    put(pcap, &out);
}

enum status pcap_open(const char *path, struct pcap **pcap, struct error *error) {
    *pcap = NULL;
    struct pcap *opened = calloc(1, sizeof *opened);
    char *name = strdup(path);
    FILE *file = opened && name ? fopen(path, "wb") : NULL;
    if (!file) {
        enum status status = opened && name ? STATUS_IO_FAILED : STATUS_NO_MEMORY;
        error_set(error, status, "%.200s: %s", path, strerror(errno));
        free(opened);
        free(name);
        return status;
    }
    opened->path = name;
    opened->file = file;
    put_file_header(opened);
    *pcap = opened;
    return STATUS_OK;
}

/* RFC 1071, over the IP header. */
static uint16_t checksum(struct span header) {
    struct reader in = reader_of(header);
    uint32_t sum = 0;
    while (reader_left(&in) >= 2) {
        sum += read_u16(&in);
    }
    while (sum > 0xFFFF) {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

static void write_ip_header(struct writer *out, size_t length, uint32_t source,
                            uint32_t destination) {
    uint8_t octets[IP_HEADER_SIZE];
    struct writer header = writer_into(octets, sizeof octets);
    write_u16(&header, 0x4500); /* version 4, five words, default service */
    write_u16(&header, (uint16_t)length);
    write_u32(&header, 0);      /* not fragmented */
    write_u16(&header, 0x4011); /* 64 hops, UDP */
    write_u16(&header, 0);      /* the checksum's place */
    write_u32(&header, source);
    write_u32(&header, destination);
    uint16_t sum = checksum(writer_span(&header));
    octets[10] = (uint8_t)(sum >> 8);
    octets[11] = (uint8_t)sum;
    write_span(out, writer_span(&header));
}

static void put_packet(struct pcap *pcap, int64_t utc_ms, const struct pcap_way *way,
                       struct span message) {
    uint8_t octets[16 + PACKET_MAX];
    struct writer out = writer_into(octets, sizeof octets);
    size_t udp_length = UDP_HEADER_SIZE + message.length;
    size_t length = IP_HEADER_SIZE + udp_length;
    write_u32(&out, (uint32_t)(utc_ms / 1000));
    write_u32(&out, (uint32_t)(utc_ms % 1000 * 1000));
    write_u32(&out, (uint32_t)length);
    write_u32(&out, (uint32_t)length);
    write_ip_header(&out, length, way->source, way->destination);
    write_u16(&out, way->source_port);
    write_u16(&out, way->destination_port);
    write_u16(&out, (uint16_t)udp_length);
    write_u16(&out, 0); /* no checksum (RFC 768) */
    write_span(&out, message);
    put(pcap, &out);
}

static uint32_t address_of(unsigned handset) {
    return address_handsets + (handset & 0xFF);
}

/* The MIKEY message that a frame carries; empty when there is none. */
static struct span mikey_of(struct span octets) {
    const struct span none = {0};
    struct frame frame;
    if (frame_read(octets, &frame) != STATUS_OK) {
        return none;
    }
    struct reader in = reader_of(frame.payload);
    struct d2d_head head;
    switch (frame.kind) {
    case FRAME_ANNOUNCEMENT:
        return frame.payload;
    case FRAME_ANNOUNCEMENT_AND_MEDIA:
        return read_span_u16(&in);
    case FRAME_D2D:
        if (d2d_head_read(frame.payload, &head) == STATUS_OK && head.step == D2D_OPEN) {
            return head.body;
        }
        return none;
    default:
        return none;
    }
}

void pcap_frame(struct pcap *pcap, int64_t utc_ms, unsigned from, unsigned to, struct span frame) {
    struct span message = mikey_of(frame);
    const struct pcap_way way = {address_of(from), to ? address_of(to) : address_everyone,
                                 MIKEY_PORT, MIKEY_PORT};
    if (message.length > 0 && message.length <= PACKET_MAX - IP_HEADER_SIZE - UDP_HEADER_SIZE) {
        put_packet(pcap, utc_ms, &way, message);
    }
}

void pcap_whole_frame(struct pcap *pcap, int64_t utc_ms, unsigned from, unsigned to,
                      struct span frame) {
    unsigned voice = lane_of(frame) == LANE_VOICE;
    unsigned port = to ? HANDSET_PORTS + 2 * (to & 0xFF) : UDP_PORT;
    const struct pcap_way way = {address_of(from), to ? address_of(to) : address_group,
                                 (uint16_t)(HANDSET_PORTS + 2 * (from & 0xFF) + voice),
                                 (uint16_t)(port + voice)};
    if (frame.length <= FRAME_MAX) {
        put_packet(pcap, utc_ms, &way, frame);
    }
}

enum status pcap_close(struct pcap *pcap, struct error *error) {
    if (!pcap) {
        return STATUS_OK;
    }
    enum status status = STATUS_OK;
    if (fclose(pcap->file) != 0 || pcap->has_failed) {
        status = error_set(error, STATUS_IO_FAILED, "%.200s: the capture could not be written",
                           pcap->path);
    }
    free(pcap->path);
    free(pcap);
    return status;
}
