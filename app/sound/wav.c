/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/sound/wav.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FORMAT_PCM = 1,
    SAMPLE_BITS = 16,
    SAMPLE_SIZE = SAMPLE_BITS / 8,
    FORMAT_CHUNK_SIZE = 16,
    CHUNK_HEADER_SIZE = 8,
};

/* RIFF is the one little-endian format here. */
static uint16_t read_little_u16(struct reader *r) {
    return __builtin_bswap16(read_u16(r));
}

static uint32_t read_little_u32(struct reader *r) {
    return __builtin_bswap32(read_u32(r));
}

static bool is_tag(struct span octets, const char *tag) {
    return span_equal(octets, span_of_text(tag));
}

static enum status check_format(struct span chunk, const char *path, struct error *error) {
    struct reader r = reader_of(chunk);
    unsigned format = read_little_u16(&r);
    unsigned channels = read_little_u16(&r);
    unsigned rate = read_little_u32(&r);
    read_u32(&r); /* octets a second and octets a sample follow from the rest */
    read_u16(&r);
    unsigned bits = read_little_u16(&r);
    if (r.failed) {
        return error_set(error, STATUS_TRUNCATED, "%s: the WAV header is cut short", path);
    }
    if (format != FORMAT_PCM || channels != 1 || rate != VOICE_RATE || bits != SAMPLE_BITS) {
        return error_set(error, STATUS_UNSUPPORTED,
                         "%s: a WAV file with format %u, %u bits, %u channels, %u Hz; it must have "
                         "format 1 (PCM), %d bits, 1 channel, %d Hz",
                         path, format, bits, channels, rate, SAMPLE_BITS, VOICE_RATE);
    }
    return STATUS_OK;
}

static enum status take_samples(struct span data, const char *path, struct wav *wav,
                                struct error *error) {
    if (data.length % SAMPLE_SIZE != 0) {
        return error_set(error, STATUS_MALFORMED, "%s: half a sample at its end", path);
    }
    size_t count = data.length / SAMPLE_SIZE;
    int16_t *samples = malloc(data.length + SAMPLE_SIZE);
    if (samples == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "%s: out of memory", path);
    }
    struct reader r = reader_of(data);
    for (size_t i = 0; i < count; i++) {
        samples[i] = (int16_t)read_little_u16(&r);
    }
    wav->samples = samples;
    wav->count = count;
    return STATUS_OK;
}

static enum status parse(struct span file, const char *path, struct wav *wav, struct error *error) {
    struct reader r = reader_of(file);
    bool is_riff = is_tag(read_span(&r, 4), "RIFF");
    read_u32(&r); /* the chunks tell their own sizes */
    if (!is_riff || !is_tag(read_span(&r, 4), "WAVE")) {
        return error_set(error, STATUS_MALFORMED, "%s: not a WAV file", path);
    }
    bool has_format = false;
    while (reader_left(&r) >= CHUNK_HEADER_SIZE) {
        struct span tag = read_span(&r, 4);
        uint32_t size = read_little_u32(&r);
        struct span chunk = read_span(&r, size);
        if (r.failed) {
            return error_set(error, STATUS_TRUNCATED, "%s: the WAV file is cut short", path);
        }
        if (is_tag(tag, "fmt ")) {
            enum status status = check_format(chunk, path, error);
            if (status != STATUS_OK) {
                return status;
            }
            has_format = true;
        } else if (is_tag(tag, "data") && has_format) {
            return take_samples(chunk, path, wav, error);
        }
        if (size % 2 != 0 && reader_left(&r) > 0) {
            read_u8(&r); /* chunks begin at even places */
        }
    }
    return error_set(error, STATUS_TRUNCATED, "%s: a WAV file without samples", path);
}

static enum status read_failed(const char *path, struct error *error) {
    return error_set(error, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO_FAILED, "%s: %s", path,
                     strerror(errno));
}

/* The whole file in memory that the caller frees. */
static enum status read_file(const char *path, uint8_t **octets, size_t *length,
                             struct error *error) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return read_failed(path, error);
    }
    enum status status = STATUS_OK;
    size_t room = 64 * 1024;
    uint8_t *buffer = NULL;
    *length = 0;
    for (;;) {
        uint8_t *larger = realloc(buffer, room);
        if (larger == NULL) {
            status = error_set(error, STATUS_NO_MEMORY, "%s: out of memory", path);
            break;
        }
        buffer = larger;
        *length += fread(buffer + *length, 1, room - *length, file);
        if (ferror(file)) {
            status = read_failed(path, error);
            break;
        }
        if (*length < room) {
            break;
        }
        if (room >= WAV_FILE_MAX) {
            status = error_set(error, STATUS_TOO_LONG, "%s: a WAV file over %d MiB", path,
                               WAV_FILE_MAX / (1024 * 1024));
            break;
        }
        room *= 2;
    }
    fclose(file);
    if (status != STATUS_OK) {
        free(buffer);
        buffer = NULL;
    }
    *octets = buffer;
    return status;
}

enum status wav_load(const char *path, struct wav *wav, struct error *error) {
    *wav = (struct wav){NULL, 0};
    uint8_t *octets = NULL;
    size_t length = 0;
    enum status status = read_file(path, &octets, &length, error);
    if (status == STATUS_OK) {
        status = parse((struct span){octets, length}, path, wav, error);
    }
    free(octets);
    return status;
}

static void write_little_u16(struct writer *w, uint16_t value) {
    write_u16(w, __builtin_bswap16(value));
}

static void write_little_u32(struct writer *w, uint32_t value) {
    write_u32(w, __builtin_bswap32(value));
}

void wav_header(uint32_t count, uint8_t header[WAV_HEADER_SIZE]) {
    uint32_t size = count * SAMPLE_SIZE;
    struct writer w = writer_into(header, WAV_HEADER_SIZE);
    write_span(&w, span_of_text("RIFF"));
    write_little_u32(&w, size + WAV_HEADER_SIZE - CHUNK_HEADER_SIZE);
    write_span(&w, span_of_text("WAVEfmt "));
    write_little_u32(&w, FORMAT_CHUNK_SIZE);
    write_little_u16(&w, FORMAT_PCM);
    write_little_u16(&w, 1);
    write_little_u32(&w, VOICE_RATE);
    write_little_u32(&w, VOICE_RATE * SAMPLE_SIZE);
    write_little_u16(&w, SAMPLE_SIZE);
    write_little_u16(&w, SAMPLE_BITS);
    write_span(&w, span_of_text("data"));
    write_little_u32(&w, size);
}
