/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes of radios, and one that starts them anew. It is forked before there is a secret in
 * memory, since the handset's own process can start none once it is confined: neither it nor the
 * radios ever hold a key. It reads nothing of anybody. They end with the handset, whatever ends it.
 * One that hangs, alive but deaf, is killed within STARTER_PING_MS times STARTER_UNANSWERED and one
 * more, and started anew like one that has died.
 */
#ifndef MUSTER_APP_PROGRAMS_STARTER_H
#define MUSTER_APP_PROGRAMS_STARTER_H

#include <sys/types.h>

#include "app/error.h"
#include "transport/apart/serving.h"

enum {
    STARTER_RADIOS_MAX = 8,
    STARTER_SOONEST_MS = 100, /* after a radio's process has ended, and twice as long each time, */
    STARTER_LATEST_MS = 10 * 1000, /* up to that; anew once one has lasted */
    STARTER_LASTED_MS = 60 * 1000,
    STARTER_PING_MS = 10 * 1000, /* so often each process is asked whether it goes on; */
    STARTER_UNANSWERED = 2       /* found so often without an answer, it hangs, and is killed */
};

/* One radio. What `serving` refers to is there in its process as it is now. */
struct starter_radio {
    const char *name; /* of the process, for `ps` */
    struct serving serving;
    int64_t ping_ms; /* STARTER_PING_MS; in tests less */
};

/* Starts the `count` processes, and the one that watches over them; `settle` is called in that one,
 * once they have been started for the first time: false where it must not go on. `ours` gets the
 * handset's ends of the sockets, for apart_open. To be called while there is one thread and no
 * secret. STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status starter_begin(const struct starter_radio radios[], size_t count,
                                     bool (*settle)(void *context), void *context,
                                     int ours[][APART_SOCKETS], struct error *error);

/* Makes this process, just forked, one beside the handset: in a group of its own, called `name` in
 * `ps`, away from the terminal and from what that tells by signals. */
void starter_stand_apart(const char *name);

/* Has this process end with its parent, of which `parent` is the number: false where that is no
 * more. What changes the user or the group undoes it (prctl(2), PR_SET_PDEATHSIG), so that
 * it is asked for again after that. */
MUST_CHECK bool starter_end_with(pid_t parent);

#endif
