/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rounds of deliveries into a real store: whoever is killed at any point and runs again gives every
 * member exactly one current key, and never two under one id.
 */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/manager/round.h"
#include "managed.h"
#include "scratch.h"

enum {
    MEMBERS = 90,
    KILLS = 100,
    KEYS_MAX = 2 * KILLS,
    PIPE_OCTETS = 1 << 18,
    DELIVERY_NS = 200 * 1000,
    LOADS = 4 * ROUND_TAKE_MAX
};

static const struct span passphrase = {(const uint8_t *)"correct horse", 13};

/* What the path does. */
struct habits {
    int pipe;             /* each delivery goes here; -1: nowhere */
    size_t refuses_every; /* n-th delivery; 0: none */
    size_t fails_after;   /* this many; 0: never */
    size_t count;
};

static void quiet(void *context, const struct round_progress *progress) {
    (void)context;
    (void)progress;
}

/* As a path that people can rely on: what it took has arrived, also when its program is killed. */
static enum status take(void *context, struct delivery deliveries[], size_t count,
                        struct error *error) {
    struct habits *habits = context;
    for (size_t i = 0; i < count; i++) {
        uint8_t octets[2 + KEY_DELIVERY_MAX];
        struct writer w = writer_into(octets, sizeof octets);
        habits->count++;
        if (habits->pipe >= 0) { /* as a path that takes its time: kills fall between two members */
            nanosleep(&(struct timespec){.tv_nsec = DELIVERY_NS}, NULL);
        }
        if (habits->fails_after != 0 && habits->count > habits->fails_after) {
            return error_set(error, STATUS_IO_FAILED, "the path is gone");
        }
        if (habits->refuses_every != 0 && habits->count % habits->refuses_every == 0) {
            continue;
        }
        write_span_u16(&w, deliveries[i].message);
        if (habits->pipe >= 0 && write(habits->pipe, octets, w.length) != (ssize_t)w.length) {
            return error_set(error, STATUS_IO_FAILED, "the pipe is gone");
        }
        deliveries[i].was_taken = true;
    }
    return STATUS_OK;
}

static enum status restore(void *context, enum record_kind kind, struct span key,
                           struct span value) {
    return managed_group_restore(context, kind, key, value);
}

static struct managed_group *load(struct store *store) {
    struct managed_group *group;
    struct error error;
    assert_int_equal(managed_group_new(managed_provider(), MANAGED_GROUP, &group), STATUS_OK);
    assert_int_equal(store_load(store, restore, group, &error), STATUS_OK);
    return group;
}

static void begin(struct managed_group *group, struct store *store) {
    struct batch *batch = batch_new();
    struct error error;
    assert_non_null(batch);
    assert_int_equal(managed_group_begin(group, managed_now_ms, managed_now_ms, 3600 * 1000,
                                         &entropy_system, batch),
                     STATUS_OK);
    assert_int_equal(store_apply(store, batch, &error), STATUS_OK);
    batch_free(batch);
}

/* A store with the group's keys and MEMBERS members. */
static void make_store(const char *path) {
    struct store *store;
    struct error error;
    uint8_t key[RECORD_KEY_MAX], value[CREDENTIAL_SIZE_MAX];
    struct writer k = writer_into(key, sizeof key), v = writer_into(value, sizeof value);
    struct batch *batch = batch_new();
    managed_keys_record(MANAGED_GROUP, managed_now_ms, &k, &v);
    assert_int_equal(store_create(path, passphrase, STORE_QUICK, &entropy_system, &store, &error),
                     STATUS_OK);
    assert_int_equal(batch_put(batch, RECORD_MANAGER_KEYS, writer_span(&k), writer_span(&v)),
                     STATUS_OK);
    struct managed_group *group = managed_group_fixture();
    for (size_t i = 0; i < MEMBERS; i++) {
        struct roll_member member = {0};
        strcpy(member.identity, managed_member(i));
        assert_int_equal(managed_group_enlist(group, &member, batch), STATUS_OK);
        if (batch->count < BATCH_CHANGES_MAX && i + 1 < MEMBERS) {
            continue;
        }
        assert_int_equal(store_apply(store, batch, &error), STATUS_OK);
        batch_free(batch);
        batch = batch_new();
    }
    batch_free(batch);
    managed_group_free(group);
    store_close(store);
}

