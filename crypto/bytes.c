/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/bytes.h"

#include <string.h>

struct span span_of_text(const char *text) {
    return (struct span){(const uint8_t *)text, strlen(text)};
}

bool span_equal(struct span a, struct span b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.octets, b.octets, a.length) == 0);
}

struct reader reader_of(struct span input) {
    return (struct reader){.octets = input.octets, .length = input.length};
}

struct span read_span(struct reader *r, size_t length) {
    if (r->failed || r->length - r->at < length) {
        r->failed = true;
        return (struct span){NULL, 0};
    }
    struct span result = {r->octets == NULL ? NULL : r->octets + r->at, length};
    r->at += length;
    return result;
}

static uint64_t read_integer(struct reader *r, size_t size) {
    struct span octets = read_span(r, size);
    uint64_t value = 0;
    for (size_t i = 0; i < octets.length; i++) {
        value = value << 8 | octets.octets[i];
    }
    return value;
}

uint8_t read_u8(struct reader *r) {
    return (uint8_t)read_integer(r, 1);
}

uint16_t read_u16(struct reader *r) {
    return (uint16_t)read_integer(r, 2);
}

uint32_t read_u32(struct reader *r) {
    return (uint32_t)read_integer(r, 4);
}

uint64_t read_u64(struct reader *r) {
    return read_integer(r, 8);
}

struct span read_span_u8(struct reader *r) {
    return read_span(r, read_u8(r));
}

struct span read_span_u16(struct reader *r) {
    return read_span(r, read_u16(r));
}

void read_octets(struct reader *r, uint8_t *out, size_t length) {
    struct span octets = read_span(r, length);
    if (octets.length == length && length > 0) {
        memcpy(out, octets.octets, length);
    } else {
        memset(out, 0, length);
    }
}

void read_text_u8(struct reader *r, char *out, size_t capacity) {
    struct span text = read_span_u8(r);
    bool fits = text.length < capacity;
    if (!fits || (text.length > 0 && memchr(text.octets, 0, text.length) != NULL)) {
        r->failed = true;
        text.length = 0;
    }
    if (text.length > 0) {
        memcpy(out, text.octets, text.length);
    }
    if (capacity > 0) {
        out[text.length] = '\0';
    }
}

size_t reader_left(const struct reader *r) {
    return r->failed ? 0 : r->length - r->at;
}

enum status reader_finish(const struct reader *r) {
    if (r->failed) {
        return STATUS_TRUNCATED;
    }
    return r->at == r->length ? STATUS_OK : STATUS_MALFORMED;
}

struct writer writer_into(uint8_t *octets, size_t capacity) {
    return (struct writer){.octets = octets, .capacity = capacity};
}

uint8_t *write_room(struct writer *w, size_t length) {
    if (w->failed || w->capacity - w->length < length) {
        w->failed = true;
        return NULL;
    }
    uint8_t *room = w->octets + w->length;
    w->length += length;
    return room;
}

static void write_integer(struct writer *w, uint64_t value, size_t size) {
    uint8_t *room = write_room(w, size);
    if (room == NULL) {
        return;
    }
    for (size_t i = size; i > 0; i--) {
        room[i - 1] = (uint8_t)value;
        value >>= 8;
    }
}

void write_u8(struct writer *w, uint8_t value) {
    write_integer(w, value, 1);
}

void write_u16(struct writer *w, uint16_t value) {
    write_integer(w, value, 2);
}

void write_u32(struct writer *w, uint32_t value) {
    write_integer(w, value, 4);
}

void write_u64(struct writer *w, uint64_t value) {
    write_integer(w, value, 8);
}

void write_span(struct writer *w, struct span value) {
    uint8_t *room = write_room(w, value.length);
    if (room != NULL && value.length > 0) {
        memcpy(room, value.octets, value.length);
    }
}

void write_span_u8(struct writer *w, struct span value) {
    if (value.length > UINT8_MAX) {
        w->failed = true;
    }
    write_u8(w, (uint8_t)value.length);
    write_span(w, value);
}

void write_span_u16(struct writer *w, struct span value) {
    if (value.length > UINT16_MAX) {
        w->failed = true;
    }
    write_u16(w, (uint16_t)value.length);
    write_span(w, value);
}

void write_text_u8(struct writer *w, const char *text) {
    write_span_u8(w, span_of_text(text));
}

struct span writer_span(const struct writer *w) {
    return w->failed ? (struct span){NULL, 0} : (struct span){w->octets, w->length};
}

enum status writer_finish(const struct writer *w) {
    return w->failed ? STATUS_TOO_LONG : STATUS_OK;
}
