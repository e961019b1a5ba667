/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/manager/round.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/key_delivery.h"

/* Some dozen members and their deliveries. */
struct load {
    size_t count;
    const struct roll_member *members[ROUND_TAKE_MAX];
    size_t lengths[ROUND_TAKE_MAX];
    uint8_t octets[ROUND_TAKE_MAX][KEY_DELIVERY_MAX];
    enum status status; /* of building it */
};

/* What the threads that build a load share. */
struct building {
    const struct managed_group *group;
    int64_t now_ms;
    struct load *load;
    atomic_size_t next; /* member that no thread has taken yet */
    atomic_int status;  /* of the first that failed */
    unsigned started;
    pthread_t threads[ROUND_THREADS_MAX];
};

struct round {
    struct managed_group *group;
    struct store *store;
    const struct delivery_path *path;
    const struct round_terms *terms;
    struct round_progress *progress;
    struct error *error;
    size_t at; /* place in the roll */
    struct load loads[2];
    struct building building;
};

static const char *explain(enum status status) {
    switch (status) {
    case STATUS_NOT_FOUND:
        return "there is no key yet, or no keys of the group identity for the key's month; rekey, "
               "or "
               "install that month's bundle";
    case STATUS_GMK_EXPIRED:
        return "its key has expired; rekey";
    case STATUS_NOT_ALLOWED:
        return "somebody who has its key was excluded; rekey";
    case STATUS_DATED_AHEAD:
        return "its key is dated more than a day ahead of this machine's clock, and handsets "
               "refuse it; set the clock, or wait until that date";
    case STATUS_TOO_OLD:
    case STATUS_MONTHS_DIFFER:
        return "its key is too old for handsets to take it, and there are no keys of the group "
               "identity for this month to date it anew; install this month's bundle";
    case STATUS_PERIOD_TOO_LONG:
        return "its key may be used for longer than 92 days, and handsets refuse it; rekey";
    default:
        return status_text(status);
    }
}

static enum status fail(const struct round *round, enum status status) {
    return error_set(round->error, status, "%s: %s", round->group->identity, explain(status));
}

/* --- Building ------------------------------------------------------------------------------- */

static void build_some(struct building *building, size_t first) {
    struct load *load = building->load;
    struct writer outs[I_MESSAGES_AT_ONCE];
    size_t left = load->count - first;
    size_t count = left < I_MESSAGES_AT_ONCE ? left : I_MESSAGES_AT_ONCE;
    for (size_t i = 0; i < count; i++) {
        outs[i] = writer_into(load->octets[first + i], KEY_DELIVERY_MAX);
    }
    enum status status = managed_group_build(building->group, building->now_ms, count,
                                             load->members + first, &entropy_system, outs);
    int none = STATUS_OK;
    if (status != STATUS_OK) {
        atomic_compare_exchange_strong(&building->status, &none, (int)status);
    }
    for (size_t i = 0; i < count; i++) {
        load->lengths[first + i] = outs[i].length;
    }
}

static void *build(void *context) {
    struct building *building = context;
    size_t first;
    while ((first = atomic_fetch_add(&building->next, I_MESSAGES_AT_ONCE)) <
           building->load->count) {
        build_some(building, first);
    }
    return NULL;
}

/* Lets the threads build for the next members who lack the GMK, if there are any. */
static void start(struct round *round, struct load *load) {
    struct building *building = &round->building;
    load->count = managed_group_pending(round->group, &round->at, ROUND_TAKE_MAX, load->members);
    building->load = load;
    building->next = 0;
    building->status = STATUS_OK;
    building->started = 0;
    size_t most = (load->count + I_MESSAGES_AT_ONCE - 1) / I_MESSAGES_AT_ONCE;
    unsigned wanted =
        round->terms->threads < ROUND_THREADS_MAX ? round->terms->threads : ROUND_THREADS_MAX;
    while (building->started < wanted && building->started < most &&
           pthread_create(&building->threads[building->started], NULL, build, building) == 0) {
        building->started++;
    }
    if (building->started == 0 && most > 0) {
        (void)build(building); /* without a thread it takes longer, no more */
    }
}

/* Waits until the load is built. */
static void finish(struct round *round) {
    struct building *building = &round->building;
    for (unsigned i = 0; i < building->started; i++) {
        pthread_join(building->threads[i], NULL);
    }
    building->load->status = (enum status)building->status;
}

/* --- Delivering ----------------------------------------------------------------------------- */

static enum status note_taken(struct round *round, const struct delivery deliveries[],
                              size_t count) {
    struct managed_group *group = round->group;
    struct batch *batch = batch_new();
    enum status status = batch == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    size_t taken = 0;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        if (!deliveries[i].was_taken) {
            continue;
        }
        status = managed_group_sent(group, roll_find(&group->roll, deliveries[i].member->identity),
                                    group->rekey.gmk_id, batch);
        taken++;
    }
    if (status != STATUS_OK) {
        status = fail(round, status);
    } else if (taken > 0) {
        status = store_apply(round->store, batch, round->error);
    }
    if (status == STATUS_OK) {
        round->progress->taken += taken;
    }
    batch_free(batch);
    return status;
}

static enum status deliver(struct round *round, const struct load *load) {
    struct delivery deliveries[ROUND_TAKE_MAX] = {0};
    if (load->status != STATUS_OK) {
        return fail(round, load->status);
    }
    for (size_t i = 0; i < load->count; i++) {
        deliveries[i].member = load->members[i];
        deliveries[i].message = (struct span){load->octets[i], load->lengths[i]};
    }
    enum status status =
        round->path->take(round->path->context, deliveries, load->count, round->error);
    struct error path_error = *round->error;
    enum status noted = note_taken(round, deliveries, load->count);
    if (noted != STATUS_OK) {
        return noted;
    }
    if (status != STATUS_OK) {
        *round->error = path_error;
    } else {
        round->progress->served += load->count;
    }
    return status;
}

/* One load is built while the one before it is delivered. */
static enum status run(struct round *round, round_progress_fn *on_progress, void *context) {
    size_t turn = 0;
    enum status status = STATUS_OK;
    start(round, &round->loads[0]);
    finish(round);
    while (status == STATUS_OK && round->loads[turn % 2].count > 0) {
        const struct load *load = &round->loads[turn++ % 2];
        start(round, &round->loads[turn % 2]);
        status = deliver(round, load);
        finish(round);
        on_progress(context, round->progress);
    }
    return status;
}

enum status round_run(struct managed_group *group, struct store *store,
                      const struct delivery_path *path, const struct round_terms *terms,
                      round_progress_fn *on_progress, void *context,
                      struct round_progress *progress, struct error *error) {
    *progress = (struct round_progress){0};
    for (size_t i = 0; i < group->roll.count; i++) {
        progress->total += managed_group_lacks(group, &group->roll.members[i]);
    }
    struct round *round = calloc(1, sizeof *round);
    if (round == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory; close other programs");
    }
    round->group = group;
    round->store = store;
    round->path = path;
    round->terms = terms;
    round->progress = progress;
    round->error = error;
    round->building.group = group;
    round->building.now_ms = terms->now_ms;
    enum status status = managed_group_check(group, terms->now_ms);
    status = status == STATUS_OK ? run(round, on_progress, context) : fail(round, status);
    free(round);
    return status;
}
