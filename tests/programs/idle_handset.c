/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/programs/idle_handset.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/handset/engine.h"
#include "app/store/store.h"
#include "tests/app/squad.h"
#include "transport/udp.h"

enum {
    PROBLEM_SIZE = 160,
    PATH_SIZE = 200,
    COMING_UP_MS = 20 * 1000,
    ENDING_MS = 10 * 1000,
    APART_MS = 250, /* neighbours begin one after the other: the worst case for who hears them */
    COLUMNS = 80,
    ROWS = 24,
    SCREEN_OCTETS = 250, /* another screen is more than that, and a second of the clock less */
    ANSWER_MAX_MS = 5000,
    QUIET_MS = 50, /* after an answer: all of it has come */
};

static const char passphrase[] = "correct horse";

struct neighbour {
    struct handset *engine; /* NULL: it has not begun yet */
    struct transport *air;
};

struct idle_handset {
    pid_t pid;
    int terminal;
    struct transport *ear; /* hears whether the program is on the air */
    size_t heard;
    size_t said;            /* frames of the neighbours so far */
    size_t drawn, drawings; /* octets on the terminal so far, and how often some came */
    size_t count, begun;
    int64_t next_ms; /* when the next neighbour begins */
    uint16_t port;
    struct neighbour neighbours[IDLE_NEIGHBOURS_MAX];
};

