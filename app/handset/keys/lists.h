/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The member list of an ad-hoc group that has grown (latecomers.h), on its way over D2D connections
 * from the creator to those who hold the key already: to each once it is in reach, ever less often
 * while that fails. Their officers are not asked: who let them in may let others in.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_LISTS_H
#define MUSTER_APP_HANDSET_KEYS_LISTS_H

#include "app/handset/d2d/connection.h"
#include "app/handset/keys/groups.h"

enum {
    LISTS_SPACING_MS = 20, /* between two openings */
    LISTS_LOOK_MS = 1000,  /* how often it is looked who is in reach */
};

struct lists {
    struct desk *desk;
    const struct roster *roster;
    struct connections *connections;
    struct groups *groups;
    struct connection_use use;
    int64_t due_ms; /* boot clock */
};

/* Its connections are served from now on. */
void lists_serve(struct lists *lists);

/* Radio silence or airplane mode begins: nobody is told until it ends. */
void lists_silence(struct lists *lists);

/* Opens the next connection to a member that lacks the latest list, if one is in reach. */
void lists_tick(struct lists *lists, struct moment now);
int64_t lists_deadline(const struct lists *lists);

#endif
