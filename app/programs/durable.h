/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one executor of the engine's outputs (engine.h), for every program. It does no I/O itself:
 * the program's hands carry the outputs out, and a worker beside the program's loop makes batches
 * durable.
 *
 * What it promises:
 *
 *   1. Batches become durable in order. Those that come while the worker is busy are given to it
 *      together, as one transaction.
 *   2. An output that depends on a batch leaves after the worker reported that batch durable, and
 *      never before. Those held back leave in the order in which the engine put them out.
 *   3. An output that depends on no batch, or on one that is durable, leaves at once, whatever is
 *      held back or being written: voice never waits for the disk.
 *   4. When the worker fails, nothing is lost or reordered: the same batches and those that have
 *      come since are tried again together, every DURABLE_RETRY_MS. What depends on them stays held
 *      back: a key that could not be made durable is not acknowledged. A failure is reported once,
 *      and so is its end.
 *      The engine is told of it (handset_saving).
 *   5. At most DURABLE_HELD_MAX outputs are held back. Any more are dropped, as the air may drop a
 *      frame; a line for the officer is in the engine's log all the same. A frame is also dropped
 *      if its turn comes after DURABLE_HELD_MS, when nobody waits for it any longer, or under radio
 *      silence. Batches are never dropped: while the worker fails, each record is kept in its
 *      latest form alone.
 *   6. If there is no memory to keep a batch, it and all later ones never become durable, and
 *      nothing that depends on them ever leaves: this is reported like a failure of the disk.
 */
#ifndef MUSTER_APP_PROGRAMS_DURABLE_H
#define MUSTER_APP_PROGRAMS_DURABLE_H

#include "app/error.h"
#include "app/handset/engine.h"

enum {
    DURABLE_HELD_MAX = 1024,
    DURABLE_HELD_MS = 15000,
    DURABLE_RETRY_MS = 5000,
};

struct durable;

/* What a program does with an output whose turn has come. The output, and the event of the alarm,
 * live until the function returns. None of these functions may call the executor. */
struct durable_hands {
    void *context;
    void (*send)(void *context, const struct output *output);  /* OUTPUT_SEND */
    void (*relay)(void *context, const struct output *output); /* OUTPUT_RELAY */
    void (*tell)(void *context, const struct output *output);  /* OUTPUT_TELL */
    /* Saving fails, or works again. */
    void (*alarm)(void *context, const struct event *event);
};

/* Makes `batches` durable, in order, all of them or none, and has durable_written called with the
 * result, before it returns or later. There may be none (durable_short). The batches live until
 * then, and the worker is given no others before that. */
struct durable_worker {
    void *context;
    void (*write)(void *context, const struct batch *const batches[], size_t count);
};

/* An executor for a handset that has no outputs yet; the handset outlives it, and so do the
 * contexts. NULL when out of memory. */
struct durable *durable_new(struct handset *handset, const struct durable_hands *hands,
                            const struct durable_worker *worker);

/* Frees it, with what is held back. The worker must be idle. NULL is allowed. */
void durable_free(struct durable *durable);

/* Takes all outputs of the engine: carries out those that wait for nothing, holds back the rest,
 * and gives the worker what there is to write. */
void durable_settle(struct durable *durable, int64_t boot_ms);

/* The worker's report, on the program's own thread. STATUS_OK: what it was given is durable.
 * Otherwise `error` says why not. */
void durable_written(struct durable *durable, int64_t boot_ms, enum status status,
                     const struct error *error);

/* Says, before durable_written, that the disk has no space for more than small changes (`why`), or
 * has again (NULL): what was reported durable is. It is asked again every DURABLE_RETRY_MS, by
 * giving the worker no batches if there are none, and is an alarm like a failure. */
void durable_short(struct durable *durable, const struct error *why);

/* The boot_ms at which durable_settle has something to retry; INT64_MAX when there is nothing. */
int64_t durable_deadline(const struct durable *durable);

/* Retries at once what the worker failed to write, if anything: the last chance before the end. */
void durable_hurry(struct durable *durable);

/* Is everything that was taken durable? If not, *error (which may be NULL) says why. */
bool durable_is_done(const struct durable *durable, struct error *error);

/* How many outputs are held back now, and how many were dropped since the beginning because there
 * was no room. */
size_t durable_held(const struct durable *durable);
size_t durable_dropped(const struct durable *durable);

#endif
