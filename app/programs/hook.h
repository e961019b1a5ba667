/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The officer's own command, run when something calls for them (`--on-event COMMAND`,
 * event_alerts): a lamp, a vibration, a word to another program.
 *
 * The handset starts no programs once it is confined. A process of its own does, which is forked
 * before there is a secret in memory, and holds none. It is handed the kind of event and its
 * values, and runs that one command with a shell. What comes from the air is in the environment
 * alone, never in a command line, and without control characters:
 *
 *   MUSTER_EVENT     the kind, as in the log of --log: "invited-to-call", "emergency"
 *   MUSTER_TEXT      the sentence of the Log, in the language of the screens
 *   MUSTER_WHO       who, as the screens say it: a claimed name is shown as that
 *   MUSTER_IDENTITY  whose identity
 *   MUSTER_GROUP     the group's name
 *   MUSTER_DURATION  milliseconds: how long a key lasts still
 *   MUSTER_CHECK     what failed: "not-found"
 *
 * Those that an event does not have are not set. Commands run one after another, HOOK_APART_MS
 * apart at least; one that lasts longer than HOOK_LASTS_MS is killed, with the processes of its
 * group. HOOK_QUEUE wait meanwhile, an emergency in front of the others; what comes when there are
 * as many is left out. When the handset is locked, those that wait keep no more than MUSTER_EVENT.
 * The handset never waits for any of it. The process and its command end with the handset, whatever
 * ends it, and with the command the processes of its group.
 */
#ifndef MUSTER_APP_PROGRAMS_HOOK_H
#define MUSTER_APP_PROGRAMS_HOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "app/error.h"
#include "app/handset/event.h"

enum {
    HOOK_APART_MS = 1000,
    HOOK_LASTS_MS = 10 * 1000,
    HOOK_QUEUE = 16,
    HOOK_MESSAGE_MAX = 2048,
    HOOK_NONE = -1 /* in place of a socket */
};

struct hook_setup {
    const char *command;           /* for `sh -c` */
    int apart_ms, lasts_ms;        /* HOOK_APART_MS, HOOK_LASTS_MS; in tests less */
    bool (*settle)(void *context); /* called in the process: false where it must not go on */
    void *context;
};

/* Starts the process, and returns when it stands. *socket is the handset's end, for hook_tell;
 * closing it ends the process. All that can be read there is the end of the process, after which no
 * command runs any more. To be called while there is one thread and no secret.
 * STATUS_LIBRARY_FAILED, STATUS_NO_MEMORY. */
MUST_CHECK enum status hook_begin(const struct hook_setup *setup, int *socket, struct error *error);

/* The handset is locked: what waits still runs its command, but says nothing more than the kind,
 * and the rest is wiped. The command that runs keeps its environment until it ends. HOOK_NONE is
 * allowed. */
void hook_forget(int socket);

/* Hands the event over, if it is one that calls for the officer; what the process does not take at
 * once is left out. HOOK_NONE is allowed. */
void hook_tell(int socket, const struct event *event);

#endif
