/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a slow disk does to a talk: two real loops in two processes, each with a store of 12 groups,
 * on a disk whose syncs take 0, 100 and 300 ms. One talks for three minutes, with renewals, the
 * minutes' saves, and a rekey of another group in between. In real time: ten minutes for all three;
 * a number of seconds as its argument makes the talks shorter.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/handset/keys/heard.h"
#include "app/programs/hook.h"
#include "app/programs/loop.h"
#include "app/sound/sound.h"
#include "tests/app/squad.h"

enum {
    GROUPS = 12,
    TALKER = 0,
    LISTENER = 1,
    LOOK_MS = 50, /* from one look of a face to the next */
    BEFORE_MS = 4000,
    AFTER_MS = 1500,
    PATH_SIZE = 128,
    FRAMES_A_CALL = 32,
};

static const int sync_ms[] = {0, 100, 300};
static long talk_ms = 3 * 60 * 1000;

/* What was seen; in memory that both processes share. Times in microseconds. */
static struct seen {
    int64_t pressed, sent, heard;        /* the key; the first packet; the first voice played */
    int64_t said_last, said_longest;     /* between two pieces of 20 ms from the microphone */
    int64_t played_last, played_longest; /* and to the loudspeaker */
    unsigned played, syncs, alarms, rekeyed;
} *seen;

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void check(bool well, const char *what) {
    if (!well) {
        fprintf(stderr, "bench_disk: %s failed\n", what);
        exit(1);
    }
}

/* --- A slow disk ------------------------------------------------------------------------------ */

static int disk_sync_ms;
static sqlite3_vfs *real_disk;
static sqlite3_io_methods slow_methods;
static int (*real_sync)(sqlite3_file *file, int flags);

