/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/demo/exercise.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/programs/demo/exercise_state.h"
#include "ui/words/event.h"

/* The officers; a further one is "Unit 11". */
static const char *const names[] = {"Ada",  "Ben", "Cleo", "Dina", "Emil",
                                    "Finn", "Gro", "Hugo", "Ida",  "Jon"};

void exercise_line(const struct exercise *exercise, const char *format, ...) {
    if (!exercise->setup.on_line) {
        return;
    }
    char line[512];
    int64_t seconds = exercise_utc(exercise) / 1000 % 86400;
    int length = snprintf(line, sizeof line, "%02d:%02d:%02d  ", (int)(seconds / 3600),
                          (int)(seconds / 60 % 60), (int)(seconds % 60));
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + length, sizeof line - (size_t)length, format, arguments);
    va_end(arguments);
    exercise->setup.on_line(exercise->setup.context, line);
}

void exercise_say(struct exercise *exercise, const char *text) {
    snprintf(exercise->said, sizeof exercise->said, "%s", text);
    exercise_line(exercise, "--- %s", text);
}

const char *exercise_said(const struct exercise *exercise) {
    return exercise->said;
}

static void on_tell(void *context, const struct station *station, const struct output *output) {
    const struct exercise *exercise = context;
    char words[EVENT_WORDS_SIZE];
    event_words(&output->event, words, sizeof words);
    exercise_line(exercise, "%-8s  %s", station->name, words);
}

/* The air takes a frame for one handset to that handset only; a stranger's radio takes it anyway.
 */
static void overhear(struct exercise *exercise, unsigned from, struct span frame) {
    struct overheard *all =
        realloc(exercise->overheard, (exercise->overheard_count + 1) * sizeof *all);
    if (!all) {
        return;
    }
    exercise->overheard = all;
    uint8_t *octets = malloc(frame.length);
    if (!octets) {
        return;
    }
    memcpy(octets, frame.octets, frame.length);
    all[exercise->overheard_count++] =
        (struct overheard){.from = from, .length = frame.length, .octets = octets};
}

static void on_air(void *context, const struct air_frame *frame) {
    struct exercise *exercise = context;
    struct span octets = {.octets = frame->octets, .length = frame->length};
    int64_t utc_ms = exercise_utc(exercise);
    unsigned to = frame->to == PEER_ALL ? 0 : (unsigned)frame->to;
    if (exercise->pcap) {
        pcap_frame(exercise->pcap, utc_ms, frame->from, to, octets);
    }
    if (exercise->frames) {
        pcap_whole_frame(exercise->frames, utc_ms, frame->from, to, octets);
    }
    if (to > 0 && exercise->setup.strangers > 0) {
        overhear(exercise, frame->from, octets);
    }
    const struct lesson_frame *line =
        air_log_frame(&exercise->log, utc_ms, frame->from, to, octets);
    if (!line) {
        return;
    }
    char target[16] = "all";
    if (to > 0) {
        snprintf(target, sizeof target, "%u", to);
    }
    exercise_line(exercise, "  on the air %u to %s: %s (%s)", frame->from, target, line->what,
                  line->protection);
}

static enum status make_folder(struct exercise *exercise, struct error *error) {
    const char *parent = getenv("TMPDIR");
    snprintf(exercise->folder, sizeof exercise->folder, "%.200s/muster-demo-XXXXXX",
             parent && parent[0] ? parent : "/tmp");
    if (mkdtemp(exercise->folder)) {
        return STATUS_OK;
    }
    enum status status =
        error_set(error, STATUS_IO_FAILED, "%s: %s", exercise->folder, strerror(errno));
    exercise->folder[0] = 0;
    return status;
}

static void remove_folder(const char *folder) {
    DIR *directory = opendir(folder);
    struct dirent *entry;
    while (directory && (entry = readdir(directory)) != NULL) {
        unlinkat(dirfd(directory), entry->d_name, 0);
    }
    if (directory) {
        closedir(directory);
    }
    rmdir(folder);
}