/* What muster-gm rekey does: begins unless a key is under way, and serves all. */
static enum status rekey(const char *path, struct habits *habits, struct round_progress *progress) {
    const struct delivery_path way = {.context = habits, .take = take};
    const struct round_terms terms = {.now_ms = managed_now_ms, .threads = 2};
    struct store *store;
    struct error error;
    if (store_open(path, passphrase, &store, &error) != STATUS_OK) {
        return error.status;
    }
    struct managed_group *group = load(store);
    struct managed_tally tally = managed_group_tally(group);
    if (managed_group_check(group, managed_now_ms) != STATUS_OK || tally.sent == tally.members) {
        begin(group, store);
    }
    enum status status = round_run(group, store, &way, &terms, quiet, NULL, progress, &error);
    managed_group_free(group);
    store_close(store);
    return status;
}

/* --- Killed anywhere ------------------------------------------------------------------------ */

/* All that members were ever handed. */
struct history {
    size_t keys;
    struct {
        uint32_t gmk_id;
        uint8_t gmk[SSV_SIZE];
    } key[KEYS_MAX];
    struct {
        int64_t utc_ms; /* of the latest */
        uint32_t gmk_id;
    } current[MEMBERS];
    size_t deliveries;
    size_t octets; /* of the latest round */
};

static void take_key(struct history *history, const struct key_delivery_fields *fields,
                     const uint8_t gmk[SSV_SIZE]) {
    for (size_t i = 0; i < history->keys; i++) {
        if (history->key[i].gmk_id != fields->gmk_id) {
            continue;
        }
        /* Never two keys under one id. */
        assert_memory_equal(history->key[i].gmk, gmk, SSV_SIZE);
        return;
    }
    assert_true(history->keys < KEYS_MAX);
    history->key[history->keys].gmk_id = fields->gmk_id;
    memcpy(history->key[history->keys++].gmk, gmk, SSV_SIZE);
}

/* A member's handset: the delivery with the latest timestamp counts. */
static void take_delivery(struct history *history, struct span octets) {
    struct i_message message;
    struct key_delivery_fields fields;
    uint8_t gmk[SSV_SIZE];
    size_t n = 0;
    assert_int_equal(key_delivery_parse(octets, &message), STATUS_OK);
    while (n < MEMBERS && strcmp(message.fields.responder, managed_member(n)) != 0) {
        n++;
    }
    assert_true(n < MEMBERS);
    assert_int_equal(managed_open(n, octets, &fields, gmk), STATUS_OK);
    take_key(history, &fields, gmk);
    assert_true(fields.utc_ms != history->current[n].utc_ms ||
                fields.gmk_id == history->current[n].gmk_id);
    if (fields.utc_ms > history->current[n].utc_ms) {
        history->current[n].utc_ms = fields.utc_ms;
        history->current[n].gmk_id = fields.gmk_id;
    }
    history->deliveries++;
}

static void read_all(int from, struct history *history) {
    static uint8_t octets[LOADS * (2 + KEY_DELIVERY_MAX)];
    size_t length = 0;
    ssize_t got;
    while ((got = read(from, octets + length, sizeof octets - length)) > 0) {
        length += (size_t)got;
    }
    history->octets = length;
    struct reader r = reader_of((struct span){octets, length});
    while (reader_left(&r) > 0) {
        struct span delivery = read_span_u16(&r);
        if (!r.failed) { /* the last may have been cut off by the kill: it never arrived */
            take_delivery(history, delivery);
        }
    }
}

static int64_t microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* When a round is killed: after so many microseconds and octets, whichever comes later. */
struct death {
    int64_t us;
    int octets;
};

static const struct death never = {.us = -1};

static void wait_for(struct death death, pid_t child, int pipe) {
    struct timespec wait = {.tv_sec = death.us / 1000000, .tv_nsec = death.us % 1000000 * 1000};
    static const struct timespec moment = {.tv_nsec = 20 * 1000};
    siginfo_t ended = {.si_pid = 0};
    int octets = 0;
    ppoll(NULL, 0, &wait, NULL);
    while (octets < death.octets && ended.si_pid == 0 && ioctl(pipe, FIONREAD, &octets) == 0) {
        ppoll(NULL, 0, &moment, NULL);
        assert_int_equal(waitid(P_PID, (id_t)child, &ended, WEXITED | WNOHANG | WNOWAIT), 0);
    }
}

