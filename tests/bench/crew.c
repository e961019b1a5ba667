/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/crew.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/handset/keys/heard.h"
#include "app/sound/wav.h"
#include "app/store/store.h"
#include "tests/app/squad.h"

enum {
    PROBLEM_SIZE = 160,
    PATH_SIZE = 160,
    COLUMNS = 80,
    ROWS = 24,
    UNLOCKING_MS = 2500,
    MEETING_MS = 4000,
    ENDING_MS = 3000,
    SPEECH_SECONDS = 60,
    GROUP_LASTS_MS = 12 * HOUR_MS,
    TAIL_SIZE = 16,     /* of what a program wrote: what it asks may come in two parts */
    BEFORE_MS = 120000, /* that the stores were made before anybody runs */
};

static const char passphrase[] = "pass";

struct member {
    pid_t process; /* 0: it does not run */
    int terminal;
    char tail[TAIL_SIZE]; /* what it wrote last */
    bool tells_releases;
    struct trace *trace;
};

struct crew {
    char folder[32];
    size_t count;
    struct member members[CREW_MAX];
};

int64_t crew_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static bool fail(char problem[PROBLEM_SIZE], const char *what) {
    snprintf(problem, PROBLEM_SIZE, "%.150s", what);
    return false;
}

/* --- What they have ----------------------------------------------------------------------------
 */

static const char *path_of(const struct crew *crew, const char *what, size_t n,
                           char path[PATH_SIZE]) {
    snprintf(path, PATH_SIZE, "%.30s/%.20s-%zu", crew->folder, what, n);
    return path;
}

static bool keep_store(const struct crew *crew, const struct squad_handset *handset, size_t n) {
    char path[PATH_SIZE];
    struct store *store;
    struct error error;
    bool kept = store_create(path_of(crew, "store", n, path), span_of_text(passphrase), STORE_QUICK,
                             &entropy_system, &store, &error) == STATUS_OK;
    for (size_t i = 0; kept && i < handset->record_count; i++) {
        const struct squad_record *record = &handset->records[i];
        struct batch *batch = batch_new();
        kept = batch != NULL &&
               batch_put(batch, record->kind, secret_span(record->key),
                         secret_span(record->value)) == STATUS_OK &&
               store_apply(store, batch, &error) == STATUS_OK;
        batch_free(batch);
    }
    store_close(store);
    return kept;
}

/* The group is made on virtual time, so long ago that nothing heard then matters now. */
static bool keep_stores(const struct crew *crew) {
    struct timespec now;
    bool kept = true;
    clock_gettime(CLOCK_REALTIME, &now);
    struct squad *squad = squad_new(crew->count);
    int64_t now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    int64_t offset_ms = now_ms - squad_now(squad, 0).utc_ms - HEARD_RESERVE_MS - BEFORE_MS;
    for (size_t n = 0; n < crew->count; n++) {
        squad->handsets[n].utc_offset_ms = offset_ms;
    }
    squad_group(squad, GROUP_LASTS_MS);
    squad_run(squad, 1000);
    for (size_t n = 0; n < crew->count; n++) {
        kept = keep_store(crew, &squad->handsets[n], n) && kept;
    }
    squad_free(squad);
    return kept;
}

/* A minute of the three speakers in turn. */
static bool keep_speech(const struct crew *crew) {
    static const char *const names[] = {"bridge", "ladder", "medic"};
    const size_t wanted = (size_t)SPEECH_SECONDS * VOICE_RATE;
    uint8_t header[WAV_HEADER_SIZE];
    char path[PATH_SIZE];
    struct error error;
    FILE *file = fopen(path_of(crew, "speech", 0, path), "wb");
    wav_header((uint32_t)wanted, header);
    bool kept = file != NULL && fwrite(header, 1, sizeof header, file) == sizeof header;
    for (size_t i = 0, left = wanted; kept && left > 0; i++) {
        struct wav wav = {0};
        char source[PATH_SIZE];
        snprintf(source, sizeof source, "fixtures/voice/%s.wav", names[i % 3]);
        kept = wav_load(source, &wav, &error) == STATUS_OK;
        size_t count = wav.count < left ? wav.count : left;
        kept = kept && fwrite(wav.samples, sizeof wav.samples[0], count, file) == count;
        left -= kept ? count : 0;
        free(wav.samples);
    }
    return (file == NULL || fclose(file) == 0) && kept;
}

