/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a running handset can do at most, whoever has taken it over: it holds the keys and reads
 * what strangers send. Two walls, each closed once and for good:
 *
 * - files (Landlock, confinement_files.c): it writes its log, and in the folders of its store,
 *   recording and control socket; reads those of the system; opens sound and input devices; and
 *   runs no program;
 * - system calls (seccomp, confinement_calls.c): those that it uses, in a table by purpose. Another
 *   one fails with EPERM and is in the kernel's log; starting a program and looking into another
 *   process end this one.
 *
 * A wall that the machine cannot build is left out, and the officer is told: a handset that talks
 * without one is worth more than one that does not start. Privileges are permission.h's.
 */
#ifndef MUSTER_APP_PROGRAMS_CONFINEMENT_H
#define MUSTER_APP_PROGRAMS_CONFINEMENT_H

#include <stdbool.h>

/* What is configured, and so stays within reach. Paths are the caller's, and NULL where there is
 * none; what is not there is left out. */
struct confinement_reach {
    const char *store;     /* its folder is written in, and its key file where that is a link */
    const char *tpm;       /* a device, which is used */
    const char *socket;    /* likewise */
    const char *recording; /* likewise; a device or a pipe instead of a file by itself */
    const char *log;       /* it is written; of its folder only removing it is possible */
    const char *golden;    /* this folder is written in */
    const char *voice;     /* read */
    const char *script;    /* read */
    bool has_network;      /* sockets of the internet, and of the kernel's routes */
    bool has_cards;        /* memory in which programs mix what they play on one sound card */
};

/* What a radio's own process (radio_links.h) may reach, which holds no keys: nothing else of the
 * machine. Its sockets to the handset, and what it is asked by whether it goes on (starter.h), are
 * the descriptors below CONFINEMENT_OWN_DESCRIPTORS. */
struct confinement_radio {
    bool has_network;       /* sockets of the internet, and of the kernel's routes */
    bool has_bluetooth;     /* sockets of that family */
    bool has_wifi_direct;   /* sockets in /tmp, and what the system says of radios */
    const char *supplicant; /* a folder, read; NULL: none */
};

enum {
    CONFINEMENT_OWN_DESCRIPTORS = 7
};

enum confinement_wall {
    WALL_CLOSED,
    WALL_UNWANTED, /* --no-confinement */
    WALL_MISSING,  /* the kernel has no such thing, or refuses it */
    WALL_SANITIZED /* the build's own checks need more than a handset does */
};

struct confinement {
    enum confinement_wall files, calls;
};

/* Closes the wall around files, for this thread and those that it starts: to be called before there
 * are others, and after permission_give_up_for. What is open stays open. */
enum confinement_wall confinement_close_files(const struct confinement_reach *reach);

/* Closes the wall around system calls, for all threads: the last thing before the loop runs. */
enum confinement_wall confinement_close_calls(const struct confinement_reach *reach);

/* The same two for a radio's process: of files nothing, but for Wi-Fi Direct a little; of calls
 * what sockets take. */
enum confinement_wall confinement_close_radio_files(const struct confinement_radio *radio);
enum confinement_wall confinement_close_radio_calls(const struct confinement_radio *radio);

/* For the process that starts radios anew, which reads nothing of anybody: no programs, and no
 * looking into other processes. */
enum confinement_wall confinement_close_starter_calls(void);

/* Which of the two is open and should not be, as an event's `check`: "files-open", "calls-open",
 * "files-and-calls-open"; "off" if that was wanted; NULL: all is as it should be. */
const char *confinement_gap(const struct confinement *confinement);

/* For `muster status`: "closed", "off", "missing" or "sanitized". */
const char *confinement_word(enum confinement_wall wall);

#endif
