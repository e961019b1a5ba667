/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A round of key deliveries (6.X.3.3.2.3 step 2): builds those of all members who lack the GMK, on
 * several threads, has a path take them, and notes in the store who has been served, some dozens at
 * a time. Memory does not grow with the number of members.
 *
 * It may be killed at any point. A delivery that a path took without the store knowing it is built
 * and taken once more in the next round, with the same GMK under the same id.
 */
#ifndef MUSTER_APP_MANAGER_ROUND_H
#define MUSTER_APP_MANAGER_ROUND_H

#include "app/manager/managed_group.h"
#include "app/store/store.h"

enum {
    ROUND_TAKE_MAX = BATCH_CHANGES_MAX, /* deliveries that a path is handed at a time */
    ROUND_THREADS_MAX = 16
};

/* One member's key delivery on its way. */
struct delivery {
    const struct roll_member *member;
    struct span message;
    bool was_taken; /* the path is responsible for it: it need not be sent again */
};

/* A way to members: the air, a broker, a folder of text files. */
struct delivery_path {
    void *context;

    /* Takes `count` deliveries, ROUND_TAKE_MAX at most, and waits as long as it must to know their
     * outcome: sets was_taken of those that arrived where they stay. A failure, with its line in
     * *error, ends the round; those taken before it still count. */
    enum status (*take)(void *context, struct delivery deliveries[], size_t count,
                        struct error *error);
};

struct round_terms {
    int64_t now_ms;   /* since 1970 UTC: members get them for their keys of this month */
    unsigned threads; /* that build, 1 to ROUND_THREADS_MAX */
};

/* The progress of the round: of `total` members who lacked the GMK, `served` were handed to the
 * path, which took `taken`. */
struct round_progress {
    size_t total, served, taken;
};

/* Called from the thread that called round_run, after every few dozen. */
typedef void round_progress_fn(void *context, const struct round_progress *progress);

/* Serves all members who lack the GMK, once. Those whose delivery the path did not take still lack
 * it. Errors of managed_group_check and managed_group_build, of the path, and of store_apply;
 * STATUS_NO_MEMORY, STATUS_LIBRARY_FAILED without threads. *progress always tells how far it got.
 * After a failure of the store the group must no longer be used. */
MUST_CHECK enum status round_run(struct managed_group *group, struct store *store,
                                 const struct delivery_path *path, const struct round_terms *terms,
                                 round_progress_fn *on_progress, void *context,
                                 struct round_progress *progress, struct error *error);

#endif
