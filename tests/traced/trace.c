/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/traced/trace.h"

#include <fcntl.h>
#include <opus/opus.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "app/handset/air/frame.h"
#include "app/handset/engine.h"
#include "app/programs/traffic.h"
#include "app/store/store.h"
#include "app/voice/voice.h"
#include "crypto/announcement.h"

static struct trace *trace; /* NULL: nobody looks */

/* --- Records ---------------------------------------------------------------------------------- */

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void note(enum trace_kind kind, int64_t began_us) {
    unsigned at = trace == NULL ? TRACE_RECORDS_MAX : atomic_fetch_add(&trace->count, 1);
    if (at < TRACE_RECORDS_MAX) {
        struct trace_record *record = &trace->records[at];
        record->at_us = kind == TRACE_PLAYED ? now_us() : began_us;
        record->took_us = (int32_t)(now_us() - began_us);
        atomic_store(&record->kind, (int32_t)kind);
    }
}

static bool has_voice(struct span frame) {
    unsigned kind = frame.length < FRAME_HEADER_SIZE ? 0 : frame.octets[1];
    return kind == FRAME_MEDIA || kind == FRAME_ANNOUNCEMENT ||
           kind == FRAME_ANNOUNCEMENT_AND_MEDIA;
}

/* --- Who is nearby ---------------------------------------------------------------------------- */

enum {
    LOOK_APART_US = 250 * 1000,
    FIRST_UNIT = 25763
};

/* The number of the crew's handset with that identity (tests/app/squad.h); TRACE_NEARBY_MAX of
 * nobody's. */
static size_t number_of(const char *identity) {
    static const char units[] = "urn:gsma:imei:90420156-";
    long number = strncmp(identity, units, sizeof units - 1) == 0
                      ? strtol(identity + sizeof units - 1, NULL, 10) - FIRST_UNIT
                      : TRACE_NEARBY_MAX;
    return number >= 0 && number < TRACE_NEARBY_MAX ? (size_t)number : TRACE_NEARBY_MAX;
}

static void look_around(struct handset *handset, struct moment now) {
    static int64_t looked_us;
    int64_t heard_us[TRACE_NEARBY_MAX] = {0}, at_us = now_us();
    if (trace == NULL || at_us - looked_us < LOOK_APART_US) {
        return;
    }
    looked_us = at_us;
    const struct view *view = handset_view(handset, now);
    for (size_t i = 0; i < view->nearby_count; i++) {
        size_t number = number_of(view->nearby[i].identity);
        if (number < TRACE_NEARBY_MAX) {
            heard_us[number] = at_us - view->nearby[i].heard_ago_ms * 1000;
        }
    }
    for (size_t i = 0; i < TRACE_NEARBY_MAX; i++) {
        atomic_store(&trace->nearby_us[i], heard_us[i]);
    }
}

/* --- What voice passes: each function calls the one that it stands for ---------------------------
 */

int __real_opus_decode(OpusDecoder *decoder, const unsigned char *octets, opus_int32 length,
                       opus_int16 *samples, int count, int mends);
int __wrap_opus_decode(OpusDecoder *decoder, const unsigned char *octets, opus_int32 length,
                       opus_int16 *samples, int count, int mends);
enum status __real_handset_command(struct handset *handset, struct moment now,
                                   const struct command *command, struct event *problem);
enum status __wrap_handset_command(struct handset *handset, struct moment now,
                                   const struct command *command, struct event *problem);
void __real_handset_speak(struct handset *handset, struct moment now, int64_t waited_ms,
                          const int16_t samples[VOICE_FRAME_SAMPLES]);
void __wrap_handset_speak(struct handset *handset, struct moment now, int64_t waited_ms,
                          const int16_t samples[VOICE_FRAME_SAMPLES]);
bool __real_handset_listen(struct handset *handset, struct moment now,
                           int16_t samples[VOICE_FRAME_SAMPLES]);
bool __wrap_handset_listen(struct handset *handset, struct moment now,
                           int16_t samples[VOICE_FRAME_SAMPLES]);
bool __real_handset_frame(struct handset *handset, struct moment now, uint64_t peer,
                          struct span frame);
bool __wrap_handset_frame(struct handset *handset, struct moment now, uint64_t peer,
                          struct span frame);
enum status __real_voice_receiver_packet(struct voice_receiver *receiver, int64_t boot_ms,
                                         struct span packet);
enum status __wrap_voice_receiver_packet(struct voice_receiver *receiver, int64_t boot_ms,
                                         struct span packet);
void __real_traffic_send(struct traffic *traffic, struct moment now, const struct output *output);
void __wrap_traffic_send(struct traffic *traffic, struct moment now, const struct output *output);
enum status __real_store_apply_all(struct store *store, const struct batch *const batches[],
                                   size_t count, struct error *error);
enum status __wrap_store_apply_all(struct store *store, const struct batch *const batches[],
                                   size_t count, struct error *error);
enum status __real_announcement_build(const struct provider *provider,
                                      const struct announcement_fields *fields,
                                      const uint8_t gmk[GMK_SIZE], const uint8_t gsk[GSK_SIZE],
                                      const struct signing_key *signing_key,
                                      const struct entropy *entropy, struct writer *out);
