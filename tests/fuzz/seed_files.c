/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "seed_files.h"

#include <stdio.h>

#include "tests/fuzz/target.h"

void put(const char *name, struct span octets) {
    char path[256];
    snprintf(path, sizeof path, "fixtures/fuzz/%s", name);
    FILE *file = fopen(path, "wb");
    must(file != NULL && fwrite(octets.octets, 1, octets.length, file) == octets.length);
    must(fclose(file) == 0);
}

void put_message(const char *name, uint8_t reader, struct span octets) {
    uint8_t room[ROOM];
    char path[128];
    struct writer w = writer_into(room, sizeof room);
    write_u8(&w, reader);
    write_span(&w, octets);
    snprintf(path, sizeof path, "messages/%s", name);
    put(path, writer_span(&w));
}

void write_payload(struct writer *w, unsigned kind, size_t from, struct span payload) {
    write_u8(w, (uint8_t)kind);
    write_u8(w, (uint8_t)from);
    write_span_u16(w, payload);
}

void put_payload(const char *name, unsigned kind, size_t from, struct span payload) {
    uint8_t room[ROOM];
    char path[128];
    struct writer w = writer_into(room, sizeof room);
    write_payload(&w, kind, from, payload);
    snprintf(path, sizeof path, "handset/%s", name);
    put(path, writer_span(&w));
}
