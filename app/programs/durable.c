/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/durable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Batches in their order. */
struct batches {
    struct batch **list;
    size_t count, room;
    uint64_t last; /* number of the newest */
};

struct held {
    struct held *next;
    int64_t since_ms; /* boot clock */
    struct output output;
    char topic[TOPIC_SIZE];
    uint8_t octets[];
};

struct durable {
    struct handset *handset;
    struct durable_hands hands;
    struct durable_worker worker;
    struct batches writing; /* what the worker has, or failed to write */
    struct batches waiting; /* what has come since */
    bool is_busy;           /* the worker has `writing` */
    bool is_failing;        /* it failed last time */
    bool is_short;          /* it has no space for more than small changes */
    bool is_alarmed;        /* the officer and the engine were told of any of this */
    bool is_broken;         /* a batch is lost: none after it is written */
    struct error error;     /* why, in these two cases */
    int64_t retry_ms;       /* boot clock */
    uint64_t durable;       /* number of the newest batch that is durable */
    struct held *first, *last;
    size_t held, dropped;
};

/* --- Batches -----------------------------------------------------------------------------------
 */

static bool reserve(struct batches *batches, size_t more) {
    size_t room = batches->room == 0 ? 16 : batches->room;
    while (room < batches->count + more) {
        room *= 2;
    }
    if (room == batches->room) {
        return true;
    }
    struct batch **list = realloc(batches->list, room * sizeof(struct batch *));
    if (list == NULL) {
        return false;
    }
    batches->list = list;
    batches->room = room;
    return true;
}

static void clear(struct batches *batches) {
    for (size_t i = 0; i < batches->count; i++) {
        batch_free(batches->list[i]);
    }
    batches->count = 0;
}

/* Each record in its latest form alone, so that a disk that fails for long costs little memory. */
static void fold(struct batches *batches) {
    size_t kept = 0;
    for (size_t i = 0; i < batches->count; i++) {
        for (size_t later = i + 1; later < batches->count; later++) {
            batch_supersede(batches->list[i], batches->list[later]);
        }
    }
    for (size_t i = 0; i < batches->count; i++) {
        if (batches->list[i]->count == 0) {
            batch_free(batches->list[i]);
        } else if (kept == 0 || !batch_join(batches->list[kept - 1], batches->list[i])) {
            batches->list[kept++] = batches->list[i];
        }
    }
    batches->count = kept;
}

/* --- Outputs -----------------------------------------------------------------------------------
 */

static void carry_out(const struct durable *durable, const struct output *output) {
    const struct durable_hands *hands = &durable->hands;
    switch (output->kind) {
    case OUTPUT_SEND:
        hands->send(hands->context, output);
        break;
    case OUTPUT_RELAY:
        hands->relay(hands->context, output);
        break;
    case OUTPUT_TELL:
        hands->tell(hands->context, output);
        break;
    case OUTPUT_STORE:
        break; /* the worker's */
    }
}

static void hold_back(struct durable *durable, int64_t boot_ms, const struct output *output) {
    struct held *held =
        durable->held == DURABLE_HELD_MAX ? NULL : malloc(sizeof *held + output->frame.length);
    if (held == NULL) {
        durable->dropped++;
        return;
    }
    held->next = NULL;
    held->since_ms = boot_ms;
    held->output = *output;
    if (output->frame.length > 0) {
        memcpy(held->octets, output->frame.octets, output->frame.length);
        held->output.frame.octets = held->octets;
    }
    if (output->topic != NULL) {
        snprintf(held->topic, sizeof held->topic, "%s", output->topic);
        held->output.topic = held->topic;
    }
    if (durable->last == NULL) {
        durable->first = held;
    } else {
        durable->last->next = held;
    }
    durable->last = held;
    durable->held++;
}

/* May it still leave? Under radio silence nothing leaves that was held back before, not even later,
 * when the silence has ended. */
static bool may_leave(const struct durable *durable, const struct held *held, int64_t boot_ms) {
    return held->output.kind == OUTPUT_TELL ||
           (boot_ms - held->since_ms <= DURABLE_HELD_MS && !handset_is_silent(durable->handset));
}

/* Outputs that were held back for batches that are now durable leave, in order; those that may no
 * longer leave are dropped. */
static void release(struct durable *durable, int64_t boot_ms) {
    struct held *held = durable->first, *last = NULL, **at = &durable->first;
    while (held != NULL) {
        struct held *next = held->next;
        bool is_due = held->output.after <= durable->durable;
        bool is_wanted = may_leave(durable, held, boot_ms);
        if (is_due || !is_wanted) {
            *at = next;
            durable->held--;
            if (is_wanted) {
                carry_out(durable, &held->output);
            }
            free(held);
        } else {
            last = held;
            at = &held->next;
        }
        held = next;
    }
    durable->last = last;
}

/* --- Writing -----------------------------------------------------------------------------------
 */

static void fail(struct durable *durable, enum event_kind kind, const struct error *error) {
    durable->is_alarmed = true;
    handset_saving(durable->handset, false);
    const struct event event = {.kind = kind, .check = status_name(error->status)};
    durable->error = *error;
    durable->hands.alarm(durable->hands.context, &event);
}

