/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/restoration.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/keyboard/keyboard.h"
#include "ui/outlet.h"

/* Ends a control sequence of which only the beginning was sent (ECMA-48: CAN). */
static const char cancel[] = "\030";

static struct {
    volatile sig_atomic_t is_armed, has_releases;
    struct termios settings;
    int input, output;
    int flags; /* of the input's open file: who waits for it may make it non-blocking */
    char octets[128];
    size_t length;
} kept;

/* Set when the program goes on after it was stopped. */
static volatile sig_atomic_t is_to_be_taken_back, stood_still;

/* A program that ended because its stack was full has none left for the handler. */
static uint8_t handlers_stack[64 * 1024];

static const int ending_signals[] = {SIGHUP,  SIGINT, SIGQUIT, SIGTERM, SIGABRT,
                                     SIGSEGV, SIGBUS, SIGFPE,  SIGILL};

bool restoration_begin(void) {
    kept.length = 0;
    kept.has_releases = 0;
    return tcgetattr(STDIN_FILENO, &kept.settings) == 0;
}

void restoration_note(int input, int output) {
    kept.input = input;
    kept.flags = fcntl(input, F_GETFL);
    kept.output = output;
}

const struct termios *restoration_settings(void) {
    return &kept.settings;
}

void restoration_remember(const char *octets) {
    size_t length = octets ? strlen(octets) : 0;
    if (length > 0 && length <= sizeof kept.octets - kept.length) {
        memcpy(kept.octets + kept.length, octets, length);
        kept.length += length;
    }
}

void restoration_set_releases(bool are_told) {
    kept.has_releases = are_told;
}

bool restoration_has_releases(void) {
    return kept.has_releases != 0;
}

bool restoration_is_in_front(void) {
    pid_t front = tcgetpgrp(kept.input);
    return front < 0 || front == getpgrp();
}

/* Only calls that are safe in a signal handler, and none that waits for a terminal that takes
 * nothing. The settings change at once: what was written before needs none of them. */
static void give_back(void) {
    if (!restoration_is_in_front()) {
        return;
    }
    if (kept.has_releases) {
        kept.has_releases = 0;
        (void)outlet_write(kept.output, cancel, sizeof cancel - 1);
        (void)outlet_write(kept.output, keyboard_releases_off, strlen(keyboard_releases_off));
    }
    (void)outlet_write(kept.output, kept.octets, kept.length);
    tcsetattr(kept.input, TCSANOW, &kept.settings);
    fcntl(kept.input, F_SETFL, kept.flags);
}

static void restore(void) {
    if (kept.is_armed) {
        kept.is_armed = 0;
        give_back();
    }
}

void restoration_end(bool has_them) {
    if (has_them) {
        kept.length = 0;
    }
    restore();
}

void restoration_arm(void) {
    kept.is_armed = 1;
    atexit(restore);
}

/* By the signal itself, and not by SIGSTOP: the kernel discards it where there is no shell that
 * could have the program go on. */
void restoration_stop(void) {
    struct sigaction stop = {.sa_handler = SIG_DFL}, before;
    sigset_t stopping, blocked;
    if (kept.is_armed) {
        give_back();
    }
    sigemptyset(&stop.sa_mask);
    sigemptyset(&stopping);
    sigaddset(&stopping, SIGTSTP);
    sigaction(SIGTSTP, &stop, &before);
    raise(SIGTSTP);
    pthread_sigmask(SIG_UNBLOCK, &stopping, &blocked); /* in its handler it is blocked */
    pthread_sigmask(SIG_SETMASK, &blocked, NULL);
    sigaction(SIGTSTP, &before, NULL);
    is_to_be_taken_back = stood_still = 1;
}

/* Stopped by job control, it leaves the terminal to the shell. */
static void on_stopping_signal(int number) {
    int error = errno; /* of what was interrupted, and goes on */
    (void)number;
    restoration_stop();
    errno = error;
}

static void on_continued(int number) {
    (void)number;
    is_to_be_taken_back = stood_still = 1;
}

static void on_ending_signal(int number) {
    restore();
    /* SA_RESETHAND has put the default back: the program ends as it would have. */
    raise(number);
}

static void catch_signal(int number, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

/* Before ncurses starts, which would put its own handlers where it finds none. */
void restoration_catch_signals(void) {
    struct sigaction action = {.sa_handler = on_ending_signal,
                               .sa_flags = (int)(SA_RESETHAND | SA_ONSTACK)};
    const stack_t stack = {.ss_sp = handlers_stack, .ss_size = sizeof handlers_stack};
    (void)sigaltstack(&stack, NULL); /* without it all ends but that one are as good */
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof ending_signals / sizeof ending_signals[0]; i++) {
        struct sigaction before;
        /* A program that wants a signal for itself has asked for it already. */
        if (sigaction(ending_signals[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL) {
            sigaction(ending_signals[i], &action, NULL);
        }
    }
    catch_signal(SIGTSTP, on_stopping_signal);
    catch_signal(SIGCONT, on_continued);
}

void restoration_release_signals(void) {
    signal(SIGTSTP, SIG_DFL);
    signal(SIGCONT, SIG_DFL);
    for (size_t i = 0; i < sizeof ending_signals / sizeof ending_signals[0]; i++) {
        struct sigaction now;
        if (sigaction(ending_signals[i], NULL, &now) == 0 && now.sa_handler == on_ending_signal) {
            signal(ending_signals[i], SIG_DFL);
        }
    }
}

bool restoration_is_taking_back(void) {
    if (!is_to_be_taken_back || !restoration_is_in_front()) {
        return false;
    }
    is_to_be_taken_back = 0;
    return true;
}

bool restoration_stood_still(void) {
    bool did = stood_still != 0;
    stood_still = 0;
    return did;
}