static int slow_sync(sqlite3_file *file, int flags) {
    const struct timespec wait = {disk_sync_ms / 1000, disk_sync_ms % 1000 * 1000000L};
    nanosleep(&wait, NULL);
    __atomic_add_fetch(&seen->syncs, 1, __ATOMIC_RELAXED);
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

static void slow_down_disk(int ms) {
    static sqlite3_vfs disk;
    disk_sync_ms = ms;
    real_disk = sqlite3_vfs_find(NULL);
    disk = *real_disk;
    disk.zName = "slow";
    disk.xOpen = slow_open;
    check(sqlite3_vfs_register(&disk, 1) == SQLITE_OK, "a slow disk");
}

/* --- Voice, as the loop takes and plays it ---------------------------------------------------- */

void __real_handset_speak(struct handset *handset, struct moment now, int64_t waited_ms,
                          const int16_t samples[VOICE_FRAME_SAMPLES]);
void __wrap_handset_speak(struct handset *handset, struct moment now, int64_t waited_ms,
                          const int16_t samples[VOICE_FRAME_SAMPLES]);
bool __real_handset_listen(struct handset *handset, struct moment now,
                           int16_t samples[VOICE_FRAME_SAMPLES]);
bool __wrap_handset_listen(struct handset *handset, struct moment now,
                           int16_t samples[VOICE_FRAME_SAMPLES]);

static void note_interval(int64_t *last, int64_t *longest) {
    int64_t now = now_us();
    if (*last != 0 && now - *last > *longest) {
        *longest = now - *last;
    }
    *last = now;
}

void __wrap_handset_speak(struct handset *handset, struct moment now, int64_t waited_ms,
                          const int16_t samples[VOICE_FRAME_SAMPLES]) {
    note_interval(&seen->said_last, &seen->said_longest);
    __real_handset_speak(handset, now, waited_ms, samples);
}

bool __wrap_handset_listen(struct handset *handset, struct moment now,
                           int16_t samples[VOICE_FRAME_SAMPLES]) {
    bool is_voice = __real_handset_listen(handset, now, samples);
    if (is_voice) {
        seen->heard = seen->played == 0 ? now_us() : seen->heard;
        seen->played++;
        note_interval(&seen->played_last, &seen->played_longest);
    }
    return is_voice;
}

/* --- The air: a pair of sockets --------------------------------------------------------------- */

struct pair {
    struct transport transport;
    int socket;
};

static size_t pair_descriptors(const struct transport *transport, int descriptors[]) {
    descriptors[0] = ((const struct pair *)transport)->socket;
    return 1;
}

static enum transport_result pair_receive(struct transport *transport, transport_frame_fn *on_frame,
                                          void *context) {
    uint8_t frame[TRANSPORT_FRAME_MAX];
    for (int i = 0; i < FRAMES_A_CALL; i++) {
        ssize_t length =
            recv(((struct pair *)transport)->socket, frame, sizeof frame, MSG_DONTWAIT);
        if (length <= 0) {
            break;
        }
        on_frame(context, 1, frame, (size_t)length);
    }
    return TRANSPORT_OK;
}

static enum transport_result pair_send(struct transport *transport, uint64_t peer,
                                       enum transport_lane lane, const uint8_t *frame,
                                       size_t length) {
    (void)lane;
    (void)peer;
    bool is_voice = frame[1] == FRAME_MEDIA || frame[1] == FRAME_ANNOUNCEMENT_AND_MEDIA;
    if (is_voice && seen->sent == 0) {
        seen->sent = now_us();
    }
    (void)send(((struct pair *)transport)->socket, frame, length, MSG_DONTWAIT);
    return TRANSPORT_OK;
}

static void pair_problem(const struct transport *transport, struct transport_condition *problem) {
    (void)transport;
    memset(problem, 0, sizeof *problem);
}

static const struct transport_kind pair_kind = {.name = "pair",
                                                .descriptors = pair_descriptors,
                                                .receive = pair_receive,
                                                .send = pair_send,
                                                .problem = pair_problem};

/* --- The officers: faces in the place of those of app/programs/face.c ---------------------------
 */

struct face {
    size_t n;
    struct face_back back;
    int64_t began_ms; /* when it was first asked to attend with an open store */
    int64_t look_ms;  /* when it wants to attend again */
    bool talks, rekeys, is_done;
};

void face_turn_to(struct face *face, struct face_back back) {
    face->back = back;
}

int face_descriptor(const struct face *face) {
    (void)face;
    return -1;
}

void face_alert(struct face *face, struct moment now) {
    (void)face;
    (void)now;
}

void face_notice(struct face *face, const struct event *event) {
    (void)face;
    seen->alarms += event_weight(event->kind) == LOG_WARNING;
}

void face_forget_presses(struct face *face) {
    (void)face;
}

void face_forget(struct face *face) {
    (void)face;
}

int64_t face_pressed_ms(const struct face *face) {
    (void)face;
    return 0;
}

void face_button(struct face *face, bool is_pressed, struct moment now) {
    (void)face;
    (void)is_pressed;
    (void)now;
}

bool face_stood_still(const struct face *face) {
    (void)face;
    return false;
}

bool face_is_scripted(const struct face *face) {
    (void)face;
    return false;
}

bool face_is_of_nothing(const struct face *face) {
    (void)face;
    return false;
}

void face_stop(const struct face *face) {
    (void)face;
}

enum face_state face_quit(struct face *face) {
    (void)face;
    return FACE_ENDED;
}

static void order(struct face *face, struct command *command) {
    struct event problem = {.kind = EVENT_NONE};
    face->back.carry_out(face->back.context, command, &problem);
    check(problem.kind == EVENT_NONE, event_name(problem.kind));
}

static void press_to_talk(struct face *face, const struct view *view) {
    struct command command = {.kind = COMMAND_TALK_BEGIN};
    memcpy(command.group, view->groups[0].identity, sizeof command.group);
    face->talks = true;
    seen->pressed = now_us();
    order(face, &command);
}

static void rekey_another_group(struct face *face, const struct view *view) {
    struct command command = {.kind = COMMAND_REKEY_GROUP, .period_ms = HOUR_MS, .member_count = 1};
    memcpy(command.group, view->groups[1].identity, sizeof command.group);
    memcpy(command.members[0], squad_identity(LISTENER), IDENTITY_SIZE);
    face->rekeys = true;
    order(face, &command);
}

enum face_state face_attend(struct face *face, struct moment now) {
    int64_t now_ms = now.boot_ms;
    face->look_ms = now_ms + LOOK_MS;
    const struct view *view = face->back.view(face->back.context);
    if (view->phase != PHASE_READY) {
        return FACE_GOES_ON;
    }
    face->began_ms = face->began_ms == 0 ? now_ms : face->began_ms;
    int64_t at_ms = now_ms - face->began_ms - BEFORE_MS;
    if (face->n == LISTENER && view->invitation_count > 0) {
        struct command accept = {.kind = COMMAND_ACCEPT, .invitation = view->invitations[0].id};
        if (!face->is_done) {
            face->is_done = true;
            order(face, &accept);
        }
    } else if (face->n == TALKER && !face->talks && at_ms >= 0) {
        press_to_talk(face, view);
    } else if (face->n == TALKER && !face->rekeys && at_ms >= talk_ms / 2) {
        rekey_another_group(face, view);
    } else if (face->n == TALKER && !face->is_done && at_ms >= talk_ms) {
        struct command end = {.kind = COMMAND_TALK_END};
        face->is_done = true;
        for (size_t i = 0; i < view->groups[1].member_count; i++) {
            seen->rekeyed += view->groups[1].members[i].state == MEMBER_ACCEPTED;
        }
        order(face, &end);
    }
    return at_ms >= talk_ms + AFTER_MS ? FACE_ENDED : FACE_GOES_ON;
}

int64_t face_deadline(const struct face *face) {
    return face->look_ms;
}

/* --- Two handsets -------------------------------------------------------------------------------
 */

static char folder[] = "/tmp/muster-disk-XXXXXX";

static void path_of(size_t n, char path[PATH_SIZE]) {
    snprintf(path, PATH_SIZE, "%s/%zu", folder, n);
}

static int64_t utc_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void keep_store(const struct squad_handset *handset, size_t n) {
    char path[PATH_SIZE];
    struct store *store;
    struct error error;
    path_of(n, path);
    store_discard(path);
    check(store_create(path, span_of_text("pass"), STORE_QUICK, &entropy_system, &store, &error) ==
              STATUS_OK,
          "a store");
    for (size_t i = 0; i < handset->record_count; i++) {
        struct batch *batch = batch_new();
        check(batch != NULL &&
                  batch_put(batch, handset->records[i].kind, secret_span(handset->records[i].key),
                            secret_span(handset->records[i].value)) == STATUS_OK,
              "a record");
        check(store_apply(store, batch, &error) == STATUS_OK, "a record");
        batch_free(batch);
    }
    store_close(store);
}

/* Stores of two handsets with 12 groups, saved as long ago as what they heard since may matter. */
static void make_stores(void) {
    struct squad *squad = squad_new(2);
    int64_t behind_ms = utc_ms() - squad_now(squad, 0).utc_ms - HEARD_RESERVE_MS - 120000;
    squad->handsets[TALKER].utc_offset_ms = squad->handsets[LISTENER].utc_offset_ms = behind_ms;
    squad_run(squad, 200);
    for (size_t i = 0; i < GROUPS; i++) {
        squad_ask(squad, TALKER, LISTENER, 1);
        squad_run(squad, 1000);
        check(squad_answer(squad, LISTENER, COMMAND_ACCEPT) == STATUS_OK, "an answer");
        squad_run(squad, 2000);
    }
    check(squad_view(squad, LISTENER)->group_count == GROUPS, "12 groups");
    squad_run(squad, 1000);
    keep_store(&squad->handsets[TALKER], TALKER);
    keep_store(&squad->handsets[LISTENER], LISTENER);
    squad_free(squad);
}

static void live(size_t n, int socket, int disk_ms) {
    static const char *const names[] = {"pair"};
    char path[PATH_SIZE];
    struct error error;
    struct capture *capture;
    struct playback *playback;
    struct face face = {.n = n};
    struct pair pair = {{&pair_kind}, socket};
    path_of(n, path);
    slow_down_disk(disk_ms);
    check(sound_open(n == TALKER ? "tone" : "silence", n == TALKER ? "440" : NULL, NULL, &capture,
                     &playback, &error) == STATUS_OK,
          "the sound");
    struct secret *passphrase = secret_copy(span_of_text("pass"));
    check(passphrase != NULL, "memory");
    struct zeroise zeroise = {.store = path};
    const struct loop_setup setup = {.store_path = path,
                                     .hook = HOOK_NONE,
                                     .confinement = &(struct confinement){0},
                                     .zeroise = &zeroise,
                                     .strength = STORE_QUICK,
                                     .provider = squad_provider(),
                                     .entropy = entropy_system,
                                     .passphrase = &passphrase,
                                     .transport = &pair.transport,
                                     .link_count = 1,
                                     .link_names = names,
                                     .capture = capture,
                                     .playback = playback,
                                     .face = &face};
    enum status status = loop_run(&setup, &error);
    check(status == STATUS_OK, error.text);
    exit(0);
}

static bool talk(int disk_ms) {
    int sockets[2], how;
    pid_t children[2];
    memset(seen, 0, sizeof *seen);
    make_stores();
    check(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, sockets) == 0, "sockets");
    for (size_t n = 0; n < 2; n++) {
        children[n] = fork();
        check(children[n] >= 0, "a process");
        if (children[n] == 0) {
            close(sockets[1 - n]);
            live(n, sockets[n], disk_ms);
        }
    }
    close(sockets[0]);
    close(sockets[1]);
    bool is_well = true;
    for (size_t n = 0; n < 2; n++) {
        check(waitpid(children[n], &how, 0) == children[n], "waiting");
        is_well = is_well && WIFEXITED(how) && WEXITSTATUS(how) == 0;
    }
    printf("%8d %14.1f %14.1f %16.1f %18.1f %10u %8u %8s\n", disk_ms,
           (double)(seen->sent - seen->pressed) / 1000,
           (double)(seen->heard - seen->pressed) / 1000, (double)seen->said_longest / 1000,
           (double)seen->played_longest / 1000, seen->played, seen->syncs,
           seen->rekeyed == 1 ? "yes" : "NO");
    fflush(stdout);
    return is_well && seen->rekeyed == 1;
}

int main(int count, char **words) {
    bool is_well = true;
    if (count > 1) {
        talk_ms = 1000 * strtol(words[1], NULL, 10);
    }
    seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check(seen != MAP_FAILED && mkdtemp(folder) != NULL, "a folder");
    printf("A talk of %ld s; times in ms\n%8s %14s %14s %16s %18s %10s %8s %8s\n", talk_ms / 1000,
           "a sync", "key to packet", "key to voice", "longest at mike", "longest at speaker",
           "played", "syncs", "rekeyed");
    fflush(stdout);
    for (size_t i = 0; i < sizeof sync_ms / sizeof sync_ms[0]; i++) {
        is_well = talk(sync_ms[i]) && is_well;
    }
    for (size_t n = 0; n < 2; n++) {
        char path[PATH_SIZE];
        path_of(n, path);
        store_discard(path);
    }
    rmdir(folder);
    return is_well ? 0 : 1;
}