static int is_wav(const struct dirent *entry) {
    size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".wav") == 0;
}

/* The n-th voice of the folder, counted round. */
static enum status find_voice(const char *folder, unsigned n, char path[512], struct error *error) {
    struct dirent **entries;
    int count = scandir(folder, &entries, is_wav, alphasort);
    if (count < 0) {
        return error_set(error, STATUS_NOT_FOUND, "%.200s: %s", folder, strerror(errno));
    }
    if (count > 0) {
        snprintf(path, 512, "%.250s/%s", folder, entries[n % (unsigned)count]->d_name);
    }
    for (int i = 0; i < count; i++) {
        free(entries[i]);
    }
    free(entries);
    if (count == 0) {
        return error_set(error, STATUS_NOT_FOUND, "%.200s: there are no WAV files in it", folder);
    }
    return STATUS_OK;
}

static enum status open_sound(const struct exercise *exercise, struct station *station,
                              struct error *error) {
    char voice[512], recording[512];
    enum status status =
        find_voice(exercise->setup.voice_folder, station->number - 1, voice, error);
    if (status != STATUS_OK) {
        return status;
    }
    const char *folder = exercise->setup.record_folder;
    if (folder) {
        snprintf(recording, sizeof recording, "%.400s/heard-by-%u.wav", folder, station->number);
    }
    return sound_open("wav", voice, folder ? recording : NULL, &station->capture,
                      &station->playback, error);
}

/* Throw-away stores, in a folder that nobody else may read. */
static const char passphrase[] = "demonstration";

static const char kms_name[] = "sip:kms@county.example";

enum {
    HOUR_MS = 3600 * 1000,
    MAX_KEY_PERIOD_MS = 24 * HOUR_MS
};

static void name_station(struct station *station) {
    snprintf(station->identity, sizeof station->identity, "urn:gsma:imei:90420156-0257%02u-0",
             station->number);
    if (station->is_stranger) {
        snprintf(station->name, sizeof station->name, "Stranger");
    } else if (station->number <= sizeof names / sizeof names[0]) {
        snprintf(station->name, sizeof station->name, "%s", names[station->number - 1]);
    } else {
        snprintf(station->name, sizeof station->name, "Unit %u", station->number);
    }
}

/* The KMS enrols the ME identity; its credential goes into a new store (6.X.3.3.3.4). */
static enum status enrol(struct exercise *exercise, struct station *station, struct error *error) {
    char path[300], fingerprint[FINGERPRINT_SIZE];
    const struct kms_terms terms = {.now_ms = exercise_utc(exercise),
                                    .max_key_period_ms = MAX_KEY_PERIOD_MS};
    snprintf(path, sizeof path, "%s/handset-%u", exercise->folder, station->number);
    name_station(station);
    air_log_name(&exercise->log, station->identity, station->name);
    struct batch *batch = batch_new();
    if (!batch) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    enum status status = kms_enroll_in_memory(exercise->kms, station->identity, station->name,
                                              &terms, &exercise->entropy, batch, error);
    if (status == STATUS_OK) {
        status = store_create(path, span_of_text(passphrase), STORE_QUICK, &exercise->entropy,
                              &station->store, error);
    }
    if (status == STATUS_OK) {
        status = store_apply(station->store, batch, error);
    }
    batch_free(batch);
    if (status != STATUS_OK) {
        return status;
    }
    kms_fingerprint(exercise->kms, fingerprint);
    exercise_line(exercise, "handset %u enrols in %s as %s (%s), domain fingerprint %s",
                  station->number, kms_uri(exercise->kms), station->identity, station->name,
                  fingerprint);
    return STATUS_OK;
}

/* A stranger sends nothing: nobody knows that it listens. */
static enum status fall_silent(struct station *station, struct moment now, struct error *error) {
    struct command command = {.kind = COMMAND_RADIO_SILENCE, .on = 1};
    struct event problem;
    enum status status = handset_command(station->handset, now, &command, &problem);
    if (status != STATUS_OK) {
        error_set(error, status, "handset %u: %s", station->number, event_name(problem.kind));
    }
    return status;
}