static bool keep_trace(const struct crew *crew, struct member *member, size_t n) {
    char path[PATH_SIZE];
    int file = open(path_of(crew, "trace", n, path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    void *there = MAP_FAILED;
    if (file >= 0 && ftruncate(file, sizeof(struct trace)) == 0) {
        there = mmap(NULL, sizeof(struct trace), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    }
    if (file >= 0) {
        close(file);
    }
    member->trace = there == MAP_FAILED ? NULL : there;
    return member->trace != NULL;
}

static bool keep_passphrase(const struct crew *crew) {
    char path[PATH_SIZE];
    FILE *file = fopen(path_of(crew, "passphrase", 0, path), "w");
    return file != NULL && fprintf(file, "%s\n", passphrase) > 0 && fclose(file) == 0;
}

struct crew *crew_new(size_t count, char problem[PROBLEM_SIZE]) {
    struct crew *crew = calloc(1, sizeof *crew);
    if (crew == NULL || count > CREW_MAX) {
        fail(problem, "out of memory");
        free(crew);
        return NULL;
    }
    crew->count = count;
    snprintf(crew->folder, sizeof crew->folder, "/tmp/muster-voice-XXXXXX");
    bool kept = mkdtemp(crew->folder) != NULL && keep_passphrase(crew) && keep_stores(crew) &&
                keep_speech(crew);
    for (size_t n = 0; kept && n < count; n++) {
        kept = keep_trace(crew, &crew->members[n], n);
    }
    if (kept) {
        return crew;
    }
    fail(problem, "what the handsets need cannot be made in /tmp");
    crew_free(crew);
    return NULL;
}

void crew_free(struct crew *crew) {
    static const char *const files[] = {"store", "trace", "speech", "passphrase"};
    if (crew == NULL) {
        return;
    }
    crew_stop(crew);
    for (size_t n = 0; n < crew->count; n++) {
        char path[PATH_SIZE];
        if (crew->members[n].trace != NULL) {
            munmap(crew->members[n].trace, sizeof(struct trace));
        }
        store_discard(path_of(crew, files[0], n, path));
        for (size_t i = 1; i < sizeof files / sizeof files[0]; i++) {
            unlink(path_of(crew, files[i], n, path));
        }
    }
    rmdir(crew->folder);
    free(crew);
}

/* --- They run ----------------------------------------------------------------------------------
 */

static void become_handset(const struct crew *crew, size_t n, const struct impaired_air *air) {
    char muster[PATH_SIZE], store[PATH_SIZE], secret[PATH_SIZE], speech[PATH_SIZE],
        trace[PATH_SIZE];
    const char *build = getenv("MUSTER_BUILD");
    snprintf(muster, sizeof muster, "%.100s/tests/traced/muster",
             build != NULL ? build : "build/release");
    setenv("TERM", "xterm", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("MUSTER_TRACE", path_of(crew, "trace", n, trace), 1);
    if (impaired_air_enter(air, n)) {
        execl(muster, muster, "--store", path_of(crew, "store", n, store), "--passphrase-file",
              path_of(crew, "passphrase", 0, secret), "--transport", "udp:eth0", "--voice",
              path_of(crew, "speech", 0, speech), (char *)NULL);
    }
    _exit(127);
}

bool crew_join(struct crew *crew, size_t n, struct impaired_air *air) {
    const struct winsize size = {.ws_col = COLUMNS, .ws_row = ROWS};
    struct member *member = &crew->members[n];
    *member = (struct member){.trace = member->trace};
    atomic_store(&member->trace->count, 0);
    for (size_t i = 0; i < TRACE_NEARBY_MAX; i++) {
        atomic_store(&member->trace->nearby_us[i], 0);
    }
    member->process = forkpty(&member->terminal, NULL, NULL, &size);
    if (member->process == 0) {
        become_handset(crew, n, air);
    }
    member->process = member->process < 0 ? 0 : member->process;
    return member->process > 0;
}

int64_t crew_heard_us(const struct crew *crew, size_t n, size_t other) {
    return atomic_load(&crew->members[n].trace->nearby_us[other]);
}

bool crew_start(struct crew *crew, size_t count, struct impaired_air *air,
                char problem[PROBLEM_SIZE]) {
    for (size_t n = 0; n < count; n++) {
        if (!crew_join(crew, n, air)) {
            return fail(problem, "no terminal for a handset");
        }
    }
    bool well = crew_wait(crew, UNLOCKING_MS);
    for (size_t n = 0; n < count; n++) {
        crew_key(crew, n, '3'); /* the Talk screen */
    }
    return (well && crew_wait(crew, MEETING_MS)) || fail(problem, "a handset has ended");
}

static int64_t type(struct crew *crew, size_t n, const char *octets) {
    int64_t now = crew_now_us();
    ssize_t written = write(crew->members[n].terminal, octets, strlen(octets));
    (void)written; /* a key that was not taken is seen in the trace */
    return now;
}

/* Does `word` end in these octets? Before them are TAIL_SIZE more, in which it may begin. */
static bool ends_in(const char *octets, size_t length, const char *word) {
    size_t before = strlen(word) - 1;
    return memmem(octets - before, length + before, word, strlen(word)) != NULL;
}

/* A terminal with kitty's keyboard protocol: answers what it is asked, and notes what it is told.
 */
static void attend(struct crew *crew, size_t n, char *octets, size_t length) {
    struct member *member = &crew->members[n];
    memcpy(octets - TAIL_SIZE, member->tail, TAIL_SIZE);
    if (ends_in(octets, length, "\033[?u")) {
        type(crew, n, "\033[?0u");
    }
    if (ends_in(octets, length, "\033[c")) {
        type(crew, n, "\033[?62c");
    }
    member->tells_releases = (member->tells_releases || ends_in(octets, length, "\033[>11u")) &&
                             !ends_in(octets, length, "\033[<u");
    memcpy(member->tail, octets + length - TAIL_SIZE, TAIL_SIZE);
}

static bool drain(struct crew *crew, int64_t ms) {
    struct pollfd terminals[CREW_MAX];
    char octets[TAIL_SIZE + 4096];
    bool well = true;
    for (size_t n = 0; n < crew->count; n++) {
        int terminal = crew->members[n].process > 0 ? crew->members[n].terminal : -1;
        terminals[n] = (struct pollfd){.fd = terminal, .events = POLLIN};
    }
    if (poll(terminals, crew->count, (int)ms) <= 0) {
        return true;
    }
    for (size_t n = 0; n < crew->count; n++) {
        if (terminals[n].revents != 0) {
            ssize_t length = read(terminals[n].fd, octets + TAIL_SIZE, sizeof octets - TAIL_SIZE);
            well = length > 0 && well;
            attend(crew, n, octets + TAIL_SIZE, length > 0 ? (size_t)length : 0);
        }
    }
    return well;
}

bool crew_wait(struct crew *crew, int64_t ms) {
    int64_t until_us = crew_now_us() + ms * 1000;
    bool well = true;
    for (int64_t left; well && (left = until_us - crew_now_us()) > 0;) {
        well = drain(crew, (left + 999) / 1000);
    }
    return well;
}

void crew_stop(struct crew *crew) {
    for (size_t n = 0; n < crew->count; n++) {
        if (crew->members[n].process > 0) {
            kill(crew->members[n].process, SIGTERM);
        }
    }
    int64_t until_us = crew_now_us() + ENDING_MS * 1000;
    for (size_t n = 0; n < crew->count; n++) {
        struct member *member = &crew->members[n];
        while (member->process > 0 && waitpid(member->process, NULL, WNOHANG) == 0) {
            (void)drain(crew, 10);
            if (crew_now_us() > until_us) {
                kill(member->process, SIGKILL);
            }
        }
        if (member->process > 0) {
            close(member->terminal);
        }
        member->process = 0;
    }
}

int64_t crew_key(struct crew *crew, size_t n, char key) {
    return type(crew, n, (const char[]){key, '\0'});
}

int64_t crew_press(struct crew *crew, size_t n) {
    return type(crew, n, crew->members[n].tells_releases ? "\033[32u" : " ");
}

int64_t crew_release(struct crew *crew, size_t n) {
    return type(crew, n, crew->members[n].tells_releases ? "\033[32;1:3u" : " ");
}

/* k on the Talk screen, twice enter, y; then it looks at the talk again. */
bool crew_rekey(struct crew *crew) {
    static const char keys[] = {'k', '\r', '\r', 'y', '3'};
    bool well = true;
    for (size_t i = 0; i < sizeof keys; i++) {
        crew_key(crew, 0, keys[i]);
        well = crew_wait(crew, 300) && well;
    }
    return well;
}

void crew_resize(struct crew *crew, size_t n, unsigned short columns, unsigned short rows) {
    const struct winsize size = {.ws_col = columns, .ws_row = rows};
    (void)ioctl(crew->members[n].terminal, TIOCSWINSZ, &size);
}

void crew_slow_disk(struct crew *crew, size_t n, int ms) {
    atomic_store(&crew->members[n].trace->sync_ms, ms);
}

pid_t crew_process(const struct crew *crew, size_t n) {
    return crew->members[n].process;
}

/* --- What they did -----------------------------------------------------------------------------
 */

/* The next record of `kind` in the stretch, from *at on. */
static const struct trace_record *next(const struct trace *trace, enum trace_kind kind,
                                       struct stretch stretch, unsigned *at) {
    unsigned count = atomic_load(&trace->count);
    count = count < TRACE_RECORDS_MAX ? count : TRACE_RECORDS_MAX;
    while (*at < count) {
        const struct trace_record *record = &trace->records[(*at)++];
        if (atomic_load(&record->kind) == (int32_t)kind && record->at_us >= stretch.from_us &&
            record->at_us < stretch.to_us) {
            return record;
        }
    }
    return NULL;
}

const struct trace_record *crew_first(const struct crew *crew, size_t n, enum trace_kind kind,
                                      struct stretch stretch) {
    unsigned at = 0;
    return next(crew->members[n].trace, kind, stretch, &at);
}

unsigned crew_count(const struct crew *crew, size_t n, enum trace_kind kind,
                    struct stretch stretch) {
    unsigned at = 0, count = 0;
    while (next(crew->members[n].trace, kind, stretch, &at) != NULL) {
        count++;
    }
    return count;
}

int64_t crew_longest_us(const struct crew *crew, size_t n, enum trace_kind kind,
                        struct stretch stretch) {
    unsigned at = 0;
    int64_t longest_us = 0, last_us = 0;
    for (const struct trace_record *record;
         (record = next(crew->members[n].trace, kind, stretch, &at)) != NULL;) {
        if (last_us != 0 && record->at_us - last_us > longest_us) {
            longest_us = record->at_us - last_us;
        }
        last_us = record->at_us;
    }
    return longest_us;
}
