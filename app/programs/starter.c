/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/starter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/programs/confinement.h"
#include "app/programs/machine.h"

enum {
    FIRST_DESCRIPTOR = STDERR_FILENO + 1,
    EXIT_LOST = 1,   /* it cannot even begin */
    EXIT_CLOSED = 3, /* the radio did not open, and has said so */
    KEPT = APART_SOCKETS + 1
};

_Static_assert((int)FIRST_DESCRIPTOR + (int)KEPT == (int)CONFINEMENT_OWN_DESCRIPTORS,
               "no radio touches what the next one has");

/* A radio, as the process sees it that starts it. */
struct place {
    const struct starter_radio *radio;
    int sockets[APART_SOCKETS];
    int pings;    /* an eventfd, which the process empties while it goes on */
    bool is_over; /* the handset has parted from it */
    bool has_hung;
    pid_t pid; /* 0: none runs */
    int64_t began_ms, due_ms, wait_ms, ping_due_ms;
    unsigned unanswered;
};

struct starter {
    size_t count;
    struct place places[STARTER_RADIOS_MAX];
};

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- A process of its own -----------------------------------------------------------------------
 */

static void on_child(int number) {
    (void)number;
}

/* What a terminal says is for the handset, which tells us by its sockets. */
static void take_no_signals(void) {
    static const int none[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGTSTP,
                               SIGPIPE, SIGUSR1, SIGUSR2, SIGWINCH};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        (void)signal(none[i], SIG_IGN);
    }
}

static void be_called(const char *name) {
    (void)prctl(PR_SET_NAME, name, 0, 0, 0);
}

bool starter_end_with(pid_t parent) {
    return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == parent;
}

/* Neither the terminal nor anything else that the handset has open, but for the sanitizers' words.
 */
static void leave_standard(void) {
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int each = STDIN_FILENO; nothing >= 0 && each <= STDERR_FILENO; each++) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        if (each == STDERR_FILENO) {
            continue;
        }
#endif
        (void)dup2(nothing, each);
    }
    if (nothing > STDERR_FILENO) {
        close(nothing);
    }
}

void starter_stand_apart(const char *name) {
    (void)setpgid(0, 0);
    be_called(name);
    take_no_signals();
    leave_standard();
}

/* Moves a radio's sockets to the first descriptors, and its pings after them, and closes all
 * others. */
static bool keep_alone(const struct place *place) {
    int high[KEPT];
    for (int i = 0; i < KEPT; i++) {
        int kept = i < APART_SOCKETS ? place->sockets[i] : place->pings;
        high[i] = fcntl(kept, F_DUPFD_CLOEXEC, CONFINEMENT_OWN_DESCRIPTORS);
        if (high[i] < 0) {
            return false;
        }
    }
    for (int i = 0; i < KEPT; i++) {
        if (dup3(high[i], FIRST_DESCRIPTOR + i, O_CLOEXEC) < 0) {
            return false;
        }
    }
    return close_range(CONFINEMENT_OWN_DESCRIPTORS, ~0U, 0) == 0;
}

/* --- A radio ------------------------------------------------------------------------------------
 */

static _Noreturn void be_radio(const struct place *place, pid_t parent, const sigset_t *before) {
    int sockets[APART_SOCKETS];
    (void)sigprocmask(SIG_SETMASK, before, NULL);
    (void)signal(SIGCHLD, SIG_DFL);
    be_called(place->radio->name);
    if (!starter_end_with(parent) || !keep_alone(place)) {
        _exit(EXIT_LOST);
    }
    for (int i = 0; i < APART_SOCKETS; i++) {
        sockets[i] = FIRST_DESCRIPTOR + i;
    }
    enum serving_end end =
        serving_run(sockets, FIRST_DESCRIPTOR + APART_SOCKETS, &place->radio->serving);
    _exit(end == SERVING_PARTED ? 0 : EXIT_CLOSED);
}

static void start(struct place *place, const sigset_t *before) {
    pid_t parent = getpid();
    uint64_t old;
    (void)!read(place->pings, &old, sizeof old);
    place->began_ms = now_ms();
    place->ping_due_ms = place->began_ms + place->radio->ping_ms;
    place->unanswered = 0;
    place->has_hung = false;
    place->pid = fork();
    if (place->pid == 0) {
        be_radio(place, parent, before);
    }
    if (place->pid < 0) { /* later, perhaps; the first time the handset ends with that */
        serving_tell_unopened(place->sockets, errno);
        place->pid = 0;
        place->due_ms = place->began_ms + STARTER_LATEST_MS;
    }
}

static void part(struct place *place) {
    for (size_t i = 0; i < APART_SOCKETS; i++) {
        close(place->sockets[i]);
    }
    close(place->pings);
    place->is_over = true;
}

static void note_end(struct place *place, int status) {
    int64_t now = now_ms();
    bool has_lasted = now - place->began_ms >= STARTER_LASTED_MS;
    place->pid = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        part(place);
        return;
    }
    place->wait_ms = has_lasted || place->wait_ms == 0 ? STARTER_SOONEST_MS : 2 * place->wait_ms;
    place->wait_ms = place->wait_ms < STARTER_LATEST_MS ? place->wait_ms : STARTER_LATEST_MS;
    place->due_ms = now + place->wait_ms;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_CLOSED) {
        serving_tell_ended(place->sockets, place->has_hung       ? (unsigned)SERVING_HUNG
                                           : WIFSIGNALED(status) ? (unsigned)WTERMSIG(status)
                                                                 : 0);
    }
}