static enum status add_station(struct exercise *exercise, unsigned number, struct error *error) {
    struct station *station = &exercise->stations[exercise->count++];
    station->number = number;
    station->is_stranger = number > exercise->setup.handsets;
    station->on_tell = on_tell;
    station->context = exercise;
    enum status status = enrol(exercise, station, error);
    if (status == STATUS_OK) {
        status = open_sound(exercise, station, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    station->port = air_open_port(exercise->air, number);
    if (!station->port) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    struct entropy entropy =
        entropy_from_seed(&station->randomness, exercise->setup.seed * 100 + number);
    struct moment now = exercise_moment(exercise);
    status = station_start(station, exercise->setup.provider, entropy, now, error);
    if (status == STATUS_OK && station->is_stranger) {
        status = fall_silent(station, now, error);
    }
    return status;
}

static enum status make_air(struct exercise *exercise, struct error *error) {
    exercise->air = air_new(exercise->setup.seed);
    exercise->hearing = hearing_new(EXERCISE_STATIONS_MAX);
    if (!exercise->air || !exercise->hearing) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    air_set_conditions(exercise->air,
                       (struct air_conditions){.delay_min_ms = 2, .delay_max_ms = 12});
    air_observe(exercise->air, on_air, exercise);
    const char *messages = exercise->setup.capture_path, *frames = exercise->setup.frames_path;
    enum status status = STATUS_OK;
    if (messages) {
        status = pcap_open(messages, &exercise->pcap, error);
    }
    if (frames && status == STATUS_OK) {
        status = pcap_open(frames, &exercise->frames, error);
    }
    return status;
}

static enum status set_up(struct exercise *exercise, struct error *error) {
    enum status status = make_folder(exercise, error);
    if (status == STATUS_OK) {
        status = make_air(exercise, error);
    }
    if (status == STATUS_OK) {
        status = kms_init_in_memory(kms_name, false, exercise->setup.provider, &exercise->entropy,
                                    &exercise->kms, error);
    }
    unsigned count = exercise->setup.handsets + exercise->setup.strangers;
    for (unsigned number = 1; status == STATUS_OK && number <= count; number++) {
        status = add_station(exercise, number, error);
    }
    return status;
}

enum status exercise_new(const struct exercise_setup *setup, struct exercise **exercise,
                         struct error *error) {
    *exercise = NULL;
    struct exercise *made = calloc(1, sizeof *made);
    if (!made) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    made->setup = *setup;
    made->entropy = entropy_from_seed(&made->randomness, setup->seed * 100);
    made->tally.worst = 1;
    enum status status = set_up(made, error);
    if (status != STATUS_OK) {
        struct error second;
        if (exercise_free(made, &second) != STATUS_OK) {
            return status; /* the first error is the one to tell */
        }
        return status;
    }
    *exercise = made;
    return STATUS_OK;
}

enum status exercise_free(struct exercise *exercise, struct error *error) {
    if (!exercise) {
        return STATUS_OK;
    }
    enum status status = STATUS_OK;
    for (size_t i = 0; i < exercise->count; i++) {
        station_end(&exercise->stations[i]);
        if (exercise->stations[i].error.status != STATUS_OK && status == STATUS_OK) {
            *error = exercise->stations[i].error;
            status = error->status;
        }
    }
    air_free(exercise->air);
    hearing_free(exercise->hearing);
    kms_close(exercise->kms);
    struct pcap *const captures[] = {exercise->pcap, exercise->frames};
    for (size_t i = 0; i < sizeof captures / sizeof captures[0]; i++) {
        struct error second;
        enum status captured = pcap_close(captures[i], &second);
        if (status == STATUS_OK && captured != STATUS_OK) {
            *error = second;
            status = captured;
        }
    }
    for (size_t i = 0; i < exercise->overheard_count; i++) {
        free(exercise->overheard[i].octets);
    }
    free(exercise->overheard);
    if (exercise->folder[0]) {
        remove_folder(exercise->folder);
    }
    free(exercise);
    return status;
}