static int64_t clock_ms(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct moment moment_now(void) {
    return (struct moment){
        .utc_ms = clock_ms(CLOCK_REALTIME), .boot_ms = clock_ms(CLOCK_BOOTTIME), .boot_id = 1};
}

static bool fail(char problem[PROBLEM_SIZE], const char *what) {
    snprintf(problem, PROBLEM_SIZE, "%.150s", what);
    return false;
}

/* --- The program ---------------------------------------------------------------------------- */

/* A store with the squad's first credential, and a file with its passphrase. */
static bool make_store(const char *store_path, const char *passphrase_path,
                       char problem[PROBLEM_SIZE]) {
    struct store *store = NULL;
    struct error error;
    struct span credential = squad_credential(0);
    struct batch *batch = batch_new();
    bool made = batch != NULL &&
                batch_put(batch, RECORD_CREDENTIAL, span_of_text(squad_identity(0)), credential) ==
                    STATUS_OK &&
                store_create(store_path, span_of_text(passphrase), STORE_QUICK, &entropy_system,
                             &store, &error) == STATUS_OK &&
                store_apply(store, batch, &error) == STATUS_OK;
    batch_free(batch);
    if (store != NULL) {
        store_close(store);
    }
    FILE *file = fopen(passphrase_path, "w");
    if (!made || file == NULL || fprintf(file, "%s\n", passphrase) < 0 || fclose(file) != 0) {
        return fail(problem, "the store could not be made");
    }
    return true;
}

static bool start_program(struct idle_handset *idle, const char *muster, const char *folder,
                          char problem[PROBLEM_SIZE]) {
    char store[PATH_SIZE], secret[PATH_SIZE], port[8];
    struct winsize size = {.ws_col = COLUMNS, .ws_row = ROWS};
    snprintf(store, sizeof store, "%.150s/idle.store", folder);
    snprintf(secret, sizeof secret, "%.150s/passphrase", folder);
    snprintf(port, sizeof port, "%u", idle->port);
    if (!make_store(store, secret, problem)) {
        return false;
    }
    idle->pid = forkpty(&idle->terminal, NULL, NULL, &size);
    if (idle->pid == 0) {
        setenv("TERM", "xterm", 1);
        execl(muster, muster, "--store", store, "--passphrase-file", secret, "--interface", "lo",
              "--port", port, (char *)NULL);
        _exit(127);
    }
    return idle->pid > 0 || fail(problem, "no pseudo-terminal");
}

/* --- The neighbours ------------------------------------------------------------------------- */

static bool open_air(const struct idle_handset *idle, struct transport **air,
                     char problem[PROBLEM_SIZE]) {
    struct transport_condition why;
    const struct udp_options options = {.interface = "lo", .port = idle->port};
    return udp_open(&options, air, &why) == TRANSPORT_OK ||
           fail(problem, transport_condition_name(why.kind));
}

static bool begin_neighbour(struct idle_handset *idle, char problem[PROBLEM_SIZE]) {
    size_t number = idle->begun + 1;
    struct neighbour *neighbour = &idle->neighbours[idle->begun];
    const struct handset_setup setup = {.provider = squad_provider(), .entropy = entropy_system};
    if (!open_air(idle, &neighbour->air, problem)) {
        return false;
    }
    idle->begun++;
    if (handset_new(&setup, moment_now(), &neighbour->engine) != STATUS_OK ||
        handset_restore(neighbour->engine, RECORD_CREDENTIAL, span_of_text(squad_identity(number)),
                        squad_credential(number)) != STATUS_OK ||
        handset_start(neighbour->engine, moment_now()) != STATUS_OK) {
        return fail(problem, "a neighbour does not start");
    }
    return true;
}

/* It says what its engine wants said, and is deaf. Returns how many frames that was. */
static size_t run_neighbour(struct neighbour *neighbour) {
    struct output output;
    size_t said = 0;
    if (handset_deadline(neighbour->engine) <= moment_now().boot_ms) {
        handset_tick(neighbour->engine, moment_now());
    }
    while (handset_take_output(neighbour->engine, &output)) {
        if (output.kind == OUTPUT_SEND) {
            (void)neighbour->air->kind->send(neighbour->air, PEER_ALL, LANE_REST,
                                             output.frame.octets, output.frame.length);
            said++;
        }
    }
    return said;
}

static void count_frame(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    (void)peer;
    (void)frame;
    (void)length;
    ((struct idle_handset *)context)->heard++;
}

/* Reads what the program has drawn. */
static void drain(struct idle_handset *idle) {
    char octets[4096];
    struct pollfd terminal = {.fd = idle->terminal, .events = POLLIN};
    idle->drawings += poll(&terminal, 1, 0) > 0;
    while (poll(&terminal, 1, 0) > 0 && (terminal.revents & POLLIN) != 0) {
        ssize_t length = read(idle->terminal, octets, sizeof octets);
        if (length <= 0) {
            return;
        }
        idle->drawn += (size_t)length;
    }
}

static bool pass(struct idle_handset *idle, int64_t ms, char problem[PROBLEM_SIZE]) {
    for (int64_t until = clock_ms(CLOCK_MONOTONIC) + ms; clock_ms(CLOCK_MONOTONIC) < until;) {
        if (idle->begun < idle->count && clock_ms(CLOCK_MONOTONIC) >= idle->next_ms) {
            idle->next_ms = clock_ms(CLOCK_MONOTONIC) + APART_MS;
            if (!begin_neighbour(idle, problem)) {
                return false;
            }
        }
        for (size_t i = 0; i < idle->begun; i++) {
            idle->said += run_neighbour(&idle->neighbours[i]);
        }
        struct pollfd terminal = {.fd = idle->terminal, .events = POLLIN};
        (void)poll(&terminal, 1, 10);
        drain(idle);
        if (waitpid(idle->pid, NULL, WNOHANG) != 0) {
            idle->pid = 0;
            return fail(problem, "the program has ended");
        }
    }
    return true;
}

struct idle_handset *idle_handset_begin(const char *muster, const char *folder, size_t neighbours,
                                        char problem[PROBLEM_SIZE]) {
    struct idle_handset *idle = calloc(1, sizeof *idle);
    if (idle == NULL) {
        fail(problem, "out of memory");
        return NULL;
    }
    idle->terminal = -1;
    idle->port = (uint16_t)(20000 + 2 * (getpid() % 6000));
    bool good = open_air(idle, &idle->ear, problem) && start_program(idle, muster, folder, problem);
    int64_t until = clock_ms(CLOCK_MONOTONIC) + COMING_UP_MS;
    while (good && idle->heard == 0 && clock_ms(CLOCK_MONOTONIC) < until) {
        good = pass(idle, 100, problem);
        (void)idle->ear->kind->receive(idle->ear, count_frame, idle);
    }
    if (good && idle->heard == 0) {
        good = fail(problem, "the program is not on the air");
    }
    idle->count = neighbours;
    while (good && idle->begun < idle->count) {
        good = pass(idle, APART_MS, problem);
    }
    /* What was new about them is over. */
    if (good && pass(idle, 2000, problem)) {
        return idle;
    }
    idle_handset_end(idle);
    return NULL;
}

/* --- What it costs -------------------------------------------------------------------------- */

static double waits_of(const char *path) {
    char line[200];
    unsigned long count = 0;
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL &&
           sscanf(line, "voluntary_ctxt_switches: %lu", &count) != 1) {
    }
    if (file != NULL) {
        fclose(file);
    }
    return (double)count;
}