/* Tells that all is well again, once it is. */
static void recover(struct durable *durable) {
    if (!durable->is_alarmed || durable->is_failing || durable->is_short || durable->is_broken) {
        return;
    }
    const struct event event = {.kind = EVENT_SAVING_BACK};
    durable->is_alarmed = false;
    handset_saving(durable->handset, true);
    durable->hands.alarm(durable->hands.context, &event);
}

/* What waits goes to the worker, behind what it failed to write. */
static void write_on(struct durable *durable) {
    struct batches *writing = &durable->writing, *waiting = &durable->waiting;
    if (durable->is_busy || !reserve(writing, waiting->count)) {
        return; /* without memory, what waits goes in a later turn */
    }
    if (waiting->count > 0) {
        memcpy(&writing->list[writing->count], waiting->list,
               waiting->count * sizeof waiting->list[0]);
        writing->count += waiting->count;
        writing->last = waiting->last;
        waiting->count = 0;
    }
    if (durable->is_failing) {
        fold(writing);
    }
    if (writing->count == 0) {
        return;
    }
    durable->is_busy = true;
    durable->worker.write(durable->worker.context, (const struct batch *const *)writing->list,
                          writing->count);
}

/* The batch that was taken last is kept until it is durable. */
static void keep_batch(struct durable *durable, uint64_t number) {
    struct batch *batch = handset_release_batch(durable->handset);
    if (durable->is_broken || !reserve(&durable->waiting, 1)) {
        batch_free(batch);
        if (!durable->is_broken) {
            fail(durable, EVENT_SAVING_ENDED,
                 &(struct error){STATUS_NO_MEMORY, "out of memory; start Muster again"});
        }
        durable->is_broken = true;
        return;
    }
    durable->waiting.list[durable->waiting.count++] = batch;
    durable->waiting.last = number;
}

void durable_settle(struct durable *durable, int64_t boot_ms) {
    struct output output;
    while (handset_take_output(durable->handset, &output)) {
        if (output.kind == OUTPUT_STORE) {
            keep_batch(durable, output.number);
        } else if (output.after <= durable->durable) {
            carry_out(durable, &output);
        } else {
            hold_back(durable, boot_ms, &output);
        }
    }
    release(durable, boot_ms);
    if (!durable->is_failing || boot_ms >= durable->retry_ms) {
        write_on(durable);
    }
    /* Asks for room alone; what failed and could not be given to the worker stays unwritten. */
    bool is_at_rest = !durable->is_busy && durable->writing.count == 0;
    if (durable->is_short && is_at_rest && boot_ms >= durable->retry_ms) {
        durable->is_busy = true;
        durable->worker.write(durable->worker.context, NULL, 0);
    }
}

void durable_short(struct durable *durable, const struct error *why) {
    durable->is_short = why != NULL;
    if (durable->is_short && !durable->is_alarmed) {
        fail(durable, EVENT_SAVING_FAILED, why);
    }
}

void durable_written(struct durable *durable, int64_t boot_ms, enum status status,
                     const struct error *error) {
    durable->is_busy = false;
    durable->retry_ms = boot_ms + DURABLE_RETRY_MS;
    if (status != STATUS_OK) {
        durable->is_failing = true;
        durable->error = *error;
        if (!durable->is_alarmed) {
            fail(durable, EVENT_SAVING_FAILED, error);
        }
        return;
    }
    durable->is_failing = false;
    recover(durable);
    clear(&durable->writing);
    durable->durable = durable->writing.last;
    handset_durable(durable->handset, durable->durable);
    release(durable, boot_ms);
    write_on(durable);
}

int64_t durable_deadline(const struct durable *durable) {
    return (durable->is_failing || durable->is_short) && !durable->is_busy ? durable->retry_ms
                                                                           : INT64_MAX;
}

void durable_hurry(struct durable *durable) {
    write_on(durable);
}

bool durable_is_done(const struct durable *durable, struct error *error) {
    bool is_done =
        durable->writing.count == 0 && durable->waiting.count == 0 && !durable->is_broken;
    bool has_failed = durable->is_failing || durable->is_broken;
    if (!is_done && error != NULL) {
        *error = has_failed
                     ? durable->error
                     : (struct error){STATUS_NO_MEMORY, "out of memory: not everything was saved"};
    }
    return is_done;
}

size_t durable_held(const struct durable *durable) {
    return durable->held;
}

size_t durable_dropped(const struct durable *durable) {
    return durable->dropped;
}

/* --- The whole ---------------------------------------------------------------------------------
 */

struct durable *durable_new(struct handset *handset, const struct durable_hands *hands,
                            const struct durable_worker *worker) {
    struct durable *durable = calloc(1, sizeof *durable);
    if (durable != NULL) {
        durable->handset = handset;
        durable->hands = *hands;
        durable->worker = *worker;
    }
    return durable;
}

void durable_free(struct durable *durable) {
    if (durable == NULL) {
        return;
    }
    clear(&durable->writing);
    clear(&durable->waiting);
    free(durable->writing.list);
    free(durable->waiting.list);
    while (durable->first != NULL) {
        struct held *held = durable->first;
        durable->first = held->next;
        free(held);
    }
    free(durable);
}
