/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The paths by which muster-gm brings key deliveries to members (--over):
 *
 *   nats           through the broker that the group's access names: each delivery waits in its
 *                  member's mailbox until it is fetched
 *   udp, udp:NAME  over the air, to members who are there: a receipt shows who has it
 *   text:FOLDER    a text file for each member, for SMS, e-mail or paper
 */
#ifndef MUSTER_APP_PROGRAMS_GM_PATH_H
#define MUSTER_APP_PROGRAMS_GM_PATH_H

#include "app/broker/access.h"
#include "app/identity/revocation.h"
#include "app/manager/group_state.h"
#include "app/manager/round.h"
#include "app/programs/gm/order.h"
#include "app/programs/gm/waiting_keys.h"

/* A group's state as it stands at the broker, or is to stand there. */
struct state_value {
    uint64_t sequence; /* which writing it comes from; 0: there is none */
    size_t length;
    uint8_t octets[GROUP_STATE_MAX];
};

struct path {
    struct delivery_path delivery;
    const char *taken_means; /* what a delivery that it took is: "waiting in their mailboxes" */

    /* Hands the list of the revoked out, before the keys. Errors of the path. */
    enum status (*list)(void *context, const struct revocation *list, struct error *error);

    /* Takes the receipts that have come since, until none has come for `wait_ms`; notes them in the
     * store. NULL where the path has none. */
    enum status (*receipts)(void *context, int64_t wait_ms, struct error *error);

    /* Looks which keys still wait where they were put; errors of waiting_keys_look, which says what
     * `marks` does. NULL where that cannot be seen. */
    enum status (*waiting)(void *context, bool marks, struct waiting_keys *found,
                           struct error *error);

    /* Looks at another clock: `whose_clocks`, "those of the handsets nearby". *ahead_ms is how far
     * that is ahead of this machine's; 0 where none is heard. NULL where the path knows none. */
    enum status (*clocks)(void *context, int64_t *ahead_ms, struct error *error);
    const char *whose_clocks;

    /* Reads the group's state, and writes `octets` in the place of that with `sequence`, if that
     * still stands there: *was_set. STATUS_IO_FAILED. NULL where no state is kept. */
    enum status (*read_state)(void *context, struct state_value *found, struct error *error);
    enum status (*write_state)(void *context, struct span octets, uint64_t sequence, bool *was_set,
                               struct error *error);
    void (*close)(void *context);
};

/* Opens the path of the order; path_close closes it. STATUS_MALFORMED for an unknown path,
 * STATUS_NOT_FOUND when none is given and there is no access to a broker; the errors of opening the
 * path. */
MUST_CHECK enum status path_open(const struct gm_order *order, struct gm *gm, struct path *path,
                                 struct error *error);

/* Closes the path. It is the last thing that the program does with paths: it waits for the threads
 * that they leave behind. */
void path_close(struct path *path);

/* Each kind of path. `detail` is what follows the colon, or NULL. */
MUST_CHECK enum status path_open_text(struct gm *gm, const char *detail, struct path *path,
                                      struct error *error);
MUST_CHECK enum status path_open_broker(struct gm *gm, struct path *path, struct error *error);
MUST_CHECK enum status path_open_air(const struct gm_order *order, struct gm *gm,
                                     const char *detail, struct path *path, struct error *error);

/* Does the broker keep deliveries? `path` comes from path_open_broker. STATUS_IO_FAILED when not,
 * or when it does not answer. */
MUST_CHECK enum status path_try_broker(const struct path *path, struct error *error);

/* Makes the broker's stream with that many replicas, or changes it, with the operator's access.
 * STATUS_IO_FAILED. */
MUST_CHECK enum status path_prepare_broker(const struct access *operator_access, unsigned replicas,
                                           struct error *error);

#endif