static void print_file(const char *path) {
    char text[1000];
    FILE *file = fopen(path, "r");
    size_t length = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
    text[length] = '\0';
    if (file != NULL) {
        fclose(file);
    }
    printf("%s: %s\n", path, text);
}

void idle_handset_explain(const struct idle_handset *idle) {
    static const char *const files[] = {"stat", "syscall", "wchan", "stack"};
    static const struct timespec apart = {.tv_nsec = 50 * 1000 * 1000};
    char path[PATH_SIZE];
    for (int look = 0; look < 5; look++) {
        snprintf(path, sizeof path, "/proc/%d/task", (int)idle->pid);
        DIR *threads = opendir(path);
        const struct dirent *entry;
        while (threads != NULL && (entry = readdir(threads)) != NULL) {
            for (size_t i = 0; entry->d_name[0] != '.' && i < sizeof files / sizeof files[0]; i++) {
                snprintf(path, sizeof path, "/proc/%d/task/%.20s/%s", (int)idle->pid, entry->d_name,
                         files[i]);
                print_file(path);
            }
        }
        if (threads != NULL) {
            closedir(threads);
        }
        (void)nanosleep(&apart, NULL);
    }
}

static double own_waits(pid_t pid) {
    char path[PATH_SIZE];
    double sum = 0;
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *threads = opendir(path);
    const struct dirent *entry;
    while (threads != NULL && (entry = readdir(threads)) != NULL) {
        if (entry->d_name[0] != '.') {
            snprintf(path, sizeof path, "/proc/%d/task/%.20s/status", (int)pid, entry->d_name);
            sum += waits_of(path);
        }
    }
    if (threads != NULL) {
        closedir(threads);
    }
    return sum;
}

static double own_ms(pid_t pid) {
    clockid_t clock;
    struct timespec used = {0};
    if (clock_getcpuclockid(pid, &clock) == 0) {
        clock_gettime(clock, &used);
    }
    return (double)used.tv_sec * 1e3 + (double)used.tv_nsec / 1e6;
}

static double sum(double a, double b) {
    return a + b;
}

/* The measure of a process and of all that it has started, together. */
static double measure_all(double (*measure)(pid_t pid), double (*join)(double a, double b),
                          pid_t pid) {
    char path[PATH_SIZE];
    double all = measure(pid);
    int child;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    FILE *children = fopen(path, "r");
    while (children != NULL && fscanf(children, "%d", &child) == 1) {
        all = join(all, measure_all(measure, join, child));
    }
    if (children != NULL) {
        fclose(children);
    }
    return all;
}

double process_waits(pid_t pid) {
    return measure_all(own_waits, sum, pid);
}

double process_waits_most(pid_t pid) {
    return measure_all(own_waits, fmax, pid);
}

double process_ms(pid_t pid) {
    return measure_all(own_ms, sum, pid);
}

