/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/starter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/programs/confinement.h"
#include "app/programs/machine.h"

enum {
    FIRST_DESCRIPTOR = STDERR_FILENO + 1,
    EXIT_LOST = 1,  /* it cannot even begin */
    EXIT_CLOSED = 3 /* the radio did not open, and has said so */
};

_Static_assert((int)FIRST_DESCRIPTOR + (int)APART_SOCKETS == (int)CONFINEMENT_OWN_DESCRIPTORS,
               "no radio touches what the next one has");

/* A radio, as the process sees it that starts it. */
struct place {
    const struct starter_radio *radio;
    int sockets[APART_SOCKETS];
    bool is_over; /* the handset has parted from it */
    pid_t pid;    /* 0: none runs */
    int64_t began_ms, due_ms, wait_ms;
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

/* Moves a radio's sockets to the first descriptors, and closes all others. */
static bool keep_alone(const int sockets[APART_SOCKETS]) {
    int high[APART_SOCKETS];
    for (int i = 0; i < APART_SOCKETS; i++) {
        high[i] = fcntl(sockets[i], F_DUPFD_CLOEXEC, CONFINEMENT_OWN_DESCRIPTORS);
        if (high[i] < 0) {
            return false;
        }
    }
    for (int i = 0; i < APART_SOCKETS; i++) {
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
    if (!starter_end_with(parent) || !keep_alone(place->sockets)) {
        _exit(EXIT_LOST);
    }
    for (int i = 0; i < APART_SOCKETS; i++) {
        sockets[i] = FIRST_DESCRIPTOR + i;
    }
    enum serving_end end = serving_run(sockets, &place->radio->serving);
    _exit(end == SERVING_PARTED ? 0 : EXIT_CLOSED);
}

static void start(struct place *place, const sigset_t *before) {
    pid_t parent = getpid();
    place->began_ms = now_ms();
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
        serving_tell_ended(place->sockets, WIFSIGNALED(status) ? (unsigned)WTERMSIG(status) : 0);
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

/* Waits until one ends, one is due, or the handset parts from one that is not. */
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

/* Returns whether any is left. */
static bool start_due(struct starter *starter, const sigset_t *before) {
    bool any = false;
    for (size_t i = 0; i < starter->count; i++) {
        struct place *place = &starter->places[i];
        if (!place->is_over && place->pid == 0 && has_parted(place)) {
            part(place);
        } else if (!place->is_over && place->pid == 0 && now_ms() >= place->due_ms) {
            start(place, before);
        }
        any = any || !place->is_over;
    }
    return any;
}

static _Noreturn void be_starter(struct starter *starter, pid_t parent,
                                 bool (*settle)(void *context), void *context) {
    sigset_t child, before;
    (void)setpgid(0, 0);
    be_called("muster-starter");
    take_no_signals();
    leave_standard();
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &child, &before);
    (void)sigaction(SIGCHLD, &(struct sigaction){.sa_handler = on_child}, NULL);
    if (!starter_end_with(parent)) {
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
        starter.places[made].radio = &radios[made];
        memcpy(starter.places[made].sockets, theirs[made], sizeof theirs[made]);
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
