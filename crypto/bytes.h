/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Octets travel as spans; every wire format is read with one reader and written with one writer.
 * Both are bounds-checked and remember the first failure: a codec reads like its RFC's figure and
 * asks once, at the end, whether everything fitted. All integers are big-endian.
 */
#ifndef MUSTER_CRYPTO_BYTES_H
#define MUSTER_CRYPTO_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/status.h"

/* Octets that somebody else owns. */
struct span {
    const uint8_t *octets;
    size_t length;
};

/* The octets of an array or object, as a span. */
#define SPAN_OF(array) ((struct span){(const uint8_t *)(array), sizeof(array)})

/* The characters of a string without its terminating 0. */
struct span span_of_text(const char *text);

/* Are two spans equal? Not for secrets: time depends on the content. */
bool span_equal(struct span a, struct span b);

struct reader {
    const uint8_t *octets;
    size_t length;
    size_t at;
    bool failed;
};

struct reader reader_of(struct span input);

/* Each returns 0, or an empty span, once the input has ended; from then on the reader has failed
 * and every further read returns the same. */
uint8_t read_u8(struct reader *r);
uint16_t read_u16(struct reader *r);
uint32_t read_u32(struct reader *r);
uint64_t read_u64(struct reader *r);
struct span read_span(struct reader *r, size_t length);

/* A span with its length before it, in one or in two octets. */
struct span read_span_u8(struct reader *r);
struct span read_span_u16(struct reader *r);

/* `length` octets into `out`, which is zeroed when they are not there. */
void read_octets(struct reader *r, uint8_t *out, size_t length);

/* A string (no NUL inside) with its length before it in one octet, into out[capacity], terminated.
 * Fails when it does not fit or holds a NUL. */
void read_text_u8(struct reader *r, char *out, size_t capacity);

/* Octets not read yet; 0 after a failure. */
size_t reader_left(const struct reader *r);

/* STATUS_OK when nothing failed and nothing is left; STATUS_TRUNCATED when the input ended early;
 * STATUS_MALFORMED when octets are left over. */
MUST_CHECK enum status reader_finish(const struct reader *r);

struct writer {
    uint8_t *octets;
    size_t capacity;
    size_t length;
    bool failed;
};

/* A writer into octets[capacity], which the caller owns. */
struct writer writer_into(uint8_t *octets, size_t capacity);

/* Each appends; if something does not fit, the writer fails and appends nothing more. */
void write_u8(struct writer *w, uint8_t value);
void write_u16(struct writer *w, uint16_t value);
void write_u32(struct writer *w, uint32_t value);
void write_u64(struct writer *w, uint64_t value);
void write_span(struct writer *w, struct span value);
void write_span_u8(struct writer *w, struct span value);
void write_span_u16(struct writer *w, struct span value);
void write_text_u8(struct writer *w, const char *text);

/* Room for `length` octets to be filled by the caller, or NULL when they do not fit. */
uint8_t *write_room(struct writer *w, size_t length);

/* What was written so far; empty after a failure. */
struct span writer_span(const struct writer *w);

/* STATUS_OK, or STATUS_TOO_LONG when something did not fit. */
MUST_CHECK enum status writer_finish(const struct writer *w);

#endif