enum status __wrap_announcement_build(const struct provider *provider,
                                      const struct announcement_fields *fields,
                                      const uint8_t gmk[GMK_SIZE], const uint8_t gsk[GSK_SIZE],
                                      const struct signing_key *signing_key,
                                      const struct entropy *entropy, struct writer *out);

enum status __wrap_handset_command(struct handset *handset, struct moment now,
                                   const struct command *command, struct event *problem) {
    int64_t began_us = now_us();
    enum command_kind kind = command->kind;
    enum status status = __real_handset_command(handset, now, command, problem);
    if (kind == COMMAND_TALK_BEGIN || kind == COMMAND_TALK_END) {
        note(kind == COMMAND_TALK_BEGIN ? TRACE_PRESSED : TRACE_RELEASED, began_us);
    }
    return status;
}

void __wrap_handset_speak(struct handset *handset, struct moment now, int64_t waited_ms,
                          const int16_t samples[VOICE_FRAME_SAMPLES]) {
    int64_t began_us = now_us();
    __real_handset_speak(handset, now, waited_ms, samples);
    note(TRACE_SPOKE, began_us);
}

bool __wrap_handset_listen(struct handset *handset, struct moment now,
                           int16_t samples[VOICE_FRAME_SAMPLES]) {
    int64_t began_us = now_us();
    bool is_voice = __real_handset_listen(handset, now, samples);
    note(is_voice ? TRACE_PLAYED : TRACE_SILENT, began_us);
    look_around(handset, now);
    return is_voice;
}

int __wrap_opus_decode(OpusDecoder *decoder, const unsigned char *octets, opus_int32 length,
                       opus_int16 *samples, int count, int mends) {
    note(octets == NULL || mends ? TRACE_DAMAGED : TRACE_DECODED, now_us());
    return __real_opus_decode(decoder, octets, length, samples, count, mends);
}

bool __wrap_handset_frame(struct handset *handset, struct moment now, uint64_t peer,
                          struct span frame) {
    int64_t began_us = now_us();
    bool is_voice = has_voice(frame);
    bool is_proven = __real_handset_frame(handset, now, peer, frame);
    if (is_voice) {
        note(TRACE_HEARD, began_us);
    }
    look_around(handset, now);
    return is_proven;
}

enum status __wrap_voice_receiver_packet(struct voice_receiver *receiver, int64_t boot_ms,
                                         struct span packet) {
    int64_t began_us = now_us();
    enum status status = __real_voice_receiver_packet(receiver, boot_ms, packet);
    note(TRACE_TAKEN, began_us);
    return status;
}

void __wrap_traffic_send(struct traffic *traffic, struct moment now, const struct output *output) {
    int64_t began_us = now_us();
    bool is_voice = has_voice(output->frame);
    __real_traffic_send(traffic, now, output);
    if (is_voice) {
        note(TRACE_SENT, began_us);
    }
}

enum status __wrap_store_apply_all(struct store *store, const struct batch *const batches[],
                                   size_t count, struct error *error) {
    int64_t began_us = now_us();
    enum status status = __real_store_apply_all(store, batches, count, error);
    note(TRACE_WROTE, began_us);
    return status;
}

enum status __wrap_announcement_build(const struct provider *provider,
                                      const struct announcement_fields *fields,
                                      const uint8_t gmk[GMK_SIZE], const uint8_t gsk[GSK_SIZE],
                                      const struct signing_key *signing_key,
                                      const struct entropy *entropy, struct writer *out) {
    int64_t began_us = now_us();
    enum status status =
        __real_announcement_build(provider, fields, gmk, gsk, signing_key, entropy, out);
    note(TRACE_SIGNED, began_us);
    return status;
}

/* --- A slow disk ------------------------------------------------------------------------------ */

static sqlite3_vfs *real_disk;
static sqlite3_io_methods slow_methods;
static int (*real_sync)(sqlite3_file *file, int flags);

static int slow_sync(sqlite3_file *file, int flags) {
    int ms = atomic_load(&trace->sync_ms);
    const struct timespec wait = {ms / 1000, ms % 1000 * 1000000L};
    if (ms > 0) {
        nanosleep(&wait, NULL);
    }
    return real_sync(file, flags);
}

static int slow_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
                     int *flags_out) {
    (void)vfs;
    int result = real_disk->xOpen(real_disk, path, file, flags, flags_out);
    if (file->pMethods != NULL) {
        slow_methods = *file->pMethods;
        real_sync = slow_methods.xSync;
        slow_methods.xSync = slow_sync;
        file->pMethods = &slow_methods;
    }
    return result;
}

static void slow_down_disk(void) {
    static sqlite3_vfs disk;
    real_disk = sqlite3_vfs_find(NULL);
    disk = *real_disk;
    disk.zName = "slow";
    disk.xOpen = slow_open;
    (void)sqlite3_vfs_register(&disk, 1);
}

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("MUSTER_TRACE");
    int file = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    void *there = file < 0 ? MAP_FAILED
                           : mmap(NULL, sizeof *trace, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (file >= 0) {
        close(file);
    }
    if (there != MAP_FAILED) {
        trace = there;
        slow_down_disk();
    }
}