/* Rekeys in a process of its own. Returns how long it took. */
static int64_t run_and_kill(const char *path, struct death death, struct history *history) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_true(fcntl(ends[1], F_SETPIPE_SZ, PIPE_OCTETS) >= PIPE_OCTETS);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct habits habits = {.pipe = ends[1]};
        struct round_progress progress;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ends[0]);
        _exit(rekey(path, &habits, &progress) == STATUS_OK ? 0 : 1);
    }
    close(ends[1]);
    /* The pipe has room for all that a round can write, so it is read when the round is over. */
    int64_t began = microseconds();
    if (death.us >= 0) {
        wait_for(death, child, ends[0]);
        kill(child, SIGKILL);
    }
    int state;
    assert_int_equal(waitpid(child, &state, 0), child);
    int64_t passed = microseconds() - began;
    if (death.us < 0) {
        assert_true(WIFEXITED(state) && WEXITSTATUS(state) == 0);
    }
    read_all(ends[0], history);
    close(ends[0]);
    return passed;
}

static void a_round_killed_anywhere_leaves_everyone_with_one_current_key(void **state) {
    const char *path = scratch_path(state, "store");
    struct history *history = calloc(1, sizeof *history);
    const char *given = getenv("SEED");
    unsigned seed = given != NULL ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
    unsigned killed_amid = 0;
    assert_non_null(history);
    printf("SEED=%u\n", seed);
    srand(seed);
    make_store(path);
    int64_t whole_us = run_and_kill(path, never, history);
    const size_t whole_octets = history->octets;
    for (unsigned i = 0; i < KILLS; i++) {
        size_t before = history->deliveries;
        const double part = (double)rand() / RAND_MAX;
        const struct death by_time = {.us = (int64_t)(part * (double)whole_us)};
        const struct death by_octets = {.octets = (int)(part * (double)whole_octets)};
        run_and_kill(path, i % 2 == 0 ? by_time : by_octets, history);
        size_t served = history->deliveries - before;
        killed_amid += served > 0 && served < MEMBERS;
        if (i % 4 != 3) {
            continue; /* killed again, now and then */
        }
        int64_t took_us = run_and_kill(path, never, history);
        whole_us = took_us < whole_us ? took_us : whole_us; /* a busy machine was slow at first */
        for (size_t n = 1; n < MEMBERS; n++) {
            assert_int_equal(history->current[n].gmk_id, history->current[0].gmk_id);
        }
    }
    /* It was about what it says: rounds ended in the middle, and new keys came. */
    assert_true(killed_amid > 0);
    assert_true(history->keys > KILLS / 4);
    printf("%zu keys, %zu deliveries, %u of %u rounds killed between two members\n", history->keys,
           history->deliveries, killed_amid, KILLS);
    free(history);
}

/* --- Paths that do not take everything ------------------------------------------------------ */

static void who_was_not_served_is_served_by_the_next_round(void **state) {
    const char *path = scratch_path(state, "store");
    struct round_progress progress;
    struct habits habits = {.pipe = -1, .refuses_every = 3};
    make_store(path);
    assert_int_equal(rekey(path, &habits, &progress), STATUS_OK);
    assert_int_equal(progress.total, MEMBERS);
    assert_int_equal(progress.served, MEMBERS);
    assert_int_equal(progress.taken, MEMBERS - MEMBERS / 3);
    habits = (struct habits){.pipe = -1};
    assert_int_equal(rekey(path, &habits, &progress), STATUS_OK);
    assert_int_equal(progress.total, MEMBERS / 3);
    assert_int_equal(progress.taken, MEMBERS / 3);
}

static void a_path_that_fails_ends_the_round_and_what_it_took_counts(void **state) {
    const char *path = scratch_path(state, "store");
    struct round_progress progress;
    struct habits habits = {.pipe = -1, .fails_after = 10};
    make_store(path);
    assert_int_equal(rekey(path, &habits, &progress), STATUS_IO_FAILED);
    assert_int_equal(progress.taken, 10);
    habits = (struct habits){.pipe = -1};
    assert_int_equal(rekey(path, &habits, &progress), STATUS_OK);
    assert_int_equal(progress.total, MEMBERS - 10);
}

static int setup(void **state) {
    managed_domain_setup();
    return scratch_setup(state);
}

static int teardown(void **state) {
    managed_domain_free();
    return scratch_teardown(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_round_killed_anywhere_leaves_everyone_with_one_current_key, setup, teardown),
        cmocka_unit_test_setup_teardown(who_was_not_served_is_served_by_the_next_round, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_path_that_fails_ends_the_round_and_what_it_took_counts,
                                        setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