/* Asks a process whether it goes on. What counts is how often it was found not to have answered,
 * not for how long: whoever freezes all of them at once makes none of them hang. */
static void ping(struct place *place) {
    const uint64_t once = 1;
    struct pollfd left = {.fd = place->pings, .events = POLLIN};
    place->ping_due_ms = now_ms() + place->radio->ping_ms;
    place->unanswered = poll(&left, 1, 0) > 0 ? place->unanswered + 1 : 0;
    place->has_hung = place->unanswered >= STARTER_UNANSWERED;
    if (place->has_hung) {
        (void)kill(place->pid, SIGKILL);
    } else {
        (void)!write(place->pings, &once, sizeof once);
    }
}

/* --- Watching over them -------------------------------------------------------------------------
 */

static void take_ends(struct starter *starter) {
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        for (size_t i = 0; i < starter->count; i++) {
            if (starter->places[i].pid == pid) {
                note_end(&starter->places[i], status);
            }
        }
    }
}

/* Waits until one ends, one is due to be started or asked, or the handset parts from one that is
 * not there. */
static void wait_for_more(struct starter *starter, const sigset_t *before) {
    struct pollfd parting[STARTER_RADIOS_MAX];
    int64_t now = now_ms(), due = INT64_MAX;
    nfds_t count = 0;
    for (size_t i = 0; i < starter->count; i++) {
        const struct place *place = &starter->places[i];
        if (!place->is_over && place->pid == 0) {
            parting[count++] =
                (struct pollfd){.fd = place->sockets[APART_REST], .events = POLLRDHUP};
            due = place->due_ms < due ? place->due_ms : due;
        } else if (!place->is_over) {
            due = place->ping_due_ms < due ? place->ping_due_ms : due;
        }
    }
    int64_t left = due > now ? due - now : 0;
    const struct timespec patience = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
    (void)ppoll(parting, count, due == INT64_MAX ? NULL : &patience, before);
}

static bool has_parted(const struct place *place) {
    struct pollfd asked = {.fd = place->sockets[APART_REST], .events = POLLRDHUP};
    return poll(&asked, 1, 0) > 0 && (asked.revents & (POLLRDHUP | POLLHUP)) != 0;
}

/* Starts those that are due, and asks the others. Returns whether any is left. */
static bool start_due(struct starter *starter, const sigset_t *before) {
    bool any = false;
    for (size_t i = 0; i < starter->count; i++) {
        struct place *place = &starter->places[i];
        if (!place->is_over && place->pid == 0 && has_parted(place)) {
            part(place);
        } else if (!place->is_over && place->pid == 0 && now_ms() >= place->due_ms) {
            start(place, before);
        } else if (!place->is_over && place->pid > 0 && now_ms() >= place->ping_due_ms) {
            ping(place);
        }
        any = any || !place->is_over;
    }
    return any;
}

static bool open_pings(struct starter *starter) {
    for (size_t i = 0; i < starter->count; i++) {
        starter->places[i].pings = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (starter->places[i].pings < 0) {
            return false;
        }
    }
    return true;
}

static _Noreturn void be_starter(struct starter *starter, pid_t parent,
                                 bool (*settle)(void *context), void *context) {
    sigset_t child, before;
    starter_stand_apart("muster-starter");
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &child, &before);
    (void)sigaction(SIGCHLD, &(struct sigaction){.sa_handler = on_child}, NULL);
    if (!starter_end_with(parent)) {
        _exit(EXIT_LOST);
    }
    if (!open_pings(starter)) {
        _exit(EXIT_LOST);
    }
    (void)start_due(starter, &before);
    if (!settle(context) || !starter_end_with(parent)) {
        _exit(EXIT_LOST); /* and the radios with it */
    }
    while (start_due(starter, &before)) {
        wait_for_more(starter, &before);
        take_ends(starter);
    }
    _exit(0);
}

/* --- Beginning ----------------------------------------------------------------------------------
 */

static void close_all(int sockets[][APART_SOCKETS], size_t count) {
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < APART_SOCKETS; k++) {
            close(sockets[i][k]);
        }
    }
}

enum status starter_begin(const struct starter_radio radios[], size_t count,
                          bool (*settle)(void *context), void *context, int ours[][APART_SOCKETS],
                          struct error *error) {
    struct starter starter = {.count = count};
    int theirs[STARTER_RADIOS_MAX][APART_SOCKETS];
    pid_t parent = getpid(), pid = -1;
    size_t made = 0;
    while (made < count && apart_pair(ours[made], theirs[made])) {
        struct place *place = &starter.places[made];
        place->radio = &radios[made];
        place->pings = -1;
        memcpy(place->sockets, theirs[made], sizeof theirs[made]);
        made++;
    }
    if (made == count) {
        pid = fork();
    }
    int number = errno;
    if (pid == 0) {
        close_all(ours, made);
        be_starter(&starter, parent, settle, context);
    }
    close_all(theirs, made);
    if (pid > 0) {
        return STATUS_OK;
    }
    close_all(ours, made);
    return machine_refused(error, "the radios' processes cannot start", number);
}
