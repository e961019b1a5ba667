/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/sound/wav.h"

#include <errno.h>
#include <math.h>
#include <sndfile.h>
#include <speex/speex_resampler.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FORMAT_PCM = 1,
    SAMPLE_BITS = 16,
    SAMPLE_SIZE = SAMPLE_BITS / 8,
    FORMAT_CHUNK_SIZE = 16,
    TAG_SIZE = 4,
    CHUNK_HEADER_SIZE = 8,
    RIFF_HEADER_SIZE = 12,
    FULL_SCALE = 32768,
    BLOCK_FRAMES = 1024, /* decoded at a time, of each channel */
};

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
            status = error_set(error, STATUS_TOO_LONG, "%s: a sound file over %d MiB", path,
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

/* RIFF is the one little-endian format here. */
static uint32_t little_u32(const uint8_t *octets) {
    struct reader r = reader_of((struct span){octets, 4});
    return __builtin_bswap32(read_u32(&r));
}

static bool is_tag(const uint8_t *octets, const char *tag) {
    return memcmp(octets, tag, TAG_SIZE) == 0;
}

/* What says of which form the samples are. */
static bool is_of_the_form(const uint8_t *tag) {
    return is_tag(tag, "fmt ") || is_tag(tag, "fact") || is_tag(tag, "ds64");
}

/* Where the chunk after the one at `at` begins, at most `length`: at an even place, but for those
 * who forget that. */
static size_t next_chunk(const uint8_t *octets, size_t length, size_t at) {
    size_t size = little_u32(octets + at + TAG_SIZE);
    if (size >= length - at - CHUNK_HEADER_SIZE) {
        return length;
    }
    size_t next = at + CHUNK_HEADER_SIZE + size;
    bool is_known = length - next > TAG_SIZE &&
                    (is_of_the_form(octets + next) || is_tag(octets + next, "data") ||
                     is_tag(octets + next, "LIST"));
    return is_known ? next : next + size % 2;
}

/* A recorder that writes to a pipe, or was killed, may leave 0 as the size of its samples, which
 * libsndfile takes at its word: then all that follows are samples. */
static void mend_size(uint8_t *octets, size_t length, size_t at) {
    uint64_t end = (uint64_t)little_u32(octets + TAG_SIZE) + CHUNK_HEADER_SIZE;
    uint8_t *size = octets + at + TAG_SIZE;
    if (little_u32(size) == 0 && (end <= at + CHUNK_HEADER_SIZE || end > length)) {
        memset(size, 0xFF, CHUNK_HEADER_SIZE - TAG_SIZE);
    }
}

/* For a fault in what stands before the samples, be it remarks alone, libsndfile refuses a file:
 * only what it needs stays. Returns the new length. */
static size_t mend(uint8_t *octets, size_t length) {
    bool is_riff = length > RIFF_HEADER_SIZE && is_tag(octets, "RIFF");
    if (length <= RIFF_HEADER_SIZE || !(is_riff || is_tag(octets, "RF64")) ||
        !is_tag(octets + RIFF_HEADER_SIZE - TAG_SIZE, "WAVE")) {
        return length;
    }
    size_t kept = RIFF_HEADER_SIZE;
    for (size_t at = kept; length - at > CHUNK_HEADER_SIZE;) {
        size_t next = next_chunk(octets, length, at);
        bool is_data = is_tag(octets + at, "data");
        if (is_data && is_riff) {
            mend_size(octets, length, at);
        }
        if (is_data || is_of_the_form(octets + at)) {
            size_t size = (is_data ? length : next) - at;
            memmove(octets + kept, octets + at, size);
            kept += size;
        }
        if (is_data) {
            return kept;
        }
        at = next;
    }
    return length;
}

/* A file in memory, as libsndfile reads it. */
struct memory {
    const uint8_t *octets;
    sf_count_t length;
    sf_count_t at;
};

static sf_count_t memory_length(void *context) {
    return ((struct memory *)context)->length;
}

static sf_count_t memory_seek(sf_count_t offset, int whence, void *context) {
    struct memory *memory = context;
    sf_count_t from = whence == SEEK_CUR ? memory->at : whence == SEEK_END ? memory->length : 0;
    if (offset < -from || offset > memory->length - from) {
        return -1;
    }
    memory->at = from + offset;
    return memory->at;
}

static sf_count_t memory_read(void *octets, sf_count_t count, void *context) {
    struct memory *memory = context;
    sf_count_t left = memory->length - memory->at;
    sf_count_t taken = count < left ? count : left;
    memcpy(octets, memory->octets + memory->at, (size_t)taken);
    memory->at += taken;
    return taken;
}

static sf_count_t memory_tell(void *context) {
    return ((struct memory *)context)->at;
}

static enum status not_read(const char *path, struct error *error) {
    if (sf_error(NULL) == SF_ERR_UNRECOGNISED_FORMAT) {
        return error_set(error, STATUS_MALFORMED, "%s: not a sound file", path);
    }
    return error_set(error, STATUS_UNSUPPORTED, "%s: a sound file that cannot be read: %s", path,
                     sf_strerror(NULL));
}

/* Samples on their way into a `struct wav`. */
struct intake {
    const char *path;
    struct wav *wav;
    size_t room;
    SpeexResamplerState *resampler; /* NULL: they are at VOICE_RATE already */
    struct error *error;
};

static float clipped(float sample) {
    return isnan(sample) ? 0 : fmaxf(-1, fminf(sample, 1));
}

static enum status append(struct intake *in, const float *samples, size_t count) {
    struct wav *wav = in->wav;
    if (count > WAV_SAMPLES_MAX - wav->count) {
        return error_set(in->error, STATUS_TOO_LONG, "%s: longer than %d minutes", in->path,
                         WAV_SAMPLES_MAX / VOICE_RATE / 60);
    }
    if (wav->count + count > in->room) {
        size_t room = 2 * in->room + BLOCK_FRAMES + count;
        int16_t *larger = realloc(wav->samples, room * sizeof *larger);
        if (larger == NULL) {
            return error_set(in->error, STATUS_NO_MEMORY, "%s: out of memory", in->path);
        }
        wav->samples = larger;
        in->room = room;
    }
    for (size_t i = 0; i < count; i++) {
        long value = lrintf(clipped(samples[i]) * FULL_SCALE);
        wav->samples[wav->count++] = (int16_t)(value > INT16_MAX ? INT16_MAX : value);
    }
    return STATUS_OK;
}

static enum status take_samples(struct intake *in, const float *samples, size_t count) {
    if (in->resampler == NULL) {
        return append(in, samples, count);
    }
    enum status status = STATUS_OK;
    for (size_t at = 0; at < count && status == STATUS_OK;) {
        float resampled[BLOCK_FRAMES];
        spx_uint32_t taken = (spx_uint32_t)(count - at);
        spx_uint32_t made = BLOCK_FRAMES;
        if (speex_resampler_process_float(in->resampler, 0, samples + at, &taken, resampled,
                                          &made) != RESAMPLER_ERR_SUCCESS) {
            return error_set(in->error, STATUS_NO_MEMORY, "%s: out of memory", in->path);
        }
        at += taken;
        status = append(in, resampled, made);
    }
    return status;
}

/* What the filter still holds is pushed out with silence, of which as little as can be stays. */
static enum status take_end(struct intake *in, uint64_t frames, int rate) {
    static const float silence[BLOCK_FRAMES] = {0};
    size_t whole = (size_t)((frames * VOICE_RATE + (unsigned)rate - 1) / (unsigned)rate);
    enum status status = STATUS_OK;
    while (in->wav->count < whole && status == STATUS_OK) {
        status = take_samples(in, silence, BLOCK_FRAMES);
    }
    if (in->wav->count > whole) {
        in->wav->count = whole;
    }
    return status;
}

/* Many channels are heard as their mean. */
static void mix(float *block, size_t frames, size_t channels) {
    for (size_t i = 0; i < frames; i++) {
        float sum = 0;
        for (size_t channel = 0; channel < channels; channel++) {
            sum += clipped(block[i * channels + channel]);
        }
        block[i] = sum / (float)channels;
    }
}

static enum status take_all(struct intake *in, SNDFILE *file, const SF_INFO *form) {
    size_t channels = (size_t)form->channels;
    float *block = calloc(channels * BLOCK_FRAMES, sizeof *block);
    if (block == NULL) {
        return error_set(in->error, STATUS_NO_MEMORY, "%s: out of memory", in->path);
    }
    enum status status = STATUS_OK;
    uint64_t frames = 0;
    for (;;) {
        sf_count_t count = sf_readf_float(file, block, BLOCK_FRAMES);
        if (count <= 0) {
            break;
        }
        mix(block, (size_t)count, channels);
        status = take_samples(in, block, (size_t)count);
        if (status != STATUS_OK) {
            break;
        }
        frames += (uint64_t)count;
    }
    free(block);
    return status == STATUS_OK ? take_end(in, frames, form->samplerate) : status;
}

static enum status take_file(struct intake *in, SNDFILE *file, const SF_INFO *form) {
    if (form->samplerate < WAV_RATE_MIN || form->samplerate > WAV_RATE_MAX) {
        return error_set(in->error, STATUS_UNSUPPORTED,
                         "%s: %d samples a second; it must be %d to %d", in->path, form->samplerate,
                         WAV_RATE_MIN, WAV_RATE_MAX);
    }
    if (form->samplerate != VOICE_RATE) {
        in->resampler = speex_resampler_init(1, (spx_uint32_t)form->samplerate, VOICE_RATE,
                                             SPEEX_RESAMPLER_QUALITY_DESKTOP, NULL);
        if (in->resampler == NULL) {
            return error_set(in->error, STATUS_NO_MEMORY, "%s: out of memory", in->path);
        }
        speex_resampler_skip_zeros(in->resampler);
    }
    enum status status = take_all(in, file, form);
    if (in->resampler != NULL) {
        speex_resampler_destroy(in->resampler);
    }
    return status;
}

static enum status decode(struct span octets, const char *path, struct wav *wav,
                          struct error *error) {
    SF_VIRTUAL_IO reading = {.get_filelen = memory_length,
                             .seek = memory_seek,
                             .read = memory_read,
                             .tell = memory_tell};
    struct memory memory = {.octets = octets.octets, .length = (sf_count_t)octets.length};
    SF_INFO form = {0};
    SNDFILE *file = sf_open_virtual(&reading, SFM_READ, &form, &memory);
    if (file == NULL) {
        return not_read(path, error);
    }
    struct intake in = {.path = path, .wav = wav, .error = error};
    enum status status = take_file(&in, file, &form);
    sf_close(file);
    if (status != STATUS_OK) {
        free(wav->samples);
        *wav = (struct wav){NULL, 0};
    }
    return status;
}

enum status wav_load(const char *path, struct wav *wav, struct error *error) {
    *wav = (struct wav){NULL, 0};
    uint8_t *octets = NULL;
    size_t length = 0;
    enum status status = read_file(path, &octets, &length, error);
    if (status == STATUS_OK && length == 0) {
        status = error_set(error, STATUS_TRUNCATED, "%s: the file is empty", path);
    }
    if (status == STATUS_OK) {
        length = mend(octets, length);
        status = decode((struct span){octets, length}, path, wav, error);
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