bool idle_handset_watch(struct idle_handset *idle, double seconds, struct idle_cost *cost) {
    char problem[PROBLEM_SIZE];
    int64_t began_ms = clock_ms(CLOCK_MONOTONIC);
    double waits = process_waits(idle->pid), most = process_waits_most(idle->pid);
    double used = process_ms(idle->pid);
    size_t drawings = idle->drawings, said = idle->said;
    if (!pass(idle, (int64_t)(seconds * 1000), problem)) {
        return false;
    }
    cost->all_wakeups = process_waits(idle->pid) - waits;
    cost->wakeups = process_waits_most(idle->pid) - most;
    cost->processor_ms = process_ms(idle->pid) - used;
    cost->drawings = idle->drawings - drawings;
    cost->frames = idle->said - said;
    cost->seconds = (double)(clock_ms(CLOCK_MONOTONIC) - began_ms) / 1000;
    return true;
}

/* How long until a whole screen was drawn. */
static int answer_ms(struct idle_handset *idle, size_t before, int64_t began_ms) {
    char problem[PROBLEM_SIZE];
    while (idle->drawn - before < SCREEN_OCTETS) {
        if (clock_ms(CLOCK_MONOTONIC) - began_ms > ANSWER_MAX_MS || !pass(idle, 1, problem)) {
            return -1;
        }
    }
    int answer = (int)(clock_ms(CLOCK_MONOTONIC) - began_ms);
    return pass(idle, QUIET_MS, problem) ? answer : -1;
}

int idle_handset_press(struct idle_handset *idle, char key) {
    drain(idle);
    size_t before = idle->drawn;
    int64_t began_ms = clock_ms(CLOCK_MONOTONIC);
    return write(idle->terminal, &key, 1) == 1 ? answer_ms(idle, before, began_ms) : -1;
}

int idle_handset_resize(struct idle_handset *idle, unsigned columns, unsigned rows) {
    struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
    drain(idle);
    size_t before = idle->drawn;
    int64_t began_ms = clock_ms(CLOCK_MONOTONIC);
    ioctl(idle->terminal, TIOCSWINSZ, &size);
    return answer_ms(idle, before, began_ms);
}

bool idle_handset_pause(const struct idle_handset *idle, bool is_paused) {
    int near_end = open(ptsname(idle->terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
    bool good = near_end >= 0 && tcflow(near_end, is_paused ? TCOOFF : TCOON) == 0;
    if (near_end >= 0) {
        close(near_end);
    }
    return good;
}

bool idle_handset_is_on_air(struct idle_handset *idle) {
    char problem[PROBLEM_SIZE];
    int64_t until = clock_ms(CLOCK_MONOTONIC) + COMING_UP_MS;
    (void)idle->ear->kind->receive(idle->ear, count_frame, idle); /* what came before */
    idle->heard = 0;
    while (idle->heard == 0 && clock_ms(CLOCK_MONOTONIC) < until && pass(idle, 100, problem)) {
        (void)idle->ear->kind->receive(idle->ear, count_frame, idle);
    }
    return idle->heard > 0;
}

bool idle_handset_ends_with(struct idle_handset *idle, int number) {
    char problem[PROBLEM_SIZE];
    kill(idle->pid, number);
    return !pass(idle, ENDING_MS, problem);
}

void idle_handset_end(struct idle_handset *idle) {
    if (idle->pid > 0) {
        kill(idle->pid, SIGKILL);
        (void)waitpid(idle->pid, NULL, 0);
    }
    if (idle->terminal >= 0) {
        close(idle->terminal);
    }
    for (size_t i = 0; i < idle->begun; i++) {
        handset_free(idle->neighbours[i].engine);
        idle->neighbours[i].air->kind->close(idle->neighbours[i].air);
    }
    if (idle->ear != NULL) {
        idle->ear->kind->close(idle->ear);
    }
    free(idle);
}
